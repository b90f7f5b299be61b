/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Toeplitz by carry-less multiplication (toeplitz_clmul.h says why), made of integer multiplications.
 * A factor is split into four that keep every fourth bit, so three zeros stand between two bits.  Where such factors are
 * multiplied, up to 15 ones add up without reaching the next bit that counts, and its lowest bit is their XOR.
 * A word's quarter has 8 ones.  Constant time, no tables.  The idea: Thomas Pornin's ghash_ctmul64.c in BearSSL.
 */
#include "core/bytes.h"
#include "core/toeplitz_impl.h"

#define EVERY_FOURTH 0x1111111111111111u

/* portable_share returns the low 64 bits of the carry-less product. */
static inline uint64_t portable_share(uint64_t window, uint64_t word)
{
	uint64_t k0 = window & EVERY_FOURTH, k1 = window & EVERY_FOURTH << 1, k2 = window & EVERY_FOURTH << 2,
		 k3 = window & EVERY_FOURTH << 3;
	uint64_t w0 = word & EVERY_FOURTH, w1 = word & EVERY_FOURTH << 1, w2 = word & EVERY_FOURTH << 2,
		 w3 = word & EVERY_FOURTH << 3;
	uint64_t p0 = (k0 * w0) ^ (k1 * w3) ^ (k2 * w2) ^ (k3 * w1);
	uint64_t p1 = (k0 * w1) ^ (k1 * w0) ^ (k2 * w3) ^ (k3 * w2);
	uint64_t p2 = (k0 * w2) ^ (k1 * w1) ^ (k2 * w0) ^ (k3 * w3);
	uint64_t p3 = (k0 * w3) ^ (k1 * w2) ^ (k2 * w1) ^ (k3 * w0);

	return (p0 & EVERY_FOURTH) | (p1 & EVERY_FOURTH << 1) | (p2 & EVERY_FOURTH << 2) | (p3 & EVERY_FOURTH << 3);
}

static inline uint64_t portable_share_words(const struct vmmq_toeplitz_key *key, const uint8_t *input, unsigned count)
{
	uint64_t shares = 0;

	for (unsigned i = 0; i < count; i++)
		shares ^= portable_share(key->window[i], load_be32(input + 4 * i));
	return shares;
}

static inline uint32_t portable_result(uint64_t shares)
{
	return reflect32((uint32_t)(shares >> 31));
}

static bool portable_supported(void)
{
	return true;
}

static uint32_t portable_one(const struct vmmq_toeplitz_key *key, const uint8_t *input, size_t len)
{
	unsigned words = (unsigned)(len / 4);
	uint64_t shares = portable_share_words(key, input, words);
	uint8_t rest[4] = { 0 }; /* zero bits add nothing */

	if (len % 4) {
		memcpy(rest, input + 4 * words, len % 4);
		shares ^= portable_share(key->window[words], load_be32(rest));
	}
	return portable_result(shares);
}

static void portable_ipv4(const struct vmmq_toeplitz_key *const key[], const uint8_t *const input[], uint32_t hash[],
			  unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		hash[i] = portable_result(portable_share_words(key[i], input[i], TOEPLITZ_IPV4_WORDS));
}

static void portable_ipv6(const struct vmmq_toeplitz_key *const key[], const uint8_t *const input[], uint32_t hash[],
			  unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		hash[i] = portable_result(portable_share_words(key[i], input[i], TOEPLITZ_IPV6_WORDS));
}

const struct toeplitz_ops toeplitz_portable = { portable_supported, portable_one, portable_ipv4, portable_ipv6 };
