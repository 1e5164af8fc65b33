#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "castport.h"

enum { LISTENS = 0x0a };	/* state of a socket in /proc/net/tcp */

/* The inode of a socket that listens on the port, 0: none is seen. */
static uint64_t
listener(const char *table, int port)
{
	FILE *in = fopen(table, "r");
	unsigned local, state;
	uint64_t inode = 0, v;
	char line[512];

	while (in != NULL && inode == 0 &&
	    fgets(line, sizeof(line), in) != NULL)
		if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x "
		    "%*x:%*x %*x:%*x %*x %*d %*d %" SCNu64, &local, &state,
		    &v) == 3 && (int)local == port && state == LISTENS)
			inode = v;
	if (in != NULL)
		fclose(in);
	return inode;
}

/* Has the process (a name in /proc) a descriptor that is link? */
static bool
has_descriptor(const char *pid, const char *link)
{
	char path[300], to[64];
	struct dirent *e;
	bool found = false;
	ssize_t n;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	if ((d = opendir(path)) == NULL)
		return false;
	while (!found && (e = readdir(d)) != NULL) {
		n = readlinkat(dirfd(d), e->d_name, to, sizeof(to) - 1);
		if (n > 0) {
			to[n] = '\0';
			found = strcmp(to, link) == 0;
		}
	}
	closedir(d);
	return found;
}

static void
name_of(const char *pid, char *out, size_t size)
{
	char path[300], name[64] = "a program";
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	if ((in = fopen(path, "r")) != NULL) {
		if (fgets(name, sizeof(name), in) != NULL)
			name[strcspn(name, "\n")] = '\0';
		fclose(in);
	}
	snprintf(out, size, "%s, process %s", name, pid);
}

void
castport_holder(int port, char *out, size_t size)
{
	uint64_t inode = listener("/proc/net/tcp", port);
	char link[64];
	struct dirent *e;
	DIR *d;

	snprintf(out, size, "another program");
	if (inode == 0)
		inode = listener("/proc/net/tcp6", port);
	if (inode == 0 || (d = opendir("/proc")) == NULL)
		return;
	snprintf(link, sizeof(link), "socket:[%" PRIu64 "]", inode);
	while ((e = readdir(d)) != NULL)
		if (e->d_name[strspn(e->d_name, "0123456789")] == '\0' &&
		    has_descriptor(e->d_name, link)) {
			name_of(e->d_name, out, size);
			break;
		}
	closedir(d);
}
