#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "capture.h"
#include "clk.h"
#include "kite.h"
#include "model.h"
#include "simsrc.h"
#include "tickin.h"
#include "tsv.h"

enum kind { MODEL, CAPTURE, ROWS };

struct simsrc {
	enum kind	 kind;
	struct model	*model;		/* NULL: no session on that day */
	struct capture_r capture;
	const char	*name;		/* of the capture */
	uint64_t	 again;		/* so often after this time */
	int64_t		 first_us;	/* of the capture as it was recorded */
	int64_t		 moved_us;	/* on from there, whole seconds */
	struct buf	 frame;		/* one whose times were moved */
	FILE		*in;
	struct tsv	 rows;
	struct tickin	 cols;
	int32_t		 day;
	double		 speed;		/* 0: with the clock */
	int64_t		 offset;	/* of the market's day to the clock's */
	int64_t		 begin;		/* market time when paced time began */
	int64_t		 begin_mono;	/* and clk_mono(); -1: not yet */
	struct simsrc_item next;	/* read ahead */
	bool		 have;		/* next is one */
	bool		 over;
	unsigned	 watched;
};

/* ---- items ---- */

/* The next frame of the file; heartbeats and connections are the simulator's
 * own affair. */
static int
read_frame(struct simsrc *s, struct capture_frame *c, struct fault *f)
{
	int rc;

	do
		rc = capture_next(&s->capture, c, f);
	while (rc == 1 && (c->kind == CAPTURE_OPEN ||
	    c->kind == CAPTURE_FRAGMENT ||
	    (c->kind == CAPTURE_BINARY && c->len < 2)));
	return rc;
}

/* The file from its beginning, its times behind those that were: what it lasts,
 * in whole seconds and one more. */
static int
rewind_capture(struct simsrc *s, struct fault *f)
{
	int64_t lasts = s->next.at_us - s->moved_us - s->first_us;

	s->again--;
	s->moved_us += (lasts / US_PER_SEC + 2) * US_PER_SEC;
	capture_r_close(&s->capture);
	return capture_r_open(&s->capture, s->name, f);
}

/* Only the times of the capture's day are moved, no last known value of a day
 * before. */
static int
move_frame(struct simsrc *s, struct capture_frame *c, struct fault *f)
{
	c->recv_us += s->moved_us;
	if (c->kind != CAPTURE_BINARY)
		return 0;
	buf_reset(&s->frame);
	if (buf_add(&s->frame, c->p, c->len) != 0)
		return fault_sys(f, 0, "%s", s->name);
	kite_move((uint8_t *)s->frame.p, c->len,
	    (uint32_t)(clk_day_start(s->day) / US_PER_SEC),
	    (uint32_t)(s->moved_us / US_PER_SEC));
	c->p = (const uint8_t *)s->frame.p;
	return 0;
}

static int
next_frame(struct simsrc *s, struct fault *f)
{
	struct capture_frame c;
	int rc;

	if ((rc = read_frame(s, &c, f)) == 0 && s->again > 0) {
		if (rewind_capture(s, f) != 0)
			return -1;
		rc = read_frame(s, &c, f);
	}
	if (rc == 1 && s->moved_us > 0)
		rc = move_frame(s, &c, f) == 0 ? 1 : -1;
	if (rc != 1)
		return rc;
	s->next = (struct simsrc_item){ .at_us = c.recv_us, .is_frame = true,
	    .text = c.kind == CAPTURE_TEXT, .conn = c.conn, .p = c.p, .len = c.len };
	return 1;
}

static int
next_row(struct simsrc *s, struct fault *f)
{
	int rc = tsv_next(&s->rows);

	if (rc < 0)
		return fault_set(f, ferror(s->in) ? EX_IOERR : EX_DATAERR,
		    "%s:%ld: %s", s->rows.name, s->rows.line, s->rows.why);
	if (rc == 0)
		return 0;
	s->next.is_frame = false;
	if (tickin_row(&s->cols, &s->rows, &s->next.t, &s->next.at_us, f) != 0)
		return -1;
	return 1;
}

/* Reads ahead: 1 s->next is there, of the model its time only, 0 there is
 * nothing (now), -1. */
static int
look(struct simsrc *s, struct fault *f)
{
	int rc = 0;

	if (s->have && s->kind != MODEL)	/* whose is another by now */
		return 1;
	switch (s->kind) {
	case MODEL:
		s->next.is_frame = false;
		if (s->model != NULL)
			rc = model_due(s->model, &s->next.at_us);
		if (rc == 0 && s->watched > 0)
			s->over = true;
		break;
	case CAPTURE:
		rc = next_frame(s, f);
		s->over = rc == 0;
		break;
	case ROWS:
		rc = next_row(s, f);
		s->over = rc == 0;
		break;
	}
	s->have = rc == 1;
	return rc;
}

/* ---- time ---- */

/* The first session of the day in any exchange of the market, -1: none. */
static int64_t
first_open(const struct cal *cal, int32_t day)
{
	static const char *const exchange[] = { "NSE", "BSE", "NFO", "BFO" };
	struct cal_window w[CAL_WINDOWS_MAX];
	int64_t first = -1;

	for (size_t i = 0; i < sizeof(exchange) / sizeof(*exchange); i++)
		if (cal_windows(cal, exchange[i], day, w) > 0 &&
		    (first == -1 || w[0].open_us < first))
			first = w[0].open_us;
	return first;
}

