/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's keys, and the file that tells hooks of the gate; both below /run, so gone with a boot.
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
#include "plugin/siphash.h"

#define HEX_DIGITS "0123456789abcdef"

_Static_assert(HEX_KEY_SIZE == 2 * SIPHASH_BYTES + 1, "a key and a MAC are as long");

static void put_hex(const unsigned char bytes[static SIPHASH_BYTES], char ret[static HEX_KEY_SIZE])
{
	for (size_t i = 0; i < SIPHASH_BYTES; i++) {
		ret[2 * i] = HEX_DIGITS[bytes[i] >> 4];
		ret[2 * i + 1] = HEX_DIGITS[bytes[i] & 15];
	}
	ret[HEX_KEY_SIZE - 1] = '\0';
}

int hex_key(char ret[static HEX_KEY_SIZE])
{
	unsigned char bytes[SIPHASH_BYTES];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return errno ? -errno : -EIO;
	put_hex(bytes, ret);
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

/* Return: whether there is one; else @ret is "". */
static bool get_key(const char *folder, const char *name, char ret[static HEX_KEY_SIZE])
{
	char text[HEX_KEY_SIZE + 1];

	ret[0] = '\0';
	if (get_file(folder, name, text, sizeof(text)) != HEX_KEY_SIZE || !is_hex_key(text) ||
	    text[HEX_KEY_SIZE - 1] != '\n')
		return false;
	memcpy(ret, text, HEX_KEY_SIZE - 1);
	ret[HEX_KEY_SIZE - 1] = '\0';
	return true;
}

int host_keys_get(const char *folder, struct host_keys *ret, struct err *err)
{
	char text[HEX_KEY_SIZE + 1];

	get_key(folder, "key", ret->old);
	if (get_key(folder, "secret", ret->secret))
		return 0;
	int rc = hex_key(ret->secret);
	if (rc < 0) {
		ret->secret[0] = '\0';
		return err_set(err, -rc, "random bytes: %s", strerror(-rc));
	}
	snprintf(text, sizeof(text), "%s\n", ret->secret);
	return put_file(folder, "secret", text, err);
}

static unsigned char digit_of(char digit)
{
	return (unsigned char)(strchr(HEX_DIGITS, digit) - HEX_DIGITS);
}

void host_sign(const struct host_keys *keys, const char *uuid, struct process_mark *mark)
{
	unsigned char key[SIPHASH_BYTES], mac[SIPHASH_BYTES];
	char text[128];

	mark->mac[0] = '\0';
	if (!is_hex_key(keys->secret))
		return;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (unsigned char)(digit_of(keys->secret[2 * i]) << 4 |
					 digit_of(keys->secret[2 * i + 1]));
	int length = snprintf(text, sizeof(text), "%s %d %llu", uuid, (int)mark->pid, mark->start);
	siphash(key, text, (size_t)length, mac);
	put_hex(mac, mark->mac);
}

/* How long it takes doesn't tell where they differ. */
static bool is_equal(const char a[static HEX_KEY_SIZE], const char b[static HEX_KEY_SIZE])
{
	unsigned char differences = 0;

	for (size_t i = 0; i < HEX_KEY_SIZE - 1; i++)
		differences |= (unsigned char)(a[i] ^ b[i]);
	return a[0] && differences == 0;
}

bool host_has_signed(const struct host_keys *keys, const char *uuid,
		     const struct process_mark *mark)
{
	struct process_mark ours = *mark;

	host_sign(keys, uuid, &ours);
	return is_equal(mark->mac, ours.mac);
}

bool host_has_signed_before(const struct host_keys *keys, const struct process_mark *mark)
{
	return is_equal(mark->mac, keys->old);
}

bool host_is_unverified(const char *folder, const char *uuid, pid_t pid)
{
	char name[64], wanted[128], found[128];
	unsigned long long start;

	if (pid <= 0 || process_start(pid, &start) < 0)
		return false;
	snprintf(name, sizeof(name), "unverified/%s", uuid);
	snprintf(wanted, sizeof(wanted), "berth-unverified\t1\nqemu\tpid=%d\tstart=%llu\n",
		 (int)pid, start);
	get_file(folder, name, found, sizeof(found));
	return strcmp(found, wanted) == 0;
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
