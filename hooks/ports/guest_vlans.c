/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VLANs of a guest's ports.
 *
 * Theory of operation: who needs a VLAN is what the kernel says: a bridge's port carries it, or is
 * a port of brVLAN. Only between the preparation of a guest and its tap the kernel can't know, so
 * that is claimed in the network record. What berth itself has added is in the record too, and that
 * alone is ever taken away. All of it happens under the record's lock.
 */
#include "hooks/ports/guest_vlans.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "hooks/records/network_record.h"
#include "netfw/link.h"

/* --- prepare --- */

static int prepare_bridge(struct route *route, const struct site *site, const char *uplink,
			  uint16_t vlan, const char *uuid, struct network_record *record,
			  struct err *err)
{
	struct network_entry bridge = {
		.kind = NETWORK_BRIDGE,
		.uplink = (char *)uplink,
		.vlan = vlan,
	};
	struct network_entry claim = {
		.kind = NETWORK_CLAIM,
		.uuid = (char *)uuid,
		.vlan = vlan,
		.since = time(NULL),
	};

	network_record_add(record, &bridge);
	network_record_add(record, &claim);
	int rc = network_record_save(site, record, err);
	return rc < 0 ? rc : vlan_bridge_make(route, uplink, vlan, err);
}

int guest_vlans_prepare(const struct site *site, const struct config *config, const char *uuid,
			const struct guest_port *ports, size_t count, struct err *err)
{
	cleanup_network_record struct network_record record = {0};
	cleanup_route struct route *route = NULL;

	if (config->mode != NETWORK_PER_VLAN)
		return 0;
	cleanup_close int lock = network_record_open(site, &record, err);
	if (lock < 0)
		return lock;
	int rc = route_open(&route, err);
	for (size_t i = 0; i < count && rc >= 0; i++) {
		if (!ports[i].policy->vlan)
			continue;
		rc = prepare_bridge(route, site, config->uplink, ports[i].policy->vlan, uuid,
				    &record, err);
		if (rc < 0)
			return err_wrap(err, "interface '%s': VLAN %u", ports[i].interface->mac,
					ports[i].policy->vlan);
	}
	return rc < 0 ? rc : 0;
}

/* --- start --- */

/* The bridge that an interface is a port of, "" where it is none's. */
static int find_bridge(struct route *route, const char *interface, struct link *bridge,
		       struct err *err)
{
	struct link tap;

	int rc = link_find(route, interface, &tap, err);
	if (rc == 0)
		return err_set(err, ENODEV, "'%s' is not on this host; is the guest running?",
			       interface);
	if (rc > 0 && tap.master == 0)
		return err_set(err, ENOTSUP,
			       "'%s' is no bridge's port; connect the interface to a bridge, or "
			       "take the port out of the policy",
			       interface);
	return rc < 0 ? rc : link_find_index(route, tap.master, bridge, err);
}

int guest_vlans_check_bridge(const struct guest_port *port, const char *bridge, struct err *err)
{
	cleanup_route struct route *route = NULL;
	struct link found;

	int rc = route_open(&route, err);
	if (rc == 0)
		rc = find_bridge(route, port->interface->target, &found, err);
	if (rc > 0 && *bridge && strcmp(found.name, bridge) != 0)
		rc = err_set(err, EINVAL,
			     "it is on bridge '%s', but VLAN %u is on '%s' here; correct the "
			     "interface's source in the definition",
			     found.name, port->policy->vlan, bridge);
	return rc < 0 ? err_wrap(err, "interface '%s'", port->interface->mac) : 0;
}

/* Adds the VLAN to the uplink; in the record first. Return: 1, 0, or a negative errno. */
static int add_to_uplink(struct route *route, const struct site *site, const char *uplink,
			 uint16_t vlan, struct network_record *record, struct err *err)
{
	struct network_entry entry = {
		.kind = NETWORK_TRUNK,
		.uplink = (char *)uplink,
		.vlan = vlan,
	};
	size_t before = record->count;

	network_record_add(record, &entry);
	if (record->count == before)
		return port_vlan_add_tagged(route, uplink, vlan, err);
	int rc = network_record_save(site, record, err);
	if (rc == 0)
		rc = port_vlan_add_tagged(route, uplink, vlan, err);
	if (rc == 0) {
		/* Somebody else had put it there: it stays theirs. */
		network_record_drop(record, record->count - 1);
		rc = network_record_save(site, record, err);
	}
	return rc;
}

