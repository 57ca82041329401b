/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gate's decisions. What is true of a domain's disks, volumes and ports is for the program
 * berth-gate to say, in a process of its own; here is decided whether it is asked.
 */
#ifndef BERTH_PLUGIN_GATE_H
#define BERTH_PLUGIN_GATE_H

#include "base/err.h"
#include "plugin/guest.h"
#include "plugin/state.h"

/**
 * struct gate - what the decisions depend on besides the guest
 * @keys: this host's
 * @program: berth-gate's path
 * @status_folder: libvirt's /run/libvirt/qemu
 * @run_folder: /run/berth
 * @timeout_ms: how long berth-gate may take when the guest waits for it, or its migration
 * @pause_timeout_ms: how long when a person only pauses it
 */
struct gate {
	struct host_keys keys;
	const char *program;
	const char *status_folder;
	const char *run_folder;
	int timeout_ms;
	int pause_timeout_ms;
};

enum verdict {
	VERDICT_PASS,
	VERDICT_VERIFY, /* it comes from another host: gate_verify() decides */
};

/**
 * gate_judge() - what is to be done before a guest's processors may run; asks no other process
 * @kind, @state: from state_parse()
 *
 * Return: a verdict, or a negative errno: it may not run.
 */
int gate_judge(const struct gate *gate, const struct guest *guest, enum state_kind kind,
	       const struct state *state, struct err *err);

/**
 * gate_verify() - have berth-gate compare what the source has said with what is on this host
 *
 * Return: 0: the guest may run; or a negative errno and why not.
 */
int gate_verify(const struct gate *gate, const struct guest *guest, const struct state *state,
		struct err *err);

/**
 * gate_take() - what is to be said of a guest when its migration begins
 * @ret: a state, to be cleared with state_clear(); without facts if the guest isn't managed
 *
 * Return: 1 and *@ret; 0 if there is nothing to say; a negative errno if it can't be said.
 */
int gate_take(const struct gate *gate, const struct guest *guest, struct state *ret,
	      struct err *err);

/**
 * gate_leave() - the same when its processors have been stopped
 *
 * Besides, the state names the QEMU process: see struct state. There are facts only if a person has
 * paused the guest, for libvirt sends this very state when the paused guest is migrated. In a
 * migration this is downtime, and facts were taken at its begin. Facts that can't be had are left
 * out: a pause never fails.
 *
 * Return: 1 and *@ret; 0 if there is nothing to say; a negative errno.
 */
int gate_leave(const struct gate *gate, const struct guest *guest, struct state *ret,
	       struct err *err);

/**
 * gate_disks_changed() - libvirt has changed the guest's disks: have its manifest written anew
 * @resumed: its processors are about to run; else an image was taken from it
 *
 * Starts a process that does it in the background. Nothing is done in a migration or at a start,
 * where the hook does it, nor for a guest that isn't managed. Never fails: then the log tells it.
 */
void gate_disks_changed(const struct gate *gate, const struct guest *guest, bool resumed);

/* gate_is_of() - whether a state was made when this guest's very QEMU process was stopped here. */
bool gate_is_of(const struct gate *gate, const struct guest *guest, const struct state *state);

#endif
