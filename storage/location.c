/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a path leads: resolving links against the permitted folders, asking the file system. */
#include "storage/location.h"

#include <errno.h>
#include <limits.h>
#include <linux/gfs2_ondisk.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strbuf.h"

/* Not in linux/magic.h; from libvirt's src/util/virfile.c and Lustre's lustre_user.h. */
#define GPFS_MAGIC 0x47504653
#define ACFS_MAGIC 0x61636673
#define BEEGFS_MAGIC 0x19830326
#define LUSTRE_MAGIC 0x0bd00bd0

static const uint32_t shared_magics[] = {
	NFS_SUPER_MAGIC,  CIFS_SUPER_MAGIC, SMB_SUPER_MAGIC, SMB2_SUPER_MAGIC,  AFS_FS_MAGIC,
	AFS_SUPER_MAGIC,  GFS2_MAGIC,       GPFS_MAGIC,      OCFS2_SUPER_MAGIC, ACFS_MAGIC,
	CEPH_SUPER_MAGIC, BEEGFS_MAGIC,     LUSTRE_MAGIC,
};

/* Behind FUSE only the mount table tells what it is. */
static const char *const shared_fuse_types[] = {"fuse.glusterfs", "fuse.quobyte"};

/*
 * The real name of the nearest folder above @path, or @path itself, that exists. A dangling link on
 * the way is an error: what is made under it later would appear where it points to. Return: 0 and
 * *@ret, and in *@rest what follows it in @path; or a negative errno.
 */
static int resolve_existing(const char *path, char **ret, const char **rest, struct err *err)
{
	cleanup_free char *partial = xstrdup(path);
	struct stat st;

	while (lstat(partial, &st) < 0) {
		if (errno != ENOENT || str_equal(partial, "/"))
			return err_set(err, errno, "'%s': %s", partial, strerror(errno));
		char *above = path_folder(partial);
		free(partial);
		partial = above;
	}
	char *real = realpath(partial, NULL);
	if (!real && errno == ENOENT)
		return err_set(err, ENOENT, "'%s' is a link that leads nowhere; remove it",
			       partial);
	if (!real)
		return err_set(err, errno, "'%s': %s", partial, strerror(errno));
	*ret = real;
	if (rest)
		*rest = path + (str_equal(partial, "/") ? 0 : strlen(partial));
	return 0;
}

/* The name that @path would have with all links resolved; its missing part stays as it is. */
static int resolve(const char *path, char **ret, struct err *err)
{
	cleanup_free char *real = NULL;
	const char *rest;

	int rc = resolve_existing(path, &real, &rest, err);
	if (rc < 0)
		return rc;
	*ret = xasprintf("%s%s", str_equal(real, "/") && *rest ? "" : real, rest);
	return 0;
}

/* Return: 1 when the real @folder lies inside the root, 0 when not, -ENOENT without such a root. */
static int inside_root(const char *folder, const char *root)
{
	cleanup_free char *real = realpath(root, NULL);

	if (!real)
		return -errno;
	return path_under(folder, real);
}

static int say_outside(const char *path, const char *real_folder, const char *const *roots,
		       size_t count, struct err *err)
{
	cleanup_free char *folder = path_folder(path);
	cleanup_strbuf struct strbuf list = {0};

	for (size_t i = 0; i < count; i++) {
		if (path_under(folder, roots[i]))
			return err_set(err, EPERM,
				       "'%s' leads out of the image root '%s' by a link, to "
				       "folder '%s'; remove the link, or add that folder to the "
				       "roots",
				       path, roots[i], real_folder);
		strbuf_printf(&list, "%s'%s'", i ? ", " : "", roots[i]);
	}
	return err_set(err, EPERM,
		       "'%s' lies in none of the image roots (%s); add its folder to the roots or "
		       "map its path",
		       path, count ? list.text : "there are none");
}

static bool is_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

static int check_last_component(const char *path, struct err *err)
{
	if (is_link(path))
		return err_set(err, ELOOP, "'%s' is a symbolic link; use the name it leads to",
			       path);
	return 0;
}

