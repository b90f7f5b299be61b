/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All gates of a step or none: first what it needs is counted and made sure of, then nothing can fail.  The positions are those
 * of this moment, and nothing is put between them and the step, since its holder is here.
 */
#include "engine/step.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/adapter_state.h"
#include "engine/source.h"
#include "engine/test_gates.h"

/* source_vport_waits tells whether a processor still has packets of a VPort from this source. */
static bool source_vport_waits(const struct vmmq_source *source, processor_slot slot, struct vmmq_vport_id vport)
{
	const struct inbox *inbox = source_inbox_find(source, slot);

	return inbox && inbox_vport_waits(inbox, vport);
}

/* change_waits tells whether a processor that packets of a mixed change come from still has such from this source. */
static bool change_waits(const struct vmmq_source *source, processor_slot slot, const struct lane_change *change)
{
	const struct inbox *inbox = source_inbox_find(source, slot);

	if (!change->is_for_all)
		return source_vport_waits(source, slot, change->old);
	return inbox && inbox_has_packets(inbox);
}

/*
 * blocks_for bounds what a change needs: a gate and its waits for each target, and as many waits for the trail.
 * trailing: how many waits the trail has of the VPort.
 */
static size_t blocks_for(const struct vmmq_source *source, const struct moves *moves,
			 const struct lane_change *change, size_t trailing)
{
	size_t waiting = 0, blocks = 0;

	for (uint32_t i = 0; i < change->pair_count; i++)
		if (trailing || source_vport_waits(source, moves->pair[change->pair + i].from, change->vport))
			blocks += 1 + 2 * (1 + trailing);
	if (change->kind == LANES_MOVED || (change->kind == LANES_RENUMBERED && !trailing))
		return blocks;
	for (uint32_t i = 0; i < change->from_count; i++)
		waiting += change_waits(source, moves->slot[change->from + i], change);
	waiting += trailing;
	return waiting ? blocks + 2 * waiting + change->to_count * (1 + waiting) : blocks;
}

/* gate_target_ready makes sure of the inbox towards a processor, and that it can hold packets. */
static bool gate_target_ready(struct vmmq_source *source, processor_slot slot, bool may_allocate)
{
	struct inbox *inbox = source_inbox_find(source, slot);

	if (inbox && atomic_load_explicit(&inbox->hold, memory_order_relaxed))
		return true;
	if (!may_allocate)
		return false;
	inbox = source_inbox(source, slot);
	return inbox && inbox_hold_ready(inbox);
}

/* gate_targets_ready does that for all targets of a change. */
static bool gate_targets_ready(struct vmmq_source *source, const struct moves *moves,
			       const struct lane_change *change, bool may_allocate)
{
	bool ready = true;

	for (uint32_t i = 0; i < change->pair_count && ready; i++)
		ready = gate_target_ready(source, moves->pair[change->pair + i].to, may_allocate);
	for (uint32_t i = 0; i < change->to_count && ready; i++)
		ready = gate_target_ready(source, moves->slot[change->to + i], may_allocate);
	return ready;
}

static bool supply_add(struct vmmq_source *source, size_t wanted)
{
	size_t there = atomic_load_explicit(&source->block_count, memory_order_relaxed);

	for (; there < wanted; there++) {
		union gate_block *block = malloc(sizeof(*block));

		if (!block)
			return false;
		block->next = atomic_load_explicit(&source->supply, memory_order_relaxed);
		while (!atomic_compare_exchange_weak_explicit(&source->supply, &block->next, block,
							      memory_order_release, memory_order_relaxed)) /* S3 */
			;
		atomic_fetch_add_explicit(&source->block_count, 1, memory_order_relaxed);
	}
	return true;
}

bool step_supply(struct vmmq_source *source, const struct view_link *link)
{
	const struct moves *moves = &link->moves;
	size_t wanted = 0;

	for (uint32_t i = 0; i < moves->change_count; i++) {
		const struct lane_change *change = &moves->change[i];
		size_t blocks = blocks_for(source, moves, change, trail_count_about(&source->trail, change->old));

		if (blocks && !gate_targets_ready(source, moves, change, true))
			return false;
		wanted += blocks;
	}
	return supply_add(source, wanted);
}

