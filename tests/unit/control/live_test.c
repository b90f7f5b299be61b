/* SPDX-License-Identifier: BSD-2-Clause */
/* The running switch: what it begins with, what requests do to it, what is there after a restart, what is told. */
#include "unit/control/live_rig.h"

#include <pthread.h>
#include <rte_mbuf.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

static const char three[] =
    "adapter: {processors: [0, 1, 2, 3], moderation: interrupt}\n"
    "vports:\n"
    "  - {id: 0, name: host}\n"
    "  - {id: 1, name: web, queue_pairs: 4, primary_processor: 2, anti_spoofing: false,\n"
    "     filters: [{mac: \"02:00:00:00:00:01\"}, {mac: \"02:00:00:00:00:01\", vlan: 10}],\n"
    "     rss: {enabled: true, indirection_table: [0, 1, 2, 3]}}\n"
    "  - {id: 4, name: mail, flood_limit: 7, filters: [{mac: \"02:00:00:00:00:02\", vlan: any}]}\n";

/* Requests, each with its argument. */
struct add {
	struct config_vport vport;
	struct vmmq_vport_id id;
};
static vmmq_status add_vport(struct live *live, void *argument, struct vmmq_why *why)
{
	struct add *add = argument;

	return live_vport_add(live, &add->vport, &add->id, why);
}

struct set {
	struct config_vport vport;
	unsigned changed;
};
static vmmq_status set_vport(struct live *live, void *argument, struct vmmq_why *why)
{
	struct set *set = argument;

	return live_vport_set(live, &set->vport, set->changed, why);
}

static vmmq_status delete_vport(struct live *live, void *argument, struct vmmq_why *why)
{
	return live_vport_delete(live, *(struct vmmq_vport_id *)argument, false, why);
}

static vmmq_status delete_vport_whole(struct live *live, void *argument, struct vmmq_why *why)
{
	return live_vport_delete(live, *(struct vmmq_vport_id *)argument, true, why);
}

struct filter {
	uint16_t vport;
	uint8_t last; /* byte of the MAC */
	uint32_t id;  /* out */
};
static vmmq_status add_filter(struct live *live, void *argument, struct vmmq_why *why)
{
	struct filter *filter = argument;
	const uint8_t mac[VMMQ_MAC_LEN] = { 2, 0, 0, 0, 1, filter->last };

	return vmmq_filter_set(live_switch(live), (struct vmmq_vport_id){ filter->vport }, mac,
			       VMMQ_VLAN_UNTAGGED_OR_ZERO, &filter->id, why);
}

static vmmq_status delete_filter(struct live *live, void *argument, struct vmmq_why *why)
{
	return vmmq_filter_clear(live_switch(live), *(uint32_t *)argument, why);
}

struct move {
	uint32_t filter;
	uint16_t from, to;
};
static vmmq_status move_filter(struct live *live, void *argument, struct vmmq_why *why)
{
	const struct move *move = argument;

	return vmmq_filter_move(live_switch(live), move->filter, (struct vmmq_vport_id){ move->from },
				(struct vmmq_vport_id){ move->to }, why);
}

/* A request that changes things and is refused after that. */
static vmmq_status change_and_fail(struct live *live, void *argument, struct vmmq_why *why)
{
	struct filter filter = { .vport = 4, .last = 99 };
	struct add add = { .vport = { .name = NULL, .queue_pairs = 1, .flood_limit = 3 } };

	(void)argument;
	vmmq_rss_params_init(&add.vport.rss, (struct vmmq_processor){ 0 });
	assert_int_equal(add_filter(live, &filter, why), VMMQ_SUCCESS);
	assert_int_equal(add_vport(live, &add, why), VMMQ_SUCCESS);
	assert_int_equal(delete_vport_whole(live, &(struct vmmq_vport_id){ 1 }, why), VMMQ_SUCCESS);
	return vmmq_why_set(why, VMMQ_NOT_ACCEPTED, "here", "on purpose");
}

