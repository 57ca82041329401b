/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tap that is the port of a bridge, and frames that its bridge floods to it. */
#ifndef BERTH_TESTS_NETNS_TAP_QUEUE_H
#define BERTH_TESTS_NETNS_TAP_QUEUE_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "netfw/link.h"

#define TAP_QUEUES 2
#define TAP_FRAMES 64
/* What the frames of this test are known by. */
#define TAP_PORT 40404

struct tap_frame {
	struct ethhdr ether;
	struct iphdr ip;
	struct udphdr udp;
	char mark;
} __attribute__((packed));

/* A tap with several queues, as a guest with several virtual processors has. */
static inline int tap_open(const char *name, int fds[TAP_QUEUES], struct err *err)
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_MULTI_QUEUE};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	for (int i = 0; i < TAP_QUEUES; i++) {
		fds[i] = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
		if (fds[i] < 0 || ioctl(fds[i], TUNSETIFF, &request) < 0)
			return err_set(err, errno, "tap '%s': %s", name, strerror(errno));
	}
	return 0;
}

static inline int interface_ioctl(unsigned long what, const char *name, const char *bridge)
{
	cleanup_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {0};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", bridge ? bridge : name);
	if (bridge)
		request.ifr_ifindex = (int)if_nametoindex(name);
	else
		request.ifr_flags = IFF_UP;
	return ioctl(fd, what, &request);
}

/* Sends frames to all ports of the bridge; each is of another connection, so that each queue gets
 * some. The kernel has put them into the queues when it returns. */
static inline int flood(const char *bridge, char mark, int frames, struct err *err)
{
	cleanup_close int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_halen = ETH_ALEN};
	struct tap_frame frame = {
		.ether = {.h_source = {2, 0, 0, 0, 0, 1}, .h_proto = htons(ETH_P_IP)},
		.ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP},
		.udp = {.dest = htons(TAP_PORT)},
		.mark = mark,
	};

	to.sll_ifindex = (int)if_nametoindex(bridge);
	memset(frame.ether.h_dest, 0xff, ETH_ALEN);
	frame.ip.tot_len = htons(sizeof(frame) - ETH_HLEN);
	frame.ip.saddr = htonl(0xc0000201);
	frame.ip.daddr = htonl(0xffffffff);
	frame.udp.len = htons(sizeof(frame.udp) + 1);
	for (int i = 0; i < frames; i++) {
		frame.udp.source = htons((uint16_t)(1024 + i));
		if (sendto(fd, &frame, sizeof(frame), 0, (struct sockaddr *)&to, sizeof(to)) < 0)
			return err_set(err, errno, "sending to '%s': %s", bridge, strerror(errno));
	}
	return 0;
}

static inline int count_frames(int fd, char mark_wanted, int *others)
{
	struct tap_frame frame;
	int count = 0;

	for (;;) {
		ssize_t length = read(fd, &frame, sizeof(frame));
		if (length < 0)
			return count;
		if (length < (ssize_t)sizeof(frame) || frame.ether.h_proto != htons(ETH_P_IP) ||
		    frame.udp.dest != htons(TAP_PORT))
			continue;
		if (frame.mark == mark_wanted)
			count++;
		else
			++*others;
	}
}

/**
 * tap_queue_run() - flood a tap that nobody reads, drop what waits if @drop, flood it again, read
 *
 * Prints for each queue: how many frames of before and of after it held.
 */
static inline int tap_queue_run(struct route *route, const char *bridge, const char *tap, bool drop,
				struct err *err)
{
	int fds[TAP_QUEUES];

	int rc = tap_open(tap, fds, err);
	if (rc < 0)
		return rc;
	if (interface_ioctl(SIOCBRADDIF, tap, bridge) < 0 ||
	    interface_ioctl(SIOCSIFFLAGS, tap, NULL) < 0)
		return err_set(err, errno, "tap '%s': %s", tap, strerror(errno));
	rc = flood(bridge, 'b', TAP_FRAMES, err);
	if (rc == 0 && drop)
		rc = link_drop_queued(route, tap, err);
	if (rc == 0)
		rc = flood(bridge, 'a', TAP_FRAMES, err);
	for (int i = 0; rc == 0 && i < TAP_QUEUES; i++) {
		int before = 0;
		int after = count_frames(fds[i], 'a', &before);
		printf("before=%d after=%d\n", before, after);
	}
	return rc;
}

#endif
