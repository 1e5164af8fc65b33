#include <stdio.h>
#include <string.h>

#include "clk.h"
#include "num.h"
#include "simfault.h"

enum class { ONCE, LINE, SUBS, FRAME };

enum { REST_OF_DAY = 86400 };

static const struct {
	const char	*name;
	enum class	 class;
	int		 secs;		/* when it is not said; 0: one frame */
} menu[SIMFAULT_KINDS] = {
	[SIMFAULT_RESET] = { "reset", ONCE, 0 },
	[SIMFAULT_CLOSE] = { "close", ONCE, 0 },
	[SIMFAULT_CLOSEMID] = { "closemid", ONCE, 0 },
	[SIMFAULT_ONELOST] = { "onelost", ONCE, 0 },
	[SIMFAULT_BIG] = { "big", ONCE, 0 },
	[SIMFAULT_TEXT] = { "text", ONCE, 0 },
	[SIMFAULT_HTTP403] = { "http403", ONCE, 0 },
	[SIMFAULT_MUTE] = { "mute", LINE, 10 },
	[SIMFAULT_HEARTBEATS] = { "heartbeats", LINE, 60 },
	[SIMFAULT_TRICKLE] = { "trickle", LINE, 60 },
	[SIMFAULT_NOANSWER] = { "noanswer", LINE, 60 },
	[SIMFAULT_REFUSE] = { "refuse", LINE, 10 },
	[SIMFAULT_HTTP429] = { "http429", LINE, 10 },
	[SIMFAULT_FORGET] = { "forget", SUBS, REST_OF_DAY },
	[SIMFAULT_DOWNGRADE] = { "downgrade", SUBS, REST_OF_DAY },
	[SIMFAULT_DROPSOME] = { "dropsome", SUBS, REST_OF_DAY },
#define FRAMES(kind, name) [SIMFAULT_FRAMES + (kind)] = { name, FRAME, 0 }
	FRAMES(SPOIL_UNKNOWN, "unknown"),
	FRAMES(SPOIL_SHORT, "short"),
	FRAMES(SPOIL_TRAILING, "trailing"),
	FRAMES(SPOIL_LIAR, "liar"),
	FRAMES(SPOIL_ZERO, "zero"),
	FRAMES(SPOIL_HUGE, "huge"),
	FRAMES(SPOIL_EMPTY, "empty"),
	FRAMES(SPOIL_WRONGKIND, "wrongkind"),
	FRAMES(SPOIL_STRANGER, "stranger"),
	FRAMES(SPOIL_NOTIME, "notime"),
	FRAMES(SPOIL_FUTURE, "future"),
	FRAMES(SPOIL_BACKWARDS, "backwards"),
	FRAMES(SPOIL_STALE, "stale"),
	FRAMES(SPOIL_REPEAT, "repeat"),
#undef FRAMES
};

/* ---- the schedule ---- */

const char *
simfault_name(size_t i)
{
	return i < SIMFAULT_KINDS ? menu[i].name : NULL;
}

/* "HH:MM:SS" of n characters to us of the day. */
static int
time_of(const char *s, size_t n, int64_t *us)
{
	char text[32];
	int64_t t;

	if (n != 8 || (size_t)snprintf(text, sizeof(text), "1970-01-02 %.8s",
	    s) >= sizeof(text) || clk_from_ist(text, &t) != 0)
		return -1;
	*us = t - clk_day_start(1);
	return 0;
}

