/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/input/cut_frame.h"

#include <string.h>
#include <vmmq/parse.h>

enum { IPV4_LEN_MIN = 20, TCP_LEN = 20, UDP_LEN = 8, PORTS_LEN = 4 };

void cut_frame_fill(uint8_t whole[CUT_FRAME_MAX], const uint8_t *frame, size_t len, size_t whole_len)
{
	memcpy(whole, frame, len);
	memset(whole + len, 0, whole_len - len);
}

/* cut_header_end returns where the header ends that the cut is in, or 0 where what is hashed, or how to find it, is cut as well. */
static size_t cut_header_end(const uint8_t *frame, size_t len, const struct vmmq_headers *cut,
			     const struct vmmq_headers *whole)
{
	switch (cut->outcome) {
	case VMMQ_PARSE_TCP_TRUNCATED:
	case VMMQ_PARSE_UDP_TRUNCATED:
		if (len < whole->l4_offset + (size_t)PORTS_LEN)
			return 0;
		return whole->l4_offset + (size_t)(whole->l4 == VMMQ_L4_TCP ? TCP_LEN : UDP_LEN);
	case VMMQ_PARSE_IPV4_TRUNCATED: /* among its options: addresses, and that there are no ports, are known */
		if (len < whole->l3_offset + (size_t)IPV4_LEN_MIN || whole->l4 != VMMQ_L4_OTHER)
			return 0;
		return whole->l3_offset + 4u * (frame[whole->l3_offset] & 0x0f);
	default:
		return 0;
	}
}

size_t cut_frame_len(const uint8_t *frame, size_t len, size_t wire_len)
{
	size_t there = wire_len < CUT_FRAME_MAX ? wire_len : CUT_FRAME_MAX, end;
	uint8_t bytes[CUT_FRAME_MAX];
	struct vmmq_headers cut, whole;

	if (len >= there)
		return len;
	vmmq_parse(frame, len, &cut);
	if (cut.outcome == VMMQ_PARSE_OK)
		return len;
	cut_frame_fill(bytes, frame, len, there);
	if (vmmq_parse(bytes, there, &whole) != VMMQ_PARSE_OK)
		return len;
	end = cut_header_end(frame, len, &cut, &whole);
	return end > len && end <= there ? end : len;
}
