/* SPDX-License-Identifier: ISC */
/*
 * intruder: a library for LD_PRELOAD that tries, at the first read of more than a
 * few bytes behind the start, what hostile code inside a program would, and
 * writes into the file that $INTRUDER_REPORT names what it could do. glibc only.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int report = -1;
static char file[512], directory[512];

static void say(const char *what, bool done)
{
	dprintf(report, "%s: %s\n", what, done ? "done" : "refused");
}

static bool can_open(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool can_connect(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool can_fork(bool exec)
{
	int status = 1;
	pid_t pid = fork();

	if (pid == 0 && exec)
		execl("/bin/true", "true", (char *)NULL);
	if (pid == 0)
		_exit(exec);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void *nothing(void *context)
{
	return context;
}

static bool can_start_thread(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0;
}

static void intrude(void)
{
	char fresh[600];

	snprintf(fresh, sizeof fresh, "%s/fresh", directory);
	say("read", can_open(file, O_RDONLY));
	say("create", can_open(fresh, O_WRONLY | O_CREAT));
	say("remove", unlink(fresh) == 0);
	say("socket", can_connect());
	say("exec", can_fork(true));
	say("fork", can_fork(false));
	say("thread", can_start_thread());
	close(report);
	report = -1;
}

/* The filter of system calls is the last thing that a program gives up. */
static bool is_inside(void)
{
	static int calls;

	return prctl(PR_GET_SECCOMP) > 0 || (getenv("ROLLCALL_SANDBOX") && ++calls == 1);
}

ssize_t read(int fd, void *to, size_t len)
{
	static ssize_t (*real)(int, void *, size_t);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "read");
	if (report >= 0 && is_inside())
		intrude();
	return real(fd, to, len);
}

ssize_t recv(int fd, void *to, size_t len, int flags)
{
	static ssize_t (*real)(int, void *, size_t, int);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "recv");
	if (report >= 0 && is_inside())
		intrude();
	return real(fd, to, len, flags);
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("INTRUDER_REPORT"), *target = getenv("INTRUDER_FILE");
	const char *place = getenv("INTRUDER_DIR");

	unsetenv("LD_PRELOAD");
	if (!path || !target || !place)
		return;
	snprintf(file, sizeof file, "%s", target);
	snprintf(directory, sizeof directory, "%s", place);
	report = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (report >= 0)
		report = fcntl(report, F_DUPFD_CLOEXEC, 200);
}
