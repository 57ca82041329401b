/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * update tracking|stateless FILE-A FILE-B N: frames flow while the policy is changed N times
 *
 * In a network namespace that tests/frames/topology.sh has furnished; prints TAP. The policies are
 * those of tests/frames/two-policies.sh; another process puts them in turn.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/firewall-case.h"
#include "tests/frames/ports.h"

/* Which of the two policies allow a stream. */
enum allowed_by { NEITHER, ONE, BOTH, CONNECTION };

struct stream {
	const char *name;
	enum allowed_by allowed;
	struct path path;
	const char *line;
};

/* The number in each path makes the frames differ. */
static const struct stream streams[] = {
	{"TCP port that both allow, to the guest", BOTH, {"out", "vnet0", 1}, "tcp dport=80"},
	{"TCP port and prefix that both allow, to the guest",
	 BOTH,
	 {"out", "vnet0", 2},
	 "tcp dport=8080"},
	{"UDP port that both allow, from the guest", BOTH, {"vnet0", "out", 3}, "udp dport=53"},
	{"ARP of the guest", BOTH, {"vnet0", "out", 4}, "arp"},
	{"TCP port that A allows, to the guest", ONE, {"out", "vnet0", 5}, "tcp dport=81"},
	{"TCP port that B allows, to the guest", ONE, {"out", "vnet0", 6}, "tcp dport=82"},
	{"prefix that A allows, to the guest",
	 ONE,
	 {"out", "vnet0", 7},
	 "udp dport=7 from=10.20.7.1"},
	{"UDP port that B allows, from the guest", ONE, {"vnet0", "out", 8}, "udp dport=55"},
	{"address that A allows, from the guest",
	 ONE,
	 {"vnet0", "out", 9},
	 "udp dport=53 from=10.0.0.41"},
	{"TCP port that neither allows, to the guest",
	 NEITHER,
	 {"out", "vnet0", 10},
	 "tcp dport=83"},
	{"prefix that neither allows, to the guest",
	 NEITHER,
	 {"out", "vnet0", 11},
	 "tcp dport=8080 from=10.9.0.1"},
	{"another protocol, to the guest", NEITHER, {"out", "vnet0", 12}, "udp dport=80"},
	{"IPv6, to the guest", NEITHER, {"out", "vnet0", 13}, "tcp6 dport=80"},
	{"UDP port that neither allows, from the guest",
	 NEITHER,
	 {"vnet0", "out", 14},
	 "udp dport=54"},
	{"forged address, from the guest",
	 NEITHER,
	 {"vnet0", "out", 15},
	 "udp dport=53 from=10.0.0.77"},
	{"forged MAC, from the guest",
	 NEITHER,
	 {"vnet0", "out", 16},
	 "udp dport=53 smac=52:54:00:00:00:77"},
	{"forged ARP, from the guest", NEITHER, {"vnet0", "out", 17}, "arp from=10.0.0.77"},
	{"frame with a VLAN tag, from the guest",
	 NEITHER,
	 {"vnet0", "out", 18},
	 "udp dport=53 tags=8100:7"},
	{"established connection, to the guest",
	 CONNECTION,
	 {"out", "vnet0", 19},
	 "tcp flags=PA sport=443 dport=30001"},
	{"established connection, from the guest",
	 CONNECTION,
	 {"vnet0", "out", 20},
	 "tcp flags=PA sport=30001 dport=443"},
};

/* What has become of each stream's frame. */
static struct traffic {
	struct frame frame;
	unsigned long sent;
	unsigned long arrived;
} traffic[ARRAY_SIZE(streams)];

/* --- the policies --- */

