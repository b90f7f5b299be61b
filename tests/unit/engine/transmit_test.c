/* SPDX-License-Identifier: BSD-2-Clause */
/* Transmit: who gets a packet, and on which processor its send completes. */
#include "unit/engine/transmit_rig.h"

static void completion_is_where_the_table_says(void **state)
{
	static const uint16_t ids[] = { 0, 1, 2, 3, 4, 5, 63, 64, 65535 };
	static const uint32_t informations[] = { 0, VMMQ_HASH_TCP_IPV4,
						 VMMQ_HASH_TCP_IPV4 | VMMQ_HASH_FUNCTION_TOEPLITZ,
						 VMMQ_HASH_FUNCTION_TOEPLITZ, 0x80 };
	struct rte_mbuf *packet[PACKETS];
	struct world world;

	(void)state;
	random_start();
	for (unsigned round = 0; round < 50; round++) {
		world_make(&world, 0, 0, copy_pool, uplink_pool);
		for (unsigned i = 0; i < PACKETS; i++) {
			struct note *note;

			packet[i] = packet_make((uint8_t)random_below(VPORTS + 2), 0, i);
			note = note_of(packet[i]);
			note->hash = random_one_in(8) ? 0 : (uint32_t)random_u64();
			note->information =
			    informations[random_below(sizeof(informations) / sizeof(informations[0]))];
			vmmq_oob_set_hash(packet[i], note->hash, note->information);
			assert_int_equal(send_packets(&world, ids[random_below(9)], &packet[i], 1), 1);
		}
		poll_all(&world);
		assert_int_equal(world.completed, PACKETS);
		assert_true(vmmq_adapter_idle(world.adapter));
		for (unsigned i = 0; i < PACKETS; i++) {
			packet_check(&world, packet[i], VMMQ_SUCCESS);
			rte_pktmbuf_free(packet[i]);
		}
		world_end(&world);
	}
}

/* A row of the switching test. */
struct route {
	uint16_t from;
	uint8_t to;
	uint16_t vid;
	int vport; /* where it is indicated; -1: it goes to the uplink */
};

/* indication_check: the one packet that was indicated has the OOB of VPort route->vport, and lost its tag. */
static void indication_check(struct world *world, const struct route *route, const uint8_t sent[FRAME_LEN])
{
	const struct vmmq_rss_params *rss = &world->rss[route->vport];
	struct rte_mbuf *packet = world->indicated[0];
	unsigned tag_len = route->vid ? 4 : 0;
	struct vmmq_oob oob;

	vmmq_oob_get(packet, &oob);
	assert_int_equal(oob.vport.v, route->vport);
	assert_int_equal(oob.stripped, route->vid != 0);
	assert_int_equal(oob.hash_type, rss->enabled ? VMMQ_HASH_TCP_IPV4 : 0);
	assert_int_equal(oob.hash, rss->enabled ? FRAME_HASH : 0);
	assert_int_equal(oob.entry, rss->enabled ? FRAME_HASH % rss->entry_count : VMMQ_NO_ENTRY);
	assert_int_equal(packet->pkt_len, FRAME_LEN - tag_len);
	assert_memory_equal(rte_pktmbuf_mtod(packet, void *), sent, 12);
	assert_memory_equal(rte_pktmbuf_mtod_offset(packet, void *, 12), sent + 12 + tag_len,
			    FRAME_LEN - 12 - tag_len);
	assert_int_equal(world->indicated_on,
			 rss->enabled ? rss->table[FRAME_HASH % rss->entry_count].v : rss->primary.v);
}

static void route_check(struct world *world, const struct route *route)
{
	struct rte_mbuf *packet = send_one(world, route->from, route->to, route->vid);
	uint8_t sent[FRAME_LEN];

	frame_write(sent, route->to, route->vid, 0);
	poll_all(world);
	assert_memory_equal(rte_pktmbuf_mtod(packet, void *), sent, FRAME_LEN); /* untouched */
	if (route->vport < 0) {
		assert_int_equal(world->taken, 1);
		assert_int_equal(world->indications, 0);
		assert_int_equal(note_of(packet)->completions, 0);
		device_free(world);
		poll_all(world);
	} else {
		assert_int_equal(world->taken, 0);
		assert_int_equal(world->indications, 1);
		indication_check(world, route, sent);
		vmmq_return_packets(world->adapter, world->indicated, 1);
		world->indications = 0;
	}
	packet_check(world, packet, VMMQ_SUCCESS);
	rte_pktmbuf_free(packet);
}

