#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pack.h"
#include "packmodel.h"
#include "tick.h"

/*
 * A file is the magic and records: kind, length and CRC-32 of what follows.
 * Integers are little-endian.
 */
enum {
	MAGIC = 8,
	REC_KIND = 0, REC_LEN = 1, REC_CRC = 5, REC_HEAD = 9,
	KIND_HEADER = 'H',	/* the first line, without its newline */
	KIND_BLOCK = 'B',
	KIND_END = 'E'		/* rows, bytes of the segment; a torn tail */
};
enum {				/* the beginning of a block */
	BL_SEQ = 0,		/* u64: of its first row */
	BL_ROWS = 8,		/* u32 */
	BL_TEXT = 12,		/* u32: bytes of rows that are text */
	BL_TOKENS = 16,		/* u32: instruments that are new */
	BL_PAIRS = 20,		/* u32: pairs that are new */
	BL_NEW = 24,		/* u32: bytes of both */
	BL_HEAD = 28
};
enum { END_ROWS = 0, END_BYTES = 8, END_TAIL = 16 };

enum {
	SYMBOLS = 2 << 20,		/* a block ends with so many, nearly */
	TEXT_MAX = 4 << 20,
	ODD_MIN = 1 << 20, ODD_PART = 8,	/* more text than these: another
						 * way is better */
	ALONE = 1024,		/* a hole in seq begins a new block after so
				 * many rows */
	HASH_BITS = 13
};

/* ---- bytes ---- */

static uint32_t crc_table[256];

__attribute__((constructor)) static void
make_crc_table(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;

		for (int k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ UINT32_C(0xedb88320) : c >> 1;
		crc_table[i] = c;
	}
}

/* That of zlib, PNG and IEEE 802.3. */
static uint32_t
crc32_of(const uint8_t *p, size_t n)
{
	uint32_t c = UINT32_MAX;

	while (n-- > 0)
		c = c >> 8 ^ crc_table[(c ^ *p++) & 0xff];
	return ~c;
}

static void
put_le(void *to, uint64_t v, int n)
{
	uint8_t *p = to;

	for (int i = 0; i < n; i++, v >>= 8)
		p[i] = (uint8_t)v;
}

static uint64_t
get_le(const uint8_t *p, int n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

static int
nomem(struct fault *f)
{
	errno = ENOMEM;
	return fault_sys(f, EX_TEMPFAIL, "packing");
}

/* ---- writing ---- */

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
		return nomem(f);
	if (packmodel_init(&p->m) != 0 || rans_w_init(&p->w, &p->m.shape) != 0) {
		pack_delete(p);
		return nomem(f);
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

	put_le(out->p + at + REC_LEN, n, 4);
	put_le(out->p + at + REC_CRC, crc32_of((const uint8_t *)out->p + at +
	    REC_HEAD, n), 4);
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
	put_le(head + BL_SEQ, p->seq, 8);
	put_le(head + BL_ROWS, p->nrows, 4);
	put_le(head + BL_TEXT, p->text.len, 4);
	put_le(head + BL_TOKENS, p->ntokens, 4);
	put_le(head + BL_PAIRS, p->npairs, 4);
	put_le(head + BL_NEW, p->fresh.len + p->pairs.len, 4);
	if (begin_record(out, KIND_BLOCK, &at) != 0 ||
	    buf_add(out, head, sizeof(head)) != 0 ||
	    add(out, &p->fresh) != 0 || add(out, &p->pairs) != 0 ||
	    add(out, &p->text) != 0 || rans_w_block(&p->w, out) != 0)
		return nomem(f);
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
		t = &p->m.tok[i - 1];
		if (t->token == r->token && t->index == r->index &&
		    t->nsymbol == r->nsymbol &&
		    memcmp(p->m.name[i - 1].symbol, r->symbol,
		    r->nsymbol) == 0)
			return (long)i - 1;
	}
	if (p->m.ntok == PACKMODEL_TOKENS)
		return -1;
	put_le(b, r->token, 4);
	b[4] = r->index;
	b[5] = r->nsymbol;
	if (buf_add(&p->fresh, b, sizeof(b)) != 0 || (r->nsymbol > 0 &&
	    buf_add(&p->fresh, r->symbol, r->nsymbol) != 0) ||
	    packmodel_add_token(&p->m, r) != 0)
		return -2;
	p->m.tok[p->m.ntok - 1].next = *slot;
	*slot = p->m.ntok;
	p->ntokens++;
	return (long)p->m.ntok - 1;
}

