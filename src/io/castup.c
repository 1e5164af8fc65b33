#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "castup.h"
#include "clk.h"
#include "js.h"
#include "num.h"
#include "spool.h"
#include "tsv.h"

/* das-tick writes its status every second. */
static const int64_t GONE_US = 10 * US_PER_SEC;

/* ---- in ---- */

/* The rows of a file whose columns are there; fn for each. */
static void
read_rows(const char *path, const char *const name[], int n,
    void (*fn)(struct castup *u, char *field[]), struct castup *u)
{
	char *field[4];
	struct tsv row;
	int col[4];
	FILE *in = fopen(path, "re");

	if (in == NULL)
		return;
	tsv_init(&row, in, path);
	for (int i = 0; i < n; i++)
		if ((col[i] = tsv_col(&row, name[i])) == -1)
			goto out;
	while (tsv_next(&row) == 1) {
		for (int i = 0; i < n; i++)
			field[i] = row.f[col[i]];
		fn(u, field);
	}
out:
	tsv_free(&row);
	fclose(in);			/* only read from: nothing to lose */
}

static void
take_status(struct castup *u, char *field[])
{
	const struct {
		const char *key;
		int64_t *to;
	} number[] = {
		{ "connections", &u->connections }, { "ticks", &u->ticks },
		{ "ticks_per_second", &u->ticks_per_second },
		{ "lag_ms", &u->lag_ms }, { "reconnects", &u->reconnects },
		{ "rejects", &u->rejects },
	};
	char *key = field[0], *value = field[1];

	for (size_t i = 0; i < sizeof(number) / sizeof(*number); i++)
		if (strcmp(key, number[i].key) == 0)
			(void)num_i64(value, INT64_MIN, INT64_MAX,
			    number[i].to);	/* else it stays */
	if (strcmp(key, "state") == 0)
		snprintf(u->state, sizeof(u->state), "%s", tsv_decode(value));
	else if (strcmp(key, "updated") == 0)
		(void)clk_from_ist(value, &u->updated_us);
	else if (strcmp(key, "last_tick") == 0)
		(void)clk_from_ist(value, &u->tick_us);
}

static void
read_status(struct castup *u, const char *path)
{
	static const char *const name[] = { "key", "value" };

	*u->state = '\0';
	u->connections = u->ticks = u->ticks_per_second = -1;
	u->lag_ms = u->reconnects = u->rejects = -1;
	u->updated_us = u->tick_us = 0;
	read_rows(path, name, 2, take_status, u);
}

static void
take_gap(struct castup *u, char *field[])
{
	u->gap = (struct castup_gap){ 0 };
	(void)clk_from_ist(field[0], &u->gap.from_us);	/* \N stays 0 */
	(void)clk_from_ist(field[1], &u->gap.to_us);
	snprintf(u->gap.reason, sizeof(u->gap.reason), "%s",
	    tsv_decode(field[2]));
	u->gaps++;
}

static void
read_gaps(struct castup *u, const char *path)
{
	static const char *const name[] = { "from", "to", "reason" };

	u->gap = (struct castup_gap){ 0 };
	u->gaps = u->status.ns != 0 || u->ledger.ns != 0 ? 0 : -1;
	read_rows(path, name, 3, take_gap, u);
}

static void
read_token(struct castup *u, const char *path)
{
	char token[ACCESS_MAX];
	struct fault f;

	u->token_us = 0;
	if (access_read(path, token, &u->token_us, &f) != 0)
		u->token_us = 0;
	explicit_bzero(token, sizeof(token));
}

static void
look_at_disk(struct castup *u, const char *spool)
{
	struct statvfs v;

	u->disk_free = u->disk_total = -1;
	if (statvfs(spool, &v) == -1)
		return;
	u->disk_free = (int64_t)(v.f_bavail * v.f_frsize);
	u->disk_total = (int64_t)(v.f_blocks * v.f_frsize);
}

/* Is it another file than the one that was read? */
static bool
is_new(const struct castup *u, const char *path, struct access_stamp *read)
{
	struct access_stamp now = access_stamp(path);

	if (u->looked && access_same(&now, read))
		return false;
	*read = now;
	return true;
}

