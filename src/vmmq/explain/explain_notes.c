/* SPDX-License-Identifier: BSD-2-Clause */
/* What would be otherwise under which circumstances, and what people ask next. */
#include "vmmq/explain/explain_packet.h"

#include <stdio.h>
#include <string.h>

/* outcome_text says what a choice of hash type leads to on this VPort: "be hashed as tcp_ipv4: 0x..., entry 3, processor 1". */
static const char *outcome_text(const struct explanation *e, const uint8_t *frame, const struct vmmq_headers *headers,
				const struct vmmq_hash_choice *choice, char text[128])
{
	uint32_t hash = explain_hash(e, frame, headers, choice);
	unsigned entry = hash & (e->rss->entry_count - 1u);

	if (choice->type)
		snprintf(text, 128, "be hashed as %s: 0x%08x, entry %u, processor %u",
			 vmmq_hash_type_name(choice->type), hash, entry, (unsigned)e->rss->table[entry].v);
	else
		snprintf(text, 128, "not be hashed and go to the default processor, %u",
			 (unsigned)e->rss->default_processor.v);
	return text;
}

/* With RSS off, table, key and types are kept and take effect when it is enabled (spec 7). */
static void note_rss_on(struct explanation *e)
{
	struct vmmq_hash_choice choice = explain_choose(e, e->rss->hash_types, true);
	char text[128];

	explain_say(&e->notes, "7", "If RSS were on, with the parameters that the VPort has, the packet would %s.",
		    outcome_text(e, e->source->frame, &e->headers, &choice, text));
}

static bool is_ex(uint32_t type)
{
	return type & (VMMQ_HASH_IPV6_EX | VMMQ_HASH_TCP_IPV6_EX | VMMQ_HASH_UDP_IPV6_EX);
}

/* One more hash type may change the choice: each that would is named with what it would lead to. */
static void note_other_types(struct explanation *e)
{
	bool substituted = e->headers.home_offset || e->headers.rh2_offset;

	for (uint32_t type = VMMQ_HASH_IPV4; type <= VMMQ_HASH_UDP_IPV6_EX; type <<= 1) {
		struct vmmq_hash_choice choice = explain_choose(e, e->rss->hash_types | type, true);
		char text[128];

		if (e->rss->hash_types & type || choice.type != type || (is_ex(type) && !substituted))
			continue;
		explain_say(&e->notes, is_ex(type) ? "6.4" : "6.3", "With %s enabled the packet would %s.",
			    vmmq_hash_type_name(type), outcome_text(e, e->source->frame, &e->headers, &choice, text));
	}
}

/* whole_datagram computes what the first fragment of an IPv4 datagram would get if it were whole. */
static bool whole_datagram(const struct explanation *e, char text[128])
{
	uint8_t frame[256];
	size_t len = e->source->len < sizeof(frame) ? e->source->len : sizeof(frame);
	struct vmmq_headers headers;
	struct vmmq_hash_choice choice;
	struct vmmq_tunnel tunnel;
	uint8_t *flags = frame + e->headers.l3_offset + 6;

	memcpy(frame, e->source->frame, len);
	if (e->headers.l3 != VMMQ_L3_IPV4 || flags[0] & 0x1f || flags[1])
		return false;
	flags[0] = 0;
	if (vmmq_parse(frame, len, &headers) != VMMQ_PARSE_OK || headers.l4 == VMMQ_L4_OTHER)
		return false;
	if (vmmq_parse_tunnel(frame, len, &headers, &e->rss->encapsulation, &tunnel))
		return false;
	choice = vmmq_hash_choose(&headers, e->rss->hash_types, true);
	outcome_text(e, frame, &headers, &choice, text);
	return choice.rule == VMMQ_RULE_L4;
}

static void note_fragment(struct explanation *e)
{
	uint32_t ipv4 = VMMQ_HASH_TCP_IPV4 | VMMQ_HASH_UDP_IPV4;
	uint32_t ipv6 = VMMQ_HASH_TCP_IPV6 | VMMQ_HASH_UDP_IPV6 | VMMQ_HASH_TCP_IPV6_EX | VMMQ_HASH_UDP_IPV6_EX;
	char text[128];

	if (!e->headers.fragment || !(e->rss->hash_types & (e->headers.l3 == VMMQ_L3_IPV4 ? ipv4 : ipv6)))
		return;
	if (whole_datagram(e, text))
		explain_say(&e->notes, "5.3",
			    "Whole datagrams of this flow have their ports hashed too; this one would %s.", text);
	else
		explain_say(
		    &e->notes, "5.3",
		    "Whole datagrams of this flow may have their ports hashed too, and go to another processor.");
}

static void note_one_flow(struct explanation *e)
{
	if (e->choice.rule == VMMQ_RULE_L4 && explain_hashed(e)->l4 == VMMQ_L4_TCP)
		explain_say(&e->notes, "15.4",
			    "Every packet of this TCP connection in this direction goes to processor %u: one flow "
			    "does not spread.",
			    (unsigned)e->verdict.processor.v);
	else if (e->choice.rule == VMMQ_RULE_L3_TYPE_OFF || e->choice.rule == VMMQ_RULE_L3_PROTOCOL ||
		 (e->choice.rule == VMMQ_RULE_TUNNEL_OUTER && e->choice.type))
		explain_say(&e->notes, "6.1",
			    "Everything between these two addresses that is hashed as %s goes to processor %u, in "
			    "this direction.",
			    vmmq_hash_type_name(e->choice.type), (unsigned)e->verdict.processor.v);
}

static void note_table(struct explanation *e)
{
	for (unsigned i = 1; i < e->rss->entry_count; i++)
		if (e->rss->table[i].v != e->rss->table[0].v)
			return;
	explain_say(&e->notes, "7", "%s processor %u: this VPort does not spread.",
		    e->rss->entry_count == 1 ? "The indirection table has one entry,"
					     : "All entries of the table name",
		    (unsigned)e->rss->table[0].v);
}

static bool is_encapsulation(const struct explanation *e)
{
	const uint8_t *ports = e->source->frame + e->headers.l4_offset;
	unsigned destination = e->headers.l4 == VMMQ_L4_UDP ? (unsigned)ports[2] << 8 | ports[3] : 0;

	return e->headers.protocol == 4 || e->headers.protocol == 41 || e->headers.protocol == 47 ||
	       destination == 4789 || destination == 6081;
}

static bool is_truncated(const struct vmmq_headers *h)
{
	return h->outcome == VMMQ_PARSE_RUNT || h->outcome == VMMQ_PARSE_TAG_STACK ||
	       h->outcome == VMMQ_PARSE_IPV4_TRUNCATED || h->outcome == VMMQ_PARSE_IPV6_TRUNCATED ||
	       h->outcome == VMMQ_PARSE_IPV6_EXT_TRUNCATED || h->outcome == VMMQ_PARSE_TCP_TRUNCATED ||
	       h->outcome == VMMQ_PARSE_UDP_TRUNCATED;
}

/* may_be_another: the cut is in outer headers, or what is missing may be inner ones. */
static bool may_be_another(const struct explanation *e)
{
	return is_truncated(&e->headers) || (e->tunnelled && is_truncated(&e->tunnel.inner)) ||
	       (e->tunnelled && !e->tunnel.offset);
}

static void note_cut(struct explanation *e)
{
	const struct explain_source *source = e->source;

	if (source->len < source->wire_len)
		explain_say(&e->notes, "", "The capture holds %zu of the frame's %zu bytes%s.", source->len,
			    source->wire_len,
			    may_be_another(e) ? "; with all of them the outcome may be another"
			    : source->whole_len > source->len
				? "; the cut is behind all that is hashed, so the NIC has done the same"
				: "");
}

void explain_notes(struct explanation *e)
{
	note_cut(e);
	if (e->verdict.drop)
		return;
	if (e->headers.l3 != VMMQ_L3_NONE) {
		if (e->rss->enabled)
			note_other_types(e);
		else
			note_rss_on(e);
		if (e->rss->enabled)
			note_fragment(e);
		note_one_flow(e);
		if (!e->tunnelled && is_encapsulation(e))
			explain_say(&e->notes, "16",
				    "What is inside the tunnel is not looked at: the outer headers decide.");
	}
	if (e->verdict.via == VMMQ_VIA_TABLE)
		note_table(e);
}
