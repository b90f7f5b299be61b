/* SPDX-License-Identifier: BSD-2-Clause */
/* Processors move table entries away from themselves, from inside indications and completions: by example, stepped. */
#include "engine/source.h"
#include "unit/engine/adapter_move_rig.h"

static unsigned step_drained(void)
{
	unsigned turns = 0;

	for (; !vmmq_adapter_idle(world.adapter); turns++) {
		assert_true(turns < 10000);
		for (unsigned i = 0; i < RIG_PROCESSORS; i++)
			vmmq_processor_poll(world.adapter, rig_processor(i));
	}
	return turns;
}

static unsigned example_runs;

/* The packet that is received right after the move, still inside the indication, goes to the new processor. */
static void move_and_send(const struct vmmq_indication *indication)
{
	struct flow *flow = flow_of(indication->packet[0]);
	struct entry *entry = &world.entry[flow->vport][flow->entry];

	if (example_runs++ >= 3)
		return;
	assert_int_equal(indication->processor.v, example_runs - 1);
	note_move(entry, example_runs);
	assert_int_equal(move_one(indication->processor.v, flow->vport, flow->entry, example_runs), VMMQ_SUCCESS);
	note_done(entry);
	assert_true(send(flow));
	assert_int_equal(move_one(indication->processor.v, flow->vport, flow->entry, 0), VMMQ_NOT_ACCEPTED);
}

static void effective_on_return(void **state)
{
	(void)state;
	begin(VMMQ_MODERATION_POLL);
	world.in_indication = move_and_send;
	example_runs = 0;
	assert_true(send(&world.flow[0]));
	step_drained();
	assert_int_equal(example_runs, 4);
	assert_int_equal(world.flow[0].expected, 4);
	end();
}

static void refuse_inside(const struct vmmq_indication *indication)
{
	const unsigned actor = indication->processor.v;
	struct vmmq_rss_move move[] = {
		command(1, 0, 1), command(1, 1, 1), command(2, 0, 1), /* well, well, well */
		command(1, 2, 1), command(1, 0, 2),                   /* well, but entry 0 is elsewhere now */
		command(2, 1, 2), command(2, 2, 3),                   /* a queue too many */
	};
	static const vmmq_status want[] = { VMMQ_SUCCESS,      VMMQ_SUCCESS,   VMMQ_SUCCESS,  VMMQ_NOT_ACCEPTED,
					    VMMQ_NOT_ACCEPTED, VMMQ_NO_QUEUES, VMMQ_NO_QUEUES };
	struct vmmq_vport_info info;
	struct vmmq_why why = { "", "" };

	world.in_indication = NULL;
	assert_int_equal(vmmq_adapter_move(world.adapter, rig_processor(actor), move, 7, &why), VMMQ_SUCCESS);
	for (unsigned i = 0; i < 7; i++)
		assert_int_equal(move[i].status, want[i]);
	assert_string_equal(why.path, "command[4].target");
	assert_true(vmmq_vport_get(world.sw, (struct vmmq_vport_id){ 1 }, &info));
	assert_int_equal(info.rss->table[0].v, 1);
	assert_int_equal(info.rss->table[1].v, 1);
	assert_int_equal(info.rss->table[2].v, 0);
	assert_true(vmmq_vport_get(world.sw, (struct vmmq_vport_id){ 2 }, &info));
	assert_int_equal(info.rss->table[0].v, 1);
	assert_int_equal(info.rss->table[1].v, 0);
	assert_int_equal(info.rss->table[2].v, 0);
}

