/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iSCSI volumes: the driver. */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "storage/iscsi_admin.h"
#include "storage/iscsi_name.h"
#include "storage/iscsi_note.h"
#include "storage/iscsi_path.h"
#include "storage/iscsi_session.h"

static int of_device(const char *device, struct volume *ret, struct err *err)
{
	(void)err;
	return iscsi_session_of_disk(SYSFS, device, ret);
}

/* --- checking --- */

static int check_portal(const char *portal, const struct config *config, struct err *err)
{
	cleanup_free char *spelled = iscsi_portal_parse(portal);

	if (!str_equal(spelled, portal))
		return err_set(err, EINVAL, "'%s' is no portal, 'ADDRESS:PORT'", portal);
	if (config_portal_allowed(config, portal))
		return 0;
	return err_set(
		err, EPERM,
		"portal '%s' is not allowed here; add its address to 'iscsi' in [volumes] of "
		"berth.conf",
		portal);
}

static int check(const struct volume *volume, const struct volume_host *host, struct err *err)
{
	if (!volume->iqn || !iscsi_name_valid(volume->iqn) || volume->portal_count == 0)
		return err_set(err, EINVAL, "'%s' is no target's name with a portal",
			       volume->iqn ? volume->iqn : "");
	for (size_t i = 0; i < volume->portal_count; i++) {
		int rc = check_portal(volume->portals[i], host->config, err);
		if (rc < 0)
			return rc;
	}
	if (!config_target_allowed(host->config, volume->iqn))
		return err_set(err, EPERM,
			       "target '%s' is not allowed here; add it to 'iscsi' in [volumes] of "
			       "berth.conf",
			       volume->iqn);
	return iscsi_admin_check(err);
}

/* --- finding --- */

static size_t find_at(const struct volume *volume, const char *portal, char **ret, size_t max)
{
	unsigned sids[ISCSI_SESSIONS_MAX];
	struct scsi_address address;
	size_t found = 0;

	size_t count = iscsi_sessions_find(SYSFS, volume->iqn, portal, sids, ISCSI_SESSIONS_MAX);
	for (size_t i = 0; i < count && found < max; i++) {
		if (!iscsi_session_address(SYSFS, sids[i], volume->lun, &address))
			continue;
		ret[found] = scsi_device_disk(SYSFS, &address);
		if (ret[found])
			found++;
	}
	return found;
}

static int find(const struct volume *volume, char *ret[static VOLUME_MAX_PORTALS], struct err *err)
{
	size_t found = 0;

	(void)err;
	for (size_t i = 0; i < volume->portal_count; i++)
		found += find_at(volume, volume->portals[i], ret + found,
				 VOLUME_MAX_PORTALS - found);
	return (int)found;
}

/* --- attaching --- */

/* Each path gets its share of the time, so that a dead one doesn't take it from the others. */
static struct volume_host share_of(const struct volume_host *host, size_t paths)
{
	struct volume_host share = *host;

	share.deadline_ms = volume_deadline_in(volume_left_ms(host) / (int)paths);
	return share;
}

static int attach(const struct volume *volume, const struct volume_host *host, struct err *err)
{
	size_t attached = 0;
	struct err first;

	for (size_t i = 0; i < volume->portal_count; i++) {
		struct volume_host share = share_of(host, volume->portal_count - i);
		if (iscsi_path_attach(volume, volume->portals[i], &share, err) == 0)
			attached++;
		else if (i == attached)
			first = *err;
		else
			log_problem("%s", err->text);
	}
	if (attached == 0)
		*err = first;
	else if (attached < volume->portal_count)
		log_problem("%s", first.text);
	return attached > 0 ? 0 : -err->code;
}

static int is_ours(const struct volume *volume, const struct volume_host *host, struct err *err)
{
	for (size_t i = 0; i < volume->portal_count; i++) {
		int rc = iscsi_path_is_ours(volume, volume->portals[i], host, err);
		if (rc != 0)
			return rc;
	}
	return 0;
}

static int detach(const struct volume *volume, const struct volume_host *host, struct err *err)
{
	struct err first;
	int failed = 0;

	for (size_t i = 0; i < volume->portal_count; i++) {
		struct volume_host share = share_of(host, volume->portal_count - i);
		int rc = iscsi_path_detach(volume, volume->portals[i], &share, err);
		if (rc < 0 && failed == 0) {
			failed = rc;
			first = *err;
		}
	}
	if (failed < 0)
		*err = first;
	return failed;
}

const struct volume_driver iscsi_driver = {
	.name = "iscsi",
	.of_name = iscsi_of_name,
	.of_device = of_device,
	.check = check,
	.find = find,
	.attach = attach,
	.is_ours = is_ours,
	.detach = detach,
	.stable_name = iscsi_stable_name,
};
