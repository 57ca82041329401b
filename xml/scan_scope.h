/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside xml/: which namespace a name is in, for those who read XML by the scanner. */
#ifndef BERTH_XML_SCAN_SCOPE_H
#define BERTH_XML_SCAN_SCOPE_H

#include "base/cleanup.h"
#include "xml/scan.h"

/* What may be declared at one place, by all elements that are open there. */
#define SCAN_SCOPE_MAX 256

/**
 * struct scan_scope - the namespaces that are declared where a scan stands
 * @items: the innermost last; @prefix "" is the default, @uri "" is none
 *
 * Start with all of it zero.
 */
struct scan_scope {
	struct scan_declaration {
		size_t depth;
		char *prefix;
		char *uri;
	} * items;
	size_t count;
};

#define cleanup_scan_scope cleanup(scan_scope_clear)

void scan_scope_clear(struct scan_scope *scope);

/**
 * scan_scope_enter() - an element begins: add what its start tag declares
 * @depth: of the element
 *
 * Return: false where a declaration isn't understood, or there are too many.
 */
bool scan_scope_enter(struct scan_scope *scope, const struct scan *scan,
		      const struct scan_token *tag, size_t depth);

/* scan_scope_leave() - the element of that depth has ended. */
void scan_scope_leave(struct scan_scope *scope, size_t depth);

/**
 * scan_scope_uri() - the namespace of an element's name
 * @name: as written
 * @local: gets what it is called in that namespace. A prefix that nobody has declared is a part of
 *         the name, as for libxml2
 *
 * Return: the URI; "": none.
 */
const char *scan_scope_uri(const struct scan_scope *scope, const char *name, const char **local);

#endif
