/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device is the one that is meant when it says all that is known of that; else the line says in
 * what they differ. What the device leaves unsaid is a difference. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "storage/volume_driver.h"

static struct volume volume(const char *wwn, const char *serial, uint64_t size_bytes)
{
	return (struct volume){
		.kind = VOLUME_AOE,
		.wwn = (char *)wwn,
		.serial = (char *)serial,
		.size_bytes = size_bytes,
	};
}

static void same(struct volume want, struct volume have)
{
	struct err err;

	assert_int_equal(volume_same_identity(&want, &have, "/dev/sdb", &err), 0);
}

static void differs(struct volume want, struct volume have, const char *text)
{
	struct err err;

	assert_int_equal(volume_same_identity(&want, &have, "/dev/sdb", &err), -EMEDIUMTYPE);
	assert_non_null(strstr(err.text, "'/dev/sdb' is another device"));
	assert_non_null(strstr(err.text, text));
}

static void is_the_one(void **state)
{
	(void)state;
	same(volume("naa.1", "s", 512), volume("naa.1", "s", 512));
	same(volume(NULL, NULL, 512),
	     volume(NULL, NULL, 512)); /* AoE, from a target without names */
	/* nothing is known but its place; a guest that starts here may have grown meanwhile */
	same(volume(NULL, NULL, 0), volume("naa.1", "s", 512));
	same(volume("naa.1", "s", 0), volume("naa.1", "s", 512));
	/* a host may come to know more of it */
	same(volume("naa.1", NULL, 512), volume("naa.1", "s", 512));
	same(volume(NULL, "s", 512), volume("naa.1", "s", 512));
}

static void silence_is_a_difference(void **state)
{
	(void)state;
	differs(volume("naa.1", "s", 512), volume(NULL, NULL, 0),
		"it has no WWN instead of 'naa.1', no serial number instead of 's', no known size "
		"instead of 512 bytes; ");
	differs(volume("naa.1", "s", 512), volume("naa.1", NULL, 512),
		"it has no serial number instead of 's'; ");
	differs(volume("naa.1", NULL, 512), volume(NULL, "s", 512),
		"it has no WWN instead of 'naa.1', serial number 's', while none is known of "
		"the guest's disk; ");
	differs(volume(NULL, NULL, 512), volume("naa.1", NULL, 512),
		"it has WWN 'naa.1', while none is known of the guest's disk; ");
	differs(volume(NULL, NULL, 512), volume(NULL, NULL, 0), "run 'berth sync'");
}

static void each_counts(void **state)
{
	(void)state;
	differs(volume("naa.1", "s", 512), volume("naa.2", "s", 512),
		"it has WWN 'naa.2' instead of 'naa.1'; ");
	differs(volume("naa.1", "s", 512), volume("naa.1", "t", 512),
		"it has serial number 't' instead of 's'; ");
	differs(volume("naa.1", "s", 512), volume("naa.1", "s", 1024),
		"it has 1024 bytes instead of 512; ");
	differs(volume(NULL, "s", 512), volume(NULL, "S", 1024),
		"it has serial number 'S' instead of 's', 1024 bytes instead of 512; ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_the_one),
		cmocka_unit_test(silence_is_a_difference),
		cmocka_unit_test(each_counts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
