/* SPDX-License-Identifier: BSD-2-Clause */
/* VPort parameters: created, set and read back; every change flag; every status of 3.1 to 3.4 and 10.5. */
#include "unit/core/request_fixture.h"

static struct vmmq_vport_params fresh(uint32_t id)
{
	return (struct vmmq_vport_params){
		.vport_id = id,
		.name = "vm",
		.attached_function = 0xffff,
		.queue_pairs = 2,
		.interrupt_moderation = VMMQ_INTERRUPT_MODERATION_LOW,
		.state = VMMQ_VPORT_DEACTIVATED,
		.affinity = { 0, 0xe0 }, /* 5 to 7 */
	};
}

/* A set in which everything that is not flagged is bad. */
static struct vmmq_vport_params flagged(uint32_t id, uint32_t flags)
{
	static char long_name[VMMQ_VPORT_NAME_MAX + 2];

	memset(long_name, 'x', sizeof(long_name) - 1);
	return (struct vmmq_vport_params){ flags, 0, id, long_name, 7, 999, 999, 999, { 65535, 0 } };
}

static struct vmmq_vport_params get(const struct vmmq_nic_switch *sw, uint32_t id)
{
	struct vmmq_vport_params params;

	DONE(vmmq_vport_get_params(sw, id, &params));
	return params;
}

static void create_and_get(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_vport_params params = fresh(3);

	(void)state;
	params.flags = 0x8001;
	DONE(vmmq_vport_create_params(sw, &params, NULL));
	params = get(sw, 3);
	assert_int_equal(params.flags, 0x8001);
	assert_int_equal(params.switch_id, 0);
	assert_int_equal(params.vport_id, 3);
	assert_string_equal(params.name, "vm");
	assert_int_equal(params.attached_function, 0xffff);
	assert_int_equal(params.queue_pairs, 2);
	assert_int_equal(params.interrupt_moderation, 100);
	assert_int_equal(params.state, VMMQ_VPORT_DEACTIVATED);
	assert_int_equal(params.affinity.group, 0);
	assert_int_equal(params.affinity.mask, 0xe0);
	assert_int_equal(rss_of(sw, 3)->primary.v, 5); /* the lowest bit is primary, default and entry 0 */
	assert_int_equal(rss_of(sw, 3)->default_processor.v, 5);
	assert_int_equal(rss_of(sw, 3)->entry_count, 1);
	assert_int_equal(rss_of(sw, 3)->table[0].v, 5);
	assert_false(rss_of(sw, 3)->enabled);
	params = get(sw, 0);
	assert_int_equal(params.state, VMMQ_VPORT_ACTIVATED);
	assert_int_equal(params.affinity.mask, 1 << 4);
	params = get(sw, 1);
	assert_int_equal(params.affinity.mask, 1 << 4);
	assert_int_equal(vmmq_vport_get_params(sw, 4, &params), VMMQ_INVALID_PORT);
	assert_int_equal(vmmq_vport_get_params(sw, 65537, &params), VMMQ_INVALID_PORT);
	vmmq_nic_switch_destroy(sw);
}

/* 3.1: whatever state the request names, a PF VPort starts deactivated.  Names may be empty and alike. */
static void create_state_and_name(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		struct vmmq_vport_params params = fresh(3 + i);

		params.queue_pairs = 1;
		params.state = 2 * i; /* not said, deactivated */
		params.name = i ? "" : NULL;
		DONE(vmmq_vport_create_params(sw, &params, NULL));
		assert_int_equal(get(sw, 3 + i).state, VMMQ_VPORT_DEACTIVATED);
		assert_string_equal(get(sw, 3 + i).name, "");
	}
	vmmq_nic_switch_destroy(sw);
}

static void create_in_another_group(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_vport_params params = fresh(3);

	(void)state;
	params.affinity = (struct vmmq_affinity){ 1, 1u << 16 | 1u << 17 };
	DONE(vmmq_vport_create_params(sw, &params, NULL));
	assert_int_equal(rss_of(sw, 3)->primary.v, 80);
	params = get(sw, 3);
	assert_int_equal(params.affinity.group, 1);
	assert_int_equal(params.affinity.mask, 1 << 16 | 1 << 17);
	vmmq_nic_switch_destroy(sw);
}

#define REFUSE_CREATE(status, field, member, value)                                                                  \
	do {                                                                                                         \
		struct vmmq_vport_params params = fresh(3);                                                          \
		params.member = value;                                                                               \
		REFUSED(sw, status, field, vmmq_vport_create_params(sw, &params, &why));                             \
	} while (0)

