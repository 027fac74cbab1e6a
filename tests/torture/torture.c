/* SPDX-License-Identifier: ISC */
/*
 * torture: a library for LD_PRELOAD that lets one call of a run fail.
 *
 * TORTURE=KIND:N fails the N-th call of a kind, counted from the start of main:
 * own (an allocation by the program, libyyjson or libcurl), alloc (by anybody but
 * OpenSSL, which crashes by itself where its start lacks memory), read, write, torn
 * (half of it is written, and the next write fails), fsync, rename, connect. KIND
 * "short" fails none but cuts every read and write to a few bytes and interrupts
 * every third by a signal. At the end the file $TORTURE_REPORT gets a line for
 * each kind, "own 112", and "leaks N": the blocks of the first kind that nobody
 * freed. glibc only; the allocator behind it may be AddressSanitizer's.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum kind { OWN, ALLOC, READ, WRITE, TORN, FSYNC, RENAME, CONNECT, KINDS };

static const struct {
	const char *name;
	int error;
} kinds[KINDS] = {{"own", ENOMEM},  {"alloc", ENOMEM}, {"read", EIO},   {"write", ENOSPC},
                  {"torn", ENOSPC}, {"fsync", EIO},    {"rename", EIO}, {"connect", ECONNREFUSED}};

static unsigned long calls[KINDS], fail_at[KINDS];
static bool armed, cut_short;
static int report = -1;
static pid_t process;

/* Is this call the one that fails? */
static bool fails(enum kind kind)
{
	if (!armed || __atomic_add_fetch(&calls[kind], 1, __ATOMIC_RELAXED) != fail_at[kind])
		return false;
	errno = kinds[kind].error;
	return true;
}

/* ---- the functions behind these ---- */

#define REAL(type, name, ...)         \
	static type (*real)(__VA_ARGS__); \
	if (!real)                        \
	*(void **)&real = dlsym(RTLD_NEXT, #name)

/* All at once, at the first call: dlsym itself calls free. */
static struct {
	void *(*malloc)(size_t size);
	void *(*calloc)(size_t count, size_t size);
	void *(*realloc)(void *block, size_t size);
	void *(*memalign)(size_t alignment, size_t size);
	void (*free)(void *block);
} allocator;

static void find_allocator(void)
{
	if (allocator.malloc)
		return;
	*(void **)&allocator.free = dlsym(RTLD_NEXT, "free");
	*(void **)&allocator.calloc = dlsym(RTLD_NEXT, "calloc");
	*(void **)&allocator.realloc = dlsym(RTLD_NEXT, "realloc");
	*(void **)&allocator.memalign = dlsym(RTLD_NEXT, "memalign");
	*(void **)&allocator.malloc = dlsym(RTLD_NEXT, "malloc");
}

/* ---- who owns a block ---- */

enum { BLOCKS = 1 << 18 };

static void *blocks[BLOCKS];
static pthread_mutex_t blocks_lock = PTHREAD_MUTEX_INITIALIZER;
static void *const removed = (void *)1;

/* Where the code of some objects stands. */
struct code {
	uintptr_t from, to;
	bool of_openssl;
};

static struct code code[16];
static size_t code_count;

static int note_code(struct dl_phdr_info *object, size_t size, void *context)
{
	const char *name = object->dlpi_name;
	bool of_openssl = strstr(name, "libcrypto.so") || strstr(name, "libssl.so");

	(void)size;
	(void)context;
	if (*name && !of_openssl && !strstr(name, "libyyjson.so") && !strstr(name, "libcurl.so"))
		return 0;
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &object->dlpi_phdr[i];
		uintptr_t from = object->dlpi_addr + part->p_vaddr;

		if (part->p_type == PT_LOAD && (part->p_flags & PF_X) && code_count < 16)
			code[code_count++] = (struct code){from, from + part->p_memsz, of_openssl};
	}
	return 0;
}

