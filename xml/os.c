/* SPDX-License-Identifier: GPL-2.0-or-later */
/* <os>: what a guest is booted with that isn't on its disks. */
#include "xml/view.h"

/*
 * Two forms: <nvram>/path</nvram>, and since libvirt 8.5 <nvram type='file'><source file='/path'/>.
 * Without a path libvirt chooses one on each host.
 */
static void add_nvram(struct domain *domain, const xmlNode *nvram)
{
	cleanup_free char *type = tree_attribute(nvram, "type");

	if (!type)
		view_add_place(domain, PLACE_PATH, nvram, NULL, "nvram");
	else if (str_equal(type, "file"))
		view_add_place(domain, PLACE_PATH, tree_child(nvram, "source"), "file", "nvram");
	else if (str_equal(type, "block"))
		view_add_place(domain, PLACE_PATH, tree_child(nvram, "source"), "dev", "nvram");
}

int view_os(struct domain *domain, const xmlNode *os, unsigned number, struct err *err)
{
	const xmlNode *nvram = tree_child(os, "nvram");

	(void)number;
	(void)err;
	view_add_place(domain, PLACE_PATH, tree_child(os, "kernel"), NULL, "kernel");
	view_add_place(domain, PLACE_PATH, tree_child(os, "initrd"), NULL, "initrd");
	if (nvram)
		add_nvram(domain, nvram);
	return 0;
}
