/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Damaged texts neither crash nor stop parser and rewriting, and what is accepted is sound. */
#include "test-xml-data.h"

#include <time.h>

#include "xml/domain.h"
#include "xml/rewrite.h"

#define ROUNDS 20000
#define MAX_SECONDS 3

static const char seed_text[] =
	"<?xml version='1.0'?><!-- c --><domain type=\"kvm\" id='1'><name>a&amp;b</name>\n"
	"<uuid>fcafdcd6-07d6-44d0-bba7-41ce815586b9</uuid>"
	"<metadata><berthstate:state xmlns:berthstate=\"urn:berth:state:1\" host='a' uri='b' "
	"written='2026-11-24T10:20:00Z'><berthstate:disk target='vda' path='/a' format='raw' "
	"virtual-bytes='1' allocated-bytes='1'><berthstate:backing path='/b' format='raw' "
	"virtual-bytes='1'/></berthstate:disk></berthstate:state></metadata>\n"
	"<os><kernel>/a<![CDATA[b]]></kernel><initrd/></os><devices>"
	"<disk type='file'><source file='/a'/><backingStore type='file'><format type='raw'/>"
	"<source file='/b'/></backingStore><target dev='vda'/></disk><?pi x?>"
	"<interface type='bridge'><source bridge='br0'/></interface>"
	"<graphics listen='0.0.0.0'><listen type='address' address='0.0.0.0'/></graphics>"
	"</devices></domain>";

static const char *const pieces[] = {
	"<",    ">",    "/>",        "</",  "'",          "\"",         "=",  "&",
	"&lt;", "&#9;", "<![CDATA[", "]]>", "<!--",       "-->",        "<?", "?>",
	"<a>",  "</a>", "<a/>",      "\n",  "<!DOCTYPE ", "xmlns='u' ", "",   "\xc3\xa4",
};

static size_t at_random(uint64_t *random, size_t length)
{
	return test_random(random) % (length + 1);
}

static void damage_once(uint64_t *random, const struct strbuf *in, struct strbuf *out)
{
	size_t from = at_random(random, in->length);
	size_t to = from + at_random(random, 20);
	const char *piece = pieces[test_random(random) % ARRAY_SIZE(pieces)];
	char byte = (char)test_random(random);

	if (to > in->length)
		to = in->length;
	strbuf_add(out, in->text, from);
	switch (test_random(random) % 4) {
	case 0: /* a piece goes in */
		strbuf_puts(out, piece);
		to = from;
		break;
	case 1: /* some bytes become a piece */
		strbuf_puts(out, piece);
		break;
	case 2: /* some bytes come twice */
		strbuf_add(out, in->text + from, to - from);
		to = from;
		break;
	default: /* one byte changes */
		strbuf_add(out, &byte, 1);
		to = from < in->length ? from + 1 : from;
	}
	strbuf_add(out, in->text + to, in->length - to);
}

static void damage(uint64_t *random, struct strbuf *text)
{
	strbuf_puts(text, seed_text);
	for (uint32_t i = test_random(random) % 4; i > 0; i--) {
		cleanup_strbuf struct strbuf next = {0};
		damage_once(random, text, &next);
		strbuf_free(text);
		*text = next;
		next = (struct strbuf){0};
	}
}

/* Whatever was accepted can be rewritten at each of its places, and then says so. */
static void check_accepted(const struct strbuf *text, const struct domain *domain)
{
	cleanup_free struct xml_edit *edits = xcalloc(domain->place_count, sizeof(*edits));
	cleanup_strbuf struct strbuf out = {0};
	cleanup_domain struct domain *after = NULL;
	struct err err = {0};

	for (size_t i = 0; i < domain->place_count; i++)
		edits[i] = (struct xml_edit){domain->places[i].element, domain->places[i].attribute,
					     "/new & <'\">"};
	int rc = xml_rewrite(text->text, text->length, edits, domain->place_count, &out, &err);
	if (rc < 0 && strstr(err.text, "has child elements"))
		return;
	if (rc < 0)
		fail_msg("%s in:\n%s", err.text, text->text);
	assert_int_equal(domain_parse(out.text, out.length, &after, &err), 0);
	assert_int_equal(after->place_count, domain->place_count);
	for (size_t i = 0; i < after->place_count; i++)
		assert_string_equal(after->places[i].value, "/new & <'\">");
}

static void try_one(uint64_t *random, unsigned *accepted)
{
	const struct xml_edit edits[] = {{3, "host", "x"}, {9, NULL, "/x"}, {2, "new", "x"}};
	cleanup_strbuf struct strbuf text = {0};
	cleanup_strbuf struct strbuf out = {0};
	cleanup_domain struct domain *domain = NULL;
	cleanup_manifest struct manifest *manifest = NULL;
	struct err err = {0};

	damage(random, &text);
	cleanup_free char *exact = xcalloc(1, text.length); /* so that a sanitizer sees its end */
	memcpy(exact, text.text, text.length);
	manifest_parse(exact, text.length, &manifest, &err);
	xml_rewrite(exact, text.length, edits, ARRAY_SIZE(edits), &out, &err);
	if (domain_parse(exact, text.length, &domain, &err) < 0)
		return;
	(*accepted)++;
	check_accepted(&text, domain);
}

static void test_damaged_texts(void **state)
{
	uint64_t random = 20261124;
	unsigned accepted = 0;
	unsigned rounds = 0;
	clock_t end = clock() + (clock_t)MAX_SECONDS * CLOCKS_PER_SEC;

	(void)state;
	while (rounds < ROUNDS && clock() < end) {
		try_one(&random, &accepted);
		rounds++;
	}
	print_message("# %u texts, %u of them accepted\n", rounds, accepted);
	assert_true(accepted > rounds / 20);
	assert_true(accepted < rounds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_damaged_texts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
