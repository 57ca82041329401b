/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu-berth.conf: what is understood, and that all else is refused by its line. */
#include "tests/unit/image-fixture.h"

#include "plugin/conf.h"

static int parse(const char *text, struct gate_conf *conf, struct err *err)
{
	return gate_conf_parse((char *)keep(xstrdup(text)), conf, err);
}

static void test_understood(void **state)
{
	static const struct {
		const char *text, *chain;
	} cases[] = {
		{"", ""},
		{"\n# chain = \"lockd\"\n\n", ""},
		{"chain = \"lockd\"", "lockd"},
		{"\t chain='sanlock'\t# with blanks\r\n", "sanlock"},
		{"chain = \"\"\n", ""},
		{"chain = \"a\"\nchain = \"b-2\"\n", "b-2"},
	};
	struct gate_conf conf;
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_ok(parse(cases[i].text, &conf, &err));
		assert_string_equal(conf.chain, cases[i].chain);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"chain = lockd", "line 1: 'chain = lockd' is not of the form key = \"value\""},
		{"\nchain", "line 2: 'chain' is not of the form"},
		{"chain = \"lockd", "is not of the form"},
		{"chain = \"lockd\" x", "is not of the form"},
		{"chain = [ \"lockd\" ]", "is not of the form"},
		{"= \"lockd\"", "'' is no key"},
		{"chian = \"lockd\"", "line 1: 'chian' is no key; chain is one"},
		{"chain = \"../x\"", "chain = '../x' is no lock manager; lockd and sanlock are"},
		{"chain = \"berth\"", "'berth' is no lock manager"},
		{"chain = \"abcdefghijklmnopqrstuvwxyz0123456\"", "is no lock manager"},
	};
	struct gate_conf conf = {.chain = "unchanged"};
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_fails(parse(cases[i].text, &conf, &err), EINVAL, cases[i].why);
		assert_string_equal(conf.chain, "unchanged");
	}
}

static void test_files(void **state)
{
	struct gate_conf conf = {.chain = "old"};
	struct err err;

	(void)state;
	assert_ok(gate_conf_read(at("none"), &conf, &err));
	assert_string_equal(conf.chain, "");
	write_text(at("conf"), "chain = 'lockd'\n");
	assert_ok(gate_conf_read(at("conf"), &conf, &err));
	assert_string_equal(conf.chain, "lockd");
	assert_int_equal(truncate(at("conf"), 70000), 0);
	assert_fails(gate_conf_read(at("conf"), &conf, &err), EFBIG, "larger than 65536 bytes");
	assert_fails(gate_conf_read(scratch, &conf, &err), EISDIR, scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_understood),
		cmocka_unit_test(test_refused),
		scratch_test(test_files),
	};

	return run_as_tap(tests);
}
