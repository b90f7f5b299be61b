/* SPDX-License-Identifier: BSD-2-Clause */
/* Transfer: what is given away arrives as a copy would, completes where one would, and nothing is left behind. */
#include "unit/engine/transmit_rig.h"

/* What became of a packet. */
struct outcome {
	struct vmmq_oob oob;
	uint16_t on;
	uint8_t frame[FRAME_LEN];
	uint32_t len;
	uint64_t completions[PROCESSORS];
};

static void completions_read(const struct world *world, uint64_t completions[PROCESSORS])
{
	for (unsigned i = 0; i < PROCESSORS; i++) {
		struct vmmq_processor_counters counters;

		vmmq_processor_counters_read(world->adapter, processors[i], &counters);
		completions[i] = counters.completions;
	}
}

/* outcome_of returns the packet that was indicated, and forgets it. */
static struct rte_mbuf *outcome_of(struct world *world, const uint64_t before[PROCESSORS], struct outcome *outcome)
{
	struct rte_mbuf *packet = world->indicated[0];

	memset(outcome, 0, sizeof(*outcome));
	completions_read(world, outcome->completions);
	for (unsigned i = 0; i < PROCESSORS; i++)
		outcome->completions[i] -= before[i];
	vmmq_oob_get(packet, &outcome->oob);
	outcome->on = world->indicated_on;
	outcome->len = packet->pkt_len;
	memcpy(outcome->frame, rte_pktmbuf_mtod(packet, void *), packet->data_len);
	world->indications = 0;
	return packet;
}

/* give_one gives away a packet of VPort 1, which the sender takes. */
static struct rte_mbuf *give_one(struct world *world, struct rte_mbuf *packet)
{
	assert_int_equal(vmmq_transfer(world->sender, (struct vmmq_vport_id){ 1 }, &packet, 1), 1);
	return packet;
}

static void tag_by_chance(struct rte_mbuf *packet)
{
	if (random_one_in(3)) {
		packet->ol_flags |= RTE_MBUF_F_TX_VLAN;
		packet->vlan_tci = (uint16_t)(random_below(8) << 13); /* a priority tag */
	}
	if (random_one_in(2))
		vmmq_oob_set_hash(packet, (uint32_t)random_u64(), VMMQ_HASH_TCP_IPV4 | VMMQ_HASH_FUNCTION_TOEPLITZ);
}

/* tag_like makes a packet what another one is. */
static void tag_like(struct rte_mbuf *packet, const struct rte_mbuf *other)
{
	packet->ol_flags = other->ol_flags;
	packet->vlan_tci = other->vlan_tci;
	memcpy(packet->dynfield1, other->dynfield1, sizeof(packet->dynfield1));
	packet->hash = other->hash;
}

static void what_is_given_arrives_as_a_copy_would(void **state)
{
	struct world world;

	(void)state;
	random_start();
	world_make(&world, 0, 0, copy_pool, uplink_pool);
	for (unsigned round = 0; round < 2000; round++) {
		uint16_t from = (uint16_t)random_below(VPORTS);
		uint8_t to = (uint8_t)((from + 1 + random_below(VPORTS - 1)) % VPORTS);
		struct rte_mbuf *sent = packet_make(to, 0, round), *given = packet_make(to, 0, round), *copy;
		struct outcome of_copy, of_given;
		uint64_t before[PROCESSORS];

		tag_by_chance(sent);
		tag_like(given, sent);
		completions_read(&world, before);
		assert_int_equal(send_packets(&world, from, &sent, 1), 1);
		poll_all(&world);
		assert_int_equal(world.indications, 1);
		copy = outcome_of(&world, before, &of_copy);
		assert_ptr_not_equal(copy, sent);
		assert_int_equal(note_of(sent)->completions, 1);
		vmmq_return_packets(world.adapter, &copy, 1);
		rte_pktmbuf_free(sent);

		completions_read(&world, before);
		assert_int_equal(vmmq_transfer(world.sender, (struct vmmq_vport_id){ from }, &given, 1), 1);
		poll_all(&world);
		assert_int_equal(world.indications, 1);
		assert_ptr_equal(outcome_of(&world, before, &of_given), given);
		assert_int_equal(note_of(given)->completions, 0);
		assert_memory_equal(&of_given, &of_copy, sizeof(of_copy));
		vmmq_return_packets(world.adapter, &given, 1);
	}
	assert_int_equal(vmmq_sending_read(world.adapter, VMMQ_DEFAULT_VPORT), 0);
	world_end(&world); /* all buffers are back */
}

