/*
 * universe - the made-up market on many days: tokens, expiries, CSV
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clk.h"
#include "kite.h"
#include "num.h"
#include "universe.h"

static int32_t
day(const char *s)
{
	int32_t d;

	assert_int_equal(clk_day_from(s, &d), 0);
	return d;
}

static struct inst_set
made(const struct cal *cal, int32_t on)
{
	struct inst_set set = { 0 };
	struct fault f;

	if (universe_make(&set, cal, on, &f) != 0)
		fail_msg("%s", f.text);
	return set;
}

static const struct inst *
by_symbol(const struct inst_set *set, const char *exchange, const char *symbol)
{
	for (size_t i = 0; i < set->n; i++)
		if (strcmp(set->v[i].tradingsymbol, symbol) == 0 &&
		    strcmp(set->v[i].exchange, exchange) == 0)
			return &set->v[i];
	return NULL;
}

/* The expiries of the options on name in order, as "2026-05-05 2026-05-12". */
static const char *
expiries(const struct inst_set *set, const char *name, int n)
{
	static char out[400];
	char text[CLK_DAY];
	int32_t last = INST_NO_EXPIRY, next;
	size_t len = 0;

	*out = '\0';
	while (n-- > 0) {
		next = INT32_MAX;
		for (size_t i = 0; i < set->n; i++)
			if (set->v[i].kind >= INST_CE &&
			    strcmp(set->v[i].name, name) == 0 &&
			    set->v[i].expiry > last && set->v[i].expiry < next)
				next = set->v[i].expiry;
		if (next == INT32_MAX)
			break;
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%s",
		    len > 0 ? " " : "", clk_day_to(next, text));
		last = next;
	}
	return out;
}

/* How many tokens das-lookup takes from the set: the list's shares and those
 * with options, three indices, their nearest futures, two expiries. */
static int
selected(const struct inst_set *set)
{
	static const char *const name[] = { "NIFTY", "BANKNIFTY", "SENSEX" };
	int32_t a, b, e;
	int n = 500 + 10 + 3 + 3;

	for (int k = 0; k < 3; k++) {
		a = b = INT32_MAX;
		for (int pass = 0; pass < 2; pass++)
			for (size_t i = 0; i < set->n; i++) {
				if (set->v[i].kind < INST_CE ||
				    strcmp(set->v[i].name, name[k]) != 0)
					continue;
				e = set->v[i].expiry;
				if (pass == 1)
					n += e <= b;
				else if (e < a) {
					b = a;
					a = e;
				} else if (e > a && e < b)
					b = e;
			}
	}
	return n;
}

static int
segment_of(const struct inst *i)
{
	static const struct { const char *name; int code; } s[] = {
		{ "INDICES", KITE_INDICES }, { "NSE", KITE_NSE },
		{ "BSE", KITE_BSE }, { "NFO-FUT", KITE_NFO },
		{ "NFO-OPT", KITE_NFO }, { "BFO-FUT", KITE_BFO },
		{ "BFO-OPT", KITE_BFO }
	};

	for (size_t n = 0; n < sizeof(s) / sizeof(s[0]); n++)
		if (strcmp(s[n].name, i->segment) == 0)
			return s[n].code;
	return -1;
}

static void
many_days(void **state)
{
	struct cal cal = { 0 };
	int32_t last = day("2030-12-20");

	(void)state;
	for (int32_t d = day("2019-01-01"); d < last; d += 97) {
		struct inst_set set = made(&cal, d);

		for (size_t i = 0; i < set.n; i++) {
			const struct inst *x = &set.v[i];

			assert_int_equal(x->token & 255, segment_of(x));
			assert_true(x->token < INT32_MAX);
			assert_true(i == 0 || x->token > x[-1].token);
			if (x->kind == INST_INDEX || x->kind == INST_EQ) {
				assert_int_equal(x->expiry, INST_NO_EXPIRY);
				continue;
			}
			assert_in_range(x->expiry, d, d + 130);
			assert_in_range(clk_weekday(x->expiry), 1, 5);
			assert_true(x->lot > 0 && x->tick_e7 > 0);
			assert_true(x->kind == INST_FUT || x->strike_e7 > 0);
		}
		assert_in_range(selected(&set), 2000, 2900);
		assert_int_equal(by_symbol(&set, "NSE", "NIFTY 50")->token,
		    256265);
		assert_int_equal(by_symbol(&set, "NSE", "NIFTY BANK")->token,
		    260105);
		assert_int_equal(by_symbol(&set, "BSE", "SENSEX")->token, 265);
		inst_free(&set);
	}
}

/* Real expiries, from what the exchanges listed on those days. */
static void
real_expiries(void **state)
{
	static const char *const holidays[] = { "2023-10-24", "2024-08-15",
	    "2024-12-25", "2026-05-01", "2026-05-28", "2026-06-26", "2026-11-24" };
	static const struct { const char *on, *name, *want; } row[] = {
		{ "2019-01-15", "NIFTY", "2019-01-31" },
		{ "2019-06-03", "NIFTY", "2019-06-06 2019-06-13 2019-06-20" },
		{ "2019-06-03", "BANKNIFTY", "2019-06-06 2019-06-13" },
		{ "2023-10-23", "BANKNIFTY",
		    "2023-10-26 2023-11-01 2023-11-08" },
		{ "2023-10-23", "SENSEX", "2023-10-27 2023-11-03" },
		{ "2024-08-12", "NIFTY", "2024-08-14 2024-08-22 2024-08-29" },
		{ "2024-12-02", "BANKNIFTY",
		    "2024-12-24 2025-01-30 2025-02-27" },
		{ "2025-03-03", "SENSEX", "2025-03-04 2025-03-11" },
		{ "2025-08-25", "NIFTY", "2025-08-28 2025-09-02 2025-09-09" },
		{ "2026-05-05", "NIFTY",
		    "2026-05-05 2026-05-12 2026-05-19 2026-05-26 2026-06-02" },
		{ "2026-05-08", "BANKNIFTY",
		    "2026-05-26 2026-06-30 2026-07-28" },
		{ "2026-05-08", "SENSEX",
		    "2026-05-14 2026-05-21 2026-05-27 2026-06-04" },
		{ "2026-05-08", "RELIANCE", "2026-05-26" },
		{ "2026-11-23", "NIFTY", "2026-11-23 2026-12-01" },
	};
	struct cal cal = { 0 };
	const char *got;

	(void)state;
	for (size_t i = 0; i < sizeof(holidays) / sizeof(holidays[0]); i++)
		assert_int_equal(cal_holiday_add(&cal, day(holidays[i])), 0);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct inst_set set = made(&cal, day(row[i].on));

		got = expiries(&set, row[i].name,
		    1 + (int)strlen(row[i].want) / 11);
		if (strcmp(got, row[i].want) != 0)
			fail_msg("%s on %s: %s, not %s", row[i].name,
			    row[i].on, got, row[i].want);
		inst_free(&set);
	}
	cal_free(&cal);
}

static void
symbols(void **state)
{
	struct cal cal = { 0 };
	struct inst_set set, later;
	const struct inst *i, *j;

	(void)state;
	assert_int_equal(cal_holiday_add(&cal, day("2026-05-28")), 0);
	set = made(&cal, day("2026-05-05"));
	assert_non_null(i = by_symbol(&set, "NFO", "NIFTY2650524050CE"));
	assert_int_equal(i->kind, INST_CE);
	assert_int_equal(i->expiry, day("2026-05-05"));
	assert_int_equal(i->strike_e7, INT64_C(24050) * E7);
	assert_string_equal(i->name, "NIFTY");
	assert_string_equal(i->segment, "NFO-OPT");
	assert_non_null(by_symbol(&set, "NFO", "NIFTY26MAY24050PE"));
	assert_non_null(by_symbol(&set, "NFO", "NIFTY26MAYFUT"));
	assert_non_null(by_symbol(&set, "NFO", "BANKNIFTY26JUNFUT"));
	/* moved back by a holiday, and monthly all the same */
	assert_non_null(i = by_symbol(&set, "BFO", "SENSEX26MAYFUT"));
	assert_int_equal(i->expiry, day("2026-05-27"));
	assert_string_equal(i->segment, "BFO-FUT");
	assert_non_null(by_symbol(&set, "NSE", "M&M"));
	assert_non_null(by_symbol(&set, "BSE", "M&M"));
	assert_non_null(by_symbol(&set, "NSE", "BAJAJ-AUTO"));
	assert_non_null(by_symbol(&set, "NSE", "ARE&M"));
	assert_non_null(by_symbol(&set, "NSE", "360ONE"));
	assert_non_null(by_symbol(&set, "NSE", "NIFTYBEES"));
	/* a contract keeps its token from day to day */
	later = made(&cal, day("2026-05-06"));
	assert_null(by_symbol(&later, "NFO", "NIFTY2650524050CE"));
	assert_non_null(i = by_symbol(&set, "NFO", "NIFTY2651224050CE"));
	assert_non_null(j = by_symbol(&later, "NFO", "NIFTY2651224050CE"));
	assert_int_equal(i->token, j->token);
	inst_free(&later);
	inst_free(&set);
	/* October to December are letters */
	set = made(&cal, day("2026-10-05"));
	assert_non_null(by_symbol(&set, "NFO", "NIFTY26O0625000CE"));
	inst_free(&set);
	cal_free(&cal);
}

