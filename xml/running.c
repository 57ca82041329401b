/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The status file of a running domain: which of its elements matter, and what they say. */
#include "xml/running_text.h"

#include <string.h>

#include "base/strbuf.h"
#include "xml/scan_value.h"

#define MANIFEST_URI "urn:berth:state:1"
#define POLICY_URI "urn:berth:policy:1"

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
	const char *end = memchr(text, '<', reading->scan.length - begin);

	if (*ret || !end || reading->token.empty)
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
	return take_attribute(reading, is_block ? "dev" : "file", &disk->path);
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
	{DOMAIN_PATH "/name", on_name},
	{DOMAIN_PATH "/uuid", on_uuid},
	{DISK_PATH, on_disk},
	{DISK_PATH "/driver", on_disk_driver},
	{DISK_PATH "/source", on_disk_source},
	{DISK_PATH "/target", on_disk_target},
	{DISK_PATH "/readonly", on_disk_readonly},
	{DISK_PATH "/shareable", on_disk_shareable},
	{INTERFACE_PATH, on_interface},
	{INTERFACE_PATH "/mac", on_interface_mac},
	{INTERFACE_PATH "/target", on_interface_target},
};

/* --- metadata --- */

/* Whether the tag declares that namespace: libvirt writes each application's element so. */
static bool declares(const struct reading *reading, const char *uri)
{
	struct scan_attribute attribute;
	size_t at = reading->token.name_end;
	const char *text = reading->scan.text;

	while (scan_attribute(&reading->scan, &reading->token, &at, &attribute)) {
		size_t length = attribute.value_end - attribute.value;
		if (length == strlen(uri) && memcmp(text + attribute.value, uri, length) == 0 &&
		    attribute.name_end - attribute.name >= 5 &&
		    memcmp(text + attribute.name, "xmlns", 5) == 0)
			return true;
	}
	return false;
}

static bool name_ends_in(const struct reading *reading, const char *local)
{
	const char *name = reading->path.text + reading->ends[reading->depth - 1] + 1;
	const char *colon = strchr(name, ':');

	return str_equal(colon ? colon + 1 : name, local);
}

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

/* An application's element is a child of <metadata>, at depth 4. */
static bool read_metadata(struct reading *reading)
{
	if (reading->depth == 4 && declares(reading, MANIFEST_URI)) {
		reading->domain.has_manifest = true;
		return take_attribute(reading, "token", &reading->domain.token);
	}
	if (reading->depth == 4 && declares(reading, POLICY_URI)) {
		reading->domain.has_policy = true;
		reading->policy_depth = reading->token.empty ? 0 : reading->depth;
		return true;
	}
	if (reading->policy_depth && reading->depth == reading->policy_depth + 1 &&
	    name_ends_in(reading, "port"))
		return read_policy_port(reading);
	return true;
}

/* --- the elements that matter --- */

bool running_read_element(struct reading *reading)
{
	for (size_t i = 0; i < ARRAY_SIZE(elements); i++) {
		if (strcmp(elements[i].path, reading->path.text) == 0)
			return elements[i].read(reading);
	}
	return !str_starts(reading->path.text, METADATA_PATH) || read_metadata(reading);
}
