/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports for people: from libvirt who runs, from the policy what is wanted, from the kernel what is.
 */
#include "cli/ports.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/guest_domain.h"
#include "hooks/ports/guest_port.h"
#include "hooks/ports/guest_ports.h"
#include "hooks/records/site.h"

/* What the lines are made of. */
struct collecting {
	const struct config *config;
	const char *guest;
	struct firewall_program *programs;
	size_t program_count;
	bool *told; /* of each program: a running guest's line has it */
	struct port_lines *lines;
};

static bool is_meant(const struct collecting *collecting, const char *name, const char *uuid)
{
	return !collecting->guest || str_equal(collecting->guest, name) ||
	       str_equal(collecting->guest, uuid);
}

struct port_line *port_lines_add(struct port_lines *lines)
{
	lines->items = xreallocarray(lines->items, lines->count + 1, sizeof(*lines->items));
	struct port_line *line = &lines->items[lines->count++];
	*line = (struct port_line){0};
	return line;
}

static void add_counts(struct port_line *line, const struct firewall_program *program)
{
	for (int i = 0; i < FIREWALL_DIRECTIONS; i++) {
		line->accepted[i] = program->packets[i] - program->dropped[i];
		line->dropped[i] = program->dropped[i];
	}
}

/* --- running guests --- */

char *port_group_names(const struct policy *policy, const struct policy_port *port)
{
	cleanup_strbuf struct strbuf names = {0};

	for (size_t i = 0; i < port->group_count; i++)
		strbuf_printf(&names, "%s%s", i ? "," : "", policy->groups[port->groups[i]].name);
	if (port->group_count == 0)
		strbuf_puts(&names, "-");
	return strbuf_steal(&names);
}

static void find_counts(struct collecting *collecting, struct port_line *line)
{
	for (size_t i = 0; i < collecting->program_count; i++) {
		const struct firewall_program *program = &collecting->programs[i];
		if (!str_equal(program->interface, line->interface) ||
		    !str_equal(program->uuid, line->uuid))
			continue;
		add_counts(line, program);
		collecting->told[i] = true;
	}
}

static void add_port(struct collecting *collecting, const struct domain *domain,
		     const struct guest_port *port, const char *state, const char *differences)
{
	struct port_line *line = port_lines_add(collecting->lines);

	line->guest = xstrdup(domain->name);
	line->uuid = xstrdup(domain->uuid);
	line->interface = xstrdup(port->interface->target);
	line->mac = xstrdup(port->interface->mac);
	line->groups = port_group_names(domain->policy, port->policy);
	line->vlan = port->policy->vlan;
	line->state = state;
	line->differences = xstrdup(differences);
	find_counts(collecting, line);
}

/* A policy that nobody can read: what the kernel holds is all that is known. */
static void add_wrong(struct collecting *collecting, const struct domain *domain)
{
	struct port_line *line = port_lines_add(collecting->lines);

	line->guest = xstrdup(domain->name);
	line->uuid = xstrdup(domain->uuid);
	line->groups = xstrdup("-");
	line->state = "wrong policy";
	line->differences = xasprintf("%s\n", domain->policy_error.text);
	for (size_t i = 0; i < collecting->program_count; i++) {
		if (!str_equal(collecting->programs[i].uuid, domain->uuid) || line->interface)
			continue;
		line->interface = xstrdup(collecting->programs[i].interface);
		find_counts(collecting, line);
	}
}

static void add_ports(struct collecting *collecting, const struct domain *domain)
{
	cleanup_free struct guest_port *ports = NULL;
	cleanup_strbuf struct strbuf words = {0};
	size_t count = guest_ports_find(domain, &ports);
	struct err err;

	if (domain->policy_error.code) {
		add_wrong(collecting, domain);
		return;
	}
	if (count == 0)
		return;
	int rc = guest_ports_compare(&this_site, collecting->config, domain, &words, &err);
	if (rc < 0)
		strbuf_printf(&words, "%s\n", err.text);
	for (size_t i = 0; i < count; i++)
		add_port(collecting, domain, &ports[i], rc == 0 ? "agree" : "differ",
			 i == 0 ? words.text : NULL);
}

