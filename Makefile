# DAS - GNU make, one file; reads as the table of contents.
#
#	make demo	a whole trading day against the simulator
#	make test	builds and checks everything
#	make all	the programs, into bin/
#	make bench	figures as TSV; B=name for one of them
#	make fuzz	hostile input, with clang; F=name for one, FUZZ_SECONDS=60
#	make install	PREFIX=/usr/local, DESTDIR honoured
#
# SAN=address,undefined builds and tests with sanitizers, in build-san/.

VERSION = 0.1
PREFIX  = /usr/local
MAN     = $(PREFIX)/share/man
UNITDIR = $(PREFIX)/lib/systemd/system
JOBS    = 2
BUILD   = build$(if $(SAN),-san)
FUZZ_SECONDS = 60
BIN     = $(if $(SAN),$(BUILD)/bin,bin)

# The modules, a folder a layer: src/base, src/market, src/io.
BASE    = append buf child clk crc fault file flat glob hold hreq jump lock \
	  mime msg names num opt replace reserve retry ring room spool stop \
	  syncer tsv workers wsf wsfs wshs wsurl
MARKET  = arbiter black black_avx2 black_far black_iv black_near cal calc \
	  capseg capture chain chain_make choose confirm desk drift expiry extend \
	  fair feed figure forward greek group indices inst keep kite ledger \
	  list ltp ltpsift model normal pack packfile packmodel packrow \
	  packtok pairs plan pulse quiet quote quotein rans rans_r rejects \
	  rowimage rowsum session shares sift spoil subs tally texts tick tickin \
	  universe universe_csv unpack walk
IO      = access archive aseg asums castask castbook castchan castclient castdepth \
	  castevents castfeed castfill casthost casthttp castinst castline castnet \
	  castout castpage castpeer castplace castport castreq castsay castsock \
	  castspec castsub castup castwait castwatch castwire cert \
	  chainday conf csv dayinst dayreport days dbs dns dump expect fetch \
	  filing form gaps gz health hol http js \
	  lines listfile live load load_ltp load_ticks login my my_stmt nse \
	  profile record renew rows serve simclient simconf simdump simfault \
	  simfeed simkite simlist simmail simreply simsrc smtp sq sqlwords \
	  status store store_maria store_maria_ask store_maria_count \
	  store_maria_done store_maria_file store_maria_load \
	  store_maria_tables store_split store_split_load \
	  store_sqlite store_sqlite_ask store_sqlite_file store_sqlite_load \
	  store_sqlite_main store_sqlite_month store_sqlite_tables subconn \
	  sublink subrow sum ticker tls tlss totp underlyings verdict wire ws wsz zst

# The programs: src/das-*.c, and what is tracked in bin/.
TOOLS   = das-backup das-cast das-config das-expiry das-follow das-gap \
	  das-greeks das-holiday das-load das-lookup das-mail das-n500 das-query \
	  das-sim das-sub das-tick das-token
SHELL_TOOLS = das-ctl das-demo das-export das-main das-pull das-report das-status das-verify
UNITFILES = das-cast.service das-greeks.service das-load@.service \
	  das-main.service das-main.timer
SHIPPED = expiries.tsv holidays.tsv indices.tsv sessions.tsv

# Tests: tests/*.t, these units of cmocka, and what the former call.
UNITS   = arbiter base black black_iv cal capture cert chain child conf \
	  confirm csv drift feed flat gaps glob greek hold hreq inst kite ledger \
	  ltp mime model pack quiet quote rejects ring room session sim spoil \
	  spool sqlwords store store_day store_ltp store_sqlite syncer tally \
	  tick totp universe walk workers ws wsf wsfs wshs zst
HELPERS = baddisk.so badserver badticker benchblack benchcast benchchain \
	  benchday benchdecode benchdrain benchfeed benchpack castpoke \
	  mkcapture powercut.so refuse.so wsclient

# Fuzz targets: tests/fuzz/*.c.
FUZZ    = black capture cast csv feed flat greek hol hreq kite ledger pack text tickin \
	  tsv wsf wsfs wshs

