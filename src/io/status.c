#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clk.h"
#include "file.h"
#include "num.h"
#include "status.h"
#include "tsv.h"

/* ---- writing ---- */

void
status_text(struct status *s, const char *key, const char *value)
{
	s->bad |= buf_addf(&s->b, "%s%s\t", s->b.len == 0 ? "key\tvalue\n" : "",
	    key) != 0 || tsv_add(&s->b, value) != 0 ||
	    buf_adds(&s->b, "\n") != 0;
}

void
status_number(struct status *s, const char *key, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	status_text(s, key, text);
}

void
status_time(struct status *s, const char *key, int64_t us)
{
	char at[CLK_TEXT];

	status_text(s, key, us != 0 ? clk_to_ist(us, at) : NULL);
}

void
status_conn(struct status *s, const char *key, unsigned conn, int64_t us)
{
	char full[40];

	snprintf(full, sizeof(full), "%s_%u", key, conn);
	status_time(s, full, us);
}

int
status_show(struct status *s, const char *path, struct fault *f)
{
	int rc = s->bad ? fault_sys(f, 0, "%s", path) :
	    file_show(path, 0666, s->b.p, s->b.len, f);

	buf_reset(&s->b);
	s->bad = false;
	return rc;
}

/* ---- reading ---- */

static void
take(struct status_left *l, const char *key, const char *value)
{
	int64_t conn;

	if (strcmp(key, "state") == 0)
		l->stopped = strcmp(value, "stopped") == 0;
	else if (strncmp(key, "heard_", 6) == 0 &&
	    num_i64(key + 6, 1, KITE_CONNS_MAX, &conn) == 0 &&
	    clk_from_ist(value, &l->heard_us[conn - 1]) != 0)
		l->heard_us[conn - 1] = 0;
}

struct status_left
status_read(const char *path)
{
	struct status_left l = { 0 };
	struct tsv row;
	FILE *in = fopen(path, "re");
	int key, value;

	if (in == NULL)
		return l;
	tsv_init(&row, in, path);
	key = tsv_col(&row, "key");
	value = tsv_col(&row, "value");
	while (key != -1 && value != -1 && tsv_next(&row) == 1)
		take(&l, row.f[key], row.f[value]);
	tsv_free(&row);
	fclose(in);			/* only read from: nothing to lose */
	return l;
}
