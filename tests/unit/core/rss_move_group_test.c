/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands of one SET_INDIRECTION_TABLE_ENTRIES: groups of 11.3, and that the sample's deviations are not here. */
#include "unit/core/rss_move_fixture.h"

/* 4 queues, all in use: while the group runs, five processors have references. */
static void queues_are_counted_after_the_group(void **state)
{
	struct vmmq_nic_switch *sw = enabled();
	struct vmmq_rss_move one = entry(0, 80), all[] = { entry(0, 80), entry(2, 80), fallback(80) };

	(void)state;
	run_one(sw, 5, entry(1, 6));
	run_one(sw, 5, entry(3, 7));
	run_one(sw, 4, entry(2, 5)); /* 4 6 5 7, default 4 */
	refuse(sw, 4, &one, 1, VMMQ_NO_QUEUES);
	run_one(sw, 5, entry(2, 4));
	run_one(sw, 4, entry(2, 5));
	all[1] = fallback(80); /* all that is on 4 to 80 */
	run(sw, 4, all, 2, VMMQ_SUCCESS);
	expect_table(sw, 80, 6, 5, 7);
	vmmq_nic_switch_destroy(sw);
}

static void no_queues_reverts_the_group(void **state)
{
	struct vmmq_nic_switch *sw = enabled();
	struct vmmq_rss_move move[] = { entry(0, 6), entry(2, 7), fallback(80) }; /* with 5: four; 10 is too many */
	struct vmmq_rss_move more[] = { entry(0, 6), entry(2, 7), primary(9), fallback(80), entry(0, 6) };

	(void)state;
	more[4].index = 3; /* on 5: not the actor's */
	refuse(sw, 4, more, 5, VMMQ_NOT_ACCEPTED);
	run(sw, 4, move, 3, VMMQ_SUCCESS);
	refuse_one(sw, 5, entry(1, 10), VMMQ_NO_QUEUES);
	vmmq_nic_switch_destroy(sw);
}

/* In the sample one bad command does not fail its group. */
static void deviation_one_bad_command_fails_its_group(void **state)
{
	struct vmmq_nic_switch *sw = enabled();

	(void)state;
	for (size_t bad = 0; bad < 4; bad++) {
		struct vmmq_rss_move move[] = { entry(0, 6), primary(9), entry(2, 4), fallback(7) };

		move[bad] = entry(4, 6);
		refuse(sw, 4, move, 4, VMMQ_INVALID_PARAMETER);
		move[bad] = entry(1, 6);
		refuse(sw, 4, move, 4, VMMQ_NOT_ACCEPTED);
		move[bad] = entry(0xffff, 8);
		refuse(sw, 4, move, 4, VMMQ_INVALID_DATA);
	}
	vmmq_nic_switch_destroy(sw);
}

/* In the sample, after NO_QUEUES, the inactive and the no-op commands of the group stay applied. */
static void deviation_no_queues_reverts_inactive_and_no_op(void **state)
{
	struct vmmq_nic_switch *sw = enabled();
	struct vmmq_rss_v2 two = { .flags = VMMQ_RSS_V2_ENABLE | VMMQ_RSS_V2_NUMBER_OF_QUEUES_CHANGED, .queues = 2 };
	struct vmmq_rss_move move[] = { primary(9), entry(0, 4), entry(2, 6) };

	(void)state;
	DONE(vmmq_rss_v2_set(sw, 1, &two, NULL));
	refuse(sw, 4, move, 3, VMMQ_NO_QUEUES);
	assert_int_equal(rss_of(sw, 1)->primary.v, 4);
	vmmq_nic_switch_destroy(sw);
}

/* Two commands for one entry: the second sees the first as applied. */
static void same_entry_twice(void **state)
{
	struct vmmq_nic_switch *sw = enabled();
	struct vmmq_rss_move away[] = { entry(0, 6), entry(0, 7) }, no_op[] = { entry(0, 4), entry(0, 7) };
	struct vmmq_rss_move by_index[] = { fallback(6), entry(0xffff, 7) };

	(void)state;
	refuse(sw, 4, away, 2, VMMQ_NOT_ACCEPTED);
	refuse(sw, 4, by_index, 2, VMMQ_NOT_ACCEPTED);
	run(sw, 4, no_op, 2, VMMQ_SUCCESS);
	expect_table(sw, 7, 5, 4, 5);
	vmmq_nic_switch_destroy(sw);
}

