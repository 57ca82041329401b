/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading the manifest's <volume>: one table says what each driver's has. */
#include "xml/manifest-value.h"

#include <errno.h>
#include <string.h>

#include "base/address.h"
#include "base/strbuf.h"
#include "xml/view.h"

/* RFC 7143, 4.2.7: a name's length in bytes, with "iqn." */
#define TARGET_NAME_MAX_BYTES 223
/* Those of RFC 7143, and two kinds that it forbids and that targets have all the same: upper-case
 * letters and '_'. */
#define TARGET_NAME_CHARACTERS LOWER_CASE UPPER_CASE DIGITS ".:_-"

/* As many digits as always fit in 64 bits, and more than Linux' scsilun_to_int() gives. */
#define LUN_MAX 9999999999999999999u

/* 65535 and 255 are AoE's broadcast addresses; the kernel has no such device
 * (drivers/block/aoe/aoecmd.c, aoecmd_cfg_rsp()). */
#define SHELF_MAX 65534
#define SLOT_MAX 254

#define IDENTITY_MAX_BYTES 256
#define IDENTITY_WANTED "1 to 256 printable characters without a blank at an end"

static bool is_driver(const char *value)
{
	return str_equal(value, "iscsi") || str_equal(value, "aoe");
}

/* Portals with one blank between two. */
static bool is_portals(const char *value)
{
	cleanup_free char *copy = xstrdup(value);
	struct prefix address;
	char *rest = copy;
	uint16_t port;
	unsigned count = 0;

	while (rest) {
		if (++count > MANIFEST_MAX_PORTALS ||
		    !portal_parse(strsep(&rest, " "), &address, &port))
			return false;
	}
	return true;
}

static bool is_target_name(const char *value)
{
	static const char *const types[] = {"iqn.", "eui.", "naa."};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		size_t type = strlen(types[i]);
		if (str_starts(value, types[i]))
			return manifest_consists_of(value + type, TARGET_NAME_CHARACTERS, 1,
						    TARGET_NAME_MAX_BYTES - type);
	}
	return false;
}

static bool is_number_up_to(const char *value, unsigned long long most)
{
	unsigned long long number;

	return str_to_u64(value, &number) && number <= most && (*value != '0' || !value[1]);
}

static bool is_lun(const char *value)
{
	return is_number_up_to(value, LUN_MAX);
}

static bool is_shelf(const char *value)
{
	return is_number_up_to(value, SHELF_MAX);
}

static bool is_slot(const char *value)
{
	return is_number_up_to(value, SLOT_MAX);
}

/* Printable ASCII; such names have blanks within, "t10.ATA     QEMU HARDDISK". */
static bool is_identity(const char *value)
{
	size_t length = strlen(value);

	if (length < 1 || length > IDENTITY_MAX_BYTES)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (value[i] < ' ' || value[i] > '~')
			return false;
	}
	return value[0] != ' ' && value[length - 1] != ' ';
}

static const struct manifest_rule driver_rule = {
	"driver", false, is_driver, "iscsi or aoe, the drivers that this version of berth has"};
static const struct manifest_rule portals_rule = {
	"portals", false, is_portals, "one to eight of 10.0.0.1:3260 or [fd00::1]:3260"};
static const struct manifest_rule iqn_rule = {"iqn", false, is_target_name,
					      "a target's name like iqn.2026-11.lab:one"};
static const struct manifest_rule lun_rule = {"lun", false, is_lun, "a LUN"};
static const struct manifest_rule shelf_rule = {"shelf", false, is_shelf, "a shelf, 0 to 65534"};
static const struct manifest_rule slot_rule = {"slot", false, is_slot, "a slot, 0 to 254"};
static const struct manifest_rule multipath_rule = {"multipath", true, manifest_is_flag,
						    "yes or no"};
static const struct manifest_rule wwn_rule = {"wwn", true, is_identity, IDENTITY_WANTED};
static const struct manifest_rule serial_rule = {"serial", true, is_identity, IDENTITY_WANTED};
static const struct manifest_rule size_rule = {"size-bytes", true, manifest_is_size,
					       "a number of bytes"};

static int read_iscsi(const xmlNode *element, struct manifest_volume *volume, struct err *err)
{
	int rc = manifest_value(element, &portals_rule, &volume->portals, err);

	if (rc == 0)
		rc = manifest_value(element, &iqn_rule, &volume->iqn, err);
	if (rc == 0)
		rc = manifest_size(element, &lun_rule, &volume->lun, err);
	return rc;
}

static int read_aoe(const xmlNode *element, struct manifest_volume *volume, struct err *err)
{
	uint64_t shelf = 0;
	uint64_t slot = 0;
	int rc = manifest_size(element, &shelf_rule, &shelf, err);

	if (rc == 0)
		rc = manifest_size(element, &slot_rule, &slot, err);
	volume->shelf = (unsigned)shelf;
	volume->slot = (unsigned)slot;
	return rc;
}

static int read_identity(const xmlNode *element, struct manifest_volume *volume, struct err *err)
{
	int rc = manifest_flag(element, &multipath_rule, &volume->multipath, err);

	if (rc == 0)
		rc = manifest_value(element, &wwn_rule, &volume->wwn, err);
	if (rc == 0)
		rc = manifest_value(element, &serial_rule, &volume->serial, err);
	if (rc == 0)
		rc = manifest_size(element, &size_rule, &volume->size_bytes, err);
	return rc;
}

static int read_values(const xmlNode *element, struct manifest_volume *volume, struct err *err)
{
	int rc = manifest_value(element, &manifest_path_rule, &volume->path, err);

	if (rc == 0)
		rc = manifest_value(element, &driver_rule, &volume->driver, err);
	if (rc == 0)
		rc = str_equal(volume->driver, "iscsi") ? read_iscsi(element, volume, err)
							: read_aoe(element, volume, err);
	if (rc == 0)
		rc = read_identity(element, volume, err);
	return rc < 0 ? err_wrap(err, "volume '%s'", volume->target) : 0;
}

int manifest_read_volume(const xmlNode *element, struct manifest *manifest, struct err *err)
{
	cleanup_free char *target = NULL;
	int rc = manifest_value(element, &manifest_target_rule, &target, err);

	if (rc == 0)
		rc = manifest_second(manifest, element, target, err);
	if (rc < 0)
		return rc;
	if (manifest->volume_count == MANIFEST_MAX_VOLUMES)
		return err_set(err, EINVAL, "line %ld: more than %d <volume>", tree_line(element),
			       MANIFEST_MAX_VOLUMES);
	manifest->volumes =
		view_room(manifest->volumes, manifest->volume_count, sizeof(*manifest->volumes));
	struct manifest_volume *volume = &manifest->volumes[manifest->volume_count++];
	*volume = (struct manifest_volume){.target = steal_pointer(target)};
	return read_values(element, volume, err);
}
