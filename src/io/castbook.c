#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "castbook.h"
#include "js.h"
#include "num.h"
#include "tsv.h"

const char *const castbook_fields[CASTBOOK_FIELDS] = {
	"symbol", "token", "ts", "ltp", "bid", "ask", "volume", "oi", "delta",
	"gamma", "theta", "vega", "iv", "source"
};

enum {
	SYMBOL, TOKEN, TS, LTP, SOURCE = CASTBOOK_FIELDS - 1,
	VALUE_MAX = 64,		/* bytes of one value in a row */
	JSON_MAX = 8192,	/* of an object: all values escaped, and more */
	SLOTS_MIN = 1024
};

static const uint32_t HASH_SEED = 2166136261u, HASH_PRIME = 16777619u;

/* Strings; the others are numbers. */
static bool
is_text(int field)
{
	return field <= TS || field == SOURCE;
}

void
castbook_clear(struct castbook *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->v[i].json);
	b->n = 0;
	if (b->slot != NULL)
		memset(b->slot, 0, b->nslot * sizeof(*b->slot));
}

void
castbook_free(struct castbook *b)
{
	castbook_clear(b);
	free(b->v);
	free(b->slot);
	free(b->header);
	*b = (struct castbook){ 0 };
}

int
castbook_header(struct castbook *b, const char *header, struct fault *f)
{
	struct tsv t;
	char *copy;
	int rc = 0;

	if (b->header != NULL && strcmp(b->header, header) == 0)
		return 0;
	if ((copy = strdup(header)) == NULL)
		return fault_sys(f, 0, "columns");
	tsv_init(&t, NULL, "ltp");
	if (tsv_head(&t, header, strlen(header)) != 0)
		rc = fault_set(f, EX_DATAERR, "topic ltp: %s", t.why);
	else if (tsv_col(&t, castbook_fields[SYMBOL]) == -1)
		rc = fault_set(f, EX_DATAERR, "topic ltp: no column symbol");
	else
		for (int i = 0; i < CASTBOOK_FIELDS; i++)
			b->col[i] = tsv_col(&t, castbook_fields[i]);
	tsv_free(&t);
	if (rc != 0) {
		free(copy);
		return -1;
	}
	b->ncol = 0;
	for (int i = 0; i < CASTBOOK_FIELDS; i++)
		if (b->col[i] >= b->ncol)
			b->ncol = b->col[i] + 1;
	free(b->header);
	b->header = copy;
	return 0;
}

/* ---- the table ---- */

static uint32_t
hash(const char *s)
{
	uint32_t h = HASH_SEED;		/* FNV-1a */

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * HASH_PRIME;
	return h;
}

/* Where the symbol is, or where it would be. */
static uint32_t *
slot_of(const struct castbook *b, const char *symbol)
{
	size_t i = hash(symbol) & (b->nslot - 1);

	while (b->slot[i] != 0 &&
	    strcmp(b->v[b->slot[i] - 1].symbol, symbol) != 0)
		i = (i + 1) & (b->nslot - 1);
	return &b->slot[i];
}

struct quote *
castbook_find(const struct castbook *b, const char *symbol)
{
	uint32_t id = b->nslot > 0 ? *slot_of(b, symbol) : 0;

	return id > 0 ? &b->v[id - 1] : NULL;
}

/* Room for one more: the table is never more than half full. */
static int
grow(struct castbook *b)
{
	size_t cap = b->cap == 0 ? SLOTS_MIN / 2 : b->cap * 2;
	struct quote *v;
	uint32_t *slot;

	if (b->n < b->cap)
		return 0;
	if ((v = realloc(b->v, cap * sizeof(*v))) == NULL)
		return -1;
	b->v = v;
	if ((slot = calloc(cap * 2, sizeof(*slot))) == NULL)
		return -1;
	free(b->slot);
	b->slot = slot;
	b->nslot = cap * 2;
	b->cap = cap;
	for (size_t i = 0; i < b->n; i++)
		*slot_of(b, b->v[i].symbol) = (uint32_t)i + 1;
	return 0;
}

