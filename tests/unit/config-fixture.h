/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of config/ share: a configuration written into the scratch folder, and read. */
#ifndef BERTH_TESTS_UNIT_CONFIG_FIXTURE_H
#define BERTH_TESTS_UNIT_CONFIG_FIXTURE_H

#include "tests/unit/image-fixture.h"

#include "config/config.h"

static inline const char *data_folder(const char *name)
{
	const char *folder = getenv("BERTH_TEST_DATA");

	return keep(xasprintf("%s/%s", folder ? folder : "tests/data", name));
}

static inline struct config *load(const char *folder)
{
	struct config *config = NULL;
	struct err err;

	assert_ok(config_load(folder, &config, &err));
	return config;
}

/* As berth.conf in the scratch folder. */
static inline struct config *load_text(const char *text)
{
	write_text(at("berth.conf"), text);
	return load(scratch);
}

/* The text is refused with exactly these words behind "FOLDER/berth.conf:LINE: ". */
static inline void assert_refused(const char *text, int line, const char *words)
{
	struct config *config = NULL;
	struct err err;

	write_text(at("berth.conf"), text);
	assert_fails(config_load(scratch, &config, &err), EINVAL, "");
	assert_null(config);
	assert_string_equal(err.text, keep(xasprintf("%s:%d: %s", at("berth.conf"), line, words)));
}

/* The names, a blank between two. */
static inline const char *joined(const struct names *names)
{
	struct strbuf text = {0};

	for (size_t i = 0; i < names->count; i++)
		strbuf_printf(&text, "%s%s", i ? " " : "", names->items[i]);
	return keep(strbuf_steal(&text));
}

/* "first-last", a blank between two. */
static inline const char *vlans(const struct config *config)
{
	struct strbuf text = {0};

	for (size_t i = 0; i < config->vlan_count; i++)
		strbuf_printf(&text, "%s%u-%u", i ? " " : "", config->vlans[i].first,
			      config->vlans[i].last);
	return keep(strbuf_steal(&text));
}

/* As they would be written, a blank between two. */
static inline const char *portals(const struct config *config)
{
	struct strbuf text = {0};
	char one[PREFIX_TEXT_SIZE];

	for (size_t i = 0; i < config->portal_count; i++)
		strbuf_printf(&text, "%s%s", i ? " " : "", prefix_format(&config->portals[i], one));
	return keep(strbuf_steal(&text));
}

/* "from = to", a comma between two. */
static inline const char *pairs(const struct mappings *mappings)
{
	struct strbuf text = {0};

	for (size_t i = 0; i < mappings->count; i++)
		strbuf_printf(&text, "%s%s = %s", i ? ", " : "", mappings->items[i].from,
			      mappings->items[i].to);
	return keep(strbuf_steal(&text));
}

#endif
