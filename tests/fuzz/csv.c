/*
 * csv - lists and dumps from outside: a good row has one field a column and,
 * written again, reads back the same; rows as instruments are refused or whole
 */
#include <string.h>

#include "csv.h"
#include "fault.h"
#include "fuzz.h"
#include "inst.h"

/* Writes the fields under a header of as many columns, and reads them. */
static void
again(char *const *field, int nf)
{
	struct buf b = { 0 };
	struct csv c;
	FILE *in;

	for (int i = 0; i < nf; i++)
		MUST(buf_addf(&b, "%sc%d", i > 0 ? "," : "", i) == 0);
	for (int i = 0; i < nf; i++)
		MUST(buf_adds(&b, i > 0 ? "," : "\n") == 0 &&
		    csv_field(&b, field[i]) == 0);
	MUST(buf_adds(&b, "\n") == 0);
	in = fuzz_stream(b.p, b.len);
	MUST(csv_open(&c, in, "again") == 0);
	/* one empty field is an empty line, and a row may grow too long */
	if ((nf > 1 || *field[0] != '\0') && b.len < CSV_ROW) {
		MUST(csv_next(&c) == CSV_OK && c.nf == nf);
		for (int i = 0; i < nf; i++)
			MUST(strcmp(c.f[i], field[i]) == 0);
		MUST(csv_next(&c) == CSV_END && !c.torn);
	}
	csv_close(&c);
	fclose(in);
	buf_free(&b);
}

/* A row of the broker's dump. */
static void
instrument(char *const *field)
{
	struct inst i, back;
	struct buf b = { 0 };
	struct fault f = { 0 };

	if (inst_from_dump(&i, (const char *const *)field, &f) != 0) {
		MUST(f.ex == EX_DATAERR && f.text[0] != '\0');
		return;
	}
	inst_make_symbol(&i);
	back = i;
	if (inst_table_name(i.symbol, back.table, sizeof(back.table),
	    &f) == 0)
		MUST(inst_table_ok(back.table) && inst_name_ok(back.table));
	MUST(inst_format(&b, &back) == 0 && b.p[b.len - 1] == '\n');
	MUST(memchr(b.p, '\n', b.len) == b.p + b.len - 1);
	(void)inst_option_expiry(&i);
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	FILE *in = fuzz_stream(p, n);
	struct csv c;
	enum csv_rc rc;
	size_t rows = 0;

	MUST(csv_open(&c, in, "input") == 0);
	(void)csv_col(&c, "instrument_token");
	MUST(csv_columns(&c) <= CSV_COLS);
	while ((rc = csv_next(&c)) == CSV_OK || rc == CSV_BAD) {
		MUST(rows++ <= n);		/* it comes to an end */
		if (rc == CSV_BAD) {
			MUST(c.why != NULL);
			continue;
		}
		MUST(c.nf == csv_columns(&c));
		again(c.f, c.nf);
		if (c.nf == INST_DUMP_COLS)
			instrument(c.f);
	}
	MUST(rc == CSV_END || c.why != NULL);
	csv_close(&c);
	fclose(in);
	return 0;
}

void
fuzz_seeds(fuzz_add *add)
{
	static const char *const text[] = {
		"", "a,b\n", "a,b\n1,2\n", "\xef\xbb\xbf" "a\r\n1\r\n\r\n2",
		"a,b\r1,2\r3,4", "a\n\"x\"\"y\"\n\"1,\n2\"\n",
		"a\n\"not closed\n", "a\nb\"c\n", "<html>\n", "a,b\n1\n1,2,3\n",
		"a\n\" b \"\n", "instrument_token,exchange_token,tradingsymbol,"
		"name,last_price,expiry,strike,tick_size,lot_size,"
		"instrument_type,segment,exchange\n"
		"408065,1594,INFY,INFOSYS,0,,0,0.05,1,EQ,NSE,NSE\n"
		"256265,1001,NIFTY 50,NIFTY 50,0,,0,0,0,EQ,INDICES,NSE\n"
		"12602626,49229,NIFTY26NOV26000CE,\"NIFTY\",0.0,2026-11-24,"
		"26000.0,0.05,75,CE,NFO-OPT,NFO\n"
		"12602882,49230,NIFTY26NOVFUT,NIFTY,0,2026-11-24,0,0.05,75,"
		"FUT,NFO-FUT,NFO\n"
	};

	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++)
		add(text[i], strlen(text[i]));
}
