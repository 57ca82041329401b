/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which differences between two hosts refuse a guest: one row each, against facts that agree. */
#include "tests/unit/test-xml-data.h"

#include "gate/compare.h"

#define IMAGE "/images/vm1.qcow2"
#define BIRTH_NS 1000

/* What isn't said in facts but only seen here, and what came before. */
enum {
	NO_FACTS = 1 << 0,
	NO_JOURNAL = 1 << 1,
	NOT_INCOMING = 1 << 2,
	TOP_REPLACED = 1 << 3,
	TOP_NOT_HELD = 1 << 4,
	BASE_NOT_HELD = 1 << 5,
	TOP_CUT = 1 << 6,
	BASE_YOUNG = 1 << 7,
	BASE_COMPARED = 1 << 8, /* the journal says which file it was */
	BASE_OTHER_FILE = 1 << 9,
	ISO_COMPARED = 1 << 10,
	UNVERIFIED = 1 << 11,
};

struct row {
	const char *name;
	const char *there[2]; /* in the source's facts: what becomes what */
	const char *here[2];  /* in this host's */
	unsigned seen;
	const char *refusal; /* a part of its text; NULL: the guest may run */
};

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C64 "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define BASE_KNOWN "memory=holds\tdigest=sha256:" A64
#define ISO_KNOWN "memory=holds\tdigest=sha256:" B64
#define BASE_LINE                                                                                \
	"image\tpath=/images/base.qcow2\tformat=qcow2\tvirtual-bytes=67108864\tallocated-bytes=" \
	"200704\tfile-bytes=196624\tinode=13\tshared=0\t" BASE_KNOWN "\tdata=unknown\n"

#define SLICE(offset, bytes) "device-bytes=1073741824\tslice-offset=" offset "\tslice-bytes=" bytes

#define ISO_DISK(kind)                                                                        \
	"disk\ttarget=sda\tkind=" kind "\tformat=raw\treadonly=1\tshareable=0\tdevice-bytes=" \
	"0\n"
#define ISO_LINE                                                                           \
	"image\tpath=/iso/tools.iso\tformat=raw\tvirtual-bytes=4096\tallocated-bytes=4096" \
	"\tfile-bytes=4096\tinode=20\tshared=0\t" ISO_KNOWN "\tdata=unknown\n"

