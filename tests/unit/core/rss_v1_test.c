/* SPDX-License-Identifier: BSD-2-Clause */
/* RSSv1: every flag set and clear with equal and different values, every status of 10.4, enable, update, disable. */
#include "unit/core/request_fixture.h"

static const struct vmmq_processor table[] = { { 5 }, { 6 }, { 7 }, { 5 }, { 5 }, { 6 }, { 7 }, { 5 } };
static const struct vmmq_processor other_table[] = { { 7 }, { 6 } };

/* Everything supplied: what a first enable looks like. */
static struct vmmq_rss_v1 full(void)
{
	return (struct vmmq_rss_v1){
		.hash_information = TCP_IPV4_TOEPLITZ,
		.table = table,
		.entry_count = 8,
		.key = fixture_key,
		.key_len = sizeof(fixture_key),
		.default_processor = { 6 },
	};
}

/* Every member unchanged, and none that may be read. */
static struct vmmq_rss_v1 nothing(void)
{
	return (struct vmmq_rss_v1){
		.flags = VMMQ_RSS_BASE_CPU_UNCHANGED | VMMQ_RSS_HASH_INFO_UNCHANGED | VMMQ_RSS_ITABLE_UNCHANGED |
			 VMMQ_RSS_HASH_KEY_UNCHANGED | VMMQ_RSS_DEFAULT_PROCESSOR_UNCHANGED,
		.base_cpu = 0xffff,
		.hash_information = 0xffffffff,
		.entry_count = 77,
		.key_len = 77,
		.default_processor = { 9 },
	};
}

static struct vmmq_nic_switch *enabled(void)
{
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_rss_v1 request = full();

	DONE(vmmq_rss_v1_set(sw, 1, &request, NULL));
	return sw;
}

static void first_enable(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_rss_v1 request = full();
	const struct vmmq_rss_params *rss;
	struct vmmq_verdict verdict = fixture_steer(sw, 1);

	(void)state;
	assert_int_equal(verdict.via, VMMQ_VIA_PRIMARY);
	assert_int_equal(verdict.hash_type, 0);
	DONE(vmmq_rss_v1_set(sw, 1, &request, NULL));
	rss = rss_of(sw, 1);
	assert_true(rss->enabled);
	assert_int_equal(rss->hash_types, VMMQ_HASH_TCP_IPV4);
	assert_memory_equal(rss->key, fixture_key, VMMQ_KEY_LEN);
	assert_int_equal(rss->entry_count, 8);
	assert_memory_equal(rss->table, table, sizeof(table));
	assert_int_equal(rss->default_processor.v, 6);
	assert_int_equal(rss->primary.v, 4);
	verdict = fixture_steer(sw, 1);
	assert_int_equal(verdict.via, VMMQ_VIA_TABLE);
	assert_int_equal(verdict.hash_type, VMMQ_HASH_TCP_IPV4);
	assert_int_equal(verdict.processor.v, table[verdict.hash % 8].v);
	vmmq_nic_switch_destroy(sw);
}

/* 10.3: what a first enable leaves out was never supplied; but the default processor has had a value since creation. */
static void first_enable_supplies_all(void **state)
{
	static const uint16_t flags[] = { VMMQ_RSS_HASH_INFO_UNCHANGED, VMMQ_RSS_ITABLE_UNCHANGED,
					  VMMQ_RSS_HASH_KEY_UNCHANGED };
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_rss_v1 request;

	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		for (size_t i = 0; i < 3; i++) {
			request = full();
			request.flags = flags[i];
			REFUSED(sw, INVALID_PARAMETER, "flags", vmmq_rss_v1_set(sw, 1, &request, &why));
		}
		request = full();
		request.flags = VMMQ_RSS_DEFAULT_PROCESSOR_UNCHANGED | VMMQ_RSS_BASE_CPU_UNCHANGED;
		DONE(vmmq_rss_v1_set(sw, 1, &request, NULL));
		assert_int_equal(rss_of(sw, 1)->default_processor.v, 4);
		request = (struct vmmq_rss_v1){ .flags = VMMQ_RSS_DISABLE };
		DONE(vmmq_rss_v1_set(sw, 1, &request, NULL)); /* and then all of it again */
	}
	vmmq_nic_switch_destroy(sw);
}