static void put(struct firewall *firewall, const struct firewall_host *host,
		const struct case_ports *ports)
{
	struct err err;

	if (firewall_put(firewall, host, ports->items, ports->count, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		_exit(1);
	}
}

/* A process of its own, on any processor. */
static void put_in_turn(char **files, const struct case_options *options, unsigned long count)
{
	struct firewall_host host = case_host(options);
	cleanup_firewall struct firewall *firewall = NULL;
	struct case_ports ports[2];
	cpu_set_t all;
	struct err err;

	memset(&all, 0xff, sizeof(all));
	sched_setaffinity(0, sizeof(all), &all);
	if (case_ports(files[0], options, &ports[0], &err) < 0 ||
	    case_ports(files[1], options, &ports[1], &err) < 0 ||
	    firewall_open(&firewall, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		_exit(1);
	}
	for (unsigned long i = 0; i < count; i++)
		put(firewall, &host, &ports[(i + 1) % 2]);
	_exit(0);
}

static void put_first(const char *file, const struct case_options *options)
{
	struct firewall_host host = case_host(options);
	cleanup_firewall struct firewall *firewall = NULL;
	cleanup_case_ports struct case_ports ports = {0};
	struct err err;

	if (case_ports(file, options, &ports, &err) < 0 || firewall_open(&firewall, &err) < 0)
		die("%s", err.text);
	put(firewall, &host, &ports);
}

/* --- the frames --- */

static void build(size_t stream)
{
	struct frames frames;

	frames_build_line(streams[stream].line, &streams[stream].path, &frames);
	traffic[stream].frame = frames.items[0];
}

static void count_arrived(const struct ports *ports, const char *port)
{
	struct frame frame;

	while (port_receive(port_fd(ports, port), &frame, 0)) {
		size_t i = 0;
		while (i < ARRAY_SIZE(streams) && (strcmp(streams[i].path.to, port) != 0 ||
						   !frame_equal(&traffic[i].frame, &frame)))
			i++;
		if (i == ARRAY_SIZE(streams))
			die("a frame that nobody has sent");
		traffic[i].arrived++;
	}
}

/* Each stream's next frame. They have arrived, or never will, when it returns: see ports.c. */
static void send_round(const struct ports *ports, bool tracking)
{
	for (size_t i = 0; i < ARRAY_SIZE(streams); i++) {
		if (streams[i].allowed == CONNECTION && !tracking)
			continue;
		port_send(port_fd(ports, streams[i].path.from), &traffic[i].frame);
		traffic[i].sent++;
	}
	count_arrived(ports, "vnet0");
	count_arrived(ports, "out");
}

static void exchange(const struct ports *ports, const struct path *path, const char *line)
{
	struct frames frames;
	struct frame got;

	frames_build_line(line, path, &frames);
	port_send(port_fd(ports, path->from), &frames.items[0]);
	if (!port_receive(port_fd(ports, path->to), &got, DEADLINE_MS))
		die("'%s' has not arrived", line);
}

static void establish(const struct ports *ports)
{
	const struct path in = {"out", "vnet0", 21}, out = {"vnet0", "out", 22};

	exchange(ports, &out, "tcp flags=S sport=30001 dport=443");
	exchange(ports, &in, "tcp flags=SA sport=443 dport=30001");
	exchange(ports, &out, "tcp flags=A sport=30001 dport=443");
}

/* --- the verdict --- */

static unsigned tests;

static int report(bool right, const char *what, size_t stream)
{
	printf("%s %u - %s: %s\n", right ? "ok" : "not ok", ++tests, what, streams[stream].name);
	if (!right)
		printf("# %lu of %lu arrived\n", traffic[stream].arrived, traffic[stream].sent);
	return !right;
}

static int judge(size_t stream)
{
	unsigned long sent = traffic[stream].sent, arrived = traffic[stream].arrived;
	unsigned long lost = sent - arrived;

	switch (streams[stream].allowed) {
	case NEITHER:
		return report(arrived == 0 && sent > 0, "never passes", stream);
	case ONE: /* or the policy was not changed at all */
		return report(arrived > 0 && lost > 0, "passes at times", stream);
	case CONNECTION:
		if (sent == 0)
			return 0;
		return report(lost == 0, "loses none", stream);
	case BOTH:
		printf("# %s: %lu of %lu lost\n", streams[stream].name, lost, sent);
		return report(arrived > 0, "passes", stream);
	}
	return 1;
}

int main(int argc, char **argv)
{
	struct case_options options = case_defaults();
	struct ports ports;
	unsigned long rounds = 0;
	int status, failed = 0;

	if (argc != 5)
		die("usage: update tracking|stateless FILE-A FILE-B N");
	setvbuf(stdout, NULL, _IOLBF, 0);
	options.host.tracking = strcmp(argv[1], "tracking") == 0;
	for (size_t i = 0; i < ARRAY_SIZE(streams); i++)
		build(i);
	ports_open(&ports);
	put_first(argv[2], &options);
	if (options.host.tracking)
		establish(&ports);
	ports_drain(&ports);
	pid_t pid = fork();
	if (pid == 0)
		put_in_turn(argv + 2, &options, strtoul(argv[4], NULL, 10));
	while (waitpid(pid, &status, WNOHANG) == 0) {
		send_round(&ports, options.host.tracking);
		rounds++;
	}
	printf("%s %u - the policy was changed %s times\n", status == 0 ? "ok" : "not ok", ++tests,
	       argv[4]);
	printf("# %lu frames of each stream meanwhile\n", rounds);
	failed += status != 0;
	for (size_t i = 0; i < ARRAY_SIZE(streams); i++)
		failed += judge(i);
	printf("1..%u\n", tests);
	return failed > 0;
}
