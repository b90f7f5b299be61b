/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Toeplitz by carry-less multiplication, two 32-bit words of input per instruction (VPCLMULQDQ on AVX2); why a product is
 * a word's share of the hash: toeplitz_clmul.c.
 * IPv4: the two halves of a register are two packets, each with its own key.  IPv6: they are two words of one packet.
 * Eight hashes are reflected at once: bits by a table of nibbles, then the bytes.
 */
#include "core/toeplitz_impl.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define VPCLMUL __attribute__((target("avx2,pclmul,vpclmulqdq")))
#define INLINE  static inline __attribute__((always_inline))
#define NONE    ((char)0x80) /* a byte that _mm256_shuffle_epi8 makes 0 */

static bool vpclmul_supported(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") &&
	       __builtin_cpu_supports("vpclmulqdq");
}

/* vpclmul_both puts 16 bytes of one packet beside 16 of another. */
VPCLMUL INLINE __m256i vpclmul_both(const void *low, const void *high)
{
	return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(low)), _mm_loadu_si128(high), 1);
}

/* spread_be takes two big-endian words of each half, of those at first and first + 4, to the low halves of its two 64-bit lanes. */
VPCLMUL INLINE __m256i spread_be(__m256i words, char first, char second)
{
	__m128i order = _mm_setr_epi8(first + 3, first + 2, first + 1, first, NONE, NONE, NONE, NONE, second + 3,
				      second + 2, second + 1, second, NONE, NONE, NONE, NONE);

	return _mm256_shuffle_epi8(words, _mm256_broadcastsi128_si256(order));
}

/* vpclmul_shares multiplies two pairs of each half and XORs the products; the low 64 bits of each half count. */
VPCLMUL INLINE __m256i vpclmul_shares(__m256i windows, __m256i words)
{
	return _mm256_xor_si256(_mm256_clmulepi64_epi128(windows, words, 0x00),
				_mm256_clmulepi64_epi128(windows, words, 0x11));
}

VPCLMUL INLINE __m256i ipv4_pair(const struct vmmq_toeplitz_key *const key[], const uint8_t *const input[],
				 unsigned a, unsigned b)
{
	__m256i words = vpclmul_both(input[a], input[b]);
	__m256i addresses = vpclmul_shares(vpclmul_both(key[a]->window, key[b]->window), spread_be(words, 0, 4));
	__m256i ports = _mm256_clmulepi64_epi128(vpclmul_both(key[a]->window + 2, key[b]->window + 2),
						 spread_be(words, 8, 8), 0x00);

	return _mm256_xor_si256(addresses, ports);
}

VPCLMUL INLINE __m256i ipv6_addresses(const struct vmmq_toeplitz_key *key, const uint8_t *input)
{
	__m256i src = _mm256_cvtepu32_epi64(_mm_loadu_si128((const void *)input));
	__m256i dst = _mm256_cvtepu32_epi64(_mm_loadu_si128((const void *)(input + 16)));

	return _mm256_xor_si256(
	    vpclmul_shares(_mm256_loadu_si256((const void *)key->window), spread_be(src, 0, 8)),
	    vpclmul_shares(_mm256_loadu_si256((const void *)(key->window + 4)), spread_be(dst, 0, 8)));
}

VPCLMUL INLINE __m256i ipv6_pair(const struct vmmq_toeplitz_key *const key[], const uint8_t *const input[],
				 unsigned a, unsigned b)
{
	__m256i low = ipv6_addresses(key[a], input[a]), high = ipv6_addresses(key[b], input[b]);
	__m256i words = _mm256_set_m128i(_mm_loadu_si32(input[b] + 32), _mm_loadu_si32(input[a] + 32));
	__m256i windows = _mm256_set_m128i(_mm_loadl_epi64((const void *)(key[b]->window + 8)),
					   _mm_loadl_epi64((const void *)(key[a]->window + 8)));
	__m256i ports = _mm256_clmulepi64_epi128(windows, spread_be(words, 0, 8), 0x00);

	return _mm256_xor_si256(ports, _mm256_xor_si256(_mm256_permute2x128_si256(low, high, 0x20),
							_mm256_permute2x128_si256(low, high, 0x31)));
}

VPCLMUL INLINE __m256i reflect32x8(__m256i v)
{
	const __m256i reflected = _mm256_broadcastsi128_si256(
	    _mm_setr_epi8(0x0, 0x8, 0x4, 0xc, 0x2, 0xa, 0x6, 0xe, 0x1, 0x9, 0x5, 0xd, 0x3, 0xb, 0x7, 0xf));
	const __m256i swapped =
	    _mm256_broadcastsi128_si256(_mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
	const __m256i nibble = _mm256_set1_epi8(0x0f);
	__m256i low = _mm256_shuffle_epi8(reflected, _mm256_and_si256(v, nibble));
	__m256i high = _mm256_shuffle_epi8(reflected, _mm256_and_si256(_mm256_srli_epi16(v, 4), nibble));

	return _mm256_shuffle_epi8(_mm256_or_si256(_mm256_slli_epi16(low, 4), high), swapped);
}

/* vpclmul_store takes the shares of packets 0 and 4, 1 and 5, 2 and 6, 3 and 7, so that the hashes fall into order. */
VPCLMUL INLINE void vpclmul_store(uint32_t hash[TOEPLITZ_GROUP], __m256i p04, __m256i p15, __m256i p26, __m256i p37)
{
	__m256i p0145 = _mm256_srli_epi64(_mm256_unpacklo_epi64(p04, p15), 31);
	__m256i p2367 = _mm256_srli_epi64(_mm256_unpacklo_epi64(p26, p37), 31);
	__m256i all =
	    _mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(p0145), _mm256_castsi256_ps(p2367), 0x88));

	_mm256_storeu_si256((void *)hash, reflect32x8(all));
}

VPCLMUL static inline void vpclmul_ipv4_group(const struct vmmq_toeplitz_key *const key[],
					      const uint8_t *const input[], uint32_t hash[])
{
	vpclmul_store(hash, ipv4_pair(key, input, 0, 4), ipv4_pair(key, input, 1, 5), ipv4_pair(key, input, 2, 6),
		      ipv4_pair(key, input, 3, 7));
}

VPCLMUL static inline void vpclmul_ipv6_group(const struct vmmq_toeplitz_key *const key[],
					      const uint8_t *const input[], uint32_t hash[])
{
	vpclmul_store(hash, ipv6_pair(key, input, 0, 4), ipv6_pair(key, input, 1, 5), ipv6_pair(key, input, 2, 6),
		      ipv6_pair(key, input, 3, 7));
}

VPCLMUL static void vpclmul_ipv4(const struct vmmq_toeplitz_key *const key[], const uint8_t *const input[],
				 uint32_t hash[], unsigned count)
{
	toeplitz_groups(key, input, hash, count, vpclmul_ipv4_group);
}

VPCLMUL static void vpclmul_ipv6(const struct vmmq_toeplitz_key *const key[], const uint8_t *const input[],
				 uint32_t hash[], unsigned count)
{
	toeplitz_groups(key, input, hash, count, vpclmul_ipv6_group);
}

/* A single input gains nothing from pairs. */
static uint32_t vpclmul_one(const struct vmmq_toeplitz_key *key, const uint8_t *input, size_t len)
{
	return toeplitz_clmul.one(key, input, len);
}

const struct toeplitz_ops toeplitz_vpclmul = { vpclmul_supported, vpclmul_one, vpclmul_ipv4, vpclmul_ipv6 };

#endif
