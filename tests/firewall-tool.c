/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * firewall-tool VERB [OPTION]... FILE: what tests ask of netfw/ without a guest.
 *
 *   print     the table of the policy in FILE, as berth writes it
 *   put       have the kernel hold it; prints the number of changes
 *   compare   prints what differs; exits with 1 where something does
 *   remove    the guest's programs
 *   list      the programs in the kernel
 *   track     whether this kernel tracks bridged connections, and if not, why
 *   time      how long it takes to build it, and to put and remove it, in microseconds
 *
 * tests/firewall-case.h has the options.
 */
#include <time.h>

#include "tests/firewall-case.h"

/* What is asked for. */
struct request {
	struct case_options options;
	struct firewall_host host;
	struct case_ports ports;
	const char *file;
};

static int say(int rc, const struct err *err)
{
	if (rc < 0)
		fprintf(stderr, "%s\n", err->text);
	else
		printf("%d\n", rc);
	return rc < 0;
}

static int list(struct firewall *firewall, struct err *err)
{
	struct firewall_program *programs = NULL;
	int count = firewall_list(firewall, &programs, err);
	char mac[MAC_TEXT_SIZE];

	for (int i = 0; i < count; i++)
		printf("%s %s %s %s in %llu/%llu out %llu/%llu\n", programs[i].interface,
		       programs[i].guest, programs[i].uuid, mac_format(&programs[i].mac, mac),
		       (unsigned long long)programs[i].packets[FIREWALL_INGRESS],
		       (unsigned long long)programs[i].dropped[FIREWALL_INGRESS],
		       (unsigned long long)programs[i].packets[FIREWALL_EGRESS],
		       (unsigned long long)programs[i].dropped[FIREWALL_EGRESS]);
	firewall_programs_free(programs, count > 0 ? (size_t)count : 0);
	if (count < 0)
		fprintf(stderr, "%s\n", err->text);
	return count < 0;
}

static int track(struct firewall *firewall, struct err *err)
{
	int rc = firewall_can_track(firewall, err);

	puts(rc > 0 ? "yes" : err->text);
	return rc <= 0;
}

static int compare(struct firewall *firewall, const struct request *request, struct err *err)
{
	int worst = 0;

	for (size_t i = 0; i < request->ports.count; i++) {
		cleanup_strbuf struct strbuf words = {0};
		int rc = firewall_compare(firewall, &request->host, &request->ports.items[i],
					  &words, err);
		if (rc < 0)
			return say(rc, err);
		fputs(words.text ? words.text : "", stdout);
		worst = rc > worst ? rc : worst;
	}
	return worst;
}

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int measure(struct firewall *firewall, const struct request *request, struct err *err)
{
	cleanup_strbuf struct strbuf text = {0};
	double begin = now_us();

	firewall_print(&request->host, request->ports.items, request->ports.count, &text);
	double printed = now_us();
	int rc = firewall_put(firewall, &request->host, request->ports.items, request->ports.count,
			      err);
	double put = now_us();
	if (rc >= 0)
		rc = firewall_put(firewall, &request->host, request->ports.items,
				  request->ports.count, err);
	double again = now_us();
	if (rc >= 0)
		rc = firewall_remove(firewall, &request->host, request->ports.items[0].uuid, err);
	double removed = now_us();
	printf("print %.0f put %.0f put-again %.0f remove %.0f\n", printed - begin, put - printed,
	       again - put, removed - again);
	return rc < 0 ? say(rc, err) : 0;
}

static int obey(const char *verb, const struct request *request)
{
	cleanup_firewall struct firewall *firewall = NULL;
	cleanup_strbuf struct strbuf text = {0};
	struct err err;

	if (strcmp(verb, "print") == 0) {
		firewall_print(&request->host, request->ports.items, request->ports.count, &text);
		fputs(text.text, stdout);
		return 0;
	}
	int rc = firewall_open(&firewall, &err);
	if (rc < 0)
		return say(rc, &err);
	if (strcmp(verb, "put") == 0)
		return say(firewall_put(firewall, &request->host, request->ports.items,
					request->ports.count, &err),
			   &err);
	if (strcmp(verb, "remove") == 0) {
		cleanup_free char *uuid = case_uuid(&request->options);
		return say(firewall_remove(firewall, &request->host, uuid, &err), &err);
	}
	if (strcmp(verb, "compare") == 0)
		return compare(firewall, request, &err);
	if (strcmp(verb, "time") == 0)
		return measure(firewall, request, &err);
	if (strcmp(verb, "list") == 0)
		return list(firewall, &err);
	return strcmp(verb, "track") == 0 ? track(firewall, &err) : 2;
}

static bool parse_options(char **words, struct request *request)
{
	while (*words) {
		int understood = case_option(words, &request->options);
		if (!understood && (**words == '-' || request->file))
			return false;
		if (!understood)
			request->file = *words;
		words += understood ? understood : 1;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct request request = {.options = case_defaults()};
	struct err err;

	if (argc < 2 || !parse_options(argv + 2, &request)) {
		fputs("usage: firewall-tool VERB [OPTION]... [FILE]\n", stderr);
		return 2;
	}
	request.host = case_host(&request.options);
	if (request.file && case_ports(request.file, &request.options, &request.ports, &err) < 0)
		return say(-1, &err);
	int status = obey(argv[1], &request);
	case_ports_clear(&request.ports);
	return status;
}
