/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is read of a policy is what its golden file says, with and without a namespace. */
#include "test-xml-data.h"

#include "xml/domain.h"

static void print_addresses(struct strbuf *out, const char *what, const struct prefix *array,
			    size_t count)
{
	char text[PREFIX_TEXT_SIZE];

	for (size_t i = 0; i < count; i++)
		strbuf_printf(out, "  %s %s\n", what, prefix_format(&array[i], text));
}

static void print_port(struct strbuf *out, const struct policy *policy,
		       const struct policy_port *port)
{
	char text[PREFIX_TEXT_SIZE];

	strbuf_printf(out, "port %s vlan=%u\n", mac_format(&port->mac, text), port->vlan);
	print_addresses(out, "address", port->addresses, port->address_count);
	for (size_t i = 0; i < port->pair_count; i++) {
		strbuf_printf(out, "  pair %s", prefix_format(&port->pairs[i].address, text));
		strbuf_printf(out, " mac=%s\n",
			      port->pairs[i].has_mac ? mac_format(&port->pairs[i].mac, text) : "-");
	}
	for (size_t i = 0; i < port->group_count; i++)
		strbuf_printf(out, "  group %s\n", policy->groups[port->groups[i]].name);
}

static void print_rule(struct strbuf *out, const struct policy *policy,
		       const struct policy_rule *rule)
{
	char text[PREFIX_TEXT_SIZE];

	strbuf_printf(out, "  rule %s ipv%u protocol=%d",
		      rule->direction == POLICY_INGRESS ? "ingress" : "egress", rule->family,
		      rule->protocol);
	if (rule->has_ports)
		strbuf_printf(out, " ports=%u-%u", rule->port_first, rule->port_last);
	strbuf_printf(out, " type=%d code=%d", rule->icmp_type, rule->icmp_code);
	if (rule->remote == REMOTE_PREFIX)
		strbuf_printf(out, " remote=%s", prefix_format(&rule->prefix, text));
	if (rule->remote == REMOTE_GROUP)
		strbuf_printf(out, " group=%s", policy->groups[rule->group].name);
	strbuf_puts(out, "\n");
}

static void print_policy(struct strbuf *out, const struct policy *policy)
{
	strbuf_printf(out, "project %s\n", policy->project ? policy->project : "-");
	for (size_t i = 0; i < policy->port_count; i++)
		print_port(out, policy, &policy->ports[i]);
	for (size_t i = 0; i < policy->group_count; i++) {
		const struct policy_group *group = &policy->groups[i];
		strbuf_printf(out, "group %s\n", group->name);
		for (size_t r = 0; r < group->rule_count; r++)
			print_rule(out, policy, &group->rules[r]);
		print_addresses(out, "member", group->members, group->member_count);
	}
}

static void check_values(const char *path)
{
	cleanup_strbuf struct strbuf text = {0};
	cleanup_strbuf struct strbuf values = {0};
	cleanup_policy struct policy *policy = NULL;
	cleanup_free char *golden = xasprintf("%.*s.values", (int)(strlen(path) - 4), path);
	struct err err = {0};

	test_read(path, &text);
	if (policy_parse(text.text, text.length, &policy, &err) < 0)
		fail_msg("%s: %s", path, err.text);
	print_policy(&values, policy);
	test_golden(golden, &values);
}

static void test_values_are_golden(void **state)
{
	cleanup_glob glob_t found = {0};

	(void)state;
	test_find_data("policy/valid/*.xml", &found);
	for (size_t i = 0; i < found.gl_pathc; i++)
		check_values(found.gl_pathv[i]);
}

/* As virDomainGetMetadata() gives it back, and virsh metadata prints it. */
static void test_in_no_namespace(void **state)
{
	static const char text[] =
		"<policy>\n  <port mac=\"52:54:00:00:00:01\">\n    <group>web</group>\n  </port>\n"
		"  <group name=\"web\">\n    <rule direction=\"egress\"/>\n  </group>\n</policy>\n";
	cleanup_policy struct policy *policy = NULL;
	struct err err = {0};

	(void)state;
	if (policy_parse(text, strlen(text), &policy, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(policy->ports[0].group_count, 1);
	assert_int_equal(policy->groups[0].rule_count, 1);
}

/* The man page's example is a policy. */
static void test_the_man_page_s_example(void **state)
{
	cleanup_free char *path = test_data_path("../../docs/man/berth-policy.5");
	cleanup_strbuf struct strbuf page = {0};
	cleanup_policy struct policy *policy = NULL;
	struct err err = {0};

	(void)state;
	test_read(path, &page);
	const char *begin = strstr(page.text, "\n<policy>\n");
	const char *end = strstr(page.text, "\n</policy>\n");
	assert_true(begin && end && begin < end);
	size_t length = (size_t)(end - begin) + strlen("\n</policy>");
	if (policy_parse(begin, length, &policy, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(policy->project, "p1");
	assert_int_equal(policy->groups[0].rule_count, 5);
}

/*
 * policy/libvirt/: what virsh metadata (9.0.0, test:///default) had been given in no namespace with
 * POLICY_URI and the key "berth"; then the domain's XML, and what virsh metadata gave back.
 */
static void test_libvirt_keeps_it(void **state)
{
	cleanup_strbuf struct strbuf given = {0};
	cleanup_strbuf struct strbuf kept = {0};
	cleanup_strbuf struct strbuf back = {0};
	cleanup_strbuf struct strbuf wanted = {0};
	cleanup_strbuf struct strbuf in_domain = {0};
	cleanup_strbuf struct strbuf alone = {0};
	cleanup_policy struct policy *first = NULL;
	cleanup_policy struct policy *last = NULL;
	cleanup_domain struct domain *domain = NULL;
	struct err err = {0};

	(void)state;
	test_read_data("policy/libvirt/given.xml", &given);
	test_read_data("policy/libvirt/dumpxml.xml", &kept);
	test_read_data("policy/libvirt/metadata.xml", &back);
	assert_int_equal(policy_parse(given.text, given.length, &first, &err), 0);
	assert_int_equal(policy_parse(back.text, back.length, &last, &err), 0);
	assert_int_equal(domain_parse(kept.text, kept.length, &domain, &err), 0);
	assert_non_null(domain->policy);
	print_policy(&wanted, first);
	print_policy(&alone, last);
	print_policy(&in_domain, domain->policy);
	assert_string_equal(alone.text, wanted.text);
	assert_string_equal(in_domain.text, wanted.text);
}

static void test_ports_are_found(void **state)
{
	static const char text[] = "<policy><port mac='52:54:00:00:00:0a' vlan='5'/>"
				   "<port mac='52:54:00:00:00:0b' vlan='6'/></policy>";
	cleanup_policy struct policy *policy = NULL;
	struct mac mac;
	struct err err = {0};

	(void)state;
	assert_int_equal(policy_parse(text, strlen(text), &policy, &err), 0);
	assert_true(mac_parse("52:54:00:00:00:0B", &mac));
	assert_int_equal(policy_find_port(policy, &mac)->vlan, 6);
	assert_null(policy_find_port(NULL, &mac));
	mac.bytes[5]++;
	assert_null(policy_find_port(policy, &mac));
	policy_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_are_golden),
		cmocka_unit_test(test_in_no_namespace),
		cmocka_unit_test(test_the_man_page_s_example),
		cmocka_unit_test(test_libvirt_keeps_it),
		cmocka_unit_test(test_ports_are_found),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
