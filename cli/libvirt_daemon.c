/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon of libvirt's that runs QEMU on this host, by its pid file and its socket. */
#include "cli/libvirt_daemon.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/process.h"
#include "base/strbuf.h"

#define POLL_MS 10
/* <linux/net.h>, as /proc/net/unix prints it (net/unix/af_unix.c): somebody listens. */
#define SO_ACCEPTCON 0x10000

/* The names are those in libvirt's src/remote/remote_daemon.c and its units. */
struct names {
	const char *name;
	const char *pid_file;
	const char *socket;
};
static const struct names qemu_daemon = {"virtqemud", "virtqemud.pid", "libvirt/virtqemud-sock"};
static const struct names one_daemon = {"libvirtd", "libvirtd.pid", "libvirt/libvirt-sock"};

/* The number in a pid file; 0: none. */
static pid_t read_number(const char *path)
{
	cleanup_strbuf struct strbuf text = {0};
	struct err err;

	if (file_read(path, 64, &text, &err) < 0 || !text.text)
		return 0;
	return (pid_t)strtol(text.text, NULL, 10);
}

/*
 * Who has the pid file locked. A file that was left behind is not locked, whatever process has the
 * number in it by now: libvirt's daemons lock the first byte as long as they live
 * (virPidFileAcquirePath() in src/util/virpidfile.c). A lock that belongs to a descriptor has no
 * owner to tell.
 */
static pid_t locked_by(const char *path)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
		return 0;
	return lock.l_pid > 0 ? lock.l_pid : read_number(path);
}

static bool runs(const char *run, const struct names *names, struct libvirt_daemon *ret)
{
	cleanup_free char *path = xasprintf("%s/%s", run, names->pid_file);
	struct libvirt_daemon daemon = {.name = names->name, .pid = locked_by(path)};

	if (daemon.pid <= 0 || process_start(daemon.pid, &daemon.start) < 0)
		return false;
	*ret = daemon;
	return true;
}

/* "ffff: 00000002 00000000 00010000 0001 01 12345 /run/libvirt/virtqemud-sock" */
static bool line_listens(const char *line, const char *path)
{
	unsigned long flags;
	int at = 0;

	if (sscanf(line, "%*s %*s %*s %lx %*s %*s %*s %n", &flags, &at) != 1 || at == 0)
		return false;
	const char *found = line + at;
	size_t length = strcspn(found, "\n");
	return (flags & SO_ACCEPTCON) && length == strlen(path) &&
	       strncmp(found, path, length) == 0;
}

/* Whether anybody listens there. A connection would tell too, and start the daemon. */
static bool listens(const char *run, const char *socket)
{
	cleanup_free char *path = xasprintf("%s/%s", run, socket);
	cleanup_free char *line = NULL;
	cleanup_file FILE *sockets = fopen("/proc/net/unix", "re");
	bool found = false;
	size_t size = 0;

	while (sockets && !found && getline(&line, &size, sockets) > 0)
		found = line_listens(line, path);
	return found;
}

/* Where daemons are modular, it is virtproxyd that listens at libvirtd's socket. */
static bool is_modular(const char *run)
{
	cleanup_free char *proxy = xasprintf("%s/virtproxyd.pid", run);

	return listens(run, qemu_daemon.socket) || listens(run, "libvirt/virtproxyd-admin-sock") ||
	       locked_by(proxy) > 0;
}

struct libvirt_daemon libvirt_daemon_find_in(const char *run)
{
	struct libvirt_daemon daemon;

	if (runs(run, &qemu_daemon, &daemon) || runs(run, &one_daemon, &daemon))
		return daemon;
	const struct names *names = is_modular(run) ? &qemu_daemon : &one_daemon;
	return (struct libvirt_daemon){.name = names->name,
				       .on_demand = listens(run, names->socket)};
}

struct libvirt_daemon libvirt_daemon_find(void)
{
	return libvirt_daemon_find_in("/run");
}

static bool has_ended(const struct libvirt_daemon *daemon)
{
	unsigned long long start;

	return process_start(daemon->pid, &start) < 0 || start != daemon->start;
}

bool libvirt_daemon_wait_end(const struct libvirt_daemon *daemon, int timeout_ms)
{
	const int64_t deadline_ms = clock_now_ms() + timeout_ms;

	while (daemon->pid && !has_ended(daemon)) {
		if (clock_now_ms() >= deadline_ms)
			return false;
		usleep(POLL_MS * 1000);
	}
	return daemon->pid != 0;
}
