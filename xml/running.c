/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The status file of a running domain: which of its elements matter, and what they say. */
#include "xml/running_text.h"

#include <string.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "xml/manifest.h"
#include "xml/policy.h"
#include "xml/scan_value.h"

static void disk_clear(struct running_disk *disk)
{
	free(disk->target);
	free(disk->type);
	free(disk->path);
	free(disk->format);
}

void running_domain_clear(struct running_domain *domain)
{
	for (size_t i = 0; i < domain->disk_count; i++)
		disk_clear(&domain->disks[i]);
	for (size_t i = 0; i < domain->port_count; i++) {
		free(domain->ports[i].mac);
		free(domain->ports[i].target);
	}
	for (size_t i = 0; i < domain->policy_port_count; i++)
		free(domain->policy_ports[i].mac);
	free(domain->disks);
	free(domain->ports);
	free(domain->policy_ports);
	free(domain->name);
	free(domain->uuid);
	free(domain->token);
	*domain = (struct running_domain){0};
}

/* --- values --- */

/* The namespace of the element whose start tag was just read, and its name there. */
static const char *namespace_of(const struct reading *reading, const char **local)
{
	const char *name = reading->path.text + reading->ends[reading->depth - 1] + 1;

	return scan_scope_uri(&reading->scope, name, local);
}

/* Takes the attribute's value over, where there is one. Return: false where it can't be read. */
static bool take_attribute(const struct reading *reading, const char *name, char **ret)
{
	char *value = NULL;

	if (!scan_value_of(&reading->scan, &reading->token, name, &value))
		return false;
	if (value) {
		free(*ret);
		*ret = value;
	}
	return true;
}

static bool has_value(const struct reading *reading, const char *name, const char *wanted)
{
	cleanup_free char *value = NULL;

	return scan_value_of(&reading->scan, &reading->token, name, &value) &&
	       str_equal(value, wanted);
}

/* The text that follows the start tag. */
static bool take_text(const struct reading *reading, char **ret)
{
	size_t begin = reading->token.end;
	const char *text = reading->scan.text + begin;
	const char *end = memmem(text, reading->scan.length - begin, "</", 2);

	/* A comment or CDATA in it would cut it. */
	if (*ret || !end || reading->token.empty || memchr(text, '<', (size_t)(end - text)))
		return false;
	*ret = scan_value_decode(text, (size_t)(end - text));
	return *ret != NULL;
}

static struct running_disk *last_disk(struct reading *reading)
{
	return &reading->domain.disks[reading->domain.disk_count - 1];
}

static struct running_port *last_port(struct reading *reading)
{
	return &reading->domain.ports[reading->domain.port_count - 1];
}

/* --- elements --- */

static bool on_status(struct reading *reading)
{
	cleanup_free char *pid = NULL;
	unsigned long long number = 0;

	if (!take_attribute(reading, "pid", &pid) || (pid && !str_to_u64(pid, &number)) ||
	    number > INT32_MAX)
		return false;
	reading->domain.pid = (pid_t)number;
	return true;
}

static bool on_job(struct reading *reading)
{
	reading->domain.incoming = has_value(reading, "async", "migration in");
	return true;
}

static bool on_domain(struct reading *reading)
{
	reading->domain.xml_begin = reading->token.begin;
	return true;
}

static bool on_container(struct reading *reading)
{
	(void)reading;
	return true;
}

static bool on_name(struct reading *reading)
{
	return take_text(reading, &reading->domain.name);
}

static bool on_uuid(struct reading *reading)
{
	return take_text(reading, &reading->domain.uuid);
}

static bool on_disk(struct reading *reading)
{
	struct running_domain *domain = &reading->domain;

	if (domain->disk_count == RUNNING_MAX_DISKS)
		return false;
	domain->disks =
		xreallocarray(domain->disks, domain->disk_count + 1, sizeof(*domain->disks));
	domain->disks[domain->disk_count++] = (struct running_disk){0};
	return take_attribute(reading, "type", &last_disk(reading)->type);
}

static bool on_disk_driver(struct reading *reading)
{
	return take_attribute(reading, "type", &last_disk(reading)->format);
}

static bool on_disk_source(struct reading *reading)
{
	struct running_disk *disk = last_disk(reading);
	bool is_block = str_equal(disk->type, "block");

	if (!is_block && !str_equal(disk->type, "file"))
		return true;
	if (!take_attribute(reading, is_block ? "dev" : "file", &disk->path))
		return false;
	char *plain = path_plain(disk->path);
	free(disk->path);
	disk->path = plain;
	return true;
}

/* libvirt's one kind of slice is of the storage itself; its format knows none above that. */
static bool on_disk_slice(struct reading *reading)
{
	struct running_disk *disk = last_disk(reading);
	cleanup_free char *offset = NULL, *size = NULL;
	unsigned long long from = 0, bytes = 0;

	if (disk->slice_bytes || !take_attribute(reading, "offset", &offset) ||
	    !take_attribute(reading, "size", &size) || !offset || !str_to_u64(offset, &from) ||
	    !size || !str_to_u64(size, &bytes) || !bytes)
		return false;
	disk->slice_offset = from;
	disk->slice_bytes = bytes;
	return true;
}

