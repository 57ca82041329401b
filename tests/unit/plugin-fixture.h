/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of berth.so share: it is loaded as libvirt loads it, with folders below the
 * scratch folder, and libvirt's calls are made in libvirt's order (src/locking/domain_lock.c). */
#ifndef BERTH_TESTS_UNIT_PLUGIN_FIXTURE_H
#define BERTH_TESTS_UNIT_PLUGIN_FIXTURE_H

#include "tests/unit/image-fixture.h"

#include <dlfcn.h>
#include <libvirt/virterror.h>
#include <limits.h>

#include "plugin/host.h"
#include "plugin/lock_driver.h"

#define NAME "vm1"
#define UUID "fcafdcd6-07d6-44d0-bba7-41ce815586b9"
#define MANAGED "<berth:disk xmlns:berth='urn:berth:state:1'/>"
#define FACTS "disk vda size=1073741824\nrule <>&'\"\n"

static const unsigned char uuid_bytes[16] = {0xfc, 0xaf, 0xdc, 0xd6, 0x07, 0xd6, 0x44, 0xd0,
					     0xbb, 0xa7, 0x41, 0xce, 0x81, 0x55, 0x86, 0xb9};
static const struct lock_driver *driver;
static void *library;
/* The guest's QEMU, as far as the object is concerned: this process. */
static int qemu_pid;
static int keep_open;

/* A file that was built beside this test: .../tests/plugin/NAME. */
static inline const char *built(const char *name)
{
	char self[PATH_MAX] = "";

	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	for (int i = 0; i < 2; i++)
		*strrchr(self, '/') = '\0';
	return keep(xasprintf("%s/plugin/%s", self, name));
}

/* The flags of its migration: VIR_MIGRATE_*. */
static const char *job_flags;

/* libvirt's status file of the guest, as it is before its calls. @job: NULL for none. */
static inline void set_status(const char *metadata, const char *job)
{
	cleanup_free char *text =
		xasprintf("<!--\nWARNING: THIS IS AN AUTO-GENERATED FILE.\n-->\n\n"
			  "<domstatus state='running' reason='booted' pid='1'>\n"
			  "  <monitor path='/m' type='unix'/>\n%s%s%s%s%s"
			  "  <domain type='kvm' id='1'>\n    <name>" NAME "</name>\n"
			  "    <metadata>%s</metadata>\n  </domain>\n</domstatus>\n",
			  job ? "  <job type='none' async='" : "", job ? job : "",
			  job ? "' phase='finish3' flags='" : "", job ? job_flags : "",
			  job ? "'/>\n" : "", metadata);

	write_text("status/" NAME ".xml", text);
}

static inline void answer(const char *what)
{
	write_text("answer", what);
}

/* What berth-gate was asked, a line each; forgets them. */
static inline const char *asked(void)
{
	cleanup_strbuf struct strbuf text = {0};
	struct err err;

	strbuf_puts(&text, "");
	if (exists("calls"))
		assert_ok(file_read("calls", 1 << 20, &text, &err));
	unlink("calls");
	return keep(strbuf_steal(&text));
}

static inline size_t times_asked(void)
{
	size_t count = 0;

	for (const char *at = asked(); (at = strchr(at, '\n')); at++)
		count++;
	return count;
}

static inline void assert_asked_without_facts(void)
{
	struct stat st;

	assert_int_equal(times_asked(), 1);
	assert_int_equal(stat("input", &st), 0);
	assert_int_equal(st.st_size, 0);
}

/* --- libvirt's error of this thread; the object looks these functions up by their names --- */

static char libvirt_error[4096];

__attribute__((visibility("default"), format(printf, 6, 7))) void
virReportErrorHelper(int domain, int code, const char *file, const char *function, size_t line,
		     const char *fmt, ...);

void virReportErrorHelper(int domain, int code, const char *file, const char *function, size_t line,
			  const char *fmt, ...)
{
	va_list args;

	assert_int_equal(domain, 42); /* VIR_FROM_LOCKING */
	assert_int_equal(code, 9);    /* VIR_ERR_OPERATION_FAILED */
	assert_true(file && function && line);
	va_start(args, fmt);
	vsnprintf(libvirt_error, sizeof(libvirt_error), fmt, args);
	va_end(args);
}

__attribute__((visibility("default"))) virErrorPtr virGetLastError(void)
{
	static virError last = {.code = 9, .message = libvirt_error};

	return libvirt_error[0] ? &last : NULL;
}

__attribute__((visibility("default"))) void virResetLastError(void)
{
	libvirt_error[0] = '\0';
}

/* --- loading --- */

static inline int init(void)
{
	return driver->init(LOCK_MANAGER_VERSION, "./qemu-berth.conf", 0);
}

