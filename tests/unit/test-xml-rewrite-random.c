/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is written is read back, the rest stays, and writing the old values gives the old text. */
#include "test-xml-data.h"

#include "base/file.h"
#include "xml/domain.h"
#include "xml/rewrite.h"

#define ROUNDS 400
#define MAX_PLACES 64

static const char *const pieces[] = {
	"/",
	"a",
	"&",
	"<",
	">",
	"\"",
	"'",
	"\t",
	"\n",
	"\r",
	" ",
	";",
	"=",
	"]]>",
	"&amp;",
	"&#9;",
	"--",
	"\xc3\xa4",
	"\xf0\x9f\x9a\xa2",
	"<!--",
};

/* What doesn't begin with a '/' is no path of the host, so that no place is found there. */
static char *random_value(uint64_t *random, enum place_kind kind)
{
	struct strbuf value = {0};

	if (kind == PLACE_PATH || kind == PLACE_ARGUMENT)
		strbuf_puts(&value, "/");
	for (uint32_t i = 1 + test_random(random) % 12; i > 0; i--)
		strbuf_puts(&value, pieces[test_random(random) % ARRAY_SIZE(pieces)]);
	cleanup_free char *text = strbuf_steal(&value);
	return kind == PLACE_PATH ? path_plain(text) : steal_pointer(text);
}

struct edits {
	struct xml_edit list[MAX_PLACES];
	size_t place[MAX_PLACES];
	size_t count;
};

/* Some of the places, in a random order; the values are the caller's to free. */
static void choose(uint64_t *random, const struct domain *domain, struct edits *edits)
{
	edits->count = 0;
	for (size_t i = 0; i < domain->place_count; i++) {
		const struct place *place = &domain->places[i];
		size_t at = test_random(random) % (edits->count + 1);
		if (test_random(random) % 2)
			continue;
		edits->list[edits->count] = edits->list[at];
		edits->place[edits->count++] = edits->place[at];
		edits->list[at] = (struct xml_edit){place->element, place->attribute,
						    random_value(random, place->kind)};
		edits->place[at] = i;
	}
}

static const char *wanted_value(const struct domain *domain, const struct edits *edits,
				size_t place)
{
	for (size_t i = 0; i < edits->count; i++) {
		if (edits->place[i] == place)
			return edits->list[i].value;
	}
	return domain->places[place].value;
}

static void parse(const struct strbuf *text, struct domain **ret)
{
	struct err err = {0};

	if (domain_parse(text->text, text->length, ret, &err) < 0)
		fail_msg("%s", err.text);
}

static void rewrite(const struct strbuf *text, const struct edits *edits, struct strbuf *out)
{
	struct err err = {0};

	if (xml_rewrite(text->text, text->length, edits->list, edits->count, out, &err) < 0)
		fail_msg("%s", err.text);
}

static void free_values(struct edits *edits)
{
	for (size_t i = 0; i < edits->count; i++)
		free((void *)(uintptr_t)edits->list[i].value);
}

static void check_round(uint64_t *random, const struct strbuf *text, const struct domain *domain)
{
	cleanup_strbuf struct strbuf there = {0};
	cleanup_strbuf struct strbuf back = {0};
	cleanup_domain struct domain *after = NULL;
	struct edits edits;

	choose(random, domain, &edits);
	rewrite(text, &edits, &there);
	parse(&there, &after);
	assert_int_equal(after->place_count, domain->place_count);
	for (size_t i = 0; i < after->place_count; i++) {
		assert_string_equal(after->places[i].value, wanted_value(domain, &edits, i));
		assert_int_equal(after->places[i].element, domain->places[i].element);
	}
	free_values(&edits);
	for (size_t i = 0; i < edits.count; i++)
		edits.list[i].value = domain->places[edits.place[i]].value;
	rewrite(&there, &edits, &back);
	assert_string_equal(back.text, text->text);
}

/* The sample escapes as xml_rewrite() does, or the old text couldn't come back. */
static void test_there_and_back(void **state)
{
	cleanup_strbuf struct strbuf text = {0};
	cleanup_domain struct domain *domain = NULL;
	uint64_t random = 1;

	(void)state;
	test_read_data("xml/view/running.xml", &text);
	parse(&text, &domain);
	assert_in_range(domain->place_count, 5, MAX_PLACES);
	for (int i = 0; i < ROUNDS; i++)
		check_round(&random, &text, domain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
