/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests, by LD_PRELOAD: a wall clock that somebody sets while the program runs.  The file MOVED_CLOCK holds by how many seconds it is off
 * (none: it is right); what only measures time, CLOCK_MONOTONIC, goes on as it does for the kernel.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long seconds_off(void)
{
	const char *path = getenv("MOVED_CLOCK");
	FILE *file = path ? fopen(path, "re") : NULL;
	long off = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%ld", &off) != 1)
		off = 0;
	fclose(file);
	return off;
}

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *now)
{
	static int (*real)(clockid_t clock, struct timespec * now);
	int result;

	if (!real)
		real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	result = real(clock, now);
	if (!result && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		now->tv_sec += seconds_off();
	return result;
}

__attribute__((visibility("default"))) time_t time(time_t *to)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (to)
		*to = now.tv_sec;
	return now.tv_sec;
}

__attribute__((visibility("default"))) int gettimeofday(struct timeval *now, void *zone)
{
	struct timespec precise;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &precise);
	*now = (struct timeval){ precise.tv_sec, precise.tv_nsec / 1000 };
	return 0;
}
