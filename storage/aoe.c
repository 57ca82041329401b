/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The driver of AoE volumes.
 *
 * AoE knows neither names nor passwords: whoever answers for a shelf and slot is that target. So it
 * is used only on interfaces that [volumes] aoe names, and what answers must say that it is the
 * guest's disk (volume_identity.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/hdreg.h>
#include <string.h>
#include <sys/ioctl.h>

#include "storage/aoe.h"
#include "storage/aoe_kernel.h"
#include "storage/block_device.h"
#include "storage/volume_driver.h"

#define NODE_FOLDER "/dev/etherd/"
/* 65535 and 255 stand for all (AoE specification, revision 11, section 2.1), and 4095 is what a
 * target has whose switches are set wrongly (drivers/block/aoe/aoecmd.c). */
#define MAX_SHELF 65534
#define WRONG_SHELF 4095
#define MAX_SLOT 254

/* --- names --- */

/* "e1.2", and nothing behind it. */
static bool parse_name(const char *name, struct volume *ret)
{
	cleanup_free char *again = NULL;
	struct volume volume = {.kind = VOLUME_AOE};

	if (sscanf(name, "e%u.%u", &volume.shelf, &volume.slot) != 2 || volume.shelf > MAX_SHELF ||
	    volume.slot > MAX_SLOT)
		return false;
	again = xasprintf("e%u.%u", volume.shelf, volume.slot);
	if (strcmp(again, name) != 0)
		return false;
	*ret = volume;
	return true;
}

static int aoe_of_name(const char *path, struct volume *ret)
{
	return str_starts(path, NODE_FOLDER) && parse_name(path + strlen(NODE_FOLDER), ret);
}

char *aoe_device_name(const struct volume *volume)
{
	return xasprintf(AOE_DEVICE_PREFIX "e%u.%u", volume->shelf, volume->slot);
}

static char *aoe_stable_name(const struct volume *volume)
{
	return xasprintf(NODE_FOLDER "e%u.%u", volume->shelf, volume->slot);
}

/* --- identity --- */

/* Without blanks at its ends, and printable, as the manifest has it. */
static char *trimmed(const unsigned char *text, size_t length)
{
	while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\0'))
		length--;
	while (length > 0 && *text == ' ')
		text++, length--;
	char *kept = length ? xstrndup((const char *)text, length) : NULL;
	for (char *c = kept; c && *c; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
	return kept;
}

/* ATA/ATAPI-8: words 108 to 111, where bit 8 of word 87 says so. */
static char *wwn_of(const uint16_t words[static 256])
{
	if ((words[87] & 0xc100) != 0x4100)
		return NULL;
	return xasprintf("naa.%04x%04x%04x%04x", words[108], words[109], words[110], words[111]);
}

static void identify(const char *device, struct volume *volume)
{
	cleanup_free char *path = block_device_path(device);
	cleanup_close int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	union {
		struct hd_driveid id;
		uint16_t words[256];
	} data;

	volume->size_bytes = block_device_size(device);
	/* A device whose target is away can't be opened. */
	if (fd < 0 || ioctl(fd, HDIO_GET_IDENTITY, &data) < 0)
		return;
	volume->serial = trimmed(data.id.serial_no, sizeof(data.id.serial_no));
	volume->wwn = wwn_of(data.words);
}

static int aoe_of_device(const char *device, struct volume *ret, struct err *err)
{
	(void)err;
	if (!str_starts(device, AOE_DEVICE_PREFIX) ||
	    !parse_name(device + strlen(AOE_DEVICE_PREFIX), ret))
		return 0;
	identify(device, ret);
	return 1;
}

static int aoe_find(const struct volume *volume, char *ret[static VOLUME_MAX_PORTALS],
		    struct err *err)
{
	cleanup_free char *device = aoe_device_name(volume);

	(void)err;
	if (block_device_number(device) == 0)
		return 0;
	ret[0] = steal_pointer(device);
	return 1;
}

/* --- whether it can be --- */

static int aoe_check(const struct volume *volume, const struct volume_host *host, struct err *err)
{
	const struct names *interfaces = &host->config->aoe_interfaces;
	bool up = false;

	if (volume->shelf > MAX_SHELF || volume->shelf == WRONG_SHELF || volume->slot > MAX_SLOT)
		return err_set(err, EINVAL, "there is no such shelf and slot");
	if (interfaces->count == 0)
		return err_set(err, EPERM,
			       "AoE is not allowed on this host; name the interfaces for it in "
			       "'aoe' of [volumes] in berth.conf");
	for (size_t i = 0; i < interfaces->count; i++)
		up |= aoe_interface_is_up(interfaces->items[i]);
	if (!up)
		return err_set(err, ENETDOWN,
			       "interface '%s'%s of 'aoe' in [volumes] is missing or down; set it "
			       "up",
			       interfaces->items[0],
			       interfaces->count > 1 ? ", like all others" : "");
	return aoe_module_is_available(host, err);
}

const struct volume_driver aoe_driver = {
	.name = "aoe",
	.of_name = aoe_of_name,
	.of_device = aoe_of_device,
	.check = aoe_check,
	.find = aoe_find,
	.attach = aoe_attach,
	.is_ours = aoe_is_ours,
	.detach = aoe_detach,
	.stable_name = aoe_stable_name,
};
