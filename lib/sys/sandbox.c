/* SPDX-License-Identifier: ISC */
/*
 * sandbox: Landlock by its system calls, which glibc does not wrap, and a
 * seccomp filter that refuses with EPERM what no program here has a use for.
 */
#include "sys/sandbox.h"

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

enum { READ, WRITE, REPLACE };

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

#if defined __linux__ && (defined __x86_64__ || defined __aarch64__)
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>

#ifdef __x86_64__
#define OUR_ARCH AUDIT_ARCH_X86_64
#else
#define OUR_ARCH AUDIT_ARCH_AARCH64
#endif

enum { X32_CALLS = 0x40000000, CALLS_MAX = 64 };

/* Nobody here starts programs, looks into processes or changes the system. */
static const int never[] = {
	SYS_execve,
	SYS_execveat,
	SYS_ptrace,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_listen,
	SYS_accept,
	SYS_accept4,
	SYS_io_uring_setup, /* opens files and sockets without the other calls */
	SYS_open_by_handle_at,
	SYS_bpf,
	SYS_perf_event_open,
	SYS_userfaultfd,
	SYS_keyctl,
	SYS_add_key,
	SYS_request_key,
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_chroot,
	SYS_setns,
	SYS_unshare,
	SYS_kexec_load,
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_reboot,
#ifdef SYS_fork
	SYS_fork,
	SYS_vfork,
#endif
};

static const int of_network[] = {SYS_socket, SYS_socketpair, SYS_connect, SYS_bind};

struct filter {
	struct sock_filter code[3 * CALLS_MAX];
	unsigned short len;
};

static void add(struct filter *filter, unsigned short code, uint32_t k, uint8_t yes, uint8_t no)
{
	filter->code[filter->len++] = (struct sock_filter){code, yes, no, k};
}

static void refuse(struct filter *filter, int call, int error)
{
	add(filter, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 1);
	add(filter, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error, 0, 0);
}

static void load(struct filter *filter, size_t offset)
{
	add(filter, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static bool seccomp_is_there(void)
{
	uint32_t action = SECCOMP_RET_ERRNO;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

static bool restrict_calls(const struct sandbox *sandbox)
{
	struct filter filter = {.len = 0};
	struct sock_fprog program = {.filter = filter.code};

	load(&filter, offsetof(struct seccomp_data, arch));
	add(&filter, BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0);
	add(&filter, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
	load(&filter, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	add(&filter, BPF_JMP | BPF_JGE | BPF_K, X32_CALLS, 0, 1);
	add(&filter, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
#endif
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		refuse(&filter, never[i], EPERM);
	for (size_t i = 0; !sandbox->network && i < sizeof of_network / sizeof *of_network; i++)
		refuse(&filter, of_network[i], EPERM);
	/* threads, but no processes; a filter can not look into the arguments of
	   clone3, and without it the C library takes clone */
	refuse(&filter, SYS_clone3, ENOSYS);
	add(&filter, BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3);
	load(&filter, offsetof(struct seccomp_data, args[0]));
	add(&filter, BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0);
	add(&filter, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0, 0);
	add(&filter, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	program.len = filter.len;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

#else

static bool seccomp_is_there(void)
{
	return false;
}

static bool restrict_calls(const struct sandbox *sandbox)
{
	(void)sandbox;
	return false;
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
	char *real = realpath(path, NULL), *slash;
	char *directory = real ? real : strdup(path);

	allow(sandbox, path, WRITE);
	slash = directory ? strrchr(directory, '/') : NULL;
	if (slash)
		slash[slash == directory] = '\0';
	if (directory)
		allow(sandbox, slash ? directory : ".", REPLACE);
	free(directory);
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
	bool files = false, calls = false;

	if (wish == WISH_UNKNOWN)
		fault_set(fault, FAULT_CONFIG, "ROLLCALL_SANDBOX is neither require nor off");
	if (wish == WISH_USUAL || wish == WISH_REQUIRE) {
		give_up_privileges();
		files = restrict_files(sandbox);
		calls = restrict_calls(sandbox);
	}
	if (sandbox->rules >= 0)
		close(sandbox->rules);
	sandbox->rules = -1;
	if (wish == WISH_REQUIRE && !(files && calls))
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
