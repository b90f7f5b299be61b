/* SPDX-License-Identifier: BSD-2-Clause */
/* Senders that share a source, and go over to another one: never ahead of what they have sent by the one before. */
#include "unit/engine/isolation_rig.h"

#include "engine/sender.h"

#define VIA    3 /* the senders' own VPort */
#define FLIGHT 100u

static struct vmmq_sender *sender_on(struct vmmq_source *source)
{
	struct vmmq_sender *sender;

	assert_int_equal(vmmq_sender_create_on(source, FLIGHT, &sender, NULL), VMMQ_SUCCESS);
	return sender;
}

/* give gives count packets for a VPort away. */
static void give(struct world *world, struct vmmq_sender *sender, uint16_t to, unsigned count)
{
	struct rte_mbuf *packet[FLOOD];

	for (unsigned i = 0; i < count; i++) {
		packet[i] = rig_packet(world->pool, to, 0);
		vmmq_oob_set_hash(packet[i], 0, 0);
	}
	assert_int_equal(vmmq_transfer(sender, (struct vmmq_vport_id){ VIA }, packet, count), count);
}

static unsigned turn_of(struct world *world, uint16_t processor)
{
	return vmmq_processor_poll(world->adapter, (struct vmmq_processor){ processor });
}

static void test_joins_when_all_is_indicated(void **state)
{
	struct vmmq_source *first, *second, *waits;
	struct vmmq_sender *one, *two, *none;
	struct vmmq_why why = { 0 };
	struct world world;

	(void)state;
	world_make(&world, 256, 0, (const uint16_t[]){ 0, 1, 2 }, 3);
	first = rig_source(world.adapter, VMMQ_SOURCE_DROP);
	second = rig_source(world.adapter, VMMQ_SOURCE_DROP);
	waits = rig_source(world.adapter, VMMQ_SOURCE_WAIT);
	assert_int_equal(vmmq_sender_create_on(waits, 0, &none, &why), VMMQ_INVALID_PARAMETER);
	assert_null(none);
	assert_string_equal(why.path, "source");
	one = sender_on(first);
	two = sender_on(first);
	assert_true(vmmq_sender_join(one, first));
	assert_true(vmmq_sender_join(one, second)); /* it has sent nothing */
	assert_true(vmmq_sender_join(one, first));
	give(&world, one, A, 8);
	give(&world, two, B, 8);
	assert_false(vmmq_sender_join(one, second));
	assert_false(vmmq_sender_join(two, second));
	turn_of(&world, 0);
	assert_true(vmmq_sender_join(one, second));
	assert_false(vmmq_sender_join(two, second)); /* B's processor has not run */
	give(&world, one, A, 8);
	assert_false(vmmq_sender_join(one, first));
	give(&world, two, A, 8);
	turn_of(&world, 1);
	assert_false(vmmq_sender_join(two, second)); /* now it is what it sent to A */
	turn_of(&world, 0);
	assert_true(vmmq_sender_join(two, second));
	assert_true(vmmq_sender_join(one, first));
	assert_int_equal(rig_indicated(world.adapter, A), 24);
	assert_int_equal(rig_indicated(world.adapter, B), 8);
	vmmq_sender_destroy(one);
	vmmq_sender_destroy(two);
	world_end(&world);
}

/* What a gate holds has not been indicated: the sender stays. */
static void test_stays_while_a_packet_is_held(void **state)
{
	struct vmmq_source *first, *second;
	struct vmmq_rss_params rss;
	struct vmmq_sender *sender;
	struct world world;

	(void)state;
	world_make(&world, 256, 0, (const uint16_t[]){ 0, 1, 2 }, 3);
	first = rig_source(world.adapter, VMMQ_SOURCE_DROP);
	second = rig_source(world.adapter, VMMQ_SOURCE_DROP);
	sender = sender_on(first);
	give(&world, sender, A, 1);
	vmmq_rss_params_init(&rss, (struct vmmq_processor){ 1 });
	assert_int_equal(vmmq_rss_set(vmmq_adapter_switch(world.adapter), (struct vmmq_vport_id){ A }, &rss, NULL),
			 VMMQ_SUCCESS);
	assert_int_equal(vmmq_adapter_apply(world.adapter, false, UINT64_MAX, NULL), VMMQ_SUCCESS);
	give(&world, sender, A, 1); /* to processor 1, which has to wait for 0 */
	turn_of(&world, 1);
	assert_int_equal(rig_indicated(world.adapter, A), 0);
	assert_false(vmmq_sender_join(sender, second));
	turn_of(&world, 0);
	assert_false(vmmq_sender_join(sender, second));
	turn_of(&world, 1);
	assert_int_equal(rig_indicated(world.adapter, A), 2);
	assert_true(vmmq_sender_join(sender, second));
	vmmq_sender_destroy(sender);
	world_end(&world);
}

