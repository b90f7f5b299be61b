/* SPDX-License-Identifier: BSD-2-Clause */
/* Which receive filter matched, or which ones came near (spec 4, 16.2). */
#include "vmmq/explain/explain_packet.h"

#include <stdio.h>
#include <string.h>

#define NEAR_MISSES_MAX 3

/* rule_text says which frames a filter wants: "VLAN 10", "untagged frames and VLAN 0", "any VLAN". */
static const char *rule_text(vmmq_vlan_rule rule, char text[40])
{
	if (rule == VMMQ_VLAN_UNTAGGED_OR_ZERO)
		return "untagged frames and VLAN 0";
	if (rule == VMMQ_VLAN_ANY)
		return "untagged frames and any VLAN";
	snprintf(text, 40, "VLAN %u", (unsigned)rule);
	return text;
}

/* tag_text says what the frame has: "the frame is untagged", "the frame's outermost tag is VLAN 20". */
static const char *tag_text(const struct vmmq_headers *h, char text[64])
{
	if (!h->tagged)
		return "the frame is untagged";
	snprintf(text, 64, "the frame's %stag is VLAN %u", h->tag_count > 1 ? "outermost " : "", h->tci & 0xfffu);
	return text;
}

/* has_mac: of encapsulated filters the MAC is another matter. */
static bool has_mac(const struct vmmq_filter *filter, const uint8_t *mac)
{
	return !filter->encapsulated && memcmp(filter->mac, mac, VMMQ_MAC_LEN) == 0;
}

/* frame_inside returns what the frame has inside, as a VPort that looks into such tunnels would see it, or NULL: no Ethernet header. */
static const uint8_t *frame_inside(const struct explanation *e, const struct vmmq_encapsulation *on,
				   struct vmmq_tunnel *tunnel)
{
	const struct explain_source *source = e->source;

	if (!vmmq_parse_tunnel(source->frame, source->whole_len, &e->headers, on, tunnel) || !tunnel->ethernet ||
	    (source->whole_len < VMMQ_TUNNEL_HEADERS_MAX ? source->whole_len : VMMQ_TUNNEL_HEADERS_MAX) <
		tunnel->offset + 14u)
		return NULL;
	return source->frame + tunnel->offset;
}

static const char *network_text(uint32_t vni, char text[32])
{
	if (!vni)
		return "every network";
	snprintf(text, 32, "network %u", vni);
	return text;
}

static void say_matched_inside(struct explanation *e, const struct vmmq_filter *filter)
{
	char vport[EXPLAIN_VPORT_MAX], mac[EXPLAIN_MAC_MAX], rule[40], network[32];
	struct vmmq_tunnel tunnel = { .type = 0 };

	frame_inside(e, &e->rss->encapsulation, &tunnel);
	explain_say(
	    &e->filter, "16.2",
	    "Filter %u matches: %s inside %s, of %s, for %s. It belongs to %s. Such filters go before those of the "
	    "outermost header.",
	    filter->id, explain_mac(filter->mac, mac), vmmq_tunnel_title(tunnel.type),
	    network_text(filter->vni, network), rule_text(filter->vlan, rule),
	    explain_vport(e, filter->vport, vport));
}

/* say_missed_inside names an encapsulated filter with the MAC that is inside, and why it does not match. */
static void say_missed_inside(struct explanation *e)
{
	const struct vmmq_encapsulation all = { VMMQ_TUNNEL_MASK, VMMQ_PORT_VXLAN };
	char vport[EXPLAIN_VPORT_MAX], rule[40], tag[64];
	const struct vmmq_filter *filter = NULL;
	struct vmmq_tunnel tunnel, own;

	while ((filter = vmmq_filter_next(e->sw, filter ? filter->id : 0))) {
		const struct config_vport *of = vmmq_config_vport(e->config, filter->vport);
		const uint8_t *frame = frame_inside(e, &of->rss.encapsulation, &own);
		const bool looked_into = frame;

		if (!filter->encapsulated || filter->id == e->verdict.filter_id)
			continue;
		if (!looked_into)
			frame = frame_inside(e, &all, &tunnel);
		if (!frame || memcmp(filter->mac, frame, VMMQ_MAC_LEN) != 0)
			continue;
		explain_vport(e, filter->vport, vport);
		if (!looked_into)
			explain_say(&e->filter, "16.2",
				    "Filter %u of %s has the MAC inside, but the VPort does not look into %s.",
				    filter->id, vport, vmmq_tunnel_title(tunnel.type));
		else if (filter->vni && filter->vni != own.vni)
			explain_say(&e->filter, "16.2",
				    "Filter %u of %s has the MAC inside, but of network %u; the packet is of %u.",
				    filter->id, vport, filter->vni, own.vni);
		else if (e->source->frame[0] & 1)
			explain_say(
			    &e->filter, "16.2",
			    "Filter %u of %s has the MAC inside, but frames to a group are the default VPort's.",
			    filter->id, vport);
		else if (!e->verdict.filter_id || !vmmq_filter_get(e->sw, e->verdict.filter_id)->encapsulated)
			explain_say(&e->filter, "16.2", "Filter %u of %s has the MAC inside, but only for %s; %s.",
				    filter->id, vport, rule_text(filter->vlan, rule), tag_text(&e->headers, tag));
		return;
	}
}

