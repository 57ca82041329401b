/* SPDX-License-Identifier: GPL-2.0-or-later */
/* berth sync: write the manifests of running guests now, and give their ports what their policies
 * want. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/guest_domain.h"
#include "config/config.h"
#include "hooks/guest_manifest.h"
#include "hooks/guest_ports.h"
#include "hooks/site.h"
#include "libvirt/guest.h"
#include "storage/digest.h"

/* libvirtd is still busy with the event for which the hook has started us. */
#define BUSY_TRIES 20
#define BUSY_WAIT_MS 500

static int write_manifest(const struct options *options, const struct config *config,
			  struct libvirt *libvirt, const struct guest_name *guest, struct err *err)
{
	int rc = guest_manifest_write(&this_site, config, libvirt, guest->uuid, err);

	for (int i = 1; rc == -EIO && options->quiet && i < BUSY_TRIES; i++) {
		usleep(BUSY_WAIT_MS * 1000);
		rc = guest_manifest_write(&this_site, config, libvirt, guest->uuid, err);
	}
	if (rc >= 0 && !options->quiet)
		printf("%s: manifest %s\n", guest->name, rc > 0 ? "written" : "is up to date");
	return rc;
}

/* Of a guest that is on its way here the ports are what its events have made of them. */
static int put_ports(const struct options *options, const struct config *config,
		     struct libvirt *libvirt, const struct guest_name *guest, struct err *err)
{
	cleanup_domain struct domain *domain = NULL;

	int rc = guest_domain(libvirt, guest->uuid, &domain, err);
	if (rc == 0)
		rc = guest_ports_start(&this_site, config, domain, false, err);
	if (rc > 0)
		log_note("%s: its ports' rules have changed (%d objects)", guest->name, rc);
	if (rc >= 0 && !options->quiet && (domain->policy || rc > 0))
		printf("%s: ports %s\n", guest->name, rc > 0 ? "changed" : "are up to date");
	return rc;
}

/* A mistake in one of them does not keep the other. */
static int sync_one(const struct options *options, const struct config *config,
		    struct libvirt *libvirt, const struct guest_name *guest, struct err *err)
{
	struct err other;

	int rc = write_manifest(options, config, libvirt, guest, err);
	if (rc == -EAGAIN || rc == -ENOENT)
		return err_wrap(err, "%s", guest->name);
	int ports = put_ports(options, config, libvirt, guest, rc < 0 ? &other : err);
	if (rc < 0 && ports < 0)
		fprintf(stderr, "berth: %s: %s\n", guest->name, other.text);
	return rc < 0 || ports < 0 ? err_wrap(err, "%s", guest->name) : 0;
}

static int sync_all(const struct options *options, const struct config *config,
		    struct libvirt *libvirt, struct err *err)
{
	struct guest_name *guests = NULL;
	struct err one;
	int failed = 0;

	int count = guest_list_active(libvirt, &guests, err);
	for (int i = 0; i < count; i++) {
		if (sync_one(options, config, libvirt, &guests[i], &one) < 0) {
			fprintf(stderr, "berth: %s\n", one.text);
			failed++;
		}
		guest_name_clear(&guests[i]);
	}
	free(guests);
	digest_store_sweep(LOCALSTATEDIR "/lib/berth/digests", &one);
	return count < 0 ? count : failed ? EXIT_REFUSED : EXIT_DONE;
}

static int run(const struct options *options, struct err *err)
{
	cleanup_config struct config *config = NULL;
	cleanup_libvirt struct libvirt *libvirt = NULL;
	struct guest_name guest = {0};

	int rc = config_load(this_site.config, &config, err);
	if (rc == 0)
		rc = libvirt_open(&libvirt, err);
	if (rc < 0)
		return rc;
	if (!options->guest)
		return sync_all(options, config, libvirt, err);
	rc = guest_find(libvirt, options->guest, &guest, err);
	if (rc == 0)
		rc = sync_one(options, config, libvirt, &guest, err);
	guest_name_clear(&guest);
	return rc;
}

const struct verb verb_sync = {
	.name = "sync",
	.arguments = "[GUEST]",
	.summary = "bring a guest's manifest and ports up to date (all guests)",
	.options = " ",
	.run = run,
};