static bool is_access_port(const struct port_vlan *vlans, int count, uint16_t vlan)
{
	return count == 1 && vlans[0].vlan == vlan && vlans[0].pvid && vlans[0].untagged;
}

static int start_aware(struct route *route, const struct site *site, const struct config *config,
		       const struct guest_port *port, struct network_record *record,
		       struct err *err)
{
	cleanup_free struct port_vlan *vlans = NULL;
	const char *tap = port->interface->target;
	uint16_t vlan = port->policy->vlan;

	int changed = add_to_uplink(route, site, config->uplink, vlan, record, err);
	if (changed < 0)
		return changed;
	int count = port_vlan_list(route, tap, &vlans, err);
	if (count < 0)
		return count;
	if (is_access_port(vlans, count, vlan))
		return changed;
	int rc = port_vlan_set_access(route, tap, vlan, err);
	return rc < 0 ? rc : 1;
}

static size_t count_vlans(const struct guest_port *ports, size_t count)
{
	size_t with = 0;

	for (size_t i = 0; i < count; i++)
		with += ports[i].policy->vlan != 0;
	return with;
}

int guest_vlans_start(const struct site *site, const struct config *config, const char *uuid,
		      const struct guest_port *ports, size_t count, struct err *err)
{
	cleanup_network_record struct network_record record = {0};
	cleanup_route struct route *route = NULL;
	int changed = 0;

	if (count_vlans(ports, count) == 0)
		return 0;
	cleanup_close int lock = network_record_open(site, &record, err);
	if (lock < 0)
		return lock;
	int rc = route_open(&route, err);
	for (size_t i = 0; i < count && rc >= 0 && config->mode == NETWORK_AWARE; i++) {
		if (!ports[i].policy->vlan)
			continue;
		rc = start_aware(route, site, config, &ports[i], &record, err);
		if (rc < 0)
			return err_wrap(err, "interface '%s': VLAN %u", ports[i].interface->mac,
					ports[i].policy->vlan);
		changed = changed || rc > 0;
	}
	network_record_drop_claims(&record, uuid);
	if (rc >= 0)
		rc = network_record_save(site, &record, err);
	return rc < 0 ? rc : changed;
}

/* --- compare --- */

static int compare_one(struct route *route, const struct config *config,
		       const struct guest_port *port, struct strbuf *words, struct err *err)
{
	cleanup_free struct port_vlan *tap = NULL, *uplink = NULL;
	uint16_t vlan = port->policy->vlan;
	bool carried = false;

	int count = port_vlan_list(route, port->interface->target, &tap, err);
	if (count < 0)
		return count;
	bool is_right = is_access_port(tap, count, vlan);
	if (!is_right)
		strbuf_printf(words, "interface '%s' is not in VLAN %u alone\n",
			      port->interface->target, vlan);
	count = port_vlan_list(route, config->uplink, &uplink, err);
	for (int i = 0; i < count; i++)
		carried = carried || (uplink[i].vlan == vlan && !uplink[i].untagged);
	if (count >= 0 && !carried)
		strbuf_printf(words, "uplink '%s' doesn't carry VLAN %u\n", config->uplink, vlan);
	return count < 0 ? count : !is_right || !carried;
}

int guest_vlans_compare(const struct config *config, const struct guest_port *ports, size_t count,
			struct strbuf *words, struct err *err)
{
	cleanup_route struct route *route = NULL;
	int differs = 0;

	if (config->mode != NETWORK_AWARE || count_vlans(ports, count) == 0)
		return 0;
	int rc = route_open(&route, err);
	for (size_t i = 0; i < count && rc >= 0; i++) {
		if (!ports[i].policy->vlan)
			continue;
		rc = compare_one(route, config, &ports[i], words, err);
		differs = differs || rc > 0;
	}
	return rc < 0 ? rc : differs;
}

/* --- stop --- */

int guest_vlans_stop(const struct guest_port *ports, size_t count, struct err *err)
{
	cleanup_route struct route *route = NULL;

	if (count_vlans(ports, count) == 0)
		return 0;
	int rc = route_open(&route, err);
	for (size_t i = 0; i < count && rc >= 0; i++) {
		struct link tap, bridge = {0};
		const char *name = ports[i].interface->target;
		if (!ports[i].policy->vlan || !name || link_find(route, name, &tap, err) <= 0 ||
		    tap.master == 0 || link_find_index(route, tap.master, &bridge, err) <= 0 ||
		    !bridge.vlan_aware)
			continue;
		rc = port_vlan_remove(route, name, ports[i].policy->vlan, err);
	}
	return rc;
}
