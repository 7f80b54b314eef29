# hapax: one Makefile. Everything that is made lies under $(BUILD); sources are found by wildcard.
#
# filter/*.c is the library, except for the rooms of the command, which are named here. What the library is made of:
#   make BUILD=/elsewhere      build in another folder
#   make DEV=1                 more warnings, and all of them are errors
#   make SANITIZE=thread       build and test with a sanitizer (make asan ubsan tsan do so in folders of their own)
#   make V=1                   show commands whole
#
# Tests: tests/unit/*.c are cmocka programs, run by `make check`. Any other folder tests/GROUP/ may hold C files, each a
# program $(BUILD)/tests/GROUP/NAME (linked with the library and cmocka, and with $(LIBS_GROUP)), and a run.sh. `make test` builds all
# of it and runs each tests/GROUP/run.sh with BUILD in the environment; its last line `N passed, N failed` counts.
# tests/support/*.c, if there are any, are linked into every test program. Fuzz targets are tests/fuzz/*.c.

.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all

BUILD ?= build
SANITIZE ?=
DEV ?=

CC := $(if $(filter default,$(origin CC)),cc,$(CC))
AR := $(if $(filter default,$(origin AR)),ar,$(AR))
CFLAGS ?= -O2 -g
CPPFLAGS ?=
LDFLAGS ?=

prefix ?= /usr/local
exec_prefix ?= $(prefix)
bindir ?= $(exec_prefix)/bin
libdir ?= $(exec_prefix)/lib
includedir ?= $(prefix)/include
datarootdir ?= $(prefix)/share
mandir ?= $(datarootdir)/man
completiondir ?= $(datarootdir)/bash-completion/completions
DESTDIR ?=
INSTALL ?= install

# run and test build with all cores unless -j was given.
PARALLEL = $(if $(findstring j,$(filter-out --%,$(MAKEFLAGS))),,-j$(shell nproc 2>/dev/null || echo 1))

VERSION := $(shell sed -n 's/^#define HAPAX_VERSION "\(.*\)"/\1/p' include/hapax.h)

# The rooms of the command: they know of the library only what include/hapax.h says.
COMMAND_ROOMS := main options options_text messages machine io output_file outputs collide progress watch summary feed drain verb_clean \
	verb_restore
COMMAND_SOURCES := $(filter $(COMMAND_ROOMS:%=filter/%.c),$(wildcard filter/*.c))
LIBRARY_SOURCES := $(filter-out $(COMMAND_SOURCES),$(wildcard filter/*.c))
LIBS := -lxxhash -lunistring -lz

WARNINGS := -Wall -Wextra -Wshadow
ifneq ($(DEV),)
WARNINGS += -Werror -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wwrite-strings \
	-Wvla -Wformat=2 -Wundef -Wold-style-definition -Wimplicit-fallthrough
endif
ifeq ($(SANITIZE),)
HARDEN := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
HARDEN_LINK := -Wl,-z,relro -Wl,-z,now
else
# clang's pointer-overflow finds nothing but NULL + 0, the end of an empty slice.
HARDEN := -fsanitize=$(SANITIZE) -fno-sanitize=pointer-overflow -fno-sanitize-recover=all -fno-omit-frame-pointer
HARDEN_LINK := -fsanitize=$(SANITIZE)
endif
COMPILE = $(CC) -std=c11 -D_GNU_SOURCE -Iinclude -Ifilter -I$(BUILD) $(CPPFLAGS) $(CFLAGS) $(HARDEN) -fPIE -pthread -MMD -MP
LINK = $(CC) $(CFLAGS) $(HARDEN_LINK) -pie -pthread $(LDFLAGS)

COMMAND_OBJECTS := $(COMMAND_SOURCES:filter/%.c=$(BUILD)/obj/%.o)
LIBRARY_OBJECTS := $(LIBRARY_SOURCES:filter/%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/charclass_tables.o

# Commands are shown in short; V=1 shows them whole.
Q := $(if $(V),,@)

UNIT_PROGRAMS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/*.c))
SUPPORT_OBJECTS := $(patsubst tests/%.c,$(BUILD)/tests/%.o,$(wildcard tests/support/*.c))
SUPPORT := $(if $(SUPPORT_OBJECTS),$(BUILD)/tests/libsupport.a)
GROUP_SOURCES := $(filter-out tests/unit/% tests/support/% tests/fuzz/% tests/example/% tests/bench/%,$(wildcard tests/*/*.c))
GROUP_PROGRAMS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(GROUP_SOURCES))
BENCH_PROGRAMS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/bench/*.c))
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,%,$(filter-out tests/fuzz/replay.c,$(wildcard tests/fuzz/*.c)))
FUZZ_REPLAYS := $(if $(wildcard tests/fuzz/replay.c),$(FUZZ_TARGETS:%=$(BUILD)/tests/fuzz/%))
LIBS_oracle ?= -ldivsufsort
LIBS_bench ?= -ldivsufsort
FUZZ_SECONDS ?= 60

-include $(wildcard tests/*/build.mk)

