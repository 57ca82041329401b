/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The policy as a value: from a text that stands alone, looked up, freed. */
#include "xml/policy.h"

#include <errno.h>

#include "xml/tree.h"
#include "xml/view.h"

static int read_root(const xmlNode *root, struct policy **ret, struct err *err)
{
	if (!tree_is(root, "policy") && !tree_is_in(root, "policy", POLICY_URI))
		return err_set(err, EINVAL, "line %ld: it is a <%.100s>, not a <policy> of %s",
			       tree_line(root), (const char *)root->name, POLICY_URI);
	return policy_read(root, ret, err);
}

int policy_parse(const char *text, size_t length, struct policy **ret, struct err *err)
{
	cleanup_doc xmlDoc *doc = NULL;
	int rc = tree_parse(text, length, &doc, err);

	if (rc == 0)
		rc = read_root(xmlDocGetRootElement(doc), ret, err);
	return rc < 0 ? err_wrap(err, "policy") : 0;
}

const struct policy_port *policy_find_port(const struct policy *policy, const struct mac *mac)
{
	for (size_t i = 0; policy && i < policy->port_count; i++) {
		if (mac_equal(&policy->ports[i].mac, mac))
			return &policy->ports[i];
	}
	return NULL;
}

static void free_port(struct policy_port *port)
{
	free(port->addresses);
	free(port->pairs);
	free(port->groups);
}

static void free_group(struct policy_group *group)
{
	free(group->name);
	free(group->rules);
	free(group->members);
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	for (size_t i = 0; i < policy->port_count; i++)
		free_port(&policy->ports[i]);
	for (size_t i = 0; i < policy->group_count; i++)
		free_group(&policy->groups[i]);
	free(policy->ports);
	free(policy->groups);
	free(policy->project);
	free(policy);
}
