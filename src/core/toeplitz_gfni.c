/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Toeplitz by matrices of bits, 64 of them per instruction (GF2P8AFFINEQB on AVX-512).
 *
 * What input byte j adds to byte o of the hash is a product of an 8x8 matrix of bits and the byte: with both counted from the
 * first bit, input bit s goes with key bit 8(j + o) + t + s into result bit t.  The matrix depends on q = j + o only, so a
 * hash is a sum over q of one matrix with the four bytes q - 3 to q: they are the four bytes of the hash.
 * A register has eight matrices, beside each the four bytes of one packet and the four of another.
 * Row t of matrix q is the eight bits of the key from 8q + t, which VPMULTISHIFTQB cuts out of the prepared key, so a key
 * needs no memory for its matrices.  A prepared key has its bits reflected, hence the input's bytes are too.
 * The idea of matrices: DPDK, rte_thash_gfni.h, which keeps them (320 bytes a key).
 *
 * toeplitz_gfni_test.c runs this source on any CPU, with these intrinsics written in C.
 */
#include "core/toeplitz_impl.h"

#if defined(__x86_64__)

#ifndef TOEPLITZ_GFNI_EMULATED
#include <immintrin.h>

#define GFNI __attribute__((target("gfni,avx512f,avx512bw,avx512vbmi")))
#endif
#define INLINE static inline __attribute__((always_inline))

#define WINDOWS_AT_ONCE 8u /* in one register */

static bool gfni_supported(void)
{
	return __builtin_cpu_supports("gfni") && __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi");
}

/* Steps: step s takes matrices 8s to 8s + 7.  An input of so many bytes needs so many, since q goes to len + 2. */
enum { IPV4_STEPS = 2, IPV6_STEPS = 5, STEPS = IPV6_STEPS };

/* gfni_matrices returns those of step s: four from window 2s, four from window 2s + 1; the last step's all from the last window. */
GFNI INLINE __m512i gfni_matrices(const struct vmmq_toeplitz_key *key, unsigned s)
{
	static const uint8_t bit_of[2][64] = {
#define ROWS(from) from, from + 1, from + 2, from + 3, from + 4, from + 5, from + 6, from + 7
		{ ROWS(0), ROWS(8), ROWS(16), ROWS(24), ROWS(0), ROWS(8), ROWS(16), ROWS(24) },
		{ ROWS(0), ROWS(8), ROWS(16), ROWS(24), ROWS(32), ROWS(40), ROWS(48), ROWS(0) }, /* no last one */
#undef ROWS
	};
	static const uint64_t window_of[STEPS - 1][8] = {
		{ 0, 0, 0, 0, 1, 1, 1, 1 },
		{ 2, 2, 2, 2, 3, 3, 3, 3 },
		{ 4, 4, 4, 4, 5, 5, 5, 5 },
		{ 6, 6, 6, 6, 7, 7, 7, 7 },
	};

	if (s == STEPS - 1)
		return _mm512_multishift_epi64_epi8(_mm512_loadu_si512(bit_of[1]),
						    _mm512_set1_epi64((long long)key->window[WINDOWS_AT_ONCE]));
	return _mm512_multishift_epi64_epi8(
	    _mm512_loadu_si512(bit_of[0]),
	    _mm512_permutexvar_epi64(_mm512_loadu_si512(window_of[s]), _mm512_loadu_si512(key->window)));
}

/* gfni_load returns the input's bytes, each reflected, and zeros behind them; it reads no byte beyond. */
GFNI INLINE __m512i gfni_load(const uint8_t *input, size_t len)
{
	const __m512i reflect = _mm512_set1_epi64((long long)0x8040201008040201u);

	return _mm512_gf2p8affine_epi64_epi8(_mm512_maskz_loadu_epi8(((__mmask64)1 << len) - 1, input), reflect, 0);
}

#define FIRST_HALVES  0x0f0f0f0f0f0f0f0fu /* bytes 0 to 3 of each 64-bit lane */
#define SECOND_HALVES 0xf0f0f0f0f0f0f0f0u

/*
 * bytes_at returns what stands beside the matrices of step s: in each lane bytes q, q - 1, q - 2, q - 3 of a packet from the
 * highest down, so that the hash is in host order.  Bytes before the first and behind the last are found among the zeros at the
 * end: indices wrap at 64.
 */
GFNI INLINE __m512i bytes_at(__m512i input, __mmask64 halves, unsigned s)
{
	static const uint8_t byte_of[64] = {
#define LANE(q) (q) + 61, (q) + 62, (q) + 63, (q) + 64, (q) + 61, (q) + 62, (q) + 63, (q) + 64
		LANE(0), LANE(1), LANE(2), LANE(3), LANE(4), LANE(5), LANE(6), LANE(7),
#undef LANE
	};
	__m512i index = _mm512_add_epi8(_mm512_loadu_si512(byte_of), _mm512_set1_epi8((char)(WINDOWS_AT_ONCE * s)));

	return _mm512_maskz_permutexvar_epi8(halves, index, input);
}

