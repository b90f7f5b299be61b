/* SPDX-License-Identifier: BSD-2-Clause */
/* Every golden frame, every cut of every golden frame in a buffer of exactly that size, and any bytes at all. */
#include "unit/core/golden_frames.h"
#include "unit/core/test_random.h"

static struct golden_file *golden;

static int read_golden(void **state)
{
	(void)state;
	golden = golden_read();
	return 0;
}

static int free_golden(void **state)
{
	(void)state;
	free(golden);
	return 0;
}

/* parse_exact parses a copy that ends where its allocation ends, so that the address sanitizer sees every byte too far. */
static struct vmmq_headers parse_exact(const uint8_t *data, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);
	struct vmmq_headers h;
	enum vmmq_parse_outcome outcome;

	memset(&h, 0xa5, sizeof(h));
	memcpy(exact, data, len);
	outcome = vmmq_parse(exact, len, &h);
	assert_int_equal(h.outcome, outcome);
	assert_memory_equal(exact, data, len);
	free(exact);
	return h;
}

#define SAME(field)                                                                                                  \
	do {                                                                                                         \
		if (got->field != want->field)                                                                       \
			fail_msg("%s, %zu bytes: " #field " is %u, not %u", name, len, (unsigned)got->field,         \
				 (unsigned)want->field);                                                             \
	} while (0)

static void same_headers(const char *name, size_t len, const struct vmmq_headers *got,
			 const struct vmmq_headers *want)
{
	SAME(outcome);
	SAME(l3);
	SAME(tagged);
	SAME(tag_count);
	SAME(tpid);
	SAME(tci);
	if (want->outcome != VMMQ_PARSE_OK)
		return;
	SAME(l4);
	SAME(fragment);
	SAME(ext_count);
	SAME(protocol);
	SAME(ethertype);
	SAME(l3_offset);
	SAME(src_offset);
	SAME(dst_offset);
	SAME(home_offset);
	SAME(rh2_offset);
	SAME(l4_offset);
}

static void golden_frames(void **state)
{
	(void)state;
	for (size_t i = 0; i < golden->count; i++) {
		const struct golden_frame *frame = &golden->frame[i];
		struct vmmq_headers h = parse_exact(frame->data, frame->len);

		/* A runt with half a tag has no tag: what is in h is not looked at. */
		if (frame->headers.outcome == VMMQ_PARSE_RUNT)
			assert_int_equal(h.outcome, VMMQ_PARSE_RUNT);
		else
			same_headers(frame->name, frame->len, &h, &frame->headers);
		if (h.outcome != VMMQ_PARSE_OK)
			assert_int_equal(h.l3, VMMQ_L3_NONE);
	}
}

/* Every outcome is met by some golden frame, or the frames prove too little. */
static void golden_frames_meet_every_outcome(void **state)
{
	unsigned met[VMMQ_PARSE_OUTCOME_COUNT] = { 0 };

	(void)state;
	for (size_t i = 0; i < golden->count; i++)
		met[golden->frame[i].headers.outcome]++;
	for (unsigned outcome = 0; outcome < VMMQ_PARSE_OUTCOME_COUNT; outcome++)
		if (!met[outcome])
			fail_msg("no golden frame is %s", vmmq_parse_outcome_name(outcome));
}

/* A frame is understood from its need bytes on, and always in the same way; shorter, it is not understood at all. */
static void truncation(void **state)
{
	(void)state;
	for (size_t i = 0; i < golden->count; i++) {
		const struct golden_frame *frame = &golden->frame[i];
		size_t runt = frame->headers.tagged ? 18 : 14;

		for (size_t len = 0; len <= frame->len; len++) {
			struct vmmq_headers h = parse_exact(frame->data, len);

			if (frame->headers.outcome == VMMQ_PARSE_OK && len >= frame->need)
				same_headers(frame->name, len, &h, &frame->headers);
			else if (h.outcome == VMMQ_PARSE_OK || h.l3 != VMMQ_L3_NONE)
				fail_msg("%s, %zu bytes: must not be understood", frame->name, len);
			if (frame->headers.outcome != VMMQ_PARSE_RUNT &&
			    (h.outcome == VMMQ_PARSE_RUNT) != (len < runt))
				fail_msg("%s, %zu bytes: runt or not", frame->name, len);
		}
	}
}

/* What hangs on behind a packet changes nothing. */
static void trailer(void **state)
{
	uint8_t data[GOLDEN_FRAME_LEN_MAX + 60];

	(void)state;
	for (size_t i = 0; i < golden->count; i++) {
		const struct golden_frame *frame = &golden->frame[i];
		struct vmmq_headers h;

		if (frame->headers.outcome != VMMQ_PARSE_OK)
			continue;
		memset(data, 0xee, sizeof(data));
		memcpy(data, frame->data, frame->len);
		h = parse_exact(data, frame->len + 60);
		same_headers(frame->name, frame->len + 60, &h, &frame->headers);
	}
}

