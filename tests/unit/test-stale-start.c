/* SPDX-License-Identifier: GPL-2.0-or-later */
/* No domain may write to an image that its guest has left behind, under whatever name. */
#include "tests/unit/site-fixture.h"

#include "hooks/records/image_record.h"
#include "hooks/records/stale_look.h"
#include "hooks/records/stale_start.h"

static const char *disk(const char *path, const char *more)
{
	return keep(xasprintf("<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
			      "<source file='%s'/><target dev='vda'/>%s</disk>",
			      path, more));
}

static struct domain *domain_of(const char *uuid, const char *disks)
{
	cleanup_free char *text =
		xasprintf("<domain type='kvm'><name>%s</name><uuid>%s</uuid><devices>%s</devices>"
			  "</domain>",
			  strcmp(uuid, UUID) == 0 ? "vm1" : "vm2", uuid, disks);
	struct domain *domain = NULL;
	struct err err;

	assert_ok(domain_parse(text, strlen(text), &domain, &err));
	return domain;
}

/* A file that the guest of UUID has left. */
static void note(const char *path, enum image_state state)
{
	cleanup_image_record struct image_record *record = NULL;
	struct err err;

	write_text(path, "what was");
	assert_ok(image_record_load(&site, UUID, &record, &err));
	if (!record->name)
		record->name = xstrdup("vm1");
	assert_ok(image_record_note(record, path, state, true, &err));
	assert_ok(image_record_save(&site, record, &err));
}

/* @words: of the refusal; NULL: it may start */
static void assert_start(const char *uuid, const char *disks, const char *words)
{
	cleanup_domain struct domain *domain = domain_of(uuid, disks);
	struct err err = {0};

	int rc = stale_images_refuse(&site, domain, false, &err);
	if (!words && rc != 0)
		fail_msg("refused: %s", err.text);
	if (!words)
		return;
	assert_int_equal(rc, -EPERM);
	if (!strstr(err.text, words))
		fail_msg("'%s' has no '%s'", err.text, words);
}

static void test_its_own_guest(void **state)
{
	(void)state;
	assert_false(stale_look(&site));
	note(at("a.img"), IMAGE_DEPARTED);
	assert_true(stale_look(&site));
	assert_start(UUID, disk(at("a.img"), ""), "is stale: the guest left for another host on 2");
	assert_start(UUID, disk(at("a.img"), ""), "'berth reclaim vm1'");
	assert_start(UUID, disk(at("b.img"), ""), NULL);
	assert_start(UUID, disk(at("a.img"), "<shareable/>"), "is stale");
	assert_start(UUID, disk(at("a.img"), "<transient/>"), "is stale");
}

static void test_resident(void **state)
{
	(void)state;
	note(at("a.img"), IMAGE_RESIDENT);
	assert_false(stale_look(&site));
	assert_start(UUID, disk(at("a.img"), ""), NULL);
}

static void test_another_guest_other_names(void **state)
{
	(void)state;
	note(at("a.img"), IMAGE_DEPARTED);
	assert_int_equal(link(at("a.img"), at("hard.img")), 0);
	assert_int_equal(symlink("a.img", at("soft.img")), 0);
	assert_start(OTHER_UUID, disk(at("a.img"), ""), "is the stale image of guest 'vm1'");
	assert_start(OTHER_UUID, disk(at("hard.img"), ""), "is the stale image of guest 'vm1'");
	assert_start(OTHER_UUID, disk(at("soft.img"), ""), "is the stale image of guest 'vm1'");
	assert_int_equal(rename(at("a.img"), at("moved.img")), 0);
	assert_start(OTHER_UUID, disk(at("b.img"), ""), NULL);
	assert_start(OTHER_UUID, disk(at("moved.img"), ""), "is the stale image of guest 'vm1'");
}

static void test_a_link_is_what_it_leads_to(void **state)
{
	(void)state;
	write_text(at("a.img"), "what was");
	assert_int_equal(symlink("a.img", at("soft.img")), 0);
	note(at("soft.img"), IMAGE_DEPARTED);
	assert_start(UUID, disk(at("soft.img"), ""), "is stale");
	assert_start(OTHER_UUID, disk(at("a.img"), ""), "is the stale image of guest 'vm1'");
}

static void test_aside(void **state)
{
	(void)state;
	note(at("a.img.departed"), IMAGE_ASIDE);
	assert_true(stale_look(&site));
	assert_start(UUID, disk(at("a.img.departed"), ""), "set aside on 2");
	assert_start(UUID, disk(at("a.img.departed"), ""), "use a copy of it");
}

static void test_reading_is_harmless(void **state)
{
	const char *on_top;

	(void)state;
	note(at("a.img"), IMAGE_DEPARTED);
	write_text(at("overlay.img"), "");
	on_top = keep(xasprintf("<backingStore type='file'><format type='raw'/><source file='%s'/>"
				"<backingStore/></backingStore>",
				at("a.img")));
	assert_start(UUID, disk(at("a.img"), "<readonly/>"), NULL);
	assert_start(OTHER_UUID, disk(at("overlay.img"), on_top), NULL);
}

