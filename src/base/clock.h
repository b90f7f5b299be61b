/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_BASE_CLOCK_H
#define VMMQ_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* A second, in nanoseconds. */
#define SECOND_NS UINT64_C(1000000000)

/* now_ns returns monotonic time. */
static inline uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * SECOND_NS + (uint64_t)t.tv_nsec;
}

#endif
