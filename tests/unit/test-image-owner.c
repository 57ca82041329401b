/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU can open what berth makes: mode, owner and group follow qemu.conf and the folder. */
#include "tests/unit/site-fixture.h"

#include "hooks/journal/step.h"

#define QEMU_UID 12345
#define QEMU_GID 54321

/* What a made image, or a made folder, is in a folder of that owner, group and mode. */
static struct stat made_in(const char *conf, enum step_kind kind, uid_t uid, gid_t gid, mode_t mode)
{
	struct step step = {.kind = kind,
			    .disk = "vda",
			    .path = (char *)at("vm/a"),
			    .format = "raw",
			    .virtual_bytes = MIB};
	struct step_context context = {.guest = {.site = &site}, .token = TOKEN};
	struct stat st;
	struct err err;

	site.qemu_conf = at("qemu.conf");
	write_text(site.qemu_conf, conf);
	assert_int_equal(mkdir(at("vm"), 0700), 0);
	assert_int_equal(chown(at("vm"), uid, gid) | chmod(at("vm"), mode), 0);
	context.owner = image_owner_of_host(&site);
	assert_ok(step_do(&step, &context, &err));
	assert_ok(step_place(&step, &context, &err));
	assert_int_equal(stat(at("vm/a"), &st), 0);
	assert_ok(step_undo(&step, &context, &err));
	assert_int_equal(rmdir(at("vm")), 0);
	return st;
}

static void assert_is(struct stat st, uid_t uid, gid_t gid, mode_t mode)
{
	assert_int_equal(st.st_uid, uid);
	assert_int_equal(st.st_gid, gid);
	assert_int_equal(st.st_mode & 07777, mode);
}

static void test_libvirt_gives_images_away(void **state)
{
	static const char *const confs[] = {"", "dynamic_ownership = 1\n",
					    "user = \"+7\"\ngroup = \"+8\"\n"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(confs); i++) {
		assert_is(made_in(confs[i], STEP_IMAGE, 0, QEMU_GID, 02770), 0, QEMU_GID, 0600);
		assert_is(made_in(confs[i], STEP_FOLDER, 0, 0, 0770), 0, 0, 0755);
	}
}

static void test_group_of_the_folder(void **state)
{
	const char *conf = "dynamic_ownership = 0\nuser = \"+7\"\n";

	(void)state;
	assert_is(made_in(conf, STEP_IMAGE, 0, QEMU_GID, 02770), 0, QEMU_GID, 0660);
	assert_is(made_in(conf, STEP_IMAGE, QEMU_UID, QEMU_GID, 0775), QEMU_UID, QEMU_GID, 0660);
	assert_is(made_in(conf, STEP_FOLDER, 0, QEMU_GID, 02770), 0, QEMU_GID, 02770);
	assert_is(made_in(conf, STEP_FOLDER, 0, QEMU_GID, 0770), 0, QEMU_GID, 0770);
}

static void test_user_of_qemu_conf(void **state)
{
	const char *conf = "dynamic_ownership = 0\nuser = \"+12345\"\ngroup = \"54321\"\n";

	(void)state;
	assert_is(made_in(conf, STEP_IMAGE, 0, 0, 0755), QEMU_UID, QEMU_GID, 0600);
	assert_is(made_in(conf, STEP_FOLDER, 0, 0, 0755), 0, 0, 0755);
	conf = "dynamic_ownership = 0\nuser = \"root\"\n";
	assert_is(made_in(conf, STEP_IMAGE, 7, 8, 0755), 0, 0, 0600);
}

static void test_owner_of_the_folder(void **state)
{
	(void)state;
	assert_is(made_in("dynamic_ownership = 0\n", STEP_IMAGE, QEMU_UID, QEMU_GID, 0755),
		  QEMU_UID, QEMU_GID, 0600);
}

#define owner_test(f) \
	needing(geteuid() == 0, "root", needing(have_qemu(), "qemu-img", site_test(f)))

int main(void)
{
	const struct CMUnitTest tests[] = {
		owner_test(test_libvirt_gives_images_away),
		owner_test(test_group_of_the_folder),
		owner_test(test_user_of_qemu_conf),
		owner_test(test_owner_of_the_folder),
	};

	return run_as_tap(tests);
}
