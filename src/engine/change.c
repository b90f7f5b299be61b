/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A change becomes effective: the new view is linked behind the last one, every source steps to it by itself at its next
 * burst, and for a source that does not come by (idle, asleep, preempted) control takes the step in its stead.
 */
#include "base/clock.h"
#include "engine/adapter_state.h"
#include "engine/backoff.h"
#include "engine/drain.h"
#include "engine/source.h"

#define STEP_IN_NS 5000 /* how long a source is given to take the step by itself */

/* adoption_await returns false when deadline has passed first. */
static bool adoption_await(struct vmmq_source *source, uint64_t version, uint64_t started, uint64_t deadline)
{
	while (!source_has_adopted(source, version)) {
		uint64_t now = now_ns();

		if ((now - started >= STEP_IN_NS || now >= deadline) && source_try_hold(source)) {
			source_adopt(source, true);
			source_release(source);
			if (source_has_adopted(source, version))
				return true;
		}
		if (now >= deadline)
			return false;
		backoff_wait(started);
	}
	return true;
}

/* adoption_await_all returns when every source steers by version; false: deadline came first, and those that could have stepped. */
static bool adoption_await_all(struct vmmq_adapter *adapter, uint64_t version, uint64_t started, uint64_t deadline)
{
	bool adopted = true;

	for (struct vmmq_source *source = adapter->sources; source; source = source->next)
		adopted &= adoption_await(source, version, started, deadline);
	return adopted;
}

vmmq_status vmmq_adapter_apply(struct vmmq_adapter *adapter, bool wait_drained, uint64_t timeout_ns,
			       struct vmmq_change_report *report)
{
	uint64_t started = now_ns();
	uint64_t deadline = timeout_ns > UINT64_MAX - started ? UINT64_MAX : started + timeout_ns;
	struct vmmq_change_report own = { 0 };
	const struct view_link *link;
	uint64_t version;
	unsigned depth;
	bool done;

	vmmq_adapter_edit_begin(adapter);
	link = view_link_publish(adapter);
	own.moves = link ? link->moves.processor_pairs : 0;
	version = adapter->views.newest->version;
	/* It is out: others may edit while we wait. */
	depth = edit_pause(adapter);
	done = adoption_await_all(adapter, version, started, deadline);
	own.effective_ns = now_ns() - started;
	if (done && wait_drained) {
		done = drain_await(adapter, deadline);
		own.drained_ns = now_ns() - started;
	}
	edit_resume(adapter, depth);
	view_links_reclaim(adapter);
	vmmq_adapter_edit_end(adapter);
	if (report)
		*report = own;
	return done ? VMMQ_SUCCESS : VMMQ_PENDING;
}
