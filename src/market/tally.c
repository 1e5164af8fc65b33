#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "num.h"
#include "rowimage.h"
#include "spool.h"
#include "tally.h"

enum {
	DAY_S = 86400,
	WORDS = DAY_S / 64,
	FIRST = 64		/* seconds that there is room for at first */
};

struct tally_second { uint32_t sec, crc; };

/* The seconds of an instrument, as its rows came: usually each later than the one
 * before it. */
struct tally_run {
	bool	 wanted, image;
	bool	 mixed;		/* not in order, or twice */
	uint32_t n, cap;
	struct tally_second *v;
};

static int
nomem(struct fault *f)
{
	errno = ENOMEM;
	return fault_sys(f, 0, "counting the rows");
}

int
tally_init(struct tally *t, const struct inst_set *set, int32_t day,
    struct fault *f)
{
	*t = (struct tally){ .set = set, .day = day };
	tsv_init(&t->tsv, NULL, "ticks");
	t->run = calloc(set->n + 1, sizeof(*t->run));
	t->stranger = calloc(TALLY_STRANGERS, sizeof(*t->stranger));
	t->crc = calloc(DAY_S, sizeof(*t->crc));
	t->bit = calloc(WORDS, sizeof(*t->bit));
	if (t->run == NULL || t->stranger == NULL || t->crc == NULL ||
	    t->bit == NULL)
		return nomem(f);
	return 0;
}

void
tally_want(struct tally *t, const struct inst_group *g, bool image)
{
	for (size_t i = 0; i < g->n; i++) {
		struct tally_run *r = &t->run[g->v[i] - t->set->v];

		r->wanted = true;
		r->image = image;
	}
}

void
tally_free(struct tally *t)
{
	for (size_t i = 0; t->run != NULL && i < t->set->n; i++)
		free(t->run[i].v);
	free(t->run);
	free(t->stranger);
	free(t->crc);
	free(t->bit);
	tsv_free(&t->tsv);
	*t = (struct tally){ 0 };
}

int
tally_head(struct tally *t, const char *header, struct fault *f)
{
	if (tsv_head(&t->tsv, header, strlen(header)) != 0)
		return fault_set(f, EX_DATAERR, "header: %s", t->tsv.why);
	t->c_token = tsv_col(&t->tsv, "instrument_token");
	t->c_time = tsv_col(&t->tsv, "timestamp");
	if (t->c_token == -1 || t->c_time == -1)
		return fault_set(f, EX_DATAERR, "no column instrument_token or "
		    "timestamp");
	return rowsum_head(&t->sum, &t->tsv, f);
}

static void
count_stranger(struct tally *t, uint32_t token)
{
	t->unknown++;
	for (size_t i = 0; i < t->nstranger; i++)
		if (t->stranger[i].token == token) {
			t->stranger[i].rows++;
			return;
		}
	if (t->nstranger < TALLY_STRANGERS)
		t->stranger[t->nstranger++] =
		    (struct tally_stranger){ token, 1 };
}

/* Second of the day; -1 no time or another day's; -2 not even that. */
static int
second_of(const struct tally *t, const char *field)
{
	int64_t us;

	if (tsv_null(field))
		return -1;
	if (clk_from_ist(field, &us) != 0)
		return -2;
	if (clk_day_of(us) != t->day)
		return -1;
	return (int)((us - clk_day_start(t->day)) / US_PER_SEC);
}

/* ---- seconds ---- */

/* Lays the seconds of an instrument out over the day, the later ones of the same
 * second over the earlier; how many are new there. */
static uint32_t
lay_out(struct tally *t, const struct tally_run *r)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->n; i++) {
		uint32_t sec = r->v[i].sec;
		uint64_t *word = &t->bit[sec / 64], bit = UINT64_C(1) << sec % 64;

		n += (*word & bit) == 0;
		*word |= bit;
		t->crc[sec] = r->v[i].crc;
	}
	return n;
}

