/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest that comes back proves by its manifest which file here it has left; and nothing else
 * proves it. */
#include "tests/unit/site-fixture.h"

#include "hooks/plan/image_copies.h"

/* A host: its own state, its own image of the guest's one disk. */
struct host {
	const char *name;
	const char *image;
	struct site site;
};

static struct host host_make(const char *name)
{
	struct host host = {.name = name, .image = at(name), .site = site};

	write_text(host.image, name);
	host.site.state = keep(xasprintf("%s/%s-state", scratch, name));
	return host;
}

static struct image_record *record_of(const struct host *host)
{
	struct image_record *record = NULL;
	struct err err;

	assert_ok(image_record_load(&host->site, UUID, &record, &err));
	return record;
}

/* What the guest's metadata says. */
static struct manifest *manifest_of(const char *host, const char *token)
{
	struct manifest *manifest = xcalloc(1, sizeof(*manifest));

	manifest->host = xstrdup(host);
	manifest->token = token ? xstrdup(token) : NULL;
	manifest->disks = xcalloc(1, sizeof(*manifest->disks));
	manifest->disk_count = 1;
	manifest->disks[0].target = xstrdup("vda");
	return manifest;
}

/* As guest_manifest_write() does. Takes @had over. */
static struct manifest *sync_at(const struct host *host, struct manifest *had,
				const struct config *config)
{
	struct place place = {.kind = PLACE_PATH, .value = (char *)host->image};
	struct domain_disk disk = {.target = "vda", .device = "disk", .type = DISK_FILE};
	struct domain domain = {
		.name = "vm1",
		.uuid = UUID,
		.places = &place,
		.place_count = 1,
		.disks = &disk,
		.disk_count = 1,
		.manifest = had,
	};
	struct manifest *manifest = manifest_of(host->name, NULL);
	struct err err;

	assert_ok(image_copies_note(&host->site, config, &domain, manifest, &err));
	manifest_free(had);
	return manifest;
}

/* berth has made the image there, and the guest has arrived with that manifest. */
static struct manifest *arrive_at(struct host *host, struct manifest *had)
{
	cleanup_image_record struct image_record *record = record_of(host);
	struct err err;

	host->image = keep(xasprintf("%s+", host->image));
	write_text(host->image, "a copy");
	assert_ok(image_record_note(record, host->image, IMAGE_RESIDENT, true, &err));
	assert_ok(image_record_save(&host->site, record, &err));
	free(had->token);
	had->token = xstrdup(TOKEN);
	return sync_at(host, had, NULL);
}

static bool is_left(const struct host *host, const char *path, const struct manifest *manifest)
{
	cleanup_image_record struct image_record *record = record_of(host);
	const struct known_image *image = image_record_find(record, path);

	return image && image_copy_is_superseded(image, &manifest->disks[0]);
}

static void test_it_comes_back(void **state)
{
	(void)state;
	struct host a = host_make("a"), b = host_make("b"), c = host_make("c");
	const char *left_at_a = a.image;
	cleanup_manifest struct manifest *manifest = sync_at(&a, NULL, NULL);
	assert_non_null(manifest->disks[0].copy);
	assert_null(manifest->disks[0].superseded);
	assert_false(is_left(&a, a.image, manifest));
	manifest = arrive_at(&b, manifest);
	assert_true(is_left(&a, left_at_a, manifest));
	assert_false(is_left(&b, b.image, manifest));
	manifest = arrive_at(&c, manifest);
	assert_true(is_left(&a, left_at_a, manifest));
	assert_true(is_left(&b, b.image, manifest));
}

static void test_it_stays(void **state)
{
	(void)state;
	struct host a = host_make("a"), b = host_make("b");
	cleanup_manifest struct manifest *manifest = sync_at(&a, NULL, NULL);
	cleanup_free char *copy = xstrdup(manifest->disks[0].copy);
	manifest = sync_at(&a, steal_pointer(manifest), NULL);
	assert_string_equal(manifest->disks[0].copy, copy);
	manifest = arrive_at(&b, steal_pointer(manifest));
	assert_string_equal(manifest->disks[0].superseded, copy);
	/* It is shut down there, and started again: nothing of it was in the metadata. */
	struct err err;
	assert_ok(image_copies_forget(&b.site, UUID, &err));
	manifest_free(manifest);
	manifest = sync_at(&b, NULL, NULL);
	assert_true(is_left(&a, a.image, manifest));
}

/* Two hosts run it, which nobody wanted: then each has what the other has not. */
static void test_it_was_started_again_here(void **state)
{
	struct err err;

	(void)state;
	struct host a = host_make("a"), b = host_make("b");
	cleanup_manifest struct manifest *manifest = arrive_at(&b, sync_at(&a, NULL, NULL));
	assert_true(is_left(&a, a.image, manifest));
	assert_ok(image_copies_forget(&a.site, UUID, &err));
	assert_false(is_left(&a, a.image, manifest));
	manifest_free(sync_at(&a, NULL, NULL));
	assert_false(is_left(&a, a.image, manifest));
}

static void test_another_file_in_its_place(void **state)
{
	(void)state;
	struct host a = host_make("a"), b = host_make("b");
	cleanup_manifest struct manifest *manifest = arrive_at(&b, sync_at(&a, NULL, NULL));
	write_text(at("new"), "somebody's");
	assert_int_equal(rename(at("new"), a.image), 0);
	assert_false(is_left(&a, a.image, manifest));
}

