/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files about links share: requests of rtnetlink, and its messages about links. */
#ifndef BERTH_NETFW_ROUTE_H
#define BERTH_NETFW_ROUTE_H

#include <netlink/route/link.h>

#include "netfw/link.h"
#include "netfw/netlink.h"

/* The alias of what berth has made, as `ip link` shows it. */
#define LINK_ALIAS "berth"

struct route {
	struct netlink *netlink;
};

#define cleanup_rtnl_link cleanup(rtnl_link_freep)

static inline void rtnl_link_freep(struct rtnl_link **link)
{
	if (*link)
		rtnl_link_put(*link);
}

/**
 * struct link_record - a link with what only netfw/ asks of it
 * @lower: index of the link that it lies on (VLAN device, macvtap), here; or 0
 * @queue_length: packets that wait for their reader at most (tap)
 * @can_filter_vlans: it is a bridge, and the kernel knows VLANs of bridges
 */
struct link_record {
	struct link link;
	unsigned lower;
	uint32_t queue_length;
	bool can_filter_vlans;
};

#define VLAN_LAST 4094

/* vlan_check() - Return: 0; or -EINVAL for what is no VLAN's number. */
int vlan_check(uint16_t vlan, struct err *err);

/* link_record_read() - Return: true; false where the message isn't about a link. */
bool link_record_read(struct nlmsghdr *message, struct link_record *ret);

/* link_record_find() - by name, or, where that is NULL, by index. Return: as link_find(). */
int link_record_find(struct route *route, const char *name, unsigned index, struct link_record *ret,
		     struct err *err);

/* link_records() - all links. Return: their number and *@ret, which the caller frees; or a negative
 * errno. */
int link_records(struct route *route, struct link_record **ret, struct err *err);

/* link_create_bridge(), link_create_vlan() - Return: 0; -EEXIST; -EOPNOTSUPP where the kernel has
 * no such links; or another negative errno. */
int link_create_bridge(struct route *route, const char *name, struct err *err);
int link_create_vlan(struct route *route, const char *name, const struct link *uplink,
		     uint16_t vlan, struct err *err);

/* link_delete() - 0 also where it is gone. */
int link_delete(struct route *route, const struct link *link, struct err *err);

/**
 * link_configure() - set a link up
 * @made: berth has just made it: it also gets the alias, and no IPv6
 * @master: index of the bridge that it becomes a port of, or 0
 *
 * Return: 0 or a negative errno; the error doesn't name the link.
 */
int link_configure(struct route *route, const struct link *link, bool made, unsigned master,
		   struct err *err);

#endif
