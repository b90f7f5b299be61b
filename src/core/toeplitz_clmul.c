/* SPDX-License-Identifier: BSD-2-Clause */
/* Toeplitz of any length by carry-less multiplication; how and why: toeplitz_clmul.h. */
#include "core/toeplitz_clmul.h"

#include <assert.h>

#include "core/toeplitz_impl.h"

#if defined(__x86_64__)

bool toeplitz_clmul_supported(void)
{
	return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
}

TOEPLITZ_CLMUL uint32_t toeplitz_clmul(const struct vmmq_toeplitz_key *key, const uint8_t *input, size_t len)
{
	unsigned words = (unsigned)(len / 4);
	__m128i shares = toeplitz_share_words(key, 0, input, words);
	uint8_t rest[4] = { 0 }; /* zero bits add nothing */

	if (len % 4) {
		memcpy(rest, input + 4 * words, len % 4);
		shares = _mm_xor_si128(shares, toeplitz_share(key, words, load_be32(rest)));
	}
	return toeplitz_result(shares);
}

#else

bool toeplitz_clmul_supported(void)
{
	return false;
}

uint32_t toeplitz_clmul(const struct vmmq_toeplitz_key *key, const uint8_t *input, size_t len)
{
	return toeplitz_bitwise(key, input, len);
}

#endif
