/*
 * mills - Mills' ratio, its slope, and Y between two points, in lanes
 *
 * Names are those of normal.h; V and LANE those of lane.h.
 */
#ifndef MILLS_H
#define MILLS_H

#include "lane.h"

/* What both are over. */
static const double mills_low[] = { 1.0, 2.4252131998965298039,
	2.7497917399518330782, 1.9277893382919804145, 0.93058255803181306431,
	0.32562023639222151227 };
static const double mills_high[] = { 0.084539221498199363746,
	0.01634725740765582849, 0.0023182348248445183913,
	0.00023103114279863639596, 0.000014684173042506415666,
	4.565513680115492319e-7 };

/* a(u) = 1 - u R(u) of normal.h, 0 <= u <= 13; 1.7e-17 and roundings. */
LANE V
mills_slope(V u)
{
	static const double n0[] = { 1.0, 1.1718990625810295487,
		0.71023775051735019025, 0.27999260717573510418,
		0.07780500515236012243 };
	static const double n1[] = { 0.015661000386905194166,
		0.0022741827794936727949, 0.0002296614752198449131,
		0.000014684173285048577248, 4.565513659404639116e-7 };
	V u2 = u * u, u5 = u2 * u2 * u;

	return (E4(n0, u, u2) + E4(n1, u, u2) * u5) /
	    (E5(mills_low, u, u2) + E5(mills_high, u, u2) * (u5 * u));
}

/* R(u) of normal.h, 0 <= u <= 13: by the rational above, in which (d - n) / u has
 * no sign that changes; 7e-17 and roundings. */
LANE V
mills_ratio(V u)
{
	static const double n0[] = { 1.2533141373155002512,
		2.0395539894344829612, 1.6477967311162453612,
		0.85277755287945300466, 0.30995923600531627429 };
	static const double n1[] = { 0.082265038718705690846,
		0.016117595932435984513, 0.0023035506515594697009,
		0.00023057459143269591379, 0.000014684173042506415666,
		4.565513680115492319e-7 };
	V u2 = u * u, u5 = u2 * u2 * u;

	return (E4(n0, u, u2) + E5(n1, u, u2) * u5) /
	    (E5(mills_low, u, u2) + E5(mills_high, u, u2) * (u5 * u));
}

/*
 * (Y(h + t) - Y(h - t)) / 2t by H = h^2, T = t^2 and a = a(-h), by Taylor:
 * sum T^m (up_m(H) a - down_m(H)) / (2m+1)!, from Y^(n+1) = h Y^(n) + n Y^(n-1).
 * Seven terms are enough for t < 0.21 + |h|/26, |h| <= 13, and farther out for
 * |ht| < 1/2.
 */
LANE V
mills_gap(V H, V T, V a)
{
	static const double u1[] = { 3, 1 }, u2[] = { 15, 10, 1 };
	static const double u3[] = { 105, 105, 21, 1 };
	static const double u4[] = { 945, 1260, 378, 36, 1 };
	static const double u5[] = { 10395, 17325, 6930, 990, 55, 1 };
	static const double u6[] = { 135135, 270270, 135135, 25740, 2145, 78,
		1 };
	static const double d2[] = { 7, 1 }, d3[] = { 57, 18, 1 };
	static const double d4[] = { 561, 285, 33, 1 };
	static const double d5[] = { 6555, 4680, 840, 52, 1 };
	static const double d6[] = { 89055, 82845, 20370, 1926, 75, 1 };
	V c1 = (P1(u1, H) * a - 1.0) * (1.0 / 6);
	V c2 = (P2(u2, H) * a - P1(d2, H)) * (1.0 / 120);
	V c3 = (P3(u3, H) * a - P2(d3, H)) * (1.0 / 5040);
	V c4 = (P4(u4, H) * a - P3(d4, H)) * (1.0 / 362880);
	V c5 = (P5(u5, H) * a - P4(d5, H)) * (1.0 / 39916800);
	V c6 = (P6(u6, H) * a - P5(d6, H)) * (1.0 / 6227020800);
	V t2 = T * T;

	return a + T * ((c1 + c2 * T) + t2 * ((c3 + c4 * T) +
	    t2 * (c5 + c6 * T)));
}

/* What three more terms add to it: enough for t < 0.4 + |h|/26, |h| <= 2. */
LANE V
mills_gap_more(V H, V T, V a)
{
	static const double u7[] = { 2027025, 4729725, 2837835, 675675, 75075,
		4095, 105, 1 };
	static const double u8[] = { 34459425, 91891800, 64324260, 18378360,
		2552550, 185640, 7140, 136, 1 };
	static const double u9[] = { 654729075, 1964187225, 1571349780,
		523783260, 87297210, 7936110, 406980, 11628, 171, 1 };
	static const double d7[] = { 1381905, 1595790, 501795, 64260, 3795,
		102, 1 };
	static const double d8[] = { 24137505, 33453945, 12873735, 2089395,
		166155, 6747, 133, 1 };
	static const double d9[] = { 468934515, 760970700, 347546430, 68523840,
		6872580, 374556, 11130, 168, 1 };
	V c7 = (P7(u7, H) * a - P6(d7, H)) * (1.0 / 1307674368000);
	V c8 = (P8(u8, H) * a - P7(d8, H)) * (1.0 / 355687428096000);
	V c9 = (P9(u9, H) * a - P8(d9, H)) * (1.0 / 121645100408832000);
	V t3 = T * T * T;

	return t3 * t3 * T * (c7 + T * (c8 + T * c9));
}

#endif
