/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's aoe driver: loading it, its interfaces, making it look for targets, and forget one.
 */
#include "storage/aoe_kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>

#include "base/command.h"
#include "base/file.h"
#include "storage/volume_driver.h"

#define MODULE "/sys/module/aoe"
#define INTERFACE_LIST MODULE "/parameters/aoe_iflist"
/* drivers/block/aoe/aoenet.c: IFLISTSZ */
#define INTERFACE_LIST_MAX_BYTES 1024
#define OUTPUT_MAX 4096

/* --- interfaces --- */

static int read_attribute(const char *path, struct strbuf *text)
{
	struct err err;

	return file_read(path, INTERFACE_LIST_MAX_BYTES + 1, text, &err);
}

bool aoe_interface_is_up(const char *name)
{
	cleanup_free char *path = xasprintf("/sys/class/net/%s/flags", name);
	cleanup_strbuf struct strbuf text = {0};

	return read_attribute(path, &text) == 0 && text.length &&
	       strtoul(text.text, NULL, 16) & IFF_UP;
}

/* Whether @name is a word of @list; the kernel lets commas and blanks stand between them. */
static bool lists(const char *list, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = list; *at; at += strcspn(at, " ,\t\v\f\n")) {
		at += strspn(at, " ,\t\v\f\n");
		if (strncmp(at, name, length) == 0 && strcspn(at, " ,\t\v\f\n") == length)
			return true;
	}
	return false;
}

static char *join(const struct names *names)
{
	cleanup_strbuf struct strbuf joined = {0};

	for (size_t i = 0; i < names->count; i++)
		strbuf_printf(&joined, "%s%s", i ? "," : "", names->items[i]);
	return strbuf_steal(&joined);
}

static int write_control(const char *path, const char *text, size_t length, struct err *err)
{
	cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, length) < 0)
		return err_set(err, errno, "'%s': %s", path, strerror(errno));
	return 0;
}

/* --- the module --- */

static int modprobe(const char *const *argv, const struct volume_host *host, struct err *err)
{
	struct command command = {
		.argv = argv,
		.timeout_ms = volume_left_ms(host),
		.output_max = OUTPUT_MAX,
	};

	return command_run(&command, NULL, err);
}

bool aoe_is_loaded(void)
{
	return file_exists(MODULE);
}

int aoe_module_is_available(const struct volume_host *host, struct err *err)
{
	if (file_exists(MODULE))
		return 0;
	int rc = modprobe((const char *const[]){"modprobe", "--dry-run", "aoe", NULL}, host, err);
	if (rc < 0 && rc != -ETIMEDOUT)
		return err_set(err, ENOENT,
			       "this host's kernel has no module 'aoe'; install it, or let the "
			       "volume come by iSCSI");
	return rc;
}

static int load(const struct volume_host *host, struct err *err)
{
	cleanup_free char *names = join(&host->config->aoe_interfaces);
	cleanup_free char *list = xasprintf("aoe_iflist=%s", names);

	return modprobe((const char *const[]){"modprobe", "aoe", list, NULL}, host, err);
}

int aoe_allow_interfaces(const struct volume_host *host, struct err *err)
{
	const struct names *wanted = &host->config->aoe_interfaces;
	cleanup_strbuf struct strbuf list = {0};

	if (!file_exists(MODULE)) {
		int rc = load(host, err);
		if (rc < 0)
			return rc;
	}
	int rc = file_read(INTERFACE_LIST, INTERFACE_LIST_MAX_BYTES + 1, &list, err);
	if (rc < 0)
		return rc;
	while (list.length > 0 && list.text[list.length - 1] == '\n')
		list.text[--list.length] = '\0';
	if (list.length == 0) /* it listens everywhere */
		return 0;
	size_t before = list.length;
	for (size_t i = 0; i < wanted->count; i++) {
		if (!lists(list.text, wanted->items[i]))
			strbuf_printf(&list, " %s", wanted->items[i]);
	}
	return list.length == before
		       ? 0
		       : write_control("/dev/etherd/interfaces", list.text, list.length, err);
}

int aoe_unload(const struct volume_host *host, struct err *err)
{
	if (!file_exists(MODULE))
		return 0;
	return modprobe((const char *const[]){"modprobe", "--remove", "aoe", NULL}, host, err);
}

/* --- targets --- */

int aoe_discover(struct err *err)
{
	return write_control("/dev/etherd/discover", "1", 1, err);
}

int aoe_flush(const char *name, struct err *err)
{
	/* With its NUL: the kernel compares as many bytes as there are (aoedev.c, user_req()), so
	 * "e1.2" alone stands for e1.20 as well. */
	return write_control("/dev/etherd/flush", name, strlen(name) + 1, err);
}
