#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pack.h"
#include "packfile.h"
#include "packmodel.h"
#include "tick.h"

enum {
	SYMBOLS = 2 << 20,		/* a block ends with so many, nearly */
	TEXT_MAX = 4 << 20,
	ODD_MIN = 1 << 20, ODD_PART = 8,	/* more text than these: another
						 * way is better */
	ALONE = 1024,		/* a hole in seq begins a new block after so
				 * many rows */
	HASH_BITS = 13
};

struct pack {
	struct packmodel m;
	struct rans_w	 w;
	struct packrow_seen seen;
	uint32_t	 hash[1 << HASH_BITS];	/* number of a token + 1 */
	bool		 begun;		/* the header is out */
	/* of the block */
	uint64_t	 seq;		/* of its first row */
	uint32_t	 nrows, ntokens, npairs;
	bool		 numbered;	/* seq is known */
	struct buf	 text, fresh;	/* fresh: tokens, then pairs */
	struct buf	 pairs;
	/* of the segment */
	uint64_t	 rows, bytes, odd;	/* odd: bytes of rows as text */
	struct buf	 part;		/* of a line that has not ended */
};

int
pack_new(struct pack **out, struct fault *f)
{
	struct pack *p = calloc(1, sizeof(*p));

	*out = NULL;
	if (p == NULL)
		return packfile_nomem(f);
	if (packmodel_init(&p->m) != 0 ||
	    rans_w_init(&p->w, &p->m.shape) != 0) {
		pack_delete(p);
		return packfile_nomem(f);
	}
	*out = p;
	return 0;
}

void
pack_delete(struct pack *p)
{
	if (p == NULL)
		return;
	rans_w_free(&p->w);
	packmodel_free(&p->m);
	buf_free(&p->text);
	buf_free(&p->fresh);
	buf_free(&p->pairs);
	buf_free(&p->part);
	free(p);
}

/* Begins a record at the end of out; where it begins goes to *at. */
static int
begin_record(struct buf *out, int kind, size_t *at)
{
	char head[REC_HEAD] = { (char)kind };

	*at = out->len;
	return buf_add(out, head, sizeof(head));
}

static void
end_record(struct buf *out, size_t at)
{
	size_t n = out->len - at - REC_HEAD;

	packfile_put(out->p + at + REC_LEN, n, 4);
	packfile_put(out->p + at + REC_CRC,
	    packfile_crc((const uint8_t *)out->p + at + REC_HEAD, n), 4);
}

static int
add(struct buf *b, const struct buf *what)
{
	return what->len > 0 ? buf_add(b, what->p, what->len) : 0;
}

/* Writes the block, if there are rows. */
static int
flush(struct pack *p, struct buf *out, struct fault *f)
{
	uint8_t head[BL_HEAD];
	size_t at;

	if (p->nrows == 0)
		return 0;
	packfile_put(head + BL_SEQ, p->seq, 8);
	packfile_put(head + BL_ROWS, p->nrows, 4);
	packfile_put(head + BL_TEXT, p->text.len, 4);
	packfile_put(head + BL_TOKENS, p->ntokens, 4);
	packfile_put(head + BL_PAIRS, p->npairs, 4);
	packfile_put(head + BL_NEW, p->fresh.len + p->pairs.len, 4);
	if (begin_record(out, KIND_BLOCK, &at) != 0 ||
	    buf_add(out, head, sizeof(head)) != 0 ||
	    add(out, &p->fresh) != 0 || add(out, &p->pairs) != 0 ||
	    add(out, &p->text) != 0 || rans_w_block(&p->w, out) != 0)
		return packfile_nomem(f);
	end_record(out, at);
	p->rows += p->nrows;
	p->nrows = p->ntokens = p->npairs = 0;
	p->numbered = false;
	p->seq = 0;
	buf_reset(&p->text);
	buf_reset(&p->fresh);
	buf_reset(&p->pairs);
	return 0;
}

/* The number of the instrument, a new one where it is new; -1: there are too
 * many; -2: out of memory. */
static long
token_of(struct pack *p, const struct packrow *r)
{
	uint32_t *slot = &p->hash[r->token * UINT32_C(2654435769) >>
	    (32 - HASH_BITS)];
	const struct packtok *t;
	uint8_t b[6];

	for (uint32_t i = *slot; i != 0; i = t->next) {
		t = &p->m.t.v[i - 1];
		if (t->token == r->token && t->index == r->index &&
		    t->nsymbol == r->nsymbol &&
		    memcmp(p->m.t.name[i - 1].symbol, r->symbol,
		    r->nsymbol) == 0)
			return (long)i - 1;
	}
	if (p->m.t.n == PACKTOK_MAX)
		return -1;
	packfile_put(b, r->token, 4);
	b[4] = r->index;
	b[5] = r->nsymbol;
	if (buf_add(&p->fresh, b, sizeof(b)) != 0 || (r->nsymbol > 0 &&
	    buf_add(&p->fresh, r->symbol, r->nsymbol) != 0) ||
	    packtok_add(&p->m.t, r) != 0)
		return -2;
	p->m.t.v[p->m.t.n - 1].next = *slot;
	*slot = p->m.t.n;
	p->ntokens++;
	return (long)p->m.t.n - 1;
}

