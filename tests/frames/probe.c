/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe tracking|stateless POLICY ROUNDS: no frame gets into a tap before its program stands, or
 * out of it
 *
 * tests/frames/topology.sh; prints TAP. vnet0, the port of the policy, is made anew in each round,
 * while another process floods the bridge.
 */
#include <errno.h>
#include <net/if.h>
#include <linux/if_bridge.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "netfw/link.h"
#include "tests/firewall-case.h"
#include "tests/frames/ports.h"

/* What a round does between making the tap and reading it. */
enum order {
	PUT_AND_DROP, /* as berth does */
	PUT_ONLY,     /* what waited in the tap's queue is read: the probe can see it */
	CLOSED        /* names are closed: nothing waits, and nothing gets out */
};

struct probe {
	struct case_options options;
	struct case_ports ports;
	struct firewall *firewall;
	struct route *route;
	int out;
	unsigned tests;
	unsigned failed;
	unsigned number;
};

static void check(struct probe *probe, bool right, const char *what)
{
	printf("%s %u - %s\n", right ? "ok" : "not ok", ++probe->tests, what);
	probe->failed += !right;
}

/* --- the kernel --- */

static void interface_do(unsigned long what, const char *name, const char *bridge)
{
	cleanup_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {0};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", bridge ? bridge : name);
	if (bridge)
		request.ifr_ifindex = (int)if_nametoindex(name);
	else
		request.ifr_flags = IFF_UP;
	if (ioctl(fd, what, &request) < 0)
		die("interface '%s': %s", name, strerror(errno));
}

static int make_tap(void)
{
	int fd = tap_open("vnet0");

	interface_do(SIOCBRADDIF, "vnet0", "br-lan");
	interface_do(SIOCSIFFLAGS, "vnet0", NULL);
	return fd;
}

static void put(struct probe *probe, size_t count)
{
	struct firewall_host host = case_host(&probe->options);
	struct err err;

	if (firewall_put(probe->firewall, &host, probe->ports.items, count, &err) < 0)
		die("%s", err.text);
}

static void remove_program(struct probe *probe)
{
	struct firewall_host host = case_host(&probe->options);
	struct err err;

	if (firewall_remove(probe->firewall, &host, probe->ports.items[0].uuid, &err) < 0)
		die("%s", err.text);
}

/* Another guest, vnet9, stays throughout: while there is one, the kernel need not begin and end
 * tracking connections in each round. */
static void put_other_guest(const struct probe *probe, const char *policy)
{
	struct case_options options = probe->options;
	cleanup_case_ports struct case_ports ports = {0};
	struct err err;

	options.guest = "other";
	options.first = 9;
	struct firewall_host host = case_host(&options);
	if (case_ports(policy, &options, &ports, &err) < 0 ||
	    firewall_put(probe->firewall, &host, ports.items, ports.count, &err) < 0)
		die("%s", err.text);
}

/* --- frames --- */

static struct frame make(const char *line, const char *from, const char *to, unsigned number)
{
	struct frames frames;

	frames_build_line(line, &(struct path){from, to, number}, &frames);
	return frames.items[0];
}

/* Frames that the policy doesn't allow, as fast as they go, until it is killed. */
static pid_t start_flood(int out)
{
	pid_t parent = getpid(), pid = fork();
	cpu_set_t all;

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	memset(&all, 0xff, sizeof(all));
	sched_setaffinity(0, sizeof(all), &all);
	struct frame broadcast = make("udp dport=9 dmac=ff:ff:ff:ff:ff:ff", "out", "vnet0", 1);
	struct frame unicast = make("udp dport=9", "out", "vnet0", 2);
	while (getppid() == parent) {
		port_send(out, &broadcast);
		port_send(out, &unicast);
	}
	_exit(0);
}

static bool is_denied(const struct frame *frame)
{
	return frame->length > 13 && frame->bytes[12] == 0x08 && frame->bytes[13] == 0x00;
}

/* Return: how many frames that the policy doesn't allow were read before what it allows. */
static unsigned read_tap(struct probe *probe, int tap)
{
	struct frame marker = make("arp", "out", "vnet0", ++probe->number), frame;
	unsigned denied = 0;

	port_send(probe->out, &marker);
	for (unsigned tries = 0;; tries++) {
		if (!port_receive(tap, &frame, 10)) {
			/* The queue was full, or the bridge doesn't forward yet. */
			if (tries > DEADLINE_MS / 10)
				die("the marker has not arrived");
			port_send(probe->out, &marker);
		} else if (frame_equal(&frame, &marker)) {
			return denied;
		} else {
			denied += is_denied(&frame);
		}
	}
}

