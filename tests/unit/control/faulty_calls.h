/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests: the system calls that SQLite makes on files, of which one fails: calls_arm(n, error) has the n-th one from now on, counted from
 * 0, fail with that errno.  calls_install() once, before anything is opened.
 */
#ifndef VMMQ_UNIT_CONTROL_FAULTY_CALLS_H
#define VMMQ_UNIT_CONTROL_FAULTY_CALLS_H

#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>

static struct {
	unsigned until; /* calls that still succeed; UINT_MAX: all */
	int error;
	const char *failed; /* the one that did, or NULL */
} calls = { .until = UINT_MAX };

static struct {
	int (*open)(const char *, int, int);
	int (*stat)(const char *, struct stat *);
	int (*fstat)(int, struct stat *);
	int (*access)(const char *, int);
	int (*ftruncate)(int, off_t);
	int (*fcntl)(int, int, ...);
	int (*unlink)(const char *);
	int (*fchmod)(int, mode_t);
	ssize_t (*pread)(int, void *, size_t, off_t);
	ssize_t (*pwrite)(int, const void *, size_t, off_t);
	void *(*mmap)(void *, size_t, int, int, int, off_t);
} real_calls;

static inline bool call_fails(const char *name)
{
	if (calls.until == UINT_MAX || calls.until--)
		return false;
	calls.until = UINT_MAX;
	calls.failed = name;
	errno = calls.error;
	return true;
}

#define CALL(type, failure, name, arguments, call)                                                                   \
	static inline type call_##name arguments                                                                     \
	{                                                                                                            \
		return call_fails(#name) ? failure : real_calls.name call;                                           \
	}
CALL(int, -1, open, (const char *path, int flags, int mode), (path, flags, mode))
CALL(int, -1, stat, (const char *path, struct stat *found), (path, found))
CALL(int, -1, fstat, (int fd, struct stat *found), (fd, found))
CALL(int, -1, access, (const char *path, int how), (path, how))
CALL(int, -1, ftruncate, (int fd, off_t size), (fd, size))
CALL(int, -1, unlink, (const char *path), (path))
CALL(int, -1, fchmod, (int fd, mode_t mode), (fd, mode))
CALL(ssize_t, -1, pread, (int fd, void *to, size_t len, off_t at), (fd, to, len, at))
CALL(ssize_t, -1, pwrite, (int fd, const void *from, size_t len, off_t at), (fd, from, len, at))
CALL(void *, MAP_FAILED, mmap, (void *at, size_t len, int how, int flags, int fd, off_t from),
     (at, len, how, flags, fd, from))

/* To unlock does not fail: SQLite does not look. */
static inline int call_fcntl(int fd, int what, ...)
{
	const struct flock *lock;
	va_list arguments;
	void *argument;

	va_start(arguments, what);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	lock = argument;
	if (!(what == F_SETLK && lock->l_type == F_UNLCK) && call_fails("fcntl"))
		return -1;
	return real_calls.fcntl(fd, what, argument);
}

/* These stand in front of the C library's: what a test needs of a disk is that it says it has synced, soon. */
__attribute__((visibility("default"))) int fsync(int fd)
{
	(void)fd;
	return call_fails("fsync") ? -1 : 0;
}

__attribute__((visibility("default"))) int fdatasync(int fd)
{
	(void)fd;
	return call_fails("fdatasync") ? -1 : 0;
}

static inline void calls_replace(sqlite3_vfs *vfs, const char *name, void *real, sqlite3_syscall_ptr with)
{
	sqlite3_syscall_ptr before = vfs->xGetSystemCall(vfs, name);

	if (!before)
		return; /* not built in */
	memcpy(real, &before, sizeof(before));
	vfs->xSetSystemCall(vfs, name, with);
}

static inline void calls_install(void)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find("unix");

#define REPLACE(name, of) calls_replace(vfs, name, &real_calls.of, (sqlite3_syscall_ptr)call_##of)
	REPLACE("open", open);
	REPLACE("stat", stat);
	REPLACE("fstat", fstat);
	REPLACE("access", access);
	REPLACE("ftruncate", ftruncate);
	REPLACE("fcntl", fcntl);
	REPLACE("unlink", unlink);
	REPLACE("fchmod", fchmod);
	REPLACE(sizeof(off_t) == 8 && vfs->xGetSystemCall(vfs, "pread64") ? "pread64" : "pread", pread);
	REPLACE(sizeof(off_t) == 8 && vfs->xGetSystemCall(vfs, "pwrite64") ? "pwrite64" : "pwrite", pwrite);
	REPLACE("mmap", mmap);
#undef REPLACE
}

static inline void calls_arm(unsigned until, int error)
{
	calls.until = until;
	calls.error = error;
	calls.failed = NULL;
}

/* calls_disarm returns the call that has failed, or NULL. */
static inline const char *calls_disarm(void)
{
	calls.until = UINT_MAX;
	return calls.failed;
}

#endif
