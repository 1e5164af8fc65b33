#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "choose.h"

/* How good a row of the dump is for a table: the lowest wins. */
enum rank {
	RANK_SHARE = 0,			/* + the number of its form */
	RANK_INDEX = LIST_FORMS,	/* of NSE */
	RANK_OTHER,			/* anything but a BSE share */
	RANK_NONE
};

/* A table of the list and the instrument that fills it today. */
struct choose_slot {
	const struct list_row *row;	/* the first with this table */
	const struct choose_index *spot, *future; /* whose it is, or NULL */
	enum rank rank;
	struct inst inst;
};

struct choose_want {		/* a symbol that is looked for */
	char	 symbol[LIST_SYMBOL];
	size_t	 slot;
	bool	 implied;	/* not in the list, another form is */
};

static int
no_memory(struct fault *f)
{
	return fault_set(f, EX_TEMPFAIL, "instruments: out of memory");
}

/* The slot of a row's table, begun when it is the first. */
static size_t
slot_of(struct choose *c, const struct list_row *row)
{
	struct choose_slot *s;

	for (size_t i = 0; i < c->tables; i++)
		if (strcasecmp(c->slot[i].row->table, row->table) == 0)
			return i;
	s = &c->slot[c->tables];
	*s = (struct choose_slot){ .row = row, .rank = RANK_NONE };
	for (size_t n = 0; n < c->nindex; n++) {
		const struct index_def *d = c->index[n].def;

		if (strcmp(row->symbol, d->spot) == 0)
			s->spot = &c->index[n];
		else if (strcasecmp(row->table, d->future_table) == 0)
			s->future = &c->index[n];
	}
	return c->tables++;
}

static void
add_want(struct choose *c, const char *symbol, size_t at, bool implied)
{
	struct choose_want *w = &c->want[c->nwant++];

	w->slot = at;
	w->implied = implied;
	snprintf(w->symbol, sizeof(w->symbol), "%s", symbol);
}

static int
by_symbol(const void *a, const void *b)
{
	return strcmp(((const struct choose_want *)a)->symbol,
	    ((const struct choose_want *)b)->symbol);
}

/* The other forms of a share of the list. */
static void
imply(struct choose *c, const struct list_row *row)
{
	char base[LIST_SYMBOL], other[LIST_SYMBOL + 4];

	list_base(row->symbol, base);
	if (strcmp(list_base_row(c->list, base)->symbol, row->symbol) != 0)
		return;		/* once a share */
	for (int form = 0; form < LIST_FORMS; form++) {
		snprintf(other, sizeof(other), "%s%s", base, list_form[form]);
		if (strlen(other) < LIST_SYMBOL &&
		    list_symbol(c->list, other) == NULL)
			add_want(c, other, slot_of(c, row), true);
	}
}

int
choose_open(struct choose *c, struct fault *f)
{
	size_t n = c->list->n;

	for (size_t i = 0; i < c->nindex; i++)
		c->index[i].expiry[0] = c->index[i].expiry[1] = INST_NO_EXPIRY;
	c->slot = calloc(n + 1, sizeof(*c->slot));
	c->want = calloc(n + 1, (LIST_FORMS + 1) * sizeof(*c->want));
	if (c->slot == NULL || c->want == NULL)
		return no_memory(f);
	for (size_t i = 0; i < n; i++)
		add_want(c, c->list->v[i].symbol, slot_of(c, &c->list->v[i]),
		    false);
	for (size_t i = 0; i < n; i++)
		imply(c, &c->list->v[i]);
	if (c->nwant > 1)
		qsort(c->want, c->nwant, sizeof(*c->want), by_symbol);
	return 0;
}

void
choose_close(struct choose *c)
{
	free(c->slot);
	free(c->want);
	c->slot = NULL;
	c->want = NULL;
	inst_free(&c->listed);
	inst_free(&c->options);
	inst_free(&c->all);
}

/* ---- the first look ---- */

int
choose_is_option(const struct choose_index *x, const struct inst *i)
{
	return i->kind >= INST_CE &&
	    strcmp(i->segment, x->def->option_segment) == 0 &&
	    strcmp(i->name, x->def->underlying) == 0;
}

