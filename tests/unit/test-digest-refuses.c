/* SPDX-License-Identifier: GPL-2.0-or-later */
/* No identity is told of an image that changes, or may change, while it is read. */
#include "tests/unit/image-fixture.h"
#include "storage/digest.h"

static void test_open_for_writing(void **state)
{
	char digest[DIGEST_TEXT_MAX];
	struct err err;

	(void)state;
	make_qcow2(at("a.qcow2"), "1M");
	struct holder writer = hold(at("a.qcow2"), "qcow2", true);
	assert_fails(digest_of_image(at("a.qcow2"), "qcow2", digest, &err), EBUSY,
		     "open for writing; end that program");
	let_go(writer);
	struct holder reader = hold(at("a.qcow2"), "qcow2", false);
	assert_ok(digest_of_image(at("a.qcow2"), "qcow2", digest, &err));
	let_go(reader);
}

#define MAX_TRIES 100

/* Something that goes on changing the file until it is killed. */
static pid_t start_disturbing(const char *path, off_t smallest)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	for (unsigned char i = 0;; i++) {
		int fd = open(path, O_WRONLY);
		if (smallest >= 0 ? ftruncate(fd, smallest) < 0 : pwrite(fd, &i, 1, 1) != 1)
			_exit(1);
		close(fd);
		usleep(1000);
	}
}

static void assert_disturbed(off_t smallest, const char *part)
{
	char digest[DIGEST_TEXT_MAX];
	struct err err;

	write_text(at("a.img"), "some data");
	assert_int_equal(truncate(at("a.img"), (off_t)(512 * MIB)), 0);
	patch_file(at("a.img"), (off_t)(512 * MIB) - 1, "x", 1);
	pid_t pid = start_disturbing(at("a.img"), smallest);
	/* On a busy machine the other process may not get its turn while the image is read. */
	int rc = 0;
	for (int i = 0; i < MAX_TRIES && rc == 0; i++)
		rc = digest_of_image(at("a.img"), "raw", digest, &err);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(rc, -EAGAIN);
	assert_non_null(strstr(err.text, part));
}

static void test_written_while_read(void **state)
{
	(void)state;
	assert_disturbed(-1, "was changed while it was read; try again");
}

static void test_cut_while_read(void **state)
{
	(void)state;
	assert_disturbed((off_t)MIB, "while it was read; try again");
}

static void test_no_file(void **state)
{
	char digest[DIGEST_TEXT_MAX];
	struct err err;

	(void)state;
	assert_fails(digest_of_image(at("nothing"), "raw", digest, &err), ENOENT, "No such file");
	assert_fails(digest_of_image(scratch, "raw", digest, &err), EINVAL, "neither a file");
	write_text(at("a.img"), "x");
	assert_fails(digest_of_image(at("a.img"), "vmdk", digest, &err), ENOTSUP, "'vmdk'");
	assert_fails(digest_of_image(at("a.img"), "qcow2", digest, &err), EINVAL, "not a qcow2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		qemu_test(test_open_for_writing),
		scratch_test(test_written_while_read),
		scratch_test(test_cut_while_read),
		scratch_test(test_no_file),
	};

	return run_as_tap(tests);
}
