/* SPDX-License-Identifier: BSD-2-Clause */
/* Which receive filter matched, or which ones came near (spec 4). */
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

static bool has_mac(const struct vmmq_filter *filter, const uint8_t *mac)
{
	return memcmp(filter->mac, mac, VMMQ_MAC_LEN) == 0;
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

	explain_say(&e->filter, "4.3", "Filter %u matches: %s for %s. It belongs to %s.", filter->id,
		    explain_mac(filter->mac, mac), rule_text(filter->vlan, rule),
		    explain_vport(e, filter->vport, vport));
	say_wider(e, filter);
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
		if (bytes_apart(filter->mac, e->source->frame) != 1)
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
	if (e->headers.tag_count > 1)
		explain_say(&e->filter, "4.3",
			    "The frame has %u tags: filters look at the outermost, the others are skipped.",
			    e->headers.tag_count);
}
