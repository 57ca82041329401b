/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside xml/: values of attributes, and texts, that the scanner has found. */
#ifndef BERTH_XML_SCAN_VALUE_H
#define BERTH_XML_SCAN_VALUE_H

#include "xml/scan.h"

/**
 * scan_value_decode() - a text with XML's own entities and character references resolved
 *
 * Return: the text, which the caller frees; NULL where it holds another entity, or a control
 * character, be it as reference.
 */
char *scan_value_decode(const char *text, size_t length);

/**
 * scan_value_of() - the value of a start tag's attribute of that name
 * @ret: the caller frees it; NULL: there is no such attribute
 *
 * Return: false where the tag isn't well-formed, or has it twice, or the value can't be decoded.
 */
bool scan_value_of(const struct scan *scan, const struct scan_token *tag, const char *name,
		   char **ret);

#endif