static struct quote *
find_or_add(struct castbook *b, const char *symbol)
{
	struct quote *q = castbook_find(b, symbol);
	size_t n = strlen(symbol);

	if (q != NULL)
		return q;
	if (n == 0 || n >= CASTBOOK_SYMBOL || b->n >= CASTBOOK_MAX ||
	    grow(b) != 0)
		return NULL;
	q = &b->v[b->n];
	*q = (struct quote){ .expiry = INST_NO_EXPIRY };
	memcpy(q->symbol, symbol, n + 1);
	*slot_of(b, symbol) = (uint32_t)++b->n;
	return q;
}

/* ---- rows ---- */

/* A field of a row, NUL behind it; p NULL: there is no such column. */
struct part {
	char	*p;
	size_t	 n;
};

/* Splits a row; -1: not enough fields. */
static int
split(const struct castbook *b, char *text, struct part field[])
{
	struct part of[TSV_MAX];
	char *p = text, *tab;
	int n = 0;

	while (n < b->ncol) {
		tab = strchrnul(p, '\t');
		of[n++] = (struct part){ p, (size_t)(tab - p) };
		if (*tab == '\0')
			break;
		*tab = '\0';
		p = tab + 1;
	}
	if (n < b->ncol)
		return -1;
	for (int i = 0; i < CASTBOOK_FIELDS; i++)	/* col[i] < ncol */
		/* cppcheck-suppress uninitvar */
		field[i] = b->col[i] != -1 ? of[b->col[i]] :
		    (struct part){ NULL, 0 };
	return 0;
}

static char *
copy(char *to, const char *s, size_t n)
{
	memcpy(to, s, n);
	return to + n;
}

static char *
text_value(char *to, char *s)
{
	*to++ = '"';
	for (s = tsv_decode(s); *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			*to++ = '\\';
		if (c < ' ')
			to += snprintf(to, 7, "\\u%04x", c);
		else
			*to++ = (char)c;
	}
	*to++ = '"';
	return to;
}

/* A value; to has room for six times VALUE_MAX. */
static char *
value(char *to, int field, const struct part *v)
{
	if (v->p == NULL || tsv_null(v->p) || v->n >= VALUE_MAX ||
	    (!is_text(field) && !num_json(v->p)))
		return copy(to, "null", 4);
	return is_text(field) ? text_value(to, v->p) : copy(to, v->p, v->n);
}

/* The object of a row into out (JSON_MAX bytes); its length. */
static size_t
format(struct quote *q, const struct part field[], char *out)
{
	static size_t key[CASTBOOK_FIELDS];	/* length of a name */
	char *to = out;

	for (int i = 0; i < CASTBOOK_FIELDS; i++) {
		if (key[i] == 0)
			key[i] = strlen(castbook_fields[i]);
		*to++ = i == 0 ? '{' : ',';
		q->at[i] = (uint16_t)(to - out);
		*to++ = '"';
		to = copy(to, castbook_fields[i], key[i]);
		*to++ = '"';
		*to++ = ':';
		to = value(to, i, &field[i]);
	}
	q->at[CASTBOOK_FIELDS] = (uint16_t)(to - out);
	*to++ = '}';
	return (size_t)(to - out);
}

/* Bytes that are no UTF-8 would make every client close. */
static bool
has_text(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s >= 0x80)
			return false;
	return true;
}

static int
keep_json(struct quote *q, const struct part field[])
{
	char out[JSON_MAX], *p;
	size_t n;

	if (field[TOKEN].p != NULL)
		(void)num_u32(field[TOKEN].p, &q->token); /* else it stays */
	n = format(q, field, out);
	if (n > q->cap) {
		if ((p = realloc(q->json, n + 32)) == NULL)
			return -1;
		q->json = p;
		q->cap = n + 32;	/* numbers grow by a digit or two */
	}
	memcpy(q->json, out, n);
	q->len = n;
	return 0;
}

