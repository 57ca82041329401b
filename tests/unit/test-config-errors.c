/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A mistake in the configuration is refused with its file, its line, what is wrong, and what is
 * wanted. */
#include "tests/unit/config-fixture.h"

#define NO_PATH "' is not an absolute path without '..'"

#define NO_VLAN "' is neither a VLAN 1 to 4094 nor a range like 100-199"
#define NO_PATTERN "' is neither a network interface name nor the beginning of one and '*'"

static void test_unknown_names(void **state)
{
	(void)state;
	assert_refused("\n[image]\nroots = /a\n", 3, "unknown section [image]; see berth.conf(5)");
	assert_refused("roots = /a\n", 1, "unknown section []; see berth.conf(5)");
	assert_refused("[images]\nroots = /a\nrots = /a\n", 3,
		       "unknown key 'rots' in [images]; see berth.conf(5)");
	assert_refused("[images]\nROOTS = /a\n", 2,
		       "unknown key 'ROOTS' in [images]; see berth.conf(5)");
	assert_refused("[host]\nroots = /a\n", 2,
		       "unknown key 'roots' in [host]; see berth.conf(5)");
	assert_refused("[limits]\nmemory_reserve_mib = 512\n", 2,
		       "unknown key 'memory_reserve_mib' in [limits]; see berth.conf(5)");
	assert_refused("[limits]\nvcpu_ratio = 16\n", 2,
		       "unknown key 'vcpu_ratio' in [limits]; see berth.conf(5)");
	assert_refused("[firewall]\nopen = all\n", 2,
		       "unknown key 'open' in [firewall]; see berth.conf(5)");
}

