#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

int
file_begin(struct file *f, const char *path, mode_t mode, struct fault *why)
{
	const char *slash = strrchr(path, '/');
	size_t dlen = slash != NULL ? (size_t)(slash - path) : 0;
	const char *name = slash != NULL ? slash + 1 : path;
	char dir[sizeof(f->path)];
	int fd;

	*f = (struct file){ .dirfd = -1 };
	if (strlen(path) >= sizeof(f->path) || *name == '\0' ||
	    strlen(name) >= sizeof(f->name))
		return fault_set(why, EX_CANTCREAT, "%s: bad file name", path);
	memcpy(dir, path, dlen);
	dir[dlen] = '\0';
	if (slash == NULL)
		strcpy(dir, ".");
	else if (dlen == 0)
		strcpy(dir, "/");
	strcpy(f->path, path);
	strcpy(f->name, name);
	snprintf(f->tmp, sizeof(f->tmp), ".%s.%ld", name, (long)getpid());
	f->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->dirfd == -1)
		return fault_sys(why, 0, "%s", dir);
	fd = openat(f->dirfd, f->tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    mode);
	if (fd == -1 || (f->fp = fdopen(fd, "w")) == NULL) {
		fault_sys(why, 0, "%s", path);
		if (fd != -1)
			close(fd);
		file_abort(f);
		return -1;
	}
	return 0;
}

/* Puts f under its final name; with sync not before the disk has it. */
static int
finish(struct file *f, bool sync, struct fault *why)
{
	FILE *fp = f->fp;
	int e = 0;

	f->fp = NULL;
	if (fflush(fp) == EOF || ferror(fp) ||
	    (sync && fsync(fileno(fp)) == -1))
		e = errno != 0 ? errno : EIO;
	if (fclose(fp) == EOF && e == 0)
		e = errno;
	if (e == 0 && renameat(f->dirfd, f->tmp, f->dirfd, f->name) == -1)
		e = errno;
	/* or a power cut undoes it */
	if (e == 0 && sync && fsync(f->dirfd) == -1)
		e = errno;
	if (e != 0) {
		errno = e;
		fault_sys(why, 0, "%s", f->path);
		file_abort(f);
		return -1;
	}
	close(f->dirfd);
	f->dirfd = -1;
	return 0;
}

int
file_commit(struct file *f, struct fault *why)
{
	return finish(f, true, why);
}

void
file_abort(struct file *f)
{
	int e = errno;

	if (f->fp != NULL)
		fclose(f->fp);		/* thrown away: nothing to lose */
	f->fp = NULL;
	if (f->dirfd > 0) {
		unlinkat(f->dirfd, f->tmp, 0);
		close(f->dirfd);
	}
	f->dirfd = -1;
	errno = e;
}

static int
put(const char *path, mode_t mode, const void *p, size_t n, bool sync,
    struct fault *why)
{
	struct file f;

	if (file_begin(&f, path, mode, why) != 0)
		return -1;
	if (fwrite(p, 1, n, f.fp) != n) {
		fault_sys(why, 0, "%s", path);
		file_abort(&f);
		return -1;
	}
	return finish(&f, sync, why);
}

int
file_put(const char *path, mode_t mode, const void *p, size_t n,
    struct fault *why)
{
	return put(path, mode, p, n, true, why);
}

int
file_show(const char *path, mode_t mode, const void *p, size_t n,
    struct fault *why)
{
	return put(path, mode, p, n, false, why);
}

int
file_slurp(const char *path, size_t max, struct buf *out, struct fault *why)
{
	char block[16384];
	struct stat st;
	ssize_t n = 0;
	int fd, rc = 0;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return fault_sys(why, EX_NOINPUT, "%s", path);
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		rc = fault_set(why, EX_NOINPUT, "%s: is a directory", path);
		goto out;
	}
	while ((n = read(fd, block, sizeof(block))) > 0) {
		if ((size_t)n > max - out->len) {
			rc = fault_set(why, EX_DATAERR, "%s: longer than %zu "
			    "bytes", path, max);
			goto out;
		}
		if (buf_add(out, block, (size_t)n) != 0) {
			rc = fault_sys(why, 0, "%s", path);
			goto out;
		}
	}
	if (n < 0)
		rc = fault_sys(why, EX_IOERR, "%s", path);
	else if (buf_room(out, 0) != 0)		/* an empty file is "" */
		rc = fault_sys(why, 0, "%s", path);
out:
	close(fd);
	return rc;
}

/* Brings the name of a file to the disk: syncs the directory that it is in. */
static int
sync_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash != NULL ? (size_t)(slash - path) : 0;
	char dir[4096];
	int fd, rc, e;

	snprintf(dir, sizeof(dir), "%.*s", (int)n, path);
	if (*dir == '\0')
		strcpy(dir, slash != NULL ? "/" : ".");
	if ((fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return -1;
	rc = fsync(fd);
	e = errno;
	close(fd);
	errno = e;
	return rc;
}

int
file_mkdirs(const char *path, struct fault *why)
{
	char p[4096];
	struct stat st;

	if (strlen(path) >= sizeof(p) || *path == '\0')
		return fault_set(why, EX_CANTCREAT, "%s: bad directory name",
		    path);
	strcpy(p, path);
	for (char *s = p + 1;; s++) {
		char c = *s;

		if (c != '/' && c != '\0')
			continue;
		*s = '\0';
		/* a directory that may not be read cannot be synced */
		if (mkdir(p, 0777) == 0 ? sync_name(p) != 0 && errno != EACCES :
		    errno != EEXIST)
			return fault_sys(why, 0, "%s", p);
		*s = c;
		if (c == '\0')
			break;
	}
	if (stat(path, &st) == -1)
		return fault_sys(why, 0, "%s", path);
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return fault_sys(why, 0, "%s", path);
	}
	return 0;
}

int
file_join(char *out, size_t size, const char *dir, const char *name,
    struct fault *why)
{
	int n = snprintf(out, size, "%s/%s", dir, name);

	if (n < 0 || (size_t)n >= size)
		return fault_set(why, EX_CONFIG, "%s/%s: path too long", dir,
		    name);
	return 0;
}