static const struct row rows[] = {
	{.name = "nothing differs"},
	{.name = "names and places differ", .here = {"/images/", "/srv/vm/"}},
	{.name = "how much is allocated",
	 .here = {"allocated-bytes=6688768\tfile-bytes=6750208",
		  "allocated-bytes=8192\tfile-bytes=327680"}},

	/* the guest */
	{.name = "no facts", .seen = NO_FACTS, .refusal = "host 'hosta' has not said"},
	{.name = "no facts, no journal",
	 .seen = NO_FACTS | NO_JOURNAL,
	 .refusal = "host '?' has not said"},
	{.name = "no facts, never verified since it came",
	 .seen = NO_FACTS | NO_JOURNAL | NOT_INCOMING | UNVERIFIED,
	 .refusal = "the host that it comes from has not said"},
	{.name = "no facts, never verified, not managed",
	 .seen = NO_FACTS | NO_JOURNAL | NOT_INCOMING | UNVERIFIED,
	 .here = {"managed=1", "managed=0"}},
	{.name = "no facts, no migration", .seen = NO_FACTS | NOT_INCOMING},
	{.name = "no facts, not managed", .seen = NO_FACTS, .here = {"managed=1", "managed=0"}},
	{.name = "another guest",
	 .there = {"uuid=fc", "uuid=fd"},
	 .refusal = "host 'hosta' speaks of a guest with UUID fd"},
	{.name = "not managed there",
	 .there = {"managed=1", "managed=0"},
	 .refusal = "neither manifest nor policy"},

	/* disks */
	{.name = "a disk more",
	 .there = {"target=sdb", "target=sdc"},
	 .refusal = "disk 'sdb': on host 'hosta' the guest has no such disk"},
	{.name = "another size",
	 .here = {"virtual-bytes=134217728", "virtual-bytes=134217216"},
	 .refusal = "disk 'vda': '" IMAGE "' has 134217216 bytes"},
	{.name = "another format",
	 .here = {"vm1.qcow2\tformat=qcow2", "vm1.qcow2\tformat=raw"},
	 .refusal = "disk 'vda': '" IMAGE "' is raw"},
	{.name = "the chain is shorter there",
	 .there = {BASE_LINE, ""},
	 .refusal = "disk 'vda': its chain has 2 images here ('" IMAGE "', '/images/base.qcow2'), "
		    "but 1 on host 'hosta'"},
	{.name = "the chain is shorter here",
	 .here = {BASE_LINE, ""},
	 .refusal = "its chain has 1 images here"},
	{.name = "another kind",
	 .here = {"kind=empty", "kind=other"},
	 .refusal = "disk 'sdb': here"},
	{.name = "what isn't known there and wasn't made here",
	 .there = {"target=sda", "unknown=vmdk\ttarget=sda"}},
	{.name = "what isn't known here",
	 .here = {"target=sda", "unknown=it is broken\ttarget=sda"},
	 .refusal = "disk 'sda': it is broken"},
	{.name = "what isn't known there but was made here",
	 .there = {"target=vda", "unknown=it is broken\ttarget=vda"},
	 .refusal = "disk 'vda': on host 'hosta': it is broken"},

	/* what berth has made */
	{.name = "not copied",
	 .here = {"data=some", "data=none"},
	 .refusal = "disk 'vda': '" IMAGE "' is empty"},
	{.name = "not copied, but nothing was there",
	 .there = {"data=some", "data=none"},
	 .here = {"data=some", "data=none"}},
	{.name = "not copied, and nobody knows what was there",
	 .there = {"data=some", "data=unknown"},
	 .here = {"data=some", "data=none"}},
	{.name = "empty, but not made by berth",
	 .here = {"data=some", "data=none"},
	 .seen = NO_JOURNAL},
	{.name = "another file", .seen = TOP_REPLACED, .refusal = "is not the file that was made"},
	{.name = "not what QEMU has", .seen = TOP_NOT_HELD, .refusal = "that QEMU has opened"},
	{.name = "cut", .seen = TOP_CUT, .refusal = "was cut to 6750208 bytes"},

	/* images below */
	{.name = "other content",
	 .here = {A64 "\tdata", C64 "\tdata"},
	 .refusal = "'/images/base.qcow2' is not the same image as '/images/base.qcow2' on host "
		    "'hosta': their digests differ"},
	{.name = "content unknown there", .there = {BASE_KNOWN, "memory=none"}},
	{.name = "content unknown there, and another size",
	 .there = {"file-bytes=196624\tinode=13\tshared=0\t" BASE_KNOWN,
		   "file-bytes=196625\tinode=13\tshared=0\tmemory=none"},
	 .refusal = "their files' sizes differ"},
	{.name = "written there",
	 .there = {BASE_KNOWN, "memory=changed"},
	 .refusal = "'/images/base.qcow2' on host 'hosta' has been written since its manifest"},
	{.name = "written here",
	 .here = {BASE_KNOWN, "memory=changed"},
	 .refusal = "'/images/base.qcow2' has been written since berth compared it"},
	{.name = "nothing kept of it here", .here = {BASE_KNOWN, "memory=none"}},
	{.name = "nothing kept of it here, and written since",
	 .here = {BASE_KNOWN, "memory=none"},
	 .seen = BASE_YOUNG,
	 .refusal = "'/images/base.qcow2' has been written since the migration began"},
	{.name = "another file here, of equal size and age, and nothing kept of it",
	 .here = {BASE_KNOWN, "memory=none"},
	 .seen = BASE_COMPARED | BASE_OTHER_FILE,
	 .refusal = "'/images/base.qcow2' was replaced by another file since berth compared it"},
	{.name = "written here, and a digest kept of what it is now",
	 .seen = BASE_COMPARED | BASE_YOUNG,
	 .refusal = "'/images/base.qcow2' has been written since berth compared it"},
	{.name = "the file that was compared", .seen = BASE_COMPARED},
	{.name = "another medium, of equal size",
	 .here = {ISO_KNOWN, "memory=none"},
	 .seen = ISO_COMPARED,
	 .refusal = "'/iso/tools.iso' was replaced by another file since berth compared it"},
	{.name = "replaced here", .seen = BASE_NOT_HELD, .refusal = "was replaced by another file"},
	{.name = "written here, of a disk that berth hasn't made",
	 .here = {BASE_KNOWN, "memory=changed"},
	 .seen = NO_JOURNAL},
	{.name = "other medium",
	 .here = {ISO_KNOWN, "memory=holds\tdigest=sha256:" C64},
	 .refusal = "disk 'sda': '/iso/tools.iso' is not the same image"},
	{.name = "another medium, which the source calls writable",
	 .there = {"format=raw\treadonly=1", "format=raw\treadonly=0"},
	 .here = {ISO_KNOWN, "memory=holds\tdigest=sha256:" C64},
	 .refusal = "disk 'sda': '/iso/tools.iso' is not the same image"},
	{.name = "the medium was left away",
	 .here = {ISO_DISK("file") ISO_LINE, ISO_DISK("empty")}},

	/* volumes */
	{.name = "another size of a device",
	 .here = {"device-bytes=1073741824", "device-bytes=1073741312"},
	 .refusal = "disk 'vdb': '/dev/sdb' has 1073741312 bytes"},
	{.name = "a larger device, and a slice of the source's size",
	 .there = {"device-bytes=1073741824", "device-bytes=1048576"},
	 .here = {"device-bytes=1073741824", SLICE("0", "1048576")}},
	{.name = "the slice is of another size",
	 .there = {"device-bytes=1073741824", "device-bytes=1048576"},
	 .here = {"device-bytes=1073741824", SLICE("0", "1049088")},
	 .refusal = "disk 'vdb': '/dev/sdb' has 1049088 bytes, '/dev/sdb' on host 'hosta' has "
		    "1048576"},
	{.name = "the slice begins elsewhere",
	 .there = {"device-bytes=1073741824", "device-bytes=1048576"},
	 .here = {"device-bytes=1073741824", SLICE("512", "1048576")},
	 .refusal = "begins at byte 512 of '/dev/sdb', on host 'hosta' at byte 0"},
	{.name = "a slice there, and a device of its size",
	 .there = {"device-bytes=1073741824", SLICE("0", "1048576")},
	 .here = {"device-bytes=1073741824", "device-bytes=1048576"}},
	{.name = "a slice there, and none here",
	 .there = {"device-bytes=1073741824", SLICE("0", "1048576")},
	 .refusal = "disk 'vdb': '/dev/sdb' has 1073741824 bytes"},
	{.name = "another LUN", .here = {"lun=1", "lun=2"}, .refusal = "lun 2"},
	{.name = "another WWN",
	 .here = {"00a1", "00a2"},
	 .refusal = "naa.600140500000000000000000000000a2"},
	{.name = "another serial", .here = {"serial=s1", "serial=s2"}, .refusal = " s2)"},
	{.name = "through another portal, of several",
	 .there = {"portals=10.0.0.1:3260", "portals=10.0.0.1:3260 10.0.1.1:3260"},
	 .here = {"portals=10.0.0.1:3260", "portals=10.0.1.1:3260"}},
	{.name = "a serial that only the source knows",
	 .here = {"serial=s1\t", ""},
	 .refusal = "on host 'hosta' it was iscsi"},
	{.name = "a serial that only this host knows", .there = {"serial=s1\t", ""}},
	{.name = "no volume",
	 .here = {"volume\tdriver=iscsi\tportals=10.0.0.1:3260\tiqn=iqn.2026-11.lab:one\tlun="
		  "1\twwn="
		  "naa.600140500000000000000000000000a1\tserial=s1\tsize-bytes=1073741824\n",
		  ""},
	 .refusal = "is no volume"},

	/* ports */
	{.name = "another interface",
	 .here = {"52:54:00:00:00:02", "52:54:00:00:00:03"},
	 .refusal = "interface '52:54:00:00:00:03': on host 'hosta'"},
	{.name = "another VLAN", .here = {"vlan=100", "vlan=101"}, .refusal = "its VLAN was 100"},
	{.name = "no policy here",
	 .here = {"in-policy=1", "in-policy=0"},
	 .refusal = "policy on host 'hosta' names it"},
	/* The rules there are nothing that a guest's coming depends on. */
	{.name = "foreign rules there", .there = {"others=0", "others=2"}},
	{.name = "other rules there",
	 .there = {"others=0\tdigest=sha256:" A64, "others=0\tdigest=sha256:" C64}},
	{.name = "no rules there", .there = {"enforces=tracking", "enforces=open"}},
};

