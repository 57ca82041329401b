/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VLANs that berth has put on uplinks, or made bridges for, and that nobody needs any more. */
#include "hooks/ports/guest_vlans.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "hooks/records/network_record.h"
#include "netfw/link.h"

static int carries(struct route *route, const char *port, uint16_t vlan, struct err *err)
{
	cleanup_free struct port_vlan *vlans = NULL;
	int count = port_vlan_list(route, port, &vlans, err);

	for (int i = 0; i < count; i++) {
		if (vlans[i].vlan == vlan)
			return 1;
	}
	return count < 0 && count != -ENODEV ? count : 0;
}

/* Whether the bridge itself, or another of its ports, carries the VLAN. */
static int is_needed(struct route *route, const struct site *site, const struct link *bridge,
		     const char *uplink, uint16_t vlan, struct err *err)
{
	cleanup_free char *path = xasprintf("%s/%s/brif", site->net_class, bridge->name);
	cleanup_dir DIR *dir = opendir(path);
	int rc = carries(route, bridge->name, vlan, err);

	for (struct dirent *entry; rc == 0 && dir && (entry = readdir(dir));) {
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, uplink) != 0)
			rc = carries(route, entry->d_name, vlan, err);
	}
	return rc;
}

/* Return: 1: it is settled, and needn't be remembered; 0: somebody needs it; or a negative errno.
 */
static int sweep_trunk(struct route *route, const struct site *site,
		       const struct network_entry *entry, struct err *err)
{
	struct link uplink, bridge;

	int rc = link_find(route, entry->uplink, &uplink, err);
	if (rc <= 0 || uplink.master == 0)
		return rc < 0 ? rc : 1;
	rc = link_find_index(route, uplink.master, &bridge, err);
	if (rc <= 0)
		return rc < 0 ? rc : 1;
	rc = is_needed(route, site, &bridge, entry->uplink, entry->vlan, err);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	rc = port_vlan_remove(route, entry->uplink, entry->vlan, err);
	return rc < 0 ? rc : 1;
}

static bool is_claimed(const struct network_record *record, uint16_t vlan)
{
	for (size_t i = 0; i < record->count; i++) {
		if (record->entries[i].kind == NETWORK_CLAIM && record->entries[i].vlan == vlan)
			return true;
	}
	return false;
}

static int sweep_bridge(struct route *route, const struct network_record *record,
			const struct network_entry *entry, struct err *err)
{
	if (is_claimed(record, entry->vlan))
		return 0;
	return vlan_bridge_remove(route, entry->uplink, entry->vlan, err);
}

static int sweep_entry(struct route *route, const struct site *site,
		       const struct network_record *record, const struct network_entry *entry,
		       struct err *err)
{
	switch (entry->kind) {
	case NETWORK_TRUNK:
		return sweep_trunk(route, site, entry, err);
	case NETWORK_BRIDGE:
		return sweep_bridge(route, record, entry, err);
	default:
		return 0;
	}
}

int guest_vlans_sweep(const struct site *site, const char *uuid, struct err *err)
{
	cleanup_network_record struct network_record record = {0};
	cleanup_route struct route *route = NULL;
	struct err one;
	int first = 0;

	cleanup_close int lock = network_record_open(site, &record, err);
	if (lock < 0)
		return lock;
	if (record.count == 0)
		return 0;
	int rc = route_open(&route, err);
	if (rc < 0)
		return rc;
	network_record_drop_claims(&record, uuid);
	for (size_t i = record.count; i > 0; i--) {
		rc = sweep_entry(route, site, &record, &record.entries[i - 1], &one);
		if (rc > 0)
			network_record_drop(&record, i - 1);
		if (rc < 0 && first == 0) {
			first = rc;
			*err = one;
		}
	}
	rc = network_record_save(site, &record, first < 0 ? &one : err);
	return first < 0 ? first : rc;
}