/* What an NDIS request makes: nameless, inactive, with moderation and affinity of its own. */
static vmmq_status create_by_ndis(struct live *live, void *argument, struct vmmq_why *why)
{
	const struct vmmq_vport_params params = {
		.flags = 1,
		.vport_id = *(uint32_t *)argument,
		.attached_function = 0xffff,
		.queue_pairs = 3,
		.interrupt_moderation = VMMQ_INTERRUPT_MODERATION_LOW,
		.affinity = { .group = 0, .mask = 0xe },
	};

	return vmmq_vport_create_params(live_switch(live), &params, why);
}

static struct add new_vport(uint16_t id, const char *name)
{
	struct add add = { .vport = { .id = { id },
				      .name = (char *)(uintptr_t)name,
				      .queue_pairs = 2,
				      .flood_limit = 5,
				      .anti_spoofing = true } };

	vmmq_rss_params_init(&add.vport.rss, (struct vmmq_processor){ 1 });
	return add;
}

struct heard {
	char text[4096];
};
static void hear(void *context, json_t *event)
{
	struct heard *heard = context;
	size_t len = strlen(heard->text);
	const char *what = json_string_value(json_object_get(event, "text"));

	assert_true(json_is_number(json_object_get(event, "time")));
	if (strncmp(json_string_value(json_object_get(event, "event")), "processor.", 10) == 0)
		return;
	snprintf(heard->text + len, sizeof(heard->text) - len, "%s %d%s%s\n",
		 json_string_value(json_object_get(event, "event")),
		 (int)json_integer_value(json_object_get(event, "vport")), what ? " " : "", what ? what : "");
}

static void a_seed_becomes_the_running_switch(void **state)
{
	struct vmmq_config seed, running;
	struct live *live = rig_open(three, "");
	struct live_adapter_info info;
	struct live_extras extras;

	(void)state;
	rig_parse(three, &seed);
	assert_true(live_config(live, &running));
	config_same(&seed, &running);
	live_adapter_info(live, &info);
	assert_string_equal(info.name, "vmmq0");
	assert_int_equal(info.processor_count, 4);
	assert_true(live_extras(live, (struct vmmq_vport_id){ 4 }, &extras));
	assert_int_equal(extras.flood_limit, 7);
	assert_false(live_extras(live, (struct vmmq_vport_id){ 2 }, &extras));
	assert_string_equal(live_notice(live), "");
	vmmq_config_fini(&seed);
	vmmq_config_fini(&running);
	rig_close(live);
}

static void state_survives(void **state)
{
	struct live *live = rig_open(three, rig_state);
	struct filter filter = { .vport = 4, .last = 7 }, later = { .vport = 4, .last = 8 };
	struct add add = new_vport(0, "new");
	struct set set = { .vport = { .id = { 1 }, .name = (char *)(uintptr_t) "www", .flood_limit = 0 },
			   .changed = LIVE_VPORT_NAME | LIVE_VPORT_FLOOD_LIMIT };
	uint32_t by_ndis = 9, deleted;
	char *before, *after, *dump;

	(void)state;
	rig_must(live, add_vport, &add);
	assert_int_equal(add.id.v, 2);
	rig_must(live, set_vport, &set);
	rig_must(live, add_filter, &filter);
	rig_must(live, add_filter, &later);
	assert_int_equal(filter.id, 4);
	deleted = later.id;
	rig_must(live, delete_filter, &deleted);
	rig_must(live, delete_filter, &filter.id);
	rig_must(live, create_by_ndis, &by_ndis);
	before = rig_export(live);
	dump = rig_dump(rig_state);
	rig_close(live);

	live = rig_open(NULL, rig_state);
	after = rig_export(live);
	assert_string_equal(before, after);
	free(after);
	after = rig_dump(rig_state);
	assert_string_equal(dump, after);
	rig_must(live, add_filter, &filter);
	assert_int_equal(filter.id, deleted + 1); /* an id is never given twice */
	rig_close(live);
	free(before);
	free(after);
	free(dump);
}

