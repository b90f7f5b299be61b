/* SPDX-License-Identifier: BSD-2-Clause */
/* The NIC switch by example: every operation's every status, lifecycle (spec 3.1, 3.2), limits (3.3). */
#include "unit/core/nic_switch_fixture.h"

static void new_switch(void **state)
{
	struct vmmq_nic_switch *sw = make(NULL);
	const struct vmmq_processor_set *set = vmmq_nic_switch_processors(sw);
	struct vmmq_vport_info info;

	(void)state;
	assert_int_equal(set->count, 4);
	assert_memory_equal(set->processor, processors, sizeof(processors));
	assert_ptr_not_equal(set->processor, processors);
	assert_int_equal(vmmq_vport_next(sw, -1), 0);
	assert_int_equal(vmmq_vport_next(sw, 0), -1);
	assert_null(vmmq_filter_next(sw, 0));
	expect_info(sw, 0, VMMQ_VPORT_ACTIVATED, 16, 0);
	assert_true(vmmq_vport_get(sw, vport(0), &info));
	assert_string_equal(info.name, "default");
	assert_false(info.rss->enabled);
	assert_int_equal(info.rss->primary.v, 4);
	assert_false(vmmq_vport_get(sw, vport(1), &info));
	assert_int_equal(steer(vmmq_nic_switch_view(sw), mac_a), 0);
	assert_non_null(vmmq_view_steering(vmmq_nic_switch_view(sw), vport(0)));
	assert_null(vmmq_view_steering(vmmq_nic_switch_view(sw), vport(1)));
	assert_null(vmmq_view_steering(vmmq_nic_switch_view(sw), vport(65535)));
	vmmq_nic_switch_destroy(sw);
	vmmq_nic_switch_destroy(NULL);
}

static void refuse_switch(struct vmmq_nic_switch_params params, const char *path)
{
	struct vmmq_nic_switch *sw = (struct vmmq_nic_switch *)&params;
	struct vmmq_why why;

	assert_int_equal(vmmq_nic_switch_create(&params, &sw, &why), VMMQ_INVALID_PARAMETER);
	assert_null(sw);
	assert_string_equal(why.path, path);
}

static void switch_parameters(void **state)
{
	const struct vmmq_processor twice[] = { { 1 }, { 65535 }, { 1 } };
	const struct vmmq_nic_switch_params good = { .processors = processors, .processor_count = 4 };
	struct vmmq_nic_switch_params params = good;

	(void)state;
	params.processor_count = 0;
	refuse_switch(params, "processors");
	params = (struct vmmq_nic_switch_params){ .processors = twice, .processor_count = 3 };
	refuse_switch(params, "processors");
	params = good;
	params.max_vports = 65537;
	refuse_switch(params, "max_vports");
	params = good;
	params.max_queue_pairs = 15; /* the default VPort's 16 do not fit */
	refuse_switch(params, "default_vport_queue_pairs");
	params = good;
	params.max_queue_pairs_per_vport = 15;
	refuse_switch(params, "default_vport_queue_pairs");
	params.default_vport_queue_pairs = 15;
	vmmq_nic_switch_destroy(make(&params));
	params = good;
	params.toeplitz = VMMQ_TOEPLITZ_IMPL_COUNT;
	refuse_switch(params, "toeplitz");
	params.toeplitz = VMMQ_TOEPLITZ_BITWISE;
	vmmq_nic_switch_destroy(make(&params));
}

static void create(void **state)
{
	const struct vmmq_nic_switch_params params = { .max_vports = 200,
						       .max_queue_pairs = 30,
						       .max_queue_pairs_per_vport = 16 };
	struct vmmq_nic_switch *sw = make(&params);
	char name[VMMQ_VPORT_NAME_MAX + 2];
	struct vmmq_vport_info info;

	(void)state;
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_vport_create(sw, vport(0), "vm", 1, processors[0], &why));
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_vport_create(sw, vport(200), "vm", 1, processors[0], &why));
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_vport_create(sw, vport(1), "", 1, processors[0], &why));
	memset(name, 'n', sizeof(name));
	name[VMMQ_VPORT_NAME_MAX + 1] = '\0';
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_vport_create(sw, vport(1), name, 1, processors[0], &why));
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_vport_create(sw, vport(1), "vm", 0, processors[0], &why));
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_vport_create(sw, vport(1), "vm", 17, processors[0], &why));
	REFUSED(sw, VMMQ_RESOURCES, vmmq_vport_create(sw, vport(1), "vm", 15, processors[0], &why));
	REFUSED(sw, VMMQ_INVALID_DATA, vmmq_vport_create(sw, vport(1), "vm", 1, (struct vmmq_processor){ 3 }, &why));
	name[VMMQ_VPORT_NAME_MAX] = '\0';
	DONE(vmmq_vport_create(sw, vport(199), name, 14, processors[2], NULL));
	expect_info(sw, 199, VMMQ_VPORT_DEACTIVATED, 14, 0);
	assert_true(vmmq_vport_get(sw, vport(199), &info));
	assert_string_equal(info.name, name);
	assert_int_equal(info.rss->primary.v, 6);
	assert_int_equal(info.rss->default_processor.v, 6);
	assert_int_equal(info.rss->table[0].v, 6);
	assert_int_equal(vmmq_vport_next(sw, 0), 199);
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_vport_create(sw, vport(199), "vm", 1, processors[0], &why));
	REFUSED(sw, VMMQ_RESOURCES, vmmq_vport_create(sw, vport(1), "vm", 1, processors[0], &why));
	vmmq_nic_switch_destroy(sw);
}

