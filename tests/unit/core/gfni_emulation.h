/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The AVX-512 and GFNI intrinsics of toeplitz_gfni.c, in C and as the manuals of AMD and Intel define them, so that every CPU
 * can run it.  Included before that source.
 */
#ifndef VMMQ_TESTS_GFNI_EMULATION_H
#define VMMQ_TESTS_GFNI_EMULATION_H

#include <stdint.h>
#include <string.h>

#define TOEPLITZ_GFNI_EMULATED
#define GFNI

union register512 {
	uint8_t byte[64];
	uint32_t word[16];
	uint64_t lane[8];
};
#define __m512i   union register512
#define __mmask64 uint64_t

static inline __m512i _mm512_loadu_si512(const void *from)
{
	__m512i r;

	memcpy(&r, from, sizeof(r));
	return r;
}

static inline void _mm512_storeu_si512(void *to, __m512i a)
{
	memcpy(to, &a, sizeof(a));
}

/* Bytes that the mask leaves out are not touched in memory. */
static inline __m512i _mm512_maskz_loadu_epi8(__mmask64 mask, const void *from)
{
	__m512i r = { .byte = { 0 } };

	for (unsigned i = 0; i < 64; i++)
		if (mask >> i & 1)
			r.byte[i] = ((const uint8_t *)from)[i];
	return r;
}

static inline void _mm512_mask_storeu_epi32(void *to, uint16_t mask, __m512i a)
{
	for (unsigned i = 0; i < 16; i++)
		if (mask >> i & 1)
			memcpy((uint8_t *)to + 4 * i, &a.word[i], 4);
}

static inline __m512i _mm512_setzero_si512(void)
{
	return (__m512i){ .byte = { 0 } };
}

static inline __m512i _mm512_set1_epi64(long long value)
{
	__m512i r;

	for (unsigned i = 0; i < 8; i++)
		r.lane[i] = (uint64_t)value;
	return r;
}

static inline __m512i _mm512_set1_epi8(char value)
{
	__m512i r;

	memset(&r, value, sizeof(r));
	return r;
}

static inline __m512i _mm512_xor_si512(__m512i a, __m512i b)
{
	for (unsigned i = 0; i < 8; i++)
		a.lane[i] ^= b.lane[i];
	return a;
}

static inline __m512i _mm512_add_epi8(__m512i a, __m512i b)
{
	for (unsigned i = 0; i < 64; i++)
		a.byte[i] = (uint8_t)(a.byte[i] + b.byte[i]);
	return a;
}

/* VPERMQ: index bits 2 to 0. */
static inline __m512i _mm512_permutexvar_epi64(__m512i index, __m512i a)
{
	__m512i r;

	for (unsigned i = 0; i < 8; i++)
		r.lane[i] = a.lane[index.lane[i] & 7];
	return r;
}

/* VPERMB: index bits 5 to 0. */
static inline __m512i _mm512_maskz_permutexvar_epi8(__mmask64 mask, __m512i index, __m512i a)
{
	__m512i r;

	for (unsigned i = 0; i < 64; i++)
		r.byte[i] = mask >> i & 1 ? a.byte[index.byte[i] & 63] : 0;
	return r;
}

/* VPMULTISHIFTQB: bit b of byte i is bit (control + b) mod 64 of the lane. */
static inline __m512i _mm512_multishift_epi64_epi8(__m512i control, __m512i a)
{
	__m512i r = { .byte = { 0 } };

	for (unsigned i = 0; i < 64; i++)
		for (unsigned b = 0; b < 8; b++)
			r.byte[i] |= (uint8_t)((a.lane[i / 8] >> ((control.byte[i] + b) & 63) & 1) << b);
	return r;
}

/* GF2P8AFFINEQB: bit b of a result is the parity of (byte 7 - b of the lane's matrix AND the byte), XOR bit b of the constant. */
static inline __m512i _mm512_gf2p8affine_epi64_epi8(__m512i x, __m512i matrix, int constant)
{
	__m512i r = { .byte = { 0 } };

	for (unsigned i = 0; i < 64; i++)
		for (unsigned b = 0; b < 8; b++) {
			uint8_t row = (uint8_t)(matrix.lane[i / 8] >> 8 * (7 - b));
			unsigned bit = (unsigned)__builtin_parity(row & x.byte[i]) ^ ((unsigned)constant >> b & 1);

			r.byte[i] |= (uint8_t)(bit << b);
		}
	return r;
}

static inline __m512i _mm512_unpacklo_epi64(__m512i a, __m512i b)
{
	__m512i r;

	for (unsigned i = 0; i < 8; i += 2) {
		r.lane[i] = a.lane[i];
		r.lane[i + 1] = b.lane[i];
	}
	return r;
}

static inline __m512i _mm512_unpackhi_epi64(__m512i a, __m512i b)
{
	__m512i r;

	for (unsigned i = 0; i < 8; i += 2) {
		r.lane[i] = a.lane[i + 1];
		r.lane[i + 1] = b.lane[i + 1];
	}
	return r;
}

/* VSHUFI64X2: two 128-bit quarters of a, then two of b; two bits of the constant each. */
static inline __m512i _mm512_shuffle_i64x2(__m512i a, __m512i b, int constant)
{
	__m512i r;

	for (unsigned i = 0; i < 4; i++) {
		const __m512i *from = i < 2 ? &a : &b;

		memcpy(&r.byte[16 * i], &from->byte[16 * ((unsigned)constant >> 2 * i & 3)], 16);
	}
	return r;
}

#endif