static bool on_disk_target(struct reading *reading)
{
	return take_attribute(reading, "dev", &last_disk(reading)->target);
}

static bool on_disk_readonly(struct reading *reading)
{
	last_disk(reading)->readonly = true;
	return true;
}

static bool on_disk_shareable(struct reading *reading)
{
	last_disk(reading)->shareable = true;
	return true;
}

static bool on_interface(struct reading *reading)
{
	struct running_domain *domain = &reading->domain;

	if (domain->port_count == RUNNING_MAX_PORTS)
		return false;
	domain->ports =
		xreallocarray(domain->ports, domain->port_count + 1, sizeof(*domain->ports));
	domain->ports[domain->port_count++] = (struct running_port){0};
	return true;
}

static bool on_interface_mac(struct reading *reading)
{
	return take_attribute(reading, "address", &last_port(reading)->mac);
}

static bool on_interface_target(struct reading *reading)
{
	return take_attribute(reading, "dev", &last_port(reading)->target);
}

#define DISK_PATH DOMAIN_PATH "/devices/disk"
#define INTERFACE_PATH DOMAIN_PATH "/devices/interface"
#define METADATA_PATH DOMAIN_PATH "/metadata/"

static const struct {
	const char *path;
	bool (*read)(struct reading *reading);
} elements[] = {
	{"/domstatus", on_status},
	{"/domstatus/job", on_job},
	{DOMAIN_PATH, on_domain},
	{DOMAIN_PATH "/metadata", on_container},
	{DOMAIN_PATH "/devices", on_container},
	{DOMAIN_PATH "/name", on_name},
	{DOMAIN_PATH "/uuid", on_uuid},
	{DISK_PATH, on_disk},
	{DISK_PATH "/driver", on_disk_driver},
	{DISK_PATH "/source", on_disk_source},
	{DISK_PATH "/source/slices", on_container},
	{DISK_PATH "/source/slices/slice", on_disk_slice},
	{DISK_PATH "/target", on_disk_target},
	{DISK_PATH "/readonly", on_disk_readonly},
	{DISK_PATH "/shareable", on_disk_shareable},
	{INTERFACE_PATH, on_interface},
	{INTERFACE_PATH "/mac", on_interface_mac},
	{INTERFACE_PATH "/target", on_interface_target},
};

/* --- metadata --- */

static bool read_policy_port(struct reading *reading)
{
	struct running_domain *domain = &reading->domain;
	struct running_policy_port port = {0};
	cleanup_free char *vlan = NULL;
	unsigned long long number = 0;

	if (domain->policy_port_count == RUNNING_MAX_PORTS ||
	    !take_attribute(reading, "vlan", &vlan) ||
	    (vlan && (!str_to_u64(vlan, &number) || number < 1 || number > 4094)) ||
	    !take_attribute(reading, "mac", &port.mac))
		return false;
	port.vlan = (uint16_t)number;
	domain->policy_ports = xreallocarray(domain->policy_ports, domain->policy_port_count + 1,
					     sizeof(*domain->policy_ports));
	domain->policy_ports[domain->policy_port_count++] = port;
	return port.mac != NULL;
}

static bool begin_manifest(struct reading *reading)
{
	if (reading->domain.has_manifest)
		return false;
	reading->domain.has_manifest = true;
	return take_attribute(reading, "token", &reading->domain.token);
}

static bool begin_policy(struct reading *reading, const char *local)
{
	if (strcmp(local, "policy") != 0 || reading->domain.has_policy)
		return false;
	reading->domain.has_policy = true;
	reading->policy_depth = reading->token.empty ? 0 : reading->depth;
	return true;
}

/* An application's element is a child of <metadata>, at depth 4. */
static bool read_metadata(struct reading *reading)
{
	const char *local, *uri = namespace_of(reading, &local);
	bool is_policy = strcmp(uri, POLICY_URI) == 0;

	if (reading->depth == 4 && strcmp(uri, MANIFEST_URI) == 0)
		return strcmp(local, "state") != 0 || begin_manifest(reading);
	if (reading->depth == 4)
		return !is_policy || begin_policy(reading, local);
	if (is_policy && reading->policy_depth && reading->depth == reading->policy_depth + 1 &&
	    strcmp(local, "port") == 0)
		return read_policy_port(reading);
	return true;
}

/* --- the elements that matter --- */

bool running_read_element(struct reading *reading)
{
	const char *local;

	if (str_starts(reading->path.text, METADATA_PATH))
		return read_metadata(reading);
	for (size_t i = 0; i < ARRAY_SIZE(elements); i++) {
		if (strcmp(elements[i].path, reading->path.text) != 0)
			continue;
		/* libvirt's own elements are in no namespace. */
		return !*namespace_of(reading, &local) && elements[i].read(reading);
	}
	return true;
}
