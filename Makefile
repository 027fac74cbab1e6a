# SPDX-License-Identifier: ISC
# rollcall: `make help` lists the targets. Nothing is built outside $(BUILD).

VERSION   = 0.2.0
CC       ?= cc
CFLAGS   ?= -O2 -g
PREFIX   ?= /usr/local
DESTDIR  ?=
BUILD    ?= build
# `normalize` is a common word: PROGPREFIX=rollcall- renames the programs when installing
PROGPREFIX ?=
WERROR   ?=

# a word of the shell, whatever is in it
quote = '$(subst ','\'',$(1))'

# make takes each blank for the end of a name, so a BUILD with blanks is reached by a link
# without one, beside the Makefile; everything is in BUILD all the same
BUILD_GIVEN := $(BUILD)
ifneq ($(words $(BUILD)),1)
override BUILD := $(shell .ci/build-link $(call quote,$(BUILD_GIVEN)))
ifeq ($(BUILD),)
$(error BUILD='$(BUILD_GIVEN)' is no folder that can be made)
endif
endif

PROGRAMS = scim-fetch fetch-sources normalize diff-snapshot trace-snapshots list-snapshot check-snapshot report-snapshot issue-review take-review close-review scalr-fetch scim-push
# these talk to a service
FETCHERS = scim-fetch scalr-fetch scim-push fetch-sources

WARNINGS = -Wall -Wextra -Wformat=2 -Wconversion -Wshadow -Wstrict-prototypes -Wvla \
	-Wimplicit-fallthrough -Wnull-dereference $(if $(WERROR),-Werror)
# hardening flags, those that this compiler knows
supported = $(shell $(CC) -Werror $(1) -O2 -x c -c -o /dev/null /dev/null 2>/dev/null && echo '$(1)')
ifeq ($(origin HARDENED),undefined)
HARDENED := $(foreach flag,-fstack-protector-strong -fstack-clash-protection -fcf-protection=full \
	-ftrivial-auto-var-init=zero -fPIE,$(call supported,$(flag))) \
	-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
endif
HARDENED_LD ?= -pie -Wl,-z,relro,-z,now,-z,noexecstack
PKGS = libcurl yyjson libcrypto $(if $(filter Linux,$(shell uname -s)),libseccomp) libutf8proc libzstd xlsxwriter libzip expat
# Function calls, not :=, so that `make deps` and `make help` work without the libraries. Where
# xlsxwriter names the folder of minizip, that has a zip.h, too, and libzip's comes first.
PKG_CFLAGS = $(patsubst -I%/minizip,-idirafter%/minizip,$(shell pkg-config --cflags $(PKGS))) \
	$(shell pkg-config --cflags libjq 2>/dev/null)
JQ_LIBS = $(shell pkg-config --libs libjq 2>/dev/null || echo -ljq) # 1.6 says nothing to pkg-config
CPPFLAGS_ALL = -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DROLLCALL_VERSION='"$(VERSION)"' -Ilib \
	$(PKG_CFLAGS) $(CPPFLAGS)
COMPILE = $(CC) $(CPPFLAGS_ALL) $(WARNINGS) $(HARDENED) $(CFLAGS) -pthread -MMD -MP