static void ndis_parameters_survive(void **state)
{
	struct live *live = rig_open(three, rig_state);
	uint32_t by_ndis = 9;
	struct vmmq_vport_params params;

	(void)state;
	rig_must(live, create_by_ndis, &by_ndis);
	rig_close(live);
	live = rig_open(NULL, rig_state);
	assert_int_equal(vmmq_vport_get_params(vmmq_adapter_switch(live_adapter(live)), 9, &params), VMMQ_SUCCESS);
	assert_int_equal(params.flags, 1);
	assert_string_equal(params.name, "");
	assert_int_equal(params.queue_pairs, 3);
	assert_int_equal(params.interrupt_moderation, VMMQ_INTERRUPT_MODERATION_LOW);
	assert_int_equal(params.state, VMMQ_VPORT_DEACTIVATED);
	assert_int_equal(params.affinity.mask, 0xe);
	rig_close(live);
}

static void a_seed_does_not_replace_a_state(void **state)
{
	static const char other[] = "adapter: {processors: [0, 1, 2, 3], moderation: interrupt}\n"
				    "vports: [{id: 4, name: mail2}]\n";
	struct live *live = rig_open(three, rig_state);
	struct vmmq_config seed, running;

	(void)state;
	rig_close(live);
	live = rig_open(three, rig_state);
	assert_string_equal(live_notice(live), "");
	rig_close(live);
	rig_parse(other, &seed);
	live = rig_open_config(&seed, rig_state, false);
	assert_non_null(strstr(live_notice(live), "--reseed"));
	assert_true(live_config(live, &running));
	assert_int_equal(running.vport_count, 3);
	vmmq_config_fini(&running);
	rig_close(live);

	live = rig_open_config(&seed, rig_state, true);
	rig_close(live);
	live = rig_open(NULL, rig_state);
	assert_true(live_config(live, &running));
	config_same(&running, &seed);
	vmmq_config_fini(&running);
	vmmq_config_fini(&seed);
	rig_close(live);
}

