/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manifest: berth's own record, in <metadata>, of where the guest's disks are. */
#ifndef BERTH_XML_MANIFEST_H
#define BERTH_XML_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/strbuf.h"

/* For virDomainSetMetadata(): its uri and its key. libvirt uses the key as the element's prefix. */
#define MANIFEST_URI "urn:berth:state:1"
#define MANIFEST_KEY "berthstate"

#define MANIFEST_MAX_DISKS 1024
#define MANIFEST_MAX_VOLUMES 1024
/* A problem's text. */
#define MANIFEST_MAX_PROBLEM_BYTES 1000
/* Of one volume. */
#define MANIFEST_MAX_PORTALS 8
/* libvirt's own: "more than 200 layers deep are not supported" (qemu/qemu_domain.c, 9.0.0). */
#define MANIFEST_MAX_BACKING 200
/* Copies that one disk's content has gone through; older ones are forgotten. */
#define MANIFEST_MAX_SUPERSEDED 16
/* The name of a copy: so many hex digits. */
#define MANIFEST_COPY_LENGTH 32

/**
 * struct manifest_image - one image
 * @path: absolute, no control character, 4095 bytes at most
 * @format: "raw", "qcow2", ...: [a-z0-9-]
 * @virtual_bytes: the size that the guest sees
 * @digest: "sha256:" and 64 lower-case hex digits, or NULL: not known
 */
struct manifest_image {
	char *path;
	char *format;
	uint64_t virtual_bytes;
	char *digest;
};

/**
 * struct manifest_disk - one disk of the guest
 * @target: "vda"; no two disks have the same
 * @image: what the guest writes to
 * @allocated_bytes: what @image takes on the host's disk
 * @inode: of @image on its file system, or 0: not known. On shared storage it is the same for all
 * hosts
 * @readonly: nobody writes to it
 * @copy: names this copy of the disk's content: 32 lower-case hex digits; or NULL
 * @superseded: names of copies that migrations have made it from, and that went stale by that:
 * separated by one blank, newest first, MANIFEST_MAX_SUPERSEDED at most; or NULL
 * @backing: the chain below @image, outermost first
 */
struct manifest_disk {
	char *target;
	struct manifest_image image;
	uint64_t allocated_bytes;
	uint64_t inode;
	bool readonly;
	char *copy;
	char *superseded;
	struct manifest_image *backing;
	size_t backing_count;
};

/**
 * struct manifest_volume - a disk that lies on a target in the network
 * @target: "vdb"; neither another volume nor a disk has the same
 * @path: the name that the guest uses it by on the host that wrote this
 * @driver: "iscsi" or "aoe"
 * @portals: iSCSI: "10.0.0.1:3260", "[fd00::1]:3260"; with several paths several, separated by one
 * blank, MANIFEST_MAX_PORTALS at most. Else NULL
 * @iqn: iSCSI: as the target itself writes it, [A-Za-z0-9.:_-], 223 bytes at most; else NULL
 * @lun: iSCSI, as Linux counts it: 19 digits at most
 * @shelf, @slot: AoE, 0 to 65534 and 0 to 254
 * @multipath: used through a dm-multipath map
 * @wwn, @serial: what the device calls itself, or NULL: printable ASCII, 256 bytes at most, no
 * blank at an end
 * @size_bytes: or 0: not known
 *
 * What a volume is: see struct volume in storage/volume.h.
 */
struct manifest_volume {
	char *target;
	char *path;
	char *driver;
	char *portals;
	char *iqn;
	uint64_t lun;
	unsigned shelf;
	unsigned slot;
	bool multipath;
	char *wwn;
	char *serial;
	uint64_t size_bytes;
};

/**
 * struct manifest_problem - a disk that berth can't describe, and so can't make elsewhere
 * @target: "vdb"
 * @text: what is wrong with it, for people; MANIFEST_MAX_PROBLEM_BYTES at most
 */
struct manifest_problem {
	char *target;
	char *text;
};

/**
 * struct manifest - where a guest's disks were when it was written
 * @host: name of the host that wrote it
 * @uri: how other hosts reach that host's libvirt
 * @written: when: RFC 3339, UTC, whole seconds: "2026-11-24T10:20:00Z"
 * @token: 32 lower-case hex digits: of the migration that is bringing the guest here; or NULL
 *
 * Everything is owned by the manifest. It came with the guest: a hint, never a proof.
 */
struct manifest {
	char *host;
	char *uri;
	char *written;
	char *token;
	struct manifest_disk *disks;
	size_t disk_count;
	struct manifest_volume *volumes;
	size_t volume_count;
	struct manifest_problem *problems;
	size_t problem_count;
};

/**
 * manifest_parse() - read a manifest that stands alone
 * @text: a <state> in MANIFEST_URI or, as virDomainGetMetadata() returns it, in no namespace
 * @ret: the manifest; the caller frees it with manifest_free()
 *
 * Elements and attributes that this version doesn't know are passed over. The rules are those of
 * packaging/schemas/state.rng; two disks or volumes of one target are refused as well. A volume's
 * driver that isn't known is an error: a guest can't go where nobody can attach its disk.
 *
 * Return: 0; -EINVAL: a known value is wrong; @err names the element, the attribute and the value;
 * -EBADMSG, -EFBIG, -ELOOP, -EPERM as domain_parse().
 */
int manifest_parse(const char *text, size_t length, struct manifest **ret, struct err *err);

/**
 * manifest_format() - the <state> element as virDomainSetMetadata() takes it
 * @out: the text is appended here
 *
 * No prefix and no xmlns: libvirt declares MANIFEST_KEY as prefix for MANIFEST_URI on the element
 * and moves it and all un-prefixed elements in it there; it fails when the declaration is there
 * already (measured on 9.0.0 with virsh metadata; src/util/virxml.c, virXMLInjectNamespace).
 * Nothing is checked here: what it writes of a wrong value, manifest_parse() refuses.
 */
void manifest_format(const struct manifest *manifest, struct strbuf *out);

/* manifest_find_disk() - the manifest's disk of that target, or NULL; @manifest may be NULL. */
const struct manifest_disk *manifest_find_disk(const struct manifest *manifest, const char *target);

/* manifest_supersedes() - whether that copy is among those that the disk's was made from; NULL
 * never is. */
bool manifest_supersedes(const struct manifest_disk *disk, const char *copy);

/* manifest_find_volume() - the same of a volume. */
const struct manifest_volume *manifest_find_volume(const struct manifest *manifest,
						   const char *target);

/* manifest_find_problem() - the same of a problem. */
const struct manifest_problem *manifest_find_problem(const struct manifest *manifest,
						     const char *target);
/* manifest_add_problem() - note that a disk can't be described; the text is cut to what XML can
 * hold. */
void manifest_add_problem(struct manifest *manifest, const char *target, const char *text);

/* manifest_disk_clear() - frees what a disk owns. */
void manifest_disk_clear(struct manifest_disk *disk);

/* manifest_free() - frees the manifest and all it owns; NULL is fine. */
void manifest_free(struct manifest *manifest);

#define cleanup_manifest cleanup(manifest_freep)

static inline void manifest_freep(struct manifest **manifest)
{
	manifest_free(*manifest);
}

#endif
