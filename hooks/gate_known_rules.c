/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of the rules of a guest's ports: a file of fields between tabs, for one guest.
 *
 *     berth-rules 1 boot= generation=
 *     port mac= interface= mode=stateless foreign=0 digest=
 *
 * Invariant: what the file says is true for as long as the kernel's ruleset is of that generation,
 * which any change of any table in it ends, and the host has not booted anew. So a file that is
 * left over does no harm.
 */
#include "hooks/gate_known_rules.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "hooks/boot_id.h"
#include "hooks/fields.h"

#define MAX_BYTES (1u << 20)
#define FORMAT_WORD "berth-rules"
#define FORMAT_VERSION "1"

static char *path_of(const struct site *site, const char *uuid)
{
	return xasprintf("%s/%s", site->known_rules, uuid);
}

static bool counts(const struct gate_port *port)
{
	return port->in_policy && port->interface;
}

int gate_known_rules_keep(const struct site *site, const struct firewall_state *state,
			  const struct gate_facts *facts, struct err *err)
{
	cleanup_free char *path = path_of(site, facts->uuid);
	cleanup_strbuf struct strbuf text = {0};

	strbuf_puts(&text, FORMAT_WORD "\t" FORMAT_VERSION);
	field_put(&text, "boot", facts->boot);
	field_put_u64(&text, "generation", state->generation);
	strbuf_puts(&text, "\n");
	for (size_t i = 0; i < facts->port_count; i++) {
		const struct gate_port *port = &facts->ports[i];
		if (!counts(port))
			continue;
		strbuf_puts(&text, "port");
		field_put(&text, "mac", port->mac);
		field_put(&text, "interface", port->interface);
		field_put(&text, "mode", gate_mode_name(port->mode));
		field_put_u64(&text, "foreign", port->foreign);
		field_put(&text, "digest", port->digest);
		strbuf_puts(&text, "\n");
	}
	int rc = file_make_folders(site->known_rules, 0700, err);
	return rc < 0 ? rc : file_replace(path, text.text, text.length, 0600, err);
}

/* --- reading --- */

static bool is_of_now(const struct fields *line, const struct firewall_state *state,
		      const char *boot)
{
	const char *noted_boot = field(line, "boot");
	uint64_t generation;

	return strcmp(line->word, FORMAT_WORD) == 0 && line->count > 0 &&
	       strcmp(line->items[0], FORMAT_VERSION) == 0 && noted_boot &&
	       strcmp(noted_boot, boot) == 0 && field_u64(line, "generation", &generation) &&
	       generation == state->generation;
}

static bool recall_port(const struct fields *line, struct gate_port *port)
{
	const char *mode = field(line, "mode"), *digest = field(line, "digest");
	uint64_t foreign;

	if (!mode || !digest || strlen(digest) >= sizeof(port->digest) ||
	    !field_u64(line, "foreign", &foreign))
		return false;
	for (int i = 0; i < GATE_MODES; i++) {
		if (strcmp(gate_mode_name((enum gate_mode)i), mode) != 0)
			continue;
		port->mode = (enum gate_mode)i;
		port->foreign = foreign;
		port->is_settled = true;
		snprintf(port->digest, sizeof(port->digest), "%s", digest);
		return true;
	}
	return false;
}

/* As it was before recall_port(). */
static void forget_port(struct gate_port *port)
{
	port->mode = GATE_PORT_OPEN;
	port->foreign = 0;
	port->is_settled = false;
	port->digest[0] = '\0';
}

static struct gate_port *find(const struct fields *line, struct gate_facts *facts)
{
	const char *mac = field(line, "mac"), *interface = field(line, "interface");

	for (size_t i = 0; mac && interface && i < facts->port_count; i++) {
		struct gate_port *port = &facts->ports[i];
		if (counts(port) && strcasecmp(port->mac, mac) == 0 &&
		    strcmp(port->interface, interface) == 0)
			return port;
	}
	return NULL;
}

static bool recall_all(char *text, const struct firewall_state *state, struct gate_facts *facts)
{
	struct fields line;

	fields_split(&line, strsep(&text, "\n"));
	if (!is_of_now(&line, state, facts->boot))
		return false;
	while (text && *text) {
		fields_split(&line, strsep(&text, "\n"));
		struct gate_port *port = find(&line, facts);
		if (strcmp(line.word, "port") != 0 || !port || !recall_port(&line, port))
			return false;
	}
	for (size_t i = 0; i < facts->port_count; i++) {
		if (counts(&facts->ports[i]) && !facts->ports[i].is_settled)
			return false;
	}
	return true;
}

bool gate_known_rules_recall(const struct site *site, const struct firewall_state *state,
			     struct gate_facts *facts)
{
	cleanup_free char *path = path_of(site, facts->uuid);
	cleanup_strbuf struct strbuf text = {0};
	struct err err;

	if (!state->is_enforced || file_read(path, MAX_BYTES, &text, &err) < 0 || !text.text)
		return false;
	if (recall_all(text.text, state, facts))
		return true;
	for (size_t i = 0; i < facts->port_count; i++)
		forget_port(&facts->ports[i]);
	return false;
}

void gate_known_rules_forget(const struct site *site, const char *uuid)
{
	cleanup_free char *path = path_of(site, uuid);

	unlink(path);
}
