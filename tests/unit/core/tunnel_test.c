/* SPDX-License-Identifier: BSD-2-Clause */
/* What is inside tunnels of every kind is found, and hashed as spec 16 says; whatever the bytes are, nothing is read behind them. */
#include "unit/core/tunnel_frames.h"

#include "unit/core/classify_rig.h"
#include "unit/core/test_random.h"

enum { FRAME_MAX = GOLDEN_FRAME_LEN_MAX + TUNNEL_OUTER_MAX };

static const uint8_t mac[] = { 2, 0, 0, 0, 0, 9 };
static const uint32_t types[] = { VMMQ_TUNNEL_VXLAN, VMMQ_TUNNEL_NVGRE,   VMMQ_TUNNEL_GENEVE, VMMQ_TUNNEL_VXLAN_GPE,
				  VMMQ_TUNNEL_GRE,   VMMQ_TUNNEL_GRE_UDP, VMMQ_TUNNEL_IPIP };
static const struct vmmq_encapsulation all = { VMMQ_TUNNEL_MASK, 4789 };

struct tunnelled {
	uint8_t data[FRAME_MAX];
	size_t len, inner_at;
};

/* tunnelled_make puts a golden frame, or its packet where the tunnel carries no Ethernet, into a tunnel. */
static struct tunnelled tunnelled_make(const struct tunnel_outer *outer, const struct golden_frame *inner)
{
	size_t skipped = outer->carries == 0x6558 ? 0 : inner->headers.l3_offset;
	struct tunnelled t;

	t.inner_at = tunnel_write(t.data, mac, outer);
	memcpy(t.data + t.inner_at, inner->data + skipped, inner->len - skipped);
	t.len = t.inner_at + inner->len - skipped;
	return t;
}

/* look parses a copy that ends where its allocation ends. */
static bool look(const uint8_t *data, size_t len, const struct vmmq_encapsulation *on, struct vmmq_headers *headers,
		 struct vmmq_tunnel *tunnel)
{
	uint8_t *exact = malloc(len ? len : 1);
	bool found;

	memcpy(exact, data, len);
	memset(tunnel, 0xa5, sizeof(*tunnel));
	vmmq_parse(exact, len, headers);
	found = vmmq_parse_tunnel(exact, len, headers, on, tunnel);
	assert_memory_equal(exact, data, len);
	free(exact);
	return found;
}

static bool carries_packets(uint32_t type)
{
	return type != VMMQ_TUNNEL_VXLAN && type != VMMQ_TUNNEL_NVGRE;
}

static bool carries_frames(uint32_t type)
{
	return type != VMMQ_TUNNEL_IPIP;
}

/* outer_of gives each tunnel type every outer header in turn. */
static struct tunnel_outer outer_of(uint32_t type, unsigned variant, uint16_t carries)
{
	return (struct tunnel_outer){
		.type = type,
		.ipv6 = variant & 1,
		.tagged = variant & 2,
		.tci = 0x200a,
		.options = variant & 4 ? 3 : 0,
		.more_words = (uint8_t)(variant & 8 && type != VMMQ_TUNNEL_NVGRE ? 2 : 0),
		.vni =
		    type == VMMQ_TUNNEL_IPIP || type == VMMQ_TUNNEL_GRE || type == VMMQ_TUNNEL_GRE_UDP ? 0 : 0xabcdef,
		.carries = carries,
	};
}

static void check_found(const struct tunnel_outer *outer, const struct golden_frame *inner)
{
	struct tunnelled t = tunnelled_make(outer, inner);
	struct vmmq_headers headers, alone;
	struct vmmq_tunnel tunnel;

	vmmq_parse(inner->data, inner->len, &alone);
	assert_true(look(t.data, t.len, &all, &headers, &tunnel));
	assert_int_equal(headers.outcome, VMMQ_PARSE_OK);
	assert_int_equal(tunnel.type, outer->type);
	assert_int_equal(tunnel.offset, t.inner_at);
	assert_int_equal(tunnel.vni, outer->vni);
	assert_int_equal(tunnel.ethernet, outer->carries == 0x6558);
	if (tunnel.ethernet) {
		assert_memory_equal(&tunnel.inner, &alone, sizeof(alone));
		return;
	}
	assert_int_equal(tunnel.inner.outcome, alone.outcome);
	assert_int_equal(tunnel.inner.l4, alone.l4);
	assert_int_equal(tunnel.inner.src_offset, alone.src_offset - alone.l3_offset);
	assert_int_equal(tunnel.inner.l4_offset, alone.l4_offset ? alone.l4_offset - alone.l3_offset : 0);
}

