/* SPDX-License-Identifier: BSD-2-Clause */
/* Tags put in and taken out: in place where the packet may be written to, in a copy where others share it. */
#include "unit/host/host_rig.h"

#include "host/frame.h"

/* check: packet is the frame that rig_packet() makes, with that tag; frees it. */
static void check(struct rte_mbuf *packet, uint16_t vid, uint32_t len)
{
	struct frame frame;
	uint8_t ethertype[2];

	assert_non_null(packet);
	assert_int_equal(packet->pkt_len, len);
	assert_true(frame_read(packet, &frame));
	assert_int_equal(frame.tagged, vid != UNTAGGED);
	if (frame.tagged)
		assert_int_equal(frame.tci, vid);
	assert_int_equal(frame.destination[5], 1);
	assert_int_equal(frame.source[5], 2);
	assert_memory_equal(rte_pktmbuf_read(packet, vid == UNTAGGED ? 12 : 16, 2, ethertype), "\x08\x00", 2);
	assert_int_equal(rig_number(packet), 77);
	rte_pktmbuf_free(packet);
}

static struct rte_mbuf *made(uint16_t vid)
{
	return rig_packet(1, 2, vid, FRAME_LEN, 0, 77);
}

static void in_place(void **state)
{
	struct rte_mbuf *packet = made(UNTAGGED), *tagged;

	(void)state;
	tagged = frame_tag_insert(packet, packets, 0x6007);
	assert_ptr_equal(tagged, packet);
	assert_ptr_equal(frame_tag_set(packet, packets, 0x6009), packet);
	rte_pktmbuf_refcnt_update(packet, 1);
	check(packet, 0x6009, FRAME_LEN + 4);
	assert_ptr_equal(frame_tag_remove(packet, packets), packet);
	check(packet, UNTAGGED, FRAME_LEN);
}

/* A holder of the same packet, and a clone, see no change. */
static void in_a_copy(void **state)
{
	struct rte_mbuf *packet = made(UNTAGGED), *copy;

	(void)state;
	rte_pktmbuf_refcnt_update(packet, 1);
	copy = frame_tag_insert(packet, packets, 5);
	assert_ptr_not_equal(copy, packet);
	check(copy, 5, FRAME_LEN + 4);
	check(packet, UNTAGGED, FRAME_LEN);

	packet = made(5);
	copy = frame_tag_remove(rte_pktmbuf_clone(packet, packets), packets);
	check(copy, UNTAGGED, FRAME_LEN - 4);
	check(packet, 5, FRAME_LEN);

	packet = made(5);
	copy = rte_pktmbuf_clone(packet, packets);
	check(frame_tag_set(packet, packets, 6), 6, FRAME_LEN); /* the clone refers to this one's data */
	check(copy, 5, FRAME_LEN);
}

static void without_headroom(void **state)
{
	struct rte_mbuf *packet = made(UNTAGGED);
	char saved[FRAME_LEN];

	(void)state;
	memcpy(saved, rte_pktmbuf_mtod(packet, char *), FRAME_LEN);
	packet->data_off = 3;
	memcpy(rte_pktmbuf_mtod(packet, char *), saved, FRAME_LEN);
	check(frame_tag_insert(packet, packets, 5), 5, FRAME_LEN + 4);
}

/* in_pieces cuts a frame into segments of so many bytes. */
static struct rte_mbuf *in_pieces(struct rte_mbuf *packet, uint16_t piece)
{
	struct rte_mbuf *last = packet;

	while (last->data_len > piece) {
		struct rte_mbuf *next = rte_pktmbuf_alloc(packets);
		uint16_t rest = (uint16_t)(last->data_len - piece);

		memcpy(rte_pktmbuf_mtod(next, char *), rte_pktmbuf_mtod_offset(last, char *, piece), rest);
		next->data_len = rest;
		last->data_len = piece;
		last->next = next;
		last = next;
		packet->nb_segs++;
	}
	return packet;
}

static void over_segments(void **state)
{
	(void)state;
	for (uint16_t piece = 1; piece < 20; piece++) {
		check(frame_tag_insert(in_pieces(made(UNTAGGED), piece), packets, 5), 5, FRAME_LEN + 4);
		check(frame_tag_remove(in_pieces(made(5), piece), packets), UNTAGGED, FRAME_LEN - 4);
		check(frame_tag_set(in_pieces(made(5), piece), packets, 6), 6, FRAME_LEN);
	}
}

/* A tag of any type; and what is behind the outermost is read. */
static void types(void **state)
{
	static const uint8_t tags[] = { 0x88, 0xa8, 0, 100, 0x81, 0, 0x60, 10 };
	struct rte_mbuf *packet =
	    frame_tag_put(frame_tag_insert(made(UNTAGGED), packets, 0x600a), packets, 0x88a8, 100);
	struct frame frame;

	(void)state;
	assert_memory_equal(rte_pktmbuf_mtod_offset(packet, uint8_t *, 12), tags, sizeof(tags));
	assert_true(frame_read(packet, &frame));
	assert_true(frame.tagged);
	assert_int_equal(frame.type, 0x88a8);
	assert_int_equal(frame.tci, 100);
	assert_int_equal(frame.inner, 0x8100);
	rte_pktmbuf_free(packet);
	packet = made(UNTAGGED);
	assert_true(frame_read(packet, &frame));
	assert_int_equal(frame.type, 0x0800);
	rte_pktmbuf_free(packet);
}

static void reserved(void **state)
{
	uint8_t mac[VMMQ_MAC_LEN] = { 0x01, 0x80, 0xc2, 0, 0, 0 };

	(void)state;
	for (unsigned last = 0; last < 256; last++) {
		mac[5] = (uint8_t)last;
		assert_int_equal(frame_is_reserved(mac), last < 16);
	}
	for (unsigned byte = 0; byte < 5; byte++) {
		mac[5] = 0;
		mac[byte] ^= 1;
		assert_false(frame_is_reserved(mac));
		mac[byte] ^= 1;
	}
}

static void no_buffer(void **state)
{
	struct rte_mempool *one = rte_pktmbuf_pool_create("one", 1, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	struct rte_mbuf *taken = rte_pktmbuf_alloc(one), *packet = made(5);

	(void)state;
	rte_pktmbuf_refcnt_update(packet, 1);
	assert_null(frame_tag_insert(packet, one, 5));
	check(packet, 5, FRAME_LEN);
	rte_pktmbuf_free(taken);
	rte_mempool_free(one);
}

static void malformed(void **state)
{
	struct frame frame;

	(void)state;
	for (uint16_t len = 0; len < 20; len++) {
		struct rte_mbuf *plain = made(UNTAGGED), *tagged = made(5);

		rte_pktmbuf_trim(plain, (uint16_t)(FRAME_LEN - len));
		rte_pktmbuf_trim(tagged, (uint16_t)(FRAME_LEN - len));
		assert_int_equal(frame_read(plain, &frame), len >= 14);
		assert_int_equal(frame_read(tagged, &frame), len >= 18);
		rte_pktmbuf_free(plain);
		rte_pktmbuf_free(tagged);
	}
	assert_int_equal(rte_mempool_avail_count(packets), BUFFERS);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_place),      cmocka_unit_test(in_a_copy), cmocka_unit_test(without_headroom),
		cmocka_unit_test(over_segments), cmocka_unit_test(no_buffer), cmocka_unit_test(malformed),
		cmocka_unit_test(types),         cmocka_unit_test(reserved),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}

int main(void)
{
	return rig_main(run);
}
