/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate's facts as text: what was written is read, and what another host may send instead is
 * refused, or at least does no harm. Seeds are in tests/data/facts. */
#include "tests/unit/test-xml-data.h"

#include <errno.h>

#include "gate/facts.h"

static int parse(const struct strbuf *text, struct gate_facts *ret, struct err *err)
{
	/* One byte more: the NUL. What is behind it is nobody's (SANITIZE=1). */
	cleanup_free char *copy = xcalloc(1, text->length + 1);

	if (text->length)
		memcpy(copy, text->text, text->length);
	return gate_facts_parse(copy, text->length, ret, err);
}

static void test_round_trip(void **state)
{
	cleanup_glob glob_t seeds = {0};

	(void)state;
	test_find_data("facts/*", &seeds);
	for (size_t i = 0; i < seeds.gl_pathc; i++) {
		cleanup_strbuf struct strbuf text = {0}, again = {0};
		cleanup_gate_facts struct gate_facts facts = {0};
		struct err err;
		test_read(seeds.gl_pathv[i], &text);
		if (parse(&text, &facts, &err) < 0)
			fail_msg("%s: %s", seeds.gl_pathv[i], err.text);
		gate_facts_format(&facts, &again);
		assert_string_equal(again.text, text.text);
	}
}

/* What berth 0.1 sends says the same, and its rules are passed over. */
static void test_older(void **state)
{
	cleanup_strbuf struct strbuf older = {0}, text = {0}, again = {0};
	cleanup_gate_facts struct gate_facts facts = {0};
	struct err err;

	(void)state;
	test_read_data("facts-older/every-kind", &older);
	assert_non_null(strstr(older.text, "\nrules\tAAAA\n"));
	assert_int_equal(parse(&older, &facts, &err), 0);
	gate_facts_format(&facts, &again);
	test_read_data("facts/every-kind", &text);
	assert_string_equal(again.text, text.text);
}

static void assert_refused(const char *seed, const char *from, const char *to, int code,
			   const char *words)
{
	cleanup_strbuf struct strbuf changed = {0};
	struct gate_facts facts = {0};
	struct err err = {0};

	const char *at = strstr(seed, from);
	assert_non_null(at);
	strbuf_add(&changed, seed, (size_t)(at - seed));
	strbuf_puts(&changed, to);
	strbuf_puts(&changed, at + strlen(from));
	int rc = parse(&changed, &facts, &err);
	if (rc != -code || !strstr(err.text, words))
		fail_msg("'%s' instead of '%s': %d '%s'", to, from, rc, err.text);
	assert_null(facts.host);
}

static void test_refused(void **state)
{
	static const struct {
		const char *from;
		const char *to;
		int code;
		const char *words;
	} rows[] = {
		{"berth-facts\t1", "berth-facts\t2", EPROTONOSUPPORT, "version '2'"},
		{"berth-facts", "berth-fact", EBADMSG, "no facts"},
		{"\thost=hosta", "", EBADMSG, "line 1"},
		{"managed=1", "managed=2", EBADMSG, "line 1"},
		{"time=1795645711", "time=-1", EBADMSG, "line 1"},
		{"target=vdb", "target=vda", EBADMSG, "line 5"},
		{"kind=block", "kind=disc", EBADMSG, "line 5"},
		{"=1073741824\n", "=1073741824\tslice-bytes=512\n", EBADMSG, "line 5"},
		{"=1073741824\n", "=1073741824\tslice-offset=512\n", EBADMSG, "line 5"},
		{"=1073741824\n", "=1073741824\tslice-offset=0\tslice-bytes=0\n", EBADMSG,
		 "line 5"},
		{"image\tpath=/images/vm1", "image\tpath=/images/\x01", EBADMSG, "line 3"},
		{"virtual-bytes=134217728", "virtual-bytes=99999999999999999999", EBADMSG,
		 "line 3"},
		{"digest=sha256:aa", "digest=sha256:xx", EBADMSG, "line 4"},
		{"memory=holds", "memory=perhaps", EBADMSG, "line 4"},
		{"driver=iscsi", "driver=floppy", EBADMSG, "line 6"},
		{"portals=10.0.0.1:3260", "portals=1 2 3 4 5 6 7 8 9", EBADMSG, "line 6"},
		{"0\nport\tmac=52:54:00:00:00:01", "0\nimage\tpath=/x\nport\t", EBADMSG, "line 10"},
		{"mac=52:54:00:00:00:02", "mac=52:54:00:00:00:01", EBADMSG, "line 11"},
		{"mac=52:54:00:00:00:02", "mac=52:54", EBADMSG, "line 11"},
		{"vlan=100", "vlan=4095", EBADMSG, "line 10"},
		{"enforces=tracking", "enforces=shut", EBADMSG, "line 10"},
		{"others=0", "others=many", EBADMSG, "line 10"},
		{"port\tmac=52:54:00:00:00:01", "rules\tAAAA\nport\tmac=52:54:00:00:00:01", EBADMSG,
		 "line 10"},
		{"end\n", "rules\tA\tA\nend\n", EBADMSG, "line 12"},
		{"end\n", "", EBADMSG, "end is missing"},
		{"end\n", "end", EBADMSG, "end is missing"},
		{"end\n", "end\nend\n", EBADMSG, "line 12"},
		{"end\n", "more\nend\n", EBADMSG, "line 12"},
	};
	cleanup_strbuf struct strbuf seed = {0};

	(void)state;
	test_read_data("facts/every-kind", &seed);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_refused(seed.text, rows[i].from, rows[i].to, rows[i].code, rows[i].words);
}

static void test_too_many(void **state)
{
	cleanup_strbuf struct strbuf text = {0};
	struct gate_facts facts = {0};
	struct err err;

	(void)state;
	test_read_data("facts/unmanaged", &text);
	text.length -= strlen("end\n");
	for (int i = 0; i <= GATE_MAX_DISKS; i++)
		strbuf_printf(&text,
			      "disk\ttarget=d%d\tkind=empty\treadonly=0\tshareable=0\t"
			      "device-bytes=0\n",
			      i);
	strbuf_puts(&text, "end\n");
	assert_int_equal(parse(&text, &facts, &err), -EBADMSG);
	while (text.length <= GATE_MAX_BYTES)
		strbuf_puts(&text, "end of the world\n");
	assert_int_equal(parse(&text, &facts, &err), -EFBIG);
}

static void test_mutations(void **state)
{
	static const char *const parts[] = {"\t",      "\n",      "=", "end\n",
					    "image\t", "rules\t", "0", "\x7f"};
	cleanup_strbuf struct strbuf seed_text = {0};
	uint64_t seed = 3;

	(void)state;
	test_read_data("facts/every-kind", &seed_text);
	for (int i = 0; i < 20000; i++) {
		cleanup_strbuf struct strbuf text = {0};
		cleanup_gate_facts struct gate_facts facts = {0};
		size_t at = test_random(&seed) % seed_text.length;
		size_t skip = test_random(&seed) % 3 ? 0 : test_random(&seed) % 200;
		struct err err;
		strbuf_add(&text, seed_text.text, at);
		strbuf_puts(&text, parts[test_random(&seed) % ARRAY_SIZE(parts)]);
		if (at + skip < seed_text.length)
			strbuf_puts(&text, seed_text.text + at + skip);
		text.text[test_random(&seed) % text.length] = (char)test_random(&seed);
		parse(&text, &facts, &err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_older),
		cmocka_unit_test(test_refused),    cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_mutations),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