static void create_refused(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	const char *long_name = flagged(1, 0).name;

	(void)state;
	REFUSE_CREATE(INVALID_PARAMETER, "switch", switch_id, 1);
	REFUSE_CREATE(INVALID_PARAMETER, "id", vport_id, 0);
	REFUSE_CREATE(INVALID_PARAMETER, "id", vport_id, 1);
	REFUSE_CREATE(INVALID_PARAMETER, "id", vport_id, 100);
	REFUSE_CREATE(INVALID_PARAMETER, "id", vport_id, 65536 + 3);
	REFUSE_CREATE(INVALID_PARAMETER, "id", vport_id, 0xffffffff);
	REFUSE_CREATE(INVALID_PARAMETER, "name", name, long_name);
	REFUSE_CREATE(NOT_SUPPORTED, "attached_function", attached_function, 0);
	REFUSE_CREATE(INVALID_PARAMETER, "queue_pairs", queue_pairs, 0);
	REFUSE_CREATE(INVALID_PARAMETER, "queue_pairs", queue_pairs, 129);
	REFUSE_CREATE(RESOURCES, "queue_pairs", queue_pairs, 5);
	REFUSE_CREATE(INVALID_PARAMETER, "interrupt_moderation", interrupt_moderation, 3);
	REFUSE_CREATE(INVALID_PARAMETER, "state", state, VMMQ_VPORT_ACTIVATED);
	REFUSE_CREATE(INVALID_PARAMETER, "state", state, 3);
	REFUSE_CREATE(INVALID_PARAMETER, "affinity", affinity.mask, 0);
	REFUSE_CREATE(INVALID_PARAMETER, "affinity", affinity.group, 1024);
	REFUSE_CREATE(INVALID_DATA, "primary_processor", affinity.mask, 1 << 9);
	REFUSE_CREATE(INVALID_PARAMETER, "flags", flags, 4);
	vmmq_nic_switch_destroy(sw);
}

/* Only what is flagged is applied, and nothing else is even looked at. */
static void each_flag_alone(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_vport_params params = flagged(1, 0xffff); /* low half: only with FLAGS_CHANGED */

	(void)state;
	NO_CHANGE(sw, vmmq_vport_set_params(sw, &params, NULL));
	params = flagged(1, VMMQ_VPORT_FLAGS_CHANGED | 0x8000);
	DONE(vmmq_vport_set_params(sw, &params, NULL));
	assert_int_equal(get(sw, 1).flags, 0x8000);
	params = flagged(1, VMMQ_VPORT_NAME_CHANGED);
	params.name = "other";
	DONE(vmmq_vport_set_params(sw, &params, NULL));
	assert_string_equal(get(sw, 1).name, "other");
	params = flagged(1, VMMQ_VPORT_INT_MOD_CHANGED);
	params.interrupt_moderation = VMMQ_INTERRUPT_MODERATION_HIGH;
	DONE(vmmq_vport_set_params(sw, &params, NULL));
	assert_int_equal(get(sw, 1).interrupt_moderation, 300);
	params = flagged(1, VMMQ_VPORT_QUEUE_PAIRS_CHANGED);
	params.queue_pairs = 8;
	DONE(vmmq_vport_set_params(sw, &params, NULL));
	assert_int_equal(get(sw, 1).queue_pairs, 8);
	params = flagged(2, VMMQ_VPORT_STATE_CHANGED);
	params.state = VMMQ_VPORT_ACTIVATED;
	DONE(vmmq_vport_set_params(sw, &params, NULL));
	assert_int_equal(get(sw, 2).state, VMMQ_VPORT_ACTIVATED);
	NO_CHANGE(sw, vmmq_vport_set_params(sw, &params, NULL));
	params = flagged(1, VMMQ_VPORT_AFFINITY_CHANGED);
	params.affinity = (struct vmmq_affinity){ 0, 0xc0 };
	DONE(vmmq_vport_set_params(sw, &params, NULL));
	assert_int_equal(get(sw, 1).affinity.mask, 0xc0);
	assert_int_equal(fixture_steer(sw, 1).processor.v, 6);
	assert_int_equal(rss_of(sw, 1)->default_processor.v, 4); /* does not follow, nor does the table */
	assert_int_equal(rss_of(sw, 1)->table[0].v, 4);
	NO_CHANGE(sw, vmmq_vport_set_params(sw, &params, NULL));
	vmmq_nic_switch_destroy(sw);
}

