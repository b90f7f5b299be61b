/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A noisy neighbour costs others nothing but time.  VPort A is flooded with ten times what a processor takes, VPort B gets
 * a tenth of it: B loses nothing, whatever they share, and each drop is charged to A.
 */
#include "unit/engine/isolation_rig.h"

static void flood_same_inbox(uint32_t inbox_size)
{
	struct load load[] = { { .vport = A, .per_turn = FLOOD }, { .vport = B, .per_turn = TRICKLE } };
	struct world world;
	struct vmmq_source *source;

	world_make(&world, inbox_size, 0, (const uint16_t[]){ 0, 0 }, 2);
	source = rig_source(world.adapter, VMMQ_SOURCE_DROP);
	for (unsigned i = 0; i < TURNS; i++) {
		offer(&world, source, load, 2);
		turn(&world, 0);
	}
	/* What B leaves is A's: the processor was never without work. */
	assert_int_equal(rig_indicated(world.adapter, A) + rig_indicated(world.adapter, B), TURNS * RIG_TURN);
	rig_drain(world.adapter);
	assert_unharmed(&world, &load[1]);
	assert_charged(&world, &load[0]);
	world_end(&world);
}

static void test_flood_same_source_same_inbox(void **state)
{
	(void)state;
	flood_same_inbox(0);
	flood_same_inbox(256);
}

/* Different sources, one processor: B does not even wait, since each inbox is served in each turn. */
static void test_flood_other_source_same_processor(void **state)
{
	struct load flood = { .vport = A, .per_turn = FLOOD }, trickle = { .vport = B, .per_turn = TRICKLE };
	struct vmmq_source *noisy, *quiet;
	struct world world;

	(void)state;
	world_make(&world, 256, 0, (const uint16_t[]){ 0, 0 }, 2);
	noisy = rig_source(world.adapter, VMMQ_SOURCE_DROP);
	quiet = rig_source(world.adapter, VMMQ_SOURCE_DROP);
	for (unsigned i = 0; i < TURNS; i++) {
		offer(&world, noisy, &flood, 1);
		offer(&world, quiet, &trickle, 1);
		turn(&world, 0);
		assert_unharmed(&world, &trickle);
	}
	rig_drain(world.adapter);
	assert_charged(&world, &flood);
	world_end(&world);
}

/* Four floods of ten times the capacity each, and they share what B leaves evenly. */
static void test_several_floods(void **state)
{
	struct load load[] = {
		{ .vport = A, .per_turn = FLOOD }, { .vport = B, .per_turn = TRICKLE },
		{ .vport = 3, .per_turn = FLOOD }, { .vport = 4, .per_turn = FLOOD },
		{ .vport = 5, .per_turn = FLOOD },
	};
	struct vmmq_source *source;
	struct world world;

	(void)state;
	world_make(&world, 256, 0, (const uint16_t[]){ 0, 0, 0, 0, 0 }, 5);
	source = rig_source(world.adapter, VMMQ_SOURCE_DROP);
	for (unsigned i = 0; i < TURNS; i++) {
		offer(&world, source, load, 5);
		turn(&world, 0);
	}
	rig_drain(world.adapter);
	assert_unharmed(&world, &load[1]);
	for (unsigned i = 0; i < 5; i++) {
		if (i == 1)
			continue;
		assert_charged(&world, &load[i]);
		assert_true(rig_indicated(world.adapter, load[i].vport) > TURNS * RIG_TURN / 8);
	}
	world_end(&world);
}

static uint64_t refused_at(const struct world *world, uint16_t processor)
{
	struct vmmq_processor_load load;

	vmmq_processor_load_read(world->adapter, (struct vmmq_processor){ processor }, 0, &load);
	return load.refused;
}

/* A's processor does not run at all: B's, fed by the same source, notices nothing, and the watchdog names A's. */
static void test_stopped_processor(void **state)
{
	struct load load[] = { { .vport = A, .per_turn = FLOOD }, { .vport = B, .per_turn = TRICKLE } };
	struct vmmq_processor stalled[RIG_PROCESSORS];
	struct vmmq_source *source;
	struct world world;

	(void)state;
	world_make(&world, 256, 0, (const uint16_t[]){ 2, 1 }, 2);
	source = rig_source(world.adapter, VMMQ_SOURCE_DROP);
	assert_int_equal(vmmq_stalled(world.adapter, stalled, RIG_PROCESSORS), 0); /* nothing waits for them */
	for (unsigned i = 0; i < TURNS; i++) {
		offer(&world, source, load, 2);
		turn(&world, 1);
		assert_unharmed(&world, &load[1]);
		assert_int_equal(vmmq_stalled(world.adapter, stalled, RIG_PROCESSORS), 1);
		assert_int_equal(stalled[0].v, 2);
	}
	assert_int_equal(refused_at(&world, 2), rig_dropped_all(world.adapter, A));
	assert_int_equal(refused_at(&world, 1), 0);
	assert_int_equal(vmmq_stalled(world.adapter, NULL, 0), 1); /* counted beyond the room for names */
	turn(&world, 2);
	assert_int_equal(vmmq_stalled(world.adapter, stalled, RIG_PROCESSORS), 0); /* slow, but it polls */
	rig_drain(world.adapter);
	assert_charged(&world, &load[0]);
	world_end(&world);
}

