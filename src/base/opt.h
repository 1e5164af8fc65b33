/*
 * opt - the options that every tool has: -c FILE, -h, -V, -v
 */
#ifndef OPT_H
#define OPT_H

#include <getopt.h>
#include <stdint.h>
#include <unistd.h>

/*
 * First call of every main().  name is the tool's, synopsis is its man page's
 * without the common options.  Also sets up the clock (clk_setup), umask 077
 * stays the tool's own affair, and SIGPIPE is ignored: EPIPE is an error like
 * any other.  Exits 64 when DAS_CLOCK cannot be read.
 */
void	opt_init(const char *name, const char *synopsis);

/* Long options of this tool beside --help and --version; ends with a zeroed
 * entry.  val is the letter that opt_next() gives for it. */
void	opt_longs(const struct option *longs);

/*
 * getopt(3) with the common options taken care of: gives the tool's own
 * letters, -1 at the end; usage errors exit 64.
 */
int	opt_next(int argc, char *argv[], const char *letters);

/* A day as -d has it, "2026-11-23", as clk.h counts days; exits 64 with a word
 * when it is none. */
int32_t	opt_day(const char *arg);

/* The argument of -c, or NULL. */
const char *opt_config(void);

/* Prints the usage on stderr and exits 64. */
_Noreturn void	opt_usage(void);

#endif