static void statuses(void **state)
{
	struct vmmq_rss_move move = command(1, 5, 1);

	(void)state;
	begin(VMMQ_MODERATION_POLL);
	table_set(2, 0, 2);
	assert_int_equal(vmmq_adapter_apply(world.adapter, false, UINT64_MAX, NULL), VMMQ_SUCCESS);
	world.in_indication = refuse_inside;
	assert_true(send(&world.flow[0]));
	step_drained();
	assert_null(world.in_indication);
	/* From elsewhere: the processor that nobody runs is stood in for; one that the adapter has not got owns nothing. */
	assert_int_equal(move_one(0, 1, 9, 3), VMMQ_SUCCESS);
	assert_int_equal(vmmq_adapter_move(world.adapter, rig_processor(77), &move, 1, NULL), VMMQ_SUCCESS);
	assert_int_equal(move.status, VMMQ_NOT_ACCEPTED);
	assert_int_equal(vmmq_adapter_move(world.adapter, rig_processor(0), NULL, 0, NULL), VMMQ_SUCCESS);
	end();
}

/* A target that stands still takes any number of moves. */
static void any_number_of_moves(void **state)
{
	unsigned moved = 0;

	(void)state;
	begin(VMMQ_MODERATION_POLL);
	assert_true(send(&world.flow[0])); /* what the gates will wait for */
	for (; moved < 2 * ENTRIES; moved++) {
		if (moved < ENTRIES)
			note_move(&world.entry[1][moved], 1);
		assert_int_equal(move_one(0, (uint16_t)(1 + moved / ENTRIES), (uint16_t)(moved % ENTRIES), 1),
				 VMMQ_SUCCESS);
	}
	step_drained();
	end();
}

/*
 * Linked with -Wl,--wrap, so only the libraries' own allocations are counted: the one after left fails, and while memory
 * stays short those behind it too.  0: none does.
 */
static _Thread_local unsigned allocations_left;
static _Thread_local bool stays_short, is_short;

static bool fails(void)
{
	if (allocations_left && !--allocations_left) {
		is_short = stays_short;
		return true;
	}
	return is_short;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
	return fails() ? NULL : __real_realloc(block, size);
}

/* Every allocation of a move fails in turn, alone or with all behind it.  Either nothing has changed, or all of it has. */
static unsigned memory_fails(bool stays, unsigned *pending)
{
	static unsigned entry;
	unsigned refused = 0, n = 0;
	bool failed = true;

	*pending = 0;
	stays_short = stays;
	while (failed) {
		const struct vmmq_view *view = vmmq_nic_switch_view(world.sw);
		struct vmmq_rss_move move = command(1, (uint16_t)entry, 1);
		vmmq_status status;

		note_move(&world.entry[1][entry++], 1);
		assert_true(entry < ENTRIES);
		allocations_left = ++n;
		status = vmmq_adapter_move(world.adapter, rig_processor(0), &move, 1, NULL);
		failed = !allocations_left;
		allocations_left = 0;
		is_short = false;
		if (move.status == VMMQ_RESOURCES) {
			assert_ptr_equal(vmmq_nic_switch_view(world.sw), view);
			assert_int_equal(status, VMMQ_SUCCESS);
			refused++;
		} else {
			assert_int_equal(move.status, VMMQ_SUCCESS);
			assert_ptr_not_equal(vmmq_nic_switch_view(world.sw), view);
			*pending += status == VMMQ_PENDING;
		}
	}
	return refused;
}

static void short_of_memory(void **state)
{
	unsigned pending;

	(void)state;
	begin(VMMQ_MODERATION_POLL);
	assert_true(send(&world.flow[0])); /* so that there is something to gate */
	assert_true(memory_fails(true, &pending) >= 8);
	assert_int_equal(pending, 0); /* memory for gates is made sure of beforehand */
	assert_true(memory_fails(false, &pending) >= 8);
	assert_int_equal(pending, 0);
	assert_true(send(&world.flow[0]));
	step_drained();
	assert_int_equal(world.flow[0].expected, 2);
	end();
}

/* effective_processor returns where the source steers an entry of VPort 1. */
static unsigned effective_processor(unsigned entry)
{
	return vmmq_view_steering(world.source[0]->link->view, (struct vmmq_vport_id){ 1 })->table[entry].v;
}

