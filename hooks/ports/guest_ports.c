/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's ports through its life.
 *
 * Theory of operation: nothing is remembered of a guest; its policy says what is wanted, the kernel
 * says what is there, and each call makes the one out of the other. So a call that was killed is
 * finished by the next one, and what belongs to an interface that is gone is swept away by any.
 *
 * A tap takes frames from its bridge before its program is there, and QEMU would read them later:
 * they are dropped when the program stands.
 */
#include "hooks/ports/guest_ports.h"

#include <errno.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "hooks/ports/guest_port.h"
#include "hooks/ports/guest_vlans.h"
#include "hooks/ports/port_program.h"
#include "netfw/firewall.h"
#include "netfw/link.h"

/* What each of the functions below looks up first. */
struct setting {
	const struct site *site;
	const struct config *config;
	const struct domain *domain;
	struct guest_port *ports;
	size_t count;
	struct host_network network;
	struct firewall_host host;
};

#define cleanup_setting cleanup(setting_clear)

static void setting_clear(struct setting *setting)
{
	free(setting->ports);
	free(setting->network.uplink_bridge);
}

static struct firewall_host host_of(const struct config *config)
{
	return (struct firewall_host){
		.closed = (const char *const *)config->closed.items,
		.closed_count = config->closed.count,
	};
}

static int look_up(const struct site *site, const struct config *config,
		   const struct domain *domain, struct setting *ret, struct err *err)
{
	*ret = (struct setting){.site = site, .config = config, .domain = domain};
	if (domain->policy_error.code) {
		*err = domain->policy_error;
		return -err->code;
	}
	int rc = guest_ports_check_macs(domain, true, err);
	if (rc < 0)
		return rc;
	ret->count = guest_ports_find(domain, &ret->ports);
	host_network_find_uplink(site, config, &ret->network);
	rc = host_network_find_tracking(site, domain, &ret->network, err);
	ret->host = host_of(config);
	/* Where nobody asked, nothing that a kernel may lack is wanted. */
	ret->host.tracking = guest_has_groups(domain) && !ret->network.tracking.code;
	return rc;
}

static int check(const struct setting *setting, bool has_taps, struct err *err)
{
	char bridge[LINK_NAME_SIZE];
	int rc = 0;

	for (size_t i = 0; i < setting->count && rc == 0; i++) {
		const struct guest_port *port = &setting->ports[i];
		rc = guest_port_check(port, setting->config, &setting->network, bridge, err);
		if (rc == 0 && has_taps && !port->interface->target)
			rc = err_set(err, ENODEV,
				     "interface '%s': it has no interface on this host yet",
				     port->interface->mac);
		if (rc == 0 && has_taps)
			rc = guest_vlans_check_bridge(port, bridge, err);
	}
	return rc;
}

/* --- prepare --- */

static int close_names(const struct config *config, struct err *err)
{
	cleanup_firewall struct firewall *firewall = NULL;
	struct firewall_host host = host_of(config);

	if (host.closed_count == 0)
		return 0;
	int rc = firewall_open(&firewall, err);
	if (rc == 0)
		rc = firewall_put(firewall, &host, NULL, 0, err);
	return rc < 0 ? err_wrap(err, "'closed' in [firewall] of berth.conf") : 0;
}

int guest_ports_prepare(const struct site *site, const struct config *config,
			const struct domain *domain, struct err *err)
{
	cleanup_setting struct setting setting = {0};

	int rc = look_up(site, config, domain, &setting, err);
	if (rc == 0)
		rc = check(&setting, false, err);
	if (rc == 0)
		rc = close_names(config, err);
	return rc < 0 ? rc
		      : guest_vlans_prepare(site, config, domain->uuid, setting.ports,
					    setting.count, err);
}

/* --- programs --- */

struct programs {
	struct firewall_port *items;
	size_t count;
};

#define cleanup_programs cleanup(programs_clear)

static void programs_clear(struct programs *programs)
{
	for (size_t i = 0; i < programs->count; i++)
		firewall_port_clear(&programs->items[i]);
	free(programs->items);
}

static struct programs make_programs(const struct setting *setting)
{
	struct programs programs = {
		.items = xcalloc(setting->count + 1, sizeof(*programs.items)),
	};
	char bridge[LINK_NAME_SIZE];
	struct err err;

	for (size_t i = 0; i < setting->count; i++) {
		const struct guest_port *port = &setting->ports[i];
		guest_port_check(port, setting->config, &setting->network, bridge, &err);
		struct port_identity identity = {
			.guest = setting->domain->name,
			.uuid = setting->domain->uuid,
			.interface = port->interface->target,
			.bridge = *bridge ? bridge : NULL,
			.vlan_aware = setting->config->mode == NETWORK_AWARE,
		};
		port_program(setting->domain->policy, port->policy, &identity,
			     &programs.items[programs.count++]);
	}
	return programs;
}

