/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dm-multipath: which map lies over a device, having multipathd make one, taking it down. */
#include "storage/multipath.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/command.h"
#include "base/file.h"
#include "base/log.h"
#include "storage/block_device.h"
#include "storage/volume_driver.h"

/* The kernel shows them in sysfs; multipathd and kpartx give them (libmultipath/devmapper.c). */
#define MAP_UUID "mpath-"
#define PARTITION_UUID "-mpath-"
#define MAX_HOLDERS 16
#define POLL_MS 10
#define OUTPUT_MAX 4096
#define SOCKETS_MAX_BYTES (16u << 20)
/* multipathd hears of a device from udev and needs no help, in most configurations. */
#define BY_ITSELF_MS 500
#define ASK_AGAIN_MS 2000
/* From the first path in the map to the last. */
#define OTHERS_MS 15000
/* How long a map that nobody uses may be in use, because somebody looks at it. */
#define LOOK_MS 10000
#define FLUSH_AGAIN_MS 100

static char *uuid_of(const char *device)
{
	return block_device_attribute(device, "dm/uuid");
}

bool multipath_is_map(const char *device)
{
	cleanup_free char *uuid = uuid_of(device);

	return uuid && str_starts(uuid, MAP_UUID);
}

bool multipath_is_partition(const char *device)
{
	cleanup_free char *uuid = uuid_of(device);

	return uuid && str_starts(uuid, "part") && strstr(uuid, PARTITION_UUID);
}

char *multipath_map_of(const char *device)
{
	char *holders[MAX_HOLDERS], *map = NULL;
	size_t count = block_device_list(device, "holders", holders, MAX_HOLDERS);

	for (size_t i = 0; i < count && i < MAX_HOLDERS; i++) {
		if (!map && multipath_is_map(holders[i]))
			map = holders[i];
		else
			free(holders[i]);
	}
	return map;
}

char *multipath_stable_name(const struct volume *volume)
{
	/* systemd's scsi_id puts the designator's type first (scsi_serial.c); the kernel its name
	 * (drivers/scsi/scsi_lib.c, scsi_vpd_lun_id()). */
	static const struct {
		const char *kernel;
		char udev;
	} types[] = {{"t10.", '1'}, {"eui.", '2'}, {"naa.", '3'}, {"scsi name string.", '8'}};

	for (size_t i = 0; volume->wwn && i < ARRAY_SIZE(types); i++) {
		if (!str_starts(volume->wwn, types[i].kernel))
			continue;
		cleanup_strbuf struct strbuf name = {0};
		strbuf_printf(&name, "/dev/disk/by-id/dm-uuid-" MAP_UUID "%c", types[i].udev);
		for (const char *c = volume->wwn + strlen(types[i].kernel); *c; c++) {
			if (!isspace((unsigned char)*c))
				strbuf_add(&name, c, 1);
			else if (name.text[name.length - 1] != '_')
				strbuf_puts(&name, "_");
		}
		return strbuf_steal(&name);
	}
	return NULL;
}

/* --- making one --- */

static int run(const char *const *argv, const struct volume_host *host, struct err *err)
{
	cleanup_strbuf struct strbuf output = {0};
	struct command command = {
		.argv = argv,
		.timeout_ms = volume_left_ms(host),
		.output_max = OUTPUT_MAX,
	};

	return command_run(&command, &output, err);
}

/* Return: how many of the devices are in @map. */
static size_t count_in(const char *map, char *const *devices, size_t count)
{
	size_t in = 0;

	for (size_t i = 0; i < count; i++) {
		cleanup_free char *have = multipath_map_of(devices[i]);
		in += str_equal(have, map);
	}
	return in;
}

static char *any_map(char *const *devices, size_t count)
{
	char *map = NULL;

	for (size_t i = 0; i < count && !map; i++)
		map = multipath_map_of(devices[i]);
	return map;
}

/* Whether its socket is there, whose name has changed with versions but holds its own. */
static bool multipathd_runs(void)
{
	cleanup_strbuf struct strbuf sockets = {0};
	struct err err;

	return file_read("/proc/net/unix", SOCKETS_MAX_BYTES, &sockets, &err) == 0 &&
	       sockets.length && strstr(sockets.text, "multipathd");
}

/*
 * Where find_multipaths is "strict" (the default) multipathd makes a map only of what it knows by
 * its WWID, and with "yes" only where there are two paths; the guest's host had a map all the same.
 * A busy multipathd refuses for a while: the caller asks again.
 */
static int ask_for_map(char *const *devices, size_t count, const struct volume_host *host,
		       struct err *err)
{
	cleanup_free char *first = block_device_path(devices[0]);

	if (!multipathd_runs())
		return err_set(err, ENOENT,
			       "the guest uses it through a multipath map, but multipathd doesn't "
			       "run here; start it");
	int rc = run((const char *const[]){"multipath", "-a", first, NULL}, host, err);
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = run((const char *const[]){"multipathd", "add", "path", devices[i], NULL}, host,
			 err);
	return rc == -ENOENT ? rc : 0;
}

static void note_missing(const char *map, char *const *devices, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		cleanup_free char *have = multipath_map_of(devices[i]);
		if (!str_equal(have, map))
			log_problem("multipath map '%s': '/dev/%s' is no path of it; the guest "
				    "goes on with the others",
				    map, devices[i]);
	}
}

static int wait_for_others(const char *map, char *const *devices, size_t count,
			   const struct volume_host *host)
{
	struct volume_host waiting = *host;
	int64_t until = volume_deadline_in(OTHERS_MS);

	if (until < waiting.deadline_ms)
		waiting.deadline_ms = until;
	while (count_in(map, devices, count) < count) {
		if (!volume_pause(&waiting, POLL_MS)) {
			note_missing(map, devices, count);
			break;
		}
	}
	return 0;
}

int multipath_wait(char *const *devices, size_t count, const struct volume_host *host,
		   struct err *err)
{
	int64_t ask_ms = volume_deadline_in(BY_ITSELF_MS);

	for (;;) {
		cleanup_free char *map = any_map(devices, count);
		if (map)
			return wait_for_others(map, devices, count, host);
		if (volume_deadline_in(0) >= ask_ms) {
			int rc = ask_for_map(devices, count, host, err);
			if (rc < 0)
				return rc;
			ask_ms = volume_deadline_in(ASK_AGAIN_MS);
		}
		if (!volume_pause(host, POLL_MS))
			return err_set(err, ETIMEDOUT,
				       "multipathd has made no map of '/dev/%s'; see "
				       "multipath.conf, and 'multipath -v3 /dev/%s'",
				       devices[0], devices[0]);
	}
}

/* --- taking it down --- */

int multipath_remove(const char *map, const struct volume_host *host, struct err *err)
{
	cleanup_free char *name = block_device_attribute(map, "dm/name");

	if (!name)
		return 0;
	const char *const flush[] = {"multipath", "-f", name, NULL};
	int64_t until_ms = volume_deadline_in(LOOK_MS);
	int rc = run(flush, host, err);
	/* udev looks at a map that was closed; for the kernel that is a use like any other. */
	while (rc < 0 && block_device_number(map) != 0 && volume_deadline_in(0) < until_ms &&
	       volume_pause(host, FLUSH_AGAIN_MS))
		rc = run(flush, host, err);
	while (block_device_number(map) != 0 && rc == 0) {
		if (!volume_pause(host, POLL_MS))
			return err_set(err, ETIMEDOUT, "multipath map '%s' doesn't go away", name);
	}
	return block_device_number(map) == 0 ? 0 : rc;
}
