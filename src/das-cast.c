/*
 * das-cast - the live feed to any number of programs
 *
 * Reads topics ltp and live of the spool as they grow and sends their rows over WebSockets,
 * in the form that clients of the original broadcaster read: das-cast(1) is the
 * protocol.  One thread; cast.h says how it is made, and why so.
 */
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "cast.h"
#include "castask.h"
#include "castchan.h"
#include "castclient.h"
#include "castfeed.h"
#include "castfill.h"
#include "castnet.h"
#include "castout.h"
#include "castwait.h"
#include "castwatch.h"
#include "clk.h"
#include "conf.h"
#include "file.h"
#include "lock.h"
#include "msg.h"
#include "opt.h"
#include "stop.h"
#include "tlss.h"

enum {
	EVENTS = 512,
	OWN_FILES = 64,		/* descriptors that are no clients */
	SHAKES = 16,		/* steps of TLS handshakes in a turn: 1 ms each
				 * with an RSA key */
	SILENT_S = 5		/* never longer */
};

/* Real time, us. */
static const int64_t WAIT_US = US_PER_SEC / 4,	/* longest; a signal is seen by
						 * then */
    STOP_US = 3 * US_PER_SEC / 2,
    AGAIN_US = 10 * US_PER_MS,	/* before who had his turn is read again */
    BURST_US = 5 * US_PER_MS,	/* without a row: the burst is over */
    BURST_MAX_US = 50 * US_PER_MS,
    GAP_MAX_US = 5 * US_PER_MS,	/* between two reads of the topic */
    GAP_US = 10,		/* for each client; a write takes as long */
    TRIM_US = 60 * US_PER_SEC;

static struct cast k;
static struct castfeed feed;
static struct castnet net;

/*
 * When the next snapshot is due.  das-greeks writes its own every few seconds:
 * rows that come after a silence are a snapshot, sent when they are all there,
 * and ours keeps its time; else one goes out every interval.
 */
static struct {
	int64_t	 last_us;		/* the snapshot before */
	int64_t	 burst_us;		/* that a burst began; 0: none */
	bool	 follows;		/* the last one was a burst's */
} beat;

static int64_t read_us;			/* the topic, last */
static int lock_fd = -1;

/* ---- time ---- */

static void
note_rows(int64_t before)
{
	if (before == 0 || k.now - before > k.interval_us / 2)
		beat.burst_us = k.now;
}

static int64_t
snapshot_at(void)
{
	int64_t at = beat.last_us + k.interval_us + (beat.follows ?
	    k.interval_us / 50 : 0);

	if (beat.burst_us != 0) {
		int64_t over = k.row_us + BURST_US;

		if (over > beat.burst_us + BURST_MAX_US)
			over = beat.burst_us + BURST_MAX_US;
		if (over < at)
			at = over;
	}
	return at;
}

static void
snapshot_when_due(void)
{
	if (k.now < snapshot_at() || (feed.more && beat.burst_us != 0 &&
	    k.now - beat.burst_us < BURST_MAX_US))
		return;
	beat.follows = beat.burst_us != 0;
	beat.burst_us = 0;
	beat.last_us = k.now;
	(void)castwatch_mark(&k.ltp.book, k.conf, feed.dayno);
	if (k.live.there)
		(void)castwatch_mark(&k.live.book, k.conf, feed.dayno);
	castchan_snapshots(&k);
}

/* A write costs the same for one row and for fifty: with many clients some are
 * waited for. */
static int64_t
gap(void)
{
	int64_t us = (int64_t)k.nopen * GAP_US;

	return us < GAP_MAX_US ? us : GAP_MAX_US;
}

/* Until something is due, us. */
static int64_t
wait_us(void)
{
	int64_t at = snapshot_at(), now = clk_mono();

	if (k.unfinished || k.may_fill)
		return 0;
	if (feed.more && read_us + gap() < at)
		at = read_us + gap();
	if (!TAILQ_EMPTY(&k.again) && now + AGAIN_US < at)
		at = now + AGAIN_US;
	if (!TAILQ_EMPTY(&k.fresh) && now + AGAIN_US < at)
		at = now + AGAIN_US;
	if (castask_busy() && now + AGAIN_US < at)
		at = now + AGAIN_US;
	if (castdepth_due(&k.depth) < at)
		at = castdepth_due(&k.depth);
	if (at <= now)
		return 0;
	return at - now < WAIT_US ? at - now : WAIT_US;
}

static void
tick(void)
{
	static int64_t second_us, trim_us;

	if (k.now - second_us < US_PER_SEC)
		return;
	second_us = k.now;
	castfeed_tick(&feed);
	if (castup_look(&k.up, k.conf, k.day))
		castchan_tell(&k);
	castwait_tick(&k);
	castnet_tick(&net, &k);
	if (k.interval_us > SILENT_S * US_PER_SEC)
		castchan_beat(&k);
	if (k.now - trim_us >= TRIM_US) {
		trim_us = k.now;
		castchan_trim(&k);
		(void)malloc_trim(0);	/* of clients that have gone */
	}
}

/* ---- the loop ---- */

static void
take_events(int64_t us)
{
	struct timespec wait = { us / US_PER_SEC, us % US_PER_SEC * 1000 };
	static struct epoll_event ev[EVENTS];
	int n = epoll_pwait2(k.epoll, ev, EVENTS, &wait, NULL);

	if (n == -1 && errno != EINTR)
		msg_die(EX_OSERR, "epoll");
	k.now = clk_mono();
	for (int i = 0; i < n; i++) {
		int *fd = ev[i].data.ptr;

		if (fd == &feed.fd)
			castfeed_clear(&feed);
		else if (fd >= net.fd && fd <= net.fd + CASTNET_MAX)
			castnet_accept(&net, fd, &k);
		else
			castclient_event(ev[i].data.ptr, ev[i].events);
	}
}

