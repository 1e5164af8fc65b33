/*
 * status - status.tsv: how the capture goes, key and value
 *
 * Shown anew every second (das-spool(5)).  The next das-tick reads from it how
 * the one before it ended.
 */
#ifndef STATUS_H
#define STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "fault.h"
#include "kite.h"

struct status {
	struct buf	 b;
	bool		 bad;		/* memory ran out */
};

/* One row; values are escaped.  Without memory the whole is not shown. */
void	status_text(struct status *s, const char *key, const char *value);
void	status_number(struct status *s, const char *key, int64_t value);
/* A time of 0 is \N. */
void	status_time(struct status *s, const char *key, int64_t us);
/* "key_N", for what each connection has. */
void	status_conn(struct status *s, const char *key, unsigned conn,
	    int64_t us);
/* Puts all rows so far in the place of the file, and forgets them. */
int	status_show(struct status *s, const char *path, struct fault *f);

/* What a das-tick before this one has left; zeroed where there is no file. */
struct status_left {
	bool	 stopped;		/* not killed */
	int64_t	 heard_us[KITE_CONNS_MAX];	/* 0: is not in it */
};
struct status_left status_read(const char *path);

#endif
