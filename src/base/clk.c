#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clk.h"
#include "num.h"

/* The simulated clock: shows sim_us when the real one shows real_us. */
static int64_t sim_us, real_us;
static double speed = 1;
static int simulated;

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);		/* cannot fail for the clocks we read */
	return ts.tv_sec * US_PER_SEC + ts.tv_nsec / 1000;
}

int
clk_setup(struct fault *f)
{
	const char *env = getenv("DAS_CLOCK");
	char text[80], *at, *anchor;
	double v;

	simulated = 0;
	speed = 1;
	if (env == NULL || *env == '\0')
		return 0;
	if (strlen(env) >= sizeof(text))
		goto bad;
	strcpy(text, env);
	real_us = read_clock(CLOCK_REALTIME);
	if ((anchor = strchr(text, '/')) != NULL) {
		*anchor++ = '\0';
		if (num_double(anchor, 0, 1e11, &v) != 0)
			goto bad;
		real_us = (int64_t)(v * 1e6);
	}
	if ((at = strchr(text, '@')) != NULL) {
		*at++ = '\0';
		if (num_double(at, 0.001, 100000, &v) != 0)
			goto bad;
		speed = v;
	}
	if (clk_from_iso(text, &sim_us) != 0)
		goto bad;
	simulated = 1;
	return 0;
bad:
	return fault_set(f, EX_USAGE, "DAS_CLOCK is '%s': want "
	    "YYYY-MM-DDTHH:MM:SS+05:30[@speed][/real-seconds]", env);
}

int64_t
clk_now(void)
{
	int64_t now = read_clock(CLOCK_REALTIME);

	return simulated ?
	    sim_us + (int64_t)((double)(now - real_us) * speed) : now;
}

int64_t
clk_mono(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

/* Readings with a long wait between them would be of several moments. */
struct clk_all
clk_all(void)
{
	struct clk_all c;

	for (int i = 0; i < 5; i++) {
		c.mono_us = clk_mono();
		c.boot_us = read_clock(CLOCK_BOOTTIME);
		c.real_us = read_clock(CLOCK_REALTIME);
		if (clk_mono() - c.mono_us < 100 * US_PER_MS)
			break;
	}
	return c;
}

double
clk_speed(void)
{
	return speed;
}

int64_t
clk_until(int64_t at)
{
	int64_t d = at - clk_now();

	return d > 0 ? (int64_t)((double)d / speed) : 0;
}

/* Floor division: times before 1970 count downwards too. */
static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/*
 * Days to a civil date and back, in the proleptic Gregorian calendar.  Years
 * begin in March here, so that the leap day is the last of its year; 400 years
 * have 146,097 days, day 0 is 0000-03-01 = 719,468 days before 1970-01-01.
 */
void
clk_day_split(int32_t day, int *year, int *month, int *mday)
{
	int64_t z = (int64_t)day + 719468;
	int64_t era = floor_div(z, 146097);
	int64_t doe = z - era * 146097;			/* day of the era */
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;		/* 0 is March */

	*mday = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = (int)(yoe + era * 400 + (*month <= 2));
}

int
clk_day_make(int year, int month, int mday, int32_t *day)
{
	int y, m, d;
	int64_t yy = year - (month <= 2), era, yoe, doy;
	int32_t v;

	if (year < 1970 || year > 9999 || month < 1 || month > 12 ||
	    mday < 1 || mday > 31)
		return -1;
	era = yy / 400;
	yoe = yy - era * 400;
	doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + mday - 1;
	v = (int32_t)(era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy -
	    719468);
	clk_day_split(v, &y, &m, &d);
	if (m != month || d != mday)	/* 31 April */
		return -1;
	*day = v;
	return 0;
}

/* n digits at s, or -1. */
static int
digits(const char *s, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		v = v * 10 + (s[i] - '0');
	}
	return v;
}

static char *
put_digits(char *p, int v, int n)
{
	for (int i = n - 1; i >= 0; i--, v /= 10)
		p[i] = (char)('0' + v % 10);
	return p + n;
}

/* "YYYY-MM-DD" at the start of s, whatever follows. */
static int
day_at(const char *s, int32_t *day)
{
	int y, m, d;

	if ((y = digits(s, 4)) < 0 || s[4] != '-' ||
	    (m = digits(s + 5, 2)) < 0 || s[7] != '-' ||
	    (d = digits(s + 8, 2)) < 0)
		return -1;
	return clk_day_make(y, m, d, day);
}