/* Each test starts with the object initialised, and a managed guest without a job. */
static inline int plugin_setup(void **state)
{
	if (scratch_setup(state) < 0 || chdir(scratch) < 0 || mkdir("status", 0755) < 0 ||
	    symlink(built("gate-program"), "berth-gate") < 0)
		return -1;
	write_text("facts", FACTS);
	job_flags = "0x0";
	set_status(MANAGED, NULL);
	qemu_pid = getpid();
	libvirt_error[0] = '\0';
	library = dlopen(built("berth.so"), RTLD_NOW | RTLD_LOCAL);
	driver = library ? dlsym(library, "virLockDriverImpl") : NULL;
	return driver ? init() : -1;
}

static inline int plugin_teardown(void **state)
{
	int rc = driver->deinit();

	dlclose(library);
	if (chdir("/") < 0)
		return -1;
	return rc < 0 ? rc : scratch_teardown(state);
}

#define plugin_test(f) \
	((struct CMUnitTest)cmocka_unit_test_setup_teardown(f, plugin_setup, plugin_teardown))

/* --- libvirt's calls --- */

static inline int new_manager(struct lock_manager *manager, const char *uri, unsigned flags)
{
	struct lock_param params[] = {
		{.type = LOCK_PARAM_UUID, .key = "uuid"},
		{.type = LOCK_PARAM_STRING, .key = "name", .value = {.cstr = NAME}},
		{.type = LOCK_PARAM_UINT, .key = "id", .value = {.i = 1}},
		{.type = LOCK_PARAM_UINT, .key = "pid", .value = {.i = qemu_pid}},
		{.type = LOCK_PARAM_CSTRING, .key = "uri", .value = {.cstr = uri}},
	};

	memcpy(params[0].value.uuid, uuid_bytes, sizeof(uuid_bytes));
	*manager = (struct lock_manager){.driver = driver};
	return driver->new_manager(manager, 0, ARRAY_SIZE(params), params, flags);
}

static inline void begin(struct lock_manager *manager, const char *uri, unsigned flags)
{
	assert_int_equal(new_manager(manager, uri, flags), 0);
	assert_int_equal(driver->add_resource(manager, 0, "/srv/vm/vm1.qcow2", 0, NULL, 0), 0);
}

static inline int acquire(const char *state, unsigned flags, unsigned new_flags, int *fd)
{
	struct lock_manager manager;

	begin(&manager, "qemu:///system", new_flags);
	int rc = driver->acquire(&manager, state, flags, 0, fd);
	driver->free_manager(&manager);
	return rc;
}

/* virDomainLockProcessStart(), in the child that becomes QEMU. */
static inline int call_start(void)
{
	cleanup_close int fd = -1; /* QEMU gets it */

	return acquire(NULL, LOCK_MANAGER_ACQUIRE_RESTRICT | LOCK_MANAGER_ACQUIRE_REGISTER_ONLY,
		       LOCK_MANAGER_NEW_STARTED, &fd);
}

/* virDomainLockProcessResume() */
static inline int call_resume(const char *state)
{
	libvirt_error[0] = '\0';
	return acquire(state, 0, 0, NULL);
}

/* virDomainLockProcessPause() */
static inline int call_pause(char **state)
{
	struct lock_manager manager;

	begin(&manager, NULL, 0);
	int rc = driver->release(&manager, state, 0);
	driver->free_manager(&manager);
	return rc;
}

/* virDomainLockProcessInquire() */
static inline int call_inquire(char **state)
{
	struct lock_manager manager;

	begin(&manager, NULL, 0);
	int rc = driver->inquire(&manager, state, 0);
	driver->free_manager(&manager);
	return rc;
}

/* --- another process --- */

/* A QEMU, as far as its arguments go, that was started to receive a guest, or to run one. The shell
 * waits for input that never comes; end it with end_qemu(). */
static inline void become_qemu(const char *argument)
{
	int input[2];

	assert_int_equal(pipe2(input, O_CLOEXEC), 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(input[0], 0);
		execl("/bin/sh", "sh", "-c", "echo > ready; read x < /dev/stdin", argument, NULL);
		_exit(127);
	}
	close(input[0]);
	keep_open = input[1];
	for (int i = 0; i < 1000 && !exists("ready"); i++)
		usleep(10000);
	assert_int_equal(unlink("ready"), 0);
	qemu_pid = pid;
}

/* From here on the guest's QEMU is this process again. */
static inline void end_qemu(void)
{
	kill(qemu_pid, SIGKILL);
	waitpid(qemu_pid, NULL, 0);
	close(keep_open);
	qemu_pid = getpid();
}

/* --- another host --- */

/* From here on this is another host than the one that has made states so far. */
static inline void become_other_host(void)
{
	assert_int_equal(driver->deinit(), 0);
	unlink("run/secret");
	unlink("run/key");
	assert_int_equal(init(), 0);
}

/* A state as it comes from another host. */
static inline char *incoming_state(void)
{
	char *text = NULL;

	set_status(MANAGED, "migration out");
	assert_int_equal(call_inquire(&text), 0);
	assert_non_null(text);
	become_other_host();
	set_status(MANAGED, "migration in");
	asked();
	return text;
}

#endif