/* Keeps the two nearest expiries from today on. */
static void
see_expiry(struct choose_index *x, int32_t expiry, int32_t day)
{
	if (expiry < day || expiry == x->expiry[0] || expiry == x->expiry[1])
		return;
	if (x->expiry[0] == INST_NO_EXPIRY || expiry < x->expiry[0]) {
		x->expiry[1] = x->expiry[0];
		x->expiry[0] = expiry;
	} else if (x->expiry[1] == INST_NO_EXPIRY || expiry < x->expiry[1]) {
		x->expiry[1] = expiry;
	}
}

void
choose_first(struct choose *c, const struct inst *i)
{
	for (size_t n = 0; n < c->nindex; n++)
		if (choose_is_option(&c->index[n], i))
			see_expiry(&c->index[n], i->expiry, c->day);
}

/* ---- the second look ---- */

/* What row i of the dump is worth for the slot that wants its symbol. */
static enum rank
rank_of(const struct choose_slot *s, const struct choose_want *w,
    const struct inst *i)
{
	bool nse = strcmp(i->exchange, "NSE") == 0;
	char base[LIST_SYMBOL];

	if (s->spot != NULL)
		return i->kind == INST_INDEX && !w->implied &&
		    strcmp(i->exchange, s->spot->def->spot_exchange) == 0 ?
		    RANK_INDEX : RANK_NONE;
	if (s->future != NULL)
		return i->kind == INST_FUT && !w->implied &&
		    strcmp(i->segment, s->future->def->future_segment) == 0 ?
		    RANK_OTHER : RANK_NONE;
	if (nse && strcmp(i->segment, "NSE") == 0)
		return (enum rank)(RANK_SHARE +
		    list_base(i->tradingsymbol, base));
	if (w->implied || strcmp(i->segment, "BSE") == 0)
		return RANK_NONE;
	return nse && i->kind == INST_INDEX ? RANK_INDEX : RANK_OTHER;
}

/* Two that trade today and want one table: never both.  That an index has a
 * share's name is no clash. */
static void
tell_clash(const struct choose *c, const struct choose_slot *s, enum rank rank,
    const struct inst *i)
{
	const struct inst *better = rank < s->rank ? i : &s->inst;
	const struct inst *worse = rank < s->rank ? &s->inst : i;

	if (rank == s->rank || (rank < RANK_INDEX && s->rank < RANK_INDEX))
		c->say("table %s: %s (%s, %" PRIu32 ") is taken, %s (%s, %"
		    PRIu32 ") is not", s->row->table, better->tradingsymbol,
		    better->segment, better->token, worse->tradingsymbol,
		    worse->segment, worse->token);
}

/* A row of the dump whose symbol is wanted: takes the place of a worse one. */
static void
offer(struct choose *c, const struct choose_want *w, const struct inst *i)
{
	struct choose_slot *s = &c->slot[w->slot];
	enum rank rank = rank_of(s, w, i);

	if (rank == RANK_NONE)
		return;
	if (s->rank != RANK_NONE && s->inst.token != i->token)
		tell_clash(c, s, rank, i);
	if (rank >= s->rank)
		return;
	s->rank = rank;
	s->inst = *i;
}

static int
take(struct inst_set *s, const struct inst *i, const char *table,
    const char *db, struct fault *f)
{
	struct inst *to = inst_add(s);

	if (to == NULL)
		return no_memory(f);
	*to = *i;
	inst_make_symbol(to);
	snprintf(to->table, sizeof(to->table), "%s", table);
	snprintf(to->db, sizeof(to->db), "%s", db);
	return 0;
}

/* An option: of one of the chosen expiries, its table is its symbol. */
static int
take_option(struct choose *c, struct choose_index *x, const struct inst *i,
    struct fault *f)
{
	char table[LIST_TABLE];
	struct fault why;
	int e = i->expiry == x->expiry[0] ? 0 : i->expiry == x->expiry[1] ? 1 :
	    -1;

