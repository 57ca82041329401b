/* SPDX-License-Identifier: GPL-2.0-or-later */
/* <serial>, <parallel>, <console>, <channel>: files, pipes, devices, sockets of the host. */
#include "xml/view.h"

#include "base/strbuf.h"

/* A pty has a path too, but one that libvirt finds anew on each host. */
static bool has_path(const char *type)
{
	return str_equal(type, "file") || str_equal(type, "pipe") || str_equal(type, "dev") ||
	       str_equal(type, "unix");
}

int view_chardev(struct domain *domain, const xmlNode *device, unsigned number, struct err *err)
{
	cleanup_free char *type = tree_attribute(device, "type");
	cleanup_free char *label = xasprintf("%s %u", (const char *)device->name, number);
	cleanup_free char *log_label = xasprintf("%s log", label);

	(void)err;
	if (has_path(type))
		view_add_place(domain, PLACE_PATH, tree_child(device, "source"), "path", label);
	view_add_place(domain, PLACE_PATH, tree_child(device, "log"), "file", log_label);
	return 0;
}
