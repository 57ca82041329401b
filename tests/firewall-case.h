/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tests of the firewall begin with: a policy, the words that tell the host, and the ports that
 * come of both.
 *
 *     --stateless         without connection tracking
 *     --closed NAME       an interface name that is closed; up to 8
 *     --bridge NAME       ports with a VLAN are on this VLAN-aware bridge; default br-lan
 *     --vlan-bridges      instead each is on brVLAN
 *     --guest NAME        default vm1
 *     --first N           the first port of the policy is vnetN, the next vnetN+1, ...
 *     --interface NAME    instead the first port's name
 */
#ifndef BERTH_TESTS_FIREWALL_CASE_H
#define BERTH_TESTS_FIREWALL_CASE_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "hooks/ports/port_program.h"
#include "netfw/firewall.h"
#include "xml/domain.h"
#include "xml/policy.h"

#define CASE_MAX_CLOSED 8

/* struct case_options - the words above; pointers are not owned */
struct case_options {
	struct firewall_host host;
	const char *closed[CASE_MAX_CLOSED];
	const char *bridge;
	const char *guest;
	const char *interface;
	bool vlan_bridges;
	unsigned first;
};

struct case_ports {
	struct firewall_port *items;
	size_t count;
};

#define cleanup_case_ports cleanup(case_ports_clear)

static inline struct case_options case_defaults(void)
{
	return (struct case_options){.host.tracking = true, .bridge = "br-lan", .guest = "vm1"};
}

/* Return: how many words were understood as an option: 0, 1 or 2. */
static inline int case_option(char **words, struct case_options *options)
{
	const char *word = words[0], *value = words[1];

	if (strcmp(word, "--stateless") == 0)
		return options->host.tracking = false, 1;
	if (strcmp(word, "--vlan-bridges") == 0)
		return options->vlan_bridges = true, 1;
	if (!value)
		return 0;
	if (strcmp(word, "--bridge") == 0)
		return options->bridge = value, 2;
	if (strcmp(word, "--guest") == 0)
		return options->guest = value, 2;
	if (strcmp(word, "--interface") == 0)
		return options->interface = value, 2;
	if (strcmp(word, "--first") == 0)
		return options->first = (unsigned)atoi(value), 2;
	if (strcmp(word, "--closed") == 0 && options->host.closed_count < CASE_MAX_CLOSED)
		return options->closed[options->host.closed_count++] = value, 2;
	return 0;
}

/* Each guest has its own. */
static inline char *case_uuid(const struct case_options *options)
{
	unsigned hash = 5381;

	for (const char *c = options->guest; *c; c++)
		hash = hash * 33 + (unsigned char)*c;
	return xasprintf("0c4a2c42-6a9c-4bd4-a3ac-1b6a%08x", hash);
}

static inline void case_add_port(const struct case_options *options, const struct policy *policy,
				 size_t index, struct case_ports *ret)
{
	const struct policy_port *port = &policy->ports[index];
	cleanup_free char *uuid = case_uuid(options);
	cleanup_free char *interface = options->interface && index == 0
					       ? xstrdup(options->interface)
					       : xasprintf("vnet%zu", index + options->first);
	cleanup_free char *bridge =
		options->vlan_bridges ? xasprintf("br%u", port->vlan) : xstrdup(options->bridge);
	struct port_identity identity = {
		.guest = options->guest,
		.uuid = uuid,
		.interface = interface,
		.bridge = port->vlan ? bridge : NULL,
		.vlan_aware = !options->vlan_bridges,
	};

	port_program(policy, port, &identity, &ret->items[ret->count++]);
}

/* case_ports() - Return: 0, and the ports of the policy in that file; or a negative errno. */
static inline int case_ports(const char *path, const struct case_options *options,
			     struct case_ports *ret, struct err *err)
{
	cleanup_strbuf struct strbuf text = {0};
	cleanup_policy struct policy *policy = NULL;

	int rc = file_read(path, DOMAIN_XML_MAX_BYTES, &text, err);
	if (rc == 0)
		rc = policy_parse(text.text, text.length, &policy, err);
	if (rc < 0)
		return err_wrap(err, "%s", path);
	*ret = (struct case_ports){xcalloc(policy->port_count + 1, sizeof(*ret->items)), 0};
	for (size_t i = 0; i < policy->port_count; i++)
		case_add_port(options, policy, i, ret);
	return 0;
}

static inline void case_ports_clear(struct case_ports *ports)
{
	for (size_t i = 0; i < ports->count; i++)
		firewall_port_clear(&ports->items[i]);
	free(ports->items);
	*ports = (struct case_ports){0};
}

/**
 * case_load() - a case's policy.xml with the words of its file "options", if it has one
 * @words: holds these words; the caller's, to be freed after @ports
 */
static inline int case_load(const char *folder, bool tracking, struct strbuf *words,
			    struct case_options *options, struct case_ports *ports, struct err *err)
{
	cleanup_free char *policy = xasprintf("%s/policy.xml", folder);
	cleanup_free char *path = xasprintf("%s/options", folder);
	char *list[32] = {NULL};
	size_t count = 0;

	*options = case_defaults();
	if (access(path, F_OK) == 0) {
		int rc = file_read(path, 4096, words, err);
		if (rc < 0)
			return rc;
		for (char *word = strtok(words->text, " \n"); word && count + 1 < 32;
		     word = strtok(NULL, " \n"))
			list[count++] = word;
	}
	for (char **word = list; *word;) {
		int understood = case_option(word, options);
		if (!understood)
			return err_set(err, EINVAL, "%s: word '%s'", path, *word);
		word += understood;
	}
	options->host.tracking = tracking;
	return case_ports(policy, options, ports, err);
}

/* The host of these options; its names stay the options'. */
static inline struct firewall_host case_host(const struct case_options *options)
{
	struct firewall_host host = options->host;

	host.closed = options->closed;
	return host;
}

#endif
