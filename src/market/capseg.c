#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capseg.h"
#include "num.h"

enum { SEGMENTS_MAX = 999999 };

char *
capseg_path(const char *base, unsigned n, struct fault *f)
{
	char *path = NULL;

	if ((n == 0 ? asprintf(&path, "%s", base) :
	    asprintf(&path, "%s.%04u", base, n)) == -1) {
		fault_sys(f, 0, "%s", base);
		return NULL;
	}
	return path;
}

/* Number of a file called NAME.NNNN, as capseg_path() writes it; else 0. */
static unsigned
segment_number(const char *file, const char *name)
{
	size_t n = strlen(name);
	char again[16];
	int64_t v;

	if (strncmp(file, name, n) != 0 || file[n] != '.' ||
	    num_i64(file + n + 1, 1, SEGMENTS_MAX, &v) != 0)
		return 0;
	snprintf(again, sizeof(again), "%04u", (unsigned)v);
	return strcmp(file + n + 1, again) == 0 ? (unsigned)v : 0;
}

int
capseg_newest(const char *base, unsigned *n, struct fault *f)
{
	const char *slash = strrchr(base, '/');
	const char *name = slash != NULL ? slash + 1 : base;
	char *dir = slash == NULL ? strdup(".") :
	    strndup(base, (size_t)(slash - base) + 1);
	DIR *d = dir != NULL ? opendir(dir) : NULL;
	struct dirent *e;

	*n = 0;
	free(dir);
	if (d == NULL)
		return fault_sys(f, 0, "%s", base);
	while ((e = readdir(d)) != NULL) {
		unsigned v = segment_number(e->d_name, name);

		*n = v > *n ? v : *n;
	}
	closedir(d);
	return 0;
}