static void affinity_is_the_primary(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_vport_params params = flagged(1, VMMQ_VPORT_AFFINITY_CHANGED);
	struct vmmq_rss_move move = { .vport_id = 1, .flags = VMMQ_RSS_MOVE_PRIMARY, .target = { 80 } };

	(void)state;
	params.affinity = (struct vmmq_affinity){ 0, 0x220 }; /* 5; 9, outside the set, is only a candidate */
	DONE(vmmq_vport_set_params(sw, &params, NULL));
	DONE(vmmq_rss_move(sw, processor(5), &move, 1, NULL));
	assert_int_equal(get(sw, 1).affinity.group, 1); /* moved since: that processor alone */
	assert_int_equal(get(sw, 1).affinity.mask, 1 << 16);
	DONE(vmmq_vport_set_params(sw, &params, NULL)); /* the mask as before, and the primary goes back there */
	assert_int_equal(fixture_steer(sw, 1).processor.v, 5);
	params.affinity.mask = 1 << 9;
	REFUSED(sw, INVALID_DATA, "primary_processor", vmmq_vport_set_params(sw, &params, &why));
	rss_on(sw, 1); /* from now on the primary processor is inactive */
	DONE(vmmq_vport_set_params(sw, &params, NULL));
	assert_int_equal(rss_of(sw, 1)->primary.v, 9);
	vmmq_nic_switch_destroy(sw);
}

#define REFUSE_SET(status, field, flag, member, value)                                                               \
	do {                                                                                                         \
		struct vmmq_vport_params params = flagged(1, VMMQ_VPORT_NAME_CHANGED | (flag));                      \
		params.name = "all or nothing";                                                                      \
		params.member = value;                                                                               \
		REFUSED(sw, status, field, vmmq_vport_set_params(sw, &params, &why));                                \
	} while (0)

static void set_refused(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();

	(void)state;
	REFUSE_SET(INVALID_PARAMETER, "switch", 0, switch_id, 1);
	REFUSE_SET(INVALID_PARAMETER, "vport", 0, vport_id, 3);
	REFUSE_SET(INVALID_PARAMETER, "vport", 0, vport_id, 65537);
	REFUSE_SET(INVALID_PARAMETER, "name", 0, name, flagged(1, 0).name);
	REFUSE_SET(INVALID_PARAMETER, "flags", VMMQ_VPORT_FLAGS_CHANGED | 0x10, switch_id, 0);
	REFUSE_SET(INVALID_PARAMETER, "flags", 0x01000000, switch_id, 0);
	REFUSE_SET(NOT_SUPPORTED, "flags", 0x00200000, switch_id, 0);
	REFUSE_SET(NOT_SUPPORTED, "flags", 0x00400000, switch_id, 0);
	REFUSE_SET(INVALID_PARAMETER, "interrupt_moderation", VMMQ_VPORT_INT_MOD_CHANGED, interrupt_moderation, 101);
	REFUSE_SET(INVALID_PARAMETER, "state", VMMQ_VPORT_STATE_CHANGED, state, VMMQ_VPORT_DEACTIVATED);
	REFUSE_SET(INVALID_PARAMETER, "state", VMMQ_VPORT_STATE_CHANGED, state, VMMQ_VPORT_UNDEFINED);
	REFUSE_SET(INVALID_PARAMETER, "state", VMMQ_VPORT_STATE_CHANGED, state, 3);
	REFUSE_SET(INVALID_PARAMETER, "affinity", VMMQ_VPORT_AFFINITY_CHANGED, affinity.mask, 0);
	REFUSE_SET(INVALID_PARAMETER, "affinity", VMMQ_VPORT_AFFINITY_CHANGED, affinity.mask, 1);
	REFUSE_SET(INVALID_PARAMETER, "queue_pairs", VMMQ_VPORT_QUEUE_PAIRS_CHANGED, queue_pairs, 0);
	REFUSE_SET(INVALID_PARAMETER, "queue_pairs", VMMQ_VPORT_QUEUE_PAIRS_CHANGED, queue_pairs, 129);
	REFUSE_SET(RESOURCES, "queue_pairs", VMMQ_VPORT_QUEUE_PAIRS_CHANGED, queue_pairs, 9);
	rss_on(sw, 1);
	REFUSE_SET(NO_QUEUES, "queue_pairs", VMMQ_VPORT_QUEUE_PAIRS_CHANGED, queue_pairs, 1);
	vmmq_nic_switch_destroy(sw);
}

