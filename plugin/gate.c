/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gate's decisions.
 *
 * Theory of operation: libvirt asks drvInquire once, when the migration of a running guest begins,
 * and carries the answer to the destination. There drvAcquire gets it just before the processors
 * run. The same drvAcquire is called for each other reason that processors have to run again:
 * a start, a resume by a person, after a snapshot, at the source after a failed migration, for a
 * disk that is plugged in. Nothing in its arguments tells these apart, and libvirt keeps a state
 * that nobody has come for until the guest next runs, be it another life of it (seen on 9.0.0: the
 * state of a guest that was saved comes when it is restored). So:
 *
 *   - a state that names this host and this very QEMU process was made here, by drvRelease: the
 *     guest only goes on. That always passes, whatever else is wrong on this host.
 *   - libvirt's status file tells what it is doing: a migration in is to be verified, a migration
 *     out, a start, a snapshot are not.
 *   - when it does none of these, a person resumes the guest. A guest that was paused before its
 *     migration arrives paused, with the state of its pause, and is verified now: if its QEMU was
 *     started to receive one at all. The hook has left a mark for each managed guest that comes
 *     (host_is_unverified()); while that is there it is verified, whatever state the source has
 *     sent, or none.
 *   - a guest that was saved before it ever ran here is verified when it is restored, if libvirt
 *     still has the state that came with it: another host's. The saved file has none.
 */
#include "plugin/gate.h"

#include <errno.h>
#include <string.h>

#include "base/process.h"
#include "plugin/came_in.h"
#include "plugin/child.h"
#include "plugin/report.h"
#include "plugin/status.h"

static struct guest_status status_of(const struct gate *gate, const struct guest *guest)
{
	struct guest_status status;
	struct err err;

	if (guest_status_read(gate->status_folder, guest->name, &status, &err) < 0)
		report_problem("berth: %s: libvirt's status: %s", guest->name, err.text);
	return status;
}

static const char *or_none(const char *name)
{
	return *name ? name : "none";
}

/* Locks that only one of the hosts takes protect nothing. */
static int compare_chains(const struct guest *guest, const char *there, struct err *err)
{
	if (strcmp(there, guest->chain->name) == 0)
		return 0;
	return err_set(err, EPROTO,
		       "lock manager behind berth: %s on the source host, %s here; make chain in "
		       "qemu-berth.conf the same on both",
		       or_none(there), or_none(guest->chain->name));
}

static int judge_arrival_without_state(const struct guest *guest, enum state_kind kind,
				       bool managed, struct err *err)
{
	if (kind == STATE_NONE && compare_chains(guest, "", err) < 0)
		return -EPROTO;
	if (!managed)
		return VERDICT_PASS;
	if (kind == STATE_FOREIGN)
		return err_set(err, EBADMSG,
			       "the state that came with it is not berth's; install the same berth "
			       "on both hosts");
	return VERDICT_VERIFY;
}

static int judge_arrival(const struct guest *guest, enum state_kind kind, const struct state *state,
			 bool managed, struct err *err)
{
	if (kind == STATE_NONE || kind == STATE_FOREIGN)
		return judge_arrival_without_state(guest, kind, managed, err);
	if (kind == STATE_OURS) {
		if (compare_chains(guest, state->chain_name, err) < 0)
			return -EPROTO;
		return state->has_facts || managed ? VERDICT_VERIFY : VERDICT_PASS;
	}
	if (!managed && !guest->chain->name[0])
		return VERDICT_PASS;
	if (kind == STATE_NEWER)
		return err_set(err, EPROTO,
			       "the source host has a newer berth; install the same on both");
	return err_set(err, EBADMSG, "the state that came with it is damaged; migrate it again");
}

static bool is_made_here(const struct gate *gate, const struct guest *guest,
			 const struct state *state)
{
	return host_has_signed(&gate->keys, guest->uuid, &state->left) ||
	       host_has_signed_before(&gate->keys, &state->left);
}

static bool is_of_this_process(const struct guest *guest, const struct state *state)
{
	unsigned long long start;

	return state->left.pid == guest->pid && process_start(guest->pid, &start) == 0 &&
	       start == state->left.start;
}

/* Whether an older berth paused the guest here, before libvirtd was restarted with this one. The
 * older berth's key has travelled to other hosts in its states, so such a state counts only for a
 * guest that isn't known to have come from another host. */
static bool was_paused_by_older(const struct gate *gate, const struct guest *guest,
				enum state_kind kind, const struct state *state)
{
	return kind == STATE_OURS && host_has_signed_before(&gate->keys, &state->left) &&
	       is_of_this_process(guest, state);
}

/* Whether a guest that a person resumes may have come from another host. */
static bool may_have_arrived(const struct gate *gate, const struct guest *guest,
			     enum state_kind kind, const struct state *state)
{
	if (kind == STATE_NONE || kind == STATE_FOREIGN || !process_came_in(guest->pid))
		return false;
	/* What is left of a guest that was saved here. */
	return kind != STATE_OURS || state->has_facts || !is_made_here(gate, guest, state);
}

/* Whether a guest that is restored was saved here before it ran here. */
static bool may_never_have_run(const struct gate *gate, const struct guest *guest,
			       enum state_kind kind, const struct state *state)
{
	return kind == STATE_OURS && state->has_facts && !is_made_here(gate, guest, state) &&
	       process_came_in(guest->pid);
}

