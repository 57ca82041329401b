/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rectangles_make_disjoint() against a grid on which every point is looked at: the same area, no
 * point twice, each point's label names a rectangle that it lies in. */
#include "tests/unit/test-xml-data.h"

#include <errno.h>

#include "netfw/rectangle.h"

#define SIDE 24

static void put(struct rectangles *rectangles, uint32_t low, uint32_t high, uint8_t first,
		uint8_t last)
{
	struct rectangle one = {.low = low, .high = high};
	cleanup_free char *label = xasprintf("web %zu", rectangles->count + 1);

	/* At the end of a byte, so that neighbours need a carry. */
	one.first[14] = one.last[14] = 1;
	one.first[15] = (uint8_t)(first + 250);
	one.last[15] = (uint8_t)(last + 250);
	one.first[14] = (uint8_t)(one.first[14] + (first + 250 > 255));
	one.last[14] = (uint8_t)(one.last[14] + (last + 250 > 255));
	one.label = label;
	rectangles_add(rectangles, &one);
}

static bool holds(const struct rectangle *one, uint32_t number, uint8_t address)
{
	uint8_t bytes[16] = {
		[14] = (uint8_t)(1 + (address + 250 > 255)), [15] = (uint8_t)(address + 250)};

	return one->low <= number && number <= one->high && memcmp(one->first, bytes, 16) <= 0 &&
	       memcmp(bytes, one->last, 16) <= 0;
}

/* "web 1" in "web 1, web 12" */
static bool names(const char *label, const char *name)
{
	cleanup_free char *list = xasprintf(", %s,", label);
	cleanup_free char *item = xasprintf(", %s,", name);

	return strstr(list, item) != NULL;
}

static void check_point(const struct rectangles *in, const struct rectangles *out, uint32_t number,
			uint8_t address)
{
	const struct rectangle *found = NULL;
	bool wanted = false;

	for (size_t i = 0; i < out->count; i++) {
		if (!holds(&out->items[i], number, address))
			continue;
		assert_null(found);
		found = &out->items[i];
	}
	for (size_t i = 0; i < in->count; i++) {
		if (!holds(&in->items[i], number, address))
			continue;
		wanted = true;
		if (found && !strstr(found->label, "..."))
			assert_true(names(found->label, in->items[i].label));
	}
	assert_int_equal(wanted, found != NULL);
}

static void check(const struct rectangles *in, uint32_t grain)
{
	cleanup_rectangles struct rectangles out = {0};

	assert_int_equal(rectangles_make_disjoint(in, grain, 10000, &out), 0);
	for (uint32_t number = 0; number < SIDE; number++) {
		for (uint8_t address = 0; address < SIDE; address++)
			check_point(in, &out, number, address);
	}
	for (size_t i = 0; i < out.count; i++) {
		assert_true(out.items[i].low <= out.items[i].high);
		assert_true(strlen(out.items[i].label) < 128);
		if (grain)
			assert_int_equal(out.items[i].low / grain, out.items[i].high / grain);
	}
}

static void random_rectangles(uint64_t *seed, uint32_t grain, struct rectangles *ret)
{
	for (uint32_t i = test_random(seed) % 12; i > 0; i--) {
		uint32_t low = test_random(seed) % SIDE;
		uint32_t high = low + test_random(seed) % (SIDE - low);
		uint32_t first = test_random(seed) % SIDE;
		uint32_t last = first + test_random(seed) % (SIDE - first);
		/* As ICMP's are: a type's codes. */
		if (grain && high / grain != low / grain)
			high = low / grain * grain + grain - 1;
		put(ret, low, high, (uint8_t)first, (uint8_t)last);
	}
}

static void the_same_area(void **state)
{
	static const uint32_t grains[] = {0, 1, 4};
	uint64_t seed = 5;

	(void)state;
	for (int i = 0; i < 900; i++) {
		cleanup_rectangles struct rectangles in = {0};
		random_rectangles(&seed, grains[i % 3], &in);
		check(&in, grains[i % 3]);
	}
}

/* The order of the rules makes no difference to what is an element. */
static void order_is_no_matter(void **state)
{
	uint64_t seed = 6;

	(void)state;
	for (int i = 0; i < 200; i++) {
		cleanup_rectangles struct rectangles in = {0}, turned = {0}, a = {0}, b = {0};
		random_rectangles(&seed, 0, &in);
		for (size_t j = in.count; j > 0; j--)
			rectangles_add(&turned, &in.items[j - 1]);
		assert_int_equal(rectangles_make_disjoint(&in, 0, 10000, &a), 0);
		assert_int_equal(rectangles_make_disjoint(&turned, 0, 10000, &b), 0);
		assert_int_equal(a.count, b.count);
		for (size_t j = 0; j < a.count; j++) {
			assert_int_equal(a.items[j].low, b.items[j].low);
			assert_int_equal(a.items[j].high, b.items[j].high);
			assert_memory_equal(a.items[j].first, b.items[j].first, 16);
			assert_memory_equal(a.items[j].last, b.items[j].last, 16);
		}
	}
}

static void neighbours_are_joined(void **state)
{
	cleanup_rectangles struct rectangles in = {0}, out = {0};

	(void)state;
	put(&in, 0, 3, 0, 5);
	put(&in, 4, 7, 0, 5);
	put(&in, 0, 7, 6, 9);
	assert_int_equal(rectangles_make_disjoint(&in, 0, 10, &out), 0);
	assert_int_equal(out.count, 1);
	assert_string_equal(out.items[0].label, "web 1, web 3, web 2");
}

static void the_last_number_and_address(void **state)
{
	cleanup_rectangles struct rectangles in = {0}, out = {0};
	struct rectangle all = {.high = UINT32_MAX, .label = (char *)"a"};

	(void)state;
	memset(all.last, 0xff, 16);
	rectangles_add(&in, &all);
	rectangles_add(&in, &all);
	assert_int_equal(rectangles_make_disjoint(&in, 0, 10, &out), 0);
	assert_int_equal(out.count, 1);
	assert_true(out.items[0].high == UINT32_MAX);
}

static void limit(void **state)
{
	cleanup_rectangles struct rectangles in = {0}, out = {0};

	(void)state;
	for (uint32_t i = 0; i < 10; i++)
		put(&in, i * 2, i * 2, 0, 1);
	assert_int_equal(rectangles_make_disjoint(&in, 0, 10, &out), 0);
	assert_int_equal(out.count, 10);
	rectangles_clear(&out);
	assert_int_equal(rectangles_make_disjoint(&in, 0, 9, &out), -E2BIG);
	assert_int_equal(out.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_area),
		cmocka_unit_test(order_is_no_matter),
		cmocka_unit_test(neighbours_are_joined),
		cmocka_unit_test(the_last_number_and_address),
		cmocka_unit_test(limit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
