/* SPDX-License-Identifier: GPL-2.0-or-later */
/* berth sync: write the manifests of running guests now, and give their ports what their policies
 * want. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/command.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/guest_domain.h"
#include "config/config.h"
#include "hooks/plan/image_copies.h"
#include "hooks/plan/plan.h"
#include "hooks/ports/guest_port.h"
#include "hooks/ports/guest_ports.h"
#include "hooks/records/site.h"
#include "hooks/records/watch_lock.h"
#include "hooks/settle/guest_manifest.h"
#include "hooks/settle/late_departure.h"
#include "libvirt/guest.h"
#include "storage/digest.h"
#include "xml/manifest.h"

/* libvirtd is still busy with the event for which the hook has started us. */
#define BUSY_TRIES 20
#define BUSY_WAIT_MS 500
/* How many changes in a row are followed; the last one starts us again. */
#define CHANGE_TRIES 5

/*
 * The gate starts `berth sync` while libvirtd is still changing the guest's disks, so the first XML
 * may be that of before the change. So the XML is read once more when libvirtd has finished, and
 * again as long as the manifest has changed.
 */
static int write_settled(const struct config *config, struct libvirt *libvirt, const char *uuid,
			 struct err *err)
{
	int rc = guest_manifest_write(&this_site, config, libvirt, uuid, err);
	int again = rc < 0 ? rc : 1;

	for (int i = 0; i < CHANGE_TRIES && again > 0; i++) {
		again = guest_wait_for_change(libvirt, uuid, MANIFEST_URI, err);
		if (again == 0)
			again = guest_manifest_write(&this_site, config, libvirt, uuid, err);
	}
	return again < 0 ? again : rc;
}

/* The end of a migration that failed is no event of libvirt's. */
#define LOOK_AGAIN_MS 1000
#define LONGEST_MIGRATION_MS (INT64_C(48) * 3600 * 1000)

static int write_manifest(const struct options *options, const struct config *config,
			  struct libvirt *libvirt, const struct guest_name *guest, struct err *err)
{
	int rc = options->quiet
			 ? write_settled(config, libvirt, guest->uuid, err)
			 : guest_manifest_write(&this_site, config, libvirt, guest->uuid, err);

	for (int i = 1; rc == -EIO && options->quiet && i < BUSY_TRIES; i++) {
		usleep(BUSY_WAIT_MS * 1000);
		rc = write_settled(config, libvirt, guest->uuid, err);
	}
	if (rc >= 0 && !options->quiet)
		printf("%s: manifest %s\n", guest->name, rc > 0 ? "written" : "is up to date");
	return rc;
}

/* Disks that libvirt refuses to migrate with --copy-storage-inc: told before somebody tries. */
static void tell_notes(const struct guest_name *guest, const struct domain *domain)
{
	for (size_t i = 0; i < domain->disk_count; i++) {
		cleanup_free char *note = plan_note_of_disk(&domain->disks[i]);
		if (note)
			printf("%s: note: %s\n", guest->name, note);
	}
}

static void tell_absent(const struct guest_name *guest, const struct domain *domain)
{
	cleanup_free const struct policy_port **absent = NULL;
	size_t count = guest_ports_absent(domain, &absent);
	char mac[MAC_TEXT_SIZE];

	for (size_t i = 0; i < count; i++)
		printf("%s: port %s of the policy has no interface\n", guest->name,
		       mac_format(&absent[i]->mac, mac));
}

static void tell_open(const struct config *config, const struct guest_name *guest,
		      const struct domain *domain)
{
	for (size_t i = 0; domain->policy && i < domain->port_count; i++) {
		const struct domain_port *interface = &domain->ports[i];
		if (!interface->mac || !interface->target ||
		    guest_port_is_named(domain, interface) ||
		    guest_port_is_closed(config, interface->target))
			continue;
		printf("%s: interface '%s' (%s) passes everything: the policy doesn't name it\n",
		       guest->name, interface->mac, interface->target);
	}
}