/* 19.1: the default VPort's queue pairs change as well. */
static void default_vport(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_vport_params params = flagged(0, VMMQ_VPORT_QUEUE_PAIRS_CHANGED | VMMQ_VPORT_AFFINITY_CHANGED);

	(void)state;
	params.queue_pairs = 6;
	params.affinity = (struct vmmq_affinity){ 0, 1 << 7 };
	DONE(vmmq_vport_set_params(sw, &params, NULL));
	assert_int_equal(pairs_of(sw, 0), 6);
	assert_int_equal(rss_of(sw, 0)->primary.v, 7);
	params = flagged(0, VMMQ_VPORT_STATE_CHANGED);
	params.state = VMMQ_VPORT_DEACTIVATED;
	REFUSED(sw, INVALID_PARAMETER, "state", vmmq_vport_set_params(sw, &params, &why));
	vmmq_nic_switch_destroy(sw);
}

/* 3.3: on a symmetric adapter all nondefault VPorts change together, in a group. */
static void symmetric_in_a_group(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make_with((struct vmmq_nic_switch_params){ .symmetric = true });
	struct vmmq_vport_params params = flagged(1, VMMQ_VPORT_QUEUE_PAIRS_CHANGED), odd = fresh(3);
	struct vmmq_rss_v2 queues = { .flags = VMMQ_RSS_V2_NUMBER_OF_QUEUES_CHANGED, .queues = 8 };
	const struct vmmq_view *view = vmmq_nic_switch_view(sw);
	struct vmmq_why refusal;

	(void)state;
	params.queue_pairs = 8;
	REFUSED(sw, INVALID_PARAMETER, "queue_pairs", vmmq_vport_set_params(sw, &params, &why));
	REFUSED(sw, INVALID_PARAMETER, "queue_pairs", vmmq_rss_v2_set(sw, 2, &queues, &why));
	REFUSED(sw, INVALID_PARAMETER, "queue_pairs", vmmq_vport_create_params(sw, &odd, &why));
	vmmq_nic_switch_begin(sw);
	DONE(vmmq_vport_set_params(sw, &params, NULL));
	assert_int_equal(vmmq_nic_switch_commit(sw, &refusal), VMMQ_INVALID_PARAMETER); /* VPort 2 stays behind */
	assert_string_equal(refusal.path, "queue_pairs");
	assert_int_equal(pairs_of(sw, 1), 4);
	assert_ptr_equal(vmmq_nic_switch_view(sw), view);
	vmmq_nic_switch_begin(sw);
	DONE(vmmq_vport_set_params(sw, &params, NULL));
	DONE(vmmq_rss_v2_set(sw, 2, &queues, NULL));
	odd.queue_pairs = 8;
	DONE(vmmq_vport_create_params(sw, &odd, NULL));
	DONE(vmmq_nic_switch_commit(sw, NULL));
	for (uint16_t id = 1; id <= 3; id++)
		assert_int_equal(pairs_of(sw, id), 8);
	params.vport_id = 0;
	params.queue_pairs = 5; /* the default VPort may differ */
	DONE(vmmq_vport_set_params(sw, &params, NULL));
	vmmq_nic_switch_destroy(sw);
}

static void activation_lets_traffic_in(void **state)
{
	static const uint8_t mac[VMMQ_MAC_LEN] = { 0x02, 0, 0, 0, 0, 0x02 };
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_vport_params params = flagged(2, VMMQ_VPORT_STATE_CHANGED);
	struct vmmq_verdict verdict;
	uint8_t frame[54];
	uint32_t filter;

	(void)state;
	DONE(vmmq_filter_set(sw, (struct vmmq_vport_id){ 2 }, mac, VMMQ_VLAN_ANY, &filter, NULL));
	dump_frame(frame, mac, 1);
	vmmq_classify(vmmq_nic_switch_view(sw), frame, sizeof(frame), &verdict, NULL);
	assert_int_equal(verdict.vport.v, 0);
	params.state = VMMQ_VPORT_DEACTIVATED;
	NO_CHANGE(sw, vmmq_vport_set_params(sw, &params, NULL));
	params.state = VMMQ_VPORT_ACTIVATED;
	DONE(vmmq_vport_set_params(sw, &params, NULL));
	vmmq_classify(vmmq_nic_switch_view(sw), frame, sizeof(frame), &verdict, NULL);
	assert_int_equal(verdict.vport.v, 2);
	vmmq_nic_switch_destroy(sw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(create_and_get),
		cmocka_unit_test(create_state_and_name),
		cmocka_unit_test(create_in_another_group),
		cmocka_unit_test(create_refused),
		cmocka_unit_test(each_flag_alone),
		cmocka_unit_test(affinity_is_the_primary),
		cmocka_unit_test(set_refused),
		cmocka_unit_test(default_vport),
		cmocka_unit_test(symmetric_in_a_group),
		cmocka_unit_test(activation_lets_traffic_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