int roots_check_folder(const char *path, const char *const *roots, size_t count, struct err *err)
{
	cleanup_free char *real_folder = NULL;

	if (!path_is_clean(path))
		return err_set(err, EINVAL,
			       "'%s' is not a plain absolute path; write it without '..', '.', "
			       "'//' and control characters",
			       path);
	cleanup_free char *folder = path_folder(path);
	int rc = resolve(folder, &real_folder, err);
	if (rc < 0)
		return err_wrap(err, "path '%s'", path);
	for (size_t i = 0; i < count; i++) {
		rc = inside_root(real_folder, roots[i]);
		if (rc > 0)
			return 0;
		/* A root that is missing matters only to what should lie in it. */
		if (rc < 0 && path_under(folder, roots[i]))
			return err_set(err, -rc, "image root '%s': %s; make or mount it", roots[i],
				       strerror(-rc));
	}
	return say_outside(path, real_folder, roots, count, err);
}

int roots_check(const char *path, const char *const *roots, size_t count, struct err *err)
{
	int rc = roots_check_folder(path, roots, count, err);

	return rc < 0 ? rc : check_last_component(path, err);
}

int roots_check_to_read(const char *path, const char *const *roots, size_t count, struct err *err)
{
	int rc = roots_check_folder(path, roots, count, err);

	if (rc < 0 || !is_link(path))
		return rc;
	cleanup_free char *real = realpath(path, NULL);
	if (!real && errno == ENOENT)
		return err_set(err, ENOENT, "'%s' is a link that leads nowhere; remove it", path);
	if (!real)
		return err_set(err, errno, "'%s': %s", path, strerror(errno));
	rc = roots_check_folder(real, roots, count, err);
	return rc < 0 ? err_wrap(err, "the link '%s'", path) : 0;
}

int space_available(const char *path, uint64_t *ret_bytes, struct err *err)
{
	cleanup_free char *real = NULL;
	struct statvfs fs;

	int rc = resolve_existing(path, &real, NULL, err);
	if (rc < 0)
		return rc;
	if (statvfs(real, &fs) < 0)
		return err_set(err, errno, "free space of '%s': %s", real, strerror(errno));
	*ret_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	return 0;
}

/* Return: 1 for a line of /proc/self/mountinfo with that device and a shared FUSE type, else 0. */
static int is_shared_fuse_line(const char *line, const char *device)
{
	char have[32], type[64];

	/* "36 35 0:98 / /mnt options... - type source options" */
	if (sscanf(line, "%*d %*d %31s", have) != 1 || !str_equal(have, device))
		return 0;
	const char *dash = strstr(line, " - ");
	if (!dash || sscanf(dash, " - %63s", type) != 1)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(shared_fuse_types); i++) {
		if (str_equal(type, shared_fuse_types[i]))
			return 1;
	}
	return 0;
}

static int is_shared_fuse(const char *path, struct err *err)
{
	cleanup_file FILE *table = fopen("/proc/self/mountinfo", "re");
	cleanup_free char *line = NULL;
	size_t capacity = 0;
	char device[32];
	struct stat st;
	int shared = 0;

	if (!table || stat(path, &st) < 0)
		return err_set(err, errno, "file system type of '%s': %s", path, strerror(errno));
	snprintf(device, sizeof(device), "%u:%u", major(st.st_dev), minor(st.st_dev));
	while (!shared && getline(&line, &capacity, table) >= 0)
		shared = is_shared_fuse_line(line, device);
	return shared;
}

/* Return: 1 or 0 by the type of the file system; or a negative errno. */
static int is_shared_type(const char *real, struct err *err)
{
	struct statfs fs;
	int shared = 0;

	if (statfs(real, &fs) < 0)
		return err_set(err, errno, "file system type of '%s': %s", real, strerror(errno));
	if ((uint32_t)fs.f_type == FUSE_SUPER_MAGIC)
		shared = is_shared_fuse(real, err);
	for (size_t i = 0; i < ARRAY_SIZE(shared_magics); i++)
		shared |= (uint32_t)fs.f_type == shared_magics[i];
	return shared;
}

int image_on_shared_storage(const char *path, const char *const *folders, size_t count, bool *ret,
			    struct err *err)
{
	cleanup_free char *real = NULL;
	int shared = 0;

	int rc = resolve_existing(path, &real, NULL, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < count && !shared; i++)
		shared = inside_root(real, folders[i]) > 0;
	if (!shared)
		shared = is_shared_type(real, err);
	if (shared < 0)
		return shared;
	*ret = shared > 0;
	return 0;
}