/* Of a guest that is on its way here the ports are what its events have made of them. */
static int put_ports(const struct options *options, const struct config *config,
		     struct libvirt *libvirt, const struct guest_name *guest, struct err *err)
{
	cleanup_domain struct domain *domain = NULL;

	int rc = guest_domain(libvirt, guest->uuid, &domain, err);
	if (rc == 0 && !options->quiet)
		tell_notes(guest, domain);
	if (rc == 0)
		rc = guest_ports_start(&this_site, config, domain, false, err);
	if (rc > 0)
		log_note("%s: its ports' rules have changed (%d objects)", guest->name, rc);
	if (rc < 0 || options->quiet)
		return rc;
	if (domain->policy || rc > 0)
		printf("%s: ports %s\n", guest->name, rc > 0 ? "changed" : "are up to date");
	tell_absent(guest, domain);
	tell_open(config, guest, domain);
	return rc;
}

/* A guest that doesn't run here may have left. */
static int note_departure(const struct options *options, const struct config *config,
			  struct libvirt *libvirt, const struct guest_name *guest)
{
	struct err why;

	int noted = guest_has_left(libvirt, guest->uuid, &why);
	if (noted > 0)
		noted = late_departure_note(&this_site, config, guest->uuid, &why);
	if (noted < 0)
		log_problem("%s: %s", guest->name, why.text);
	if (noted > 0 && !options->quiet)
		printf("%s: has left this host; its images are stale\n", guest->name);
	return noted;
}

/* A person gets an answer at once; the process that waits lives as long as the migration. */
static int start_waiting(const struct guest_name *guest, struct err *err)
{
	return command_detach(
		(const char *const[]){BINDIR "/berth", "sync", "--quiet", guest->uuid, NULL}, err);
}

static int reload(struct config **config, struct err *err)
{
	config_freep(config);
	*config = NULL;
	return config_load(this_site.config, config, err);
}

/* To another host (-EBUSY), or paused since it was restored here (-EAGAIN). */
static bool is_on_its_way(int rc)
{
	return rc == -EBUSY || rc == -EAGAIN;
}

/*
 * The manifest of a guest that is on its way to another host is written when that has ended: by one
 * process, which the hook has started, or start_waiting(). Where the guest arrives, that host
 * writes it. That of a guest that is restored is written when the guest runs: libvirt has run the
 * hook before, and lets it stay paused if a person wants that.
 *
 * Return: as guest_manifest_write(); -ECANCELED: there is nothing left to do here.
 */
static int wait_and_write(const struct options *options, struct libvirt *libvirt,
			  const struct guest_name *guest, struct err *err)
{
	cleanup_config struct config *config = NULL; /* loaded when the migration has ended */
	cleanup_close int lock = leaving_lock(&this_site, guest->uuid, err);
	int64_t end = clock_now_ms() + LONGEST_MIGRATION_MS;
	int rc = -EBUSY;

	if (lock == -EAGAIN)
		return err_set(err, ECANCELED, "another process waits for it");
	if (lock < 0)
		return lock;
	libvirt_follow(libvirt, guest->uuid);
	while (is_on_its_way(rc) && clock_now_ms() < end) {
		rc = libvirt_wait(libvirt, LOOK_AGAIN_MS, err);
		if (rc == 0)
			rc = guest_is_leaving(libvirt, guest->uuid, err);
		if (rc > 0) {
			rc = err_set(err, EBUSY,
				     "its migration doesn't end; run 'berth sync' when it has");
			continue;
		}
		if (rc == 0)
			rc = reload(&config, err);
		if (rc == 0)
			rc = write_manifest(options, config, libvirt, guest, err);
	}
	leaving_lock_remove(&this_site, guest->uuid);
	return rc == -ENOENT ? err_set(err, ECANCELED, "it has left") : rc;
}

