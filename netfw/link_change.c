/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links: making, changing and removing them. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/route/link/vlan.h>
#include <string.h>

#include "base/strbuf.h"
#include "netfw/route.h"

static struct rtnl_link *new_changes(void)
{
	struct rtnl_link *link = rtnl_link_alloc();

	if (!link)
		netlink_no_memory();
	return link;
}

/* The request to change the link of this index so. */
static struct nl_msg *change_request(unsigned index, struct rtnl_link *changes)
{
	cleanup_rtnl_link struct rtnl_link *which = new_changes();
	struct nl_msg *message = NULL;

	rtnl_link_set_ifindex(which, (int)index);
	if (rtnl_link_build_change_request(which, changes, 0, &message) < 0)
		netlink_no_memory();
	return message;
}

int link_create_bridge(struct route *route, const char *name, struct err *err)
{
	struct ifinfomsg header = {.ifi_family = AF_UNSPEC};
	cleanup_message struct nl_msg *message =
		netlink_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof(header),
				NETLINK_MESSAGE_BYTES);

	netlink_put_string(message, IFLA_IFNAME, name);
	struct nlattr *info = netlink_nest(message, IFLA_LINKINFO);
	netlink_put_string(message, IFLA_INFO_KIND, "bridge");
	struct nlattr *data = netlink_nest(message, IFLA_INFO_DATA);
	netlink_put_u32(message, IFLA_BR_FORWARD_DELAY, 0);
	netlink_put_u32(message, IFLA_BR_STP_STATE, 0);
	netlink_nest_end(message, data);
	netlink_nest_end(message, info);
	int rc = netlink_do(route->netlink, message, err);
	if (rc == -EOPNOTSUPP)
		return err_set(err, EOPNOTSUPP,
			       "bridge '%s': the kernel has no bridges (bridge); load it", name);
	return rc < 0 ? err_wrap(err, "bridge '%s': making it", name) : 0;
}

/* The kernel gives it the uplink's MTU (net/8021q/vlan_netlink.c). */
int link_create_vlan(struct route *route, const char *name, const struct link *uplink,
		     uint16_t vlan, struct err *err)
{
	cleanup_rtnl_link struct rtnl_link *link = rtnl_link_vlan_alloc();
	cleanup_message struct nl_msg *message = NULL;

	if (!link)
		netlink_no_memory();
	rtnl_link_set_name(link, name);
	rtnl_link_set_link(link, (int)uplink->index);
	if (rtnl_link_vlan_set_id(link, vlan) < 0 ||
	    rtnl_link_build_add_request(link, NLM_F_CREATE | NLM_F_EXCL, &message) < 0)
		netlink_no_memory();
	int rc = netlink_do(route->netlink, message, err);
	/* The other reason has this text: net/8021q/vlan.c, vlan_check_real_dev(). */
	if (rc == -EOPNOTSUPP && !strstr(err->text, "VLANs not supported on device"))
		return err_set(err, EOPNOTSUPP,
			       "VLAN device '%s': the kernel has no VLAN devices (8021q); load it",
			       name);
	return rc < 0 ? err_wrap(err, "VLAN device '%s' on uplink '%s': making it", name,
				 uplink->name)
		      : 0;
}

int link_delete(struct route *route, const struct link *link, struct err *err)
{
	struct ifinfomsg header = {.ifi_family = AF_UNSPEC, .ifi_index = (int)link->index};
	cleanup_message struct nl_msg *message =
		netlink_message(RTM_DELLINK, 0, &header, sizeof(header), NETLINK_MESSAGE_BYTES);

	int rc = netlink_do(route->netlink, message, err);
	if (rc == -ENODEV)
		return 0;
	return rc < 0 ? err_wrap(err, "interface '%s': removing it", link->name) : 0;
}

/* The host is no member of the VLAN: otherwise a guest could give it addresses and routes by router
 * advertisements, and the bridge would never be free of addresses. */
static int keep_host_out(const struct link *link, struct err *err)
{
	cleanup_free char *path = xasprintf("/proc/sys/net/ipv6/conf/%s/disable_ipv6", link->name);
	cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT) /* a kernel without IPv6 */
		return 0;
	if (fd < 0 || write(fd, "1", 1) != 1)
		return err_set(err, errno, "interface '%s': '%s': %s", link->name, path,
			       strerror(errno));
	return 0;
}

/* The kernel takes an alias only once the link is there: who is killed between leaves a link
 * without one, which then stays. */
int link_configure(struct route *route, const struct link *link, bool made, unsigned master,
		   struct err *err)
{
	cleanup_rtnl_link struct rtnl_link *changes = new_changes();

	int rc = made ? keep_host_out(link, err) : 0;
	if (rc < 0)
		return rc;
	if (made)
		rtnl_link_set_ifalias(changes, LINK_ALIAS);
	if (master && master != link->master)
		rtnl_link_set_master(changes, (int)master);
	rtnl_link_set_flags(changes, IFF_UP);
	cleanup_message struct nl_msg *message = change_request(link->index, changes);
	return netlink_do(route->netlink, message, err);
}

/* One system call for both: a tap whose queue stayed at length 0 would be deaf for ever, so nothing
 * must come between, be it SIGKILL. */
int link_drop_queued(struct route *route, const char *name, struct err *err)
{
	cleanup_rtnl_link struct rtnl_link *none = new_changes();
	cleanup_rtnl_link struct rtnl_link *as_before = new_changes();
	cleanup_strbuf struct strbuf batch = {0};
	struct link_record tap;

	int rc = link_record_find(route, name, 0, &tap, err);
	if (rc == 0)
		return err_set(err, ENODEV, "interface '%s': is not on this host", name);
	if (rc < 0 || tap.queue_length == 0)
		return rc < 0 ? rc : 0;
	rtnl_link_set_txqlen(none, 0);
	rtnl_link_set_txqlen(as_before, tap.queue_length);
	cleanup_message struct nl_msg *drop = change_request(tap.link.index, none);
	cleanup_message struct nl_msg *restore = change_request(tap.link.index, as_before);
	nlmsg_hdr(restore)->nlmsg_flags |= NLM_F_ACK;
	netlink_batch_add(route->netlink, &batch, drop);
	uint32_t last = netlink_batch_add(route->netlink, &batch, restore);
	rc = netlink_batch_do(route->netlink, &batch, last, NULL, err);
	if (rc < 0)
		return err_wrap(err, "interface '%s': dropping what waits in its queue", name);
	return 0;
}