static void unchanged_is_not_read(void **state)
{
	struct vmmq_nic_switch *sw = enabled();
	struct vmmq_rss_v1 request = nothing();

	(void)state;
	NO_CHANGE(sw, vmmq_rss_v1_set(sw, 1, &request, NULL));
	vmmq_nic_switch_destroy(sw);
}

/* A flag that is clear promises nothing: an equal value is no change. */
static void clear_flag_equal_value(void **state)
{
	struct vmmq_nic_switch *sw = enabled();
	struct vmmq_rss_v1 request = full();

	(void)state;
	NO_CHANGE(sw, vmmq_rss_v1_set(sw, 1, &request, NULL));
	request.base_cpu = 5; /* a leftover, added to nothing */
	NO_CHANGE(sw, vmmq_rss_v1_set(sw, 1, &request, NULL));
	vmmq_nic_switch_destroy(sw);
}

/* One flag clear, with another value: that member changes and no other. */
static void each_member_alone(void **state)
{
	static const uint8_t other_key[VMMQ_KEY_LEN] = { 0xaa };
	struct vmmq_nic_switch *sw = enabled();
	struct vmmq_rss_params want = *rss_of(sw, 1);
	struct vmmq_rss_v1 request = nothing();

	(void)state;
	request.flags &= (uint16_t)~VMMQ_RSS_HASH_INFO_UNCHANGED;
	request.hash_information = VMMQ_HASH_IPV4 | VMMQ_HASH_UDP_IPV6_EX | 1;
	DONE(vmmq_rss_v1_set(sw, 1, &request, NULL));
	want.hash_types = VMMQ_HASH_IPV4 | VMMQ_HASH_UDP_IPV6_EX; /* a type that is missing is off */
	assert_memory_equal(rss_of(sw, 1), &want, sizeof(want));
	request = nothing();
	request.flags &= (uint16_t)~VMMQ_RSS_HASH_KEY_UNCHANGED;
	request.key = other_key;
	request.key_len = VMMQ_KEY_LEN;
	DONE(vmmq_rss_v1_set(sw, 1, &request, NULL));
	memcpy(want.key, other_key, VMMQ_KEY_LEN);
	assert_memory_equal(rss_of(sw, 1), &want, sizeof(want));
	request = nothing();
	request.flags &= (uint16_t)~VMMQ_RSS_DEFAULT_PROCESSOR_UNCHANGED;
	request.default_processor = processor(80);
	DONE(vmmq_rss_v1_set(sw, 1, &request, NULL));
	want.default_processor = processor(80);
	assert_memory_equal(rss_of(sw, 1), &want, sizeof(want));
	request = nothing();
	request.flags &= (uint16_t)~VMMQ_RSS_ITABLE_UNCHANGED;
	request.table = other_table;
	request.entry_count = 2;
	DONE(vmmq_rss_v1_set(sw, 1, &request, NULL));
	assert_int_equal(rss_of(sw, 1)->entry_count, 2);
	assert_memory_equal(rss_of(sw, 1)->table, other_table, sizeof(other_table));
	assert_memory_equal(rss_of(sw, 1)->key, other_key, VMMQ_KEY_LEN);
	vmmq_nic_switch_destroy(sw);
}

static void disable(void **state)
{
	struct vmmq_nic_switch *sw = enabled();
	struct vmmq_rss_v1 request = {
		.flags = 0xffff, .hash_information = 0xffffffff, .entry_count = 5, .key_len = 1
	};
	struct vmmq_verdict verdict;

	(void)state;
	DONE(vmmq_rss_v1_set(sw, 1, &request, NULL)); /* every other flag and member is ignored */
	verdict = fixture_steer(sw, 1);
	assert_int_equal(verdict.via, VMMQ_VIA_PRIMARY);
	assert_int_equal(verdict.processor.v, 4);
	assert_int_equal(verdict.hash_type, 0);
	NO_CHANGE(sw, vmmq_rss_v1_set(sw, 1, &request, NULL));
	vmmq_nic_switch_destroy(sw);
}

static void function_zero_disables(void **state)
{
	struct vmmq_nic_switch *sw = enabled();
	struct vmmq_rss_v1 request = { .hash_information = VMMQ_HASH_TCP_IPV4, .entry_count = 5, .key_len = 1 };

	(void)state;
	DONE(vmmq_rss_v1_set(sw, 1, &request, NULL));
	assert_false(rss_of(sw, 1)->enabled);
	assert_int_equal(fixture_steer(sw, 1).processor.v, 4);
	vmmq_nic_switch_destroy(sw);
}