/* say_wider tells of the any-VLAN filter that a narrower one goes before (vmmq/filter.h; spec 4.2 leaves it open). */
static void say_wider(struct explanation *e, const struct vmmq_filter *matched)
{
	const struct vmmq_filter *filter = NULL;
	char vport[EXPLAIN_VPORT_MAX];

	if (matched->vlan == VMMQ_VLAN_ANY)
		return;
	while ((filter = vmmq_filter_next(e->sw, filter ? filter->id : 0)))
		if (filter->vlan == VMMQ_VLAN_ANY && has_mac(filter, matched->mac))
			explain_say(&e->filter, "",
				    "Filter %u of %s has this MAC with any VLAN: the narrower filter goes first.",
				    filter->id, explain_vport(e, filter->vport, vport));
}

static void say_matched(struct explanation *e, const struct vmmq_filter *filter)
{
	const struct vmmq_headers *h = &e->headers;
	char vport[EXPLAIN_VPORT_MAX], mac[EXPLAIN_MAC_MAX], rule[40];

	if (filter->encapsulated) {
		say_matched_inside(e, filter);
	} else {
		explain_say(&e->filter, "4.3", "Filter %u matches: %s for %s. It belongs to %s.", filter->id,
			    explain_mac(filter->mac, mac), rule_text(filter->vlan, rule),
			    explain_vport(e, filter->vport, vport));
		say_wider(e, filter);
	}
	if (e->verdict.strip)
		explain_say(&e->filter, "4.3",
			    "The %stag moves from the frame into the OOB data: VLAN %u, priority %u.",
			    h->tag_count > 1 ? "outermost " : "", h->tci & 0xfffu, h->tci >> 13);
	else if (h->tagged)
		explain_say(&e->filter, "4.3", "The priority tag (VLAN 0) stays in the frame.");
}

/* say_other_vlans names filters that have the MAC but not the VLAN, and returns how many there are. */
static unsigned say_other_vlans(struct explanation *e)
{
	const struct vmmq_filter *filter = NULL;
	char vport[EXPLAIN_VPORT_MAX], rule[40], tag[64];
	unsigned count = 0;

	while ((filter = vmmq_filter_next(e->sw, filter ? filter->id : 0))) {
		if (!has_mac(filter, e->source->frame) || count++ >= NEAR_MISSES_MAX)
			continue;
		explain_say(&e->filter, "4.3", "%s has this MAC, but only for %s (filter %u); %s.",
			    explain_vport(e, filter->vport, vport), rule_text(filter->vlan, rule), filter->id,
			    tag_text(&e->headers, tag));
	}
	if (count > NEAR_MISSES_MAX)
		explain_say(&e->filter, "4.3", "%u more filters have this MAC for other VLANs.",
			    count - NEAR_MISSES_MAX);
	return count;
}

static unsigned bytes_apart(const uint8_t *a, const uint8_t *b)
{
	unsigned apart = 0;

	for (unsigned i = 0; i < VMMQ_MAC_LEN; i++)
		apart += a[i] != b[i];
	return apart;
}

/* say_similar names a filter whose MAC differs in one byte: a slip of the hand, perhaps. */
static void say_similar(struct explanation *e)
{
	const struct vmmq_filter *filter = NULL;
	char vport[EXPLAIN_VPORT_MAX], mac[EXPLAIN_MAC_MAX];

	while ((filter = vmmq_filter_next(e->sw, filter ? filter->id : 0))) {
		if (filter->encapsulated || bytes_apart(filter->mac, e->source->frame) != 1)
			continue;
		explain_say(&e->filter, "", "The nearest one: filter %u of %s has %s.", filter->id,
			    explain_vport(e, filter->vport, vport), explain_mac(filter->mac, mac));
		return;
	}
}

/* say_sender tells when the frame comes from a VPort's MAC, which filters do not look at. */
static void say_sender(struct explanation *e)
{
	const struct vmmq_filter *filter = NULL;
	char vport[EXPLAIN_VPORT_MAX];

	while ((filter = vmmq_filter_next(e->sw, filter ? filter->id : 0))) {
		if (!has_mac(filter, e->source->frame + VMMQ_MAC_LEN))
			continue;
		explain_say(&e->filter, "4.1", "The source MAC is one of %s: filters look at the destination only.",
			    explain_vport(e, filter->vport, vport));
		return;
	}
}

static void say_unmatched(struct explanation *e)
{
	static const uint8_t broadcast[VMMQ_MAC_LEN] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	const uint8_t *frame = e->source->frame;
	char mac[EXPLAIN_MAC_MAX], vport[EXPLAIN_VPORT_MAX];
	bool near = say_other_vlans(e);

	if (near)
		; /* said */
	else if (memcmp(frame, broadcast, VMMQ_MAC_LEN) == 0)
		explain_say(&e->filter, "4.4",
			    "A broadcast matches no filter, unless one names the broadcast address.");
	else if (frame[0] & 1)
		explain_say(&e->filter, "4.4", "No filter names the multicast address %s.", explain_mac(frame, mac));
	else
		explain_say(&e->filter, "4.2", "No filter has MAC %s.", explain_mac(frame, mac));
	if (!near && !(frame[0] & 1))
		say_similar(e);
	say_sender(e);
	explain_say(&e->filter, "4.2", "So the packet belongs to the default VPort, %s%s.",
		    explain_vport(e, VMMQ_DEFAULT_VPORT, vport),
		    e->headers.tagged ? ", and its tag stays in the frame" : "");
}

void explain_filter(struct explanation *e)
{
	const struct vmmq_filter *filter = e->verdict.filter_id ? vmmq_filter_get(e->sw, e->verdict.filter_id) : NULL;

	if (filter)
		say_matched(e, filter);
	else
		say_unmatched(e);
	say_missed_inside(e);
	if (e->headers.tag_count > 1)
		explain_say(&e->filter, "4.3",
			    "The frame has %u tags: filters look at the outermost, the others are skipped.",
			    e->headers.tag_count);
}
