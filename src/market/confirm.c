#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "confirm.h"

int
confirm_init(struct confirm *c, const struct plan *p, struct fault *f)
{
	*c = (struct confirm){ .plan = *p };
	for (size_t i = 0; i < KITE_CONNS_MAX; i++)
		if ((c->conn[i].full = calloc(p->n + 1, 1)) == NULL) {
			confirm_free(c);
			return fault_sys(f, EX_TEMPFAIL, "instruments");
		}
	return 0;
}

void
confirm_free(struct confirm *c)
{
	for (size_t i = 0; i < KITE_CONNS_MAX; i++)
		free(c->conn[i].full);
	*c = (struct confirm){ 0 };
}

void
confirm_opened(struct confirm *c, uint32_t conn, int64_t at)
{
	if (c->plan.n == 0)
		return;
	memset(c->conn[conn - 1].full, 0, c->plan.n);
	c->conn[conn - 1].due = at + CONFIRM_FIRST_S * US_PER_SEC;
	c->conn[conn - 1].round = 0;
	c->conn[conn - 1].failed = false;
}

void
confirm_lost(struct confirm *c, uint32_t conn)
{
	if (c->plan.n > 0)
		memset(c->conn[conn - 1].full, 0, c->plan.n);
	c->conn[conn - 1].due = 0;
}

size_t
confirm_missing(const struct confirm *c, uint32_t conn, uint32_t *out,
    size_t max)
{
	const uint8_t *full = c->conn[conn - 1].full;
	size_t n = 0;

	for (size_t k = 0; k < c->plan.share[conn - 1].n; k++) {
		size_t i = plan_item(&c->plan, conn, k);

		if (full[i])
			continue;
		if (n < max)
			out[n] = (uint32_t)i;
		n++;
	}
	return n;
}

enum confirm_say
confirm_turn(struct confirm *c, uint32_t conn, int64_t now)
{
	bool due = now >= c->conn[conn - 1].due, first;

	if (c->conn[conn - 1].due == 0 ||
	    (!due && !c->conn[conn - 1].failed))
		return CONFIRM_QUIET;
	first = due && c->conn[conn - 1].round == 0;
	if (due)
		c->conn[conn - 1].due = now + US_PER_SEC * (first ?
		    CONFIRM_SECOND_S - CONFIRM_FIRST_S : CONFIRM_STEP_S);
	c->conn[conn - 1].round += due;
	if (confirm_missing(c, conn, NULL, 0) == 0) {
		if (!c->conn[conn - 1].failed)
			return CONFIRM_QUIET;
		c->conn[conn - 1].failed = false;
		return CONFIRM_ALL;
	}
	if (!due)
		return CONFIRM_QUIET;
	first = !c->conn[conn - 1].failed;
	c->conn[conn - 1].failed = true;
	return first ? CONFIRM_ASK_FIRST : CONFIRM_ASK;
}
