/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A running guest's XML, asked for and parsed. */
#include "cli/guest_domain.h"

#include <string.h>

int guest_domain(struct libvirt *libvirt, const char *uuid, struct domain **ret, struct err *err)
{
	cleanup_free char *xml = NULL;
	int rc = guest_xml(libvirt, uuid, false, &xml, err);

	return rc < 0 ? rc : domain_parse_without_manifest(xml, strlen(xml), ret, err);
}

int guest_must_exist(const char *guest, struct err *err)
{
	cleanup_libvirt struct libvirt *libvirt = NULL;
	struct guest_name name = {0};

	int rc = libvirt_open(&libvirt, err);
	if (rc < 0)
		return err_wrap(err, "'%s': berth knows nothing of it", guest);
	rc = guest_find(libvirt, guest, &name, err);
	guest_name_clear(&name);
	return rc;
}
