/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared storage, as berth.conf and the file system tell. */
#include "hooks/records/shared_storage.h"

#include <errno.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "libvirt/daemon_conf.h"
#include "storage/location.h"

#define CONF_MAX_BYTES (1 << 20)

/* @ret: to be cleared, also after an error */
static int read_folders(const struct site *site, struct daemon_conf_list *ret, struct err *err)
{
	cleanup_strbuf struct strbuf text = {0};

	strbuf_puts(&text, "");
	int rc = site->qemu_conf ? file_read(site->qemu_conf, CONF_MAX_BYTES, &text, err) : -ENOENT;
	if (rc < 0 && rc != -ENOENT)
		return err_wrap(err, "'%s'", site->qemu_conf);
	daemon_conf_list(text.text, "shared_filesystems", ret);
	return 0;
}

static int is_in(const struct daemon_conf_list *folders, const char *path, bool *ret,
		 struct err *err)
{
	*ret = false;
	if (!folders->count)
		return 0;
	return image_on_shared_storage(path, (const char *const *)folders->items, folders->count,
				       ret, err);
}

int shared_by_libvirt(const struct site *site, const char *path, bool *ret, struct err *err)
{
	cleanup_daemon_conf_list struct daemon_conf_list folders = {0};

	int rc = read_folders(site, &folders, err);
	return rc < 0 ? rc : is_in(&folders, path, ret, err);
}

/* The file is read once: the gate asks for each image while the guest stands still. */
static int shared_by_this_libvirt(const char *path, bool *ret, struct err *err)
{
	static struct daemon_conf_list folders;
	static bool known;

	int rc = known ? 0 : read_folders(&this_site, &folders, err);
	if (rc < 0)
		return rc;
	known = true;
	return is_in(&folders, path, ret, err);
}

int on_shared_storage(const struct config *config, const char *path, bool *ret, struct err *err)
{
	const char *const *folders = config ? (const char *const *)config->shared.items : NULL;
	bool shared;

	int rc = image_on_shared_storage(path, folders, config ? config->shared.count : 0, &shared,
					 err);
	if (rc == 0 && !shared)
		rc = shared_by_this_libvirt(path, &shared, err);
	if (rc == 0)
		*ret = shared;
	return rc;
}
