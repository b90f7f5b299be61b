/* SPDX-License-Identifier: BSD-2-Clause */
/* Flows in words, and the frames that they stand for: "tcp 192.0.2.1:1024 > 192.0.2.2:80". */
#ifndef VMMQ_VMMQ_INPUT_FLOW_TEXT_H
#define VMMQ_VMMQ_INPUT_FLOW_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLOW_ERROR_MAX 256 /* size of an error */
#define FLOW_FRAME_MAX 128 /* bytes of the longest frame */

/* An address and perhaps a port: "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80". */
struct endpoint {
	uint8_t address[16]; /* wire order; IPv4 uses the first 4 bytes */
	bool ipv6;
	bool has_port;
	uint16_t port;
};

/* endpoint_parse returns false with error set (a sentence without a final stop). */
bool endpoint_parse(const char *text, struct endpoint *endpoint, char error[FLOW_ERROR_MAX]);

/* endpoint_address_len returns 4 or 16. */
size_t endpoint_address_len(const struct endpoint *endpoint);

enum flow_protocol {
	FLOW_TCP,
	FLOW_UDP,
	FLOW_ICMP, /* ICMPv6 between IPv6 addresses */
	FLOW_SCTP,
};

struct flow {
	enum flow_protocol protocol;
	bool fragment; /* the first one of a datagram when there are ports, a later one otherwise */
	struct endpoint source, destination;
};

/*
 * flow_parse reads "[fragment] tcp|udp|icmp|sctp SOURCE > DESTINATION"; "->" stands for ">" too.  TCP, UDP and SCTP need
 * ports, but for fragments.  Returns false with error set.
 */
bool flow_parse(const char *text, struct flow *flow, char error[FLOW_ERROR_MAX]);

/*
 * flow_frame writes the Ethernet frame of one packet of the flow, with correct lengths and checksums, and returns how
 * many bytes it has.  mac: the destination's.  tci: the 802.1Q tag's value, or -1 for no tag.  A TCP packet has the ACK
 * flag and no data, an ICMP packet is an echo request, and a fragment carries 16 bytes, the
 * ports and zeros.
 */
size_t flow_frame(const struct flow *flow, const uint8_t mac[6], int tci, uint8_t frame[FLOW_FRAME_MAX]);

#endif
