/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The implementations behind vmmq_toeplitz(), a file each; all give equal results.  Each hashes one input of any length,
 * and in bulk the two that matter: addresses and ports of IPv4 and of IPv6.
 */
#ifndef VMMQ_CORE_TOEPLITZ_IMPL_H
#define VMMQ_CORE_TOEPLITZ_IMPL_H

#include <string.h>
#include <vmmq/toeplitz.h>

#define TOEPLITZ_IPV4_WORDS 3u
#define TOEPLITZ_IPV6_WORDS 9u
#define TOEPLITZ_IPV4_READ  16u /* bytes that an IPv4 input in bulk must have: four more than are hashed */

/* Hashes of count inputs of one length, each under a key of its own; equal pointers are welcome.  count may be 0. */
typedef void toeplitz_bulk(const struct vmmq_toeplitz_key *const key[], const uint8_t *const input[], uint32_t hash[],
			   unsigned count);

/* The same for TOEPLITZ_GROUP inputs. */
typedef void toeplitz_group(const struct vmmq_toeplitz_key *const key[], const uint8_t *const input[],
			    uint32_t hash[]);

struct toeplitz_ops {
	bool (*supported)(void); /* by this CPU; the others may be called only then */
	uint32_t (*one)(const struct vmmq_toeplitz_key *key, const uint8_t *input, size_t len);
	toeplitz_bulk *ipv4; /* 12 bytes each; TOEPLITZ_IPV4_READ may be read */
	toeplitz_bulk *ipv6; /* 36 bytes each */
};
extern const struct toeplitz_ops toeplitz_bitwise, toeplitz_portable, toeplitz_clmul, toeplitz_vpclmul, toeplitz_gfni;

/* toeplitz_ops returns the functions of an implementation that vmmq_toeplitz_resolve() has returned, not AUTO. */
const struct toeplitz_ops *toeplitz_ops(enum vmmq_toeplitz_impl impl);

/* reflect32 reverses the order of 32 bits. */
static inline uint32_t reflect32(uint32_t v)
{
	v = (v >> 1 & 0x55555555u) | (v & 0x55555555u) << 1;
	v = (v >> 2 & 0x33333333u) | (v & 0x33333333u) << 2;
	v = (v >> 4 & 0x0f0f0f0fu) | (v & 0x0f0f0f0fu) << 4;
	return __builtin_bswap32(v);
}

#define TOEPLITZ_GROUP 8u

/* toeplitz_groups cuts a bulk into groups of TOEPLITZ_GROUP; what is left is made a full one by repeating its last input. */
static inline __attribute__((always_inline)) void toeplitz_groups(const struct vmmq_toeplitz_key *const key[],
								  const uint8_t *const input[], uint32_t hash[],
								  unsigned count, toeplitz_group *group)
{
	const struct vmmq_toeplitz_key *last_key[TOEPLITZ_GROUP];
	const uint8_t *last_input[TOEPLITZ_GROUP];
	uint32_t last_hash[TOEPLITZ_GROUP];
	unsigned done = 0, left;

	for (; done + TOEPLITZ_GROUP <= count; done += TOEPLITZ_GROUP)
		group(key + done, input + done, hash + done);
	left = count - done;
	if (!left)
		return;
	for (unsigned i = 0; i < TOEPLITZ_GROUP; i++) {
		last_key[i] = key[done + (i < left ? i : left - 1)];
		last_input[i] = input[done + (i < left ? i : left - 1)];
	}
	group(last_key, last_input, last_hash);
	memcpy(hash + done, last_hash, left * sizeof(*hash));
}

#endif
