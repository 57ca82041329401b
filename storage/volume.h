/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Volumes: disks of a guest that lie on a target in the network, and how a host gets them. */
#ifndef BERTH_STORAGE_VOLUME_H
#define BERTH_STORAGE_VOLUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "config/config.h"

enum volume_kind { VOLUME_ISCSI, VOLUME_AOE, VOLUME_KINDS };

#define VOLUME_MAX_PORTALS 8

/**
 * struct volume - what a volume is, whatever it is called on a host
 * @kind: who attaches it
 * @portals: VOLUME_ISCSI: "10.0.0.1:3260", "[fd00::1]:3260"; more than one: several paths to it
 * @iqn, @lun: VOLUME_ISCSI
 * @shelf, @slot: VOLUME_AOE
 * @multipath: the guest uses it through a dm-multipath map
 * @wwn: what the device calls itself, as udev's ID_SERIAL or sysfs' wwid: "naa.6000...", or NULL:
 * it has none, or nobody knows
 * @serial: its serial number (SCSI VPD page 0x80, AoE's ATA identify), or NULL
 * @size_bytes: or 0: not known
 *
 * All of it is owned by the volume. @wwn, @serial and @size_bytes are its identity: see
 * volume_identity_differences().
 */
struct volume {
	enum volume_kind kind;
	char *portals[VOLUME_MAX_PORTALS];
	size_t portal_count;
	char *iqn;
	uint64_t lun;
	unsigned shelf;
	unsigned slot;
	bool multipath;
	char *wwn;
	char *serial;
	uint64_t size_bytes;
};

void volume_clear(struct volume *volume);
#define cleanup_volume cleanup(volume_clear)
struct volume volume_copy(const struct volume *volume);

/* volume_is_same() - whether two describe the same thing on the network: kind, target and LUN, or
 * shelf and slot; one portal in common is enough. The identity isn't looked at. */
bool volume_is_same(const struct volume *a, const struct volume *b);

/**
 * volume_identity_differences() - in what a device is not the volume that is meant, for people
 * @want: what is known of the volume; one of which nothing is known but its place may be any
 * @have: what the device says of itself
 * @out: appended to; nothing where it is that volume
 *
 * What @want knows the device must say too. What only the device says is a difference unless its
 * WWN or its serial number is the one that is wanted.
 */
void volume_identity_differences(const struct volume *want, const struct volume *have,
				 struct strbuf *out);

/* volume_identity_is_speakable() - whether a WWN or serial number can stand in the manifest and in
 * a line of fields. A device may call itself anything: what can't is not known, then. */
bool volume_identity_is_speakable(const char *text);

/* volume_describe() - appends it for people: "iscsi iqn.2026-11.lab:one lun 1 at 10.0.0.1:3260",
 * "aoe e1.2". */
void volume_describe(const struct volume *volume, struct strbuf *out);

/* volume_kind_name() - "iscsi", "aoe"; volume_kind_find() - the kind of that name, or -1. */
const char *volume_kind_name(enum volume_kind kind);
int volume_kind_find(const char *name);

/**
 * struct volume_host - where things are on this host; tests bring their own
 * @state: folder of the drivers' notes on what berth itself has made (sessions, node records,
 * devices): below /var/lib/berth
 * @secrets: /etc/berth/secrets
 * @config: what is allowed, and what is released
 * @deadline_ms: CLOCK_MONOTONIC; when it has passed everything fails with -ETIMEDOUT
 */
struct volume_host {
	const char *state;
	const char *secrets;
	const struct config *config;
	int64_t deadline_ms;
};

/* volume_deadline_in() - a deadline that many milliseconds from now. */
int64_t volume_deadline_in(int64_t ms);

/**
 * volume_of_name() - what a path in a domain XML says by itself
 *
 * /dev/disk/by-path/ip-PORTAL-iscsi-IQN-lun-N (udev's name) and /dev/etherd/eSHELF.SLOT tell which
 * volume is meant, whether or not there is such a device here; other paths don't.
 *
 * Return: 1 and *@ret without an identity; 0: the path doesn't tell.
 */
int volume_of_name(const char *path, struct volume *ret);