static int put_programs(const struct setting *setting, struct err *err)
{
	cleanup_programs struct programs programs = make_programs(setting);
	cleanup_firewall struct firewall *firewall = NULL;

	int rc = firewall_open(&firewall, err);
	if (rc < 0)
		return rc;
	if (programs.count == 0)
		return firewall_remove(firewall, &setting->host, setting->domain->uuid, err);
	rc = firewall_put(firewall, &setting->host, programs.items, programs.count, err);
	if (setting->host.tracking && (rc == -EPROTO || rc == -EOPNOTSUPP))
		host_network_forget_tracking(setting->site);
	return rc;
}

static int remove_programs(const struct config *config, const char *uuid, struct err *err)
{
	cleanup_firewall struct firewall *firewall = NULL;
	struct firewall_host host = host_of(config);

	int rc = firewall_open(&firewall, err);
	return rc < 0 ? rc : firewall_remove(firewall, &host, uuid, err);
}

/* --- start --- */

static void say_how_answers_pass(const struct setting *setting)
{
	if (setting->network.tracking.code)
		log_note("%s: %s; so answers are let in by their source port, and TCP packets if "
			 "they have the ACK flag, whether or not something was asked; fragments "
			 "are dropped",
			 setting->domain->name, setting->network.tracking.text);
}

static int drop_queued(const struct setting *setting, struct err *err)
{
	cleanup_route struct route *route = NULL;

	int rc = route_open(&route, err);
	for (size_t i = 0; i < setting->count && rc >= 0; i++)
		rc = link_drop_queued(route, setting->ports[i].interface->target, err);
	return rc < 0 ? rc : 0;
}

static int start(const struct setting *setting, bool is_new, struct err *err)
{
	int changes = put_programs(setting, err);

	if (changes < 0)
		return changes;
	fault_point("after-rules");
	int rc = guest_vlans_start(setting->site, setting->config, setting->domain->uuid,
				   setting->ports, setting->count, err);
	fault_point("after-vlans");
	if (rc > 0)
		changes++;
	if (rc >= 0 && is_new)
		rc = drop_queued(setting, err);
	return rc < 0 ? rc : changes;
}

int guest_ports_start(const struct site *site, const struct config *config,
		      const struct domain *domain, bool is_new, struct err *err)
{
	cleanup_setting struct setting setting = {0};
	struct err ignored;

	int rc = look_up(site, config, domain, &setting, err);
	if (rc == 0)
		rc = check(&setting, true, err);
	if (rc == 0)
		rc = start(&setting, is_new, err);
	if (rc < 0 && is_new)
		guest_ports_stop(site, config, domain, &ignored);
	if (rc > 0)
		say_how_answers_pass(&setting);
	/* VLANs and bridges that the policy no longer names. */
	if (rc >= 0 && !is_new && guest_vlans_sweep(site, domain->uuid, &ignored) < 0)
		log_problem("%s: %s", domain->name, ignored.text);
	return rc;
}

/* --- stop --- */

int guest_ports_stop(const struct site *site, const struct config *config,
		     const struct domain *domain, struct err *err)
{
	cleanup_free struct guest_port *ports = NULL;
	size_t count = guest_ports_find(domain, &ports);
	struct err other;

	/* One that fails does not keep the others. */
	fault_point("before-stop");
	int rc = guest_vlans_stop(ports, count, err);
	fault_point("after-vlans-stop");
	int next = remove_programs(config, domain->uuid, rc < 0 ? &other : err);
	fault_point("after-rules-stop");
	rc = rc < 0 ? rc : next;
	next = guest_vlans_sweep(site, domain->uuid, rc < 0 ? &other : err);
	return rc < 0 ? rc : next;
}

int guest_ports_sweep(const struct site *site, const struct config *config, struct err *err)
{
	int rc = remove_programs(config, NULL, err);

	return rc < 0 ? rc : guest_vlans_sweep(site, NULL, err);
}

/* --- compare --- */

int guest_ports_compare(const struct site *site, const struct config *config,
			const struct domain *domain, struct strbuf *words, struct err *err)
{
	cleanup_setting struct setting setting = {0};
	cleanup_firewall struct firewall *firewall = NULL;
	int differs = 0;

	int rc = look_up(site, config, domain, &setting, err);
	if (rc == 0)
		rc = check(&setting, true, err);
	if (rc == 0)
		rc = firewall_open(&firewall, err);
	if (rc < 0)
		return rc;
	cleanup_programs struct programs programs = make_programs(&setting);
	for (size_t i = 0; i < programs.count && rc >= 0; i++) {
		rc = firewall_compare(firewall, &setting.host, &programs.items[i], words, err);
		differs = differs || rc > 0;
	}
	if (rc >= 0)
		rc = guest_vlans_compare(config, setting.ports, setting.count, words, err);
	return rc < 0 ? rc : differs || rc > 0;
}
