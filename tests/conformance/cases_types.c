/* SPDX-License-Identifier: BSD-2-Clause */
/* Which hash type applies (spec 6.3): every class of packets, with every valid combination of types (6.2). */
#include "cases_types.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { IP4 = 14, IP6 = 14, BEHIND_IP6 = 14 + 40 };

/* A class: how its packets are made of a plain one, and what 6.3 asks of them. */
struct class
{
	const char *name;
	enum kind kind;
	void (*make)(struct frame *frame);
	bool broken;               /* cannot be interpreted */
	bool fragment;             /* addresses only */
	const uint8_t *home, *rh2; /* what the _EX types hash instead */
};

static void insert(struct frame *frame, size_t at, const uint8_t *bytes, size_t len)
{
	memmove(frame->byte + at + len, frame->byte + at, frame->len - at);
	memcpy(frame->byte + at, bytes, len);
	frame->len += len;
}

/* extend puts an extension header, all of it but its first byte, before what follows the IPv6 header. */
static void extend(struct frame *frame, uint8_t type, const uint8_t *header, size_t len)
{
	uint8_t next = frame->byte[IP6 + 6];

	frame->byte[IP6 + 6] = type;
	insert(frame, BEHIND_IP6, header, len);
	frame->byte[BEHIND_IP6] = next;
}

static const uint8_t home_address[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x77 };
static const uint8_t final_address[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x99 };

static void plain(struct frame *frame)
{
	(void)frame;
}
static void first_fragment(struct frame *frame)
{
	frame->byte[IP4 + 6] = 0x20;
}
static void middle_fragment(struct frame *frame)
{
	frame->byte[IP4 + 6] = 0x20;
	frame->byte[IP4 + 7] = 9;
}
static void last_fragment(struct frame *frame)
{
	frame->byte[IP4 + 7] = 9;
}
static void options(struct frame *frame)
{
	frame->byte[IP4] = 0x47;
	insert(frame, IP4 + 20, (const uint8_t[8]){ 1, 1, 1, 1, 1, 1, 1, 0 }, 8);
}
static void cut_ports(struct frame *frame)
{
	frame->len = IP4 + 20 + 3;
}
static void cut_ip4(struct frame *frame)
{
	frame->len = IP4 + 19;
}
static void small_ihl(struct frame *frame)
{
	frame->byte[IP4] = 0x44;
}
static void version_6(struct frame *frame)
{
	frame->byte[IP4] = 0x65;
}
static void hop_by_hop(struct frame *frame)
{
	extend(frame, 0, (const uint8_t[8]){ 0, 0, 1, 4 }, 8);
}
static void authentication(struct frame *frame)
{
	extend(frame, 51, (const uint8_t[24]){ 0, 4 }, 24); /* (4 + 2) * 4 bytes */
}
static void fragment6(struct frame *frame)
{
	extend(frame, 44, (const uint8_t[8]){ 0, 0, 0, 1, 0, 0, 0, 5 }, 8);
}
static void atomic6(struct frame *frame)
{
	extend(frame, 44, (const uint8_t[8]){ 0 }, 8);
}
static void home(struct frame *frame)
{
	uint8_t header[24] = { 0, 2, 1, 2, 0, 0, 0xc9, 16 };

	memcpy(header + 8, home_address, 16);
	extend(frame, 60, header, sizeof(header));
}
static void routing(struct frame *frame)
{
	uint8_t header[24] = { 0, 2, 2, 1 };

	memcpy(header + 8, final_address, 16);
	extend(frame, 43, header, sizeof(header));
}
static void home_and_routing(struct frame *frame)
{
	home(frame);
	routing(frame);
}
static void bad_routing(struct frame *frame)
{
	extend(frame, 43, (const uint8_t[24]){ 0, 2, 2, 2 }, 24); /* two segments left */
}
static void cut_extension(struct frame *frame)
{
	hop_by_hop(frame);
	frame->len = BEHIND_IP6 + 7;
}

static const struct class classes[] = {
	{ "IPv4 TCP", TCP4, plain, false, false, NULL, NULL },
	{ "IPv4 UDP", UDP4, plain, false, false, NULL, NULL },
	{ "IPv4 ICMP", ICMP4, plain, false, false, NULL, NULL },
	{ "IPv4 TCP, first fragment", TCP4, first_fragment, false, true, NULL, NULL },
	{ "IPv4 UDP, first fragment", UDP4, first_fragment, false, true, NULL, NULL },
	{ "IPv4 UDP, middle fragment", UDP4, middle_fragment, false, true, NULL, NULL },
	{ "IPv4 TCP, last fragment", TCP4, last_fragment, false, true, NULL, NULL },
	{ "IPv4 TCP with options", TCP4, options, false, false, NULL, NULL },
	{ "IPv4 UDP with options", UDP4, options, false, false, NULL, NULL },
	{ "IPv4 TCP, ports cut off", TCP4, cut_ports, true, false, NULL, NULL },
	{ "IPv4 UDP, ports cut off", UDP4, cut_ports, true, false, NULL, NULL },
	{ "IPv4 header cut off", TCP4, cut_ip4, true, false, NULL, NULL },
	{ "IPv4 with IHL 4", TCP4, small_ihl, true, false, NULL, NULL },
	{ "IPv4 with version 6", TCP4, version_6, true, false, NULL, NULL },
	{ "ARP", ARP, plain, true, false, NULL, NULL },
	{ "IPv6 TCP", TCP6, plain, false, false, NULL, NULL },
	{ "IPv6 UDP", UDP6, plain, false, false, NULL, NULL },
	{ "IPv6 ICMP", ICMP6, plain, false, false, NULL, NULL },
	{ "IPv6 TCP behind hop-by-hop options", TCP6, hop_by_hop, false, false, NULL, NULL },
	{ "IPv6 UDP behind an authentication header", UDP6, authentication, false, false, NULL, NULL },
	{ "IPv6 UDP, fragment", UDP6, fragment6, false, true, NULL, NULL },
	{ "IPv6 TCP, atomic fragment", TCP6, atomic6, false, true, NULL, NULL },
	{ "IPv6 TCP with a Home Address", TCP6, home, false, false, home_address, NULL },
	{ "IPv6 UDP with a type 2 routing header", UDP6, routing, false, false, NULL, final_address },
	{ "IPv6 ICMP with both", ICMP6, home_and_routing, false, false, home_address, final_address },
	{ "IPv6 with a routing header that is wrong", TCP6, bad_routing, true, false, NULL, NULL },
	{ "IPv6 with an extension header cut off", TCP6, cut_extension, true, false, NULL, NULL },
};