static void
turn(void)
{
	int64_t before = k.row_us;

	k.shakes = SHAKES;
	take_events(wait_us());
	castclient_again(&k);
	castclient_fresh(&k);
	/* While clients are being written to, who comes later gets what is new. */
	if (feed.more && (k.unfinished || k.now - read_us >= gap())) {
		read_us = k.now;
		if (castfeed_read(&feed))
			note_rows(before);
	}
	snapshot_when_due();
	castchan_flush(&k);
	castfill_turn(&k);
	castask_turn(&k);
	castdepth_turn(&k.depth, k.conf, k.day, k.now);
	tick();
	castclient_bury(&k);
}

/* All are told, and have STOP_US to take it. */
static void
say_goodbye(void)
{
	struct castclient *c, *next;
	int64_t end = clk_mono() + STOP_US;

	k.stopping = true;
	castask_forget(NULL);
	if (lock_fd != -1)
		close(lock_fd);		/* before another one has the port */
	castnet_close(&net, &k);
	k.now = clk_mono();
	for (c = TAILQ_FIRST(&k.clients); c != NULL; c = next) {
		next = TAILQ_NEXT(c, link);
		if (c->state == CASTCLIENT_HEAD)
			castclient_end(c);
		else
			castout_close(c, WSFS_GOING_AWAY, "das-cast ends");
	}
	castclient_bury(&k);
	while (k.nclient > 0 && clk_mono() < end) {
		take_events(10 * US_PER_MS);
		castclient_bury(&k);
	}
	castclient_abort_all(&k);
}

/* ---- settings ---- */

/* As many descriptors as the system lets us have. */
static void
raise_files(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == -1)
		return;
	if (r.rlim_cur < r.rlim_max) {
		r.rlim_cur = r.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &r);
		(void)getrlimit(RLIMIT_NOFILE, &r);
	}
	if (r.rlim_cur < k.max + OWN_FILES) {
		k.max = r.rlim_cur > OWN_FILES ? r.rlim_cur - OWN_FILES : 1;
		msg_warnx("%zu clients at most: the system allows %ju open "
		    "files (ulimit -n)", k.max, (uintmax_t)r.rlim_cur);
	}
}

/*
 * Tells das-main and das-ctl who has the port that castListen names first; of
 * port 0 nobody asks.  The port is what keeps two of us apart: who cannot write
 * the spool serves all the same.  What holds the lock for a moment only looks.
 */
static void
take_lock(void)
{
	static const struct timespec nap = { .tv_nsec = 100000000 };
	const char *first = conf_item(k.conf, "castListen", 0);
	char name[32], path[PATH_MAX];
	struct fault f;

	if (strcmp(strrchr(first, ':'), ":0") == 0)
		return;
	snprintf(name, sizeof(name), ".das-cast-%d.lock", k.port);
	if (file_join(path, sizeof(path), conf_str(k.conf, "spoolDir"), name,
	    &f) == 0)
		for (int i = 0; i < 20; i++) {
			lock_fd = lock_take(path, &f);
			if (lock_fd != -1 || f.ex != EX_TEMPFAIL)
				break;
			(void)nanosleep(&nap, NULL);
		}
	if (lock_fd == -1)
		msg_info("%s; das-main and das-ctl do not see this process",
		    f.text);
}

static void
set_up(void)
{
	struct epoll_event e = { .events = EPOLLIN };
	struct fault f;

	k.interval_us = conf_int(k.conf, "castIntervalSeconds") * US_PER_SEC;
	k.queue = (size_t)conf_int(k.conf, "castQueueBytes");
	k.max = (size_t)conf_int(k.conf, "castMaxClients");
	k.max_address = (unsigned)conf_int(k.conf, "castMaxPerAddress");
	k.token = conf_str(k.conf, "castToken");
	if (strlen(k.token) >= CAST_TOKEN)
		msg_diex(EX_CONFIG, "key castToken: more than %d characters",
		    CAST_TOKEN - 1);
	LIST_INIT(&k.chans);
	TAILQ_INIT(&k.clients);
	TAILQ_INIT(&k.fresh);
	TAILQ_INIT(&k.again);
	TAILQ_INIT(&k.gone);
	TAILQ_INIT(&k.fills);
	raise_files();
	if ((k.epoll = epoll_create1(EPOLL_CLOEXEC)) == -1)
		msg_die(EX_OSERR, "epoll");
	k.now = clk_mono();
	if (castnet_open(&net, &k, &f) != 0 || castfeed_open(&feed, &k, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	e.data.ptr = &feed.fd;
	if (epoll_ctl(k.epoll, EPOLL_CTL_ADD, feed.fd, &e) == -1)
		msg_die(EX_OSERR, "epoll");
	take_lock();
}

int
main(int argc, char *argv[])
{
	struct conf *conf;
	struct fault f;

	opt_init("das-cast", "");
	while (opt_next(argc, argv, "") != -1)
		;
	if (optind != argc)
		opt_usage();
	if (conf_open(&conf, opt_config(), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	k.conf = conf;
	set_up();
	stop_catch();
	castfeed_begin(&feed);
	beat.last_us = k.now;
	while (!stop_asked())
		turn();
	say_goodbye();
	tlss_close(k.tls);
	castfeed_close(&feed);
	castdepth_free(&k.depth);
	castbook_free(&k.ltp.book);
	castbook_free(&k.live.book);
	buf_free(&k.scratch);
	buf_free(&k.wired);
	buf_free(&k.own);
	conf_close(conf);
	return 0;
}
