#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "fault.h"
#include "msg.h"
#include "opt.h"

#ifndef DAS_VERSION
#define DAS_VERSION "unknown"
#endif

enum { MAX_LONGS = 32 };

static const char *progname, *usage, *config;
static struct option all[MAX_LONGS + 3] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
};

void
opt_init(const char *name, const char *synopsis)
{
	struct fault f;

	progname = name;
	usage = synopsis;
	msg_init(name);
	signal(SIGPIPE, SIG_IGN);
	if (clk_setup(&f) != 0)
		msg_diex(f.ex, "%s", f.text);
}

void
opt_longs(const struct option *longs)
{
	for (int i = 0; i < MAX_LONGS && longs[i].name != NULL; i++)
		all[2 + i] = longs[i];
}

static void
print_usage(FILE *to)
{
	fprintf(to, "usage: %s [-hVv] [-c file]%s%s\n", progname,
	    *usage != '\0' ? " " : "", usage);
}

void
opt_usage(void)
{
	print_usage(stderr);
	exit(EX_USAGE);
}

int
opt_next(int argc, char *argv[], const char *letters)
{
	char own[128];
	int c;

	if (snprintf(own, sizeof(own), "c:hVv%s", letters) >= (int)sizeof(own))
		abort();	/* a tool's own table is too long */
	while ((c = getopt_long(argc, argv, own, all, NULL)) != -1)
		switch (c) {
		case 'c':
			config = optarg;
			break;
		case 'h':
			print_usage(stdout);
			msg_close_stdout();
			exit(0);
		case 'V':
			printf("%s %s\n", progname, DAS_VERSION);
			msg_close_stdout();
			exit(0);
		case 'v':
			msg_verbose(true);
			break;
		case '?':
			opt_usage();
		default:
			return c;
		}
	return -1;
}

int32_t
opt_day(const char *arg)
{
	int32_t day;

	if (clk_day_from(arg, &day) != 0)
		msg_diex(EX_USAGE, "-d %s: not a day like 2026-11-23", arg);
	return day;
}

const char *
opt_config(void)
{
	return config;
}
