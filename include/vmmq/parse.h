/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Headers of a frame, as far as receive side scaling cares.
 * Rules: spec sections 4.3 (VLAN), 5.3 (edge cases), 6.3 and 6.4 (IPv6 extension walk).
 */
#ifndef VMMQ_PARSE_H
#define VMMQ_PARSE_H

#include <vmmq/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VMMQ_MAC_LEN              6
#define VMMQ_VLAN_TAGS_MAX        8   /* tags walked, the outermost included; beyond: TAG_STACK */
#define VMMQ_IPV6_EXT_HEADERS_MAX 8   /* extension headers walked; beyond: IPV6_EXT_LIMIT */
#define VMMQ_IPV6_EXT_BYTES_MAX   256 /* and their bytes */

/* What kind of packet the network header makes it. */
enum vmmq_l3 {
	VMMQ_L3_NONE, /* not IP, or cannot be interpreted: never hashed */
	VMMQ_L3_IPV4,
	VMMQ_L3_IPV6,
};

/* What may be hashed beyond the addresses. */
enum vmmq_l4 {
	VMMQ_L4_OTHER, /* also every fragment: addresses only */
	VMMQ_L4_TCP,
	VMMQ_L4_UDP,
};

/*
 * How far the parser came.  OK: hashable.  Every other outcome leaves l3 = NONE: "cannot be interpreted, no hash".
 *   X(name, JSON name, spec section, what a person is told)
 */
/* clang-format off */
#define VMMQ_PARSE_OUTCOMES(X) \
	X(OK,               "ok",                 "6.3", "the headers were understood") \
	X(RUNT,             "runt",               "5.3", "the frame ends inside its Ethernet header or outermost tag") \
	X(NOT_IP,           "not_ip",             "5.3", "the frame does not carry IP") \
	X(TAG_STACK,        "tag_stack",          "5.3", "more VLAN tags than are walked, or a tag that is cut off") \
	X(IPV4_TRUNCATED,   "ipv4_truncated",     "5.3", "the IPv4 header is cut off") \
	X(IPV4_VERSION,     "ipv4_version",       "5.3", "the version nibble of the IPv4 header is not 4") \
	X(IPV4_IHL,         "ipv4_ihl",           "5.3", "the IPv4 header length is below 5 words") \
	X(IPV6_TRUNCATED,   "ipv6_truncated",     "5.3", "the IPv6 header is cut off") \
	X(IPV6_VERSION,     "ipv6_version",       "5.3", "the version nibble of the IPv6 header is not 6") \
	X(IPV6_EXT_TRUNCATED, "ipv6_ext_truncated", "6.4", "an IPv6 extension header is cut off") \
	X(IPV6_EXT_LIMIT,   "ipv6_ext_limit",     "6.4", "more IPv6 extension headers than are walked") \
	X(IPV6_ROUTING,     "ipv6_routing",       "6.4", "a type 2 routing header is not 24 bytes with 1 segment left") \
	X(IPV6_OPTION,      "ipv6_option",        "6.4", "a destination option overruns its header, or a Home Address option is not 16 bytes") \
	X(TCP_TRUNCATED,    "tcp_truncated",      "5.3", "the TCP header is cut off, and a 2-tuple would split the flow") \
	X(UDP_TRUNCATED,    "udp_truncated",      "5.3", "the UDP header is cut off, and a 2-tuple would split the flow")
/* clang-format on */

enum vmmq_parse_outcome {
#define X(name, text, section, sentence) VMMQ_PARSE_##name,
	VMMQ_PARSE_OUTCOMES(X)
#undef X
	    VMMQ_PARSE_OUTCOME_COUNT
};
VMMQ_API const char *vmmq_parse_outcome_name(enum vmmq_parse_outcome outcome);
VMMQ_API const char *vmmq_parse_outcome_section(enum vmmq_parse_outcome outcome);
VMMQ_API const char *vmmq_parse_outcome_sentence(enum vmmq_parse_outcome outcome);

/*
 * struct vmmq_headers: where things are in a frame.  All offsets count from the frame's first byte and are valid
 * only as said; nothing points into the frame, so it may be copied and outlive it.
 */
struct vmmq_headers {
	uint8_t outcome;   /* enum vmmq_parse_outcome */
	uint8_t l3;        /* enum vmmq_l3 */
	uint8_t l4;        /* enum vmmq_l4; OTHER when fragment is set */
	bool fragment;     /* IPv4 MF or offset, or an IPv6 fragment header, "atomic" ones too */
	bool tagged;       /* the outermost tag exists; tpid and tci are valid */
	uint8_t tag_count; /* tags walked, at most VMMQ_VLAN_TAGS_MAX */
	uint8_t ext_count; /* IPv6 extension headers skipped; the fragment header is not counted */
	uint8_t protocol; /* the last protocol or next-header number met; with l3 = NONE, as far as the parser came */
	uint16_t tpid;    /* of the outermost tag: 0x8100 or 0x88a8 */
	uint16_t tci;     /* its priority:3, DEI:1, VID:12, host order */
	uint16_t ethertype;      /* after all tags, host order; below 0x0600 it is an 802.3 length */
	uint16_t l3_offset;      /* first byte after the Ethernet header and its tags */
	uint16_t src_offset;     /* source address, 4 or 16 bytes; l3 != NONE */
	uint16_t dst_offset;     /* destination address */
	uint16_t home_offset;    /* Home Address option's address; 0: none (substitutes the source, spec 6.4) */
	uint16_t rh2_offset;     /* type 2 routing header's address; 0: none (substitutes the destination) */
	uint16_t l4_offset;      /* ports, 4 bytes; l4 != OTHER */
	uint16_t payload_offset; /* what the network header and its extensions carry; l3 != NONE and no fragment */
};

/*
 * vmmq_parse reads the headers of one frame.
 * frame: its first len bytes, any alignment; len may be 0 and may end anywhere.  Total: any bytes give an outcome, no
 * byte beyond len is read.  Only the bytes present count: IP total and payload lengths and all checksums are ignored,
 * as a NIC that hashes on the fly ignores them.
 * The outermost tag (802.1Q or 802.1ad) is the one that filters look at; further tags are skipped.
 * Returns headers->outcome.  Thread-safe, no side effects.
 */
VMMQ_API enum vmmq_parse_outcome vmmq_parse(const uint8_t *frame, size_t len, struct vmmq_headers *headers);

#ifdef __cplusplus
}
#endif
#endif
