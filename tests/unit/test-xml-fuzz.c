/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Damaged texts neither crash nor stop parsers and rewriting, and what is accepted is sound. */
#include "test-xml-data.h"

#include <time.h>

#include "xml/domain.h"
#include "xml/policy.h"
#include "xml/rewrite.h"

#define ROUNDS 20000
#define MAX_SECONDS 3

static const char seed_text[] =
	"<?xml version='1.0'?><!-- c --><domain type=\"kvm\" id='1'><name>a&amp;b</name>\n"
	"<uuid>fcafdcd6-07d6-44d0-bba7-41ce815586b9</uuid>"
	"<metadata><berthstate:state xmlns:berthstate=\"urn:berth:state:1\" host='a' uri='b' "
	"written='2026-11-24T10:20:00Z'><berthstate:disk target='vda' path='/a' format='raw' "
	"virtual-bytes='1' allocated-bytes='1'><berthstate:backing path='/b' format='raw' "
	"virtual-bytes='1'/></berthstate:disk><berthstate:volume target='vdb' path='/dev/sdb' "
	"driver='iscsi' portals='10.0.0.1:3260 [fd00::1]:3260' iqn='iqn.a:b' lun='1' wwn='naa.6' "
	"size-bytes='1'/></berthstate:state>"
	"<p:policy xmlns:p='urn:berth:policy:1'><p:port mac='52:54:00:00:00:01'/></p:policy>"
	"</metadata>\n"
	"<os><kernel>/a<![CDATA[b]]></kernel><initrd/></os><devices>"
	"<disk type='file'><source file='/a'/><backingStore type='file'><format type='raw'/>"
	"<source file='/b'/></backingStore><target dev='vda'/></disk><?pi x?>"
	"<interface type='bridge'><source bridge='br0'/></interface>"
	"<graphics listen='0.0.0.0'><listen type='address' address='0.0.0.0'/></graphics>"
	"</devices></domain>";

static const char policy_text[] =
	"<p:policy xmlns:p='urn:berth:policy:1'><p:project>a b</p:project><!-- c -->\n"
	"<p:port mac='52:54:00:00:00:01' vlan='100'><p:address> 10.0.0.1 </p:address>"
	"<p:pair address='2001:db8::/32' mac='00:00:5e:00:01:01'/><p:group>web</p:group>"
	"</p:port>\n<p:group name='web'>"
	"<p:rule direction='ingress' protocol='tcp' ports='80-443' remote='0.0.0.0/0'/>"
	"<p:rule direction='ingress' protocol='icmp' type='8' code='0'/>"
	"<p:rule direction='egress' ethertype='ipv6' group='db'/></p:group>"
	"<p:group name='db'><p:member>10.99.0.20</p:member></p:group></p:policy>";

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

static void damage(uint64_t *random, const char *seed, struct strbuf *text)
{
	strbuf_puts(text, seed);
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
	const struct xml_edit edits[] = {{3, "host", "x"}, {10, NULL, "/x"}, {2, "new", "x"}};
	cleanup_strbuf struct strbuf text = {0};
	cleanup_strbuf struct strbuf out = {0};
	cleanup_domain struct domain *domain = NULL;
	cleanup_manifest struct manifest *manifest = NULL;
	struct err err = {0};

	damage(random, seed_text, &text);
	cleanup_free char *exact = xcalloc(1, text.length); /* so that a sanitizer sees its end */
	memcpy(exact, text.text, text.length);
	manifest_parse(exact, text.length, &manifest, &err);
	xml_rewrite(exact, text.length, edits, ARRAY_SIZE(edits), &out, &err);
	if (domain_parse(exact, text.length, &domain, &err) < 0)
		return;
	assert_false(domain->policy && domain->policy_error.code);
	(*accepted)++;
	check_accepted(&text, domain);
}

static void check_rule(const struct policy *policy, const struct policy_rule *rule)
{
	assert_true(rule->family == 4 || rule->family == 6);
	assert_in_range(rule->protocol + 1, 0, 256);
	assert_in_range(rule->icmp_type + 1, 0, 256);
	assert_in_range(rule->icmp_code + 1, 0, 256);
	assert_true(!rule->has_ports || rule->port_first <= rule->port_last);
	if (rule->remote == REMOTE_PREFIX)
		assert_int_equal(rule->prefix.family, rule->family);
	if (rule->remote == REMOTE_GROUP)
		assert_in_range(rule->group, 0, policy->group_count - 1);
}

/* Whatever was accepted can be used without a further look. */
static void check_policy(const struct policy *policy)
{
	for (size_t i = 0; i < policy->port_count; i++) {
		const struct policy_port *port = &policy->ports[i];
		assert_ptr_equal(policy_find_port(policy, &port->mac), port);
		assert_in_range(port->vlan, 0, 4094);
		for (size_t g = 0; g < port->group_count; g++)
			assert_in_range(port->groups[g], 0, policy->group_count - 1);
	}
	for (size_t i = 0; i < policy->group_count; i++) {
		for (size_t r = 0; r < policy->groups[i].rule_count; r++)
			check_rule(policy, &policy->groups[i].rules[r]);
	}
}

static void try_policy(uint64_t *random, unsigned *accepted)
{
	cleanup_strbuf struct strbuf text = {0};
	cleanup_policy struct policy *policy = NULL;
	struct err err = {0};

	damage(random, policy_text, &text);
	cleanup_free char *exact = xcalloc(1, text.length); /* so that a sanitizer sees its end */
	memcpy(exact, text.text, text.length);
	if (policy_parse(exact, text.length, &policy, &err) < 0) {
		assert_true(str_starts(err.text, "policy: "));
		return;
	}
	(*accepted)++;
	check_policy(policy);
}

static void try_many(void (*try)(uint64_t *random, unsigned *accepted))
{
	uint64_t random = 20261124;
	unsigned accepted = 0;
	unsigned rounds = 0;
	clock_t end = clock() + (clock_t)MAX_SECONDS * CLOCKS_PER_SEC;

	while (rounds < ROUNDS && clock() < end) {
		try(&random, &accepted);
		rounds++;
	}
	print_message("# %u texts, %u of them accepted\n", rounds, accepted);
	assert_true(accepted > rounds / 20);
	assert_true(accepted < rounds);
}

static void test_damaged_texts(void **state)
{
	(void)state;
	try_many(try_one);
}

static void test_damaged_policies(void **state)
{
	(void)state;
	try_many(try_policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_damaged_texts),
		cmocka_unit_test(test_damaged_policies),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
