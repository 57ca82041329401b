/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate from end to end, with real images: what one host says of a guest, and whether another
 * one lets it run. This process stands for its QEMU. */
#include "tests/unit/full-disk-fixture.h"
#include "tests/unit/gate-fixture.h"

#include <errno.h>
#include <sys/resource.h>

#include "gate/gate.h"
#include "hooks/journal/journal.h"
#include "storage/digest.h"

#define MANIFEST "<berthstate:state xmlns:berthstate='urn:berth:state:1' token='" TOKEN "'/>"

static void write_status(const char *image, const char *metadata)
{
	cleanup_free char *path = xasprintf("%s/vm1.xml", site.libvirt_run);
	cleanup_free char *text = xasprintf(
		"<domstatus pid='%d'><job async='migration in'/><domain><name>vm1</name>"
		"<uuid>" UUID "</uuid><metadata>%s</metadata><devices><disk type='file'>"
		"<driver type='qcow2'/><source file='%s'/><target dev='vda'/></disk></devices>"
		"</domain></domstatus>",
		(int)getpid(), metadata, image);
	struct err err;

	assert_ok(file_make_folders(site.libvirt_run, 0700, &err));
	write_text(path, text);
}

static void inquire(struct strbuf *facts)
{
	struct err err;

	assert_ok(gate_inquire(&site, "vm1", UUID, facts, &err));
}

static int verify(const struct strbuf *facts, struct err *err)
{
	cleanup_strbuf struct strbuf copy = {0};

	if (facts->length)
		strbuf_add(&copy, facts->text, facts->length);
	return gate_verify_guest(&site, "vm1", UUID, &copy, err);
}

/* The source's guest, with data in its disk; what it says of it. */
static void leave_source(struct strbuf *facts)
{
	make_qcow2(at("base"), "64M");
	make_overlay(at("source"), at("base"), "qcow2");
	run("qemu-io", "-f", "qcow2", "-c", "write 1M 64k", at("source"));
	write_status(at("source"), MANIFEST);
	inquire(facts);
	assert_non_null(strstr(facts->text, "\tdata=some\n"));
}

/* A copy on the destination that berth has made, and with @fenced a fence for its disk, on a device
 * that isn't there. Return: as QEMU, its descriptor. */
static int arrive_with(bool with_data, bool fenced)
{
	cleanup_journal struct journal *journal = NULL;
	struct step steps[] = {
		{
			.kind = STEP_IMAGE,
			.disk = "vda",
			.path = (char *)at("made"),
			.format = "qcow2",
			.backing_path = (char *)at("base"),
			.backing_format = "qcow2",
		},
		{
			.kind = STEP_FENCE,
			.disk = "vda",
			.path = (char *)at("no-device"),
			.volume = {.kind = VOLUME_AOE, .shelf = 1},
		},
	};
	struct journal_start start = {
		.name = "vm1",
		.uuid = UUID,
		.token = TOKEN,
		.source = "hosta",
		.steps = steps,
		.step_count = fenced ? 2 : 1,
	};
	struct err err;

	make_overlay(at("made"), at("base"), "qcow2");
	if (with_data)
		run("qemu-io", "-f", "qcow2", "-c", "write 1M 64k", at("made"));
	assert_ok(journal_create(&site, &start, &journal, &err));
	assert_ok(file_id_of(at("made"), &journal->steps[0].step.id, &err));
	journal->steps[0].step.has_id = true;
	assert_ok(journal_steps_done(journal, 0, 1, &err));
	write_status(at("made"), MANIFEST);
	return open(at("made"), O_RDONLY | O_CLOEXEC);
}

static int arrive(bool with_data)
{
	return arrive_with(with_data, false);
}

/* The guest's image and its base, open as QEMU has them. */
struct held {
	int top;
	int base;
};

static void held_close(struct held *held)
{
	close(held->top);
	close(held->base);
}

/* As arrive(true), with the very base that the source has told of. */
static struct held arrive_right(struct strbuf *facts)
{
	leave_source(facts);
	struct held held = {.top = arrive(true), .base = open(at("base"), O_RDONLY | O_CLOEXEC)};
	assert_true(held.top >= 0 && held.base >= 0);
	return held;
}

static void test_passes(void **state)
{
	cleanup_strbuf struct strbuf facts = {0};
	struct err err;

	(void)state;
	cleanup(held_close) struct held held = arrive_right(&facts);
	assert_ok(verify(&facts, &err));
}

/* What the journal says after the gate has said yes, or no. */
static void assert_noted(bool verified)
{
	cleanup_journal struct journal *journal = NULL;
	struct err err;

	assert_int_equal(journal_peek(&site, UUID, &journal, &err), 1);
	assert_int_equal(journal->phase, PHASE_STARTED);
	assert_int_equal(journal->verified, verified);
}

static void set_started(bool gated)
{
	cleanup_journal struct journal *journal = NULL;
	struct err err;

	assert_int_equal(journal_open(&site, UUID, &journal, &err), 1);
	assert_ok(journal_set_started(journal, gated, false, &err));
	write_gate_mark(getpid(), start_of(getpid()));
}

static void test_a_yes_is_noted(void **state)
{
	cleanup_strbuf struct strbuf facts = {0};
	struct err err;

	(void)state;
	leave_source(&facts);
	cleanup_close int top = arrive(true);
	set_started(true);
	assert_fails(verify(&facts, &err), ESTALE, "base' was replaced by another file");
	assert_noted(false);
	cleanup_close int base = open(at("base"), O_RDONLY | O_CLOEXEC);
	assert_ok(verify(&facts, &err));
	assert_noted(true);
	assert_true(top >= 0 && base >= 0);
}