/* The bytes that all headers have together are what is looked at. */
static bool fits(const struct tunnel_outer *outer, const struct golden_frame *inner)
{
	uint8_t frame[TUNNEL_OUTER_MAX];

	return tunnel_write(frame, mac, outer) + inner->need <= VMMQ_TUNNEL_HEADERS_MAX;
}

static void inner_headers_are_found(void **state)
{
	unsigned found = 0;

	(void)state;
	for (size_t i = 0; i < golden->count; i++) {
		const struct golden_frame *inner = &golden->frame[i];

		if (inner->headers.outcome != VMMQ_PARSE_OK)
			continue;
		for (unsigned t = 0; t < VMMQ_TUNNEL_COUNT; t++)
			for (unsigned variant = 0; variant < 16; variant++) {
				struct tunnel_outer outer = outer_of(types[t], variant, 0x6558);

				if (carries_frames(types[t]) && fits(&outer, inner)) {
					check_found(&outer, inner);
					found++;
				}
				outer.carries = inner->headers.ethertype;
				if (carries_packets(types[t]) && fits(&outer, inner)) {
					check_found(&outer, inner);
					found++;
				}
			}
	}
	assert_true(found > 5000);
}

/* Cut anywhere, a tunnel is a tunnel from its outer header on, and what is inside is understood or not, as it is alone. */
static void cut_anywhere(void **state)
{
	const struct golden_frame *inner = golden_named("ipv4_tcp");

	(void)state;
	for (unsigned t = 0; t < VMMQ_TUNNEL_COUNT; t++)
		for (unsigned variant = 0; variant < 16; variant++) {
			struct tunnel_outer outer =
			    outer_of(types[t], variant, carries_frames(types[t]) ? 0x6558 : 0x0800);
			struct tunnelled whole = tunnelled_make(&outer, inner);

			for (size_t len = 0; len <= whole.len; len++) {
				struct vmmq_headers headers;
				struct vmmq_tunnel tunnel;
				bool found = look(whole.data, len, &all, &headers, &tunnel);
				size_t needed = whole.inner_at + inner->need - (outer.carries == 0x6558 ? 0 : 14);

				if (found)
					assert_int_equal(tunnel.inner.l3 != VMMQ_L3_NONE, len >= needed);
				else
					assert_true(len < whole.inner_at);
			}
		}
}

/* chosen returns the choice, and in *hash the hash with the verification key. */
static struct vmmq_hash_choice chosen(const struct tunnelled *t, const struct vmmq_encapsulation *on,
				      uint32_t enabled, uint32_t *hash)
{
	uint8_t input[VMMQ_HASH_INPUT_MAX];
	struct vmmq_hash_choice choice;
	struct vmmq_headers headers;
	struct vmmq_tunnel tunnel;
	size_t len;

	if (look(t->data, t->len, on, &headers, &tunnel))
		choice = vmmq_hash_choose_tunnel(&headers, &tunnel, enabled, true);
	else
		choice = vmmq_hash_choose(&headers, enabled, true);
	if (choice.inner)
		len = vmmq_hash_input(t->data + tunnel.offset, &tunnel.inner, &choice, input);
	else
		len = vmmq_hash_input(t->data, &headers, &choice, input);
	*hash = vmmq_toeplitz_reference(vmmq_verification_key, input, len);
	return choice;
}

/* Spec 16, row by row: the hash of what is inside is the very hash that it has outside of a tunnel. */
static void what_is_hashed(void **state)
{
	static const struct {
		const char *inner;
		bool inner_hash;
		uint32_t type;
	} rows[] = {
		{ "ipv4_tcp", true, VMMQ_HASH_TCP_IPV4 },     { "ipv4_udp", true, VMMQ_HASH_UDP_IPV4 },
		{ "ipv6_tcp", true, VMMQ_HASH_TCP_IPV6 },     { "ipv6_udp", true, VMMQ_HASH_UDP_IPV6 },
		{ "ipv4_icmp", false, VMMQ_HASH_IPV4 },       { "ipv4_fragment_first", false, VMMQ_HASH_IPV4 },
		{ "ipv6_hop_by_hop", false, VMMQ_HASH_IPV4 },
	};

	(void)state;
	for (unsigned t = 0; t < VMMQ_TUNNEL_COUNT; t++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			const struct golden_frame *inner = golden_named(rows[i].inner);
			uint16_t carries = carries_frames(types[t]) ? 0x6558 : inner->headers.ethertype;
			struct tunnel_outer outer = outer_of(types[t], 2, carries);
			struct tunnelled packet = tunnelled_make(&outer, inner);
			uint32_t hash, alone, outside;
			struct vmmq_hash_choice choice = chosen(&packet, &all, VMMQ_HASH_TYPES_DEFAULT, &hash);
			struct tunnelled bare = { .len = inner->len };

			memcpy(bare.data, inner->data, inner->len);
			chosen(&bare, &(struct vmmq_encapsulation){ 0 }, VMMQ_HASH_TYPES_DEFAULT, &alone);
			chosen(&packet, &(struct vmmq_encapsulation){ 0 }, VMMQ_HASH_IPV4, &outside);
			assert_int_equal(choice.inner, rows[i].inner_hash);
			assert_int_equal(choice.type, rows[i].type);
			assert_int_equal(hash, rows[i].inner_hash ? alone : outside);
			assert_int_equal(choice.rule, rows[i].inner_hash ? VMMQ_RULE_L4 : VMMQ_RULE_TUNNEL_OUTER);
		}
}

