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
 * @key: the host's key
 * @pid, @start: the process, and when it was started, in clock ticks since the host's boot
 */
struct process_mark {
	char key[HEX_KEY_SIZE];
	pid_t pid;
	unsigned long long start;
};

/* hex_key() - a new random one. Return: 0 or a negative errno. */
int hex_key(char ret[static HEX_KEY_SIZE]);
/* is_hex_key() - whether the first 32 characters are one; says nothing of the next. */
bool is_hex_key(const char *text);

/**
 * host_key() - this host's key, since its boot
 * @folder: where it is kept, as the file "key"; made if it isn't there
 * @ret: set in any case
 *
 * Return: 0, or a negative errno when it could not be kept: then it is lost when this process ends.
 */
int host_key(const char *folder, char ret[static HEX_KEY_SIZE], struct err *err);

/**
 * host_announce() - tell hooks that this very libvirtd has the gate
 * @folder: where: the file "gate", which hooks/gate_mark.h reads
 *
 * Return: 0 or a negative errno.
 */
int host_announce(const char *folder, struct err *err);
/* host_withdraw() - undoes it, unless another process has announced itself meanwhile. */
void host_withdraw(const char *folder);

#endif