static void what_is_refused_leaves_no_trace(void **state)
{
	struct live *live = rig_open(three, rig_state);
	struct vmmq_why why;
	char *before = rig_export(live), *dump = rig_dump(rig_state), *after;
	struct filter filter = { .vport = 4, .last = 1 };

	(void)state;
	assert_int_equal(rig_run(live, change_and_fail, NULL, &why), VMMQ_NOT_ACCEPTED);
	assert_string_equal(why.path, "here");
	assert_int_equal(rig_run(live, delete_vport, &(struct vmmq_vport_id){ 1 }, &why), VMMQ_FAILURE);
	after = rig_export(live);
	assert_string_equal(before, after);
	free(after);
	after = rig_dump(rig_state);
	assert_string_equal(dump, after);
	free(after);
	rig_must(live, add_filter, &filter);
	assert_int_equal(filter.id, 4); /* the refused one's, which nobody has seen */
	free(before);
	free(dump);
	rig_close(live);
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

static void devices_are_checked(void **state)
{
	struct live *live = rig_open(three, "");
	struct set bad = { .vport = { .id = { 1 }, .backend_device = (char *)(uintptr_t) "net_nosuchdriver0" },
			   .changed = LIVE_VPORT_BACKEND };
	struct set null = { .vport = { .id = { 1 }, .backend_device = (char *)(uintptr_t) "net_null7,no-rx=1" },
			    .changed = LIVE_VPORT_BACKEND };
	struct live_extras extras;
	struct vmmq_why why;

	(void)state;
	assert_int_equal(rig_run(live, set_vport, &bad, &why), VMMQ_INVALID_PARAMETER);
	assert_string_equal(why.path, "backend.device");
	rig_must(live, set_vport, &null);
	null.vport.id.v = 4;
	assert_int_equal(rig_run(live, set_vport, &null, &why), VMMQ_INVALID_PARAMETER);
	assert_non_null(strstr(why.text, "net_null7 is used by VPort 1"));
	null.vport.id.v = 1;
	null.vport.backend_device = NULL;
	rig_must(live, set_vport, &null);
	assert_true(live_extras(live, (struct vmmq_vport_id){ 1 }, &extras));
	assert_null(extras.backend);
	rig_close(live);
}

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

static void threads_are_pinned_where_cpus_are(void **state)
{
	static const char far[] = "adapter: {processors: [0, 1000], moderation: interrupt}\n";
	struct vmmq_config seed;
	struct live_params params = { .seed = &seed, .state = "", .host_buffers = 2047, .pin = true };
	char error[512];
	struct live *live;
	struct live_adapter_info info;
	cpu_set_t mine;

	(void)state;
	sched_getaffinity(0, sizeof(mine), &mine);
	rig_parse(far, &seed);
	live = live_open(&params, error, sizeof(error));
	assert_non_null(live);
	live_adapter_info(live, &info);
	assert_int_equal(info.cpus[0], CPU_ISSET(0, &mine) ? 0 : -1);
	assert_int_equal(info.cpus[1], -1);
	rig_close(live);
	params.pin = false;
	live = live_open(&params, error, sizeof(error));
	live_adapter_info(live, &info);
	assert_int_equal(info.cpus[0], -1);
	rig_close(live);
	vmmq_config_fini(&seed);
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

static void assert_thousands(struct live *live)
{
	struct vmmq_config running;

	assert_true(live_config(live, &running));
	assert_int_equal(running.vport_count, 1 + 4096);
	for (size_t i = 1; i < running.vport_count; i++)
		assert_int_equal(running.vports[i].filter_count, 2);
	vmmq_config_fini(&running);
}

/* The first start of thousands of VPorts, and the next one: all are there.  Printed: how long it takes. */
static void thousands_of_vports(void **state)
{
	struct live *live;
	char *yaml = NULL;
	size_t len;
	FILE *out = open_memstream(&yaml, &len);
	uint64_t start, middle;

	(void)state;
	fputs("adapter: {processors: [0, 1, 2, 3], moderation: interrupt}\nvports:\n", out);
	for (unsigned i = 1; i <= 4096; i++)
		fprintf(out,
			"  - {id: %u, rss: {enabled: true, indirection_table: [0, 1, 2, 3]}, filters: [{mac: "
			"\"02:00:00:00:%02x:%02x\", vlan: 5}, {mac: \"02:00:00:00:%02x:%02x\"}]}\n",
			i, i >> 8, i & 255, i >> 8, i & 255);
	fclose(out);
	start = now_ns();
	live = rig_open(yaml, rig_state);
	middle = now_ns();
	assert_thousands(live);
	rig_close(live);
	live = rig_open(NULL, rig_state);
	print_message("4096 VPorts: from a file %.2f s, stop and start %.2f s\n", (double)(middle - start) / 1e9,
		      (double)(now_ns() - middle) / 1e9);
	assert_thousands(live);
	rig_close(live);
	free(yaml);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_seed_becomes_the_running_switch, rig_fresh),
		cmocka_unit_test_setup(state_survives, rig_fresh),
		cmocka_unit_test_setup(ndis_parameters_survive, rig_fresh),
		cmocka_unit_test_setup(a_seed_does_not_replace_a_state, rig_fresh),
		cmocka_unit_test_setup(what_is_refused_leaves_no_trace, rig_fresh),
		cmocka_unit_test_setup(a_batch_takes_what_is_good, rig_fresh),
		cmocka_unit_test_setup(ids_and_names_are_given_once, rig_fresh),
		cmocka_unit_test_setup(delete_and_add_a_filter_in_one_batch, rig_fresh),
		cmocka_unit_test_setup(delete_and_add_in_one_batch, rig_fresh),
		cmocka_unit_test_setup(devices_are_checked, rig_fresh),
		cmocka_unit_test_setup(events_tell_what_changed, rig_fresh),
		cmocka_unit_test_setup(a_deleted_vport_keeps_its_id_until_it_is_quiescent, rig_fresh),
		cmocka_unit_test_setup(a_processor_that_stops_is_told, rig_fresh),
		cmocka_unit_test_setup(threads_are_pinned_where_cpus_are, rig_fresh),
		cmocka_unit_test_setup(durable_requests_a_second, rig_fresh),
		cmocka_unit_test_setup(thousands_of_vports, rig_fresh),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}
