/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frame cut into labelled fields, for the eye: the same walk as the parser's, which has said already how far one
 * gets.  Bytes that nothing depends on are labelled too, so that the fields cover the frame.
 */
#include "vmmq/explain/explain_packet.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct walk {
	struct explanation *e;
	const struct vmmq_headers *h; /* of the frame, or of what is inside */
	const uint8_t *frame;
	uint32_t at, len;
	uint32_t base; /* that the offsets in h count from */
	bool inner;
};

static const uint8_t *walk_here(const struct walk *w)
{
	return w->frame + w->at;
}

static unsigned walk_be16(const uint8_t *bytes)
{
	return (unsigned)bytes[0] << 8 | bytes[1];
}

/* walk_has tells whether len bytes are left. */
static bool walk_has(const struct walk *w, uint32_t len)
{
	return w->len - w->at >= len;
}

/*
 * walk_add labels the next len bytes, or those that are left; a field of no bytes is shown only where something is
 * missing.
 */
__attribute__((format(printf, 5, 6))) static void walk_add(struct walk *w, uint32_t len, enum explain_layer layer,
							   const char *name, const char *value, ...)
{
	bool cut = !walk_has(w, len);
	uint32_t present = cut ? w->len - w->at : len;
	struct explain_field *field = &w->e->field[w->e->field_count];
	va_list args;

	if (w->e->field_count == EXPLAIN_FIELDS_MAX || !len ||
	    (cut && w->at == w->len && w->e->field_count && field[-1].layer == LAYER_BROKEN))
		return;
	*field = (struct explain_field){
		.offset = w->at, .len = present, .layer = cut ? LAYER_BROKEN : layer, .inner = w->inner, .name = name
	};
	va_start(args, value);
	if (cut)
		snprintf(field->value, sizeof(field->value), "cut off: %u of %u bytes", present, len);
	else
		vsnprintf(field->value, sizeof(field->value), value, args);
	va_end(args);
	w->e->field_count++;
	w->at += present;
}

/* walk_ignore labels bytes that are there but decide nothing. */
static void walk_ignore(struct walk *w, uint32_t len, const char *name)
{
	walk_add(w, len, LAYER_IGNORED, name, "not looked at");
}

static void walk_rest(struct walk *w, const char *name)
{
	if (w->at < w->len)
		walk_ignore(w, w->len - w->at, name);
}

static void add_mac(struct walk *w, const char *name)
{
	char mac[EXPLAIN_MAC_MAX] = "";

	if (walk_has(w, VMMQ_MAC_LEN))
		explain_mac(walk_here(w), mac);
	walk_add(w, VMMQ_MAC_LEN, LAYER_ETHERNET, name, "%s", mac);
}

static void add_address(struct walk *w, uint32_t len, enum explain_layer layer, const char *name)
{
	char address[EXPLAIN_ADDRESS_MAX] = "";

	if (walk_has(w, len))
		explain_address(walk_here(w), len, address);
	walk_add(w, len, layer, name, "%s", address);
}

static const char *ethertype_name(unsigned type)
{
	static const struct {
		uint16_t type;
		const char *name;
	} known[] = {
		{ 0x0800, "IPv4" },  { 0x86dd, "IPv6" }, { 0x0806, "ARP" },          { 0x8847, "MPLS" },
		{ 0x8864, "PPPoE" }, { 0x88cc, "LLDP" }, { 0x8100, "one more tag" }, { 0x88a8, "one more tag" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].type == type)
			return known[i].name;
	return type < 0x0600 ? "an 802.3 length" : "unknown";
}

static const char *protocol_name(unsigned protocol)
{
	static const struct {
		uint8_t protocol;
		const char *name;
	} known[] = {
		{ 0, "hop-by-hop options" },
		{ 1, "ICMP" },
		{ 2, "IGMP" },
		{ 4, "IPv4" },
		{ 6, "TCP" },
		{ 17, "UDP" },
		{ 41, "IPv6" },
		{ 43, "routing header" },
		{ 44, "fragment header" },
		{ 47, "GRE" },
		{ 50, "ESP" },
		{ 51, "AH (authentication)" },
		{ 58, "ICMPv6" },
		{ 59, "no next header" },
		{ 60, "destination options" },
		{ 132, "SCTP" },
		{ 135, "mobility header" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].protocol == protocol)
			return known[i].name;
	return "neither TCP nor UDP";
}

