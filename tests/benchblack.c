/*
 * benchblack - how many implied volatilities a second, and how exact, on one core
 *
 *	benchblack [ROWS]
 *
 * Prints six numbers: volatilities a second of CPU time, one call each, without a
 * guess; volatility and greeks, by rows; one call each, with a guess that is 0.1 %
 * off; by rows; by rows again, of a snapshot of three indices; and the worst error
 * over the shared vectors and rows of five seeds, BLACK_ROWS of each, in multiples
 * of 4 (1 + kappa) 2^-52.  Timed are the shared vectors, options of all kinds, and
 * where they are missing rows of a seed.  ROWS becomes what was timed, for other
 * programs: type (1, -1), forward, strike, years, rate, price, volatility, kappa,
 * a line each.
 */
#include <time.h>

#include "blackref.h"
#include "msg.h"

enum { MOST = 4096, SEEDS = 5, GREEKS = 6 };
static const double RUN_S = 0.2;	/* each is measured so long, at least */

static struct ref_row row[MOST];
static size_t n;
static double sum;			/* of what was computed, so that it is */

static struct {
	int8_t	 type[MOST];
	double	 forward[MOST], strike[MOST], years[MOST], rate[MOST],
		 price[MOST], sigma[MOST], kappa[MOST], greek[GREEKS][MOST];
	uint8_t	 status[MOST];
	size_t	 n;
} many;

static double
cpu(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) == -1)
		msg_die(EX_OSERR, "clock_gettime");
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- rows ---- */

/* To be timed: those that have a volatility. */
static void
rows(void)
{
	FILE *a = ref_shared("vectors.csv"), *b = ref_shared("vectors_aux.csv");
	uint64_t seed = 1;

	if (a == NULL || b == NULL) {
		if (!BLACKREF)
			msg_diex(EX_UNAVAILABLE, "no 113 bits here");
		for (int s = 0; n < 2500; s = (s + 1) % REF_STRATA) {
			ref_row(&row[n], s, &seed);
			n += !isnan(row[n].iv);
		}
		return;
	}
	while (n < MOST && ref_vector(a, b, &row[n]) > 0)
		n += !isnan(row[n].iv);
	fclose(a);		/* only read from */
	fclose(b);
	if (n == 0)
		msg_diex(EX_DATAERR, "no row in the shared vectors");
}

/* The error of a row, in multiples of the bound. */
static double
error(const struct ref_row *r)
{
	enum black_status st;
	struct black_iv v;

	st = black_iv(&r->o, r->price, 0, &v);
	if (isnan(r->iv) || ref_edge(r))
		return 0;
	if (st != r->status)
		msg_diex(EX_SOFTWARE, "F %.17g K %.17g T %.17g price %.17g: %s",
		    r->o.forward, r->o.strike, r->o.years, r->price,
		    black_status_name(st));
	return fabs(v.sigma - r->iv) / (4 * (1 + r->kappa) * 0x1p-52 * r->iv);
}

static double
worst(void)
{
	uint64_t rows_a_seed = ref_asked("BLACK_ROWS", 20000);
	struct ref_row r;
	double w = 0;
	size_t i;

	for (i = 0; i < n; i++)
		w = fmax(w, error(&row[i]));
	for (uint64_t seed = 1, s = 1; BLACKREF && s <= SEEDS; seed = ++s)
		for (i = 0; i < rows_a_seed; i++) {
			ref_row(&r, (int)(i % REF_STRATA), &seed);
			w = fmax(w, error(&r));
		}
	return w;
}

static void
add(const struct black_option *o, double price)
{
	size_t i = many.n++;

	many.type[i] = (int8_t)o->type;
	many.forward[i] = o->forward;
	many.strike[i] = o->strike;
	many.years[i] = o->years;
	many.rate[i] = o->rate;
	many.price[i] = price;
}

/* Three indices, two expiries each: what is out of the money costs at least
 * 0.05, and is asked for from both sides. */
static void
snapshot(void)
{
	static const double spot[] = { 26113.4, 59011.35, 85106.8 };
	static const double unit[] = { 50, 100, 100 }, day[] = { 4, 25 };
	struct black_option o = { .rate = 0.065 };
	double price, x;

	many.n = 0;
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 2; j++)
			for (int k = -60; k <= 60; k++) {
		o.years = day[j] / 365;
		o.forward = spot[i] * (1 + o.rate * o.years);
		o.strike = (round(spot[i] / unit[i]) + k) * unit[i];
		x = log(o.strike / o.forward);
		for (int type = -1; type <= 1; type += 2) {
			o.type = (enum black_type)type;
			if (black_price(&o, 0.12 - 0.3 * x + 2 * x * x,
			    &price) != BLACK_OK)
				msg_diex(EX_SOFTWARE, "no price");
			price = round(price * 20) / 20;
			if (price >= 0.05)
				add(&o, price);
		}
			}
}

/* ---- what is timed ---- */

static void
cold(void)
{
	struct black_iv v;

	for (size_t i = 0; i < n; i++)
		if (black_iv(&row[i].o, row[i].price, 0, &v) != BLACK_EXPIRED)
			sum += v.sigma;
}

static void
warm(void)
{
	struct black_iv v;

	for (size_t i = 0; i < n; i++)
		if (black_iv(&row[i].o, row[i].price, 1.001 * row[i].iv, &v) !=
		    BLACK_EXPIRED)
			sum += v.sigma;
}

static void
batch(void)
{
	struct black_rows r = { many.n, many.type, many.forward, many.strike,
	    many.years, many.rate, many.price, many.sigma, many.kappa,
	    many.status };

	black_iv_rows(&r);
	sum += many.sigma[many.n / 2];
}

static void
greeks(void)
{
	struct black_greek_rows r = { many.n, many.type, many.forward,
	    many.strike, many.years, many.rate, many.sigma, many.greek[0],
	    many.greek[1], many.greek[2], many.greek[3], many.greek[4],
	    many.greek[5], many.status };

	batch();
	black_greeks_rows(&r);
	for (int i = 0; i < GREEKS; i++)
		sum += many.greek[i][many.n / 2];
}

/* Prints how many of count a second work() does. */
static void
timed(void (*work)(void), size_t count)
{
	double from, took;
	size_t times = 0;

	work();			/* caches, and what predicts branches */
	from = cpu();
	do {
		for (int i = 0; i < 10; i++)
			work();
		times += 10;
	} while ((took = cpu() - from) < RUN_S);
	printf("%.0f ", (double)(times * count) / took);
}

static void
write_rows(const char *name)
{
	FILE *out = fopen(name, "w");

	if (out == NULL)
		msg_die(EX_CANTCREAT, "%s", name);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%d %.17g %.17g %.17g %.17g %.17g %.17g %.17g\n",
		    row[i].o.type, row[i].o.forward, row[i].o.strike,
		    row[i].o.years, row[i].o.rate, row[i].price, row[i].iv,
		    row[i].kappa);
	if (ferror(out) || fclose(out) == EOF)
		msg_die(EX_IOERR, "%s", name);
}

int
main(int argc, char *argv[])
{
	msg_init("benchblack");
	rows();
	if (argc > 1)
		write_rows(argv[1]);
	for (size_t i = 0; i < n; i++)
		add(&row[i].o, row[i].price);
	timed(cold, n);
	timed(greeks, n);
	timed(warm, n);
	timed(batch, n);
	snapshot();
	timed(batch, many.n);
	printf("%.4f\n", worst());
	if (!isfinite(sum))
		msg_diex(EX_SOFTWARE, "a volatility is none");
	msg_close_stdout();
	return 0;
}
