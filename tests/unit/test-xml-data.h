/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Test data of the XML tests: found, read, compared with golden files. */
#ifndef BERTH_TEST_XML_DATA_H
#define BERTH_TEST_XML_DATA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glob.h>

#include "base/file.h"
#include "base/strbuf.h"

#define TEST_DATA_MAX_BYTES ((size_t)16 << 20)
#define cleanup_glob cleanup(globfree)

static inline const char *test_data_folder(void)
{
	const char *folder = getenv("BERTH_TEST_DATA");

	return folder ? folder : "tests/data";
}

/* The path of a file below the test data; the caller frees it. */
static inline char *test_data_path(const char *name)
{
	return xasprintf("%s/%s", test_data_folder(), name);
}

/* Appends a whole file, by its path. */
static inline void test_read(const char *path, struct strbuf *out)
{
	struct err err = {0};

	if (file_read(path, TEST_DATA_MAX_BYTES, out, &err) < 0)
		fail_msg("%s", err.text);
}

/* Appends a file of the test data. */
static inline void test_read_data(const char *name, struct strbuf *out)
{
	cleanup_free char *path = test_data_path(name);

	test_read(path, out);
}

/* All files of the test data that match; at least one must. */
static inline void test_find_data(const char *pattern, glob_t *found)
{
	cleanup_free char *path = test_data_path(pattern);

	if (glob(path, 0, NULL, found) != 0)
		fail_msg("no test data matches %s", path);
}

/* The file at @path must hold exactly this; with REGEN=1 it is written instead. */
static inline void test_golden(const char *path, const struct strbuf *actual)
{
	cleanup_strbuf struct strbuf wanted = {0};
	struct err err = {0};

	if (getenv("REGEN") && file_replace(path, actual->text, actual->length, 0644, &err) < 0)
		fail_msg("%s", err.text);
	test_read(path, &wanted);
	if (wanted.length != actual->length ||
	    memcmp(wanted.text, actual->text, wanted.length) != 0)
		fail_msg("%s differs; REGEN=1 writes it anew. Now it is:\n%s", path, actual->text);
}

/* A generator of its own, so that a seed gives the same numbers everywhere. */
static inline uint32_t test_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33);
}

#endif