/* ---- CSV ---- */

/* Splits a line of CSV in place: quotes around a field, doubled inside. */
static size_t
split(char *line, const char **field, size_t max)
{
	size_t n = 0;
	char *w;

	while (n < max) {
		field[n++] = w = line;
		if (*line == '"') {
			for (line++; *line != '\0'; *w++ = *line++)
				if (*line == '"' && *++line != '"')
					break;
		} else {
			w = line += strcspn(line, ",");
		}
		if (*line == '\0') {
			*w = '\0';
			break;
		}
		assert_int_equal(*line++, ',');
		*w = '\0';
	}
	return n;
}

/* The next line of the text, cut off; NULL at the end. */
static char *
next_line(char **text)
{
	char *line = *text, *end = strchr(line, '\n');

	if (end == NULL)
		return NULL;
	*end = '\0';
	*text = end + 1;
	return line;
}

static const char head[] = "instrument_token,exchange_token,tradingsymbol,"
    "name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,"
    "exchange\n265,1,SENSEX,\"SENSEX\",0,,0,0,0,EQ,INDICES,BSE\n";

static void
dump(void **state)
{
	struct cal cal = { 0 };
	struct inst_set set = made(&cal, day("2026-05-05"));
	const char *field[INST_DUMP_COLS];
	struct buf b = { 0 }, again = { 0 };
	const struct inst *i;
	struct inst got;
	struct fault f;
	char *line, *p;
	size_t n = 0;

	(void)state;
	assert_int_equal(universe_dump(&b, &set, NULL), 0);
	assert_int_equal(strncmp(b.p, head, sizeof(head) - 1), 0);
	assert_non_null(strstr(b.p, "\n519937,2031,M&M,\"MAHINDRA & MAHINDRA\""
	    ",0,,0,0.01,1,EQ,NSE,NSE\n"));
	assert_non_null(strstr(b.p, ",\"NIFTY\",0,2026-05-05,24050,0.05,65,CE,"
	    "NFO-OPT,NFO\n"));
	p = b.p;
	assert_non_null(next_line(&p));
	for (; (line = next_line(&p)) != NULL; n++) {
		assert_int_equal(split(line, field, INST_DUMP_COLS),
		    INST_DUMP_COLS);
		if (inst_from_dump(&got, field, &f) != 0)
			fail_msg("row %zu: %s", n, f.text);
		i = &set.v[n];
		assert_int_equal(got.token, i->token);
		assert_int_equal(got.kind, i->kind);
		assert_int_equal(got.expiry, i->expiry);
		assert_int_equal(got.strike_e7, i->strike_e7);
		assert_int_equal(got.tick_e7, i->tick_e7);
		assert_int_equal(got.lot, i->lot);
		assert_string_equal(got.name, i->name);
		assert_string_equal(got.tradingsymbol, i->tradingsymbol);
		assert_string_equal(got.segment, i->segment);
		assert_string_equal(got.exchange, i->exchange);
	}
	assert_int_equal(n, set.n);
	buf_reset(&b);
	assert_int_equal(universe_dump(&b, &set, "BFO"), 0);
	assert_null(strstr(b.p, ",NSE\n"));
	assert_non_null(strstr(b.p, ",SENSEX26MAYFUT,"));
	/* the same day, the same bytes */
	inst_free(&set);
	set = made(&cal, day("2026-05-05"));
	assert_int_equal(universe_dump(&again, &set, "BFO"), 0);
	assert_int_equal(b.len, again.len);
	assert_memory_equal(b.p, again.p, b.len);
	buf_free(&b);
	buf_free(&again);
	inst_free(&set);
}

static void
quoting(void **state)
{
	struct inst_set set = { 0 };
	struct buf b = { 0 };
	struct inst *i = inst_add(&set);

	(void)state;
	assert_non_null(i);
	memset(i, 0, sizeof(*i));
	i->token = 257;
	i->kind = INST_EQ;
	i->expiry = INST_NO_EXPIRY;
	i->strike_e7 = INT64_C(1025) * E7 / 10;
	i->tick_e7 = E7 / 400;
	i->lot = 1;
	snprintf(i->exchange, sizeof(i->exchange), "NSE");
	snprintf(i->segment, sizeof(i->segment), "NSE");
	snprintf(i->tradingsymbol, sizeof(i->tradingsymbol), "ODD");
	assert_int_equal(universe_dump(&b, &set, "NSE"), 0);
	assert_non_null(strstr(b.p, "\n257,1,ODD,,0,,102.5,0.0025,1,EQ,NSE,"
	    "NSE\n"));
	snprintf(i->name, sizeof(i->name), "THE \"ODD\", CO");
	buf_reset(&b);
	assert_int_equal(universe_dump(&b, &set, "NSE"), 0);
	assert_non_null(strstr(b.p, ",ODD,\"THE \"\"ODD\"\", CO\",0,"));
	buf_reset(&b);
	assert_int_equal(universe_nifty500(&b, &set), 0);
	assert_non_null(strstr(b.p, "\n\"The \"\"Odd\"\", Co Ltd.\","));
	buf_free(&b);
	inst_free(&set);
}

/* ISO 6166: letters are two digits, every second digit from the right counts
 * double, and the sum of digits ends in 0. */
static bool
isin_ok(const char *s)
{
	int sum = 0, place = 0, v;

	if (strlen(s) != 12)
		return false;
	for (int i = 11; i >= 0; i--) {
		v = s[i] <= '9' ? s[i] - '0' : s[i] - 'A' + 10;
		for (; v >= 0; v = v > 9 ? v / 10 : -1) {
			int d = v % 10 * (place++ % 2 + 1);

			sum += d / 10 + d % 10;
		}
	}
	return sum % 10 == 0;
}

static bool
has_options(const struct inst_set *set, const char *name)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->v[i].kind == INST_CE &&
		    strcmp(set->v[i].name, name) == 0)
			return true;
	return false;
}

static void
list(void **state)
{
	struct cal cal = { 0 };
	struct inst_set set = made(&cal, day("2026-05-05"));
	const char *field[5];
	char *line, *p, *all;
	struct buf b = { 0 };
	char symbol[80];
	int n = 0, be = 0, optioned = 0, in_dump = 0;

	(void)state;
	assert_true(isin_ok("INE009A01021") && !isin_ok("INE009A01022"));
	assert_int_equal(universe_nifty500(&b, &set), 0);
	assert_non_null(all = strdup(b.p));
	p = b.p;
	assert_string_equal(next_line(&p),
	    "Company Name,Industry,Symbol,Series,ISIN Code");
	for (; (line = next_line(&p)) != NULL; n++) {
		assert_int_equal(split(line, field, 5), 5);
		assert_non_null(strstr(field[0], " Ltd."));
		assert_true(*field[1] != '\0' && isin_ok(field[4]));
		assert_true(strcmp(field[3], "EQ") == 0 ||
		    strcmp(field[3], "BE") == 0);
		be += *field[3] == 'B';
		snprintf(symbol, sizeof(symbol), "%s%s", field[2],
		    *field[3] == 'B' ? "-BE" : "");
		in_dump += by_symbol(&set, "NSE", symbol) != NULL;
		optioned += has_options(&set, field[2]);
	}
	assert_int_equal(n, 500);
	assert_int_equal(in_dump, 500);
	assert_int_equal(be, 1);
	assert_int_equal(optioned, 190);	/* 10 are left for the merge */
	assert_non_null(strstr(all, ",M&M,EQ,"));
	assert_non_null(strstr(all, ",3MINDIA,EQ,"));
	assert_non_null(strstr(all, ",BAJAJ-AUTO,EQ,"));
	assert_null(strstr(all, "BEES,"));
	free(all);
	buf_free(&b);
	inst_free(&set);
}

int
main(void)
{
	const struct CMUnitTest t[] = {
		cmocka_unit_test(many_days),
		cmocka_unit_test(real_expiries),
		cmocka_unit_test(symbols),
		cmocka_unit_test(dump),
		cmocka_unit_test(quoting),
		cmocka_unit_test(list),
	};

	return cmocka_run_group_tests(t, NULL, NULL);
}
