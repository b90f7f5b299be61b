/* SPDX-License-Identifier: BSD-2-Clause */
/* The packet's path through the core, one packet at a time: the reference.  Its fast twin: classify_burst.c. */
#include <vmmq/classify.h>

#include "core/device_hash.h"
#include "core/filter_table.h"
#include "core/given_tag.h"
#include "core/spread.h"

const struct vmmq_steering *vmmq_view_steering(const struct vmmq_view *view, struct vmmq_vport_id vport)
{
	unsigned chunk = vport.v / VMMQ_VIEW_CHUNK;

	if (chunk >= view->chunk_count || !view->chunk[chunk])
		return NULL;
	return view->chunk[chunk]->steering[vport.v % VMMQ_VIEW_CHUNK];
}

static uint32_t rss_hash(const struct vmmq_view *view, const struct vmmq_steering *rss, const uint8_t *frame,
			 const struct vmmq_headers *headers, const struct vmmq_hash_choice *choice)
{
	uint8_t input[VMMQ_HASH_INPUT_MAX];
	size_t len = vmmq_hash_input(frame, headers, choice, input);

	return vmmq_toeplitz(&rss->key, input, len, (enum vmmq_toeplitz_impl)view->toeplitz);
}

/* classify_tunnel hashes a packet that the VPort looks into; false: it is no such tunnel. */
static bool classify_tunnel(const struct vmmq_view *view, const struct vmmq_steering *rss, const uint8_t *frame,
			    size_t len, const struct vmmq_headers *h, struct vmmq_verdict *verdict)
{
	const struct vmmq_encapsulation on = { rss->tunnels, rss->vxlan_port };
	struct vmmq_hash_choice choice;
	struct vmmq_tunnel tunnel;

	if (!vmmq_parse_tunnel(frame, len, h, &on, &tunnel))
		return false;
	choice = vmmq_hash_choose_tunnel(h, &tunnel, rss->hash_types, rss->hash_types);
	verdict->hash_type = choice.type | (choice.inner ? VMMQ_HASH_INNER : 0);
	if (choice.type)
		verdict->hash = choice.inner ? rss_hash(view, rss, frame + tunnel.offset, &tunnel.inner, &choice)
					     : rss_hash(view, rss, frame, h, &choice);
	return true;
}

static void classify_outer(const struct vmmq_view *view, struct given *given, unsigned i, const uint8_t *frame,
			   const struct vmmq_steering *rss, const struct vmmq_headers *h,
			   struct vmmq_verdict *verdict)
{
	struct vmmq_hash_choice choice = vmmq_hash_choose(h, rss->hash_types, rss->hash_types);

	verdict->hash_type = choice.type;
	if (choice.type)
		verdict->hash =
		    headers_are_plain(h) && hash_is_given(given, i, frame, h->l4 == VMMQ_L4_UDP, h->l4_offset, rss)
			? given->hash[i].value
			: rss_hash(view, rss, frame, h, &choice);
}

/* classify_match: encapsulated filters go before the others. */
static struct vmmq_filter_match classify_match(const struct vmmq_view *view, const uint8_t *frame, size_t len,
					       const struct vmmq_headers *h)
{
	const struct filter_entry *inner = NULL;
	struct tunnel_header tunnel;

	if (view->filters->inner.slot && h->l3 != VMMQ_L3_NONE && !h->fragment)
		inner = inner_filter_match(view, frame, len, h->protocol, h->payload_offset,
					   h->tagged ? h->tci & VID_MASK : VMMQ_VLAN_UNTAGGED_OR_ZERO, &tunnel);
	if (!inner)
		return vmmq_filter_match(view->filters, frame, h);
	return (struct vmmq_filter_match){
		.filter_id = inner->filter_id,
		.vport = inner->vport,
		.strip = inner->strip && h->tagged,
	};
}

void classify_one(const struct vmmq_view *view, struct given *given, unsigned i, const uint8_t *frame, size_t len,
		  struct vmmq_verdict *verdict, struct vmmq_headers *h)
{
	const struct vmmq_steering *rss;
	struct vmmq_filter_match match;

	*verdict = (struct vmmq_verdict){ .entry = VMMQ_NO_ENTRY };
	if (parse_given(frame, len, given_tag(given, i), h) == VMMQ_PARSE_RUNT) {
		verdict->drop = VMMQ_DROP_RUNT;
		return;
	}
	match = classify_match(view, frame, len, h);
	verdict->filter_id = match.filter_id;
	verdict->vport = match.vport;
	verdict->strip = match.strip;
	verdict->tci = match.strip ? h->tci : 0;
	rss = vmmq_view_steering(view, match.vport);
	if (!classify_tunnel(view, rss, frame, len, h, verdict))
		classify_outer(view, given, i, frame, rss, h, verdict);
	verdict_spread(rss, verdict);
}

void vmmq_classify(const struct vmmq_view *view, const uint8_t *frame, size_t len, struct vmmq_verdict *verdict,
		   struct vmmq_headers *headers)
{
	struct vmmq_headers own_headers;

	classify_one(view, NULL, 0, frame, len, verdict, headers ? headers : &own_headers);
}

void vmmq_classify_tagged(const struct vmmq_view *view, const uint8_t *frame, size_t len,
			  const struct vmmq_given_tag *tag, struct vmmq_verdict *verdict,
			  struct vmmq_headers *headers)
{
	struct given given = { .tag = tag };
	struct vmmq_headers own_headers;

	classify_one(view, &given, 0, frame, len, verdict, headers ? headers : &own_headers);
}
