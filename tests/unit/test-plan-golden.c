/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Survey and plan together give, for each case, the plan or the refusal of its golden file.
 *
 * tests/data/plan/CASE/{in.xml,berth.conf,host,expected}. "host" says what the destination has, a
 * line each; its paths lie below the case's own folder, which is @TMP@ in the other files:
 *
 *     folder PATH
 *     file PATH [TEXT]
 *     data PATH MIB                    so much is written
 *     change PATH                      other content in what is there
 *     link PATH TARGET
 *     second-name PATH TARGET          of the file TARGET
 *     raw PATH SIZE
 *     qcow2 PATH SIZE [BASE FORMAT]
 *     departed PATH                    this guest's, noted as stale as it is now
 *     claim PATH MIB                   the image of another migration
 *     free MIB                         on the file system; default 1 TiB
 *     bridge NAME
 *     uplink NAME [BRIDGE [aware]]     an interface; it is that bridge's port
 *     tracking none                    the kernel has no connection tracking of bridged packets
 *     gate on                          libvirtd has the gate
 *     attached TARGET                  that disk's volume is here already
 *     used TARGET WORDS                and in use by that
 *     event restore
 *
 * In in.xml @DIGEST:PATH:FORMAT@ is the digest of that image and @INODE:PATH@ the file's inode
 * number. REGEN=1 writes "expected".
 */
#include "tests/unit/gate-fixture.h"
#include "tests/unit/test-xml-data.h"

#include "hooks/journal/journal.h"
#include "hooks/plan/plan.h"
#include "hooks/records/image_record.h"
#include "storage/digest.h"

#define DEFAULT_FREE_MIB (1 << 20)

struct test_case {
	const char *folder;
	bool restore;
	uint64_t free_mib;
	bool no_tracking;
	const char *attached;
	const char *used;
	const char *users;
};

/* --- the host --- */

static void make_folder_of(const char *path)
{
	cleanup_free char *folder = path_folder(path);
	struct err err;

	assert_ok(file_make_folders(folder, 0755, &err));
}

static void note_departed(const char *path)
{
	cleanup_image_record struct image_record *record = NULL;
	struct err err;

	assert_ok(image_record_load(&site, UUID, &record, &err));
	assert_ok(image_record_note(record, path, IMAGE_DEPARTED, true, &err));
	assert_ok(image_record_save(&site, record, &err));
}

static void claim(const char *path, const char *mib)
{
	struct step step = {
		.kind = STEP_IMAGE,
		.disk = "vda",
		.path = (char *)path,
		.format = "raw",
		.reserved_bytes = strtoull(mib, NULL, 10) * MIB,
	};
	struct journal_start start = {
		.name = "other",
		.uuid = OTHER_UUID,
		.token = TOKEN,
		.steps = &step,
		.step_count = 1,
	};
	cleanup_journal struct journal *journal = NULL;
	struct err err;

	assert_ok(journal_create(&site, &start, &journal, &err));
}

static void make_image(const char *format, const char *path, const char *size, const char *more)
{
	char base[256], base_format[16];

	if (more && sscanf(more, "%255s %15s", base, base_format) == 2)
		run("qemu-img", "create", "-q", "-f", format, "-b", base, "-F", base_format, path,
		    size);
	else
		run("qemu-img", "create", "-q", "-f", format, path, size);
}

static void make_file(const char *word, const char *path, const char *second, const char *more)
{
	make_folder_of(path);
	if (strcmp(word, "file") == 0)
		write_text(path, second ? second : "");
	else if (strcmp(word, "change") == 0)
		patch_file(path, 0, "changed", 7);
	else if (strcmp(word, "link") == 0)
		assert_int_equal(symlink(second[0] == '/' ? second : at(second), path), 0);
	else if (strcmp(word, "second-name") == 0)
		assert_int_equal(link(at(second), path), 0);
	else if (strcmp(word, "raw") == 0 || strcmp(word, "qcow2") == 0)
		make_image(word, path, second, more);
	else if (strcmp(word, "data") == 0)
		run("dd", "if=/dev/zero", "bs=1M", "status=none", keep(xasprintf("of=%s", path)),
		    keep(xasprintf("count=%s", second)));
	else if (strcmp(word, "departed") == 0)
		note_departed(path);
	else if (strcmp(word, "claim") == 0)
		claim(path, second);
	else
		fail_msg("host: unknown word '%s'", word);
}

