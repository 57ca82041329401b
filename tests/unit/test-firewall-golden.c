/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tests/data/firewall/CASE: policy.xml, with the words of "options" (tests/firewall-case.h), is the
 * table in "expected", or "expected-stateless" without connection tracking; REGEN=1 writes them.
 * That nft reads them so, and the kernel holds the same, tests/netns/firewall.t shows.
 */
#include "tests/unit/test-xml-data.h"

#include "tests/firewall-case.h"

static void check(const char *folder, bool tracking, const char *golden)
{
	cleanup_strbuf struct strbuf words = {0}, out = {0}, again = {0};
	cleanup_free char *path = xasprintf("%s/%s", folder, golden);
	cleanup_case_ports struct case_ports ports = {0};
	struct case_options options;
	struct err err;

	if (case_load(folder, tracking, &words, &options, &ports, &err) < 0)
		fail_msg("%s", err.text);
	struct firewall_host host = case_host(&options);
	firewall_print(&host, ports.items, ports.count, &out);
	firewall_print(&host, ports.items, ports.count, &again);
	assert_string_equal(out.text, again.text);
	test_golden(path, &out);
}

static void check_case(void **state)
{
	check(*state, true, "expected");
	check(*state, false, "expected-stateless");
}

#define MAX_CASES 256

/* Each case is a test of its own. */
int main(void)
{
	static struct CMUnitTest tests[MAX_CASES];
	cleanup_free char *pattern = test_data_path("firewall/*");
	cleanup_glob glob_t found = {0};

	if (glob(pattern, 0, NULL, &found) != 0 || found.gl_pathc > MAX_CASES)
		return 1;
	for (size_t i = 0; i < found.gl_pathc; i++)
		tests[i] = (struct CMUnitTest){path_name(found.gl_pathv[i]), check_case, NULL, NULL,
					       found.gl_pathv[i]};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return _cmocka_run_group_tests("firewall", tests, found.gl_pathc, NULL, NULL);
}
