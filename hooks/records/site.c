/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The folders of a real host, as the build was told. */
#include "hooks/records/site.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/lock_file.h"
#include "base/strbuf.h"

const struct site this_site = {
	.config = SYSCONFDIR "/berth",
	.state = LOCALSTATEDIR "/lib/berth",
	.libvirt_run = "/run/libvirt/qemu",
	.libvirt_config = SYSCONFDIR "/libvirt/qemu",
	.qemu_conf = SYSCONFDIR "/libvirt/qemu.conf",
	.net_class = "/sys/class/net",
	.secrets = SYSCONFDIR "/berth/secrets",
	.gate = "/run/berth/gate",
	.known_rules = "/run/berth/rules",
	.refresh_lock = "/run/berth/refresh.lock",
	.unverified = "/run/berth/unverified",
};

int site_lock(const struct site *site, struct err *err)
{
	return site_lock_file(site, "lock", err);
}

static int open_lock(const struct site *site, const char *name, struct err *err)
{
	cleanup_free char *path = xasprintf("%s/%s", site->state, name);

	int rc = file_make_folders(site->state, 0700, err);
	if (rc < 0)
		return rc;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return fd < 0 ? err_set(err, errno, "open '%s': %s", path, strerror(errno)) : fd;
}

int site_lock_file(const struct site *site, const char *name, struct err *err)
{
	cleanup_free char *path = xasprintf("%s/%s", site->state, name);

	int rc = file_make_folders(site->state, 0700, err);
	if (rc < 0)
		return rc;
	int fd = lock_file(path, O_RDWR | O_CREAT, LOCK_FILE_WAIT);
	return fd < 0 ? err_set(err, -fd, "lock '%s': %s", path, strerror(-fd)) : fd;
}

/* Shifted so that it fits into off_t. Two records that share a byte only wait for each
 * other: no process locks two of them. */
static off_t byte_of(const char *folder, const char *uuid)
{
	cleanup_free char *key = xasprintf("%s/%s", folder, uuid);

	return (off_t)(str_hash(key) >> 2);
}

int site_lock_record(const struct site *site, const char *folder, const char *uuid, struct err *err)
{
	cleanup_close int fd = open_lock(site, "records.lock", err);
	struct flock lock = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = byte_of(folder, uuid),
		.l_len = 1,
	};

	if (fd < 0)
		return fd;
	while (fcntl(fd, F_OFD_SETLKW, &lock) < 0) {
		if (errno != EINTR)
			return err_set(err, errno, "lock the record of %s: %s", uuid,
				       strerror(errno));
	}
	return steal_fd(fd);
}

int site_list_uuids(const struct site *site, const char *folder, char ***ret, size_t *ret_count,
		    struct err *err)
{
	cleanup_free char *path = xasprintf("%s/%s", site->state, folder);
	cleanup_dir DIR *dir = opendir(path);
	char **uuids = NULL;
	size_t count = 0;

	if (!dir && errno != ENOENT)
		return err_set(err, errno, "open '%s': %s", path, strerror(errno));
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		if (strlen(entry->d_name) != 36)
			continue;
		uuids = xreallocarray(uuids, count + 1, sizeof(*uuids));
		uuids[count++] = xstrdup(entry->d_name);
	}
	*ret = uuids;
	*ret_count = count;
	return 0;
}

void site_free_uuids(char **uuids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(uuids[i]);
	free(uuids);
}
