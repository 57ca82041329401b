/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For a berth-event that waits itself until the kernel has freed what was deleted: linked with
 * --wrap=netlink_close_later, it is the same program in all else.
 */
#include "netfw/netlink.h"

void __wrap_netlink_close_later(struct netlink **netlink);

void __wrap_netlink_close_later(struct netlink **netlink)
{
	netlink_closep(netlink);
}