LIB_OBJS = $(patsubst lib/%.c,$(BUILD)/lib/%.o,$(wildcard lib/*/*.c)) $(BUILD)/lib/report/report_pages.o
ALL_PROGRAMS = $(PROGRAMS:%=$(BUILD)/%)

# `make help` prints the lines that begin with "#: ", and each target with its ## text
#: to use it

.PHONY: all
all: $(ALL_PROGRAMS) ## build the programs (40 s on one core; -j2: 20 s)

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

# the pages of a report, as bytes: words and markup stay in files of their own
PAGES = $(wildcard lib/report/pages/*)

$(BUILD)/lib/report/report_pages.c: $(PAGES) Makefile
	@mkdir -p $(@D)
	@{ echo '#include "report/report_pages.h"'; for page in $(PAGES); do \
		name=$${page##*/}; var=$${name%%.*}_$${name#*.}; \
		printf 'static const char %s_bytes[] = {\n' "$$var"; \
		od -An -v -tu1 "$$page" | sed 's/ *\([0-9][0-9]*\)/(char)\1,/g'; \
		printf '};\nconst struct page %s = {"%s", {%s_bytes, sizeof %s_bytes}};\n' \
			"$$var" "$$name" "$$var" "$$var"; done; } >$@

$(BUILD)/lib/report/report_pages.o: $(BUILD)/lib/report/report_pages.c
	$(COMPILE) -c -o $@ $<

$(BUILD)/librollcall.a: $(LIB_OBJS)
	@rm -f $@
	$(AR) rcs $@ $^

$(FETCHERS:%=$(BUILD)/%): $(BUILD)/cmd/fetch_command.o $(BUILD)/cmd/progress.o

$(ALL_PROGRAMS): $(BUILD)/%: $(BUILD)/cmd/%.o $(BUILD)/cmd/command.o $(BUILD)/librollcall.a
	$(CC) $(CFLAGS) -pthread $(HARDENED_LD) $(LDFLAGS) -o $@ $(filter %.o,$^) $(BUILD)/librollcall.a -Wl,--as-needed \
		$(shell pkg-config --libs $(PKGS)) $(MORE_LIBS)

$(BUILD)/normalize $(BUILD)/list-snapshot $(BUILD)/check-snapshot: MORE_LIBS = $(JQ_LIBS)

# most tests need both
$(BUILD)/tests/stand-in: | $(BUILD)/tests/seal
$(BUILD)/tests/stand-in: $(wildcard tests/provider/*.c tests/provider/*.h)
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS) -o $@ tests/provider/*.c \
		$(shell pkg-config --cflags --libs libmicrohttpd gnutls yyjson) -lpthread

$(BUILD)/tests/quick-jq: $(wildcard tests/quick-jq/*.c tests/quick-jq/*.h)
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -O2 -g -o $@ tests/quick-jq/*.c $(shell pkg-config --cflags --libs yyjson)

# started thousands of times, so without libraries to load where that can be
$(BUILD)/tests/seal: tests/seal/seal.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -O2 -static -o $@ $< 2>/dev/null || $(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -O2 -o $@ $<

# what tests and benchmarks measure with
TOOLS = $(patsubst tests/bench/%.c,$(BUILD)/tests/%,$(wildcard tests/bench/*.c))

$(TOOLS): $(BUILD)/tests/%: tests/bench/%.c $(BUILD)/librollcall.a
	@mkdir -p $(@D)
	$(COMPILE) -o $@ $< $(BUILD)/librollcall.a $(shell pkg-config --libs yyjson libcrypto libutf8proc libzstd)

# glibc only: without it the tests say that they skip
PRELOADS = $(patsubst tests/torture/%.c,$(BUILD)/tests/%.so,$(wildcard tests/torture/*.c))

$(PRELOADS): $(BUILD)/tests/%.so: tests/torture/%.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -O2 -g -fPIC -shared -o $@ $< -ldl || echo 'no $* here'

# a harness and what they share; replay.o is the main where libFuzzer is not
FUZZERS = $(filter-out support replay,$(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c)))
FUZZ_MAIN ?= $(BUILD)/tests/fuzz/replay.o

$(FUZZERS:%=$(BUILD)/tests/fuzz/%): $(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o \
		$(BUILD)/tests/fuzz/support.o $(FUZZ_MAIN) $(BUILD)/librollcall.a
	$(CC) $(CFLAGS) $(HARDENED_LD) $(LDFLAGS) -o $@ $(filter %.o,$^) $(BUILD)/librollcall.a \
		$(shell pkg-config --libs $(PKGS)) $(JQ_LIBS)

# for a make within: every core, unless it was said with -j how many
ALL_CORES = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell getconf _NPROCESSORS_ONLN))

-include $(wildcard $(BUILD)/lib/*/*.d $(BUILD)/cmd/*.d $(BUILD)/tests/fuzz/*.d)

.PHONY: help
help: ## this list
	@echo 'Start with: make demo'
	@awk -v version=$(VERSION) '/^#: / { printf "\n%s:\n", substr($$0, 4) } \
		match($$0, /^[a-z-]+:.*## /) { text = substr($$0, RLENGTH + 1); sub(/:.*/, ""); \
			gsub(/\$$\(VERSION\)/, version, text); printf "  make %-13s %s\n", $$0, text }' Makefile

