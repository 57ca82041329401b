/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is to be said of ports: their policy, what the kernel holds, whether both agree. */
#ifndef BERTH_CLI_PORTS_H
#define BERTH_CLI_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "config/config.h"
#include "netfw/firewall.h"
#include "xml/domain.h"

/**
 * struct port_line - one port
 * @guest, @uuid, @interface, @mac: owned
 * @groups: "web,db"; "-": none; owned
 * @vlan: 0: none
 * @accepted, @dropped: packets, by direction
 * @state: "agree", "differ", "no interface", "open", "closed", "no policy", "wrong policy", "guest
 * gone", "?": libvirt doesn't answer
 * @differences: a line each; owned, may be NULL
 */
struct port_line {
	char *guest;
	char *uuid;
	char *interface;
	char *mac;
	char *groups;
	uint16_t vlan;
	uint64_t accepted[FIREWALL_DIRECTIONS];
	uint64_t dropped[FIREWALL_DIRECTIONS];
	const char *state;
	char *differences;
};

/* The policy has a port of an interface that was unplugged, or isn't there yet. */
#define PORT_WITHOUT_INTERFACE "no interface"
/* An interface that the policy doesn't name: it passes everything; or nothing, by its name. */
#define PORT_OPEN "open"
#define PORT_CLOSED "closed"

struct port_lines {
	struct port_line *items;
	size_t count;
};

#define cleanup_port_lines cleanup(port_lines_clear)

/* port_lines_add() - one more, empty; valid until the next one is added. */
struct port_line *port_lines_add(struct port_lines *lines);

/* port_group_names() - "web,db", or "-": none; to be freed. */
char *port_group_names(const struct policy *policy, const struct policy_port *port);

/* port_line_agrees() - whether nothing is to be done about it. */
bool port_line_agrees(const struct port_line *line);

/**
 * port_lines_collect() - of all running guests with a policy, and of all programs in the kernel
 * @guest: name or UUID; NULL: all
 *
 * Return: 0 or a negative errno.
 */
int port_lines_collect(const struct config *config, const char *guest, struct port_lines *ret,
		       struct err *err);
/* ports_unmatched.c */

/**
 * port_lines_add_others() - where the policy and the guest's interfaces don't match
 * @programs: what the kernel holds; an interface with rules isn't open
 */
void port_lines_add_others(struct port_lines *lines, const struct config *config,
			   const struct domain *domain, const struct firewall_program *programs,
			   size_t program_count);

void port_lines_clear(struct port_lines *lines);

/* port_lines_agree() - whether nothing is to be put right. */
bool port_lines_agree(const struct port_lines *lines);

void port_lines_print(const struct port_lines *lines);
void port_lines_to_json(const struct port_lines *lines, struct strbuf *out);

#endif