int
clk_day_from(const char *s, int32_t *day)
{
	return strlen(s) == 10 ? day_at(s, day) : -1;
}

char *
clk_day_to(int32_t day, char *out)
{
	int y, m, d;
	char *p = out;

	clk_day_split(day, &y, &m, &d);
	p = put_digits(p, y, 4);
	*p++ = '-';
	p = put_digits(p, m, 2);
	*p++ = '-';
	p = put_digits(p, d, 2);
	*p = '\0';
	return out;
}

int32_t
clk_day_of(int64_t us)
{
	return (int32_t)floor_div(us + CLK_IST_US, US_PER_DAY);
}

int64_t
clk_day_start(int32_t day)
{
	return day * US_PER_DAY - CLK_IST_US;
}

int
clk_weekday(int32_t day)
{
	return (int)(((day % 7) + 11) % 7);	/* 1970-01-01 was a Thursday */
}

/* Date and time of day of local microseconds, sep between; gives the end. */
static char *
put_local(char *out, int64_t local, char sep)
{
	int64_t day = floor_div(local, US_PER_DAY);
	int s = (int)((local - day * US_PER_DAY) / US_PER_SEC);
	char *p;

	clk_day_to((int32_t)day, out);
	p = out + 10;
	*p++ = sep;
	p = put_digits(p, s / 3600, 2);
	*p++ = ':';
	p = put_digits(p, s / 60 % 60, 2);
	*p++ = ':';
	p = put_digits(p, s % 60, 2);
	*p = '\0';
	return p;
}

char *
clk_to_ist_s(int64_t sec, char *out)
{
	put_local(out, sec * US_PER_SEC + CLK_IST_US, ' ');
	return out;
}

char *
clk_to_ist(int64_t us, char *out)
{
	char *p = put_local(out, us + CLK_IST_US, ' ');

	*p++ = '.';
	p = put_digits(p, (int)(us - floor_div(us, US_PER_SEC) * US_PER_SEC), 6);
	*p = '\0';
	return out;
}

char *
clk_to_iso(int64_t us, char *out)
{
	char *p = put_local(out, us, 'T');

	*p++ = '.';
	p = put_digits(p, (int)((us - floor_div(us, US_PER_SEC) * US_PER_SEC) /
	    US_PER_MS), 3);
	memcpy(p, "+00:00", 7);
	return out;
}

/* Date, sep, time of day, optional fraction; gives the end or NULL. */
static const char *
read_local(const char *s, const char *seps, int64_t *local)
{
	int32_t day;
	int h, m, sec, unit = 100000, frac = 0;

	if (day_at(s, &day) != 0 || s[10] == '\0' ||
	    strchr(seps, s[10]) == NULL ||
	    (h = digits(s + 11, 2)) < 0 || h > 23 || s[13] != ':' ||
	    (m = digits(s + 14, 2)) < 0 || m > 59 || s[16] != ':' ||
	    (sec = digits(s + 17, 2)) < 0 || sec > 59)
		return NULL;
	s += 19;
	if (*s == '.') {
		for (s++; *s >= '0' && *s <= '9'; s++, unit /= 10) {
			if (unit == 0)
				return NULL;
			frac += (*s - '0') * unit;
		}
		if (unit == 100000)
			return NULL;
	}
	*local = day * US_PER_DAY + (h * 3600 + m * 60 + sec) * US_PER_SEC +
	    frac;
	return s;
}

int
clk_from_ist(const char *s, int64_t *us)
{
	int64_t local;

	if ((s = read_local(s, " ", &local)) == NULL || *s != '\0')
		return -1;
	*us = local - CLK_IST_US;
	return 0;
}

int
clk_from_iso(const char *s, int64_t *us)
{
	int64_t local;
	int h, m;

	if ((s = read_local(s, "T ", &local)) == NULL)
		return -1;
	if (strcmp(s, "Z") == 0) {
		*us = local;
		return 0;
	}
	if ((*s != '+' && *s != '-') || (h = digits(s + 1, 2)) < 0 || h > 14 ||
	    s[3] != ':' || (m = digits(s + 4, 2)) < 0 || m > 59 || s[6] != '\0')
		return -1;
	*us = local - (*s == '-' ? -1 : 1) * (h * 60 + m) * 60 * US_PER_SEC;
	return 0;
}
