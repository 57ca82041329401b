/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gate's judgement.
 *
 * Theory of operation: the source has looked at the guest when the migration began, this host has
 * looked just now, while the guest's processors stand on both. What the guest would notice must be
 * the same; what only the hosts know, names of files and interfaces, may differ.
 *
 * Invariant: what isn't known on one side never counts as a difference, except where berth itself
 * has made the image here: then it knew all of it when it made it.
 */
#include "gate/compare.h"

#include <errno.h>
#include <string.h>

static const char *source_of(const struct gate_case *given)
{
	if (given->there)
		return given->there->host;
	return given->journal && given->journal->source ? given->journal->source : "?";
}

/* --- the guest as a whole --- */

static bool has_images(const struct journal *journal)
{
	for (size_t i = 0; journal && i < journal->step_count; i++) {
		if (journal->steps[i].step.kind == STEP_IMAGE)
			return true;
	}
	return false;
}

static int judge_silence(const struct gate_case *given, struct err *err)
{
	if (!given->here->managed || (!given->incoming && !given->unverified))
		return 0;
	if (given->incoming)
		return err_set(err, ENODATA,
			       "host '%s' has not said what the guest's disks and ports were when "
			       "it left; 'berth gate status' there tells whether its gate is on",
			       source_of(given));
	return err_set(err, ENODATA,
		       "the host that it comes from has not said what the guest's disks and ports "
		       "were when it left; look at them, turn the gate off here ('berth gate "
		       "disable'), resume the guest, and turn the gate on again");
}

static int judge_guest(const struct gate_case *given, struct err *err)
{
	const struct gate_facts *there = given->there, *here = given->here;

	if (strcmp(there->uuid, here->uuid) != 0)
		return err_set(err, ESTALE, "host '%s' speaks of a guest with UUID %s, this is %s",
			       there->host, there->uuid, here->uuid);
	if (there->managed || (!here->managed && !has_images(given->journal)))
		return 0;
	return err_set(err, ENODATA,
		       "on host '%s' it had neither manifest nor policy when it left, here it has; "
		       "run 'berth sync %s' on that host and migrate again",
		       there->host, here->name);
}

static int judge_disks(const struct gate_case *given, struct err *err)
{
	const struct gate_facts *there = given->there, *here = given->here;

	for (size_t i = 0; i < here->disk_count; i++) {
		if (!gate_facts_find_disk(there, here->disks[i].target))
			return err_set(err, ESTALE,
				       "disk '%s': on host '%s' the guest has no such disk",
				       here->disks[i].target, there->host);
	}
	for (size_t i = 0; i < there->disk_count; i++) {
		const struct gate_disk *disk = gate_facts_find_disk(here, there->disks[i].target);
		if (!disk)
			return err_set(err, ESTALE,
				       "disk '%s': the guest has it on host '%s', but not here",
				       there->disks[i].target, there->host);
		int rc = gate_compare_disk(given, &there->disks[i], disk, err);
		if (rc < 0)
			return err_wrap(err, "disk '%s'", disk->target);
	}
	return 0;
}

/* --- ports --- */

static int judge_policy(const struct gate_case *given, const struct gate_port *there,
			const struct gate_port *here, struct err *err)
{
	const char *host = given->there->host;

	if (there->in_policy != here->in_policy)
		return err_set(err, ESTALE,
			       "the guest's policy on host '%s' %s it, the one that came here %s; "
			       "migrate again",
			       host, there->in_policy ? "names" : "doesn't name",
			       here->in_policy ? "does" : "doesn't");
	if (there->vlan != here->vlan)
		return err_set(err, ESTALE,
			       "its VLAN was %u on host '%s', the policy that came here says %u; "
			       "migrate again",
			       there->vlan, host, here->vlan);
	return 0;
}

static int judge_ports(const struct gate_case *given, struct err *err)
{
	const struct gate_facts *there = given->there, *here = given->here;

	for (size_t i = 0; i < here->port_count; i++) {
		if (!gate_facts_find_port(there, here->ports[i].mac))
			return err_set(err, ESTALE,
				       "interface '%s': on host '%s' the guest has no such "
				       "interface",
				       here->ports[i].mac, there->host);
	}
	for (size_t i = 0; i < there->port_count; i++) {
		const struct gate_port *port = gate_facts_find_port(here, there->ports[i].mac);
		if (!port)
			return err_set(err, ESTALE,
				       "interface '%s': the guest has it on host '%s', but not "
				       "here",
				       there->ports[i].mac, there->host);
		int rc = judge_policy(given, &there->ports[i], port, err);
		if (rc < 0)
			return err_wrap(err, "interface '%s'", port->mac);
	}
	return 0;
}

int gate_compare(const struct gate_case *given, struct err *err)
{
	if (!given->there)
		return judge_silence(given, err);
	int rc = judge_guest(given, err);
	if (rc == 0 && given->there->managed)
		rc = judge_disks(given, err);
	if (rc == 0 && given->there->managed)
		rc = judge_ports(given, err);
	return rc;
}