.PHONY: deps
deps: ## install what building needs (says what it does)
	@.ci/deps build

.PHONY: demo
demo: ## install what is missing, build, and show the whole pipeline (half a minute)
	@.ci/deps demo
	@[ -e $(BUILD)/tests/stand-in ] || echo 'demo: building the programs and a provider to try them on (half a minute)'
	@$(MAKE) --no-print-directory $(ALL_CORES) -s all $(BUILD)/tests/stand-in
	@BUILD=$(BUILD) tests/demo

# made from what each program says of its options: there is no list by hand
COMPLETIONS = $(foreach p,$(PROGRAMS),$(BUILD)/completions/$(p).bash $(BUILD)/completions/$(p).zsh $(BUILD)/completions/$(p).fish)

.PHONY: completions
completions: $(COMPLETIONS)

$(COMPLETIONS): $(BUILD)/completions/%: packaging/completions/generate $(ALL_PROGRAMS)
	@mkdir -p $(@D)
	@$(BUILD)/$(basename $*) --help=table | packaging/completions/generate $(subst .,,$(suffix $*)) \
		$(PROGPREFIX)$(basename $*) >$@.part && mv $@.part $@

TO = $(DESTDIR)$(PREFIX)
MAN_TO = $(TO)/share/man/man
EXAMPLES_TO = $(TO)/share/doc/rollcall/examples
SCRIPTS = $(filter-out %.json %.jq %.png %.sql %.conf examples/spark,$(wildcard examples/*))
SPARK = $(wildcard examples/spark/*)
# what is copied and then changed: of examples/ and packaging/, the program files apart
EXAMPLES = $(filter %.json %.jq %.sql %.conf,$(wildcard examples/*)) packaging/kubernetes/cronjob.yaml packaging/github/nightly-review.yml
SCHEMAS = $(wildcard share/rollcall/*)
# these name the place of others, so they are written for $(PREFIX)
UNITS = $(patsubst packaging/%,$(BUILD)/placed/%,$(wildcard packaging/systemd/*))
CRON = $(BUILD)/placed/cron/rollcall
# what the units and the cron line run
NIGHTLY = examples/nightly-review examples/watch-nightly examples/nightly-common

.PHONY: placed
$(UNITS) $(CRON): $(BUILD)/placed/%: packaging/% placed
	@mkdir -p $(@D)
	@sed $(call quote,s|/usr/libexec/|$(PREFIX)/libexec/|g; s|/usr/share/|$(PREFIX)/share/|g) $< >$@

# each file that is installed: MODE:FROM:TO
INSTALLED = $(foreach p,$(PROGRAMS),755:$(BUILD)/$(p):/bin/$(PROGPREFIX)$(p) \
	644:man/$(p).1:/share/man/man1/$(PROGPREFIX)$(p).1 \
	644:$(BUILD)/completions/$(p).bash:/share/bash-completion/completions/$(PROGPREFIX)$(p) \
	644:$(BUILD)/completions/$(p).zsh:/share/zsh/site-functions/_$(PROGPREFIX)$(p) \
	644:$(BUILD)/completions/$(p).fish:/share/fish/vendor_completions.d/$(PROGPREFIX)$(p).fish) \
	$(foreach n,5 7,$(foreach page,$(wildcard man/*.$(n)),644:$(page):/share/man/man$(n)/$(notdir $(page)))) \
	$(foreach f,$(SCRIPTS),755:$(f):/share/doc/rollcall/examples/$(notdir $(f))) \
	$(foreach f,$(EXAMPLES),644:$(f):/share/doc/rollcall/examples/$(notdir $(f))) \
	$(foreach f,$(SPARK),644:$(f):/share/doc/rollcall/$(f)) \
	644:$(CRON):/share/doc/rollcall/examples/rollcall.cron \
	$(foreach f,$(SCHEMAS),644:$(f):/share/rollcall/$(notdir $(f))) \
	$(foreach f,$(NIGHTLY),755:$(f):/libexec/rollcall/$(notdir $(f))) \
	$(foreach f,$(UNITS),644:$(f):/lib/systemd/system/$(notdir $(f)))

.PHONY: install
install: all completions $(UNITS) $(CRON) ## install programs, manual pages, completions, units, examples below $(DESTDIR)$(PREFIX)
	@set -e; to=$(call quote,$(TO)); for file in $(INSTALLED); do \
		mode=$${file%%:*} file=$${file#*:}; \
		mkdir -p "$$to$$(dirname "$${file#*:}")"; \
		install -m $$mode "$${file%%:*}" "$$to$${file#*:}"; done
	@echo 'installed below' $(call quote,$(TO))

# the folders that are only rollcall's go, too; others only if they are empty
.PHONY: uninstall
uninstall: ## remove what install put there
	@to=$(call quote,$(TO)); for file in $(INSTALLED); do rm -f "$$to$${file##*:}"; done; \
	cd "$$to" 2>/dev/null && rmdir -p share/doc/rollcall/examples/spark share/rollcall libexec/rollcall lib/systemd/system \
		share/bash-completion/completions share/zsh/site-functions share/fish/vendor_completions.d 2>/dev/null || :

.PHONY: clean
clean: ## remove what was built
	rm -rf $(call quote,$(BUILD_GIVEN))
	$(if $(filter-out $(BUILD),$(BUILD_GIVEN)),rm -f $(BUILD))

#: to work on it

export SANITIZED ?= # set where memory limits mean nothing

TESTS ?= tests/*.bats

# all that the tests run
.PHONY: tests-built
tests-built:
	@$(MAKE) --no-print-directory $(ALL_CORES) all fuzzers $(BUILD)/tests/stand-in $(BUILD)/tests/quick-jq \
		$(TOOLS) $(PRELOADS)

.PHONY: check
check: ## install what the tests need, build, and run all (8 min; TESTS=tests/00-smoke.bats: that file)
	@.ci/deps check
	@$(MAKE) --no-print-directory tests-built
	@BUILD=$(BUILD) tests/corpora/fetch
	@BUILD=$(BUILD) tests/run-bats $(BUILD)/check.tap $(TESTS)

.PHONY: smoke
smoke: ## build, and take the data the whole way once: the first thing to run (5 s after the build)
	@.ci/deps check
	@$(MAKE) --no-print-directory $(ALL_CORES) -s all $(BUILD)/tests/stand-in $(BUILD)/tests/quick-jq
	@BUILD=$(BUILD) bats --formatter tap tests/00-smoke.bats

.PHONY: slowest
slowest: ## the ten slowest tests of the last make check
	@tests/run-bats --slowest $(BUILD)/check.tap

.PHONY: golden
golden: ## rewrite the expected records in tests/cases as they are now, and show what changed
	@.ci/deps check
	@$(MAKE) --no-print-directory $(ALL_CORES) -s all
	@GOLDEN=1 BUILD=$(BUILD) bats -f 'recorded' $$(grep -l assert_golden tests/*.bats)

.PHONY: hooks
hooks: ## have git refuse a commit whose C is not formatted or that breaks lib/LAYERS (under 2 s)
	@.ci/pre-commit --install

#: before a release; .ci/run does most of these

SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

.PHONY: asan
asan: ## make check under AddressSanitizer and UndefinedBehaviorSanitizer (several times as long)
	@.ci/deps asan
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/asan CFLAGS="-O1 -g $(SANITIZE)" \
		HARDENED= HARDENED_LD= SANITIZED=1 check

TORTURE_ALL ?= 3000

.PHONY: torture
torture: ## every allocation, read, write, ... of a run fails once (much longer than make check)
	@TORTURE_ALL=$(TORTURE_ALL) $(MAKE) --no-print-directory check TESTS=tests/61-torture.bats

# What lib/ includes and a C library for another target does not bring. The folders that hold it
# hold this machine's C library, too, so it is copied out of them.
FOREIGN_HEADERS = $(sort $(realpath $(foreach folder,/usr/include /usr/include/$(shell $(CC) -print-multiarch),\
	$(addprefix $(folder)/,curl openssl yyjson.h jq.h jv.h utf8proc.h zstd.h zstd_errors.h xlsxwriter.h xlsxwriter zip.h zipconf.h expat.h expat_external.h expat_config.h seccomp.h seccomp-syscalls.h linux asm asm-generic))))

# a target of its own, because make looks for them before .ci/deps has brought them
.PHONY: $(BUILD)/include
$(BUILD)/include:
	@rm -rf $@ && mkdir -p $@ && cp -rpL $(FOREIGN_HEADERS) $@

# Types and headers are what differs there, and gcc looks at them without -O2 in a third of the time.
.PHONY: builds
builds: ## other compilers: clang links; for musl and 32 bits lib/ compiles, for want of a libcurl (2 min)
	@.ci/deps builds
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/clang CC=clang CFLAGS=-O1 WERROR=1 all
	@$(MAKE) --no-print-directory $(BUILD)/include
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/musl CC=musl-gcc PKG_CFLAGS="-isystem $(BUILD)/include" \
		HARDENED= CFLAGS=-O0 WERROR=1 $(BUILD)/musl/librollcall.a
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/bits32 CC="gcc -m32" PKG_CFLAGS="-isystem $(BUILD)/include" \
		HARDENED= CFLAGS=-O0 WERROR=1 $(BUILD)/bits32/librollcall.a

ifdef ANALYZE
# where gcc 12 is wrong: a span that a parser said it has filled is not NULL, and neither
# is a key of an object
$(BUILD)/lib/stream/record.o $(BUILD)/lib/stream/stream.o: override CFLAGS += -Wno-analyzer-null-argument
$(BUILD)/lib/push/merge.o: override CFLAGS += -Wno-analyzer-null-dereference
# a slot that is taken again was released before it became a spare one
$(BUILD)/lib/push/push_run.o: override CFLAGS += -Wno-analyzer-malloc-leak
# what stands in an array that grew is not lost
$(BUILD)/lib/check/check_common.o: override CFLAGS += -Wno-analyzer-malloc-leak
# what a policy holds stands where its reader leads to, and policy_release frees it
$(BUILD)/lib/check/policy.o: override CFLAGS += -Wno-analyzer-malloc-leak
# the moments of a source stand in its row of the trace, and trace_release frees them
$(BUILD)/lib/trace/trace_files.o: override CFLAGS += -Wno-analyzer-malloc-leak
endif

.PHONY: analyze
analyze: ## gcc's static analyser over lib/ (2 min)
	@.ci/deps build
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/analyze CFLAGS="-O2 -fanalyzer" ANALYZE=1 WERROR=1 \
		$(BUILD)/analyze/librollcall.a

EACH_C_FILE = printf '%s\n' $(filter %.c,$(C_FILES)) | xargs -P $$(getconf _NPROCESSORS_ONLN)
ANALYZER = -*,clang-analyzer-*,-clang-analyzer-valist.Uninitialized
ANALYZER := $(ANALYZER),-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling

.PHONY: analyze-clang
analyze-clang: ## clang's static analyser over each file that is not as it was (10 min; not in .ci/run)
	@.ci/deps lint
	@$(EACH_C_FILE) -n 1 env TIDY_CHECKS='$(ANALYZER)' .ci/tidy $(BUILD)/tidy-analyzer

COUNTS = $(BUILD)/coverage/tests/coverage/counts.o

# with so much of the torture that most of what only a lack of memory reaches is seen
.PHONY: coverage
coverage: ## which lines of lib/ the tests run, and why the others are not (longer than make check)
	@COVERAGE="$(abspath $(BUILD)/coverage)" TORTURE_ALL=150 $(MAKE) --no-print-directory \
		BUILD=$(BUILD)/coverage CFLAGS="-O0 -g --coverage" HARDENED= HARDENED_LD= \
		LDFLAGS="$(COUNTS) -Wl,--wrap=raise,--wrap=_exit,--wrap=sandbox_init" $(COUNTS) check
	@tests/coverage/run $(BUILD)/coverage/lib

.PHONY: fuzzers
fuzzers: $(FUZZERS:%=$(BUILD)/tests/fuzz/%)

FUZZTIME ?= 60
FUZZ_FLAGS = -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all

.PHONY: fuzz
fuzz: ## fuzz each reader for FUZZTIME=60 seconds, a quarter of an hour (FUZZERS="json when": only these)
	@.ci/deps fuzz
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/fuzz CC=clang CFLAGS="-O1 -g $(FUZZ_FLAGS)" \
		HARDENED= HARDENED_LD= LDFLAGS=-fsanitize=fuzzer FUZZ_MAIN= fuzzers
	@BUILD=$(BUILD)/fuzz tests/fuzz/run $(FUZZTIME) $(FUZZERS)

.PHONY: interop
interop: ## read SCIM servers from npm and PyPI that nobody here wrote
	@.ci/deps interop
	@$(MAKE) --no-print-directory all
	@BUILD=$(BUILD) tests/interop/run

.PHONY: scale
scale: ## examples/fleet.sql on Spark and DuckDB (minutes; SIZE=small: DuckDB)
	@.ci/deps scale
	@$(MAKE) --no-print-directory all $(BUILD)/tests/stand-in $(BUILD)/tests/quick-jq
	@BUILD=$(BUILD) SIZE=$(SIZE) tests/scale/run

.PHONY: interop-all
interop-all: ## and those of Django, Go and Java, which take minutes to install
	@.ci/deps interop interop-all
	@$(MAKE) --no-print-directory all
	@BUILD=$(BUILD) tests/interop/run --all

.PHONY: browser
browser: ## look at reports in Chromium: no request, axe-core, filter, print (a minute)
	@.ci/deps browser
	@$(MAKE) --no-print-directory all
	@BUILD=$(BUILD) tests/browser/run

.PHONY: picture
picture: ## make examples/report.png, the picture of README, from the report of the demo
	@.ci/deps browser demo
	@$(MAKE) --no-print-directory -s demo >$(BUILD)/demo.log
	chromium --headless --no-sandbox --hide-scrollbars --window-size=1120,1180 \
		--screenshot=examples/report.png file://$$(cd $(BUILD)/demo && pwd)/report.html 2>/dev/null

SIZE ?= full

.PHONY: bench
bench: ## how fast it is, as ratios (minutes; SIZE=small: a fiftieth of the data)
	@.ci/deps bench
	@$(MAKE) --no-print-directory all $(TOOLS) $(BUILD)/tests/stand-in
	@BUILD=$(BUILD) SIZE=$(SIZE) tests/bench/run

C_FILES = $(wildcard lib/*/*.[ch] cmd/*.[ch] tests/provider/*.[ch] tests/quick-jq/*.[ch] tests/seal/*.c tests/bench/*.[ch] \
	tests/fuzz/*.[ch] tests/torture/*.c tests/coverage/*.c)
SHELL_FILES = .ci/deps .ci/build-link .ci/run .ci/tidy .ci/release .ci/pre-commit tests/lint-rooms tests/demo tests/run-bats tests/fuzz/run tests/coverage/run tests/interop/run tests/scale/run tests/browser/run \
	tests/corpora/fetch tests/bench/run packaging/check packaging/completions/generate packaging/deb/tests/pipeline $(SCRIPTS)

.PHONY: lint
lint: ## format, rooms, linters of C, shell scripts, manual pages (2 min)
	@.ci/deps lint
	clang-format --dry-run -Werror $(C_FILES)
	@$(MAKE) --no-print-directory -s $(ALL_CORES) all
	tests/lint-rooms $(BUILD)/lib
	@echo 'clang-tidy: each file that is not as it was when it last passed'
	@$(EACH_C_FILE) -n 1 .ci/tidy $(BUILD)/tidy
	@echo 'cppcheck: each file'
	@$(EACH_C_FILE) -n 20 cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
		--suppress=missingIncludeSystem --suppress=unknownMacro --suppress=ctuuninitvar \
		--error-exitcode=1 -Ilib
	! grep -nE '\<(strcpy|strcat|sprintf|strncpy|strtok|atoi|sscanf|gmtime|localtime|setlocale|system|popen)\(' \
		lib/*/*.[ch] cmd/*.[ch]
	shellcheck $(SHELL_FILES)
	printf '%s\n' tests/*.bats tests/interop/*.bats tests/scale/*.bats | xargs -P $$(getconf _NPROCESSORS_ONLN) -n 4 shellcheck -s bats
	shellcheck -s bash $(wildcard tests/*.bash) $(wildcard tests/bench/*.bash)
	mandoc -T lint -W warning man/*.[157]

# The same bytes each time: HEAD, sorted, with the time of the commit (or $SOURCE_DATE_EPOCH).
DIST = $(BUILD)/rollcall-$(VERSION).tar.gz

.PHONY: dist
dist: ## a tarball of HEAD in $(BUILD); two of one commit are the same bytes
	@mkdir -p $(BUILD) && rm -rf $(BUILD)/dist && mkdir $(BUILD)/dist
	@git archive --prefix=rollcall-$(VERSION)/ HEAD | tar -xf - -C $(BUILD)/dist
	@tar -C $(BUILD)/dist --sort=name --format=ustar --owner=0 --group=0 --numeric-owner --mode=u+rwX,go+rX,go-w \
		--mtime=@$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct)} -cf - rollcall-$(VERSION) | gzip -9n >$(DIST)
	@rm -rf $(BUILD)/dist && sha256sum $(DIST)

.PHONY: deb
deb: dist ## a Debian package of HEAD in $(BUILD)/deb, and what lintian says of it (1 min)
	@rm -rf $(BUILD)/deb && mkdir $(BUILD)/deb && tar -xzf $(DIST) -C $(BUILD)/deb
	@cp -r $(BUILD)/deb/rollcall-$(VERSION)/packaging/deb $(BUILD)/deb/rollcall-$(VERSION)/debian
	cd $(BUILD)/deb/rollcall-$(VERSION) && env -u MAKEFLAGS -u MAKELEVEL -u BUILD dpkg-buildpackage -us -uc -b -d
	@if command -v lintian >/dev/null; then lintian --fail-on error $(BUILD)/deb/*.changes; else echo 'no lintian here'; fi
	@ls $(BUILD)/deb/*.deb

.PHONY: rpm
rpm: dist ## an RPM package of HEAD in $(BUILD)/rpm, by rpmbuild (1 min)
	@rm -rf $(BUILD)/rpm && mkdir -p $(BUILD)/rpm/SOURCES && cp $(DIST) $(BUILD)/rpm/SOURCES
	env -u MAKEFLAGS -u MAKELEVEL -u BUILD rpmbuild -bb --nodeps --define "_topdir $(abspath $(BUILD))/rpm" packaging/rpm/rollcall.spec
	@ls $(BUILD)/rpm/RPMS/*/*.rpm

.PHONY: packages-check
packages-check: all completions ## build both packages and look at them (3 min; CLEAN_ROOT=DIRECTORY: install there, too)
	@BUILD=$(BUILD) CLEAN_ROOT=$(call quote,$(CLEAN_ROOT)) packaging/check

.PHONY: distcheck
distcheck: ## a tarball of HEAD builds, passes its tests and installs (as make check)
	@$(MAKE) --no-print-directory dist
	rm -rf $(BUILD)/dist && mkdir $(BUILD)/dist
	tar -xzf $(BUILD)/rollcall-$(VERSION).tar.gz -C $(BUILD)/dist
	$(MAKE) -C $(BUILD)/dist/rollcall-$(VERSION) BUILD=build check
	$(MAKE) -C $(BUILD)/dist/rollcall-$(VERSION) BUILD=build DESTDIR="$(abspath $(BUILD))/dist/root" install

.PHONY: release
release: ## tag HEAD as version $(VERSION), with tarball and checksum (DRY_RUN=1: only say what it would do)
	@BUILD=$(BUILD) .ci/release $(if $(DRY_RUN),--dry-run) $(VERSION)
