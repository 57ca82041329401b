/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is to be said of ports: their policy, what the kernel holds, whether both agree. */
#ifndef BERTH_CLI_PORTS_H
#define BERTH_CLI_PORTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "config/config.h"
#include "netfw/firewall.h"

/**
 * struct port_line - one port
 * @guest, @uuid, @interface, @mac: owned
 * @groups: "web,db"; "-": none; owned
 * @vlan: 0: none
 * @accepted, @dropped: packets, by direction
 * @state: "agree", "differ", "no policy", "wrong policy", "guest gone", "?": libvirt doesn't answer
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

struct port_lines {
	struct port_line *items;
	size_t count;
};

#define cleanup_port_lines cleanup(port_lines_clear)

/**
 * port_lines_collect() - of all running guests with a policy, and of all programs in the kernel
 * @guest: name or UUID; NULL: all
 *
 * Return: 0 or a negative errno.
 */
int port_lines_collect(const struct config *config, const char *guest, struct port_lines *ret,
		       struct err *err);
void port_lines_clear(struct port_lines *lines);

/* port_lines_agree() - whether nothing is to be put right. */
bool port_lines_agree(const struct port_lines *lines);

void port_lines_print(const struct port_lines *lines);
void port_lines_to_json(const struct port_lines *lines, struct strbuf *out);

#endif
