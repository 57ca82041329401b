/* SPDX-License-Identifier: GPL-2.0-or-later */
/* States that are damaged in all ways are understood or not, but touch no foreign byte
 * (SANITIZE=1); what is understood is the same when it is written and read again. Seeds:
 * tests/data/state. */
#include "tests/unit/test-xml-data.h"

#include "plugin/buffer.h"
#include "plugin/state.h"

#define CHANGES_OF_EACH 20000

static const char *const pieces[] = {
	" ",      "  ",     "=",      "==",    ":",    ".",    "0",  "18446744073709551615",
	"token=", "facts=", "chain=", "left=", " end", "AAAA", "/+", "berth1 ",
	"",       "\x80",   "\n",     "-1",
};

static void assert_equal_states(const struct state *a, const struct state *b)
{
	assert_string_equal(a->token, b->token);
	assert_string_equal(a->left.mac, b->left.mac);
	assert_int_equal(a->left.pid, b->left.pid);
	assert_true(a->left.start == b->left.start);
	assert_int_equal(a->has_facts, b->has_facts);
	assert_int_equal(a->facts.length, b->facts.length);
	assert_string_equal(a->chain_name, b->chain_name);
	assert_int_equal(a->chain.length, b->chain.length);
	if (a->facts.length)
		assert_memory_equal(a->facts.bytes, b->facts.bytes, a->facts.length);
	if (a->chain.length)
		assert_string_equal(a->chain.bytes, b->chain.bytes);
}

/* Return: whether it was a state of ours. */
static bool parse(const char *text)
{
	cleanup_state struct state state = {0}, again = {0};
	int kind = state_parse(text, &state);

	assert_in_range(kind, STATE_NONE, STATE_FOREIGN);
	if (kind != STATE_OURS) {
		assert_null(state.facts.bytes);
		assert_null(state.chain.bytes);
		return false;
	}
	cleanup_free char *written = state_format(&state);
	assert_int_equal(strlen(written), strlen(text));
	assert_int_equal(strcspn(written, "<>&'\"\n\t"), strlen(written));
	assert_int_equal(state_parse(written, &again), STATE_OURS);
	assert_equal_states(&state, &again);
	return true;
}

/* An allocation of exactly its size. */
static void change(uint64_t *seed, const struct strbuf *in)
{
	cleanup_strbuf struct strbuf out = {0};
	size_t from = test_random(seed) % (in->length + 1);
	size_t cut = test_random(seed) % 12;
	size_t to = from + cut < in->length ? from + cut : in->length;

	strbuf_add(&out, in->text, from);
	strbuf_puts(&out, pieces[test_random(seed) % ARRAY_SIZE(pieces)]);
	strbuf_add(&out, in->text + to, in->length - to);
	if (out.length && test_random(seed) % 4 == 0)
		out.text[test_random(seed) % out.length] ^= (char)(1 << test_random(seed) % 8);
	cleanup_free char *exact = xstrdup(out.text);
	parse(exact);
}

static void test_damaged(void **state)
{
	cleanup_glob glob_t seeds = {0};
	uint64_t seed = 5;
	size_t ours = 0;

	(void)state;
	test_find_data("state/*", &seeds);
	for (size_t i = 0; i < seeds.gl_pathc; i++) {
		cleanup_strbuf struct strbuf text = {0};
		strbuf_puts(&text, "");
		test_read(seeds.gl_pathv[i], &text);
		ours += parse(text.text);
		for (int j = 0; j < CHANGES_OF_EACH; j++)
			change(&seed, &text);
	}
	assert_int_equal(ours, 6);
}

/* Whatever is encoded is decoded, and decoding accepts nothing else. */
static void test_base64(void **state)
{
	uint64_t seed = 9;
	char bytes[64], noise[9] = "";

	(void)state;
	for (int i = 0; i < 20000; i++) {
		cleanup_buffer struct buffer text = {0}, back = {0}, again = {0};
		size_t length = test_random(&seed) % (sizeof(bytes) + 1);
		for (size_t j = 0; j < length; j++)
			bytes[j] = (char)test_random(&seed);
		buffer_add_base64(&text, bytes, length);
		assert_true(buffer_add_decoded(&back, text.length ? text.bytes : "", text.length));
		assert_int_equal(back.length, length);
		if (length)
			assert_memory_equal(back.bytes, bytes, length);
		for (size_t j = 0; j < 8; j++)
			noise[j] = "ABwx09+/==.- "[test_random(&seed) % 13];
		buffer_free(&back);
		if (!buffer_add_decoded(&back, noise, 8))
			continue;
		buffer_add_base64(&again, back.bytes, back.length);
		assert_string_equal(again.bytes, noise);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_base64),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
