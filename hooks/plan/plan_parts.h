/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the plan: its parts. Others include hooks/plan/plan.h. */
#ifndef BERTH_HOOKS_PLAN_PLAN_PARTS_H
#define BERTH_HOOKS_PLAN_PLAN_PARTS_H

#include "hooks/plan/plan.h"

/* plan.c */

/* plan_add_edit() - change one spot of the XML; the strings are copied. */
void plan_add_edit(struct plan *plan, unsigned element, const char *attribute, const char *value);
/* plan_change() - give a place the name that it has here, if that is another; -EINVAL for an
 * unspeakable one. */
int plan_change(struct plan *plan, const struct place *place, const char *here, struct err *err);
/* plan_change_port() - give one interface another bridge. */
void plan_change_port(struct plan *plan, const struct place *place, const char *mac,
		      const char *bridge);

/* plan_add_step() - one more step for a disk; its strings are copied, the rest is for the caller.
 */
struct step *plan_add_step(struct plan *plan, enum step_kind kind, const struct domain_disk *disk,
			   const char *path);

/* plan_places.c: the place of that index, unless it is a disk's */
int plan_place(const struct situation *situation, struct plan *plan, size_t index, struct err *err);

/* ... and, when the disks are planned, whether the folders of all others are here or will be */
int plan_check_folders(const struct situation *situation, const struct plan *plan, struct err *err);

/* plan_names.c: -EEXIST when several files of the guest would be one here */
int plan_names(const struct situation *situation, struct err *err);

/* plan_ports.c: the ports that the policy speaks of; and whether a place is one of theirs, as a
 * bridge that a VLAN decides */
int plan_ports(const struct situation *situation, struct plan *plan, struct err *err);
bool plan_is_vlan_place(const struct domain *domain, int place);

/* plan_volumes.c: the disks that are volumes; and whether the disk of that index is one */
int plan_volumes(const struct situation *situation, struct plan *plan, struct err *err);
bool plan_is_volume(const struct situation *situation, size_t index);

/* plan_disks.c: the disk of that index, unless it is a volume */
int plan_disk(const struct situation *situation, struct plan *plan, size_t index, struct err *err);

/* plan_notes.c: what libvirt may refuse */
void plan_notes(const struct domain *domain, struct plan *plan);

#endif
