# SPDX-License-Identifier: ISC
# rollcall: `make help` lists the targets. Nothing is built outside $(BUILD).

VERSION   = 0.1.0
CC       ?= cc
CFLAGS   ?= -O2 -g
PREFIX   ?= /usr/local
DESTDIR  ?=
BUILD    ?= build
# `normalize` is a common word: PROGPREFIX=rollcall- renames the programs when installing
PROGPREFIX ?=
WERROR   ?=

PROGRAMS = scim-fetch normalize diff-snapshot scalr-fetch
FETCHERS = scim-fetch scalr-fetch

WARNINGS = -Wall -Wextra -Wformat=2 -Wconversion -Wshadow -Wstrict-prototypes -Wvla \
	-Wimplicit-fallthrough -Wnull-dereference $(if $(WERROR),-Werror)
HARDENED ?= -fstack-protector-strong -fstack-clash-protection -fcf-protection=full \
	-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -ftrivial-auto-var-init=zero -fPIE
HARDENED_LD ?= -pie -Wl,-z,relro,-z,now,-z,noexecstack
PKGS = libcurl yyjson libcrypto
# a function call, not :=, so that `make deps` and `make help` work without the libraries
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS))
CPPFLAGS_ALL = -std=c11 -D_GNU_SOURCE -DROLLCALL_VERSION='"$(VERSION)"' -Ilib $(PKG_CFLAGS) $(CPPFLAGS)
COMPILE = $(CC) $(CPPFLAGS_ALL) $(WARNINGS) $(HARDENED) $(CFLAGS) -MMD -MP

LIB_OBJS = $(patsubst lib/%.c,$(BUILD)/lib/%.o,$(wildcard lib/*.c))
ALL_PROGRAMS = $(PROGRAMS:%=$(BUILD)/%)

.PHONY: all
all: $(ALL_PROGRAMS) ## build the programs

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

$(BUILD)/librollcall.a: $(LIB_OBJS)
	@rm -f $@
	$(AR) rcs $@ $^

$(FETCHERS:%=$(BUILD)/%): $(BUILD)/cmd/fetch_command.o

$(ALL_PROGRAMS): $(BUILD)/%: $(BUILD)/cmd/%.o $(BUILD)/cmd/command.o $(BUILD)/librollcall.a
	$(CC) $(CFLAGS) $(HARDENED_LD) $(LDFLAGS) -o $@ $(filter %.o,$^) $(BUILD)/librollcall.a -Wl,--as-needed \
		$(shell pkg-config --libs $(PKGS))

$(BUILD)/tests/stand-in: $(wildcard tests/provider/*.c tests/provider/*.h)
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS) -o $@ tests/provider/*.c \
		$(shell pkg-config --cflags --libs libmicrohttpd yyjson) -lpthread

-include $(wildcard $(BUILD)/lib/*.d $(BUILD)/cmd/*.d)

.PHONY: clean
clean: ## remove what was built
	rm -rf $(BUILD)

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20
