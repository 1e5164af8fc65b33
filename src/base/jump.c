#include "jump.h"

/* What is more than can happen between the readings of two clocks. */
static int64_t
big(int64_t us)
{
	return us > JUMP_S * US_PER_SEC || us < -JUMP_S * US_PER_SEC ? us : 0;
}

bool
jump_look(struct jump *j, const struct clk_all *now)
{
	int64_t real = now->real_us - j->last.real_us;
	int64_t mono = now->mono_us - j->last.mono_us;
	int64_t boot = now->boot_us - j->last.boot_us;
	bool first = !j->looked;

	j->last = *now;
	j->looked = true;
	j->slept_us = first ? 0 : big(boot - mono);
	j->stepped_us = first ? 0 : big(real - boot);
	return j->slept_us != 0 || j->stepped_us != 0;
}
