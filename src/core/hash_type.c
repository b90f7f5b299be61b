/* SPDX-License-Identifier: BSD-2-Clause */
/* Which hash type applies to a packet, and which bytes it hashes (spec 6.1, 6.4). */
#include "core/hash_type.h"

#include <string.h>

#include "core/wire_format.h"

struct vmmq_hash_choice vmmq_hash_choose(const struct vmmq_headers *headers, uint32_t hash_types, bool rss_enabled)
{
	return hash_choose(headers, hash_types, rss_enabled);
}

static size_t hash_input_append(uint8_t *input, size_t at, const uint8_t *bytes, size_t len)
{
	memcpy(input + at, bytes, len);
	return at + len;
}

size_t vmmq_hash_input(const uint8_t *frame, const struct vmmq_headers *headers,
		       const struct vmmq_hash_choice *chosen, uint8_t input[VMMQ_HASH_INPUT_MAX])
{
	size_t address_len = headers->l3 == VMMQ_L3_IPV4 ? 4 : IPV6_ADDRESS_LEN;
	size_t len = 0;

	if (!chosen->type)
		return 0;
	len = hash_input_append(input, len, frame + (chosen->home ? headers->home_offset : headers->src_offset),
				address_len);
	len = hash_input_append(input, len, frame + (chosen->rh2 ? headers->rh2_offset : headers->dst_offset),
				address_len);
	if (chosen->rule == VMMQ_RULE_L4)
		len = hash_input_append(input, len, frame + headers->l4_offset, PORTS_LEN);
	return len;
}
