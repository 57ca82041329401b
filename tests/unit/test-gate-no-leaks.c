/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many lives of a guest in one libvirtd, with failures among them: neither its memory nor the
 * number of its descriptors grows, and no child is left. */
#include "tests/unit/plugin-fixture.h"

#include <dirent.h>
#include <malloc.h>

#ifdef __SANITIZE_ADDRESS__
/* It finds what is lost itself, and a fork with it takes long; malloc() doesn't count there. */
#define LIVES 12
#else
#define LIVES 200
#endif
/* One leak a life would be 32 bytes. */
#define NOISE_BYTES (LIVES * 20)

static size_t descriptors(void)
{
	cleanup_dir DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	while (readdir(dir))
		count++;
	return count;
}

static void forget_files(void)
{
	unlink("calls");
	unlink("input");
	unlink("other");
}

/* Start, pause, resume, a migration; berth-gate answers as it likes. */
static void live(int number)
{
	static const char *const answers[] = {"facts", "refuse", "killed", "long-story"};
	char *text = NULL;

	answer(answers[number % (int)ARRAY_SIZE(answers)]);
	set_status(MANAGED, "start");
	assert_int_equal(call_start(), 0);
	assert_int_equal(call_resume(NULL), 0);
	set_status(MANAGED, NULL);
	assert_int_equal(call_pause(&text), 0);
	assert_int_equal(call_pause(&text), 0);
	assert_int_equal(call_resume(text), 0);
	free(steal_pointer(text));
	set_status(MANAGED, "migration out");
	call_inquire(&text);
	set_status(MANAGED, "migration in");
	call_resume(text);
	call_resume("berth1 token=0123456789abcdef0123456789abcdef facts=AAA");
	free(text);
	assert_int_equal(call_pause(NULL), 0);
	forget_files();
}

static void lives(void)
{
	for (int i = 0; i < 4; i++)
		live(i); /* what is made once: the connection to syslog */
	size_t bytes = mallinfo2().uordblks, open_before = descriptors();
	for (int i = 0; i < LIVES; i++)
		live(i);
	assert_int_equal(descriptors(), open_before);
	assert_true(mallinfo2().uordblks < bytes + NOISE_BYTES);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_alone(void **state)
{
	(void)state;
	lives();
}

static void test_with_a_chained_one(void **state)
{
	(void)state;
	assert_int_equal(driver->deinit(), 0);
	write_text("qemu-berth.conf", "chain = 'other'");
	assert_int_equal(init(), 0);
	write_text("other-state", "lease");
	lives();
}

static void test_loading(void **state)
{
	(void)state;
	write_text("qemu-berth.conf", "chain = 'other'");
	size_t bytes = 0, open_before = 0;
	for (int i = 0; i < LIVES; i++) {
		assert_int_equal(driver->deinit(), 0);
		assert_int_equal(init(), 0);
		assert_int_equal(init(), 0);
		assert_int_equal(driver->deinit(), 0);
		if (i == 0) {
			bytes = mallinfo2().uordblks;
			open_before = descriptors();
		}
	}
	assert_int_equal(descriptors(), open_before);
	assert_true(mallinfo2().uordblks < bytes + NOISE_BYTES);
}

/* malloc() counts what it keeps for the thread's next call as in use, and keeps more and more at
 * first. That can be turned off only before the program starts. */
static void without_thread_cache(char **argv)
{
	if (getenv("GLIBC_TUNABLES"))
		return;
	setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
	execv("/proc/self/exe", argv);
	perror("/proc/self/exe");
	exit(1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		plugin_test(test_alone),
		plugin_test(test_with_a_chained_one),
		plugin_test(test_loading),
	};

	(void)argc;
	without_thread_cache(argv);
	return run_as_tap(tests);
}