/* The flood has come into the tap, which nobody reads yet. */
static void wait_for_flood(int tap)
{
	struct pollfd wait = {.fd = tap, .events = POLLIN};

	if (poll(&wait, 1, DEADLINE_MS) != 1)
		die("the flood has not come");
}

/* --- rounds --- */

static unsigned flooded_round(struct probe *probe, enum order order)
{
	cleanup_close int tap = make_tap();
	struct err err;

	wait_for_flood(tap);
	put(probe, 1);
	if (order == PUT_AND_DROP && link_drop_queued(probe->route, "vnet0", &err) < 0)
		die("%s", err.text);
	unsigned denied = read_tap(probe, tap);
	remove_program(probe);
	return denied;
}

/* The kernel lets the port forward. */
static void wait_for_port(const char *state_file)
{
	for (int waited = 0; waited < DEADLINE_MS; waited++) {
		cleanup_file FILE *file = fopen(state_file, "re");
		if (file && getc(file) == '0' + BR_STATE_FORWARDING)
			return;
		usleep(1000);
	}
	die("'%s': not forwarding", state_file);
}

static unsigned drain(int fd)
{
	struct frame frame;
	unsigned count = 0;

	while (port_receive(fd, &frame, 0))
		count++;
	return count;
}

/* A closed name: neither flood nor ARP gets in, and nothing out, until there is a program. */
static unsigned closed_round(struct probe *probe)
{
	cleanup_close int tap = make_tap();
	struct frame from_guest[] = {make("arp", "vnet0", "out", 3),
				     make("rarp", "vnet0", "out", 4),
				     make("udp dport=53", "vnet0", "out", 5)};
	struct frame arp = make("arp", "out", "vnet0", ++probe->number), got;

	wait_for_port("/sys/class/net/vnet0/brport/state");
	drain(probe->out);
	port_send(probe->out, &arp);
	for (size_t i = 0; i < ARRAY_SIZE(from_guest); i++)
		port_send(tap, &from_guest[i]);
	unsigned passed = drain(tap) + drain(probe->out);
	put(probe, 1);
	passed += read_tap(probe, tap);
	port_send(tap, &from_guest[0]);
	if (!port_receive(probe->out, &got, DEADLINE_MS) || !frame_equal(&got, &from_guest[0]))
		die("the guest's frame has not arrived");
	remove_program(probe);
	return passed;
}

static void run_rounds(struct probe *probe, enum order order, unsigned rounds, const char *what)
{
	unsigned passed = 0, rounds_with = 0;

	for (unsigned i = 0; i < rounds; i++) {
		unsigned count =
			order == CLOSED ? closed_round(probe) : flooded_round(probe, order);
		passed += count;
		rounds_with += count > 0;
	}
	printf("# %u rounds: %u frames in %u of them\n", rounds, passed, rounds_with);
	check(probe, order == PUT_ONLY ? passed > 0 : passed == 0, what);
}

int main(int argc, char **argv)
{
	struct probe probe = {.options = case_defaults()};
	struct err err;

	if (argc != 4)
		die("usage: probe tracking|stateless POLICY ROUNDS");
	setvbuf(stdout, NULL, _IOLBF, 0);
	unsigned rounds = (unsigned)strtoul(argv[3], NULL, 10);
	probe.options.host.tracking = strcmp(argv[1], "tracking") == 0;
	if (case_ports(argv[2], &probe.options, &probe.ports, &err) < 0 ||
	    firewall_open(&probe.firewall, &err) < 0 || route_open(&probe.route, &err) < 0)
		die("%s", err.text);
	probe.out = tap_open("out");
	wait_for_port("/sys/class/net/out/brport/state");
	put_other_guest(&probe, argv[2]);
	pid_t flood = start_flood(probe.out);
	run_rounds(&probe, PUT_ONLY, 5,
		   "without dropping what waits, a tap's reader gets forbidden frames");
	run_rounds(&probe, PUT_AND_DROP, rounds, "with it, never");
	probe.options.closed[probe.options.host.closed_count++] = "vnet*";
	put(&probe, 0);
	run_rounds(&probe, CLOSED, rounds,
		   "a closed name passes nothing in either direction before");
	kill(flood, SIGKILL);
	printf("1..%u\n", probe.tests);
	case_ports_clear(&probe.ports);
	firewall_closep(&probe.firewall);
	route_closep(&probe.route);
	return probe.failed > 0;
}