/* A turn takes as many packets from a shared inbox as from those that its senders would have had. */
static void test_a_turn_is_for_each_sender(void **state)
{
	struct vmmq_sender *sender[3];
	struct vmmq_source *shared;
	struct world world;

	(void)state;
	world_make(&world, 0, 0, (const uint16_t[]){ 0, 1, 2 }, 3);
	assert_int_equal(vmmq_source_create_sized(world.adapter, VMMQ_SOURCE_DROP, 3, &shared, NULL),
			 VMMQ_INVALID_PARAMETER);
	assert_int_equal(vmmq_source_create_sized(world.adapter, VMMQ_SOURCE_DROP, 4096, &shared, NULL),
			 VMMQ_SUCCESS);
	for (unsigned i = 0; i < 3; i++)
		sender[i] = sender_on(shared);
	for (unsigned i = 0; i < 3; i++)
		give(&world, sender[i], A, 2 * RIG_TURN);
	assert_int_equal(turn_of(&world, 0), 3 * RIG_TURN);
	vmmq_sender_destroy(sender[2]);
	assert_int_equal(turn_of(&world, 0), 2 * RIG_TURN);
	assert_int_equal(turn_of(&world, 0), RIG_TURN);
	assert_int_equal(turn_of(&world, 0), 0);
	vmmq_sender_destroy(sender[0]);
	vmmq_sender_destroy(sender[1]);
	world_end(&world);
}

/* As many sends may be in flight as it was made for, and memory is there for those that were. */
static void test_sends_in_flight(void **state)
{
	struct rte_mbuf *away[2 * FLIGHT];
	struct vmmq_sender *sender;
	struct world world;

	(void)state;
	world_make(&world, 256, 0, (const uint16_t[]){ 0, 1, 2 }, 3);
	sender = sender_on(rig_source(world.adapter, VMMQ_SOURCE_DROP));
	assert_int_equal(sender->in_flight_room, 0);
	for (unsigned i = 0; i < 2 * FLIGHT; i++) {
		away[i] = rig_packet(world.pool, 99, 0);
		vmmq_oob_set_hash(away[i], 0, 0);
	}
	assert_int_equal(vmmq_send(sender, (struct vmmq_vport_id){ A }, away, 20), 20);
	assert_int_equal(sender->in_flight_room, SEND_BLOCK);
	assert_int_equal(vmmq_send(sender, (struct vmmq_vport_id){ A }, away + 20, 2 * FLIGHT - 20), FLIGHT - 20);
	assert_int_equal(sender->in_flight_room, FLIGHT);
	rig_drain(world.adapter);
	assert_int_equal(vmmq_send(sender, (struct vmmq_vport_id){ A }, away + FLIGHT, FLIGHT), FLIGHT);
	assert_int_equal(sender->in_flight_room, FLIGHT);
	rig_drain(world.adapter);
	assert_int_equal(world.completed, 2 * FLIGHT);
	vmmq_sender_destroy(sender);
	world_end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_joins_when_all_is_indicated),
		cmocka_unit_test(test_stays_while_a_packet_is_held),
		cmocka_unit_test(test_a_turn_is_for_each_sender),
		cmocka_unit_test(test_sends_in_flight),
	};

	return cmocka_run_group_tests_name("sender_join", tests, start, NULL);
}
