/* SPDX-License-Identifier: BSD-2-Clause */
/* PARAMETERS_V2: flags, processing order and statuses of 11.2; tracked parameters and transitions of 11.1. */
#include "unit/core/request_fixture.h"

enum {
	ON = VMMQ_RSS_V2_ENABLE,
	INFO = VMMQ_RSS_V2_HASH_INFO_CHANGED,
	KEY = VMMQ_RSS_V2_HASH_KEY_CHANGED,
	QUEUES = VMMQ_RSS_V2_NUMBER_OF_QUEUES_CHANGED,
	ENTRIES = VMMQ_RSS_V2_NUMBER_OF_ENTRIES_CHANGED,
};

/* Members that a clear flag forbids to read are bad ones. */
static struct vmmq_rss_v2 flagged(uint32_t flags)
{
	struct vmmq_rss_v2 request = { flags, 0xffffffff, NULL, 77, 0xffffffff, 0xffffffff };

	if (flags & INFO)
		request.hash_information = TCP_IPV4_TOEPLITZ;
	if (flags & KEY) {
		request.key = fixture_key;
		request.key_len = VMMQ_KEY_LEN;
	}
	return request;
}

static vmmq_status set(struct vmmq_nic_switch *sw, struct vmmq_rss_v2 request)
{
	return vmmq_rss_v2_set(sw, 1, &request, NULL);
}

static vmmq_status set_queues(struct vmmq_nic_switch *sw, uint32_t flags, uint32_t queues)
{
	struct vmmq_rss_v2 request = flagged(flags | QUEUES);

	request.queues = queues;
	return set(sw, request);
}

static vmmq_status set_entries(struct vmmq_nic_switch *sw, uint32_t flags, uint32_t entries)
{
	struct vmmq_rss_v2 request = flagged(flags | ENTRIES);

	request.entries = entries;
	return set(sw, request);
}

static void move(struct vmmq_nic_switch *sw, uint32_t flags, uint16_t index, uint16_t from, uint16_t to)
{
	struct vmmq_rss_move command = { 0, 1, flags, index, processor(to), VMMQ_PENDING };

	DONE(vmmq_rss_move(sw, processor(from), &command, 1, NULL));
	DONE(command.status);
}

static void enable_with_parameters(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_rss_v2 request = flagged(ON | INFO | KEY | QUEUES | ENTRIES);

	(void)state;
	request.queues = 3;
	request.entries = 128;
	DONE(set(sw, request));
	assert_true(rss_of(sw, 1)->enabled);
	assert_int_equal(rss_of(sw, 1)->hash_types, VMMQ_HASH_TCP_IPV4);
	assert_memory_equal(rss_of(sw, 1)->key, fixture_key, VMMQ_KEY_LEN);
	assert_int_equal(rss_of(sw, 1)->entry_count, 128);
	assert_int_equal(pairs_of(sw, 1), 3);
	for (unsigned i = 0; i < 128; i++)
		assert_int_equal(rss_of(sw, 1)->table[i].v, 4);
	NO_CHANGE(sw, set(sw, request)); /* flagged as changed, but equal */
	request = flagged(ON);
	NO_CHANGE(sw, set(sw, request)); /* nothing flagged, nothing read */
	vmmq_nic_switch_destroy(sw);
}

/* ENABLE is a state, not an edge; while it is clear, hash information and key are ignored. */
static void off_ignores_hash_and_key(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_rss_v2 request = { INFO | KEY, 0xffffffff, NULL, 3, 0, 0 };
	struct vmmq_rss_params was;

	(void)state;
	NO_CHANGE(sw, set(sw, request));
	rss_on(sw, 1);
	was = *rss_of(sw, 1);
	DONE(set(sw, request));
	was.enabled = false;
	assert_memory_equal(rss_of(sw, 1), &was, sizeof(was));
	vmmq_nic_switch_destroy(sw);
}

