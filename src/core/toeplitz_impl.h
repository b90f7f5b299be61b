/* SPDX-License-Identifier: BSD-2-Clause */
/* The implementations behind vmmq_toeplitz(); all give equal results. */
#ifndef VMMQ_CORE_TOEPLITZ_IMPL_H
#define VMMQ_CORE_TOEPLITZ_IMPL_H

#include <vmmq/toeplitz.h>

/* reflect32 reverses the order of 32 bits. */
static inline uint32_t reflect32(uint32_t v)
{
	v = (v >> 1 & 0x55555555u) | (v & 0x55555555u) << 1;
	v = (v >> 2 & 0x33333333u) | (v & 0x33333333u) << 2;
	v = (v >> 4 & 0x0f0f0f0fu) | (v & 0x0f0f0f0fu) << 4;
	return __builtin_bswap32(v);
}

uint32_t toeplitz_bitwise(const struct vmmq_toeplitz_key *key, const uint8_t *input, size_t len);

/* toeplitz_clmul may be called only where toeplitz_clmul_supported(). */
bool toeplitz_clmul_supported(void);
uint32_t toeplitz_clmul(const struct vmmq_toeplitz_key *key, const uint8_t *input, size_t len);

#endif
