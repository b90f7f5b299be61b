/* SPDX-License-Identifier: BSD-2-Clause */
/* The Toeplitz hash by its definition, and what an implementation's functions are held to. */
#ifndef VMMQ_UNIT_CORE_TOEPLITZ_CHECK_H
#define VMMQ_UNIT_CORE_TOEPLITZ_CHECK_H

#include "core/toeplitz_impl.h"
#include "unit/core/test_random.h"

/*
 * The definition as the specification words it: the key is a register of 320 bits whose leftmost 32 are XORed into the
 * result for every set input bit, and which moves left by one after every input bit.
 */
static inline uint32_t definition(const uint8_t key[VMMQ_KEY_LEN], const uint8_t *input, size_t len)
{
	uint8_t k[VMMQ_KEY_LEN];
	uint32_t result = 0;

	memcpy(k, key, sizeof(k));
	for (size_t i = 0; i < len; i++) {
		for (uint8_t bit = 0x80; bit; bit >>= 1) {
			if (input[i] & bit)
				result ^= (uint32_t)k[0] << 24 | (uint32_t)k[1] << 16 | (uint32_t)k[2] << 8 | k[3];
			for (size_t j = 0; j < sizeof(k); j++)
				k[j] = (uint8_t)(k[j] << 1 | (j + 1 < sizeof(k) ? k[j + 1] >> 7 : 0));
		}
	}
	return result;
}

/* check_one: input has no byte more than len, which the sanitizer sees to. */
static inline void check_one(const struct toeplitz_ops *ops, const uint8_t key[VMMQ_KEY_LEN], const uint8_t *input,
			     size_t len)
{
	struct vmmq_toeplitz_key prepared;
	uint8_t *exact = malloc(len ? len : 1);

	memcpy(exact, input, len);
	vmmq_toeplitz_key_init(&prepared, key);
	assert_int_equal(ops->one(&prepared, exact, len), definition(key, input, len));
	free(exact);
}

static inline void check_every_length(const struct toeplitz_ops *ops, unsigned rounds)
{
	uint8_t key[VMMQ_KEY_LEN], input[VMMQ_HASH_INPUT_MAX];

	random_start();
	for (unsigned round = 0; round < rounds; round++) {
		random_bytes(key, sizeof(key));
		random_bytes(input, sizeof(input));
		for (size_t len = 0; len <= VMMQ_HASH_INPUT_MAX; len++)
			check_one(ops, key, input, len);
	}
}

/* Each input bit alone. */
static inline void check_every_bit(const struct toeplitz_ops *ops)
{
	uint8_t key[VMMQ_KEY_LEN];

	random_start();
	random_bytes(key, sizeof(key));
	for (size_t bit = 0; bit < 8 * VMMQ_HASH_INPUT_MAX; bit++) {
		uint8_t input[VMMQ_HASH_INPUT_MAX] = { 0 };

		input[bit / 8] = (uint8_t)(0x80 >> bit % 8);
		check_one(ops, key, input, sizeof(input));
	}
}

enum { BULK_MAX = 35, BULK_KEYS = 5 };

/* check_bulk_of: every count, keys mixed, each input in an allocation of read bytes; nothing is written behind the last. */
static inline void check_bulk_of(toeplitz_bulk *bulk, size_t len, size_t read)
{
	uint8_t key[BULK_KEYS][VMMQ_KEY_LEN];
	struct vmmq_toeplitz_key prepared[BULK_KEYS];

	for (unsigned k = 0; k < BULK_KEYS; k++) {
		random_bytes(key[k], VMMQ_KEY_LEN);
		vmmq_toeplitz_key_init(&prepared[k], key[k]);
	}
	for (unsigned count = 0; count <= BULK_MAX; count++) {
		const struct vmmq_toeplitz_key *key_at[BULK_MAX];
		const uint8_t *input[BULK_MAX];
		uint8_t *block[BULK_MAX];
		uint32_t hash[BULK_MAX + 1], expected[BULK_MAX];

		for (unsigned i = 0; i < count; i++) {
			unsigned k = random_below(BULK_KEYS), skew = random_below(16);

			input[i] = block[i] = malloc(skew + read);
			input[i] += skew;
			random_bytes(block[i], skew + read);
			key_at[i] = &prepared[k];
			expected[i] = definition(key[k], input[i], len);
		}
		hash[count] = 0xa5a5a5a5;
		bulk(key_at, input, hash, count);
		assert_int_equal(hash[count], 0xa5a5a5a5);
		for (unsigned i = 0; i < count; i++) {
			assert_int_equal(hash[i], expected[i]);
			free(block[i]);
		}
	}
}

static inline void check_bulk(const struct toeplitz_ops *ops)
{
	random_start();
	for (unsigned round = 0; round < 10; round++) {
		check_bulk_of(ops->ipv4, 4 * TOEPLITZ_IPV4_WORDS, TOEPLITZ_IPV4_READ);
		check_bulk_of(ops->ipv6, 4 * TOEPLITZ_IPV6_WORDS, 4 * TOEPLITZ_IPV6_WORDS);
	}
}

#endif
