/*
 * ledger - gaps.tsv as das-tick finds it when it starts: refused with a word, or
 * what is written of it reads back the same
 */
#include <string.h>

#include "../../src/market/ledger.c"	/* its static read_rows() */
#include "fuzz.h"

static int
read_text(struct ledger *l, const void *p, size_t n, struct fault *f)
{
	FILE *in = fuzz_stream(p, n);
	struct tsv t;
	int rc;

	*l = (struct ledger){ .rows = 0 };
	*f = (struct fault){ .ex = 0 };
	tsv_init(&t, in, "gaps.tsv");
	rc = read_rows(l, &t, KITE_CONNS_MAX, f);
	tsv_free(&t);
	fclose(in);
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct ledger l, again;
	struct buf a = { 0 }, b = { 0 };
	struct fault f;

	if (read_text(&l, p, n, &f) != 0)
		MUST(f.ex == EX_DATAERR && f.text[0] != '\0');
	else {
		MUST(format_all(&a, &l) == 0);
		MUST(read_text(&again, a.p, a.len, &f) == 0);
		MUST(format_all(&b, &again) == 0);
		MUST(a.len == b.len && memcmp(a.p, b.p, a.len) == 0);
		buf_free(&again.done);
	}
	buf_free(&l.done);
	buf_free(&a);
	buf_free(&b);
	return 0;
}

void
fuzz_seeds(fuzz_add *give)
{
	static const char *const rows[] = {
		"2026-11-25 09:15:00.000000\t2026-11-25 09:15:03.5\t3.500\t1\t"
		"late\t50\tyes\tnot connected at the market's open\n",
		"2026-11-25 09:15:04\t2026-11-25 09:15:04\t0\t0\tslept\t9000\t"
		"yes\tthe machine slept for 2.0 s\n",
		"2026-11-25 09:16:00.5\t\\N\t\\N\t2\tkilled\t50\tno\ta\\tb; c\\n\n",
		"2026-11-25 09:16:00.5\t\\N\t\\N\t3\tdisk\t0\tno\t\n",
		"2026-11-25 09:15:00.5\t\\N\t\\N\t3\treset\t0\tno\tearlier\n",
		"2026-11-25 09:16:00\t2026-11-25 09:15:59\t-1\t1\tclosed\t1\tyes\tx\n",
		"1\t2\t3\t4\t5\t6\t7\t8\n"
	};
	static const char old[] = "from\tto\treason\tinstruments\tconn\n";
	struct buf all = { 0 }, one = { 0 };

	MUST(buf_addf(&all, "%s\n", ledger_header) == 0);
	give(all.p, all.len);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		buf_reset(&one);
		MUST(buf_addf(&one, "%s\n%s", ledger_header, rows[i]) == 0);
		give(one.p, one.len);
		if (i < 5)
			MUST(buf_adds(&all, rows[i]) == 0);
	}
	give(all.p, all.len);
	give(old, sizeof(old) - 1);
	buf_free(&all);
	buf_free(&one);
}
