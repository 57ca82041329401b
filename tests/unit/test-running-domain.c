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

static void test_slice(void **state)
{
	static const char text[] = HEAD
		"<devices><disk type='block'><source dev='/dev/a'><slices><slice type='storage' "
		"offset='0' size='1048576'/></slices></source><backingStore><source dev='b'>"
		"<slices><slice type='storage' offset='7' size='9'/></slices></source>"
		"</backingStore><target dev='vdb'/></disk><disk type='block'><source dev='/dev/c'/>"
		"<target dev='vdc'/></disk></devices>" TAIL;
	cleanup_running_domain struct running_domain domain = {0};

	(void)state;
	assert_int_equal(parse(text, strlen(text), &domain), 0);
	assert_int_equal(domain.disks[0].slice_offset, 0);
	assert_int_equal(domain.disks[0].slice_bytes, 1048576);
	assert_int_equal(domain.disks[1].slice_bytes, 0);
}

#define SLICES(values)                                                          \
	HEAD "<devices><disk type='block'><source dev='/dev/a'><slices>" values \
	     "</slices></source><target dev='vdb'/></disk></devices>" TAIL

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
		SLICES("<slice/>"),
		SLICES("<slice offset='0'/>"),
		SLICES("<slice size='512'/>"),
		SLICES("<slice offset='0' size='0'/>"),
		SLICES("<slice offset='-1' size='512'/>"),
		SLICES("<slice offset='0' size='512'/><slice offset='0' size='512'/>"),
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
		HEAD "<metadata><x xmlns='urn:berth:policy:1'/></metadata>" TAIL,
		HEAD "<metadata><policy xmlns='urn:berth:policy:1'/><policy "
		     "xmlns='urn:berth:policy:1'/></metadata>" TAIL,
		HEAD "<metadata><b:policy xmlns:b='&x;'/></metadata>" TAIL,
		HEAD "<metadata xmlns='urn:x'/>" TAIL,
		HEAD "<devices xmlns='urn:x'/>" TAIL,
		"<domstatus><domain><name>a<!-- b --></name><uuid>u</uuid>" TAIL,
		"<domstatus><domain><name><![CDATA[a]]></name><uuid>u</uuid>" TAIL,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct running_domain domain = {0};
		if (parse(texts[i], strlen(texts[i]), &domain) != -EBADMSG)
			fail_msg("'%s' was not refused", texts[i]);
		assert_null(domain.name);
	}
}

#define POLICY "urn:berth:policy:1"
#define PORT_ELEMENT(prefix) "<" prefix "port mac='52:54:00:00:00:01' vlan='100'/>"
#define WITH(domain, metadata)                                                         \
	"<domstatus pid='7'><domain" domain "><name>vm1</name><uuid>u</uuid>" metadata \
	"</domain></domstatus>"

/* Wherever and however a namespace is declared. */
static void test_namespaces(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		size_t ports; /* in the policy, if there is one */
		bool has_policy;
	} rows[] = {
		{"on the metadata",
		 WITH("", "<metadata xmlns:b='" POLICY
			  "'><b:policy>" PORT_ELEMENT("b:") "</b:policy></metadata>"),
		 1, true},
		{"on the domain",
		 WITH(" xmlns:b='" POLICY "'",
		      "<metadata><b:policy>" PORT_ELEMENT("b:") "</b:policy></metadata>"),
		 1, true},
		{"double quotes, behind another attribute",
		 WITH("", "<metadata><b:policy x='1' xmlns:b = \"" POLICY
			  "\">" PORT_ELEMENT("b:") "</b:policy></metadata>"),
		 1, true},
		{"the default namespace",
		 WITH("", "<metadata><policy xmlns='" POLICY
			  "'>" PORT_ELEMENT("") "</policy></metadata>"),
		 1, true},
		{"a character of it as reference",
		 WITH("", "<metadata><b:policy xmlns:b='urn&#x3a;berth:policy:1'>" PORT_ELEMENT(
				  "b:") "</b:policy></metadata>"),
		 1, true},
		{"the port's prefix is another one",
		 WITH("", "<metadata xmlns:c='" POLICY "'><b:policy xmlns:b='" POLICY
			  "'>" PORT_ELEMENT("c:") "</b:policy></metadata>"),
		 1, true},
		{"the port is in no namespace",
		 WITH("", "<metadata><b:policy xmlns:b='" POLICY
			  "'>" PORT_ELEMENT("") "</b:policy></metadata>"),
		 0, true},
		{"the prefix means something else inside",
		 WITH("",
		      "<metadata xmlns:b='" POLICY "'><b:policy xmlns:b='urn:other'>" PORT_ELEMENT(
			      "b:") "</b:policy></metadata>"),
		 0, false},
		{"the prefix is declared behind it only",
		 WITH("", "<metadata><b:policy>" PORT_ELEMENT("b:") "</b:policy><x xmlns:b='" POLICY
								    "'/></metadata>"),
		 0, false},
		{"declared, but not used",
		 WITH("", "<metadata><x:policy xmlns:b='" POLICY
			  "' xmlns:x='urn:other'>" PORT_ELEMENT("x:") "</x:policy></metadata>"),
		 0, false},
		{"in a comment",
		 WITH("", "<metadata><!-- <policy xmlns='" POLICY "'> --></metadata>"), 0, false},
		{"as text",
		 WITH("", "<metadata><x><![CDATA[<policy xmlns='" POLICY "'>]]></x></metadata>"), 0,
		 false},
		{"deeper", WITH("", "<metadata><x><policy xmlns='" POLICY "'/></x></metadata>"), 0,
		 false},
		{"beside the metadata", WITH("", "<policy xmlns='" POLICY "'/>"), 0, false},
		{"a comment in the policy",
		 WITH("", "<metadata><policy xmlns='" POLICY "'><!-- " PORT_ELEMENT(
				  "") " -->" PORT_ELEMENT("") "</policy></metadata>"),
		 1, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_running_domain struct running_domain domain = {0};
		if (parse(rows[i].text, strlen(rows[i].text), &domain) < 0)
			fail_msg("%s: refused", rows[i].name);
		if (domain.has_policy != rows[i].has_policy ||
		    domain.policy_port_count != rows[i].ports)
			fail_msg("%s: policy %d, %zu ports", rows[i].name, domain.has_policy,
				 domain.policy_port_count);
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
		cmocka_unit_test(test_destination),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_slice),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_namespaces),
		cmocka_unit_test(test_mutations),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
