/* SPDX-License-Identifier: BSD-2-Clause */
/* Random numbers, one sequence per thread, all of them from the run's seed. */
#ifndef VMMQ_RACE_RANDOM_H
#define VMMQ_RACE_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

/* random_start begins sequence number stream of a seed. */
static inline struct random random_start(uint64_t seed, uint64_t stream)
{
	return (struct random){ seed * 0xd1342543de82ef95u + (stream + 1) * 0xda942042e4dd58b5u };
}

/* splitmix64 */
static inline uint64_t random_u64(struct random *random)
{
	uint64_t z = random->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* random_below returns 0 to n - 1; n is small, so the bias does not matter. */
static inline uint32_t random_below(struct random *random, uint32_t n)
{
	return (uint32_t)((random_u64(random) >> 32) * n >> 32);
}

static inline bool random_one_in(struct random *random, uint32_t n)
{
	return random_below(random, n) == 0;
}

#endif
