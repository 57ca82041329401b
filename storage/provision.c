/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making fresh images.
 *
 * An image is made under a name that only this migration knows, and gets its own name by a rename
 * that never replaces anything. Between the two the caller journals which file it is. So at every
 * moment either the temporary name or the journal tells what is ours, and undoing needs no guess.
 *
 * Whoever may write to the folder, or to one above it below the root, can exchange names at any
 * moment. So the folder is opened once for each deed, and the image is known by its descriptor.
 */
#include "storage/provision.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/command.h"
#include "base/file.h"
#include "base/strbuf.h"
#include "storage/folder.h"
#include "storage/image.h"

#define SECTOR 512
#define TOKEN_LENGTH 32
#define CREATE_TIMEOUT_MS 60000
#define CREATE_OUTPUT_MAX 4096

static bool is_token(const char *token)
{
	return token && strlen(token) == TOKEN_LENGTH &&
	       strspn(token, "0123456789abcdef") == TOKEN_LENGTH;
}

static void hash_name(const char *name, char ret[17])
{
	uint8_t bytes[SHA256_DIGEST_SIZE];
	struct sha256_ctx sha256;

	sha256_init(&sha256);
	sha256_update(&sha256, strlen(name), (const uint8_t *)name);
	sha256_digest(&sha256, sizeof(bytes), bytes);
	for (size_t i = 0; i < 8; i++)
		snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
}

/* How much of the name fits into @max bytes; some file systems refuse a part of a character. */
static size_t whole_characters(const char *name, size_t max)
{
	size_t length = strnlen(name, max);

	while (name[length] != '\0' && length > 0 && ((unsigned char)name[length] & 0xc0) == 0x80)
		length--;
	return length;
}

char *provision_name_beside(const char *path, const char *suffix)
{
	const char *name = path_name(path);
	char hash[17];

	if (strlen(name) + strlen(suffix) <= NAME_MAX)
		return xasprintf("%s%s", path, suffix);
	hash_name(name, hash);
	size_t kept =
		whole_characters(name, NAME_MAX - strlen("~") - strlen(hash) - strlen(suffix));
	return xasprintf("%.*s~%s%s", (int)((size_t)(name - path) + kept), path, hash, suffix);
}

/* The name in the image's folder; the caller frees it. */
static int temporary_name(const char *path, const char *token, char **ret, struct err *err)
{
	if (!is_token(token))
		return err_set(err, EINVAL, "image '%s': token '%s' is not 32 hex digits", path,
			       token ? token : "");
	const char *name = path_name(path);
	char hash[17];
	if (strlen(".berth-") + TOKEN_LENGTH + strlen("-") + strlen(name) > NAME_MAX) {
		/* Cutting it could split a character, which some file systems refuse. */
		hash_name(name, hash);
		name = hash;
	}
	*ret = xasprintf(".berth-%s-%s", token, name);
	return 0;
}

/* --- making --- */

/* qemu-img writes the name down and opens nothing; so what is wrong with it is said here. */
static int check_backing(const struct new_image *what, struct err *err)
{
	cleanup_image struct image image = {0};

	if (!what->backing_path)
		return 0;
	cleanup_close int fd =
		what->readable ? open_safely_in(what->backing_path, OPEN_FILE, what->readable, err)
			       : open_safely(what->backing_path, OPEN_FILE, err);
	if (fd < 0)
		return err_wrap(err, "backing file '%s'", what->backing_path);
	if (image_inspect_fd(fd, what->backing_path, what->backing_format, &image, err) < 0)
		return err_wrap(err, "backing file");
	return 0;
}

static int check_wanted(const struct new_image *what, struct err *err)
{
	if (!str_equal(what->format, "raw") && !str_equal(what->format, "qcow2"))
		return err_set(err, ENOTSUP,
			       "format '%s' cannot be made; berth makes raw and qcow2",
			       what->format ? what->format : "");
	if (what->virtual_bytes % SECTOR != 0)
		return err_set(err, EINVAL,
			       "a virtual size of %" PRIu64 " bytes is no multiple of %d; "
			       "resize the source image",
			       what->virtual_bytes, SECTOR);
	if (what->backing_path && str_equal(what->format, "raw"))
		return err_set(err, EINVAL, "a raw image cannot have a backing file");
	if (what->backing_path && (what->backing_path[0] != '/' || !what->backing_format))
		return err_set(err, EINVAL, "backing file '%s' needs an absolute path and a format",
			       what->backing_path);
	return check_backing(what, err);
}

