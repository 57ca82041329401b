/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parsing with libxml2, bounded.
 *
 * libxml2 needs time that grows with the square of a tag's attributes, and memory that is a
 * multiple of the text. So the scanner goes over the text first, in linear time and without memory,
 * and refuses what is too much. Up to the first error both see the same tokens.
 *
 * Behind an error libxml2 goes on, without building anything, but slowly: 6 MB of hyphens in one
 * comment keep it busy for many minutes, and a tag may begin for it where none did for the scanner.
 * So it reads through a callback that has nothing more to give once there was an error. Stopping it
 * from the error callback is no way out: xmlParseCharData() goes on in the buffer that this frees
 * (2.9.14).
 */
#include "xml/tree.h"

#include <errno.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <stdint.h>
#include <string.h>

#include "base/strbuf.h"
#include "xml/characters.h"
#include "xml/domain.h"
#include "xml/scan.h"

#if LIBXML_VERSION >= 21200
typedef const xmlError *parse_error;
#else
typedef xmlError *parse_error;
#endif

/* What the callbacks of one parser run share, through the parser's _private. */
struct parse_state {
	const char *unread;
	size_t unread_bytes;
	uintptr_t elements;
	bool has_doctype;
	struct err first_error;
};

/* How much of what a text has so far. */
struct tally {
	size_t depth;
	size_t items;
	size_t namespaces;
};

static int refuse_at(const struct scan *scan, const struct scan_token *token, int code,
		     const char *what, struct err *err)
{
	return err_set(err, code, "line %u: %s", scan_line(scan, token->begin), what);
}

static int check_attributes(const struct scan *scan, const struct scan_token *tag,
			    struct tally *tally, struct err *err)
{
	struct scan_attribute attribute;
	size_t at = tag->name_end;
	size_t count = 0;

	while (scan_attribute(scan, tag, &at, &attribute)) {
		size_t length = attribute.name_end - attribute.name;
		if (length >= 5 && memcmp(scan->text + attribute.name, "xmlns", 5) == 0)
			tally->namespaces++;
		count++;
	}
	tally->items += count;
	if (count > DOMAIN_XML_MAX_ATTRIBUTES)
		return refuse_at(scan, tag, EFBIG, "too many attributes in one tag", err);
	if (tally->namespaces > DOMAIN_XML_MAX_NAMESPACES)
		return refuse_at(scan, tag, EFBIG, "too many namespace declarations", err);
	return 0;
}

static int check_token(const struct scan *scan, const struct scan_token *token, struct tally *tally,
		       struct err *err)
{
	if (token->kind == SCAN_DOCTYPE)
		return refuse_at(scan, token, EPERM, "a document type is not accepted", err);
	if (token->kind != SCAN_TEXT && ++tally->items > DOMAIN_XML_MAX_ITEMS)
		return refuse_at(scan, token, EFBIG, "too many tags, attributes and comments", err);
	if (token->kind == SCAN_END && tally->depth > 0)
		tally->depth--;
	if (token->kind != SCAN_START)
		return 0;
	if (tally->depth == DOMAIN_XML_MAX_DEPTH)
		return refuse_at(scan, token, ELOOP, "nested too deep", err);
	tally->depth += !token->empty;
	return check_attributes(scan, token, tally, err);
}

/* Return: 0 also for a text that isn't well-formed: libxml2 will tell where and why. */
static int check_limits(const char *text, size_t length, struct err *err)
{
	struct scan scan = {.text = text, .length = length};
	struct tally tally = {0};
	struct scan_token token;

	if (length == 0)
		return err_set(err, EBADMSG, "line 1: it is empty");
	if (length > DOMAIN_XML_MAX_BYTES)
		return err_set(err, EFBIG, "it has %zu bytes; %zu are accepted", length,
			       DOMAIN_XML_MAX_BYTES);
	size_t bad = xml_find_bad(text, length);
	if (bad < length)
		return err_set(err, EBADMSG, "line %u: byte 0x%02x is not UTF-8, or not for XML",
			       scan_line(&scan, bad), (unsigned char)text[bad]);
	do {
		scan_next(&scan, &token);
		int rc = check_token(&scan, &token, &tally, err);
		if (rc < 0)
			return rc;
	} while (token.kind != SCAN_EOF && token.kind != SCAN_BROKEN);
	return 0;
}

static struct parse_state *state_of(void *parser)
{
	return ((xmlParserCtxt *)parser)->_private;
}

static int on_read(void *context, char *buffer, int wanted)
{
	struct parse_state *state = context;
	size_t count = (size_t)wanted < state->unread_bytes ? (size_t)wanted : state->unread_bytes;

	if (state->first_error.code)
		return 0;
	memcpy(buffer, state->unread, count);
	state->unread += count;
	state->unread_bytes -= count;
	return (int)count;
}

static void on_start(void *parser, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
		     int namespace_count, const xmlChar **namespaces, int attribute_count,
		     int default_count, const xmlChar **attributes)
{
	xmlSAX2StartElementNs(parser, name, prefix, uri, namespace_count, namespaces,
			      attribute_count, default_count, attributes);
	xmlNode *node = ((xmlParserCtxt *)parser)->node;
	if (node)
		node->_private = (void *)state_of(parser)->elements++;
}

