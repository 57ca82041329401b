/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guests of this host, through libvirt's client library. Hides libvirt. */
#ifndef BERTH_LIBVIRT_GUEST_H
#define BERTH_LIBVIRT_GUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/err.h"

/* A connection to this host's libvirt. */
struct libvirt;

enum guest_state {
	GUEST_ABSENT,   /* libvirt knows no such domain */
	GUEST_INACTIVE, /* defined, not running */
	GUEST_COMING,   /* QEMU waits for the stream of a migration; or it is going */
	GUEST_HERE,     /* its processors run here, or have run and are paused */
};

struct guest_name {
	char *name;
	char *uuid;
};

#define cleanup_libvirt cleanup(libvirt_closep)

/* libvirt_open() - connect to qemu:///system. Return: 0 and *@ret; or -ENOTCONN. */
int libvirt_open(struct libvirt **ret, struct err *err);
void libvirt_closep(struct libvirt **libvirt);

/* libvirt_is_alive() - false after libvirtd went away; open a new connection then. */
bool libvirt_is_alive(struct libvirt *libvirt);

/**
 * libvirt_follow() - from now on take note of a domain's events; of one domain at a time
 *
 * libvirt reports events in the order in which they happened (src/conf/object_event.c keeps one
 * queue).
 */
void libvirt_follow(struct libvirt *libvirt, const char *uuid);

/**
 * libvirt_wait() - wait until something happened to the followed domain, or the time is over
 *
 * Return: 0, or -ENOTCONN when libvirtd went away.
 */
int libvirt_wait(struct libvirt *libvirt, int timeout_ms, struct err *err);

/**
 * libvirt_ended_unrun() - whether the followed domain has ended without having run since it is
 * followed
 *
 * A guest that arrives gives an event before anything else can happen to it: it is resumed, or,
 * told to stay paused, suspended (src/qemu/qemu_migration.c, qemuMigrationDstFinish()).
 */
bool libvirt_ended_unrun(const struct libvirt *libvirt);

/* libvirt_has_run() - whether it was seen to run, or to arrive paused, since it is followed */
bool libvirt_has_run(const struct libvirt *libvirt);

/**
 * guest_find() - a domain by name or UUID
 *
 * Return: 0 and *@ret, to be freed with guest_name_clear(); -ENOENT; or another negative errno.
 */
int guest_find(struct libvirt *libvirt, const char *name_or_uuid, struct guest_name *ret,
	       struct err *err);
void guest_name_clear(struct guest_name *name);

/* guest_list_active() - all running domains. Return: their number and *@ret, or a negative errno.
 */
int guest_list_active(struct libvirt *libvirt, struct guest_name **ret, struct err *err);

/* guest_get_state() - Return: 0 and *@ret; or a negative errno. */
int guest_get_state(struct libvirt *libvirt, const char *uuid, enum guest_state *ret,
		    struct err *err);

/**
 * guest_has_left() - whether libvirt says of a domain that its last life here ended by a migration
 * away, which copied storage
 *
 * libvirtd knows how a domain has ended (VIR_DOMAIN_SHUTOFF_MIGRATED) and what its last job has
 * copied, of a stored domain only, and until libvirtd restarts.
 *
 * Return: 1 or 0; or a negative errno.
 */
int guest_has_left(struct libvirt *libvirt, const char *uuid, struct err *err);

/**
 * guest_is_leaving() - whether a migration to another host is going on
 *
 * Until the migration has ended, libvirt lets nobody change the domain: whoever tries waits 30 s
 * and is refused (src/hypervisor/domain_job.c).
 *
 * Return: 1; 0, also for a guest that doesn't run, or is arriving; -ENOENT; or another negative
 * errno.
 */
int guest_is_leaving(struct libvirt *libvirt, const char *uuid, struct err *err);

/* guest_suspend() - stop a running guest's processors. Return: 0; -ENOENT; or another negative
 * errno. */
int guest_suspend(struct libvirt *libvirt, const char *uuid, struct err *err);

/**
 * guest_xml() - the domain's XML
 * @stored: the persistent definition, instead of what runs
 *
 * Return: 0 and *@ret, which the caller frees; -ENOENT when there is none of that kind.
 */
int guest_xml(struct libvirt *libvirt, const char *uuid, bool stored, char **ret, struct err *err);

/**
 * guest_set_metadata() - set one element of the running domain's metadata
 *
 * Only of what runs, never of the stored definition: an offline migration must not carry a manifest
 * that would let berth make images without a storage copy.
 *
 * Return: 0; -ENOENT; -EBUSY: libvirt has not let go of the domain within 30 s; or another negative
 * errno.
 */
int guest_set_metadata(struct libvirt *libvirt, const char *uuid, const char *element,
		       const char *key, const char *uri, struct err *err);

/* network_find() - Return: 1: libvirt has such a network, and it is active; 0: it is not active;
 * -ENOENT; -ENOSYS: libvirt has no network driver, which Debian has as a package of its own from 13
 * on; or another negative errno. */
int network_find(struct libvirt *libvirt, const char *name, struct err *err);

/**
 * guest_wait_for_change() - wait until what libvirt is changing of a running domain is changed
 * @uri: of an element that its metadata should have; without it nobody waits
 *
 * Removes a metadata element that the domain doesn't have. That waits for libvirt's job on the
 * domain (qemuDomainSetMetadata() begins a job of kind MODIFY) and changes nothing.
 *
 * Return: 0; -EBUSY: libvirt was busy for half a minute; or another negative errno.
 */
int guest_wait_for_change(struct libvirt *libvirt, const char *uuid, const char *uri,
			  struct err *err);

/* guest_define() - replace the stored definition. */
int guest_define(struct libvirt *libvirt, const char *xml, struct err *err);

#endif