static void test_it_is_in_use(void **state)
{
	(void)state;
	struct host a = host_make("a"), b = host_make("b");
	make_qcow2(a.image, "1M");
	cleanup_manifest struct manifest *manifest = arrive_at(&b, sync_at(&a, NULL, NULL));
	struct holder reader = hold(a.image, "qcow2", false);
	assert_false(is_left(&a, a.image, manifest));
	let_go(reader);
	assert_true(is_left(&a, a.image, manifest));
}

/* Not by a migration: from a saved state, say. Then nothing was copied into what is there. */
static void test_it_came_without_a_migration(void **state)
{
	(void)state;
	struct host a = host_make("a"), b = host_make("b");
	cleanup_manifest struct manifest *manifest = arrive_at(&b, sync_at(&a, NULL, NULL));
	manifest = sync_at(&a, steal_pointer(manifest), NULL);
	cleanup_image_record struct image_record *record = record_of(&b);
	assert_false(manifest_supersedes(&manifest->disks[0], record->images[0].copy));
}

static void test_shared_storage_is_no_copy(void **state)
{
	char *folder = scratch;
	struct config config = {.shared = {.items = &folder, .count = 1}};

	(void)state;
	struct host a = host_make("a");
	cleanup_manifest struct manifest *manifest = sync_at(&a, NULL, &config);
	assert_null(manifest->disks[0].copy);
	assert_string_equal(files_below(a.site.state), "records.lock\n");
}

static void test_it_has_gone_far(void **state)
{
	(void)state;
	struct host hosts[2] = {host_make("a"), host_make("b")};
	cleanup_manifest struct manifest *manifest = sync_at(&hosts[0], NULL, NULL);
	for (int i = 1; i < 40; i++)
		manifest = arrive_at(&hosts[i % 2], steal_pointer(manifest));
	assert_int_equal(strlen(manifest->disks[0].superseded),
			 MANIFEST_MAX_SUPERSEDED * (MANIFEST_COPY_LENGTH + 1) - 1);
	assert_true(is_left(&hosts[0], hosts[0].image, manifest));
}

/* What it has just left, and a sync that was under way then. */
static void test_departed_stays_departed(void **state)
{
	struct err err;

	(void)state;
	struct host a = host_make("a");
	cleanup_manifest struct manifest *manifest = sync_at(&a, NULL, NULL);
	cleanup_image_record struct image_record *record = record_of(&a);
	assert_ok(image_record_note(record, a.image, IMAGE_DEPARTED, false, &err));
	assert_ok(image_record_save(&a.site, record, &err));
	manifest = sync_at(&a, steal_pointer(manifest), NULL);
	cleanup_image_record struct image_record *again = record_of(&a);
	assert_int_equal(again->images[0].state, IMAGE_DEPARTED);
}

/* Of a guest that was deleted nothing is left; what lies on a file system that isn't mounted is
 * kept. */
static void test_deleted_guests_are_forgotten(void **state)
{
	struct err err;

	(void)state;
	struct host a = host_make("a");
	assert_int_equal(mkdir(at("mount"), 0755), 0);
	assert_int_equal(rename(a.image, at("mount/a")), 0);
	a.image = at("mount/a");
	manifest_free(sync_at(&a, NULL, NULL));
	assert_int_equal(rename(at("mount"), at("unmounted")), 0);
	assert_ok(image_copies_sweep(&a.site, &err));
	cleanup_image_record struct image_record *record = record_of(&a);
	assert_int_equal(record->count, 1);
	assert_int_equal(rename(at("unmounted"), at("mount")), 0);
	assert_ok(image_copies_sweep(&a.site, &err));
	cleanup_image_record struct image_record *still = record_of(&a);
	assert_int_equal(still->count, 1);
	assert_int_equal(unlink(a.image), 0);
	assert_ok(image_copies_sweep(&a.site, &err));
	assert_string_equal(files_below(a.site.state), "records.lock\n");
}

/* The folder is the mount point: it is there, with another device's number. */
static void test_its_mount_point_is_empty(void **state)
{
	struct err err;

	(void)state;
	struct host a = host_make("a");
	manifest_free(sync_at(&a, NULL, NULL));
	run("sed", "-i", "s/device=/device=9/", keep(xasprintf("%s/images/" UUID, a.site.state)));
	assert_int_equal(rename(a.image, at("elsewhere")), 0);
	assert_ok(image_copies_sweep(&a.site, &err));
	cleanup_image_record struct image_record *record = record_of(&a);
	assert_int_equal(record->count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		site_test(test_it_comes_back),
		site_test(test_it_stays),
		site_test(test_it_was_started_again_here),
		site_test(test_another_file_in_its_place),
		site_qemu_test(test_it_is_in_use),
		site_test(test_it_came_without_a_migration),
		site_test(test_shared_storage_is_no_copy),
		site_test(test_it_has_gone_far),
		site_test(test_departed_stays_departed),
		site_test(test_deleted_guests_are_forgotten),
		site_test(test_its_mount_point_is_empty),
	};

	return run_as_tap(tests);
}
