/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Binary requests against the model on an adapter under full load: processors and sources have threads of their own,
 * each request takes effect while packets are on their way, and table entries are moved on the actor processor, some
 * of them from inside an indication.
 */
#include <vmmq/adapter_oid.h>

#include "unit/engine/oid_traffic.h"
#include "unit/ndis/oid_malformed.h"
#include "unit/ndis/oid_read_back.h"

enum { THREADS = 2, WATCH = 6, READ_BACK = 64, REFUSED = 8, JOB_PATIENCE = 100 };

#ifdef __SANITIZE_THREAD__
#define LIVE_REQUESTS 1200
#else
#define LIVE_REQUESTS 8000
#endif

/* A request for a processor to carry out from inside an indication. */
enum { JOB_NONE, JOB_RUNNING, JOB_DONE, JOB_POSTED = 0x10000 /* plus the actor */ };
static struct {
	_Atomic uint32_t state;
	const struct encoded *request;
	void *buffer;
	size_t len;
	struct vmmq_why *why;
	vmmq_status status;
} job;

struct processors_thread {
	pthread_t thread;
	struct vmmq_processor processor[HARDWARE];
	unsigned count;
};

static struct rte_mempool *pool;
static struct processors_thread runner[THREADS];
static uint64_t sent;
static unsigned moved_inside, moved_outside;

static void job_run(struct vmmq_processor processor)
{
	uint32_t posted = JOB_POSTED + processor.v;
	struct vmmq_oid_adapter own;

	if (!atomic_compare_exchange_strong(&job.state, &posted, JOB_RUNNING))
		return;
	own = oids;
	job.status = vmmq_oid_request(&own, job.request->oid, job.request->method, job.request->flags,
				      job.request->vport, job.buffer, job.len, &answered, job.why);
	atomic_store(&job.state, JOB_DONE);
}

static void indicate(void *context, const struct vmmq_indication *indication)
{
	bool before = indication->count & 1;

	if (before)
		job_run(indication->processor);
	traffic_indicate(context, indication);
	if (!before)
		job_run(indication->processor);
}

/* carry_inside gives up on a processor that gets no packets. */
static bool carry_inside(const struct encoded *e, void *buffer, size_t len, struct vmmq_why *why)
{
	uint32_t posted = JOB_POSTED + oids.actor.v;

	job.request = e;
	job.buffer = buffer;
	job.len = len;
	job.why = why;
	atomic_store(&job.state, posted);
	for (unsigned i = 0; i < JOB_PATIENCE && atomic_load(&job.state) == posted; i++)
		sched_yield();
	if (atomic_compare_exchange_strong(&job.state, &posted, JOB_NONE))
		return false;
	while (atomic_load(&job.state) != JOB_DONE)
		sched_yield();
	return true;
}

static vmmq_status live_carry(const struct encoded *e, void *buffer, size_t len, struct vmmq_why *why)
{
	if (e->oid != VMMQ_OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES)
		return carry_out(e, buffer, len, why);
	if (random_one_in(2) && carry_inside(e, buffer, len, why)) {
		moved_inside++;
		return job.status;
	}
	moved_outside++;
	return carry_out(e, buffer, len, why);
}

static void *runner_main(void *argument)
{
	const struct processors_thread *run = argument;

	vmmq_processors_run(adapter, run->processor, run->count);
	return NULL;
}

static struct vmmq_nic_switch *live_start(void)
{
	struct vmmq_adapter_params params = {
		.name = "live",
		.nic_switch = limits,
		.moderation = (enum vmmq_moderation)random_below(3),
		.inbox_size = 128u << random_below(3),
		.indicate = indicate,
	};

	assert_int_equal(vmmq_adapter_create(&params, &adapter, NULL), VMMQ_SUCCESS);
	vmmq_adapter_oid_init(&oids, adapter, &limits);
	carry = live_carry;
	for (unsigned i = 0; i < IDS; i++)
		atomic_store(&alive[i], ids[i] == 0);
	memset(runner, 0, sizeof(runner));
	for (unsigned i = 0; i < HARDWARE; i++)
		runner[i % THREADS].processor[runner[i % THREADS].count++] = hardware[i];
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&runner[i].thread, NULL, runner_main, &runner[i]), 0);
	traffic_start(pool);
	return vmmq_adapter_switch(adapter);
}

static void live_stop(void)
{
	traffic_watch();
	dump_forget();
	sent += traffic_stop();
	vmmq_adapter_stop(adapter);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(runner[i].thread, NULL), 0);
	vmmq_adapter_destroy(adapter);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

static vmmq_status live_create(const struct vmmq_vport_params *params)
{
	vmmq_status status = binary_create(params);

	if (status == VMMQ_SUCCESS)
		vport_live(params->vport_id, true);
	return status;
}

/* filters_clear is what comes before a deletion (spec 3.2). */
static void filters_clear(uint32_t vport)
{
	for (unsigned i = 0; i < FILTERS; i++) {
		uint32_t id = model.filter[i].id;

		if (!id || model.filter[i].vport.v != vport)
			continue;
		assert_int_equal(model_filter_clear(id), VMMQ_SUCCESS);
		assert_int_equal(binary_filter_clear(id), VMMQ_SUCCESS);
	}
}

/* The request itself waits until nothing of the VPort is outstanding: nothing is indicated on it from here on. */
static vmmq_status live_remove(uint32_t vport)
{
	vmmq_status status;

	if (vport && random_one_in(2))
		filters_clear(vport);
	status = binary_remove(vport);
	if (status == VMMQ_SUCCESS)
		vport_live(vport, false);
	return status;
}

/* No OID replaces the RSS processor set. */
static vmmq_status live_processors(const struct vmmq_processor some[], size_t count)
{
	vmmq_status status;

	dump_forget();
	vmmq_adapter_edit_begin(adapter);
	status = vmmq_nic_switch_set_processors(nic, some, count, NULL);
	assert_int_equal(vmmq_adapter_apply(adapter, false, UINT64_MAX, NULL), VMMQ_SUCCESS);
	vmmq_adapter_edit_end(adapter);
	return status;
}

static void live_between(void)
{
	if (random_one_in(REFUSED))
		send_refused();
	if (random_one_in(READ_BACK))
		read_back();
	if (random_one_in(WATCH))
		traffic_watch();
	problem_check();
}

static const struct request_target live = {
	.binary = true,
	.requests = LIVE_REQUESTS,
	.switches = 2000,
	.start = live_start,
	.stop = live_stop,
	.create = live_create,
	.set = binary_set,
	.remove = live_remove,
	.v1_prepare = binary_v1_prepare,
	.v1 = binary_v1,
	.v2 = binary_v2,
	.hash = binary_hash,
	.move = binary_move,
	.filter_set = binary_filter_set,
	.filter_clear = binary_filter_clear,
	.filter_move = binary_filter_move,
	.processors = live_processors,
	.between = live_between,
};

static void random_requests_under_load(void **state)
{
	(void)state;
	request_run(&live, 100000);
	print_message("%llu packets, %u of them in windows; moves inside indications %u, elsewhere %u\n",
		      (unsigned long long)sent, watched, moved_inside, moved_outside);
	assert_true(sent && watched && moved_inside && moved_outside);
}

static int setup(void **state)
{
	(void)state;
	if (rig_start(1))
		return -1;
	pool = rig_pool("live", SOURCES * PACKETS + 1);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(random_requests_under_load) };

	return cmocka_run_group_tests(tests, setup, NULL);
}