# Each library stands behind one adapter in src/io; --as-needed leaves out of a
# tool what it does not use.
LIBS    = -lcurl -lmariadb -lwebsockets -lssl -lcrypto -loath -lsqlite3 \
	  -lzstd -lcsv -ljansson -lz

CC      = gcc
CFLAGS  = -O2 -g
STD     = -std=c11 -D_GNU_SOURCE -DDAS_VERSION='"$(VERSION)"'
WARN    = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	  -Wwrite-strings -Wformat=2
FSAN    = $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all)
INC     = -iquote src/base -iquote src/market -iquote src/io
OBJS    = $(BASE:%=$(BUILD)/base/%.o) $(MARKET:%=$(BUILD)/market/%.o) $(IO:%=$(BUILD)/io/%.o)

all: $(TOOLS:%=$(BIN)/%) $(if $(SAN),$(BUILD)/lookup)
$(BUILD)/lookup:			# where the programs look for what we ship
	ln -sfn ../lookup $@

$(BUILD)/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(STD) $(WARN) $(INC) $(CFLAGS) $(CPPFLAGS) $(FSAN) -MMD -c -o $@ $<
# black gives the same bits on every machine: no FMA where it can be had; and wants
# no errno of sqrt().
$(addprefix $(BUILD)/market/,black.o black%.o normal.o): STD += -ffp-contract=off -fno-math-errno
# The page goes into the program as it is (.incbin).
$(BUILD)/io/castpage.o: src/clients/page/das.html
%.h: ;		# one that is gone: what included it is compiled anew
$(BUILD)/libdas.a: $(OBJS)
	@rm -f $@
	$(AR) rcs $@ $^
$(BIN)/das-%: $(BUILD)/das-%.o $(BUILD)/libdas.a
	@mkdir -p $(@D)
	$(CC) $(FSAN) $(LDFLAGS) -o $@ $^ -Wl,--as-needed $(LDLIBS) $(LIBS) -lm -lpthread

# Unit tests: one program a file, with the module's .c or the library.
$(BUILD)/tests/%: tests/%.c $(BUILD)/libdas.a
	@mkdir -p $(@D)
	$(CC) $(STD) $(WARN) $(INC) -Isrc $(CFLAGS) $(CPPFLAGS) $(FSAN) -MMD -o $@ $< $(BUILD)/libdas.a \
	    -Wl,--as-needed $(LDLIBS) -lcmocka $(LIBS) -lm -lpthread

# 113 bits to compare with come with gcc, on machines that have them.
$(addprefix $(BUILD)/tests/,benchblack black black_iv): LIBS += \
    $(if $(filter x86_64,$(shell uname -m)),-lquadmath)

# Fuzz targets have sanitizers always, and so a build of their own: build/fuzz
# with our driver, build/libfuzzer with clang's.
$(BUILD)/fuzz-%: tests/fuzz/%.c $(FUZZ_MAIN) tests/fuzz/seed.c tests/fuzz/fuzz.h \
    $(BUILD)/libdas.a
	@mkdir -p $(@D)
	$(CC) $(STD) $(WARN) $(INC) $(CFLAGS) $(CPPFLAGS) $(FSAN) $(FUZZ_LINK) -o $@ \
	    $(filter-out %.h,$^) -Wl,--as-needed $(LDLIBS) $(LIBS) -lm -lpthread
fuzz-driver:
	@$(MAKE) -s BUILD=build/fuzz CFLAGS='-O1 -g' FUZZ_MAIN=tests/fuzz/driver.c \
	    FSAN='-fsanitize=address,undefined -fno-sanitize-recover=all' \
	    $(FUZZ:%=build/fuzz/fuzz-%)
fuzz: fuzz-driver
	@command -v clang >/dev/null || { echo 'make fuzz needs clang' >&2; exit 69; }
	@$(MAKE) -s CC=clang BUILD=build/libfuzzer CFLAGS='-O1 -g' FUZZ_LINK=-fsanitize=fuzzer \
	    FSAN='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' \
	    $(FUZZ:%=build/libfuzzer/fuzz-%)
	@FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/run $(or $(F),$(FUZZ))

# What is loaded into a program (LD_PRELOAD): never with sanitizers.
$(BUILD)/tests/%.so: tests/%.c
	@mkdir -p $(@D)
	$(CC) $(STD) $(WARN) $(CFLAGS) -fPIC -shared -o $@ $<

CHECKED = all fuzz-driver $(UNITS:%=$(BUILD)/tests/%) \
	  $(HELPERS:%=$(BUILD)/tests/%)
check: $(CHECKED)
	CMOCKA_MESSAGE_OUTPUT=tap \
	    PATH="$(CURDIR)/$(BIN):$(CURDIR)/bin:$(CURDIR)/$(BUILD)/tests:$$PATH" \
	    prove -j$(JOBS) -e '' tests/*.t $(UNITS:%=$(BUILD)/tests/%)

# The two commands: each brings what the machine lacks, builds, and runs.
packages:
	@etc/ensure-packages
demo: packages
	@$(MAKE) -s -j2 all
	@PATH="$(CURDIR)/bin:$$PATH" das-demo -d build/demo
test:
	@etc/ensure-packages -o
	@$(MAKE) -s -j2 $(CHECKED)
	@$(MAKE) -s check

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/das/lookup \
	    $(DESTDIR)$(PREFIX)/share/das/cron $(DESTDIR)$(MAN)/man1 \
	    $(DESTDIR)$(MAN)/man5 $(DESTDIR)$(MAN)/man7
	install -m 755 $(TOOLS:%=$(BIN)/%) $(SHELL_TOOLS:%=bin/%) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(SHIPPED:%=lookup/%) $(DESTDIR)$(PREFIX)/share/das/lookup
	install -m 644 cron/* $(DESTDIR)$(PREFIX)/share/das/cron
	cd src/clients && find python js -type f \( -name '*.py' -o -name '*.js*' -o \
	    -name '*.toml' \) -exec install -D -m 644 {} \
	    $(DESTDIR)$(PREFIX)/share/das/{} \;
	install -m 644 bin/das.sh bin/doctor.sh $(DESTDIR)$(PREFIX)/share/das
	install -d $(DESTDIR)$(UNITDIR)
	for u in $(UNITFILES); do \
	    sed 's,/usr/local/bin/,$(PREFIX)/bin/,' etc/systemd/$$u >$(DESTDIR)$(UNITDIR)/$$u; done
	for s in 1 5 7; do install -m 644 man/*.$$s $(DESTDIR)$(MAN)/man$$s; done
uninstall:
	cd $(DESTDIR)$(PREFIX)/bin && rm -f $(TOOLS) $(SHELL_TOOLS)
	cd $(DESTDIR)$(MAN) && rm -f $(patsubst man/%.1,man1/%.1,$(wildcard man/*.1)) \
	    $(patsubst man/%.5,man5/%.5,$(wildcard man/*.5)) \
	    $(patsubst man/%.7,man7/%.7,$(wildcard man/*.7))
	cd $(DESTDIR)$(UNITDIR) && rm -f $(UNITFILES)
	rm -rf $(DESTDIR)$(PREFIX)/share/das

bench: all $(HELPERS:%=$(BUILD)/tests/%)
	@tests/bench $(B)

lint:
	shellcheck -x $(SHELL_TOOLS:%=bin/%) etc/ensure-packages .ci/run tests/bench tests/fuzz/run tests/tap.sh
	shellcheck -x -e SC1091,SC2154,SC2016 tests/*.t
	mandoc -Tlint -Wwarning man/*.[1-8]
	cppcheck --quiet --enable=warning,portability --inline-suppr $(INC) src

clean:
	rm -rf build build-san $(TOOLS:%=bin/%)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.PHONY: all bench check clean demo fuzz fuzz-driver install lint packages test uninstall
.SECONDARY: $(TOOLS:%=$(BUILD)/%.o)
.DELETE_ON_ERROR:
