/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What berth-gate, berth-hook and berth.so see of a guest's metadata, as text, is what libxml2
 * sees: generated status files, with prefixes declared anywhere, in every way that XML allows. */
#include "tests/unit/test-xml-data.h"

#include <libxml/parser.h>

#include "plugin/status.h"
#include "xml/domain.h"
#include "xml/mention.h"
#include "xml/running.h"

#define POLICY "urn:berth:policy:1"
#define STATE "urn:berth:state:1"

static uint64_t seed;

static uint32_t below(uint32_t count)
{
	return test_random(&seed) % count;
}

static const char *one_of(const char *const *texts, uint32_t count)
{
	return texts[below(count)];
}

/* --- generating --- */

/* @plain: no character is written as a reference */
static void put_value(struct strbuf *out, const char *value, bool plain)
{
	static const char *const quotes[] = {"'", "\""};
	const char *quote = one_of(quotes, 2);

	strbuf_puts(out, quote);
	for (const char *c = value; *c; c++) {
		uint32_t form = plain ? 2 : below(200);
		if (form < 2)
			strbuf_printf(out, form ? "&#x%x;" : "&#%d;", (unsigned)*c);
		else
			strbuf_add(out, c, 1);
	}
	strbuf_puts(out, quote);
}

static void put_attribute(struct strbuf *out, const char *name, const char *value, bool plain)
{
	static const char *const gaps[] = {" ", "\n  ", "\t"};

	strbuf_printf(out, "%s%s%s=%s", one_of(gaps, 3), name, below(8) ? "" : " ",
		      below(8) ? "" : "\n");
	put_value(out, value, plain);
}

/* Some namespaces, under some prefixes; the default one only below the metadata. */
static void put_declarations(struct strbuf *out, bool may_be_default, bool plain)
{
	static const char *const names[] = {"xmlns:b", "xmlns:berth", "xmlns:x", "xmlns"};
	static const char *const uris[] = {POLICY, STATE, "urn:other",
					   POLICY, STATE, "urn:berth:polic"};
	uint32_t used = 0;

	for (int i = 0; i < 2; i++) {
		uint32_t name = below(may_be_default ? 4 : 3);
		if (below(3) || used & (1u << name))
			continue;
		used |= 1u << name;
		const char *uri = name == 3 && below(4) == 0 ? "" : one_of(uris, 6);
		put_attribute(out, names[name], uri, plain);
	}
}

static void put_noise(struct strbuf *out)
{
	static const char *const noise[] = {
		"",
		"",
		" ",
		"<!-- <b:policy xmlns:b='" POLICY "'/> -->",
		"<![CDATA[<b:policy xmlns:b=\"" POLICY "\">]]>",
		"<?x <policy xmlns='" POLICY "'>?>",
		"text &lt;policy&gt; &amp;",
	};

	strbuf_puts(out, one_of(noise, 7));
}

static void put_port(struct strbuf *out, const char *prefix, bool plain)
{
	static const char *const vlans[] = {"1", "100", "4094"};
	char mac[18];

	snprintf(mac, sizeof(mac), "52:54:00:00:00:%02x", below(256));
	strbuf_printf(out, "<%sport", prefix);
	bool vlan_first = below(2);
	if (vlan_first && below(2))
		put_attribute(out, "vlan", one_of(vlans, 3), plain);
	if (below(6) == 0)
		put_attribute(out, "xmlns:q", "urn:other", plain);
	put_attribute(out, "mac", mac, plain);
	if (!vlan_first && below(2))
		put_attribute(out, "vlan", one_of(vlans, 3), plain);
	strbuf_printf(out, below(2) ? "/>" : "><%saddress>10.0.0.1</%saddress></%sport>", prefix,
		      prefix, prefix);
}

static void put_application(struct strbuf *out, bool plain)
{
	static const char *const prefixes[] = {"b:", "berth:", "x:", ""};
	static const char *const names[] = {"policy", "policy", "state", "other", "port"};
	const char *prefix = one_of(prefixes, 4), *name = one_of(names, 5);

	strbuf_printf(out, "<%s%s", prefix, name);
	put_declarations(out, true, plain);
	if (strcmp(name, "state") == 0 && below(2))
		put_attribute(out, "token", "0123456789abcdef0123456789abcdef", plain);
	strbuf_puts(out, ">");
	for (uint32_t i = below(3); i > 0; i--) {
		put_noise(out);
		put_port(out, one_of(prefixes, 4), plain);
	}
	strbuf_printf(out, "</%s%s>", prefix, name);
}

