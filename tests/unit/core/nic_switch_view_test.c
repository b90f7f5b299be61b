/* SPDX-License-Identifier: BSD-2-Clause */
/* Groups of operations and the views that they publish, by example (spec 3.4); the processor set; most VPorts. */
#include "unit/core/nic_switch_fixture.h"

/* Spec 3.3's worked example: 128 pairs, 64 VPorts: 63 x 2 + 1 when symmetric, any mixture when not. */
static void processor_set(void **state)
{
	static const struct vmmq_processor fewer[] = { { 6 }, { 4 } }, twice[] = { { 4 }, { 4 } },
					   foreign[] = { { 8 } };
	struct vmmq_nic_switch *sw = make(NULL);
	struct vmmq_rss_params params;

	(void)state;
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_nic_switch_set_processors(sw, fewer, 0, &why));
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_nic_switch_set_processors(sw, twice, 2, &why));
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_nic_switch_set_processors(sw, foreign, 1, &why));
	REFUSED(sw, VMMQ_INVALID_DATA, vmmq_nic_switch_set_processors(sw, fewer, 1, &why)); /* VPort 0 is on 4 */
	DONE(vmmq_nic_switch_set_processors(sw, fewer, 2, NULL));
	assert_int_equal(vmmq_nic_switch_processors(sw)->count, 2);
	assert_int_equal(vmmq_nic_switch_processors(sw)->processor[0].v, 6);
	vmmq_rss_params_init(&params, fewer[0]);
	params.enabled = true;
	params.table[0] = processors[1]; /* 5 is outside now */
	REFUSED(sw, VMMQ_INVALID_DATA, vmmq_rss_set(sw, vport(0), &params, &why));

	vmmq_nic_switch_begin(sw);
	DONE(vmmq_nic_switch_set_processors(sw, processors, 4, NULL));
	DONE(vmmq_rss_set(sw, vport(0), &params, NULL));
	vmmq_nic_switch_abort(sw);
	assert_int_equal(vmmq_nic_switch_processors(sw)->count, 2);
	vmmq_nic_switch_begin(sw);
	DONE(vmmq_nic_switch_set_processors(sw, processors, 4, NULL));
	DONE(vmmq_rss_set(sw, vport(0), &params, NULL));
	DONE(vmmq_nic_switch_commit(sw, NULL));
	REFUSED(sw, VMMQ_INVALID_DATA, vmmq_nic_switch_set_processors(sw, fewer, 2, &why));
	vmmq_nic_switch_destroy(sw);
}

static void worked_example(void **state)
{
	struct vmmq_nic_switch_params params = { .max_vports = 64,
						 .max_queue_pairs = 128,
						 .max_queue_pairs_per_vport = 4,
						 .default_vport_queue_pairs = 1,
						 .symmetric = true };
	struct vmmq_nic_switch *sw = make(&params);

	(void)state;
	create_vport(sw, 1, 2);
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_vport_create(sw, vport(2), "vm", 1, processors[0], &why));
	DONE(vmmq_vport_set_queue_pairs(sw, vport(1), 4, NULL)); /* alone it may change */
	DONE(vmmq_vport_set_queue_pairs(sw, vport(1), 2, NULL));
	for (uint16_t id = 2; id < 64; id++)
		create_vport(sw, id, 2);
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_vport_set_queue_pairs(sw, vport(63), 1, &why));
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_vport_create(sw, vport(64), "vm", 2, processors[0], &why));
	DONE(vmmq_vport_set_queue_pairs(sw, vport(0), 2, NULL));
	REFUSED(sw, VMMQ_RESOURCES, vmmq_vport_set_queue_pairs(sw, vport(0), 3, &why));
	vmmq_nic_switch_destroy(sw);

	params.symmetric = false;
	sw = make(&params);
	for (uint16_t id = 1; id <= 31; id++)
		create_vport(sw, id, 4);
	for (uint16_t id = 32; id <= 34; id++)
		create_vport(sw, id, 1);
	REFUSED(sw, VMMQ_RESOURCES, vmmq_vport_create(sw, vport(35), "vm", 1, processors[0], &why));
	DONE(vmmq_vport_delete(sw, vport(1), NULL));
	create_vport(sw, 35, 3);
	create_vport(sw, 36, 1);
	REFUSED(sw, VMMQ_RESOURCES, vmmq_vport_create(sw, vport(37), "vm", 1, processors[0], &why));
	vmmq_nic_switch_destroy(sw);
}

