/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's ports at libvirt's events. */
#include "hooks/call.h"

#include "base/log.h"
#include "gate/gate.h"
#include "gate/known_rules.h"
#include "hooks/ports/guest_port.h"
#include "hooks/ports/guest_ports.h"
#include "hooks/records/comer_mark.h"
#include "hooks/records/gate_mark.h"
#include "netfw/firewall.h"

/* How often a guest's rules are looked at again because the ruleset has changed meanwhile. */
#define NOTE_TRIES 3

static bool has_policy(const struct call *call)
{
	return call->domain->policy || call->domain->policy_error.code;
}

int ports_prepare(const struct call *call, struct err *err)
{
	bool comes = comer_mark_take(call->site, call->domain->uuid);
	int rc = guest_ports_check_macs(call->domain, comes, err);

	if (rc < 0 || !call->config)
		return rc;
	return guest_ports_prepare(call->site, call->config, call->domain, err);
}

int ports_start(const struct call *call, struct err *err)
{
	int rc = has_policy(call)
			 ? guest_ports_start(call->site, call->config, call->domain, true, err)
			 : 0;

	if (rc > 0)
		log_note("%s: its ports have their rules (%d objects)", call->domain->name, rc);
	return rc < 0 ? rc : 0;
}

/* Also where there is no policy any more: it may have had one when it started. */
int ports_stop(const struct call *call, struct err *err)
{
	/* With a mistake in the configuration nobody knows what stays closed: its interface goes
	 * now, and whatever comes next sweeps its program away. */
	int rc = call->config ? guest_ports_stop(call->site, call->config, call->domain, err) : 0;

	gate_known_rules_forget(call->site, call->domain->uuid);
	return rc < 0 ? rc : 0;
}

/* libvirtd has restarted, or somebody has flushed the rules meanwhile. */
int ports_running(const struct call *call, struct err *err)
{
	int rc = call->config && has_policy(call)
			 ? guest_ports_start(call->site, call->config, call->domain, false, err)
			 : 0;

	if (rc > 0)
		log_note("%s: the rules of its ports were not as its policy wants them; %d objects "
			 "are put right",
			 call->domain->name, rc);
	return rc < 0 ? rc : 0;
}

/* Puts the rules of the guest's ports right once more, and notes them for the gate. If somebody
 * changes the ruleset meanwhile, both are done again. */
static int note_rules(const struct call *call, struct err *err)
{
	cleanup_firewall struct firewall *firewall = NULL;
	struct firewall_state since;

	int rc = firewall_open(&firewall, err);
	for (int i = 0; i < NOTE_TRIES && rc == 0; i++) {
		rc = firewall_look(firewall, &since, err);
		if (rc == 0)
			rc = ports_running(call, err);
		if (rc == 0)
			rc = gate_note_rules(call->site, call->domain->name, call->domain->uuid,
					     &since, err);
	}
	return rc < 0 ? rc : 0;
}

/* The gate is to have little to do when the guest is about to run: it gets ready while QEMU waits
 * for the stream. */
int ports_started(const struct call *call, struct err *err)
{
	(void)err;
	struct domain_status status = {0};
	struct err wrong;

	if (!call->config || !has_policy(call) || !gate_is_active(call->site, 0))
		return 0;
	int rc = call_read_status(call->site, call->domain->name, &status, &wrong);
	if (rc == 0 && status.incoming)
		rc = note_rules(call, &wrong);
	if (rc < 0)
		log_problem("%s: %s", call->domain->name, wrong.text);
	return 0;
}
