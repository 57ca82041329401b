/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside storage/: who uses block devices. */
#ifndef BERTH_STORAGE_VOLUME_USERS_H
#define BERTH_STORAGE_VOLUME_USERS_H

#include "storage/volume.h"

/* volume_users_of() - as volume_users(), of several devices ("sdb") at once: the paths of a volume.
 */
int volume_users_of(char *const *devices, size_t count, struct strbuf *users, struct err *err);

/**
 * struct device_set - all devices that are the same storage: disks, their partitions, the
 * dm-multipath maps over them and the partitions of these
 * @names: as below /sys/class/block; owned
 * @numbers: their device numbers
 */
struct device_set {
	char **names;
	dev_t *numbers;
	size_t count;
};

/* device_set_of() - the set that these devices are of, into an empty one; -E2BIG: they have too
 * many devices on top of them. */
int device_set_of(char *const *devices, size_t count, struct device_set *set, struct err *err);
void device_set_clear(struct device_set *set);
bool device_set_has(const struct device_set *set, dev_t number);

/* users_add() - appends one user to the line. */
void users_add(struct strbuf *users, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* users_mounts.c */
int users_mounted(const struct device_set *set, struct strbuf *users, struct err *err);
int users_swap(const struct device_set *set, struct strbuf *users, struct err *err);

/* users_processes.c; @except: 0, or a process: then only others that may write are users */
int users_processes(const struct device_set *set, pid_t except, struct strbuf *users,
		    struct err *err);

/* users_anybody_has_open() - also processes that only look, and are no users. */
bool users_anybody_has_open(const struct device_set *set);

/* users_pools.c; @folder: where libvirt keeps the state of its active storage pools */
int users_pools(const struct device_set *set, const char *folder, struct strbuf *users,
		struct err *err);

#endif
