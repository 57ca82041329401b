/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan's first part: names in the XML that mean something else on this host, or nothing at all.
 */
#include "hooks/plan_parts.h"

#include <errno.h>
#include <string.h>

#include "base/strbuf.h"

static bool same_family(const char *a, const char *b)
{
	return (strchr(a, ':') != NULL) == (strchr(b, ':') != NULL);
}

static int plan_listen(const struct situation *situation, struct plan *plan,
		       const struct place *place, const struct place_facts *facts, struct err *err)
{
	const struct names *listen = &situation->config->listen;

	if (facts->present)
		return 0;
	for (size_t i = 0; i < listen->count; i++) {
		if (same_family(place->value, listen->items[i]))
			return plan_change(plan, place, listen->items[i], err);
	}
	return err_set(err, EADDRNOTAVAIL,
		       "%s: this host has no address '%s' to listen on; name one with 'listen = "
		       "ADDRESS' in [graphics] of berth.conf",
		       place->label, place->value);
}

static int plan_bridge(struct plan *plan, const struct place *place,
		       const struct place_facts *facts, struct err *err)
{
	if (!facts->present)
		return err_set(err, ENODEV,
			       "%s: bridge '%s' is not on this host; make it, or map '%s' in "
			       "[bridges] of berth.conf",
			       place->label, facts->here, place->value);
	return plan_change(plan, place, facts->here, err);
}

/* Whether the place is a disk's own path or of its backing chain: the disks are planned by
 * themselves. */
static bool is_of_disk(const struct domain *domain, int place)
{
	for (size_t i = 0; i < domain->disk_count; i++) {
		if (domain->disks[i].place == place)
			return true;
		for (size_t j = 0; j < domain->disks[i].backing_count; j++) {
			if (domain->disks[i].backing[j].place == place)
				return true;
		}
	}
	return false;
}

static bool is_only_read(const struct place *place)
{
	return strcmp(place->label, "kernel") == 0 || strcmp(place->label, "initrd") == 0;
}

static int plan_path(const struct domain *domain, struct plan *plan, size_t index,
		     const struct place_facts *facts, struct err *err)
{
	const struct place *place = &domain->places[index];

	if (is_of_disk(domain, (int)index))
		return 0;
	if (is_only_read(place) && !facts->present)
		return err_set(err, ENOENT,
			       "%s: '%s' is not on this host; copy it there, or map its folder in "
			       "[paths] of berth.conf",
			       place->label, facts->here);
	if (!facts->folder_present)
		return err_set(err, ENOENT,
			       "%s: the folder of '%s' is not on this host; make it, or map it in "
			       "[paths] of berth.conf",
			       place->label, facts->here);
	return plan_change(plan, place, facts->here, err);
}

int plan_place(const struct situation *situation, struct plan *plan, size_t index, struct err *err)
{
	const struct place *place = &situation->domain->places[index];
	const struct place_facts *facts = &situation->facts->places[index];

	switch (place->kind) {
	case PLACE_LISTEN:
		return plan_listen(situation, plan, place, facts, err);
	case PLACE_BRIDGE:
		if (plan_is_vlan_place(situation->domain, (int)index))
			return 0;
		return plan_bridge(plan, place, facts, err);
	case PLACE_NETWORK:
		return plan_change(plan, place, facts->here, err);
	case PLACE_PATH:
		return plan_path(situation->domain, plan, index, facts, err);
	}
	return 0;
}