/* The outer header alone decides whether it is a tunnel; what is none is hashed as ever. */
static void what_is_no_tunnel(void **state)
{
	const struct golden_frame *inner = golden_named("ipv4_tcp");
	struct tunnel_outer outer = outer_of(VMMQ_TUNNEL_VXLAN, 0, 0x6558);
	struct vmmq_encapsulation on = all;
	struct tunnelled packet = tunnelled_make(&outer, inner);
	struct vmmq_headers headers;
	struct vmmq_tunnel tunnel;
	uint32_t hash;

	(void)state;
	on.types &= (uint16_t)~VMMQ_TUNNEL_VXLAN;
	assert_false(look(packet.data, packet.len, &on, &headers, &tunnel));
	assert_int_equal(chosen(&packet, &on, VMMQ_HASH_TYPES_DEFAULT, &hash).type, VMMQ_HASH_UDP_IPV4);
	on = (struct vmmq_encapsulation){ VMMQ_TUNNEL_MASK, 8472 };
	assert_false(look(packet.data, packet.len, &on, &headers, &tunnel));
	outer.port = 8472;
	packet = tunnelled_make(&outer, inner);
	assert_true(look(packet.data, packet.len, &on, &headers, &tunnel));
	assert_true(chosen(&packet, &on, VMMQ_HASH_TYPES_DEFAULT, &hash).inner);
	packet.data[20] |= 0x20; /* a fragment */
	assert_false(look(packet.data, packet.len, &on, &headers, &tunnel));
	assert_int_equal(chosen(&packet, &on, VMMQ_HASH_TYPES_DEFAULT, &hash).rule, VMMQ_RULE_FRAGMENT_L3);
	packet.data[20] &= 0xdf;
	packet.data[42] = 0; /* no VNI */
	assert_true(look(packet.data, packet.len, &on, &headers, &tunnel));
	assert_int_equal(tunnel.offset, 0);
	assert_int_equal(chosen(&packet, &on, VMMQ_HASH_TYPES_DEFAULT, &hash).rule, VMMQ_RULE_TUNNEL_OUTER);
}

/* GRE's flags: routing, a version and the bits of which RFC 2784 says that the packet is not taken make it none of ours. */
static void gre_flags(void **state)
{
	const struct golden_frame *inner = golden_named("ipv4_tcp");
	struct tunnel_outer outer = outer_of(VMMQ_TUNNEL_NVGRE, 0, 0x6558);
	struct tunnelled packet = tunnelled_make(&outer, inner);
	const struct vmmq_encapsulation nvgre = { VMMQ_TUNNEL_NVGRE, 0 };

	(void)state;
	for (unsigned flags = 0; flags < 0x10000; flags++) {
		struct vmmq_headers headers;
		struct vmmq_tunnel tunnel;
		bool legal = !(flags & 0x4c07);

		packet.data[34] = (uint8_t)(flags >> 8);
		packet.data[35] = (uint8_t)flags;
		assert_int_equal(look(packet.data, packet.len, &nvgre, &headers, &tunnel),
				 legal && (flags & 0xb000) == 0x2000);
		assert_true(look(packet.data, packet.len, &all, &headers, &tunnel));
		assert_int_equal(tunnel.type,
				 legal && (flags & 0xb000) == 0x2000 ? VMMQ_TUNNEL_NVGRE : VMMQ_TUNNEL_GRE);
		assert_int_equal(tunnel.offset != 0, legal);
	}
}