static bool walk_is_tag(unsigned type)
{
	return type == 0x8100 || type == 0x88a8;
}

/* walk_ethernet returns true when it stands behind the type of what the frame carries. */
static bool walk_ethernet(struct walk *w)
{
	unsigned tags = 0;

	add_mac(w, "destination MAC");
	add_mac(w, "source MAC");
	while (walk_has(w, 2) && walk_is_tag(walk_be16(walk_here(w))) && tags++ < VMMQ_VLAN_TAGS_MAX) {
		const uint8_t *tag = walk_here(w);
		unsigned tci = walk_has(w, 4) ? walk_be16(tag + 2) : 0;

		walk_add(w, 4, LAYER_TAG, walk_be16(tag) == 0x8100 ? "802.1Q tag" : "802.1ad tag",
			 tags > 1 ? "VLAN %u, skipped" : "VLAN %u, priority %u", tci & 0xfff, tci >> 13);
	}
	if (walk_has(w, 2))
		walk_add(w, 2, walk_is_tag(walk_be16(walk_here(w))) ? LAYER_BROKEN : LAYER_ETHERNET, "EtherType",
			 "%s", ethertype_name(walk_be16(walk_here(w))));
	else
		walk_add(w, 2, LAYER_ETHERNET, "EtherType", "%s", "");
	return w->h->outcome != VMMQ_PARSE_RUNT && w->h->outcome != VMMQ_PARSE_TAG_STACK;
}

static void walk_add_port(struct walk *w, const char *name)
{
	walk_add(w, 2, LAYER_TRANSPORT, name, "%u", walk_has(w, 2) ? walk_be16(walk_here(w)) : 0);
}

static void walk_tunnel(struct walk *w);

static void walk_transport(struct walk *w)
{
	const struct vmmq_headers *h = w->h;
	bool tcp = h->protocol == 6;

	if (h->fragment) {
		walk_rest(w, "fragment data");
		return;
	}
	if (h->outcome == VMMQ_PARSE_TCP_TRUNCATED || h->outcome == VMMQ_PARSE_UDP_TRUNCATED) {
		walk_add(w, tcp ? 20 : 8, LAYER_BROKEN, tcp ? "TCP header" : "UDP header", "%s", "");
		return;
	}
	if (h->l4 != VMMQ_L4_OTHER) {
		walk_add_port(w, "source port");
		walk_add_port(w, "destination port");
		walk_ignore(w, tcp ? 16 : 4, tcp ? "rest of TCP header" : "rest of UDP header");
	}
	if (w->e->tunnelled && !w->inner)
		walk_tunnel(w);
	walk_rest(w, "payload");
}

static void add_ipv4_fragment(struct walk *w)
{
	unsigned word = walk_has(w, 2) ? walk_be16(walk_here(w)) : 0;
	unsigned offset = 8 * (word & 0x1fff);

	if (word & 0x3fff)
		walk_add(w, 2, LAYER_IP, "flags, offset", "fragment at %u, %s", offset,
			 word & 0x2000 ? "more" : "last");
	else
		walk_add(w, 2, LAYER_IP, "flags, offset", "not a fragment%s", word & 0x4000 ? " (DF)" : "");
}

