/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Splicing values into an XML text.
 *
 * The scanner goes over the text once and turns each edit into a splice: bytes from..to become
 * other bytes. The splices are then copied in, in their order; what lies between them isn't looked
 * at. libxml2 reads the result back: it is a parser of its own, so an error of the scanner shows
 * there.
 */
#include "xml/rewrite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "xml/characters.h"
#include "xml/scan.h"
#include "xml/tree.h"

/* One edit on its way: where it goes and what will stand there. */
struct splice {
	const struct xml_edit *edit;
	size_t rank; /* keeps the caller's order where two splices go to one place */
	size_t begin;
	size_t end;
	struct strbuf bytes;
};

struct splices {
	struct splice *list;
	size_t count;
};

static void splices_free(struct splices *splices)
{
	for (size_t i = 0; i < splices->count; i++)
		strbuf_free(&splices->list[i].bytes);
	free(splices->list);
}

static int edit_error(const struct xml_edit *edit, int code, const char *what, struct err *err)
{
	return err_set(err, code, "element %u, %s '%.100s': %s", edit->element,
		       edit->attribute ? "attribute" : "text",
		       edit->attribute ? edit->attribute : edit->value, what);
}

/* Elements in document order; in one element attributes by name and then the text. */
static int by_spot(const void *left, const void *right)
{
	const struct xml_edit *a = ((const struct splice *)left)->edit;
	const struct xml_edit *b = ((const struct splice *)right)->edit;

	if (a->element != b->element)
		return a->element < b->element ? -1 : 1;
	if (!a->attribute || !b->attribute)
		return (!a->attribute) - (!b->attribute);
	return strcmp(a->attribute, b->attribute);
}

static int by_offset(const void *left, const void *right)
{
	const struct splice *a = left;
	const struct splice *b = right;

	if (a->begin != b->begin)
		return a->begin < b->begin ? -1 : 1;
	if (a->end != b->end)
		return a->end < b->end ? -1 : 1;
	return a->rank < b->rank ? -1 : 1;
}

static bool can_hold(const char *value)
{
	size_t length = strlen(value);

	return xml_find_bad(value, length) == length;
}

static bool can_be_set(const char *attribute)
{
	bool declares = str_equal(attribute, "xmlns") || str_starts(attribute, "xmlns:");

	return *attribute && !declares && !strpbrk(attribute, " \t\r\n=/<>\"'&") &&
	       can_hold(attribute);
}

static int check_edit(const struct xml_edit *edit, struct err *err)
{
	if (edit->attribute && !can_be_set(edit->attribute))
		return edit_error(edit, EINVAL, "this attribute can't be set", err);
	if (!can_hold(edit->value))
		return edit_error(edit, EINVAL, "the value can't stand in XML", err);
	return 0;
}

static int prepare(const struct xml_edit *edits, size_t count, struct splices *splices,
		   struct err *err)
{
	splices->list = xcalloc(count, sizeof(*splices->list));
	splices->count = count;
	for (size_t i = 0; i < count; i++) {
		splices->list[i] = (struct splice){.edit = &edits[i], .rank = i};
		int rc = check_edit(&edits[i], err);
		if (rc < 0)
			return rc;
	}
	qsort(splices->list, count, sizeof(*splices->list), by_spot);
	for (size_t i = 1; i < count; i++) {
		if (by_spot(&splices->list[i - 1], &splices->list[i]) == 0)
			return edit_error(splices->list[i].edit, EEXIST, "is edited twice", err);
	}
	return 0;
}

static bool is_named(const struct scan *scan, const struct scan_attribute *found, const char *name)
{
	size_t length = strlen(name);

	return found->name_end - found->name == length &&
	       memcmp(scan->text + found->name, name, length) == 0;
}

static void splice_attribute(const struct scan *scan, const struct scan_token *tag,
			     struct splice *splice)
{
	const char *name = splice->edit->attribute;
	struct scan_attribute found;
	size_t at = tag->name_end;
	char quote = '\'';

	while (scan_attribute(scan, tag, &at, &found)) {
		quote = scan->text[found.value_end];
		if (!is_named(scan, &found, name))
			continue;
		splice->begin = found.value;
		splice->end = found.value_end;
		xml_escape_attribute(&splice->bytes, splice->edit->value, quote);
		return;
	}
	splice->begin = splice->end = at;
	strbuf_printf(&splice->bytes, " %s=%c", name, quote);
	xml_escape_attribute(&splice->bytes, splice->edit->value, quote);
	strbuf_add(&splice->bytes, &quote, 1);
}

static void splice_empty_element(const struct scan *scan, const struct scan_token *tag,
				 struct splice *splice)
{
	const char *name = scan->text + tag->begin + 1;
	int name_length = (int)(tag->name_end - tag->begin - 1);

	splice->begin = tag->end - strlen("/>");
	splice->end = tag->end;
	strbuf_puts(&splice->bytes, ">");
	xml_escape_text(&splice->bytes, splice->edit->value);
	strbuf_printf(&splice->bytes, "</%.*s>", name_length, name);
}

/* @ahead: a copy of the scanner: the caller's stays where it is. */
static int splice_text(struct scan ahead, const struct scan_token *tag, struct splice *splice,
		       struct err *err)
{
	struct scan_token token;

	if (tag->empty) {
		splice_empty_element(&ahead, tag, splice);
		return 0;
	}
	splice->begin = tag->end;
	xml_escape_text(&splice->bytes, splice->edit->value);
	for (;;) {
		scan_next(&ahead, &token);
		if (token.kind == SCAN_END)
			break;
		if (token.kind == SCAN_START)
			return edit_error(splice->edit, EINVAL, "the element has child elements",
					  err);
		if (token.kind == SCAN_NOTE)
			strbuf_add(&splice->bytes, ahead.text + token.begin,
				   token.end - token.begin);
		else if (token.kind != SCAN_TEXT && token.kind != SCAN_CDATA)
			return edit_error(splice->edit, EBADMSG, "the XML ends too early", err);
	}
	splice->end = token.begin;
	return 0;
}

static int place_splices(const char *text, size_t length, struct splices *splices, struct err *err)
{
	struct scan scan = {.text = text, .length = length};
	struct scan_token token = {.kind = SCAN_TEXT};

	for (size_t i = 0; i < splices->count; i++) {
		struct splice *splice = &splices->list[i];
		while (token.kind != SCAN_START || token.element != splice->edit->element) {
			if (token.kind == SCAN_EOF)
				return edit_error(splice->edit, ENOENT, "no such element", err);
			if (token.kind == SCAN_BROKEN || token.kind == SCAN_DOCTYPE)
				return edit_error(splice->edit, EBADMSG, "not well-formed", err);
			scan_next(&scan, &token);
		}
		if (splice->edit->attribute) {
			splice_attribute(&scan, &token, splice);
			continue;
		}
		int rc = splice_text(scan, &token, splice, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static void copy_with_splices(const char *text, size_t length, struct splices *splices,
			      struct strbuf *out)
{
	size_t at = 0;

	qsort(splices->list, splices->count, sizeof(*splices->list), by_offset);
	for (size_t i = 0; i < splices->count; i++) {
		const struct splice *splice = &splices->list[i];
		strbuf_add(out, text + at, splice->begin - at);
		strbuf_add(out, splice->bytes.text, splice->bytes.length);
		at = splice->end;
	}
	strbuf_add(out, text + at, length - at);
}

static int read_back_one(const xmlNode *element, const struct xml_edit *edit, struct err *err)
{
	cleanup_free char *value = edit->attribute
					   ? tree_attribute_as_written(element, edit->attribute)
					   : tree_text(element);

	if (!str_equal(value, edit->value))
		return edit_error(edit, EBADMSG, "does not read back after rewriting", err);
	return 0;
}

static int read_back(const char *text, size_t length, struct splices *splices, struct err *err)
{
	cleanup_doc xmlDoc *doc = NULL;
	int rc = tree_parse(text, length, &doc, err);

	if (rc < 0)
		return err_wrap(err, "rewritten XML");
	qsort(splices->list, splices->count, sizeof(*splices->list), by_spot);
	xmlNode *element = xmlDocGetRootElement(doc);
	for (size_t i = 0; i < splices->count; i++) {
		const struct xml_edit *edit = splices->list[i].edit;
		while (element && tree_ordinal(element) < edit->element)
			element = tree_next_element(element);
		if (!element)
			return edit_error(edit, EBADMSG, "is not there after rewriting", err);
		rc = read_back_one(element, edit, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int xml_rewrite(const char *text, size_t length, const struct xml_edit *edits, size_t count,
		struct strbuf *out, struct err *err)
{
	cleanup(splices_free) struct splices splices = {0};
	size_t before = out->length;

	if (count == 0) {
		strbuf_add(out, text, length);
		return 0;
	}
	int rc = prepare(edits, count, &splices, err);
	if (rc == 0)
		rc = place_splices(text, length, &splices, err);
	if (rc < 0)
		return rc;
	copy_with_splices(text, length, &splices, out);
	rc = read_back(out->text + before, out->length - before, &splices, err);
	if (rc < 0) {
		out->length = before;
		out->text[before] = '\0';
	}
	return rc;
}
