/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An image of the longest name can be set aside: its other names are shortened, and stay apart. */
#include "tests/unit/image-fixture.h"
#include <limits.h>

#include "storage/provision.h"

static const char *name_of(const char *character, size_t length)
{
	cleanup_strbuf struct strbuf name = {0};

	while (name.length + strlen(character) <= length)
		strbuf_puts(&name, character);
	while (name.length < length)
		strbuf_puts(&name, "x");
	return keep(strbuf_steal(&name));
}

static void test_short_names_stay(void **state)
{
	const char *longest = name_of("n", NAME_MAX - strlen(".departed"));

	(void)state;
	assert_string_equal(keep(provision_name_beside("/vm/a.img", ".departed")),
			    "/vm/a.img.departed");
	assert_string_equal(
		keep(provision_name_beside(keep(xasprintf("/%s", longest)), ".departed")),
		keep(xasprintf("/%s.departed", longest)));
}

static void test_long_names(void **state)
{
	static const char *const characters[] = {"n", "\xc3\xa4", "\xe5\x8d\xa0",
						 "\xf0\x9f\x92\xbe"};
	static const char *const suffixes[] = {".departed", ".departed-01234567"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(characters); i++) {
		for (size_t length = NAME_MAX - 18; length <= NAME_MAX; length++) {
			const char *path = at(name_of(characters[i], length));
			const char *aside = keep(provision_name_beside(path, suffixes[length % 2]));
			const char *end = strchr(path_name(aside), '~');
			struct file_id id;
			struct err err;

			write_text(path, "stale");
			assert_ok(file_id_of(path, &id, &err));
			assert_ok(provision_set_aside(path, NULL, aside, &id, &err));
			assert_ok(provision_put_back(path, NULL, aside, &id, &err));
			/* No character is cut. */
			assert_true(!end || (end - path_name(aside)) % strlen(characters[i]) == 0);
			unlink(path);
		}
	}
}

static void test_names_stay_apart(void **state)
{
	const char *a = name_of("n", NAME_MAX);
	char *b = (char *)name_of("n", NAME_MAX);

	(void)state;
	b[NAME_MAX - 1] = 'b';
	assert_string_not_equal(keep(provision_name_beside(at(a), ".departed")),
				keep(provision_name_beside(at(b), ".departed")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_short_names_stay),
		scratch_test(test_long_names),
		scratch_test(test_names_stay_apart),
	};

	return run_as_tap(tests);
}