/**
 * volume_of_device() - which volume a block device of this host is
 * @path: any name of it, links are followed
 *
 * Looked up in sysfs, by session, target and LUN, never by the name; through a dm-multipath map to
 * all its paths. With the identity that the device has.
 *
 * Return: 1 and *@ret; 0: it is not a volume (a local disk, LVM, ...); or a negative errno.
 */
int volume_of_device(const char *path, struct volume *ret, struct err *err);

/**
 * volume_check() - whether this host may and can attach it: [volumes] of berth.conf, the tools
 *
 * Starts nothing and asks nobody on the network.
 *
 * Return: 0; -EPERM: the configuration doesn't allow it; -ENOENT: a program or kernel module is
 * missing; ...
 */
int volume_check(const struct volume *volume, const struct volume_host *host, struct err *err);

/* volume_stable_name() - the name that the attached volume gets on any host with udev, the same for
 * all: by-path for iSCSI, by-id/dm-uuid-mpath-... for a map, /dev/etherd/... for AoE. The caller
 * frees it. */
char *volume_stable_name(const struct volume *volume);

/**
 * volume_find() - the device that this volume is on this host now
 * @ret_path: on 1: its kernel name, "/dev/sdb" or "/dev/dm-3"; the caller frees it
 *
 * Return: 1, or 0: it isn't attached; or a negative errno: another device is in its place
 * (-EMEDIUMTYPE: identity differs), ...
 */
int volume_find(const struct volume *volume, char **ret_path, struct err *err);

/**
 * volume_attach() - make the device appear on this host, and prove that it is the one
 * @name: the name by which the guest will use it; the call waits until it leads to the device
 *
 * Idempotent. What berth itself makes on the way (node record, session, device) is noted below
 * host->state before it is made. Fails when the identity differs, and leaves nothing then: what
 * this call made is undone, as far as nobody else uses it by now. Several may run at once, in
 * several processes.
 *
 * Return: 0; -EMEDIUMTYPE: another device; -ETIMEDOUT; -EACCES: CHAP; -ENODEV: no such target or
 * LUN; or another negative errno.
 */
int volume_attach(const struct volume *volume, const struct volume_host *host, const char *name,
		  struct err *err);

/**
 * volume_detach() - take the device away from this host, if berth brought it and nobody uses it
 *
 * Idempotent, and goes on where an earlier call was killed. In order: is it used (volume_users())?
 * then it stays. Write fence off, flush, delete the device, wait until it has gone; log out when no
 * other LUN of the session is left and berth made it; remove the node record that berth made. What
 * [volumes] release says decides what counts as berth's: ours, always, never.
 *
 * Return: 1: it is gone, or is not berth's to take away; 0: it stays because it is in use, @err
 * says by what; or a negative errno: something failed, to be tried again.
 */
int volume_detach(const struct volume *volume, const struct volume_host *host, struct err *err);

/**
 * volume_users() - who uses a block device here
 * @path: any name of it
 * @users: on 1: one line for people: "mounted at '/mnt'", "LVM or device mapper 'vg-lv'",
 * "process 4711 (qemu-system-x86)", "libvirt pool 'p1'"
 *
 * Holders in sysfs (md, dm, LVM, bcache), mounts, swap, open descriptors of any process, active
 * libvirt pools. A dm-multipath map is no user of its paths; users of the map are.
 *
 * Return: 1 used, 0 unused, or a negative errno.
 */
int volume_users(const char *path, struct strbuf *users, struct err *err);
/* volume_writers() - the same; but of processes only those that may write count, and @except, if it
 * isn't 0, doesn't. With 0 it is volume_users(). */
int volume_writers(const char *path, pid_t except, struct strbuf *users, struct err *err);

/* volume_fence() - set or lift the write fence (BLKROSET, linux/fs.h) on a block device: while it
 * is set nobody on this host can open it for writing, nor write to it who has opened it before. */
int volume_fence(const char *path, bool set, struct err *err);
/* volume_fence_open() - the device, to be fenced later: this may wait for it, volume_fence_fd()
 * doesn't. Return: a descriptor or a negative errno. */
int volume_fence_open(const char *path, struct err *err);
int volume_fence_fd(int fd, const char *path, bool set, struct err *err);
/* volume_is_fenced() - 1, 0, or a negative errno (BLKROGET). */
int volume_is_fenced(const char *path, struct err *err);

#endif
