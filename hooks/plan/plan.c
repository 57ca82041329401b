/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan.
 *
 * Theory of operation: the one place where a guest's XML, its manifest, this host's configuration
 * and the facts of the survey meet. It goes through the places of the XML (names that mean
 * something else here), then through the volumes (targets in the network that this host attaches),
 * then through the other disks (images that must be here, and those that are to be made), and ends
 * with the sum of the space. The first thing that can't work is the answer.
 *
 * Invariants:
 * - an image is planned only where the manifest names that very disk, path and format, and where
 *   nothing is, or the guest's own stale image that is set aside;
 * - each step stands after those it needs, so that undoing in reverse order is right;
 * - a volume that libvirt would copy onto itself is planned only with its write fence, and only
 *   where the gate will lift that;
 * - a guest without berth's metadata to which no mapping applies gets an empty plan.
 */
#include "hooks/plan/plan_parts.h"

#include <errno.h>
#include <search.h>
#include <string.h>

#include "base/strbuf.h"

static const char *const place_kind_names[] = {
	[PLACE_PATH] = "path",     [PLACE_BRIDGE] = "bridge",     [PLACE_NETWORK] = "network",
	[PLACE_LISTEN] = "listen", [PLACE_ARGUMENT] = "argument",
};

const char *place_kind_name(enum place_kind kind)
{
	return place_kind_names[kind];
}

char *plan_mapped_name(const struct config *config, const struct place *place)
{
	switch (place->kind) {
	case PLACE_PATH:
		return mappings_apply_path(&config->paths, place->value);
	case PLACE_BRIDGE:
		return xstrdup(mappings_apply(&config->bridges, place->value));
	case PLACE_NETWORK:
		return xstrdup(mappings_apply(&config->networks, place->value));
	case PLACE_ARGUMENT:
		return mappings_apply_argument(&config->paths, place->value);
	case PLACE_LISTEN:
		break;
	}
	return NULL;
}

bool plan_is_managed(const struct domain *domain, const struct config *config)
{
	if (domain->manifest || domain->policy || domain->policy_error.code)
		return true;
	for (size_t i = 0; i < domain->place_count; i++) {
		cleanup_free char *here = plan_mapped_name(config, &domain->places[i]);
		if (here)
			return true;
	}
	return false;
}

void plan_add_edit(struct plan *plan, unsigned element, const char *attribute, const char *value)
{
	plan->edits = xreallocarray(plan->edits, plan->edit_count + 1, sizeof(*plan->edits));
	plan->edits[plan->edit_count++] = (struct xml_edit){
		.element = element,
		.attribute = xstrdup(attribute),
		.value = xstrdup(value),
	};
}

static bool has_control_character(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	}
	return false;
}

/* Two spots may name the same thing: <serial> and its <console>, listen= and <listen>. */
static void add_rename(struct plan *plan, const char *what, const char *from, const char *to)
{
	plan->renames =
		xreallocarray(plan->renames, plan->rename_count + 1, sizeof(*plan->renames));
	plan->renames[plan->rename_count++] = (struct rename){
		.what = xstrdup(what),
		.from = xstrdup(from),
		.to = xstrdup(to),
	};
}

static bool is_renamed(const struct plan *plan, const struct place *place, const char *here)
{
	for (size_t i = 0; i < plan->rename_count; i++) {
		if (strcmp(plan->renames[i].what, place_kind_name(place->kind)) == 0 &&
		    strcmp(plan->renames[i].from, place->value) == 0 &&
		    strcmp(plan->renames[i].to, here) == 0)
			return true;
	}
	return false;
}

int plan_change(struct plan *plan, const struct place *place, const char *here, struct err *err)
{
	if (strcmp(place->value, here) == 0)
		return 0;
	if (has_control_character(place->value) || has_control_character(here))
		return err_set(err, EINVAL, "%s: '%s' holds control characters; rename it",
			       place->label, place->value);
	plan_add_edit(plan, place->element, place->attribute, here);
	if (is_renamed(plan, place, here))
		return 0;
	add_rename(plan, place_kind_name(place->kind), place->value, here);
	return 0;
}

void plan_change_port(struct plan *plan, const struct place *place, const char *mac,
		      const char *bridge)
{
	if (strcmp(place->value, bridge) == 0)
		return;
	plan_add_edit(plan, place->element, place->attribute, bridge);
	add_rename(plan, RENAME_BRIDGE_OF, mac, bridge);
}

