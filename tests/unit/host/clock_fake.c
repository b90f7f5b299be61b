/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/host/clock_fake.h"

#include <stdatomic.h>
#include <time.h>

#define SECOND_NS 1000000000u

int __real_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_clock_gettime(clockid_t clock, struct timespec *t);

static _Atomic uint64_t clock_now_ns = 1000 * (uint64_t)SECOND_NS;
static atomic_bool clock_is_real;

void clock_pass(uint64_t ns)
{
	atomic_fetch_add(&clock_now_ns, ns);
}

void clock_run(bool real)
{
	atomic_store(&clock_is_real, real);
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
	uint64_t now;

	if (clock != CLOCK_MONOTONIC || atomic_load(&clock_is_real))
		return __real_clock_gettime(clock, t);
	now = atomic_fetch_add(&clock_now_ns, CLOCK_LOOK_NS);
	*t = (struct timespec){ .tv_sec = (time_t)(now / SECOND_NS), .tv_nsec = (long)(now % SECOND_NS) };
	return 0;
}
