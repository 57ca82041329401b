/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading the policy by the rules of packaging/schemas/policy.rng; a test holds both together. */
#include <errno.h>
#include <string.h>

#include "base/strbuf.h"
#include "xml/policy-value.h"
#include "xml/view.h"

static const struct policy_shape policy_shape = {"", "project port group", false};
static const struct policy_shape group_shape = {"name", "rule member", false};
static const struct policy_shape text_shape = {"", "", true};

/* What is counted over all groups. */
struct tally {
	unsigned rules;
};

static bool is(const xmlNode *element, const char *name)
{
	return strcmp((const char *)element->name, name) == 0;
}

static int add_rule(const xmlNode *element, const struct policy *policy, struct policy_group *group,
		    struct tally *tally, struct err *err)
{
	struct policy_rule rule;

	if (tally->rules++ == POLICY_MAX_RULES)
		return policy_too_many(element, POLICY_MAX_RULES, "one <policy>", err);
	int rc = policy_read_rule(element, policy, &rule, err);
	if (rc < 0)
		return rc;
	group->rules = view_room(group->rules, group->rule_count, sizeof(rule));
	group->rules[group->rule_count++] = rule;
	return 0;
}

static int add_member(const xmlNode *element, struct policy_group *group, struct err *err)
{
	struct prefix member;
	int rc = policy_check_shape(element, &text_shape, err);

	if (rc == 0 && group->member_count == POLICY_MAX_MEMBERS)
		rc = policy_too_many(element, POLICY_MAX_MEMBERS, "one <group>", err);
	if (rc == 0)
		rc = policy_read_address(element, &member, err);
	if (rc < 0)
		return rc;
	group->members = view_room(group->members, group->member_count, sizeof(member));
	group->members[group->member_count++] = member;
	return 0;
}

static int compare_members(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct prefix));
}

/* Sorted, because there may be many: of each address with each other is too long. */
static int check_members(const xmlNode *element, const struct policy_group *group, struct err *err)
{
	char text[PREFIX_TEXT_SIZE];

	if (group->member_count < 2)
		return 0;
	cleanup_free struct prefix *sorted = xcalloc(group->member_count, sizeof(*sorted));
	memcpy(sorted, group->members, group->member_count * sizeof(*sorted));
	qsort(sorted, group->member_count, sizeof(*sorted), compare_members);
	for (size_t i = 1; i < group->member_count; i++) {
		if (prefix_equal(&sorted[i - 1], &sorted[i]))
			return err_set(
				err, EINVAL, "line %ld: <group> name='%s' has <member> '%s' twice",
				tree_line(element), group->name, prefix_format(&sorted[i], text));
	}
	return 0;
}

static int read_group(const xmlNode *element, const struct policy *policy,
		      struct policy_group *group, struct tally *tally, struct err *err)
{
	const xmlNode *node = element->children;

	while ((node = policy_next(node))) {
		int rc = is(node, "rule") ? add_rule(node, policy, group, tally, err)
					  : add_member(node, group, err);
		if (rc < 0)
			return rc;
		node = node->next;
	}
	return check_members(element, group, err);
}

/* Ports and rules name groups that may stand behind them, so all names are read first. */
static int name_group(const xmlNode *element, struct policy *policy, struct err *err)
{
	cleanup_free char *name = NULL;
	int rc = policy_check_shape(element, &group_shape, err);

	if (rc == 0 && policy->group_count == POLICY_MAX_GROUPS)
		rc = policy_too_many(element, POLICY_MAX_GROUPS, "one <policy>", err);
	if (rc == 0)
		rc = policy_read_name(element, &name, err);
	if (rc == 0 && policy_find_group(policy, name) >= 0)
		rc = policy_second(element, name, "one <policy>", err);
	if (rc < 0)
		return rc;
	policy->groups = view_room(policy->groups, policy->group_count, sizeof(*policy->groups));
	policy->groups[policy->group_count++] = (struct policy_group){.name = steal_pointer(name)};
	return 0;
}

static int name_groups(const xmlNode *element, struct policy *policy, struct err *err)
{
	const xmlNode *node = element->children;

	while ((node = policy_next(node))) {
		int rc = is(node, "group") ? name_group(node, policy, err) : 0;
		if (rc < 0)
			return rc;
		node = node->next;
	}
	return 0;
}

static int read_project(const xmlNode *element, struct policy *policy, struct err *err)
{
	int rc = policy_check_shape(element, &text_shape, err);

	if (rc == 0 && policy->project)
		return err_set(err, EINVAL, "line %ld: a second <project>", tree_line(element));
	return rc < 0 ? rc : policy_read_project(element, &policy->project, err);
}

static int read_children(const xmlNode *element, struct policy *policy, struct err *err)
{
	struct policy_group *group = policy->groups;
	struct tally tally = {0};
	const xmlNode *node = element->children;

	while ((node = policy_next(node))) {
		int rc;
		if (is(node, "project"))
			rc = read_project(node, policy, err);
		else if (is(node, "port"))
			rc = policy_read_port(node, policy, err);
		else
			rc = read_group(node, policy, group++, &tally, err);
		if (rc < 0)
			return rc;
		node = node->next;
	}
	return 0;
}

int policy_read(const xmlNode *element, struct policy **ret, struct err *err)
{
	cleanup_policy struct policy *policy = xcalloc(1, sizeof(*policy));
	int rc = policy_check_shape(element, &policy_shape, err);

	if (rc == 0)
		rc = name_groups(element, policy, err);
	if (rc == 0)
		rc = read_children(element, policy, err);
	if (rc == 0)
		*ret = steal_pointer(policy);
	return rc;
}
