/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iSCSI sessions in sysfs (the kernel's drivers/scsi/scsi_transport_iscsi.c):
 *
 *     class/iscsi_session/sessionS           targetname, state; device leads to .../hostH/sessionS,
 *                                            where the devices are: targetH:C:T/H:C:T:LUN
 *     class/iscsi_connection/connectionS:0   persistent_address and _port are what was logged in
 *                                            to, address and port where the target has sent us
 */
#include "storage/iscsi_session.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "storage/iscsi_name.h"

static char *session_attribute(const char *sysfs, unsigned sid, const char *name)
{
	cleanup_free char *path =
		xasprintf("%s/class/iscsi_session/session%u/%s", sysfs, sid, name);

	return scsi_attribute(path);
}

/* @prefix: "persistent_" or "" */
static char *connection_portal(const char *sysfs, unsigned sid, const char *prefix)
{
	cleanup_free char *folder =
		xasprintf("%s/class/iscsi_connection/connection%u:0/%s", sysfs, sid, prefix);
	cleanup_free char *address_path = xasprintf("%saddress", folder);
	cleanup_free char *port_path = xasprintf("%sport", folder);
	cleanup_free char *address = scsi_attribute(address_path);
	cleanup_free char *port = scsi_attribute(port_path);

	return address && port ? iscsi_portal(address, port) : NULL;
}

static bool session_is(const char *sysfs, unsigned sid, const char *iqn, const char *portal)
{
	cleanup_free char *target = session_attribute(sysfs, sid, "targetname");

	if (!str_equal(target, iqn))
		return false;
	cleanup_free char *wanted = connection_portal(sysfs, sid, "persistent_");
	if (str_equal(wanted, portal))
		return true;
	cleanup_free char *reached = connection_portal(sysfs, sid, "");
	return str_equal(reached, portal);
}

/* "session12" */
static bool parse_session(const char *name, unsigned *ret)
{
	unsigned long long number;

	if (!str_starts(name, "session") || !str_to_u64(name + strlen("session"), &number) ||
	    number > UINT_MAX)
		return false;
	*ret = (unsigned)number;
	return true;
}

size_t iscsi_sessions_find(const char *sysfs, const char *iqn, const char *portal, unsigned *ret,
			   size_t max)
{
	cleanup_free char *folder = xasprintf("%s/class/iscsi_session", sysfs);
	cleanup_dir DIR *dir = opendir(folder);
	size_t count = 0;
	unsigned sid;

	for (struct dirent *entry; dir && count < max && (entry = readdir(dir));) {
		if (parse_session(entry->d_name, &sid) && session_is(sysfs, sid, iqn, portal))
			ret[count++] = sid;
	}
	return count;
}

bool iscsi_session_exists(const char *sysfs, unsigned sid)
{
	cleanup_free char *path = xasprintf("%s/class/iscsi_session/session%u", sysfs, sid);

	return file_exists(path);
}

bool iscsi_session_is_up(const char *sysfs, unsigned sid)
{
	cleanup_free char *state = session_attribute(sysfs, sid, "state");

	return str_equal(state, "LOGGED_IN");
}

/* --- its devices --- */

static char *session_folder(const char *sysfs, unsigned sid)
{
	cleanup_free char *link = xasprintf("%s/class/iscsi_session/session%u/device", sysfs, sid);

	return realpath(link, NULL);
}

/* The folder "target3:0:0" of a session; NULL: nothing was scanned yet. */
static char *target_folder(const char *session)
{
	cleanup_dir DIR *dir = opendir(session);

	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		if (str_starts(entry->d_name, "target"))
			return xasprintf("%s/%s", session, entry->d_name);
	}
	return NULL;
}

bool iscsi_session_address(const char *sysfs, unsigned sid, uint64_t lun, struct scsi_address *ret)
{
	cleanup_free char *session = session_folder(sysfs, sid);
	struct scsi_address address = {.lun = lun};

	if (!session)
		return false;
	/* iscsi_tcp has a SCSI host for each session, and channel 0, target 0 on it; drivers of
	 * hardware number their targets. */
	cleanup_free char *target = target_folder(session);
	if (target && sscanf(path_name(target), "target%u:%u:%u", &address.host, &address.channel,
			     &address.target) == 3) {
		*ret = address;
		return true;
	}
	cleanup_free char *host = path_folder(session);
	if (sscanf(path_name(host), "host%u", &address.host) != 1)
		return false;
	*ret = address;
	return true;
}

bool iscsi_session_has_others(const char *sysfs, unsigned sid, uint64_t lun)
{
	cleanup_free char *session = session_folder(sysfs, sid);
	cleanup_free char *target = session ? target_folder(session) : NULL;
	cleanup_dir DIR *dir = target ? opendir(target) : NULL;
	struct scsi_address address;

	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		if (!scsi_address_parse(entry->d_name, &address) || address.lun == lun)
			continue;
		if (scsi_device_is_lun(sysfs, &address))
			return true;
	}
	return false;
}

/* The part "/session12/" of a device's path. */
static bool session_of_path(const char *path, unsigned *ret)
{
	for (const char *at = path; (at = strstr(at, "/session")); at++) {
		cleanup_free char *name = xstrndup(at + 1, strcspn(at + 1, "/"));
		if (parse_session(name, ret))
			return true;
	}
	return false;
}

int iscsi_session_of_disk(const char *sysfs, const char *disk, struct volume *ret)
{
	cleanup_free char *link = xasprintf("%s/class/block/%s/device", sysfs, disk);
	cleanup_free char *folder = realpath(link, NULL);
	struct scsi_address address;
	unsigned sid;

	if (!folder || !scsi_address_parse(path_name(folder), &address) ||
	    !session_of_path(folder, &sid))
		return 0;
	cleanup_volume struct volume volume = {.kind = VOLUME_ISCSI, .lun = address.lun};
	volume.iqn = session_attribute(sysfs, sid, "targetname");
	volume.portals[0] = connection_portal(sysfs, sid, "persistent_");
	if (!volume.portals[0])
		volume.portals[0] = connection_portal(sysfs, sid, "");
	volume.portal_count = volume.portals[0] ? 1 : 0;
	if (!volume.iqn || !volume.portals[0])
		return 0;
	volume.wwn = scsi_disk_wwn(sysfs, disk);
	volume.serial = scsi_disk_serial(sysfs, disk);
	volume.size_bytes = scsi_disk_size(sysfs, disk);
	*ret = volume;
	volume = (struct volume){0};
	return 1;
}