/* Headers that go on behind the bound are not understood, however long the frame is. */
static void headers_are_bounded(void **state)
{
	const struct golden_frame *inner = golden_named("ipv4_tcp");

	(void)state;
	for (unsigned words = 0; words < 64; words++) {
		struct tunnel_outer outer = outer_of(VMMQ_TUNNEL_GENEVE, 7, 0x6558);
		struct tunnelled packet;
		struct vmmq_headers headers;
		struct vmmq_tunnel tunnel;

		outer.more_words = (uint8_t)words;
		packet = tunnelled_make(&outer, inner);
		assert_true(look(packet.data, packet.len, &all, &headers, &tunnel));
		assert_int_equal(tunnel.inner.l3 != VMMQ_L3_NONE,
				 packet.inner_at + inner->need <= VMMQ_TUNNEL_HEADERS_MAX);
	}
}

/* What must hold whatever the bytes are. */
static void any_bytes(void **state)
{
	unsigned tunnels = 0;

	(void)state;
	random_start();
	for (unsigned i = 0; i < 300000; i++) {
		const struct golden_frame *inner = &golden->frame[random_below((uint32_t)golden->count)];
		struct tunnel_outer outer =
		    outer_of(types[random_below(VMMQ_TUNNEL_COUNT)], random_below(16), 0x6558);
		struct tunnelled t = tunnelled_make(&outer, inner);
		struct vmmq_headers headers;
		struct vmmq_tunnel tunnel;
		uint32_t hash;

		for (unsigned n = random_below(4); n > 0; n--)
			t.data[12 + random_below((uint32_t)t.len - 12)] = (uint8_t)random_u64();
		t.len = random_one_in(3) ? random_below((uint32_t)t.len + 1) : t.len;
		if (look(t.data, t.len, &all, &headers, &tunnel)) {
			assert_int_equal(__builtin_popcount(tunnel.type), 1);
			assert_true(tunnel.offset <= t.len && tunnel.offset <= VMMQ_TUNNEL_HEADERS_MAX);
			assert_true(tunnel.offset || tunnel.inner.l3 == VMMQ_L3_NONE);
			tunnels++;
		}
		chosen(&t, &all, (uint32_t)random_u64() & VMMQ_HASH_TYPE_MASK, &hash);
	}
	assert_true(tunnels > 100000);
}

/* A set of tunnels that cannot be told apart is refused; VXLAN's port means nothing without it. */
static void what_is_refused(void **state)
{
	static const struct {
		uint16_t types, port;
		const char *path;
	} rows[] = {
		{ VMMQ_TUNNEL_VXLAN, 4789, NULL },
		{ VMMQ_TUNNEL_VXLAN, 6081, NULL },
		{ VMMQ_TUNNEL_VXLAN | VMMQ_TUNNEL_GENEVE, 6081, "vxlan_port" },
		{ VMMQ_TUNNEL_VXLAN | VMMQ_TUNNEL_VXLAN_GPE, 4790, "vxlan_port" },
		{ VMMQ_TUNNEL_VXLAN | VMMQ_TUNNEL_GRE_UDP, 4754, "vxlan_port" },
		{ VMMQ_TUNNEL_VXLAN, 0, "vxlan_port" },
		{ VMMQ_TUNNEL_GENEVE, 0, NULL },
		{ 0, 0, NULL },
		{ 0x80, 4789, "encapsulation" },
	};
	const struct vmmq_processor_set set = { processors, 6 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vmmq_rss_params rss = rss_on();
		struct vmmq_why why = { .path = "" };
		vmmq_status status;

		rss.encapsulation = (struct vmmq_encapsulation){ rows[i].types, rows[i].port };
		status = vmmq_rss_check(&rss, &set, 16, &why);
		assert_int_equal(status, rows[i].path ? VMMQ_INVALID_PARAMETER : VMMQ_SUCCESS);
		if (rows[i].path)
			assert_string_equal(why.path, rows[i].path);
	}
}

static void names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < VMMQ_TUNNEL_COUNT; i++)
		assert_int_equal(vmmq_tunnel_parse(vmmq_tunnel_name(types[i])), types[i]);
	assert_null(vmmq_tunnel_name(0));
	assert_null(vmmq_tunnel_title(3));
	assert_int_equal(vmmq_tunnel_parse("tunnel"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inner_headers_are_found),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(what_is_hashed),
		cmocka_unit_test(what_is_no_tunnel),
		cmocka_unit_test(gre_flags),
		cmocka_unit_test(headers_are_bounded),
		cmocka_unit_test(any_bytes),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, read_golden, free_golden);
}
