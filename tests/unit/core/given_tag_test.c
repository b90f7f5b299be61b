/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tag in metadata steers as the same tag in the frame does: the table of spec 4.3 by example; every golden frame, at every
 * length, by comparison, through the reference and through its fast twin.
 */
#include "unit/core/classify_rig.h"
#include "unit/core/test_random.h"

enum { FRAME_MAX = GOLDEN_FRAME_LEN_MAX + 64, BURST = 32 };

/* VPorts 1 to 4 have a MAC each, with: untagged or zero; VLAN 30; any VLAN; VLAN 30 beside any.  VPort 5: what 4 does not. */
static const uint8_t macs[][VMMQ_MAC_LEN] = {
	{ 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 2 }, { 2, 0, 0, 0, 0, 3 }, { 2, 0, 0, 0, 0, 4 }, { 2, 0, 0, 0, 0, 9 },
};
enum { MACS = 5 };
static const uint16_t tcis[] = { 0x0000, 0x6000, 30, 0xb01e, 31, 0x0fff };
enum { TCIS = 6 };

static struct vmmq_nic_switch *switch_make(enum vmmq_toeplitz_impl impl)
{
	static const vmmq_vlan_rule rules[] = { VMMQ_VLAN_UNTAGGED_OR_ZERO, 30, VMMQ_VLAN_ANY, 30 };
	struct vmmq_nic_switch *sw = make_switch(impl);
	struct vmmq_rss_params rss = rss_on();

	for (uint16_t id = 1; id <= 5; id++) {
		add_vport(sw, id);
		if (id != 4)
			assert_int_equal(vmmq_rss_set(sw, vport(id), &rss, NULL), VMMQ_SUCCESS);
		if (id < 5)
			assert_int_not_equal(add_filter(sw, id, macs[id - 1], rules[id - 1]), 0);
	}
	assert_int_not_equal(add_filter(sw, 5, macs[3], VMMQ_VLAN_ANY), 0);
	return sw;
}

/* The rows of 4.3.  vport 0: the filter does not match. */
static void truth_table(void **state)
{
	static const struct {
		unsigned mac;
		int tci; /* -1: untagged */
		uint16_t vport;
		bool strip;
	} rows[] = {
		{ 0, -1, 1, false }, { 0, 0, 1, false },  { 0, 0xe000, 1, false }, { 0, 30, 0, false },
		{ 1, -1, 0, false }, { 1, 0, 0, false },  { 1, 30, 2, true },      { 1, 0xf01e, 2, true },
		{ 1, 31, 0, false }, { 2, -1, 3, false }, { 2, 0, 3, true },       { 2, 30, 3, true },
		{ 3, 30, 4, true },  { 3, 31, 5, true },  { 3, 0xe000, 5, true },  { 3, -1, 5, false },
		{ 4, 30, 0, false },
	};
	struct vmmq_nic_switch *sw = switch_make(VMMQ_TOEPLITZ_AUTO);
	const struct golden_frame *golden_udp = golden_named("ipv4_udp");
	uint8_t frame[FRAME_MAX];

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct vmmq_given_tag tag = { .tci = (uint16_t)rows[i].tci, .count = rows[i].tci >= 0 };
		struct vmmq_verdict v;

		memcpy(frame, golden_udp->data, golden_udp->len);
		memcpy(frame, macs[rows[i].mac], VMMQ_MAC_LEN);
		vmmq_classify_tagged(vmmq_nic_switch_view(sw), frame, golden_udp->len, &tag, &v, NULL);
		assert_int_equal(v.vport.v, rows[i].vport);
		assert_int_equal(v.strip, rows[i].strip);
		assert_int_equal(v.tci, rows[i].strip ? tag.tci : 0);
	}
	vmmq_nic_switch_destroy(sw);
}

/* What the parser says of the frame with the tags in it, with its offsets in the frame without. */
static void assert_same_headers(const struct vmmq_headers *with, const struct vmmq_headers *without, unsigned tags)
{
	const uint16_t more = (uint16_t)(4 * tags);

	assert_int_equal(with->outcome, without->outcome);
	assert_int_equal(with->l3, without->l3);
	assert_int_equal(with->l4, without->l4);
	assert_int_equal(with->fragment, without->fragment);
	assert_int_equal(with->tagged, without->tagged);
	assert_int_equal(with->tci, without->tci);
	assert_int_equal(with->tag_count, without->tag_count);
	if (with->l3 == VMMQ_L3_NONE)
		return;
	assert_int_equal(with->ext_count, without->ext_count);
	assert_int_equal(with->protocol, without->protocol);
	assert_int_equal(with->l3_offset, without->l3_offset + more);
	assert_int_equal(with->src_offset, without->src_offset + more);
	if (with->l4 != VMMQ_L4_OTHER)
		assert_int_equal(with->l4_offset, without->l4_offset + more);
}