/* Types of a family in the order L3, TCP, UDP. */
static const uint32_t family[][3] = {
	{ VMMQ_HASH_IPV4, VMMQ_HASH_TCP_IPV4, VMMQ_HASH_UDP_IPV4 },
	{ VMMQ_HASH_IPV6, VMMQ_HASH_TCP_IPV6, VMMQ_HASH_UDP_IPV6 },
	{ VMMQ_HASH_IPV6_EX, VMMQ_HASH_TCP_IPV6_EX, VMMQ_HASH_UDP_IPV6_EX },
};
enum { L3, TCP, UDP };

/* valid: the documented combinations of one family (6.2), and none. */
static uint32_t valid(const uint32_t types[3], unsigned i)
{
	const uint32_t combination[] = {
		0,
		types[L3],
		types[TCP],
		types[UDP],
		types[TCP] | types[L3],
		types[UDP] | types[L3],
		types[TCP] | types[UDP] | types[L3],
	};

	return combination[i];
}

static unsigned transport(const struct class *class)
{
	if (class->fragment || class->kind == ICMP4 || class->kind == ICMP6)
		return L3;
	return class->kind == TCP4 || class->kind == TCP6 ? TCP : UDP;
}

/* applied is the procedure of 6.3. */
static uint32_t applied(const struct class *class, uint32_t types)
{
	bool v6 = kind_is_v6(class->kind);
	unsigned wanted[] = { transport(class), L3 };

	if (class->broken)
		return 0;
	for (unsigned i = 0; i < 2; i++) {
		if (v6 && types & family[2][wanted[i]])
			return family[2][wanted[i]];
		if (types & family[v6][wanted[i]])
			return family[v6][wanted[i]];
	}
	return 0;
}

static bool is_l3(uint32_t type)
{
	return type & (VMMQ_HASH_IPV4 | VMMQ_HASH_IPV6 | VMMQ_HASH_IPV6_EX);
}

static uint32_t hash_of(const struct class *class, uint32_t type, const struct shape *shape)
{
	bool substituted = type & (VMMQ_HASH_IPV6_EX | VMMQ_HASH_TCP_IPV6_EX | VMMQ_HASH_UDP_IPV6_EX);
	struct shape other = *shape;
	struct frame base = frame_make(mac_of(1), shape);
	uint8_t tuple[36];

	if (!substituted || !kind_is_v6(class->kind))
		return shape_hash(well_known_key, shape, !is_l3(type));
	memcpy(tuple, base.byte + IP6 + 8, sizeof(tuple)); /* addresses and ports stand one behind the other */
	if (class->home)
		memcpy(tuple, class->home, 16);
	if (class->rh2)
		memcpy(tuple + 16, class->rh2, 16);
	other.tuple = tuple;
	return shape_hash(well_known_key, &other, !is_l3(type));
}

static void try(struct trial *t, const struct class *class, uint32_t types)
{
	const struct shape shape = { .kind = class->kind, .sport = 2794 };
	struct frame frame = frame_make(mac_of(1), &shape);
	uint32_t type = applied(class, types), hash = type ? hash_of(class, type, &shape) : 0;
	const struct vmmq_conformance_packet *p;
	uint16_t processor;

	class->make(&frame);
	p = &receive_one(t, &frame)->packet;
	processor = type ? rss_params().table[hash % 4] : 7;
	CHECK(t, p->hash_type == type && p->hash == hash && p->hash_function == (type ? 1u : 0u),
	      "%s with types 0x%x: type 0x%x, hash 0x%08x; expected 0x%x, 0x%08x", class->name, types, p->hash_type,
	      p->hash, type, hash);
	CHECK(t, p->processor == processor && p->vport == 1,
	      "%s with types 0x%x: VPort %u, processor %u; expected 1, %u", class->name, types, p->vport,
	      p->processor, processor);
}

void types_all(struct trial *t)
{
	struct rss rss = rss_params();
	void *mark;

	vport_ready(t, 1);
	mark = t->memory;
	for (unsigned i = 1; i < 7 * 7 * 7; i++) {
		uint32_t types = valid(family[0], i % 7) | valid(family[1], i / 7 % 7) | valid(family[2], i / 49);

		rss.information = types | 1;
		DONE(t, rss_set(t, 1, &rss));
		trial_release(t, mark);
		for (unsigned c = 0; c < COUNT(classes); c++)
			try(t, &classes[c], types);
	}
}
