/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which daemon of libvirt's runs QEMU here, does not run, or will run when somebody wants it. */
#include "tests/unit/image-fixture.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "cli/libvirt_daemon.h"

static struct libvirt_daemon find(void)
{
	return libvirt_daemon_find_in(scratch);
}

/* A process that has the file locked, as libvirt's daemons have. Return: its number. */
static pid_t start_daemon(const char *pid_file)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
	const char *path = at(pid_file);
	int told[2];
	char word;

	assert_int_equal(pipe(told), 0);
	pid_t pid = fork();
	if (pid == 0) {
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
		if (fd >= 0 && fcntl(fd, F_SETLK, &lock) == 0 && dprintf(fd, "%d", getpid()) > 0)
			(void)!write(told[1], "x", 1);
		close(told[1]);
		pause();
		_exit(0);
	}
	close(told[1]);
	assert_int_equal(read(told[0], &word, 1), 1);
	close(told[0]);
	return pid;
}

static void kill_daemon(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Return: the socket, bound to libvirt/NAME. */
static int make_socket(const char *name, bool listening)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	mkdir(at("libvirt"), 0755);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/libvirt/%s", scratch, name);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	if (listening)
		assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void test_none(void **state)
{
	(void)state;
	assert_string_equal(find().name, "libvirtd");
	assert_int_equal(find().pid, 0);
	assert_false(find().on_demand);
}

static void test_runs(void **state)
{
	(void)state;
	pid_t pid = start_daemon("libvirtd.pid");
	assert_string_equal(find().name, "libvirtd");
	assert_int_equal(find().pid, pid);
	pid_t modular = start_daemon("virtqemud.pid");
	assert_string_equal(find().name, "virtqemud");
	assert_int_equal(find().pid, modular);
	kill_daemon(pid);
	kill_daemon(modular);
}

/* Its file stays when it is killed, and its number may be another process's by now. */
static void test_left_behind(void **state)
{
	(void)state;
	pid_t pid = start_daemon("virtqemud.pid");
	kill_daemon(pid);
	assert_int_equal(access(at("virtqemud.pid"), R_OK), 0);
	assert_int_equal(find().pid, 0);
	write_text(at("virtqemud.pid"), keep(xasprintf("%d\n", getpid())));
	assert_int_equal(find().pid, 0);
	pid = start_daemon("libvirtd.pid");
	assert_string_equal(find().name, "libvirtd");
	kill_daemon(pid);
}

static void test_on_demand(void **state)
{
	(void)state;
	int legacy = make_socket("libvirt-sock", true);
	assert_string_equal(find().name, "libvirtd");
	assert_true(find().on_demand);
	int own = make_socket("virtqemud-sock", true);
	assert_string_equal(find().name, "virtqemud");
	assert_true(find().on_demand);
	assert_int_equal(find().pid, 0);
	pid_t pid = start_daemon("virtqemud.pid");
	assert_int_equal(find().pid, pid);
	assert_false(find().on_demand);
	kill_daemon(pid);
	close(own);
	close(legacy);
	assert_false(find().on_demand); /* the names are still there */
}

/* virtproxyd listens for those who want libvirtd. */
static void test_proxy(void **state)
{
	(void)state;
	int legacy = make_socket("libvirt-sock", true);
	int admin = make_socket("virtproxyd-admin-sock", true);
	assert_string_equal(find().name, "virtqemud");
	assert_false(find().on_demand);
	close(admin);
	pid_t pid = start_daemon("virtproxyd.pid");
	assert_string_equal(find().name, "virtqemud");
	assert_false(find().on_demand);
	kill_daemon(pid);
	assert_string_equal(find().name, "libvirtd");
	assert_true(find().on_demand);
	close(legacy);
}

static void test_nobody_listens(void **state)
{
	(void)state;
	int bound = make_socket("virtqemud-sock", false);
	int longer = make_socket("virtqemud-sock-ro", true);
	assert_false(find().on_demand);
	close(bound);
	close(longer);
}

static void test_wait_end(void **state)
{
	(void)state;
	pid_t pid = start_daemon("virtqemud.pid");
	struct libvirt_daemon daemon = find();
	assert_false(libvirt_daemon_wait_end(&daemon, 0));
	kill_daemon(pid);
	assert_true(libvirt_daemon_wait_end(&daemon, 1000));
	daemon = find();
	assert_false(libvirt_daemon_wait_end(&daemon, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_none),        scratch_test(test_runs),
		scratch_test(test_left_behind), scratch_test(test_on_demand),
		scratch_test(test_proxy),       scratch_test(test_nobody_listens),
		scratch_test(test_wait_end),
	};

	return run_as_tap(tests);
}
