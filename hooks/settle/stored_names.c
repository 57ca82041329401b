/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which names of a stored definition are the source's, and what they are here. */
#include <string.h>

#include "base/strbuf.h"
#include "hooks/plan/plan.h"
#include "hooks/settle/stored_definition.h"

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

/* With "/a = /b" and "/b = /c", a name that the migration has changed to /b must not become /c. */
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

size_t stored_definition_edits(const struct config *config, const struct journal *journal,
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
