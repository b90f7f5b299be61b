/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/input/cut_frame.h"

#include <string.h>
#include <vmmq/rss.h>

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

/* cut_outer_end: in the outer headers, as they are without the cut. */
static size_t cut_outer_end(const uint8_t *frame, size_t len, const struct vmmq_headers *cut, const uint8_t *filled,
			    size_t there)
{
	struct vmmq_headers whole;

	return vmmq_parse(filled, there, &whole) == VMMQ_PARSE_OK ? cut_header_end(frame, len, cut, &whole) : 0;
}

/* cut_tunnels: every tunnel that some VPort may look into.  VXLAN's port may be any, but for the other tunnels' ports. */
static struct vmmq_encapsulation cut_tunnels(const uint8_t *frame, const struct vmmq_headers *headers)
{
	struct vmmq_encapsulation all = { VMMQ_TUNNEL_MASK, VMMQ_PORT_VXLAN };

	if (headers->l4 == VMMQ_L4_UDP)
		all.vxlan_port = (uint16_t)(frame[headers->l4_offset + 2] << 8 | frame[headers->l4_offset + 3]);
	if (vmmq_encapsulation_check(&all, NULL) != VMMQ_SUCCESS)
		all.types &= (uint16_t)~VMMQ_TUNNEL_VXLAN;
	return all;
}

/* cut_inner_end: in headers inside a tunnel.  Who does not look into it does not mind what stands there. */
static size_t cut_inner_end(const uint8_t *frame, size_t len, const struct vmmq_headers *outer, const uint8_t *filled,
			    size_t there)
{
	struct vmmq_encapsulation all = cut_tunnels(frame, outer);
	struct vmmq_tunnel cut, whole;
	size_t end;

	if (!vmmq_parse_tunnel(frame, len, outer, &all, &cut) || !cut.offset ||
	    !vmmq_parse_tunnel(filled, there, outer, &all, &whole) || whole.inner.outcome != VMMQ_PARSE_OK)
		return 0;
	end = cut_header_end(frame + cut.offset, len - cut.offset, &cut.inner, &whole.inner);
	return end ? cut.offset + end : 0;
}

size_t cut_frame_len(const uint8_t *frame, size_t len, size_t wire_len)
{
	size_t there = wire_len < CUT_FRAME_MAX ? wire_len : CUT_FRAME_MAX, end;
	uint8_t filled[CUT_FRAME_MAX];
	struct vmmq_headers cut;

	if (len >= there)
		return len;
	vmmq_parse(frame, len, &cut);
	cut_frame_fill(filled, frame, len, there);
	end = cut.outcome == VMMQ_PARSE_OK ? cut_inner_end(frame, len, &cut, filled, there)
					   : cut_outer_end(frame, len, &cut, filled, there);
	return end > len && end <= there ? end : len;
}
