/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a device is the one that is meant: what it says of itself, not how it was reached. */
#include <errno.h>
#include <string.h>

#include "storage/volume_driver.h"

/* packaging/schemas/state.rng */
#define IDENTITY_MAX_BYTES 256

bool volume_identity_is_speakable(const char *text)
{
	size_t length = text ? strlen(text) : 0;

	if (length == 0 || length > IDENTITY_MAX_BYTES || text[0] == ' ' || text[length - 1] == ' ')
		return false;
	for (const char *c = text; *c; c++) {
		if (*c < ' ' || *c > '~')
			return false;
	}
	return true;
}

static void begin_difference(struct strbuf *out)
{
	if (out->length)
		strbuf_puts(out, ", ");
}

/* What the device leaves unsaid is a difference: the guest's own said it. */
static void compare_text(struct strbuf *out, const char *what, const char *have, const char *want)
{
	if (!want || str_equal(have, want))
		return;
	begin_difference(out);
	if (have)
		strbuf_printf(out, "%s '%s' instead of '%s'", what, have, want);
	else
		strbuf_printf(out, "no %s instead of '%s'", what, want);
}

static void compare_size(struct strbuf *out, uint64_t have, uint64_t want)
{
	if (!want || have == want)
		return;
	begin_difference(out);
	if (have)
		strbuf_printf(out, "%llu bytes instead of %llu", (unsigned long long)have,
			      (unsigned long long)want);
	else
		strbuf_printf(out, "no known size instead of %llu bytes", (unsigned long long)want);
}

/* What the device says and nobody knew of the guest's: no difference where something else that
 * names the device is equal, for a host may come to know more of it. */
static void compare_unknown(struct strbuf *out, const char *what, const char *have,
			    const char *want)
{
	if (!have || want)
		return;
	begin_difference(out);
	strbuf_printf(out, "%s '%s', while none is known of the guest's disk", what, have);
}

static bool both_name_it(const struct volume *want, const struct volume *have)
{
	return (want->wwn && str_equal(want->wwn, have->wwn)) ||
	       (want->serial && str_equal(want->serial, have->serial));
}

static bool is_named_by_place_alone(const struct volume *want)
{
	return !want->wwn && !want->serial && !want->size_bytes;
}

void volume_identity_differences(const struct volume *want, const struct volume *have,
				 struct strbuf *out)
{
	if (is_named_by_place_alone(want))
		return;
	compare_text(out, "WWN", have->wwn, want->wwn);
	compare_text(out, "serial number", have->serial, want->serial);
	compare_size(out, have->size_bytes, want->size_bytes);
	if (both_name_it(want, have))
		return;
	compare_unknown(out, "WWN", have->wwn, want->wwn);
	compare_unknown(out, "serial number", have->serial, want->serial);
}

int volume_same_identity(const struct volume *want, const struct volume *have, const char *path,
			 struct err *err)
{
	cleanup_strbuf struct strbuf differences = {0};

	volume_identity_differences(want, have, &differences);
	if (!differences.length)
		return 0;
	return err_set(err, EMEDIUMTYPE,
		       "'%s' is another device than the guest's: it has %s; export the guest's "
		       "disk to this host at this place, or, if it is that disk, run 'berth sync' "
		       "where the guest runs",
		       path, differences.text);
}
