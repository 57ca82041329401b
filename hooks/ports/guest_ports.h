/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's ports through its life: VLANs and programs come before it, and go with it. */
#ifndef BERTH_HOOKS_PORTS_GUEST_PORTS_H
#define BERTH_HOOKS_PORTS_GUEST_PORTS_H

#include "config/config.h"
#include "hooks/records/site.h"
#include "xml/domain.h"

/**
 * guest_ports_prepare() - `prepare begin`: refuse what can't work, make what taps are connected to
 *
 * Of a guest without a policy too: names that are to be closed are closed before it has taps.
 */
int guest_ports_prepare(const struct site *site, const struct config *config,
			const struct domain *domain, struct err *err);

/**
 * guest_ports_start() - make the host hold what the policy wants of the guest's ports
 * @is_new: QEMU does not run yet: what has come to its taps before is dropped
 *
 * A guest that has no policy any more loses its programs. A wrong policy changes nothing.
 *
 * Return: the number of changes; or a negative errno: with @is_new nothing is left then, otherwise
 * everything is as it was.
 */
int guest_ports_start(const struct site *site, const struct config *config,
		      const struct domain *domain, bool is_new, struct err *err);

/* guest_ports_stop() - `stopped end` and `release end`: programs and VLANs go. Idempotent. */
int guest_ports_stop(const struct site *site, const struct config *config,
		     const struct domain *domain, struct err *err);

/**
 * guest_ports_compare() - whether the host holds what guest_ports_start() would make it hold
 * @words: what differs, a line each, is appended
 *
 * Return: 0: it does; 1: it doesn't; or a negative errno.
 */
int guest_ports_compare(const struct site *site, const struct config *config,
			const struct domain *domain, struct strbuf *words, struct err *err);

/* guest_ports_sweep() - take away what belongs to no interface of this host any more. */
int guest_ports_sweep(const struct site *site, const struct config *config, struct err *err);

#endif
