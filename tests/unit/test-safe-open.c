/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is no file and no disk is never opened, and nothing is told of what lies elsewhere. */
#include "tests/unit/image-fixture.h"
#include "storage/image.h"
#include "storage/in_use.h"
#include "storage/safe_open.h"

static void on_signal(int signal)
{
	(void)signal;
}

/* Whoever opens a FIFO for writing waits until somebody opens it for reading, be it for a moment; a
 * signal ends the wait. Return: the child's process, which waits by now. */
static pid_t wait_for_reader(const char *fifo)
{
	const struct sigaction action = {.sa_handler = on_signal};
	char state = '\0';

	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		sigaction(SIGUSR1, &action, NULL);
		_exit(open(fifo, O_WRONLY) >= 0 ? 1 : errno == EINTR ? 0 : 2);
	}
	while (state != 'S') {
		cleanup_free char *path = xasprintf("/proc/%d/stat", (int)pid);
		cleanup_strbuf struct strbuf stat = {0};
		struct err err;
		assert_ok(file_read(path, 4096, &stat, &err));
		state = strrchr(stat.text, ')')[2];
		assert_true(state != 'Z');
		usleep(1000);
	}
	return pid;
}

static void assert_nobody_opened_it(pid_t waiting)
{
	int status;

	assert_int_equal(kill(waiting, SIGUSR1), 0);
	assert_int_equal(waitpid(waiting, &status, 0), waiting);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_fifo_is_not_opened(void **state)
{
	const char *fifo = at("fifo");
	cleanup_image struct image image = {0};
	enum image_use use;
	struct err err;

	(void)state;
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(symlink("fifo", at("link")), 0);
	pid_t waiting = wait_for_reader(fifo);
	assert_fails(image_open(fifo, &err), EINVAL, "is neither a file nor a block device");
	assert_fails(image_inspect(at("link"), "raw", &image, &err), EINVAL, "is neither");
	assert_fails(image_use(fifo, &use, &err), EINVAL, "is neither");
	assert_nobody_opened_it(waiting);
}

static void test_kinds(void **state)
{
	struct err err;

	(void)state;
	assert_fails(open_safely("/dev/null", OPEN_FILE | OPEN_BLOCK_DEVICE, &err), EINVAL, "is");
	assert_fails(open_safely("/", OPEN_FILE, &err), EINVAL, "is not a file");
	write_text(at("a"), "a");
	assert_fails(open_safely(at("a"), OPEN_BLOCK_DEVICE, &err), EINVAL,
		     "is not a block device");
	cleanup_close int fd = open_safely(at("a"), OPEN_FILE, &err);
	assert_true(fd >= 0);
}

static int open_in(const char *path, struct err *err)
{
	const char *const items[] = {at("link-to-root"), at("none")};
	const struct folders folders = {items, ARRAY_SIZE(items)};

	return open_safely_in(path, OPEN_FILE, &folders, err);
}

static void assert_opens(const char *path)
{
	struct err err;
	cleanup_close int fd = open_in(path, &err);

	if (fd < 0)
		fail_msg("%s: %s", path, err.text);
}

static void test_only_below_the_folders(void **state)
{
	struct err err, other;

	(void)state;
	assert_int_equal(mkdir(at("root"), 0755) | mkdir(at("outside"), 0755), 0);
	assert_int_equal(symlink("root", at("link-to-root")), 0);
	write_text(at("root/a"), "a");
	write_text(at("outside/b"), "b");
	assert_int_equal(symlink("a", at("root/inside")), 0);
	assert_int_equal(symlink("../outside/b", at("root/out")), 0);
	assert_opens(at("root/a"));
	assert_opens(at("root/inside"));
	assert_opens(at("link-to-root/a"));
	assert_opens(at("outside/../root/a"));
	assert_fails(open_in(at("root/../outside/b"), &err), EPERM, "lies in none");
	assert_fails(open_in(at("root/out"), &err), EPERM, "lies in none");
	assert_fails(open_in(at("link-to-root/absent"), &err), ENOENT, "No such file");
	/* Whether there is such a file elsewhere is not told either. */
	assert_int_equal(open_in(at("outside/b"), &err), -EPERM);
	assert_int_equal(open_in(at("outside/absent"), &other), -EPERM);
	assert_string_equal(err.text, other.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_fifo_is_not_opened),
		scratch_test(test_kinds),
		scratch_test(test_only_below_the_folders),
	};

	return run_as_tap(tests);
}
