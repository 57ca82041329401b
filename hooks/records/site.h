/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where things are on this host. Tests bring a site of their own. */
#ifndef BERTH_HOOKS_RECORDS_SITE_H
#define BERTH_HOOKS_RECORDS_SITE_H

#include <stddef.h>

#include "base/err.h"

/**
 * struct site - the folders that berth works with
 * @config: berth.conf and berth.conf.d
 * @state: journal, records, digests; all of it berth's
 * @libvirt_run: where libvirt keeps NAME.xml with the status of each running domain
 *               (libvirt src/qemu/qemu_conf.c: stateDir)
 * @libvirt_config: where it keeps NAME.xml with each stored definition (the same: configDir)
 * @qemu_conf: libvirt's settings for QEMU
 * @net_class: the kernel's list of network devices
 * @secrets: passwords of targets, a file each
 * @gate: what berth.so says of itself inside libvirtd: see hooks/records/gate_mark.h
 * @known_rules: files by UUID, see gate/known_rules.h
 * @refresh_lock: see gate/refresh.c
 * @unverified: files by UUID, see hooks/records/gate_unverified.h
 */
struct site {
	const char *config;
	const char *state;
	const char *libvirt_run;
	const char *libvirt_config;
	const char *qemu_conf;
	const char *net_class;
	const char *secrets;
	const char *gate;
	const char *known_rules;
	const char *refresh_lock;
	const char *unverified;
};

extern const struct site this_site;

/**
 * site_lock() - one berth process at a time claims free space
 *
 * Nobody looks at a guest's path while it has this lock: storage that does not answer would stop
 * all guests of the host.
 *
 * Return: a descriptor; closing it unlocks; or a negative errno.
 */
int site_lock(const struct site *site, struct err *err);
/* site_lock_file() - the same with a file of its own below the state's folder. */
int site_lock_file(const struct site *site, const char *name, struct err *err);
/* site_lock_record() - one berth process at a time changes a guest's file in that folder of the
 * state; a byte of one file, so that guests don't wait for each other. Return: as site_lock(). */
int site_lock_record(const struct site *site, const char *folder, const char *uuid,
		     struct err *err);

/**
 * site_list_uuids() - the files in a folder of the state whose names are domain UUIDs
 * @ret: on success an array of *@ret_count strings, to be freed with site_free_uuids()
 *
 * Return: 0, also when there is no such folder; or a negative errno.
 */
int site_list_uuids(const struct site *site, const char *folder, char ***ret, size_t *ret_count,
		    struct err *err);
void site_free_uuids(char **uuids, size_t count);

#endif