/* One at a time, mostly on one flow, while parameters change: each goes by those of its time, as the reference has it. */
static void what_comes_alone_goes_by_the_present_view(void **state)
{
	struct vmmq_rss_params rss;
	struct world world;
	uint8_t to = 2;

	(void)state;
	random_start();
	world_make(&world, 0, 0, copy_pool, uplink_pool);
	for (unsigned round = 0; round < 5000; round++) {
		struct rte_mbuf *packet = packet_make(to, 0, round);
		uint64_t before[PROCESSORS];
		struct vmmq_verdict expected;
		struct outcome outcome;

		if (random_one_in(8))
			rte_pktmbuf_mtod(packet, uint8_t *)[26 + random_below(12)] ^= 1;
		vmmq_classify(vmmq_nic_switch_view(vmmq_adapter_switch(world.adapter)),
			      rte_pktmbuf_mtod(packet, uint8_t *), FRAME_LEN, &expected, NULL);
		completions_read(&world, before);
		give_one(&world, packet);
		poll_all(&world);
		assert_int_equal(world.indications, 1);
		packet = outcome_of(&world, before, &outcome);
		assert_int_equal(outcome.oob.vport.v, to);
		assert_int_equal(outcome.oob.vport.v, expected.vport.v);
		assert_int_equal(outcome.oob.hash, expected.hash);
		assert_int_equal(outcome.oob.hash_type, expected.hash_type);
		assert_int_equal(outcome.oob.entry, expected.entry);
		assert_int_equal(outcome.on, expected.processor.v);
		vmmq_return_packets(world.adapter, &packet, 1);
		if (random_one_in(4)) {
			random_rss(&rss);
			set_rss(&world, to, &rss);
			apply(&world);
		}
		if (random_one_in(16))
			to = to == 2 ? 3 : 2;
	}
	world_end(&world);
}

static void the_uplink_still_says_when_it_is_done(void **state)
{
	struct rte_mbuf *packet;
	struct world world;

	(void)state;
	world_make(&world, 0, 0, copy_pool, uplink_pool);
	world.keep = true;
	packet = give_one(&world, packet_make(255, 0, 7));
	poll_all(&world);
	assert_int_equal(world.completed, 0);
	assert_int_equal(vmmq_sending_read(world.adapter, (struct vmmq_vport_id){ 1 }), 1);
	device_free(&world);
	poll_all(&world);
	assert_int_equal(note_of(packet)->completions, 1);
	rte_pktmbuf_free(packet);
	world_end(&world);
}

