/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of a guest's ports, just before it runs here.
 *
 * Theory of operation: they are what this host makes of the policy in the guest's own XML, which is
 * as fresh as the migration's begin. No rule comes from the source: whoever can send one could send
 * one that lets everything through. `start begin` has put them, `started begin` has noted what the
 * kernel holds since (known_rules.h); mostly nothing has changed. Otherwise berth-event, which
 * can read the policy, makes it right.
 */
#include "gate/rules.h"

#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "base/log.h"

#define BERTH_EVENT LIBEXECDIR "/berth/berth-event"
#define BERTH_EVENT_MS 4000

static bool is_settled(const struct gate_facts *here)
{
	for (size_t i = 0; i < here->port_count; i++) {
		if (here->ports[i].in_policy && !here->ports[i].is_settled)
			return false;
	}
	return true;
}

static int ask_policy(const struct gate_view *view, const struct strbuf *xml, struct err *err)
{
	const char *const argv[] = {BERTH_EVENT, view->domain->name, "gate", "begin", "-", NULL};
	struct command command = {
		.argv = argv,
		.timeout_ms = BERTH_EVENT_MS,
		.input = xml->text + view->domain->xml_begin,
		.input_length = view->domain->xml_end - view->domain->xml_begin,
	};

	int rc = command_run(&command, NULL, err);
	cleanup_free char *begin = xasprintf("berth: %s: ", view->domain->name);
	cleanup_free char *text = xstrdup(err->text);
	const char *words = rc < 0 ? strstr(text, begin) : NULL;
	return words ? err_set(err, err->code, "%s", words + strlen(begin)) : rc;
}

/* --- what the source enforced --- */

/* One of the two hosts tracks connections, the other can't: the rules are written in other ways,
 * from the same policy. */
static bool differ_in_kind(const struct gate_port *there, const struct gate_port *here)
{
	return (there->mode == GATE_PORT_TRACKING && here->wanted_mode == GATE_PORT_STATELESS) ||
	       (there->mode == GATE_PORT_STATELESS && here->wanted_mode == GATE_PORT_TRACKING);
}

/* Return: what to say of it, or NULL: nothing. */
static const char *words_for(const struct gate_port *there, const struct gate_port *here)
{
	if (there->mode == GATE_PORT_OPEN)
		return "no rules";
	if (there->foreign)
		return "rules that aren't berth's, among its own,";
	if (*here->wanted && !differ_in_kind(there, here) &&
	    strcmp(there->digest, here->wanted) != 0)
		return "other rules";
	return NULL;
}

static void say_what_was_there(const struct gate_case *given)
{
	const struct gate_facts *there = given->there, *here = given->here;

	for (size_t i = 0; i < here->port_count; i++) {
		const struct gate_port *port = &here->ports[i];
		const struct gate_port *other = gate_facts_find_port(there, port->mac);
		const char *words = port->in_policy && other ? words_for(other, port) : NULL;
		if (words)
			log_note("%s: interface '%s': host '%s' enforced %s when it left; here it "
				 "has what its policy wants",
				 here->name, port->mac, there->host, words);
	}
}

int gate_put_rules(const struct gate_view *view, const struct gate_case *given,
		   const struct strbuf *xml, struct err *err)
{
	int rc = is_settled(given->here) ? 0 : ask_policy(view, xml, err);

	if (rc == 0)
		say_what_was_there(given);
	return rc;
}