static void filters_switch_between_vports(void **state)
{
	static const struct route
	    routes[] = {
		    { 1, 2, 0, 2 },     { 1, 3, 0, 3 },
		    { 2, 1, 0, 1 },     { 1, 0, 0, 0 },   /* another VPort's filter */
		    { 1, 1, 0, -1 },    { 0, 0, 0, -1 },  /* its own: the source is excluded */
		    { 1, 255, 0, -1 },  { 2, 77, 0, -1 }, /* nobody's */
		    { 1, 2, 20, 2 },    { 1, 2, 21, -1 },
		    { 2, 2, 20, -1 }, /* by VLAN; the tag is stripped from the copy */
		    { 40, 0, 0, -1 },   { 40, 1, 0, 1 },
		    { 5000, 0, 0, -1 }, /* an unknown id is VPort 0 */
	    };
	struct vmmq_nic_switch *nic;
	uint8_t mac[VMMQ_MAC_LEN];
	uint32_t filter;
	struct world world;

	(void)state;
	random_start();
	for (unsigned round = 0; round < 40; round++) {
		world_make(&world, 0, 0, copy_pool, uplink_pool);
		world.keep = true;
		nic = vmmq_adapter_switch(world.adapter);
		mac_of(2, mac);
		assert_int_equal(vmmq_filter_set(nic, (struct vmmq_vport_id){ 2 }, mac, 20, &filter, NULL),
				 VMMQ_SUCCESS);
		apply(&world);
		for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
			route_check(&world, &routes[i]);
		world_end(&world);
	}
}

static void a_vport_is_deleted_under_its_sends(void **state)
{
	const struct vmmq_vport_id vport = { 3 };
	struct rte_mbuf *before, *after;
	struct vmmq_nic_switch *nic;
	struct world world;

	(void)state;
	random_start();
	for (unsigned round = 0; round < 20; round++) {
		world_make(&world, 0, 0, copy_pool, uplink_pool);
		world.keep = true;
		nic = vmmq_adapter_switch(world.adapter);
		before = send_one(&world, vport.v, 255, 0);
		assert_int_equal(vmmq_filter_clear(nic, vport.v + 1u, NULL), VMMQ_SUCCESS);
		apply(&world);
		assert_false(vmmq_vport_quiesce(world.adapter, vport, SHORT_NS));
		if (round % 2) { /* as the rules say; or against them, while the send is outstanding */
			device_free(&world);
			assert_false(vmmq_vport_quiesce(world.adapter, vport, SHORT_NS)); /* not delivered yet */
			poll_all(&world);
			assert_true(vmmq_vport_quiesce(world.adapter, vport, HANG_NS));
		}
		assert_int_equal(vmmq_vport_delete(nic, vport, NULL), VMMQ_SUCCESS);
		apply(&world);
		after = send_one(&world, vport.v, 255, 0);
		device_free(&world);
		poll_all(&world);
		packet_check(&world, before, VMMQ_SUCCESS);
		world.exists[vport.v] = false;
		packet_check(&world, after, VMMQ_SUCCESS);
		assert_int_equal(vmmq_sending_read(world.adapter, vport), 0);
		rte_pktmbuf_free(before);
		rte_pktmbuf_free(after);
		world_end(&world);
	}
}

static void a_connection_keeps_its_order_across_table_moves(void **state)
{
	struct rte_mbuf *packet[PACKETS];
	struct vmmq_rss_params rss[PACKETS / 8];
	struct world world;

	(void)state;
	random_start();
	world_make(&world, PACKETS, 0, copy_pool, uplink_pool);
	world.in_order = true;
	for (unsigned i = 0; i < PACKETS; i++) {
		packet[i] = packet_make(255, 0, i);
		note_of(packet[i])->hash = FRAME_HASH;
		note_of(packet[i])->information = VMMQ_HASH_TCP_IPV4 | VMMQ_HASH_FUNCTION_TOEPLITZ;
		vmmq_oob_set_hash(packet[i], FRAME_HASH, note_of(packet[i])->information);
		if (i % 8 == 0) {
			random_rss(&rss[i / 8]);
			set_rss(&world, 1, &rss[i / 8]);
			apply(&world);
		}
		world.take = random_below(3);
		while (send_packets(&world, 1, &packet[i], 1) == 0)
			world.take = 1;
		/* What the uplink does not take is aimed by the table of its send, not of its way out. */
	}
	world.take = UINT32_MAX;
	vmmq_send(world.sender, (struct vmmq_vport_id){ 1 }, NULL, 0);
	assert_int_equal(world.next_number, PACKETS);
	poll_all(&world);
	for (unsigned i = 0; i < PACKETS; i++) {
		world.rss[1] = rss[i / 8];
		packet_check(&world, packet[i], VMMQ_SUCCESS);
		rte_pktmbuf_free(packet[i]);
	}
	world_end(&world);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(completion_is_where_the_table_says),
		cmocka_unit_test(filters_switch_between_vports),
		cmocka_unit_test(a_vport_is_deleted_under_its_sends),
		cmocka_unit_test(a_connection_keeps_its_order_across_table_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return rig_run(run);
}
