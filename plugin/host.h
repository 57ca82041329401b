/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this host and its processes are known by. */
#ifndef BERTH_PLUGIN_HOST_H
#define BERTH_PLUGIN_HOST_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* 16 random bytes as hexadecimal digits, with the NUL. */
#define HEX_KEY_SIZE 33

/**
 * struct process_mark - one process of one host
 * @mac: shows the host that it has made the mark itself, see host_sign()
 * @pid, @start: the process, and when it was started, in clock ticks since the host's boot
 *
 * The mark travels to other hosts, so the host's key isn't in it. An older berth put the key itself
 * in @mac's place.
 */
struct process_mark {
	char mac[HEX_KEY_SIZE];
	pid_t pid;
	unsigned long long start;
};

/* hex_key() - a new random one. Return: 0 or a negative errno. */
int hex_key(char ret[static HEX_KEY_SIZE]);
/* is_hex_key() - whether the first 32 characters are one; says nothing of the next. */
bool is_hex_key(const char *text);

/**
 * struct host_keys - with these the host recognizes states that it has made itself
 * @secret: never leaves the host; "" where none could be made: then no state is recognized
 * @old: the key of an older berth that ran since this boot, which has travelled with its states; ""
 * if there was none. For guests that the older berth has paused: see plugin/gate.c
 */
struct host_keys {
	char secret[HEX_KEY_SIZE];
	char old[HEX_KEY_SIZE];
};

/**
 * host_keys_get() - this host's keys, since its boot
 * @folder: where they are kept, as the files "secret", which is made if it isn't there, and "key"
 * @ret: set in any case
 *
 * Return: 0, or a negative errno when the secret could not be kept: then it is lost when this
 * process ends.
 */
int host_keys_get(const char *folder, struct host_keys *ret, struct err *err);

/* host_sign() - fill in the mark's @mac for the guest of that UUID; "" where there is no secret. */
void host_sign(const struct host_keys *keys, const char *uuid, struct process_mark *mark);
/* host_has_signed() - whether the mark, of that guest, was made by this host. */
bool host_has_signed(const struct host_keys *keys, const char *uuid,
		     const struct process_mark *mark);
/* host_has_signed_before() - the same of an older berth's mark. */
bool host_has_signed_before(const struct host_keys *keys, const struct process_mark *mark);

/**
 * host_is_unverified() - whether a guest's QEMU has come here by a migration and was never verified
 * @folder: where the hook notes that: in its folder "unverified", see hooks/records/gate_unverified.h
 */
bool host_is_unverified(const char *folder, const char *uuid, pid_t pid);

/**
 * host_announce() - tell hooks that this very libvirtd has the gate
 * @folder: where: the file "gate", which hooks/records/gate_mark.h reads
 *
 * Return: 0 or a negative errno.
 */
int host_announce(const char *folder, struct err *err);
/* host_withdraw() - undoes it, unless another process has announced itself meanwhile. */
void host_withdraw(const char *folder);

#endif
