/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The typed view of a domain XML: who the guest is, and the walk over what it has. */
#include "xml/domain.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "xml/tree.h"
#include "xml/view.h"

#define NAME_MAX_BYTES 255

typedef int view_fn(struct domain *domain, const xmlNode *element, unsigned number,
		    struct err *err);

static const struct {
	const char *element;
	view_fn *view;
} devices[] = {
	{"disk", view_disk},
	{"interface", view_port},
	{"graphics", view_graphics},
};

void *view_room(void *array, size_t count, size_t size)
{
	/* Room doubles at each power of two, so there is room behind any other count. */
	bool is_full = (count & (count - 1)) == 0;

	return is_full ? xreallocarray(array, count ? 2 * count : 1, size) : array;
}

int view_add_place(struct domain *domain, enum place_kind kind, const xmlNode *element,
		   const char *attribute, const char *label)
{
	if (!element)
		return -1;
	cleanup_free char *value =
		attribute ? tree_attribute(element, attribute) : tree_text(element);
	if (!value || !*value)
		return -1;
	cleanup_free char *plain = kind == PLACE_PATH ? path_plain(value) : xstrdup(value);
	domain->places = view_room(domain->places, domain->place_count, sizeof(*domain->places));
	domain->places[domain->place_count] = (struct place){
		.kind = kind,
		.element = tree_ordinal(element),
		.attribute = attribute,
		.value = steal_pointer(plain),
		.label = xstrdup(label),
	};
	return (int)domain->place_count++;
}

static bool is_name(const char *name)
{
	if (!*name || strlen(name) > NAME_MAX_BYTES || strchr(name, '/'))
		return false;
	for (const char *c = name; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	}
	return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* Also makes it lower-case. */
static bool is_uuid(char *uuid)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	for (size_t i = 0; i < sizeof(form); i++) {
		bool fits = form[i] == 'x' ? isxdigit((unsigned char)uuid[i]) : uuid[i] == form[i];
		if (!fits)
			return false;
		uuid[i] = (char)tolower((unsigned char)uuid[i]);
	}
	return true;
}

static int read_identity(struct domain *domain, const xmlNode *root, struct err *err)
{
	const xmlNode *name = tree_child(root, "name");
	const xmlNode *uuid = tree_child(root, "uuid");
	cleanup_free char *id = tree_attribute(root, "id");

	if (!name || !uuid)
		return err_set(err, EINVAL, "<%s> is missing", name ? "uuid" : "name");
	domain->name = tree_text(name);
	if (!is_name(domain->name))
		return err_set(err, EINVAL, "line %ld: <name> '%.100s' can't be a guest's name",
			       tree_line(name), domain->name);
	domain->uuid = tree_text(uuid);
	if (!is_uuid(domain->uuid))
		return err_set(err, EINVAL, "line %ld: <uuid> '%.100s' is not a UUID",
			       tree_line(uuid), domain->uuid);
	domain->type = tree_attribute(root, "type");
	domain->running = id != NULL;
	return 0;
}

static int view_devices(struct domain *domain, const xmlNode *parent,
			unsigned numbers[ARRAY_SIZE(devices)], struct err *err)
{
	for (const xmlNode *node = parent->children; node; node = node->next) {
		for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
			if (!tree_is(node, devices[i].element))
				continue;
			int rc = devices[i].view(domain, node, numbers[i]++, err);
			if (rc < 0)
				return rc;
		}
	}
	return 0;
}

static int read_manifest(struct domain *domain, const xmlNode *state, struct err *err)
{
	struct err inner;

	if (manifest_read(state, &domain->manifest, &inner) == 0)
		return 0;
	return err_set(err, inner.code,
		       "manifest: %s; remove it with 'virsh metadata %s %s --remove' and let "
		       "'berth sync' write a new one",
		       inner.text, domain->name, MANIFEST_URI);
}

static int view_manifest(struct domain *domain, const xmlNode *state, bool want_manifest,
			 struct err *err)
{
	if (want_manifest && domain->manifest_element >= 0)
		return err_set(err, EINVAL, "line %ld: a second manifest", tree_line(state));
	domain->manifest_element = (int)tree_ordinal(state);
	return want_manifest ? read_manifest(domain, state, err) : 0;
}

/* What a wrong one means depends on the event, so that it is kept for those who ask. */
static void view_policy(struct domain *domain, const xmlNode *element)
{
	if (domain->policy_error.code)
		return;
	if (domain->policy) {
		policy_free(steal_pointer(domain->policy));
		err_set(&domain->policy_error, EINVAL, "policy: line %ld: a second <policy>",
			tree_line(element));
	} else if (policy_read(element, &domain->policy, &domain->policy_error) < 0) {
		err_wrap(&domain->policy_error, "policy");
	}
}