static void test_started_once_already(void **state)
{
	(void)state;
	note(at("a.img"), IMAGE_DEPARTED);
	usleep(20000);
	patch_file(at("a.img"), 0, "NEW", 3);
	assert_int_equal(truncate(at("a.img"), 4096), 0);
	assert_start(UUID, disk(at("a.img"), ""), ", and was written to since; start it there");
}

static void edit_record(const char *script)
{
	run("sed", "-i", script, at("state/images/" UUID));
}

static void test_after_a_reboot(void **state)
{
	(void)state;
	note(at("a.img"), IMAGE_DEPARTED);
	edit_record("s/device=/device=9/");
	assert_start(UUID, disk(at("a.img"), ""), "is stale");
	edit_record("s/birth-ns=[0-9]*/birth-ns=0/");
	assert_start(UUID, disk(at("a.img"), ""), "is stale");
}

static void test_replaced(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		note(at("a.img"), IMAGE_DEPARTED);
		note(at("b.img"), IMAGE_DEPARTED);
		unlink(at("a.img"));
		usleep(20000); /* the time of birth has the kernel's tick */
		write_text(at("a.img"), "another one");
		assert_start(i ? UUID : OTHER_UUID, disk(at("a.img"), ""), NULL);
		assert_int_equal(image_state_of(at("a.img")), IMAGE_STATES);
		assert_int_equal(image_state_of(at("b.img")), IMAGE_DEPARTED);
	}
}

static void test_gone(void **state)
{
	(void)state;
	note(at("a.img"), IMAGE_DEPARTED);
	unlink(at("a.img"));
	assert_start(OTHER_UUID, disk(at("b.img"), ""), NULL);
	assert_int_equal(image_state_of(at("a.img")), IMAGE_DEPARTED);
	assert_start(UUID, disk(at("a.img"), ""), NULL);
	assert_int_equal(image_state_of(at("a.img")), IMAGE_STATES);
}

/* With its folder. */
static void test_all_gone(void **state)
{
	(void)state;
	run("mkdir", "-p", at("x/y"));
	note(at("x/y/a.img"), IMAGE_DEPARTED);
	run("rm", "-r", at("x"));
	assert_start(UUID, disk(at("b.img"), ""), NULL);
	assert_int_equal(image_state_of(at("x/y/a.img")), IMAGE_STATES);
}

/* The folder's file system is not mounted yet, as its number tells. */
static void test_not_mounted(void **state)
{
	(void)state;
	note(at("a.img"), IMAGE_DEPARTED);
	assert_int_equal(rename(at("a.img"), at("elsewhere")), 0);
	edit_record("s/device=/device=9/");
	assert_start(UUID, disk(at("a.img"), ""), NULL);
	assert_int_equal(image_state_of(at("a.img")), IMAGE_DEPARTED);
	assert_int_equal(rename(at("elsewhere"), at("a.img")), 0);
	assert_start(UUID, disk(at("a.img"), ""), "is stale");
}

static void test_unreadable_records(void **state)
{
	cleanup_domain struct domain *domain = domain_of(UUID, disk(at("a.img"), ""));
	struct err err;

	(void)state;
	note(at("a.img"), IMAGE_DEPARTED);
	write_text(at("state/images/" OTHER_UUID), "berth-images\t9\n");
	assert_start(UUID, disk(at("a.img"), ""), "is stale");
	assert_start(UUID, disk(at("b.img"), ""), NULL);
	write_text(at("state/images/" UUID), "berth-images\t9\n");
	assert_int_equal(stale_images_refuse(&site, domain, false, &err), -EBADMSG);
	assert_true(stale_look(&site));
}

static void test_it_comes_back(void **state)
{
	cleanup_domain struct domain *domain = domain_of(UUID, disk(at("a.img"), ""));
	struct err err;

	(void)state;
	note(at("a.img"), IMAGE_DEPARTED);
	note(at("b.img"), IMAGE_DEPARTED);
	assert_ok(stale_images_refuse(&site, domain, true, &err));
	assert_ok(stale_images_came_back(&site, domain, time(NULL) - 5, &err));
	assert_int_equal(image_state_of(at("a.img")), IMAGE_DEPARTED);
	assert_ok(stale_images_came_back(&site, domain, time(NULL) + 5, &err));
	assert_int_equal(image_state_of(at("a.img")), IMAGE_RESIDENT);
	assert_int_equal(image_state_of(at("b.img")), IMAGE_DEPARTED);
	assert_start(UUID, disk(at("a.img"), ""), NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		site_test(test_its_own_guest),
		site_test(test_resident),
		site_test(test_another_guest_other_names),
		site_test(test_a_link_is_what_it_leads_to),
		site_test(test_aside),
		site_test(test_reading_is_harmless),
		site_test(test_started_once_already),
		site_test(test_after_a_reboot),
		site_test(test_replaced),
		site_test(test_gone),
		site_test(test_all_gone),
		site_test(test_not_mounted),
		site_test(test_unreadable_records),
		site_test(test_it_comes_back),
	};

	return run_as_tap(tests);
}