static void disable_to_a_primary_outside_the_set(void **state)
{
	struct vmmq_nic_switch *sw = enabled();
	struct vmmq_rss_move move = { .vport_id = 1, .flags = VMMQ_RSS_MOVE_PRIMARY, .target = OUTSIDE };
	struct vmmq_rss_v1 request = { .flags = VMMQ_RSS_DISABLE };

	(void)state;
	DONE(vmmq_rss_move(sw, processor(4), &move, 1, NULL));
	DONE(move.status);
	REFUSED(sw, INVALID_DATA, "primary_processor", vmmq_rss_v1_set(sw, 1, &request, &why));
	vmmq_nic_switch_destroy(sw);
}

static void lengths(void **state)
{
	static const size_t counts[] = { 0, 3, 127, 129, 256, SIZE_MAX, 65536 + 4 };
	static const size_t key_lens[] = { 0, 39, 41, SIZE_MAX, 65536 + 40 };
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_rss_v1 request;

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		request = full();
		request.entry_count = counts[i];
		REFUSED(sw, INVALID_LENGTH, "indirection_table", vmmq_rss_v1_set(sw, 1, &request, &why));
	}
	for (size_t i = 0; i < sizeof(key_lens) / sizeof(key_lens[0]); i++) {
		request = full();
		request.key_len = key_lens[i];
		REFUSED(sw, INVALID_LENGTH, "key", vmmq_rss_v1_set(sw, 1, &request, &why));
	}
	request.entry_count = 3;
	request.hash_information = 2;
	REFUSED(sw, INVALID_LENGTH, "indirection_table",
		vmmq_rss_v1_set(sw, 77, &request, &why)); /* it comes first */
	vmmq_nic_switch_destroy(sw);
}

static void hash_information(void **state)
{
	static const uint32_t bad[] = {
		0x02, 0x202, 0x204, 0x208, 0x203, 0x2ff, 0x1, 0x20201, 0x1000201, 0x80000201
	};
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_rss_v1 request = full();

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		request.hash_information = bad[i];
		REFUSED(sw, INVALID_PARAMETER, "hash_information", vmmq_rss_v1_set(sw, 1, &request, &why));
	}
	request = full();
	request.flags = 0x40;
	REFUSED(sw, INVALID_PARAMETER, "flags", vmmq_rss_v1_set(sw, 1, &request, &why));
	vmmq_nic_switch_destroy(sw);
}

static void vports(void **state)
{
	static const uint32_t unknown[] = { 3, 99, 100, 65535, 65536, 65537, 0xffffffff };
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_rss_v1 request = full(), off = { .flags = VMMQ_RSS_DISABLE };

	(void)state;
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		REFUSED(sw, INVALID_PORT, "vport", vmmq_rss_v1_set(sw, unknown[i], &request, &why));
		REFUSED(sw, INVALID_PORT, "vport", vmmq_rss_v1_set(sw, unknown[i], &off, &why));
	}
	DONE(vmmq_rss_v1_set(sw, 2, &request, NULL)); /* not activated: accepted and remembered */
	assert_true(rss_of(sw, 2)->enabled);
	request.entry_count = 1;
	DONE(vmmq_rss_v1_set(sw, 0, &request, NULL));
	vmmq_nic_switch_destroy(sw);
}

static void processors(void **state)
{
	struct vmmq_processor entries[128];
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_rss_v1 request = full();

	(void)state;
	for (uint16_t i = 0; i < 128; i++)
		entries[i] = processor(4 + i % 4);
	request.table = entries;
	request.entry_count = 128;
	entries[127] = OUTSIDE;
	REFUSED(sw, INVALID_DATA, "indirection_table[127]", vmmq_rss_v1_set(sw, 1, &request, &why));
	entries[127] = processor(7);
	request.default_processor = OUTSIDE;
	REFUSED(sw, INVALID_DATA, "default_processor", vmmq_rss_v1_set(sw, 1, &request, &why));
	request.default_processor = processor(80); /* a fifth processor for four queue pairs */
	REFUSED(sw, NO_QUEUES, "queue_pairs", vmmq_rss_v1_set(sw, 1, &request, &why));
	request.default_processor = processor(7);
	DONE(vmmq_rss_v1_set(sw, 1, &request, NULL));
	assert_memory_equal(rss_of(sw, 1)->table, entries, sizeof(entries));
	entries[5] = processor(80);
	request = nothing();
	request.flags &= (uint16_t)~VMMQ_RSS_ITABLE_UNCHANGED;
	request.table = entries;
	request.entry_count = 128;
	REFUSED(sw, NO_QUEUES, "queue_pairs", vmmq_rss_v1_set(sw, 1, &request, &why));
	vmmq_nic_switch_destroy(sw);
}

