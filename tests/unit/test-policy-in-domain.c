/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain's policy is read with it; a wrong one is told, and does the domain no harm. */
#include "test-xml-data.h"

#include <errno.h>

#include "xml/domain.h"

#define POLICY(content) "<p:policy xmlns:p='" POLICY_URI "'>" content "</p:policy>\n"
#define GOOD POLICY("<p:port mac='52:54:00:00:00:01' vlan='100'/>")

typedef int parse_fn(const char *text, size_t length, struct domain **ret, struct err *err);

static parse_fn *const parsers[] = {domain_parse, domain_parse_without_manifest};

static struct domain *parse(parse_fn *parser, const char *metadata)
{
	cleanup_free char *text = xasprintf(
		"<domain><name>vm1</name><uuid>fcafdcd6-07d6-44d0-bba7-41ce815586b9</uuid>\n"
		"<metadata>%s</metadata><devices><disk><target "
		"dev='vda'/></disk></devices></domain>",
		metadata);
	struct domain *domain = NULL;
	struct err err = {0};

	if (parser(text, strlen(text), &domain, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(domain->disk_count, 1);
	return domain;
}

static void is_read(const char *metadata)
{
	for (size_t i = 0; i < ARRAY_SIZE(parsers); i++) {
		cleanup_domain struct domain *domain = parse(parsers[i], metadata);
		assert_int_equal(domain->policy_error.code, 0);
		assert_non_null(domain->policy);
		assert_int_equal(domain->policy->ports[0].vlan, 100);
	}
}

static void is_none(const char *metadata)
{
	for (size_t i = 0; i < ARRAY_SIZE(parsers); i++) {
		cleanup_domain struct domain *domain = parse(parsers[i], metadata);
		assert_int_equal(domain->policy_error.code, 0);
		assert_null(domain->policy);
	}
}

static void is_wrong(const char *metadata, const char *wanted)
{
	for (size_t i = 0; i < ARRAY_SIZE(parsers); i++) {
		cleanup_domain struct domain *domain = parse(parsers[i], metadata);
		assert_null(domain->policy);
		assert_int_equal(domain->policy_error.code, EINVAL);
		assert_string_equal(domain->policy_error.text, wanted);
	}
}

static void test_good(void **state)
{
	(void)state;
	is_read(GOOD);
	is_read("<x:y xmlns:x='urn:x'>" POLICY("<p:wrong/>") "</x:y>" GOOD);
	is_read("<policy xmlns='" POLICY_URI
		"'><port mac='52:54:00:00:00:01' vlan='100'/></policy>");
	is_read("<s:state xmlns:s='" MANIFEST_URI "' host='h' uri='u' "
		"written='2026-11-24T10:20:00Z'/>" GOOD);
}

static void test_none(void **state)
{
	(void)state;
	is_none("");
	is_none("<policy/>");
	is_none("<policy xmlns='urn:other'/>");
}

static void test_wrong(void **state)
{
	(void)state;
	is_wrong(POLICY("\n<p:port mac='52:54:00:00:00:01' vlan='4095'/>"),
		 "policy: line 3: <port> vlan='4095': VLAN 4095 is not 1 to 4094");
	is_wrong(GOOD GOOD, "policy: line 3: a second <policy>");
	is_wrong(GOOD GOOD GOOD, "policy: line 3: a second <policy>");
	is_wrong("<p:group xmlns:p='" POLICY_URI "'/>" GOOD,
		 "policy: line 2: it is a <group>, not a <policy> of " POLICY_URI);
	is_wrong(POLICY("<p:wrong/>") GOOD,
		 "policy: line 2: <policy> has no element 'wrong'; it has project port group");
}

/* A wrong manifest is refused as ever, whatever the policy is. */
static void test_beside_a_wrong_manifest(void **state)
{
	static const char text[] =
		"<domain><name>vm1</name><uuid>fcafdcd6-07d6-44d0-bba7-41ce815586b9</uuid>"
		"<metadata>" POLICY("<p:wrong/>") "<s:state xmlns:s='" MANIFEST_URI "'/>"
						  "</metadata></domain>";
	struct domain *domain = NULL;
	struct err err = {0};

	(void)state;
	assert_int_equal(domain_parse(text, strlen(text), &domain, &err), -EINVAL);
	assert_non_null(strstr(err.text, "manifest: "));
	assert_null(domain);
}

static void test_virtual_ports(void **state)
{
	static const char text[] =
		"<domain><name>vm1</name><uuid>fcafdcd6-07d6-44d0-bba7-41ce815586b9</uuid><devices>"
		"<interface type='bridge'/>"
		"<interface type='bridge'><virtualport type='openvswitch'>"
		"<parameters interfaceid='x'/></virtualport></interface>"
		"<interface type='network'><virtualport/></interface>"
		"<interface type='bridge'><x:virtualport xmlns:x='urn:x' type='a'/></interface>"
		"</devices></domain>";
	cleanup_domain struct domain *domain = NULL;
	struct err err = {0};

	(void)state;
	assert_int_equal(domain_parse(text, strlen(text), &domain, &err), 0);
	assert_int_equal(domain->port_count, 4);
	assert_false(domain->ports[0].has_virtualport);
	assert_null(domain->ports[0].virtualport);
	assert_true(domain->ports[1].has_virtualport);
	assert_string_equal(domain->ports[1].virtualport, "openvswitch");
	assert_true(domain->ports[2].has_virtualport);
	assert_null(domain->ports[2].virtualport);
	assert_false(domain->ports[3].has_virtualport);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_beside_a_wrong_manifest),
		cmocka_unit_test(test_virtual_ports),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