static struct gate_facts parse(const char *text, const char *const change[2], const char *name)
{
	cleanup_strbuf struct strbuf changed = {0};
	struct gate_facts facts = {0};
	struct err err;

	const char *at = change[0] ? strstr(text, change[0]) : NULL;
	if (change[0] && !at)
		fail_msg("%s: '%s' doesn't stand there", name, change[0]);
	strbuf_add(&changed, text, at ? (size_t)(at - text) : strlen(text));
	if (at) {
		strbuf_puts(&changed, change[1]);
		strbuf_puts(&changed, at + strlen(change[0]));
	}
	if (gate_facts_parse(changed.text, changed.length, &facts, &err) < 0)
		fail_msg("%s: %s", name, err.text);
	return facts;
}

static void see(struct gate_facts *here, unsigned seen)
{
	struct gate_image *top = &here->disks[0].images[0];
	struct gate_image *base = here->disks[0].image_count > 1 ? &here->disks[0].images[1] : top;

	base->version.mtime_ns = seen & BASE_YOUNG ? BIRTH_NS + 1 : BIRTH_NS - 1;
	base->version.id = (struct file_id){1, seen & BASE_OTHER_FILE ? 16 : 13, BIRTH_NS / 2};
	base->version.size_bytes = base->file_bytes;
	base->held = seen & BASE_NOT_HELD ? GATE_HELD_NO : GATE_HELD_YES;
	top->held = seen & TOP_NOT_HELD ? GATE_HELD_NO : GATE_HELD_YES;
	top->id = (struct file_id){1, seen & TOP_REPLACED ? 15 : 14, BIRTH_NS};
	top->beyond_end = seen & TOP_CUT;
}

