/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages that no kernel would send, made of real ones by changing bytes and by cutting them: the
 * decoder refuses them or reads something, and touches no byte that isn't theirs (SANITIZE=1). */
#include "tests/unit/test-xml-data.h"

#include "netfw/encode.h"
#include "netfw/netlink.h"
#include "netfw/table.h"
#include "tests/unit/firewall-random.h"

#define CHANGES_OF_EACH 200

/* A copy of exactly that length. */
static struct nlmsghdr *copy(const void *message, size_t length)
{
	struct nlmsghdr *ret = xcalloc(1, length);

	memcpy(ret, message, length);
	ret->nlmsg_len = (uint32_t)length;
	return ret;
}

static void decode(struct nlmsghdr *message)
{
	cleanup_ruleset struct ruleset back = {0};
	struct set *set = ruleset_add_set(&back, "any");
	size_t last = 0;
	struct err err = {0};

	ruleset_add_chain(&back, "vnet0-egress");
	set->fields[0] = FIELD_IIFNAME;
	set->field_count = 1;
	set->intervals = message->nlmsg_seq % 2;
	set->verdicts = !set->intervals;
	decode_elements(message, set, &err);
	decode_rule(message, &back.chains[0], &err);
	decode_rule_of_any(message, &back, &last, &err);
	decode_chain(message, &back, &err);
	decode_set(message, &back, &err);
	decode_generation(message);
}

static void change_and_decode(uint64_t *seed, const struct nlmsghdr *message)
{
	size_t length = message->nlmsg_len;

	for (int i = 0; i < CHANGES_OF_EACH; i++) {
		size_t cut =
			test_random(seed) % 3
				? length
				: NLMSG_HDRLEN + test_random(seed) % (length + 1 - NLMSG_HDRLEN);
		struct nlmsghdr *changed = copy(message, cut);
		for (uint32_t j = test_random(seed) % 4; j > 0 && cut > NLMSG_HDRLEN; j--) {
			size_t at = NLMSG_HDRLEN + test_random(seed) % (cut - NLMSG_HDRLEN);
			((uint8_t *)changed)[at] =
				(uint8_t)(test_random(seed) % 2 ? test_random(seed) % 8
								: test_random(seed));
		}
		changed->nlmsg_seq = (uint32_t)i;
		decode(changed);
		free(changed);
	}
}

/* Takes the message. */
static void attack(uint64_t *seed, struct nl_msg *taken)
{
	cleanup_message struct nl_msg *message = taken;

	change_and_decode(seed, nlmsg_hdr(message));
}

static void changed_messages(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (int i = 0; i < 8; i++) {
		cleanup_ruleset struct ruleset table = {0};
		struct firewall_host host = {.tracking = i % 2};
		struct firewall_port port = {0};
		struct err err;
		random_port(&seed, 10, &port);
		program_add_base(&host, &table);
		assert_int_equal(program_add_port(&host, &port, &table, &err), 0);
		for (size_t j = 0; j < table.chain_count; j++) {
			const struct chain *chain = &table.chains[j];
			attack(&seed, encode_chain(chain));
			for (size_t k = 0; k < chain->rule_count; k++)
				attack(&seed, encode_rule(chain->name, &chain->rules[k], 1));
		}
		for (size_t j = 0; j < table.set_count; j++) {
			size_t begin = 0;
			attack(&seed, encode_set(&table.sets[j], 1));
			attack(&seed, encode_elements(&table.sets[j], &begin, true));
		}
		firewall_port_clear(&port);
	}
}

static void noise(void **state)
{
	static const uint8_t types[] = {0, 3,  6,
					9, 12, 15}; /* NFT_MSG_NEW...: tables to generations */
	uint64_t seed = 11;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		size_t length = NLMSG_HDRLEN + test_random(&seed) % 120;
		struct nlmsghdr *message = xcalloc(1, length);
		for (size_t j = NLMSG_HDRLEN; j < length; j++)
			((uint8_t *)message)[j] = (uint8_t)(test_random(&seed) % 24);
		message->nlmsg_len = (uint32_t)length;
		message->nlmsg_type = (uint16_t)(10 << 8 | types[i % sizeof(types)]);
		decode(message);
		free(message);
	}
}

/* Comparing with a part of the field is not comparing with the whole of it. */
static void short_comparison(void **state)
{
	static const uint8_t mac[6] = {0x52, 0x54, 0, 0, 0, 0};
	cleanup_ruleset struct ruleset table = {0}, back = {0};
	struct chain *chain = ruleset_add_chain(&table, "vnet0-egress");
	struct chain *read = ruleset_add_chain(&back, "vnet0-egress");
	struct rule *rule = chain_add_rule(chain);
	struct err err;

	(void)state;
	rule_match(rule, FIELD_ETHER_SADDR, COMPARE_EQUAL, mac);
	cleanup_message struct nl_msg *message = encode_rule(chain->name, rule, 0);
	assert_int_equal(decode_rule(nlmsg_hdr(message), read, &err), 0);
	assert_true(rule_equal(&read->rules[0], rule));
	/* NFTA_DATA_VALUE of 6 bytes, padded to 8; the same with 2 */
	static const uint8_t value[] = {10, 0, 1, 0, 0x52, 0x54, 0, 0, 0, 0};
	uint8_t *at =
		memmem(nlmsg_hdr(message), nlmsg_hdr(message)->nlmsg_len, value, sizeof(value));
	assert_non_null(at);
	at[0] = 6;
	at[8] = 4; /* what is left is an attribute of its own, which means nothing */
	assert_int_equal(decode_rule(nlmsg_hdr(message), read, &err), 0);
	assert_false(rule_equal(&read->rules[1], rule));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changed_messages),
		cmocka_unit_test(noise),
		cmocka_unit_test(short_comparison),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
