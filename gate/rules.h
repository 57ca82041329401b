/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate acts: rules of ports, VLANs, and what keeps others from writing to volumes. */
#ifndef BERTH_GATE_RULES_H
#define BERTH_GATE_RULES_H

#include "gate/compare.h"
#include "gate/look.h"

/**
 * gate_put_rules() - have the kernel hold for each port what the guest's policy wants of this host
 * @xml: libvirt's status file, with the guest's domain XML in it
 *
 * What the source enforced instead, if it did, is logged.
 *
 * Return: 0; or a negative errno: a port could not get its rules.
 */
int gate_put_rules(const struct gate_view *view, const struct gate_case *given,
		   const struct strbuf *xml, struct err *err);

/* gate_check_vlans() - whether each port of the policy that has a VLAN is in it, and this host's
 * uplink carries it. Return: 0, or a negative errno. */
int gate_check_vlans(const struct gate_view *view, const struct gate_facts *here, struct err *err);

/* gate_lift_fences() - let this host write to the guest's volumes: nothing speaks against the guest
 * any more. Return: 0; or a negative errno, and all are fenced as before. @journal may be NULL. */
int gate_lift_fences(const struct journal *journal, const struct gate_facts *here, struct err *err);

#endif
