/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What could change a terminal, or how a line reads, is not shown; text in any script is. */
#include "base/printable.h"
#include "tests/unit/image-fixture.h"

static size_t encode(unsigned code, char *text)
{
	if (code < 0x80) {
		text[0] = (char)code;
		return 1;
	}
	size_t bytes = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	for (size_t i = bytes - 1; i > 0; i--, code >>= 6)
		text[i] = (char)(0x80 | (code & 0x3f));
	text[0] = (char)((0xf00 >> bytes) | code);
	return bytes;
}

static bool is_hidden(unsigned code)
{
	return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x61c || code == 0x200e ||
	       code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069);
}

static void test_every_character(void **state)
{
	(void)state;
	for (unsigned code = 0; code <= 0x10ffff; code++) {
		char text[8] = "";
		size_t length = encode(code, text), got;
		unsigned back;
		bool surrogate = code >= 0xd800 && code < 0xe000;
		bool shown = printable_next(text, length, &got, &back);
		if (shown != (!is_hidden(code) && !surrogate) || got != (surrogate ? 1 : length) ||
		    back != (surrogate ? PRINTABLE_INVALID : code))
			fail_msg("U+%04X: shown %d, %zu bytes, U+%04X", code, shown, got, back);
	}
}

static void becomes(const char *text, const char *wanted)
{
	char copy[64];

	snprintf(copy, sizeof(copy), "%s", text);
	printable_line(copy);
	assert_string_equal(copy, wanted);
}

static void test_invalid(void **state)
{
	(void)state;
	becomes("a\x9b\x32Jb", "a?2Jb");      /* C1 as one byte */
	becomes("a\xc2\x9b\x32Jb", "a??2Jb"); /* in UTF-8 */
	becomes("a\xc0\x9b"
		"b",
		"a??b"); /* too long for ESC */
	becomes("a\xe0\x82\x9b"
		"b",
		"a???b"); /* too long for U+009B */
	becomes("a\xed\xa0\x80"
		"b",
		"a???b"); /* half of a pair */
	becomes("a\xf4\x90\x80\x80"
		"b",
		"a????b"); /* beyond Unicode */
	becomes("a\xff"
		"b\xfe\x80",
		"a?b??");
	becomes("a\xe2\x82", "a??"); /* cut off */
	becomes("a\xe2\x82"
		"b",
		"a??b");
	becomes("a\xe2\x80\xae"
		"gpj.exe",
		"a???gpj.exe"); /* RIGHT-TO-LEFT OVERRIDE */
	becomes("vm1\nberth: forged\r\x1b[2J", "vm1?berth: forged??[2J");
}

static void test_shown(void **state)
{
	static const char text[] =
		"G\xc3\xa4ste \xe2\x82\xac \xd8\xa7\xd9\x84 \xf0\x9f\x90\xa7 \xc2\xa0 '~'";

	(void)state;
	becomes(text, text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_character),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_shown),
	};

	return run_as_tap(tests);
}
