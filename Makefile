# SPDX-License-Identifier: GPL-2.0-or-later
# berth: build, test, install. Targets: all check demo bench install deb clean; "make help" tells more.
VERSION = 0.1.0

prefix ?= /usr
exec_prefix ?= $(prefix)
bindir ?= $(exec_prefix)/bin
libexecdir ?= $(exec_prefix)/libexec
# Where libvirtd looks for lock managers, so libvirt's own.
libdir ?= $(or $(shell pkg-config --variable=libdir libvirt),$(exec_prefix)/lib)
datadir ?= $(prefix)/share
mandir ?= $(datadir)/man
sysconfdir ?= /etc
localstatedir ?= /var
docdir ?= $(datadir)/doc/berth
completiondir ?= $(datadir)/bash-completion/completions
DESTDIR ?=

# SANITIZE=1: with address and undefined-behaviour sanitizers; FAULTS=1: with points where tests kill berth; WERROR=1:
# warnings are errors, for berth's own checks: another compiler warns of other things.
BUILD ?= build$(if $(SANITIZE),/sanitize)$(if $(FAULTS),/faults)
CC ?= gcc
CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef $(if $(WERROR),-Werror)
HARDENING = -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
SANITIZERS = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
CPPFLAGS_ALL = -D_GNU_SOURCE -I. -DVERSION='"$(VERSION)"' -DSYSCONFDIR='"$(sysconfdir)"' \
	-DLOCALSTATEDIR='"$(localstatedir)"' -DLIBEXECDIR='"$(libexecdir)"' -DBINDIR='"$(bindir)"' -DLIBDIR='"$(libdir)"' \
	$(if $(FAULTS),-DBERTH_TEST_FAULTS) $(CPPFLAGS)
CFLAGS_ALL = -std=gnu11 $(WARNINGS) $(if $(SANITIZE),$(SANITIZERS) -fPIE,$(HARDENING)) $(CFLAGS)
LDFLAGS_ALL = -pie -Wl,-z,relro -Wl,-z,now -Wl,--as-needed $(if $(SANITIZE),$(SANITIZERS)) $(LDFLAGS)

XML_CFLAGS = $(shell pkg-config --cflags libxml-2.0)
XML_LIBS = $(shell pkg-config --libs libxml-2.0)
LIBVIRT_LIBS = $(shell pkg-config --libs libvirt)
CMOCKA_LIBS = $(shell pkg-config --libs cmocka)
INI_LIBS = -l:libinih.a
# berth-hook runs for each event of each guest: statically linked it starts in 0.8 of the time (make bench).
HOOK_LDFLAGS = $(if $(SANITIZE),$(LDFLAGS_ALL),$(patsubst -pie,-static-pie,$(LDFLAGS_ALL)) -Wl,-z,noseparate-code)
# So is berth-gate, for which a guest waits, where libnl can be.
GATE_LDFLAGS = $(if $(findstring /,$(shell $(CC) -print-file-name=libnl-3.a)),$(HOOK_LDFLAGS),$(LDFLAGS_ALL))
STORAGE_LIBS = $(shell pkg-config --libs nettle)
NL_CFLAGS = $(shell pkg-config --cflags libnl-3.0 libnl-route-3.0)
NL_LIBS = $(shell pkg-config --libs libnl-3.0 libnl-route-3.0)