static bool
same_gap(const struct castup_gap *a, const struct castup_gap *b)
{
	return a->from_us == b->from_us && a->to_us == b->to_us;
}

bool
castup_look(struct castup *u, const struct conf *c, const char *day)
{
	const char *spool = conf_str(c, "spoolDir");
	const char *token = conf_str(c, "tokenFile");
	char path[SPOOL_PATH];
	struct castup was = *u;

	snprintf(path, sizeof(path), "%s/%s/status.tsv", spool, day);
	if (is_new(u, path, &u->status))
		read_status(u, path);
	snprintf(path, sizeof(path), "%s/%s/gaps.tsv", spool, day);
	if (is_new(u, path, &u->ledger))
		read_gaps(u, path);
	if (is_new(u, token, &u->token))
		read_token(u, token);
	look_at_disk(u, spool);
	if (*u->state != '\0' && strcmp(u->state, "closed") != 0 &&
	    strcmp(u->state, "stopped") != 0 &&
	    clk_now() - u->updated_us > GONE_US)
		snprintf(u->state, sizeof(u->state), "gone");
	u->looked = true;
	return strcmp(was.state, u->state) != 0 ||
	    was.connections != u->connections ||
	    was.reconnects != u->reconnects || was.rejects != u->rejects ||
	    was.gaps != u->gaps || !same_gap(&was.gap, &u->gap) ||
	    was.token_us != u->token_us;
}

/* ---- out ---- */

/* ,"key":N, null where it is not known. */
static int
put_number(struct buf *b, const char *key, int64_t v)
{
	return v < 0 ? buf_addf(b, ",\"%s\":null", key) :
	    buf_addf(b, ",\"%s\":%" PRId64, key, v);
}

static int
put_time(struct buf *b, const char *key, int64_t us)
{
	char at[40];

	return us == 0 ? buf_addf(b, "\"%s\":null", key) :
	    buf_addf(b, "\"%s\":\"%s\"", key, clk_to_iso(us, at));
}

static int
put_gap(struct buf *b, const struct castup_gap *g)
{
	if (g->from_us == 0)
		return buf_adds(b, ",\"last_gap\":null");
	if (buf_adds(b, ",\"last_gap\":{") != 0 ||
	    put_time(b, "from", g->from_us) != 0 || buf_adds(b, ",") != 0 ||
	    put_time(b, "to", g->to_us) != 0 ||
	    buf_adds(b, ",\"reason\":") != 0 || js_add(b, g->reason) != 0)
		return -1;
	return buf_adds(b, "}");
}

int
castup_put(const struct castup *u, struct buf *b)
{
	int64_t age = u->token_us == 0 ? -1 : (clk_now() - u->token_us) /
	    US_PER_SEC;
	int rc = *u->state == '\0' ? buf_adds(b, "{\"state\":null") :
	    buf_adds(b, "{\"state\":") != 0 ? -1 : js_add(b, u->state);

	if (rc != 0 || put_number(b, "connections", u->connections) != 0 ||
	    put_number(b, "ticks", u->ticks) != 0 ||
	    put_number(b, "ticks_per_second", u->ticks_per_second) != 0 ||
	    buf_adds(b, ",") != 0 ||
	    put_time(b, "last_tick", u->tick_us) != 0 ||
	    (u->tick_us == 0 ? buf_adds(b, ",\"lag\":null") :
	    buf_addf(b, ",\"lag\":%.3f", (double)u->lag_ms / 1000)) != 0 ||
	    put_number(b, "reconnects", u->reconnects) != 0 ||
	    put_number(b, "rejects", u->rejects) != 0 ||
	    put_number(b, "gaps", u->gaps) != 0 || put_gap(b, &u->gap) != 0 ||
	    put_number(b, "token_age", age) != 0 ||
	    put_number(b, "disk_free", u->disk_free) != 0 ||
	    put_number(b, "disk_total", u->disk_total) != 0)
		return -1;
	return buf_adds(b, "}");
}
