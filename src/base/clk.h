/*
 * clk - the only module that reads a clock
 *
 * Wall time is int64_t microseconds since 1970-01-01 UTC.  The market's zone
 * is Asia/Kolkata, a constant +05:30, whatever the machine's zone is.
 *
 * DAS_CLOCK=2026-11-23T09:14:50+05:30@60 sets the wall clock that the tools
 * believe: it shows that time when the program starts and runs 60 times as
 * fast.  "/SECONDS" behind it says at which real second (since the epoch,
 * decimals allowed) the clock showed that time, so that programs started one
 * after the other share one clock; das-main adds it.  Elapsed time (clk_mono)
 * stays real: a network time-out is one.
 */
#ifndef CLK_H
#define CLK_H

#include <stdint.h>

#include "fault.h"

#define US_PER_SEC	INT64_C(1000000)
#define US_PER_MS	INT64_C(1000)
#define US_PER_DAY	(86400 * US_PER_SEC)
#define CLK_IST_US	(19800 * US_PER_SEC)	/* +05:30 */

enum {
	CLK_TEXT = 27,		/* "YYYY-MM-DD HH:MM:SS.uuuuuu" and NUL */
	CLK_DAY = 11		/* "YYYY-MM-DD" and NUL */
};

/* Reads DAS_CLOCK; -1 (EX_USAGE) when it is set and cannot be read. */
int	clk_setup(struct fault *f);

int64_t	clk_now(void);		/* wall time, us since the epoch */
int64_t	clk_mono(void);		/* real us since some start, never back */
double	clk_speed(void);	/* wall seconds per real second, 1 normally */
/* Real microseconds until the wall clock shows at; 0 when it already does. */
int64_t	clk_until(int64_t at);

/* The machine's own clocks at one moment, whatever DAS_CLOCK says. */
struct clk_all {
	int64_t	 real_us;	/* since the epoch */
	int64_t	 mono_us;	/* as clk_mono(): stands still while it sleeps */
	int64_t	 boot_us;	/* the same, but goes on then */
};
struct clk_all clk_all(void);

/* IST text with microseconds; gives out, which holds CLK_TEXT bytes. */
char	*clk_to_ist(int64_t us, char *out);
/* IST text of whole seconds, 19 characters and NUL. */
char	*clk_to_ist_s(int64_t sec, char *out);
/* "YYYY-MM-DD HH:MM:SS" with optional fraction of up to 6 digits. */
int	clk_from_ist(const char *s, int64_t *us);
/* ISO 8601, "T" or blank between, zone "Z" or "+HH:MM" required. */
int	clk_from_iso(const char *s, int64_t *us);
/* UTC ISO 8601 with +00:00 and milliseconds, 30 bytes with NUL. */
char	*clk_to_iso(int64_t us, char *out);

/*
 * Days: int32_t days since 1970-01-01, in the market's zone.
 */
int32_t	clk_day_of(int64_t us);
int64_t	clk_day_start(int32_t day);	/* its midnight, us */
/* "YYYY-MM-DD", a real date of the years 1970 to 9999; -1 otherwise. */
int	clk_day_from(const char *s, int32_t *day);
char	*clk_day_to(int32_t day, char *out);	/* out: CLK_DAY bytes */
int	clk_day_make(int year, int month, int mday, int32_t *day);
void	clk_day_split(int32_t day, int *year, int *month, int *mday);
int	clk_weekday(int32_t day);	/* 0 Sunday .. 6 Saturday */

#endif
