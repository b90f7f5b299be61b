/* SPDX-License-Identifier: BSD-2-Clause */
/* The steps of one packet, taken again with the core's own functions, and the words for each. */
#include "vmmq/explain/explain_packet.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"

void explain_say(struct explain_sentences *sentences, const char *section, const char *text, ...)
{
	struct explain_sentence *sentence;
	va_list args;

	if (sentences->count == EXPLAIN_SENTENCES_MAX)
		return;
	sentence = &sentences->item[sentences->count++];
	sentence->section = section;
	va_start(args, text);
	vsnprintf(sentence->text, sizeof(sentence->text), text, args);
	va_end(args);
}

const char *explain_vport(const struct explanation *e, struct vmmq_vport_id id, char text[EXPLAIN_VPORT_MAX])
{
	const struct config_vport *vport = vmmq_config_vport(e->config, id);

	snprintf(text, EXPLAIN_VPORT_MAX, "VPort %u (%.300s)", (unsigned)id.v, vport ? vport->name : "?");
	return text;
}

const char *explain_mac(const uint8_t mac[VMMQ_MAC_LEN], char text[EXPLAIN_MAC_MAX])
{
	hex_write_colons(text, mac, VMMQ_MAC_LEN);
	return text;
}

const char *explain_address(const uint8_t *address, size_t len, char text[EXPLAIN_ADDRESS_MAX])
{
	inet_ntop(len == 4 ? AF_INET : AF_INET6, address, text, EXPLAIN_ADDRESS_MAX);
	return text;
}

struct vmmq_hash_choice explain_choose(const struct explanation *e, uint32_t hash_types, bool rss_enabled)
{
	if (e->tunnelled)
		return vmmq_hash_choose_tunnel(&e->headers, &e->tunnel, hash_types, rss_enabled);
	return vmmq_hash_choose(&e->headers, hash_types, rss_enabled);
}

const struct vmmq_headers *explain_hashed(const struct explanation *e)
{
	return e->choice.inner ? &e->tunnel.inner : &e->headers;
}

uint32_t explain_hash(const struct explanation *e, const uint8_t *frame, const struct vmmq_headers *headers,
		      const struct vmmq_hash_choice *choice)
{
	uint8_t input[VMMQ_HASH_INPUT_MAX];
	size_t len = choice->inner ? vmmq_hash_input(frame + e->tunnel.offset, &e->tunnel.inner, choice, input)
				   : vmmq_hash_input(frame, headers, choice, input);

	return vmmq_toeplitz_reference(e->rss->key, input, len);
}

const struct explain_field *explain_input_field(const struct explanation *e, unsigned i)
{
	const struct vmmq_headers *h = explain_hashed(e);
	const uint32_t inside = e->choice.inner ? e->tunnel.offset : 0;
	const uint32_t offset[] = {
		inside + (e->choice.home ? h->home_offset : h->src_offset),
		inside + (e->choice.rh2 ? h->rh2_offset : h->dst_offset),
		inside + h->l4_offset,
		inside + h->l4_offset + 2u,
	};

	if (!e->choice.type || i >= (e->choice.rule == VMMQ_RULE_L4 ? 4 : 2))
		return NULL;
	for (unsigned f = 0; f < e->field_count; f++)
		if (e->field[f].offset == offset[i])
			return &e->field[f];
	return NULL;
}

static const char *transport_name(const struct vmmq_headers *h)
{
	switch (h->protocol) {
	case 1:
		return "ICMP";
	case 6:
		return "TCP";
	case 17:
		return "UDP";
	case 58:
		return "ICMPv6";
	case 132:
		return "SCTP";
	default:
		return NULL;
	}
}