/* Groups are runs of one (switch, VPort); each one stands alone, even two of the same VPort. */
static void groups_are_independent(void **state)
{
	struct vmmq_nic_switch *sw = enabled();
	struct vmmq_rss_move move[] = {
		entry(0, 6), entry(1, 6), /* 1 is on 5: the group fails */
		primary(5),  primary(6),  /* of VPort 0: the second one fails the actor rule */
		entry(0, 6), entry(2, 6), /* VPort 1 again: succeeds, though its first group failed */
		entry(0, 7),              /* switch 9 */
		entry(0, 7),              /* VPort 1: sees the third group as applied */
		primary(5),               /* VPort 0 */
		primary(5),               /* VPort 2, not activated */
	};
	static const uint32_t want[] = {
		0x10003, 0x10003, 0x10003, 0x10003, 0, 0, 0xc000000d, 0x10003, 0, 0xc023002e
	};
	struct vmmq_why why = { "", "" };

	(void)state;
	move[2].vport_id = move[3].vport_id = move[8].vport_id = 0;
	move[6].switch_id = 9;
	move[9].vport_id = 2;
	DONE(vmmq_rss_move(sw, processor(4), move, COUNT(move), &why));
	for (size_t i = 0; i < COUNT(move); i++)
		assert_int_equal(move[i].status, want[i]);
	expect_table(sw, 6, 5, 6, 5);
	assert_int_equal(rss_of(sw, 0)->primary.v, 5);
	assert_string_equal(why.path, "command[1].target"); /* the first failure */
	vmmq_nic_switch_destroy(sw);
}

/* Rule 11: any number of commands; the sample refuses more than 128 + 2. */
static void many_commands(void **state)
{
	struct vmmq_nic_switch *sw = enabled();
	struct vmmq_rss_v2 large = { .flags = VMMQ_RSS_V2_ENABLE | VMMQ_RSS_V2_NUMBER_OF_ENTRIES_CHANGED,
				     .entries = 128 };
	static struct vmmq_rss_move move[1000];
	size_t count = 0;

	(void)state;
	DONE(vmmq_rss_move(sw, processor(4), NULL, 0, NULL));
	run_one(sw, 5, entry(1, 4));
	run_one(sw, 5, entry(3, 4));
	DONE(vmmq_rss_v2_set(sw, 1, &large, NULL));
	for (uint16_t i = 0; i < 128; i++)
		move[count++] = entry(i, 6);
	move[count++] = primary(6);
	move[count++] = fallback(6);
	run(sw, 4, move, count, VMMQ_SUCCESS); /* the full evacuation of a processor */
	assert_int_equal(vmmq_rss_queues_used(rss_of(sw, 1)), 1);
	for (count = 0; count < COUNT(move); count++)
		move[count] = entry((uint16_t)(count % 128), 6);
	run(sw, 6, move, COUNT(move), VMMQ_SUCCESS);
	vmmq_nic_switch_destroy(sw);
}

static void inside_a_group_of_the_switch(void **state)
{
	struct vmmq_nic_switch *sw = enabled();
	struct vmmq_rss_move good = entry(0, 6), bad = entry(0, 9);

	(void)state;
	vmmq_nic_switch_begin(sw);
	run_one(sw, 4, good);
	refuse_one(sw, 6, bad, VMMQ_INVALID_DATA);
	DONE(vmmq_nic_switch_commit(sw, NULL));
	expect_table(sw, 6, 5, 4, 5);
	vmmq_nic_switch_begin(sw);
	run_one(sw, 6, entry(0, 4));
	vmmq_nic_switch_abort(sw);
	expect_table(sw, 6, 5, 4, 5);
	vmmq_nic_switch_destroy(sw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queues_are_counted_after_the_group),
		cmocka_unit_test(no_queues_reverts_the_group),
		cmocka_unit_test(deviation_one_bad_command_fails_its_group),
		cmocka_unit_test(deviation_no_queues_reverts_inactive_and_no_op),
		cmocka_unit_test(same_entry_twice),
		cmocka_unit_test(groups_are_independent),
		cmocka_unit_test(many_commands),
		cmocka_unit_test(inside_a_group_of_the_switch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