static void supply_take(struct vmmq_source *source)
{
	union gate_block *block = atomic_exchange_explicit(&source->supply, NULL, memory_order_acquire); /* S3 */

	while (block) {
		union gate_block *next = block->next;

		block->next = source->blocks;
		source->blocks = block;
		source->blocks_here++;
		block = next;
	}
}

/* blocks_ready makes sure of so many blocks. */
static bool blocks_ready(struct vmmq_source *source, size_t wanted, bool may_allocate)
{
	if (source->blocks_here < wanted)
		supply_take(source);
	while (may_allocate && source->blocks_here < wanted) {
		union gate_block *block = malloc(sizeof(*block));

		if (!block)
			return false;
		block->next = source->blocks;
		source->blocks = block;
		source->blocks_here++;
		atomic_fetch_add_explicit(&source->block_count, 1, memory_order_relaxed);
	}
	return source->blocks_here >= wanted;
}

static union gate_block *block_take(struct vmmq_source *source)
{
	union gate_block *block = source->blocks;

	assert(block);
	source->blocks = block->next;
	source->blocks_here--;
	atomic_fetch_sub_explicit(&source->block_count, 1, memory_order_relaxed);
	return block;
}

/* step_prepare makes sure that nothing can fail from then on. */
static bool step_prepare(struct vmmq_source *source, const struct moves *moves, bool may_allocate)
{
	size_t wanted = 0;

	for (uint32_t i = 0; i < moves->change_count; i++) {
		const struct lane_change *change = &moves->change[i];
		size_t blocks = blocks_for(source, moves, change, trail_count(&source->trail, change->old));

		if (blocks && !gate_targets_ready(source, moves, change, may_allocate))
			return false;
		wanted += blocks;
	}
	return blocks_ready(source, wanted, may_allocate);
}

/* A step under way.  The trail is added to at its end: a packet that moves in this step was somewhere before it. */
struct step {
	struct vmmq_source *source;
	const struct moves *moves;
	struct lane_wait *followed;
};

static struct lane_wait *wait_copy(struct vmmq_source *source, const struct lane_wait *from)
{
	struct lane_wait *wait = &block_take(source)->wait;

	*wait = *from;
	wait->next = NULL;
	return wait;
}

/* waits_add_place: those lanes wait for what is of old at a processor now. */
static void waits_add_place(struct vmmq_source *source, struct lane_wait **waits, processor_slot from,
			    struct vmmq_vport_id old, const struct lane_set *lanes)
{
	const struct inbox *inbox = source_inbox_find(source, from);

	if (inbox && inbox_vport_waits(inbox, old))
		lane_waits_add(
		    waits,
		    wait_copy(source, &(struct lane_wait){
					  .inbox = inbox, .position = inbox->put, .lanes = *lanes, .vport = old }));
}

/* waits_add_all: for whatever is at a processor now.  All that was put has been published: a step is between bursts. */
static void waits_add_all(struct vmmq_source *source, struct lane_wait **waits, processor_slot from,
			  const struct lane_set *lanes)
{
	const struct inbox *inbox = source_inbox_find(source, from);

	if (inbox && inbox_has_packets(inbox))
		lane_waits_add(waits, wait_copy(source, &(struct lane_wait){ .inbox = inbox,
									     .position = inbox->put,
									     .lanes = *lanes,
									     .is_for_all = true }));
}

/* waits_add_trail: and for what old's lanes have left elsewhere.  is_mixed: whichever of its lanes. */
static void waits_add_trail(struct vmmq_source *source, struct lane_wait **waits, struct vmmq_vport_id old,
			    const struct lane_set *lanes, bool is_mixed)
{
	for (const struct lane_wait *at = trail_look(&source->trail, old); at; at = at->next) {
		struct lane_wait wait = *at;

		wait.lanes = is_mixed ? *lanes : lane_set_common(&at->lanes, lanes);
		wait.owner = (struct vmmq_vport_id){ 0 };
		if (at->owner.v == old.v && !lane_set_is_empty(&wait.lanes))
			lane_waits_add(waits, wait_copy(source, &wait));
	}
}

/* step_follow notes for later steps what a VPort's lanes wait for from now on. */
static void step_follow(struct step *step, struct vmmq_vport_id vport, const struct lane_wait *waits)
{
	for (; waits; waits = waits->next) {
		struct lane_wait *wait = wait_copy(step->source, waits);

		wait->owner = vport;
		wait->next = step->followed;
		step->followed = wait;
	}
}

