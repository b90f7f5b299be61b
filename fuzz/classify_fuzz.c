/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a frame: the parser stays inside them, and reference and burst agree under every implementation.
 * Input: two bytes choose the hash types, one the filter's VLAN rule and tunnels, one the skew of the frame in memory, whether there is an
 * encapsulated filter for the MAC inside, and one tunnel more; the rest is the frame.
 */
#include <stdlib.h>
#include <string.h>
#include <vmmq/classify.h>

#include "fuzz.h"

enum { CHOICE_LEN = 4, OUTER = 1, INNER };

/* A filter for the frame's own MAC, mostly, so that VLAN rules are met; and one for the MAC inside, unless that is NULL. */
static struct vmmq_filter_table *make_filters(const uint8_t *choice, const uint8_t *frame, size_t len,
					      const uint8_t *inner)
{
	static const vmmq_vlan_rule rules[] = { VMMQ_VLAN_UNTAGGED_OR_ZERO, 1, 10, VMMQ_VLAN_ANY };
	struct vmmq_filter filter[] = {
		{ .id = OUTER, .vlan = rules[choice[2] % 4] },
		{ .id = INNER, .vlan = VMMQ_VLAN_ANY, .encapsulated = true },
	};
	struct vmmq_filter_table *filters;

	memcpy(filter[0].mac, frame, len < VMMQ_MAC_LEN ? len : VMMQ_MAC_LEN);
	if (inner)
		memcpy(filter[1].mac, inner, VMMQ_MAC_LEN);
	filters = vmmq_filter_table_create(filter, inner ? 2 : 1);
	fuzz_check(filters);
	return filters;
}

static void make_steering(struct vmmq_steering *steering, const uint8_t *choice)
{
	struct vmmq_rss_params rss;

	vmmq_rss_params_init(&rss, (struct vmmq_processor){ 1 });
	rss.hash_types = ((uint32_t)choice[0] << 16 | (uint32_t)choice[1] << 8) & VMMQ_HASH_TYPE_MASK;
	rss.enabled = rss.hash_types;
	rss.encapsulation.types = (uint16_t)(choice[2] >> 2 | choice[3] >> 7 << 6);
	rss.entry_count = 2;
	rss.table[1].v = 2;
	vmmq_steering_init(steering, &rss);
}

/* check_tunnel: whatever the frame is, what is said to be inside lies in it. */
static void check_tunnel(const uint8_t *frame, size_t len, const struct vmmq_headers *headers)
{
	const struct vmmq_encapsulation all = { VMMQ_TUNNEL_MASK, VMMQ_PORT_VXLAN };
	struct vmmq_tunnel tunnel;

	if (vmmq_parse_tunnel(frame, len, headers, &all, &tunnel))
		fuzz_check(headers->l3 != VMMQ_L3_NONE && vmmq_tunnel_name(tunnel.type) && tunnel.offset <= len &&
			   tunnel.inner.outcome < VMMQ_PARSE_OUTCOME_COUNT);
}

/* frame_inside returns the frame in a tunnel of those, or NULL: there is no Ethernet header. */
static const uint8_t *frame_inside(const uint8_t *frame, size_t len, const struct vmmq_headers *headers,
				   const struct vmmq_encapsulation *on)
{
	size_t seen = len < VMMQ_TUNNEL_HEADERS_MAX ? len : VMMQ_TUNNEL_HEADERS_MAX;
	struct vmmq_tunnel tunnel;

	return vmmq_parse_tunnel(frame, len, headers, on, &tunnel) && tunnel.ethernet && seen >= tunnel.offset + 14u
		   ? frame + tunnel.offset
		   : NULL;
}

/* check_inner: the encapsulated filter matches what its VPort finds inside, unless the frame goes to a group; and nothing else. */
static void check_inner(const struct vmmq_verdict *verdict, const uint8_t *frame, const uint8_t *inner,
			const uint8_t *found)
{
	bool wanted = inner && found && !(frame[0] & 1) && memcmp(inner, found, VMMQ_MAC_LEN) == 0;

	fuzz_check((verdict->filter_id == INNER) == wanted);
}

/* check_view returns what becomes of the frame, both ways. */
static struct vmmq_verdict check_view(const struct vmmq_view *view, const uint8_t *frame, size_t len,
				      const struct vmmq_headers *headers)
{
	struct vmmq_verdict one, burst;
	struct vmmq_headers again;

	vmmq_classify(view, frame, len, &one, &again);
	vmmq_classify_burst(view, (const uint8_t *const[]){ frame }, &(uint32_t){ (uint32_t)len }, &burst, 1);
	fuzz_check(memcmp(&one, &burst, sizeof(one)) == 0);
	fuzz_check(memcmp(headers, &again, sizeof(again)) == 0);
	fuzz_check(!one.drop == (headers->outcome != VMMQ_PARSE_RUNT) && one.processor.v <= 2);
	return one;
}

void fuzz_classify(const uint8_t *data, size_t len)
{
	size_t skew = len > CHOICE_LEN ? data[3] % 64 : 0, frame_len = len - CHOICE_LEN;
	struct vmmq_steering steering;
	const struct vmmq_view_chunk chunk = { { &steering } }, *const chunks[] = { &chunk };
	struct vmmq_view view = { .chunk = chunks, .chunk_count = 1, .toeplitz = VMMQ_TOEPLITZ_BITWISE };
	struct vmmq_filter_table *filters;
	struct vmmq_headers headers;
	const struct vmmq_encapsulation all = { VMMQ_TUNNEL_MASK, VMMQ_PORT_VXLAN };
	struct vmmq_verdict bitwise, other;
	const uint8_t *inner = NULL;
	uint8_t *block, *frame;

	if (len <= CHOICE_LEN)
		return;
	block = malloc(skew + frame_len);
	frame = block + skew;
	memcpy(frame, data + CHOICE_LEN, frame_len);
	fuzz_check(vmmq_parse(frame, frame_len, &headers) == headers.outcome &&
		   headers.outcome < VMMQ_PARSE_OUTCOME_COUNT);
	check_tunnel(frame, frame_len, &headers);
	if (data[3] & 0x40)
		inner = frame_inside(frame, frame_len, &headers, &all);
	view.filters = filters = make_filters(data, frame, frame_len, inner);
	make_steering(&steering, data);
	bitwise = check_view(&view, frame, frame_len, &headers);
	check_inner(&bitwise, frame, inner, frame_inside(frame, frame_len, &headers, &steering.filtered));
	for (view.toeplitz = VMMQ_TOEPLITZ_PORTABLE; view.toeplitz < VMMQ_TOEPLITZ_IMPL_COUNT; view.toeplitz++) {
		if (vmmq_toeplitz_resolve((enum vmmq_toeplitz_impl)view.toeplitz) == VMMQ_TOEPLITZ_AUTO)
			continue; /* not on this CPU */
		other = check_view(&view, frame, frame_len, &headers);
		fuzz_check(memcmp(&other, &bitwise, sizeof(other)) == 0);
	}
	vmmq_filter_table_destroy(filters);
	fuzz_check(memcmp(frame, data + CHOICE_LEN, frame_len) == 0);
	free(block);
}
