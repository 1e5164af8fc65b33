/*
 * rowimage - the checksum that CHECKSUM TABLE gives of a main table of our making,
 * from the rows of the spool
 *
 * A server sums the CRC-32 of its rows as it has them in memory: bits of what is
 * null (the first bit, and those behind the last column, are ones), then the other
 * columns: DATETIME 5 bytes, DECIMAL as packed by it, INT UNSIGNED and BIGINT as
 * the machine has them, which here is the low byte first.  MariaDB documents none
 * of it: where the sums are not equal, that says nothing, and the table is asked
 * for its values (rowsum.h).  Where they are, the values are.
 */
#ifndef ROWIMAGE_H
#define ROWIMAGE_H

#include "rowsum.h"

/* Of the fields of a row, found by rowsum_head(); n is ROWSUM_NCOL or
 * ROWSUM_NINDEX.  The table's is the sum of these, of which it keeps 32 bits.  A
 * value that is none of its column's gives any number. */
uint32_t rowimage_of(const struct rowsum *r, char *const *field, int n);

#endif