/* Second lock on a door that check_limits() has closed. */
static void on_doctype(void *parser, const xmlChar *name, const xmlChar *external,
		       const xmlChar *system)
{
	(void)name;
	(void)external;
	(void)system;
	state_of(parser)->has_doctype = true;
	xmlStopParser(parser);
}

static void on_error(void *parser, parse_error error)
{
	struct err *first = &state_of(parser)->first_error;

	if (first->code || error->level != XML_ERR_FATAL)
		return;
	const char *message = error->message ? error->message : "not well-formed";
	err_set(first, EBADMSG, "line %d: %.*s", error->line > 0 ? error->line : 1,
		(int)strcspn(message, "\n"), message);
}

static xmlParserCtxt *new_parser(struct parse_state *state)
{
	xmlParserCtxt *parser = xmlNewParserCtxt();

	if (!parser)
		return NULL;
	parser->_private = state;
	parser->sax->startElementNs = on_start;
	parser->sax->internalSubset = on_doctype;
	parser->sax->serror = on_error;
	return parser;
}

static bool is_utf8(const xmlDoc *doc)
{
	return !doc->encoding || xmlStrcasecmp(doc->encoding, (const xmlChar *)"UTF-8") == 0;
}

int tree_parse(const char *text, size_t length, xmlDoc **ret, struct err *err)
{
	struct parse_state state = {.unread = text, .unread_bytes = length};
	int rc = check_limits(text, length, err);

	if (rc < 0)
		return rc;
	xmlParserCtxt *parser = new_parser(&state);
	if (!parser)
		return err_set(err, ENOMEM, "no memory for a parser");
	cleanup_doc xmlDoc *doc =
		xmlCtxtReadIO(parser, on_read, NULL, &state, NULL, NULL,
			      XML_PARSE_NONET | XML_PARSE_COMPACT | XML_PARSE_BIG_LINES);
	bool well_formed = doc && parser->wellFormed;
	xmlFreeParserCtxt(parser);

	if (state.has_doctype || (doc && doc->intSubset))
		return err_set(err, EPERM, "a document type is not accepted");
	if (state.first_error.code) {
		*err = state.first_error;
		return -err->code;
	}
	if (!well_formed || !xmlDocGetRootElement(doc))
		return err_set(err, EBADMSG, "line 1: not well-formed");
	if (!is_utf8(doc))
		return err_set(err, EBADMSG, "line 1: its encoding is '%s'; only UTF-8 is accepted",
			       (const char *)doc->encoding);
	*ret = steal_pointer(doc);
	return 0;
}

unsigned tree_ordinal(const xmlNode *element)
{
	return (unsigned)(uintptr_t)element->_private;
}

long tree_line(const xmlNode *element)
{
	return xmlGetLineNo(element);
}

const char *tree_namespace(const xmlNode *element)
{
	return element->ns ? (const char *)element->ns->href : NULL;
}

bool tree_is_in(const xmlNode *node, const char *name, const char *uri)
{
	return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0 &&
	       str_equal(tree_namespace(node), uri);
}

bool tree_is(const xmlNode *node, const char *name)
{
	return tree_is_in(node, name, NULL);
}

xmlNode *tree_child(const xmlNode *parent, const char *name)
{
	for (xmlNode *node = parent ? parent->children : NULL; node; node = node->next) {
		if (tree_is(node, name))
			return node;
	}
	return NULL;
}

static xmlNode *next_node(xmlNode *node)
{
	if (node->type == XML_ELEMENT_NODE && node->children)
		return node->children;
	while (node && !node->next)
		node = node->parent;
	return node ? node->next : NULL;
}

xmlNode *tree_next_element(xmlNode *element)
{
	xmlNode *node = next_node(element);

	while (node && node->type != XML_ELEMENT_NODE)
		node = next_node(node);
	return node;
}

/* xmlGetLineNo() and friends hand out memory of libxml2's own allocator. */
static char *take_string(xmlChar *string)
{
	char *copy = xstrdup((const char *)string);

	xmlFree(string);
	return copy;
}

char *tree_attribute(const xmlNode *element, const char *name)
{
	return element ? take_string(xmlGetNoNsProp(element, (const xmlChar *)name)) : NULL;
}

static bool is_written(const xmlAttr *attribute, const char *name)
{
	const char *local = (const char *)attribute->name;
	const char *prefix = attribute->ns ? (const char *)attribute->ns->prefix : NULL;

	if (!prefix)
		return strcmp(local, name) == 0;
	size_t length = strlen(prefix);
	return strncmp(name, prefix, length) == 0 && name[length] == ':' &&
	       strcmp(name + length + 1, local) == 0;
}

char *tree_attribute_as_written(const xmlNode *element, const char *name)
{
	for (const xmlAttr *attribute = element->properties; attribute;
	     attribute = attribute->next) {
		if (is_written(attribute, name))
			return attribute->children ? take_string(xmlNodeListGetString(
							     element->doc, attribute->children, 1))
						   : xstrdup("");
	}
	return NULL;
}

char *tree_text(const xmlNode *element)
{
	cleanup_strbuf struct strbuf text = {0};

	for (const xmlNode *node = element->children; node; node = node->next) {
		if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
			strbuf_puts(&text, (const char *)node->content);
	}
	return strbuf_steal(&text);
}