/*
 * qemu-img is shown the very file that is open here, not its name: whoever may write to the folder
 * could put a link there meanwhile.
 */
static int run_qemu_img(int fd, const struct new_image *what, struct err *err)
{
	char target[64], size[32];
	const char *argv[16] = {"qemu-img", "create", "-q", "-f", what->format};
	size_t count = 5;

	snprintf(target, sizeof(target), "/proc/%d/fd/%d", (int)getpid(), fd);
	snprintf(size, sizeof(size), "%" PRIu64, what->virtual_bytes);
	if (what->backing_path) {
		argv[count++] = "-u"; /* the size is given, so it need not look at what is below */
		argv[count++] = "-b";
		argv[count++] = what->backing_path;
		argv[count++] = "-F";
		argv[count++] = what->backing_format;
	}
	argv[count++] = "--";
	argv[count++] = target;
	argv[count++] = size;
	const struct command command = {
		.argv = argv,
		.timeout_ms = CREATE_TIMEOUT_MS,
		.output_max = CREATE_OUTPUT_MAX,
	};
	return command_run(&command, NULL, err);
}

static int verify(int fd, const struct new_image *what, struct err *err)
{
	cleanup_image struct image image = {0};

	int rc = image_inspect_fd(fd, what->path, what->format, &image, err);
	if (rc < 0)
		return rc;
	if (image.virtual_bytes != what->virtual_bytes ||
	    !str_equal(image.backing_path, what->backing_path) ||
	    !str_equal(image.backing_format, what->backing_format))
		return err_set(err, EIO,
			       "qemu-img made %" PRIu64 " bytes on backing file '%s' (%s)",
			       image.virtual_bytes, image.backing_path ? image.backing_path : "",
			       image.backing_format ? image.backing_format : "");
	return 0;
}

/* The group gets in where the folder is the group's too, if that was asked for. */
static int set_owner(int fd, int folder, const struct new_image *what, struct err *err)
{
	mode_t mode = what->mode;
	uid_t uid = what->uid;
	gid_t gid = what->gid;
	struct stat st;

	if (fstat(folder, &st) < 0)
		return err_set(err, errno, "look at its folder: %s", strerror(errno));
	bool by_group = what->by_group && st.st_mode & S_IWGRP;
	if (what->as_folder || by_group) {
		uid = st.st_uid;
		gid = st.st_gid;
	}
	if (by_group)
		mode |= S_IRGRP | S_IWGRP;
	if (fchown(fd, uid, gid) < 0)
		return err_set(err, errno, "give it to %d:%d: %s", (int)uid, (int)gid,
			       strerror(errno));
	if (fchmod(fd, mode) < 0)
		return err_set(err, errno, "mode %03o: %s", (unsigned)mode, strerror(errno));
	return 0;
}

static int fill(int fd, int folder, const struct new_image *what, struct err *err)
{
	int rc = run_qemu_img(fd, what, err);
	if (rc == 0)
		rc = verify(fd, what, err);
	if (rc == 0)
		rc = set_owner(fd, folder, what, err);
	if (rc < 0)
		return rc;
	if (fsync(fd) < 0)
		return err_set(err, errno, "sync: %s", strerror(errno));
	return 0;
}

static int make(int folder, const char *temporary, const struct new_image *what,
		struct file_id *ret, struct err *err)
{
	int rc = folder_remove(folder, temporary, err);
	if (rc < 0)
		return rc;
	cleanup_close int fd =
		openat(folder, temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(err, errno, "create '%s': %s", temporary, strerror(errno));
	rc = fill(fd, folder, what, err);
	if (rc == 0)
		rc = file_id_of_fd(fd, ret, err);
	if (rc < 0)
		unlinkat(folder, temporary, 0);
	return rc;
}

int provision_make(const struct new_image *what, const struct folders *roots, struct file_id *ret,
		   struct err *err)
{
	cleanup_free char *temporary = NULL;
	cleanup_close int folder = folder_open(what->path, roots, err);

