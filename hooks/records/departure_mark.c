/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An empty file for a guest that is about to be gone, or has left; its name is the mark. */
#include "hooks/records/departure_mark.h"

#include <unistd.h>

#include "base/file.h"
#include "base/strbuf.h"

static char *path_of(const struct site *site, const char *uuid, enum departure_mark mark)
{
	static const char *const endings[] = {
		[DEPARTURE_NOTED] = "leaves",
		[DEPARTURE_UNCLEAR] = "ends",
		[DEPARTURE_UNTOLD] = "untold",
	};

	return xasprintf("%s/%s.%s", site->known_rules, uuid, endings[mark]);
}

static bool take(const struct site *site, const char *uuid, enum departure_mark mark)
{
	cleanup_free char *path = path_of(site, uuid, mark);

	return unlink(path) == 0;
}

int departure_mark_set(const struct site *site, const char *uuid, enum departure_mark mark,
		       struct err *err)
{
	cleanup_free char *path = path_of(site, uuid, mark);

	int rc = file_make_folders(site->known_rules, 0700, err);
	return rc < 0 ? rc : file_replace(path, "", 0, 0600, err);
}

enum departure_mark departure_mark_take(const struct site *site, const char *uuid)
{
	bool unclear = take(site, uuid, DEPARTURE_UNCLEAR);

	if (take(site, uuid, DEPARTURE_NOTED))
		return DEPARTURE_NOTED;
	return unclear ? DEPARTURE_UNCLEAR : DEPARTURE_UNMARKED;
}

bool departure_is_untold(const struct site *site, const char *uuid)
{
	cleanup_free char *path = path_of(site, uuid, DEPARTURE_UNTOLD);

	return access(path, F_OK) == 0;
}

void departure_marks_remove(const struct site *site, const char *uuid)
{
	departure_mark_take(site, uuid);
	take(site, uuid, DEPARTURE_UNTOLD);
}
