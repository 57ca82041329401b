/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A wrong manifest is refused with the disk, the element, the attribute and the value. */
#include "test-xml-data.h"

#include <errno.h>

#include "xml/domain.h"

#define STATE "<state xmlns='" MANIFEST_URI "' host='h' uri='u' written='2026-11-24T10:20:00Z'>\n"
#define DISK "<disk target='vda' path='/a' format='raw' virtual-bytes='1' allocated-bytes='1'>\n"

static void refuses(const char *text, const char *wanted)
{
	cleanup_manifest struct manifest *manifest = NULL;
	struct err err = {0};

	assert_int_equal(manifest_parse(text, strlen(text), &manifest, &err), -EINVAL);
	assert_string_equal(err.text, wanted);
	assert_null(manifest);
}

static void test_texts(void **state)
{
	(void)state;
	refuses("<disk/>", "manifest: line 1: it is a <disk>, not a <state> of urn:berth:state:1");
	refuses("<state host='h' uri='u' written='now'/>",
		"manifest: line 1: <state> written='now' is not a time like 2026-11-24T10:20:00Z");
	refuses(STATE "<disk path='/a'/></state>", "manifest: line 2: <disk> without target=");
	refuses(STATE "<disk target='vda' path='a'/></state>",
		"manifest: disk 'vda': line 2: <disk> path='a' is not an absolute path");
	refuses(STATE DISK "<backing path='/b' format='raw' virtual-bytes='1G'/></disk></state>",
		"manifest: disk 'vda': line 3: <backing> virtual-bytes='1G' is not a number of "
		"bytes");
	refuses(STATE DISK "</disk>" DISK "</disk></state>",
		"manifest: line 3: a second <disk> or <volume> target='vda'");
	refuses(STATE "<disk target='vda' path='/&#10;berth: all is well'/></state>",
		"manifest: disk 'vda': line 2: <disk> path='/?berth: all is well' "
		"is not an absolute path");
}

#define ISCSI "<volume target='vdb' path='/dev/sdb' driver='iscsi' "

static void test_volumes(void **state)
{
	(void)state;
	refuses(STATE "<volume path='/a'/></state>", "manifest: line 2: <volume> without target=");
	refuses(STATE "<volume target='vdb' path='/dev/x' driver='nvme'/></state>",
		"manifest: volume 'vdb': line 2: <volume> driver='nvme' is not iscsi or aoe, the "
		"drivers that this version of berth has");
	refuses(STATE ISCSI "portals='storage:3260'/></state>",
		"manifest: volume 'vdb': line 2: <volume> portals='storage:3260' is not one to "
		"eight of 10.0.0.1:3260 or [fd00::1]:3260");
	refuses(STATE ISCSI "portals='10.0.0.1:3260' iqn='-T'/></state>",
		"manifest: volume 'vdb': line 2: <volume> iqn='-T' is not a target's name like "
		"iqn.2026-11.lab:one");
	refuses(STATE ISCSI "portals='10.0.0.1:3260' iqn='iqn.a:b' lun='x'/></state>",
		"manifest: volume 'vdb': line 2: <volume> lun='x' is not a LUN");
	refuses(STATE "<volume target='vdb' path='/a' driver='aoe' shelf='65535'/></state>",
		"manifest: volume 'vdb': line 2: <volume> shelf='65535' is not a shelf, 0 to "
		"65534");
	refuses(STATE "<volume target='vdb' path='/a' driver='aoe' shelf='1' slot='2' serial=''/>"
		      "</state>",
		"manifest: volume 'vdb': line 2: <volume> serial='' is not 1 to 256 printable "
		"characters without a blank at an end");
	refuses(STATE "<volume target='vda'/>" DISK "</disk></state>",
		"manifest: line 2: a second <disk> or <volume> target='vda'");
}

static void test_too_many_volumes(void **state)
{
	cleanup_strbuf struct strbuf text = {0};

	(void)state;
	strbuf_puts(&text, STATE);
	for (int i = 0; i <= MANIFEST_MAX_VOLUMES; i++)
		strbuf_printf(&text,
			      "<volume target='vd%d' path='/a' driver='aoe' shelf='1' slot='1'/>",
			      i);
	strbuf_puts(&text, "</state>");
	refuses(text.text, "manifest: line 2: more than 1024 <volume>");
}

static void test_too_many_problems(void **state)
{
	cleanup_strbuf struct strbuf text = {0};

	(void)state;
	strbuf_puts(&text, STATE);
	for (int i = 0; i <= MANIFEST_MAX_DISKS; i++)
		strbuf_puts(&text, "<problem target='vda' text='x'/>");
	strbuf_puts(&text, "</state>");
	refuses(text.text, "manifest: line 2: more than 1024 <problem>");
}

static void test_too_many_disks(void **state)
{
	cleanup_strbuf struct strbuf text = {0};

	(void)state;
	strbuf_puts(&text, STATE);
	for (int i = 0; i <= MANIFEST_MAX_DISKS; i++)
		strbuf_printf(&text,
			      "<disk target='vd%d' path='/a' format='raw' virtual-bytes='1' "
			      "allocated-bytes='1'/>",
			      i);
	strbuf_puts(&text, "</state>");
	refuses(text.text, "manifest: line 2: more than 1024 <disk>");
}

static void test_too_long_a_chain(void **state)
{
	cleanup_strbuf struct strbuf text = {0};

	(void)state;
	strbuf_puts(&text, STATE DISK);
	for (int i = 0; i <= MANIFEST_MAX_BACKING; i++)
		strbuf_puts(&text, "<backing path='/a' format='raw' virtual-bytes='1'/>");
	strbuf_puts(&text, "</disk></state>");
	refuses(text.text, "manifest: disk 'vda': line 3: more than 200 <backing>");
}

static void refuses_metadata(const char *metadata, const char *wanted)
{
	cleanup_free char *text = xasprintf(
		"<domain><name>vm1</name><uuid>fcafdcd6-07d6-44d0-bba7-41ce815586b9</uuid>"
		"<metadata>%s</metadata></domain>",
		metadata);
	cleanup_domain struct domain *domain = NULL;
	struct err err = {0};

	assert_int_equal(domain_parse(text, strlen(text), &domain, &err), -EINVAL);
	assert_string_equal(err.text, wanted);
	assert_null(domain);
	assert_int_equal(domain_parse_without_manifest(text, strlen(text), &domain, &err), 0);
	assert_null(domain->manifest);
}

static void test_inside_a_domain(void **state)
{
	(void)state;
	refuses_metadata("<state xmlns='" MANIFEST_URI "'/>",
			 "domain XML: manifest: line 1: <state> without host=; remove it with "
			 "'virsh metadata vm1 urn:berth:state:1 --remove' and let 'berth sync' "
			 "write a new one");
	refuses_metadata(STATE "</state>" STATE "</state>",
			 "domain XML: line 2: a second manifest");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_volumes),
		cmocka_unit_test(test_too_many_volumes),
		cmocka_unit_test(test_too_many_problems),
		cmocka_unit_test(test_too_many_disks),
		cmocka_unit_test(test_too_long_a_chain),
		cmocka_unit_test(test_inside_a_domain),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