/* A VM floods A with copies from the adapter's pool; B gets its packets from the uplink, on the same processor. */
static void test_flood_from_a_vm(void **state)
{
	struct load trickle = { .vport = B, .per_turn = TRICKLE };
	struct vmmq_source *uplink;
	struct vmmq_sender *sender;
	struct world world;
	uint64_t sent = 0, lost;

	(void)state;
	world_make(&world, 256, 0, (const uint16_t[]){ 0, 0, 0 }, 3);
	uplink = rig_source(world.adapter, VMMQ_SOURCE_DROP);
	assert_int_equal(vmmq_sender_create(world.adapter, 0, &sender, NULL), VMMQ_SUCCESS);
	for (unsigned i = 0; i < TURNS; i++) {
		struct rte_mbuf *flood[FLOOD];

		for (unsigned k = 0; k < FLOOD; k++) {
			flood[k] = rig_packet(world.pool, A, 0);
			vmmq_oob_set_hash(flood[k], 0, 0);
		}
		assert_int_equal(vmmq_send(sender, (struct vmmq_vport_id){ 3 }, flood, FLOOD), FLOOD);
		sent += FLOOD;
		offer(&world, uplink, &trickle, 1);
		turn(&world, 0);
		assert_int_equal(world.completed, sent);
		assert_unharmed(&world, &trickle);
	}
	rig_drain(world.adapter);
	lost = rig_dropped_all(world.adapter, A);
	assert_int_equal(lost, rig_dropped(world.adapter, A, VMMQ_DROP_SHARE_FULL));
	assert_int_equal(rig_indicated(world.adapter, A) + lost, sent);
	assert_true(lost > sent / 2);
	assert_int_equal(world.completed_resources, lost); /* the sender is told */
	vmmq_sender_destroy(sender);
	world_end(&world);
}

/* An uplink that takes nothing more: the sender is told so, and what is received goes on. */
static void test_blocked_uplink(void **state)
{
	struct load trickle = { .vport = B, .per_turn = TRICKLE };
	struct rte_mbuf *away[4 * BURST];
	struct vmmq_source *uplink;
	struct vmmq_sender *sender;
	struct world world;
	unsigned taken;

	(void)state;
	world_make(&world, 256, 0, (const uint16_t[]){ 0, 0 }, 2);
	world.uplink_takes = 0;
	uplink = rig_source(world.adapter, VMMQ_SOURCE_DROP);
	assert_int_equal(vmmq_sender_create(world.adapter, 0, &sender, NULL), VMMQ_SUCCESS);
	for (unsigned i = 0; i < 4 * BURST; i++) {
		away[i] = rig_packet(world.pool, 99, 0);
		vmmq_oob_set_hash(away[i], 0, 0);
	}
	taken = vmmq_send(sender, (struct vmmq_vport_id){ A }, away, 4 * BURST);
	assert_in_range(taken, 1, 4 * BURST - 1);
	for (unsigned i = 0; i < TURNS; i++) {
		assert_int_equal(vmmq_send(sender, (struct vmmq_vport_id){ A }, away + taken, 4 * BURST - taken), 0);
		offer(&world, uplink, &trickle, 1);
		turn(&world, 0);
		assert_unharmed(&world, &trickle);
	}
	assert_int_equal(world.completed, 0);
	world.uplink_takes = UINT32_MAX;
	while (taken < 4 * BURST)
		taken += vmmq_send(sender, (struct vmmq_vport_id){ A }, away + taken, 4 * BURST - taken);
	vmmq_send(sender, (struct vmmq_vport_id){ A }, NULL, 0);
	rig_drain(world.adapter);
	assert_int_equal(world.completed, 4 * BURST);
	vmmq_sender_destroy(sender);
	world_end(&world);
}

