/* SPDX-License-Identifier: ISC */
/*
 * sandbox: Landlock by its system calls, which glibc does not wrap, and with
 * libseccomp a filter that refuses with EPERM what no program here has a use for.
 */
#include "sys/sandbox.h"

#include "sys/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum wish { WISH_USUAL, WISH_OFF, WISH_REQUIRE, WISH_UNKNOWN };

/* The leak check of the sanitizers starts a process and reads /proc. */
#if defined __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined __SANITIZE_ADDRESS__
#define SANITIZED 1
#endif

static enum wish wish_of_user(void)
{
	const char *word = getenv("ROLLCALL_SANDBOX");

#ifdef SANITIZED
	return WISH_OFF;
#endif
	return !word || !*word                ? WISH_USUAL
	       : strcmp(word, "off") == 0     ? WISH_OFF
	       : strcmp(word, "require") == 0 ? WISH_REQUIRE
	                                      : WISH_UNKNOWN;
}

/* ---- files: Landlock (Linux 5.13) ---- */

#if defined __linux__ && __has_include(<linux/landlock.h>)
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum {
	READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	WRITE = LANDLOCK_ACCESS_FS_WRITE_FILE,
	TRUNCATE = 1 << 14, /* since version 3, younger than some headers */
	REMOVE = LANDLOCK_ACCESS_FS_REMOVE_DIR,
	REPLACE =
		READ | WRITE | TRUNCATE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE,
	OF_FILES = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE,
	/* all that the first version knows; later ones add ways of changing files */
	ALL = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1,
};

static long landlock_version(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return version > 0 ? version : 0;
}

/* What this kernel can forbid. */
static unsigned handled(void)
{
	return landlock_version() >= 3 ? ALL | TRUNCATE : ALL;
}

