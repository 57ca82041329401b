/* SPDX-License-Identifier: GPL-2.0-or-later */
/* port_prefix(): no two interfaces share one, none is the begin of another's, and nft takes it. */
#include "tests/unit/test-xml-data.h"

#include "netfw/table.h"

static const char letters[] = "abzAZ09_.-@:+ ~\x01\xff";

static void random_name(uint64_t *seed, char name[static FIREWALL_NAME_SIZE])
{
	size_t length = 1 + test_random(seed) % (FIREWALL_NAME_SIZE - 1);

	for (size_t i = 0; i < length; i++)
		name[i] = letters[test_random(seed) % (sizeof(letters) - 1)];
	name[length] = '\0';
}

/* The scanner of nft: a letter, then letters, digits and "/-_."; what begins otherwise is none. */
static void check_for_nft(const char *prefix)
{
	assert_true(strspn(prefix, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789/\\_.-") == strlen(prefix));
	assert_true(strlen(prefix) <= 3 * (FIREWALL_NAME_SIZE - 1) + 1);
}

/* What port_prefix() writes, read backwards. */
static void reverse(const char *prefix, char name[static FIREWALL_NAME_SIZE])
{
	size_t length = 0;

	for (; *prefix != '-'; prefix++) {
		if (*prefix == '.') {
			char digits[3] = {prefix[1], prefix[2], '\0'};
			name[length++] = (char)strtoul(digits, NULL, 16);
			prefix += 2;
		} else {
			name[length++] = *prefix;
		}
	}
	name[length] = '\0';
}

static void reversible(void **state)
{
	uint64_t seed = 3;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char name[FIREWALL_NAME_SIZE], back[FIREWALL_NAME_SIZE];
		random_name(&seed, name);
		cleanup_free char *prefix = port_prefix(name);
		check_for_nft(prefix);
		reverse(prefix, back);
		assert_string_equal(back, name);
	}
}

/* Objects of one are never taken for another's: names begin with the prefix, which ends at the
 * first '-'. */
static void one_dash_at_the_end(void **state)
{
	uint64_t seed = 4;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char name[FIREWALL_NAME_SIZE];
		random_name(&seed, name);
		cleanup_free char *prefix = port_prefix(name);
		assert_ptr_equal(strchr(prefix, '-'), prefix + strlen(prefix) - 1);
	}
}

static void comments(void **state)
{
	struct firewall_port port = {
		.guest = (char *)"a guest with blanks",
		.uuid = (char *)"0c4a2c42-6a9c-4bd4-a3ac-1b6ab7e2a3f5",
		.mac = {{0x52, 0x54, 0, 0xab, 0xcd, 0xef}},
	};
	cleanup_free char *comment = port_comment(&port), *uuid = NULL, *guest = NULL;
	struct mac mac;

	(void)state;
	assert_true(port_comment_parse(comment, &mac, &uuid, &guest));
	assert_string_equal(uuid, port.uuid);
	assert_string_equal(guest, port.guest);
	assert_true(mac_equal(&mac, &port.mac));
}

static void comments_of_others(void **state)
{
	static const char *const texts[] = {
		"", "vm1", "52:54:00:00:00:01",
		"52:54:00:00:00:01 0c4a2c42-6a9c-4bd4-a3ac-1b6ab7e2a3f5",
		"52:54:00:00:00:0x 0c4a2c42-6a9c-4bd4-a3ac-1b6ab7e2a3f5 vm1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		cleanup_free char *uuid = NULL, *guest = NULL;
		struct mac mac;
		assert_false(port_comment_parse(texts[i], &mac, &uuid, &guest));
	}
}

/* A comment is cut between characters, and holds nothing that nft can't read back. */
static void comments_for_nft(void **state)
{
	char text[300];

	(void)state;
	for (size_t i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "é", 2);
	text[sizeof(text) - 2] = '\0';
	cleanup_free char *cut = comment_copy(text), *quoted = comment_copy("a\"b\\c\nd\x7f");
	assert_int_equal(strlen(cut), 126);
	assert_string_equal(quoted, "a?b?c?d?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reversible),       cmocka_unit_test(one_dash_at_the_end),
		cmocka_unit_test(comments),         cmocka_unit_test(comments_of_others),
		cmocka_unit_test(comments_for_nft),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
