#include <stdio.h>
#include <string.h>

#include "clk.h"
#include "ledger.h"
#include "tsv.h"

enum { HELD_MAX = 1 << 20 };

const char ledger_header[] = "from\tto\treason\tinstruments\tconn";

static size_t
put(void *arg, const void *p, size_t n, struct fault *f)
{
	return append_put(arg, p, n, f) == 0 ? n : 0;
}

int
ledger_open(struct ledger *l, const char *path, struct fault *f)
{
	*l = (struct ledger){ .hold = { .max = HELD_MAX, .put = put } };
	l->hold.arg = &l->file;
	return append_open(&l->file, path, ledger_header, f);
}

void
ledger_begin(struct ledger *l, uint32_t conn, int64_t from_us,
    const char *reason)
{
	if (l->gap[conn - 1].from_us != 0)
		return;
	l->gap[conn - 1].from_us = from_us;
	snprintf(l->gap[conn - 1].reason, sizeof(l->gap[0].reason), "%s",
	    reason);
}

void
ledger_end(struct ledger *l, uint32_t conn, int64_t to_us, size_t instruments)
{
	char from[CLK_TEXT], to[CLK_TEXT];
	struct buf b = { 0 };

	if (l->gap[conn - 1].from_us == 0)
		return;
	/* Without memory the gap stays open, and is ended by the next tick. */
	if (buf_addf(&b, "%s\t%s\t", clk_to_ist(l->gap[conn - 1].from_us, from),
	    clk_to_ist(to_us, to)) == 0 &&
	    tsv_add(&b, l->gap[conn - 1].reason) == 0 &&
	    buf_addf(&b, "\t%zu\t%u\n", instruments, (unsigned)conn) == 0 &&
	    hold_put(&l->hold, b.p, b.len) >= 0) {
		l->rows++;
		l->gap[conn - 1].from_us = 0;
	}
	buf_free(&b);
}

int64_t
ledger_since(const struct ledger *l, uint32_t conn)
{
	return l->gap[conn - 1].from_us;
}

int
ledger_retry(struct ledger *l, struct fault *f)
{
	if (hold_retry(&l->hold) == 0)
		return 0;
	if (f != NULL)
		*f = l->hold.why;
	return -1;
}

int
ledger_close(struct ledger *l, struct fault *f)
{
	int rc;

	if (l->file.path == NULL)
		return 0;
	rc = ledger_retry(l, f);
	hold_free(&l->hold);
	if (append_close(&l->file, rc == 0 ? f : NULL) != 0)
		rc = -1;
	return rc;
}
