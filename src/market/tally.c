#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "num.h"
#include "spool.h"
#include "tally.h"

enum { HOURS = 24, WORDS = 57 };	/* 57 * 64 bits hold 3600 seconds */

struct tally_bits {
	bool	  wanted;
	uint64_t *hour[HOURS];		/* a bit a second; NULL: none */
};

static int
nomem(struct fault *f)
{
	errno = ENOMEM;
	return fault_sys(f, 0, "counting the rows");
}

int
tally_init(struct tally *t, const struct inst_set *set, int32_t day,
    const struct inst_group *g, size_t n, struct fault *f)
{
	*t = (struct tally){ .set = set, .day = day };
	tsv_init(&t->tsv, NULL, "ticks");
	t->bits = calloc(set->n + 1, sizeof(*t->bits));
	t->stranger = calloc(TALLY_STRANGERS, sizeof(*t->stranger));
	if (t->bits == NULL || t->stranger == NULL)
		return nomem(f);
	for (; n > 0; n--, g++)
		for (size_t i = 0; i < g->n; i++)
			t->bits[g->v[i] - set->v].wanted = true;
	return 0;
}

void
tally_free(struct tally *t)
{
	for (size_t i = 0; t->bits != NULL && i < t->set->n; i++)
		for (int h = 0; h < HOURS; h++)
			free(t->bits[i].hour[h]);
	free(t->bits);
	free(t->stranger);
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
	return 0;
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

static int
mark(struct tally_bits *b, int sec)
{
	uint64_t **hour = &b->hour[sec / 3600];
	int bit = sec % 3600;

	if (*hour == NULL && (*hour = calloc(WORDS, sizeof(**hour))) == NULL)
		return -1;
	(*hour)[bit / 64] |= UINT64_C(1) << bit % 64;
	return 0;
}

/* Counts a row, NUL-terminated: 0, -1 no memory, -2 it is bad. */
static int
count_row(struct tally *t, char *row)
{
	const struct inst *in;
	uint32_t token;
	int sec;

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
	return t->bits[in - t->set->v].wanted ?
	    mark(&t->bits[in - t->set->v], sec) : 0;
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

uint32_t
tally_seconds(const struct tally *t, const struct inst_group *g,
    uint64_t *pairs)
{
	uint32_t all = 0;

	for (int h = 0; h < HOURS; h++)
		for (int w = 0; w < WORDS; w++) {
			uint64_t any = 0;

			for (size_t i = 0; i < g->n; i++) {
				const uint64_t *hour = t->bits[g->v[i] -
				    t->set->v].hour[h];

				if (hour == NULL)
					continue;
				any |= hour[w];
				if (pairs != NULL)
					*pairs += (uint64_t)
					    __builtin_popcountll(hour[w]);
			}
			all += (uint32_t)__builtin_popcountll(any);
		}
	return all;
}
