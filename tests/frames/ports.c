/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the kernel handles a frame that is written into a tap before write()
 * returns, and the process stays on one processor, so frames to the same port arrive in the order
 * in which they were sent. That a frame was dropped is known once a marker, which always passes,
 * has arrived behind it.
 */
#include "tests/frames/ports.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <linux/if_bridge.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"

static const char *const names[] = {"vnet0", "vnet1", "vnet2", "out"};

int tap_open(const char *name)
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0)
		die("tap '%s': %s", name, strerror(errno));
	return fd;
}

int port_fd(const struct ports *ports, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(names[i], name) == 0)
			return ports->fds[i];
	}
	die("port '%s': there is none", name);
}

void port_send(int fd, const struct frame *frame)
{
	if (write(fd, frame->bytes, frame->length) != (ssize_t)frame->length)
		die("sending %zu bytes: %s", frame->length, strerror(errno));
}

bool port_receive(int fd, struct frame *frame, int timeout_ms)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	for (;;) {
		ssize_t length = read(fd, frame->bytes, sizeof(frame->bytes));
		if (length >= 0) {
			frame->length = (size_t)length;
			return true;
		}
		if (errno != EAGAIN)
			die("receiving: %s", strerror(errno));
		if (poll(&wait, 1, timeout_ms) == 0)
			return false;
	}
}

void ports_drain(const struct ports *ports)
{
	struct frame frame;

	for (size_t i = 0; i < ARRAY_SIZE(ports->fds); i++) {
		while (port_receive(ports->fds[i], &frame, 0))
			continue;
	}
}

bool frame_equal(const struct frame *a, const struct frame *b)
{
	return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

void marker_build(const struct path *path, struct frame *ret)
{
	const char *line = strcmp(path->from, "out") == 0 ? "arp"
			   : strcmp(path->to, "out") == 0 ? "rarp"
							  : "arp from=0.0.0.0";
	struct frames frames;

	frames_build_line(line, path, &frames);
	*ret = frames.items[0];
}

/* The kernel lets a port forward a moment after somebody has attached to its tap. */
static bool all_forward(void)
{
	glob_t found = {0};
	bool all = glob("/sys/class/net/*/brport/state", 0, NULL, &found) == 0;

	for (size_t i = 0; i < found.gl_pathc; i++) {
		cleanup_file FILE *file = fopen(found.gl_pathv[i], "re");
		all = all && file && getc(file) == '0' + BR_STATE_FORWARDING;
	}
	globfree(&found);
	return all;
}

void ports_open(struct ports *ports)
{
	cpu_set_t one;
	int waited;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof(one), &one) < 0)
		die("sched_setaffinity: %s", strerror(errno));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		ports->fds[i] = tap_open(names[i]);
	for (waited = 0; !all_forward() && waited < DEADLINE_MS; waited += 10)
		usleep(10000);
	if (waited >= DEADLINE_MS)
		die("not all ports of the bridge forward");
}