static void try_row(const char *text, const struct row *row)
{
	cleanup_gate_facts struct gate_facts there = parse(text, row->there, row->name);
	cleanup_gate_facts struct gate_facts here = parse(text, row->here, row->name);
	struct step_record record = {
		.step = {.kind = STEP_IMAGE,
			 .disk = "vda",
			 .path = here.disks[0].images[0].path,
			 .id = {1, 14, BIRTH_NS},
			 .has_id = true},
		.done = true,
	};
	struct compared compared[] = {
		{"vda", 1, {{1, 13, BIRTH_NS / 2}, 196624, BIRTH_NS - 1}},
		{"sda", 0, {{1, 21, BIRTH_NS / 2}, 4096, BIRTH_NS - 1}},
	};
	struct journal journal = {.steps = &record, .step_count = 1, .source = "hosta"};
	struct gate_case given = {
		.there = row->seen & NO_FACTS ? NULL : &there,
		.here = &here,
		.journal = row->seen & NO_JOURNAL ? NULL : &journal,
		.incoming = !(row->seen & NOT_INCOMING),
		.unverified = row->seen & UNVERIFIED,
	};
	struct err err = {0};

	if (row->seen & (BASE_COMPARED | ISO_COMPARED))
		journal.compared =
			(struct compared_list){&compared[row->seen & ISO_COMPARED ? 1 : 0], 1};
	see(&here, row->seen);
	int rc = gate_compare(&given, &err);
	if (row->refusal ? rc >= 0 || !strstr(err.text, row->refusal) : rc != 0)
		fail_msg("%s: gave %d '%s', not '%s'", row->name, rc, err.text,
			 row->refusal ? row->refusal : "");
	if (rc < 0 && strpbrk(err.text, "\n\t"))
		fail_msg("%s: '%s' is not one line", row->name, err.text);
}

static void test_rows(void **state)
{
	cleanup_strbuf struct strbuf text = {0};

	(void)state;
	test_read_data("facts/every-kind", &text);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		try_row(text.text, &rows[i]);
}

static void test_shared_file(void **state)
{
	static const struct row row = {
		.name = "one file on shared storage, whatever its digest",
		.there = {"inode=13\tshared=0\t" BASE_KNOWN, "inode=13\tshared=1\tmemory=changed"},
		.here = {"inode=13\tshared=0\t" BASE_KNOWN, "inode=13\tshared=1\tmemory=none"},
		.seen = NO_JOURNAL,
	};
	cleanup_strbuf struct strbuf text = {0};

	(void)state;
	test_read_data("facts/every-kind", &text);
	try_row(text.text, &row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_shared_file),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
