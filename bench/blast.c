/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * blast ROUNDS RUN-MS GUEST-MAC NAMESPACE...: what a packet costs in network namespaces, side by
 * side.
 *
 * In each there is an interface "sender", and "receiver" at the other end of what is measured. A
 * run sends UDP packets of 64 bytes to port 9 for RUN-MS; the namespaces are taken in turns, the
 * next round in another order. Everything is pinned to one CPU, on which the kernel also does the
 * rest of a packet's way before it returns to us; so the time that a run takes is that of its
 * packets.
 *
 * Prints a line per namespace: median, smallest and largest ns per packet, packets sent, arrived.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PLACES_MAX 8
#define PACKETS_AT_ONCE 64
#define ARRIVES_WITHIN_US 200000
#define INTERFACES_TEXT_BYTES (1 << 20)

/**
 * struct place - a namespace
 * @counters: its /proc/net/dev, in which the kernel counts each interface's packets
 */
struct place {
	const char *name;
	int sender;
	int counters;
	double *costs_ns;
	uint64_t sent;
	uint64_t arrived;
};

struct frame {
	struct ether_header ether;
	struct iphdr ip;
	struct udphdr udp;
	char content[64 - sizeof(struct ether_header) - sizeof(struct iphdr) -
		     sizeof(struct udphdr)];
} __attribute__((packed));

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "blast: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* --- packets --- */

static uint16_t checksum(const void *bytes, size_t length)
{
	const uint16_t *words = bytes;
	uint32_t sum = 0;

	for (size_t i = 0; i < length / 2; i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~(sum + (sum >> 16));
}

/* From 192.0.2.1 to 192.0.2.2; UDP without a checksum. */
static struct frame make_frame(const struct ether_addr *to)
{
	struct frame frame = {
		.ether = {.ether_shost = {0x52, 0x54, 0, 0xff, 0, 1},
			  .ether_type = htons(ETH_P_IP)},
		.ip = {.version = 4,
		       .ihl = 5,
		       .tot_len = htons(sizeof(frame) - sizeof(frame.ether)),
		       .ttl = 64,
		       .protocol = IPPROTO_UDP,
		       .saddr = htonl(0xc0000201),
		       .daddr = htonl(0xc0000202)},
		.udp = {.source = htons(40000),
			.dest = htons(9),
			.len = htons(sizeof(frame.udp) + sizeof(frame.content))},
	};
	struct iphdr header = frame.ip;

	memcpy(frame.ether.ether_dhost, to, ETH_ALEN);
	frame.ip.check = checksum(&header, sizeof(header));
	return frame;
}

static void send_some(const struct place *place, struct frame *frame)
{
	struct iovec content = {frame, sizeof(*frame)};
	struct mmsghdr packets[PACKETS_AT_ONCE];

	for (int i = 0; i < PACKETS_AT_ONCE; i++)
		packets[i] = (struct mmsghdr){{.msg_iov = &content, .msg_iovlen = 1}, 0};
	for (int done = 0; done < PACKETS_AT_ONCE;) {
		int sent = sendmmsg(place->sender, packets + done,
				    (unsigned)(PACKETS_AT_ONCE - done), 0);
		if (sent < 0 && errno != EINTR && errno != ENOBUFS)
			die(place->name);
		done += sent > 0 ? sent : 0;
	}
}

/* --- places --- */

static void place_open(struct place *place)
{
	const int on = 1;
	struct sockaddr_ll address = {.sll_family = AF_PACKET};

	int space = open(place->name, O_RDONLY | O_CLOEXEC);
	if (space < 0 || setns(space, CLONE_NEWNET) < 0)
		die(place->name);
	close(space);
	address.sll_ifindex = (int)if_nametoindex("sender");
	place->sender = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	place->counters = open("/proc/thread-self/net/dev", O_RDONLY | O_CLOEXEC);
	if (!address.sll_ifindex || place->sender < 0 || place->counters < 0 ||
	    bind(place->sender, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    setsockopt(place->sender, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)) < 0)
		die(place->name);
}

static uint64_t count_received(const struct place *place)
{
	static char text[INTERFACES_TEXT_BYTES];
	unsigned long long packets;
	size_t length = 0;

	for (ssize_t got = 1; got > 0 && length < sizeof(text) - 1; length += (size_t)got) {
		got = pread(place->counters, text + length, sizeof(text) - 1 - length,
			    (off_t)length);
		if (got < 0)
			die("/proc/net/dev");
	}
	text[length] = '\0';
	const char *line = strstr(text, "receiver:");
	if (!line || sscanf(line, "receiver: %*u %llu", &packets) != 1) {
		errno = ENODEV;
		die("receiver");
	}
	return packets;
}

/* --- measuring --- */

static double run(struct place *place, struct frame *frame, int milliseconds)
{
	uint64_t before = count_received(place), sent = 0, arrived;
	double began = now_us(), end;

	do {
		send_some(place, frame);
		sent += PACKETS_AT_ONCE;
		end = now_us();
	} while (end < began + milliseconds * 1e3);
	while ((arrived = count_received(place) - before) < sent &&
	       now_us() < end + ARRIVES_WITHIN_US)
		sched_yield();
	place->sent += sent;
	place->arrived += arrived;
	return (end - began) * 1e3 / (double)sent;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static void print_result(struct place *place, int rounds)
{
	qsort(place->costs_ns, (size_t)rounds, sizeof(double), compare);
	printf("%.0f %.0f %.0f %llu %llu\n",
	       (place->costs_ns[(rounds - 1) / 2] + place->costs_ns[rounds / 2]) / 2,
	       place->costs_ns[0], place->costs_ns[rounds - 1], (unsigned long long)place->sent,
	       (unsigned long long)place->arrived);
}

/* The last CPU: interrupts mostly go to the first. */
static void pin(void)
{
	cpu_set_t allowed, one;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
		die("CPUs");
	CPU_ZERO(&one);
	for (int cpu = CPU_SETSIZE - 1; cpu >= 0 && CPU_COUNT(&one) == 0; cpu--) {
		if (CPU_ISSET(cpu, &allowed))
			CPU_SET(cpu, &one);
	}
	if (sched_setaffinity(0, sizeof(one), &one) < 0)
		die("CPU");
}

int main(int argc, char **argv)
{
	struct place places[PLACES_MAX] = {0};
	int rounds = argc > 4 ? atoi(argv[1]) : 0, run_ms = argc > 4 ? atoi(argv[2]) : 0;
	const struct ether_addr *mac = argc > 4 ? ether_aton(argv[3]) : NULL;
	int count = argc - 4;

	if (rounds < 1 || run_ms < 1 || !mac || count > PLACES_MAX) {
		fputs("usage: blast ROUNDS RUN-MS GUEST-MAC NAMESPACE-FILE...\n", stderr);
		return 2;
	}
	struct frame frame = make_frame(mac);
	for (int i = 0; i < count; i++) {
		places[i].name = argv[4 + i];
		places[i].costs_ns = calloc((size_t)rounds, sizeof(double));
		if (!places[i].costs_ns)
			die("memory");
		place_open(&places[i]);
	}
	pin();
	for (int i = 0; i < count; i++)
		run(&places[i], &frame, run_ms); /* caches */
	for (int round = 0; round < rounds; round++) {
		for (int i = 0; i < count; i++) {
			int which = (round + i) % count;
			places[which].costs_ns[round] = run(&places[which], &frame, run_ms);
		}
	}
	for (int i = 0; i < count; i++)
		print_result(&places[i], rounds);
	return 0;
}
