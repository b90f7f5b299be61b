/* SPDX-License-Identifier: BSD-2-Clause */
#include "host/storm.h"

#include "base/clock.h"

#define BURST_NS (SECOND_NS / 10)

bool storm_allows(struct storm *storm, uint64_t now_ns)
{
	uint32_t limit = atomic_load_explicit(&storm->limit, memory_order_relaxed);
	uint64_t full = atomic_load_explicit(&storm->full_ns, memory_order_relaxed);
	uint64_t interval, burst, next;

	if (!limit)
		return true;
	interval = (SECOND_NS + limit - 1) / limit;
	burst = interval > BURST_NS ? interval : BURST_NS;
	do {
		next = (full > now_ns ? full : now_ns) + interval;
		if (next > now_ns + burst)
			return false;
	} while (!atomic_compare_exchange_weak_explicit(&storm->full_ns, &full, next, memory_order_relaxed,
							memory_order_relaxed));
	return true;
}
