/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each row of the table of host paths: the path is mapped, in the live XML and in the stored
 * definition, or refused by name where it is absent; and no path of libvirt's schema is left out.
 */
#include <libxml/parser.h>
#include <unistd.h>

#include "tests/unit/site-fixture.h"

#include "hooks/plan/plan.h"
#include "hooks/settle/stored_definition.h"
#include "xml/host_paths.h"

#define SOURCE "/source/x/file"
#define QEMU_URI "http://libvirt.org/schemas/domain/qemu/1.0"
#define HEAD                                                                                       \
	"<domain xmlns:qemu='" QEMU_URI "'><name>vm1</name><uuid>" UUID "</uuid><metadata>"        \
	"<s:state xmlns:s='urn:berth:state:1' host='hosta' uri='a' written='2026-11-24T10:20:00Z'" \
	"/></metadata>"

/* The row's elements, one in the other: a "*" is a hostdev, and of what repeats there is one. What
 * the views want to be there stands behind the start tag. */
static void put_elements(struct strbuf *xml, const struct host_path *row, const char *path)
{
	size_t length = strcspn(path, "/");
	bool last = path[length] == '\0';
	cleanup_free char *name = xstrndup(path, length);
	const char *before_last = last ? NULL : strchr(path + length + 1, '/');

	if (length > 1 && name[length - 1] == '*')
		name[length - 1] = '\0';
	const char *tag = strcmp(name, "*") == 0 ? "hostdev" : name;
	strbuf_printf(xml, "<%s", tag);
	if (!last && !before_last && row->when) {
		const char *value = strchr(row->when, '=') + 1;
		strbuf_printf(xml, " %.*s='%.*s'", (int)(value - 1 - row->when), row->when,
			      (int)strcspn(value, ","), value);
	}
	if (last && row->attribute)
		strbuf_printf(xml, " %s='" SOURCE "'", row->attribute);
	strbuf_puts(xml, ">");
	if (strcmp(tag, "disk") == 0)
		strbuf_puts(xml, "<target dev='vda'/>");
	if (last && !row->attribute)
		strbuf_puts(xml, SOURCE);
	if (!last)
		put_elements(xml, row, path + length + 1);
	strbuf_printf(xml, "</%s>", tag);
}

static void make_xml(const struct host_path *row, struct strbuf *xml)
{
	strbuf_puts(xml, HEAD);
	put_elements(xml, row, row->element);
	strbuf_puts(xml, "</domain>");
}

static int make_plan(const struct domain *domain, const struct config *config, struct plan **ret,
		     struct err *err)
{
	cleanup_facts struct facts *facts = NULL;

	assert_int_equal(survey_make(&site, config, domain, &facts, err), 0);
	struct situation situation = {
		.domain = domain,
		.config = config,
		.facts = facts,
		.token = TOKEN,
	};
	return plan_make(&situation, ret, err);
}

/* The one path among the places has become that name. */
static void assert_edited(const struct strbuf *xml, const struct xml_edit *edits, size_t count)
{
	cleanup_strbuf struct strbuf out = {0};
	struct err err;

	assert_ok(xml_rewrite(xml->text, xml->length, edits, count, &out, &err));
	assert_null(strstr(out.text, SOURCE));
	assert_non_null(strstr(out.text, at("here/x/file")));
}

static void check_stored(const struct strbuf *xml, const struct domain *domain,
			 const struct config *config, const struct plan *plan)
{
	struct journal journal = {.renames = plan->renames, .rename_count = plan->rename_count};
	struct journal none = {0};
	struct xml_edit edits[2] = {0};

	for (int i = 0; i < 2; i++) {
		size_t count = stored_definition_edits(config, i ? &none : &journal, domain, edits);
		assert_int_equal(count, 1);
		assert_edited(xml, edits, count);
		free((char *)edits[0].value);
	}
}

static void check_row(const struct host_path *row, const struct config *config)
{
	cleanup_strbuf struct strbuf xml = {0};
	cleanup_domain struct domain *domain = NULL;
	cleanup_plan struct plan *plan = NULL, *refused = NULL;
	struct err err;

	make_xml(row, &xml);
	assert_ok(domain_parse(xml.text, xml.length, &domain, &err));
	if (domain->place_count != 1)
		fail_msg("%zu places in %s", domain->place_count, xml.text);
	if (row->need != NEED_NOTHING) {
		assert_fails(make_plan(domain, config, &refused, &err), ENOENT, at("here/x/file"));
		assert_non_null(strstr(err.text, domain->places[0].label));
	}
	assert_ok(file_make_folders(at("here/x"), 0755, &err));
	if (row->need == NEED_FILE || row->need == NEED_TEMPLATE) {
		assert_fails(make_plan(domain, config, &refused, &err), ENOENT, at("here/x/file"));
		write_text(at("here/x/file"), "");
	}
	assert_ok(make_plan(domain, config, &plan, &err));
	assert_int_equal(plan->rename_count, 1);
	assert_edited(&xml, plan->edits, plan->edit_count);
	check_stored(&xml, domain, config, plan);
	unlink(at("here/x/file"));
	rmdir(at("here/x"));
}

