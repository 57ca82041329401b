/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A mistake in [volumes] is refused with the value, and what is wanted. */
#include "tests/unit/config-fixture.h"

#define NO_WORD                                                                                   \
	"' is neither a portal's address or a prefix, like 10.0.0.1, 10.0.0.0/24 and fd00::/64, " \
	"nor a target, like iqn.2026-11.lab:one and iqn.2026-11.lab:*"
#define NO_TARGET \
	"' is not a target's name like iqn.2026-11.lab:one, nor the beginning of one and '*'"
#define BITS_BEHIND "': bits behind the prefix's length are not zero; write "
#define NO_TIME "' is not a number of seconds, 1 to 600"

static void refuses(const char *key, const char *value, const char *words)
{
	assert_refused(keep(xasprintf("[volumes]\n%s = %s\n", key, value)), 2,
		       keep(xasprintf("[volumes] %s: %s", key, words)));
}

static void test_values(void **state)
{
	static const struct {
		const char *key;
		const char *value;
		const char *words;
	} table[] = {
		{"iscsi", "storage", "'storage" NO_WORD},
		{"iscsi", "10.0.0.1 storage.lab:3260", "'storage.lab:3260" NO_WORD},
		{"iscsi", "10.0.0.1:3260", "'10.0.0.1:3260" NO_WORD},
		{"iscsi", "[fd00::1]", "'[fd00::1]" NO_WORD},
		{"iscsi", "10.0.0", "'10.0.0" NO_WORD},
		{"iscsi", "10.0.0.0/33", "'10.0.0.0/33" NO_WORD},
		{"iscsi", "10.0.0.0/", "'10.0.0.0/" NO_WORD},
		{"iscsi", "10.0.0.0/024", "'10.0.0.0/024" NO_WORD},
		{"iscsi", "10.0.0.0/255.255.255.0", "'10.0.0.0/255.255.255.0" NO_WORD},
		{"iscsi", "10.0.0.0-10.0.0.9", "'10.0.0.0-10.0.0.9" NO_WORD},
		{"iscsi", "fe80::1%eth0", "'fe80::1%eth0" NO_WORD},
		{"iscsi", "fd00::/129", "'fd00::/129" NO_WORD},
		{"iscsi", "*", "'*" NO_WORD},
		{"iscsi", "iqn", "'iqn" NO_WORD},
		{"iscsi", "iqn*", "'iqn*" NO_WORD},
		{"iscsi", "10.0.0.0/24,iqn.2026-11.lab:*",
		 "'10.0.0.0/24,iqn.2026-11.lab:*" NO_WORD},
		{"iscsi", "10.0.0.5/24",
		 "'10.0.0.5/24" BITS_BEHIND "10.0.0.0/24 for the network, or 10.0.0.5 for the one "
		 "address"},
		{"iscsi", "10.0.0.1/0",
		 "'10.0.0.1/0" BITS_BEHIND "0.0.0.0/0 for the network, or 10.0.0.1 for the one "
		 "address"},
		{"iscsi", "fd00::1/64",
		 "'fd00::1/64" BITS_BEHIND "fd00::/64 for the network, or fd00::1 for the one "
		 "address"},
		{"iscsi", "iqn.", "'iqn." NO_TARGET},
		{"iscsi", "iqn.2026-11.lab:**", "'iqn.2026-11.lab:**" NO_TARGET},
		{"iscsi", "iqn.*.lab:one", "'iqn.*.lab:one" NO_TARGET},
		{"iscsi", "iqn.2026-11.lab:one,two", "'iqn.2026-11.lab:one,two" NO_TARGET},
		{"iscsi", "IQN.2026-11.lab:a/b", "'IQN.2026-11.lab:a/b" NO_TARGET},
		{"iscsi", "iqn.2026-11.lab:\xc3\xa4", "'iqn.2026-11.lab:\xc3\xa4" NO_TARGET},
		{"aoe", "eth*", "'eth*' is not a network interface name"},
		{"aoe", "eth2 sixteen-letters0",
		 "'sixteen-letters0' is not a network interface name"},
		{"aoe", "eth2/1", "'eth2/1' is not a network interface name"},
		{"release", "", "'' is neither ours nor always nor never"},
		{"release", "Ours", "'Ours' is neither ours nor always nor never"},
		{"release", "yes", "'yes' is neither ours nor always nor never"},
		{"timeout", "", "'" NO_TIME},
		{"timeout", "0", "'0" NO_TIME},
		{"timeout", "601", "'601" NO_TIME},
		{"timeout", "-1", "'-1" NO_TIME},
		{"timeout", "30s", "'30s" NO_TIME},
		{"timeout", "4294967297", "'4294967297" NO_TIME},
		{"timeout", "18446744073709551617", "'18446744073709551617" NO_TIME},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		refuses(table[i].key, table[i].value, table[i].words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_values),
	};

	return run_as_tap(tests);
}
