/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * firewall-time: where the time of the firewall's calls goes, within one process.
 *
 *   install ROUNDS POLICY       puts the program of vnet0 and removes it
 *   change ROUNDS POLICY OTHER  has vnet0 hold the one and the other in turns
 *   fill FIRST COUNT POLICY     puts programs of COUNT guests, vnetFIRST and so on, and prints
 * nothing
 *
 * The first two print lines "PART MEDIAN SMALLEST LARGEST", in us. Parts of "put", say: put-read,
 * asking the kernel for what it holds; put-transaction, in which it changes it; put-own, all that
 * is neither: to compile, compare and encode; put-whole.
 *
 * The Makefile has the linker lead netlink_*() and if_name*() through the functions below (--wrap),
 * so what is measured is what berth does, and netfw/ itself has no clock.
 */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "hooks/ports/port_program.h"
#include "netfw/firewall.h"
#include "netfw/netlink.h"
#include "xml/domain.h"
#include "xml/policy.h"

/* --- the clock --- */

enum part { PART_READ, PART_TRANSACTION, PART_OWN, PART_WHOLE, PARTS };

static const char *const part_names[] = {"read", "transaction", "own", "whole"};
_Static_assert(ARRAY_SIZE(part_names) == PARTS, "each part has its name");

/* Of the call that is being measured. */
static double spent_us[PARTS];

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

int __real_netlink_ask(struct netlink *netlink, struct nl_msg *message, netlink_each *each,
		       void *data, struct err *err);
int __wrap_netlink_ask(struct netlink *netlink, struct nl_msg *message, netlink_each *each,
		       void *data, struct err *err);
int __real_netlink_dump(struct netlink *netlink, struct nl_msg *message, netlink_each *each,
			void *data, struct err *err);
int __wrap_netlink_dump(struct netlink *netlink, struct nl_msg *message, netlink_each *each,
			void *data, struct err *err);
int __real_netlink_batch_do(struct netlink *netlink, const struct strbuf *batch, uint32_t acked,
			    uint32_t *failed, struct err *err);
int __wrap_netlink_batch_do(struct netlink *netlink, const struct strbuf *batch, uint32_t acked,
			    uint32_t *failed, struct err *err);

struct if_nameindex *__real_if_nameindex(void);
struct if_nameindex *__wrap_if_nameindex(void);
unsigned __real_if_nametoindex(const char *name);
unsigned __wrap_if_nametoindex(const char *name);

int __wrap_netlink_ask(struct netlink *netlink, struct nl_msg *message, netlink_each *each,
		       void *data, struct err *err)
{
	double began = now_us();
	int rc = __real_netlink_ask(netlink, message, each, data, err);

	spent_us[PART_READ] += now_us() - began;
	return rc;
}

int __wrap_netlink_dump(struct netlink *netlink, struct nl_msg *message, netlink_each *each,
			void *data, struct err *err)
{
	double began = now_us();
	int rc = __real_netlink_dump(netlink, message, each, data, err);

	spent_us[PART_READ] += now_us() - began;
	return rc;
}

int __wrap_netlink_batch_do(struct netlink *netlink, const struct strbuf *batch, uint32_t acked,
			    uint32_t *failed, struct err *err)
{
	double began = now_us();
	int rc = __real_netlink_batch_do(netlink, batch, acked, failed, err);

	spent_us[PART_TRANSACTION] += now_us() - began;
	return rc;
}

/* Which interfaces there are is read too. */
struct if_nameindex *__wrap_if_nameindex(void)
{
	double began = now_us();
	struct if_nameindex *names = __real_if_nameindex();

	spent_us[PART_READ] += now_us() - began;
	return names;
}

unsigned __wrap_if_nametoindex(const char *name)
{
	double began = now_us();
	unsigned index = __real_if_nametoindex(name);

	spent_us[PART_READ] += now_us() - began;
	return index;
}

/* --- results --- */

/* struct series - the times of one operation, a round after another */
struct series {
	const char *name;
	double *times_us[PARTS];
	size_t count;
};

static struct series series_make(const char *name, size_t rounds)
{
	struct series series = {.name = name};

	for (size_t part = 0; part < PARTS; part++)
		series.times_us[part] = xcalloc(rounds, sizeof(double));
	return series;
}

