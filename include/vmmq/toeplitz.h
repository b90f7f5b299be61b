/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Toeplitz hash: a 40-byte key, up to 36 bytes of input, 32 bits out.
 * Rules: spec section 6.5; vectors: tests/golden/toeplitz-vectors.csv.
 */
#ifndef VMMQ_TOEPLITZ_H
#define VMMQ_TOEPLITZ_H

#include <vmmq/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VMMQ_KEY_LEN        40 /* bytes, always */
#define VMMQ_HASH_INPUT_MAX 36 /* bytes: two IPv6 addresses and two ports */
#define VMMQ_HASH_WORDS     9  /* the same in 32-bit words */

/* The well-known verification key of the published vectors (spec 6.6): the key of a VPort that names none. */
VMMQ_API extern const uint8_t vmmq_verification_key[VMMQ_KEY_LEN];

/*
 * How a hash is computed.  Every implementation gives the same result on every input; AUTO is the fastest one that
 * this CPU has, found once per process.
 */
enum vmmq_toeplitz_impl {
	VMMQ_TOEPLITZ_AUTO,
	VMMQ_TOEPLITZ_BITWISE,  /* the definition, a bit at a time: the reference, on every CPU */
	VMMQ_TOEPLITZ_PORTABLE, /* carry-less multiplication made of integer ones, on every CPU */
	VMMQ_TOEPLITZ_CLMUL,    /* carry-less multiplication: x86 with PCLMULQDQ */
	VMMQ_TOEPLITZ_VPCLMUL,  /* the same, two at a time: x86 with AVX2 and VPCLMULQDQ */
	VMMQ_TOEPLITZ_GFNI,     /* matrices of key bits: x86 with GFNI and AVX-512 (F, BW, VBMI) */
	VMMQ_TOEPLITZ_IMPL_COUNT
};
/* vmmq_toeplitz_impl_name returns "auto", "bitwise", "portable", "clmul", "vpclmul", "gfni". */
VMMQ_API const char *vmmq_toeplitz_impl_name(enum vmmq_toeplitz_impl impl);
/* vmmq_toeplitz_impl_parse returns the implementation of that name, or VMMQ_TOEPLITZ_IMPL_COUNT. */
VMMQ_API enum vmmq_toeplitz_impl vmmq_toeplitz_impl_parse(const char *name);
/* vmmq_toeplitz_resolve returns impl, or for AUTO the best one here; AUTO itself when impl cannot run on this CPU. */
VMMQ_API enum vmmq_toeplitz_impl vmmq_toeplitz_resolve(enum vmmq_toeplitz_impl impl);

/*
 * A key made ready to hash with, 72 bytes.  window[i] holds key bits 32i to 32i + 63, reflected: key bit 32i + k is
 * bit k.  A 32-bit input word times its window, carry-less, has the word's share of the result in bits 31 to 62,
 * reflected; see src/core/toeplitz_clmul.c.  Immutable once made; any number of threads may hash with it.
 * Layout: not ABI.
 */
struct vmmq_toeplitz_key {
	uint64_t window[VMMQ_HASH_WORDS];
};

/* vmmq_toeplitz_key_init prepares key, VMMQ_KEY_LEN bytes in wire order. */
VMMQ_API void vmmq_toeplitz_key_init(struct vmmq_toeplitz_key *prepared, const uint8_t key[VMMQ_KEY_LEN]);

/*
 * vmmq_toeplitz_reference hashes len bytes (0 to VMMQ_HASH_INPUT_MAX) with the raw key, bit by bit as the definition
 * reads.  The yardstick for everything else.  Returns the hash in host order: its low bits are the index.
 */
VMMQ_API uint32_t vmmq_toeplitz_reference(const uint8_t key[VMMQ_KEY_LEN], const uint8_t *input, size_t len);

/*
 * vmmq_toeplitz hashes len bytes (0 to VMMQ_HASH_INPUT_MAX, any alignment) with a prepared key.
 * impl: AUTO or one that vmmq_toeplitz_resolve() has accepted.
 */
VMMQ_API uint32_t vmmq_toeplitz(const struct vmmq_toeplitz_key *key, const uint8_t *input, size_t len,
				enum vmmq_toeplitz_impl impl);

#ifdef __cplusplus
}
#endif
#endif
