/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a device is the one that is meant: what it says of itself, not how it was reached. */
#include <errno.h>

#include "storage/volume_driver.h"

static void add_text(struct strbuf *out, const char *what, const char *have, const char *want)
{
	if (have && want && !str_equal(have, want))
		strbuf_printf(out, "%s%s '%s' instead of '%s'", out->length ? ", " : "", what, have,
			      want);
}

int volume_same_identity(const struct volume *want, const struct volume *have, const char *path,
			 struct err *err)
{
	cleanup_strbuf struct strbuf differences = {0};

	add_text(&differences, "WWN", have->wwn, want->wwn);
	add_text(&differences, "serial number", have->serial, want->serial);
	if (have->size_bytes && want->size_bytes && have->size_bytes != want->size_bytes)
		strbuf_printf(&differences, "%s%llu bytes instead of %llu",
			      differences.length ? ", " : "", (unsigned long long)have->size_bytes,
			      (unsigned long long)want->size_bytes);
	if (!differences.length)
		return 0;
	return err_set(err, EMEDIUMTYPE,
		       "'%s' is another device than the guest's: it has %s; export the guest's "
		       "disk to this host at this place",
		       path, differences.text);
}