static int add_guests(struct collecting *collecting, struct libvirt *libvirt, struct err *err)
{
	struct guest_name *guests = NULL;
	int count = guest_list_active(libvirt, &guests, err);

	for (int i = 0; i < count; i++) {
		cleanup_domain struct domain *domain = NULL;
		struct err one;
		/* One that has stopped meanwhile is none. */
		if (is_meant(collecting, guests[i].name, guests[i].uuid) &&
		    guest_domain(libvirt, guests[i].uuid, &domain, &one) == 0) {
			add_ports(collecting, domain);
			port_lines_add_others(collecting->lines, collecting->config, domain,
					      collecting->programs, collecting->program_count);
		}
		guest_name_clear(&guests[i]);
	}
	free(guests);
	return count < 0 ? count : 0;
}

/* --- programs without a running guest --- */

static const char *state_of_rest(struct libvirt *libvirt, const char *uuid)
{
	enum guest_state state;
	struct err err;

	if (!libvirt || guest_get_state(libvirt, uuid, &state, &err) < 0)
		return "?";
	return state == GUEST_HERE || state == GUEST_COMING ? "no policy" : "guest gone";
}

static void add_rest(struct collecting *collecting, struct libvirt *libvirt)
{
	for (size_t i = 0; i < collecting->program_count; i++) {
		const struct firewall_program *program = &collecting->programs[i];
		char mac[MAC_TEXT_SIZE];
		if (collecting->told[i] || !is_meant(collecting, program->guest, program->uuid))
			continue;
		struct port_line *line = port_lines_add(collecting->lines);
		line->guest = xstrdup(program->guest);
		line->uuid = xstrdup(program->uuid);
		line->interface = xstrdup(program->interface);
		line->mac = xstrdup(mac_format(&program->mac, mac));
		line->groups = xstrdup("-");
		line->state = state_of_rest(libvirt, program->uuid);
		add_counts(line, program);
	}
}

int port_lines_collect(const struct config *config, const char *guest, struct port_lines *ret,
		       struct err *err)
{
	cleanup_libvirt struct libvirt *libvirt = NULL;
	cleanup_firewall struct firewall *firewall = NULL;
	struct collecting collecting = {.config = config, .guest = guest, .lines = ret};
	struct err no_libvirt;

	*ret = (struct port_lines){0};
	int rc = firewall_open(&firewall, err);
	if (rc == 0)
		rc = firewall_list(firewall, &collecting.programs, err);
	if (rc < 0 && rc != -EOPNOTSUPP)
		return rc;
	collecting.program_count = rc > 0 ? (size_t)rc : 0;
	collecting.told = xcalloc(collecting.program_count + 1, sizeof(bool));
	rc = 0;
	if (libvirt_open(&libvirt, &no_libvirt) == 0)
		rc = add_guests(&collecting, libvirt, err);
	if (rc == 0)
		add_rest(&collecting, libvirt);
	firewall_programs_free(collecting.programs, collecting.program_count);
	free(collecting.told);
	return rc;
}

bool port_line_agrees(const struct port_line *line)
{
	static const char *const agreeing[] = {"agree", PORT_WITHOUT_INTERFACE, PORT_OPEN,
					       PORT_CLOSED};

	for (size_t i = 0; i < ARRAY_SIZE(agreeing); i++) {
		if (strcmp(line->state, agreeing[i]) == 0)
			return true;
	}
	return false;
}

bool port_lines_agree(const struct port_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		if (!port_line_agrees(&lines->items[i]))
			return false;
	}
	return true;
}

void port_lines_clear(struct port_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		struct port_line *line = &lines->items[i];
		free(line->guest);
		free(line->uuid);
		free(line->interface);
		free(line->mac);
		free(line->groups);
		free(line->differences);
	}
	free(lines->items);
	*lines = (struct port_lines){0};
}

