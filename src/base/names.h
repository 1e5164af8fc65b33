/*
 * names - a set of short texts, to be asked whether one is in it
 *
 * Filled first (names_add), then sorted once, then asked.
 */
#ifndef NAMES_H
#define NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct names {			/* zeroed: empty */
	char	**v;		/* after names_sort(): sorted, each once */
	size_t	  n, cap;
};

/* Copies s.  0, or -1 with ENOMEM. */
int	names_add(struct names *s, const char *text);
void	names_sort(struct names *s);
bool	names_has(const struct names *s, const char *text);
void	names_free(struct names *s);

#endif
