/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel has said of connection tracking is believed until the next boot, and only then.
 */
#include "tests/unit/site-fixture.h"

#include "hooks/plan/survey.h"
#include "base/boot_id.h"

#define XML(policy)                                                                       \
	"<domain type='kvm'><name>vm1</name><uuid>" UUID "</uuid><metadata>" policy       \
	"</metadata><devices><interface type='bridge'><mac address='52:54:00:00:00:01'/>" \
	"<source bridge='br0'/></interface></devices></domain>"
#define GROUP                                                                         \
	XML("<b:policy xmlns:b='urn:berth:policy:1'><b:port mac='52:54:00:00:00:01'>" \
	    "<b:group>g</b:group></b:port><b:group name='g'/></b:policy>")

static struct domain *domain_of(const char *xml)
{
	struct domain *domain = NULL;
	struct err err;

	assert_ok(domain_parse(xml, strlen(xml), &domain, &err));
	return domain;
}

/* The answer that is kept is this one, of this boot or another. */
static void keep_answer(bool this_boot, const char *answer)
{
	cleanup_free char *boot = NULL;
	struct err err;

	assert_ok(boot_id(&boot, &err));
	assert_ok(file_make_folders(site.state, 0700, &err));
	cleanup_free char *text = xasprintf("%s\n%s", this_boot ? boot : "another boot", answer);
	write_text(at("state/tracking"), text);
}

static void is_believed(void **state)
{
	cleanup_domain struct domain *domain = domain_of(GROUP);
	struct host_network facts;
	struct err err;

	(void)state;
	keep_answer(true, "yes");
	assert_ok(host_network_find_tracking(&site, domain, &facts, &err));
	assert_int_equal(facts.tracking.code, 0);
	/* A module that has been loaded meanwhile makes a "no" worth another question. */
	if (file_exists("/sys/module/nf_conntrack_bridge"))
		return;
	keep_answer(true, "no module of that name");
	assert_ok(host_network_find_tracking(&site, domain, &facts, &err));
	assert_string_equal(facts.tracking.text, "no module of that name");
}

static void is_not_of_another_boot(void **state)
{
	cleanup_domain struct domain *domain = domain_of(GROUP);
	struct host_network facts = {0};
	struct err err = {0};

	(void)state;
	keep_answer(false, "no module of that name");
	/* Whoever may not ask the kernel learns that, and not the old answer. */
	int rc = host_network_find_tracking(&site, domain, &facts, &err);
	assert_string_not_equal(rc < 0 ? err.text : facts.tracking.text, "no module of that name");
}

static void is_forgotten_when_it_proves_wrong(void **state)
{
	(void)state;
	keep_answer(true, "yes");
	host_network_forget_tracking(&site);
	assert_false(file_exists(at("state/tracking")));
}

static void nobody_asks_for_a_guest_without_groups(void **state)
{
	cleanup_domain struct domain *domain = domain_of(XML(""));
	struct host_network facts;
	struct err err;

	(void)state;
	keep_answer(true, "no module of that name");
	assert_ok(host_network_find_tracking(&site, domain, &facts, &err));
	assert_int_equal(facts.tracking.code, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		site_test(is_believed),
		site_test(is_not_of_another_boot),
		site_test(is_forgotten_when_it_proves_wrong),
		site_test(nobody_asks_for_a_guest_without_groups),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("tracking", tests, NULL, NULL);
}
