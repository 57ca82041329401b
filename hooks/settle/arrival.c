/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An image that was stale may be what a guest comes back to: its disk was not copied after all, or
 * libvirt has copied onto it, for a guest without a manifest. What berth made anew is settle.c's.
 */
#include "hooks/settle/arrival.h"

#include <errno.h>
#include <string.h>

#include "hooks/records/stale_start.h"

int arrival_note(const struct site *site, struct libvirt *libvirt, const char *uuid, time_t began,
		 struct err *err)
{
	cleanup_free char *xml = NULL;
	cleanup_domain struct domain *domain = NULL;
	enum guest_state state;

	int rc = guest_get_state(libvirt, uuid, &state, err);
	if (rc < 0 || state != GUEST_HERE)
		return rc;
	rc = guest_xml(libvirt, uuid, false, &xml, err);
	if (rc < 0)
		return rc == -ENOENT ? 0 : rc;
	rc = domain_parse_without_manifest(xml, strlen(xml), &domain, err);
	return rc < 0 ? rc : stale_images_came_back(site, domain, began, err);
}
