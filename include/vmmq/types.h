/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The small types that everything else is written in: ids, hash types, drop reasons, and how a target was chosen.
 * Rules: spec sections 1, 6.1 and 8 (docs/spec.md).
 */
#ifndef VMMQ_TYPES_H
#define VMMQ_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define VMMQ_API __attribute__((visibility("default")))
#else
#define VMMQ_API
#endif

/* A VPort's id: 16 bits beside a packet (spec 8.1).  0 is the default VPort. */
struct vmmq_vport_id {
	uint16_t v;
};
#define VMMQ_DEFAULT_VPORT ((struct vmmq_vport_id){ 0 })

/*
 * A processor, by its Linux CPU number.  NDIS names the same one by group and number:
 * group = v / 64, number = v % 64, so "1:16" is 80.  Range 0 to 65535; the core never asks whether it exists.
 */
struct vmmq_processor {
	uint16_t v;
};
#define VMMQ_PROCESSORS_PER_GROUP 64u

/*
 * Hash types: NDIS_HASH_* bits as they stand beside a packet and in requests (spec 6.1).
 *   X(name, bit, JSON and YAML name, bytes hashed)
 * A set of types is the OR of the bits; 0 beside a packet means "not hashed".
 */
/* clang-format off */
#define VMMQ_HASH_TYPES(X) \
	X(IPV4,        0x00000100u, "ipv4",         8) \
	X(TCP_IPV4,    0x00000200u, "tcp_ipv4",    12) \
	X(IPV6,        0x00000400u, "ipv6",        32) \
	X(IPV6_EX,     0x00000800u, "ipv6_ex",     32) \
	X(TCP_IPV6,    0x00001000u, "tcp_ipv6",    36) \
	X(TCP_IPV6_EX, 0x00002000u, "tcp_ipv6_ex", 36) \
	X(UDP_IPV4,    0x00004000u, "udp_ipv4",    12) \
	X(UDP_IPV6,    0x00008000u, "udp_ipv6",    36) \
	X(UDP_IPV6_EX, 0x00010000u, "udp_ipv6_ex", 36)
/* clang-format on */

enum vmmq_hash_type {
	VMMQ_HASH_NONE = 0,
#define X(name, bit, text, bytes) VMMQ_HASH_##name = (int)(bit),
	VMMQ_HASH_TYPES(X)
#undef X
};
#define VMMQ_HASH_TYPE_COUNT 9
#define VMMQ_HASH_TYPE_MASK  0x0001ff00u
/* Beside a packet: the headers that were hashed are those inside a tunnel (spec 16).  No type; NDIS has no bit for it. */
#define VMMQ_HASH_INNER 0x80000000u
/* What a VPort hashes unless told otherwise: every type but the _EX ones. */
#define VMMQ_HASH_TYPES_DEFAULT                                                                                      \
	(VMMQ_HASH_IPV4 | VMMQ_HASH_TCP_IPV4 | VMMQ_HASH_UDP_IPV4 | VMMQ_HASH_IPV6 | VMMQ_HASH_TCP_IPV6 |            \
	 VMMQ_HASH_UDP_IPV6)

/* The hash function bits that stand beside the type bits (spec 6.1).  Toeplitz is the only one in use. */
#define VMMQ_HASH_FUNCTION_MASK     0x000000ffu
#define VMMQ_HASH_FUNCTION_TOEPLITZ 0x00000001u

/* vmmq_hash_type_name returns the JSON name of one type bit, or NULL when type is not exactly one known bit. */
VMMQ_API const char *vmmq_hash_type_name(uint32_t type);
/* vmmq_hash_type_parse returns the type bit that the JSON name stands for, or 0. */
VMMQ_API uint32_t vmmq_hash_type_parse(const char *name);
/* vmmq_hash_type_bytes returns how many bytes one type hashes, 8 to 36, or 0 for an unknown one. */
VMMQ_API unsigned vmmq_hash_type_bytes(uint32_t type);

/*
 * How a packet's processor was chosen.
 *   X(name, JSON name, meaning)
 */
/* clang-format off */
#define VMMQ_VIAS(X) \
	X(TABLE,   "table",   "the indirection table entry that the hash selects") \
	X(DEFAULT, "default", "the VPort's default processor: RSS is on but no hash could be computed") \
	X(PRIMARY, "primary", "the VPort's primary processor: RSS is off")
/* clang-format on */

enum vmmq_via {
#define X(name, text, meaning) VMMQ_VIA_##name,
	VMMQ_VIAS(X)
#undef X
	    VMMQ_VIA_COUNT
};
VMMQ_API const char *vmmq_via_name(enum vmmq_via via);

/*
 * Why a packet stops.  One row gives the enum, the JSON and metric name, and the manual's line.
 * Every counter set keeps: received = indicated + sum of drops.
 *   X(name, JSON name, meaning)
 */
/* clang-format off */
#define VMMQ_DROPS(X) \
	X(NONE, "none", "not dropped") \
	X(RUNT, "runt", "the frame ends inside its Ethernet header or inside its outermost VLAN tag") \
	X(INBOX_FULL, "inbox_full", "the target processor's inbox was full") \
	X(SHARE_FULL, "share_full", "the VPort's share of the target processor's inbox was used up") \
	X(NO_BUFFER, "no_buffer", "its tag had to be taken out of a copy, and there was no buffer for one")
/* clang-format on */

enum vmmq_drop {
#define X(name, text, meaning) VMMQ_DROP_##name,
	VMMQ_DROPS(X)
#undef X
	    VMMQ_DROP_COUNT
};
VMMQ_API const char *vmmq_drop_name(enum vmmq_drop drop);
VMMQ_API const char *vmmq_drop_meaning(enum vmmq_drop drop);

#ifdef __cplusplus
}
#endif
#endif
