/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VLANs that a port of a VLAN-aware bridge carries. libnl-route can't set them. */
#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/strbuf.h"
#include "netfw/route.h"

/* Without this check much would seem to succeed: a kernel that can't filter VLANs answers "done" to
 * the removal of one, and a bridge that doesn't filter keeps VLANs of its ports without using them.
 */
static int check_bridge(const struct link_record *bridge, const char *port, struct err *err)
{
	if (!bridge->link.bridge)
		return err_set(err, EOPNOTSUPP,
			       "port '%s': '%s' is not a bridge of the kernel's; put it on one",
			       port, bridge->link.name);
	if (!bridge->can_filter_vlans)
		return err_set(err, EOPNOTSUPP,
			       "bridge '%s': the kernel's bridges don't filter VLANs; it needs "
			       "CONFIG_BRIDGE_VLAN_FILTERING",
			       bridge->link.name);
	if (!bridge->link.vlan_aware)
		return err_set(err, EOPNOTSUPP,
			       "bridge '%s' does not filter VLANs; `ip link set %s type bridge "
			       "vlan_filtering 1`",
			       bridge->link.name, bridge->link.name);
	return 0;
}

/* The port of a VLAN-aware bridge. */
static int find_port(struct route *route, const char *name, struct link *port, struct err *err)
{
	struct link_record bridge;

	int rc = link_find(route, name, port, err);
	if (rc == 0)
		return err_set(err, ENODEV, "port '%s': is not on this host", name);
	if (rc < 0)
		return rc;
	rc = port->master ? link_record_find(route, NULL, port->master, &bridge, err) : 0;
	if (rc == 0)
		return err_set(err, ENODEV, "port '%s': is not a bridge's port; put it on a bridge",
			       name);
	return rc < 0 ? rc : check_bridge(&bridge, name, err);
}

/* --- listing --- */

struct vlan_list {
	unsigned port;
	struct port_vlan *vlans;
	int count;
	uint16_t range_begin;
};

static void keep_vlan(struct vlan_list *list, unsigned vlan, uint16_t flags)
{
	list->vlans = xreallocarray(list->vlans, (size_t)list->count + 1, sizeof(struct port_vlan));
	list->vlans[list->count++] =
		(struct port_vlan){.vlan = (uint16_t)vlan,
				   .pvid = flags & BRIDGE_VLAN_INFO_PVID,
				   .untagged = flags & BRIDGE_VLAN_INFO_UNTAGGED};
}

static void keep_entry(struct vlan_list *list, const struct bridge_vlan_info *info)
{
	if (info->vid < 1 || info->vid > VLAN_LAST)
		return;
	if (info->flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) {
		list->range_begin = info->vid;
		return;
	}
	unsigned first = info->flags & BRIDGE_VLAN_INFO_RANGE_END && list->range_begin
				 ? list->range_begin
				 : info->vid;
	for (unsigned vlan = first; vlan <= info->vid; vlan++)
		keep_vlan(list, vlan, info->flags);
	list->range_begin = 0;
}

static int keep_port(struct nlmsghdr *message, void *data, struct err *err)
{
	struct vlan_list *list = data;
	const struct ifinfomsg *header = nlmsg_data(message);
	struct nlattr *entry;
	int left;

	(void)err;
	if (message->nlmsg_type != RTM_NEWLINK || nlmsg_datalen(message) < (int)sizeof(*header) ||
	    header->ifi_index != (int)list->port)
		return 0;
	struct nlattr *vlans = nlmsg_find_attr(message, sizeof(*header), IFLA_AF_SPEC);
	if (!vlans)
		return 0;
	nla_for_each_nested(entry, vlans,
			    left) if (nla_type(entry) == IFLA_BRIDGE_VLAN_INFO &&
				      nla_len(entry) >= (int)sizeof(struct bridge_vlan_info))
		keep_entry(list, nla_data(entry));
	return 0;
}

/* The kernel lists all ports of all bridges, or none. Compressed, as ranges: a port with all VLANs
 * fills 32 KiB otherwise. */
static int list_vlans(struct route *route, const struct link *port, struct port_vlan **ret,
		      struct err *err)
{
	struct ifinfomsg header = {.ifi_family = AF_BRIDGE};
	cleanup_message struct nl_msg *message =
		netlink_message(RTM_GETLINK, 0, &header, sizeof(header), NETLINK_MESSAGE_BYTES);
	struct vlan_list list = {.port = port->index};

	netlink_put_u32(message, IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN_COMPRESSED);
	int rc = netlink_dump(route->netlink, message, keep_port, &list, err);
	if (rc < 0) {
		free(list.vlans);
		return err_wrap(err, "port '%s': list of its VLANs", port->name);
	}
	*ret = list.vlans;
	return list.count;
}

