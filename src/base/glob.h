/*
 * glob - patterns of symbols: "*" any number of characters, "?" one
 *
 * No classes, no escapes: a symbol has none of these characters.  The time is at
 * most that of the pattern's length times the text's, whatever the pattern.
 */
#ifndef GLOB_H
#define GLOB_H

#include <stdbool.h>

/* Does the whole text match?  Case counts. */
bool	glob_match(const char *pattern, const char *text);

#endif
