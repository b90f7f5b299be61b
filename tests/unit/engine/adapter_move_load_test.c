/* SPDX-License-Identifier: BSD-2-Clause */
/* Processors move table entries away from themselves, from inside indications, at full load and at random. */
#include "base/clock.h"
#include "unit/core/test_random.h"
#include "unit/engine/adapter_move_rig.h"
#include "unit/hang.h"

#define RUN_NS   1500000000u
#define APPLY_NS 1000000000u

/* Each thread draws from a sequence of its own. */
static _Atomic uint64_t seed;

static _Thread_local uint64_t draws;

static uint32_t draw(uint32_t n)
{
	if (!draws)
		draws = atomic_fetch_add(&seed, 1);
	draws = draws * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((draws >> 33) % n);
}

/* move_mine: the entry points here, so that nobody else can move it, and the move must be accepted. */
static void move_mine(const struct vmmq_indication *indication, const struct flow *flow, struct entry *entry)
{
	unsigned here = indication->processor.v, target = draw(RIG_PROCESSORS);
	vmmq_status status;

	note_move(entry, target);
	status = move_one(here, flow->vport, flow->entry, target);
	if (status == VMMQ_RESOURCES) {
		note_move(entry, here);
		atomic_fetch_add_explicit(&world.short_of_room, 1, memory_order_relaxed);
	} else {
		assert_int_equal(status, VMMQ_SUCCESS);
		atomic_fetch_add_explicit(&world.moves, 1, memory_order_relaxed);
	}
	note_done(entry);
}

static void move_at_random(const struct vmmq_indication *indication)
{
	const struct flow *flow = flow_of(indication->packet[draw(indication->count)]);
	struct entry *entry = &world.entry[flow->vport][flow->entry];
	unsigned here = indication->processor.v;
	uint64_t newest, effective;

	if (draw(4))
		return;
	effective = atomic_load_explicit(&entry->effective, memory_order_acquire);
	newest = atomic_load_explicit(&entry->published, memory_order_acquire);
	if (newest != effective)
		return; /* somebody moves it just now, perhaps to here */
	if (atomic_load_explicit(&entry->place[newest % HISTORY], memory_order_relaxed) == here) {
		move_mine(indication, flow, entry);
	} else if (move_one(here, flow->vport, flow->entry, here) == VMMQ_NOT_ACCEPTED) {
		atomic_fetch_add_explicit(&world.refused, 1, memory_order_relaxed);
	}
}

static void *source_main(void *argument)
{
	unsigned first = (unsigned)(uintptr_t)argument;

	while (!atomic_load_explicit(&world.stop, memory_order_relaxed))
		if (!send(&world.flow[draw(FLOWS / SOURCES) * SOURCES + first]))
			sched_yield();
	return NULL;
}

/* control edits what the flows have nothing to do with, in brackets, while processors move entries. */
static unsigned control_edit(unsigned round)
{
	const struct vmmq_vport_id id = { 3 };
	struct vmmq_rss_params rss;
	struct vmmq_vport_info info;
	unsigned pending = 0;

	vmmq_rss_params_init(&rss, rig_processor(round % RIG_PROCESSORS));
	vmmq_adapter_edit_begin(world.adapter);
	assert_true(vmmq_vport_get(world.sw, (struct vmmq_vport_id){ 1 }, &info));
	assert_int_equal(info.rss->entry_count, ENTRIES);
	vmmq_nic_switch_begin(world.sw);
	assert_int_equal(vmmq_rss_set(world.sw, id, &rss, NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_vport_rename(world.sw, id, round % 2 ? "odd" : "even", NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_nic_switch_commit(world.sw, NULL), VMMQ_SUCCESS);
	pending = vmmq_adapter_apply(world.adapter, round % 16 == 0, HANG_NS, NULL) == VMMQ_PENDING;
	vmmq_adapter_edit_end(world.adapter);
	if (round % 32 == 0)
		vmmq_source_destroy(rig_source(world.adapter, VMMQ_SOURCE_DROP));
	return pending;
}

static bool is_enough(unsigned rounds)
{
	return rounds > 20 && atomic_load(&world.moves) > 1000 && atomic_load(&world.refused) > 0;
}

static void at_full_load(enum vmmq_moderation moderation, unsigned threads)
{
	struct rig_thread thread[RIG_PROCESSORS];
	pthread_t sender[SOURCES];
	uint64_t started, sent = 0;
	unsigned round = 0, pending = 0;

	begin(moderation);
	atomic_store(&seed, random_u64());
	world.in_indication = move_at_random;
	rig_run(world.adapter, thread, threads);
	for (uintptr_t i = 0; i < SOURCES; i++)
		assert_int_equal(pthread_create(&sender[i], NULL, source_main, (void *)i), 0);
	for (started = now_ns(); (now_ns() - started < RUN_NS || !is_enough(round)) && !hangs(started); round++) {
		pending += control_edit(round);
		rig_nap(draw(200000));
	}
	atomic_store(&world.stop, true);
	for (unsigned i = 0; i < SOURCES; i++)
		assert_int_equal(pthread_join(sender[i], NULL), 0);
	while (!vmmq_adapter_idle(world.adapter))
		sched_yield();
	rig_stop(world.adapter, thread, threads);
	for (unsigned i = 0; i < FLOWS; i++) {
		assert_int_equal(world.flow[i].expected, world.flow[i].sent);
		sent += world.flow[i].sent;
	}
	print_message("%" PRIu64 " packets, %" PRIu64 " moves from inside, %" PRIu64 " not accepted, %" PRIu64
		      " without room, %" PRIu64 " packets unchecked; %u edits, %u of them pending\n",
		      sent, atomic_load(&world.moves), atomic_load(&world.refused), atomic_load(&world.short_of_room),
		      atomic_load(&world.unchecked), round, pending);
	assert_true(atomic_load(&world.unchecked) <= sent / 100);
	assert_true(is_enough(round));
	assert_int_equal(pending, 0);
	end();
}

static void moves_at_full_load(void **state)
{
	(void)state;
	random_start();
	at_full_load(VMMQ_MODERATION_POLL, RIG_PROCESSORS);
	at_full_load(VMMQ_MODERATION_INTERRUPT, RIG_PROCESSORS);
	at_full_load(VMMQ_MODERATION_ADAPTIVE, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moves_at_full_load),
	};

	return cmocka_run_group_tests_name("adapter move at full load", tests, start, NULL);
}