## all: build $(BUILD)/hapax, libhapax.a, hapax.pc, the manual page and the completion
.PHONY: all
all: $(BUILD)/hapax $(BUILD)/libhapax.a $(BUILD)/hapax.pc $(BUILD)/hapax.1 $(BUILD)/completion.bash

$(BUILD)/hapax: $(COMMAND_OBJECTS) $(BUILD)/libhapax.a
	@echo "link      $@"
	$(Q)$(LINK) -o $@ $(COMMAND_OBJECTS) $(BUILD)/libhapax.a $(LIBS)

$(BUILD)/libhapax.a: $(LIBRARY_OBJECTS)
	@rm -f $@
	@echo "archive   $@"
	$(Q)$(AR) rcs $@ $(LIBRARY_OBJECTS)

$(BUILD)/obj/%.o: filter/%.c
	@mkdir -p $(@D)
	@echo "compile   $@"
	$(Q)$(COMPILE) $(WARNINGS) -c -o $@ $<

# The class tables are made from libunistring's properties by a program of the building machine.
$(BUILD)/make_charclass: filter/tools/make_charclass.c filter/charclass.h
	@mkdir -p $(@D)
	@echo "compile   $@"
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE -Iinclude -Ifilter -O1 -o $@ $< -lunistring

$(BUILD)/charclass_tables.c: $(BUILD)/make_charclass
	@echo "make      $@"
	$(Q)$(BUILD)/make_charclass > $@

$(BUILD)/obj/charclass_tables.o: $(BUILD)/charclass_tables.c
	@mkdir -p $(@D)
	@echo "compile   $@"
	$(Q)$(COMPILE) $(WARNINGS) -c -o $@ $<

# Man page and completion come from the option table, by a program of the building machine.
$(BUILD)/print_options: filter/tools/print_options.c filter/options.def include/hapax.h
	@mkdir -p $(@D)
	@echo "compile   $@"
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE -Iinclude -Ifilter -O1 -o $@ $<

$(BUILD)/hapax.1: filter/hapax.1.in $(BUILD)/print_options
	@echo "make      $@"
	$(Q)$(BUILD)/print_options man < $< > $@

$(BUILD)/completion.bash: $(BUILD)/print_options
	@echo "make      $@"
	$(Q)$(BUILD)/print_options bash > $@

$(BUILD)/hapax.pc: filter/hapax.pc.in include/hapax.h Makefile
	@mkdir -p $(@D)
	@echo "make      $@"
	$(Q)sed -e 's|@prefix@|$(prefix)|; s|@exec_prefix@|$(exec_prefix)|; s|@libdir@|$(libdir)|; s|@includedir@|$(includedir)|; s|@VERSION@|$(VERSION)|' $< > $@

## run: install what is missing (Debian), build, and show the first minute
.PHONY: run
run:
	@sh filter/tools/need.sh build
	@sh filter/tools/show.sh '$(MAKE)' '$(BUILD)'

## test: install what is missing (Debian), build, and run every test
.PHONY: test
test:
	@sh filter/tools/need.sh build test
	@$(MAKE) --no-print-directory $(PARALLEL) all test-programs
	@BUILD='$(BUILD)' SANITIZE='$(SANITIZE)' CC='$(CC)' MAKE='$(MAKE)' sh tests/run_all.sh unit groups

## check: build and run the unit tests only
.PHONY: check
check: $(UNIT_PROGRAMS)
	@BUILD='$(BUILD)' sh tests/run_all.sh unit

.PHONY: test-programs unit-programs
test-programs: $(UNIT_PROGRAMS) $(GROUP_PROGRAMS) $(FUZZ_REPLAYS)
unit-programs: $(UNIT_PROGRAMS)

$(BUILD)/tests/support/%.o: tests/support/%.c
	@mkdir -p $(@D)
	@echo "compile   $@"
	$(Q)$(COMPILE) -Itests/support -Wall -Wextra -c -o $@ $<

$(BUILD)/tests/fuzz/%: tests/fuzz/%.c tests/fuzz/replay.c $(BUILD)/libhapax.a
	@mkdir -p $(@D)
	@echo "compile   $@"
	$(Q)$(COMPILE) -Wall -Wextra -MT $@ -pie -o $@ $< tests/fuzz/replay.c $(HARDEN_LINK) $(LDFLAGS) $(BUILD)/libhapax.a $(LIBS)

$(BUILD)/tests/libsupport.a: $(SUPPORT_OBJECTS)
	@rm -f $@
	$(Q)$(AR) rcs $@ $(SUPPORT_OBJECTS)