static int open_rules(void)
{
	struct landlock_ruleset_attr attr = {.handled_access_fs = handled()};

	return (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
}

static void allow(const struct sandbox *sandbox, const char *path, unsigned access)
{
	struct landlock_path_beneath_attr attr = {.allowed_access = access & handled()};
	struct stat st;

	if (sandbox->rules < 0)
		return;
	attr.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (attr.parent_fd < 0)
		return;
	if (fstat(attr.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		attr.allowed_access &= OF_FILES;
	/* a pipe has no place in a file system, and needs no rule */
	syscall(SYS_landlock_add_rule, sandbox->rules, LANDLOCK_RULE_PATH_BENEATH, &attr, 0);
	close(attr.parent_fd);
}

static bool restrict_files(const struct sandbox *sandbox)
{
	return sandbox->rules >= 0 && syscall(SYS_landlock_restrict_self, sandbox->rules, 0) == 0;
}

static void give_up_privileges(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

#else

enum { READ, WRITE, REMOVE, REPLACE };

static long landlock_version(void)
{
	return 0;
}

static int open_rules(void)
{
	return -1;
}

static void allow(const struct sandbox *sandbox, const char *path, unsigned access)
{
	(void)sandbox;
	(void)path;
	(void)access;
}

static bool restrict_files(const struct sandbox *sandbox)
{
	(void)sandbox;
	return false;
}

static void give_up_privileges(void)
{
}

#endif

/* ---- calls: seccomp (Linux 3.17) ---- */

#if defined __linux__
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { FILTER_SECONDS_MAX = 10 };

/* Nobody here starts programs, looks into processes or changes the system. A call that an
   architecture lacks is passed over there. */
static const int never[] = {
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(fork),
	SCMP_SYS(vfork),
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(listen),
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(io_uring_setup), /* opens files and sockets without the other calls */
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(keyctl),
	SCMP_SYS(add_key),
	SCMP_SYS(request_key),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(setns),
	SCMP_SYS(unshare),
	SCMP_SYS(kexec_load),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(reboot),
};

static const int of_network[] = {SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect),
                                 SCMP_SYS(bind)};

/* The argument of clone with its flags. */
enum {
#if defined __s390__ || defined __s390x__
	CLONE_FLAGS = 1,
#else
	CLONE_FLAGS = 0,
#endif
};

static bool seccomp_is_there(void)
{
	return seccomp_api_get() >= 2; /* seccomp(2), and filters with it */
}

static int refuse_calls(scmp_filter_ctx filter, const int *calls, size_t count)
{
	int error = 0;

	for (size_t i = 0; i < count && error == 0; i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), calls[i], 0);
	return error;
}

/* Threads, but no processes; a filter can not look into the arguments of clone3, and
   without it the C library takes clone. */
static int refuse_processes(scmp_filter_ctx filter)
{
	int error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);

	return error ? error
	             : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
	                                SCMP_CMP(CLONE_FLAGS, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
}

/* Writes the filter as the kernel wants it. Calls in the way of another architecture end the
   process. 0 or -errno. */
static int write_filter(const struct sandbox *sandbox, int to)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int error;

	if (!filter)
		return -ENOMEM;
	error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (error == 0)
		error = refuse_calls(filter, never, sizeof never / sizeof *never);
	if (error == 0 && !sandbox->network)
		error = refuse_calls(filter, of_network, sizeof of_network / sizeof *of_network);
	if (error == 0)
		error = refuse_processes(filter);
	return error ? error : seccomp_export_bpf(filter, to);
}

/* The filter, made by another process: libseccomp 2.5.4 corrupts its heap where an allocation
   fails, and that heap must not be the one with the token. How many bytes, or 0 with a fault. */
static size_t read_filter(const struct sandbox *sandbox, void *filter, size_t size,
                          struct fault *fault)
{
	int ends[2], status = 0;
	size_t len = 0;
	ssize_t got = 0;
	pid_t maker;

	if (pipe(ends) < 0) {
		fault_set(fault, FAULT_INTERNAL, "the sandbox's filter: no pipe: %s", strerror(errno));
		return 0;
	}
	maker = fork();
	if (maker == 0) {
		alarm(FILTER_SECONDS_MAX); /* a heap that is corrupt may also wait for itself */
		_exit(write_filter(sandbox, ends[1]) != 0);
	}
	close(ends[1]);
	while (maker > 0 && len < size) {
		got = read(ends[0], (char *)filter + len, size - len);
		if (got > 0)
			len += (size_t)got;
		else if (got == 0 || errno != EINTR)
			break;
	}
	if (maker < 0)
		fault_set(fault, FAULT_INTERNAL, "the sandbox's filter: no process: %s", strerror(errno));
	else if (got < 0)
		fault_set(fault, FAULT_IO, "cannot read the sandbox's filter: %s", strerror(errno));
	close(ends[0]);
	while (maker > 0 && waitpid(maker, &status, 0) < 0 && errno == EINTR)
		;
	if (fault->kind != FAULT_NONE)
		return 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fault_set(fault, FAULT_INTERNAL, "the sandbox's filter could not be made: out of memory?");
		return 0;
	}
	return len;
}

