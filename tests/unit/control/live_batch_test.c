/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests that come together: each is carried out or refused by itself, and all share a view and a sync. */
#include "unit/control/live_requests.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>

/* In front of the C library's: a disk that takes nothing while it is held, or says that it could not. */
static atomic_bool held, broken;

static int held_sync(int fd)
{
	const struct timespec moment = { .tv_nsec = 200000 };

	while (atomic_load(&held))
		nanosleep(&moment, NULL);
	if (!atomic_load(&broken))
		return (int)syscall(SYS_fdatasync, fd);
	errno = EIO;
	return -1;
}

__attribute__((visibility("default"))) int fsync(int fd)
{
	return held_sync(fd);
}

__attribute__((visibility("default"))) int fdatasync(int fd)
{
	return held_sync(fd);
}

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

static vmmq_status other_uplink(struct live *live, void *argument, struct vmmq_why *why)
{
	const struct port_spec spec = { .kind = PORT_DEVICE, .device = (char *)(uintptr_t) "net_null7,no-rx=1" };

	(void)argument;
	return live_uplink_set(live, &spec, 1, why);
}

static vmmq_status fewer_processors(struct live *live, void *argument, struct vmmq_why *why)
{
	static const struct vmmq_processor few[] = { { 3 }, { 2 }, { 0 } };

	(void)argument;
	return vmmq_nic_switch_set_processors(live_switch(live), few, 3, why);
}

static void note_done(void *context)
{
	++*(unsigned *)context;
}

/* land has the disk take what it has kept. */
static void land(struct live *live)
{
	struct pollfd ended = { .fd = live_fd(live), .events = POLLIN };

	atomic_store(&held, false);
	assert_int_equal(poll(&ended, 1, HANG_MS), 1);
	live_run(live);
}

/* A batch with something of every kind, on its way: nobody sees it, and then everybody, or never. */
static void nobody_sees_what_is_under_way(void **state)
{
	struct live *live = rig_open(three, rig_state);
	char *before = rig_export(live), *now;
	struct heard heard = { "" };
	struct vmmq_vport_id first = { 1 };
	struct move move = { .filter = 3, .from = 4, .to = 0 };
	struct add add = new_vport(9, "nine");
	struct filter filter = { .vport = 9, .last = 9 };
	struct live_request requests[] = { { .run = delete_vport_whole, .argument = &first },
					   { .run = move_filter, .argument = &move },
					   { .run = fewer_processors },
					   { .run = add_vport, .argument = &add },
					   { .run = add_filter, .argument = &filter },
					   { .run = other_uplink } };
	struct live_request *batch[] = { &requests[0], &requests[1], &requests[2],
					 &requests[3], &requests[4], &requests[5] };
	struct live_adapter_info info;
	unsigned done = 0;

	(void)state;
	add.vport.rss.primary.v = 3;
	live_listen(live, hear, &heard);
	for (unsigned works = 0; works < 2; works++) {
		atomic_store(&broken, !works);
		atomic_store(&held, true);
		assert_false(live_submit(live, batch, 6, note_done, &done));
		assert_true(live_busy(live));
		for (unsigned i = 0; i < 3; i++) {
			live_tick(live);
			live_run(live);
			now = rig_export(live);
			assert_string_equal(now, before);
			free(now);
		}
		live_adapter_info(live, &info);
		assert_int_equal(info.uplink->kind, PORT_NONE);
		assert_string_equal(heard.text, "");
		assert_int_equal(done, 0);
		atomic_store(&held, false);
		while (live_busy(live)) /* each by itself, when they have failed together */
			land(live);
		assert_int_equal(done, 1);
		done = 0;
		for (unsigned i = 0; i < 6; i++)
			assert_int_equal(requests[i].status == VMMQ_SUCCESS, works);
		now = rig_export(live);
		assert_int_equal(strcmp(now, before) == 0, !works);
		free(before);
		before = now;
	}
	assert_non_null(strstr(heard.text, "vport.added 9"));
	rig_close(live);
	live = rig_open(NULL, rig_state);
	now = rig_export(live);
	assert_string_equal(now, before);
	free(now);
	free(before);
	rig_close(live);
}

/* The switch is stopped while the disk has a batch: that is whole in the state, or not there. */
static void stopped_under_way(void **state)
{
	struct live *live = rig_open(three, rig_state);
	struct filter filter = { .vport = 1, .last = 9 };
	struct live_request request = { .run = add_filter, .argument = &filter }, *batch[] = { &request };
	struct pollfd ended = { .fd = live_fd(live), .events = POLLIN };
	struct vmmq_config running;

	(void)state;
	assert_false(live_submit(live, batch, 1, NULL, NULL));
	assert_int_equal(poll(&ended, 1, HANG_MS), 1);
	rig_close(live); /* nobody has called live_run() */
	live = rig_open(NULL, rig_state);
	assert_true(live_config(live, &running));
	assert_int_equal(running.vports[1].filter_count, 3);
	vmmq_config_fini(&running);
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
		cmocka_unit_test_setup(nobody_sees_what_is_under_way, rig_fresh),
		cmocka_unit_test_setup(stopped_under_way, rig_fresh),
		cmocka_unit_test_setup(durable_requests_a_second, rig_fresh),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}
