/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making AoE devices appear, and taking away what berth has made.
 *
 * The kernel's driver asks each minute who is there, and makes a device of all that answer; so a
 * device comes with its driver, and comes back while its target is exported to this host. What is
 * berth's is told by notes (aoe_note.h): devices that were not there before, and where berth has
 * loaded the driver, all; then the driver goes with the last of them.
 */
#include <errno.h>
#include <string.h>

#include "base/fault.h"
#include "base/file.h"
#include "base/log.h"
#include "storage/aoe.h"
#include "storage/aoe_kernel.h"
#include "storage/aoe_note.h"
#include "storage/block_device.h"
#include "storage/volume_driver.h"
#include "storage/volume_users.h"

#define POLL_MS 5
#define ASK_AGAIN_MS 500
/* A target on the same Ethernet that hasn't answered by then isn't there. */
#define ANSWER_MS 5000
/* How long udev may have anything to do; on a busy host it always has. */
#define UDEV_MS 5000
/* How long a flush may take before another is asked for. */
#define FLUSH_AGAIN_MS 500

/* "e1.2" */
static const char *short_name(const char *device)
{
	return device + strlen(AOE_DEVICE_PREFIX);
}

static bool is_up(const char *device)
{
	cleanup_free char *state = block_device_attribute(device, "state");

	return str_equal(state, "up") && block_device_size(device) > 0;
}

static int say_no_answer(const char *device, const struct volume_host *host, struct err *err)
{
	cleanup_free char *state = block_device_attribute(device, "state");

	if (state)
		return err_set(err, ENODEV,
			       "'/dev/etherd/%s' is '%s', and its target doesn't answer",
			       short_name(device), state);
	return err_set(err, volume_left_ms(host) ? ENODEV : ETIMEDOUT,
		       "no such target answers on '%s'%s; is it exported there, and to this host?",
		       host->config->aoe_interfaces.items[0],
		       host->config->aoe_interfaces.count > 1 ? " or another interface of 'aoe'"
							      : "");
}

static int wait_until_up(const char *device, const struct volume_host *host, struct err *err)
{
	int64_t until_ms = volume_deadline_in(ANSWER_MS), ask_ms = volume_deadline_in(0);

	while (!is_up(device)) {
		if (volume_deadline_in(0) >= ask_ms) {
			int rc = aoe_discover(err);
			if (rc < 0)
				return rc;
			ask_ms = volume_deadline_in(ASK_AGAIN_MS);
		}
		if (!volume_pause(host, POLL_MS) || volume_deadline_in(0) >= until_ms)
			return say_no_answer(device, host, err);
	}
	return 0;
}

/* A driver that berth didn't load may listen where berth must not. */
static int check_where_it_answers(const char *device, const struct config *config, struct err *err)
{
	cleanup_free char *interfaces = block_device_attribute(device, "netif");
	char *rest = NULL;

	for (char *name = interfaces ? strtok_r(interfaces, ",", &rest) : NULL; name;
	     name = strtok_r(NULL, ",", &rest)) {
		bool allowed = false;
		for (size_t i = 0; i < config->aoe_interfaces.count; i++)
			allowed |= str_equal(config->aoe_interfaces.items[i], name);
		if (!allowed)
			return err_set(err, EPERM,
				       "a target answers on interface '%s', which is not in 'aoe' "
				       "of [volumes]; add it there, or take it out of the "
				       "kernel's list (/dev/etherd/interfaces)",
				       name);
	}
	return 0;
}

/* The driver, listening where it must; and before anything is made, the note that berth makes it.
 */
static int prepare(const char *device, const struct volume_host *host, struct err *err)
{
	cleanup_close int fd = aoe_lock(host, err);
	int rc = 0;

	if (fd < 0)
		return fd;
	if (!aoe_is_loaded())
		rc = aoe_note(host, AOE_MODULE, err);
	if (rc == 0)
		rc = aoe_is_noted(host, AOE_MODULE, err);
	if (rc > 0 || (rc == 0 && block_device_number(device) == 0))
		rc = aoe_note(host, short_name(device), err);
	if (rc < 0)
		return rc;
	fault_point("aoe-noted");
	return aoe_allow_interfaces(host, err);
}

int aoe_attach(const struct volume *volume, const struct volume_host *host, struct err *err)
{
	cleanup_free char *device = aoe_device_name(volume);

	int rc = prepare(device, host, err);
	if (rc == 0)
		rc = wait_until_up(device, host, err);
	fault_point("aoe-up");
	return rc < 0 ? rc : check_where_it_answers(device, host->config, err);
}

/* --- taking away --- */

int aoe_is_ours(const struct volume *volume, const struct volume_host *host, struct err *err)
{
	cleanup_free char *device = aoe_device_name(volume);

	int noted = aoe_is_noted(host, short_name(device), err);
	if (noted != 0 || host->config->release != RELEASE_ALWAYS)
		return noted;
	return block_device_number(device) != 0;
}

/*
 * The kernel forgets a device whoever has it open, and what is closed afterwards may hit freed
 * memory (drivers/block/aoe/aoeblk.c, aoeblk_release()). The caller has made sure that nobody uses
 * it; udev may be looking at it still.
 */
static int wait_until_closed(const char *device, const struct volume_host *host, struct err *err)
{
	cleanup(device_set_clear) struct device_set set = {0};
	int64_t until_ms = volume_deadline_in(UDEV_MS);

	int rc = device_set_of(&(char *){(char *)device}, 1, &set, err);
	if (rc < 0)
		return rc;
	while ((file_exists("/run/udev/queue") && volume_deadline_in(0) < until_ms) ||
	       users_anybody_has_open(&set)) {
		if (!volume_pause(host, POLL_MS))
			return err_set(err, EBUSY, "somebody keeps on looking at it");
	}
	return 0;
}

/* The driver silently leaves out a device that it is just working on (aoedev.c, flush()), and makes
 * one anew when its target answers a discovery of before. */
static int make_forget(const char *device, const struct volume_host *host, struct err *err)
{
	while (block_device_number(device) != 0) {
		int rc = wait_until_closed(device, host, err);
		if (rc == 0)
			rc = aoe_flush(short_name(device), err);
		if (rc < 0)
			return block_device_number(device) != 0 ? rc : 0;
		int64_t again_ms = volume_deadline_in(FLUSH_AGAIN_MS);
		while (block_device_number(device) != 0 && volume_deadline_in(0) < again_ms) {
			if (!volume_pause(host, POLL_MS))
				return err_set(err, ETIMEDOUT, "the kernel doesn't let go of it");
		}
	}
	return 0;
}

/* Somebody else may use a device that came with the driver: then it stays, and isn't berth's any
 * more. */
static int give_up_driver(const struct volume_host *host, struct err *err)
{
	int rc = aoe_is_noted(host, AOE_MODULE, err);

	if (rc <= 0)
		return rc;
	if (aoe_unload(host, err) < 0)
		log_note("the kernel's module 'aoe' stays: %s", err->text);
	fault_point("aoe-unloaded");
	return aoe_forget(host, AOE_MODULE, err);
}

int aoe_detach(const struct volume *volume, const struct volume_host *host, struct err *err)
{
	cleanup_free char *device = aoe_device_name(volume);
	cleanup_close int fd = aoe_lock(host, err);

	if (fd < 0)
		return fd;
	int rc = make_forget(device, host, err);
	fault_point("aoe-gone");
	if (rc == 0 && aoe_is_only(host, short_name(device)))
		rc = give_up_driver(host, err);
	return rc < 0 ? rc : aoe_forget(host, short_name(device), err);
}
