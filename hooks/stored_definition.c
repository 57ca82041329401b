/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stored definition: the same changes as in the XML that the guest came with. */
#include "hooks/stored_definition.h"

#include <errno.h>
#include <string.h>

#include "base/strbuf.h"
#include "hooks/plan.h"
#include "xml/domain.h"
#include "xml/rewrite.h"

/* An interface's place has the label "interface 'MAC'". */
static bool is_bridge_of(const struct rename *rename, const struct place *place)
{
	cleanup_free char *label = xasprintf("interface '%s'", rename->from);

	return strcmp(rename->what, RENAME_BRIDGE_OF) == 0 && place->kind == PLACE_BRIDGE &&
	       strcmp(place->label, label) == 0;
}

static const char *renamed(const struct journal *journal, const struct place *place)
{
	for (size_t i = 0; i < journal->rename_count; i++) {
		if (is_bridge_of(&journal->renames[i], place))
			return journal->renames[i].to;
	}
	for (size_t i = 0; i < journal->rename_count; i++) {
		if (strcmp(journal->renames[i].what, place_kind_name(place->kind)) == 0 &&
		    strcmp(journal->renames[i].from, place->value) == 0)
			return journal->renames[i].to;
	}
	return NULL;
}

/* A name that the migration arrived at must not be mapped once more: "/a = /b" and "/b = /c". */
static bool is_from_here(const struct journal *journal, const struct place *place)
{
	for (size_t i = 0; i < journal->rename_count; i++) {
		if (strcmp(journal->renames[i].what, place_kind_name(place->kind)) == 0 &&
		    strcmp(journal->renames[i].to, place->value) == 0)
			return true;
	}
	return false;
}

static char *name_here(const struct config *config, const struct journal *journal,
		       const struct place *place)
{
	const char *name = renamed(journal, place);

	if (name || is_from_here(journal, place))
		return xstrdup(name);
	return plan_mapped_name(config, place);
}

static size_t find_edits(const struct config *config, const struct journal *journal,
			 const struct domain *domain, struct xml_edit *edits)
{
	size_t count = 0;

	for (size_t i = 0; i < domain->place_count; i++) {
		const struct place *place = &domain->places[i];
		char *name = name_here(config, journal, place);
		if (name && strcmp(name, place->value) != 0)
			edits[count++] = (struct xml_edit){place->element, place->attribute, name};
		else
			free(name);
	}
	return count;
}

static int redefine(struct libvirt *libvirt, const char *xml, const struct xml_edit *edits,
		    size_t count, struct err *err)
{
	cleanup_strbuf struct strbuf fixed = {0};

	int rc = xml_rewrite(xml, strlen(xml), edits, count, &fixed, err);
	return rc < 0 ? rc : guest_define(libvirt, fixed.text, err);
}

int stored_definition_fix(const struct config *config, struct libvirt *libvirt,
			  const struct journal *journal, struct err *err)
{
	cleanup_free char *xml = NULL;
	cleanup_domain struct domain *domain = NULL;

	int rc = guest_xml(libvirt, journal->uuid, true, &xml, err);
	if (rc == -ENOENT)
		return 0;
	if (rc == 0)
		rc = domain_parse_without_manifest(xml, strlen(xml), &domain, err);
	if (rc < 0)
		return err_wrap(err, "stored definition");
	struct xml_edit *edits = xcalloc(domain->place_count, sizeof(*edits));
	size_t count = find_edits(config, journal, domain, edits);
	if (count > 0)
		rc = redefine(libvirt, xml, edits, count, err);
	for (size_t i = 0; i < count; i++)
		free((char *)edits[i].value);
	free(edits);
	return rc < 0 ? err_wrap(err, "stored definition") : 0;
}
