/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bridge for each VLAN: the VLAN device on the uplink, and the bridge that it is a port of.
 *
 * What berth has made carries its alias, and goes when nothing uses it any more.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "netfw/route.h"

void vlan_bridge_name(uint16_t vlan, char name[static LINK_NAME_SIZE])
{
	snprintf(name, LINK_NAME_SIZE, "br%u", vlan);
}

static void device_name(const char *uplink, uint16_t vlan, char name[static LINK_NAME_SIZE])
{
	if (snprintf(name, LINK_NAME_SIZE, "%s.%u", uplink, vlan) >= LINK_NAME_SIZE)
		snprintf(name, LINK_NAME_SIZE, "vlan%u", vlan);
}

static bool is_device(const struct link *link, unsigned uplink, uint16_t vlan)
{
	return uplink && link->parent == uplink && link->vlan_id == vlan;
}

/* --- making --- */

/**
 * struct making - one call of vlan_bridge_make()
 * @made_bridge, @made_device: by this call
 */
struct making {
	struct route *route;
	struct link uplink;
	uint16_t vlan;
	struct link bridge;
	struct link device;
	bool made_bridge;
	bool made_device;
};

static int find_bridge(struct making *making, const char *name, struct err *err)
{
	int rc = link_find(making->route, name, &making->bridge, err);

	if (rc == 1 && !making->bridge.bridge)
		return err_set(err, EEXIST,
			       "bridge '%s': something else has this name; rename that", name);
	return rc;
}

static int ensure_bridge(struct making *making, struct err *err)
{
	char name[LINK_NAME_SIZE];

	vlan_bridge_name(making->vlan, name);
	int rc = find_bridge(making, name, err);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	rc = link_create_bridge(making->route, name, err);
	if (rc < 0 && rc != -EEXIST)
		return rc;
	const bool made = rc == 0;
	rc = find_bridge(making, name, err);
	making->made_bridge = made && rc == 1;
	if (rc == 0)
		return err_set(err, ENODEV, "bridge '%s': somebody removed it meanwhile", name);
	return rc < 0 ? rc : 0;
}

/* By its name, which needs no list of all links; else by what it is. */
static int find_device(struct making *making, const char *name, struct err *err)
{
	cleanup_free struct link_record *all = NULL;

	int count = link_find(making->route, name, &making->device, err);
	if (count < 0)
		return count;
	if (count == 1 && is_device(&making->device, making->uplink.index, making->vlan))
		return 1;
	count = link_records(making->route, &all, err);
	for (int i = 0; i < count; i++) {
		if (!is_device(&all[i].link, making->uplink.index, making->vlan))
			continue;
		making->device = all[i].link;
		return 1;
	}
	return count < 0 ? count : 0;
}

static int ensure_device(struct making *making, struct err *err)
{
	char name[LINK_NAME_SIZE];

	device_name(making->uplink.name, making->vlan, name);
	int rc = find_device(making, name, err);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	rc = link_create_vlan(making->route, name, &making->uplink, making->vlan, err);
	if (rc < 0 && rc != -EEXIST)
		return rc;
	const bool made = rc == 0;
	rc = find_device(making, name, err);
	making->made_device = made && rc == 1;
	if (rc == 0)
		return err_set(err, EEXIST,
			       "VLAN device '%s': something else has this name; rename that", name);
	return rc < 0 ? rc : 0;
}

static int join(struct making *making, struct err *err)
{
	const struct link *device = &making->device;

	if (device->master && device->master != making->bridge.index)
		return err_set(err, EEXIST,
			       "VLAN device '%s' is a port of something else than bridge '%s'; `ip "
			       "link set %s nomaster`",
			       device->name, making->bridge.name, device->name);
	int rc = link_configure(making->route, &making->bridge, making->made_bridge, 0, err);
	if (rc < 0)
		return err_wrap(err, "bridge '%s': setting it up", making->bridge.name);
	rc = link_configure(making->route, device, making->made_device, making->bridge.index, err);
	if (rc == -ENETDOWN)
		return err_set(err, ENETDOWN, "uplink '%s' is down; `ip link set %s up`",
			       making->uplink.name, making->uplink.name);
	return rc < 0 ? err_wrap(err, "VLAN device '%s': as a port of bridge '%s'", device->name,
				 making->bridge.name)
		      : 0;
}

/* --- removing --- */

/* Whether there are ports of it, or links that lie on it, but @except. */
static bool carries_links(const struct link_record *all, int count, unsigned index, unsigned except)
{
	for (int i = 0; i < count; i++)
		if ((all[i].link.master == index || all[i].lower == index) &&
		    all[i].link.index != except)
			return true;
	return false;
}

struct address_search {
	const struct link *links[2];
	bool found;
};

