/* SPDX-License-Identifier: BSD-2-Clause */
/* The choice of a hash type: the golden frames' hash lines, and all 512 sets of types against the text of spec 6.3. */
#include "unit/core/golden_frames.h"

/* --- golden frames: type, rule, bytes and hash ---------------------------------------------------------------------- */

static void check_hash(const struct golden_frame *frame, const struct vmmq_headers *h, const struct golden_hash *want)
{
	struct vmmq_hash_choice choice = vmmq_hash_choose(h, want->types, true);
	uint8_t input[VMMQ_HASH_INPUT_MAX];
	size_t len = vmmq_hash_input(frame->data, h, &choice, input);

	if (choice.type != want->type || choice.rule != want->rule)
		fail_msg("%s with types 0x%x: type 0x%x by %s, not 0x%x by %s", frame->name, want->types, choice.type,
			 vmmq_hash_rule_name(choice.rule), want->type, vmmq_hash_rule_name(want->rule));
	assert_int_equal(len, vmmq_hash_type_bytes(want->type));
	if (vmmq_toeplitz_reference(vmmq_verification_key, input, len) != want->value)
		fail_msg("%s with types 0x%x: the hash is not 0x%08x", frame->name, want->types, want->value);
}

static void golden_frames(void **state)
{
	struct golden_file *golden = golden_read();
	unsigned hashes = 0, met[VMMQ_RULE_COUNT] = { 0 };

	(void)state;
	for (size_t i = 0; i < golden->count; i++) {
		const struct golden_frame *frame = &golden->frame[i];
		const struct golden_hash unparsed = { VMMQ_HASH_TYPE_MASK, 0, VMMQ_RULE_UNPARSED, 0 };
		struct vmmq_headers h;

		if (vmmq_parse(frame->data, frame->len, &h) != VMMQ_PARSE_OK)
			check_hash(frame, &h, &unparsed);
		for (size_t j = 0; j < frame->hash_count; j++) {
			check_hash(frame, &h, &frame->hash[j]);
			met[frame->hash[j].rule]++;
			hashes++;
		}
	}
	assert_true(hashes > 100);
	for (unsigned rule = VMMQ_RULE_UNPARSED; rule < VMMQ_RULE_COUNT; rule++)
		if (!met[rule] && rule != VMMQ_RULE_TUNNEL_OUTER) /* tunnel_test.c */
			fail_msg("no golden frame is decided by %s", vmmq_hash_rule_name(rule));
	free(golden);
}

/* --- all sets of types ---------------------------------------------------------------------------------------------- */

enum { ANY_L4 = -1 };

/*
 * Spec 6.3 as a table: for a packet of version l3 and protocol l4, the rows that fit are tried from the top, and the
 * first whose type is enabled applies.  ANY_L4 rows fit fragments and other protocols too.
 */
static const struct {
	int l3, l4;
	uint32_t type;
	bool substituted;
} procedure[] = {
	{ VMMQ_L3_IPV4, VMMQ_L4_TCP, 0x00000200, false }, { VMMQ_L3_IPV4, VMMQ_L4_UDP, 0x00004000, false },
	{ VMMQ_L3_IPV4, ANY_L4, 0x00000100, false },      { VMMQ_L3_IPV6, VMMQ_L4_TCP, 0x00002000, true },
	{ VMMQ_L3_IPV6, VMMQ_L4_TCP, 0x00001000, false }, { VMMQ_L3_IPV6, VMMQ_L4_UDP, 0x00010000, true },
	{ VMMQ_L3_IPV6, VMMQ_L4_UDP, 0x00008000, false }, { VMMQ_L3_IPV6, ANY_L4, 0x00000800, true },
	{ VMMQ_L3_IPV6, ANY_L4, 0x00000400, false },
};

/* A packet class, with the places in a frame of 256 bytes where its fields stand. */
struct class
{
	struct vmmq_headers headers;
	bool home, rh2;
};

enum { SRC = 30, DST = 60, HOME = 90, RH2 = 120, PORTS = 150, FRAME_LEN = 256 };

