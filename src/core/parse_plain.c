/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of parse_plain.h. */
#include "core/parse_plain.h"

const struct plain_row plain_row[PLAIN_NETWORKS] = {
	[PLAIN_NEITHER] = { .len = { UINT32_MAX, UINT32_MAX, UINT32_MAX } },
	[PLAIN_IPV4] = { .fragment_mask = IPV4_FRAGMENT_MASK,
			 .first_mask = 0xff,
			 .first = 0x45, /* version 4, five words: no options */
			 .protocol_at = 9,
			 .input_at = 12,
			 .l3_types = VMMQ_HASH_IPV4,
			 .l4_types = { 0, VMMQ_HASH_TCP_IPV4, VMMQ_HASH_UDP_IPV4 },
			 .len = { IPV4_LEN_MIN, IPV4_LEN_MIN + TCP_LEN, IPV4_LEN_MIN + UDP_LEN } },
	[PLAIN_IPV6] = { .first_mask = 0xf0,
			 .first = 0x60,
			 .protocol_at = 6,
			 .input_at = 8,
			 .l3_types = VMMQ_HASH_IPV6 | VMMQ_HASH_IPV6_EX,
			 .l4_types = { 0, VMMQ_HASH_TCP_IPV6 | VMMQ_HASH_TCP_IPV6_EX,
				       VMMQ_HASH_UDP_IPV6 | VMMQ_HASH_UDP_IPV6_EX },
			 /* other protocols may be extension headers */
			 .len = { UINT32_MAX, IPV6_LEN + TCP_LEN, IPV6_LEN + UDP_LEN } },
};

const uint8_t plain_transport[256] = { [PROTO_TCP] = PLAIN_TCP, [PROTO_UDP] = PLAIN_UDP };
