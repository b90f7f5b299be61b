/* SPDX-License-Identifier: BSD-2-Clause */
/* Gates by example: flows that pause, chains of views, any number of changes, and who need not wait. */
#include "unit/engine/gate_fixture.h"

/* The flow pauses while its table goes from OLD over NEW to THIRD: what lies with OLD still goes first. */
static void a_flow_that_pauses(void **state)
{
	(void)state;
	send(0);
	all_to(1, NEW);
	apply();
	all_to(1, THIRD);
	apply();
	send(0);
	assert_int_equal(rig_poll(&rig, THIRD), 0);
	assert_int_equal(rig_poll(&rig, NEW), 0);
	assert_int_equal(rig_poll(&rig, THIRD), 0);
	assert_int_equal(rig_poll(&rig, OLD), 1);
	assert_int_equal(rig_poll(&rig, THIRD), 1); /* whatever NEW does, where it left nothing */
	assert_int_equal(indicated(), 2);
}

/* The source steps over several views at once, and each step has its gates. */
static void a_chain_of_views(void **state)
{
	static const unsigned way[] = { NEW, THIRD, FOURTH, OLD, THIRD, NEW };

	(void)state;
	send(0);
	for (unsigned i = 0; i < sizeof(way) / sizeof(way[0]); i++) {
		all_to(1, way[i]);
		rig_publish(&rig);
	}
	send(0);
	for (unsigned i = 0; i < 3; i++)
		for (unsigned processor = NEW; processor <= FOURTH; processor++)
			assert_int_equal(rig_poll(&rig, processor), 0);
	rig_drain(&rig);
	assert_int_equal(rig.flow[0].processor, rig.processor[NEW].v);
}

/* Any number of changes to and fro takes effect at once while OLD stands still, and for others too. */
static void any_number_of_changes(void **state)
{
	unsigned changes;

	(void)state;
	send(0);
	for (changes = 0; changes < 10000; changes++) {
		all_to(1, changes % 2 ? OLD : NEW);
		apply();
		assert_ptr_equal(rig.source[0]->link, rig.adapter->views.newest);
		if (changes < 20)
			send(0);
	}
	assert_int_equal(rig_poll(&rig, NEW), 0);
	assert_int_equal(vmmq_filter_move(rig.nic_switch, 2, rig_vport(3), rig_vport(2), NULL), VMMQ_SUCCESS);
	apply(); /* another VPort's change */
	send(1);
	rig_drain(&rig);
	assert_int_equal(rig.flow[1].vport, 2);
	all_to(1, NEW);
	apply();
	send(0);
	rig_drain(&rig);
	assert_int_equal(rig.flow[0].processor, rig.processor[NEW].v);
}

/*
 * VPort 1 moves away from a processor that stands still.  VPort 3, which was always with the new one, gets its packets in the
 * next turn, from the same source; so do the lanes of VPort 1 that have not moved.
 */
static void strangers_are_not_held(void **state)
{
	uint32_t others = 0;

	(void)state;
	all_to(3, NEW);
	table_set(1, 2, (unsigned[]){ NEW, OLD });
	apply();
	rig.flow[4] = rig.flow[0]; /* of VPort 1's entry 0 */
	while (flow_hash_bit(&rig.flow[4], vmmq_verification_key))
		rig.flow[4].port++;
	send(0);
	table_set(1, 2, (unsigned[]){ NEW, NEW });
	apply();
	for (unsigned i = 0; i < 10; i++) {
		send(0);
		send(1 + i % 3);
		send(4);
	}
	assert_int_equal(rig_poll(&rig, NEW), 20);
	for (unsigned i = 1; i <= 4; i++)
		others += rig.flow[i].indicated;
	assert_int_equal(others, 20);
	assert_int_equal(indicated(), 0);
	rig_drain(&rig);
}

/* A change of key mixes a VPort's lanes: all of them wait, others do not; and it waits for its own VPort's packets only. */
static void a_new_key_concerns_its_vport_only(void **state)
{
	struct vmmq_rss_params rss;

	(void)state;
	table_set(1, 2, (unsigned[]){ NEW, NEW });
	all_to(3, OLD);
	apply();
	send(1); /* with OLD, which stands still */
	send(0);
	rss = rss_of(1);
	rss.key[0] ^= 1;
	rss_set(1, &rss);
	apply();
	send(0);
	assert_int_equal(rig_poll(&rig, NEW), 1);
	assert_int_equal(rig_poll(&rig, NEW), 1); /* it ends a batch */
	assert_int_equal(indicated(), 2);
	rig_drain(&rig);
}

/*
 * A flow changes VPort but not its processor, and a packet of its new VPort lies before it: indications are made VPort by
 * VPort, and must not be made across the change.
 */
static void a_new_vport_on_the_same_processor(void **state)
{
	(void)state;
	send(1); /* VPort 3's */
	send(0);
	filter_to(1, 3);
	apply();
	send(0);
	rig_drain(&rig);
	assert_int_equal(rig.flow[0].vport, 3);
	assert_int_equal(rig.flow[0].processor, rig.processor[OLD].v);
}

