/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Somebody who may write below a root exchanges names while berth works: nothing outside is made,
 * changed or removed, and no other file gets the image's name. */
#include "tests/unit/site-fixture.h"

#include "hooks/journal/step.h"
#include "hooks/records/image_folders.h"

#define ROUNDS 250
#define TEMPORARY ".berth-" TOKEN "-a.img"

static struct config *config_with_root(void)
{
	static char *roots[1];
	static struct config config;

	roots[0] = (char *)at("root");
	config = (struct config){.roots = {roots, 1}};
	return &config;
}

static struct step_context context_here(void)
{
	return (struct step_context){
		.guest = {.site = &site, .config = config_with_root()},
		.token = TOKEN,
	};
}

static int setup(void **state)
{
	if (site_setup(state) < 0)
		return -1;
	write_text(at("victim"), "precious");
	return mkdir(at("root"), 0755) | mkdir(at("root/vm"), 0755) | mkdir(at("outside"), 0755) |
	       chmod(at("victim"), 0600);
}

static void assert_nothing_outside(void)
{
	assert_string_equal(files_below(at("outside")), "");
	assert_string_equal(run("find", at("outside"), "-mindepth", "1"), "");
}

/* The image's folder is a link to elsewhere since it was looked at. */
static void exchange_folder(void)
{
	assert_int_equal(rename(at("root/vm"), at("root/moved")), 0);
	assert_int_equal(symlink("../outside", at("root/vm")), 0);
}

static void test_nothing_is_made_outside(void **state)
{
	struct step_context context = context_here();
	struct step image = {.kind = STEP_IMAGE,
			     .disk = "vda",
			     .path = (char *)at("root/vm/a.img"),
			     .format = "raw",
			     .virtual_bytes = MIB};
	struct step folder = {
		.kind = STEP_FOLDER, .disk = "vda", .path = (char *)at("root/vm/new")};
	struct err err;

	(void)state;
	exchange_folder();
	assert_fails(step_do(&image, &context, &err), EPERM, "by a link, to folder");
	assert_fails(step_do(&folder, &context, &err), EPERM, "by a link, to folder");
	assert_nothing_outside();
	/* The same where the roots are not known: a link is not followed. */
	context.guest.config = NULL;
	assert_fails(step_do(&image, &context, &err), ELOOP, "'vm' is a symbolic link");
	assert_fails(step_do(&folder, &context, &err), ELOOP, "'vm' is a symbolic link");
	assert_nothing_outside();
}

static void test_nothing_is_removed_outside(void **state)
{
	struct step_context context = context_here();
	struct step folder = {
		.kind = STEP_FOLDER, .disk = "vda", .path = (char *)at("root/vm/new")};
	struct step image = {
		.kind = STEP_IMAGE, .disk = "vda", .path = (char *)at("root/vm/a.img")};
	struct err err;

	(void)state;
	assert_ok(step_do(&folder, &context, &err));
	exchange_folder();
	assert_int_equal(mkdir(at("outside/new"), 0755), 0);
	write_text(at("outside/" TEMPORARY), "precious");
	assert_true(step_undo(&folder, &context, &err) < 0);
	assert_true(step_undo(&image, &context, &err) < 0);
	assert_true(exists(at("outside/new")));
	assert_true(exists(at("outside/" TEMPORARY)));
}

/* A child process that does it again and again until it is killed. */
static pid_t attack(void (*once)(void))
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	while (pid == 0)
		once();
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* What the attacker puts names in place of, and where he moves what was there. */
static const char *target, *moved;

/* Both have one another's name in turn. */
static void exchange(void)
{
	renameat2(AT_FDCWD, target, AT_FDCWD, moved, RENAME_EXCHANGE);
}

static void test_mode_of_no_other_file(void **state)
{
	struct step_context context = context_here();
	struct step folder = {
		.kind = STEP_FOLDER, .disk = "vda", .path = (char *)at("root/vm/new")};
	const char *victim = at("victim");
	struct stat st = {0};
	struct err err;
	int round;

	(void)state;
	target = folder.path;
	moved = at("root/vm/link");
	pid_t attacker = attack(exchange);
	for (round = 0; round < ROUNDS; round++) {
		remove(target);
		remove(moved);
		if (symlink(victim, moved) < 0)
			continue;
		step_do(&folder, &context, &err);
		if (stat(victim, &st) < 0 || (st.st_mode & 0777) != 0600)
			break;
	}
	end(attacker);
	if (round < ROUNDS)
		fail_msg("round %d: mode %03o", round, (unsigned)st.st_mode & 0777);
}

static void test_no_other_file_gets_the_name(void **state)
{
	const char *path = at("root/vm/a.img");
	struct file_id id, there;
	struct err err;
	int round;

	(void)state;
	target = at("root/vm/" TEMPORARY);
	moved = at("root/vm/evil");
	pid_t attacker = attack(exchange);
	for (round = 0; round < ROUNDS; round++) {
		write_text(moved, "evil");
		write_text(target, "image");
		if (file_id_of(target, &id, &err) < 0)
			break;
		if (provision_place(path, NULL, TOKEN, &id, &err) == 0 &&
		    (file_id_of(path, &there, &err) < 0 || !file_id_equal(&id, &there)))
			break;
		unlink(path);
	}
	end(attacker);
	if (round < ROUNDS)
		fail_msg("round %d: another file has the image's name", round);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing_is_made_outside, setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_nothing_is_removed_outside, setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_mode_of_no_other_file, setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_no_other_file_gets_the_name, setup,
						scratch_teardown),
	};

	return run_as_tap(tests);
}