static void make_uplink(const char *name, const char *bridge, const char *aware)
{
	const char *uplink = at(keep(xasprintf("net/%s", name)));
	struct err err;

	assert_ok(file_make_folders(uplink, 0755, &err));
	if (!bridge)
		return;
	const char *flag = at(keep(xasprintf("net/%s/bridge/vlan_filtering", bridge)));
	make_file("file", flag, aware ? "1" : "0", NULL);
	assert_int_equal(
		symlink(keep(xasprintf("../%s", bridge)), keep(xasprintf("%s/master", uplink))), 0);
}

static void obey(struct test_case *test, char *line)
{
	const char *word = strsep(&line, " "), *first = strsep(&line, " "),
		   *second = strsep(&line, " ");
	struct err err;

	assert_non_null(first);
	if (strcmp(word, "event") == 0)
		test->restore = true;
	else if (strcmp(word, "free") == 0)
		test->free_mib = strtoull(first, NULL, 10);
	else if (strcmp(word, "folder") == 0)
		assert_ok(file_make_folders(at(first), 0755, &err));
	else if (strcmp(word, "bridge") == 0)
		make_file("file", at(keep(xasprintf("net/%s", first))), "", NULL);
	else if (strcmp(word, "uplink") == 0)
		make_uplink(first, second, line);
	else if (strcmp(word, "tracking") == 0)
		test->no_tracking = true;
	else if (strcmp(word, "gate") == 0)
		write_gate_mark(getpid(), start_of(getpid()));
	else if (strcmp(word, "attached") == 0)
		test->attached = first;
	else if (strcmp(word, "used") == 0) {
		test->used = first;
		test->users = keep(xasprintf("%s %s", second, line));
	} else
		make_file(word, at(first), second, line);
}

/* --- substitution --- */

static void replace_all(struct strbuf *text, const char *old, const char *new)
{
	struct strbuf result = {0};
	const char *from = text->text, *hit;

	while ((hit = strstr(from, old))) {
		strbuf_add(&result, from, (size_t)(hit - from));
		strbuf_puts(&result, new);
		from = hit + strlen(old);
	}
	strbuf_puts(&result, from);
	strbuf_free(text);
	*text = result;
}

static void fill_in_digests(struct strbuf *text)
{
	char *hit, path[128], format[16], digest[DIGEST_TEXT_MAX];
	struct err err;

	while ((hit = strstr(text->text, "@DIGEST:"))) {
		assert_int_equal(sscanf(hit, "@DIGEST:%127[^:]:%15[^@]@", path, format), 2);
		assert_ok(digest_of_image(at(path), format, digest, &err));
		cleanup_free char *mark = xasprintf("@DIGEST:%s:%s@", path, format);
		replace_all(text, mark, digest);
	}
}

static void fill_in_inodes(struct strbuf *text)
{
	char *hit, path[128];
	struct stat st;

	while ((hit = strstr(text->text, "@INODE:"))) {
		assert_int_equal(sscanf(hit, "@INODE:%127[^@]@", path), 1);
		assert_int_equal(stat(at(path), &st), 0);
		cleanup_free char *mark = xasprintf("@INODE:%s@", path);
		cleanup_free char *inode = xasprintf("%ju", (uintmax_t)st.st_ino);
		replace_all(text, mark, inode);
	}
}

static void read_case_file(const struct test_case *test, const char *name, struct strbuf *ret)
{
	cleanup_free char *path = xasprintf("%s/%s", test->folder, name);

	strbuf_puts(ret, "");
	test_read(path, ret);
	replace_all(ret, "@TMP@", scratch);
}

/* --- the plan --- */

static void print_refusal(const struct err *err, struct strbuf *out)
{
	strbuf_printf(out, "%s: %s\n", strerrorname_np(err->code), err->text);
}

/* What libvirt would read of the rewritten XML: the names of this host, and the token where
 * anything changed. */
static void check_rewritten(const struct test_case *test, const struct strbuf *xml,
			    const struct domain *domain, const struct plan *plan)
{
	cleanup_strbuf struct strbuf rewritten = {0};
	cleanup_domain struct domain *after = NULL;
	bool changes = plan->step_count + plan->rename_count > 0;
	size_t changed = 0;
	struct err err;

	assert_ok(xml_rewrite(xml->text, xml->length, plan->edits, plan->edit_count, &rewritten,
			      &err));
	assert_ok(domain_parse(rewritten.text, rewritten.length, &after, &err));
	assert_int_equal(after->place_count, domain->place_count);
	for (size_t i = 0; i < after->place_count; i++)
		changed += strcmp(after->places[i].value, domain->places[i].value) != 0;
	bool has_token = changes && domain->manifest && !test->restore;
	assert_int_equal(changed, plan->edit_count - has_token);
	if (domain->manifest)
		assert_string_equal(after->manifest->token ? after->manifest->token : "",
				    has_token ? TOKEN : "");
}