static void walk_ipv4(struct walk *w)
{
	enum vmmq_parse_outcome outcome = (enum vmmq_parse_outcome)w->h->outcome;
	unsigned first = walk_has(w, 1) ? *walk_here(w) : 0;
	bool legal = outcome != VMMQ_PARSE_IPV4_VERSION && outcome != VMMQ_PARSE_IPV4_IHL;
	unsigned protocol;

	walk_add(w, 1, legal ? LAYER_IP : LAYER_BROKEN, "version, length", "version %u, %u bytes", first >> 4,
		 4 * (first & 15));
	if (!legal) {
		walk_rest(w, "rest of the frame");
		return;
	}
	walk_ignore(w, 5, "TOS, length, id");
	add_ipv4_fragment(w);
	walk_ignore(w, 1, "TTL");
	protocol = walk_has(w, 1) ? *walk_here(w) : 0;
	walk_add(w, 1, LAYER_IP, "protocol", "%u, %s", protocol, protocol_name(protocol));
	walk_ignore(w, 2, "checksum");
	add_address(w, 4, LAYER_IP, "source address");
	add_address(w, 4, LAYER_IP, "destination address");
	if ((first & 15) > 5)
		walk_add(w, 4 * (first & 15) - 20, LAYER_IP, "IP options", "skipped");
	if (outcome != VMMQ_PARSE_IPV4_TRUNCATED)
		walk_transport(w);
}

static bool is_extension(unsigned protocol)
{
	return protocol == 0 || protocol == 43 || protocol == 44 || protocol == 51 || protocol == 60 ||
	       protocol == 135;
}

/* walk_substitute cuts an extension header of len bytes around the address at offset inside the frame, if it is there. */
static void walk_substitute(struct walk *w, uint32_t len, uint32_t offset, const char *name, const char *address_name,
			    unsigned next)
{
	uint32_t end = w->at + len;
	bool found = offset >= w->at && offset < end;

	if (is_extension(next))
		walk_add(w, found ? offset - w->at : len, LAYER_EXTENSION, name, "%u bytes, then %u", len, next);
	else
		walk_add(w, found ? offset - w->at : len, LAYER_EXTENSION, name, "%u bytes, then %s", len,
			 protocol_name(next));
	if (!found)
		return;
	add_address(w, 16, LAYER_EXTENSION, address_name);
	if (w->at < end)
		walk_add(w, end - w->at, LAYER_EXTENSION, "more options", "skipped");
}

/* walk_offset counts an offset in the headers from the frame's first byte; 0 stays: there is none. */
static uint32_t walk_offset(const struct walk *w, uint32_t offset)
{
	return offset ? w->base + offset : 0;
}

static void walk_extension(struct walk *w, unsigned protocol)
{
	const struct vmmq_headers *h = w->h;
	const uint8_t *header = walk_here(w);
	uint32_t len = protocol == 51 ? (header[1] + 2u) * 4 : (header[1] + 1u) * 8;

	if (protocol == 60)
		walk_substitute(w, len, walk_offset(w, h->home_offset), protocol_name(protocol), "Home Address",
				header[0]);
	else if (protocol == 43)
		walk_substitute(w, len, walk_offset(w, h->rh2_offset), protocol_name(protocol), "type 2 routing addr",
				header[0]);
	else
		walk_substitute(w, len, 0, protocol_name(protocol), "", header[0]);
}

/* The header in which the parser gave up. */
static void add_broken_extension(struct walk *w, unsigned protocol)
{
	static const char *const value[VMMQ_PARSE_OUTCOME_COUNT] = {
		[VMMQ_PARSE_IPV6_EXT_TRUNCATED] = "cut off",
		[VMMQ_PARSE_IPV6_EXT_LIMIT] = "over 8 headers, 256 bytes",
		[VMMQ_PARSE_IPV6_ROUTING] = "wrong length or segments",
		[VMMQ_PARSE_IPV6_OPTION] = "an option is malformed",
	};
	uint32_t left = w->len - w->at;

	if (left)
		walk_add(w, left, LAYER_BROKEN, protocol_name(protocol), "%s", value[w->h->outcome]);
	else
		walk_add(w, 8, LAYER_BROKEN, protocol_name(protocol), "%s", "");
}

