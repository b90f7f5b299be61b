/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that make no sense are refused, and harm nothing: turns inside turns, processors that do not exist or come twice. */
#include "unit/engine/vport_rig.h"

#define NOWHERE ((struct vmmq_processor){ 4711 })

enum { PACKETS = 300 }; /* several DPCs' worth */

static struct rte_mempool *pool;

static struct world {
	struct vmmq_adapter *adapter;
	struct vmmq_source *source;
	uint64_t sent[RIG_VPORTS], indicated[RIG_VPORTS];
	unsigned depth; /* indications under way */
	bool nest;      /* try to take a turn inside each */
	unsigned polls, calls;
} world;

static int start(void **state)
{
	(void)state;
	if (rig_start(1))
		return -1;
	pool = rig_pool("packets", 1023);
	return 0;
}

static void nest(void)
{
	const struct vmmq_processor own = { 0 };

	if (!world.nest)
		return;
	assert_int_equal(vmmq_processor_poll(world.adapter, own), 0);
	assert_int_equal(vmmq_processors_run(world.adapter, &own, 1), VMMQ_INVALID_PARAMETER);
}

/* Each VPort's packets carry their number beside them; they must come in order, and be looked at in order. */
static void on_indicate(void *context, const struct vmmq_indication *indication)
{
	(void)context;
	assert_int_equal(world.depth++, 0);
	nest();
	for (unsigned i = 0; i < indication->count; i++) {
		const uint64_t *number = rte_mbuf_to_priv(indication->packet[i]);

		assert_int_equal(*number, world.indicated[indication->vport.v]++);
	}
	world.depth--;
	vmmq_return_packets(world.adapter, indication->packet, indication->count);
}

static void begin(void)
{
	memset(&world, 0, sizeof(world));
	world.adapter = rig_adapter((struct vmmq_adapter_params){ .indicate = on_indicate },
				    (const uint16_t[]){ 0, 0 }, 2); /* two VPorts on one processor */
	world.source = rig_source(world.adapter, VMMQ_SOURCE_DROP);
}