static void function_zero_is_off(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_rss_v2 request = { ON | INFO | KEY | QUEUES, VMMQ_HASH_IPV4, NULL, 3, 2, 0 };

	(void)state;
	rss_on(sw, 1);
	DONE(set(sw, request));
	assert_false(rss_of(sw, 1)->enabled);
	assert_int_equal(rss_of(sw, 1)->hash_types, VMMQ_HASH_TCP_IPV4);
	assert_int_equal(pairs_of(sw, 1), 2);
	DONE(set(sw, flagged(ON))); /* with what was in force before */
	assert_int_equal(fixture_steer(sw, 5).hash_type, VMMQ_HASH_TCP_IPV4);
	vmmq_nic_switch_destroy(sw);
}

static void statuses_of_members(void **state)
{
	static const uint32_t infos[] = { 0x202, 0x1, 0x20201, 0x1000201 };
	static const uint32_t counts[] = { 0, 3, 127, 129, 256, 0x10001, 0xffffffff };
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_rss_v2 request = flagged(ON | INFO | KEY);

	(void)state;
	request.key_len = 39;
	REFUSED(sw, INVALID_LENGTH, "key", vmmq_rss_v2_set(sw, 77, &request, &why));
	request.key_len = 41;
	REFUSED(sw, INVALID_LENGTH, "key", vmmq_rss_v2_set(sw, 1, &request, &why));
	request = flagged(ON | INFO);
	for (size_t i = 0; i < sizeof(infos) / sizeof(infos[0]); i++) {
		request.hash_information = infos[i];
		REFUSED(sw, INVALID_PARAMETER, "hash_information", vmmq_rss_v2_set(sw, 1, &request, &why));
		REFUSED(sw, INVALID_PORT, "vport", vmmq_rss_v2_set(sw, 77, &request, &why));
	}
	request = flagged(ENTRIES);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		request.entries = counts[i];
		REFUSED(sw, INVALID_PARAMETER, "entries", vmmq_rss_v2_set(sw, 1, &request, &why));
	}
	request = flagged(QUEUES);
	REFUSED(sw, INVALID_PARAMETER, "queue_pairs", vmmq_rss_v2_set(sw, 1, &request, &why));
	request.queues = 0;
	REFUSED(sw, INVALID_PARAMETER, "queue_pairs", vmmq_rss_v2_set(sw, 1, &request, &why));
	request.queues = 9;
	REFUSED(sw, RESOURCES, "queue_pairs", vmmq_rss_v2_set(sw, 1, &request, &why));
	request = flagged(0x20);
	REFUSED(sw, INVALID_PARAMETER, "flags", vmmq_rss_v2_set(sw, 1, &request, &why));
	request = flagged(ON);
	REFUSED(sw, INVALID_PORT, "vport", vmmq_rss_v2_set(sw, 0x10001, &request, &why));
	DONE(vmmq_rss_v2_set(sw, 2, &request, NULL)); /* not activated: accepted */
	vmmq_nic_switch_destroy(sw);
}

/* Growing repeats the table, so that no flow changes its processor; shrinking takes only what repeats. */
static void table_size(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_processor was[64];
	struct vmmq_rss_v2 request;

	(void)state;
	rss_on(sw, 1);
	move(sw, 0, 3, 5, 6); /* 4 5 4 6 */
	for (uint32_t flow = 0; flow < 64; flow++)
		was[flow] = fixture_steer(sw, flow).processor;
	DONE(set_entries(sw, ON, 128));
	for (uint32_t flow = 0; flow < 64; flow++)
		assert_int_equal(fixture_steer(sw, flow).processor.v, was[flow].v);
	assert_int_equal(rss_of(sw, 1)->entry_count, 128);
	DONE(set_entries(sw, ON, 4));
	request = flagged(ON | ENTRIES);
	request.entries = 2;
	REFUSED(sw, INVALID_DATA, "indirection_table[3]", vmmq_rss_v2_set(sw, 1, &request, &why));
	request.flags = ENTRIES; /* off and resized in one: the same rule */
	REFUSED(sw, INVALID_DATA, "indirection_table[3]", vmmq_rss_v2_set(sw, 1, &request, &why));
	move(sw, 0, 3, 6, 5);
	DONE(set(sw, request));
	DONE(set_entries(sw, 0, 8)); /* off: tracked */
	assert_int_equal(rss_of(sw, 1)->table[7].v, 5);
	vmmq_nic_switch_destroy(sw);
}

