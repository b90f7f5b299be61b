/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/inner_filter.h"

#include <errno.h>
#include <vmmq/classify.h>

#include "core/filter_table.h"
#include "core/tunnel_header.h"

/* Tunnels known without a port of somebody's choice that may carry Ethernet. */
#define TUNNELS_FIXED                                                                                                \
	(VMMQ_TUNNEL_NVGRE | VMMQ_TUNNEL_GENEVE | VMMQ_TUNNEL_VXLAN_GPE | VMMQ_TUNNEL_GRE | VMMQ_TUNNEL_GRE_UDP)

size_t inner_filters_count(const struct vmmq_filter *filters, size_t count)
{
	size_t encapsulated = 0;

	for (size_t i = 0; i < count; i++)
		encapsulated += filters[i].encapsulated;
	return encapsulated;
}

int inner_filter_insert(struct inner_filters *inner, const struct vmmq_filter *filter)
{
	uint64_t key = filter_key(filter_mac(filter->mac), filter->vlan);
	struct inner_filter *at = inner_filter_slot(inner, key, filter->vni);

	if (at->entry.filter_id)
		return EEXIST;
	*at = (struct inner_filter){ .key = key, .vni = filter->vni, .entry = filter_entry_make(filter) };
	inner->has_any_vlan |= filter->vlan == VMMQ_VLAN_ANY;
	inner->names_networks |= filter->vni != VMMQ_VNI_ANY;
	return 0;
}

void inner_filters_strip_all(struct inner_filters *inner)
{
	for (uint32_t i = 0; inner->slot && i <= inner->mask; i++)
		inner->slot[i].entry.strip = true;
}

/* A packet that may be a tunnel, and one reading of its header: with VXLAN on its port, or without. */
struct reading {
	const uint8_t *frame;
	size_t len, at;
	uint8_t protocol;
	struct tunnel_header tunnel;
};

static struct tunnel_header reading_of(const struct reading *r, uint32_t types, uint16_t vxlan_port)
{
	return tunnel_read(r->frame, r->len, r->protocol, r->at, types, vxlan_port);
}

/*
 * vport_reads_so tells whether the VPort, by the tunnels that it looks into, reads the packet in the same way, as one of network vni.
 * VXLAN's port is none of those of its other tunnels (vmmq_encapsulation_check()); what is not NVGRE to a VPort is GRE, without a network.
 */
static bool vport_reads_so(const struct vmmq_view *view, struct vmmq_vport_id vport, const struct reading *r,
			   uint32_t vni)
{
	const struct vmmq_encapsulation *on = &filter_steering(view, vport)->filtered;

	switch (r->tunnel.type) {
	case VMMQ_TUNNEL_VXLAN:
		return on->types & VMMQ_TUNNEL_VXLAN && on->vxlan_port == load_be16(r->frame + r->at + 2);
	case VMMQ_TUNNEL_NVGRE:
		return on->types & (vni == VMMQ_VNI_ANY ? VMMQ_TUNNEL_NVGRE | VMMQ_TUNNEL_GRE : VMMQ_TUNNEL_NVGRE);
	default:
		return on->types & r->tunnel.type;
	}
}

/* reading_match: a filter that names the network goes before one that does not, then one of the very VLAN before one of any. */
static const struct filter_entry *reading_match(const struct vmmq_view *view, const struct reading *r,
						vmmq_vlan_rule rule)
{
	const struct inner_filters *inner = &view->filters->inner;
	uint64_t mac = filter_mac(r->frame + r->tunnel.offset);
	const struct inner_filter *found;

	for (unsigned rank = 0; rank < 4; rank++) {
		uint32_t vni = rank < 2 ? r->tunnel.vni : VMMQ_VNI_ANY;

		if ((rank < 2 && !(vni && inner->names_networks)) || (rank % 2 && !inner->has_any_vlan))
			continue;
		found = inner_filter_find(inner, filter_key(mac, rank % 2 ? VMMQ_VLAN_ANY : rule), vni);
		if (found && vport_reads_so(view, found->entry.vport, r, vni))
			return &found->entry;
	}
	return NULL;
}

/*
 * Which tunnels are looked into is each VPort's choice, and known only when its filter is found: so the packet is read both as what its
 * header says by itself and, with UDP, as VXLAN on whichever port it goes to.  A frame to a group is VPort 0's to replicate.
 */
const struct filter_entry *inner_filter_match(const struct vmmq_view *view, const uint8_t *frame, size_t len,
					      uint8_t protocol, size_t at, vmmq_vlan_rule rule,
					      struct tunnel_header *tunnel)
{
	struct reading r = {
		.frame = frame,
		.len = len < VMMQ_TUNNEL_HEADERS_MAX ? len : VMMQ_TUNNEL_HEADERS_MAX,
		.at = at,
		.protocol = protocol,
	};
	const struct filter_entry *found = NULL;
	const bool udp = protocol == PROTO_UDP;

	if (frame[0] & 1)
		return NULL;
	for (unsigned vxlan = 0; vxlan <= udp && !found; vxlan++) {
		r.tunnel = vxlan ? reading_of(&r, VMMQ_TUNNEL_VXLAN, load_be16(frame + at + 2))
				 : reading_of(&r, TUNNELS_FIXED, 0);
		if (r.tunnel.carries == ETHERTYPE_BRIDGING && r.len >= r.tunnel.offset + (size_t)ETHERNET_LEN)
			found = reading_match(view, &r, rule);
	}
	*tunnel = r.tunnel;
	return found;
}
