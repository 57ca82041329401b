/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The firewall of this host's ports: `table bridge berth` in the kernel's nf_tables. */
#ifndef BERTH_NETFW_FIREWALL_H
#define BERTH_NETFW_FIREWALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/strbuf.h"

/* As the kernel's IFNAMSIZ: 15 characters and the NUL. */
#define FIREWALL_NAME_SIZE 16

enum firewall_direction {
	FIREWALL_INGRESS, /* to the guest */
	FIREWALL_EGRESS,  /* from the guest */
	FIREWALL_DIRECTIONS
};

/**
 * struct firewall_rule - packets that may pass
 * @family: 4 or 6
 * @protocol: 0 to 255, or -1: any
 * @has_ports: @port_first to @port_last is the destination port
 * @icmp_type, @icmp_code: 0 to 255, or -1: any
 * @remote: the other end, of @family; length 0: anybody; not looked at with @group
 * @group: index in the port's groups, or -1: the other end is one of its members
 * @label: for people: "web 1"
 */
struct firewall_rule {
	enum firewall_direction direction;
	uint8_t family;
	int protocol;
	bool has_ports;
	uint16_t port_first;
	uint16_t port_last;
	int icmp_type;
	int icmp_code;
	struct prefix remote;
	int group;
	char *label;
};

/* struct firewall_group - addresses that rules mean by one name */
struct firewall_group {
	char *name;
	struct prefix *members;
	size_t member_count;
};

/* struct firewall_source - a pair of addresses that the guest may send from */
struct firewall_source {
	struct mac mac;
	struct prefix address;
};

/**
 * struct firewall_port - all that decides what passes one interface
 * @interface: the host's name of it: "vnet0"
 * @guest, @uuid: whose it is
 * @sources: none: the guest may use every address, from @mac alone
 * @filtered: only what @rules allow passes, and the answers to it; otherwise all that has the right
 *            addresses
 * @zone: conntrack zone, 1 to 4094, of all frames in this VLAN on @bridge; 0: none
 * @bridge: the bridge that the interface is a port of; counts with @zone
 * @vlan_aware: @bridge filters VLANs itself: the zone of each of its frames is its VLAN
 *
 * Everything is owned by the port: firewall_port_clear().
 */
struct firewall_port {
	char interface[FIREWALL_NAME_SIZE];
	char *guest;
	char *uuid;
	struct mac mac;
	struct firewall_source *sources;
	size_t source_count;
	bool filtered;
	struct firewall_rule *rules;
	size_t rule_count;
	struct firewall_group *groups;
	size_t group_count;
	uint16_t zone;
	char bridge[FIREWALL_NAME_SIZE];
	bool vlan_aware;
};

void firewall_port_clear(struct firewall_port *port);

/**
 * struct firewall_host - what the host's configuration says of all ports
 * @closed: interface names that pass nothing without a program; a '*' may stand at the end, not
 *          alone; not owned
 * @tracking: rules use the kernel's connection tracking; otherwise answers are admitted by their
 *            ports and flags
 */
struct firewall_host {
	const char *const *closed;
	size_t closed_count;
	bool tracking;
};

/* A NETLINK_NETFILTER socket. */
struct firewall;

#define cleanup_firewall cleanup(firewall_closep)

/* firewall_open() - Return: 0 and *@ret; or a negative errno. */
int firewall_open(struct firewall **ret, struct err *err);
void firewall_closep(struct firewall **firewall);

/**
 * struct firewall_state - of the kernel's whole ruleset at one moment
 * @generation: every change of any table gives another one (net/netfilter/nf_tables_api.c,
 *              base_seq); after a boot it begins anew
 * @is_enforced: there is berth's table, and it isn't switched off
 */
struct firewall_state {
	uint32_t generation;
	bool is_enforced;
};

/* firewall_look() - Return: 0 and *@ret; or a negative errno. */
int firewall_look(struct firewall *firewall, struct firewall_state *ret, struct err *err);

/**
 * firewall_can_track() - whether this kernel tracks bridged connections, in zones
 *
 * Asks the kernel for rules of that kind without committing them. May load nf_conntrack_bridge.
 *
 * Return: 1; 0 and @err says what is missing, and which module or kernel option it is; or a
 * negative errno.
 */
int firewall_can_track(struct firewall *firewall, struct err *err);

/**
 * firewall_put() - make the kernel hold exactly these ports' programs
 *
 * The difference to what is there is applied in one transaction: what stays the same keeps its
 * counters. Other ports' programs stay as they are; those of interfaces that are gone go. If
 * somebody flushed the ruleset, everything of these ports is made anew.
 *
 * Return: the number of changed objects, 0: everything was so already; or a negative errno, and
 * everything is as it was.
 */
int firewall_put(struct firewall *firewall, const struct firewall_host *host,
		 const struct firewall_port *ports, size_t count, struct err *err);

/**
 * firewall_remove() - remove the programs of one guest, and those of interfaces that are gone
 * @uuid: NULL: only the latter
 *
 * The table goes with the last program, unless names are closed.
 *
 * Return: as firewall_put().
 */
int firewall_remove(struct firewall *firewall, const struct firewall_host *host, const char *uuid,
		    struct err *err);

/**
 * firewall_compare() - whether the kernel holds exactly this port's program
 * @differences: what differs, one line each, is appended here; may be NULL
 *
 * Return: 0: it does; 1: it doesn't; or a negative errno.
 */
int firewall_compare(struct firewall *firewall, const struct firewall_host *host,
		     const struct firewall_port *port, struct strbuf *differences, struct err *err);

/**
 * struct firewall_program - what the kernel holds for one interface
 * @packets: seen in each direction
 * @dropped: of these
 */
struct firewall_program {
	char interface[FIREWALL_NAME_SIZE];
	char *guest;
	char *uuid;
	struct mac mac;
	uint64_t packets[FIREWALL_DIRECTIONS];
	uint64_t dropped[FIREWALL_DIRECTIONS];
};

/* firewall_list() - all programs, by interface. Return: their number and *@ret, to be freed with
 * firewall_programs_free(); or a negative errno. */
int firewall_list(struct firewall *firewall, struct firewall_program **ret, struct err *err);
void firewall_programs_free(struct firewall_program *programs, size_t count);

/* firewall_print() - append the ports' programs as `nft` would write the table. */
void firewall_print(const struct firewall_host *host, const struct firewall_port *ports,
		    size_t count, struct strbuf *out);

#endif
