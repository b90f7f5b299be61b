/* SPDX-License-Identifier: BSD-2-Clause */
#include "control/state_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* owner_of reads the pid in a lock file; 0: it has none yet. */
static long owner_of(int lock)
{
	char text[32] = "";
	ssize_t len = pread(lock, text, sizeof(text) - 1, 0);

	return len > 0 ? strtol(text, NULL, 10) : 0;
}

static int refuse_owned(int lock, const char *path, char *error, size_t error_len)
{
	long owner = owner_of(lock);

	if (owner > 0)
		snprintf(error, error_len, "%s: process %ld uses this state; stop it first, or name another state",
			 path, owner);
	else
		snprintf(error, error_len,
			 "%s: another process uses this state; stop it first, or name another state", path);
	return -1;
}

static int write_pid(int lock)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	return ftruncate(lock, 0) || pwrite(lock, text, (size_t)len, 0) != len ? -1 : 0;
}

int state_lock(const char *path, bool *taken, char *error, size_t error_len)
{
	char name[PATH_MAX];
	int lock;

	*taken = false;
	if (snprintf(name, sizeof(name), "%s.lock", path) >= (int)sizeof(name)) {
		snprintf(error, error_len, "%.100s...: the path is too long", path);
		return -1;
	}
	lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (lock < 0) {
		snprintf(error, error_len, "%s: %s", name, strerror(errno));
		return -1;
	}
	if (flock(lock, LOCK_EX | LOCK_NB)) {
		*taken = errno == EWOULDBLOCK;
		if (*taken)
			refuse_owned(lock, path, error, error_len);
		else
			snprintf(error, error_len, "%s: %s", name, strerror(errno));
	} else if (write_pid(lock)) {
		snprintf(error, error_len, "%s: %s", name, strerror(errno ? errno : ENOSPC));
	} else {
		return lock;
	}
	close(lock);
	return -1;
}

void state_unlock(int lock)
{
	if (lock >= 0)
		close(lock);
}
