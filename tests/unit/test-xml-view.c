/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The typed view of a domain is what its golden file says. */
#include "test-xml-data.h"

#include "xml/domain.h"

static const char *const kinds[] = {"path", "bridge", "network", "listen", "argument"};
static const char *const types[] = {"file", "block", "network", "volume", "other"};

static const char *or_dash(const char *text)
{
	return text ? text : "-";
}

static void print_disk(struct strbuf *out, const struct domain_disk *disk)
{
	strbuf_printf(out, "disk %s %s %s format=%s%s%s%s place=%d\n", disk->target, disk->device,
		      types[disk->type], or_dash(disk->format), disk->readonly ? " readonly" : "",
		      disk->shareable ? " shareable" : "", disk->transient ? " transient" : "",
		      disk->place);
	for (size_t i = 0; i < disk->backing_count; i++)
		strbuf_printf(out, "  backing format=%s place=%d\n",
			      or_dash(disk->backing[i].format), disk->backing[i].place);
}

static void print_domain(struct strbuf *out, const struct domain *domain)
{
	strbuf_printf(out, "%s %s %s%s manifest=%d\n", domain->name, domain->uuid,
		      or_dash(domain->type), domain->running ? " running" : "",
		      domain->manifest_element);
	for (size_t i = 0; i < domain->place_count; i++) {
		const struct place *place = &domain->places[i];
		strbuf_printf(out, "%zu: %s element %u %s: '%s' (%s)\n", i, kinds[place->kind],
			      place->element, place->attribute ? place->attribute : "text",
			      place->value, place->label);
	}
	for (size_t i = 0; i < domain->disk_count; i++)
		print_disk(out, &domain->disks[i]);
	for (size_t i = 0; i < domain->port_count; i++)
		strbuf_printf(out, "port %s %s target=%s place=%d\n", or_dash(domain->ports[i].mac),
			      or_dash(domain->ports[i].type), or_dash(domain->ports[i].target),
			      domain->ports[i].place);
}

static void check_view(const char *path)
{
	cleanup_strbuf struct strbuf text = {0};
	cleanup_strbuf struct strbuf view = {0};
	cleanup_domain struct domain *domain = NULL;
	cleanup_free char *golden = xasprintf("%.*s.view", (int)(strlen(path) - 4), path);
	struct err err = {0};

	test_read(path, &text);
	if (domain_parse(text.text, text.length, &domain, &err) < 0)
		fail_msg("%s: %s", path, err.text);
	print_domain(&view, domain);
	test_golden(golden, &view);
}

static void test_views_are_golden(void **state)
{
	cleanup_glob glob_t found = {0};

	(void)state;
	test_find_data("xml/view/*.xml", &found);
	for (size_t i = 0; i < found.gl_pathc; i++)
		check_view(found.gl_pathv[i]);
}

/* As many backing images as libvirt allows, although each is one level deeper than the last. */
static void test_longest_chain_is_read(void **state)
{
	cleanup_strbuf struct strbuf text = {0};
	cleanup_domain struct domain *domain = NULL;
	struct err err = {0};

	(void)state;
	strbuf_puts(&text, "<domain><name>a</name><uuid>fcafdcd6-07d6-44d0-bba7-41ce815586b9</uuid>"
			   "<devices><disk><target dev='vda'/>");
	for (int i = 0; i < MANIFEST_MAX_BACKING; i++)
		strbuf_printf(&text, "<backingStore type='file'><source file='/%d'/>", i);
	for (int i = 0; i < MANIFEST_MAX_BACKING; i++)
		strbuf_puts(&text, "</backingStore>");
	strbuf_puts(&text, "</disk></devices></domain>");
	assert_int_equal(domain_parse(text.text, text.length, &domain, &err), 0);
	assert_int_equal(domain->disks[0].backing_count, MANIFEST_MAX_BACKING);
	assert_string_equal(domain->places[domain->disks[0].backing[199].place].value, "/199");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_views_are_golden),
		cmocka_unit_test(test_longest_chain_is_read),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
