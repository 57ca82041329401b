# SPDX-License-Identifier: GPL-2.0-or-later
# berth: build, test, install. Targets: all check demo bench install deb clean; "make help" tells more.
VERSION = 0.1.0

prefix ?= /usr
exec_prefix ?= $(prefix)
bindir ?= $(exec_prefix)/bin
libexecdir ?= $(exec_prefix)/libexec
datadir ?= $(prefix)/share
mandir ?= $(datadir)/man
sysconfdir ?= /etc
localstatedir ?= /var
DESTDIR ?=

# SANITIZE=1: with address and undefined-behaviour sanitizers; FAULTS=1: with points where tests kill berth.
BUILD ?= build$(if $(SANITIZE),/sanitize)$(if $(FAULTS),/faults)
CC ?= gcc
CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wformat=2 -Wundef
HARDENING = -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
SANITIZERS = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
CPPFLAGS_ALL = -D_GNU_SOURCE -I. -DVERSION='"$(VERSION)"' -DSYSCONFDIR='"$(sysconfdir)"' \
	-DLOCALSTATEDIR='"$(localstatedir)"' -DLIBEXECDIR='"$(libexecdir)"' -DBINDIR='"$(bindir)"' \
	$(if $(FAULTS),-DBERTH_TEST_FAULTS) $(CPPFLAGS)
CFLAGS_ALL = -std=gnu11 $(WARNINGS) $(if $(SANITIZE),$(SANITIZERS) -fPIE,$(HARDENING)) $(CFLAGS)
LDFLAGS_ALL = -pie -Wl,-z,relro -Wl,-z,now -Wl,--as-needed $(if $(SANITIZE),$(SANITIZERS)) $(LDFLAGS)

XML_CFLAGS = $(shell pkg-config --cflags libxml-2.0)
XML_LIBS = $(shell pkg-config --libs libxml-2.0)
LIBVIRT_LIBS = $(shell pkg-config --libs libvirt)
CMOCKA_LIBS = $(shell pkg-config --libs cmocka)
# Statically: berth-hook runs for each event of each guest, and each library costs it start time.
INI_LIBS = -l:libinih.a
STORAGE_LIBS = $(shell pkg-config --libs nettle)

# V=1 shows the commands.
Q = $(if $(V),,@)
say = $(if $(V),,@echo '  $(1)  $(2)')
objects = $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(2),$(wildcard $(addsuffix /*.c,$(1)))))
PROGRAM_MAINS = hooks/berth-hook.c hooks/berth-event.c cli/main.c
# What needs libvirt's client library, which no process that libvirtd waits for should load.
LIBVIRT_USERS = hooks/settle.c hooks/guest_manifest.c hooks/stored_definition.c
BASE = $(call objects,base config)
COMMON = $(BASE) $(call objects,xml storage hooks,$(PROGRAM_MAINS) $(LIBVIRT_USERS))
HOOK = $(BASE) $(addprefix $(BUILD)/hooks/,event.o site.o)
CLI = $(COMMON) $(call objects,libvirt cli,cli/main.c) $(patsubst %.c,$(BUILD)/%.o,$(LIBVIRT_USERS))

PROGRAMS = $(BUILD)/berth $(BUILD)/berth-hook $(BUILD)/berth-event
UNIT_TESTS = $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/test-*.c))

all: $(PROGRAMS)

help:
	@sed -n 's/^#: //p' Makefile

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(if $(filter xml/% hooks/% cli/% tests/%,$<),$(XML_CFLAGS)) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(BUILD)/berth-hook: $(BUILD)/hooks/berth-hook.o $(HOOK)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(INI_LIBS)

$(BUILD)/berth-event: $(BUILD)/hooks/berth-event.o $(COMMON)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(XML_LIBS) $(STORAGE_LIBS) $(INI_LIBS)

$(BUILD)/berth: $(BUILD)/cli/main.o $(CLI)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBVIRT_LIBS) $(XML_LIBS) $(STORAGE_LIBS) $(INI_LIBS)

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(COMMON)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(CMOCKA_LIBS) $(XML_LIBS) $(STORAGE_LIBS) $(INI_LIBS)

clean:
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.PHONY: all help clean
.SECONDARY:
