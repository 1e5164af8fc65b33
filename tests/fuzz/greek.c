/*
 * greek - rows of topic ticks from anybody, into rows of topic ltp: a row is
 * refused with a word, or what comes out reads back, in the order of its times,
 * and none of its numbers is none.  The first byte chooses the mode.
 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "chain.h"
#include "clk.h"
#include "fuzz.h"
#include "greek.h"
#include "ltp.h"
#include "num.h"

#define HEAD	"recvTime\tinstrument_token\tprice\ttimestamp\tlastTradeTime\t" \
	"flag\tbq0\tbp0\tsq0\tsp0\toi\n"

static struct inst_set set;
static struct chains chains;
static struct chain_rules rules = {
	.figure = { .quote = { 10000000, 5000000, 0.1, 2, false },
	    .rate = 0.05, .unc_part = 0.25 }, .carry = NAN, .window = 1 };

static void
add_inst(uint32_t token, enum inst_kind kind, const char *name,
    const char *segment, int64_t strike)
{
	struct inst *i = inst_add(&set);

	MUST(i != NULL);
	*i = (struct inst){ .token = token, .kind = kind, .exchange = "NFO",
	    .strike_e7 = strike * E7, .tick_e7 = 500000,
	    .expiry = kind == INST_INDEX ? INST_NO_EXPIRY : 20786 };
	snprintf(i->name, sizeof(i->name), "%s", name);
	snprintf(i->tradingsymbol, sizeof(i->tradingsymbol), "%s", name);
	snprintf(i->segment, sizeof(i->segment), "%s", segment);
	inst_make_symbol(i);
}

/* An index, its future, and three strikes that expire on 2026-11-29. */
static void
make_chains(void)
{
	static const struct index_def def = { .underlying = "NIFTY",
	    .spot = "NIFTY 50", .spot_exchange = "NFO", .future_segment =
	    "NFO-FUT", .option_segment = "NFO-OPT" };
	static const struct index_def *const one[] = { &def };
	static const char sessions[] = "/tmp/das-fuzz-sessions.tsv";
	struct cal cal = { 0 };
	struct fault f;
	FILE *fp = fopen(sessions, "w");

	MUST(fp != NULL && fputs("exchange\tfrom\tto\tdays\topen\tclose\tnote\n"
	    "NFO\t2000-01-01\t\\N\tMon-Sun\t09:15\t15:30\tall\n", fp) != EOF &&
	    fclose(fp) == 0);
	MUST(cal_sessions(&cal, sessions, &f) == 0);
	remove(sessions);
	add_inst(1, INST_INDEX, "NIFTY 50", "INDICES", 0);
	add_inst(2, INST_FUT, "NIFTY", "NFO-FUT", 0);
	for (uint32_t k = 0; k < 6; k++)
		add_inst(3 + k, k % 2 ? INST_PE : INST_CE, "NIFTY", "NFO-OPT",
		    100 + k / 2);
	MUST(chains_make(&chains, &set, one, 1, &cal, &f) == 0);
	cal_free(&cal);
}

/* What came out, read back. */
static int
look(const char *rows, size_t n, void *arg, struct fault *f)
{
	int64_t *ts = arg;
	char *copy = strndup(rows, n), *p = copy, *row;
	struct tsv tsv;
	struct ltp_in in;
	struct ltp_row r;

	tsv_init(&tsv, NULL, "out");
	MUST(tsv_head(&tsv, ltp_more_header, strlen(ltp_more_header)) == 0);
	MUST(ltp_open(&in, &tsv, f) == 0);
	while ((row = strsep(&p, "\n")) != NULL && *row != '\0') {
		MUST(strstr(row, "nan") == NULL && strstr(row, "inf") == NULL);
		MUST(tsv_row(&tsv, row) == 0 && ltp_take(&in, &tsv, &r, f) == 0);
		MUST(r.ts_us >= *ts);
		*ts = r.ts_us;
		MUST(isnan(r.more.sigma) == isnan(r.delta));
	}
	tsv_free(&tsv);
	free(copy);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	int64_t ts = INT64_MIN;
	struct greek_spec spec = { .chains = &chains, .rules = &rules,
	    .extended = true, .source = "ws", .put = look, .arg = &ts };
	struct fault f = { 0 };
	struct greek g;
	char *text, *nl;

	if (chains.v == NULL)
		make_chains();
	if (n < 1)
		return 0;
	spec.interval_us = p[0] & 1 ? 5000000 : 0;
	rules.all = p[0] & 2;
	rules.figure.quote.ltp_only = p[0] & 4;
	MUST((text = malloc(n + 1)) != NULL);
	memcpy(text, p + 1, n - 1);
	text[n - 1] = '\0';
	MUST(greek_init(&g, &spec, &f) == 0);
	if ((nl = memchr(text, '\n', n - 1)) != NULL) {
		*nl = '\0';
		if (greek_head(&g, text, "input", &f) == 0 && greek_rows(&g,
		    nl + 1, n - 1 - (size_t)(nl + 1 - text), &f) == 0)
			MUST(greek_end(&g, &f) == 0);
		else
			MUST(f.ex == EX_DATAERR && f.text[0] != '\0');
	}
	greek_free(&g);
	free(text);
	return 0;
}

void
fuzz_seeds(fuzz_add *add)
{
	struct buf b = { 0 };

	for (int mode = '0'; mode < '8'; mode++) {
		buf_reset(&b);
		MUST(buf_addf(&b, "%c" HEAD, mode) == 0);
		for (int i = 0; i < 60; i++) {
			int k = i % 8;
			double c = k < 2 ? 101 : 2.5 - 0.4 * (k / 2) +
			    (k % 2 ? 0.3 : 0);

			MUST(buf_addf(&b, "2026-11-25 10:00:%02d.%06d\t%d\t%.2f"
			    "\t2026-11-25 10:00:%02d\t2026-11-25 10:00:%02d\t"
			    "%s\t75\t%.2f\t75\t%.2f\t%d\n", i, i % 7, k + 1, c,
			    i, i, i % 9 ? "-" : "c", c - 0.05, c + 0.05,
			    i * 100) == 0);
		}
		add(b.p, b.len);
	}
	buf_free(&b);
}