static void queues_while_on(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_rss_v2 request = flagged(ON | QUEUES | ENTRIES);

	(void)state;
	rss_on(sw, 1);
	DONE(set_queues(sw, ON, 2));
	request.queues = 1;
	request.entries = 1; /* would be refused as well: step 3 comes before step 4 */
	REFUSED(sw, NO_QUEUES, "queues", vmmq_rss_v2_set(sw, 1, &request, &why));
	DONE(set_queues(sw, ON, 8));
	DONE(set_queues(sw, 0, 1)); /* off in the same request: the primary alone counts */
	request = flagged(ON);
	REFUSED(sw, NO_QUEUES, "queue_pairs", vmmq_rss_v2_set(sw, 1, &request, &why));
	DONE(set_queues(sw, ON, 2)); /* on with the queues in one request */
	vmmq_nic_switch_destroy(sw);
}

/* Inactive parameters go anywhere, in any number, until the transition that makes them active. */
static void tracked_until_enabled(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	const struct vmmq_view *view;
	struct vmmq_rss_v2 request = flagged(ON);

	(void)state;
	DONE(set_entries(sw, 0, 8));
	DONE(set_queues(sw, 0, 2));
	view = vmmq_nic_switch_view(sw);
	for (uint16_t i = 0; i < 8; i++)
		move(sw, 0, i, 4, 5 + i);
	assert_ptr_equal(vmmq_nic_switch_view(sw), view); /* packets feel nothing of it */
	assert_int_equal(rss_of(sw, 1)->table[4].v, 9);
	REFUSED(sw, INVALID_DATA, "indirection_table[3]", vmmq_rss_v2_set(sw, 1, &request, &why)); /* 8 */
	for (uint16_t i = 0; i < 8; i++)
		move(sw, 0, i, 5 + i, i < 4 ? 5 : 6);
	move(sw, VMMQ_RSS_MOVE_DEFAULT, 0, 4, 9);
	REFUSED(sw, INVALID_DATA, "default_processor", vmmq_rss_v2_set(sw, 1, &request, &why));
	move(sw, VMMQ_RSS_MOVE_DEFAULT, 0, 9, 7);
	REFUSED(sw, NO_QUEUES, "queue_pairs", vmmq_rss_v2_set(sw, 1, &request, &why)); /* 5, 6, and 7 */
	move(sw, VMMQ_RSS_MOVE_DEFAULT, 0, 7, 5);
	for (uint32_t flow = 0; flow < 8; flow++)
		assert_int_equal(fixture_steer(sw, flow).processor.v, 4);
	DONE(set(sw, request));
	for (uint32_t flow = 0; flow < 64; flow++) { /* at once by the tracked table */
		struct vmmq_verdict verdict = fixture_steer(sw, flow);

		assert_int_equal(verdict.processor.v, verdict.entry < 4 ? 5 : 6);
	}
	vmmq_nic_switch_destroy(sw);
}

static void primary_checked_when_disabled(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_rss_v2 request = flagged(0);

	(void)state;
	rss_on(sw, 1);
	move(sw, VMMQ_RSS_MOVE_PRIMARY, 0, 4, 9);
	REFUSED(sw, INVALID_DATA, "primary_processor", vmmq_rss_v2_set(sw, 1, &request, &why));
	move(sw, VMMQ_RSS_MOVE_PRIMARY, 0, 9, 80);
	DONE(set(sw, request));
	assert_int_equal(fixture_steer(sw, 1).processor.v, 80); /* whatever the table says */
	assert_int_equal(rss_of(sw, 1)->table[1].v, 5);
	vmmq_nic_switch_destroy(sw);
}

