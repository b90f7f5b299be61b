/* SPDX-License-Identifier: BSD-2-Clause */
/* What is inside a tunnel, and which headers, those or the outer ones, are hashed (spec 16). */
#include <vmmq/classify.h>

#include "core/hash_type.h"
#include "core/parse_network.h"
#include "core/tunnel_header.h"

/* tunnel_parse_inner: an Ethernet header inside is read as the outer one is. */
static void tunnel_parse_inner(const uint8_t *inside, size_t len, uint16_t carries, struct vmmq_headers *inner)
{
	if (carries == ETHERTYPE_BRIDGING) {
		vmmq_parse(inside, len, inner);
		return;
	}
	*inner = (struct vmmq_headers){ .ethertype = carries };
	inner->outcome = (uint8_t)parse_network(inside, len, inner);
}

bool vmmq_parse_tunnel(const uint8_t *frame, size_t len, const struct vmmq_headers *headers,
		       const struct vmmq_encapsulation *encapsulation, struct vmmq_tunnel *tunnel)
{
	size_t here = len < VMMQ_TUNNEL_HEADERS_MAX ? len : VMMQ_TUNNEL_HEADERS_MAX;
	struct tunnel_header found;

	if (!encapsulation->types || headers->l3 == VMMQ_L3_NONE || headers->fragment)
		return false;
	found = tunnel_read(frame, here, headers->protocol, headers->payload_offset, encapsulation->types,
			    encapsulation->vxlan_port);
	if (!found.type)
		return false;
	*tunnel = (struct vmmq_tunnel){ .type = (uint8_t)found.type, .inner.outcome = VMMQ_PARSE_NOT_IP };
	if (!found.carries)
		return true;
	tunnel->ethernet = found.carries == ETHERTYPE_BRIDGING;
	tunnel->offset = (uint16_t)found.offset;
	tunnel->vni = found.vni;
	tunnel_parse_inner(frame + found.offset, here - found.offset, found.carries, &tunnel->inner);
	return true;
}

/* inner_is_hashed: TCP or UDP stands directly behind the inner IP header, so not behind extension headers. */
static bool inner_is_hashed(const struct vmmq_headers *inner)
{
	return inner->l4 != VMMQ_L4_OTHER && !inner->ext_count;
}

struct vmmq_hash_choice vmmq_hash_choose_tunnel(const struct vmmq_headers *outer, const struct vmmq_tunnel *tunnel,
						uint32_t hash_types, bool rss_enabled)
{
	struct vmmq_headers addresses = *outer;
	struct vmmq_hash_choice choice;

	if (inner_is_hashed(&tunnel->inner)) {
		choice = hash_choose(&tunnel->inner, hash_types, rss_enabled);
		choice.inner = choice.type;
		return choice;
	}
	addresses.l4 = VMMQ_L4_OTHER;
	choice = hash_choose(&addresses, hash_types, rss_enabled);
	if (choice.type)
		choice.rule = VMMQ_RULE_TUNNEL_OUTER;
	return choice;
}
