/* SPDX-License-Identifier: GPL-2.0-or-later */
/* berth-event: handles one event that berth-hook found to concern us. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "hooks/call.h"
#include "hooks/hook_chain.h"

/**
 * struct handler - what is done at an event
 * @handle: for the guest's disks and its migration
 * @ports: for its ports; may be NULL
 * @may_refuse: a failure makes libvirt give up; otherwise it is only logged, and all are done
 * @arrival: for the gate, between the two; may be NULL
 * @accepted: when none of them has refused; may be NULL
 */
struct handler {
	int (*handle)(const struct call *call, struct strbuf *out, struct err *err);
	int (*ports)(const struct call *call, struct err *err);
	bool may_refuse;
	int (*arrival)(const struct call *call, struct err *err);
	int (*accepted)(const struct call *call, struct err *err);
};

static int nothing_to_do(const struct call *call, struct strbuf *out, struct err *err)
{
	(void)call;
	(void)out;
	(void)err;
	return 0;
}

static const struct handler handlers[] = {
	[EVENT_MIGRATE] = {incoming_migrate, NULL, true},
	[EVENT_RESTORE] = {incoming_restore, NULL, true},
	[EVENT_PREPARE] = {incoming_prepare, ports_prepare, true},
	[EVENT_START] = {nothing_to_do, ports_start, true},
	[EVENT_STARTED] = {incoming_started, ports_started, true, arrival_started,
			   incoming_accepted},
	[EVENT_STOPPED] = {outgoing_stopped, ports_stop, false},
	[EVENT_RELEASE] = {outgoing_release, ports_stop, false, arrival_released},
	[EVENT_RECONNECT] = {running_noted, ports_running, false, arrival_reconnected},
	[EVENT_ATTACH] = {running_noted, ports_running, false},
	[EVENT_GATE] = {nothing_to_do, ports_running, true},
};
_Static_assert(ARRAY_SIZE(handlers) == EVENTS, "each event has its handler");

static bool brings_a_guest(enum event event)
{
	return event == EVENT_MIGRATE || event == EVENT_RESTORE;
}

/* A wrong manifest keeps a guest from coming, but not one that is here from starting and stopping.
 */
static int parse(struct call *call, struct err *err)
{
	const char *text = call->text.text ? call->text.text : "";

	int rc = domain_parse(text, call->text.length, &call->domain, err);
	if (rc == -EINVAL && !brings_a_guest(call->event))
		rc = domain_parse_without_manifest(text, call->text.length, &call->domain, err);
	if (rc == -EBADMSG)
		hook_chain_explain(SYSCONFDIR "/libvirt/hooks", text, call->text.length, err);
	return rc;
}

/* So does a mistake in the configuration; and no guest with a policy starts without what its ports
 * are to get. Otherwise it is as if berth had nothing to do. */
static bool needs_config(const struct call *call)
{
	bool starts = call->event == EVENT_PREPARE || call->event == EVENT_START ||
		      call->event == EVENT_GATE;

	return brings_a_guest(call->event) ||
	       (starts && (call->domain->policy || call->domain->policy_error.code));
}

static int load_config(struct call *call, struct err *err)
{
	int rc = config_load(call->site->config, &call->config, err);

	if (rc < 0 && !needs_config(call)) {
		log_problem("%s", err->text);
		return 0;
	}
	return rc;
}

/* Each part of an event that is not the first. Return: @so_far, or else its own failure; where both
 * failed @err has the first, and the other is logged. */
static int also(const struct call *call, int so_far,
		int (*part)(const struct call *call, struct err *err), struct err *err)
{
	struct err other;

	if (!part || (so_far < 0 && handlers[call->event].may_refuse))
		return so_far;
	int rc = part(call, so_far < 0 ? &other : err);
	if (so_far < 0 && rc < 0)
		log_problem("%s: %s", call->domain->name, other.text);
	return so_far < 0 ? so_far : rc;
}

static int act(const struct call *call, struct strbuf *out, struct err *err)
{
	const struct handler *handler = &handlers[call->event];

	int rc = handler->handle(call, out, err);
	rc = also(call, rc, handler->arrival, err);
	rc = also(call, rc, handler->ports, err);
	return also(call, rc, handler->accepted, err);
}

static int handle(struct call *call, struct strbuf *out, struct err *err)
{
	int rc = file_read_fd(STDIN_FILENO, DOMAIN_XML_MAX_BYTES, &call->text, err);

	if (rc < 0)
		return err_wrap(err, "domain XML");
	rc = parse(call, err);
	if (rc == 0)
		rc = load_config(call, err);
	return rc < 0 ? rc : act(call, out, err);
}

static int print(const struct strbuf *out, struct err *err)
{
	if (out->length &&
	    (fwrite(out->text, 1, out->length, stdout) != out->length || fflush(stdout) != 0))
		return err_set(err, EIO, "print the domain XML: %s", strerror(errno));
	return 0;
}

int main(int argc, char **argv)
{
	cleanup_strbuf struct strbuf out = {0};
	struct err err;

	int event = argc == 5 ? event_find(argv[2], argv[3]) : -1;
	if (event < 0) {
		fputs("usage: berth-event NAME OPERATION SUBOPERATION EXTRA < DOMAIN-XML\n",
		      stderr);
		return 2;
	}
	struct call call = {.site = &this_site, .event = (enum event)event, .extra = argv[4]};
	int rc = handle(&call, &out, &err);
	if (rc == 0)
		rc = print(&out, &err);
	if (rc < 0) {
		err_wrap(&err, "%s", argv[1]);
		log_problem("%s: %s", event_name(call.event), err.text);
		fprintf(stderr, "berth: %s\n", err.text);
	}
	call_watch_unwatched(call.site);
	call_release_left_volumes(call.site);
	domain_free(call.domain);
	config_free(call.config);
	strbuf_free(&call.text);
	return rc < 0 && handlers[call.event].may_refuse;
}
