#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clk.h"
#include "msg.h"

static const char *progname = "das";
static bool verbose, with_time;

void
msg_init(const char *name)
{
	progname = name;
	with_time = getenv("DAS_LOG_TIME") != NULL;
}

void
msg_verbose(bool on)
{
	verbose = on;
}

/* One write per line, so that the lines of two programs do not mix. */
static void __attribute__((format(printf, 2, 0)))
say(int e, const char *fmt, va_list ap)
{
	char line[1024], ist[CLK_TEXT] = "";
	size_t n;

	if (with_time)
		clk_to_ist(clk_now(), ist);
	n = (size_t)snprintf(line, sizeof(line), "%.19s%s%s: ", ist,
	    with_time ? " " : "", progname);
	vsnprintf(line + n, sizeof(line) - n, fmt, ap);
	if (e != 0) {
		n = strlen(line);
		snprintf(line + n, sizeof(line) - n, ": %s", strerror(e));
	}
	n = strlen(line);
	if (n == sizeof(line) - 1)
		n--;
	line[n++] = '\n';
	fwrite(line, 1, n, stderr);	/* nowhere to report a failure to */
}

void
msg_warn(const char *fmt, ...)
{
	va_list ap;
	int e = errno;

	va_start(ap, fmt);
	say(e, fmt, ap);
	va_end(ap);
	errno = e;
}

void
msg_warnx(const char *fmt, ...)
{
	va_list ap;
	int e = errno;

	va_start(ap, fmt);
	say(0, fmt, ap);
	va_end(ap);
	errno = e;
}

void
msg_info(const char *fmt, ...)
{
	va_list ap;
	int e = errno;

	if (!verbose)
		return;
	va_start(ap, fmt);
	say(0, fmt, ap);
	va_end(ap);
	errno = e;
}

void
msg_die(int ex, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(errno, fmt, ap);
	va_end(ap);
	exit(ex);
}

void
msg_diex(int ex, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(0, fmt, ap);
	va_end(ap);
	exit(ex);
}

/* Is standard output a pipe that nobody reads any more? */
static bool
reader_left(void)
{
	struct pollfd p = { .fd = STDOUT_FILENO };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLERR) != 0;
}

void
msg_close_stdout(void)
{
	bool lost = fflush(stdout) == EOF || ferror(stdout) != 0;

	if (lost && reader_left())	/* head(1) has seen enough: no error */
		return;
	errno = 0;
	if (fclose(stdout) == EOF || lost) {
		if (errno == 0)
			errno = EIO;
		msg_die(EX_IOERR, "standard output");
	}
}