/* summarize_flow writes "192.0.2.1:1024 > 192.0.2.2:80", without ports where there are none. */
static void summarize_flow(const uint8_t *frame, const struct vmmq_headers *h, char *text, size_t size)
{
	const uint8_t *ports = frame + h->l4_offset;
	size_t len = h->l3 == VMMQ_L3_IPV4 ? 4 : 16;
	char a[EXPLAIN_ADDRESS_MAX], b[EXPLAIN_ADDRESS_MAX];
	bool brackets = h->l3 == VMMQ_L3_IPV6 && h->l4 != VMMQ_L4_OTHER;
	const char *open = brackets ? "[" : "", *close = brackets ? "]" : "";

	explain_address(frame + h->src_offset, len, a);
	explain_address(frame + h->dst_offset, len, b);
	if (h->l4 == VMMQ_L4_OTHER)
		snprintf(text, size, "%s > %s", a, b);
	else
		snprintf(text, size, "%s%s%s:%u > %s%s%s:%u", open, a, close, ports[0] << 8 | ports[1], open, b,
			 close, ports[2] << 8 | ports[3]);
}

static void summarize_headers(const uint8_t *frame, const struct vmmq_headers *h, char text[192])
{
	const char *transport = transport_name(h);
	char flow[128], protocol[32];

	if (h->l3 == VMMQ_L3_NONE) {
		snprintf(text, 192, "%s.", vmmq_parse_outcome_sentence((enum vmmq_parse_outcome)h->outcome));
		text[0] = (char)toupper((unsigned char)text[0]);
		return;
	}
	snprintf(protocol, sizeof(protocol), "protocol %u", h->protocol);
	summarize_flow(frame, h, flow, sizeof(flow));
	if (h->protocol == 44)
		snprintf(text, 192, "IPv6, fragment: %s", flow);
	else
		snprintf(text, 192, "%s, %s%s: %s", h->l3 == VMMQ_L3_IPV4 ? "IPv4" : "IPv6",
			 transport ? transport : protocol, h->fragment ? ", fragment" : "", flow);
}

static void explain_summarize(struct explanation *e)
{
	const char *title = e->tunnelled ? vmmq_tunnel_title(e->tunnel.type) : "";
	char outer[192], inner[192], vni[24] = "";

	summarize_headers(e->source->frame, &e->headers, outer);
	if (e->tunnelled && e->tunnel.vni)
		snprintf(vni, sizeof(vni), " %u", e->tunnel.vni);
	if (!e->tunnelled) {
		snprintf(e->summary, sizeof(e->summary), "%s", outer);
	} else if (!e->tunnel.offset) {
		snprintf(e->summary, sizeof(e->summary), "%s; %s that carries nothing that is understood.", outer,
			 title);
	} else {
		summarize_headers(e->source->frame + e->tunnel.offset, &e->tunnel.inner, inner);
		snprintf(e->summary, sizeof(e->summary), "%s; inside %s%s: %s", outer, title, vni, inner);
	}
}

/* explain_tunnel_rule says why it is the inner headers that are hashed, or the outer ones. */
static void explain_tunnel_rule(struct explanation *e)
{
	const struct vmmq_headers *inner = &e->tunnel.inner;
	const char *title = vmmq_tunnel_title(e->tunnel.type);

	if (e->choice.inner)
		explain_say(&e->rule, "16", "The VPort looks into %s: these are the inner headers.", title);
	else if (inner->l4 != VMMQ_L4_OTHER && inner->ext_count)
		explain_say(&e->rule, "16", "Inside %s extension headers stand before TCP or UDP.", title);
	else if (inner->l3 != VMMQ_L3_NONE)
		explain_say(&e->rule, "16", "Inside %s there is %s.", title,
			    inner->fragment ? "a fragment" : "neither TCP nor UDP");
	else
		explain_say(&e->rule, "16", "Inside %s: %s.", title,
			    e->tunnel.offset ? vmmq_parse_outcome_sentence((enum vmmq_parse_outcome)inner->outcome)
					     : "nothing that is understood");
}

