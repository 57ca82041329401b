/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs of ports that go to another host: they arrive as they were, and what isn't the program
 * of one port is refused. */
#include "tests/unit/test-xml-data.h"

#include <errno.h>

#include "netfw/carried.h"
#include "netfw/encode.h"
#include "netfw/netlink.h"
#include "netfw/table.h"
#include "tests/unit/firewall-random.h"

/* A random port's own objects, as they travel; in another order for each @turn. */
static void make(uint64_t seed, bool tracking, size_t turn, struct ruleset *ret)
{
	cleanup_ruleset struct ruleset whole = {0}, base = {0};
	struct firewall_host host = {.tracking = tracking};
	struct firewall_port port = {0};
	struct err err;

	random_port(&seed, 30, &port);
	program_add_base(&host, &whole);
	assert_int_equal(program_add_port(&host, &port, &whole, &err), 0);
	for (size_t i = 0; i < whole.chain_count; i++) {
		struct chain *from = &whole.chains[(i + turn) % whole.chain_count];
		if (!str_starts(from->name, "vnet0-"))
			continue;
		struct chain *to = ruleset_add_chain(ret, from->name);
		to->comment = steal_pointer(from->comment);
		to->rules = steal_pointer(from->rules);
		to->rule_count = from->rule_count;
		from->rule_count = 0;
	}
	for (size_t i = 0; i < whole.set_count; i++) {
		struct set *from = &whole.sets[(i + turn) % whole.set_count];
		if (!str_starts(from->name, "vnet0-"))
			continue;
		struct set *to = ruleset_add_set(ret, from->name);
		char *name = to->name;
		*to = *from;
		to->name = name;
		from->elements = NULL;
		from->element_count = 0;
		for (size_t j = 0; turn && j < to->element_count / 2; j++) {
			struct element swapped = to->elements[j];
			to->elements[j] = to->elements[to->element_count - 1 - j];
			to->elements[to->element_count - 1 - j] = swapped;
		}
	}
	carried_rename(ret, "vnet0-", "-");
	firewall_port_clear(&port);
}

static void assert_arrives(uint64_t seed, bool tracking)
{
	cleanup_ruleset struct ruleset sent = {0}, turned = {0}, arrived = {0};
	cleanup_strbuf struct strbuf bytes = {0}, others = {0}, again = {0};
	struct err err;

	make(seed, tracking, 0, &sent);
	make(seed, tracking, 3, &turned);
	enum carried_kind kind = carried_kind_of(&sent, "-");
	carried_encode(&sent, &bytes);
	carried_encode(&turned, &others);
	assert_int_equal(others.length, bytes.length);
	assert_memory_equal(others.text, bytes.text, bytes.length);
	if (carried_decode(bytes.text, bytes.length, &arrived, &err) < 0)
		fail_msg("seed %llu: %s", (unsigned long long)seed, err.text);
	assert_int_equal(carried_kind_of(&arrived, "-"), kind);
	assert_true(tracking ? kind != CARRIED_STATELESS : kind != CARRIED_TRACKING);
	carried_encode(&arrived, &again);
	assert_int_equal(again.length, bytes.length);
	assert_memory_equal(again.text, bytes.text, bytes.length);
}

static void test_arrives(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++)
		assert_arrives(seed, seed % 2);
}

/* --- what is refused --- */

static void base_chain(struct ruleset *rules)
{
	rules->chains[0].hook = "prerouting";
}

static void another_name(struct ruleset *rules)
{
	ruleset_add_chain(rules, "from_port");
}

static void another_port(struct ruleset *rules)
{
	ruleset_add_set(rules, "vnet1-macs")->field_count = 1;
}

static void long_name(struct ruleset *rules)
{
	cleanup_free char *name = xcalloc(1, 240);

	memset(name, '-', 239);
	ruleset_add_chain(rules, name);
}

static void goes_elsewhere(struct ruleset *rules)
{
	rule_end(chain_add_rule(&rules->chains[0]), VERDICT_GOTO, "vnet1-egress", NULL);
}

static void looks_elsewhere(struct ruleset *rules)
{
	static const enum field field = FIELD_ETHER_SADDR;

	rule_lookup(chain_add_rule(&rules->chains[0]), &field, 1, COMPARE_EQUAL, "vnet1-macs");
}

static void looks_at_map(struct ruleset *rules)
{
	rule_map(chain_add_rule(&rules->chains[0]), FIELD_IIFNAME, MAP_FROM_GUEST);
}

static void sets_zone(struct ruleset *rules)
{
	rule_add(chain_add_rule(&rules->chains[0]), STATEMENT_ZONE)->zone = 7;
}

static void is_map(struct ruleset *rules)
{
	struct set *set = ruleset_add_set(rules, "-map");

	set->fields[0] = FIELD_IIFNAME;
	set->field_count = 1;
	set->verdicts = true;
}

static void twice(struct ruleset *rules)
{
	ruleset_add_chain(rules, "-egress");
}

static void many_statements(struct ruleset *rules)
{
	struct rule *rule = chain_add_rule(&rules->chains[0]);

	for (int i = 0; i < 17; i++)
		rule_counter(rule);
}

static void test_refused(void **state)
{
	static void (*const spoil[])(struct ruleset * rules) = {
		base_chain,     another_name,    another_port,    long_name,
		goes_elsewhere, looks_elsewhere, looks_at_map,    sets_zone,
		is_map,         twice,           many_statements,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(spoil); i++) {
		cleanup_ruleset struct ruleset rules = {0}, arrived = {0};
		cleanup_strbuf struct strbuf bytes = {0};
		struct err err;
		make(1, false, 0, &rules);
		spoil[i](&rules);
		carried_encode(&rules, &bytes);
		int rc = carried_decode(bytes.text, bytes.length, &arrived, &err);
		if (rc != -EBADMSG)
			fail_msg("change %zu: gave %d", i, rc);
		assert_int_equal(arrived.chain_count, 0);
	}
}

static void test_no_ingress(void **state)
{
	cleanup_ruleset struct ruleset rules = {0}, arrived = {0};
	cleanup_strbuf struct strbuf bytes = {0};
	struct err err;

	(void)state;
	make(1, false, 0, &rules);
	struct chain *ingress = ruleset_find_chain(&rules, "-ingress");
	free(ingress->name);
	ingress->name = xstrdup("-other");
	carried_encode(&rules, &bytes);
	assert_int_equal(carried_decode(bytes.text, bytes.length, &arrived, &err), -EBADMSG);
	assert_int_equal(carried_decode("", 0, &arrived, &err), -EBADMSG);
}

/* What is accepted can be encoded again, whatever it is: too long a message would end the program.
 */
static void test_mutations(void **state)
{
	uint64_t seed = 9;

	(void)state;
	for (int i = 0; i < 6000; i++) {
		cleanup_ruleset struct ruleset rules = {0}, arrived = {0};
		cleanup_strbuf struct strbuf bytes = {0}, again = {0};
		struct err err;
		make(1 + (uint64_t)i % 6, i % 2, 0, &rules);
		carried_encode(&rules, &bytes);
		for (uint32_t j = test_random(&seed) % 4 + 1; j > 0; j--)
			bytes.text[test_random(&seed) % bytes.length] =
				(char)(test_random(&seed) % 2 ? test_random(&seed) % 16
							      : test_random(&seed));
		size_t length =
			test_random(&seed) % 4 ? bytes.length : test_random(&seed) % bytes.length;
		if (carried_decode(bytes.text, length, &arrived, &err) == 0)
			carried_encode(&arrived, &again);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arrives),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_no_ingress),
		cmocka_unit_test(test_mutations),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