static struct class class_make(enum vmmq_l3 l3, enum vmmq_l4 l4, bool fragment, bool home, bool rh2)
{
	return (struct class){
		.headers = { .l3 = (uint8_t)l3,
			     .l4 = (uint8_t)l4,
			     .fragment = fragment,
			     .src_offset = SRC,
			     .dst_offset = DST,
			     .home_offset = home ? HOME : 0,
			     .rh2_offset = rh2 ? RH2 : 0,
			     .l4_offset = l4 == VMMQ_L4_OTHER ? 0 : PORTS },
		.home = home,
		.rh2 = rh2,
	};
}

/* The bytes that must be hashed, taken from the frame by the rules of 6.1 and 6.4. */
static size_t expected_input(const uint8_t *frame, const struct class *class, bool substituted, bool ports,
			     uint8_t *out)
{
	size_t address_len = class->headers.l3 == VMMQ_L3_IPV4 ? 4 : 16;

	memcpy(out, frame + (substituted && class->home ? HOME : SRC), address_len);
	memcpy(out + address_len, frame + (substituted && class->rh2 ? RH2 : DST), address_len);
	if (ports)
		memcpy(out + 2 * address_len, frame + PORTS, 4);
	return 2 * address_len + (ports ? 4 : 0);
}

static void check_class(const uint8_t *frame, const struct class *class, uint32_t types)
{
	const struct vmmq_headers *h = &class->headers;
	struct vmmq_hash_choice got = vmmq_hash_choose(h, types, true);
	uint8_t want_input[VMMQ_HASH_INPUT_MAX], input[VMMQ_HASH_INPUT_MAX];
	size_t len = vmmq_hash_input(frame, h, &got, input), want_len;

	for (size_t i = 0; i < sizeof(procedure) / sizeof(procedure[0]); i++) {
		if (procedure[i].l3 != h->l3 || (procedure[i].l4 != h->l4 && procedure[i].l4 != ANY_L4) ||
		    !(procedure[i].type & types))
			continue;
		assert_int_equal(got.type, procedure[i].type);
		assert_int_equal(got.home, procedure[i].substituted && class->home);
		assert_int_equal(got.rh2, procedure[i].substituted && class->rh2);
		assert_int_equal(got.rule == VMMQ_RULE_L4, procedure[i].l4 != ANY_L4);
		assert_int_equal(got.rule == VMMQ_RULE_FRAGMENT_L3, h->fragment);
		want_len =
		    expected_input(frame, class, procedure[i].substituted, procedure[i].l4 != ANY_L4, want_input);
		assert_int_equal(len, want_len);
		assert_memory_equal(input, want_input, len);
		return;
	}
	assert_int_equal(got.type, 0);
	assert_int_equal(len, 0);
	assert_int_equal(got.rule, h->l3 == VMMQ_L3_NONE ? VMMQ_RULE_UNPARSED
				   : h->fragment         ? VMMQ_RULE_FRAGMENT_NONE
							 : VMMQ_RULE_NO_TYPE);
}

/* The nth of the 512 sets. */
static uint32_t types_of(unsigned n)
{
	static const uint32_t bit[] = {
#define X(name, value, text, bytes) value,
		VMMQ_HASH_TYPES(X)
#undef X
	};
	uint32_t types = 0;

	for (unsigned i = 0; i < VMMQ_HASH_TYPE_COUNT; i++)
		types |= n >> i & 1 ? bit[i] : 0;
	return types;
}

