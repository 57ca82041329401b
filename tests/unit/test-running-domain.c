/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libvirt's status file, read as text: what the gate wants to know of a running guest. */
#include "tests/unit/test-xml-data.h"

#include <errno.h>

#include "xml/running.h"

static int parse(const char *text, size_t length, struct running_domain *ret)
{
	/* Exactly that long: nothing behind it may be looked at (SANITIZE=1). */
	cleanup_free char *copy = xcalloc(1, length + 1);
	struct err err;

	memcpy(copy, text, length);
	copy = xreallocarray(copy, length ? length : 1, 1);
	return running_domain_parse(copy, length, ret, &err);
}

/* libvirt 9.0.0 on the destination, when it is about to let the guest run. */
static void test_destination(void **state)
{
	cleanup_running_domain struct running_domain domain = {0};
	cleanup_strbuf struct strbuf text = {0};

	(void)state;
	test_read_data("status/finishing.xml", &text);
	assert_int_equal(parse(text.text, text.length, &domain), 0);
	assert_string_equal(domain.name, "vm1");
	assert_int_equal(strlen(domain.uuid), 36);
	assert_true(domain.incoming && domain.has_manifest && !domain.has_policy);
	assert_int_equal(strlen(domain.token), 32);
	assert_true(domain.pid > 0);
	assert_int_equal(domain.disk_count, 1);
	assert_string_equal(domain.disks[0].target, "vda");
	assert_string_equal(domain.disks[0].type, "file");
	assert_string_equal(domain.disks[0].format, "qcow2");
	assert_string_equal(domain.disks[0].path, "/srv/vm/vm1.qcow2");
	assert_false(domain.disks[0].readonly || domain.disks[0].shareable);
	assert_int_equal(domain.port_count, 1);
	assert_string_equal(domain.ports[0].mac, "52:54:00:00:00:01");
	assert_string_equal(domain.ports[0].target, "vnet0");
	assert_true(str_starts(text.text + domain.xml_begin, "<domain "));
	assert_true(str_starts(text.text + domain.xml_end - strlen("</domain>"), "</domain>"));
}

#define HEAD "<domstatus pid='7'><domain><name>vm1</name><uuid>u</uuid>"
#define TAIL "</domain></domstatus>"

static void test_parts(void **state)
{
	static const char text[] =
		"<?xml version='1.0'?><!-- <disk/> --><domstatus state='running' pid='7'>"
		"<job async='none'/><domain type='kvm'><name>a &amp; &#x20ac;</name><uuid>u</uuid>"
		"<metadata><p:policy xmlns:p='urn:berth:policy:1'><p:port mac='52:54:00:00:00:01' "
		"vlan='100'><p:port mac='no' vlan='7'/></p:port><p:port mac='52:54:00:00:00:02'/>"
		"</p:policy><x:policy xmlns:x='urn:other'><x:port mac='x' vlan='9'/></x:policy>"
		"</metadata><devices><disk type='block'><source dev='/dev/a&apos;b'><source "
		"file='no'/></source><mirror><source dev='no'/></mirror><backingStore><source "
		"dev='no'/></backingStore><target dev='vdb'/><shareable/></disk><disk "
		"type='network'><source protocol='nbd' name='n'/><target dev='vdc'/></disk><disk "
		"type='file'><target "
		"dev='sda'/><readonly/></disk></devices></domain></domstatus>\n";
	cleanup_running_domain struct running_domain domain = {0};

	(void)state;
	assert_int_equal(parse(text, strlen(text), &domain), 0);
	assert_string_equal(domain.name, "a & \xe2\x82\xac");
	assert_true(domain.has_policy && !domain.has_manifest && !domain.incoming);
	assert_int_equal(domain.policy_port_count, 2);
	assert_int_equal(domain.policy_ports[0].vlan, 100);
	assert_int_equal(domain.policy_ports[1].vlan, 0);
	assert_int_equal(domain.disk_count, 3);
	assert_string_equal(domain.disks[0].path, "/dev/a'b");
	assert_true(domain.disks[0].shareable && !domain.disks[0].readonly);
	assert_null(domain.disks[0].format);
	assert_null(domain.disks[1].path);
	assert_null(domain.disks[2].path);
	assert_true(domain.disks[2].readonly);
}

static void test_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"<",
		"<domain/>",
		"<domstatus/>",
		HEAD,
		HEAD "</domain>",
		HEAD TAIL "<x/>",
		HEAD TAIL "garbage",
		HEAD "<a></b>" TAIL,
		HEAD "</domstatus>",
		"<!DOCTYPE x>" HEAD TAIL,
		HEAD "<name>again</name>" TAIL,
		HEAD "<devices><disk type='file'/></devices>" TAIL,
		HEAD "<devices><disk><target dev='a'/></disk></devices>" TAIL,
		HEAD "<devices><interface/></devices>" TAIL,
		HEAD "<devices><disk type='file'><source file='a&#10;b'/><target dev='a'/></disk>"
		     "</devices>" TAIL,
		HEAD "<devices><disk type='file'><source file='&x;'/><target dev='a'/></disk>"
		     "</devices>" TAIL,
		HEAD
		"<devices><disk type='file' type='block'><target dev='a'/></disk></devices>" TAIL,
		HEAD "<devices><disk type='file'><target dev='a' b></disk></devices>" TAIL,
		HEAD "<devices><disk type='file'><target dev=a/></disk></devices>" TAIL,
		HEAD "<metadata><p xmlns='urn:berth:policy:1'><port vlan='4095' mac='m'/></p>"
		     "</metadata>" TAIL,
		"<domstatus pid='99999999999'><domain><name>a</name><uuid>u</uuid>" TAIL,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct running_domain domain = {0};
		if (parse(texts[i], strlen(texts[i]), &domain) != -EBADMSG)
			fail_msg("'%s' was not refused", texts[i]);
		assert_null(domain.name);
	}
}

static void test_every_truncation(void **state)
{
	cleanup_strbuf struct strbuf text = {0};

	(void)state;
	test_read_data("status/finishing.xml", &text);
	while (text.text[text.length - 1] == '\n')
		text.length--;
	for (size_t length = 0; length < text.length; length++) {
		struct running_domain domain = {0};
		if (parse(text.text, length, &domain) != -EBADMSG)
			fail_msg("its first %zu bytes were not refused", length);
	}
}

static void test_mutations(void **state)
{
	cleanup_strbuf struct strbuf text = {0};
	static const char bytes[] = "<>/='\"& x\t\n-!?[";
	uint64_t seed = 5;

	(void)state;
	test_read_data("status/finishing.xml", &text);
	for (int i = 0; i < 3000; i++) {
		cleanup_running_domain struct running_domain domain = {0};
		cleanup_free char *changed = xstrndup(text.text, text.length);
		for (uint32_t j = test_random(&seed) % 4 + 1; j > 0; j--)
			changed[test_random(&seed) % text.length] =
				bytes[test_random(&seed) % (sizeof(bytes) - 1)];
		parse(changed, text.length, &domain);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_destination), cmocka_unit_test(test_parts),
		cmocka_unit_test(test_refused),     cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_mutations),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
