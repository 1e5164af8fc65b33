/*
 * driver - runs a fuzz target without a fuzzer
 *
 *	fuzz-NAME [-n runs] [-s number]	seeds, prefixes, so many mutations
 *	fuzz-NAME file ...		these inputs
 *	fuzz-NAME -o dir		writes the seeds there, a file each
 *
 * The mutations depend on nothing but -s.  An input that fails is written to
 * crash-NAME in the working directory, and its beginning in hex to stderr.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <sanitizer/common_interface_defs.h>

#include "file.h"
#include "fuzz.h"
#include "msg.h"
#include "num.h"

enum {
	SEEDS_MAX = 4096,
	INPUT_MAX = 1 << 17,
	PREFIXES = 1024,	/* every one, of seeds no longer than that */
	EDITS_MAX = 6,		/* of one mutation */
	HANG_S = 20,		/* longest for one input */
	SHOWN = 400		/* bytes of an input that failed */
};

static const char *target;
static struct buf seeds[SEEDS_MAX];
static size_t nseeds;
static const uint8_t *input;		/* being run */
static size_t input_len;
static uint64_t state;

/* ---- an input that fails ---- */

static void
died(void)
{
	static bool once;
	char name[80];
	int fd;

	if (once || input == NULL)
		return;
	once = true;
	snprintf(name, sizeof(name), "crash-%s", target);
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (fd == -1 || write(fd, input, input_len) != (ssize_t)input_len)
		perror(name);
	fprintf(stderr, "%s: an input of %zu bytes fails; it is in %s:\n",
	    target, input_len, name);
	for (size_t i = 0; i < input_len && i < SHOWN; i++)
		fprintf(stderr, "%02x%s", input[i], i % 32 == 31 ? "\n" : "");
	fputs("\n", stderr);
}

static void
on_signal(int sig)
{
	if (sig == SIGALRM)
		fprintf(stderr, "%s: hangs\n", target);
	died();
	signal(sig, SIG_DFL);
	raise(sig);
}

/* In memory of just that size, so that the sanitizer sees a read behind it. */
static void
run(const void *p, size_t n)
{
	uint8_t *own = malloc(n > 0 ? n : 1);

	if (own == NULL)
		msg_die(EX_OSERR, "%s", target);
	memcpy(own, n > 0 ? p : "", n);
	input = own;
	input_len = n;
	alarm(HANG_S);
	LLVMFuzzerTestOneInput(own, n);
	alarm(0);
	input = NULL;
	free(own);
}

/* ---- mutations ---- */

static size_t
below(size_t n)				/* 0 to n - 1 */
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return n == 0 ? 0 : (state * UINT64_C(0x2545f4914f6cdd1d) >> 33) % n;
}

static void
poke(struct buf *b, size_t bytes, uint32_t v)
{
	if (b->len < bytes)
		return;
	for (size_t at = below(b->len - bytes + 1); bytes-- > 0; at++)
		b->p[at] = (char)(v >> 8 * bytes);
}

/* Puts n bytes of p in the place of gone ones at an offset. */
static void
graft(struct buf *b, size_t at, size_t gone, const char *p, size_t n)
{
	struct buf tail = { 0 };

	if (buf_add(&tail, b->p + at + gone, b->len - at - gone) != 0)
		msg_die(EX_OSERR, "%s", target);
	b->len = at;
	if (buf_add(b, p, n) != 0 || buf_add(b, tail.p, tail.len) != 0)
		msg_die(EX_OSERR, "%s", target);
	buf_free(&tail);
}

static void
edit(struct buf *b)
{
	static const uint32_t odd[] = { 0, 1, 2, 7, 8, 28, 32, 44, 125, 126,
	    127, 128, 184, 255, 256, 32767, 32768, 65535, 65536, 0x7fffffff,
	    0x80000000, 0xffffffff };
	static const char bytes[] = "\t\n\r\"'\\,;:{}[]<>&N-+.eE0123456789 "
	    "\0\377\200";
	const struct buf *other = &seeds[below(nseeds)];
	size_t at = below(b->len + 1), n = below(b->len - at + 1), from;

	switch (below(10)) {
	case 0:
		poke(b, 1, (uint32_t)below(256));
		break;
	case 1:
		if (b->len > 0)
			b->p[below(b->len)] ^= (char)(1 << below(8));
		break;
	case 2:
		poke(b, 2, odd[below(sizeof(odd) / sizeof(*odd))]);
		break;
	case 3:
		poke(b, 4, odd[below(sizeof(odd) / sizeof(*odd))]);
		break;
	case 4:
		poke(b, 1, (unsigned char)bytes[below(sizeof(bytes))]);
		break;
	case 5:				/* cut off, or out */
		graft(b, at, below(2) ? b->len - at : n < 64 ? n : below(64),
		    "", 0);
		break;
	case 6:				/* twice */
		graft(b, at, 0, seeds[0].p, 0);
		if (n > 0 && b->len + n < INPUT_MAX) {
			struct buf part = { 0 };

			if (buf_add(&part, b->p + at, n) != 0)
				msg_die(EX_OSERR, "%s", target);
			graft(b, at, 0, part.p, part.len);
			buf_free(&part);
		}
		break;
	case 7:				/* another byte between */
		graft(b, at, 0, bytes + below(sizeof(bytes)), 1);
		break;
	default:			/* a part of another */
		from = below(other->len + 1);
		n = below(other->len - from + 1);
		if (b->len + n < INPUT_MAX)
			graft(b, at, below(2) ? b->len - at : 0,
			    other->p + from, n);
	}
}

static void
mutate(int64_t runs)
{
	struct buf b = { 0 };

	for (; runs > 0; runs--) {
		const struct buf *from = &seeds[below(nseeds)];

		buf_reset(&b);
		if (buf_add(&b, from->p, from->len) != 0)
			msg_die(EX_OSERR, "%s", target);
		for (size_t i = below(EDITS_MAX) + 1; i > 0; i--)
			edit(&b);
		run(b.p, b.len);
	}
	buf_free(&b);
}

/* ---- seeds ---- */

static void
add(const void *p, size_t n)
{
	if (nseeds == SEEDS_MAX || n > INPUT_MAX)
		msg_diex(EX_SOFTWARE, "too many seeds, or one too long");
	if (buf_room(&seeds[nseeds], n) != 0 ||
	    buf_add(&seeds[nseeds++], n > 0 ? p : "", n) != 0)
		msg_die(EX_OSERR, "%s", target);
}

static void
write_seeds(const char *dir)
{
	char path[4096];
	struct fault f;

	if (file_mkdirs(dir, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	for (size_t i = 0; i < nseeds; i++) {
		snprintf(path, sizeof(path), "%s/seed-%04zu", dir, i);
		if (file_show(path, 0666, seeds[i].p, seeds[i].len, &f) != 0)
			msg_diex(f.ex, "%s", f.text);
	}
}

static void
run_file(const char *path)
{
	struct buf b = { 0 };
	struct fault f;

	if (file_slurp(path, SIZE_MAX, &b, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	run(b.p, b.len);
	buf_free(&b);
}

static void
run_all(int64_t runs)
{
	for (size_t i = 0; i < nseeds; i++) {
		run(seeds[i].p, seeds[i].len);
		for (size_t n = 0; n < seeds[i].len; n += seeds[i].len /
		    PREFIXES + 1)
			run(seeds[i].p, n);
	}
	mutate(runs);
}

int
main(int argc, char *argv[])
{
	const char *slash = strrchr(argv[0], '/'), *dir = NULL;
	int64_t runs = 10000, number = 1;
	int c;

	target = slash != NULL ? slash + 1 : argv[0];
	msg_init(target);
	while ((c = getopt(argc, argv, "n:o:s:")) != -1)
		if (c == 'o')
			dir = optarg;
		else if (c == '?' || num_i64(optarg, 0, INT32_MAX, c == 'n' ?
		    &runs : &number) != 0)
			msg_diex(EX_USAGE, "usage: %s [-n runs] [-o dir] "
			    "[-s number] [file ...]", target);
	state = (uint64_t)number * 2 + 1;
	__sanitizer_set_death_callback(died);
	signal(SIGABRT, on_signal);
	signal(SIGALRM, on_signal);
	fuzz_seeds(add);
	if (dir != NULL)
		write_seeds(dir);
	for (; optind < argc; optind++, runs = -1)
		run_file(argv[optind]);
	if (dir == NULL && runs >= 0)
		run_all(runs);
	for (size_t i = 0; i < nseeds; i++)
		buf_free(&seeds[i]);
	return 0;
}
