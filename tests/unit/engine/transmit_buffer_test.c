/* SPDX-License-Identifier: BSD-2-Clause */
/* Transmit: pools that are empty, inboxes that are full, and buffers of every shape. */
#include "unit/engine/transmit_rig.h"

static void empty_pools_and_full_inboxes_are_resources(void **state)
{
	struct rte_mbuf *packet[200], *chain;
	uint64_t drops[VMMQ_DROP_COUNT] = { 0 };
	unsigned copied;
	struct world world;

	(void)state;
	random_start();
	world_make(&world, 0, 0, tiny_pool, tiny_pool); /* 7 mbufs for both */
	world.keep = true;
	chain = in_pieces(packet_make(255, 0, 0), 10); /* 13 segments: some can be had, not all */
	assert_int_equal(send_packets(&world, 1, &chain, 1), 1);
	poll_all(&world);
	packet_check(&world, chain, VMMQ_RESOURCES);
	rte_pktmbuf_free(chain);
	assert_int_equal(rte_mempool_avail_count(tiny_pool), 7);
	for (unsigned i = 0; i < 10; i++)
		packet[i] = send_one(&world, 1, i < 4 ? 2 : 255, 0);
	poll_all(&world);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(note_of(packet[i])->completions, i < 4 || i >= 7);
	chain = send_one(&world, 3, 2, 0);
	poll_all(&world);
	packet_check(&world, chain, VMMQ_RESOURCES);
	rte_pktmbuf_free(chain);
	device_free(&world);
	poll_all(&world);
	for (unsigned i = 0; i < 10; i++) {
		packet_check(&world, packet[i], i < 7 ? VMMQ_SUCCESS : VMMQ_RESOURCES);
		rte_pktmbuf_free(packet[i]);
	}
	assert_int_equal(world.indications, 4);
	world_end(&world);
	assert_int_equal(rte_mempool_avail_count(tiny_pool), 7);

	/* An inbox of 128 has room for a few tens of one VPort's packets; nobody is polling. */
	world_make(&world, 0, 128, copy_pool, uplink_pool);
	for (unsigned i = 0; i < 200; i++)
		packet[i] = send_one(&world, 1, 2, 0);
	poll_all(&world);
	for (copied = 0; copied < 200 && note_of(packet[copied])->complete.status == VMMQ_SUCCESS;)
		copied++;
	assert_in_range(copied, 1, 128);
	assert_int_equal(world.indications, copied);
	assert_int_equal(world.drops, 200 - copied);
	vmmq_vport_drops_read(world.adapter, (struct vmmq_vport_id){ 2 }, drops);
	assert_int_equal(drops[VMMQ_DROP_INBOX_FULL] + drops[VMMQ_DROP_SHARE_FULL], 200 - copied);
	assert_int_equal(vmmq_received_read(world.adapter), 200);
	for (unsigned i = 0; i < 200; i++) {
		packet_check(&world, packet[i], i < copied ? VMMQ_SUCCESS : VMMQ_RESOURCES);
		rte_pktmbuf_free(packet[i]);
	}
	world_end(&world);
}

static void external_free(void *address, void *opaque)
{
	(void)address;
	++*(unsigned *)opaque;
}

