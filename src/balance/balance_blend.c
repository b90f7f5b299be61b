/* SPDX-License-Identifier: BSD-2-Clause */
/* The averages of very many lanes, which are most of a quiet tick: as written, and eight at once with AVX2.  Both give the same bits. */
#include "balance/balance_state.h"

static uint32_t blend_one(uint32_t average, uint32_t load, unsigned shift)
{
	uint32_t now = (load < BALANCE_LOAD_MAX ? load : BALANCE_LOAD_MAX) << LANE_FRACTION;
	int32_t half = (int32_t)(now >> 1) - (int32_t)(average >> 1); /* of the difference, so that it fits */

	return shift ? average + (uint32_t)(half >> (shift - 1)) : now;
}

void balance_blend_plain(uint32_t average[], const uint32_t load[], uint32_t count, unsigned shift)
{
	for (uint32_t i = 0; i < count; i++)
		average[i] = blend_one(average[i], load[i], shift);
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2"))) static void blend_avx2(uint32_t average[], const uint32_t load[], uint32_t count,
						       unsigned shift)
{
	const __m256i most = _mm256_set1_epi32((int)BALANCE_LOAD_MAX);
	const __m128i by = _mm_cvtsi32_si128((int)shift - 1);
	uint32_t i = 0;

	for (; shift && i + 8 <= count; i += 8) {
		__m256i seen = _mm256_loadu_si256((const __m256i *)(const void *)&load[i]);
		__m256i old = _mm256_loadu_si256((const __m256i *)(const void *)&average[i]);
		__m256i now = _mm256_slli_epi32(_mm256_min_epu32(seen, most), LANE_FRACTION);
		__m256i half = _mm256_sub_epi32(_mm256_srli_epi32(now, 1), _mm256_srli_epi32(old, 1));

		_mm256_storeu_si256((__m256i *)(void *)&average[i],
				    _mm256_add_epi32(old, _mm256_sra_epi32(half, by)));
	}
	balance_blend_plain(average + i, load + i, count - i, shift);
}

balance_blend_fn *balance_blend_choose(void)
{
	return __builtin_cpu_supports("avx2") ? blend_avx2 : balance_blend_plain;
}
#else
balance_blend_fn *balance_blend_choose(void)
{
	return balance_blend_plain;
}
#endif