int port_vlan_list(struct route *route, const char *port, struct port_vlan **ret, struct err *err)
{
	struct link link;

	int rc = find_port(route, port, &link, err);
	return rc < 0 ? rc : list_vlans(route, &link, ret, err);
}

/* --- changing --- */

/* A range is two entries (include/uapi/linux/if_bridge.h). */
static void put_range(struct nl_msg *message, unsigned first, unsigned last, uint16_t flags)
{
	struct bridge_vlan_info begin = {.flags = flags, .vid = (uint16_t)first};
	struct bridge_vlan_info end = {.flags = flags, .vid = (uint16_t)last};

	if (first > last)
		return;
	if (first != last) {
		begin.flags |= BRIDGE_VLAN_INFO_RANGE_BEGIN;
		end.flags |= BRIDGE_VLAN_INFO_RANGE_END;
		netlink_put(message, IFLA_BRIDGE_VLAN_INFO, &begin, sizeof(begin));
	}
	netlink_put(message, IFLA_BRIDGE_VLAN_INFO, &end, sizeof(end));
}

/* With family AF_BRIDGE: RTM_SETLINK adds VLANs to the port, RTM_DELLINK removes them. */
static struct nl_msg *begin_change(int type, unsigned port, struct nlattr **vlans)
{
	struct ifinfomsg header = {.ifi_family = AF_BRIDGE, .ifi_index = (int)port};
	struct nl_msg *message =
		netlink_message(type, 0, &header, sizeof(header), NETLINK_MESSAGE_BYTES);

	*vlans = netlink_nest(message, IFLA_AF_SPEC);
	return message;
}

static int add(struct route *route, unsigned port, uint16_t vlan, uint16_t flags, struct err *err)
{
	struct nlattr *vlans;
	cleanup_message struct nl_msg *message = begin_change(RTM_SETLINK, port, &vlans);

	put_range(message, vlan, vlan, flags);
	netlink_nest_end(message, vlans);
	return netlink_do(route->netlink, message, err);
}

static int remove_all_but(struct route *route, unsigned port, uint16_t vlan, struct err *err)
{
	struct nlattr *vlans;
	cleanup_message struct nl_msg *message = begin_change(RTM_DELLINK, port, &vlans);

	put_range(message, 1, vlan - 1U, 0);
	put_range(message, vlan + 1U, VLAN_LAST, 0);
	netlink_nest_end(message, vlans);
	return netlink_do(route->netlink, message, err);
}

/* The others go first: at no moment does the port carry more than one of the guest's. */
int port_vlan_set_access(struct route *route, const char *port, uint16_t vlan, struct err *err)
{
	struct link link;

	int rc = vlan_check(vlan, err);
	if (rc == 0)
		rc = find_port(route, port, &link, err);
	if (rc < 0)
		return rc;
	rc = remove_all_but(route, link.index, vlan, err);
	if (rc == 0)
		rc = add(route, link.index, vlan, BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED,
			 err);
	return rc < 0 ? err_wrap(err, "port '%s': VLAN %u, untagged", port, vlan) : 0;
}

int port_vlan_add_tagged(struct route *route, const char *port, uint16_t vlan, struct err *err)
{
	cleanup_free struct port_vlan *carried = NULL;
	struct link link;

	int rc = vlan_check(vlan, err);
	if (rc == 0)
		rc = find_port(route, port, &link, err);
	int count = rc < 0 ? rc : list_vlans(route, &link, &carried, err);
	if (count < 0)
		return count;
	for (int i = 0; i < count; i++)
		if (carried[i].vlan == vlan)
			return 0;
	rc = add(route, link.index, vlan, 0, err);
	return rc < 0 ? err_wrap(err, "port '%s': VLAN %u, tagged", port, vlan) : 1;
}

int port_vlan_remove(struct route *route, const char *port, uint16_t vlan, struct err *err)
{
	struct nlattr *vlans;
	struct link link;

	int rc = vlan_check(vlan, err);
	if (rc == 0)
		rc = link_find(route, port, &link, err);
	if (rc <= 0 || !link.master)
		return rc < 0 ? rc : 0;
	cleanup_message struct nl_msg *message = begin_change(RTM_DELLINK, link.index, &vlans);
	put_range(message, vlan, vlan, 0);
	netlink_nest_end(message, vlans);
	rc = netlink_do(route->netlink, message, err);
	/* Gone meanwhile; or its master is no bridge of the kernel's, and it never had a VLAN. */
	if (rc == -ENODEV || rc == -EOPNOTSUPP)
		return 0;
	return rc < 0 ? err_wrap(err, "port '%s': removing VLAN %u", port, vlan) : 0;
}