/* The number of connection and flag, likewise. */
static long
pair_of(struct pack *p, const struct packrow *r)
{
	uint8_t b[5];

	for (uint32_t i = 0; i < p->m.t.npair; i++)
		if (p->m.t.pair[i].conn == r->conn &&
		    p->m.t.pair[i].nflag == r->nflag &&
		    memcmp(p->m.t.pair[i].flag, r->flag, r->nflag) == 0)
			return i;
	if (p->m.t.npair == PACKTOK_PAIRS)
		return -1;
	packfile_put(b, r->conn, 4);
	b[4] = r->nflag;
	if (buf_add(&p->pairs, b, sizeof(b)) != 0 || (r->nflag > 0 &&
	    buf_add(&p->pairs, r->flag, r->nflag) != 0))
		return -2;
	packtok_add_pair(&p->m.t, r);
	p->npairs++;
	return (long)p->m.t.npair - 1;
}

/* Is the row the next one by its seq?  A hole in many rows begins a block. */
static int
numbered(struct pack *p, uint64_t seq, struct buf *out, struct fault *f)
{
	if (p->numbered && seq != p->seq + p->nrows) {
		if (p->nrows < ALONE)
			return 0;
		if (flush(p, out, f) != 0)
			return -1;
	}
	if (!p->numbered) {
		if (seq < p->nrows)
			return 0;
		p->seq = seq - p->nrows;
		p->numbered = true;
	}
	return 1;
}

/* A row, with its newline. */
static int
put_row(struct pack *p, const char *row, size_t n, struct buf *out,
    struct fault *f)
{
	struct packrow r;
	long tok = -1, pair = -1;
	int rc = packrow_parse(&r, &p->seen, row, n);

	if (rc == 1 && (rc = numbered(p, r.seq, out, f)) == -1)
		return -1;
	if (rc == 1 && (pair = pair_of(p, &r)) >= 0)
		tok = token_of(p, &r);
	if (tok == -2 || pair == -2 || rans_w_room(&p->w, PACKMODEL_ROW) != 0)
		return packfile_nomem(f);
	if (tok >= 0) {
		packmodel_put(&p->m, &p->w, &r, (uint32_t)tok,
		    (uint32_t)pair);
	} else {
		if (buf_add(&p->text, row, n) != 0)
			return packfile_nomem(f);
		p->odd += n;
		packmodel_put_text(&p->m, &p->w);
	}
	if (++p->nrows == PACK_BLOCK_ROWS || p->text.len >= TEXT_MAX ||
	    p->w.n + PACKMODEL_ROW > SYMBOLS)
		return flush(p, out, f);
	return 0;
}

static int
put_header(struct pack *p, const char *line, size_t n, struct buf *out,
    struct fault *f)
{
	size_t at;

	if (n != strlen(tick_header) + 1 || memcmp(line, tick_header, n - 1)
	    != 0)
		return fault_set(f, EX_DATAERR, "it has other columns");
	if (buf_add(out, PACK_MAGIC, MAGIC) != 0 ||
	    begin_record(out, KIND_HEADER, &at) != 0 ||
	    buf_add(out, line, n - 1) != 0)
		return packfile_nomem(f);
	end_record(out, at);
	p->begun = true;
	return 0;
}

static int
put_line(struct pack *p, const char *line, size_t n, struct buf *out,
    struct fault *f)
{
	if (n > PACK_LINE_MAX)
		return fault_set(f, EX_DATAERR, "a line has %zu bytes", n);
	return p->begun ? put_row(p, line, n, out, f) :
	    put_header(p, line, n, out, f);
}

int
pack_put(struct pack *p, const char *text, size_t n, struct buf *out,
    struct fault *f)
{
	const char *end = text + n, *nl;

	p->bytes += n;
	while (text < end && (nl = memchr(text, '\n', (size_t)(end - text))) !=
	    NULL) {
		size_t len = (size_t)(nl + 1 - text);

		if (p->part.len > 0) {
			if (buf_add(&p->part, text, len) != 0)
				return packfile_nomem(f);
			if (put_line(p, p->part.p, p->part.len, out, f) != 0)
				return -1;
			buf_reset(&p->part);
		} else if (put_line(p, text, len, out, f) != 0) {
			return -1;
		}
		text = nl + 1;
	}
	if (p->part.len + (size_t)(end - text) > PACK_LINE_MAX)
		return fault_set(f, EX_DATAERR, "a line has more than %d bytes",
		    PACK_LINE_MAX);
	if (text < end && buf_add(&p->part, text, (size_t)(end - text)) != 0)
		return packfile_nomem(f);
	return 0;
}

int
pack_end(struct pack *p, struct buf *out, struct fault *f)
{
	uint8_t head[END_TAIL];
	size_t at;

	if (!p->begun)
		return fault_set(f, EX_DATAERR, "it has no header");
	if (p->odd > ODD_MIN && p->odd > p->bytes / ODD_PART)
		return fault_set(f, EX_DATAERR, "its rows are not those of "
		    "das-tick");
	if (flush(p, out, f) != 0)
		return -1;
	packfile_put(head + END_ROWS, p->rows, 8);
	packfile_put(head + END_BYTES, p->bytes, 8);
	if (begin_record(out, KIND_END, &at) != 0 ||
	    buf_add(out, head, sizeof(head)) != 0 || add(out, &p->part) != 0)
		return packfile_nomem(f);
	end_record(out, at);
	return 0;
}
