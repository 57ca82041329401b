/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's own identifier of its boot. */
#include "base/boot_id.h"

#include <string.h>

#include "base/file.h"

int boot_id(char **ret, struct err *err)
{
	cleanup_strbuf struct strbuf text = {0};
	int rc = file_read("/proc/sys/kernel/random/boot_id", 64, &text, err);

	if (rc == 0)
		*ret = xstrndup(text.text, strcspn(text.text, "\n"));
	return rc;
}
