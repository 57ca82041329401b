/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of all spots in a domain XML that hold a path of the host, but for a disk's images. */
#ifndef BERTH_XML_HOST_PATHS_H
#define BERTH_XML_HOST_PATHS_H

#include "xml/domain.h"

/**
 * struct host_path - one kind of spot
 * @element: below <domain>, names with '/' between: "devices/filesystem/source". A name "*" is any;
 * "backingStore*" is any number of them, one in the other, also none; those below "qemu:" are in
 * QEMU's namespace
 * @attribute: or NULL: the element's text
 * @when: "type=file,pipe": that attribute of the element above has one of these values; or NULL
 * @need: what must be on this host before the guest comes
 * @label: for messages; of a device behind its own name, "serial 0"
 */
struct host_path {
	const char *element;
	const char *attribute;
	const char *when;
	enum path_need need;
	const char *label;
};

extern const struct host_path host_paths[];
extern const size_t host_path_count;

#endif
