/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From bytes to headers: Ethernet and its tags, IPv4 or IPv6 with extension headers, TCP or UDP.
 * Each step reads only after it has checked that the bytes are there.
 */
#include <assert.h>
#include <vmmq/parse.h>

#include "core/bytes.h"
#include "core/parse_network.h"
#include "core/wire_format.h"

enum {
	PROTO_HOPOPTS = 0,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_AH = 51,
	PROTO_DSTOPTS = 60,
	PROTO_MOBILITY = 135,
};

#define ROUTING_TYPE_2      2
#define ROUTING_TYPE_2_LEN  24
#define OPTION_PAD1         0x00
#define OPTION_HOME_ADDRESS 0xc9

/* The deepest header the walk can reach fits the 16-bit offsets. */
static_assert(ETHERNET_LEN + TAG_LEN * VMMQ_VLAN_TAGS_MAX + IPV6_LEN + VMMQ_IPV6_EXT_BYTES_MAX + TCP_LEN < UINT16_MAX,
	      "offsets");

static enum vmmq_parse_outcome parse_ethernet(const uint8_t *frame, size_t len, struct vmmq_headers *h)
{
	size_t at = ETHERNET_LEN;

	if (len < ETHERNET_LEN)
		return VMMQ_PARSE_RUNT;
	h->ethertype = load_be16(frame + 12);
	while (ethertype_is_tag(h->ethertype)) {
		if (h->tag_count == VMMQ_VLAN_TAGS_MAX)
			return VMMQ_PARSE_TAG_STACK;
		if (len < at + TAG_LEN)
			return h->tagged ? VMMQ_PARSE_TAG_STACK : VMMQ_PARSE_RUNT;
		if (!h->tagged) {
			h->tagged = true;
			h->tpid = h->ethertype;
			h->tci = load_be16(frame + at);
		}
		h->tag_count++;
		h->ethertype = load_be16(frame + at + 2);
		at += TAG_LEN;
	}
	h->l3_offset = (uint16_t)at;
	return VMMQ_PARSE_OK;
}

/* parse_l4 looks for the whole TCP or UDP header at offset at; any other protocol needs none. */
static enum vmmq_parse_outcome parse_l4(size_t len, size_t at, struct vmmq_headers *h)
{
	h->payload_offset = (uint16_t)at;
	switch (h->protocol) {
	case PROTO_TCP:
		if (len < at + TCP_LEN)
			return VMMQ_PARSE_TCP_TRUNCATED;
		h->l4 = VMMQ_L4_TCP;
		break;
	case PROTO_UDP:
		if (len < at + UDP_LEN)
			return VMMQ_PARSE_UDP_TRUNCATED;
		h->l4 = VMMQ_L4_UDP;
		break;
	default:
		return VMMQ_PARSE_OK;
	}
	h->l4_offset = (uint16_t)at;
	return VMMQ_PARSE_OK;
}

static enum vmmq_parse_outcome parse_ipv4(const uint8_t *frame, size_t len, struct vmmq_headers *h)
{
	const uint8_t *ip = frame + h->l3_offset;
	size_t header_len;

	if (len < h->l3_offset + (size_t)IPV4_LEN_MIN)
		return VMMQ_PARSE_IPV4_TRUNCATED;
	if (ip[0] >> 4 != 4)
		return VMMQ_PARSE_IPV4_VERSION;
	header_len = 4u * (ip[0] & 0x0f);
	if (header_len < IPV4_LEN_MIN)
		return VMMQ_PARSE_IPV4_IHL;
	if (len < h->l3_offset + header_len)
		return VMMQ_PARSE_IPV4_TRUNCATED;
	h->src_offset = h->l3_offset + 12;
	h->dst_offset = h->l3_offset + 16;
	h->protocol = ip[9];
	h->fragment = load_be16(ip + 6) & IPV4_FRAGMENT_MASK;
	return h->fragment ? VMMQ_PARSE_OK : parse_l4(len, h->l3_offset + header_len, h);
}

/* parse_destination_options looks for a Home Address in the options between at and end. */
static enum vmmq_parse_outcome parse_destination_options(const uint8_t *frame, size_t at, size_t end,
							 struct vmmq_headers *h)
{
	while (at < end) {
		size_t option_len;

		if (frame[at] == OPTION_PAD1) {
			at++;
			continue;
		}
		if (end - at < 2)
			return VMMQ_PARSE_IPV6_OPTION;
		option_len = frame[at + 1];
		if (end - at < 2 + option_len)
			return VMMQ_PARSE_IPV6_OPTION;
		if (frame[at] == OPTION_HOME_ADDRESS) {
			if (option_len != IPV6_ADDRESS_LEN)
				return VMMQ_PARSE_IPV6_OPTION;
			h->home_offset = (uint16_t)(at + 2);
		}
		at += 2 + option_len;
	}
	return VMMQ_PARSE_OK;
}

