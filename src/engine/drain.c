/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/drain.h"

#include <assert.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"
#include "engine/adapter_state.h"
#include "engine/backoff.h"
#include "engine/call.h"
#include "engine/source.h"

/* A place in an inbox; everything below it is to be indicated. */
struct place {
	const struct inbox *inbox;
	uint64_t position;
};

struct places {
	struct place *place;
	size_t count, room;
};

static bool places_add(struct places *places, const struct inbox *inbox, uint64_t position)
{
	struct place *larger = array_room(places->place, &places->room, places->count + 1, 64, sizeof(*larger));

	if (!larger)
		return false;
	places->place = larger;
	places->place[places->count++] = (struct place){ inbox, position };
	return true;
}

/* places_find finds where packets, or with vport packets of it, wait now; false: memory. */
static bool places_find(struct places *places, const struct vmmq_adapter *adapter, const struct vmmq_vport_id *vport)
{
	for (const struct vmmq_source *source = adapter->sources; source; source = source->next) {
		for (processor_slot i = 0; i < adapter->processor_count; i++) {
			const struct inbox *inbox = source_inbox_find(source, i);
			uint64_t position;

			if (!inbox)
				continue;
			position = atomic_load_explicit(&inbox->tail, memory_order_acquire); /* I1 */
			if (vport ? inbox_vport_waits(inbox, *vport) : !inbox_is_drained(inbox, position))
				if (!places_add(places, inbox, position))
					return false;
		}
	}
	return true;
}

/* places_are_passed forgets those places that have been passed, and tells whether all have. */
static bool places_are_passed(struct places *places, const struct vmmq_vport_id *vport)
{
	size_t left = 0;

	for (size_t i = 0; i < places->count; i++) {
		struct place place = places->place[i];

		if (vport ? !inbox_has_indicated(place.inbox, *vport, place.position)
			  : !inbox_is_drained(place.inbox, place.position))
			places->place[left++] = place;
	}
	places->count = left;
	return !left;
}

/* drain_await_of is drain_await() for one VPort's packets, or with NULL for all. */
static bool drain_await_of(const struct vmmq_adapter *adapter, const struct vmmq_vport_id *vport, uint64_t deadline)
{
	struct places places = { 0 };
	bool found = places_find(&places, adapter, vport), passed = found && places_are_passed(&places, vport);
	uint64_t started = now_ns();

	assert(!processors_turning_here(adapter)); /* it would wait for itself */
	while (found && !passed && now_ns() < deadline && !adapter_is_stopping(adapter)) {
		backoff_wait(started);
		passed = places_are_passed(&places, vport);
	}
	free(places.place);
	return passed;
}

bool drain_await(const struct vmmq_adapter *adapter, uint64_t deadline)
{
	return drain_await_of(adapter, NULL, deadline);
}

bool vmmq_vport_quiesce(struct vmmq_adapter *adapter, struct vmmq_vport_id vport, uint64_t timeout_ns)
{
	uint64_t started = now_ns();
	uint64_t deadline = timeout_ns > UINT64_MAX - started ? UINT64_MAX : started + timeout_ns;

	unsigned depth = edit_pause(adapter);
	bool done = drain_await_of(adapter, &vport, deadline);

	while (done && (vmmq_held_read(adapter, vport) || vmmq_sending_read(adapter, vport))) {
		done = now_ns() < deadline;
		if (done)
			backoff_wait(started);
	}
	edit_resume(adapter, depth);
	return done;
}

bool vmmq_adapter_idle(const struct vmmq_adapter *adapter)
{
	for (processor_slot i = 0; i < adapter->processor_count; i++)
		if (processor_is_behind(&adapter->processor[i]))
			return false;
	return true;
}
