/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gate's facts as text: fields between tabs, a word first. An image is of the disk before it,
 * top first; so is a volume.
 *
 *     berth-facts 1 host= boot= time=SECONDS name= uuid= managed=0|1
 *     disk target=vda kind=file format=qcow2 readonly=0|1 shareable=0|1
 *     image path= format= virtual-bytes= allocated-bytes= file-bytes= inode= shared=0|1
 *           memory=holds digest=sha256:.. data=some
 *     disk target=vdb kind=block path= device-bytes= slice-offset= slice-bytes=
 *     volume kind=iscsi portal= iqn= lun= wwn= serial= size-bytes=
 *     port mac= in-policy=0|1 vlan= mode=open foreign=0 left-out-bytes=0
 *          enforces=stateless others=0 digest=sha256:..
 *     end
 *
 * An older berth sends the rules themselves after a port, in a line "rules BASE64", for the other
 * host to put in force; "mode", "foreign" and "left-out-bytes" describe them. The values that are
 * written here tell an older berth at the destination that no rules have come, so that it takes
 * them from the policy, as this berth always does.
 */
#include "gate/text.h"

#include <inttypes.h>
#include <string.h>

#include "hooks/records/volume_fields.h"

const char *const gate_kind_names[GATE_DISK_KINDS] = {
	[GATE_DISK_EMPTY] = "empty",
	[GATE_DISK_FILE] = "file",
	[GATE_DISK_BLOCK] = "block",
	[GATE_DISK_OTHER] = "other",
};

const char *const gate_memory_names[3] = {
	[DIGEST_NONE] = "none",
	[DIGEST_HOLDS] = "holds",
	[DIGEST_CHANGED] = "changed",
};

const char *const gate_data_names[3] = {
	[IMAGE_DATA_UNKNOWN] = "unknown",
	[IMAGE_DATA_NONE] = "none",
	[IMAGE_DATA_SOME] = "some",
};

static void format_image(const struct gate_image *image, struct strbuf *out)
{
	strbuf_puts(out, "image");
	field_put(out, "path", image->path);
	field_put(out, "format", image->format);
	field_put_u64(out, "virtual-bytes", image->virtual_bytes);
	field_put_u64(out, "allocated-bytes", image->allocated_bytes);
	field_put_u64(out, "file-bytes", image->file_bytes);
	field_put_u64(out, "inode", image->inode);
	field_put_u64(out, "shared", image->shared);
	field_put(out, "memory", gate_memory_names[image->memory]);
	if (image->memory == DIGEST_HOLDS)
		field_put(out, "digest", image->digest);
	field_put(out, "data", gate_data_names[image->data]);
	strbuf_puts(out, "\n");
}

static void format_disk(const struct gate_disk *disk, struct strbuf *out)
{
	strbuf_printf(out, "disk\ttarget=%s\tkind=%s", disk->target, gate_kind_names[disk->kind]);
	field_put(out, "path", disk->path);
	field_put(out, "format", disk->format);
	field_put_u64(out, "readonly", disk->readonly);
	field_put_u64(out, "shareable", disk->shareable);
	field_put_u64(out, "device-bytes", disk->device_bytes);
	if (disk->slice_bytes) {
		field_put_u64(out, "slice-offset", disk->slice_offset);
		field_put_u64(out, "slice-bytes", disk->slice_bytes);
	}
	field_put(out, "unknown", disk->unknown);
	strbuf_puts(out, "\n");
	for (size_t i = 0; i < disk->image_count; i++)
		format_image(&disk->images[i], out);
	if (!disk->has_volume)
		return;
	strbuf_puts(out, "volume");
	volume_fields_put(out, &disk->volume);
	strbuf_puts(out, "\n");
}

static void format_port(const struct gate_port *port, struct strbuf *out)
{
	strbuf_printf(out, "port\tmac=%s\tin-policy=%d\tvlan=%u", port->mac, port->in_policy,
		      port->vlan);
	strbuf_puts(out, "\tmode=open\tforeign=0\tleft-out-bytes=0");
	field_put(out, "enforces", gate_mode_name(port->mode));
	field_put_u64(out, "others", port->foreign);
	if (port->mode != GATE_PORT_OPEN)
		field_put(out, "digest", port->digest);
	strbuf_puts(out, "\n");
}

void gate_facts_format(const struct gate_facts *facts, struct strbuf *out)
{
	strbuf_puts(out, GATE_FORMAT_WORD "\t" GATE_FORMAT_VERSION);
	field_put(out, "host", facts->host);
	field_put(out, "boot", facts->boot);
	field_put_u64(out, "time", facts->seconds);
	field_put(out, "name", facts->name);
	field_put(out, "uuid", facts->uuid);
	field_put_u64(out, "managed", facts->managed);
	strbuf_puts(out, "\n");
	for (size_t i = 0; i < facts->disk_count; i++)
		format_disk(&facts->disks[i], out);
	for (size_t i = 0; i < facts->port_count; i++)
		format_port(&facts->ports[i], out);
	strbuf_puts(out, "end\n");
}