static void end(void)
{
	vmmq_adapter_destroy(world.adapter);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

static void send(uint16_t vport)
{
	struct rte_mbuf *packet = rig_packet(pool, vport, 0);

	*(uint64_t *)rte_mbuf_to_priv(packet) = world.sent[vport]++;
	assert_int_equal(vmmq_receive(world.source, &packet, 1), 1);
}

/* A batch holds packets of both VPorts: a turn inside the first's indication would overtake the second's. */
static void turns_do_not_nest_in_indications(void **state)
{
	(void)state;
	begin();
	world.nest = true;
	for (unsigned i = 0; i < PACKETS; i++)
		send(1 + i % 2);
	rig_drain(world.adapter);
	assert_int_equal(world.indicated[1] + world.indicated[2], PACKETS);
	end();
}

static unsigned poll_nested(void *context)
{
	(void)context;
	world.polls++;
	nest();
	return 0;
}

static void call_nested(void *context)
{
	(void)context;
	world.calls++;
	nest();
}

static unsigned poll_calls(void *context)
{
	(void)context;
	assert_int_equal(vmmq_processor_call(world.adapter, (struct vmmq_processor){ 0 }, call_nested, NULL),
			 VMMQ_SUCCESS);
	return 0;
}

static void turns_do_not_nest_in_polls_and_calls(void **state)
{
	const struct vmmq_poll poll = { .poll = poll_nested, .context = &world.polls, .fd = -1 };
	const struct vmmq_poll caller = { .poll = poll_calls, .context = &world.calls, .fd = -1 };

	(void)state;
	begin();
	world.nest = true;
	assert_int_equal(vmmq_processor_add_poll(world.adapter, (struct vmmq_processor){ 0 }, &poll), VMMQ_SUCCESS);
	assert_int_equal(vmmq_processor_add_poll(world.adapter, (struct vmmq_processor){ 0 }, &caller), VMMQ_SUCCESS);
	send(1);
	rig_drain(world.adapter);
	assert_true(world.polls > 0 && world.calls > 0);
	assert_int_equal(world.indicated[1], 1);
	end();
}

/* Another processor's turn is another matter. */
static void turn_of_another(void *context)
{
	(void)context;
	vmmq_processor_poll(world.adapter, (struct vmmq_processor){ 0 });
}

static void turns_nest_in_other_processors(void **state)
{
	(void)state;
	begin();
	send(1);
	assert_int_equal(vmmq_processor_call(world.adapter, (struct vmmq_processor){ 1 }, turn_of_another, NULL),
			 VMMQ_SUCCESS);
	assert_int_equal(world.indicated[1], 1);
	end();
}

static void unknown_processors(void **state)
{
	const struct vmmq_poll poll = { .poll = poll_nested, .context = &world, .fd = -1 };
	const struct vmmq_processor one_unknown[] = { { 0 }, NOWHERE };
	struct vmmq_processor nowhere = NOWHERE;
	struct vmmq_vport_counters vport = { .packets = 7 };
	struct vmmq_processor_counters processor = { .packets = 7 };
	struct vmmq_rss_move move = { .vport_id = 1, .flags = VMMQ_RSS_MOVE_PRIMARY, .target = { 1 } };

	(void)state;
	begin();
	assert_int_equal(vmmq_processor_poll(world.adapter, NOWHERE), 0);
	assert_int_equal(vmmq_processors_run(world.adapter, one_unknown, 2), VMMQ_INVALID_PARAMETER);
	assert_int_equal(vmmq_processor_call(world.adapter, NOWHERE, call_nested, NULL), VMMQ_INVALID_PARAMETER);
	assert_int_equal(world.calls, 0);
	assert_int_equal(vmmq_processor_add_poll(world.adapter, NOWHERE, &poll), VMMQ_INVALID_PARAMETER);
	vmmq_processor_remove_poll(world.adapter, NOWHERE, &world);
	vmmq_vport_counters_read(world.adapter, (struct vmmq_vport_id){ 1 }, &nowhere, &vport);
	assert_int_equal(vport.packets, 7);
	vmmq_processor_counters_read(world.adapter, NOWHERE, &processor);
	assert_int_equal(processor.packets, 0);
	assert_int_equal(vmmq_adapter_move(world.adapter, NOWHERE, &move, 1, NULL), VMMQ_SUCCESS);
	assert_int_equal(move.status, VMMQ_NOT_ACCEPTED);
	end();
}

static void processors_twice_or_none(void **state)
{
	const struct vmmq_processor twice[] = { { 0 }, { 1 }, { 0 } };

	(void)state;
	begin();
	assert_int_equal(vmmq_processors_run(world.adapter, twice, 3), VMMQ_INVALID_PARAMETER);
	assert_int_equal(vmmq_processors_run(world.adapter, twice, 0), VMMQ_INVALID_PARAMETER);
	/* Nothing is held after a refusal. */
	vmmq_adapter_stop(world.adapter);
	assert_int_equal(vmmq_processors_run(world.adapter, twice, 2), VMMQ_SUCCESS);
	end();
}

/* A report is of what this call has published, not of what an earlier one did. */
static void no_moves_without_a_change(void **state)
{
	struct vmmq_change_report report;
	struct vmmq_rss_move move = { .vport_id = 1, .flags = VMMQ_RSS_MOVE_PRIMARY, .target = { 1 } };

	(void)state;
	begin();
	assert_int_equal(
	    vmmq_rss_move(vmmq_adapter_switch(world.adapter), (struct vmmq_processor){ 0 }, &move, 1, NULL),
	    VMMQ_SUCCESS);
	assert_int_equal(vmmq_adapter_apply(world.adapter, false, UINT64_MAX, &report), VMMQ_SUCCESS);
	assert_int_equal(report.moves, 1);
	assert_int_equal(vmmq_adapter_apply(world.adapter, false, UINT64_MAX, &report), VMMQ_SUCCESS);
	assert_int_equal(report.moves, 0);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(turns_do_not_nest_in_indications),
		cmocka_unit_test(turns_do_not_nest_in_polls_and_calls),
		cmocka_unit_test(turns_nest_in_other_processors),
		cmocka_unit_test(unknown_processors),
		cmocka_unit_test(processors_twice_or_none),
		cmocka_unit_test(no_moves_without_a_change),
	};

	return cmocka_run_group_tests_name("misuse", tests, start, NULL);
}