struct step *plan_add_step(struct plan *plan, enum step_kind kind, const struct domain_disk *disk,
			   const char *path)
{
	plan->steps = xreallocarray(plan->steps, plan->step_count + 1, sizeof(*plan->steps));
	struct step *step = &plan->steps[plan->step_count++];
	*step = (struct step){
		.kind = kind,
		.disk = xstrdup(disk->target),
		.path = xstrdup(path),
	};
	return step;
}

static int check_step_count(const struct plan *plan, struct err *err)
{
	if (plan->step_count <= PLAN_MAX_STEPS)
		return 0;
	return err_set(err, E2BIG, "it needs %zu steps on this host; %d are accepted",
		       plan->step_count, PLAN_MAX_STEPS);
}

static int fill(const struct situation *situation, struct plan *plan, struct err *err)
{
	const struct domain *domain = situation->domain;
	int rc = 0;

	if (domain->policy_error.code) {
		*err = domain->policy_error;
		return -err->code;
	}
	for (size_t i = 0; i < domain->place_count && rc == 0; i++)
		rc = plan_place(situation, plan, i, err);
	if (rc == 0)
		rc = plan_ports(situation, plan, err);
	if (rc == 0)
		rc = plan_names(situation, err);
	if (rc == 0)
		rc = plan_volumes(situation, plan, err);
	for (size_t i = 0; i < domain->disk_count && rc == 0; i++)
		rc = plan_disk(situation, plan, i, err);
	if (rc == 0)
		rc = plan_check_folders(situation, plan, err);
	if (rc == 0)
		rc = check_step_count(plan, err);
	if (rc == 0)
		rc = plan_check_space(situation, plan, err);
	bool changes = plan->step_count + plan->rename_count > 0;
	if (rc == 0 && changes && !situation->restore && domain->manifest_element >= 0)
		plan_add_edit(plan, (unsigned)domain->manifest_element, "token", situation->token);
	return rc;
}

int plan_make(const struct situation *situation, struct plan **ret, struct err *err)
{
	cleanup_plan struct plan *plan = xcalloc(1, sizeof(*plan));

	plan->managed = plan_is_managed(situation->domain, situation->config);
	int rc = plan->managed ? fill(situation, plan, err) : 0;
	if (rc < 0)
		return rc;
	plan_notes(situation->domain, plan);
	*ret = steal_pointer(plan);
	return 0;
}

static void keep_key(void *key)
{
	(void)key;
}

void plan_freep(struct plan **ref)
{
	struct plan *plan = *ref;

	if (!plan)
		return;
	for (size_t i = 0; i < plan->step_count; i++)
		step_clear(&plan->steps[i]);
	tdestroy(plan->folders, keep_key);
	for (size_t i = 0; i < plan->edit_count; i++) {
		free((char *)plan->edits[i].attribute);
		free((char *)plan->edits[i].value);
	}
	for (size_t i = 0; i < plan->rename_count; i++) {
		free(plan->renames[i].what);
		free(plan->renames[i].from);
		free(plan->renames[i].to);
	}
	for (size_t i = 0; i < plan->port_count; i++)
		free(plan->ports[i]);
	compared_clear(&plan->compared);
	for (size_t i = 0; i < plan->note_count; i++)
		free(plan->notes[i]);
	free(plan->notes);
	free(plan->ports);
	free(plan->steps);
	free(plan->edits);
	free(plan->renames);
	free(plan);
	*ref = NULL;
}

void plan_print(const struct plan *plan, struct strbuf *out)
{
	for (size_t i = 0; i < plan->note_count; i++)
		strbuf_printf(out, "note: %s\n", plan->notes[i]);
	if (!plan->managed) {
		strbuf_puts(out, "nothing: no metadata of berth, and no mapping applies\n");
		return;
	}
	for (size_t i = 0; i < plan->step_count; i++) {
		strbuf_printf(out, "%zu. ", i + 1);
		step_describe(&plan->steps[i], out);
		strbuf_puts(out, "\n   undo: ");
		step_describe_undo(&plan->steps[i], out);
		strbuf_puts(out, "\n");
	}
	for (size_t i = 0; i < plan->rename_count; i++)
		strbuf_printf(out, "change %s '%s' to '%s'\n", plan->renames[i].what,
			      plan->renames[i].from, plan->renames[i].to);
	for (size_t i = 0; i < plan->port_count; i++)
		strbuf_printf(out, "when it starts: %s\n", plan->ports[i]);
	if (plan->step_count + plan->rename_count + plan->port_count == 0)
		strbuf_puts(out, "nothing to make and nothing to change\n");
}