/* The number of connection and flag, likewise. */
static long
pair_of(struct pack *p, const struct packrow *r)
{
	uint8_t b[5];

	for (uint32_t i = 0; i < p->m.npair; i++)
		if (p->m.pair[i].conn == r->conn &&
		    p->m.pair[i].nflag == r->nflag &&
		    memcmp(p->m.pair[i].flag, r->flag, r->nflag) == 0)
			return i;
	if (p->m.npair == PACKMODEL_PAIRS)
		return -1;
	put_le(b, r->conn, 4);
	b[4] = r->nflag;
	if (buf_add(&p->pairs, b, sizeof(b)) != 0 || (r->nflag > 0 &&
	    buf_add(&p->pairs, r->flag, r->nflag) != 0))
		return -2;
	packmodel_add_pair(&p->m, r);
	p->npairs++;
	return (long)p->m.npair - 1;
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
		return nomem(f);
	if (tok >= 0) {
		packmodel_put(&p->m, &p->w, &r, (uint32_t)tok,
		    (uint32_t)pair);
	} else {
		if (buf_add(&p->text, row, n) != 0)
			return nomem(f);
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
		return nomem(f);
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
				return nomem(f);
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
		return nomem(f);
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
	put_le(head + END_ROWS, p->rows, 8);
	put_le(head + END_BYTES, p->bytes, 8);
	if (begin_record(out, KIND_END, &at) != 0 ||
	    buf_add(out, head, sizeof(head)) != 0 || add(out, &p->part) != 0)
		return nomem(f);
	end_record(out, at);
	return 0;
}

/* ---- reading ---- */

struct unpack {
	struct packmodel m;
	struct rans_r	 r;
	enum {
		AT_START, GOT_MAGIC, GOT_HEAD, GOT_RECORD, IN_RECORD, AT_END
	} at;
	int		 kind;		/* of the record */
	struct buf	 in;		/* the record */
	uint8_t		 head[REC_HEAD];
	bool		 begun;		/* there was a header */
	/* of the block */
	uint64_t	 seq;		/* of the next row */
	uint32_t	 left;		/* rows */
	const char	*text, *textend;	/* rows as they are */
	const char	*out, *outend;	/* text to give out as it is */
	/* of the segment, so far */
	uint64_t	 rows, bytes;
};

int
unpack_new(struct unpack **out, struct fault *f)
{
	struct unpack *u = calloc(1, sizeof(*u));

	*out = NULL;
	if (u == NULL)
		return nomem(f);
	if (packmodel_init(&u->m) != 0 ||
	    rans_r_init(&u->r, &u->m.shape) != 0) {
		unpack_delete(u);
		return nomem(f);
	}
	*out = u;
	return 0;
}

void
unpack_delete(struct unpack *u)
{
	if (u == NULL)
		return;
	rans_r_free(&u->r);
	packmodel_free(&u->m);
	buf_free(&u->in);
	free(u);
}

static int
damaged(struct fault *f, const char *what)
{
	return fault_set(f, EX_DATAERR, "damaged: %s", what);
}

/* Instruments and pairs that are new in a block, in p[n]. */
static int
read_new(struct unpack *u, const uint8_t *p, size_t n, uint32_t ntokens,
    uint32_t npairs, struct fault *f)
{
	struct packrow r;

	if (ntokens > PACKMODEL_TOKENS - u->m.ntok ||
	    npairs > PACKMODEL_PAIRS - u->m.npair)
		return damaged(f, "too many instruments");
	for (uint32_t i = 0; i < ntokens; i++) {
		if (n < 6 || p[5] > PACK_SYMBOL_MAX || p[5] > n - 6 || p[4] > 1)
			return damaged(f, "no instrument");
		r.token = (uint32_t)get_le(p, 4);
		r.index = p[4];
		r.nsymbol = p[5];
		r.symbol = (const char *)p + 6;
		if (packmodel_add_token(&u->m, &r) != 0)
			return nomem(f);
		n -= 6u + r.nsymbol;
		p += 6u + r.nsymbol;
	}
	for (uint32_t i = 0; i < npairs; i++) {
		if (n < 5 || p[4] > PACK_FLAG_MAX || p[4] > n - 5)
			return damaged(f, "no pair");
		r.conn = (uint32_t)get_le(p, 4);
		r.nflag = p[4];
		r.flag = (const char *)p + 5;
		packmodel_add_pair(&u->m, &r);
		n -= 5u + r.nflag;
		p += 5u + r.nflag;
	}
	return n == 0 ? 0 : damaged(f, "instruments");
}

static int
begin_block(struct unpack *u, const uint8_t *p, size_t n, struct fault *f)
{
	uint64_t ntext, nnew;

	if (n < BL_HEAD)
		return damaged(f, "a short block");
	u->seq = get_le(p + BL_SEQ, 8);
	u->left = (uint32_t)get_le(p + BL_ROWS, 4);
	ntext = get_le(p + BL_TEXT, 4);
	nnew = get_le(p + BL_NEW, 4);
	if (u->left == 0 || u->left > PACK_BLOCK_ROWS ||
	    nnew > n - BL_HEAD || ntext > n - BL_HEAD - nnew)
		return damaged(f, "a block");
	if (read_new(u, p + BL_HEAD, nnew, (uint32_t)get_le(p + BL_TOKENS, 4),
	    (uint32_t)get_le(p + BL_PAIRS, 4), f) != 0)
		return -1;
	p += BL_HEAD + nnew;
	n -= BL_HEAD + nnew;
	u->text = (const char *)p;
	u->textend = u->text + ntext;
	if (rans_r_block(&u->r, p + ntext, n - ntext) != 0)
		return errno == ENOMEM ? nomem(f) : damaged(f, "symbols");
	return 0;
}

static int
begin_end(struct unpack *u, const uint8_t *p, size_t n, struct fault *f)
{
	if (n < END_TAIL || n - END_TAIL > PACK_LINE_MAX ||
	    memchr(p + END_TAIL, '\n', n - END_TAIL) != NULL ||
	    get_le(p + END_ROWS, 8) != u->rows ||
	    get_le(p + END_BYTES, 8) != u->bytes + (n - END_TAIL))
		return damaged(f, "rows are missing");
	u->out = (const char *)p + END_TAIL;
	u->outend = u->out + (n - END_TAIL);
	u->at = AT_END;
	return 0;
}

/* The header line goes out as it is; its newline takes the place of a byte that
 * buf keeps behind its contents. */
static int
begin_segment(struct unpack *u, struct fault *f)
{
	if (u->in.len != strlen(tick_header) ||
	    memcmp(u->in.p, tick_header, u->in.len) != 0)
		return fault_set(f, EX_DATAERR, "packed by another version: "
		    "its columns are not known");
	if (buf_add(&u->in, "\n", 1) != 0)
		return nomem(f);
	u->out = u->in.p;
	u->outend = u->in.p + u->in.len;
	u->begun = true;
	return 0;
}

/* A record is there: begins it. */
static int
begin(struct unpack *u, struct fault *f)
{
	const uint8_t *p = (const uint8_t *)u->in.p;
	size_t n = u->in.len;

	if (crc32_of(p, n) != get_le(u->head + REC_CRC, 4))
		return damaged(f, "a checksum");
	u->at = IN_RECORD;
	if ((u->kind == KIND_HEADER) == u->begun)
		return damaged(f, "a record is not in its place");
	switch (u->kind) {
	case KIND_HEADER:
		return begin_segment(u, f);
	case KIND_BLOCK:
		return begin_block(u, p, n, f);
	case KIND_END:
		return begin_end(u, p, n, f);
	default:
		return damaged(f, "a record of an unknown kind");
	}
}

/* Room for a record of n bytes, all of which will come. */
static void *
room(struct unpack *u, size_t n, struct fault *f)
{
	buf_reset(&u->in);
	if (buf_room(&u->in, n + 1) != 0) {
		nomem(f);
		return NULL;
	}
	u->in.len = n;
	return u->in.p;
}

void *
unpack_want(struct unpack *u, size_t *n, struct fault *f)
{
	*n = 0;
	switch (u->at) {
	case AT_START:
		u->at = GOT_MAGIC;
		*n = MAGIC;
		return u->head;
	case GOT_MAGIC:
		if (memcmp(u->head, PACK_MAGIC, MAGIC) != 0) {
			*n = 1;
			damaged(f, "it does not begin as a packed segment");
			return NULL;
		}
		/* FALLTHROUGH */
	case IN_RECORD:
		u->at = GOT_HEAD;
		*n = REC_HEAD;
		return u->head;
	case GOT_HEAD:
		u->at = GOT_RECORD;
		u->kind = u->head[REC_KIND];
		*n = (size_t)get_le(u->head + REC_LEN, 4);
		if (*n <= PACK_RECORD_MAX && *n > 0)
			return room(u, *n, f);
		*n = 1;
		damaged(f, "a record of an impossible length");
		return NULL;
	default:
		return NULL;
	}
}

/* A row of the block to to; its length, 0 when there is no room, or -1. */
static long
next_row(struct unpack *u, char *to, size_t n, struct fault *f)
{
	const char *nl;
	struct packrow r;
	size_t len;

	if (n < TICK_ROW_MAX)
		return 0;
	switch (packmodel_get(&u->m, &u->r, &r)) {
	case PACKMODEL_TEXT:
		if (u->r.bad || u->text == u->textend || (nl = memchr(u->text,
		    '\n', (size_t)(u->textend - u->text))) == NULL)
			return damaged(f, "a row");
		u->out = u->text;
		u->outend = u->text = nl + 1;
		len = 0;
		break;
	default:
		if (u->r.bad)
			return damaged(f, "a row");
		r.seq = u->seq;
		len = packrow_format(&r, to);
	}
	u->seq++;
	u->rows++;
	u->bytes += len;
	if (--u->left == 0 && (!rans_r_done(&u->r) || u->text != u->textend))
		return damaged(f, "the end of a block");
	return (long)len;
}

long
unpack_text(struct unpack *u, char *to, size_t n, struct fault *f)
{
	size_t done = 0, k;
	long len;

	if (u->at == GOT_RECORD && begin(u, f) != 0)
		return -1;
	for (;;) {
		if ((k = (size_t)(u->outend - u->out)) > 0) {
			if (k > n - done)
				k = n - done;
			if (k == 0)
				break;
			memcpy(to + done, u->out, k);
			u->out += k;
			u->bytes += k;
			done += k;
		} else if (u->left > 0) {
			len = next_row(u, to + done, n - done, f);
			if (len < 0)
				return -1;
			if (len == 0 && u->out == u->outend)
				break;
			done += (size_t)len;
		} else {
			break;
		}
	}
	return (long)done;
}
