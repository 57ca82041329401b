/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stale images: no guest starts from what another host has a newer copy of. */
#ifndef BERTH_HOOKS_RECORDS_STALE_START_H
#define BERTH_HOOKS_RECORDS_STALE_START_H

#include <stdbool.h>

#include "base/err.h"
#include "hooks/records/site.h"
#include "xml/domain.h"

/**
 * stale_images_refuse() - refuse a domain that would write to a stale image, its own or another
 * guest's
 * @arrives: a migration brings it; then its own are overwritten with what is good
 *
 * What a record says of a path that another file has by now is forgotten.
 *
 * Return: 0; -EPERM, and @err says where the guest is and what can be done; -EBADMSG when the
 * domain's own record can't be understood; or another negative errno.
 */
int stale_images_refuse(const struct site *site, const struct domain *domain, bool arrives,
			struct err *err);

/**
 * stale_images_came_back() - a migration has brought a guest onto its stale images: they are good
 * again
 * @domain: as it runs here
 * @began: when that migration began; what is stale since a later moment stays so
 *
 * Return: 0 or a negative errno.
 */
int stale_images_came_back(const struct site *site, const struct domain *domain, time_t began,
			   struct err *err);

#endif
