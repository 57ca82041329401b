/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside xml/: how the typed view of a domain is put together, element by element. */
#ifndef BERTH_XML_VIEW_H
#define BERTH_XML_VIEW_H

#include "xml/domain.h"
#include "xml/tree.h"

/* domain.c */

/* view_room() - the array with room for one more behind its @count elements; it may have moved. */
void *view_room(void *array, size_t count, size_t size);

/**
 * view_add_place() - note one spot
 * @element: may be NULL
 * @attribute: a string constant, or NULL for the element's text
 * @label: copied
 *
 * Return: its index in the domain's places, or -1: there is no such element or attribute, or it is
 * empty.
 */
int view_add_place(struct domain *domain, enum place_kind kind, const xmlNode *element,
		   const char *attribute, const char *label);

/* host_path_view.c: all paths but those of the views below */
void view_host_paths(struct domain *domain, const xmlNode *root);

/* disk.c; @number: of the devices of this element's name, from 0 */
int view_disk(struct domain *domain, const xmlNode *disk, unsigned number, struct err *err);

/* port.c */
int view_port(struct domain *domain, const xmlNode *interface, unsigned number, struct err *err);

/* graphics.c */
int view_graphics(struct domain *domain, const xmlNode *graphics, unsigned number, struct err *err);

/* manifest-read.c */

/**
 * manifest_read() - read the manifest from its <state> element
 *
 * Child elements count when they are in the namespace of @state.
 *
 * Return: 0, or -EINVAL with "line N: ...".
 */
int manifest_read(const xmlNode *state, struct manifest **ret, struct err *err);

/* policy-read.c */

/**
 * policy_read() - read the policy from its <policy> element
 *
 * Child elements are expected in the namespace of @element.
 *
 * Return: 0, or -EINVAL with "line N: ...".
 */
int policy_read(const xmlNode *element, struct policy **ret, struct err *err);

#endif
