/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drives storage/volume.h for the tests. Prints what it found on standard output, errors on
 * standard error; exit status 0: yes or done, 1: no, 2: an error, whose name comes first
 * ("EMEDIUMTYPE ...").
 *
 *     volume-tool of-device|users|is-fenced|fence|unfence PATH
 *     volume-tool lift PATH PATH...: as the gate does for one guest's volumes
 *     volume-tool check|find|attach|detach|stable-name KEY=VALUE...
 *
 * KEY: kind, shelf, slot, iqn, lun, portal (several), multipath, wwn, serial, size; what of-device
 * prints. name: for attach. Environment: VOLUME_FOLDER, which has "etc" with berth.conf, "secrets"
 * and "state"; VOLUME_TIMEOUT_MS (default 30000).
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "gate/rules.h"
#include "storage/volume.h"

static int report(int rc, const struct err *err)
{
	if (rc < 0)
		fprintf(stderr, "%s %s\n", strerrorname_np(-rc), err->text);
	return rc < 0 ? 2 : rc > 0 ? 0 : 1;
}

/* --- volumes as words --- */

static void print_text(const char *key, const char *value)
{
	if (value)
		printf("%s=%s\n", key, value);
}

static void print_volume(const struct volume *volume)
{
	print_text("kind", volume_kind_name(volume->kind));
	if (volume->kind == VOLUME_AOE)
		printf("shelf=%u\nslot=%u\n", volume->shelf, volume->slot);
	else
		printf("iqn=%s\nlun=%llu\n", volume->iqn, (unsigned long long)volume->lun);
	for (size_t i = 0; i < volume->portal_count; i++)
		print_text("portal", volume->portals[i]);
	if (volume->multipath)
		puts("multipath=1");
	print_text("wwn", volume->wwn);
	print_text("serial", volume->serial);
	printf("size=%llu\n", (unsigned long long)volume->size_bytes);
}

static bool read_number(const char *key, unsigned long long number, struct volume *volume)
{
	if (strcmp(key, "shelf") == 0)
		volume->shelf = (unsigned)number;
	else if (strcmp(key, "slot") == 0)
		volume->slot = (unsigned)number;
	else if (strcmp(key, "lun") == 0)
		volume->lun = number;
	else if (strcmp(key, "size") == 0)
		volume->size_bytes = number;
	else if (strcmp(key, "multipath") == 0)
		volume->multipath = number != 0;
	else
		return false;
	return true;
}

static bool read_word(const char *word, struct volume *volume, const char **name)
{
	cleanup_free char *key = xstrndup(word, strcspn(word, "="));
	const char *value = word + strlen(key) + (word[strlen(key)] == '=');
	unsigned long long number;

	if (strcmp(key, "kind") == 0)
		volume->kind = (enum volume_kind)volume_kind_find(value);
	else if (strcmp(key, "name") == 0)
		*name = value;
	else if (strcmp(key, "iqn") == 0)
		volume->iqn = xstrdup(value);
	else if (strcmp(key, "wwn") == 0)
		volume->wwn = xstrdup(value);
	else if (strcmp(key, "serial") == 0)
		volume->serial = xstrdup(value);
	else if (strcmp(key, "portal") == 0 && volume->portal_count < VOLUME_MAX_PORTALS)
		volume->portals[volume->portal_count++] = xstrdup(value);
	else
		return str_to_u64(value, &number) && read_number(key, number, volume);
	return true;
}

/* --- commands --- */

static int do_find(const struct volume *volume, struct err *err)
{
	cleanup_free char *path = NULL;
	int rc = volume_find(volume, &path, err);

	if (rc > 0)
		puts(path);
	return report(rc, err);
}

static int with_volume(const char *command, const struct volume *volume, const char *name,
		       const struct volume_host *host)
{
	struct err err;

	if (strcmp(command, "find") == 0)
		return do_find(volume, &err);
	if (strcmp(command, "check") == 0)
		return report(volume_check(volume, host, &err) ?: 1, &err);
	if (strcmp(command, "attach") == 0)
		return report(volume_attach(volume, host, name, &err) ?: 1, &err);
	if (strcmp(command, "detach") == 0) {
		int rc = volume_detach(volume, host, &err);
		if (rc == 0)
			fprintf(stderr, "%s\n", err.text);
		return report(rc, &err);
	}
	cleanup_free char *stable = volume_stable_name(volume);
	puts(stable);
	return 0;
}

static int with_host(const char *command, const struct volume *volume, const char *name)
{
	const char *folder = getenv("VOLUME_FOLDER") ?: "/", *timeout = getenv("VOLUME_TIMEOUT_MS");
	cleanup_free char *etc = xasprintf("%s/etc", folder);
	cleanup_free char *secrets = xasprintf("%s/secrets", folder);
	cleanup_free char *state = xasprintf("%s/state", folder);
	cleanup_config struct config *config = NULL;
	struct err err;

	int rc = config_load(etc, &config, &err);
	if (rc < 0)
		return report(rc, &err);
	struct volume_host host = {
		.state = state,
		.secrets = secrets,
		.config = config,
		.deadline_ms = volume_deadline_in(timeout ? atoi(timeout) : 30000),
	};
	return with_volume(command, volume, name, &host);
}

static int with_path(const char *command, const char *path)
{
	cleanup_volume struct volume volume = {0};
	cleanup_strbuf struct strbuf users = {0};
	struct err err;
	int rc;

	if (strcmp(command, "of-device") == 0) {
		rc = volume_of_device(path, &volume, &err);
		if (rc > 0)
			print_volume(&volume);
	} else if (strcmp(command, "users") == 0) {
		rc = volume_users(path, &users, &err);
		if (rc > 0)
			puts(users.text);
	} else if (strcmp(command, "is-fenced") == 0) {
		rc = volume_is_fenced(path, &err);
	} else {
		rc = volume_fence(path, strcmp(command, "fence") == 0, &err) ?: 1;
	}
	return report(rc, &err);
}

/* berth-gate's deadline: see gate/berth-gate.c. */
static void on_deadline(int number)
{
	(void)number;
	_exit(1);
}

static int lift(char **paths)
{
	cleanup_gate_facts struct gate_facts here = {0};
	struct journal journal = {0};
	struct err err;

	signal(SIGALRM, on_deadline);
	for (size_t i = 0; paths[i]; i++) {
		struct gate_disk *disk = gate_facts_add_disk(&here);
		disk->target = xasprintf("vd%c", (char)('a' + i));
		disk->path = xstrdup(paths[i]);
		journal.steps = xreallocarray(journal.steps, i + 1, sizeof(*journal.steps));
		journal.steps[i] = (struct step_record){.step = {.kind = STEP_FENCE,
								 .disk = xstrdup(disk->target),
								 .path = paths[i]}};
		journal.step_count = i + 1;
	}
	int rc = gate_lift_fences(&journal, &here, &err) ?: 1;
	for (size_t i = 0; i < journal.step_count; i++)
		free(journal.steps[i].step.disk);
	free(journal.steps);
	return report(rc, &err);
}

int main(int argc, char **argv)
{
	cleanup_volume struct volume volume = {0};
	const char *name = NULL;

	if (argc > 2 && strcmp(argv[1], "lift") == 0)
		return lift(argv + 2);

	if (argc == 3 && !strchr(argv[2], '='))
		return with_path(argv[1], argv[2]);
	for (int i = 2; i < argc; i++) {
		if (!read_word(argv[i], &volume, &name)) {
			fprintf(stderr, "volume-tool: '%s' is not understood\n", argv[i]);
			return 2;
		}
	}
	return with_host(argv[1], &volume, name);
}
