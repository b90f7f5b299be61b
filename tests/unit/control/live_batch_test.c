/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests that come together: each is carried out or refused by itself, and all share a view and a sync. */
#include "unit/control/live_requests.h"

static void a_batch_takes_what_is_good(void **state)
{
	struct live *live = rig_open(three, rig_state);
	struct filter filters[3] = { { .vport = 1, .last = 1 },
				     { .vport = 77, .last = 2 },
				     { .vport = 4, .last = 3 } };
	struct live_request requests[4] = { { .run = add_filter, .argument = &filters[0] },
					    { .run = add_filter, .argument = &filters[1] },
					    { .run = change_and_fail },
					    { .run = add_filter, .argument = &filters[2] } };
	struct live_request *batch[4] = { &requests[0], &requests[1], &requests[2], &requests[3] };
	struct live_latency latency;
	struct vmmq_config running;

	(void)state;
	live_execute(live, batch, 4);
	assert_int_equal(requests[0].status, VMMQ_SUCCESS);
	assert_int_equal(requests[1].status, VMMQ_INVALID_PARAMETER);
	assert_int_equal(requests[2].status, VMMQ_NOT_ACCEPTED);
	assert_int_equal(requests[3].status, VMMQ_SUCCESS);
	live_latency(live, &latency);
	assert_int_equal(latency.batches, 1);
	assert_int_equal(latency.requests, 4);
	assert_int_equal(latency.refused, 2);
	assert_true(latency.disk_last_ns > 0);
	rig_close(live);
	live = rig_open(NULL, rig_state);
	assert_true(live_config(live, &running));
	assert_int_equal(running.vports[1].filter_count, 3);
	assert_int_equal(running.vports[2].filter_count, 2);
	assert_int_equal(running.vport_count, 3);
	vmmq_config_fini(&running);
	rig_close(live);
}

static void ids_and_names_are_given_once(void **state)
{
	struct live *live = rig_open(three, "");
	struct add add = new_vport(0, NULL), named = new_vport(0, "web"), taken = new_vport(4, "other");
	struct vmmq_why why;

	(void)state;
	rig_must(live, add_vport, &add);
	assert_int_equal(add.id.v, 2);
	rig_must(live, add_vport, &add);
	assert_int_equal(add.id.v, 3);
	rig_must(live, add_vport, &add);
	assert_int_equal(add.id.v, 5);
	assert_int_equal(rig_run(live, add_vport, &named, &why), VMMQ_INVALID_PARAMETER);
	assert_string_equal(why.path, "name");
	assert_int_equal(rig_run(live, add_vport, &taken, &why), VMMQ_INVALID_PARAMETER);
	assert_string_equal(why.path, "id");
	/* A quiescent VPort's id is free again at once. */
	rig_must(live, delete_vport, &(struct vmmq_vport_id){ 3 });
	rig_must(live, add_vport, &add);
	assert_int_equal(add.id.v, 3);
	rig_close(live);
}

/* A filter's place may be taken in the group that frees it. */
static void delete_and_add_a_filter_in_one_batch(void **state)
{
	struct live *live = rig_open(three, rig_state);
	struct filter filter = { .vport = 1, .last = 9 };
	struct live_request requests[2] = { { .run = delete_filter, .argument = &(uint32_t){ 4 } },
					    { .run = add_filter, .argument = &filter } };
	struct live_request *batch[2] = { &requests[0], &requests[1] };
	struct live_latency latency;

	(void)state;
	rig_must(live, add_filter, &filter);
	filter.vport = 4;
	live_execute(live, batch, 2);
	assert_int_equal(requests[0].status, VMMQ_SUCCESS);
	assert_int_equal(requests[1].status, VMMQ_SUCCESS);
	assert_int_equal(filter.id, 5);
	live_latency(live, &latency);
	assert_int_equal(latency.batches, 2);
	rig_close(live);
}

/* Packets of the old VPort must be gone before the new one is there, also when one batch has both requests. */
static void delete_and_add_in_one_batch(void **state)
{
	struct live *live = rig_open(three, rig_state);
	struct heard heard = { "" };
	struct vmmq_vport_id old = { 4 };
	struct add add = new_vport(4, "again");
	struct live_request requests[3] = { { .run = delete_vport_whole, .argument = &old },
					    { .run = add_vport, .argument = &add },
					    { .run = delete_vport_whole, .argument = &old } };
	struct live_request *batch[3] = { &requests[0], &requests[1], &requests[2] };
	struct live_latency latency;

	(void)state;
	live_listen(live, hear, &heard);
	live_execute(live, batch, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(requests[i].status, VMMQ_SUCCESS);
	live_latency(live, &latency);
	assert_int_equal(latency.batches, 2); /* the second one adds and deletes, and nothing comes of that */
	assert_int_equal(latency.requests, 3);
	assert_string_equal(heard.text, "filter.deleted 4\nvport.deleted 4\n");
	rig_close(live);
}

#define BATCHES 60u
#define BATCH   32u

/* Requests that share a sync, as those of many clients do. */
static void durable_requests_a_second(void **state)
{
	struct live *live = rig_open(three, rig_state);
	struct live_latency latency;

	(void)state;
	for (unsigned i = 0; i < BATCHES; i++) {
		struct set sets[BATCH];
		struct live_request requests[BATCH], *batch[BATCH];

		for (unsigned j = 0; j < BATCH; j++) {
			sets[j] = (struct set){ .vport = { .id = { j % 2 ? 1 : 4 },
							   .queue_pairs = 4 + (i * BATCH + j) % 100 },
						.changed = LIVE_VPORT_QUEUE_PAIRS };
			requests[j] = (struct live_request){ .run = set_vport, .argument = &sets[j] };
			batch[j] = &requests[j];
		}
		live_execute(live, batch, BATCH);
		for (unsigned j = 0; j < BATCH; j++)
			assert_int_equal(requests[j].status, VMMQ_SUCCESS);
	}
	live_latency(live, &latency);
	assert_int_equal(latency.batches, BATCHES);
	print_message("%u requests in batches of %u: disk %.2f ms a batch, at most %.2f; effective in %.3f ms\n",
		      BATCHES * BATCH, BATCH, (double)latency.disk_sum_ns / BATCHES / 1e6,
		      (double)latency.disk_max_ns / 1e6, (double)latency.effective_sum_ns / BATCHES / 1e6);
	rig_close(live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_batch_takes_what_is_good, rig_fresh),
		cmocka_unit_test_setup(ids_and_names_are_given_once, rig_fresh),
		cmocka_unit_test_setup(delete_and_add_a_filter_in_one_batch, rig_fresh),
		cmocka_unit_test_setup(delete_and_add_in_one_batch, rig_fresh),
		cmocka_unit_test_setup(durable_requests_a_second, rig_fresh),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}
