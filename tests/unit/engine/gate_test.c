/* SPDX-License-Identifier: BSD-2-Clause */
/* Gates by example: flows that pause, chains of views, gates that do not fit, and who need not wait. */
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
	assert_int_equal(rig_poll(&rig, THIRD), 0); /* NEW has not passed its gate */
	assert_int_equal(rig_poll(&rig, NEW), 0);
	assert_int_equal(rig_poll(&rig, THIRD), 1);
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

/* Changes go on until no gate fits any more: the source then stays with the view that it has, and catches up later. */
static void a_gate_that_does_not_fit(void **state)
{
	vmmq_status status = VMMQ_SUCCESS;
	unsigned changes = 0;

	(void)state;
	send(0);
	for (; status == VMMQ_SUCCESS; changes++) {
		assert_true(changes < 1000);
		all_to(1, changes % 2 ? OLD : NEW);
		status = vmmq_adapter_apply(rig.adapter, false, 1000000, NULL);
		if (status == VMMQ_SUCCESS && changes < 20)
			send(0);
	}
	assert_int_equal(status, VMMQ_PENDING);
	assert_ptr_not_equal(rig.source[0]->link, rig.adapter->views.newest);
	rig_send(&rig, 0, 0, 0, 0); /* still by an older view, if there is room for it */
	assert_ptr_not_equal(rig.source[0]->link, rig.adapter->views.newest);
	rig_drain(&rig);
	apply();
	assert_ptr_equal(rig.source[0]->link, rig.adapter->views.newest);
	send(0);
	rig_drain(&rig);
	assert_int_equal(rig.flow[0].processor, rig.processor[changes % 2 ? NEW : OLD].v);
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

/* A gate must not be left before a processor that sleeps: others may come to wait for it. */
static void a_gate_interrupts(void **state)
{
	struct interrupt *interrupt = &processor_find(rig.adapter, rig.processor[NEW])->interrupt;

	(void)state;
	send(0);
	interrupt_arm(interrupt);
	all_to(1, NEW);
	apply();
	assert_false(atomic_load(&interrupt->armed));
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
	assert_int_equal(gates_passed(), 1); /* that of entry 3 */
	apply();
	send(0);
	rig_drain(&rig);
	assert_int_equal(gates_passed(), 1); /* nothing was under way any more */
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
		cmocka_unit_test_setup_teardown(a_gate_that_does_not_fit, begin, end),
		cmocka_unit_test_setup_teardown(a_new_vport_on_the_same_processor, begin, end),
		cmocka_unit_test_setup_teardown(a_gate_interrupts, begin, end),
		cmocka_unit_test_setup_teardown(no_move_no_gate, begin, end),
		cmocka_unit_test_setup_teardown(other_sources_go_on, begin, end),
		cmocka_unit_test_setup_teardown(destroyed_in_the_middle, begin, end),
	};

	return cmocka_run_group_tests(tests, rig_eal_start, rig_eal_stop);
}
