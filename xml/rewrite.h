/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing single values in an XML text and not one byte beside them. */
#ifndef BERTH_XML_REWRITE_H
#define BERTH_XML_REWRITE_H

#include <stddef.h>

#include "base/err.h"
#include "base/strbuf.h"

/**
 * struct xml_edit - one value to write
 * @element: ordinal of the element's start tag in document order, the root being 0
 * @attribute: the attribute's name as written, prefix and all; NULL: the element's text
 * @value: what a reader shall find there afterwards: UTF-8, not escaped
 */
struct xml_edit {
	unsigned element;
	const char *attribute;
	const char *value;
};

/**
 * xml_rewrite() - splice new values into a text
 * @text: an XML text that domain_parse() has accepted
 * @length: bytes
 * @edits: in any order; no two for one spot
 * @count: of edits; with 0 the text is copied
 * @out: the new text is appended here; untouched on failure
 *
 * An attribute keeps its place and its kind of quotes; one that is absent is added behind the last
 * one of its tag. An element's new text replaces its text and CDATA sections; comments and
 * processing instructions between them stay, behind the new text. The result is parsed once more,
 * and every edit must read back.
 *
 * Return: 0; -ENOENT: there is no such element; -EEXIST: two edits for one spot; -EINVAL: the value
 * can't stand in XML, the attribute can't be set (xmlns), or the element whose text is to be set
 * has child elements; -EBADMSG: the text is not well-formed.
 */
int xml_rewrite(const char *text, size_t length, const struct xml_edit *edits, size_t count,
		struct strbuf *out, struct err *err);

#endif
