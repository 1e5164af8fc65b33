/*
 * tsv - rows between the tools: a file and a block of memory give the same
 * rows, and a field that is written reads back
 */
#include <string.h>

#include "fuzz.h"
#include "tsv.h"

/* Every field, escaped and back, is what it was. */
static void
look(struct tsv *t)
{
	struct buf b = { 0 };

	for (int i = 0; i < t->nf; i++) {
		char *was = strdup(tsv_decode(t->f[i]));

		MUST(was != NULL);
		buf_reset(&b);
		MUST(tsv_add(&b, was) == 0);
		MUST(b.len == 0 || strpbrk(b.p, "\t\n") == NULL);
		MUST(b.len == 0 || strcmp(tsv_decode(b.p), was) == 0);
		free(was);
	}
	buf_free(&b);
}

/* The same rows out of memory, split by ourselves. */
static void
from_memory(const char *p, size_t n, long good, long lines)
{
	char *copy = strndup(p, n), *line = copy, *nl;
	long seen = 0, count = 0;
	struct tsv t;

	MUST(copy != NULL);
	tsv_init(&t, NULL, "memory");
	for (; (nl = strchr(line, '\n')) != NULL && count < lines;
	    line = nl + 1, count++) {
		*nl = '\0';
		if (count == 0) {
			if (tsv_head(&t, line, (size_t)(nl - line)) != 0)
				break;
		} else if (tsv_row(&t, line) == 0)
			seen++;
		else
			break;
	}
	MUST(seen == good);
	tsv_free(&t);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	FILE *in = fuzz_stream(p, n);
	struct tsv t;
	long good = 0;
	int rc;

	tsv_init(&t, in, "input");
	rc = tsv_col(&t, "value");
	MUST(rc >= -1 && rc < TSV_MAX);
	while ((rc = tsv_next(&t)) == 1) {
		MUST(t.nf > 0 && t.nf <= TSV_MAX);
		good++;
		look(&t);
	}
	MUST(rc == 0 || t.why != NULL);
	if (memchr(p, '\0', n) == NULL)
		from_memory((const char *)p, n, good, t.line);
	tsv_free(&t);
	fclose(in);
	return 0;
}

void
fuzz_seeds(fuzz_add *add)
{
	static const char *const text[] = {
		"", "\n", "key\tvalue\n", "key\tvalue\nstate\tconnected\n",
		"key\tvalue\nheard_1\t2026-11-25 09:15:00.5\nlast\t\\N\n",
		"a\tb\tc\n1\t\\t\\n\\\\\t\n\t\t\n", "a\n\\\n\\x\n", "a\n1\t2\n",
		"a\tb\n1\n", "from\tto\tseconds\tconn\tcause\tinstruments\t"
		"resolved\treason\n2026-11-25 09:15:00.5\t\\N\t\\N\t1\tsilent\t"
		"3\tno\tsilent for 5 s\n"
	};
	char wide[TSV_MAX + 3];

	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++)
		add(text[i], strlen(text[i]));
	memset(wide, '\t', sizeof(wide));
	wide[sizeof(wide) - 1] = wide[TSV_MAX - 1] = '\n';
	add(wide, TSV_MAX);			/* as many as there may be */
	wide[TSV_MAX - 1] = '\t';
	add(wide, sizeof(wide));		/* and more */
}