/* And of a change by control: model, what packets follow, and the answer agree, and a committed change needs no memory. */
static void change_short_of_memory(void **state)
{
	const struct vmmq_vport_id vport = { 1 };
	struct vmmq_vport_info info;
	unsigned refused = 0, n = 0, entry = 0;

	(void)state;
	begin(VMMQ_MODERATION_POLL);
	assert_true(send(&world.flow[0])); /* so that there is something to gate */
	stays_short = true;
	for (vmmq_status status = VMMQ_RESOURCES; status != VMMQ_SUCCESS;) {
		const struct vmmq_view *view = vmmq_nic_switch_view(world.sw);
		struct vmmq_rss_params rss;

		assert_true(vmmq_vport_get(world.sw, vport, &info));
		rss = *info.rss;
		rss.table[entry] = rig_processor(1);
		allocations_left = ++n;
		status = vmmq_rss_set(world.sw, vport, &rss, NULL);
		if (status != VMMQ_SUCCESS) {
			assert_int_equal(status, VMMQ_RESOURCES);
			assert_ptr_equal(vmmq_nic_switch_view(world.sw), view);
			refused++;
		}
		allocations_left = 0;
		is_short = true;
		assert_int_equal(vmmq_adapter_apply(world.adapter, false, 0, NULL), VMMQ_SUCCESS);
		is_short = false;
		assert_true(vmmq_vport_get(world.sw, vport, &info));
		assert_int_equal(info.rss->table[entry].v, status == VMMQ_SUCCESS);
		assert_int_equal(effective_processor(entry), status == VMMQ_SUCCESS);
	}
	assert_true(refused >= 8);
	note_move(&world.entry[1][entry], 1);
	note_done(&world.entry[1][entry]);
	assert_true(send(&world.flow[0]));
	step_drained();
	end();
}

static unsigned completed_on[2], completions;

static void on_complete(void *context, const struct vmmq_completion *completion)
{
	struct vmmq_rss_move move = { .vport_id = 3, .flags = VMMQ_RSS_MOVE_PRIMARY, .target = rig_processor(1) };

	(void)context;
	completed_on[completions] = completion->processor.v;
	if (completions++)
		return;
	assert_int_equal(vmmq_adapter_move(world.adapter, completion->processor, &move, 1, NULL), VMMQ_SUCCESS);
	assert_int_equal(move.status, VMMQ_SUCCESS);
}

static unsigned transmit_none(void *context, struct rte_mbuf *packet[], unsigned count)
{
	(void)context;
	(void)packet;
	(void)count;
	return 0;
}

static void from_completion(void **state)
{
	struct rte_mbuf *packet = rig_packet(pool, 1, 0);
	struct vmmq_sender *sender;

	(void)state;
	memset((void *)&world, 0, sizeof(world));
	completions = 0;
	world.adapter = rig_adapter((struct vmmq_adapter_params){ .indicate = on_indicate,
								  .complete = on_complete,
								  .transmit = transmit_none,
								  .pool = pool,
								  .transmit_pool = pool },
				    (const uint16_t[]){ 0, 0, 2 }, 3);
	world.flow[0x1388 % FLOWS].vport = 1;
	assert_int_equal(vmmq_sender_create(world.adapter, 0, &sender, NULL), VMMQ_SUCCESS);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(vmmq_send(sender, (struct vmmq_vport_id){ 3 }, &packet, 1), 1);
		vmmq_processor_poll(world.adapter, rig_processor(2));
		vmmq_processor_poll(world.adapter, rig_processor(1));
	}
	assert_int_equal(completions, 2);
	assert_int_equal(completed_on[0], 2);
	assert_int_equal(completed_on[1], 1);
	vmmq_adapter_stop(world.adapter);
	vmmq_sender_destroy(sender);
	vmmq_adapter_destroy(world.adapter);
	rte_pktmbuf_free(packet);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(effective_on_return),    cmocka_unit_test(statuses),
		cmocka_unit_test(any_number_of_moves),    cmocka_unit_test(short_of_memory),
		cmocka_unit_test(change_short_of_memory), cmocka_unit_test(from_completion),
	};

	return cmocka_run_group_tests_name("adapter move", tests, start, NULL);
}
