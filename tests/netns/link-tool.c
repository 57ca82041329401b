/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link-tool VERB ARGUMENT...: calls one function of netfw/link.h and prints what it gave, so that
 * shell tests can compare that with what iproute2 shows. Exit: 0; 1: a message is on stderr. */
#include "netfw/link.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/netns/tap-queue.h"

static uint16_t number(const char *text)
{
	return (uint16_t)strtoul(text, NULL, 10);
}

static int find(struct route *route, char **args, struct err *err)
{
	struct link link, again;

	int rc = link_find(route, args[0], &link, err);
	if (rc <= 0)
		return rc;
	rc = link_find_index(route, link.index, &again, err);
	if (rc <= 0)
		return rc;
	printf("index=%u name=%s mtu=%u master=%u bridge=%d vlan_aware=%d vlan=%u parent=%u "
	       "ours=%d\n",
	       again.index, again.name, again.mtu, again.master, again.bridge, again.vlan_aware,
	       again.vlan_id, again.parent, again.made_by_berth);
	return rc;
}

static int list(struct route *route, char **args, struct err *err)
{
	cleanup_free struct port_vlan *vlans = NULL;

	int count = port_vlan_list(route, args[0], &vlans, err);
	for (int i = 0; i < count; i++)
		printf("%u%s%s\n", vlans[i].vlan, vlans[i].pvid ? " pvid" : "",
		       vlans[i].untagged ? " untagged" : "");
	return count;
}

static int access_port(struct route *route, char **args, struct err *err)
{
	return port_vlan_set_access(route, args[0], number(args[1]), err);
}

static int tag(struct route *route, char **args, struct err *err)
{
	return port_vlan_add_tagged(route, args[0], number(args[1]), err);
}

static int untag(struct route *route, char **args, struct err *err)
{
	return port_vlan_remove(route, args[0], number(args[1]), err);
}

static int make(struct route *route, char **args, struct err *err)
{
	return vlan_bridge_make(route, args[0], number(args[1]), err);
}

static int unmake(struct route *route, char **args, struct err *err)
{
	return vlan_bridge_remove(route, args[0], number(args[1]), err);
}

static int drop_queued(struct route *route, char **args, struct err *err)
{
	return link_drop_queued(route, args[0], err);
}

static int tap_queue(struct route *route, char **args, struct err *err)
{
	return tap_queue_run(route, args[0], args[1], strcmp(args[2], "drop") == 0, err);
}

static const struct verb {
	const char *name;
	int args;
	int (*run)(struct route *route, char **args, struct err *err);
} verbs[] = {
	{"find", 1, find},           {"list", 1, list},
	{"access", 2, access_port},  {"tag", 2, tag},
	{"untag", 2, untag},         {"make", 2, make},
	{"unmake", 2, unmake},       {"drop-queued", 1, drop_queued},
	{"tap-queue", 3, tap_queue},
};

int main(int argc, char **argv)
{
	cleanup_route struct route *route = NULL;
	struct err err;

	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(verbs[i].name, argv[1]) != 0 || argc != verbs[i].args + 2)
			continue;
		int rc = route_open(&route, &err);
		if (rc == 0)
			rc = verbs[i].run(route, argv + 2, &err);
		if (rc < 0) {
			fprintf(stderr, "%s: %s\n", strerrorname_np(err.code), err.text);
			return 1;
		}
		printf("= %d\n", rc);
		return 0;
	}
	fputs("usage: link-tool VERB ARGUMENT...\n", stderr);
	return 2;
}
