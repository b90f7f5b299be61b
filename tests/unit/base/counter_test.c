/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock and the counters that everything shares. */
#include "base/clock.h"
#include "base/counter.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ADDITIONS 1000000u

static void the_clock_is_monotonic_time(void **state)
{
	struct timespec before, after;
	uint64_t now;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &before);
	now = now_ns();
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_in_range(now, (uint64_t)before.tv_sec * SECOND_NS + (uint64_t)before.tv_nsec,
			(uint64_t)after.tv_sec * SECOND_NS + (uint64_t)after.tv_nsec);
}

static void *count(void *counter)
{
	for (unsigned i = 0; i < ADDITIONS; i++)
		counter_add(counter, 3);
	return NULL;
}

static void a_reader_sees_a_counter_grow(void **state)
{
	_Atomic uint64_t counter = 0;
	uint64_t seen = 0;
	pthread_t writer;

	(void)state;
	assert_int_equal(pthread_create(&writer, NULL, count, &counter), 0);
	while (seen < 3 * ADDITIONS) {
		uint64_t next = counter_read(&counter);

		assert_true(next >= seen && next % 3 == 0);
		seen = next;
	}
	pthread_join(writer, NULL);
	assert_int_equal(counter_read(&counter), 3 * ADDITIONS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_clock_is_monotonic_time),
		cmocka_unit_test(a_reader_sees_a_counter_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