int
simfault_add(struct simfault *s, const char *text, struct fault *f)
{
	struct simfault_event e = { .state = SIMFAULT_AHEAD };
	size_t n = strcspn(text, "@"), i = 0;
	const char *at = text + n + (text[n] == '@'), *plus;
	int64_t secs;

	while (i < SIMFAULT_KINDS && (strlen(menu[i].name) != n ||
	    strncmp(menu[i].name, text, n) != 0))
		i++;
	if (i == SIMFAULT_KINDS)
		return fault_set(f, EX_USAGE, "%.*s: no such fault",
		    (int)(n < 40 ? n : 40), text);
	plus = at + strcspn(at, "+");
	secs = menu[i].secs;
	if (time_of(at, (size_t)(plus - at), &e.at_us) != 0)
		return fault_set(f, EX_USAGE, "%s: want %s@HH:MM:SS%s", text,
		    menu[i].name, menu[i].class == ONCE ? "" : "[+SECONDS]");
	if (*plus == '+' && (menu[i].class == ONCE ||
	    num_i64(plus + 1, 1, REST_OF_DAY, &secs) != 0))
		return fault_set(f, EX_USAGE, menu[i].class == ONCE ? "%s: "
		    "happens once, takes no +SECONDS" : "%s: +SECONDS is not 1 "
		    "to 86400", text);
	if (s->n == SIMFAULT_MAX)
		return fault_set(f, EX_USAGE, "more than %d faults",
		    SIMFAULT_MAX);
	e.kind = (enum simfault_kind)i;
	e.len_us = secs * US_PER_SEC;
	for (i = s->n++; i > 0 && s->v[i - 1].at_us > e.at_us; i--)
		s->v[i] = s->v[i - 1];
	s->v[i] = e;
	s->due_us = s->v[0].at_us;
	return 0;
}

/* ---- what is under way ---- */

/* Is it over at market time us? */
static bool
is_over(const struct simfault_event *e, int64_t us)
{
	switch (menu[e->kind].class) {
	case LINE:
		return clk_mono() >= e->end_mono;
	case FRAME:
		return e->frames > 0 && us >= e->at_us + e->len_us;
	default:
		return us >= e->at_us + e->len_us;
	}
}

static void
stop(struct simfault *s, struct simfault_event *e)
{
	e->state = SIMFAULT_PAST;
	s->on[e->kind]--;
	s->frames_on -= menu[e->kind].class == FRAME;
}

static void
start(struct simfault *s, struct simfault_event *e, int64_t us, double speed)
{
	double left = speed == 0 ? (double)e->len_us :
	    (double)(e->at_us + e->len_us - us) / speed;

	s->begun++;
	e->state = SIMFAULT_PAST;
	if (menu[e->kind].class == ONCE)
		return;
	e->state = SIMFAULT_ON;
	e->end_mono = clk_mono() + (left > 0 ? (int64_t)left : 0);
	s->on[e->kind]++;
	s->frames_on += menu[e->kind].class == FRAME;
}

bool
simfault_next(struct simfault *s, int64_t us, double speed,
    struct simfault_event *e)
{
	s->due_us = INT64_MAX;
	for (size_t i = 0; i < s->n; i++) {
		struct simfault_event *v = &s->v[i];

		if (v->state == SIMFAULT_ON && is_over(v, us))
			stop(s, v);
		if (v->state == SIMFAULT_AHEAD && v->at_us <= us) {
			start(s, v, us, speed);
			*e = *v;
			s->due_us = 0;	/* there may be more */
			return true;
		}
		if (v->state == SIMFAULT_AHEAD && v->at_us < s->due_us)
			s->due_us = v->at_us;
		else if (v->state == SIMFAULT_ON &&
		    menu[v->kind].class != LINE &&
		    v->at_us + v->len_us < s->due_us)
			s->due_us = v->at_us + v->len_us;
	}
	return false;
}

bool
simfault_is(const struct simfault *s, enum simfault_kind kind)
{
	return s->on[kind] > 0;
}

bool
simfault_line(const struct simfault *s)
{
	for (int i = SIMFAULT_MUTE; i <= SIMFAULT_HTTP429; i++)
		if (s->on[i] > 0)
			return true;
	return false;
}

bool
simfault_spoils(struct simfault *s, enum spoil_kind *how, uint64_t *turn)
{
	struct simfault_event *next = NULL;

	for (size_t i = 0; s->frames_on > 0 && i < s->n; i++) {
		struct simfault_event *v = &s->v[i];

		if (v->state == SIMFAULT_ON && menu[v->kind].class == FRAME &&
		    (next == NULL || v->frames < next->frames))
			next = v;
	}
	if (next == NULL)
		return false;
	*how = (enum spoil_kind)(next->kind - SIMFAULT_FRAMES);
	next->frames++;
	*turn = s->spoilt[*how]++;
	if (next->len_us == 0)
		stop(s, next);
	return true;
}
