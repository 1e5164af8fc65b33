/*
 * fault - what went wrong, said by the module that knows it
 *
 * A function that can fail in more than one way takes a struct fault *, gives
 * -1 and fills it; on success it is left alone.  main() prints the text behind
 * the name of the object concerned and exits with the code.
 */
#ifndef FAULT_H
#define FAULT_H

#include <sysexits.h>

struct fault {
	int	 ex;		/* the sysexits code that main() exits with */
	char	 text[200];	/* one line, no newline, no secret */
};

/* Fills f (which may be NULL) and returns -1, for "return fault_set(...)". */
int	fault_set(struct fault *f, int ex, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

/*
 * The same with ": strerror(errno)" behind the text.  An ex of 0 chooses the
 * code by errno: 75 for a full disk or quota and other things that pass, 73
 * where something cannot be created, 74 for the rest.  errno is kept.
 */
int	fault_sys(struct fault *f, int ex, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

#endif
