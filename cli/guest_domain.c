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
