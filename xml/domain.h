/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The domain XML as berth sees it: the guest, and every spot that names something of the host. */
#ifndef BERTH_XML_DOMAIN_H
#define BERTH_XML_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "xml/manifest.h"
#include "xml/policy.h"

/* What is accepted at all. libvirt's XML of a large guest has 100 KiB and 15 levels. */
#define DOMAIN_XML_MAX_BYTES ((size_t)8 << 20)
/* libvirt allows 200 backing images, each one level deeper; libxml2 ends at 256. */
#define DOMAIN_XML_MAX_DEPTH 240
/* Tags, end tags, comments and attributes together; each costs libxml2 about 200 bytes. */
#define DOMAIN_XML_MAX_ITEMS 131072
/* libxml2 compares each attribute of a tag with each other one. */
#define DOMAIN_XML_MAX_ATTRIBUTES 256
/* libxml2 searches all that are in scope for each prefix. */
#define DOMAIN_XML_MAX_NAMESPACES 1024
/* Disks, ports and places, each. */
#define DOMAIN_MAX_OBJECTS 4096

enum place_kind {
	PLACE_PATH,
	PLACE_BRIDGE,
	PLACE_NETWORK,
	PLACE_LISTEN,
	PLACE_ARGUMENT,
};

/* What must be on the host under a path before a guest uses it. */
enum path_need {
	NEED_FOLDER,   /* libvirt, QEMU or another program makes it, in a folder that is there */
	NEED_FILE,     /* the thing itself: it is only read, or a device */
	NEED_TEMPLATE, /* likewise, but only while the NVRAM file isn't there */
	NEED_NOTHING,
};

/**
 * struct place - one spot in the XML that names something of the host
 * @kind: what it names: a file or device node, a bridge, a libvirt network, an address to listen
 * on; an argument of QEMU's may hold several paths
 * @need: of a path that isn't a disk's
 * @element: ordinal of the element's start tag in document order, the root being 0
 * @attribute: the attribute's name as written, or NULL: the element's text; a constant
 * @value: decoded, never empty; a path as path_plain() has it; owned by the domain
 * @label: for messages: "disk 'vda'", "disk 'vda' backing 1", "interface '52:54:..'", "kernel",
 *         "nvram template", "serial 0", "serial 0 log", "graphics 0"; owned by the domain
 */
struct place {
	enum place_kind kind;
	enum path_need need;
	unsigned element;
	const char *attribute;
	char *value;
	char *label;
};

enum disk_type {
	DISK_FILE,
	DISK_BLOCK,
	DISK_NETWORK,
	DISK_VOLUME,
	DISK_OTHER,
};

/**
 * struct domain_backing - one image of a disk's chain
 * @format: or NULL
 * @place: index in the domain's places, or -1: not a path (a network image)
 */
struct domain_backing {
	char *format;
	int place;
};

/**
 * struct domain_disk - one <disk>
 * @target: what libvirt knows it by: "vda"
 * @device: disk, cdrom, floppy or lun
 * @type: where its source is
 * @format: <driver type=>, or NULL
 * @readonly: <readonly/>, and every cdrom: libvirt's rule (conf/domain_postparse.c)
 * @shareable: <shareable/>
 * @transient: <transient/>
 * @encrypted: libvirt opens it with a secret: <encryption>
 * @sliced: a part of its source: <slices>
 * @optional: where its source isn't there, libvirt leaves the drive empty at a migration:
 * startupPolicy= is optional or requisite
 * @place: index in the domain's places of its source's path, or -1: an empty drive, or not a path
 * @backing: the <backingStore> chain as far as the XML has it, outermost first
 *
 * Only a running guest's XML has the chain: that of `migrate begin` doesn't (measured, 9.0.0).
 */
struct domain_disk {
	char *target;
	char *device;
	enum disk_type type;
	char *format;
	bool readonly;
	bool shareable;
	bool transient;
	bool encrypted;
	bool sliced;
	bool optional;
	int place;
	struct domain_backing *backing;
	size_t backing_count;
};

/* disk_is_copied() - whether a migration with storage copy writes this disk at the destination
 * (libvirt's qemuMigrationAnyCopyDisk(): neither shareable, nor read-only, nor empty). */
bool disk_is_copied(const struct domain_disk *disk);

/**
 * struct domain_port - one <interface>
 * @mac: lower-case, or NULL
 * @type: "bridge", "network", "direct", ...
 * @target: the host's name of it, "vnet0", or NULL: not known before `start begin`
 * @place: index in the domain's places of its bridge or network, or -1
 * @has_virtualport: something else than a plain bridge switches it, Open vSwitch for instance
 * @virtualport: its type: "openvswitch", "midonet", ...; or NULL: none, or libvirt is to find out
 * @vlan: what <vlan> says, or NULL: there is none; one tag is just its number, "100"
 */
struct domain_port {
	char *mac;
	char *type;
	char *target;
	int place;
	bool has_virtualport;
	char *virtualport;
	char *vlan;
};

/**
 * struct domain - the typed view of one domain XML
 * @name: not empty, no '/', no control character, neither "." nor "..", 255 bytes at most
 * @uuid: the 36 characters of the usual form, lower-case: safe as a file's name
 * @type: "kvm", "qemu", ..., or NULL
 * @running: the XML has an id=: it is that of a running guest
 * @manifest: berth's own record in <metadata>, or NULL: there is none
 * @manifest_element: ordinal of that record's element, or -1
 * @policy: what the operator wants of its ports, or NULL: there is none, or it is wrong
 * @policy_error: why the policy is wrong: "policy: line 12: ..."; its code is 0 where it isn't
 */
struct domain {
	char *name;
	char *uuid;
	char *type;
	bool running;
	struct place *places;
	size_t place_count;
	struct domain_disk *disks;
	size_t disk_count;
	struct domain_port *ports;
	size_t port_count;
	struct manifest *manifest;
	int manifest_element;
	struct policy *policy;
	struct err policy_error;
};

/**
 * domain_parse() - read a domain XML that nobody has vouched for
 * @text: UTF-8; need not end in a NUL
 * @length: bytes
 * @ret: the domain; the caller frees it with domain_free()
 *
 * Only the elements that libvirt itself would read count: those in no namespace and in their place
 * (/domain/devices/disk). No document type is accepted, so there are no entities; nothing is
 * fetched; nothing is printed. A wrong policy is no error here: see @policy_error.
 *
 * Return: 0; -EFBIG: larger than one of the limits above; -ELOOP: nested deeper than
 * DOMAIN_XML_MAX_DEPTH; -EPERM: it has a document type; -EBADMSG: not well-formed, not UTF-8, or
 * not a domain; -EINVAL: a value in it is wrong, or its manifest is. @err then holds one line,
 * "domain XML: line 3: ...".
 */
int domain_parse(const char *text, size_t length, struct domain **ret, struct err *err);

/**
 * domain_parse_without_manifest() - as domain_parse(), for who is about to replace the manifest
 *
 * A wrong one does no harm: it isn't read. @manifest is NULL; @manifest_element is set.
 */
int domain_parse_without_manifest(const char *text, size_t length, struct domain **ret,
				  struct err *err);

/* domain_free() - frees the domain and all it owns; NULL is fine. */
void domain_free(struct domain *domain);

#define cleanup_domain cleanup(domain_freep)

static inline void domain_freep(struct domain **domain)
{
	domain_free(*domain);
}

#endif
