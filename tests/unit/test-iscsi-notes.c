/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is noted is read back, by one process at a time; after a boot only the node record counts;
 * where nothing is noted nothing is left. */
#include "tests/unit/image-fixture.h"
#include "tests/unit/full-disk-fixture.h"
#include "storage/iscsi_note.h"

#define IQN "iqn.2026-11.lab:one"
#define PORTAL "[fd00::1]:3260"
#define NOTE "state/iscsi/" IQN "/" PORTAL "/note"

static const struct volume_host *host(int ms)
{
	static struct volume_host result;

	result = (struct volume_host){.state = at("state"), .deadline_ms = volume_deadline_in(ms)};
	return &result;
}

static void open_note(struct iscsi_note *note)
{
	struct err err;

	assert_ok(iscsi_note_open(host(60000), IQN, PORTAL, note, &err));
}

static void note_something(void)
{
	cleanup_iscsi_note struct iscsi_note note = ISCSI_NOTE_NONE;
	struct err err;

	open_note(&note);
	note.record = true;
	note.session = true;
	note.sid = 12;
	iscsi_note_add_lun(&note, 1, ISCSI_OWN_SESSION);
	iscsi_note_add_lun(&note, UINT64_MAX, 7);
	iscsi_note_add_lun(&note, 2, ISCSI_OWN_SESSION);
	assert_ok(iscsi_note_save(&note, &err));
}

static void assert_noted(const struct iscsi_note *note)
{
	assert_true(note->record && note->session);
	assert_int_equal(note->sid, 12);
	assert_int_equal(note->lun_count, 3);
	assert_int_equal(iscsi_note_find_lun(note, 1)->sid, ISCSI_OWN_SESSION);
	assert_int_equal(iscsi_note_find_lun(note, UINT64_MAX)->sid, 7);
	assert_null(iscsi_note_find_lun(note, 3));
}

static void test_round_trip(void **state)
{
	cleanup_iscsi_note struct iscsi_note note = ISCSI_NOTE_NONE, peeked = ISCSI_NOTE_NONE;
	struct err err;

	(void)state;
	note_something();
	open_note(&note);
	assert_noted(&note);
	assert_ok(iscsi_note_peek(host(0), IQN, PORTAL, &peeked, &err));
	assert_noted(&peeked);
	iscsi_note_remove_lun(&note, 1);
	assert_int_equal(note.lun_count, 2);
	assert_null(iscsi_note_find_lun(&note, 1));
}

static void test_after_a_boot(void **state)
{
	cleanup_iscsi_note struct iscsi_note note = ISCSI_NOTE_NONE;

	(void)state;
	note_something();
	write_text(at(NOTE), "berth-iscsi 1\nboot another\nrecord\nsession\nlun 1\nlun 2 7\n");
	open_note(&note);
	assert_true(note.record);
	assert_false(note.session);
	assert_int_equal(note.sid, -1);
	assert_int_equal(note.lun_count, 0);
}

static void test_nothing_noted(void **state)
{
	struct iscsi_note note = ISCSI_NOTE_NONE;
	struct err err;

	(void)state;
	assert_ok(iscsi_note_peek(host(0), IQN, PORTAL, &note, &err));
	assert_false(note.record || note.session || note.lun_count);
	iscsi_note_close(&note);
	assert_false(exists(at("state")));
	note_something();
	write_text(at("state/iscsi/" IQN "/" PORTAL "/.note.abcdef"), "left by a kill");
	open_note(&note);
	note.record = note.session = false;
	note.lun_count = 0;
	assert_ok(iscsi_note_save(&note, &err));
	iscsi_note_close(&note);
	assert_string_equal(run("find", scratch, "-mindepth", "1", "-printf", "%P\\n"), "state\n");
}

static void test_one_at_a_time(void **state)
{
	struct iscsi_note first = ISCSI_NOTE_NONE, second = ISCSI_NOTE_NONE;
	struct err err;

	(void)state;
	open_note(&first);
	assert_fails(iscsi_note_open(host(30), IQN, PORTAL, &second, &err), ETIMEDOUT,
		     "waiting for another process");
	assert_ok(iscsi_note_open(host(60000), IQN, "10.0.0.1:3260", &second, &err));
	iscsi_note_close(&second);
	iscsi_note_close(&first);
	open_note(&first);
	iscsi_note_close(&first);
}

/* Many processes that take the lock, and remove its folder when they let go. */
static void test_lock_of_a_removed_folder(void **state)
{
	enum { PROCESSES = 4, TURNS = 200 };
	pid_t pids[PROCESSES];

	(void)state;
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		for (int turn = 0; pids[i] == 0; turn++) {
			struct iscsi_note note = ISCSI_NOTE_NONE;
			struct err err;
			if (turn == TURNS)
				_exit(0);
			if (iscsi_note_open(host(60000), IQN, PORTAL, &note, &err) < 0)
				_exit(1);
			int fd = open(at("turn"), O_CREAT | O_EXCL | O_CLOEXEC, 0600);
			if (fd < 0 || close(fd) < 0 || unlink(at("turn")) < 0)
				_exit(2);
			iscsi_note_close(&note);
			while (kept_count)
				free(kept[--kept_count]);
		}
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status;
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_false(exists(at("state/iscsi")));
}

static void test_broken(void **state)
{
	static const char *const texts[] = {
		"",
		"berth-iscsi 2\n",
		"berth-iscsi 1\nrecords\n",
		"berth-iscsi 1\nboot x\n?",
		"garbage",
	};
	struct iscsi_note note = ISCSI_NOTE_NONE;
	struct err err;

	(void)state;
	note_something();
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		write_text(at(NOTE), texts[i]);
		assert_fails(iscsi_note_open(host(60000), IQN, PORTAL, &note, &err), EINVAL,
			     "not what berth writes; remove it");
	}
}

/* A part of a session's number is the number of another session. */
static void test_a_number_that_is_cut(void **state)
{
	cleanup_iscsi_note struct iscsi_note note = ISCSI_NOTE_NONE;
	struct err err;

	(void)state;
	note_something();
	open_note(&note);
	note.sid = 345;
	for (size_t room = 0; room < strlen("345\n"); room++) {
		cleanup_iscsi_note struct iscsi_note peeked = ISCSI_NOTE_NONE;
		fill_disk_at(room);
		int rc = iscsi_note_save_sid(&note, &err);
		make_room_again();
		assert_true(rc < 0);
		assert_ok(iscsi_note_peek(host(0), IQN, PORTAL, &peeked, &err));
		assert_true(peeked.session);
		assert_int_equal(peeked.sid, -1);
	}
	write_text(at("state/iscsi/" IQN "/" PORTAL "/session"), "34");
	cleanup_iscsi_note struct iscsi_note peeked = ISCSI_NOTE_NONE;
	assert_ok(iscsi_note_peek(host(0), IQN, PORTAL, &peeked, &err));
	assert_int_equal(peeked.sid, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_round_trip),
		scratch_test(test_after_a_boot),
		scratch_test(test_nothing_noted),
		scratch_test(test_one_at_a_time),
		scratch_test(test_broken),
		scratch_test(test_lock_of_a_removed_folder),
		scratch_test(test_a_number_that_is_cut),
	};

	return run_as_tap(tests);
}