/* A's consumer never returns a packet: it may hold held_max, gets the others only for the call, and B is not touched. */
static void test_consumer_keeps_packets(void **state)
{
	enum { HELD_MAX = 1000 };
	struct load load[] = { { .vport = A, .per_turn = RIG_TURN / 2 }, { .vport = B, .per_turn = TRICKLE } };
	struct vmmq_source *source;
	struct world world;

	(void)state;
	world_make(&world, 256, HELD_MAX, (const uint16_t[]){ 0, 0 }, 2);
	world.keeps[A] = true;
	source = rig_source(world.adapter, VMMQ_SOURCE_DROP);
	for (unsigned i = 0; i < TURNS; i++) {
		offer(&world, source, load, 2);
		turn(&world, 0);
		assert_unharmed(&world, &load[0]);
		assert_unharmed(&world, &load[1]);
		assert_true(world.kept_count <= HELD_MAX);
		assert_int_equal(vmmq_held_read(world.adapter, (struct vmmq_vport_id){ A }), world.kept_count);
	}
	assert_int_equal(world.resources[A], load[0].sent - world.kept_count);
	assert_true(world.kept_count > HELD_MAX - RIG_TURN);
	assert_int_equal(world.resources[B], 0);
	vmmq_return_packets(world.adapter, world.kept, world.kept_count);
	world.kept_count = 0;
	world.resources[A] = 0;
	offer(&world, source, load, 1);
	turn(&world, 0);
	assert_int_equal(world.resources[A], 0); /* it may hold packets again */
	assert_int_equal(world.kept_count, RIG_TURN / 2);
	world_end(&world);
}

/* No buffer for a copy between VPorts: the send completes with RESOURCES; once there is one, it works. */
static void test_empty_pool(void **state)
{
	struct rte_mbuf *taken[4096], *packet;
	struct vmmq_sender *sender;
	struct world world;
	unsigned n = 0;

	(void)state;
	world_make(&world, 256, 0, (const uint16_t[]){ 0, 0 }, 2);
	assert_int_equal(vmmq_sender_create(world.adapter, 0, &sender, NULL), VMMQ_SUCCESS);
	while ((taken[n] = rte_pktmbuf_alloc(world.copies)))
		n++;
	for (uint16_t to = B; to < 99; to += 90) { /* a VPort here, and the uplink */
		packet = rig_packet(world.pool, to, 0);
		vmmq_oob_set_hash(packet, 0, 0);
		assert_int_equal(vmmq_send(sender, (struct vmmq_vport_id){ A }, &packet, 1), 1);
		rig_drain(world.adapter);
	}
	assert_int_equal(world.completed, 2);
	assert_int_equal(world.completed_resources, 2);
	rte_pktmbuf_free_bulk(taken, n);
	packet = rig_packet(world.pool, B, 0);
	vmmq_oob_set_hash(packet, 0, 0);
	assert_int_equal(vmmq_send(sender, (struct vmmq_vport_id){ A }, &packet, 1), 1);
	rig_drain(world.adapter);
	assert_int_equal(world.completed, 3);
	assert_int_equal(world.completed_resources, 2);
	assert_int_equal(rig_indicated(world.adapter, B), 1);
	vmmq_sender_destroy(sender);
	world_end(&world);
}

/* A WAIT source drops nothing: it stops where the room ends, and goes on when there is some. */
static void test_waiting_source(void **state)
{
	struct rte_mbuf *burst[FLOOD];
	struct vmmq_source *source;
	struct world world;
	unsigned taken = 0;

	(void)state;
	world_make(&world, 256, 0, (const uint16_t[]){ 0 }, 1);
	source = rig_source(world.adapter, VMMQ_SOURCE_WAIT);
	for (unsigned i = 0; i < FLOOD; i++)
		burst[i] = rig_packet(world.pool, A, 0);
	while (taken < FLOOD) {
		taken += vmmq_receive(source, burst + taken, FLOOD - taken);
		assert_int_equal(vmmq_received_read(world.adapter), taken);
		turn(&world, 0);
	}
	rig_drain(world.adapter);
	assert_int_equal(rig_indicated(world.adapter, A), FLOOD);
	world_end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flood_same_source_same_inbox),
		cmocka_unit_test(test_flood_other_source_same_processor),
		cmocka_unit_test(test_several_floods),
		cmocka_unit_test(test_stopped_processor),
		cmocka_unit_test(test_flood_from_a_vm),
		cmocka_unit_test(test_blocked_uplink),
		cmocka_unit_test(test_consumer_keeps_packets),
		cmocka_unit_test(test_empty_pool),
		cmocka_unit_test(test_waiting_source),
	};

	return cmocka_run_group_tests_name("isolation", tests, start, NULL);
}