static void generate(struct strbuf *out, bool plain)
{
	strbuf_puts(out, "<!-- made -->\n<domstatus state='running' pid='7'");
	put_declarations(out, false, plain);
	strbuf_puts(out, "><job async='none'/><domain type='kvm'");
	put_declarations(out, false, plain);
	strbuf_puts(out, "><name>vm1</name><uuid>0c4a2c42-6a9c-4bd4-a3ac-1b6a0b88b719</uuid>");
	strbuf_puts(out, "<metadata");
	put_declarations(out, false, plain);
	strbuf_puts(out, ">");
	for (uint32_t i = below(4); i > 0; i--) {
		put_noise(out);
		put_application(out, plain);
	}
	strbuf_puts(out, "</metadata><devices/></domain></domstatus>\n");
}

/* --- comparing --- */

/* What libxml2 sees. @odd: what no scanner need take: a second one, or an unknown element */
struct seen {
	size_t policies, states, ports;
	bool odd;
	bool uses_namespace;
};

static bool is_called(const xmlNode *node, const char *name)
{
	return strcmp((const char *)node->name, name) == 0;
}

static const char *uri_of(const xmlNode *node)
{
	return node->ns ? (const char *)node->ns->href : "";
}

static void see_port(const xmlNode *node, const struct running_domain *domain, struct seen *seen)
{
	xmlChar *mac = xmlGetNoNsProp(node, (const xmlChar *)"mac");
	xmlChar *vlan = xmlGetNoNsProp(node, (const xmlChar *)"vlan");
	size_t index = seen->ports++;

	if (domain && index < domain->policy_port_count) {
		assert_string_equal(domain->policy_ports[index].mac, (char *)mac);
		assert_int_equal(domain->policy_ports[index].vlan, vlan ? atoi((char *)vlan) : 0);
	}
	xmlFree(mac);
	xmlFree(vlan);
}

static void see_application(const xmlNode *node, const struct running_domain *domain,
			    struct seen *seen)
{
	bool is_policy = strcmp(uri_of(node), POLICY) == 0;

	seen->uses_namespace |= strncmp(uri_of(node), "urn:berth:", 10) == 0;
	seen->states += strcmp(uri_of(node), STATE) == 0 && is_called(node, "state");
	seen->policies += is_policy && is_called(node, "policy");
	seen->odd |=
		(is_policy && !is_called(node, "policy")) || seen->policies > 1 || seen->states > 1;
	for (const xmlNode *child = node->children; child; child = child->next) {
		if (is_policy && is_called(node, "policy") && child->type == XML_ELEMENT_NODE &&
		    strcmp(uri_of(child), POLICY) == 0 && is_called(child, "port"))
			see_port(child, domain, seen);
	}
}

static const xmlNode *child_of(const xmlNode *parent, const char *name)
{
	const xmlNode *node = parent->children;

	while (node && !is_called(node, name))
		node = node->next;
	return node;
}

static void assert_agree(const char *text, size_t length)
{
	cleanup_running_domain struct running_domain domain = {0};
	xmlDoc *doc = xmlReadMemory(text, (int)length, NULL, NULL,
				    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	struct seen seen = {0};
	struct err err;

	assert_non_null(doc);
	bool taken = running_domain_parse(text, length, &domain, &err) == 0;
	const xmlNode *metadata =
		child_of(child_of(xmlDocGetRootElement(doc), "domain"), "metadata");
	for (const xmlNode *node = metadata->children; node; node = node->next) {
		if (node->type == XML_ELEMENT_NODE)
			see_application(node, taken ? &domain : NULL, &seen);
	}
	xmlFreeDoc(doc);
	if (taken != !seen.odd)
		fail_msg("%s, but libxml2 sees %s:\n%s", taken ? "taken" : err.text,
			 seen.odd ? "something odd" : "nothing odd", text);
	if (taken &&
	    (domain.has_policy != (seen.policies > 0) || domain.has_manifest != (seen.states > 0) ||
	     domain.policy_port_count != seen.ports))
		fail_msg("policy %d, manifest %d, %zu ports; libxml2 sees %zu, %zu, %zu:\n%s",
			 domain.has_policy, domain.has_manifest, domain.policy_port_count,
			 seen.policies, seen.states, seen.ports, text);
	if (seen.uses_namespace && (!xml_may_mention(text, length, "urn:berth:") ||
				    !guest_status_of(text, length).managed))
		fail_msg("not noticed without parsing:\n%s", text);
}

static void test_generated(void **state)
{
	(void)state;
	for (uint64_t number = 1; number <= 20000; number++) {
		cleanup_strbuf struct strbuf text = {0};
		seed = number * 7919;
		generate(&text, number % 2);
		assert_agree(text.text, text.length);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_generated),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