/* What must hold whatever the bytes are. */
static void sane(const struct vmmq_headers *h, size_t len)
{
	size_t address_len = h->l3 == VMMQ_L3_IPV4 ? 4 : 16;

	assert_true(h->outcome < VMMQ_PARSE_OUTCOME_COUNT);
	assert_true((h->outcome == VMMQ_PARSE_OK) == (h->l3 != VMMQ_L3_NONE));
	assert_true(h->tag_count <= VMMQ_VLAN_TAGS_MAX && h->ext_count <= VMMQ_IPV6_EXT_HEADERS_MAX);
	assert_true(!h->fragment || h->l4 == VMMQ_L4_OTHER);
	if (h->l3 == VMMQ_L3_NONE) {
		assert_int_equal(h->l4, VMMQ_L4_OTHER);
		return;
	}
	assert_int_equal(h->ethertype, h->l3 == VMMQ_L3_IPV4 ? 0x0800 : 0x86dd);
	assert_int_equal(h->l3_offset, 14 + 4 * h->tag_count);
	assert_true(h->src_offset + address_len <= len && h->dst_offset + address_len <= len);
	assert_true(h->home_offset + (h->home_offset ? address_len : 0) <= len);
	assert_true(h->rh2_offset + (h->rh2_offset ? address_len : 0) <= len);
	if (h->l4 != VMMQ_L4_OTHER)
		assert_true(h->l4_offset + (h->l4 == VMMQ_L4_TCP ? 20u : 8u) <= len);
}

static void any_bytes(void **state)
{
	uint8_t data[400];

	(void)state;
	random_start();
	for (unsigned round = 0; round < 200000; round++) {
		size_t len = random_below(sizeof(data) + 1);
		struct vmmq_headers h;

		random_bytes(data, len < 80 ? len : 80);
		if (round & 1 && len > 14)
			memcpy(data + 12, round & 2 ? "\x08\x00\x45" : "\x86\xdd\x60", 3);
		h = parse_exact(data, len);
		sane(&h, len);
	}
}

/* A golden frame with a few bytes changed goes deep into the parser and then wrong. */
static void changed_golden_frames(void **state)
{
	uint8_t data[GOLDEN_FRAME_LEN_MAX];

	(void)state;
	random_start();
	for (unsigned round = 0; round < 300000; round++) {
		const struct golden_frame *frame = &golden->frame[random_below((uint32_t)golden->count)];
		size_t len = random_one_in(2) ? frame->len : random_below((uint32_t)frame->len + 1);
		struct vmmq_headers h;

		memcpy(data, frame->data, frame->len);
		for (unsigned i = random_below(4); i-- > 0;)
			data[random_below((uint32_t)frame->len)] =
			    (uint8_t)(random_one_in(2) ? random_u64() : random_below(4));
		h = parse_exact(data, len);
		sane(&h, len);
	}
}

static void jumbo(void **state)
{
	size_t len = 1 << 20;
	uint8_t *data = calloc(1, len);
	struct vmmq_headers h;

	(void)state;
	for (size_t i = 0; i < golden->count; i++) {
		if (golden->frame[i].headers.outcome != VMMQ_PARSE_OK)
			continue;
		memcpy(data, golden->frame[i].data, golden->frame[i].len);
		vmmq_parse(data, len, &h);
		same_headers(golden->frame[i].name, len, &h, &golden->frame[i].headers);
	}
	free(data);
}

static void words(void **state)
{
	(void)state;
	for (unsigned outcome = 0; outcome < VMMQ_PARSE_OUTCOME_COUNT; outcome++) {
		assert_true(strlen(vmmq_parse_outcome_sentence(outcome)) > 10);
		assert_true(strchr(vmmq_parse_outcome_section(outcome), '.') != NULL);
	}
	assert_string_equal(vmmq_parse_outcome_name(VMMQ_PARSE_IPV6_ROUTING), "ipv6_routing");
	assert_string_equal(vmmq_parse_outcome_name(VMMQ_PARSE_OUTCOME_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_frames), cmocka_unit_test(golden_frames_meet_every_outcome),
		cmocka_unit_test(truncation),    cmocka_unit_test(trailer),
		cmocka_unit_test(any_bytes),     cmocka_unit_test(changed_golden_frames),
		cmocka_unit_test(jumbo),         cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, read_golden, free_golden);
}
