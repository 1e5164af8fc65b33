#include "clk.h"
#include "renew.h"

void
renew_refused(struct renew *r)
{
	r->wanted = true;
}

void
renew_accepted(struct renew *r)
{
	r->wanted = false;
}

static enum renew_say
start(struct renew *r, struct fault *f)
{
	const char *const argv[] = { r->command, "-c", r->config, NULL };
	struct fault why;

	r->due = clk_mono() + RENEW_EVERY_S * US_PER_SEC;
	if (child_start(&r->child, argv, NULL, 0, RENEW_LONGEST_S, &why) == 0)
		return RENEW_RUNS;
	fault_set(f, EX_CONFIG, "tokenCommand: %s", why.text);
	return RENEW_FAILED;
}

enum renew_say
renew_turn(struct renew *r, struct fault *f)
{
	if (child_runs(&r->child))
		switch (child_poll(&r->child, f)) {
		case 0:
			return RENEW_DONE;
		case -1:
			return RENEW_FAILED;
		default:
			return RENEW_QUIET;
		}
	return r->wanted && *r->command != '\0' && clk_mono() >= r->due ?
	    start(r, f) : RENEW_QUIET;
}

void
renew_close(struct renew *r)
{
	child_end(&r->child);
}
