/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's key, and the file that tells hooks of the gate; both below /run, so gone with a boot.
 */
#include "plugin/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/process.h"

#define HEX_DIGITS "0123456789abcdef"

int hex_key(char ret[static HEX_KEY_SIZE])
{
	unsigned char bytes[(HEX_KEY_SIZE - 1) / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return errno ? -errno : -EIO;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		ret[2 * i] = HEX_DIGITS[bytes[i] >> 4];
		ret[2 * i + 1] = HEX_DIGITS[bytes[i] & 15];
	}
	ret[HEX_KEY_SIZE - 1] = '\0';
	return 0;
}

bool is_hex_key(const char *text)
{
	for (size_t i = 0; i < HEX_KEY_SIZE - 1; i++) {
		if (!text[i] || !strchr(HEX_DIGITS, text[i]))
			return false;
	}
	return true;
}

/* Puts a file of mode 0600 in place whole; its folder is made, for all to enter. The process's
 * umask is libvirtd's and stays as it is. */
static int put_file(const char *folder, const char *name, const char *text, struct err *err)
{
	char path[256], temporary[256];
	size_t length = strlen(text);

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	snprintf(temporary, sizeof(temporary), "%s/.%s.new", folder, name);
	if (mkdir(folder, 0755) == 0 && chmod(folder, 0755) < 0)
		return err_set(err, errno, "make folder '%s': %s", folder, strerror(errno));
	unlink(temporary);
	cleanup_close int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(err, errno, "create '%s': %s", temporary, strerror(errno));
	if (fchmod(fd, 0600) < 0 || write(fd, text, length) != (ssize_t)length ||
	    rename(temporary, path) < 0) {
		int code = errno ? errno : ENOSPC;
		unlink(temporary);
		return err_set(err, code, "write '%s': %s", path, strerror(code));
	}
	return 0;
}

/* Return: bytes read, the text ends in a NUL; 0 when there is no such file. */
static size_t get_file(const char *folder, const char *name, char *text, size_t size)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	cleanup_close int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t got = fd >= 0 ? read(fd, text, size - 1) : 0;
	text[got > 0 ? got : 0] = '\0';
	return got > 0 ? (size_t)got : 0;
}

int host_key(const char *folder, char ret[static HEX_KEY_SIZE], struct err *err)
{
	char text[HEX_KEY_SIZE + 1];

	if (get_file(folder, "key", text, sizeof(text)) == HEX_KEY_SIZE && is_hex_key(text) &&
	    text[HEX_KEY_SIZE - 1] == '\n') {
		memcpy(ret, text, HEX_KEY_SIZE - 1);
		ret[HEX_KEY_SIZE - 1] = '\0';
		return 0;
	}
	int rc = hex_key(ret);
	if (rc < 0) {
		ret[0] = '\0'; /* a key that is no key: nothing is known again by it */
		return err_set(err, -rc, "random bytes: %s", strerror(-rc));
	}
	snprintf(text, sizeof(text), "%s\n", ret);
	return put_file(folder, "key", text, err);
}

static int announcement(char *text, size_t size, struct err *err)
{
	unsigned long long start;

	if (process_start(getpid(), &start) < 0)
		return err_set(err, EIO, "read /proc/self/stat");
	snprintf(text, size, "berth-gate\t1\nlibvirtd\tpid=%d\tstart=%llu\n", (int)getpid(), start);
	return 0;
}

int host_announce(const char *folder, struct err *err)
{
	char text[128];
	int rc = announcement(text, sizeof(text), err);

	return rc < 0 ? rc : put_file(folder, "gate", text, err);
}

void host_withdraw(const char *folder)
{
	char ours[128], found[128], path[256];
	struct err err;

	if (announcement(ours, sizeof(ours), &err) < 0)
		return;
	get_file(folder, "gate", found, sizeof(found));
	snprintf(path, sizeof(path), "%s/gate", folder);
	if (strcmp(ours, found) == 0)
		unlink(path);
}
