#include <signal.h>
#include <stddef.h>
#include <sys/select.h>

#include "clk.h"
#include "stop.h"

static volatile sig_atomic_t stop;
static const int signals[] = { SIGTERM, SIGINT, SIGHUP };

static void
on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

void
stop_catch(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &sa, NULL);
}

bool
stop_asked(void)
{
	return stop != 0;
}

bool
stop_sleep(int64_t real_us)
{
	int64_t end = clk_mono() + real_us, left;
	struct timespec ts;
	sigset_t block, old;

	sigemptyset(&block);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaddset(&block, signals[i]);
	sigprocmask(SIG_BLOCK, &block, &old);
	while (!stop && (left = end - clk_mono()) > 0) {
		ts.tv_sec = left / US_PER_SEC;
		ts.tv_nsec = left % US_PER_SEC * 1000;
		pselect(0, NULL, NULL, NULL, &ts, &old);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return stop != 0;
}

bool
stop_sleep_until(int64_t at)
{
	int64_t left;

	while (!stop && (left = clk_until(at)) > 0)
		if (stop_sleep(left < 300 * US_PER_SEC ? left : 300 * US_PER_SEC))
			break;
	return stop != 0;
}
