/*
 * pack - a segment of topic ticks in about a fifteenth of its bytes, losslessly
 *
 * Rows in, records out, and back, byte for byte: rows that tick_format() would
 * write as packmodel.h codes them, all others as they are.  das-spool(5),
 * "Packed segments", describes the bytes.
 *
 * Memory: writing 20 MB, most of it the symbols of a block; reading a block's
 * bytes and 2 MB of tables; both and 400 bytes an instrument.  Pure: bytes in,
 * bytes out.
 */
#ifndef PACK_H
#define PACK_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "fault.h"

enum {
	PACK_BLOCK_ROWS = 65536,	/* most of a block */
	PACK_LINE_MAX = 256 * 1024,	/* longest line of a segment */
	PACK_RECORD_MAX = 24 << 20	/* most bytes of a record */
};

#define PACK_MAGIC	"DASpack\1"	/* 8 bytes; the last is the version */

/* ---- writing ---- */

struct pack;

/* 0 or -1 with EX_TEMPFAIL (memory). */
int	pack_new(struct pack **p, struct fault *f);
void	pack_delete(struct pack *p);		/* NULL is fine */

/*
 * Takes the next bytes of the segment, cut anywhere, and appends what can be
 * written of it to out.  EX_DATAERR: this cannot be packed, its first line is not
 * that of topic ticks or a line is too long; EX_TEMPFAIL memory.
 */
int	pack_put(struct pack *p, const char *text, size_t n, struct buf *out,
	    struct fault *f);
/* The segment ends here, in a row or not.  Also EX_DATAERR: most of it was no
 * rows that tick_format() writes, so that packing did not pay. */
int	pack_end(struct pack *p, struct buf *out, struct fault *f);

/* ---- reading ---- */

struct unpack;

int	unpack_new(struct unpack **u, struct fault *f);
void	unpack_delete(struct unpack *u);	/* NULL is fine */

/*
 * The next text, at most n bytes of it (n at least TICK_ROW_MAX): their number;
 * 0 when more of the file is needed, or all of it was given; -1 with
 * EX_DATAERR: damaged.
 */
long	unpack_text(struct unpack *u, char *to, size_t n, struct fault *f);

/*
 * Where the next *n bytes of the file belong; NULL with *n 0 at the end of the
 * segment, behind which the file must end; NULL otherwise: damaged, EX_DATAERR,
 * or EX_TEMPFAIL.  unpack_text() until it gives 0, then this, then the bytes.
 */
void	*unpack_want(struct unpack *u, size_t *n, struct fault *f);

#endif