/* Else it would be without effect: the guest would start without rules. */
static void refuse_policy(struct domain *domain, const xmlNode *element)
{
	if (domain->policy_error.code)
		return;
	err_set(&domain->policy_error, EINVAL,
		"policy: line %ld: it is a <%.100s>, not a <policy> of %s", tree_line(element),
		(const char *)element->name, POLICY_URI);
	policy_free(steal_pointer(domain->policy));
}

static int view_metadata(struct domain *domain, const xmlNode *metadata, bool want_manifest,
			 struct err *err)
{
	for (const xmlNode *node = metadata->children; node; node = node->next) {
		int rc = 0;
		if (tree_is_in(node, "policy", POLICY_URI))
			view_policy(domain, node);
		else if (node->type == XML_ELEMENT_NODE &&
			 str_equal(tree_namespace(node), POLICY_URI))
			refuse_policy(domain, node);
		else if (tree_is_in(node, "state", MANIFEST_URI))
			rc = view_manifest(domain, node, want_manifest, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int view_all(struct domain *domain, const xmlNode *root, bool want_manifest, struct err *err)
{
	unsigned numbers[ARRAY_SIZE(devices)] = {0};
	int rc = 0;

	for (const xmlNode *node = root->children; node && rc == 0; node = node->next) {
		if (tree_is(node, "metadata"))
			rc = view_metadata(domain, node, want_manifest, err);
		else if (tree_is(node, "devices"))
			rc = view_devices(domain, node, numbers, err);
	}
	view_host_paths(domain, root);
	return rc;
}

static int check_counts(const struct domain *domain, struct err *err)
{
	const struct {
		const char *what;
		size_t count;
	} counts[] = {
		{"disks", domain->disk_count},
		{"interfaces", domain->port_count},
		{"paths and names of the host", domain->place_count},
	};

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		if (counts[i].count > DOMAIN_MAX_OBJECTS)
			return err_set(err, EFBIG, "it has %zu %s; %d are accepted",
				       counts[i].count, counts[i].what, DOMAIN_MAX_OBJECTS);
	}
	return 0;
}

static int read_domain(const xmlNode *root, bool want_manifest, struct domain **ret,
		       struct err *err)
{
	cleanup_domain struct domain *domain = xcalloc(1, sizeof(*domain));

	domain->manifest_element = -1;
	if (!tree_is(root, "domain"))
		return err_set(err, EBADMSG, "line %ld: it is a <%.100s>, not a <domain>",
			       tree_line(root), (const char *)root->name);
	int rc = read_identity(domain, root, err);
	if (rc == 0)
		rc = view_all(domain, root, want_manifest, err);
	if (rc == 0)
		rc = check_counts(domain, err);
	if (rc == 0)
		*ret = steal_pointer(domain);
	return rc;
}

static int parse(const char *text, size_t length, bool want_manifest, struct domain **ret,
		 struct err *err)
{
	cleanup_doc xmlDoc *doc = NULL;
	int rc = tree_parse(text, length, &doc, err);

	if (rc == 0)
		rc = read_domain(xmlDocGetRootElement(doc), want_manifest, ret, err);
	return rc < 0 ? err_wrap(err, "domain XML") : 0;
}

int domain_parse(const char *text, size_t length, struct domain **ret, struct err *err)
{
	return parse(text, length, true, ret, err);
}

int domain_parse_without_manifest(const char *text, size_t length, struct domain **ret,
				  struct err *err)
{
	return parse(text, length, false, ret, err);
}

static void free_disk(struct domain_disk *disk)
{
	for (size_t i = 0; i < disk->backing_count; i++)
		free(disk->backing[i].format);
	free(disk->backing);
	free(disk->target);
	free(disk->device);
	free(disk->format);
}

static void free_port(struct domain_port *port)
{
	free(port->mac);
	free(port->type);
	free(port->target);
	free(port->virtualport);
	free(port->vlan);
}

void domain_free(struct domain *domain)
{
	if (!domain)
		return;
	for (size_t i = 0; i < domain->place_count; i++) {
		free(domain->places[i].value);
		free(domain->places[i].label);
	}
	for (size_t i = 0; i < domain->disk_count; i++)
		free_disk(&domain->disks[i]);
	for (size_t i = 0; i < domain->port_count; i++)
		free_port(&domain->ports[i]);
	manifest_free(domain->manifest);
	policy_free(domain->policy);
	free(domain->places);
	free(domain->disks);
	free(domain->ports);
	free(domain->name);
	free(domain->uuid);
	free(domain->type);
	free(domain);
}