$(BUILD)/tests/%: tests/%.c $(SUPPORT) $(BUILD)/libhapax.a
	@mkdir -p $(@D)
	@echo "compile   $@"
	$(Q)$(COMPILE) -Itests/support -Wall -Wextra -MT $@ -pie -o $@ $< $(SUPPORT) $(HARDEN_LINK) $(LDFLAGS) \
		$(BUILD)/libhapax.a $(LIBS) -lcmocka $(LIBS_$(firstword $(subst /, ,$*))) -lm

## bench: speed on generated text, with the share of each stage
.PHONY: bench
bench: all $(BENCH_PROGRAMS)
	@BUILD='$(BUILD)' sh tests/bench/bench.sh

## fuzz: run each fuzz target for FUZZ_SECONDS (60), with clang's libFuzzer
.PHONY: fuzz
fuzz:
	@BUILD='$(BUILD)' FUZZ_SECONDS='$(FUZZ_SECONDS)' MAKE='$(MAKE)' LIBS='$(LIBS)' sh tests/fuzz/fuzz.sh $(FUZZ_TARGETS)

## asan: all tests with the address sanitizer
## ubsan: all tests with the undefined behaviour sanitizer
## tsan: all tests with the thread sanitizer
.PHONY: asan ubsan tsan
asan:
	@$(MAKE) --no-print-directory test BUILD='$(BUILD)/asan' SANITIZE=address
ubsan:
	@$(MAKE) --no-print-directory test BUILD='$(BUILD)/ubsan' SANITIZE=undefined
tsan:
	@$(MAKE) --no-print-directory test BUILD='$(BUILD)/tsan' SANITIZE=thread

## valgrind: the unit tests under valgrind
.PHONY: valgrind
valgrind: $(UNIT_PROGRAMS)
	@BUILD='$(BUILD)' RUNNER='valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite' \
		sh tests/run_all.sh unit

## lint: cppcheck, and clang-tidy where it is installed
.PHONY: lint
lint:
	@BUILD='$(BUILD)' sh filter/tools/lint.sh

## layers: includes go to lower layers only, and not in circles
.PHONY: layers
layers:
	@awk -f filter/tools/layers.awk filter/*.h filter/*.c

## lengths: how long the functions are
.PHONY: lengths
lengths:
	@awk -f filter/tools/lengths.awk filter/*.c

## format: put the sources into the shape of .clang-format
.PHONY: format
format:
	clang-format -i filter/*.c filter/*.h filter/tools/*.c include/*.h $(wildcard tests/*/*.c tests/*/*.h)

## mutants: each patch in tests/mutants/ must make a test fail
.PHONY: mutants
mutants:
	@BUILD='$(BUILD)' MAKE='$(MAKE)' sh tests/mutants/mutants.sh

## install: put command, library, header, manual and completion under $(DESTDIR)$(prefix)
.PHONY: install
install: all
	$(INSTALL) -d $(DESTDIR)$(bindir) $(DESTDIR)$(libdir)/pkgconfig $(DESTDIR)$(includedir) $(DESTDIR)$(mandir)/man1 $(DESTDIR)$(completiondir)
	$(INSTALL) -m 755 $(BUILD)/hapax $(DESTDIR)$(bindir)/hapax
	$(INSTALL) -m 644 $(BUILD)/libhapax.a $(DESTDIR)$(libdir)/libhapax.a
	$(INSTALL) -m 644 include/hapax.h $(DESTDIR)$(includedir)/hapax.h
	$(INSTALL) -m 644 $(BUILD)/hapax.pc $(DESTDIR)$(libdir)/pkgconfig/hapax.pc
	$(INSTALL) -m 644 $(BUILD)/hapax.1 $(DESTDIR)$(mandir)/man1/hapax.1
	$(INSTALL) -m 644 $(BUILD)/completion.bash $(DESTDIR)$(completiondir)/hapax

## uninstall: remove what install put there
.PHONY: uninstall
uninstall:
	rm -f $(DESTDIR)$(bindir)/hapax $(DESTDIR)$(libdir)/libhapax.a $(DESTDIR)$(includedir)/hapax.h \
		$(DESTDIR)$(libdir)/pkgconfig/hapax.pc $(DESTDIR)$(mandir)/man1/hapax.1 $(DESTDIR)$(completiondir)/hapax

## dist: $(BUILD)/hapax-VERSION.tar.gz of the sources
.PHONY: dist
dist:
	@mkdir -p $(BUILD)
	tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 --transform='s,^,hapax-$(VERSION)/,' -czf $(BUILD)/hapax-$(VERSION).tar.gz \
		filter include tests fixtures Makefile README.md LICENSE .ci .clang-format .clang-tidy .gitignore

## clean: remove $(BUILD)
.PHONY: clean
clean:
	rm -rf $(BUILD)

## help: this list
.PHONY: help
help:
	@sed -n 's/^## //p' Makefile | awk -F': ' '{printf "  make %-10s %s\n", $$1, $$2}'

-include $(wildcard $(BUILD)/obj/*.d $(BUILD)/tests/*/*.d)
