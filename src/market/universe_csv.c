#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "shares.h"
#include "universe.h"

enum { LIST_MAX = 500 };	/* rows of the exchange's list */

/* The text in double quotes, those inside doubled. */
static int
add_quoted(struct buf *b, const char *s)
{
	const char *q;

	if (buf_adds(b, "\"") != 0)
		return -1;
	while ((q = strchr(s, '"')) != NULL) {
		if (buf_add(b, s, (size_t)(q - s)) != 0 ||
		    buf_adds(b, "\"\"") != 0)
			return -1;
		s = q + 1;
	}
	return buf_adds(b, s) != 0 || buf_adds(b, "\"") != 0 ? -1 : 0;
}

static int
add_dump_row(struct buf *b, const struct inst *i)
{
	char expiry[CLK_DAY] = "", strike[24], tick[24];
	const char *type = inst_kind_name(i->kind);

	if (i->expiry != INST_NO_EXPIRY)
		(void)clk_day_to(i->expiry, expiry);
	if (i->kind == INST_INDEX)
		type = "EQ";
	if (buf_addf(b, "%u,%u,%s,", i->token, i->token >> 8,
	    i->tradingsymbol) != 0 ||
	    (i->name[0] != '\0' && add_quoted(b, i->name) != 0))
		return -1;
	return buf_addf(b, ",0,%s,%s,%s,%u,%s,%s,%s\n", expiry,
	    universe_number(i->strike_e7, strike, sizeof(strike)),
	    universe_number(i->tick_e7, tick, sizeof(tick)), i->lot, type, i->segment,
	    i->exchange);
}

int
universe_dump(struct buf *b, const struct inst_set *set, const char *exchange)
{
	size_t n;

	for (n = 0; n < INST_DUMP_COLS; n++)
		if (buf_addf(b, "%s%s", n == 0 ? "" : ",",
		    inst_dump_cols[n]) != 0)
			return -1;
	if (buf_adds(b, "\n") != 0)
		return -1;
	for (n = 0; n < set->n; n++)
		if ((exchange == NULL ||
		    strcmp(set->v[n].exchange, exchange) == 0) &&
		    add_dump_row(b, &set->v[n]) != 0)
			return -1;
	return 0;
}

/* Does s end in tail? */
static bool
ends(const char *s, const char *tail)
{
	size_t n = strlen(s), m = strlen(tail);

	return n >= m && strcmp(s + n - m, tail) == 0;
}

/* INE, five characters, 01, two digits and the check digit of ISO 6166: Luhn's
 * over the digits with A = 10 .. Z = 35. */
static void
isin_of(const char *symbol, char out[13])
{
	uint32_t h = share_hash(symbol);
	char digits[32];
	int i, n = 0, v, sum = 0;

	(void)snprintf(out, 13, "INE%03u%c01%03u", h % 1000,
	    'A' + (int)(h / 1000 % 26), h / 26000 % 1000);
	out[11] = '\0';
	for (i = 0; i < 11; i++) {
		v = out[i] <= '9' ? out[i] - '0' : out[i] - 'A' + 10;
		if (v > 9)
			digits[n++] = (char)(v / 10);
		digits[n++] = (char)(v % 10);
	}
	for (i = 0; i < n; i++) {
		v = digits[n - 1 - i] * (i % 2 == 0 ? 2 : 1);
		sum += v / 10 + v % 10;
	}
	out[11] = (char)('0' + (10 - sum % 10) % 10);
	out[12] = '\0';
}

/* "MAHINDRA & MAHINDRA" as the exchange writes it: Mahindra & Mahindra Ltd. */
static int
add_company(struct buf *b, const struct inst *i)
{
	char name[80];
	size_t n;
	bool word = false;

	(void)snprintf(name, sizeof(name), "%s Ltd.", i->name);
	for (n = 0; name[n] != '\0'; n++) {
		if (word && name[n] >= 'A' && name[n] <= 'Z')
			name[n] = (char)(name[n] - 'A' + 'a');
		word = (name[n] >= 'A' && name[n] <= 'Z') ||
		    (name[n] >= 'a' && name[n] <= 'z');
	}
	if (strchr(name, ',') != NULL || strchr(name, '"') != NULL)
		return add_quoted(b, name);
	return buf_adds(b, name);
}

static int
add_list_row(struct buf *b, const struct inst *i)
{
	bool be = ends(i->tradingsymbol, "-BE");
	char symbol[64], isin[13];

	(void)snprintf(symbol, sizeof(symbol), "%.*s",
	    (int)(strlen(i->tradingsymbol) - (be ? 3 : 0)), i->tradingsymbol);
	isin_of(symbol, isin);
	if (add_company(b, i) != 0)
		return -1;
	return buf_addf(b, ",%s,%s,%s,%s\n", share_industry(symbol), symbol,
	    be ? "BE" : "EQ", isin);
}

/* A share of a company, as far as the dump lets one see: no fund, no bond, no
 * other series than EQ and BE. */
static bool
is_company(const struct inst *i)
{
	const char *dash = strrchr(i->tradingsymbol, '-');

	if (i->kind != INST_EQ || strcmp(i->segment, "NSE") != 0 ||
	    i->name[0] == '\0' || i->lot != 1 || strstr(i->name, "ETF") ||
	    strstr(i->name, "GOLD BOND") || ends(i->tradingsymbol, "BEES"))
		return false;
	return dash == NULL || strcmp(dash, "-BE") == 0 ||
	    share_known(i->tradingsymbol);
}

static int
by_symbol(const void *a, const void *b)
{
	const struct inst *const *x = a, *const *y = b;

	return strcmp((*x)->tradingsymbol, (*y)->tradingsymbol);
}

static int
by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/*
 * Those with options come first, as large companies do, but not every one of
 * the less known: some with options are not in the real list either, and
 * whoever merges the two must have something to merge.  Gives how many are in
 * pick.
 */
static size_t
choose(const struct inst_set *set, const char **optioned, size_t noption,
    const struct inst **pick)
{
	const struct inst *i;
	size_t n, npick = 0, seen = 0;
	const char *s;
	bool has, want;
	int pass;

	for (pass = 0; pass < 2; pass++)
		for (n = 0; n < set->n && npick < LIST_MAX; n++) {
			i = &set->v[n];
			if (!is_company(i))
				continue;
			s = i->tradingsymbol;
			has = noption > 0 && bsearch(&s, optioned, noption,
			    sizeof(*optioned), by_name) != NULL;
			want = has ? pass == 0 && (share_known(s) ||
			    ++seen % 14 != 0) : pass == 1;
			if (want)
				pick[npick++] = i;
		}
	return npick;
}

int
universe_nifty500(struct buf *b, const struct inst_set *set)
{
	const struct inst *pick[LIST_MAX];
	const char **optioned;
	size_t n, m = 0;
	int rc = -1;

	if ((optioned = malloc((set->n + 1) * sizeof(*optioned))) == NULL)
		return -1;
	for (n = 0; n < set->n; n++)
		if (strcmp(set->v[n].segment, "NFO-OPT") == 0)
			optioned[m++] = set->v[n].name;
	if (m > 0)
		qsort(optioned, m, sizeof(*optioned), by_name);
	m = choose(set, optioned, m, pick);
	qsort(pick, m, sizeof(pick[0]), by_symbol);
	if (buf_adds(b, "Company Name,Industry,Symbol,Series,ISIN Code\n") != 0)
		goto out;
	for (n = 0; n < m; n++)
		if (add_list_row(b, pick[n]) != 0)
			goto out;
	rc = 0;
out:
	free(optioned);
	return rc;
}
