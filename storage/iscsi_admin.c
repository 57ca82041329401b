/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running iscsiadm, and making its answers clear. */
#include "storage/iscsi_admin.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/command.h"
#include "base/file.h"
#include "storage/iscsi_name.h"
#include "storage/iscsi_record.h"
#include "storage/iscsi_session.h"

#define POLL_MS 5
#define OUTPUT_MAX 65536
#define RECORD_ATTEMPTS 20
#define RECORD_PAUSE_MS 20
#define MODULE_LIST_MAX (16 << 20)
/* A connection that takes longer than that, with the third repetition of its first packet, is as
 * good as none. */
#define CONNECT_MS 8000

/* --- what must be there --- */

static bool has_program(const char *name)
{
	static const char *const folders[] = {"/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin"};

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		cleanup_free char *path = xasprintf("%s/%s", folders[i], name);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

/* The initiator is in the kernel, or among the modules of the kernel that runs. */
static bool has_initiator(void)
{
	cleanup_strbuf struct strbuf list = {0};
	struct utsname system;
	struct err unused;

	if (file_exists(SYSFS "/module/iscsi_tcp") || uname(&system) < 0)
		return true;
	cleanup_free char *path = xasprintf("/lib/modules/%s/modules.dep", system.release);
	return file_read(path, MODULE_LIST_MAX, &list, &unused) == 0 && list.text &&
	       strstr(list.text, "/iscsi_tcp.ko");
}

int iscsi_admin_check(struct err *err)
{
	if (!has_program("iscsiadm"))
		return err_set(err, ENOENT,
			       "there is no iscsiadm; install open-iscsi (Debian) or "
			       "iscsi-initiator-utils (Fedora)");
	if (!has_initiator())
		return err_set(err, ENOENT,
			       "the kernel has no iSCSI initiator; install the package that has "
			       "its module iscsi_tcp");
	return 0;
}

/* Its socket is @ISCSIADM_ABSTRACT_NAMESPACE (open-iscsi's usr/mgmt_ipc.h); a connection that asks
 * for nothing would be an error to iscsid. */
static bool iscsid_listens(void)
{
	cleanup_strbuf struct strbuf sockets = {0};
	struct err unused;

	return file_read("/proc/net/unix", MODULE_LIST_MAX, &sockets, &unused) == 0 &&
	       sockets.text && strstr(sockets.text, " @ISCSIADM_ABSTRACT_NAMESPACE\n");
}

int iscsi_admin_ready(const struct volume_host *host, struct err *err)
{
	const char *const start[] = {"systemctl", "start", "iscsid.socket", NULL};
	const struct command command = {
		.argv = start, .timeout_ms = volume_left_ms(host), .output_max = OUTPUT_MAX};

	if (iscsid_listens())
		return 0;
	if (!file_exists("/run/systemd/system"))
		return err_set(err, ESRCH, "iscsid doesn't run; start it");
	if (command_run(&command, NULL, err) < 0)
		return err_wrap(err, "iscsid doesn't run, and cannot be started");
	while (!iscsid_listens()) {
		if (!volume_pause(host, POLL_MS))
			return err_set(err, ESRCH,
				       "iscsid doesn't run, and 'systemctl start iscsid.socket' "
				       "doesn't help; start it");
	}
	return 0;
}

/* --- the portal --- */

static int wait_connected(int fd, const struct volume_host *host)
{
	struct pollfd connected = {fd, POLLOUT, 0};
	int left = volume_left_ms(host), code = 0;
	socklen_t size = sizeof(code);

	int ready = poll(&connected, 1, left < CONNECT_MS ? left : CONNECT_MS);
	if (ready == 0)
		return -ETIMEDOUT;
	if (ready < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) < 0)
		return -errno;
	return -code;
}

static int try_connect(const char *portal, const struct volume_host *host)
{
	const struct addrinfo numeric = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
					 .ai_socktype = SOCK_STREAM};
	char buffer[ISCSI_PORTAL_SIZE];
	const char *address, *port;
	struct addrinfo *to;

	iscsi_portal_split(portal, buffer, &address, &port);
	if (getaddrinfo(address, port, &numeric, &to) != 0)
		return -EINVAL;
	cleanup_close int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc = fd < 0 || connect(fd, to->ai_addr, to->ai_addrlen) < 0 ? -errno : 0;
	freeaddrinfo(to);
	return rc == -EINPROGRESS ? wait_connected(fd, host) : rc;
}

int iscsi_admin_probe(const char *portal, const struct volume_host *host, struct err *err)
{
	int rc = try_connect(portal, host);

	switch (-rc) {
	case 0:
		return 0;
	case ECONNREFUSED:
		return err_set(err, ECONNREFUSED,
			       "portal '%s' refuses connections; is the target's server running "
			       "there?",
			       portal);
	case ETIMEDOUT:
		return err_set(err, ETIMEDOUT,
			       "portal '%s': timed out; nobody answers there: check address, "
			       "route and firewall",
			       portal);
	default:
		return err_set(err, -rc, "portal '%s': %s; check address and route", portal,
			       strerror(-rc));
	}
}

/* --- iscsiadm --- */

/* iscsiadm(8), EXIT STATUS */
enum {
	TRANS = 4,
	LOGIN = 5,
	IDBM = 6,
	TRANS_TIMEOUT = 8,
	PDU_TIMEOUT = 11,
	TRANS_NOT_FOUND = 12,
	SESS_EXISTS = 15,
	FATAL_LOGIN = 19,
	ISCSID_NOTCONN = 20,
	NO_OBJS_FOUND = 21,
	LOGIN_AUTH_FAILED = 24,
};

/* Return: its exit status, or a negative errno: it did not end by itself. */
static int run(const char *const *argv, int lock, const struct volume_host *host, struct err *err)
{
	int status = 0, left = volume_left_ms(host);
	const struct command command = {.argv = argv,
					.timeout_ms = left > 0 ? left : 1,
					.output_max = OUTPUT_MAX,
					.exit_status = &status,
					.lock = lock};
	int rc = command_run(&command, NULL, err);

	return rc < 0 && status == 0 ? rc : status;
}

/* What is done with a node, and how one sees that it has been done. */
struct action {
	const char *words[2];
	bool (*is_done)(const char *iqn, const char *portal);
};

static bool has_session(const char *iqn, const char *portal)
{
	unsigned sid;

	return iscsi_sessions_find(SYSFS, iqn, portal, &sid, 1) > 0;
}

static bool has_no_record(const char *iqn, const char *portal)
{
	cleanup_free char *record = iscsi_record_find(iscsi_record_folders, iqn, portal);

	return !record;
}

static const struct action make_record = {{"-o", "new"}, NULL};
static const struct action delete_record = {{"-o", "delete"}, has_no_record};
static const struct action log_in = {{"--login"}, has_session};

/*
 * iscsiadm walks through the node records of all targets. Where one cannot be read, for instance
 * because another process is removing it, it does what it should with the others, and fails all
 * the same: so it is looked at what has become of it. Another try would find what the first one
 * made, and take it for somebody else's.
 *
 * Return: as run()
 */
static int run_on_node(const struct action *action, const char *iqn, const char *portal, int lock,
		       const struct volume_host *host, struct err *err)
{
	const char *const argv[] = {
		"iscsiadm",       "-m", "node", "-T", iqn, "-p", portal, action->words[0],
		action->words[1], NULL};
	int status;

	for (int attempts = RECORD_ATTEMPTS; attempts > 0; attempts--) {
		status = run(argv, lock, host, err);
		if (status != IDBM)
			break;
		if (action->is_done && action->is_done(iqn, portal))
			return 0;
		if (!volume_pause(host, RECORD_PAUSE_MS))
			break;
	}
	return status;
}

int iscsi_admin_new_record(const char *iqn, const char *portal, int lock,
			   const struct volume_host *host, struct err *err)
{
	int status = run_on_node(&make_record, iqn, portal, lock, host, err);

	if (status == 0)
		return 0;
	err_wrap(err, "make a node record");
	return status < 0 ? status : -EIO;
}

int iscsi_admin_delete_record(const char *iqn, const char *portal, int lock,
			      const struct volume_host *host, struct err *err)
{
	int status = run_on_node(&delete_record, iqn, portal, lock, host, err);

	if (status == 0 || status == NO_OBJS_FOUND)
		return 0;
	err_wrap(err, "remove the node record");
	return status < 0 ? status : -EIO;
}

static int login_error(int status, const char *portal, struct err *err)
{
	switch (status) {
	case SESS_EXISTS:
		return -EEXIST;
	case LOGIN_AUTH_FAILED:
		return err_set(err, EACCES,
			       "portal '%s': authentication failed; check the target's user name "
			       "and password in iscsi.conf among berth's secrets, or its node "
			       "record",
			       portal);
	case FATAL_LOGIN:
		return err_set(err, ENODEV,
			       "portal '%s' has no such target, or not for this host; check the "
			       "target's name, that it is exported to this host's InitiatorName, "
			       "and password_in where it must prove itself",
			       portal);
	case LOGIN:
	case TRANS:
	case TRANS_TIMEOUT:
	case PDU_TIMEOUT:
		return err_set(err, ETIMEDOUT,
			       "portal '%s' accepts connections, but the login timed out; is the "
			       "target's server alive?",
			       portal);
	case TRANS_NOT_FOUND:
		return err_set(err, ENOENT, "the kernel module iscsi_tcp cannot be loaded");
	case ISCSID_NOTCONN:
		return err_set(err, ESRCH, "iscsid doesn't run; start it");
	case IDBM:
		return err_set(err, EIO,
			       "portal '%s': the login failed, and iscsiadm cannot read all its "
			       "node records; mend or remove what 'iscsiadm -m node' complains of",
			       portal);
	default:
		err_wrap(err, "portal '%s': login", portal);
		return status < 0 ? status : -EIO;
	}
}

int iscsi_admin_login(const char *iqn, const char *portal, int lock, const struct volume_host *host,
		      struct err *err)
{
	int status = run_on_node(&log_in, iqn, portal, lock, host, err);

	if (status == -ETIMEDOUT)
		status = TRANS_TIMEOUT;
	return status == 0 ? 0 : login_error(status, portal, err);
}

int iscsi_admin_logout(unsigned sid, int lock, const struct volume_host *host, struct err *err)
{
	cleanup_free char *number = xasprintf("%u", sid);
	const char *const argv[] = {"iscsiadm", "-m", "session", "-r", number, "--logout", NULL};
	int status = run(argv, lock, host, err);

	if (status != 0 && iscsi_session_exists(SYSFS, sid)) {
		err_wrap(err, "log out of session %u", sid);
		return status < 0 ? status : -EIO;
	}
	while (iscsi_session_exists(SYSFS, sid)) {
		if (!volume_pause(host, POLL_MS))
			return err_set(err, ETIMEDOUT, "log out of session %u: timed out", sid);
	}
	return 0;
}
