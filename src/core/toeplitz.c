/* SPDX-License-Identifier: BSD-2-Clause */
/* The Toeplitz hash by its definition, the prepared key, and the choice of an implementation. */
#include "core/toeplitz_impl.h"

#include <assert.h>

#include "core/bytes.h"

const uint8_t vmmq_verification_key[VMMQ_KEY_LEN] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static const struct toeplitz_ops *const implementation[VMMQ_TOEPLITZ_IMPL_COUNT] = {
	[VMMQ_TOEPLITZ_BITWISE] = &toeplitz_bitwise, [VMMQ_TOEPLITZ_PORTABLE] = &toeplitz_portable,
#if defined(__x86_64__)
	[VMMQ_TOEPLITZ_CLMUL] = &toeplitz_clmul,     [VMMQ_TOEPLITZ_VPCLMUL] = &toeplitz_vpclmul,
	[VMMQ_TOEPLITZ_GFNI] = &toeplitz_gfni,
#endif
};

const struct toeplitz_ops *toeplitz_ops(enum vmmq_toeplitz_impl impl)
{
	return implementation[impl];
}

static bool can_run(enum vmmq_toeplitz_impl impl)
{
	return impl < VMMQ_TOEPLITZ_IMPL_COUNT && implementation[impl] && implementation[impl]->supported();
}

enum vmmq_toeplitz_impl vmmq_toeplitz_resolve(enum vmmq_toeplitz_impl impl)
{
	static const enum vmmq_toeplitz_impl fastest_first[] = {
		VMMQ_TOEPLITZ_VPCLMUL,
		VMMQ_TOEPLITZ_GFNI,
		VMMQ_TOEPLITZ_CLMUL,
	};

	if (impl != VMMQ_TOEPLITZ_AUTO)
		return can_run(impl) ? impl : VMMQ_TOEPLITZ_AUTO;
	for (unsigned i = 0; i < sizeof(fastest_first) / sizeof(fastest_first[0]); i++)
		if (can_run(fastest_first[i]))
			return fastest_first[i];
	return VMMQ_TOEPLITZ_PORTABLE;
}

static uint64_t reflect64(uint64_t v)
{
	v = (v >> 1 & 0x5555555555555555u) | (v & 0x5555555555555555u) << 1;
	v = (v >> 2 & 0x3333333333333333u) | (v & 0x3333333333333333u) << 2;
	v = (v >> 4 & 0x0f0f0f0f0f0f0f0fu) | (v & 0x0f0f0f0f0f0f0f0fu) << 4;
	return __builtin_bswap64(v);
}

void vmmq_toeplitz_key_init(struct vmmq_toeplitz_key *prepared, const uint8_t key[VMMQ_KEY_LEN])
{
	static_assert(4 * VMMQ_HASH_WORDS == VMMQ_HASH_INPUT_MAX, "a window for each word of input");
	static_assert(4 * (VMMQ_HASH_WORDS - 1) + 8 <= VMMQ_KEY_LEN, "the last window ends inside the key");
	for (unsigned i = 0; i < VMMQ_HASH_WORDS; i++)
		prepared->window[i] = reflect64(load_be64(key + 4 * i));
}

uint32_t vmmq_toeplitz_reference(const uint8_t key[VMMQ_KEY_LEN], const uint8_t *input, size_t len)
{
	uint32_t result = 0;
	uint32_t leftmost = load_be32(key); /* key bits [bit, bit + 32) */

	for (size_t bit = 0; bit < 8 * len; bit++) {
		size_t next = bit + 32;

		if (input[bit / 8] >> (7 - bit % 8) & 1)
			result ^= leftmost;
		leftmost = leftmost << 1 | (key[next / 8] >> (7 - next % 8) & 1);
	}
	return result;
}

static uint32_t toeplitz_hash_bitwise(const struct vmmq_toeplitz_key *key, const uint8_t *input, size_t len)
{
	uint32_t reflected = 0;

	for (size_t bit = 0; bit < 8 * len; bit++)
		if (input[bit / 8] >> (7 - bit % 8) & 1)
			reflected ^= (uint32_t)(key->window[bit / 32] >> bit % 32);
	return reflect32(reflected);
}

static void bitwise_ipv4(const struct vmmq_toeplitz_key *const key[], const uint8_t *const input[], uint32_t hash[],
			 unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		hash[i] = toeplitz_hash_bitwise(key[i], input[i], 4 * TOEPLITZ_IPV4_WORDS);
}

static void bitwise_ipv6(const struct vmmq_toeplitz_key *const key[], const uint8_t *const input[], uint32_t hash[],
			 unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		hash[i] = toeplitz_hash_bitwise(key[i], input[i], 4 * TOEPLITZ_IPV6_WORDS);
}

static bool bitwise_supported(void)
{
	return true;
}

const struct toeplitz_ops toeplitz_bitwise = { bitwise_supported, toeplitz_hash_bitwise, bitwise_ipv4, bitwise_ipv6 };

uint32_t vmmq_toeplitz(const struct vmmq_toeplitz_key *key, const uint8_t *input, size_t len,
		       enum vmmq_toeplitz_impl impl)
{
	if (impl == VMMQ_TOEPLITZ_AUTO)
		impl = vmmq_toeplitz_resolve(impl);
	return implementation[impl]->one(key, input, len);
}