/* 1, 0 where the kernel can not do it, or -1. */
static int restrict_calls(const struct sandbox *sandbox, struct fault *fault)
{
	struct sock_filter filter[BPF_MAXINSNS];
	struct sock_fprog program = {0, filter};
	size_t len;

	if (!seccomp_is_there())
		return 0;
	len = read_filter(sandbox, filter, sizeof filter, fault);
	if (!len)
		return -1;
	program.len = (unsigned short)(len / sizeof *filter);
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

const char *sandbox_library(char to[SANDBOX_TEXT])
{
	const struct scmp_version *version = seccomp_version();

	snprintf(to, SANDBOX_TEXT, "libseccomp/%u.%u.%u", version->major, version->minor,
	         version->micro);
	return to;
}

#else

static bool seccomp_is_there(void)
{
	return false;
}

static int restrict_calls(const struct sandbox *sandbox, struct fault *fault)
{
	(void)sandbox;
	(void)fault;
	return 0;
}

const char *sandbox_library(char to[SANDBOX_TEXT])
{
	to[0] = '\0';
	return to;
}

#endif

/* ---- both ---- */

void sandbox_init(struct sandbox *sandbox)
{
	enum wish wish = wish_of_user();

	*sandbox = (struct sandbox){.rules = wish == WISH_OFF ? -1 : open_rules()};
	allow(sandbox, "/sys/devices/system/cpu", READ); /* how many threads make sense */
	allow(sandbox, "/dev/null", READ | WRITE);
}

void sandbox_allow_read(struct sandbox *sandbox, const char *path)
{
	allow(sandbox, path, READ);
}

void sandbox_allow_output(struct sandbox *sandbox, const char *path)
{
	int descriptor;
	char *target = out_target(path, &descriptor), *slash;

	/* what is open already needs no leave */
	if (target && descriptor < 0) {
		allow(sandbox, path, WRITE);
		slash = strrchr(target, '/');
		if (slash)
			slash[slash == target] = '\0';
		allow(sandbox, slash ? target : ".", REPLACE);
	}
	free(target);
}

void sandbox_allow_remove(struct sandbox *sandbox, const char *path)
{
	size_t len = strlen(path);
	char *parent;

	while (len > 1 && path[len - 1] == '/')
		len--;
	while (len > 0 && path[len - 1] != '/')
		len--;
	parent = len ? strndup(path, len) : NULL;
	if (parent || !len)
		allow(sandbox, parent ? parent : ".", REMOVE);
	free(parent);
}

void sandbox_allow_temporary(struct sandbox *sandbox)
{
	const char *directory = getenv("TMPDIR");

	allow(sandbox, directory && *directory ? directory : "/tmp", REPLACE);
}

void sandbox_allow_network(struct sandbox *sandbox)
{
	static const char *const files[] = {
		/* names: glibc's resolver and what it loads */
		"/etc/resolv.conf",
		"/etc/hosts",
		"/etc/host.conf",
		"/etc/nsswitch.conf",
		"/etc/gai.conf",
		"/etc/services",
		"/etc/ld.so.cache",
		"/etc/ld.so.preload",
		"/lib",
		"/lib64",
		"/usr/lib",
		"/usr/lib64",
		"/usr/local/lib",
		"/run/systemd/resolve",
		/* TLS: the authorities, and how the libraries are set up */
		"/etc/ssl",
		"/etc/pki",
		"/etc/ca-certificates",
		"/etc/crypto-policies",
		"/usr/share/ca-certificates",
		"/usr/local/share/ca-certificates",
		"/usr/share/crypto-policies",
		"/dev/urandom",
		"/dev/random",
		"/etc/localtime",
		"/proc/self",
		"/proc/sys/net",
	};
	const char *cert_file = getenv("SSL_CERT_FILE"), *cert_directory = getenv("SSL_CERT_DIR");

	sandbox->network = true;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		allow(sandbox, files[i], READ);
	if (cert_file)
		allow(sandbox, cert_file, READ);
	if (cert_directory)
		allow(sandbox, cert_directory, READ);
}

int sandbox_enter(struct sandbox *sandbox, struct fault *fault)
{
	enum wish wish = wish_of_user();
	bool files = false;
	int calls = 0;

	if (wish == WISH_UNKNOWN)
		fault_set(fault, FAULT_CONFIG, "ROLLCALL_SANDBOX is neither require nor off");
	if (wish == WISH_USUAL || wish == WISH_REQUIRE) {
		give_up_privileges();
		files = restrict_files(sandbox);
		calls = restrict_calls(sandbox, fault);
	}
	if (sandbox->rules >= 0)
		close(sandbox->rules);
	sandbox->rules = -1;
	if (wish == WISH_REQUIRE && calls >= 0 && !(files && calls))
		fault_set(fault, FAULT_CONFIG, "ROLLCALL_SANDBOX=require, but %s can not be had here",
		          files ? "seccomp" : "Landlock");
	return fault->kind == FAULT_NONE ? 0 : -1;
}

const char *sandbox_describe(char to[SANDBOX_TEXT])
{
	long version = landlock_version();
	char files[32] = "no Landlock";

	if (version)
		snprintf(files, sizeof files, "Landlock %ld", version);
	snprintf(to, SANDBOX_TEXT, "%s, %s%s", files, seccomp_is_there() ? "seccomp" : "no seccomp",
	         wish_of_user() == WISH_OFF ? "; off" : "");
	return to;
}