static int compare_times(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static void series_print_and_free(struct series *series)
{
	size_t count = series->count;

	for (size_t part = 0; part < PARTS; part++) {
		double *times_us = series->times_us[part];
		qsort(times_us, count, sizeof(*times_us), compare_times);
		printf("%s-%s %.0f %.0f %.0f\n", series->name, part_names[part],
		       (times_us[(count - 1) / 2] + times_us[count / 2]) / 2, times_us[0],
		       times_us[count - 1]);
		free(times_us);
	}
}

/* --- ports --- */

static void fail(const char *what, const struct err *err)
{
	fprintf(stderr, "firewall-time: %s: %s\n", what, err->text);
	exit(1);
}

static struct policy *read_policy(const char *path)
{
	cleanup_strbuf struct strbuf text = {0};
	struct policy *policy = NULL;
	struct err err;

	if (file_read(path, DOMAIN_XML_MAX_BYTES, &text, &err) < 0 ||
	    policy_parse(text.text, text.length, &policy, &err) < 0)
		fail(path, &err);
	return policy;
}

/* The policy's first port, as that of guest @number. */
static struct firewall_port make_port(const struct policy *policy, unsigned number)
{
	cleanup_free char *guest = xasprintf("g%u", number);
	cleanup_free char *uuid = xasprintf("7a1c5f3e-0000-4000-8000-%012u", number);
	cleanup_free char *interface = xasprintf("vnet%u", number);
	struct port_identity identity = {.guest = guest, .uuid = uuid, .interface = interface};
	struct firewall_port port = {0};

	port_program(policy, &policy->ports[0], &identity, &port);
	return port;
}

/* --- what is measured --- */

/* struct setting - what all measurements have */
struct setting {
	struct firewall *firewall;
	struct firewall_host host;
};

/* @port: NULL: remove those of @uuid. What nothing changes is not what was to be measured. */
static void measure(const struct setting *setting, struct series *series,
		    const struct firewall_port *port, const char *uuid)
{
	struct err err = {.text = "nothing has changed"};

	memset(spent_us, 0, sizeof(spent_us));
	double began = now_us();
	int rc = port ? firewall_put(setting->firewall, &setting->host, port, 1, &err)
		      : firewall_remove(setting->firewall, &setting->host, uuid, &err);
	spent_us[PART_WHOLE] = now_us() - began;
	if (rc <= 0)
		fail(series->name, &err);
	spent_us[PART_OWN] =
		spent_us[PART_WHOLE] - spent_us[PART_READ] - spent_us[PART_TRANSACTION];
	for (size_t part = 0; part < PARTS; part++)
		series->times_us[part][series->count] = spent_us[part];
	series->count++;
}

static void install(const struct setting *setting, size_t rounds, const struct policy *policy)
{
	struct series put = series_make("put", rounds + 1);
	struct series removal = series_make("remove", rounds + 1);
	struct firewall_port port = make_port(policy, 0);

	for (size_t round = 0; round <= rounds; round++) {
		measure(setting, &put, &port, NULL);
		measure(setting, &removal, NULL, port.uuid);
		if (round == 0)
			put.count = removal.count = 0; /* memory is got, code is loaded */
	}
	series_print_and_free(&put);
	series_print_and_free(&removal);
	firewall_port_clear(&port);
}

static void change(const struct setting *setting, size_t rounds, const struct policy *policy,
		   const struct policy *other)
{
	struct series changes = series_make("change", 2 * rounds);
	struct firewall_port one = make_port(policy, 0), another = make_port(other, 0);
	struct err err;

	if (firewall_put(setting->firewall, &setting->host, &one, 1, &err) < 0)
		fail("put", &err);
	for (size_t round = 0; round < rounds; round++) {
		measure(setting, &changes, &another, NULL);
		measure(setting, &changes, &one, NULL);
	}
	series_print_and_free(&changes);
	firewall_port_clear(&one);
	firewall_port_clear(&another);
}

#define FILL_AT_ONCE 50

static void fill(const struct setting *setting, unsigned first, unsigned count,
		 const struct policy *policy)
{
	struct firewall_port ports[FILL_AT_ONCE];
	struct err err;

	for (unsigned done = 0; done < count;) {
		unsigned some = 0;
		for (; some < FILL_AT_ONCE && done < count; some++, done++)
			ports[some] = make_port(policy, first + done);
		if (firewall_put(setting->firewall, &setting->host, ports, some, &err) < 0)
			fail("fill", &err);
		for (unsigned i = 0; i < some; i++)
			firewall_port_clear(&ports[i]);
	}
}

static int usage(void)
{
	fputs("usage: firewall-time install ROUNDS POLICY | change ROUNDS POLICY OTHER |\n"
	      "                     fill FIRST COUNT POLICY\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	cleanup_policy struct policy *policy = NULL, *other = NULL;
	cleanup_firewall struct firewall *firewall = NULL;
	struct err err;

	int number = argc > 3 ? atoi(argv[2]) : -1;
	bool fills = argc == 5 && str_equal(argv[1], "fill");
	if (number < !fills)
		return usage();
	policy = read_policy(argv[argc - 1]);
	if (firewall_open(&firewall, &err) < 0)
		fail("open", &err);
	struct setting setting = {firewall, {.tracking = firewall_can_track(firewall, &err) > 0}};
	if (fills) {
		fill(&setting, (unsigned)number, (unsigned)atoi(argv[3]), policy);
	} else if (argc == 4 && str_equal(argv[1], "install")) {
		install(&setting, (size_t)number, policy);
	} else if (argc == 5 && str_equal(argv[1], "change")) {
		other = read_policy(argv[3]);
		change(&setting, (size_t)number, other, policy);
	} else {
		return usage();
	}
	return 0;
}
