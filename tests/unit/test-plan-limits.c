/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest that needs more than is bounded is refused in one line, before anything is written, and
 * without much work: no journal becomes larger than what is read. */
#include "tests/unit/journal-fixture.h"

#include <sys/resource.h>

#include "hooks/plan/plan.h"

#define FOLDERS 1900
#define DISKS 30
#define TWO_KIB 2048

/* Disks of one guest, each below that many folders of its own, none of which is here. */
static void write_domain(struct strbuf *xml, size_t disks, size_t folders)
{
	struct strbuf paths[DISKS] = {0};

	strbuf_puts(xml, "<domain type='kvm'><name>vm1</name><uuid>" UUID "</uuid><metadata>"
			 "<s:state xmlns:s='urn:berth:state:1' host='hosta' uri='qemu:///system' "
			 "written='2026-11-24T10:20:00Z'>");
	for (size_t i = 0; i < disks; i++) {
		strbuf_printf(&paths[i], "%s", at("vm"));
		for (size_t j = 0; j < folders; j++)
			strbuf_printf(&paths[i], "/%c", (char)('a' + i));
		strbuf_puts(&paths[i], "/i");
		strbuf_printf(xml,
			      "<s:disk target='vd%zu' path='%s' format='raw' virtual-bytes='512' "
			      "allocated-bytes='0'/>",
			      i, paths[i].text);
	}
	strbuf_puts(xml, "</s:state></metadata><os><type>hvm</type></os><devices>");
	for (size_t i = 0; i < disks; i++) {
		strbuf_printf(xml,
			      "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
			      "<source file='%s'/><target dev='vd%zu'/></disk>",
			      paths[i].text, i);
		strbuf_free(&paths[i]);
	}
	strbuf_puts(xml, "</devices></domain>");
}

static int plan_of(size_t disks, size_t folders, struct plan **ret, struct err *err)
{
	static const char *roots[1];
	roots[0] = at("vm");
	const struct config config = {.roots = {.items = (char **)roots, .count = 1}};
	cleanup_strbuf struct strbuf xml = {0};
	cleanup_domain struct domain *domain = NULL;
	cleanup_facts struct facts *facts = NULL;

	write_domain(&xml, disks, folders);
	assert_true(domain_parse(xml.text, xml.length, &domain, err) == 0);
	assert_true(survey_make(&site, &config, domain, &facts, err) == 0);
	assert_true(survey_space(&site, &config, domain, facts, err) == 0);
	const struct situation situation = {
		.domain = domain,
		.config = &config,
		.facts = facts,
		.token = TOKEN,
	};
	return plan_make(&situation, ret, err);
}

static int vm_setup(void **state)
{
	return site_setup(state) < 0 ? -1 : mkdir(at("vm"), 0755);
}

static double seconds_of_cpu(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 +
	       (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6;
}

/* It was 34 s and 354 MB, under the site's lock. */
static void test_many_folders(void **state)
{
	struct plan *plan = NULL;
	struct rusage usage;
	struct err err;

	(void)state;
	double before = seconds_of_cpu();
	assert_fails(plan_of(DISKS, FOLDERS, &plan, &err), E2BIG, "more than 256 folders");
	assert_null(plan);
	assert_true(seconds_of_cpu() - before < 10);
	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	print_message("# %.2f s of CPU, %ld KiB\n", seconds_of_cpu() - before, usage.ru_maxrss);
}

/* Paths as long as the kernel takes them: 2000 disks of such were a gigabyte. */
static void test_long_names(void **state)
{
	static const char *roots[1];
	roots[0] = at("vm");
	const struct config config = {.roots = {.items = (char **)roots, .count = 1}};
	cleanup_strbuf struct strbuf xml = {0};
	cleanup_domain struct domain *domain = NULL;
	struct facts *facts = NULL;
	struct err err;

	(void)state;
	strbuf_puts(&xml, "<domain type='kvm'><name>vm1</name><uuid>" UUID "</uuid><os><type>hvm"
			  "</type></os><devices>");
	for (int i = 0; i < DISKS; i++) {
		strbuf_printf(&xml, "<disk type='file'><source file='%s", at("vm"));
		for (int j = 0; j < 250; j++)
			strbuf_printf(&xml, "/folder-%07d", i);
		strbuf_printf(&xml, "/i'/><target dev='vd%d'/></disk>", i);
	}
	strbuf_puts(&xml, "</devices></domain>");
	assert_ok(domain_parse(xml.text, xml.length, &domain, &err));
	assert_fails(survey_make(&site, &config, domain, &facts, &err), E2BIG,
		     "have names of more than 4194304 bytes together");
	assert_null(facts);
}

static void test_as_many_as_are_accepted(void **state)
{
	cleanup_plan struct plan *plan = NULL;
	struct plan *too_many = NULL;
	struct err err;

	(void)state;
	assert_ok(plan_of(4, SURVEY_MAX_FOLDERS / 4, &plan, &err));
	assert_int_equal(plan->step_count, SURVEY_MAX_FOLDERS + 4);
	/* Each folder before what is in it. */
	assert_int_equal(strlen(plan->steps[0].path), strlen(at("vm/a")));
	assert_fails(plan_of(5, SURVEY_MAX_FOLDERS / 4, &too_many, &err), E2BIG, "disk 'vd4': ");
}

/* The largest journal that is accepted is read when all that may follow has been written. */
static void test_the_journal_stays_readable(void **state)
{
	char path[TWO_KIB];
	struct step *steps = xcalloc(PLAN_MAX_STEPS, sizeof(*steps));
	struct journal_start start = {.name = "vm1", .uuid = UUID, .token = TOKEN, .steps = steps};
	struct journal *journal = NULL;
	struct err err;

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	for (size_t i = 0; i < PLAN_MAX_STEPS; i++)
		steps[i] = (struct step){.kind = STEP_FOLDER, .disk = "vda", .path = path};
	start.step_count = PLAN_MAX_STEPS;
	assert_fails(journal_create(&site, &start, &journal, &err), E2BIG, "2048 steps");
	assert_string_equal(files_below(at("vm")), "");
	assert_false(exists(at("state/journal/" UUID)));
	start.step_count = (4 << 20) / (TWO_KIB + 512);
	assert_ok(journal_create(&site, &start, &journal, &err));
	for (size_t i = 0; i < start.step_count; i++) {
		journal->steps[i].step.id = (struct file_id){UINT64_MAX, UINT64_MAX, UINT64_MAX};
		journal->steps[i].step.has_id = true;
	}
	assert_ok(journal_steps_done(journal, 0, start.step_count, &err));
	for (int phase = 0; phase < JOURNAL_PHASES; phase++)
		assert_ok(journal_set_phase(journal, (enum journal_phase)phase, &err));
	for (size_t i = 0; i < start.step_count; i++)
		assert_ok(journal_step_undone(journal, i, &err));
	journal_closep(&journal);
	journal = open_again();
	assert_true(journal->steps[start.step_count - 1].undone);
	journal_closep(&journal);
	free(steps);
}

int main(void)
{
#define limits_test(f) \
	((struct CMUnitTest)cmocka_unit_test_setup_teardown(f, vm_setup, scratch_teardown))
	const struct CMUnitTest tests[] = {
		limits_test(test_many_folders),
		limits_test(test_long_names),
		limits_test(test_as_many_as_are_accepted),
		limits_test(test_the_journal_stays_readable),
	};

	return run_as_tap(tests);
}