	if (e == -1)
		return 0;
	if (inst_table_name(i->tradingsymbol, table, sizeof(table),
	    &why) != 0) {
		if (x->odd++ == 0)
			c->say("%s; left out", why.text);
		return 0;
	}
	return take(&c->options, i, table, x->db, f);
}

int
choose_second(struct choose *c, const struct inst *i, struct fault *f)
{
	struct choose_want key = { .slot = 0 }, *w;

	for (size_t n = 0; n < c->nindex; n++)
		if (choose_is_option(&c->index[n], i) &&
		    take_option(c, &c->index[n], i, f) != 0)
			return -1;
	snprintf(key.symbol, sizeof(key.symbol), "%s", i->tradingsymbol);
	w = bsearch(&key, c->want, c->nwant, sizeof(*w), by_symbol);
	if (w != NULL)
		offer(c, w, i);
	return 0;
}

/* ---- the end ---- */

static bool
has_slot(const struct choose *c, const struct choose_index *x, bool spot)
{
	for (size_t i = 0; i < c->tables; i++)
		if ((spot ? c->slot[i].spot : c->slot[i].future) == x)
			return true;
	return false;
}

/* Takes what the slots got. */
static int
take_slots(struct choose *c, struct fault *f)
{
	for (size_t n = 0; n < c->nindex; n++)
		for (int spot = 1; spot >= 0; spot--)
			if (!has_slot(c, &c->index[n], spot))
				c->say("%s: its %s is not in the list; run "
				    "das-n500", c->index[n].def->underlying,
				    spot ? "index" : "future");
	for (size_t i = 0; i < c->tables; i++) {
		const struct choose_slot *s = &c->slot[i];

		if (s->rank != RANK_NONE) {
			if (take(&c->listed, &s->inst, s->row->table, c->db,
			    f) != 0)
				return -1;
			continue;
		}
		c->missing++;
		if (s->spot != NULL || s->future != NULL)
			c->say("%s (table %s) is not in the dump",
			    s->row->symbol, s->row->table);
		else
			c->whisper("not in the dump: %s", s->row->symbol);
	}
	return 0;
}

/* A token that the dump has twice can fill one table only. */
static void
drop_twins(struct choose *c, struct inst_set *s)
{
	size_t n = 0, odd = 0;

	inst_sort(s);
	for (size_t i = 0; i < s->n; i++) {
		if (n == 0 || s->v[i].token != s->v[n - 1].token)
			s->v[n++] = s->v[i];
		else if (strcmp(s->v[i].table, s->v[n - 1].table) != 0 &&
		    odd++ == 0)
			c->say("instrument_token %" PRIu32 ": %s is taken, %s "
			    "has the same", s->v[i].token,
			    s->v[n - 1].tradingsymbol, s->v[i].tradingsymbol);
	}
	s->n = n;
	if (odd > 1)
		c->say("tokens that the dump has for two: %zu", odd);
}

static void
count_options(struct choose *c)
{
	for (size_t n = 0; n < c->nindex; n++) {
		struct choose_index *x = &c->index[n];

		for (size_t i = 0; i < c->all.n; i++)
			for (int e = 0; e < CHOOSE_EXPIRIES; e++)
				x->options[e] += c->all.v[i].expiry ==
				    x->expiry[e] &&
				    choose_is_option(x, &c->all.v[i]);
	}
}

int
choose_end(struct choose *c, struct fault *f)
{
	struct inst *to;
	size_t n = 0;

	if (take_slots(c, f) != 0)
		return -1;
	drop_twins(c, &c->listed);
	drop_twins(c, &c->options);
	/* An option that is also in the list goes where the list says. */
	for (size_t i = 0; i < c->options.n; i++)
		if (inst_find(&c->listed, c->options.v[i].token) == NULL)
			c->options.v[n++] = c->options.v[i];
	c->options.n = n;
	for (size_t i = 0; i < c->listed.n + n; i++) {
		if ((to = inst_add(&c->all)) == NULL)
			return no_memory(f);
		*to = i < c->listed.n ? c->listed.v[i] :
		    c->options.v[i - c->listed.n];
	}
	inst_sort(&c->all);
	count_options(c);
	return 0;
}
