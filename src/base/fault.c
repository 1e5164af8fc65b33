#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fault.h"

/* A message is one line whatever the peer sent: no control characters. */
static void
one_line(char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = ' ';
}

int
fault_set(struct fault *f, int ex, const char *fmt, ...)
{
	va_list ap;

	if (f == NULL)
		return -1;
	f->ex = ex;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);	/* may be cut: a message */
	va_end(ap);
	one_line(f->text);
	return -1;
}

static int
code_of(int e)
{
	switch (e) {
	case ENOSPC:
	case EDQUOT:
	case EAGAIN:
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return EX_TEMPFAIL;
	case EACCES:
	case EPERM:
	case EROFS:
	case ENOENT:
	case ENOTDIR:
	case EEXIST:
		return EX_CANTCREAT;
	default:
		return EX_IOERR;
	}
}

int
fault_sys(struct fault *f, int ex, const char *fmt, ...)
{
	va_list ap;
	size_t n;
	int e = errno;

	if (f == NULL)
		return -1;
	f->ex = ex != 0 ? ex : code_of(e);
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
	n = strlen(f->text);
	snprintf(f->text + n, sizeof(f->text) - n, ": %s", strerror(e));
	one_line(f->text);
	errno = e;
	return -1;
}