struct burst {
	uint8_t *block[BURST];
	const uint8_t *frame[BURST];
	uint32_t len[BURST];
	struct vmmq_given_tag tag[BURST];
	struct vmmq_verdict expected[BURST];
	unsigned count;
};

/* burst_check: both twins give the verdicts that the frames with their tags in them got. */
static void burst_check(struct burst *b, const struct vmmq_view *fast, const struct vmmq_view *slow)
{
	struct vmmq_given given = { .tag = b->tag };
	struct vmmq_verdict verdict[BURST];

	vmmq_classify_burst_given(fast, &given, b->frame, b->len, verdict, b->count);
	assert_memory_equal(verdict, b->expected, b->count * sizeof(verdict[0]));
	vmmq_classify_burst_given(slow, &given, b->frame, b->len, verdict, b->count);
	assert_memory_equal(verdict, b->expected, b->count * sizeof(verdict[0]));
	assert_int_equal(given.sampled, b->count);
	while (b->count)
		free(b->block[--b->count]);
}

/* burst_add adds a frame, at the end of its own allocation, beside which tags stand, and what it gets with them in it. */
static void burst_add(struct burst *b, const struct vmmq_view *view, const uint8_t *data, size_t len, unsigned tags)
{
	struct vmmq_headers with, without;
	uint8_t tagged[FRAME_MAX];
	struct vmmq_verdict one;
	unsigned i = b->count++;
	size_t at = len;

	b->block[i] = malloc(len ? len : 1);
	memcpy(b->block[i], data, len);
	memcpy(tagged, data, len);
	b->frame[i] = b->block[i];
	b->len[i] = (uint32_t)len;
	b->tag[i] = (struct vmmq_given_tag){ .count = (uint8_t)tags };
	for (unsigned t = 0; t < tags; t++, at += 4) {
		b->tag[i].tci = tcis[random_below(TCIS)];
		if (len >= 12)
			frame_tag(tagged, at, b->tag[i].tci);
	}
	vmmq_classify(view, tagged, len >= 12 ? at : len, &b->expected[i], &with);
	vmmq_classify_tagged(view, b->frame[i], len, &b->tag[i], &one, &without);
	if (len < 14) { /* a frame that ends before its type has none: whatever stands beside it */
		b->expected[i] = (struct vmmq_verdict){ .entry = VMMQ_NO_ENTRY, .drop = VMMQ_DROP_RUNT };
		assert_memory_equal(&one, &b->expected[i], sizeof(one));
		return;
	}
	assert_memory_equal(&one, &b->expected[i], sizeof(one));
	assert_same_headers(&with, &without, tags);
}

static void tag_in_metadata_equals_tag_in_frame(void **state)
{
	struct vmmq_nic_switch *fast = switch_make(VMMQ_TOEPLITZ_AUTO), *slow = switch_make(VMMQ_TOEPLITZ_BITWISE);
	const struct vmmq_view *view = vmmq_nic_switch_view(fast);
	struct burst b = { .count = 0 };

	(void)state;
	random_start();
	for (size_t g = 0; g < golden->count; g++) {
		uint8_t data[FRAME_MAX];
		size_t len = golden->frame[g].len;

		memcpy(data, golden->frame[g].data, len);
		for (unsigned own = 0; own < 10; own++) { /* tags in the frame, beyond what is walked */
			for (size_t cut = 0; cut <= len; cut++) {
				if (cut >= VMMQ_MAC_LEN)
					memcpy(data, macs[random_below(MACS)], VMMQ_MAC_LEN);
				burst_add(&b, view, data, cut, random_below(3));
				if (b.count == BURST)
					burst_check(&b, view, vmmq_nic_switch_view(slow));
			}
			if (len < 14 || len + 4 > FRAME_MAX - 8 || (own && random_one_in(2) && own < 7))
				break;
			frame_tag(data, len, tcis[random_below(TCIS)]);
			len += 4;
		}
	}
	burst_check(&b, view, vmmq_nic_switch_view(slow));
	vmmq_nic_switch_destroy(fast);
	vmmq_nic_switch_destroy(slow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(truth_table),
		cmocka_unit_test(tag_in_metadata_equals_tag_in_frame),
	};

	return cmocka_run_group_tests(tests, read_golden, free_golden);
}
