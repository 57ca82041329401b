/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who the guest is, and which files its QEMU has open. */
#include "gate/look.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "xml/status.h"

#define OPEN_FILES_MAX 65536

int gate_running(const struct site *site, const char *name, const char *uuid, struct strbuf *text,
		 struct running_domain *ret, struct err *err)
{
	cleanup_free char *path = xasprintf("%s/%s.xml", site->libvirt_run, name);
	cleanup_running_domain struct running_domain domain = {0};

	if (strchr(name, '/'))
		return err_set(err, EINVAL, "a guest's name has no '/' in it");
	int rc = file_read(path, DOMAIN_STATUS_MAX_BYTES, text, err);
	if (rc < 0)
		return err_wrap(err, "libvirt's status file");
	rc = running_domain_parse(text->text, text->length, &domain, err);
	if (rc < 0)
		return err_wrap(err, "'%s'", path);
	if (strcmp(domain.uuid, uuid) != 0)
		return err_set(err, ESTALE, "'%s' is of a guest with UUID %s, not %s", path,
			       domain.uuid, uuid);
	*ret = domain;
	domain = (struct running_domain){0};
	return 0;
}

void open_files_of(pid_t pid, struct open_files *ret)
{
	cleanup_free char *path = xasprintf("/proc/%d/fd", (int)pid);
	cleanup_dir DIR *dir = pid > 0 ? opendir(path) : NULL;
	const struct dirent *item;
	struct stat st;

	*ret = (struct open_files){0};
	if (!dir)
		return;
	while (ret->count < OPEN_FILES_MAX && (item = readdir(dir))) {
		if (fstatat(dirfd(dir), item->d_name, &st, 0) < 0 || !S_ISREG(st.st_mode))
			continue;
		ret->items = xreallocarray(ret->items, ret->count + 1, sizeof(*ret->items));
		ret->items[ret->count++] =
			(struct file_id){.device = st.st_dev, .inode = st.st_ino};
	}
	ret->known = ret->count < OPEN_FILES_MAX;
}

void open_files_clear(struct open_files *files)
{
	free(files->items);
	*files = (struct open_files){0};
}
