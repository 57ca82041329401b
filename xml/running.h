/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A running domain as libvirt's status file has it, read as text: loading libxml2 takes longer than
 * a guest that waits should. */
#ifndef BERTH_XML_RUNNING_H
#define BERTH_XML_RUNNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/err.h"

#define RUNNING_MAX_DISKS 1024
#define RUNNING_MAX_PORTS 1024

/**
 * struct running_disk - one disk
 * @target: "vda"
 * @type: "file", "block", "network", ...
 * @path: of types "file" and "block"; NULL: no medium
 * @format: of the driver, or NULL: libvirt takes it for "raw"
 * @slice_offset, @slice_bytes: the part of the source that the guest has; no bytes: all of it
 */
struct running_disk {
	char *target;
	char *type;
	char *path;
	char *format;
	bool readonly;
	bool shareable;
	uint64_t slice_offset;
	uint64_t slice_bytes;
};

/**
 * struct running_port - one interface
 * @target: "vnet0", or NULL
 */
struct running_port {
	char *mac;
	char *target;
};

/**
 * struct running_policy_port - a port of the policy in the metadata; the rest of it isn't read
 * @vlan: or 0: none
 */
struct running_policy_port {
	char *mac;
	uint16_t vlan;
};

/**
 * struct running_domain - what the gate wants to know of it
 * @xml_begin, @xml_end: offsets in the text: its <domain> element
 * @pid: of its QEMU
 * @incoming: a migration to this host is going on
 * @has_manifest, @has_policy: berth's elements are in the metadata
 * @token: the manifest's, or NULL
 *
 * All of it is owned by the domain.
 */
struct running_domain {
	char *name;
	char *uuid;
	size_t xml_begin;
	size_t xml_end;
	pid_t pid;
	bool incoming;
	bool has_manifest;
	bool has_policy;
	char *token;
	struct running_disk *disks;
	size_t disk_count;
	struct running_port *ports;
	size_t port_count;
	struct running_policy_port *policy_ports;
	size_t policy_port_count;
};

#define cleanup_running_domain cleanup(running_domain_clear)

/**
 * running_domain_parse() - read a status file
 * @ret: on success the caller clears it
 *
 * libvirt has written it: well-formed, no document type, elements in no namespace of its own. Where
 * it isn't so, or where a value has a character that no name or path should have, all of it counts
 * as not understood. What stands there besides is passed over.
 *
 * Return: 0; or -EBADMSG.
 */
int running_domain_parse(const char *text, size_t length, struct running_domain *ret,
			 struct err *err);

void running_domain_clear(struct running_domain *domain);

#endif