static void walk_ipv6(struct walk *w)
{
	const struct vmmq_headers *h = w->h;
	unsigned first = walk_has(w, 1) ? *walk_here(w) : 0, protocol;
	bool legal = h->outcome != VMMQ_PARSE_IPV6_VERSION;

	walk_add(w, 1, legal ? LAYER_IP : LAYER_BROKEN, "version", "version %u", first >> 4);
	if (!legal) {
		walk_rest(w, "rest of the frame");
		return;
	}
	walk_ignore(w, 5, "class, flow, length");
	protocol = walk_has(w, 1) ? *walk_here(w) : 0;
	walk_add(w, 1, LAYER_IP, "next header", "%u, %s", protocol, protocol_name(protocol));
	walk_ignore(w, 1, "hop limit");
	add_address(w, 16, LAYER_IP, "source address");
	add_address(w, 16, LAYER_IP, "destination address");
	if (h->outcome == VMMQ_PARSE_IPV6_TRUNCATED)
		return;
	for (unsigned i = 0; i < h->ext_count; i++) {
		unsigned next = *walk_here(w);

		walk_extension(w, protocol);
		protocol = next;
	}
	if (h->outcome >= VMMQ_PARSE_IPV6_EXT_TRUNCATED && h->outcome <= VMMQ_PARSE_IPV6_OPTION) {
		add_broken_extension(w, protocol);
		return;
	}
	if (h->fragment && w->at < w->len)
		walk_add(w, walk_has(w, 8) ? 8 : w->len - w->at, LAYER_EXTENSION, "fragment header",
			 "a fragment: stop here");
	walk_transport(w);
}

static void walk_network(struct walk *w)
{
	if (w->h->ethertype == 0x0800)
		walk_ipv4(w);
	else if (w->h->ethertype == 0x86dd)
		walk_ipv6(w);
}

static const char *tunnel_header_name(uint32_t type)
{
	static const char *const names[] = {
		[VMMQ_TUNNEL_VXLAN] = "VXLAN header",   [VMMQ_TUNNEL_NVGRE] = "NVGRE header",
		[VMMQ_TUNNEL_GENEVE] = "Geneve header", [VMMQ_TUNNEL_VXLAN_GPE] = "VXLAN-GPE header",
		[VMMQ_TUNNEL_GRE] = "GRE header",       [VMMQ_TUNNEL_GRE_UDP] = "GRE header",
		[VMMQ_TUNNEL_IPIP] = "IP in IP",
	};

	return names[type];
}

/* walk_tunnel labels the tunnel's header, and walks what is inside as the frame was walked. */
static void walk_tunnel(struct walk *w)
{
	const struct vmmq_tunnel *tunnel = &w->e->tunnel;
	struct walk inside = *w;

	if (!tunnel->offset) {
		walk_add(w, w->at < w->len ? w->len - w->at : 8, LAYER_BROKEN, tunnel_header_name(tunnel->type),
			 "not understood");
		return;
	}
	if (tunnel->vni)
		walk_add(w, tunnel->offset - w->at, LAYER_TUNNEL, tunnel_header_name(tunnel->type), "VNI %u",
			 tunnel->vni);
	else
		walk_add(w, tunnel->offset - w->at, LAYER_TUNNEL, tunnel_header_name(tunnel->type), "%s",
			 tunnel->ethernet ? "a frame" : "a packet");
	inside.at = inside.base = tunnel->offset;
	inside.h = &tunnel->inner;
	inside.inner = true;
	if (!tunnel->ethernet || walk_ethernet(&inside))
		walk_network(&inside);
	walk_rest(&inside, "rest of the frame");
	w->at = inside.at;
}

void explain_fields(struct explanation *e)
{
	struct walk w = { .e = e, .h = &e->headers, .frame = e->source->frame, .len = (uint32_t)e->source->len };

	if (walk_ethernet(&w))
		walk_network(&w);
	walk_rest(&w, "rest of the frame");
	for (unsigned i = 0; i < 4; i++) {
		const struct explain_field *part = explain_input_field(e, i);

		if (part)
			e->field[part - e->field].hashed = true;
	}
}
