/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Volumes as values, and which driver they belong to. */
#include "storage/volume.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "storage/multipath.h"
#include "storage/volume_driver.h"

static const struct volume_driver *const drivers[] = {
	[VOLUME_ISCSI] = &iscsi_driver,
	[VOLUME_AOE] = &aoe_driver,
};
_Static_assert(ARRAY_SIZE(drivers) == VOLUME_KINDS, "each kind has its driver");

const struct volume_driver *volume_driver(const struct volume *volume)
{
	return drivers[volume->kind];
}

const char *volume_kind_name(enum volume_kind kind)
{
	return drivers[kind]->name;
}

int volume_kind_find(const char *name)
{
	for (int kind = 0; kind < VOLUME_KINDS; kind++) {
		if (str_equal(drivers[kind]->name, name))
			return kind;
	}
	return -1;
}

/* --- values --- */

void volume_clear(struct volume *volume)
{
	for (size_t i = 0; i < volume->portal_count; i++)
		free(volume->portals[i]);
	free(volume->iqn);
	free(volume->wwn);
	free(volume->serial);
	*volume = (struct volume){0};
}

struct volume volume_copy(const struct volume *volume)
{
	struct volume copy = *volume;

	for (size_t i = 0; i < volume->portal_count; i++)
		copy.portals[i] = xstrdup(volume->portals[i]);
	copy.iqn = xstrdup(volume->iqn);
	copy.wwn = xstrdup(volume->wwn);
	copy.serial = xstrdup(volume->serial);
	return copy;
}

static bool has_portal(const struct volume *volume, const char *portal)
{
	for (size_t i = 0; i < volume->portal_count; i++) {
		if (str_equal(volume->portals[i], portal))
			return true;
	}
	return false;
}

static bool same_target(const struct volume *a, const struct volume *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == VOLUME_AOE)
		return a->shelf == b->shelf && a->slot == b->slot;
	return str_equal(a->iqn, b->iqn) && a->lun == b->lun;
}

bool volume_is_same(const struct volume *a, const struct volume *b)
{
	bool shared = a->kind == VOLUME_AOE;

	for (size_t i = 0; i < a->portal_count; i++)
		shared |= has_portal(b, a->portals[i]);
	return shared && same_target(a, b);
}

bool volume_add_path(struct volume *volume, const struct volume *path)
{
	if (!same_target(volume, path))
		return false;
	for (size_t i = 0; i < path->portal_count; i++) {
		if (!has_portal(volume, path->portals[i]) &&
		    volume->portal_count < VOLUME_MAX_PORTALS)
			volume->portals[volume->portal_count++] = xstrdup(path->portals[i]);
	}
	if (!volume->wwn)
		volume->wwn = xstrdup(path->wwn);
	if (!volume->serial)
		volume->serial = xstrdup(path->serial);
	return true;
}

void volume_describe(const struct volume *volume, struct strbuf *out)
{
	if (volume->kind == VOLUME_AOE) {
		strbuf_printf(out, "aoe e%u.%u", volume->shelf, volume->slot);
		return;
	}
	strbuf_printf(out, "iscsi %s lun %llu", volume->iqn, (unsigned long long)volume->lun);
	for (size_t i = 0; i < volume->portal_count; i++)
		strbuf_printf(out, "%s%s", i ? ", " : " at ", volume->portals[i]);
}

/* --- time --- */

int64_t volume_deadline_in(int64_t ms)
{
	return clock_now_ms() + ms;
}

int volume_left_ms(const struct volume_host *host)
{
	int64_t left = host->deadline_ms - clock_now_ms();

	return left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}

bool volume_pause(const struct volume_host *host, int ms)
{
	int left = volume_left_ms(host);

	if (left < ms)
		ms = left;
	nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, NULL);
	return left > 0;
}

/* --- names --- */

int volume_of_name(const char *path, struct volume *ret)
{
	for (size_t i = 0; i < VOLUME_KINDS; i++) {
		if (drivers[i]->of_name(path, ret) > 0)
			return 1;
	}
	return 0;
}

char *volume_stable_name(const struct volume *volume)
{
	char *name = volume->multipath ? multipath_stable_name(volume) : NULL;

	return name ? name : drivers[volume->kind]->stable_name(volume);
}
