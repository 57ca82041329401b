/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links of this host: bridges, their ports' VLANs, VLAN devices, taps. */
#ifndef BERTH_NETFW_LINK_H
#define BERTH_NETFW_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

/* As the kernel's IFNAMSIZ: 15 characters and the NUL. */
#define LINK_NAME_SIZE 16

/* A NETLINK_ROUTE socket. */
struct route;

#define cleanup_route cleanup(route_closep)

int route_open(struct route **ret, struct err *err);
void route_closep(struct route **route);

/**
 * struct link - one network interface
 * @master: index of the bridge that it is a port of, or 0
 * @bridge: it is a bridge; then @vlan_aware: it filters VLANs
 * @vlan_id: it is a VLAN device of the link @parent; otherwise 0
 * @made_by_berth: its alias says so
 */
struct link {
	unsigned index;
	char name[LINK_NAME_SIZE];
	unsigned mtu;
	unsigned master;
	bool bridge;
	bool vlan_aware;
	uint16_t vlan_id;
	unsigned parent;
	bool made_by_berth;
};

/* link_find(), link_find_index() - Return: 1 and *@ret; 0: there is none; or a negative errno. */
int link_find(struct route *route, const char *name, struct link *ret, struct err *err);
int link_find_index(struct route *route, unsigned index, struct link *ret, struct err *err);

/**
 * link_drop_queued() - drop the packets that wait in a tap for whoever reads it
 *
 * A tap takes packets from its bridge from the moment it is a port of it; who opens it later reads
 * them. Done by setting the length of its queue to 0 and back (drivers/net/tun.c,
 * tun_queue_resize(); include/linux/ptr_ring.h).
 */
int link_drop_queued(struct route *route, const char *name, struct err *err);

/* --- VLAN-aware bridges --- */

/* port_vlan_set_access() - make a bridge's port carry this VLAN alone, untagged (PVID). Idempotent.
 */
int port_vlan_set_access(struct route *route, const char *port, uint16_t vlan, struct err *err);

/* port_vlan_add_tagged() - Return: 1: added; 0: the port carried it already; or a negative errno.
 */
int port_vlan_add_tagged(struct route *route, const char *port, uint16_t vlan, struct err *err);

/* port_vlan_remove() - 0 also where the port doesn't carry it, or is gone. */
int port_vlan_remove(struct route *route, const char *port, uint16_t vlan, struct err *err);

struct port_vlan {
	uint16_t vlan;
	bool pvid;
	bool untagged;
};

/* port_vlan_list() - what a bridge's port carries. Return: their number and *@ret, which the caller
 * frees; or a negative errno. */
int port_vlan_list(struct route *route, const char *port, struct port_vlan **ret, struct err *err);

/* --- a bridge for each VLAN --- */

/* vlan_bridge_name() - "br100". */
void vlan_bridge_name(uint16_t vlan, char name[static LINK_NAME_SIZE]);

/**
 * vlan_bridge_make() - make UPLINK.VLAN and brVLAN, as far as they are missing
 *
 * As nova-network's VlanManager: the VLAN device with the uplink's MTU is a port of the bridge,
 * both are up. A VLAN device of this uplink and VLAN with another name is used as it is. What is
 * made carries an alias that says so. On failure what this call made is gone again.
 *
 * Return: 0 or a negative errno: -EEXIST where one of the names belongs to something else.
 */
int vlan_bridge_make(struct route *route, const char *uplink, uint16_t vlan, struct err *err);

/* vlan_bridge_carries() - whether brVLAN has a VLAN device of the uplink as its port. Return: 1, 0,
 * or a negative errno. */
int vlan_bridge_carries(struct route *route, const char *uplink, uint16_t vlan, struct err *err);

/* vlan_bridge_remove() - remove what vlan_bridge_make() has made, unless the bridge has other ports
 * than the VLAN device, or an address. Return: 1: removed; 0: left; or a negative errno. */
int vlan_bridge_remove(struct route *route, const char *uplink, uint16_t vlan, struct err *err);

#endif
