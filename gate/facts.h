/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate's facts: what a host finds of a running guest's disks and ports at one moment. */
#ifndef BERTH_GATE_FACTS_H
#define BERTH_GATE_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "storage/digest.h"
#include "storage/digest_store.h"
#include "storage/file_id.h"
#include "storage/image.h"
#include "storage/image_data.h"
#include "storage/volume.h"

#define GATE_MAX_DISKS 1024
#define GATE_MAX_PORTS 1024
/* All that one host tells the other; what is longer is refused. */
#define GATE_MAX_BYTES ((size_t)2 << 20)

enum gate_disk_kind {
	GATE_DISK_EMPTY, /* no medium */
	GATE_DISK_FILE,
	GATE_DISK_BLOCK,
	GATE_DISK_OTHER, /* QEMU reaches it by itself: network, ... */
	GATE_DISK_KINDS
};

/* Whether a running QEMU has that very file open. Only of this host's own facts. */
enum gate_held { GATE_HELD_UNKNOWN, GATE_HELD_NO, GATE_HELD_YES };

/**
 * struct gate_image - one layer of a disk
 * @inode: on its file system
 * @shared: it lies on storage that several hosts share
 * @memory: whether @digest is known, and of the file as it is now
 * @data: of the layer that the guest writes to
 * @id, @version, @held, @beyond_end: of this host's own facts only; @id is the name's own, @version
 * of the file that it leads to
 */
struct gate_image {
	char *path;
	char *format;
	uint64_t virtual_bytes;
	uint64_t allocated_bytes;
	uint64_t file_bytes;
	uint64_t inode;
	bool shared;
	enum digest_memory memory;
	char digest[DIGEST_TEXT_MAX];
	enum image_data data;
	struct file_id id;
	struct file_version version;
	enum gate_held held;
	bool beyond_end;
};

/**
 * struct gate_disk - one disk
 * @path: GATE_DISK_BLOCK: the device
 * @device_bytes: GATE_DISK_BLOCK: its size
 * @slice_offset, @slice_bytes: GATE_DISK_BLOCK: the part of it that the guest has, inside of it; no
 * bytes: all of it. From libvirt 10.0 on a raw disk that was copied to a larger device has one
 * @images: GATE_DISK_FILE: what the guest writes to, and all below it
 * @volume: GATE_DISK_BLOCK: which volume it is, where @has_volume
 * @unknown: why nothing more is known of it; NULL: all is
 */
struct gate_disk {
	char *target;
	enum gate_disk_kind kind;
	char *path;
	char *format;
	bool readonly;
	bool shareable;
	uint64_t device_bytes;
	uint64_t slice_offset;
	uint64_t slice_bytes;
	struct gate_image *images;
	size_t image_count;
	bool has_volume;
	struct volume volume;
	char *unknown;
};

/* gate_disk_bytes() - GATE_DISK_BLOCK: how large the guest sees it. */
uint64_t gate_disk_bytes(const struct gate_disk *disk);

enum gate_mode {
	GATE_PORT_OPEN,      /* it has no program */
	GATE_PORT_PLAIN,     /* its program looks at addresses alone */
	GATE_PORT_TRACKING,  /* the kernel tracks its connections */
	GATE_PORT_STATELESS, /* answers are known by their ports and flags */
	GATE_MODES
};

/**
 * struct gate_port - one interface
 * @interface: its name on the host
 * @in_policy: the guest's policy speaks of it; then @vlan: 1 to 4094, or 0: none
 * @mode: of the rules that the kernel enforces
 * @foreign: how many rules or sets somebody else has put among its own; they are not in @digest
 * @digest: of its rules, whatever the interface's name; "" with GATE_PORT_OPEN
 * @wanted_mode, @wanted: the same of the rules that this host has made of the guest's policy; ""
 * where that isn't known. Of this host's own facts only, as is
 * @is_settled: the kernel holds these, nothing else of that port, and all that leads to them
 */
struct gate_port {
	char *mac;
	char *interface;
	bool in_policy;
	uint16_t vlan;
	enum gate_mode mode;
	size_t foreign;
	char digest[DIGEST_TEXT_MAX];
	enum gate_mode wanted_mode;
	char wanted[DIGEST_TEXT_MAX];
	bool is_settled;
};

/**
 * struct gate_facts - of one guest on one host
 * @managed: it has a policy or a manifest; otherwise there is nothing else
 * @boot: which boot of the host, see boot_id.h
 * @seconds: when, since 1970
 *
 * All of it is owned by the facts.
 */
struct gate_facts {
	bool managed;
	char *host;
	char *boot;
	uint64_t seconds;
	char *name;
	char *uuid;
	struct gate_disk *disks;
	size_t disk_count;
	struct gate_port *ports;
	size_t port_count;
};

#define cleanup_gate_facts cleanup(gate_facts_clear)

void gate_facts_clear(struct gate_facts *facts);

/* Each adds one; what is returned stays valid until the next one is added. */
struct gate_disk *gate_facts_add_disk(struct gate_facts *facts);
struct gate_image *gate_disk_add_image(struct gate_disk *disk);
struct gate_port *gate_facts_add_port(struct gate_facts *facts);

const struct gate_disk *gate_facts_find_disk(const struct gate_facts *facts, const char *target);
const struct gate_port *gate_facts_find_port(const struct gate_facts *facts, const char *mac);

const char *gate_mode_name(enum gate_mode mode);

/* facts_write.c */

/* gate_facts_format() - append them as text: lines of fields (hooks/records/fields.h), the last is
 * "end".
 */
void gate_facts_format(const struct gate_facts *facts, struct strbuf *out);

/* facts_read.c */

/**
 * gate_facts_parse() - read what another host has written
 * @text: NUL-terminated; changed
 * @ret: on success the caller clears them
 *
 * Whoever sends them is authenticated, but is another host: counts, sizes and characters are
 * bounded. Nothing in them is a name on this host.
 *
 * Return: 0; -EPROTONOSUPPORT: of another version; -EBADMSG with the line's number.
 */
int gate_facts_parse(char *text, size_t length, struct gate_facts *ret, struct err *err);

#endif