static bool may_be_new_here(const struct gate *gate, const struct guest *guest,
			    enum state_kind kind, const struct state *state, enum guest_job job)
{
	if (job != JOB_MIGRATION_OUT &&
	    host_is_unverified(gate->run_folder, guest->uuid, guest->pid))
		return true;
	if (job != JOB_MIGRATION_IN && was_paused_by_older(gate, guest, kind, state))
		return false;
	switch (job) {
	case JOB_MIGRATION_IN:
		return true;
	case JOB_NONE:
		return may_have_arrived(gate, guest, kind, state);
	case JOB_OTHER:
		return may_never_have_run(gate, guest, kind, state);
	case JOB_MIGRATION_OUT:
		break;
	}
	return false;
}

int gate_judge(const struct gate *gate, const struct guest *guest, enum state_kind kind,
	       const struct state *state, struct err *err)
{
	if (kind == STATE_OURS && gate_is_of(gate, guest, state))
		return VERDICT_PASS;
	struct guest_status status = status_of(gate, guest);

	if (may_be_new_here(gate, guest, kind, state, status.job))
		return judge_arrival(guest, kind, state, status.managed, err);
	return VERDICT_PASS;
}

static int run(const struct gate *gate, const struct guest *guest, struct child *child,
	       const char *verb, struct err *err)
{
	const char *argv[] = {gate->program, verb, guest->name, guest->uuid, NULL};

	child->argv = argv;
	return child_run(child, err);
}

int gate_verify(const struct gate *gate, const struct guest *guest, const struct state *state,
		struct err *err)
{
	struct child child = {
		.input = state->facts.bytes,
		.input_length = state->facts.length,
		.timeout_ms = gate->timeout_ms,
	};
	const char *token = state->token[0] ? state->token : "none";

	if (run(gate, guest, &child, "verify", err) < 0)
		return -err->code;
	report_note("berth: %s: verified, token %s; it may run", guest->name, token);
	return 0;
}

static int take_facts(const struct gate *gate, const struct guest *guest, int timeout_ms,
		      struct state *state, struct err *err)
{
	struct child child = {
		.output = &state->facts,
		.output_max = FACTS_MAX_BYTES,
		.timeout_ms = timeout_ms,
	};

	if (run(gate, guest, &child, "inquire", err) < 0) {
		buffer_free(&state->facts);
		return -err->code;
	}
	state->has_facts = true;
	return 0;
}

static int begin_state(const struct guest *guest, struct state *state, struct err *err)
{
	int rc = hex_key(state->token);

	if (rc < 0)
		return err_set(err, -rc, "random bytes: %s", strerror(-rc));
	memcpy(state->chain_name, guest->chain->name, sizeof(state->chain_name));
	return 0;
}

/* In post-copy the guest's newest memory is on the destination alone: a guest that is refused there
 * could not go on anywhere (qemuMigrationDstFinish ends it). */
static int check_way_back(const struct guest_status *status, struct err *err)
{
	if (status->job != JOB_MIGRATION_OUT || !status->post_copy)
		return 0;
	return err_set(err, ENOTSUP,
		       "the gate can't refuse a guest in post-copy without losing it; migrate "
		       "without --postcopy, or turn the gate off on both hosts: 'berth gate "
		       "disable'");
}

int gate_take(const struct gate *gate, const struct guest *guest, struct state *ret,
	      struct err *err)
{
	cleanup_state struct state state = {0};
	struct guest_status status = {0};

	if (guest->pid > 0)
		status = status_of(gate, guest);
	bool managed = status.managed;
	if (!managed && !guest->chain->name[0])
		return 0;
	int rc = managed ? check_way_back(&status, err) : 0;
	if (rc == 0)
		rc = begin_state(guest, &state, err);
	if (rc == 0 && managed)
		rc = take_facts(gate, guest, gate->timeout_ms, &state, err);
	if (rc < 0)
		return rc;
	if (managed)
		report_note("berth: %s: its migration begins: %zu bytes of facts, token %s",
			    guest->name, state.facts.length, state.token);
	*ret = state;
	state = (struct state){0};
	return 1;
}

int gate_leave(const struct gate *gate, const struct guest *guest, struct state *ret,
	       struct err *err)
{
	cleanup_state struct state state = {0};
	struct guest_status status = status_of(gate, guest);
	struct err why;

	if (guest->pid <= 0 || (!status.managed && !guest->chain->name[0]))
		return 0;
	int rc = begin_state(guest, &state, err);
	if (rc < 0)
		return rc;
	if (process_start(guest->pid, &state.left.start) == 0) {
		state.left.pid = guest->pid;
		host_sign(&gate->keys, guest->uuid, &state.left);
	}
	if (status.managed && status.job == JOB_NONE &&
	    take_facts(gate, guest, gate->pause_timeout_ms, &state, &why) < 0)
		report_problem("berth: %s: paused; for a migration from this pause nothing is "
			       "known: %s",
			       guest->name, why.text);
	*ret = state;
	state = (struct state){0};
	return 1;
}

bool gate_is_of(const struct gate *gate, const struct guest *guest, const struct state *state)
{
	return is_of_this_process(guest, state) &&
	       host_has_signed(&gate->keys, guest->uuid, &state->left);
}

void gate_disks_changed(const struct gate *gate, const struct guest *guest, bool resumed)
{
	struct child child = {.timeout_ms = gate->pause_timeout_ms};
	struct guest_status status = {0};
	struct err err;

	if (guest->pid > 0)
		status = status_of(gate, guest);
	/* Processors that are to run within a job are those of a start, where the hook has the
	 * manifest written. An image that is released within a job is the old one of a snapshot. */
	if (!status.managed || (status.job != JOB_NONE && (resumed || status.job != JOB_OTHER)))
		return;
	if (run(gate, guest, &child, "refresh", &err) < 0)
		report_problem(
			"berth: %s: its manifest may be out of date; run 'berth sync %s': %s",
			guest->name, guest->name, err.text);
}