static bool is_called_by(void *caller, bool openssl)
{
	for (size_t i = 0; armed && i < code_count; i++)
		if ((uintptr_t)caller >= code[i].from && (uintptr_t)caller < code[i].to)
			return code[i].of_openssl == openssl;
	return false;
}

static bool is_watched(void *caller)
{
	return is_called_by(caller, false);
}

static size_t place(const void *block)
{
	return (size_t)((uintptr_t)block * 0x9e3779b97f4a7c15U >> 46) % BLOCKS;
}

static void *remember(void *block, void *caller)
{
	size_t i;

	if (!block || !is_watched(caller))
		return block;
	pthread_mutex_lock(&blocks_lock);
	for (i = place(block); blocks[i] && blocks[i] != removed; i = (i + 1) % BLOCKS)
		;
	blocks[i] = block;
	pthread_mutex_unlock(&blocks_lock);
	return block;
}

static void forget(void *block)
{
	if (!block || !armed)
		return;
	pthread_mutex_lock(&blocks_lock);
	for (size_t i = place(block); blocks[i]; i = (i + 1) % BLOCKS)
		if (blocks[i] == block) {
			blocks[i] = removed;
			break;
		}
	pthread_mutex_unlock(&blocks_lock);
}

/* Does this allocation fail? */
static bool lacks_memory(void *caller)
{
	find_allocator();
	return !is_called_by(caller, true) && (fails(ALLOC) || (is_watched(caller) && fails(OWN)));
}

#define CALLER __builtin_extract_return_addr(__builtin_return_address(0))

void *malloc(size_t size)
{
	return lacks_memory(CALLER) ? NULL : remember(allocator.malloc(size), CALLER);
}

void *calloc(size_t count, size_t size)
{
	return lacks_memory(CALLER) ? NULL : remember(allocator.calloc(count, size), CALLER);
}

static void *resize(void *block, size_t size, void *caller)
{
	void *moved;

	if (lacks_memory(caller))
		return NULL;
	forget(block); /* before: its place may be another thread's next block */
	moved = allocator.realloc(block, size);
	return remember(moved ? moved : size ? block : NULL, caller) == moved ? moved : NULL;
}

void *realloc(void *block, size_t size)
{
	return resize(block, size, CALLER);
}

void *reallocarray(void *block, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return resize(block, bytes, CALLER);
}

static void *copy(const char *text, size_t len, void *caller)
{
	char *to = lacks_memory(caller) ? NULL : remember(allocator.malloc(len + 1), caller);

	if (to) {
		memcpy(to, text, len);
		to[len] = '\0';
	}
	return to;
}

char *strdup(const char *text)
{
	return copy(text, strlen(text), CALLER);
}

char *strndup(const char *text, size_t len)
{
	return copy(text, strnlen(text, len), CALLER);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return lacks_memory(CALLER) ? NULL : allocator.memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
	*block = aligned_alloc(alignment, size);
	return *block ? 0 : ENOMEM;
}

void free(void *block)
{
	forget(block);
	allocator.free(block);
}

/* ---- calls of the system ---- */

/* With KIND "short": the bytes of this call, or 0 where it is interrupted. */
static size_t shortened(size_t len)
{
	static unsigned long count;
	unsigned long now = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);

	if (!cut_short || !armed)
		return len;
	errno = EINTR;
	return now % 3 == 0 ? 0 : len < 1 + now % 61 ? len : 1 + now % 61;
}

/* With KIND "torn": the bytes of this write, or 0 where it fails. */
static size_t torn(size_t len)
{
	unsigned long now = armed ? __atomic_add_fetch(&calls[TORN], 1, __ATOMIC_RELAXED) : 0;

	if (!fail_at[TORN] || now < fail_at[TORN] || now > fail_at[TORN] + 1)
		return len;
	errno = kinds[TORN].error;
	return now == fail_at[TORN] ? (len + 1) / 2 : 0;
}

