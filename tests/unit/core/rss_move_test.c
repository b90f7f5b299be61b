/* SPDX-License-Identifier: BSD-2-Clause */
/* SET_INDIRECTION_TABLE_ENTRIES: rules and statuses of one command. */
#include "unit/core/rss_move_fixture.h"

static void active_entries_move(void **state)
{
	struct vmmq_nic_switch *sw = enabled();
	struct vmmq_rss_move evacuate[] = { entry(0, 80), entry(2, 80), fallback(80) };

	(void)state;
	run_one(sw, 5, entry(1, 6));
	expect_table(sw, 4, 6, 4, 5);
	run_one(sw, 6, entry(1, 7)); /* fully moved: an immediate further move works */
	run(sw, 4, evacuate, COUNT(evacuate), VMMQ_SUCCESS);
	expect_table(sw, 80, 7, 80, 5);
	assert_int_equal(rss_of(sw, 1)->default_processor.v, 80);
	assert_int_equal(rss_of(sw, 1)->primary.v, 4);
	for (uint32_t flow = 0; flow < 32; flow++)
		assert_int_equal(fixture_steer(sw, flow).processor.v,
				 rss_of(sw, 1)->table[fixture_steer(sw, flow).hash % 4].v);
	vmmq_nic_switch_destroy(sw);
}

static void primary_moves_while_off(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();

	(void)state;
	run_one(sw, 4, primary(6));
	assert_int_equal(fixture_steer(sw, 1).processor.v, 6);
	assert_int_equal(rss_of(sw, 1)->default_processor.v, 4); /* neither default nor table follow */
	assert_int_equal(rss_of(sw, 1)->table[0].v, 4);
	refuse_one(sw, 6, primary(9), VMMQ_INVALID_DATA);
	vmmq_nic_switch_destroy(sw);
}

static void default_vport(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_rss_move move = primary(7);

	(void)state;
	move.vport_id = 0;
	run_one(sw, 4, move);
	assert_int_equal(rss_of(sw, 0)->primary.v, 7);
	vmmq_nic_switch_destroy(sw);
}

/* 19.4: 0xFFFF and 0xFFFE stand for default and primary when flags are 0; flags win otherwise. */
static void special_indices(void **state)
{
	struct vmmq_nic_switch *sw = enabled();
	struct vmmq_rss_move move = primary(6);

	(void)state;
	run_one(sw, 4, entry(0xffff, 5));
	assert_int_equal(rss_of(sw, 1)->default_processor.v, 5);
	run_one(sw, 4, entry(0xfffe, 5));
	assert_int_equal(rss_of(sw, 1)->primary.v, 5);
	move.index = 0xffff;
	run_one(sw, 5, move);
	assert_int_equal(rss_of(sw, 1)->primary.v, 6);
	assert_int_equal(rss_of(sw, 1)->default_processor.v, 5);
	vmmq_nic_switch_destroy(sw);
}

static void bad_commands(void **state)
{
	static const uint32_t flags[] = { 3, 4, 0x80000000, 0xffffffff };
	static const uint16_t indices[] = { 4, 128, 0xfffd };
	struct vmmq_nic_switch *sw = enabled();
	struct vmmq_rss_move move;

	(void)state;
	for (size_t i = 0; i < COUNT(flags); i++) {
		move = entry(0, 4);
		move.flags = flags[i];
		refuse_one(sw, 4, move, VMMQ_INVALID_PARAMETER);
	}
	for (size_t i = 0; i < COUNT(indices); i++)
		refuse_one(sw, 4, entry(indices[i], 4), VMMQ_INVALID_PARAMETER);
	move = entry(0, 4);
	move.switch_id = 1;
	refuse_one(sw, 4, move, VMMQ_INVALID_PARAMETER);
	refuse_one(sw, 4, entry(0, 9), VMMQ_INVALID_DATA);
	refuse_one(sw, 4, entry(0, 65535), VMMQ_INVALID_DATA);
	run_one(sw, 4, entry(0, 4));
	vmmq_nic_switch_destroy(sw);
}

/* Order: VPort, activation, flags and index, actor, no-op, set. */
static void order_of_checks(void **state)
{
	struct vmmq_nic_switch *sw = enabled();
	struct vmmq_rss_move move = entry(4, 9);

	(void)state;
	refuse_one(sw, 5, move, VMMQ_INVALID_PARAMETER); /* index before actor */
	move.index = 0;
	refuse_one(sw, 5, move, VMMQ_NOT_ACCEPTED); /* actor before set */
	move.target = processor(4);
	refuse_one(sw, 5, move, VMMQ_NOT_ACCEPTED); /* actor before no-op */
	move.vport_id = 2;
	move.flags = 7;
	refuse_one(sw, 5, move, VMMQ_INVALID_PORT_STATE); /* activation before flags */
	move.vport_id = 3;
	refuse_one(sw, 5, move, VMMQ_INVALID_PORT);
	move.switch_id = 1;
	refuse_one(sw, 5, move, VMMQ_INVALID_PARAMETER);
	vmmq_nic_switch_destroy(sw);
}

/* 19.5, and the sample compares the VPort id with > instead of >=: the first id that is too large is refused as such. */
static void deviation_first_vport_id_too_large(void **state)
{
	static const uint32_t too_large[] = { 100, 101, 65535, 65536, 65537, 0xffffffff };
	struct vmmq_nic_switch *sw = fixture_make(); /* of at most 100 VPorts */
	struct vmmq_rss_move move = primary(5);

	(void)state;
	for (size_t i = 0; i < COUNT(too_large); i++) {
		move.vport_id = too_large[i];
		refuse_one(sw, 4, move, VMMQ_INVALID_PARAMETER);
	}
	move.vport_id = 99;
	refuse_one(sw, 4, move, VMMQ_INVALID_PORT);
	vmmq_nic_switch_destroy(sw);
}

static void actor_rule(void **state)
{
	struct vmmq_nic_switch *sw = enabled();

	(void)state;
	refuse_one(sw, 5, entry(0, 6), VMMQ_NOT_ACCEPTED);
	refuse_one(sw, 5, fallback(6), VMMQ_NOT_ACCEPTED);
	refuse_one(sw, 5, primary(6), VMMQ_NOT_ACCEPTED); /* inactive ones too */
	run_one(sw, 5, entry(1, 5));                      /* to itself */
	run_one(sw, 4, primary(9));                       /* inactive: anywhere */
	run_one(sw, 9, primary(9));                       /* to itself, though outside the set */
	refuse_one(sw, 4, primary(4), VMMQ_NOT_ACCEPTED);
	vmmq_nic_switch_destroy(sw);
}

/* A move to itself succeeds even when the processor is outside the set: there is nothing to check. */
static void self_move_is_no_change(void **state)
{
	struct vmmq_nic_switch *sw = enabled();
	struct vmmq_rss_move move[] = { entry(0, 4), entry(2, 4), fallback(4), primary(4) };

	(void)state;
	refuse(sw, 4, move, COUNT(move), VMMQ_SUCCESS); /* refuse(): nothing may change */
	vmmq_nic_switch_destroy(sw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(active_entries_move),
		cmocka_unit_test(primary_moves_while_off),
		cmocka_unit_test(default_vport),
		cmocka_unit_test(special_indices),
		cmocka_unit_test(bad_commands),
		cmocka_unit_test(order_of_checks),
		cmocka_unit_test(deviation_first_vport_id_too_large),
		cmocka_unit_test(actor_rule),
		cmocka_unit_test(self_move_is_no_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