/* gfni_pair returns the shares of inputs i and i + 1: the XOR of its eight lanes is their two hashes.  One key: half the work. */
GFNI INLINE __m512i gfni_pair(const struct vmmq_toeplitz_key *const key[], const uint8_t *const input[], unsigned i,
			      unsigned words)
{
	unsigned steps = words == TOEPLITZ_IPV4_WORDS ? IPV4_STEPS : IPV6_STEPS;
	__m512i first = gfni_load(input[i], 4 * words), second = gfni_load(input[i + 1], 4 * words);
	__m512i sum = _mm512_setzero_si512();

	for (unsigned s = 0; s < steps; s++) {
		__m512i a = bytes_at(first, FIRST_HALVES, s), b = bytes_at(second, SECOND_HALVES, s);

		if (key[i] == key[i + 1]) {
			a = _mm512_gf2p8affine_epi64_epi8(_mm512_xor_si512(a, b), gfni_matrices(key[i], s), 0);
		} else {
			a = _mm512_gf2p8affine_epi64_epi8(a, gfni_matrices(key[i], s), 0);
			b = _mm512_gf2p8affine_epi64_epi8(b, gfni_matrices(key[i + 1], s), 0);
			a = _mm512_xor_si512(a, b);
		}
		sum = _mm512_xor_si512(sum, a);
	}
	return sum;
}

/* gfni_two XORs each other lane of a with the one beside it, and so of b, and lays them side by side: a, b, a, b, ... */
GFNI INLINE __m512i gfni_two(__m512i a, __m512i b)
{
	return _mm512_xor_si512(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
}

/* group: four pairs, whose lanes are summed in three halvings. */
GFNI INLINE void gfni_group(const struct vmmq_toeplitz_key *const key[], const uint8_t *const input[],
			    uint32_t hash[], unsigned words)
{
	__m512i p01 =
	    gfni_two(gfni_pair(key, input, 0, words), gfni_pair(key, input, 2, words)); /* 4 times two lanes */
	__m512i p23 = gfni_two(gfni_pair(key, input, 4, words), gfni_pair(key, input, 6, words));
	__m512i half = _mm512_xor_si512(_mm512_shuffle_i64x2(p01, p23, 0x44), _mm512_shuffle_i64x2(p01, p23, 0xee));
	__m512i all = _mm512_xor_si512(_mm512_shuffle_i64x2(half, half, 0x88),
				       _mm512_shuffle_i64x2(half, half, 0xdd)); /* p01, p23, and again */

	_mm512_mask_storeu_epi32(hash, 0xff, all);
}

GFNI static inline void gfni_ipv4_group(const struct vmmq_toeplitz_key *const key[], const uint8_t *const input[],
					uint32_t hash[])
{
	gfni_group(key, input, hash, TOEPLITZ_IPV4_WORDS);
}

GFNI static inline void gfni_ipv6_group(const struct vmmq_toeplitz_key *const key[], const uint8_t *const input[],
					uint32_t hash[])
{
	gfni_group(key, input, hash, TOEPLITZ_IPV6_WORDS);
}

GFNI static void gfni_ipv4(const struct vmmq_toeplitz_key *const key[], const uint8_t *const input[], uint32_t hash[],
			   unsigned count)
{
	toeplitz_groups(key, input, hash, count, gfni_ipv4_group);
}

GFNI static void gfni_ipv6(const struct vmmq_toeplitz_key *const key[], const uint8_t *const input[], uint32_t hash[],
			   unsigned count)
{
	toeplitz_groups(key, input, hash, count, gfni_ipv6_group);
}

GFNI static uint32_t gfni_one(const struct vmmq_toeplitz_key *key, const uint8_t *input, size_t len)
{
	__m512i all = gfni_load(input, len), shares = _mm512_setzero_si512();
	uint64_t lane[8], sum = 0;

	for (unsigned s = 0; s < STEPS; s++)
		shares = _mm512_xor_si512(
		    shares, _mm512_gf2p8affine_epi64_epi8(bytes_at(all, FIRST_HALVES, s), gfni_matrices(key, s), 0));
	_mm512_storeu_si512(lane, shares);
	for (unsigned i = 0; i < 8; i++)
		sum ^= lane[i];
	return (uint32_t)sum;
}

const struct toeplitz_ops toeplitz_gfni = { gfni_supported, gfni_one, gfni_ipv4, gfni_ipv6 };

#endif
