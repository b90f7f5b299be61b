/* SPDX-License-Identifier: BSD-2-Clause */
/* An inbox with gates in it: how they come in, and what the processor takes past them. */
#include <assert.h>
#include <stdlib.h>

#include "engine/inbox.h"
#include "engine/oob.h"
#include "engine/test_gates.h"

#ifdef VMMQ_TEST_GATES
atomic_int vmmq_test_gates = TEST_GATES_ON;
void (*vmmq_test_taken)(const struct inbox *inbox, uint64_t tail, bool had_room);
#endif

/* What stands in fresh while the source adds to the gates there. */
#define GATES_AWAY ((struct gate *)1)

/*
 * gate_find_same returns the gate of the same VPort behind which nothing of it had been put before this one, or NULL.  Marks
 * wrap around; where so many packets lie between that they may have, they say nothing.
 */
static struct gate *gate_find_same(struct gate *list, const struct gate *gate)
{
	while (list && (list->vport.v != gate->vport.v || list->mark != gate->mark ||
			gate->position - list->position > UINT32_MAX))
		list = list->next;
	return list;
}

void inbox_gate_put(struct inbox *inbox, struct gate *gate)
{
	struct gate *list = atomic_exchange_explicit(&inbox->fresh, GATES_AWAY, memory_order_acquire); /* G1 */
	struct gate *same;

	assert(atomic_load_explicit(&inbox->hold, memory_order_relaxed));
	gate->position = inbox->put;
	gate->mark = inbox_share_in(&inbox->share[gate->vport.v]);
	same = gate_find_same(list, gate);
	if (same) {
		gate_absorb(same, gate);
	} else {
		gate->next = list;
		list = gate;
	}
	atomic_store_explicit(&inbox->fresh, list, memory_order_release); /* G1 */
}

/* inbox_take_fresh moves fresh gates behind those that are there; false: the source is adding to them just now. */
static bool inbox_take_fresh(struct inbox *inbox)
{
	struct gate *latest = atomic_load_explicit(&inbox->fresh, memory_order_acquire), *list = NULL; /* G1 */
	struct gate **end = &inbox->gates;

	do {
		if (!latest)
			return true;
		if (latest == GATES_AWAY)
			return false;
	} while (!atomic_compare_exchange_weak_explicit(&inbox->fresh, &latest, NULL, memory_order_acquire,
							memory_order_acquire)); /* G1 */
	while (latest) {
		struct gate *next = latest->next;

		latest->next = list;
		list = latest;
		latest = next;
	}
	while (list) {
		struct gate *gate = list, *same = gate_find_same(inbox->gates, gate);

		list = gate->next;
		gate->next = NULL;
		if (same) {
			gate_absorb(same, gate);
			continue;
		}
		while (*end)
			end = &(*end)->next;
		*end = gate;
	}
	return true;
}

/* gate_look sees which lanes the gate holds this turn; true: some that it held before may go. */
static bool gate_look(struct gate *gate)
{
	bool opened = lane_waits_prune(&gate->waits);

	gate->closed = (struct lane_set){ { 0 } };
	for (const struct lane_wait *wait = gate->waits; wait; wait = wait->next)
		lane_set_include(&gate->closed, &wait->lanes);
	return opened;
}

/* inbox_look_at_gates looks at each gate once, and removes the open ones; true: something that was held may go. */
static bool inbox_look_at_gates(struct inbox *inbox, struct inbox_sight *sight)
{
	struct gate **at = &inbox->gates;
	bool opened = false;

	while (*at) {
		struct gate *gate = *at;

		opened |= gate_look(gate);
		if (gate->waits) {
			at = &gate->next;
			continue;
		}
		*at = gate->next;
		free(gate);
		sight->gates_passed++;
	}
	return opened;
}

/* lane_is_closed tells whether a gate before position holds the packet's lane. */
static bool lane_is_closed(const void *context, struct rte_mbuf *packet, uint64_t position)
{
	const struct inbox *inbox = context;
	const struct oob_field *field = oob_field(packet);

	for (const struct gate *gate = inbox->gates; gate && gate->position <= position; gate = gate->next)
		if (gate->vport.v == field->vport && lane_set_has(&gate->closed, oob_lane(field)))
			return true;
	return false;
}

/* inbox_is_stopped tells whether any gate before position is closed: for the race test, which has to see what that does. */
static bool inbox_is_stopped(const struct inbox *inbox, uint64_t position)
{
	for (const struct gate *gate = inbox->gates; gate && gate->position <= position; gate = gate->next)
		if (!lane_set_is_empty(&gate->closed))
			return true;
	return false;
}

/*
 * The gates are looked at once a turn, and what was seen then holds for all of it: what a gate that opens meanwhile has held
 * must not be passed by what comes behind it.
 */
unsigned inbox_take_gated(struct inbox *inbox, uint64_t tail, struct rte_mbuf *packet[], unsigned count,
			  struct inbox_sight *sight)
{
	struct hold *hold;
	unsigned n = 0;
	bool opened;

	if (!inbox_take_fresh(inbox))
		return 0;
	opened = inbox_look_at_gates(inbox, sight);
	hold = atomic_load_explicit(&inbox->hold, memory_order_acquire); /* G2 */
	if (inbox->held_count && (opened || hold->is_due)) {
		n = hold_release(hold, packet, count, lane_is_closed, inbox);
		inbox->has_released = n;
	}
	while (!(hold && hold->is_due) && n < count && inbox->next != tail) {
		struct rte_mbuf *next = inbox->slot[inbox->next & inbox->mask];

		if (test_gates_are(TEST_GATES_WHOLE_INBOX) && inbox_is_stopped(inbox, inbox->next))
			break;
		if (inbox->gates && lane_is_closed(inbox, next, inbox->next)) {
			hold_put(hold, next, (struct vmmq_vport_id){ oob_field(next)->vport }, inbox->next);
			sight->held++;
		} else {
			packet[n++] = next;
		}
		inbox->next++;
	}
	inbox->held_count = hold ? hold->count : 0;
	sight->gate_closed = inbox->held_count;
	test_taken(inbox, tail, n < count);
	return n;
}

void inbox_hold_indicated(struct inbox *inbox)
{
	hold_indicated(atomic_load_explicit(&inbox->hold, memory_order_relaxed));
	inbox->has_released = false;
}