/* The same situation gives the same plan. */
static void print_plan(const struct test_case *test, const struct strbuf *xml,
		       const struct situation *situation, struct strbuf *out)
{
	cleanup_plan struct plan *plan = NULL, *again = NULL;
	cleanup_strbuf struct strbuf second = {0};
	struct err err;

	if (plan_make(situation, &plan, &err) < 0) {
		print_refusal(&err, out);
		return;
	}
	plan_print(plan, out);
	assert_ok(plan_make(situation, &again, &err));
	plan_print(again, &second);
	assert_string_equal(out->text, second.text);
	check_rewritten(test, xml, situation->domain, plan);
}

/* As on a host that has the tools and modules of all drivers; what the configuration says counts.
 */
static void set_volumes(const struct test_case *test, const struct domain *domain,
			struct facts *facts)
{
	for (size_t i = 0; i < domain->disk_count; i++) {
		struct volume_facts *volume = &facts->disks[i].volume;
		const char *target = domain->disks[i].target;
		if (volume->check.code != EPERM)
			volume->check = (struct err){0};
		volume->attached = str_equal(target, test->attached);
		if (str_equal(target, test->used))
			volume->users = xstrdup(test->users);
	}
}

static void survey_and_plan(const struct test_case *test, const struct strbuf *xml,
			    const struct config *config, struct strbuf *out)
{
	cleanup_domain struct domain *domain = NULL;
	cleanup_facts struct facts *facts = NULL;
	struct err err;

	assert_ok(domain_parse(xml->text, xml->length, &domain, &err));
	int rc = survey_make(&site, config, domain, &facts, &err);
	if (rc == 0)
		rc = survey_space(&site, config, domain, facts, &err);
	if (rc < 0) {
		print_refusal(&err, out);
		return;
	}
	set_volumes(test, domain, facts);
	for (size_t i = 0; i < facts->filesystem_count; i++)
		facts->filesystems[i].available_bytes = test->free_mib * MIB;
	if (test->no_tracking)
		err_set(&facts->network.tracking, ENOTSUP, "this kernel tracks no connections");
	const struct situation situation = {
		.restore = test->restore,
		.domain = domain,
		.config = config,
		.facts = facts,
		.token = !test->restore ? TOKEN : NULL,
	};
	print_plan(test, xml, &situation, out);
}

static void check_case(void **state)
{
	struct test_case test = {.folder = *state, .free_mib = DEFAULT_FREE_MIB};
	cleanup_strbuf struct strbuf host = {0}, xml = {0}, conf = {0}, out = {0};
	cleanup_config struct config *config = NULL;
	struct err err;

	assert_int_equal(site_setup(NULL), 0);
	read_case_file(&test, "host", &host);
	read_case_file(&test, "in.xml", &xml);
	read_case_file(&test, "berth.conf", &conf);
	char *lines = host.text, *line;
	while ((line = strsep(&lines, "\n")))
		if (*line)
			obey(&test, line);
	fill_in_digests(&xml);
	fill_in_inodes(&xml);
	make_folder_of(at("etc/berth.conf"));
	write_text(at("etc/berth.conf"), conf.text);
	assert_ok(config_load(site.config, &config, &err));
	survey_and_plan(&test, &xml, config, &out);
	replace_all(&out, scratch, "@TMP@");
	assert_int_equal(scratch_teardown(NULL), 0);
	cleanup_free char *golden = xasprintf("%s/expected", test.folder);
	test_golden(golden, &out);
}

#define MAX_CASES 192

/* Each case is a test of its own. */
int main(void)
{
	static struct CMUnitTest tests[MAX_CASES];
	cleanup_free char *pattern = test_data_path("plan/*");
	cleanup_glob glob_t found = {0};

	if (glob(pattern, 0, NULL, &found) != 0 || found.gl_pathc > MAX_CASES)
		return 1;
	for (size_t i = 0; i < found.gl_pathc; i++)
		tests[i] = (struct CMUnitTest){path_name(found.gl_pathv[i]), check_case, NULL, NULL,
					       found.gl_pathv[i]};
	if (!have_qemu()) {
		tests[0] = needing(false, "qemu-img", tests[0]);
		found.gl_pathc = 1;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return _cmocka_run_group_tests("plan", tests, found.gl_pathc, NULL, NULL);
}
