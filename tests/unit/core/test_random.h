/* SPDX-License-Identifier: BSD-2-Clause */
/* Random numbers for the tests: the seed is printed, and VMMQ_TEST_SEED=N repeats a run.  Or a fuzzer's bytes, which choose then. */
#ifndef VMMQ_UNIT_CORE_TEST_RANDOM_H
#define VMMQ_UNIT_CORE_TEST_RANDOM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

static uint64_t random_state;

/* random_start begins a test's own sequence; every test of a program starts from the same seed. */
static inline void random_start(void)
{
	static uint64_t seed;
	const char *wanted = getenv("VMMQ_TEST_SEED");

	if (!seed) {
		struct timespec now;

		clock_gettime(CLOCK_REALTIME, &now);
		seed =
		    wanted ? strtoull(wanted, NULL, 0) : (uint64_t)now.tv_sec * 1000000007u + (uint64_t)now.tv_nsec;
		print_message("VMMQ_TEST_SEED=%" PRIu64 "\n", seed);
	}
	random_state = seed;
}

/* Bytes that choose instead of a seed, while at is not NULL. */
static struct {
	const uint8_t *at, *end;
} random_fed;

/* random_feed has the next numbers made of these bytes, and of a fixed sequence once they are spent. */
static inline void random_feed(const uint8_t *bytes, size_t len)
{
	random_fed.at = bytes;
	random_fed.end = bytes + len;
	random_state = 0;
}

static inline bool random_is_spent(void)
{
	return random_fed.at && random_fed.at == random_fed.end;
}

/* random_take returns the next len bytes, at most 8. */
static inline uint64_t random_take(size_t len)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len && random_fed.at < random_fed.end; i++)
		value = value << 8 | *random_fed.at++;
	return value;
}

/* splitmix64 */
static inline uint64_t random_u64(void)
{
	uint64_t z;

	if (random_fed.at && !random_is_spent())
		return random_take(8);
	z = random_state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* random_below returns 0 to n - 1; n is small, so the bias does not matter. */
static inline uint32_t random_below(uint32_t n)
{
	if (random_fed.at && !random_is_spent())
		return (uint32_t)(random_take(n <= 256 ? 1 : 4) % n);
	return (uint32_t)((random_u64() >> 32) * n >> 32);
}

static inline bool random_one_in(uint32_t n)
{
	return random_below(n) == 0;
}

static inline void random_bytes(void *out, size_t len)
{
	uint8_t *byte = out;

	for (size_t i = 0; i < len; i++)
		byte[i] = (uint8_t)random_u64();
}

#endif