/* Spec 3.1: deactivated at first; traffic with activation and a filter; gone with deletion. */
static void lifecycle(void **state)
{
	struct vmmq_nic_switch *sw = make(NULL);
	uint32_t filter;

	(void)state;
	REFUSED(sw, VMMQ_INVALID_PORT, vmmq_vport_activate(sw, vport(1), &why));
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_vport_activate(sw, vport(0), &why));
	create_vport(sw, 1, 4);
	filter = set_filter(sw, 1, mac_a, VMMQ_VLAN_UNTAGGED_OR_ZERO);
	expect_info(sw, 1, VMMQ_VPORT_DEACTIVATED, 4, 1);
	assert_int_equal(steer(vmmq_nic_switch_view(sw), mac_a), 0);
	DONE(vmmq_vport_activate(sw, vport(1), NULL));
	expect_info(sw, 1, VMMQ_VPORT_ACTIVATED, 4, 1);
	assert_int_equal(steer(vmmq_nic_switch_view(sw), mac_a), 1);
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_vport_activate(sw, vport(1), &why));
	REFUSED(sw, VMMQ_FAILURE, vmmq_vport_delete(sw, vport(1), &why));
	DONE(vmmq_filter_clear(sw, filter, NULL));
	assert_int_equal(steer(vmmq_nic_switch_view(sw), mac_a), 0);
	DONE(vmmq_vport_delete(sw, vport(1), NULL));
	assert_int_equal(vmmq_vport_next(sw, 0), -1);
	assert_null(vmmq_view_steering(vmmq_nic_switch_view(sw), vport(1)));
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_vport_delete(sw, vport(1), &why));
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_vport_delete(sw, vport(0), &why));
	create_vport(sw, 1, 2);
	expect_info(sw, 1, VMMQ_VPORT_DEACTIVATED, 2, 0);
	vmmq_nic_switch_destroy(sw);
}

static void queue_pairs(void **state)
{
	const struct vmmq_nic_switch_params params = { .max_queue_pairs = 20, .max_queue_pairs_per_vport = 18 };
	struct vmmq_nic_switch *sw = make(&params);
	struct vmmq_rss_params rss;

	(void)state;
	create_vport(sw, 1, 3);
	REFUSED(sw, VMMQ_INVALID_PORT, vmmq_vport_set_queue_pairs(sw, vport(2), 1, &why));
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_vport_set_queue_pairs(sw, vport(1), 0, &why));
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_vport_set_queue_pairs(sw, vport(1), 19, &why));
	REFUSED(sw, VMMQ_RESOURCES, vmmq_vport_set_queue_pairs(sw, vport(1), 5, &why));
	DONE(vmmq_vport_set_queue_pairs(sw, vport(1), 4, NULL));
	REFUSED(sw, VMMQ_RESOURCES, vmmq_vport_set_queue_pairs(sw, vport(0), 17, &why));
	DONE(vmmq_vport_set_queue_pairs(sw, vport(0), 1, NULL)); /* the default VPort's too (spec 19.1) */
	DONE(vmmq_vport_set_queue_pairs(sw, vport(1), 18, NULL));
	DONE(vmmq_vport_set_queue_pairs(sw, vport(1), 3, NULL));

	vmmq_rss_params_init(&rss, processors[0]);
	rss.entry_count = 4;
	memcpy(rss.table, processors, sizeof(processors));
	DONE(vmmq_rss_set(sw, vport(1), &rss, NULL)); /* off: kept, not counted */
	DONE(vmmq_vport_set_queue_pairs(sw, vport(1), 1, NULL));
	rss.enabled = true;
	REFUSED(sw, VMMQ_NO_QUEUES, vmmq_rss_set(sw, vport(1), &rss, &why));
	DONE(vmmq_vport_set_queue_pairs(sw, vport(1), 4, NULL));
	DONE(vmmq_rss_set(sw, vport(1), &rss, NULL));
	REFUSED(sw, VMMQ_NO_QUEUES, vmmq_vport_set_queue_pairs(sw, vport(1), 3, &why));
	vmmq_nic_switch_destroy(sw);
}