struct quote *
castbook_row(struct castbook *b, char *text, uint64_t seq)
{
	struct part field[CASTBOOK_FIELDS];
	struct quote *q;

	if (b->header == NULL || !has_text(text) ||
	    split(b, text, field) != 0 ||
	    (q = find_or_add(b, tsv_decode(field[SYMBOL].p))) == NULL ||
	    keep_json(q, field) != 0) {
		b->refused++;
		return NULL;
	}
	b->rows++;
	q->version = ++b->version;
	q->seq = seq;
	return q;
}

int
castbook_read(const struct castbook *b, char *text, struct quote *q)
{
	struct part field[CASTBOOK_FIELDS];
	size_t n;

	if (b->header == NULL || !has_text(text) || split(b, text, field) != 0)
		return -1;
	n = strlen(tsv_decode(field[SYMBOL].p));
	if (n == 0 || n >= sizeof(q->symbol))
		return -1;
	memcpy(q->symbol, field[SYMBOL].p, n + 1);
	q->token = 0;
	q->expiry = INST_NO_EXPIRY;
	*q->index = '\0';
	return keep_json(q, field);
}

int
castbook_field(const char *name)
{
	for (int i = 0; i < CASTBOOK_FIELDS; i++)
		if (strcmp(castbook_fields[i], name) == 0)
			return i;
	return -1;
}

/* Times compare as text: a whole second is shorter, and '+' is before '.'. */
bool
castbook_is_older(const struct quote *a, const struct quote *b)
{
	size_t n = (size_t)(a->at[TS + 1] - a->at[TS]);
	size_t m = (size_t)(b->at[TS + 1] - b->at[TS]);

	return memcmp(a->json + a->at[TS], b->json + b->at[TS],
	    n < m ? n : m) < 0;
}

int
castbook_ltp(const struct quote *q, int64_t *e7)
{
	const char *from;
	char text[VALUE_MAX];

	if (q->version == 0)
		return -1;
	from = q->json + q->at[LTP] + strlen("\"ltp\":");
	snprintf(text, sizeof(text), "%.*s",
	    (int)(q->json + q->at[LTP + 1] - 1 - from), from);
	return num_e7(text, e7);
}

/* ---- instruments ---- */

void
castbook_inst(struct quote *q, const struct inst *i, const struct indices *x,
    int32_t day)
{
	const char *index = i->name;

	q->index[0] = '\0';
	q->kind = i->kind;
	q->expiry = i->kind == INST_FUT ? i->expiry : inst_option_expiry(i);
	q->strike_e7 = i->strike_e7;
	if (i->kind == INST_EQ)
		return;
	if (i->kind == INST_INDEX) {
		index = "";
		for (size_t k = 0; k < x->n; k++)
			if (x->v[k].from <= day && day <= x->v[k].to &&
			    strcmp(x->v[k].spot, i->tradingsymbol) == 0)
				index = x->v[k].underlying;
	}
	snprintf(q->index, sizeof(q->index), "%s", index);
}

void
castbook_know(struct castbook *b, size_t first, const struct inst_set *set,
    const struct indices *x, int32_t day)
{
	const struct inst *i;

	for (; first < b->n; first++)
		if ((i = inst_find(set, b->v[first].token)) != NULL)
			castbook_inst(&b->v[first], i, x, day);
}

/* ---- out ---- */

int
castbook_put(struct buf *b, const struct quote *q, unsigned fields,
    const char *tail)
{
	const char *comma = "{";
	size_t more = strlen(tail);

	if (buf_room(b, q->len + more + 2) != 0)
		return -1;
	if (fields == CASTBOOK_ALL) {
		(void)buf_add(b, q->json, q->len - 1);	/* there is room */
	} else {
		for (int i = 0; i < CASTBOOK_FIELDS; i++) {
			if ((fields & 1u << i) == 0)
				continue;
			(void)buf_adds(b, comma);
			(void)buf_add(b, q->json + q->at[i], (size_t)
			    (q->at[i + 1] - q->at[i] -
			    (i + 1 < CASTBOOK_FIELDS)));
			comma = ",";
		}
	}
	(void)buf_add(b, tail, more);
	return buf_adds(b, "}");
}