/* libvirtd was killed meanwhile, so the guest does not run: nobody may conclude that it may have.
 */
static void test_a_yes_that_nobody_hears(void **state)
{
	cleanup_strbuf struct strbuf facts = {0};
	struct err err;

	(void)state;
	cleanup(held_close) struct held held = arrive_right(&facts);
	set_started(true);
	write_gate_mark(getpid(), start_of(getpid()) + 1);
	assert_fails(verify(&facts, &err), ESRCH, "libvirtd, which has asked, has ended meanwhile");
	assert_noted(false);
}

/* The file system is full, or read-only. */
static void test_a_yes_that_cannot_be_noted(void **state)
{
	cleanup_strbuf struct strbuf facts = {0};
	struct err err;

	(void)state;
	cleanup(held_close) struct held held = arrive_right(&facts);
	set_started(true);
	struct rlimit none = {.rlim_cur = 1, .rlim_max = RLIM_INFINITY}, before;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	int rc = verify(&facts, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(rc, -EFBIG);
	assert_noted(false);
}

/* A guest that is refused keeps its fences: none is touched before the yes is noted. */
static void test_fences_come_last(void **state)
{
	cleanup_strbuf struct strbuf facts = {0};
	struct err err;

	(void)state;
	leave_source(&facts);
	cleanup_close int top = arrive_with(true, true), base = open(at("base"), O_RDONLY);
	set_started(true);
	fill_disk_at(1);
	int rc = verify(&facts, &err);
	make_room_again();
	assert_int_equal(rc, -EFBIG);
	assert_fails(verify(&facts, &err), ENOENT, "no-device");
	assert_true(top >= 0 && base >= 0);
}

static void test_not_copied(void **state)
{
	cleanup_strbuf struct strbuf facts = {0};
	struct err err;

	(void)state;
	leave_source(&facts);
	cleanup_close int top = arrive(false), base = open(at("base"), O_RDONLY | O_CLOEXEC);
	assert_true(top >= 0 && base >= 0);
	assert_fails(verify(&facts, &err), ENODATA, "made' is empty");
}

static void test_not_open(void **state)
{
	cleanup_strbuf struct strbuf facts = {0};
	struct err err;

	(void)state;
	leave_source(&facts);
	cleanup_close int top = arrive(true);
	assert_true(top >= 0);
	assert_fails(verify(&facts, &err), ESTALE, "base' was replaced by another file");
}

/* libvirt gives the file to QEMU's user meanwhile, which is no other content. */
static void test_kept_digest(void **state)
{
	cleanup_free char *store = xasprintf("%s/digests", site.state);
	cleanup_image_identity struct image_identity identity = {0};
	struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	cleanup_strbuf struct strbuf facts = {0};
	struct err err;

	(void)state;
	cleanup(held_close) struct held held = arrive_right(&facts);
	assert_int_equal(utimensat(AT_FDCWD, at("base"), old, 0), 0);
	sleep(3); /* a file that was changed a moment ago is not remembered */
	assert_ok(image_identity(store, at("base"), "qcow2", &identity, &err));
	assert_int_equal(chmod(at("base"), 0444), 0);
	facts.length = 0;
	write_status(at("source"), MANIFEST);
	inquire(&facts);
	assert_non_null(strstr(facts.text, identity.digest));
	write_status(at("made"), MANIFEST);
	assert_ok(verify(&facts, &err));
	old[1].tv_sec++;
	assert_int_equal(utimensat(AT_FDCWD, at("base"), old, 0), 0);
	assert_fails(verify(&facts, &err), ESTALE, "base' has been written since berth compared");
}

static void test_other_journal(void **state)
{
	cleanup_strbuf struct strbuf facts = {0};
	struct err err;

	(void)state;
	leave_source(&facts);
	cleanup_close int top = arrive(true);
	write_status(at("made"), "<state xmlns='urn:berth:state:1' token='0'/>");
	assert_true(top >= 0);
	assert_fails(verify(&facts, &err), ESTALE, "the journal on this host is of another");
}

static void test_nothing_said(void **state)
{
	cleanup_strbuf struct strbuf facts = {0}, nothing = {0};
	struct err err;

	(void)state;
	leave_source(&facts);
	cleanup_close int top = arrive(true);
	assert_true(top >= 0);
	assert_fails(verify(&nothing, &err), ENODATA, "host 'hosta' has not said");
}

static void test_not_managed(void **state)
{
	cleanup_strbuf struct strbuf facts = {0}, nothing = {0};
	struct err err;

	(void)state;
	write_status(at("nowhere"), "");
	inquire(&facts);
	assert_non_null(strstr(facts.text, "managed=0\nend\n"));
	assert_ok(verify(&facts, &err));
	assert_ok(verify(&nothing, &err));
	assert_fails(gate_verify_guest(&site, "vm1", OTHER_UUID, &nothing, &err), ESTALE, UUID);
	assert_fails(gate_inquire(&site, "../vm1", UUID, &nothing, &err), EINVAL, "'/'");
	assert_fails(gate_inquire(&site, "vm2", UUID, &nothing, &err), ENOENT, "status file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		site_qemu_test(test_passes),
		site_qemu_test(test_a_yes_is_noted),
		site_qemu_test(test_a_yes_that_nobody_hears),
		site_qemu_test(test_a_yes_that_cannot_be_noted),
		site_qemu_test(test_fences_come_last),
		site_qemu_test(test_not_copied),
		site_qemu_test(test_not_open),
		site_qemu_test(test_kept_digest),
		site_qemu_test(test_other_journal),
		site_qemu_test(test_nothing_said),
		site_test(test_not_managed),
	};

	return run_as_tap(tests);
}
