/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files are read in order: a later one replaces a list whole and a mapping key by key. */
#include "tests/unit/config-fixture.h"

static void test_later_files_win(void **state)
{
	(void)state;
	cleanup_config struct config *config = load(data_folder("config/drop-ins"));
	assert_string_equal(config->uri, "qemu+tls://second.example/system");
	assert_string_equal(pairs(&config->paths), "/a = /from/main, /b = /from/10, /c = /from/9");
	assert_string_equal(pairs(&config->bridges), "br0 = main0");
	assert_string_equal(joined(&config->roots), "/10/one");
	assert_string_equal(joined(&config->base), "/main/base");
	assert_int_equal(config->departed, DEPARTED_REMOVE);
	assert_int_equal(config->disk_reserve_mib, 9);
}

static void test_drop_ins_are_read_by_name(void **state)
{
	static const char names[] = "kbxqfdzamhwcovjnlgtieursyp";
	cleanup_strbuf struct strbuf wanted = {0};

	(void)state;
	assert_int_equal(mkdir(at("berth.conf.d"), 0755), 0);
	for (const char *name = names; *name; name++)
		write_text(at(keep(xasprintf("berth.conf.d/%c.conf", *name))),
			   keep(xasprintf("[networks]\n%c = here\n", *name)));
	for (char name = 'a'; name <= 'z'; name++)
		strbuf_printf(&wanted, "%s%c = here", name > 'a' ? ", " : "", name);
	cleanup_config struct config *config = load(scratch);
	assert_string_equal(pairs(&config->networks), wanted.text);
}

static void test_a_list_can_be_emptied(void **state)
{
	(void)state;
	assert_int_equal(mkdir(at("berth.conf.d"), 0755), 0);
	write_text(at("berth.conf.d/a.conf"), "[images]\nbase =\n");
	cleanup_config struct config *config = load_text("[images]\nroots = /a\nbase = /b\n");
	assert_int_equal(config->base.count, 0);
	assert_string_equal(joined(config_search_folders(config)), "/a");
}

static void test_vlans_are_a_list_too(void **state)
{
	(void)state;
	assert_int_equal(mkdir(at("berth.conf.d"), 0755), 0);
	assert_refused("[network]\nvlans = 7 8\n vlans = 9\n", 3,
		       "[network] vlans: 'vlans' is neither a VLAN 1 to 4094 nor a range like "
		       "100-199");
	write_text(at("berth.conf.d/a.conf"), "[network]\nvlans = 5\nmode = aware\nvlans = 6\n");
	cleanup_config struct config *config =
		load_text("[network]\nvlans = 7 8\nmode = per-vlan\nuplink = a\n");
	assert_string_equal(vlans(config), "5-5 6-6");
	assert_int_equal(config->mode, NETWORK_AWARE);
	assert_string_equal(config->uplink, "a");
}

static void test_a_list_goes_on_in_its_own_file(void **state)
{
	(void)state;
	cleanup_config struct config *config = load_text(
		"[images]\nroots = /a\n[limits]\ndisk_reserve_mib = 1\n[images]\nroots = /b\n");
	assert_string_equal(joined(&config->roots), "/a /b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_later_files_win),
		scratch_test(test_drop_ins_are_read_by_name),
		scratch_test(test_a_list_can_be_emptied),
		scratch_test(test_vlans_are_a_list_too),
		scratch_test(test_a_list_goes_on_in_its_own_file),
	};

	return run_as_tap(tests);
}
