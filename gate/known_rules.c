/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this host has made of a guest's policy: a file of fields between tabs, for one guest.
 *
 *     berth-rules 2 boot= generation=
 *     port mac= interface= mode=stateless digest=
 *
 * Invariant: the kernel holds just these rules as long as the host has not rebooted and the ruleset
 * has the same generation, which any change of any table increases. Afterwards the digests say what
 * the kernel should hold. A change of the policy that is put in force changes the rules and so
 * their digest; so a file that is left over does no harm.
 */
#include "gate/known_rules.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/boot_id.h"
#include "hooks/records/fields.h"

#define MAX_BYTES (1u << 20)
#define FORMAT_WORD "berth-rules"
#define FORMAT_VERSION "2"

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
		field_put(&text, "digest", port->digest);
		strbuf_puts(&text, "\n");
	}
	int rc = file_make_folders(site->known_rules, 0700, err);
	return rc < 0 ? rc : file_replace(path, text.text, text.length, 0600, err);
}

/* --- reading --- */

/* Return: whether it is a note of this boot; then the ruleset's generation. */
static bool read_head(const struct fields *line, const char *boot, uint64_t *generation)
{
	const char *noted_boot = field(line, "boot");

	return strcmp(line->word, FORMAT_WORD) == 0 && line->count > 0 &&
	       strcmp(line->items[0], FORMAT_VERSION) == 0 && noted_boot &&
	       strcmp(noted_boot, boot) == 0 && field_u64(line, "generation", generation);
}

static bool read_port(const struct fields *line, struct gate_port *port)
{
	const char *mode = field(line, "mode"), *digest = field(line, "digest");

	if (!mode || !digest || !*digest || strlen(digest) >= sizeof(port->wanted))
		return false;
	for (int i = 0; i < GATE_MODES; i++) {
		if (strcmp(gate_mode_name((enum gate_mode)i), mode) != 0)
			continue;
		port->wanted_mode = (enum gate_mode)i;
		snprintf(port->wanted, sizeof(port->wanted), "%s", digest);
		return true;
	}
	return false;
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

static bool read_ports(char *text, struct gate_facts *facts)
{
	struct fields line;

	while (text && *text) {
		fields_split(&line, strsep(&text, "\n"));
		struct gate_port *port = find(&line, facts);
		if (strcmp(line.word, "port") != 0 || !port || !read_port(&line, port))
			return false;
	}
	for (size_t i = 0; i < facts->port_count; i++) {
		if (counts(&facts->ports[i]) && !*facts->ports[i].wanted)
			return false;
	}
	return true;
}

static void settle(struct gate_facts *facts)
{
	for (size_t i = 0; i < facts->port_count; i++) {
		struct gate_port *port = &facts->ports[i];
		if (!counts(port))
			continue;
		port->mode = port->wanted_mode;
		memcpy(port->digest, port->wanted, sizeof(port->digest));
		port->is_settled = true;
	}
}

static void forget_all(struct gate_facts *facts)
{
	for (size_t i = 0; i < facts->port_count; i++) {
		facts->ports[i].wanted_mode = GATE_PORT_OPEN;
		facts->ports[i].wanted[0] = '\0';
	}
}

enum gate_knowledge gate_known_rules_recall(const struct site *site,
					    const struct firewall_state *state,
					    struct gate_facts *facts)
{
	cleanup_free char *path = path_of(site, facts->uuid);
	cleanup_strbuf struct strbuf text = {0};
	struct fields line;
	uint64_t generation;
	struct err err;

	if (!state->is_enforced || file_read(path, MAX_BYTES, &text, &err) < 0 || !text.text)
		return GATE_RULES_UNKNOWN;
	char *rest = text.text;
	fields_split(&line, strsep(&rest, "\n"));
	if (!read_head(&line, facts->boot, &generation) || !read_ports(rest, facts)) {
		forget_all(facts);
		return GATE_RULES_UNKNOWN;
	}
	if (generation != state->generation)
		return GATE_RULES_WERE_SEEN;
	settle(facts);
	return GATE_RULES_HOLD;
}

void gate_known_rules_forget(const struct site *site, const char *uuid)
{
	cleanup_free char *path = path_of(site, uuid);

	unlink(path);
}
