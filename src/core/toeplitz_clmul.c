/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Toeplitz by carry-less multiplication, a 32-bit word of input per instruction (PCLMULQDQ).
 *
 * Let w be a 32-bit input word (first input bit = bit 31) at input bits 32i to 32i + 31, and K = window[i], where bit k of K
 * is key bit 32i + k.  The definition XORs, for each input bit 32i + b that is set, key bits 32i + b to 32i + b + 31.
 * Input bit b is bit 31 - b of w, and in the carry-less product it adds K << (31 - b): key bit 32i + b + r then stands at
 * bit (b + r) + (31 - b) = 31 + r of the product, whatever b is.  So bits 31 to 62 of the product are the word's share of
 * the result, first result bit lowest.  Shares are XORed as they are and reflected once at the end.
 * Only the low 64 bits of each product are needed: three multiplications hash an IPv4 4-tuple, nine an IPv6 one.
 */
#include "core/toeplitz_impl.h"

#if defined(__x86_64__)

#include <wmmintrin.h>

#include "core/bytes.h"

#define CLMUL __attribute__((target("pclmul,sse4.1")))

static bool clmul_supported(void)
{
	return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
}

CLMUL static inline __m128i clmul_share(const struct vmmq_toeplitz_key *key, unsigned i, uint32_t word)
{
	return _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)key->window[i]), _mm_cvtsi32_si128((int)word), 0);
}

CLMUL static inline __m128i clmul_share_words(const struct vmmq_toeplitz_key *key, const uint8_t *input,
					      unsigned count)
{
	__m128i shares = _mm_setzero_si128();

	for (unsigned i = 0; i < count; i++)
		shares = _mm_xor_si128(shares, clmul_share(key, i, load_be32(input + 4 * i)));
	return shares;
}

CLMUL static inline uint32_t clmul_result(__m128i shares)
{
	return reflect32((uint32_t)((uint64_t)_mm_cvtsi128_si64(shares) >> 31));
}

CLMUL static uint32_t clmul_one(const struct vmmq_toeplitz_key *key, const uint8_t *input, size_t len)
{
	unsigned words = (unsigned)(len / 4);
	__m128i shares = clmul_share_words(key, input, words);
	uint8_t rest[4] = { 0 }; /* zero bits add nothing */

	if (len % 4) {
		memcpy(rest, input + 4 * words, len % 4);
		shares = _mm_xor_si128(shares, clmul_share(key, words, load_be32(rest)));
	}
	return clmul_result(shares);
}

CLMUL static void clmul_ipv4(const struct vmmq_toeplitz_key *const key[], const uint8_t *const input[],
			     uint32_t hash[], unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		hash[i] = clmul_result(clmul_share_words(key[i], input[i], TOEPLITZ_IPV4_WORDS));
}

CLMUL static void clmul_ipv6(const struct vmmq_toeplitz_key *const key[], const uint8_t *const input[],
			     uint32_t hash[], unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		hash[i] = clmul_result(clmul_share_words(key[i], input[i], TOEPLITZ_IPV6_WORDS));
}

const struct toeplitz_ops toeplitz_clmul = { clmul_supported, clmul_one, clmul_ipv4, clmul_ipv6 };

#endif
