/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SCSI disks in sysfs: Documentation/scsi/ and drivers/scsi/scsi_sysfs.c of the kernel. */
#include "storage/scsi_device.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define POLL_MS 5
#define ATTRIBUTE_MAX 4096
/* SPC: a VPD page's header, with the length of what follows in its last two bytes */
#define VPD_HEADER 4

bool scsi_address_parse(const char *text, struct scsi_address *ret)
{
	unsigned long long part[4];

	for (size_t i = 0; i < ARRAY_SIZE(part); i++) {
		size_t length = strcspn(text, ":");
		cleanup_free char *number = xstrndup(text, length);
		bool last = i == ARRAY_SIZE(part) - 1;
		if (!str_to_u64(number, &part[i]) || (!last && part[i] > UINT32_MAX) ||
		    (text[length] == '\0') != last)
			return false;
		text += length + 1;
	}
	*ret = (struct scsi_address){(unsigned)part[0], (unsigned)part[1], (unsigned)part[2],
				     part[3]};
	return true;
}

/* --- reading --- */

static char *trimmed(const char *text, size_t length)
{
	while (length > 0 && isspace((unsigned char)text[length - 1]))
		length--;
	while (length > 0 && isspace((unsigned char)text[0])) {
		text++;
		length--;
	}
	for (size_t i = 0; i < length; i++) {
		if (!isprint((unsigned char)text[i]))
			return NULL;
	}
	return length > 0 ? xstrndup(text, length) : NULL;
}

char *scsi_attribute(const char *path)
{
	cleanup_strbuf struct strbuf text = {0};
	struct err unused;

	if (file_read(path, ATTRIBUTE_MAX, &text, &unused) < 0 || !text.text)
		return NULL;
	return trimmed(text.text, text.length);
}

static char *device_folder(const char *sysfs, const struct scsi_address *address)
{
	return xasprintf("%s/bus/scsi/devices/%u:%u:%u:%" PRIu64, sysfs, address->host,
			 address->channel, address->target, address->lun);
}

bool scsi_device_exists(const char *sysfs, const struct scsi_address *address)
{
	cleanup_free char *folder = device_folder(sysfs, address);

	return file_exists(folder);
}

/* Its attributes go before it does (drivers/base/core.c, device_del()). */
bool scsi_device_is_going(const char *sysfs, const struct scsi_address *address)
{
	cleanup_free char *folder = device_folder(sysfs, address);
	cleanup_free char *path = xasprintf("%s/state", folder);
	cleanup_free char *state = scsi_attribute(path);

	return state ? str_equal(state, "cancel") || str_equal(state, "deleted")
		     : file_exists(folder);
}

bool scsi_device_is_lun(const char *sysfs, const struct scsi_address *address)
{
	/* SPC: peripheral device types of what a target has beside its LUNs */
	static const char *const others[] = {"3", "12", "13", "30", "31"};
	cleanup_free char *folder = device_folder(sysfs, address);
	cleanup_free char *path = xasprintf("%s/type", folder);
	cleanup_free char *type = scsi_attribute(path);

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (str_equal(others[i], type))
			return false;
	}
	return type != NULL;
}

char *scsi_device_disk(const char *sysfs, const struct scsi_address *address)
{
	cleanup_free char *folder = device_folder(sysfs, address);
	cleanup_free char *block = xasprintf("%s/block", folder);
	cleanup_dir DIR *dir = scsi_device_is_going(sysfs, address) ? NULL : opendir(block);

	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		/* The kernel makes that link later, and what is read of a disk is read there. */
		cleanup_free char *link = xasprintf("%s/class/block/%s", sysfs, entry->d_name);
		return file_exists(link) ? xstrdup(entry->d_name) : NULL;
	}
	return NULL;
}

char *scsi_disk_wwn(const char *sysfs, const char *disk)
{
	cleanup_free char *path = xasprintf("%s/class/block/%s/device/wwid", sysfs, disk);

	return scsi_attribute(path);
}

char *scsi_disk_serial(const char *sysfs, const char *disk)
{
	cleanup_free char *path = xasprintf("%s/class/block/%s/device/vpd_pg80", sysfs, disk);
	cleanup_strbuf struct strbuf page = {0};
	struct err unused;

	if (file_read(path, ATTRIBUTE_MAX, &page, &unused) < 0 || page.length <= VPD_HEADER)
		return NULL;
	const unsigned char *bytes = (const unsigned char *)page.text;
	size_t length = (size_t)bytes[2] << 8 | bytes[3];
	if (bytes[1] != 0x80 || length > page.length - VPD_HEADER)
		return NULL;
	return trimmed(page.text + VPD_HEADER, length);
}

uint64_t scsi_disk_size(const char *sysfs, const char *disk)
{
	cleanup_free char *path = xasprintf("%s/class/block/%s/size", sysfs, disk);
	cleanup_free char *sectors = scsi_attribute(path);
	unsigned long long count;

	return sectors && str_to_u64(sectors, &count) ? count * 512 : 0;
}

/* --- writing --- */

struct writing {
	const char *path;
	const char *text;
};

static int put_attribute(const void *argument)
{
	const struct writing *writing = argument;
	int fd = open(writing->path, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, writing->text, strlen(writing->text)) < 0 ? errno : 0;
}

/* The kernel talks to the device before write() returns. */
static int write_attribute(const char *path, const char *text, const struct volume_host *host,
			   struct err *err)
{
	struct writing writing = {path, text};
	int rc = volume_in_child(put_attribute, &writing, host, err);

	return rc < 0 ? err_wrap(err, "write '%s'", path) : 0;
}

int scsi_device_scan(const struct scsi_address *address, const struct volume_host *host,
		     struct err *err)
{
	cleanup_free char *path = xasprintf(SYSFS "/class/scsi_host/host%u/scan", address->host);
	cleanup_free char *which =
		xasprintf("%u %u %" PRIu64 "\n", address->channel, address->target, address->lun);

	return write_attribute(path, which, host, err);
}

int scsi_device_refresh(const struct scsi_address *address, const struct volume_host *host,
			struct err *err)
{
	cleanup_free char *folder = device_folder(SYSFS, address);
	cleanup_free char *path = xasprintf("%s/rescan", folder);

	return write_attribute(path, "1\n", host, err);
}

int scsi_device_await_end(const struct scsi_address *address, const struct volume_host *host,
			  struct err *err)
{
	cleanup_free char *folder = device_folder(SYSFS, address);

	while (file_exists(folder)) {
		if (!volume_pause(host, POLL_MS))
			return err_set(err, ETIMEDOUT, "'%s': still there; the kernel removes it",
				       folder);
	}
	return 0;
}

int scsi_device_delete(const struct scsi_address *address, const struct volume_host *host,
		       struct err *err)
{
	cleanup_free char *folder = device_folder(SYSFS, address);
	cleanup_free char *path = xasprintf("%s/delete", folder);
	int rc = 0;

	if (file_exists(folder) && !scsi_device_is_going(SYSFS, address))
		rc = write_attribute(path, "1\n", host, err);
	if (rc < 0 && file_exists(folder) && !scsi_device_is_going(SYSFS, address))
		return rc;
	return scsi_device_await_end(address, host, err);
}
