/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside xml/: where the markup stands in an XML text, in bytes. */
#ifndef BERTH_XML_SCAN_H
#define BERTH_XML_SCAN_H

#include <stdbool.h>
#include <stddef.h>

enum scan_kind {
	SCAN_START,   /* <name ...> or <name .../> */
	SCAN_END,     /* </name> */
	SCAN_TEXT,    /* up to the next '<' */
	SCAN_CDATA,   /* <![CDATA[ ... ]]> */
	SCAN_NOTE,    /* a comment, a processing instruction, the XML declaration */
	SCAN_DOCTYPE, /* <!DOCTYPE: only these bytes; scanning on makes no sense */
	SCAN_BROKEN,  /* not XML: scanning on makes no sense */
	SCAN_EOF,
};

/**
 * struct scan - a position in a text
 * @text, @length: the text; not owned
 * @at: offset of the next token
 * @elements: start tags met so far
 *
 * Start with the first two set and the rest zero.
 */
struct scan {
	const char *text;
	size_t length;
	size_t at;
	unsigned elements;
};

/**
 * struct scan_token - one piece of the text
 * @kind: what it is
 * @begin, @end: offsets; @end is behind its last byte
 * @element: of SCAN_START: its ordinal, the root being 0
 * @name_end: of SCAN_START and SCAN_END: offset behind the element's name
 * @empty: of SCAN_START: it ends in "/>" and no SCAN_END follows
 */
struct scan_token {
	enum scan_kind kind;
	size_t begin;
	size_t end;
	unsigned element;
	size_t name_end;
	bool empty;
};

/**
 * struct scan_attribute - one attribute of a start tag, in offsets
 * @name, @name_end: its name as written
 * @value, @value_end: its value without the quotes; text[value_end] is the closing quote
 */
struct scan_attribute {
	size_t name;
	size_t name_end;
	size_t value;
	size_t value_end;
};

/**
 * scan_next() - the next token
 *
 * Of a well-formed text without a document type, the tokens are exactly libxml2's. Of any other
 * text they are within the text, and end with SCAN_DOCTYPE, SCAN_BROKEN or SCAN_EOF.
 */
void scan_next(struct scan *scan, struct scan_token *ret);

/**
 * scan_attribute() - the next attribute of a start tag
 * @at: where to look; begin with the token's name_end; moved behind the attribute
 *
 * Return: whether there is one; false as well where the tag is not well-formed.
 */
bool scan_attribute(const struct scan *scan, const struct scan_token *tag, size_t *at,
		    struct scan_attribute *ret);

/* scan_line() - the line of an offset, from 1. */
unsigned scan_line(const struct scan *scan, size_t at);

#endif