/* A group is seen at once by its maker and by packets only when it is committed. */
static void groups(void **state)
{
	struct vmmq_nic_switch *sw = make(NULL);
	const struct vmmq_view *first = vmmq_nic_switch_view(sw);
	char *dump = nic_switch_dump(sw), *aborted;
	uint32_t filter;

	(void)state;
	for (unsigned commit = 0; commit < 2; commit++) {
		vmmq_nic_switch_begin(sw);
		create_vport(sw, 1, 1);
		filter = set_filter(sw, 1, mac_a, VMMQ_VLAN_UNTAGGED_OR_ZERO);
		DONE(vmmq_vport_activate(sw, vport(1), NULL));
		REFUSED(sw, VMMQ_FAILURE, vmmq_vport_delete(sw, vport(1), &why));
		DONE(vmmq_filter_move(sw, filter, vport(1), vport(0), NULL));
		DONE(vmmq_vport_delete(sw, vport(1), NULL));
		create_vport(sw, 1, 2);
		DONE(vmmq_filter_clear(sw, filter, NULL));
		DONE(vmmq_vport_activate(sw, vport(1), NULL));
		set_filter(sw, 1, mac_a, VMMQ_VLAN_UNTAGGED_OR_ZERO);
		assert_ptr_equal(vmmq_nic_switch_view(sw), first);
		assert_int_equal(steer(vmmq_nic_switch_view(sw), mac_a), 0);
		if (commit) {
			DONE(vmmq_nic_switch_commit(sw, NULL));
			break;
		}
		vmmq_nic_switch_abort(sw);
		aborted = nic_switch_dump(sw);
		assert_string_equal(dump, aborted);
		assert_ptr_equal(vmmq_nic_switch_view(sw), first);
		free(aborted);
	}
	assert_int_equal(steer(vmmq_nic_switch_view(sw), mac_a), 1);
	expect_info(sw, 1, VMMQ_VPORT_ACTIVATED, 2, 1);
	free(dump);
	vmmq_nic_switch_begin(sw); /* destroyed in the middle of a group: nothing leaks */
	DONE(vmmq_filter_clear(sw, vmmq_filter_next(sw, 0)->id, NULL));
	DONE(vmmq_vport_delete(sw, vport(1), NULL));
	vmmq_nic_switch_destroy(sw);
}

/* Old views stay as they were until they are retired; retiring one that is gone or the current one does no harm. */
static void views(void **state)
{
	struct vmmq_nic_switch *sw = make(NULL);
	const struct vmmq_view *view[4];

	(void)state;
	create_vport(sw, 1, 1);
	create_vport(sw, 65, 1);
	DONE(vmmq_vport_activate(sw, vport(1), NULL));
	DONE(vmmq_vport_activate(sw, vport(65), NULL));
	view[0] = vmmq_nic_switch_view(sw);
	set_filter(sw, 1, mac_a, VMMQ_VLAN_ANY);
	view[1] = vmmq_nic_switch_view(sw);
	DONE(vmmq_filter_move(sw, 1, vport(1), vport(65), NULL));
	view[2] = vmmq_nic_switch_view(sw);
	DONE(vmmq_filter_move(sw, 1, vport(65), vport(0), NULL));
	DONE(vmmq_vport_delete(sw, vport(65), NULL));
	view[3] = vmmq_nic_switch_view(sw);
	assert_int_equal(steer(view[0], mac_a), 0);
	assert_int_equal(steer(view[1], mac_a), 1);
	assert_int_equal(steer(view[2], mac_a), 65);
	assert_int_equal(steer(view[3], mac_a), 0);
	vmmq_nic_switch_retire(sw, view[1]);
	assert_int_equal(steer(view[2], mac_a), 65);
	vmmq_nic_switch_retire(sw, view[0]); /* older than view 1, so gone already: nothing happens */
	assert_int_equal(steer(view[2], mac_a), 65);
	vmmq_nic_switch_retire(sw, NULL);
	assert_int_equal(steer(view[2], mac_a), 65);
	vmmq_nic_switch_retire(sw, view[3]);
	assert_int_equal(steer(view[3], mac_a), 0);
	assert_ptr_equal(vmmq_nic_switch_view(sw), view[3]);
	vmmq_nic_switch_destroy(sw);
}

/* A change that steers no packet otherwise makes no new view. */
static void same_view(void **state)
{
	struct vmmq_nic_switch *sw = make(NULL);
	const struct vmmq_view *view = vmmq_nic_switch_view(sw);

	(void)state;
	DONE(vmmq_vport_set_queue_pairs(sw, vport(0), 3, NULL));
	assert_ptr_equal(vmmq_nic_switch_view(sw), view);
	vmmq_nic_switch_begin(sw);
	DONE(vmmq_nic_switch_commit(sw, NULL));
	assert_ptr_equal(vmmq_nic_switch_view(sw), view);
	vmmq_nic_switch_destroy(sw);
}

/* All 65,536 VPorts with a filter each, made in one group. */
static void most_vports(void **state)
{
	struct vmmq_nic_switch *sw = make(NULL);
	uint8_t mac[VMMQ_MAC_LEN] = { 0x02 };
	unsigned count = 0;

	(void)state;
	vmmq_nic_switch_begin(sw);
	for (unsigned id = 1; id < VMMQ_VPORTS_MAX; id++) {
		mac[4] = (uint8_t)(id >> 8);
		mac[5] = (uint8_t)id;
		create_vport(sw, (uint16_t)id, 1);
		DONE(vmmq_vport_activate(sw, vport((uint16_t)id), NULL));
		set_filter(sw, (uint16_t)id, mac, VMMQ_VLAN_ANY);
	}
	DONE(vmmq_nic_switch_commit(sw, NULL));
	for (int32_t id = vmmq_vport_next(sw, -1); id >= 0; id = vmmq_vport_next(sw, id), count++) {
		mac[4] = (uint8_t)(id >> 8);
		mac[5] = (uint8_t)id;
		assert_int_equal(steer(vmmq_nic_switch_view(sw), mac), id);
	}
	assert_int_equal(count, VMMQ_VPORTS_MAX);
	vmmq_nic_switch_destroy(sw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worked_example), cmocka_unit_test(groups),    cmocka_unit_test(processor_set),
		cmocka_unit_test(views),          cmocka_unit_test(same_view), cmocka_unit_test(most_vports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