#define CUT(len)                  \
	size_t some = shortened(len); \
	if (len && !some)             \
	return -1

ssize_t read(int fd, void *to, size_t len)
{
	REAL(ssize_t, read, int, void *, size_t);
	CUT(len);
	return fails(READ) ? -1 : real(fd, to, some);
}

ssize_t pread(int fd, void *to, size_t len, off_t at)
{
	REAL(ssize_t, pread, int, void *, size_t, off_t);
	CUT(len);
	return fails(READ) ? -1 : real(fd, to, some, at);
}

ssize_t recv(int fd, void *to, size_t len, int flags)
{
	REAL(ssize_t, recv, int, void *, size_t, int);
	return fails(READ) ? -1 : real(fd, to, len, flags);
}

/* A process that ours has started, to make the sandbox's filter: what it writes goes into a
   pipe to us, in one piece, and whether it came is ours to find. */
static bool is_another_process(void)
{
	return getpid() != process;
}

ssize_t write(int fd, const void *from, size_t len)
{
	REAL(ssize_t, write, int, const void *, size_t);
	if (is_another_process())
		return real(fd, from, len);
	CUT(len);
	return fails(WRITE) || (len && !(some = torn(some))) ? -1 : real(fd, from, some);
}

ssize_t pwrite(int fd, const void *from, size_t len, off_t at)
{
	REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
	CUT(len);
	return fails(WRITE) || (len && !(some = torn(some))) ? -1 : real(fd, from, some, at);
}

ssize_t send(int fd, const void *from, size_t len, int flags)
{
	REAL(ssize_t, send, int, const void *, size_t, int);
	return fails(WRITE) ? -1 : real(fd, from, len, flags);
}

int fsync(int fd)
{
	REAL(int, fsync, int);
	return fails(FSYNC) ? -1 : real(fd);
}

int fdatasync(int fd)
{
	REAL(int, fdatasync, int);
	return fails(FSYNC) ? -1 : real(fd);
}

int ftruncate(int fd, off_t len)
{
	REAL(int, ftruncate, int, off_t);
	return fails(WRITE) ? -1 : real(fd, len);
}

int rename(const char *from, const char *to)
{
	REAL(int, rename, const char *, const char *);
	return fails(RENAME) ? -1 : real(from, to);
}

int connect(int fd, const struct sockaddr *address, socklen_t len)
{
	REAL(int, connect, int, const struct sockaddr *, socklen_t);
	return fails(CONNECT) ? -1 : real(fd, address, len);
}

/* ---- beginning and end ---- */

__attribute__((constructor)) static void begin(void)
{
	const char *wish = getenv("TORTURE"), *path = getenv("TORTURE_REPORT");

	/* far from the numbers that a program takes, and before its sandbox closes */
	if (path)
		report = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (report >= 0)
		report = fcntl(report, F_DUPFD_CLOEXEC, 200);
	unsetenv("LD_PRELOAD"); /* a token command is not ours to torture */
	cut_short = wish && strcmp(wish, "short") == 0;
	for (int kind = 0; wish && kind < KINDS; kind++) {
		size_t len = strlen(kinds[kind].name);

		if (strncmp(wish, kinds[kind].name, len) == 0 && wish[len] == ':')
			fail_at[kind] = strtoul(wish + len + 1, NULL, 10);
	}
	dl_iterate_phdr(note_code, NULL);
	process = getpid();
	armed = true;
}

/* Called once more by what counts lines (tests/coverage). */
__attribute__((destructor)) void torture_end(void)
{
	size_t leaks = 0;

	if (!armed)
		return;
	armed = false;
	for (size_t i = 0; i < BLOCKS; i++)
		leaks += blocks[i] && blocks[i] != removed;
	if (report < 0)
		return;
	for (int kind = 0; kind < KINDS; kind++)
		dprintf(report, "%s %lu\n", kinds[kind].name, calls[kind]);
	dprintf(report, "leaks %zu\n", leaks);
	close(report);
}
