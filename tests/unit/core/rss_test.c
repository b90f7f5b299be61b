/* SPDX-License-Identifier: BSD-2-Clause */
/* RSS parameters: every rule and status of vmmq_rss_check(), and the snapshot made of them (spec 7, 11.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <vmmq/rss.h>

#include "unit/core/test_random.h"

static const struct vmmq_processor processors[] = { { 2 }, { 0 }, { 80 }, { 65535 } };
static const struct vmmq_processor_set set = { processors, 4 };

/* RSS on, four entries that cycle through the set, default processor 2. */
static struct vmmq_rss_params good(void)
{
	struct vmmq_rss_params params;

	vmmq_rss_params_init(&params, processors[0]);
	params.enabled = true;
	params.entry_count = 4;
	memcpy(params.table, processors, sizeof(processors));
	return params;
}

static void expect(const struct vmmq_rss_params *params, unsigned queue_pairs, vmmq_status status, const char *path)
{
	struct vmmq_rss_params before = *params;
	struct vmmq_why why = { "untouched", "" };

	assert_string_equal(vmmq_status_name(vmmq_rss_check(params, &set, queue_pairs, &why)),
			    vmmq_status_name(status));
	assert_int_equal(vmmq_rss_check(params, &set, queue_pairs, NULL), status);
	assert_string_equal(why.path, path ? path : "untouched");
	assert_true(!path || strlen(why.text) > 10);
	assert_memory_equal(params, &before, sizeof(before));
}

static void new_vport(void **state)
{
	struct vmmq_rss_params params;

	(void)state;
	memset(&params, 0xa5, sizeof(params));
	vmmq_rss_params_init(&params, (struct vmmq_processor){ 80 });
	assert_false(params.enabled);
	assert_int_equal(params.hash_types, VMMQ_HASH_TYPES_DEFAULT);
	assert_memory_equal(params.key, vmmq_verification_key, VMMQ_KEY_LEN);
	assert_int_equal(params.entry_count, 1);
	assert_int_equal(params.table[0].v, 80);
	assert_int_equal(params.primary.v, 80);
	assert_int_equal(params.default_processor.v, 80);
	expect(&params, 1, VMMQ_SUCCESS, NULL);
	params.enabled = true;
	expect(&params, 1, VMMQ_SUCCESS, NULL);
}

static void entry_counts(void **state)
{
	(void)state;
	for (unsigned on = 0; on < 2; on++) {
		for (unsigned count = 0; count <= 130; count++) {
			struct vmmq_rss_params params = good();
			bool power_of_two = count == 1 || count == 2 || count == 4 || count == 8 || count == 16 ||
					    count == 32 || count == 64 || count == 128;

			params.enabled = on;
			params.entry_count = (uint16_t)count;
			for (unsigned i = 0; i < VMMQ_TABLE_ENTRIES_MAX; i++)
				params.table[i] = processors[i % 4];
			expect(&params, 4, power_of_two ? VMMQ_SUCCESS : VMMQ_INVALID_LENGTH,
			       power_of_two ? NULL : "indirection_table");
		}
	}
	for (unsigned count = 256; count <= 32768; count *= 2) {
		struct vmmq_rss_params params = good();

		params.entry_count = (uint16_t)count;
		expect(&params, 4, VMMQ_INVALID_LENGTH, "indirection_table");
	}
}

static void hash_types(void **state)
{
	struct vmmq_rss_params params = good();

	(void)state;
	for (unsigned bit = 0; bit < 32; bit++) {
		bool known = bit >= 8 && bit <= 16;

		params.hash_types = 1u << bit;
		params.enabled = true;
		expect(&params, 4, known ? VMMQ_SUCCESS : VMMQ_INVALID_PARAMETER, known ? NULL : "hash_types");
		params.enabled = false;
		expect(&params, 4, known ? VMMQ_SUCCESS : VMMQ_INVALID_PARAMETER, known ? NULL : "hash_types");
	}
	params.hash_types = 0;
	expect(&params, 4, VMMQ_SUCCESS, NULL);
	params.enabled = true;
	expect(&params, 4, VMMQ_INVALID_PARAMETER, "hash_types");
	params.hash_types = VMMQ_HASH_TYPE_MASK;
	expect(&params, 4, VMMQ_SUCCESS, NULL);
}

/* What is active is checked; what is inactive is only kept (spec 11.1). */
static void processors_in_the_set(void **state)
{
	struct vmmq_rss_params params = good();

	(void)state;
	params.default_processor.v = 1;
	expect(&params, 4, VMMQ_INVALID_DATA, "default_processor");
	params.enabled = false;
	expect(&params, 4, VMMQ_SUCCESS, NULL);

	params = good();
	params.table[3].v = 1;
	expect(&params, 5, VMMQ_INVALID_DATA, "indirection_table[3]");
	params.table[0].v = 65534;
	expect(&params, 5, VMMQ_INVALID_DATA, "indirection_table[0]");
	params.enabled = false;
	expect(&params, 4, VMMQ_SUCCESS, NULL);

	params = good();
	params.table[4].v = 1; /* beyond the entries */
	expect(&params, 4, VMMQ_SUCCESS, NULL);

	params.primary.v = 1;
	expect(&params, 4, VMMQ_SUCCESS, NULL);
	params.enabled = false;
	expect(&params, 4, VMMQ_INVALID_DATA, "primary_processor");
}

