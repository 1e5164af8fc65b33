#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "clk.h"

extern char **environ;

/*
 * A file in memory with the input, to be read from its start; /dev/null where
 * there is none.  A pipe would have to be filled while the child reads, a file
 * needs a disk that is not full.
 */
static int
input_fd(const void *p, size_t n)
{
	int fd;

	if (n == 0)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	if ((fd = memfd_create("input", MFD_CLOEXEC)) == -1)
		return -1;
	if (pwrite(fd, p, n, 0) != (ssize_t)n) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The signals that we ignore or block are the child's again. */
static int
set_attr(posix_spawnattr_t *a)
{
	sigset_t none, all;
	int e;

	sigemptyset(&none);
	sigemptyset(&all);
	sigaddset(&all, SIGPIPE);
	sigaddset(&all, SIGTERM);
	sigaddset(&all, SIGINT);
	sigaddset(&all, SIGHUP);
	if ((e = posix_spawnattr_setsigmask(a, &none)) != 0 ||
	    (e = posix_spawnattr_setsigdefault(a, &all)) != 0 ||
	    (e = posix_spawnattr_setpgroup(a, 0)) != 0)
		return e;
	return posix_spawnattr_setflags(a, POSIX_SPAWN_SETPGROUP |
	    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

/* 0 or an errno. */
static int
spawn(pid_t *pid, const char *const *argv, int in)
{
	posix_spawn_file_actions_t fds;
	posix_spawnattr_t attr;
	char *const *args;
	int e;

	memcpy(&args, &argv, sizeof(args));	/* it changes none of them */
	if ((e = posix_spawn_file_actions_init(&fds)) != 0)
		return e;
	if ((e = posix_spawnattr_init(&attr)) == 0) {
		if ((e = set_attr(&attr)) == 0 &&
		    (e = posix_spawn_file_actions_adddup2(&fds, in,
		    STDIN_FILENO)) == 0 &&
		    (e = posix_spawn_file_actions_adddup2(&fds, STDERR_FILENO,
		    STDOUT_FILENO)) == 0)
			e = posix_spawnp(pid, argv[0], &fds, &attr, args,
			    environ);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&fds);
	return e;
}

int
child_start(struct child *c, const char *const *argv, const void *input,
    size_t n, int seconds, struct fault *f)
{
	int e, in;

	if (c->pid != 0)
		return fault_set(f, EX_TEMPFAIL, "%s runs still", c->name);
	if ((in = input_fd(input, n)) == -1)
		return fault_sys(f, EX_OSERR, "%s", argv[0]);
	e = spawn(&c->pid, argv, in);
	close(in);
	if (e != 0) {
		c->pid = 0;
		errno = e;
		return fault_sys(f, e == ENOENT || e == EACCES ?
		    EX_UNAVAILABLE : EX_OSERR, "%s", argv[0]);
	}
	snprintf(c->name, sizeof(c->name), "%s", argv[0]);
	c->seconds = seconds;
	c->signal = 0;
	c->due = clk_mono() + seconds * US_PER_SEC;
	return 0;
}

/* Its time is over: asks it to end, then makes it. */
static void
press(struct child *c)
{
	c->signal = c->signal == 0 ? SIGTERM : SIGKILL;
	c->due = clk_mono() + CHILD_GRACE_S * US_PER_SEC;
	kill(-c->pid, c->signal);
}

int
child_poll(struct child *c, struct fault *f)
{
	pid_t rc;
	int how;

	if (c->pid == 0)
		return 0;
	rc = waitpid(c->pid, &how, WNOHANG);
	if (rc == 0 || (rc == -1 && errno == EINTR)) {
		if (clk_mono() >= c->due)
			press(c);
		return 1;
	}
	c->pid = 0;
	if (rc == -1)
		return fault_sys(f, EX_OSERR, "%s", c->name);
	c->status = WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
	if (c->signal != 0)
		return fault_set(f, EX_SOFTWARE, "%s did not end within %d s "
		    "and was killed", c->name, c->seconds);
	if (WIFSIGNALED(how))
		return fault_set(f, EX_SOFTWARE, "%s was ended by signal %d",
		    c->name, WTERMSIG(how));
	return c->status == 0 ? 0 : fault_set(f, c->status, "%s ended with "
	    "status %d", c->name, c->status);
}

bool
child_runs(const struct child *c)
{
	return c->pid != 0;
}

/* Waits for its end without taking notice of it, so that its group keeps its
 * number. */
static bool
gone(const struct child *c)
{
	int64_t end = clk_mono() + CHILD_GRACE_S * US_PER_SEC;
	siginfo_t info = { 0 };

	while (waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG |
	    WNOWAIT) == 0 && info.si_pid == 0) {
		if (clk_mono() >= end)
			return false;
		usleep(10000);
	}
	return true;
}

void
child_end(struct child *c)
{
	if (c->pid == 0)
		return;
	kill(-c->pid, SIGTERM);
	(void)gone(c);
	kill(-c->pid, SIGKILL);		/* what is left of the group too */
	if (gone(c))
		waitpid(c->pid, NULL, WNOHANG);
	c->pid = 0;
}
