/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the encoder makes of a table the decoder reads back: each message of every golden case, of
 * random ports, and of sets whose elements need several messages. */
#include "tests/unit/test-xml-data.h"

#include "netfw/encode.h"
#include "netfw/netlink.h"
#include "netfw/table.h"
#include "tests/firewall-case.h"
#include "tests/unit/firewall-random.h"

static void check_rules(const struct chain *chain)
{
	cleanup_ruleset struct ruleset back = {0};
	struct chain *read = ruleset_add_chain(&back, chain->name);
	size_t last = 0;
	struct err err;

	for (size_t i = 0; i < chain->rule_count; i++) {
		cleanup_message struct nl_msg *message =
			encode_rule(chain->name, &chain->rules[i], 0);
		assert_int_equal(decode_rule_of_any(nlmsg_hdr(message), &back, &last, &err), 0);
		assert_int_equal(read->rule_count, i + 1);
		if (!rule_equal(&read->rules[i], &chain->rules[i])) {
			cleanup_strbuf struct strbuf text = {0};
			rule_print(&chain->rules[i], &text);
			fail_msg("chain '%s': not read back: %s", chain->name, text.text);
		}
	}
}

static void check_chain(const struct chain *chain)
{
	cleanup_message struct nl_msg *message = encode_chain(chain);
	cleanup_ruleset struct ruleset back = {0};
	struct err err;

	assert_int_equal(decode_chain(nlmsg_hdr(message), &back, &err), 0);
	assert_int_equal(back.chain_count, 1);
	assert_string_equal(back.chains[0].name, chain->name);
	assert_true(str_equal(back.chains[0].comment, chain->comment));
	assert_true(str_equal(back.chains[0].hook, chain->hook));
	assert_int_equal(back.chains[0].priority, chain->priority);
	check_rules(chain);
}

static void check_elements(const struct set *set, struct set *back)
{
	size_t done = 0;
	struct err err;

	while (done < set->element_count) {
		cleanup_message struct nl_msg *message = encode_elements(set, &done, true);
		assert_true(nlmsg_hdr(message)->nlmsg_len < 65535);
		assert_int_equal(decode_elements(nlmsg_hdr(message), back, &err), 0);
		assert_int_equal(back->element_count, done);
	}
	for (size_t i = 0; i < set->element_count; i++)
		assert_int_equal(element_compare(&back->elements[i], &set->elements[i]), 0);
}

static void check_set(const struct set *set)
{
	cleanup_message struct nl_msg *message = encode_set(set, 1);
	cleanup_ruleset struct ruleset back = {0};
	struct err err;

	assert_int_equal(decode_set(nlmsg_hdr(message), &back, &err), 0);
	assert_int_equal(back.set_count, 1);
	assert_string_equal(back.sets[0].name, set->name);
	assert_true(set_same_kind(&back.sets[0], set));
	check_elements(set, &back.sets[0]);
}

static void check_port(const struct firewall_host *host, const struct firewall_port *ports,
		       size_t count)
{
	cleanup_ruleset struct ruleset table = {0};
	struct err err;

	program_add_base(host, &table);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(program_add_port(host, &ports[i], &table, &err), 0);
	for (size_t i = 0; i < table.chain_count; i++)
		check_chain(&table.chains[i]);
	for (size_t i = 0; i < table.set_count; i++)
		check_set(&table.sets[i]);
}

static void every_golden_case(void **state)
{
	cleanup_glob glob_t found = {0};

	(void)state;
	test_find_data("firewall/*", &found);
	for (size_t i = 0; i < found.gl_pathc * 2; i++) {
		cleanup_strbuf struct strbuf words = {0};
		cleanup_case_ports struct case_ports ports = {0};
		struct case_options options;
		struct err err;
		if (case_load(found.gl_pathv[i / 2], i % 2, &words, &options, &ports, &err) < 0)
			fail_msg("%s", err.text);
		struct firewall_host host = case_host(&options);
		check_port(&host, ports.items, ports.count);
	}
}

static void random_ports(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < 300; i++) {
		struct firewall_host host = {.tracking = test_random(&seed) % 2};
		struct firewall_port port = {0};
		random_port(&seed, 40, &port);
		check_port(&host, &port, 1);
		firewall_port_clear(&port);
	}
}

static void long_lists(void **state)
{
	static const char text[] = "ein Kommentar von hundertsiebenundzwanzig Zeichen, wie ihn nft "
				   "noch liest, und der die Liste lang macht: 0123456789 01234567";
	cleanup_ruleset struct ruleset table = {0};
	struct set *set = ruleset_add_set(&table, "long");
	size_t messages = 0;

	(void)state;
	set->fields[0] = FIELD_ETHER_SADDR;
	set->fields[1] = FIELD_IP6_SADDR;
	set->field_count = 2;
	set->intervals = true;
	for (uint32_t i = 0; i < 5000; i++) {
		struct element *element = set_add_element(set);
		memcpy(element->first, &i, sizeof(i));
		memset(element->last, 0xff, 24);
		element->comment = comment_copy(text);
	}
	for (size_t done = 0; done < set->element_count; messages++) {
		cleanup_message struct nl_msg *message = encode_elements(set, &done, true);
	}
	assert_true(messages > 10);
	check_set(set);
}

static void nothing_of_other_tables(void **state)
{
	cleanup_ruleset struct ruleset table = {0}, back = {0};
	struct chain *chain = ruleset_add_chain(&table, "input");
	cleanup_message struct nl_msg *message = encode_chain(chain);
	struct err err;

	(void)state;
	char *name = memmem(nlmsg_hdr(message), nlmsg_hdr(message)->nlmsg_len, TABLE_NAME, 6);
	assert_non_null(name);
	name[0] = 'B';
	assert_int_equal(decode_chain(nlmsg_hdr(message), &back, &err), 0);
	assert_int_equal(back.chain_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_golden_case),
		cmocka_unit_test(random_ports),
		cmocka_unit_test(long_lists),
		cmocka_unit_test(nothing_of_other_tables),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
