/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One volume of one guest: brought to this host, and taken away again when nobody has it. */
#ifndef BERTH_HOOKS_VOLUMES_GUEST_VOLUME_H
#define BERTH_HOOKS_VOLUMES_GUEST_VOLUME_H

#include "config/config.h"
#include "hooks/records/site.h"
#include "hooks/records/volume_record.h"
#include "xml/domain.h"

/* How much longer than its deadline what is done for a volume may take until it is killed. */
#define VOLUME_GRACE_MS 5000

/**
 * struct volume_guest - for whom, where, and until when
 * @config: NULL where there is a mistake in it: then volumes are left as they are
 * @deadline_ms: CLOCK_MONOTONIC
 */
struct volume_guest {
	const struct site *site;
	const struct config *config;
	const char *uuid;
	const char *name;
	int64_t deadline_ms;
};

/* volume_guest_host() - what storage/ has to know; *@state is its folder, which the caller frees.
 */
int volume_guest_host(const struct volume_guest *guest, struct volume_host *ret, char **state,
		      struct err *err);

/* volume_guest_start_clock() - the event's deadline begins now. */
void volume_guest_start_clock(struct volume_guest *guest);

/**
 * guest_volume_attach() - note that the guest has the volume, then attach it
 * @path: the name by which the guest will use it, to be noted
 * @wait_for: the name that must lead to it, see volume_attach(); @path, unless that is one that
 * says nothing of the volume
 *
 * Idempotent. On failure the note stays: guest_volume_release() ends it.
 */
int guest_volume_attach(const struct volume_guest *guest, const char *target, const char *path,
			const char *wait_for, const struct volume *volume, struct err *err);

/**
 * guest_volume_release() - take away a volume that is noted as releasing or leaving
 *
 * It stays where another guest, or another disk of this guest, has it by the notes.
 *
 * Return: 1: done, and noted; 0: it is in use, @err says by what, and it stays noted as before; or
 * a negative errno.
 */
int guest_volume_release(const struct volume_guest *guest, const char *target, struct err *err);

/**
 * guest_volumes_release() - all of the guest's that are noted as releasing or leaving, at once
 *
 * What stays is logged, with the reason.
 *
 * Return: how many stay; or a negative errno.
 */
int guest_volumes_release(const struct volume_guest *guest, struct err *err);

/* volume_describe_error() - put the volume before an error: "iscsi iqn...:one lun 1 at ...: ...".
 */
int volume_describe_error(const struct volume *volume, struct err *err);

/**
 * volume_wanted() - which volume a disk of a guest is meant to be
 * @record: what is known of the guest's volumes here
 *
 * By the notes of its last time here, the manifest that it brings, or by what its name says.
 *
 * Return: 1 and *@ret, 0: none that anybody knows.
 */
int volume_wanted(const struct domain *domain, const struct domain_disk *disk,
		  const struct volume_record *record, struct volume *ret);

/* volume_name_is_stable() - whether a name leads to this volume on any host with udev. */
bool volume_name_is_stable(const char *path, const struct volume *volume);

#endif