void
simsrc_start(struct simsrc *s)
{
	if (s->begin_mono == -1)
		s->begin_mono = clk_mono();
}

int64_t
simsrc_now(const struct simsrc *s)
{
	if (s->speed == 0)
		return clk_now() + s->offset;
	if (s->begin_mono == -1 || s->speed == SIMSRC_MAX)
		return s->begin;	/* there it moves with the items */
	return s->begin + (int64_t)((double)(clk_mono() - s->begin_mono) *
	    s->speed);
}

enum simsrc_pace
simsrc_pace(const struct simsrc *s)
{
	return s->speed == 0 ? SIMSRC_CLOCK :
	    s->speed == SIMSRC_MAX ? SIMSRC_FREE : SIMSRC_PACED;
}

double
simsrc_speed(const struct simsrc *s)
{
	return s->speed == 0 ? clk_speed() : s->speed == SIMSRC_MAX ? 0 :
	    s->speed;
}

int32_t
simsrc_day(const struct simsrc *s)
{
	return s->day;
}

bool
simsrc_over(const struct simsrc *s)
{
	if (s->kind == MODEL && !s->have &&
	    (s->model == NULL || simsrc_now(s) >= model_end(s->model)))
		return true;
	return s->over && !s->have;
}

int
simsrc_next(struct simsrc *s, struct simsrc_item *item, int64_t *wait_us,
    struct fault *f)
{
	int64_t now;
	double wait;
	int rc;

	*wait_us = INT64_MAX;
	if (s->speed != 0 && s->begin_mono == -1)
		return 0;
	if ((rc = look(s, f)) != 1)
		return rc;
	if (s->speed == SIMSRC_MAX) {
		if (s->next.at_us > s->begin)
			s->begin = s->next.at_us;
	} else if (s->next.at_us > (now = simsrc_now(s))) {
		wait = (double)(s->next.at_us - now) /
		    (s->speed == 0 ? clk_speed() : s->speed);
		*wait_us = wait < 1e12 ? (int64_t)wait : (int64_t)1e12;
		return 0;
	}
	/* Not made before: a tick to come is no last known value. */
	if (s->kind == MODEL)
		(void)model_next(s->model, &s->next.t, &s->next.at_us);
	*item = s->next;
	s->have = false;
	return 1;
}

/* ---- tokens ---- */

void
simsrc_watch(struct simsrc *s, uint32_t token)
{
	if (s->model != NULL &&
	    model_watch(s->model, token, simsrc_now(s)) == 0)
		s->watched++;
}

void
simsrc_unwatch(struct simsrc *s, uint32_t token)
{
	struct tick t;

	if (simsrc_last(s, token, &t) != 0)
		return;		/* was not watched: not in the set */
	model_unwatch(s->model, token);
	s->watched--;
}

int
simsrc_last(const struct simsrc *s, uint32_t token, struct tick *t)
{
	return s->model != NULL ? model_last(s->model, token, t) : -1;
}

/* ---- the whole ---- */

static int
open_model(struct simsrc *s, const struct simsrc_spec *spec, struct fault *f)
{
	const struct model_spec m = { .seed = spec->seed, .day = spec->day,
	    .rate = spec->rate, .cal = spec->cal };
	int32_t today = clk_day_of(clk_now());

	s->day = spec->day;
	s->speed = spec->speed;
	s->offset = (int64_t)(spec->day - today) * US_PER_DAY;
	s->begin = first_open(spec->cal, spec->day);
	if (spec->day == today && clk_now() > s->begin)
		s->begin = clk_now();
	if (model_open(&s->model, spec->set, &m, f) == 0 ||
	    f->ex == EX_DATAERR)
		return 0;
	return -1;
}

static int
open_recording(struct simsrc *s, const struct simsrc_spec *spec,
    struct fault *f)
{
	s->speed = spec->speed == 0 ? 1 : spec->speed;
	s->day = spec->day;
	if (spec->capture != NULL) {
		s->kind = CAPTURE;
		s->name = spec->capture;
		if (capture_r_open(&s->capture, spec->capture, f) != 0)
			return -1;
	} else {
		s->kind = ROWS;
		if ((s->in = fopen(spec->rows, "re")) == NULL)
			return fault_sys(f, EX_NOINPUT, "%s", spec->rows);
		tsv_init(&s->rows, s->in, spec->rows);
		if (tickin_open(&s->cols, &s->rows, f) != 0)
			return -1;
	}
	if (look(s, f) < 0)
		return -1;
	if (s->have) {
		s->begin = s->first_us = s->next.at_us;
		s->day = clk_day_of(s->begin);
		s->again = spec->repeat > 0 ? spec->repeat - 1 : 0;
	}
	return 0;
}

int
simsrc_open(struct simsrc **out, const struct simsrc_spec *spec,
    struct fault *f)
{
	struct simsrc *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return fault_sys(f, EX_OSERR, "the source of ticks");
	s->begin_mono = -1;
	rc = spec->capture == NULL && spec->rows == NULL ?
	    open_model(s, spec, f) : open_recording(s, spec, f);
	if (rc != 0) {
		simsrc_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
simsrc_close(struct simsrc *s)
{
	if (s == NULL)
		return;
	model_close(s->model);
	capture_r_close(&s->capture);
	buf_free(&s->frame);
	if (s->in != NULL) {
		tsv_free(&s->rows);
		fclose(s->in);		/* only read from: nothing to lose */
	}
	free(s);
}