static void segments_and_external_buffers(void **state)
{
	static uint8_t memory[FRAME_LEN];
	struct rte_mbuf *packet, *external, *first, *rest;
	struct rte_mbuf_ext_shared_info shared = { .free_cb = external_free };
	unsigned external_freed = 0;
	uint8_t frame[FRAME_LEN], scratch[FRAME_LEN];
	struct world world;

	(void)state;
	random_start();
	frame_write(frame, 255, 0, 7);
	world_make(&world, 0, 0, copy_pool, uplink_pool);
	world.keep = true;
	packet = in_pieces(packet_make(255, 0, 7), 13);
	packet->ol_flags |= RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_TCP_CKSUM;
	packet->l2_len = 14;
	assert_int_equal(send_packets(&world, 1, &packet, 1), 1);
	assert_int_equal(world.taken, 1);
	first = world.device[0];
	assert_int_equal(rte_mbuf_check(first, 1, &(const char *){ NULL }), 0);
	assert_int_equal(first->nb_segs, 10);
	assert_int_equal(first->pkt_len, FRAME_LEN);
	assert_memory_equal(rte_pktmbuf_read(first, 0, FRAME_LEN, scratch), frame, FRAME_LEN);
	assert_ptr_equal(rte_pktmbuf_mtod(first, void *), rte_pktmbuf_mtod(packet, void *)); /* no copy */
	assert_int_equal(first->l2_len, 14);
	assert_int_equal(first->ol_flags & RTE_MBUF_F_TX_OFFLOAD_MASK, RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_TCP_CKSUM);
	rest = first->next; /* the device is done with the first segment before the others */
	rte_pktmbuf_free_seg(first);
	world.taken = 0;
	poll_all(&world);
	assert_int_equal(note_of(packet)->completions, 0);
	while (rest) {
		struct rte_mbuf *next = rest->next;

		poll_all(&world);
		assert_int_equal(note_of(packet)->completions, 0);
		rte_pktmbuf_free_seg(rest);
		rest = next;
	}
	poll_all(&world);
	packet_check(&world, packet, VMMQ_SUCCESS);
	rte_pktmbuf_free(packet);

	/* The sender's buffer may be anywhere; its own free callback is called when the sender frees it. */
	frame_write(memory, 255, 0, 7);
	shared.fcb_opaque = &external_freed;
	rte_mbuf_ext_refcnt_set(&shared, 1);
	external = rte_pktmbuf_alloc(packet_pool);
	rte_pktmbuf_attach_extbuf(external, memory, RTE_BAD_IOVA, sizeof(memory), &shared);
	external->data_len = FRAME_LEN;
	external->pkt_len = FRAME_LEN;
	*note_of(external) = (struct note){ 0 };
	vmmq_oob_set_hash(external, 0, 0);
	assert_int_equal(send_packets(&world, 3, &external, 1), 1);
	assert_ptr_equal(rte_pktmbuf_mtod(world.device[0], void *), memory);
	device_free(&world);
	poll_all(&world);
	packet_check(&world, external, VMMQ_SUCCESS);
	assert_int_equal(external_freed, 0);
	rte_pktmbuf_free(external);
	assert_int_equal(external_freed, 1);

	/* To a VPort here: headers over segments, and the tag out of the copy. */
	packet = in_pieces(packet_make(2, 20, 9), 50);
	assert_int_equal(vmmq_filter_set(vmmq_adapter_switch(world.adapter), (struct vmmq_vport_id){ 2 },
					 (uint8_t[]){ 2, 0, 0, 0, 0, 2 }, 20, &(uint32_t){ 0 }, NULL),
			 VMMQ_SUCCESS);
	apply(&world);
	assert_int_equal(send_packets(&world, 1, &packet, 1), 1);
	poll_all(&world);
	packet_check(&world, packet, VMMQ_SUCCESS);
	rte_pktmbuf_free(packet);
	assert_int_equal(world.indications, 1);
	assert_int_equal(world.indicated[0]->pkt_len, FRAME_LEN - 4);
	assert_int_equal(frame_number(world.indicated[0]), 9);
	world_end(&world);
}

/* pinned_pool makes a pool that says its mbufs have external buffers for good, so nothing can be attached to them. */
static struct rte_mempool *pinned_pool(void)
{
	struct rte_mempool *pool = rte_pktmbuf_pool_create("pinned", 31, 0, 0, 256, SOCKET_ID_ANY);
	struct rte_pktmbuf_pool_private *private = rte_mempool_get_priv(pool);

	private->flags |= RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF;
	return pool;
}

static void a_sender_needs_the_means_to_send(void **state)
{
	struct rte_mempool *pinned = pinned_pool();
	const struct vmmq_adapter_params whole = {
		.nic_switch = { .processors = processors, .processor_count = PROCESSORS },
		.indicate = indicate,
		.transmit = uplink,
		.complete = complete,
		.pool = copy_pool,
		.transmit_pool = uplink_pool,
	};

	(void)state;
	for (unsigned without = 0; without < 6; without++) {
		struct vmmq_adapter_params params = whole;
		struct vmmq_why why = { 0 };
		struct vmmq_adapter *adapter;
		struct vmmq_sender *sender;
		vmmq_status status;

		params.transmit = without == 1 ? NULL : params.transmit;
		params.complete = without == 2 ? NULL : params.complete;
		params.pool = without == 3 ? NULL : params.pool;
		params.transmit_pool = without == 4 ? NULL : without == 5 ? pinned : params.transmit_pool;
		assert_int_equal(vmmq_adapter_create(&params, &adapter, NULL), VMMQ_SUCCESS);
		status = vmmq_sender_create(adapter, 0, &sender, &why);
		assert_int_equal(status, without ? VMMQ_INVALID_PARAMETER : VMMQ_SUCCESS);
		assert_true(!sender == !!without);
		assert_true(!*why.text == !without);
		vmmq_sender_destroy(sender); /* NULL is legal */
		vmmq_adapter_destroy(adapter);
	}
	rte_mempool_free(pinned);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_pools_and_full_inboxes_are_resources),
		cmocka_unit_test(segments_and_external_buffers),
		cmocka_unit_test(a_sender_needs_the_means_to_send),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return rig_run(run);
}