/* vmmq_give(): the device has the packet itself, and nobody is told; it counts as complete where the table says. */
static void the_uplink_gets_what_is_given(void **state)
{
	uint64_t before[PROCESSORS], after[PROCESSORS], completed = 0;
	struct rte_mbuf *packet[2], *held;
	struct world world;

	(void)state;
	world_make(&world, 0, 0, copy_pool, uplink_pool);
	world.keep = true;
	completions_read(&world, before);
	packet[0] = packet_make(255, 0, 7);
	packet[1] = packet_make(2, 0, 8);
	assert_int_equal(vmmq_give(world.sender, (struct vmmq_vport_id){ 1 }, packet, 2), 2);
	poll_all(&world);
	assert_int_equal(world.taken, 1);
	assert_ptr_equal(world.device[0], packet[0]);
	assert_int_equal(world.indications, 1);
	assert_ptr_equal(world.indicated[0], packet[1]);
	assert_int_equal(world.completed, 0);
	assert_int_equal(vmmq_sending_read(world.adapter, (struct vmmq_vport_id){ 1 }), 0);
	completions_read(&world, after);
	for (unsigned i = 0; i < PROCESSORS; i++)
		completed += after[i] - before[i];
	assert_int_equal(completed, 2);

	held = packet_make(255, 0, 9); /* somebody else has it, too: with a record, as ever */
	rte_pktmbuf_refcnt_update(held, 1);
	assert_int_equal(vmmq_give(world.sender, (struct vmmq_vport_id){ 1 }, &held, 1), 1);
	assert_int_equal(vmmq_sending_read(world.adapter, (struct vmmq_vport_id){ 1 }), 1);
	device_free(&world);
	poll_all(&world);
	assert_int_equal(note_of(held)->completions, 1);
	rte_pktmbuf_free(held);
	rte_pktmbuf_free(held);

	world.take = 0; /* what the uplink never takes is freed with the sender */
	packet[0] = packet_make(255, 0, 10);
	assert_int_equal(vmmq_give(world.sender, (struct vmmq_vport_id){ 1 }, packet, 1), 1);
	assert_int_equal(world.taken, 0);
	world_end(&world);
}

static void what_others_hold_is_copied(void **state)
{
	struct rte_mbuf *packet;
	struct world world;

	(void)state;
	world_make(&world, 0, 0, copy_pool, uplink_pool);
	packet = packet_make(2, 0, 7);
	rte_pktmbuf_refcnt_update(packet, 1);
	give_one(&world, packet);
	poll_all(&world);
	assert_int_equal(world.indications, 1);
	assert_ptr_not_equal(world.indicated[0], packet);
	assert_int_equal(note_of(packet)->completions, 1);
	rte_pktmbuf_free(packet);
	rte_pktmbuf_free(packet);
	world_end(&world);
}

/* What is given and finds no room is freed, and counted as a drop of the VPort that it was for; a full sender gives all the same. */
static void what_finds_no_room_is_freed(void **state)
{
	enum { SENT = 400, ROOM = 128 };
	struct world world;

	(void)state;
	world_make(&world, 1, ROOM, copy_pool, uplink_pool);
	for (unsigned i = 0; i < SENT; i++)
		give_one(&world, packet_make(2, 0, i));
	assert_in_range(world.drops, SENT - ROOM, SENT - 1);
	assert_int_equal(rte_mempool_avail_count(packet_pool), PACKETS - (SENT - world.drops));
	poll_all(&world);
	assert_int_equal(world.indications, SENT - world.drops);
	for (unsigned i = 1; i < world.indications; i++)
		assert_true(frame_number(world.indicated[i - 1]) < frame_number(world.indicated[i]));
	world_end(&world);
}

static void a_stopping_adapter_gives_back(void **state)
{
	struct rte_mbuf *packet;
	struct world world;

	(void)state;
	world_make(&world, 0, 0, copy_pool, uplink_pool);
	vmmq_adapter_stop(world.adapter);
	packet = give_one(&world, packet_make(2, 0, 7));
	poll_all(&world);
	assert_int_equal(note_of(packet)->completions, 1);
	assert_int_equal(note_of(packet)->complete.status, VMMQ_PAUSED);
	rte_pktmbuf_free(packet);
	world_end(&world);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_given_arrives_as_a_copy_would),
		cmocka_unit_test(what_comes_alone_goes_by_the_present_view),
		cmocka_unit_test(the_uplink_still_says_when_it_is_done),
		cmocka_unit_test(the_uplink_gets_what_is_given),
		cmocka_unit_test(what_others_hold_is_copied),
		cmocka_unit_test(what_finds_no_room_is_freed),
		cmocka_unit_test(a_stopping_adapter_gives_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return rig_run(run);
}
