/* SPDX-License-Identifier: BSD-2-Clause */
/* What the running switch tells, and what it waits for: changes, processors that stop, packets of a deleted VPort. */
#include "unit/control/live_requests.h"
#include "unit/hang.h"

#include <pthread.h>
#include <rte_mbuf.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

static void events_tell_what_changed(void **state)
{
	struct live *live = rig_open(three, "");
	struct heard heard = { "" };
	struct filter filter = { .vport = 4, .last = 7 };
	struct add add = new_vport(2, "new");
	struct set set = {
		.vport = { .id = { 1 }, .name = (char *)(uintptr_t) "www", .queue_pairs = 6, .rss.primary = { 3 } },
		.changed = LIVE_VPORT_NAME | LIVE_VPORT_QUEUE_PAIRS | LIVE_VPORT_PRIMARY
	};

	(void)state;
	live_listen(live, hear, &heard);
	rig_must(live, add_vport, &add);
	rig_must(live, set_vport, &set);
	rig_must(live, set_vport, &set); /* nothing changes, nothing is told */
	rig_must(live, add_filter, &filter);
	rig_must(live, move_filter, &(struct move){ filter.id, 4, 2 });
	rig_must(live, delete_filter, &filter.id);
	rig_must(live, delete_vport, &add.id);
	rig_run(live, change_and_fail, NULL, NULL);
	assert_string_equal(heard.text, "vport.added 2\n"
					"vport.changed 1 name web -> www\n"
					"vport.changed 1 queue_pairs 4 -> 6\n"
					"rss.changed 1 primary_processor 2 -> 3\n"
					"filter.added 4\n"
					"filter.moved 2\n"
					"filter.deleted 2\n"
					"vport.deleted 2\n");
	rig_close(live);
}

/* A processor that is kept from its work. */
struct block {
	struct live *live;
	_Atomic bool entered, released;
};

static void wait_inside(void *argument)
{
	struct block *block = argument;

	atomic_store(&block->entered, true);
	while (!atomic_load(&block->released))
		sched_yield();
}

static void *block_processor(void *argument)
{
	struct block *block = argument;

	vmmq_processor_call(live_adapter(block->live), (struct vmmq_processor){ 1 }, wait_inside, block);
	return NULL;
}

/* send_to_vport puts a packet for the filter 02:00:00:00:01:55 into its processor's inbox. */
static struct vmmq_source *send_to_vport(struct live *live, struct rte_mempool *pool)
{
	static const uint8_t frame[60] = { 2, 0, 0, 0, 1, 55, 2, 0, 0, 0, 9, 9, 0x88, 0xb5 };
	struct rte_mbuf *packet = rte_pktmbuf_alloc(pool);
	struct vmmq_source *source;

	memcpy(rte_pktmbuf_append(packet, sizeof(frame)), frame, sizeof(frame));
	assert_int_equal(vmmq_source_create(live_adapter(live), VMMQ_SOURCE_DROP, &source, NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_receive(source, &packet, 1), 1);
	return source;
}

/* As long as packets of a deleted VPort are under way nobody else gets its id. */
static void a_deleted_vport_keeps_its_id_until_it_is_quiescent(void **state)
{
	static struct rte_mempool *pool;
	struct live *live = rig_open(three, rig_state);
	struct block block = { .live = live };
	struct filter filter = { .vport = 2, .last = 55 };
	struct add add = new_vport(2, "gone"), next = new_vport(0, "next"), again = new_vport(2, "again");
	uint32_t by_ndis = 2;
	struct vmmq_source *source;
	struct vmmq_why why;
	pthread_t thread;

	(void)state;
	pool = rte_pktmbuf_pool_create("packets", 255, 0, 8, 2048, SOCKET_ID_ANY);
	assert_non_null(pool);
	rig_must(live, add_vport, &add);
	rig_must(live, add_filter, &filter);
	pthread_create(&thread, NULL, block_processor, &block);
	while (!atomic_load(&block.entered))
		sched_yield();
	source = send_to_vport(live, pool);
	rig_must(live, delete_vport_whole, &add.id);
	rig_must(live, add_vport, &next);
	assert_int_equal(next.id.v, 3);
	assert_int_equal(rig_run(live, add_vport, &again, &why), VMMQ_RESOURCES);
	assert_string_equal(why.path, "id");
	assert_int_equal(rig_run(live, create_by_ndis, &by_ndis, NULL), VMMQ_RESOURCES);
	live_tick(live);
	atomic_store(&block.released, true);
	pthread_join(thread, NULL);
	rig_must(live, add_vport, &again); /* it waits for that one packet */
	assert_int_equal(again.id.v, 2);
	vmmq_source_destroy(source);
	rig_close(live);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
	rte_mempool_free(pool);
}

struct stalled {
	int stalled, running;
};

static void hear_processors(void *context, json_t *event)
{
	struct stalled *heard = context;
	const char *what = json_string_value(json_object_get(event, "event"));

	if (json_integer_value(json_object_get(event, "processor")) != 1)
		return;
	heard->stalled += strcmp(what, "processor.stalled") == 0;
	heard->running += strcmp(what, "processor.running") == 0;
}

/* tick_until lets live_tick() look until it has told. */
static void tick_until(struct live *live, const int *count)
{
	const struct timespec nap = { .tv_nsec = 50000000 };
	uint64_t started = now_ns();

	while (!*count && !hangs(started)) {
		live_tick(live);
		nanosleep(&nap, NULL);
	}
	assert_int_equal(*count, 1);
}

static void a_processor_that_stops_is_told(void **state)
{
	struct rte_mempool *pool = rte_pktmbuf_pool_create("stalled", 255, 0, 8, 2048, SOCKET_ID_ANY);
	struct live *live = rig_open(three, "");
	struct block block = { .live = live };
	struct filter filter = { .vport = 2, .last = 55 };
	struct add add = new_vport(2, "web2");
	struct stalled heard = { 0, 0 };
	struct vmmq_source *source;
	pthread_t thread;

	(void)state;
	live_listen(live, hear_processors, &heard);
	rig_must(live, add_vport, &add);
	rig_must(live, add_filter, &filter);
	pthread_create(&thread, NULL, block_processor, &block);
	while (!atomic_load(&block.entered))
		sched_yield();
	source = send_to_vport(live, pool);
	tick_until(live, &heard.stalled);
	assert_int_equal(heard.running, 0);
	atomic_store(&block.released, true);
	pthread_join(thread, NULL);
	tick_until(live, &heard.running);
	vmmq_source_destroy(source);
	rig_close(live);
	rte_mempool_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(events_tell_what_changed, rig_fresh),
		cmocka_unit_test_setup(a_deleted_vport_keeps_its_id_until_it_is_quiescent, rig_fresh),
		cmocka_unit_test_setup(a_processor_that_stops_is_told, rig_fresh),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}