/* The sample leaves the reference counts rebuilt when an enable fails: moves would then be counted wrongly. */
static void deviation_failed_enable_leaves_nothing(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_rss_v2 request = flagged(ON | KEY | INFO | ENTRIES);

	(void)state;
	DONE(set_entries(sw, 0, 4));
	DONE(set_queues(sw, 0, 1));
	for (uint16_t i = 0; i < 4; i++)
		move(sw, 0, i, 4, 4 + i);
	request.entries = 8;
	REFUSED(sw, NO_QUEUES, "queue_pairs", vmmq_rss_v2_set(sw, 1, &request, &why));
	move(sw, VMMQ_RSS_MOVE_PRIMARY, 0, 4, 7); /* one queue is enough for it: the table does not count */
	assert_int_equal(fixture_steer(sw, 1).processor.v, 7);
	vmmq_nic_switch_destroy(sw);
}

/* The sample counts references when the table grows while RSS is off. */
static void deviation_growing_while_off_counts_nothing(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();

	(void)state;
	DONE(set_entries(sw, 0, 2));
	move(sw, 0, 1, 4, 5);
	DONE(set_queues(sw, 0, 1));
	DONE(set_entries(sw, 0, 128));
	move(sw, VMMQ_RSS_MOVE_PRIMARY, 0, 4, 80);
	assert_int_equal(fixture_steer(sw, 1).processor.v, 80);
	DONE(set_queues(sw, ON, 2)); /* and once on, exactly 4 and 5 count */
	assert_int_equal(vmmq_rss_queues_used(rss_of(sw, 1)), 2);
	vmmq_nic_switch_destroy(sw);
}

static void no_hash_types_yet(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_rss_v2 request = flagged(ON);
	struct vmmq_rss_params rss;

	(void)state;
	vmmq_rss_params_init(&rss, processor(4));
	rss.hash_types = 0;
	DONE(vmmq_rss_set(sw, (struct vmmq_vport_id){ 1 }, &rss, NULL));
	REFUSED(sw, INVALID_PARAMETER, "hash_information", vmmq_rss_v2_set(sw, 1, &request, &why));
	DONE(set(sw, flagged(ON | INFO)));
	vmmq_nic_switch_destroy(sw);
}

static void not_while_receive_hash_is_on(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_receive_hash hash = { VMMQ_RECEIVE_HASH_ENABLE, TCP_IPV4_TOEPLITZ, fixture_key, VMMQ_KEY_LEN };
	struct vmmq_rss_v2 request = flagged(ON);

	(void)state;
	DONE(vmmq_receive_hash_set(sw, 1, &hash, NULL));
	REFUSED(sw, INVALID_OID, "vport", vmmq_rss_v2_set(sw, 1, &request, &why));
	DONE(set_entries(sw, 0, 16)); /* what does not turn RSS on goes on */
	vmmq_nic_switch_destroy(sw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(enable_with_parameters),
		cmocka_unit_test(off_ignores_hash_and_key),
		cmocka_unit_test(function_zero_is_off),
		cmocka_unit_test(statuses_of_members),
		cmocka_unit_test(table_size),
		cmocka_unit_test(queues_while_on),
		cmocka_unit_test(tracked_until_enabled),
		cmocka_unit_test(primary_checked_when_disabled),
		cmocka_unit_test(deviation_failed_enable_leaves_nothing),
		cmocka_unit_test(deviation_growing_while_off_counts_nothing),
		cmocka_unit_test(no_hash_types_yet),
		cmocka_unit_test(not_while_receive_hash_is_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
