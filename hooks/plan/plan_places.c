/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan's first part: names in the XML that mean something else on this host, or nothing at all.
 */
#include "hooks/plan/plan_parts.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
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

/* libvirt copies the template where there is no NVRAM file yet. */
static bool has_nvram(const struct situation *situation)
{
	for (size_t i = 0; i < situation->domain->place_count; i++) {
		if (strcmp(situation->domain->places[i].label, "nvram") == 0)
			return situation->facts->places[i].present;
	}
	return false;
}

static bool must_be_present(const struct situation *situation, const struct place *place)
{
	return place->need == NEED_FILE || (place->need == NEED_TEMPLATE && !has_nvram(situation));
}

static int plan_path(const struct situation *situation, struct plan *plan, size_t index,
		     const struct place_facts *facts, struct err *err)
{
	const struct place *place = &situation->domain->places[index];

	if (is_of_disk(situation->domain, (int)index))
		return 0;
	if (must_be_present(situation, place) && !facts->present)
		return err_set(err, ENOENT,
			       "%s: '%s' is not on this host; copy it there, or map its folder in "
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
	case PLACE_ARGUMENT:
		return plan_change(plan, place, facts->here, err);
	case PLACE_PATH:
		return plan_path(situation, plan, index, facts, err);
	}
	return 0;
}

/* A disk's folder is made; logs and the like often lie in it. */
static bool makes_folder_of(const struct plan *plan, const char *path)
{
	cleanup_free char *folder = path_folder(path);

	for (size_t i = 0; i < plan->step_count; i++) {
		if (plan->steps[i].kind == STEP_FOLDER && strcmp(plan->steps[i].path, folder) == 0)
			return true;
	}
	return false;
}

int plan_check_folders(const struct situation *situation, const struct plan *plan, struct err *err)
{
	for (size_t i = 0; i < situation->domain->place_count; i++) {
		const struct place *place = &situation->domain->places[i];
		const struct place_facts *facts = &situation->facts->places[i];
		if (place->kind != PLACE_PATH || place->need != NEED_FOLDER ||
		    facts->folder_present || makes_folder_of(plan, facts->here) ||
		    is_of_disk(situation->domain, (int)i))
			continue;
		return err_set(err, ENOENT,
			       "%s: the folder of '%s' is not on this host; make it, or map it in "
			       "[paths] of berth.conf",
			       place->label, facts->here);
	}
	return 0;
}
