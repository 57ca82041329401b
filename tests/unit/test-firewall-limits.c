/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules that overlap too much are refused, in words that say of what and what to do; many that nest
 * are not. */
#include "tests/unit/test-xml-data.h"

#include <errno.h>

#include "netfw/table.h"

#define RULES 4096

/* Ports from I to 20000 - I, from everywhere or from a prefix of their own. */
static void nested_port(bool prefixes, struct firewall_port *ret)
{
	*ret = (struct firewall_port){
		.interface = "vnet0",
		.guest = xstrdup("vm1"),
		.uuid = xstrdup("0c4a2c42-6a9c-4bd4-a3ac-1b6ab7e2a3f5"),
		.filtered = true,
		.rules = xcalloc(RULES, sizeof(*ret->rules)),
		.rule_count = RULES,
	};
	for (size_t i = 0; i < RULES; i++) {
		ret->rules[i] = (struct firewall_rule){
			.family = 4,
			.protocol = 6,
			.has_ports = true,
			.port_first = (uint16_t)i,
			.port_last = (uint16_t)(20000 - i),
			.icmp_type = -1,
			.icmp_code = -1,
			.remote = {.family = 4},
			.group = -1,
			.label = xasprintf("web %zu", i + 1),
		};
		if (prefixes)
			ret->rules[i].remote = (struct prefix){
				4, 24, {10, (uint8_t)(i % 256), (uint8_t)(i / 256 * 2)}};
	}
}

static int add(bool prefixes, struct ruleset *table, struct err *err)
{
	const struct firewall_host host = {.tracking = true};
	struct firewall_port port;

	nested_port(prefixes, &port);
	program_add_base(&host, table);
	int rc = program_add_port(&host, &port, table, err);
	firewall_port_clear(&port);
	return rc;
}

static void too_many_elements(void **state)
{
	cleanup_ruleset struct ruleset table = {0};
	struct err err;

	(void)state;
	assert_int_equal(add(true, &table, &err), -E2BIG);
	assert_string_equal(err.text,
			    "interface 'vnet0': its rules overlap so much that they become more "
			    "than 65536 elements; use fewer port ranges that overlap");
}

static void many_that_nest(void **state)
{
	cleanup_ruleset struct ruleset table = {0};
	struct err err;

	(void)state;
	assert_int_equal(add(false, &table, &err), 0);
	const struct set *set = ruleset_find_set(&table, "vnet0-in4-ports");
	assert_non_null(set);
	assert_int_equal(set->element_count, 1);
	assert_true(str_starts(set->elements[0].comment, "web 1, web 2, "));
	assert_non_null(strstr(set->elements[0].comment, ", ..."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(too_many_elements),
		cmocka_unit_test(many_that_nest),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
