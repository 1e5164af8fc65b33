/*
 * benchquant - the same rows with QuantLib, for benchblack
 *
 *	benchquant < ROWS
 *
 * Prints for each of three ways to ask it volatilities a second of CPU time, the
 * median and worst relative error over the rows that a price determines to 1e-12,
 * and how many of them it gave no volatility for: blackFormulaImpliedStdDev() with
 * its accuracy of 1e-6, with 1e-15, and blackFormulaImpliedStdDevLiRS().
 */
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <vector>

#include <ql/pricingengines/blackformula.hpp>
#include <ql/version.hpp>

using namespace QuantLib;

struct Row {
	Option::Type type;
	double forward, strike, years, discount, price, iv, kappa;
};

static double
cpu()
{
	timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec + 1e-9 * t.tv_nsec;
}

static double
solve(const Row &r, int way)
{
	double s;

	if (way == 2)
		s = blackFormulaImpliedStdDevLiRS(r.type, r.strike, r.forward,
		    r.price, r.discount);
	else
		s = blackFormulaImpliedStdDev(r.type, r.strike, r.forward,
		    r.price, r.discount, 0, Null<Real>(),
		    way == 0 ? 1e-6 : 1e-15, 1000);
	return s / std::sqrt(r.years);
}

static void
measure(const std::vector<Row> &rows, int way)
{
	std::vector<double> errors;
	size_t none = 0;
	double from = cpu(), took, s, bound;

	for (const Row &r : rows) {
		try {
			s = solve(r, way);
		} catch (const std::exception &) {
			s = NAN;
		}
		bound = (1 + r.kappa) * 0x1p-52;
		if (bound > 1e-12)
			continue;
		if (!std::isfinite(s))
			none++;
		else
			errors.push_back(std::fabs(s / r.iv - 1));
	}
	took = cpu() - from;
	std::sort(errors.begin(), errors.end());
	std::printf("%.0f %.3g %.3g %zu %zu\n", rows.size() / took,
	    errors.empty() ? 0 : errors[errors.size() / 2],
	    errors.empty() ? 0 : errors.back(), none, errors.size() + none);
}

int
main()
{
	std::vector<Row> rows;
	Row r;
	int type;
	double rate;

	while (std::scanf("%d %lf %lf %lf %lf %lf %lf %lf", &type, &r.forward,
	    &r.strike, &r.years, &rate, &r.price, &r.iv, &r.kappa) == 8) {
		r.type = type > 0 ? Option::Call : Option::Put;
		r.discount = std::exp(-rate * r.years);
		rows.push_back(r);
	}
	std::printf("%s\n", QL_VERSION);
	for (int way = 0; way < 3; way++)
		measure(rows, way);
	return rows.empty();
}
