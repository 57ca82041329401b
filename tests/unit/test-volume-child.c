/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may not end is done in a child until the deadline, and the child keeps nothing of ours open:
 * libvirtd waits for a hook until all copies of its standard streams are closed. */
#include "tests/unit/image-fixture.h"

#include "storage/volume_driver.h"

#define SOON_MS 60000

static int in_child(int (*deed)(const void *argument), const void *argument, int64_t within_ms,
		    struct err *err)
{
	struct volume_host host = {.deadline_ms = volume_deadline_in(within_ms)};

	return volume_in_child(deed, argument, &host, err);
}

static int result(const void *argument)
{
	return *(const int *)argument;
}

static int count_open(const void *argument)
{
	int open = 0;

	(void)argument;
	for (int fd = 0; fd < 256; fd++)
		open += fcntl(fd, F_GETFD) >= 0;
	return open;
}

static int never_end(const void *argument)
{
	(void)argument;
	while (pause() < 0)
		;
	return 0;
}

static void test_results(void **state)
{
	int good = 0, bad = ENODEV;
	struct err err;

	(void)state;
	assert_ok(in_child(result, &good, SOON_MS, &err));
	assert_int_equal(in_child(result, &bad, SOON_MS, &err), -ENODEV);
	assert_string_equal(err.text, strerror(ENODEV));
}

static void test_keeps_nothing_open(void **state)
{
	struct err err;

	(void)state;
	assert_true(fcntl(STDOUT_FILENO, F_GETFD) >= 0);
	assert_ok(in_child(count_open, NULL, SOON_MS, &err));
}

static void test_deadline(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(in_child(never_end, NULL, 20, &err), -ETIMEDOUT);
	assert_non_null(strstr(err.text, "the target doesn't answer"));
}

/* A flush goes through it. */
static void test_flush(void **state)
{
	struct volume_host host = {.deadline_ms = volume_deadline_in(SOON_MS)};
	struct err err;

	(void)state;
	write_text(at("disk"), "text");
	assert_ok(volume_flush(at("disk"), &host, &err));
	assert_int_equal(volume_flush(at("none"), &host, &err), -ENOENT);
	assert_non_null(strstr(err.text, "': flush: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_results),
		scratch_test(test_keeps_nothing_open),
		scratch_test(test_deadline),
		scratch_test(test_flush),
	};

	return run_as_tap(tests);
}
