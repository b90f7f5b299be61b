/* SPDX-License-Identifier: BSD-2-Clause */
/* Sizes and numbers of the headers, for the parser and its burst twin. */
#ifndef VMMQ_CORE_WIRE_FORMAT_H
#define VMMQ_CORE_WIRE_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

enum {
	ETHERNET_LEN = 14,
	TAG_LEN = 4,
	IPV4_LEN_MIN = 20,
	IPV6_LEN = 40,
	IPV4_ADDRESS_LEN = 4,
	IPV6_ADDRESS_LEN = 16,
	TCP_LEN = 20,
	UDP_LEN = 8,
	PORTS_LEN = 4,
};

enum {
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_BRIDGING = 0x6558, /* an Ethernet frame in a tunnel */
	ETHERTYPE_DOT1Q = 0x8100,
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_DOT1AD = 0x88a8,
};

enum {
	PROTO_IPIP = 4,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_IPV6 = 41,
	PROTO_GRE = 47,
};

#define VID_MASK           0x0fffu
#define IPV4_FRAGMENT_MASK 0x3fffu /* more-fragments flag and offset */

static inline bool ethertype_is_tag(uint16_t ethertype)
{
	return ethertype == ETHERTYPE_DOT1Q || ethertype == ETHERTYPE_DOT1AD;
}

#endif
