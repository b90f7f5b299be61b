/* SPDX-License-Identifier: BSD-2-Clause */
/* The token bucket against a counting model: never above rate and burst, and nothing is refused that was due. */
#include "unit/core/test_random.h"

#include "host/storm.h"

#define SECOND 1000000000u

static unsigned allowed_at(struct storm *storm, uint64_t now_ns, unsigned offered)
{
	unsigned n = 0;

	for (unsigned i = 0; i < offered; i++)
		n += storm_allows(storm, now_ns);
	return n;
}

static void no_limit(void **state)
{
	struct storm storm = { 0 };

	(void)state;
	assert_int_equal(allowed_at(&storm, 1, 1000), 1000);
}

static void burst_then_rate(void **state)
{
	struct storm storm = { .limit = 1000 };

	(void)state;
	assert_int_equal(allowed_at(&storm, 5 * (uint64_t)SECOND, 500), 100);
	assert_int_equal(allowed_at(&storm, 5 * (uint64_t)SECOND + 10000000, 500), 10);
	assert_int_equal(allowed_at(&storm, 7 * (uint64_t)SECOND, 500), 100);
}

/* A limit below ten a second still lets one through at a time. */
static void small_limits(void **state)
{
	(void)state;
	for (uint32_t limit = 1; limit < 20; limit++) {
		struct storm storm = { .limit = limit };
		unsigned n = 0;

		for (uint64_t ms = 0; ms < 10000; ms++)
			n += allowed_at(&storm, ms * 1000000, 3);
		assert_in_range(n, limit * 10 - 1, limit * 10 + 2);
	}
}

/* In any window of t seconds at most limit * t + limit / 10 + 1. */
static void never_above(void **state)
{
	static uint64_t when[20000];

	(void)state;
	random_start();
	for (unsigned round = 0; round < 20; round++) {
		struct storm storm = { .limit = 1 + random_below(5000) };
		uint64_t now = random_u64() >> 20;
		unsigned n = 0;

		for (unsigned i = 0; i < 20000; i++) {
			now += random_one_in(100) ? random_below(SECOND) : random_below(100000);
			if (storm_allows(&storm, now))
				when[n++] = now;
		}
		for (unsigned from = 0; from < n; from += 1 + random_below(50))
			for (unsigned to = from; to < n; to += 1 + random_below(500)) {
				double seconds = (double)(when[to] - when[from]) / SECOND;

				assert_true(to - from + 1 <= storm.limit * seconds + storm.limit / 10.0 + 1.001);
			}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_limit),
		cmocka_unit_test(burst_then_rate),
		cmocka_unit_test(small_limits),
		cmocka_unit_test(never_above),
	};

	return cmocka_run_group_tests_name("storm", tests, NULL, NULL);
}