static void test_values(void **state)
{
	static const struct {
		const char *section;
		const char *key;
		const char *value;
		const char *words;
	} table[] = {
		{"host", "uri", "", "is empty"},
		{"images", "roots", "/a b", "'b" NO_PATH},
		{"images", "base", "/a/../b", "'/a/../b" NO_PATH},
		{"images", "shared", "/a//..", "'/a//.." NO_PATH},
		{"images", "roots", "/", "'/' is the whole file system; name a folder below it"},
		{"images", "roots", "//", "'//' is the whole file system; name a folder below it"},
		{"images", "departed", "delete", "'delete' is neither keep nor remove"},
		{"images", "departed", "Keep", "'Keep' is neither keep nor remove"},
		{"graphics", "listen", "hostb", "'hostb' is not an IPv4 or IPv6 address"},
		{"graphics", "listen", "192.0.2.1 192.0.2.256",
		 "'192.0.2.256' is not an IPv4 or IPv6 address"},
		{"graphics", "listen", "2001:db8::1/64",
		 "'2001:db8::1/64' is not an IPv4 or IPv6 address"},
		{"limits", "disk_reserve_mib", "1G", "'1G' is not a number of MiB"},
		{"limits", "disk_reserve_mib", "-1", "'-1' is not a number of MiB"},
		{"limits", "disk_reserve_mib", "", "'' is not a number of MiB"},
		{"limits", "disk_reserve_mib", "17592186044416",
		 "'17592186044416' is not a number of MiB"},
		{"limits", "disk_over_commit", "true", "'true' is neither yes nor no"},
		{"limits", "disk_over_commit", "", "'' is neither yes nor no"},
		{"paths", "a", "/b", "'a" NO_PATH},
		{"paths", "/a", "b", "'b" NO_PATH},
		{"paths", "/a", "", "'" NO_PATH},
		{"paths", "/a/..", "/b", "'/a/.." NO_PATH},
		{"bridges", "br0", "", "'' is not a network interface name"},
		{"bridges", "br0", "sixteen-letters0",
		 "'sixteen-letters0' is not a network interface name"},
		{"bridges", "br0", "a/b", "'a/b' is not a network interface name"},
		{"bridges", "br0", "a b", "'a b' is not a network interface name"},
		{"bridges", "br0", "a:b", "'a:b' is not a network interface name"},
		{"bridges", "br0", "..", "'..' is not a network interface name"},
		{"bridges", "br0", ".", "'.' is not a network interface name"},
		{"network", "uplink", "", "'' is not a network interface name"},
		{"network", "uplink", "sixteen-letters0",
		 "'sixteen-letters0' is not a network interface name"},
		{"network", "uplink", "eth 1", "'eth 1' is not a network interface name"},
		{"network", "uplink", "eth/1", "'eth/1' is not a network interface name"},
		{"network", "uplink", "eth:1", "'eth:1' is not a network interface name"},
		{"network", "uplink", "..", "'..' is not a network interface name"},
		{"network", "vlans", "0", "'0" NO_VLAN},
		{"network", "vlans", "100 4095", "'4095" NO_VLAN},
		{"network", "vlans", "0-5", "'0-5" NO_VLAN},
		{"network", "vlans", "4000-4095", "'4000-4095" NO_VLAN},
		{"network", "vlans", "65637", "'65637" NO_VLAN},
		{"network", "vlans", "100-", "'100-" NO_VLAN},
		{"network", "vlans", "-100", "'-100" NO_VLAN},
		{"network", "vlans", "1-2-3", "'1-2-3" NO_VLAN},
		{"network", "vlans", "100,200", "'100,200" NO_VLAN},
		{"network", "vlans", "all", "'all" NO_VLAN},
		{"network", "vlans", "199-100", "'199-100': the first VLAN is above the last"},
		{"network", "mode", "", "'' is neither aware nor per-vlan"},
		{"network", "mode", "Aware", "'Aware' is neither aware nor per-vlan"},
		{"firewall", "stateless", "yes", "'yes' is neither refuse nor approximate"},
		{"firewall", "stateless", "", "'' is neither refuse nor approximate"},
		{"firewall", "closed", "vnet* *",
		 "'*' would close the uplink too; write how the guests' ports begin, 'vnet*'"},
		{"firewall", "closed", "vnet**", "'vnet**" NO_PATTERN},
		{"firewall", "closed", "v*t", "'v*t" NO_PATTERN},
		{"firewall", "closed", "*net", "'*net" NO_PATTERN},
		{"firewall", "closed", "a/b*", "'a/b*" NO_PATTERN},
		{"firewall", "closed", "sixteen-letters0", "'sixteen-letters0" NO_PATTERN},
		{"firewall", "closed", "sixteen-letters0*", "'sixteen-letters0*" NO_PATTERN},
		{"networks", "default", "", "'' is not a libvirt network name"},
		{"networks", "default", "a/b", "'a/b' is not a libvirt network name"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		assert_refused(keep(xasprintf("# one\n[%s]\n\n%s = %s\n", table[i].section,
					      table[i].key, table[i].value)),
			       4,
			       keep(xasprintf("[%s] %s: %s", table[i].section, table[i].key,
					      table[i].words)));
}

static void test_not_even_a_line(void **state)
{
	static const char words[] = "neither [section] nor 'key = value'";

	(void)state;
	assert_refused("[images]\nroots /a\n", 2, words);
	assert_refused("[images\nroots = /a\n", 1, words);
	assert_refused("<domain/>\n", 1, words);
}

static void test_given_twice(void **state)
{
	(void)state;
	assert_refused("[host]\nuri = a\nuri = b\n", 3, "[host] uri: given twice");
	assert_refused("[network]\nuplink = a\nuplink = b\n", 3, "[network] uplink: given twice");
	assert_refused("[host]\nuri = a\n[paths]\n[host]\nuri = a\n", 5, "[host] uri: given twice");
}

static void test_the_first_mistake_is_told(void **state)
{
	(void)state;
	assert_refused("[limits]\ndisk_over_commit = 1\nrots = 2\n[x]\ny=z\n", 2,
		       "[limits] disk_over_commit: '1' is neither yes nor no");
}

static void test_line_too_long(void **state)
{
	cleanup_strbuf struct strbuf text = {0};

	(void)state;
	strbuf_puts(&text, "[images]\nroots =");
	for (int i = 0; i < 30; i++)
		strbuf_printf(&text, " /folder-%d", i);
	strbuf_puts(&text, "\n");
	assert_refused(text.text, 2,
		       "line is too long; go on in a new line that begins with a blank");
}

static void test_in_a_drop_in(void **state)
{
	struct config *config = NULL;
	struct err err;

	(void)state;
	assert_int_equal(mkdir(at("berth.conf.d"), 0755), 0);
	write_text(at("berth.conf.d/a.conf"), "[host]\nurl = x\n");
	assert_fails(config_load(scratch, &config, &err), EINVAL, "");
	assert_string_equal(err.text,
			    keep(xasprintf("%s:2: unknown key 'url' in [host]; see berth.conf(5)",
					   at("berth.conf.d/a.conf"))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_unknown_names),
		scratch_test(test_values),
		scratch_test(test_not_even_a_line),
		scratch_test(test_given_twice),
		scratch_test(test_the_first_mistake_is_told),
		scratch_test(test_line_too_long),
		scratch_test(test_in_a_drop_in),
	};

	return run_as_tap(tests);
}
