/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding, in one domain XML, all spots of the table of host paths. */
#include <string.h>

#include "base/strbuf.h"
#include "xml/host_paths.h"
#include "xml/view.h"

#define QEMU_PREFIX "qemu:"
#define QEMU_URI "http://libvirt.org/schemas/domain/qemu/1.0"

/* One walk: which row is looked for, where it began, and the device that it has come through. */
struct walk {
	struct domain *domain;
	const struct host_path *row;
	const xmlNode *device;
	unsigned number;
};

/* A name that the table has, up to its '/'. */
struct component {
	char name[32];
	bool repeats;
	const char *rest;
};

static struct component first_component(const char *path)
{
	size_t length = strcspn(path, "/");
	struct component first = {.rest = path[length] ? path + length + 1 : NULL};

	first.repeats = length > 1 && path[length - 1] == '*';
	snprintf(first.name, sizeof(first.name), "%.*s", (int)(length - first.repeats), path);
	return first;
}

static bool is_component(const xmlNode *node, const char *name)
{
	if (node->type != XML_ELEMENT_NODE)
		return false;
	if (strcmp(name, "*") == 0)
		return !tree_namespace(node);
	if (str_starts(name, QEMU_PREFIX))
		return tree_is_in(node, name + strlen(QEMU_PREFIX), QEMU_URI);
	return tree_is(node, name);
}

/* "type=file,unix" against that attribute of the element. */
static bool holds(const char *when, const xmlNode *element)
{
	if (!when)
		return true;
	const char *list = strchr(when, '=') + 1;
	cleanup_free char *name = xstrndup(when, (size_t)(list - 1 - when));
	cleanup_free char *value = tree_attribute(element, name);

	while (value && *list) {
		size_t length = strcspn(list, ",");
		if (strlen(value) == length && strncmp(value, list, length) == 0)
			return true;
		list += length + (list[length] == ',');
	}
	return false;
}

/* "disk 'vda'", "interface '52:54:..'", "serial 0": as the views of these devices have it. */
static char *device_label(const struct walk *walk)
{
	const char *name = (const char *)walk->device->name;
	cleanup_free char *target = NULL, *mac = NULL;

	if (tree_is(walk->device, "disk"))
		target = tree_attribute(tree_child(walk->device, "target"), "dev");
	if (tree_is(walk->device, "interface"))
		mac = tree_attribute(tree_child(walk->device, "mac"), "address");
	for (char *c = mac; c && *c; c++)
		*c = *c >= 'A' && *c <= 'F' ? (char)(*c - 'A' + 'a') : *c;
	if (target || mac)
		return xasprintf("%s '%.64s'", name, target ? target : mac);
	return xasprintf("%s %u", name, walk->number);
}

static char *label_of(const struct walk *walk)
{
	const char *label = walk->row->label;

	if (!walk->device || tree_is(walk->device, "emulator"))
		return xstrdup(label);
	cleanup_free char *device = device_label(walk);
	return xasprintf("%s%s%s", device, *label ? " " : "", label);
}

static void found(const struct walk *walk, const xmlNode *element)
{
	const struct host_path *row = walk->row;
	bool is_argument = row->need == NEED_NOTHING;
	cleanup_free char *value =
		row->attribute ? tree_attribute(element, row->attribute) : tree_text(element);

	/* A name that isn't absolute is no path of the host, or QEMU's to find. */
	if (!value || !strchr(value, '/') || (!is_argument && value[0] != '/') ||
	    !holds(row->when, element->parent))
		return;
	cleanup_free char *label = label_of(walk);
	int place = view_add_place(walk->domain, is_argument ? PLACE_ARGUMENT : PLACE_PATH, element,
				   row->attribute, label);
	if (place >= 0)
		walk->domain->places[place].need = row->need;
}

static void descend(struct walk walk, const xmlNode *element, const char *path);

static void descend_into(struct walk walk, const xmlNode *parent, const struct component *first,
			 const char *rest)
{
	for (const xmlNode *node = parent->children; node; node = node->next) {
		if (is_component(node, first->name))
			descend(walk, node, rest);
	}
}

/* The devices of one name are counted from 0. */
static void descend_into_devices(struct walk walk, const xmlNode *devices,
				 const struct component *first)
{
	for (const xmlNode *node = devices->children; node; node = node->next) {
		if (!is_component(node, first->name))
			continue;
		walk.device = node;
		descend(walk, node, first->rest);
		walk.number++;
	}
}

/* libvirt's deepest backing chain is 200; domain_parse() accepts DOMAIN_XML_MAX_DEPTH levels. */
static void descend(struct walk walk, const xmlNode *element, const char *path)
{
	if (!path) {
		found(&walk, element);
		return;
	}
	struct component first = first_component(path);
	if (first.repeats) {
		descend(walk, element, first.rest);
		descend_into(walk, element, &first, path);
	} else if (!walk.device && tree_is(element, "devices")) {
		descend_into_devices(walk, element, &first);
	} else {
		descend_into(walk, element, &first, first.rest);
	}
}

void view_host_paths(struct domain *domain, const xmlNode *root)
{
	for (size_t i = 0; i < host_path_count; i++)
		descend((struct walk){.domain = domain, .row = &host_paths[i]}, root,
			host_paths[i].element);
}
