/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * berth reclaim: the copy of a guest that stayed here when it left is the good one again.
 *
 * Nothing is done to the images: only what is known of them is changed. So whoever has said yes by
 * mistake has lost nothing until the guest starts.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/cli.h"
#include "hooks/records/image_mark.h"
#include "hooks/records/image_record.h"
#include "hooks/records/site.h"

#define ANSWER_MAX 512

static const char *name_of(const struct image_record *record)
{
	return record->name ? record->name : record->uuid;
}

static bool is_departed(const struct known_image *image)
{
	return image->state == IMAGE_DEPARTED && !known_image_is_gone(image);
}

static size_t count_departed(const struct image_record *record)
{
	size_t count = 0;

	for (size_t i = 0; i < record->count; i++)
		count += is_departed(&record->images[i]);
	return count;
}

/* Another guest's record that can't be read is of no interest. Return: whether it is meant. */
static bool is_meant(const char *guest, const char *uuid)
{
	cleanup_image_record struct image_record *record = NULL;
	struct err err;

	if (strcmp(guest, uuid) == 0)
		return true;
	return image_record_load(&this_site, uuid, &record, &err) == 0 &&
	       str_equal(record->name, guest) && count_departed(record) > 0;
}

/* Return: 0 and *@ret, the UUID; or a negative errno. */
static int find(const char *guest, char **ret, struct err *err)
{
	cleanup_free char *found = NULL;
	char **uuids = NULL;
	size_t count = 0, meant = 0;

	int rc = image_record_list(&this_site, &uuids, &count, err);
	for (size_t i = 0; i < count; i++) {
		if (!is_meant(guest, uuids[i]))
			continue;
		meant++;
		free(found);
		found = xstrdup(uuids[i]);
	}
	site_free_uuids(uuids, count);
	if (rc < 0)
		return rc;
	if (meant == 0)
		return err_set(err, ENOENT,
			       "this host has no stale image of a guest '%s'; see 'berth status'",
			       guest);
	if (meant > 1)
		return err_set(err, EEXIST,
			       "%zu guests of the name '%s' have left images here; name one by its "
			       "UUID, see 'berth status --json'",
			       meant, guest);
	*ret = steal_pointer(found);
	return 0;
}

static void tell(const struct image_record *record)
{
	printf("Guest '%s' has left this host. Its stale images here:\n", name_of(record));
	for (size_t i = 0; i < record->count; i++) {
		const struct known_image *image = &record->images[i];
		char since[CLOCK_TEXT_SIZE];
		if (!is_departed(image))
			continue;
		clock_text(image->since, since);
		printf("  %s, as it was on %s%s\n", image->path, since,
		       known_image_is_unchanged(image) ? "" : "; written to since");
	}
	puts("If the guest runs from these again, what it has written on the other host since then "
	     "is lost to it.\nThe guest must not run there any more.");
}

/* Return: whether the guest's name was typed. */
static bool ask(const char *guest)
{
	char answer[ANSWER_MAX];

	printf("Type the guest's name, %s, to go on: ", guest);
	fflush(stdout);
	if (!fgets(answer, sizeof(answer), stdin)) {
		putchar('\n');
		return false;
	}
	answer[strcspn(answer, "\n")] = '\0';
	return strcmp(answer, guest) == 0;
}

static int confirm(const struct options *options, const char *uuid, struct err *err)
{
	cleanup_image_record struct image_record *record = NULL;

	int rc = image_record_load(&this_site, uuid, &record, err);
	if (rc < 0 || options->yes)
		return rc;
	if (count_departed(record) == 0)
		return err_set(err, ENOENT, "no stale image of guest '%s' is left on this host",
			       name_of(record));
	tell(record);
	if (ask(name_of(record)))
		return 0;
	return err_set(err, ECANCELED,
		       "nothing is changed: '%s' was not typed; --yes does without it",
		       name_of(record));
}

static void reclaim_image(const struct options *options, struct image_record *record,
			  struct known_image *image)
{
	log_note("%s: '%s' is no longer stale: berth reclaim", name_of(record), image->path);
	if (!options->quiet)
		printf("%s: '%s' is the guest's good image again\n", name_of(record), image->path);
	image_mark_remove(image->path);
	if (!image->made) {
		image_record_drop(record, image->path);
		return;
	}
	image->state = IMAGE_RESIDENT;
	image->doubtful = false;
	image->since = time(NULL);
}

static int reclaim(const struct options *options, const char *uuid, struct err *err)
{
	cleanup_image_record struct image_record *record = NULL;
	cleanup_close int lock = image_record_open(&this_site, uuid, &record, err);

	if (lock < 0)
		return lock;
	if (count_departed(record) == 0)
		return err_set(err, ENOENT, "no stale image of guest '%s' is left on this host",
			       name_of(record));
	for (size_t i = record->count; i > 0; i--) {
		if (is_departed(&record->images[i - 1]))
			reclaim_image(options, record, &record->images[i - 1]);
	}
	return image_record_save(&this_site, record, err);
}

static int run(const struct options *options, struct err *err)
{
	cleanup_free char *uuid = NULL;

	int rc = find(options->guest, &uuid, err);
	if (rc == 0)
		rc = confirm(options, uuid, err);
	if (rc == 0)
		rc = reclaim(options, uuid, err);
	return rc;
}

const struct verb verb_reclaim = {
	.name = "reclaim",
	.arguments = "[--yes] GUEST",
	.summary = "make the stale images of a guest that has left its good ones again",
	.options = " --yes ",
	.needs_guest = true,
	.run = run,
};