static int look_at_address(struct nlmsghdr *message, void *data, struct err *err)
{
	struct address_search *search = data;
	const struct ifaddrmsg *address = nlmsg_data(message);

	(void)err;
	if (message->nlmsg_type != RTM_NEWADDR || nlmsg_datalen(message) < (int)sizeof(*address))
		return 0;
	if (address->ifa_family == AF_INET6 && address->ifa_scope == RT_SCOPE_LINK)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(search->links); i++)
		if (search->links[i] && search->links[i]->index == address->ifa_index)
			search->found = true;
	return 0;
}

/* Return: 1: one of the links (either may be NULL) has an address. */
static int have_address(struct route *route, const struct link *a, const struct link *b,
			struct err *err)
{
	struct ifaddrmsg header = {.ifa_family = AF_UNSPEC};
	struct address_search search = {.links = {a, b}};
	cleanup_message struct nl_msg *message =
		netlink_message(RTM_GETADDR, 0, &header, sizeof(header), NETLINK_MESSAGE_BYTES);

	int rc = netlink_dump(route->netlink, message, look_at_address, &search, err);
	return rc < 0 ? err_wrap(err, "list of addresses") : search.found;
}

/* Removes what @bridge and @device are, unless something uses them; either may be NULL. */
static int remove_unused(struct route *route, const struct link *bridge, const struct link *device,
			 struct err *err)
{
	cleanup_free struct link_record *all = NULL;

	int count = link_records(route, &all, err);
	if (count < 0)
		return count;
	if (bridge && carries_links(all, count, bridge->index, device ? device->index : 0))
		return 0;
	if (device && carries_links(all, count, device->index, 0))
		return 0;
	int rc = have_address(route, bridge, device, err);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	bool ours[] = {bridge && bridge->made_by_berth, device && device->made_by_berth};
	if (ours[0])
		rc = link_delete(route, bridge, err);
	if (rc == 0 && ours[1])
		rc = link_delete(route, device, err);
	return rc < 0 ? rc : ours[0] || ours[1];
}

/* Only what this call made; another process that has joined it meanwhile keeps it. */
static void undo(struct making *making)
{
	struct err ignored;

	making->bridge.made_by_berth = true;
	making->device.made_by_berth = true;
	remove_unused(making->route, making->made_bridge ? &making->bridge : NULL,
		      making->made_device ? &making->device : NULL, &ignored);
}

int vlan_bridge_make(struct route *route, const char *uplink, uint16_t vlan, struct err *err)
{
	struct making making = {.route = route, .vlan = vlan};

	int rc = vlan_check(vlan, err);
	if (rc == 0)
		rc = link_find(route, uplink, &making.uplink, err);
	else
		return rc;
	if (rc == 0)
		return err_set(err, ENODEV,
			       "uplink '%s' is not on this host; make it, or name another", uplink);
	if (rc == 1)
		rc = ensure_device(&making, err);
	if (rc == 0)
		rc = ensure_bridge(&making, err);
	if (rc == 0)
		rc = join(&making, err);
	if (rc < 0)
		undo(&making);
	return rc;
}

int vlan_bridge_carries(struct route *route, const char *uplink, uint16_t vlan, struct err *err)
{
	struct making looked = {.route = route, .vlan = vlan};
	char name[LINK_NAME_SIZE];

	int rc = link_find(route, uplink, &looked.uplink, err);
	vlan_bridge_name(vlan, name);
	if (rc == 1)
		rc = link_find(route, name, &looked.bridge, err);
	device_name(uplink, vlan, name);
	if (rc == 1)
		rc = find_device(&looked, name, err);
	return rc < 1 ? rc : looked.bridge.bridge && looked.device.master == looked.bridge.index;
}

static const struct link *device_among(const struct link_record *all, int count, unsigned uplink,
				       uint16_t vlan)
{
	for (int i = 0; i < count; i++)
		if (is_device(&all[i].link, uplink, vlan))
			return &all[i].link;
	return NULL;
}

int vlan_bridge_remove(struct route *route, const char *uplink, uint16_t vlan, struct err *err)
{
	cleanup_free struct link_record *all = NULL;
	char name[LINK_NAME_SIZE];
	struct link parent, bridge;

	int rc = vlan_check(vlan, err);
	if (rc < 0)
		return rc;
	vlan_bridge_name(vlan, name);
	int has_bridge = link_find(route, name, &bridge, err);
	if (has_bridge < 0)
		return has_bridge;
	has_bridge = has_bridge && bridge.bridge;
	rc = link_find(route, uplink, &parent, err);
	if (rc < 0)
		return rc;
	int count = link_records(route, &all, err);
	if (count < 0)
		return count;
	const struct link *device = rc ? device_among(all, count, parent.index, vlan) : NULL;
	/* Somebody gave it to another bridge. */
	if (device && device->master && !(has_bridge && device->master == bridge.index))
		device = NULL;
	return remove_unused(route, has_bridge ? &bridge : NULL, device, err);
}
