/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A source's half of the ordering promise: when it steps to the next view it first puts a gate into every inbox that packets
 * may move to (docs/architecture.md, "The gate").
 */
#include <assert.h>
#include <stdlib.h>

#include "engine/source.h"

/* gate_wait_needed tells whether processor from still has packets or gates of this source that were put so far. */
static bool gate_wait_needed(const struct vmmq_source *source, processor_slot from)
{
	return source->inbox[from] && !inbox_passed(source->inbox[from]);
}

/*
 * gate_prepare makes the gate for one target out of the moves to it, which are count long.  *plan stays empty when
 * nothing needs waiting for.  false: no room or no memory now.
 */
static bool gate_prepare(struct vmmq_source *source, const struct move *move, uint32_t count, struct gate_plan *plan)
{
	struct gate *gate = NULL;

	*plan = (struct gate_plan){ .slot = move->to };
	for (uint32_t i = 0; i < count; i++) {
		if (!gate_wait_needed(source, move[i].from))
			continue;
		if (!gate) {
			plan->inbox = source_inbox(source, move->to);
			if (!plan->inbox || !inbox_gate_room(plan->inbox))
				return false;
			gate = malloc(sizeof(*gate) + count * sizeof(gate->wait[0]));
			if (!gate)
				return false;
			gate->count = 0;
			plan->gate = gate;
		}
		gate->wait[gate->count++] = (struct gate_wait){
			.inbox = source->inbox[move[i].from],
			.position = source->inbox[move[i].from]->put,
		};
	}
	return true;
}

/* moves_to_same returns how many moves from the front go to the same processor. */
static uint32_t moves_to_same(const struct move *move, uint32_t count)
{
	uint32_t n = 1;

	while (n < count && move[n].to == move->to)
		n++;
	return n;
}

#ifdef VMMQ_TEST_GATES
/* The race test's negative control (tests/race): without gates it has to see reordering.  In no other build. */
extern bool vmmq_test_gates;
bool vmmq_test_gates = true;
#endif

/*
 * gates_place puts the gates for one step along the chain: all of them or, where one does not fit, none.  A gate waits for
 * what was put until now, so no packet may come between it and the step: both are in source_adopt(), whose caller holds the
 * source, and every packet that was handed over has been announced.
 */
static bool gates_place(struct vmmq_source *source, const struct view_link *link)
{
	struct gate_plan *plan = source->plan;
	unsigned count = 0;
	bool fits = true;

#ifdef VMMQ_TEST_GATES
	if (!vmmq_test_gates)
		return true;
#endif
	for (uint32_t i = 0; i < link->move_count && fits;) {
		uint32_t n = moves_to_same(&link->moves[i], link->move_count - i);

		fits = gate_prepare(source, &link->moves[i], n, &plan[count]);
		count += plan[count].gate != NULL;
		i += n;
	}
	for (unsigned i = 0; i < count; i++) {
		if (!fits) {
			free(plan[i].gate);
			continue;
		}
		inbox_gate_put(plan[i].inbox, plan[i].gate);
		/* Another gate may come to wait for this one, so it must not lie before a processor that sleeps. */
		inbox_announce(source, plan[i].inbox, plan[i].slot);
	}
	source->gates += fits ? count : 0;
	return fits;
}

bool source_adopt(struct vmmq_source *source)
{
	struct view_link *next;

	assert(source_is_held(source) && !source->touched_count);
	while ((next = atomic_load_explicit(&source->link->next, memory_order_acquire))) { /* pairs with V1 */
		if (!gates_place(source, next))
			return false;
		source->link = next;
		atomic_store_explicit(&source->adopted, next->version, memory_order_release); /* S2 */
	}
	return true;
}
