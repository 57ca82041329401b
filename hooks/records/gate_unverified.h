/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mark of a guest that has come from another host and has not been verified here: a file named
 * after its UUID.
 *
 *     berth-unverified 1
 *     qemu pid= start=
 *
 * The hook makes it while QEMU waits for the guest; berth-gate takes it away when it lets the guest
 * run. berth.so (plugin/host.h) has a guest with such a mark verified whenever its processors are
 * to run, whatever the source has said or left unsaid. It counts for that very QEMU process alone.
 */
#ifndef BERTH_HOOKS_RECORDS_GATE_UNVERIFIED_H
#define BERTH_HOOKS_RECORDS_GATE_UNVERIFIED_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "hooks/records/site.h"

/* gate_unverified_note() - Return: 0 or a negative errno. */
int gate_unverified_note(const struct site *site, const char *uuid, pid_t pid, struct err *err);
/* gate_is_unverified() - whether the guest that this QEMU has is marked. */
bool gate_is_unverified(const struct site *site, const char *uuid, pid_t pid);
void gate_unverified_forget(const struct site *site, const char *uuid);

#endif
