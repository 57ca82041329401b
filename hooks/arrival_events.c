/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the gate wants to be known of a guest that comes.
 *
 * At `started begin` QEMU waits for the guest, and libvirt has in its status file what the source's
 * gate has said. A source that has said nothing is refused here, before anything has moved, and
 * while its guest can go on there. For the others it is noted that they have not been verified:
 * whoever has a guest's processors run later, berth.so sees that.
 */
#include "hooks/call.h"

#include <errno.h>
#include <string.h>

#include "gate/look.h"
#include "hooks/records/gate_mark.h"
#include "hooks/records/gate_unverified.h"

static bool is_managed(const struct domain *domain)
{
	return domain->manifest || domain->policy || domain->policy_error.code;
}

/* libvirt writes what is its own before the domain, whose metadata may have any element. */
static bool source_has_spoken(const struct strbuf *status, const struct running_domain *running)
{
	static const char element[] = "<lockstate>";

	return memmem(status->text, running->xml_begin, element, strlen(element)) != NULL;
}

static int refuse_silence(const struct call *call, struct err *err)
{
	const struct manifest *manifest = call->domain->manifest;
	const char *host = manifest && manifest->host ? manifest->host : "?";

	return err_set(err, ENODATA,
		       "the gate of host '%s' has not said what the guest's disks and ports are; "
		       "'berth gate status' there tells whether it is on; a guest that was paused "
		       "before it was turned on must be resumed there once",
		       host);
}

int arrival_started(const struct call *call, struct err *err)
{
	cleanup_running_domain struct running_domain running = {0};
	cleanup_strbuf struct strbuf text = {0};

	if (!is_managed(call->domain) || !gate_is_active(call->site, 0))
		return 0;
	int rc = gate_running(call->site, call->domain->name, call->domain->uuid, &text, &running,
			      err);
	if (rc < 0 || !running.incoming)
		return rc;
	if (!source_has_spoken(&text, &running))
		return refuse_silence(call, err);
	return gate_unverified_note(call->site, call->domain->uuid, running.pid, err);
}

int arrival_released(const struct call *call, struct err *err)
{
	(void)err;
	gate_unverified_forget(call->site, call->domain->uuid);
	return 0;
}

/* Somebody has turned the gate off and resumed the guest. A guest that runs must not be refused
 * later, so the mark goes. */
int arrival_reconnected(const struct call *call, struct err *err)
{
	struct domain_status status = {0};

	int rc = call_read_status(call->site, call->domain->name, &status, err);
	if (rc == 0 && status.running)
		gate_unverified_forget(call->site, call->domain->uuid);
	return rc;
}
