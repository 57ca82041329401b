/* SPDX-License-Identifier: GPL-2.0-or-later */
/* berth sync: write the manifests of running guests now. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "config/config.h"
#include "hooks/guest_manifest.h"
#include "hooks/site.h"
#include "libvirt/guest.h"
#include "storage/digest.h"

/* libvirtd is still busy with the event for which the hook has started us. */
#define BUSY_TRIES 20
#define BUSY_WAIT_MS 500

static int sync_one(const struct options *options, const struct config *config,
		    struct libvirt *libvirt, const struct guest_name *guest, struct err *err)
{
	int rc = guest_manifest_write(&this_site, config, libvirt, guest->uuid, err);

	for (int i = 1; rc == -EIO && options->quiet && i < BUSY_TRIES; i++) {
		usleep(BUSY_WAIT_MS * 1000);
		rc = guest_manifest_write(&this_site, config, libvirt, guest->uuid, err);
	}
	if (rc < 0)
		return err_wrap(err, "%s", guest->name);
	if (!options->quiet)
		printf("%s: manifest %s\n", guest->name, rc > 0 ? "written" : "is up to date");
	return 0;
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
	.summary = "write a running guest's manifest now (all guests)",
	.options = " ",
	.run = run,
};
