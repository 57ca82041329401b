/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A policy has so much of each thing and no more; what is larger is refused at once. */
#include "test-xml-data.h"

#include <errno.h>
#include <time.h>

#include "xml/policy.h"

#define PORT "<port mac='52:54:00:00:00:01'>"
/* Under sanitizers the slowest takes a quarter of a second. */
#define MAX_SECONDS 5

/* BEFORE, then UNIT with the numbers 0 to COUNT - 1, then AFTER; a UNIT may use two numbers */
static void make(struct strbuf *text, const char *before, const char *unit, unsigned count,
		 const char *after)
{
	strbuf_puts(text, before);
	for (unsigned i = 0; i < count; i++) {
		for (const char *c = unit; *c; c++) {
			if (*c == '#')
				strbuf_printf(text, "%u", i / 256);
			else if (*c == '%')
				strbuf_printf(text, "%u", i % 256);
			else if (*c == '$')
				strbuf_printf(text, "%02x", i % 256);
			else
				strbuf_add(text, c, 1);
		}
	}
	strbuf_puts(text, after);
}

static void accepts(const char *before, const char *unit, unsigned count, const char *after)
{
	cleanup_strbuf struct strbuf text = {0};
	cleanup_policy struct policy *policy = NULL;
	struct err err = {0};

	make(&text, before, unit, count, after);
	if (policy_parse(text.text, text.length, &policy, &err) < 0)
		fail_msg("%s", err.text);
}

static void refuses(const char *before, const char *unit, unsigned count, const char *after,
		    int code, const char *wanted)
{
	cleanup_strbuf struct strbuf text = {0};
	cleanup_policy struct policy *policy = NULL;
	struct err err = {0};
	clock_t start = clock();

	make(&text, before, unit, count, after);
	assert_int_equal(policy_parse(text.text, text.length, &policy, &err), -code);
	assert_true(clock() - start < (clock_t)MAX_SECONDS * CLOCKS_PER_SEC);
	assert_null(policy);
	assert_string_equal(err.text, wanted);
}

static void test_one_more_than_the_limit(void **state)
{
	static const struct {
		const char *before;
		const char *unit;
		const char *after;
		unsigned most;
		const char *words;
	} table[] = {
		{"", "<port mac='52:54:00:00:00:$'/>", "", POLICY_MAX_PORTS,
		 "more than 64 <port> in one <policy>"},
		{"", "<group name='g%'/>", "", POLICY_MAX_GROUPS,
		 "more than 256 <group> in one <policy>"},
		{"<group name='a'>", "<rule direction='egress'/>", "</group>", POLICY_MAX_RULES,
		 "more than 4096 <rule> in one <policy>"},
		{"<group name='a'>", "<member>10.0.#.%</member>", "</group>", POLICY_MAX_MEMBERS,
		 "more than 4096 <member> in one <group>"},
		{PORT, "<address>10.1.#.%</address>", "</port>", POLICY_MAX_OF_PORT,
		 "more than 256 <address> in one <port>"},
		{PORT, "<pair address='10.1.#.%'/>", "</port>", POLICY_MAX_OF_PORT,
		 "more than 256 <pair> in one <port>"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		cleanup_free char *before = xasprintf("<policy>\n%s", table[i].before);
		cleanup_free char *after = xasprintf("%s</policy>", table[i].after);
		cleanup_free char *wanted = xasprintf("policy: line 2: %s", table[i].words);
		accepts(before, table[i].unit, table[i].most, after);
		refuses(before, table[i].unit, table[i].most + 1, after, EINVAL, wanted);
	}
}

/* Rules count over all groups. */
static void test_rules_of_several_groups(void **state)
{
	(void)state;
	accepts("<policy><group name='a'><rule direction='egress'/></group>\n<group name='b'>",
		"<rule direction='egress'/>", POLICY_MAX_RULES - 1, "</group></policy>");
	refuses("<policy><group name='a'><rule direction='egress'/></group>\n<group name='b'>",
		"<rule direction='egress'/>", POLICY_MAX_RULES, "</group></policy>", EINVAL,
		"policy: line 2: more than 4096 <rule> in one <policy>");
}

static void test_far_too_much(void **state)
{
	(void)state;
	refuses("<policy>\n<group name='a'>", "<rule direction='egress' protocol='tcp' ports='%'/>",
		10000, "</group></policy>", EINVAL,
		"policy: line 2: more than 4096 <rule> in one <policy>");
	refuses("<policy>\n<group name='a'>", "<rule direction='egress'/>", 200000,
		"</group></policy>", EFBIG,
		"policy: line 2: too many tags, attributes and comments");
	refuses("<policy>\n", "<group name='g#-%'/>", 60000, "</policy>", EINVAL,
		"policy: line 2: more than 256 <group> in one <policy>");
	refuses("<policy>\n" PORT, "<pair address='10.#.0.%'/>", 60000, "</port></policy>", EINVAL,
		"policy: line 2: more than 256 <pair> in one <port>");
}

/* A port may be in all groups, and all rules may name the last one: the most that is searched. */
static void test_the_most_of_all(void **state)
{
	cleanup_strbuf struct strbuf groups = {0};
	cleanup_strbuf struct strbuf text = {0};
	cleanup_policy struct policy *policy = NULL;
	struct err err = {0};

	(void)state;
	make(&groups, "<policy>" PORT, "<group>g%</group>", POLICY_MAX_GROUPS, "</port>");
	make(&groups, "", "<group name='g%'/>", POLICY_MAX_GROUPS - 1, "<group name='g255'>");
	make(&text, groups.text, "<rule direction='egress' group='g255'/>", POLICY_MAX_RULES,
	     "</group></policy>");
	if (policy_parse(text.text, text.length, &policy, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(policy->ports[0].group_count, POLICY_MAX_GROUPS);
	assert_int_equal(policy->groups[255].rule_count, POLICY_MAX_RULES);
	assert_int_equal(policy->groups[255].rules[POLICY_MAX_RULES - 1].group, 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_more_than_the_limit),
		cmocka_unit_test(test_rules_of_several_groups),
		cmocka_unit_test(test_far_too_much),
		cmocka_unit_test(test_the_most_of_all),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
