/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Toeplitz by carry-less multiplication, the pieces that are inlined into the burst path.
 *
 * Let w be a 32-bit input word (first input bit = bit 31) at input bits 32i to 32i + 31, and K = window[i], where bit k of K
 * is key bit 32i + k.  The definition XORs, for each input bit 32i + b that is set, key bits 32i + b to 32i + b + 31.
 * Input bit b is bit 31 - b of w, and in the carry-less product it adds K << (31 - b): key bit 32i + b + r then stands at
 * bit (b + r) + (31 - b) = 31 + r of the product, whatever b is.  So bits 31 to 62 of the product are the word's share of
 * the result, first result bit lowest.  Shares are XORed as they are and reflected once at the end.
 * Only the low 64 bits of each product are needed: three multiplications hash an IPv4 4-tuple, nine an IPv6 one.
 */
#ifndef VMMQ_CORE_TOEPLITZ_CLMUL_H
#define VMMQ_CORE_TOEPLITZ_CLMUL_H

#if defined(__x86_64__)
#include <wmmintrin.h>

#include "core/bytes.h"
#include "core/toeplitz_impl.h"

#define TOEPLITZ_CLMUL __attribute__((target("pclmul,sse4.1")))

/* toeplitz_share returns the product of the i-th input word; shares are XORed. */
TOEPLITZ_CLMUL static inline __m128i toeplitz_share(const struct vmmq_toeplitz_key *key, unsigned i, uint32_t word)
{
	return _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)key->window[i]), _mm_cvtsi32_si128((int)word), 0);
}

/* toeplitz_result turns XORed shares into the hash. */
TOEPLITZ_CLMUL static inline uint32_t toeplitz_result(__m128i shares)
{
	return reflect32((uint32_t)((uint64_t)_mm_cvtsi128_si64(shares) >> 31));
}

/* toeplitz_share_words returns the XOR of the shares of count whole words at input, which stand at word index first. */
TOEPLITZ_CLMUL static inline __m128i toeplitz_share_words(const struct vmmq_toeplitz_key *key, unsigned first,
							  const uint8_t *input, unsigned count)
{
	__m128i shares = _mm_setzero_si128();

	for (unsigned i = 0; i < count; i++)
		shares = _mm_xor_si128(shares, toeplitz_share(key, first + i, load_be32(input + 4 * i)));
	return shares;
}

#endif
#endif
