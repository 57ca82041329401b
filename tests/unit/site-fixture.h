/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of hooks/ share: a site of their own, in the scratch folder. */
#ifndef BERTH_TESTS_UNIT_SITE_FIXTURE_H
#define BERTH_TESTS_UNIT_SITE_FIXTURE_H

#include "tests/unit/image-fixture.h"

#include "hooks/records/image_record.h"
#include "hooks/records/site.h"

#define UUID "fcafdcd6-07d6-44d0-bba7-41ce815586b9"
#define OTHER_UUID "0d1e2f30-4152-4637-a849-5a6b7c8d9eaf"
#define TOKEN "0123456789abcdef0123456789abcdef"

static struct site site;

/* Each test starts with an empty site. */
static inline int site_setup(void **state)
{
	if (scratch_setup(state) < 0)
		return -1;
	site = (struct site){
		.config = at("etc"),
		.state = at("state"),
		.libvirt_run = at("run"),
		.libvirt_config = at("libvirt"),
		.net_class = at("net"),
		.secrets = at("secrets"),
		.gate = at("gate"),
		.known_rules = at("rules"),
		.unverified = at("unverified"),
	};
	return 0;
}

#define site_test(f) \
	((struct CMUnitTest)cmocka_unit_test_setup_teardown(f, site_setup, scratch_teardown))
#define site_qemu_test(f) needing(have_qemu(), "qemu-img and qemu-io", site_test(f))

/* Whether nothing is below the folder but folders of berth's own state. */
static inline const char *files_below(const char *folder)
{
	return run("find", folder, "-mindepth", "1", "!", "-type", "d", "-printf", "%P\\n");
}

/* What the record of the guest UUID says of that image; IMAGE_STATES: nothing. */
static inline enum image_state image_state_of(const char *path)
{
	cleanup_image_record struct image_record *record = NULL;
	struct err err;

	assert_ok(image_record_load(&site, UUID, &record, &err));
	const struct known_image *image = image_record_find(record, path);
	return image ? image->state : IMAGE_STATES;
}

#endif
