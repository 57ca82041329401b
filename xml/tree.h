/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside xml/: how libxml2 is used. No header that others include may include this one. */
#ifndef BERTH_XML_TREE_H
#define BERTH_XML_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include <libxml/tree.h>

#include "base/cleanup.h"
#include "base/err.h"

#define cleanup_doc cleanup(tree_doc_freep)

static inline void tree_doc_freep(xmlDoc **doc)
{
	if (*doc)
		xmlFreeDoc(*doc);
}

/**
 * tree_parse() - parse a text that nobody has vouched for
 * @ret: the document; free it with xmlFreeDoc(); it has a root element
 *
 * The limits are those of domain.h. libxml2 prints nothing and calls no handler that the program
 * around us may have set.
 *
 * Return: 0, -EFBIG, -ELOOP, -EPERM, -EBADMSG: see domain_parse(). @err begins with "line N: ".
 */
int tree_parse(const char *text, size_t length, xmlDoc **ret, struct err *err);

/* tree_ordinal() - the element's number in document order, the root being 0. */
unsigned tree_ordinal(const xmlNode *element);

/* tree_line() - the line of the element's start tag, from 1. */
long tree_line(const xmlNode *element);

/* tree_is() - whether it is an element of that name in no namespace, as libvirt's own are. */
bool tree_is(const xmlNode *node, const char *name);

/* tree_is_in() - whether it is an element of that name in that namespace; NULL: in none. */
bool tree_is_in(const xmlNode *node, const char *name, const char *uri);

/* tree_namespace() - the element's namespace, or NULL. */
const char *tree_namespace(const xmlNode *element);

/* tree_child() - the first child of that name in no namespace, or NULL; @parent may be NULL. */
xmlNode *tree_child(const xmlNode *parent, const char *name);

/* tree_next_element() - the element behind @element in document order, or NULL. */
xmlNode *tree_next_element(xmlNode *element);

/* tree_attribute() - an attribute in no namespace, or NULL; to be freed; @element may be NULL. */
char *tree_attribute(const xmlNode *element, const char *name);

/* tree_attribute_as_written() - as tree_attribute(), by its written name with its prefix. */
char *tree_attribute_as_written(const xmlNode *element, const char *name);

/* tree_text() - the element's own text and CDATA sections, joined; never NULL; to be freed. */
char *tree_text(const xmlNode *element);

#endif
