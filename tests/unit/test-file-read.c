/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a file gives all of it, or none of it when it is larger than the limit. */
#include "tests/unit/image-fixture.h"

static void test_up_to_the_limit(void **state)
{
	static char bytes[50000];
	struct err err;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	bytes[777] = '\0';
	write_file(at("a"), bytes, sizeof(bytes));
	cleanup_strbuf struct strbuf have = {0};
	strbuf_puts(&have, "before ");
	assert_ok(file_read(at("a"), sizeof(bytes), &have, &err));
	assert_int_equal(have.length, sizeof(bytes) + 7);
	assert_memory_equal(have.text, "before ", 7);
	assert_memory_equal(have.text + 7, bytes, sizeof(bytes));
	assert_fails(file_read(at("a"), sizeof(bytes) - 1, &have, &err), EFBIG,
		     "larger than 49999 bytes");
	assert_non_null(strstr(err.text, at("a")));
}

static void test_from_a_pipe_in_pieces(void **state)
{
	cleanup_strbuf struct strbuf have = {0};
	struct err err;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid_t writer = fork();
	if (writer == 0) {
		for (int i = 0; i < 1000; i++) {
			if (write(ends[1], "some words ", 11) != 11)
				_exit(1);
		}
		_exit(0);
	}
	close(ends[1]);
	assert_ok(file_read_fd(ends[0], 11000, &have, &err));
	close(ends[0]);
	waitpid(writer, NULL, 0);
	assert_int_equal(have.length, 11000);
	assert_string_equal(have.text + 10989, "some words ");
}

static void test_endless(void **state)
{
	cleanup_strbuf struct strbuf have = {0};
	struct err err;

	(void)state;
	assert_fails(file_read("/dev/zero", 100000, &have, &err), EFBIG, "'/dev/zero': larger");
	assert_true(have.length <= 100000);
}

static void test_failures(void **state)
{
	cleanup_strbuf struct strbuf have = {0};
	struct err err;

	(void)state;
	assert_fails(file_read(at("none"), 10, &have, &err), ENOENT, "No such file");
	assert_fails(file_read(scratch, 10, &have, &err), EISDIR, scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_up_to_the_limit),
		scratch_test(test_from_a_pipe_in_pieces),
		scratch_test(test_endless),
		scratch_test(test_failures),
	};

	return run_as_tap(tests);
}