static void rss(void **state)
{
	struct vmmq_nic_switch *sw = make(NULL);
	struct vmmq_rss_params params, bad;
	struct vmmq_vport_info info;

	(void)state;
	vmmq_rss_params_init(&params, processors[1]);
	params.enabled = true;
	params.table[0] = processors[3];
	REFUSED(sw, VMMQ_INVALID_PORT, vmmq_rss_set(sw, vport(9), &params, &why));
	bad = params;
	bad.entry_count = 3;
	REFUSED(sw, VMMQ_INVALID_LENGTH, vmmq_rss_set(sw, vport(0), &bad, &why));
	bad = params;
	bad.hash_types = 1;
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_rss_set(sw, vport(0), &bad, &why));
	bad = params;
	bad.table[0].v = 8;
	REFUSED(sw, VMMQ_INVALID_DATA, vmmq_rss_set(sw, vport(0), &bad, &why));
	DONE(vmmq_rss_set(sw, vport(0), &params, NULL));
	assert_true(vmmq_vport_get(sw, vport(0), &info));
	assert_memory_equal(info.rss, &params, sizeof(params));
	vmmq_nic_switch_destroy(sw);
}

static void filters(void **state)
{
	const struct vmmq_nic_switch_params params = { .max_filters = 3 };
	struct vmmq_nic_switch *sw = make(&params);
	uint32_t id = 99, first, second;

	(void)state;
	create_vport(sw, 1, 1);
	create_vport(sw, 2, 1);
	DONE(vmmq_vport_activate(sw, vport(1), NULL));
	DONE(vmmq_vport_activate(sw, vport(2), NULL));
	first = set_filter(sw, 1, mac_a, VMMQ_VLAN_UNTAGGED_OR_ZERO);
	assert_int_equal(first, 1);
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_filter_set(sw, vport(3), mac_b, 0, &id, &why));
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_filter_set(sw, vport(1), mac_b, 4095, &id, &why));
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_filter_set(sw, vport(1), mac_b, 0xfffe, &id, &why));
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_filter_set(sw, vport(1), mac_a, 0, &id, &why));
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_filter_set(sw, vport(2), mac_a, 0, &id, &why));
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_filter_set(sw, vport(0), mac_a, 0, &id, &why));
	assert_int_equal(id, 99);
	second = set_filter(sw, 1, mac_a, VMMQ_VLAN_ANY);
	set_filter(sw, 0, mac_a, VMMQ_VLAN_ID_MAX);
	REFUSED(sw, VMMQ_RESOURCES, vmmq_filter_set(sw, vport(1), mac_b, 0, &id, &why));
	REFUSED(sw, VMMQ_FILE_NOT_FOUND, vmmq_filter_clear(sw, 77, &why));
	REFUSED(sw, VMMQ_FILE_NOT_FOUND, vmmq_filter_clear(sw, 0, &why));
	DONE(vmmq_filter_clear(sw, second, NULL));
	REFUSED(sw, VMMQ_FILE_NOT_FOUND, vmmq_filter_clear(sw, second, &why));
	assert_null(vmmq_filter_get(sw, second));
	assert_int_equal(vmmq_filter_next(sw, first)->id, 3);
	assert_int_equal(set_filter(sw, 2, mac_a, VMMQ_VLAN_ANY), 4); /* not the cleared one's id */

	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_filter_move(sw, second, vport(1), vport(2), &why));
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_filter_move(sw, first, vport(2), vport(1), &why));
	REFUSED(sw, VMMQ_INVALID_PARAMETER, vmmq_filter_move(sw, first, vport(1), vport(3), &why));
	DONE(vmmq_filter_move(sw, first, vport(1), vport(2), NULL));
	assert_int_equal(steer(vmmq_nic_switch_view(sw), mac_a), 2);
	expect_info(sw, 1, VMMQ_VPORT_ACTIVATED, 1, 0);
	expect_info(sw, 2, VMMQ_VPORT_ACTIVATED, 1, 2);
	DONE(vmmq_filter_move(sw, first, vport(2), vport(2), NULL));
	expect_info(sw, 2, VMMQ_VPORT_ACTIVATED, 1, 2);
	assert_null(vmmq_filter_next(sw, UINT32_MAX));
	vmmq_nic_switch_destroy(sw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_switch), cmocka_unit_test(switch_parameters), cmocka_unit_test(create),
		cmocka_unit_test(lifecycle),  cmocka_unit_test(queue_pairs),       cmocka_unit_test(rss),
		cmocka_unit_test(filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