/* --- for people --- */

enum { COLUMNS = 8 };

/* What stands in one row; the strings are the caller's to free. */
static void cells_of(const struct port_line *line, char *cells[static COLUMNS])
{
	cells[0] = xstrdup(line->guest);
	cells[1] = xstrdup(line->interface ? line->interface : "-");
	cells[2] = xstrdup(line->mac ? line->mac : "-");
	cells[3] = line->vlan ? xasprintf("%u", line->vlan) : xstrdup("-");
	cells[4] = xasprintf("%" PRIu64 "/%" PRIu64, line->accepted[FIREWALL_INGRESS],
			     line->accepted[FIREWALL_EGRESS]);
	cells[5] = xasprintf("%" PRIu64 "/%" PRIu64, line->dropped[FIREWALL_INGRESS],
			     line->dropped[FIREWALL_EGRESS]);
	cells[6] = xstrdup(line->state);
	cells[7] = xstrdup(line->groups);
}

static void print_row(char *const cells[static COLUMNS], const int widths[static COLUMNS])
{
	for (int i = 0; i < COLUMNS; i++)
		printf("  %-*s", i + 1 < COLUMNS ? widths[i] : 0, cells[i]);
	puts("");
}

void port_lines_print(const struct port_lines *lines)
{
	static char *const heads[COLUMNS] = {"GUEST",    "PORT",    "MAC",   "VLAN",
					     "ACCEPTED", "DROPPED", "RULES", "GROUPS"};
	char *(*rows)[COLUMNS] = xcalloc(lines->count + 1, sizeof(*rows));
	int widths[COLUMNS];

	puts("Ports of guests with a policy; packets to/from the guest:");
	for (int i = 0; i < COLUMNS; i++)
		widths[i] = (int)strlen(heads[i]);
	for (size_t row = 0; row < lines->count; row++) {
		cells_of(&lines->items[row], rows[row]);
		for (int i = 0; i < COLUMNS; i++) {
			int length = (int)strlen(rows[row][i]);
			widths[i] = length > widths[i] ? length : widths[i];
		}
	}
	if (lines->count == 0)
		puts("  none");
	else
		print_row(heads, widths);
	for (size_t row = 0; row < lines->count; row++) {
		print_row(rows[row], widths);
		for (int i = 0; i < COLUMNS; i++)
			free(rows[row][i]);
	}
	free(rows);
}

/* --- for programs --- */

static void counts_to_json(const char *name, const uint64_t *counts, struct strbuf *out)
{
	strbuf_printf(out, ", \"%s\": {\"ingress\": %" PRIu64 ", \"egress\": %" PRIu64 "}", name,
		      counts[FIREWALL_INGRESS], counts[FIREWALL_EGRESS]);
}

static void text_to_json(const char *name, const char *text, struct strbuf *out)
{
	strbuf_printf(out, ", \"%s\": ", name);
	json_string(out, text);
}

void port_lines_to_json(const struct port_lines *lines, struct strbuf *out)
{
	strbuf_puts(out, "[");
	for (size_t i = 0; i < lines->count; i++) {
		const struct port_line *line = &lines->items[i];
		strbuf_puts(out, i ? ", {\"guest\": " : "{\"guest\": ");
		json_string(out, line->guest);
		text_to_json("uuid", line->uuid, out);
		text_to_json("interface", line->interface, out);
		text_to_json("mac", line->mac, out);
		text_to_json("groups", line->groups, out);
		text_to_json("rules", line->state, out);
		text_to_json("differences", line->differences, out);
		if (line->vlan)
			strbuf_printf(out, ", \"vlan\": %u", line->vlan);
		else
			strbuf_puts(out, ", \"vlan\": null");
		counts_to_json("accepted", line->accepted, out);
		counts_to_json("dropped", line->dropped, out);
		strbuf_puts(out, "}");
	}
	strbuf_puts(out, "]");
}