static void
clear(struct tally *t)
{
	memset(t->bit, 0, WORDS * sizeof(*t->bit));
}

/* Puts a run in order, each second once. */
static void
settle(struct tally *t, struct tally_run *r)
{
	if (!r->mixed)
		return;
	lay_out(t, r);
	r->n = 0;
	for (uint32_t w = 0; w < WORDS; w++)
		for (uint64_t left = t->bit[w]; left != 0; left &= left - 1) {
			uint32_t sec = w * 64 +
			    (uint32_t)__builtin_ctzll(left);

			r->v[r->n++] = (struct tally_second){ sec,
			    t->crc[sec] };
		}
	clear(t);
	r->mixed = false;
}

static int
grow(struct tally *t, struct tally_run *r)
{
	uint32_t cap = r->cap != 0 ? r->cap + r->cap / 2 : FIRST;
	void *p;

	settle(t, r);
	if (r->n < r->cap / 4 * 3)	/* that made room */
		return 0;
	if ((p = realloc(r->v, cap * sizeof(*r->v))) == NULL)
		return -1;
	r->v = p;
	r->cap = cap;
	return 0;
}

static int
mark(struct tally *t, struct tally_run *r, uint32_t sec, uint32_t crc)
{
	if (r->n > 0 && r->v[r->n - 1].sec == sec) {
		r->v[r->n - 1].crc = crc;	/* the latest one counts */
		return 0;
	}
	if (r->n == r->cap && grow(t, r) != 0)
		return -1;
	r->mixed |= r->n > 0 && sec <= r->v[r->n - 1].sec;
	r->v[r->n++] = (struct tally_second){ sec, crc };
	return 0;
}

/* ---- rows ---- */

/* Counts a row, NUL-terminated: 0, -1 no memory, -2 it is bad. */
static int
count_row(struct tally *t, char *row)
{
	const struct inst *in;
	struct tally_run *r;
	uint32_t token;
	int sec, n;

	if (tsv_row(&t->tsv, row) != 0 ||
	    num_u32(t->tsv.f[t->c_token], &token) != 0 ||
	    (sec = second_of(t, t->tsv.f[t->c_time])) == -2)
		return -2;
	t->rows++;
	in = inst_find(t->set, token);
	if (in == NULL)
		count_stranger(t, token);
	if (in == NULL || sec == -1) {
		t->kept_out++;
		return 0;
	}
	r = &t->run[in - t->set->v];
	if (!r->wanted)
		return 0;
	n = in->kind == INST_INDEX ? ROWSUM_NINDEX : ROWSUM_NCOL;
	return mark(t, r, (uint32_t)sec, r->image ?
	    rowimage_of(&t->sum, t->tsv.f, n) :
	    rowsum_of(&t->sum, t->tsv.f, n));
}

int
tally_rows(struct tally *t, char *rows, size_t len, struct fault *f)
{
	char *p = rows, *row;

	while ((row = spool_row(&p, rows + len)) != NULL) {
		int rc = count_row(t, row);

		if (rc == -1)
			return nomem(f);
		if (rc == -2)
			return fault_set(f, EX_DATAERR, "row %ju is not as it "
			    "must be", (uintmax_t)t->rows + 1);
	}
	return 0;
}

struct tally_table
tally_table(struct tally *t, const struct inst_group *g)
{
	struct tally_table all = { 0 };

	for (size_t i = 0; i < g->n; i++) {
		struct tally_run *r = &t->run[g->v[i] - t->set->v];

		settle(t, r);
		all.image = r->image;
		all.pairs += r->n;
		all.seconds += lay_out(t, r);
	}
	for (uint32_t w = 0; w < WORDS; w++)
		for (uint64_t left = t->bit[w]; left != 0; left &= left - 1)
			all.sum += t->crc[w * 64 +
			    (uint32_t)__builtin_ctzll(left)];
	if (all.image)
		all.sum &= UINT32_MAX;
	clear(t);
	return all;
}
