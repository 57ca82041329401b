/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making fresh images.
 *
 * An image is made under a name that only this migration knows, and gets its own name by a rename
 * that never replaces anything. Between the two the caller journals which file it is. So at every
 * moment either the temporary name or the journal tells what is ours, and undoing needs no guess.
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
#include "storage/image.h"

#define SECTOR 512
#define TOKEN_LENGTH 32
#define CREATE_TIMEOUT_MS 60000
#define CREATE_OUTPUT_MAX 4096

/* Return: 1 when that file stands at @path, 0 when another, -ENOENT for none, or another error. */
static int holds(const char *path, const struct file_id *id, struct err *err)
{
	struct file_id there;

	int rc = file_id_of(path, &there, err);
	return rc < 0 ? rc : file_id_equal(&there, id);
}

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

static int temporary_name(const char *path, const char *token, char **ret, struct err *err)
{
	if (!is_token(token))
		return err_set(err, EINVAL, "image '%s': token '%s' is not 32 hex digits", path,
			       token ? token : "");
	if (!path_is_clean(path))
		return err_set(err, EINVAL, "image '%s' is not a plain absolute path", path);
	cleanup_free char *folder = path_folder(path);
	const char *slash = str_equal(folder, "/") ? "" : "/", *name = path_name(path);
	char hash[17];
	if (strlen(".berth-") + TOKEN_LENGTH + strlen("-") + strlen(name) > NAME_MAX) {
		/* Cutting it could split a character, which some file systems refuse. */
		hash_name(name, hash);
		name = hash;
	}
	*ret = xasprintf("%s%s.berth-%s-%s", folder, slash, token, name);
	return 0;
}

/* --- making --- */

/*
 * qemu-img opens all that is below, whatever the headers there name; so they are looked at before.
 * It also says better what is wrong.
 */
static int check_backing(const struct new_image *what, struct err *err)
{
	cleanup_image_chain struct image_chain chain = {0};

	if (!what->backing_path)
		return 0;
	if (image_chain_inspect(what->backing_path, what->backing_format, &chain, err) < 0)
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

static int fill(int fd, const struct new_image *what, struct err *err)
{
	int rc = run_qemu_img(fd, what, err);
	if (rc == 0)
		rc = verify(fd, what, err);
	if (rc < 0)
		return rc;
	if (fchown(fd, what->uid, what->gid) < 0)
		return err_set(err, errno, "give it to %d:%d: %s", (int)what->uid, (int)what->gid,
			       strerror(errno));
	if (fchmod(fd, what->mode) < 0)
		return err_set(err, errno, "mode %03o: %s", (unsigned)what->mode, strerror(errno));
	if (fsync(fd) < 0)
		return err_set(err, errno, "sync: %s", strerror(errno));
	return 0;
}

int provision_make(const struct new_image *what, struct file_id *ret, struct err *err)
{
	cleanup_free char *temporary = NULL;

	int rc = temporary_name(what->path, what->token, &temporary, err);
	if (rc < 0)
		return rc;
	if (check_wanted(what, err) < 0)
		return err_wrap(err, "image '%s'", what->path);
	if (unlink(temporary) < 0 && errno != ENOENT)
		return err_set(err, errno, "remove '%s': %s", temporary, strerror(errno));
	cleanup_close int fd =
		open(temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(err, errno, "create '%s': %s", temporary, strerror(errno));
	rc = fill(fd, what, err);
	if (rc == 0)
		rc = file_id_of(temporary, ret, err);
	if (rc < 0) {
		unlink(temporary);
		return err_wrap(err, "image '%s'", what->path);
	}
	return 0;
}

/* --- naming --- */

static int rename_into_free_name(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL)
		return -errno;
	/* NFS has no such flag, but it has links, and making one never replaces anything either. */
	if (linkat(AT_FDCWD, from, AT_FDCWD, to, 0) < 0)
		return -errno;
	return unlink(from) < 0 ? -errno : 0;
}

/* Renames @from to @to, if it is that file and the name is free. Idempotent. */
static int move(const char *from, const char *to, const struct file_id *id, struct err *err)
{
	struct err unused;

	int there = holds(to, id, &unused), here = holds(from, id, err);
	if (there > 0) {
		/* Both names at once: killed between link and unlink. */
		if (here > 0 && unlink(from) < 0)
			return err_set(err, errno, "remove '%s': %s", from, strerror(errno));
		return file_sync_folder_of(to, err);
	}
	if (here < 0)
		return here;
	if (here == 0)
		return err_set(err, ESTALE,
			       "'%s' is not the file that it was; look who replaced it", from);
	int rc = rename_into_free_name(from, to);
	if (rc == -EEXIST)
		return err_set(err, EEXIST, "'%s' exists already; move it away", to);
	if (rc < 0)
		return err_set(err, -rc, "rename '%s' to '%s': %s", from, to, strerror(-rc));
	return file_sync_folder_of(to, err);
}

int provision_place(const char *path, const char *token, const struct file_id *id, struct err *err)
{
	cleanup_free char *temporary = NULL;

	int rc = temporary_name(path, token, &temporary, err);
	return rc < 0 ? rc : move(temporary, path, id, err);
}

int provision_set_aside(const char *path, const char *aside, const struct file_id *id,
			struct err *err)
{
	return move(path, aside, id, err);
}

int provision_put_back(const char *path, const char *aside, const struct file_id *id,
		       struct err *err)
{
	return move(aside, path, id, err);
}

/* --- undoing --- */

/* Return: 1 when removed, 0 when it was not there, or a negative errno. */
static int remove_name(const char *path, struct err *err)
{
	if (unlink(path) == 0)
		return 1;
	if (errno == ENOENT || errno == ENOTDIR)
		return 0;
	return err_set(err, errno, "remove '%s': %s", path, strerror(errno));
}

static int remove_if_it_is(const char *path, const struct file_id *id, struct err *err)
{
	int rc = holds(path, id, err);

	if (rc == -ENOENT || rc == -ENOTDIR)
		return 0;
	return rc > 0 ? remove_name(path, err) : rc;
}

int provision_undo(const char *path, const char *token, const struct file_id *id, struct err *err)
{
	cleanup_free char *temporary = NULL;

	int rc = temporary_name(path, token, &temporary, err);
	if (rc < 0)
		return rc;
	int removed = remove_name(temporary, err);
	int placed = removed >= 0 && id ? remove_if_it_is(path, id, err) : 0;
	if (removed < 0 || placed < 0)
		return -err->code;
	if (!removed && !placed)
		return 0;
	rc = file_sync_folder_of(path, err);
	return rc < 0 ? rc : 1;
}
