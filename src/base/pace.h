/* SPDX-License-Identifier: BSD-2-Clause */
/* A token bucket: whoever does something too often waits, or goes without. */
#ifndef VMMQ_BASE_PACE_H
#define VMMQ_BASE_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: full. */
struct pace {
	uint64_t full_ns; /* when it is full again */
};

/* pace_allows: at most burst at once, and one in each_ns after that. */
static inline bool pace_allows(struct pace *pace, uint64_t now_ns, unsigned burst, uint64_t each_ns)
{
	uint64_t from = pace->full_ns > now_ns ? pace->full_ns : now_ns;

	if (from + each_ns > now_ns + burst * each_ns)
		return false;
	pace->full_ns = from + each_ns;
	return true;
}

#endif