static void test_each_row_is_mapped(void **state)
{
	cleanup_config struct config *config = NULL;
	struct err err;

	(void)state;
	assert_ok(file_make_folders(at("etc"), 0755, &err));
	write_text(at("etc/berth.conf"), keep(xasprintf("[paths]\n/source = %s\n", at("here"))));
	assert_ok(config_load(site.config, &config, &err));
	for (size_t i = 0; i < host_path_count; i++)
		check_row(&host_paths[i], config);
}

/* The NVRAM file comes with the guest's memory; the template is for one that isn't there. */
static void test_template_is_not_needed_with_nvram(void **state)
{
	static const char xml[] = HEAD "<os><nvram template='/absent/template'>/dev/null</nvram>"
				       "</os></domain>";
	cleanup_config struct config *config = NULL;
	cleanup_domain struct domain *domain = NULL;
	cleanup_plan struct plan *plan = NULL;
	struct err err;

	(void)state;
	assert_ok(config_load(at("nothing"), &config, &err));
	assert_ok(domain_parse(xml, strlen(xml), &domain, &err));
	assert_ok(make_plan(domain, config, &plan, &err));
}

static void test_arguments(void **state)
{
	static const struct {
		const char *argument;
		const char *here;
	} table[] = {
		{"name=opt/x,file=/a/b/c", "name=opt/x,file=/here/b/c"},
		{"name=opt/x,file=//a/./b/c", "name=opt/x,file=/here/b/c"},
		{"/a/b", "/here/b"},
		{"unix:/a/b,server=on", "unix:/here/b,server=on"},
		{"file=/a/b,,c,other=/a/d", "file=/here/b,,c,other=/here/d"},
		{"{\"driver\":\"file\",\"filename\":\"/a/b\"}",
		 "{\"driver\":\"file\",\"filename\":\"/here/b\"}"},
		{"file=/ab/c", NULL},
		{"http://a/b", NULL},
		{"x/a/b", NULL},
		{"-snapshot", NULL},
		{"", NULL},
	};
	const struct mapping mapping = {.from = "/a", .to = "/here"};
	const struct mappings mappings = {.items = (struct mapping *)&mapping, .count = 1};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		cleanup_free char *here = mappings_apply_argument(&mappings, table[i].argument);
		if (!str_equal(here, table[i].here))
			fail_msg("'%s' became '%s'", table[i].argument, here ? here : "(nothing)");
	}
}

/* --- libvirt's schema --- */

#define SCHEMA "/usr/share/libvirt/schemas/domaincommon.rng"

/* Paths of the schema that other views read, or that are none of the host's: the head of
 * xml/host_paths.c tells why. */
static const char *const elsewhere[] = {
	"source file",    "source dev",   "source dir",  "graphics socket", "listen socket",
	"init text",      "initdir text", "root text",   "partition text",  "block text",
	"char text",      "mirror file",  "console tty", "- tty",           "- dev",
	"interface text", "source path",
};

static bool is_known(const char *spot)
{
	for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++)
		if (strcmp(elsewhere[i], spot) == 0)
			return true;
	for (size_t i = 0; i < host_path_count; i++) {
		const struct host_path *row = &host_paths[i];
		const char *element = path_name(row->element);
		cleanup_free char *known =
			xasprintf("%s %s", element, row->attribute ? row->attribute : "text");
		if (strcmp(known, spot) == 0)
			return true;
	}
	return false;
}

static bool is_path_type(const char *name)
{
	return str_equal(name, "absFilePath") || str_equal(name, "filePath") ||
	       str_equal(name, "absDirPath") || str_equal(name, "unixSocketSource");
}

static size_t look_through(const xmlNode *node, const char *element, const char *attribute)
{
	size_t found = 0;

	for (; node; node = node->next) {
		if (node->type != XML_ELEMENT_NODE)
			continue;
		cleanup_free char *name = (char *)xmlGetProp(node, (const xmlChar *)"name");
		bool is_element = str_equal((const char *)node->name, "element");
		bool is_attribute = str_equal((const char *)node->name, "attribute");
		if (str_equal((const char *)node->name, "ref") && is_path_type(name)) {
			cleanup_free char *spot = xasprintf("%s %s", element, attribute);
			if (!is_known(spot))
				fail_msg("the table lacks '%s', line %ld of " SCHEMA, spot,
					 xmlGetLineNo(node));
			found++;
		}
		found += look_through(node->children, is_element ? name : element,
				      is_attribute ? name
				      : is_element ? "text"
						   : attribute);
	}
	return found;
}

static void test_no_path_of_the_schema_is_left_out(void **state)
{
	xmlDoc *schema = xmlReadFile(SCHEMA, NULL, 0);

	(void)state;
	assert_non_null(schema);
	/* 9.0 has 54; far fewer would mean that this test no longer finds them. */
	assert_true(look_through(xmlDocGetRootElement(schema), "-", "text") > 50);
	xmlFreeDoc(schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		site_test(test_each_row_is_mapped),
		site_test(test_template_is_not_needed_with_nvram),
		cmocka_unit_test(test_arguments),
		needing(access(SCHEMA, R_OK) == 0, SCHEMA,
			(struct CMUnitTest)cmocka_unit_test(
				test_no_path_of_the_schema_is_left_out)),
	};

	return run_as_tap(tests);
}
