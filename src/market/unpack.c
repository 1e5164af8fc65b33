#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pack.h"
#include "packfile.h"
#include "packmodel.h"
#include "tick.h"

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
		return packfile_nomem(f);
	if (packmodel_init(&u->m) != 0 ||
	    rans_r_init(&u->r, &u->m.shape) != 0) {
		unpack_delete(u);
		return packfile_nomem(f);
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

	if (ntokens > PACKTOK_MAX - u->m.t.n ||
	    npairs > PACKTOK_PAIRS - u->m.t.npair)
		return damaged(f, "too many instruments");
	for (uint32_t i = 0; i < ntokens; i++) {
		if (n < 6 || p[5] > PACK_SYMBOL_MAX || p[5] > n - 6 || p[4] > 1)
			return damaged(f, "no instrument");
		r.token = (uint32_t)packfile_get(p, 4);
		r.index = p[4];
		r.nsymbol = p[5];
		r.symbol = (const char *)p + 6;
		if (packtok_add(&u->m.t, &r) != 0)
			return packfile_nomem(f);
		n -= 6u + r.nsymbol;
		p += 6u + r.nsymbol;
	}
	for (uint32_t i = 0; i < npairs; i++) {
		if (n < 5 || p[4] > PACK_FLAG_MAX || p[4] > n - 5)
			return damaged(f, "no pair");
		r.conn = (uint32_t)packfile_get(p, 4);
		r.nflag = p[4];
		r.flag = (const char *)p + 5;
		packtok_add_pair(&u->m.t, &r);
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
	u->seq = packfile_get(p + BL_SEQ, 8);
	u->left = (uint32_t)packfile_get(p + BL_ROWS, 4);
	ntext = packfile_get(p + BL_TEXT, 4);
	nnew = packfile_get(p + BL_NEW, 4);
	if (u->left == 0 || u->left > PACK_BLOCK_ROWS ||
	    nnew > n - BL_HEAD || ntext > n - BL_HEAD - nnew)
		return damaged(f, "a block");
	if (read_new(u, p + BL_HEAD, nnew,
	    (uint32_t)packfile_get(p + BL_TOKENS, 4),
	    (uint32_t)packfile_get(p + BL_PAIRS, 4), f) != 0)
		return -1;
	p += BL_HEAD + nnew;
	n -= BL_HEAD + nnew;
	u->text = (const char *)p;
	u->textend = u->text + ntext;
	if (rans_r_block(&u->r, p + ntext, n - ntext) != 0)
		return errno == ENOMEM ? packfile_nomem(f) :
		    damaged(f, "symbols");
	return 0;
}

static int
begin_end(struct unpack *u, const uint8_t *p, size_t n, struct fault *f)
{
	if (n < END_TAIL || n - END_TAIL > PACK_LINE_MAX ||
	    memchr(p + END_TAIL, '\n', n - END_TAIL) != NULL ||
	    packfile_get(p + END_ROWS, 8) != u->rows ||
	    packfile_get(p + END_BYTES, 8) != u->bytes + (n - END_TAIL))
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
		return packfile_nomem(f);
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

	if (packfile_crc(p, n) != packfile_get(u->head + REC_CRC, 4))
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
		packfile_nomem(f);
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
		*n = (size_t)packfile_get(u->head + REC_LEN, 4);
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
