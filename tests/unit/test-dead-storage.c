/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Storage of one guest that does not answer stops no other guest: nobody waits for it with the
 * site's lock, and claims on it are counted without looking. */
#include "tests/unit/journal-fixture.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "hooks/plan/survey.h"
#include "hooks/records/image_record.h"

/* Whoever is stopped by the storage is killed after so long. */
#define DEADLINE_S 20

static int fuse = -1;

/* A file system whose server never answers. */
static int dead_setup(void **state)
{
	if (site_setup(state) < 0 || mkdir(at("dead"), 0755) < 0 || mkdir(at("vm"), 0755) < 0)
		return -1;
	fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	cleanup_free char *options = xasprintf("fd=%d,rootmode=40000,user_id=0,group_id=0", fuse);
	return mount("dead", at("dead"), "fuse", 0, options);
}

static int dead_teardown(void **state)
{
	close(fuse);
	umount2(at("dead"), MNT_DETACH);
	return scratch_teardown(state);
}

static int in_time(void (*function)(void))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		alarm(DEADLINE_S);
		function();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void look(void)
{
	struct stat st;

	stat(at("dead/b.img"), &st);
}

/* The test can fail: this storage does stop who looks. */
static void test_it_is_dead(void **state)
{
	int status = 0;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		alarm(1);
		look();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM);
}

/* Of another guest, whose image goes to a file system of that device number. */
static void claim_on(uint64_t device)
{
	struct step step = {
		.kind = STEP_IMAGE,
		.disk = "vda",
		.path = (char *)at("dead/b.img"),
		.reserved_bytes = MIB,
		.filesystem = device,
	};
	const struct journal_start start = {.name = "other",
					    .uuid = OTHER_UUID,
					    .token = TOKEN,
					    .steps = &step,
					    .step_count = 1};
	cleanup_journal struct journal *journal = NULL;
	struct err err;

	assert_ok(journal_create(&site, &start, &journal, &err));
}

/* Return: what others claim on the file system of the guest's one disk. */
static uint64_t claimed(bool before)
{
	struct place_facts place = {.here = (char *)at("vm/a.img")};
	struct disk_facts disk = {.filesystem = -1};
	struct domain_disk drive = {.type = DISK_FILE, .target = "vda"};
	struct domain domain = {.uuid = (char *)UUID, .disks = &drive, .disk_count = 1};
	struct facts facts = {.places = &place, .place_count = 1, .disks = &disk, .disk_count = 1};
	const struct config config = {.disk_over_commit = true};
	struct stat st;
	struct err err;

	assert_int_equal(stat(at("vm"), &st), 0);
	if (before)
		claim_on(1);
	assert_ok(survey_space(&site, &config, &domain, &facts, &err));
	if (!before)
		claim_on(st.st_dev);
	assert_ok(survey_new_claims(&site, &domain, &facts, &err));
	/* Whoever is counted is counted once. */
	assert_ok(survey_new_claims(&site, &domain, &facts, &err));
	return facts.filesystems[0].claimed_bytes;
}

static void count_what_was_there(void)
{
	if (claimed(true) != 0)
		_exit(1);
}

static void count_what_is_new(void)
{
	if (claimed(false) != MIB)
		_exit(1);
}

static void test_claims(void **state)
{
	(void)state;
	assert_int_equal(in_time(count_what_was_there), 0);
}

static void test_new_claims(void **state)
{
	(void)state;
	assert_int_equal(in_time(count_what_is_new), 0);
}

static bool nothing(const char *folder, const void *argument)
{
	(void)folder;
	(void)argument;
	return false;
}

/* What is mounted below an image root is no matter of a guest that doesn't use it. */
static void count_growth(void)
{
	cleanup_growth struct growth found = {0};
	struct stat st;
	struct err err;

	assert_int_equal(stat(at("vm"), &st), 0);
	write_text(at("vm/b.img"), "");
	if (growth_scan(scratch, st.st_dev, nothing, NULL, &found, &err) < 0 || found.count != 1)
		_exit(1);
}

static void test_growth(void **state)
{
	(void)state;
	assert_int_equal(in_time(count_growth), 0);
}

/* With the record of a guest open, whose images are looked at under that lock. */
static void open_other_records(void)
{
	cleanup_image_record struct image_record *one = NULL, *two = NULL;
	struct err err;
	cleanup_close int first = image_record_open(&site, OTHER_UUID, &one, &err);
	cleanup_close int second = image_record_open(&site, UUID, &two, &err);
	cleanup_close int space = site_lock(&site, &err);

	if (first < 0 || second < 0 || space < 0)
		_exit(1);
}

static void test_records(void **state)
{
	(void)state;
	assert_int_equal(in_time(open_other_records), 0);
}

/* One guest's record is still changed by one at a time. */
static void open_one_twice(void)
{
	cleanup_image_record struct image_record *one = NULL, *two = NULL;
	struct err err;
	cleanup_close int first = image_record_open(&site, UUID, &one, &err);

	if (first < 0)
		_exit(1);
	alarm(1);
	image_record_open(&site, UUID, &two, &err);
}

static void test_one_record(void **state)
{
	(void)state;
	int status = in_time(open_one_twice);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM);
}

int main(void)
{
	bool own_mounts = access("/dev/fuse", R_OK | W_OK) == 0 && unshare(CLONE_NEWNS) == 0 &&
			  mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
#define dead_test(f)                              \
	needing(own_mounts, "root and /dev/fuse", \
		(struct CMUnitTest)cmocka_unit_test_setup_teardown(f, dead_setup, dead_teardown))
	const struct CMUnitTest tests[] = {
		dead_test(test_it_is_dead), dead_test(test_claims),  dead_test(test_new_claims),
		dead_test(test_growth),     site_test(test_records), site_test(test_one_record),
	};

	return run_as_tap(tests);
}