static int write_or_wait(const struct options *options, const struct config *config,
			 struct libvirt *libvirt, const struct guest_name *guest, struct err *err)
{
	bool in_background = options->quiet && options->guest;

	int rc = write_manifest(options, config, libvirt, guest, err);
	if (in_background && is_on_its_way(rc))
		return wait_and_write(options, libvirt, guest, err);
	if (rc != -EBUSY)
		return rc;
	rc = start_waiting(guest, err);
	if (rc == 0 && !options->quiet)
		printf("%s: the guest is migrating; its manifest is written when that has ended\n",
		       guest->name);
	return rc;
}

/* A mistake in one of them does not keep the other. */
static int sync_one(const struct options *options, const struct config *config,
		    struct libvirt *libvirt, const struct guest_name *guest, struct err *err)
{
	struct err other;

	int rc = write_or_wait(options, config, libvirt, guest, err);
	if (rc == -ECANCELED)
		return 0;
	if (rc == -ENOENT && note_departure(options, config, libvirt, guest) > 0)
		return 0;
	if (rc == -EAGAIN || rc == -ENOENT)
		return err_wrap(err, "%s", guest->name);
	int ports = put_ports(options, config, libvirt, guest, rc < 0 ? &other : err);
	if (rc < 0 && ports < 0)
		fprintf(stderr, "berth: %s: %s\n", guest->name, other.text);
	return rc < 0 || ports < 0 ? err_wrap(err, "%s", guest->name) : 0;
}

/* A guest that a person has named must run; one that was found here, or started us, may end at any
 * moment. */
static bool has_ended(const struct options *options, struct libvirt *libvirt,
		      const struct guest_name *guest)
{
	enum guest_state state;
	struct err ignored;

	if (options->guest && !options->quiet)
		return false;
	return guest_get_state(libvirt, guest->uuid, &state, &ignored) == 0 &&
	       (state == GUEST_ABSENT || state == GUEST_INACTIVE);
}

static int sync_guest(const struct options *options, const struct config *config,
		      struct libvirt *libvirt, const struct guest_name *guest, struct err *err)
{
	int rc = sync_one(options, config, libvirt, guest, err);

	return rc < 0 && has_ended(options, libvirt, guest) ? 0 : rc;
}

static int sync_all(const struct options *options, const struct config *config,
		    struct libvirt *libvirt, struct err *err)
{
	struct guest_name *guests = NULL;
	struct err one;
	int failed = 0;

	int count = guest_list_active(libvirt, &guests, err);
	for (int i = 0; i < count; i++) {
		if (sync_guest(options, config, libvirt, &guests[i], &one) < 0) {
			fprintf(stderr, "berth: %s\n", one.text);
			failed++;
		}
		guest_name_clear(&guests[i]);
	}
	free(guests);
	image_copies_sweep(&this_site, &one);
	digest_store_sweep(LOCALSTATEDIR "/lib/berth/digests", &one);
	return count < 0 ? count : failed ? EXIT_REFUSED : EXIT_DONE;
}

static int run(const struct options *options, struct err *err)
{
	cleanup_config struct config *config = NULL;
	cleanup_libvirt struct libvirt *libvirt = NULL;
	struct guest_name guest = {0};
	struct err one;

	int rc = config_load(this_site.config, &config, err);
	if (rc == 0)
		rc = libvirt_open(&libvirt, err);
	if (rc < 0)
		return rc;
	if (!options->guest)
		return sync_all(options, config, libvirt, err);
	rc = guest_find(libvirt, options->guest, &guest, err);
	if (rc == -ENOENT && options->quiet)
		return EXIT_DONE;
	if (rc == 0)
		rc = sync_guest(options, config, libvirt, &guest, err);
	guest_name_clear(&guest);
	image_copies_sweep(&this_site, &one);
	return rc;
}

const struct verb verb_sync = {
	.name = "sync",
	.arguments = "[GUEST]",
	.summary = "bring a guest's manifest and ports up to date (or all guests')",
	.options = " ",
	.run = run,
};