static void queue_pairs(void **state)
{
	struct vmmq_rss_params params = good();

	(void)state;
	assert_int_equal(vmmq_rss_queues_used(&params), 4);
	expect(&params, 4, VMMQ_SUCCESS, NULL);
	expect(&params, 3, VMMQ_NO_QUEUES, "queue_pairs");
	expect(&params, 0, VMMQ_NO_QUEUES, "queue_pairs");

	/* The default processor counts, unless it is in the table. */
	params.table[0] = processors[1];
	assert_int_equal(vmmq_rss_queues_used(&params), 4);
	expect(&params, 3, VMMQ_NO_QUEUES, "queue_pairs");
	params.default_processor = processors[3];
	assert_int_equal(vmmq_rss_queues_used(&params), 3);
	expect(&params, 3, VMMQ_SUCCESS, NULL);

	params.enabled = false;
	assert_int_equal(vmmq_rss_queues_used(&params), 1);
	expect(&params, 1, VMMQ_SUCCESS, NULL);
}

/* 128 entries and the default processor, all different: the most there can be. */
static void most_queue_pairs(void **state)
{
	struct vmmq_processor many[129];
	const struct vmmq_processor_set all = { many, 129 };
	struct vmmq_rss_params params = good();

	(void)state;
	for (unsigned i = 0; i < 129; i++)
		many[i].v = (uint16_t)(1000 + i);
	params.entry_count = VMMQ_TABLE_ENTRIES_MAX;
	memcpy(params.table, many, sizeof(params.table));
	params.default_processor = many[128];
	assert_int_equal(vmmq_rss_queues_used(&params), 129);
	assert_int_equal(vmmq_rss_check(&params, &all, 129, NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_rss_check(&params, &all, 128, NULL), VMMQ_NO_QUEUES);
	params.default_processor = many[127];
	assert_int_equal(vmmq_rss_check(&params, &all, 128, NULL), VMMQ_SUCCESS);
}

static void sets(void **state)
{
	const struct vmmq_processor_set none = { NULL, 0 };

	(void)state;
	for (unsigned v = 0; v <= UINT16_MAX; v++)
		assert_int_equal(vmmq_processor_set_has(&set, (struct vmmq_processor){ (uint16_t)v }),
				 v == 0 || v == 2 || v == 80 || v == 65535);
	assert_false(vmmq_processor_set_has(&none, processors[0]));
}

static void snapshot(void **state)
{
	struct vmmq_rss_params params = good();
	struct vmmq_steering steering;
	struct vmmq_toeplitz_key key;

	(void)state;
	random_start();
	random_bytes(params.key, sizeof(params.key));
	params.primary = processors[1];
	vmmq_toeplitz_key_init(&key, params.key);
	memset(&steering, 0xa5, sizeof(steering));
	vmmq_steering_init(&steering, &params);
	assert_true(steering.rss_enabled);
	assert_int_equal(steering.hash_types, VMMQ_HASH_TYPES_DEFAULT);
	assert_int_equal(steering.index_mask, 3);
	assert_int_equal(steering.primary.v, 0);
	assert_int_equal(steering.default_processor.v, 2);
	assert_memory_equal(&steering.key, &key, sizeof(key));
	assert_memory_equal(steering.table, processors, sizeof(processors));
	params.enabled = false;
	vmmq_steering_init(&steering, &params);
	assert_false(steering.rss_enabled);
	assert_int_equal(steering.hash_types, 0);
	assert_int_equal(steering.primary.v, 0);
}

/* A table that grows by repeating itself moves no flow (spec 7). */
static void growing_moves_no_flow(void **state)
{
	(void)state;
	random_start();
	for (unsigned count = 1; count <= VMMQ_TABLE_ENTRIES_MAX; count *= 2) {
		struct vmmq_rss_params params = good();
		struct vmmq_steering before, after;

		params.entry_count = (uint16_t)count;
		for (unsigned i = 0; i < count; i++)
			params.table[i] = processors[random_below(4)];
		vmmq_steering_init(&before, &params);
		for (unsigned grown = count; grown <= VMMQ_TABLE_ENTRIES_MAX; grown *= 2) {
			params.entry_count = (uint16_t)grown;
			for (unsigned i = count; i < grown; i++)
				params.table[i] = params.table[i % count];
			assert_int_equal(vmmq_rss_check(&params, &set, 4, NULL), VMMQ_SUCCESS);
			vmmq_steering_init(&after, &params);
			for (unsigned i = 0; i < 1000; i++) {
				uint32_t hash = (uint32_t)random_u64();

				assert_int_equal(before.table[hash & before.index_mask].v,
						 after.table[hash & after.index_mask].v);
			}
		}
	}
}

static void statuses(void **state)
{
	char long_text[400];
	struct vmmq_why why;

	(void)state;
	assert_string_equal(vmmq_status_name(VMMQ_SUCCESS), "SUCCESS");
	assert_string_equal(vmmq_status_name(0xc0230031u), "NO_QUEUES");
	assert_string_equal(vmmq_status_name(0xc000000du), "INVALID_PARAMETER");
	assert_string_equal(vmmq_status_name(1), "UNKNOWN");
	memset(long_text, 'x', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = '\0';
	assert_int_equal(vmmq_why_set(&why, VMMQ_FAILURE, long_text, "%s", long_text), VMMQ_FAILURE);
	assert_int_equal(strlen(why.path), sizeof(why.path) - 1);
	assert_int_equal(strlen(why.text), sizeof(why.text) - 1);
	assert_int_equal(vmmq_why_set(NULL, VMMQ_FAILURE, "", "%d", 1), VMMQ_FAILURE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_vport),
		cmocka_unit_test(entry_counts),
		cmocka_unit_test(hash_types),
		cmocka_unit_test(processors_in_the_set),
		cmocka_unit_test(queue_pairs),
		cmocka_unit_test(most_queue_pairs),
		cmocka_unit_test(sets),
		cmocka_unit_test(snapshot),
		cmocka_unit_test(growing_moves_no_flow),
		cmocka_unit_test(statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