	if (folder < 0)
		return err_wrap(err, "image '%s'", what->path);
	int rc = temporary_name(what->path, what->token, &temporary, err);
	if (rc < 0)
		return rc;
	rc = check_wanted(what, err);
	if (rc == 0)
		rc = make(folder, temporary, what, ret, err);
	return rc < 0 ? err_wrap(err, "image '%s'", what->path) : 0;
}

/* --- naming --- */

static int rename_in(int folder, const char *from, const char *to, const char *path,
		     const struct file_id *id, struct err *err)
{
	int rc = folder_rename(folder, from, to, id, err);
	if (rc == 0)
		rc = folder_sync(folder, path, err);
	return rc < 0 ? err_wrap(err, "image '%s'", path) : 0;
}

int provision_place(const char *path, const struct folders *roots, const char *token,
		    const struct file_id *id, struct err *err)
{
	cleanup_free char *temporary = NULL;
	cleanup_close int folder = folder_open(path, roots, err);

	if (folder < 0)
		return err_wrap(err, "image '%s'", path);
	int rc = temporary_name(path, token, &temporary, err);
	return rc < 0 ? rc : rename_in(folder, temporary, path_name(path), path, id, err);
}

static int check_same_folder(const char *path, const char *aside, struct err *err)
{
	if (path_name(path) - path == path_name(aside) - aside &&
	    strncmp(path, aside, (size_t)(path_name(path) - path)) == 0)
		return 0;
	return err_set(err, EINVAL, "'%s' is not in the folder of '%s'", aside, path);
}

int provision_set_aside(const char *path, const struct folders *roots, const char *aside,
			const struct file_id *id, struct err *err)
{
	int rc = check_same_folder(path, aside, err);
	if (rc < 0)
		return rc;
	cleanup_close int folder = folder_open(path, roots, err);
	if (folder < 0)
		return err_wrap(err, "image '%s'", path);
	return rename_in(folder, path_name(path), path_name(aside), path, id, err);
}

int provision_put_back(const char *path, const struct folders *roots, const char *aside,
		       const struct file_id *id, struct err *err)
{
	int rc = check_same_folder(path, aside, err);
	if (rc < 0)
		return rc;
	cleanup_close int folder = folder_open_to_clear(path, roots, err);
	if (folder < 0)
		return err_wrap(err, "image '%s'", path);
	return rename_in(folder, path_name(aside), path_name(path), path, id, err);
}

/* --- undoing --- */

static int remove_if_it_is(int folder, const char *name, const struct file_id *id, struct err *err)
{
	int rc = folder_holds(folder, name, id, err);

	if (rc == -ENOENT)
		return 0;
	return rc > 0 ? folder_remove(folder, name, err) : rc;
}

static int undo(int folder, const char *temporary, const char *path, const struct file_id *id,
		struct err *err)
{
	int removed = folder_remove(folder, temporary, err);
	int placed = removed >= 0 && id ? remove_if_it_is(folder, path_name(path), id, err) : 0;

	if (removed < 0 || placed < 0)
		return -err->code;
	if (!removed && !placed)
		return 0;
	int rc = folder_sync(folder, path, err);
	return rc < 0 ? rc : 1;
}

int provision_undo(const char *path, const struct folders *roots, const char *token,
		   const struct file_id *id, struct err *err)
{
	cleanup_free char *temporary = NULL;

	int rc = temporary_name(path, token, &temporary, err);
	if (rc < 0)
		return rc;
	cleanup_close int folder = folder_open_to_clear(path, roots, err);
	if (folder == -ENOENT || folder == -ENOTDIR)
		return 0;
	if (folder >= 0)
		rc = undo(folder, temporary, path, id, err);
	return folder < 0 || rc < 0 ? err_wrap(err, "image '%s'", path) : rc;
}
