/*
 * msg - words for people on stderr, and the ways out
 *
 * One line each, "das-tick: text"; behind the market's time when DAS_LOG_TIME
 * is set, as das-main does for its logs.  Only msg and opt print or exit; every
 * other module returns.
 */
#ifndef MSG_H
#define MSG_H

#include <stdbool.h>
#include <sysexits.h>

#define MSG_FMT(a, b) __attribute__((format(printf, a, b)))

/* Called once by opt_init(); name must outlive the program. */
void	msg_init(const char *name);
void	msg_verbose(bool on);

/* Without x: ": strerror(errno)" is appended.  errno is kept. */
void	msg_warn(const char *fmt, ...) MSG_FMT(1, 2);
void	msg_warnx(const char *fmt, ...) MSG_FMT(1, 2);
/* Only printed under -v. */
void	msg_info(const char *fmt, ...) MSG_FMT(1, 2);
_Noreturn void	msg_die(int ex, const char *fmt, ...) MSG_FMT(2, 3);
_Noreturn void	msg_diex(int ex, const char *fmt, ...) MSG_FMT(2, 3);

/*
 * Ends every tool that prints: flushes and closes stdout and exits 74 when a
 * byte of it was lost, so that a full disk does not look like success.  A reader
 * of a pipe who has left, as head(1) does, wanted no more: that is no loss.
 */
void	msg_close_stdout(void);

#endif
