/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests, by LD_PRELOAD: a disk that takes nothing.  In the directory HELD_DISK: while there is a file "hold", fsync() and fdatasync() do not
 * return, and "held" is there to say so; while there is a file "fail", they fail with EIO.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static bool is_there(const char *name)
{
	const char *directory = getenv("HELD_DISK");
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", directory ? directory : "/nowhere", name);
	return access(path, F_OK) == 0;
}

static void say_held(void)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/held", getenv("HELD_DISK"));
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int held_sync(int fd, const char *name)
{
	const struct timespec moment = { .tv_nsec = 2000000 };
	int (*real)(int fd) = (int (*)(int))dlsym(RTLD_NEXT, name);

	while (is_there("hold")) {
		say_held();
		nanosleep(&moment, NULL);
	}
	if (!is_there("fail"))
		return real(fd);
	errno = EIO;
	return -1;
}

__attribute__((visibility("default"))) int fsync(int fd)
{
	return held_sync(fd, "fsync");
}

__attribute__((visibility("default"))) int fdatasync(int fd)
{
	return held_sync(fd, "fdatasync");
}