static void not_while_receive_hash_is_on(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_rss_v1 request = full(), off = { .flags = VMMQ_RSS_DISABLE };
	struct vmmq_receive_hash hash = { VMMQ_RECEIVE_HASH_ENABLE, TCP_IPV4_TOEPLITZ, fixture_key, VMMQ_KEY_LEN };

	(void)state;
	DONE(vmmq_receive_hash_set(sw, 1, &hash, NULL));
	REFUSED(sw, INVALID_OID, "vport", vmmq_rss_v1_set(sw, 1, &request, &why));
	NO_CHANGE(sw, vmmq_rss_v1_set(sw, 1, &off, NULL));
	assert_int_equal(fixture_steer(sw, 1).hash_type, VMMQ_HASH_TCP_IPV4);
	hash.flags = 0;
	DONE(vmmq_receive_hash_set(sw, 1, &hash, NULL));
	DONE(vmmq_rss_v1_set(sw, 1, &request, NULL));
	vmmq_nic_switch_destroy(sw);
}

/* 10.5: the three steps of a shrink, and of a grow, in order and out of it. */
static void queue_count_protocol(void **state)
{
	struct vmmq_nic_switch *sw = enabled(); /* on 5, 6 and 7 */
	struct vmmq_vport_params pairs = { .flags = VMMQ_VPORT_QUEUE_PAIRS_CHANGED, .vport_id = 1, .queue_pairs = 2 };
	const struct vmmq_processor two[] = { { 6 }, { 5 }, { 6 }, { 5 }, { 6 }, { 5 }, { 6 }, { 5 } };
	struct vmmq_rss_v1 request = nothing();

	(void)state;
	REFUSED(sw, NO_QUEUES, "queue_pairs", vmmq_vport_set_params(sw, &pairs, &why));
	request.flags &= (uint16_t)~VMMQ_RSS_ITABLE_UNCHANGED;
	request.table = two;
	request.entry_count = 8;
	DONE(vmmq_rss_v1_set(sw, 1, &request, NULL));
	NO_CHANGE(sw, vmmq_rss_v1_set(sw, 1, &request, NULL));
	DONE(vmmq_vport_set_params(sw, &pairs, NULL));
	request.entry_count = 2;
	DONE(vmmq_rss_v1_set(sw, 1, &request, NULL));
	request.table = table;
	request.entry_count = 8;
	REFUSED(sw, NO_QUEUES, "queue_pairs", vmmq_rss_v1_set(sw, 1, &request, &why));
	pairs.queue_pairs = 9; /* 14 in all, 2 + 4 at others */
	REFUSED(sw, RESOURCES, "queue_pairs", vmmq_vport_set_params(sw, &pairs, &why));
	pairs.queue_pairs = 8;
	DONE(vmmq_vport_set_params(sw, &pairs, NULL));
	DONE(vmmq_rss_v1_set(sw, 1, &request, NULL));
	vmmq_nic_switch_destroy(sw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_enable),
		cmocka_unit_test(first_enable_supplies_all),
		cmocka_unit_test(unchanged_is_not_read),
		cmocka_unit_test(clear_flag_equal_value),
		cmocka_unit_test(each_member_alone),
		cmocka_unit_test(disable),
		cmocka_unit_test(function_zero_disables),
		cmocka_unit_test(disable_to_a_primary_outside_the_set),
		cmocka_unit_test(lengths),
		cmocka_unit_test(hash_information),
		cmocka_unit_test(vports),
		cmocka_unit_test(processors),
		cmocka_unit_test(not_while_receive_hash_is_on),
		cmocka_unit_test(queue_count_protocol),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