# V=1 shows the commands.
Q = $(if $(V),,@)
say = $(if $(V),,@echo '  $(1)  $(2)')
comma = ,
objects = $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(2),$(wildcard $(addsuffix /*.c,$(1)))))
FOLDERS = base config xml storage netfw libvirt $(patsubst %/,%,$(wildcard hooks/ hooks/*/)) gate cli plugin
# What is a program's own; all else is a library, of which each program links what it needs.
PROGRAM_PARTS = hooks/berth-hook.c hooks/berth-event.c gate/berth-gate.c gate/no_resolver.c cli/main.c plugin/driver.c
LIBRARY = $(BUILD)/berth.a
# What is linked into libvirtd: nothing that ends the process when there is no memory.
PLUGIN = $(patsubst %.c,$(BUILD)/pic/%.o,$(wildcard plugin/*.c) base/base64.c base/err.c base/printable.c base/process.c \
	xml/mention.c xml/scan.c)
PROGRAMS = $(addprefix $(BUILD)/,berth berth-hook berth-event berth-gate berth.so)
UNIT_TESTS = $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/test-*.c))

#: all             the programs (the default)
all: $(PROGRAMS)

help:
	@echo 'make TARGET; SANITIZE=1: with sanitizers; V=1: shows the commands'
	@sed -n 's/^#: /  /p' Makefile

# The folders are part of the programs: with other folders or flags than last time everything is built anew.
FLAGS = $(subst ','\'',$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL))
$(BUILD)/flags: FORCE
	@CC='$(firstword $(CC))' scripts/check-libraries
	@mkdir -p $(@D)
	@echo '$(FLAGS)' | cmp -s - $@ || echo '$(FLAGS)' > $@
FORCE:

$(BUILD)/%.o: %.c Makefile $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(if $(filter xml/% hooks/% gate/% cli/% tests/% bench/%,$<),$(XML_CFLAGS)) \
		$(if $(filter netfw/% tests/% bench/%,$<),$(NL_CFLAGS)) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(LIBRARY): $(call objects,$(FOLDERS),$(PROGRAM_PARTS))
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

# A program doesn't link where it calls what needs a library that it is to do without: no process that libvirtd waits for
# loads libvirt's client library; berth-gate, for which a guest waits, not libxml2 either, whose loading takes longer than
# all the rest.
$(BUILD)/berth-hook: $(BUILD)/hooks/berth-hook.o $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(CC) $(HOOK_LDFLAGS) -o $@ $^ $(INI_LIBS)

$(BUILD)/berth-event: $(BUILD)/hooks/berth-event.o $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(XML_LIBS) $(STORAGE_LIBS) $(NL_LIBS) $(INI_LIBS)

$(BUILD)/berth-gate: $(BUILD)/gate/berth-gate.o $(BUILD)/gate/no_resolver.o $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(CC) $(GATE_LDFLAGS) -o $@ $^ $(STORAGE_LIBS) $(NL_LIBS) $(INI_LIBS)

$(BUILD)/berth: $(BUILD)/cli/main.o $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBVIRT_LIBS) $(XML_LIBS) $(STORAGE_LIBS) $(NL_LIBS) $(INI_LIBS)

PIC = $(patsubst -fPIE,-fPIC -fvisibility=hidden,$(CFLAGS_ALL))
SHARED = $(patsubst -pie,-shared $(if $(SANITIZE),,-Wl$(comma)-z$(comma)defs),$(LDFLAGS_ALL)) -Wl,--version-script=plugin/berth.map
$(BUILD)/pic/%.o: %.c Makefile $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$< for berth.so)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(PIC) -MMD -MP -c -o $@ $<

$(BUILD)/berth.so: $(PLUGIN) plugin/berth.map
	$(call say,LD,$@)
	$(Q)$(CC) $(SHARED) -o $@ $(PLUGIN)

# What the tests load: the same, with folders of their own, a program that answers as it is told, and another lock
# manager to be chained.
TEST_PLUGIN = $(addprefix $(BUILD)/tests/plugin/,berth.so other.so gate-program)
$(BUILD)/tests/plugin/driver.o: CPPFLAGS += -DBERTH_GATE='"./berth-gate"' -DBERTH_RUN_FOLDER='"run"' \
	-DBERTH_STATUS_FOLDER='"status"' -DBERTH_TIMEOUT_MS=3000 -DBERTH_PAUSE_TIMEOUT_MS=500
$(BUILD)/tests/plugin/driver.o: plugin/driver.c Makefile $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$< for the tests)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(PIC) -MMD -MP -c -o $@ $<
$(BUILD)/tests/plugin/berth.so: $(BUILD)/tests/plugin/driver.o $(filter-out %/plugin/driver.o,$(PLUGIN))
$(BUILD)/tests/plugin/other.so: $(BUILD)/pic/tests/plugin/other.o
$(BUILD)/tests/plugin/%.so:
	$(call say,LD,$@)
	$(Q)$(CC) $(SHARED) -o $@ $^
$(BUILD)/tests/plugin/gate-program: $(BUILD)/tests/plugin/gate-program.o
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) $(addprefix -Wl$(comma)--export-dynamic-symbol=,virReportErrorHelper virGetLastError virResetLastError) -o $@ $^ $(CMOCKA_LIBS) $(XML_LIBS) $(STORAGE_LIBS) $(NL_LIBS) $(INI_LIBS)

# What the tests that need a kernel drive netfw/ with.
$(BUILD)/tests/netns/link-tool: $(BUILD)/tests/netns/link-tool.o $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(NL_LIBS) $(INI_LIBS)

# What the tests of volumes are driven by.
$(BUILD)/tests/initiator/volume-tool: $(BUILD)/tests/initiator/volume-tool.o $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(STORAGE_LIBS) $(INI_LIBS)

# What the tests of netfw/ are driven by.
$(BUILD)/tests/firewall-%: $(BUILD)/tests/firewall-%.o $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(XML_LIBS) $(NL_LIBS) $(INI_LIBS)

# Frames through a bridge's ports.
FRAME_TESTS = $(addprefix $(BUILD)/tests/frames/,verdicts update probe)
FRAMES = $(addprefix $(BUILD)/tests/frames/,build.o frame.o policy.o ports.o transport.o words.o)
$(FRAME_TESTS): %: %.o $(FRAMES) $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(XML_LIBS) $(NL_LIBS) $(INI_LIBS)

volume-tool: $(BUILD)/tests/initiator/volume-tool

unit-tests: $(UNIT_TESTS) $(TEST_PLUGIN)

# Unit tests run with sanitizers; without them only those that count memory, and those that valgrind looks at.
PLAIN_UNIT_TESTS = $(addprefix $(BUILD)/tests/unit/test-,xml-memory gate-no-leaks gate-order gate-ordinary-life gate-paused \
	gate-states gate-chain gate-announces)
test-programs: $(PLAIN_UNIT_TESTS) $(TEST_PLUGIN) $(FRAME_TESTS) $(BUILD)/tests/netns/link-tool \
	$(BUILD)/tests/initiator/volume-tool $(addprefix $(BUILD)/tests/firewall-,tool cases)

# A guest that boots at once, for the tests of the network and of disks.
tiny-guest:
	$(Q)$(MAKE) --no-print-directory -s -C tests/tiny-guest OUT=$(abspath build/tiny-guest)

# --- installation ---

HOOK_LINK = $(DESTDIR)$(sysconfdir)/libvirt/hooks/qemu.d/berth
LOCK_DRIVERS = $(DESTDIR)$(libdir)/libvirt/lock-driver
MAN_PAGES = man1/berth.1 man5/berth-policy.5 man5/berth.conf.5 man8/berth-gate.8 man8/berth-hook.8
SCHEMAS = policy.rng state.rng

#: install         into the GNU folders: DESTDIR= prefix= sysconfdir= ...
install: all
	$(Q)install -d -m 755 $(addprefix $(DESTDIR),$(bindir) $(libexecdir)/berth $(datadir)/berth $(docdir) \
		$(completiondir) $(addprefix $(mandir)/,$(dir $(MAN_PAGES))) $(sysconfdir)/berth/berth.conf.d) \
		$(dir $(HOOK_LINK)) $(LOCK_DRIVERS)
	$(Q)install -d -m 700 $(DESTDIR)$(sysconfdir)/berth/secrets $(DESTDIR)$(localstatedir)/lib/berth
	$(Q)install -m 755 $(BUILD)/berth $(DESTDIR)$(bindir)/berth
	$(Q)install -m 755 $(BUILD)/berth-hook $(BUILD)/berth-event $(BUILD)/berth-gate $(DESTDIR)$(libexecdir)/berth/
	$(Q)ln -sfn $(libexecdir)/berth/berth-hook $(HOOK_LINK)
	$(Q)test -e $(DESTDIR)$(sysconfdir)/berth/berth.conf || \
		install -m 644 packaging/berth.conf $(DESTDIR)$(sysconfdir)/berth/berth.conf
	$(Q)install -m 644 $(BUILD)/berth.so $(LOCK_DRIVERS)/berth.so
	$(Q)test -e $(DESTDIR)$(sysconfdir)/libvirt/qemu-berth.conf || \
		install -m 644 packaging/qemu-berth.conf $(DESTDIR)$(sysconfdir)/libvirt/qemu-berth.conf
	$(Q)install -m 644 $(addprefix packaging/schemas/,$(SCHEMAS)) $(DESTDIR)$(datadir)/berth/
	$(Q)for page in $(MAN_PAGES); do install -m 644 docs/man/$${page##*/} $(DESTDIR)$(mandir)/$$page || exit; done
	$(Q)install -m 644 packaging/completion.bash $(DESTDIR)$(completiondir)/berth
	$(Q)install -m 644 README.md $(DESTDIR)$(docdir)/README.md

#: uninstall       what "make install" has put there; configuration, secrets
#:                 and berth's state stay
uninstall:
	rm -f $(HOOK_LINK) $(LOCK_DRIVERS)/berth.so $(addprefix $(DESTDIR),$(bindir)/berth $(libexecdir)/berth/berth-hook \
		$(libexecdir)/berth/berth-event $(libexecdir)/berth/berth-gate $(addprefix $(datadir)/berth/,$(SCHEMAS)) $(completiondir)/berth \
		$(docdir)/README.md $(addprefix $(mandir)/,$(MAN_PAGES)))
	-rmdir --ignore-fail-on-non-empty $(addprefix $(DESTDIR),$(libexecdir)/berth $(datadir)/berth $(docdir))

DEB = $(BUILD)/berth_$(VERSION)_$(shell dpkg --print-architecture).deb

#: deb             build/berth_VERSION_ARCH.deb
deb: all
	$(call say,DEB,$(DEB))
	+$(Q)packaging/deb/build $(BUILD) $(VERSION) $(DEB)

#: selinux         build/selinux/berth.pp, for Fedora and RHEL 10; berth-hook(8)
#:                 tells how to load it
selinux:
	$(call say,SELINUX,$(BUILD)/selinux/berth.pp)
	$(Q)install -d $(BUILD)/selinux
	$(Q)sed 's|^/usr/libexec/|$(libexecdir)/|' packaging/selinux/berth.fc > $(BUILD)/selinux/berth.fc
	$(Q)checkmodule -M -m -o $(BUILD)/selinux/berth.mod packaging/selinux/berth.te
	$(Q)semodule_package -o $(BUILD)/selinux/berth.pp -m $(BUILD)/selinux/berth.mod -f $(BUILD)/selinux/berth.fc

# --- tests ---

# Two jobs, unless make was told another number.
PARALLEL = $(if $(findstring -j,$(MAKEFLAGS)),,-j2)

# Source and destination of migrations are of two generations; LAB_RELEASES= gives all hosts the machine's release.
LAB_RELEASES ?= hostb=other
CHECK = BERTH_DEB=$(abspath $(DEB)) LAB_RELEASES='$(LAB_RELEASES)' scripts/check

# All that the tests run, before the first of them does.
define build-all
	$(Q)scripts/install-dependencies all
	+$(Q)$(MAKE) --no-print-directory $(PARALLEL) all deb test-programs tiny-guest
	+$(Q)$(MAKE) --no-print-directory $(PARALLEL) SANITIZE=1 unit-tests
	+$(Q)$(MAKE) --no-print-directory $(PARALLEL) FAULTS=1 all volume-tool
endef
GROUPS = unit sanitize packaging plugin netns kernel initiator lab volumes

#: check           the tests, as root: about 20 minutes on two processors, and
#:                 at first the downloads. TESTS="FILE..." picks some
check:
	$(build-all)
	$(Q)PART=$(if $(TESTS),all,short) $(CHECK) $(GROUPS)

# Where the release of a host with a kernel of its own matters.
RELEASE_TESTS = tests/volumes/never-mirrored.t tests/volumes/vlan-moves.t

#: check-long      the tests that repeat, count, or kill at every point, and
#:                 check-modular, as root: about half an hour
check-long: $(if $(TESTS),,check-modular)
	$(build-all)
	$(Q)PART=long $(CHECK) $(GROUPS)
	$(if $(TESTS),,$(Q)LAB_UML_RELEASES=hostb=other TESTS='$(RELEASE_TESTS)' $(CHECK) volumes)

#: check-unit      only the unit tests: 4 minutes, most of it to build them
check-unit:
	$(Q)scripts/install-dependencies build
	+$(Q)$(MAKE) --no-print-directory $(PARALLEL) $(PLAIN_UNIT_TESTS)
	+$(Q)$(MAKE) --no-print-directory $(PARALLEL) SANITIZE=1 unit-tests
	$(Q)scripts/check unit sanitize

#: check-lab       only the lab, as root: its hostb has the other stable Debian
#:                 release; half an hour. check-volumes: only the lab for volumes
check-lab check-volumes:
	$(Q)scripts/install-dependencies all
	+$(Q)$(MAKE) --no-print-directory $(PARALLEL) deb tiny-guest
	+$(Q)$(MAKE) --no-print-directory $(PARALLEL) FAULTS=1 all
	$(Q)$(CHECK) $(@:check-%=%)

#: check-releases  the lab on Debian 12, 13 and testing, and between them, as
#:                 root: hours; prints a table. RELEASES="..." picks
check-releases:
	$(Q)scripts/install-dependencies all
	+$(Q)$(MAKE) --no-print-directory $(PARALLEL) deb tiny-guest
	+$(Q)$(MAKE) --no-print-directory $(PARALLEL) FAULTS=1 all
	$(Q)BERTH_DEB=$(abspath $(DEB)) scripts/check-releases $(RELEASES)

# What asks libvirt's daemon, restarts or kills it, and the main job.
MODULAR_TESTS = $(patsubst %,tests/lab/%.t,idle-daemon migrate host-check helpers-die broken-off power-cut gate-moves gate-refuses \
	gate-enable gate-killed gate-lost-answer gate-ordinary-life gate-chain gate-chain-broken)

#: check-modular   the lab's tests that concern libvirt's daemons, as root, with
#:                 virtqemud and virtproxyd in place of libvirtd: 10 minutes
check-modular:
	+$(Q)LAB_DAEMONS=modular TESTS='$(or $(TESTS),$(MODULAR_TESTS))' $(MAKE) --no-print-directory LAB_RELEASES= check-lab

#: demo            one migration between two hosts that differ, as root; under a
#:                 minute
demo:
	$(Q)scripts/install-dependencies all
	+$(Q)$(MAKE) --no-print-directory $(PARALLEL) deb
	$(Q)BERTH_DEB=$(abspath $(DEB)) scripts/demo

# Functions of netfw/ that these programs replace, or measure; see their heads.
$(BUILD)/bench/firewall-time: WRAPPED = netlink_ask netlink_dump netlink_batch_do if_nameindex if_nametoindex
$(BUILD)/bench/firewall-time: $(BUILD)/bench/firewall-time.o $(LIBRARY)
$(BUILD)/bench/berth-event-waits: WRAPPED = netlink_close_later
$(BUILD)/bench/berth-event-waits: $(BUILD)/bench/close-now.o $(BUILD)/hooks/berth-event.o $(LIBRARY)
$(BUILD)/bench/firewall-time $(BUILD)/bench/berth-event-waits:
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) $(addprefix -Wl$(comma)--wrap=,$(WRAPPED)) -o $@ $^ $(XML_LIBS) $(STORAGE_LIBS) \
		$(NL_LIBS) $(INI_LIBS)

bench-programs: $(BUILD)/tests/firewall-tool $(addprefix $(BUILD)/bench/,firewall-time berth-event-waits)

#: bench           measurements, as root. PARTS="guests firewall gate volumes"
#:                 picks
bench:
	$(Q)scripts/install-dependencies all bench
	+$(Q)$(MAKE) --no-print-directory $(PARALLEL) deb bench-programs tiny-guest
	$(Q)BERTH_DEB=$(abspath $(DEB)) bench/run $(PARTS)

#: clean           removes build/
clean:
	rm -rf build

-include $(shell find $(BUILD) -mindepth 1 '(' -name lab-cache -o -name 'release-*' ')' -prune -o -type f -name '*.d' -print 2>/dev/null)
.PHONY: all help volume-tool unit-tests test-programs tiny-guest bench-programs install uninstall deb selinux check check-unit check-lab check-long \
	check-modular check-releases check-volumes demo bench clean
.SECONDARY:
