/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's ports at libvirt's events. */
#include "hooks/call.h"

#include "base/log.h"
#include "hooks/gate.h"
#include "hooks/gate_known_rules.h"
#include "hooks/gate_mark.h"
#include "hooks/guest_ports.h"

static bool has_policy(const struct call *call)
{
	return call->domain->policy || call->domain->policy_error.code;
}

int ports_prepare(const struct call *call, struct err *err)
{
	return call->config ? guest_ports_prepare(call->site, call->config, call->domain, err) : 0;
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

/* The gate is to have little to do when the guest is about to run: it gets ready while QEMU waits
 * for the stream. */
int ports_started(const struct call *call, struct err *err)
{
	(void)err;
	struct err wrong;

	if (has_policy(call) && gate_is_active(call->site, 0) &&
	    gate_prepare_guest(call->site, call->domain->name, call->domain->uuid, &wrong) < 0)
		log_problem("%s: %s", call->domain->name, wrong.text);
	return 0;
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