static void explain_rule(struct explanation *e)
{
	enum vmmq_parse_outcome outcome = (enum vmmq_parse_outcome)e->headers.outcome;

	if (e->choice.rule == VMMQ_RULE_UNPARSED) {
		explain_say(&e->rule, vmmq_parse_outcome_section(outcome), "no hash: %s.",
			    vmmq_parse_outcome_sentence(outcome));
		return;
	}
	explain_say(&e->rule, vmmq_hash_rule_section(e->choice.rule), "%s: %s.",
		    e->choice.type ? vmmq_hash_type_name(e->choice.type) : "no hash",
		    vmmq_hash_rule_sentence(e->choice.rule));
	if (e->tunnelled && e->rss->enabled)
		explain_tunnel_rule(e);
	if (e->choice.home)
		explain_say(&e->rule, "6.4", "The Home Address option takes the source address's place.");
	if (e->choice.rh2)
		explain_say(&e->rule, "6.4",
			    "The type 2 routing header's address takes the destination address's place.");
}

/* The name of what kept the packet from being hashed, as in the records. */
static const char *no_hash_name(const struct explanation *e)
{
	if (e->choice.rule == VMMQ_RULE_UNPARSED)
		return vmmq_parse_outcome_name((enum vmmq_parse_outcome)e->headers.outcome);
	return vmmq_hash_rule_name(e->choice.rule);
}

static void write_verdict(struct explanation *e)
{
	const struct vmmq_verdict *v = &e->verdict;
	unsigned processor = v->processor.v;
	char vport[EXPLAIN_VPORT_MAX];

	if (v->drop) {
		snprintf(e->verdict_text, sizeof(e->verdict_text), "dropped: %s (%s)",
			 vmmq_drop_name((enum vmmq_drop)v->drop), vmmq_drop_meaning((enum vmmq_drop)v->drop));
		return;
	}
	explain_vport(e, v->vport, vport);
	switch ((enum vmmq_via)v->via) {
	case VMMQ_VIA_TABLE:
		snprintf(e->verdict_text, sizeof(e->verdict_text),
			 "%s, processor %u, by entry %u of %u (hash 0x%08x, %s%s)", vport, processor,
			 (unsigned)v->entry, (unsigned)e->rss->entry_count, v->hash, e->choice.inner ? "inner " : "",
			 vmmq_hash_type_name(e->choice.type));
		break;
	case VMMQ_VIA_DEFAULT:
		snprintf(e->verdict_text, sizeof(e->verdict_text),
			 "%s, processor %u, the default processor (no hash: %s)", vport, processor, no_hash_name(e));
		break;
	default:
		snprintf(e->verdict_text, sizeof(e->verdict_text),
			 "%s, processor %u, the primary processor (RSS is off)", vport, processor);
		break;
	}
}

void explain_packet(struct explanation *e, const struct vmmq_config *config, const struct vmmq_nic_switch *sw,
		    const struct explain_source *source)
{
	const struct config_vport *vport;

	memset(e, 0, sizeof(*e));
	e->config = config;
	e->sw = sw;
	e->source = source;
	vmmq_classify(vmmq_nic_switch_view(sw), source->frame, source->whole_len, &e->verdict, &e->headers);
	vport = vmmq_config_vport(config, e->verdict.vport);
	e->rss = &vport->rss;
	if (!e->verdict.drop) {
		e->tunnelled = vmmq_parse_tunnel(source->frame, source->whole_len, &e->headers,
						 &e->rss->encapsulation, &e->tunnel);
		e->choice = explain_choose(e, e->rss->hash_types, e->rss->enabled);
		e->input_len = vmmq_hash_input(source->frame + (e->choice.inner ? e->tunnel.offset : 0),
					       explain_hashed(e), &e->choice, e->input);
		assert((e->choice.type | (e->choice.inner ? VMMQ_HASH_INNER : 0)) == e->verdict.hash_type);
		assert(explain_hash(e, source->frame, &e->headers, &e->choice) == e->verdict.hash);
		explain_rule(e);
		explain_filter(e);
	}
	explain_fields(e);
	explain_summarize(e);
	explain_notes(e);
	write_verdict(e);
}