static void every_set_of_types(void **state)
{
	uint8_t frame[FRAME_LEN];
	unsigned checked = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(frame); i++)
		frame[i] = (uint8_t)i;
	for (unsigned n = 0; n < 512; n++) {
		struct class unparsed = class_make(VMMQ_L3_NONE, VMMQ_L4_OTHER, false, false, false);

		check_class(frame, &unparsed, types_of(n));
		for (unsigned kind = 0; kind < 4; kind++) { /* other, TCP, UDP, fragment */
			enum vmmq_l4 l4 = kind == 3 ? VMMQ_L4_OTHER : (enum vmmq_l4)kind;
			struct class v4 = class_make(VMMQ_L3_IPV4, l4, kind == 3, false, false);

			check_class(frame, &v4, types_of(n));
			for (unsigned extra = 0; extra < 4; extra++) {
				struct class v6 = class_make(VMMQ_L3_IPV6, l4, kind == 3, extra & 1, extra & 2);

				check_class(frame, &v6, types_of(n));
				checked++;
			}
			assert_int_equal(vmmq_hash_choose(&v4.headers, types_of(n), false).type, 0);
			assert_int_equal(vmmq_hash_choose(&v4.headers, types_of(n), false).rule, VMMQ_RULE_RSS_OFF);
		}
	}
	assert_int_equal(checked, 512 * 16);
}

static void l3_rules(void **state)
{
	struct class tcp = class_make(VMMQ_L3_IPV4, VMMQ_L4_TCP, false, false, false);
	struct class icmp = class_make(VMMQ_L3_IPV6, VMMQ_L4_OTHER, false, false, false);

	(void)state;
	assert_int_equal(vmmq_hash_choose(&tcp.headers, VMMQ_HASH_IPV4, true).rule, VMMQ_RULE_L3_TYPE_OFF);
	assert_int_equal(vmmq_hash_choose(&icmp.headers, VMMQ_HASH_IPV6, true).rule, VMMQ_RULE_L3_PROTOCOL);
	assert_int_equal(vmmq_hash_choose(&icmp.headers, VMMQ_HASH_IPV6_EX, true).rule, VMMQ_RULE_L3_PROTOCOL);
}

/* --- names ---------------------------------------------------------------------------------------------------------- */

static void names(void **state)
{
	uint32_t mask = 0;

	(void)state;
	for (unsigned bit = 0; bit < 32; bit++) {
		const char *name = vmmq_hash_type_name(1u << bit);

		assert_int_equal(name != NULL, bit >= 8 && bit <= 16);
		if (!name)
			continue;
		mask |= 1u << bit;
		assert_int_equal(vmmq_hash_type_parse(name), 1u << bit);
	}
	assert_int_equal(mask, VMMQ_HASH_TYPE_MASK);
	assert_null(vmmq_hash_type_name(VMMQ_HASH_IPV4 | VMMQ_HASH_IPV6));
	assert_null(vmmq_hash_type_name(0));
	assert_int_equal(vmmq_hash_type_parse("tcp"), 0);
	assert_int_equal(vmmq_hash_type_parse(""), 0);
	assert_int_equal(vmmq_hash_type_bytes(3), 0);
	assert_int_equal(vmmq_hash_type_bytes(VMMQ_HASH_IPV4 | VMMQ_HASH_IPV6), 0);
	assert_int_equal(VMMQ_HASH_TYPES_DEFAULT, 0x0000d700);
	for (unsigned rule = 0; rule < VMMQ_RULE_COUNT; rule++) {
		assert_true(strlen(vmmq_hash_rule_sentence(rule)) > 10);
		assert_true(strchr(vmmq_hash_rule_section(rule), '.') != NULL || rule == VMMQ_RULE_TUNNEL_OUTER);
	}
	assert_string_equal(vmmq_hash_rule_name(VMMQ_RULE_COUNT), "unknown");
	assert_string_equal(vmmq_via_name(VMMQ_VIA_TABLE), "table");
	assert_string_equal(vmmq_via_name(VMMQ_VIA_DEFAULT), "default");
	assert_string_equal(vmmq_via_name(VMMQ_VIA_PRIMARY), "primary");
	assert_string_equal(vmmq_via_name(VMMQ_VIA_COUNT), "unknown");
	assert_string_equal(vmmq_drop_name(VMMQ_DROP_RUNT), "runt");
	assert_string_equal(vmmq_drop_name(VMMQ_DROP_COUNT), "unknown");
	assert_true(strlen(vmmq_drop_meaning(VMMQ_DROP_RUNT)) > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_frames),
		cmocka_unit_test(every_set_of_types),
		cmocka_unit_test(l3_rules),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
