/* SPDX-License-Identifier: GPL-2.0-or-later */
/* berth-event: handles one event that berth-hook found to concern us. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "hooks/call.h"

struct handler {
	int (*handle)(const struct call *call, struct strbuf *out, struct err *err);
	bool may_refuse; /* a failure makes libvirt give up; otherwise it is only logged */
};

static int nothing_to_do(const struct call *call, struct strbuf *out, struct err *err)
{
	(void)call;
	(void)out;
	(void)err;
	return 0;
}

static const struct handler handlers[] = {
	[EVENT_MIGRATE] = {incoming_migrate, true},  [EVENT_RESTORE] = {incoming_restore, true},
	[EVENT_PREPARE] = {incoming_prepare, true},  [EVENT_START] = {nothing_to_do, true},
	[EVENT_STARTED] = {incoming_started, true},  [EVENT_STOPPED] = {outgoing_stopped, false},
	[EVENT_RELEASE] = {outgoing_release, false}, [EVENT_RECONNECT] = {running_noted, false},
	[EVENT_ATTACH] = {running_noted, false},
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
	return rc;
}

/* So does a mistake in the configuration; at `release end` it is as if nothing were configured. */
static int load_config(struct call *call, struct err *err)
{
	if (!brings_a_guest(call->event) && call->event != EVENT_RELEASE)
		return 0;
	int rc = config_load(call->site->config, &call->config, err);
	if (rc < 0 && call->event == EVENT_RELEASE) {
		log_problem("%s", err->text);
		return 0;
	}
	return rc;
}

static int handle(struct call *call, struct strbuf *out, struct err *err)
{
	int rc = file_read_fd(STDIN_FILENO, DOMAIN_XML_MAX_BYTES, &call->text, err);

	if (rc < 0)
		return err_wrap(err, "domain XML");
	rc = parse(call, err);
	if (rc == 0)
		rc = load_config(call, err);
	return rc < 0 ? rc : handlers[call->event].handle(call, out, err);
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
	domain_free(call.domain);
	config_free(call.config);
	strbuf_free(&call.text);
	return rc < 0 && handlers[call.event].may_refuse;
}
