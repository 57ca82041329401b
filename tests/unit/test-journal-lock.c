/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One process at a time has a journal: the next one waits, gets it when its holder is killed, and
 * sees its removal. */
#include "tests/unit/journal-fixture.h"

/* Nothing here takes as long as a lock that is never let go. */
#define PATIENCE_S 30

/* A process that opens the journal, tells what that gave, and lingers. */
struct opener {
	pid_t pid;
	int answer;
};

/* @held: the journal that this process has; a forked one would go on holding it. */
static struct opener start_opener(const struct journal *held)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct journal *journal = NULL;
		struct err err;
		if (held)
			close(held->fd);
		alarm(PATIENCE_S);
		int rc = journal_open(&site, UUID, &journal, &err);
		char answer = (char)(rc < 0 ? '-' : '0' + rc + (journal ? journal->phase : 0));
		if (write(ends[1], &answer, 1) == 1)
			pause();
		_exit(1);
	}
	close(ends[1]);
	return (struct opener){pid, ends[0]};
}

/* '0': there is none; '1' and more: it has it, in that phase. */
static char answer_of(const struct opener *opener)
{
	char answer;

	return read(opener->answer, &answer, 1) == 1 ? answer : '?';
}

static void end_opener(const struct opener *opener)
{
	kill(opener->pid, SIGKILL);
	waitpid(opener->pid, NULL, 0);
	close(opener->answer);
}

/* The kernel lists who waits for a lock with "->". */
static bool waits_for_a_lock(pid_t pid)
{
	cleanup_strbuf struct strbuf locks = {0};
	cleanup_free char *waiter = xasprintf("%d", (int)pid);
	struct err err;

	assert_ok(file_read("/proc/locks", 1 << 20, &locks, &err));
	for (char *line = strtok(locks.text, "\n"); line; line = strtok(NULL, "\n")) {
		char word[32];
		if (sscanf(line, "%*d: -> FLOCK ADVISORY WRITE %31s", word) == 1 &&
		    strcmp(word, waiter) == 0)
			return true;
	}
	return false;
}

static void wait_until_it_waits(const struct opener *opener)
{
	for (int i = 0; i < PATIENCE_S * 100; i++) {
		if (waits_for_a_lock(opener->pid))
			return;
		usleep(10000);
	}
	fail_msg("the second process doesn't wait for the lock");
}

static void test_a_killed_holder_leaves_nothing(void **state)
{
	(void)state;
	cleanup_journal struct journal *journal = create();
	journal_closep(&journal);
	struct opener opener = start_opener(NULL);
	assert_int_equal(answer_of(&opener), '1');
	end_opener(&opener);
	alarm(PATIENCE_S);
	journal = open_again();
	alarm(0);
}

static void test_the_second_waits_and_sees_the_removal(void **state)
{
	struct journal *journal = create();
	struct err err;

	(void)state;
	struct opener opener = start_opener(journal);
	wait_until_it_waits(&opener);
	assert_ok(journal_remove(&journal, &err));
	assert_int_equal(answer_of(&opener), '0');
	end_opener(&opener);
}

static void test_the_second_waits_and_sees_what_was_appended(void **state)
{
	struct journal *journal = create();
	struct err err;

	(void)state;
	struct opener opener = start_opener(journal);
	wait_until_it_waits(&opener);
	assert_ok(journal_set_phase(journal, PHASE_STARTED, &err));
	journal_closep(&journal);
	assert_int_equal(answer_of(&opener), '1' + PHASE_STARTED);
	end_opener(&opener);
}

static void test_the_second_gets_the_new_one_of_that_name(void **state)
{
	struct journal *journal = create();
	struct err err;

	(void)state;
	struct opener opener = start_opener(journal);
	wait_until_it_waits(&opener);
	/* The name is another file's by now, which this process has locked as well. */
	assert_int_equal(rename(journal_path(), at("old")), 0);
	struct journal *new = create();
	assert_ok(journal_set_phase(new, PHASE_RAN, &err));
	journal_closep(&journal);
	wait_until_it_waits(&opener);
	journal_closep(&new);
	assert_int_equal(answer_of(&opener), '1' + PHASE_RAN);
	end_opener(&opener);
}

static void test_peeking_takes_no_lock(void **state)
{
	cleanup_journal struct journal *peeked = NULL, *again = NULL;
	struct err err;

	(void)state;
	cleanup_journal struct journal *journal = create();
	alarm(PATIENCE_S);
	assert_int_equal(journal_peek(&site, UUID, &peeked, &err), 1);
	journal_closep(&journal);
	again = open_again();
	alarm(0);
	assert_same_journal(peeked, again);
}

static void test_a_program_that_is_run_does_not_hold_it(void **state)
{
	(void)state;
	struct journal *journal = create();
	/* command_run() hands no descriptor on, and the journal's is closed by exec too. */
	const char *fds = run("sh", "-c", "ls -l /proc/$$/fd");
	assert_null(strstr(fds, "/state/journal/"));
	assert_true(fcntl(journal->fd, F_GETFD) & FD_CLOEXEC);
	journal_closep(&journal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		site_test(test_a_killed_holder_leaves_nothing),
		site_test(test_the_second_waits_and_sees_the_removal),
		site_test(test_the_second_waits_and_sees_what_was_appended),
		site_test(test_the_second_gets_the_new_one_of_that_name),
		site_test(test_peeking_takes_no_lock),
		site_test(test_a_program_that_is_run_does_not_hold_it),
	};

	return run_as_tap(tests);
}