static enum vmmq_parse_outcome parse_routing(const uint8_t *frame, size_t at, size_t header_len,
					     struct vmmq_headers *h)
{
	if (frame[at + 2] != ROUTING_TYPE_2)
		return VMMQ_PARSE_OK;
	if (header_len != ROUTING_TYPE_2_LEN || frame[at + 3] != 1)
		return VMMQ_PARSE_IPV6_ROUTING;
	h->rh2_offset = (uint16_t)(at + 8);
	return VMMQ_PARSE_OK;
}

static bool ipv6_extension_is_skipped(uint8_t protocol)
{
	return protocol == PROTO_HOPOPTS || protocol == PROTO_ROUTING || protocol == PROTO_DSTOPTS ||
	       protocol == PROTO_AH || protocol == PROTO_MOBILITY;
}

/* parse_ipv6_extensions walks from *at to the first header that is not skipped, and leaves *at there. */
static enum vmmq_parse_outcome parse_ipv6_extensions(const uint8_t *frame, size_t len, size_t *at,
						     struct vmmq_headers *h)
{
	const size_t first = *at;

	while (ipv6_extension_is_skipped(h->protocol)) {
		enum vmmq_parse_outcome outcome = VMMQ_PARSE_OK;
		size_t header_len;

		if (len < *at + 2)
			return VMMQ_PARSE_IPV6_EXT_TRUNCATED;
		header_len = h->protocol == PROTO_AH ? (frame[*at + 1] + 2u) * 4 : (frame[*at + 1] + 1u) * 8;
		if (h->ext_count == VMMQ_IPV6_EXT_HEADERS_MAX || *at + header_len - first > VMMQ_IPV6_EXT_BYTES_MAX)
			return VMMQ_PARSE_IPV6_EXT_LIMIT;
		if (len < *at + header_len)
			return VMMQ_PARSE_IPV6_EXT_TRUNCATED;
		if (h->protocol == PROTO_ROUTING)
			outcome = parse_routing(frame, *at, header_len, h);
		else if (h->protocol == PROTO_DSTOPTS)
			outcome = parse_destination_options(frame, *at + 2, *at + header_len, h);
		if (outcome != VMMQ_PARSE_OK)
			return outcome;
		h->protocol = frame[*at];
		h->ext_count++;
		*at += header_len;
	}
	return VMMQ_PARSE_OK;
}

static enum vmmq_parse_outcome parse_ipv6(const uint8_t *frame, size_t len, struct vmmq_headers *h)
{
	const uint8_t *ip = frame + h->l3_offset;
	size_t at = h->l3_offset + (size_t)IPV6_LEN;
	enum vmmq_parse_outcome outcome;

	if (len < at)
		return VMMQ_PARSE_IPV6_TRUNCATED;
	if (ip[0] >> 4 != 6)
		return VMMQ_PARSE_IPV6_VERSION;
	h->src_offset = h->l3_offset + 8;
	h->dst_offset = h->l3_offset + 24;
	h->protocol = ip[6];
	outcome = parse_ipv6_extensions(frame, len, &at, h);
	if (outcome != VMMQ_PARSE_OK)
		return outcome;
	h->fragment = h->protocol == PROTO_FRAGMENT;
	return h->fragment ? VMMQ_PARSE_OK : parse_l4(len, at, h);
}

enum vmmq_parse_outcome parse_network(const uint8_t *frame, size_t len, struct vmmq_headers *h)
{
	enum vmmq_parse_outcome outcome;

	switch (h->ethertype) {
	case ETHERTYPE_IPV4:
		outcome = parse_ipv4(frame, len, h);
		h->l3 = outcome == VMMQ_PARSE_OK ? VMMQ_L3_IPV4 : VMMQ_L3_NONE;
		return outcome;
	case ETHERTYPE_IPV6:
		outcome = parse_ipv6(frame, len, h);
		h->l3 = outcome == VMMQ_PARSE_OK ? VMMQ_L3_IPV6 : VMMQ_L3_NONE;
		return outcome;
	default:
		return VMMQ_PARSE_NOT_IP;
	}
}

enum vmmq_parse_outcome vmmq_parse(const uint8_t *frame, size_t len, struct vmmq_headers *headers)
{
	enum vmmq_parse_outcome outcome;

	*headers = (struct vmmq_headers){ 0 };
	outcome = parse_ethernet(frame, len, headers);
	if (outcome == VMMQ_PARSE_OK)
		outcome = parse_network(frame, len, headers);
	headers->outcome = (uint8_t)outcome;
	return outcome;
}