/* gate_put puts a gate with those waits, if there are any, before a VPort's packets to a processor. */
static void gate_put(struct vmmq_source *source, struct vmmq_vport_id vport, processor_slot to,
		     struct lane_wait *waits)
{
	struct gate *gate;

	if (!waits)
		return;
	gate = &block_take(source)->gate;
	*gate = (struct gate){ .waits = waits, .vport = vport };
	inbox_gate_put(source_inbox_find(source, to), gate);
	source->gates++;
}

/* pairs_step: each lane waits for the processor that it leaves. */
static void pairs_step(struct step *step, const struct lane_change *change)
{
	const struct lane_pair *pair = change->pair_count ? &step->moves->pair[change->pair] : NULL;
	struct vmmq_source *source = step->source;

	for (uint32_t i = 0; i < change->pair_count;) {
		struct lane_set lanes = { { 0 } };
		struct lane_wait *waits = NULL;
		processor_slot to = pair[i].to;

		for (; i < change->pair_count && pair[i].to == to; i++) {
			waits_add_place(source, &waits, pair[i].from, change->vport, &pair[i].lanes);
			lane_set_include(&lanes, &pair[i].lanes);
		}
		waits_add_trail(source, &waits, change->vport, &lanes, false);
		step_follow(step, change->vport, waits);
		gate_put(source, change->vport, to, waits);
	}
}

/* mixed_step: whatever lanes may have packets of old before them wait, wherever they go. */
static void mixed_step(struct step *step, const struct lane_change *change, const struct lane_set *lanes)
{
	const processor_slot *slot = step->moves->slot;
	struct vmmq_source *source = step->source;
	struct lane_wait *waits = NULL;

	for (uint32_t i = 0; i < change->from_count; i++)
		if (change->is_for_all)
			waits_add_all(source, &waits, slot[change->from + i], lanes);
		else
			waits_add_place(source, &waits, slot[change->from + i], change->old, lanes);
	waits_add_trail(source, &waits, change->old, lanes, change->kind == LANES_MIXED);
	step_follow(step, change->vport, waits);
	for (uint32_t i = 0; i < change->to_count; i++) {
		struct lane_wait *copy = NULL;

		for (const struct lane_wait *wait = waits; wait; wait = wait->next)
			lane_waits_add(&copy, wait_copy(source, wait));
		gate_put(source, change->vport, slot[change->to + i], copy);
	}
	lane_waits_free(waits);
}

/* lanes_waiting returns the lanes of a VPort that have left something behind. */
static struct lane_set lanes_waiting(struct vmmq_source *source, struct vmmq_vport_id vport)
{
	struct lane_set lanes = { { 0 } };

	for (const struct lane_wait *wait = trail_look(&source->trail, vport); wait; wait = wait->next)
		if (wait->owner.v == vport.v)
			lane_set_include(&lanes, &wait->lanes);
	return lanes;
}

static void change_step(struct step *step, const struct lane_change *change)
{
	struct trail *trail = &step->source->trail;
	struct lane_set lanes = lane_set_all();

	switch (change->kind) {
	case LANES_MOVED:
		pairs_step(step, change);
		break;
	case LANES_RENUMBERED:
		/* What waits under its old number is not passed under the new one. */
		trail_renumber(trail, change->vport, change->from_mask, change->to_mask);
		lanes = lanes_waiting(step->source, change->vport);
		if (!lane_set_is_empty(&lanes))
			mixed_step(step, change, &lanes);
		pairs_step(step, change);
		break;
	case LANES_MIXED:
		if (change->old.v == change->vport.v)
			trail_mix(trail, change->vport);
		mixed_step(step, change, &lanes);
		break;
	}
}

bool step_take(struct vmmq_source *source, const struct view_link *link, bool may_allocate)
{
	struct step step = { .source = source, .moves = &link->moves };

	if (!link->moves.change_count || test_gates_are(TEST_GATES_OFF))
		return true;
	if (!step_prepare(source, step.moves, may_allocate))
		return false;
	for (uint32_t i = 0; i < step.moves->change_count; i++)
		change_step(&step, &step.moves->change[i]);
	while (step.followed) {
		struct lane_wait *wait = step.followed;

		step.followed = wait->next;
		wait->next = NULL;
		if (test_gates_are(TEST_GATES_NO_TRAIL))
			lane_waits_free(wait);
		else
			trail_add(&source->trail, wait);
	}
	return true;
}