/* Who holds packets looks at its gates again and again, and does not sleep: nobody will wake it when they open. */
static void who_holds_packets_stays_awake(void **state)
{
	struct processor *new = processor_find(rig.adapter, rig.processor[NEW]);

	(void)state;
	send(0);
	all_to(1, NEW);
	apply();
	assert_int_equal(rig_poll(&rig, NEW), 0);
	assert_false(processor_has_work(new)); /* a gate with nothing behind it */
	send(0);
	assert_true(processor_has_work(new));
	assert_int_equal(rig_poll(&rig, NEW), 0);
	assert_true(processor_has_work(new));
	assert_int_equal(rig_poll(&rig, OLD), 1);
	assert_int_equal(rig_poll(&rig, NEW), 1);
	assert_false(processor_has_work(new));
}

static void no_move_no_gate(void **state)
{
	struct vmmq_rss_params rss = rss_of(1);

	(void)state;
	send(0);
	two_entries();
	apply();
	table_set(1, 4, (unsigned[]){ OLD, OLD, OLD, NEW });
	apply();
	table_set(1, 8, (unsigned[]){ OLD, OLD, OLD, NEW, OLD, OLD, OLD, NEW }); /* grown by repetition */
	assert_int_equal(vmmq_vport_set_queue_pairs(rig.nic_switch, rig_vport(1), 3, NULL), VMMQ_SUCCESS);
	filter_add(2, 77, VMMQ_VLAN_ANY); /* nobody's flows, that VPort 0 would have had: with OLD as well */
	rss = rss_of(1);
	rss.primary = rig.processor[THIRD]; /* tracked while RSS is on */
	rss_set(1, &rss);
	rig_drain(&rig);
	assert_int_equal(rig.source[0]->gates, 1); /* that of entry 3 */
	apply();
	send(0);
	rig_drain(&rig);
	assert_int_equal(rig.source[0]->gates, 1); /* nothing was under way any more */
}

/* Gates of one source do not hold up another's packets. */
static void other_sources_go_on(void **state)
{
	(void)state;
	send(0);
	all_to(1, NEW);
	all_to(3, NEW);
	apply();
	send(0);
	assert_true(rig_send(&rig, 1, 1, 0, 0));
	assert_int_equal(rig_poll(&rig, NEW), 1);
	assert_int_equal(rig.flow[1].indicated, 1);
	assert_int_equal(indicated(), 0);
	rig_drain(&rig);
}

/* However many VPorts' packets a lane waits for in one inbox, the list of its waits stays short; and it waits for all of them. */
static void waits_for_many_vports_become_one(void **state)
{
	struct inbox *inbox = inbox_create(16, 16);
	struct lane_wait *list = NULL;
	struct lane_set lanes = { { 0 } };
	unsigned count = 0;

	(void)state;
	assert_non_null(inbox);
	for (unsigned i = 0; i < 16; i++) {
		struct lane_wait *wait = calloc(1, sizeof(*wait));

		assert_non_null(wait);
		*wait = (struct lane_wait){ .inbox = inbox, .position = 16 - i, .vport = rig_vport(i) };
		lane_set_add(&wait->lanes, i);
		lane_waits_add(&list, wait);
	}
	for (const struct lane_wait *wait = list; wait; wait = wait->next, count++)
		lane_set_include(&lanes, &wait->lanes);
	assert_in_range(count, 1, LANE_WAITS_APART);
	assert_int_equal(lanes.word[0], 0xffff);
	atomic_store(&inbox->head, 15);
	assert_false(lane_waits_prune(&list));
	atomic_store(&inbox->head, 16);
	assert_true(lane_waits_prune(&list));
	assert_null(list);
	inbox_destroy(inbox, NULL, NULL);
}

/* Marks count modulo 2^32: gates so many packets apart are not taken for neighbours. */
static void marks_that_wrapped_around(void **state)
{
	struct inbox *inbox = inbox_create(16, 4);
	struct gate *first = calloc(1, sizeof(*first)), *second = calloc(1, sizeof(*second));

	(void)state;
	assert_true(inbox && first && second && inbox_hold_ready(inbox));
	inbox_gate_put(inbox, first);
	inbox->put += 1ull << 32;
	inbox_gate_put(inbox, second);
	assert_ptr_equal(atomic_load(&inbox->fresh), second);
	assert_ptr_equal(second->next, first);
	inbox_destroy(inbox, NULL, NULL);
}

static void destroyed_in_the_middle(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		send(i % 4);
		all_to(1, i % 3);
		all_to(3, (i + 1) % 4);
		if (i % 2)
			apply();
		else
			rig_publish(&rig);
		rig_poll(&rig, i % 2);
	}
	assert_false(vmmq_adapter_idle(rig.adapter)); /* and end() finds all buffers */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_flow_that_pauses, begin, end),
		cmocka_unit_test_setup_teardown(a_chain_of_views, begin, end),
		cmocka_unit_test_setup_teardown(any_number_of_changes, begin, end),
		cmocka_unit_test_setup_teardown(a_new_vport_on_the_same_processor, begin, end),
		cmocka_unit_test_setup_teardown(who_holds_packets_stays_awake, begin, end),
		cmocka_unit_test_setup_teardown(strangers_are_not_held, begin, end),
		cmocka_unit_test_setup_teardown(a_new_key_concerns_its_vport_only, begin, end),
		cmocka_unit_test_setup_teardown(no_move_no_gate, begin, end),
		cmocka_unit_test_setup_teardown(other_sources_go_on, begin, end),
		cmocka_unit_test(waits_for_many_vports_become_one),
		cmocka_unit_test(marks_that_wrapped_around),
		cmocka_unit_test_setup_teardown(destroyed_in_the_middle, begin, end),
	};

	return cmocka_run_group_tests(tests, rig_eal_start, rig_eal_stop);
}
