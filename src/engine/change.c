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

/*
 * view_publish links the switch's current view behind the newest one, unless it is that.  *moves: between those two, 0 when it
 * is that.  false: memory.
 */
static bool view_publish(struct vmmq_adapter *adapter, uint32_t *moves)
{
	const struct vmmq_view *view = vmmq_nic_switch_view(adapter->nic_switch);
	struct view_link *link;

	*moves = 0;
	if (view == adapter->views.newest->view)
		return true;
	link = view_link_make(adapter, view);
	if (!link)
		return false;
	*moves = link->move_count;
	view_link_publish(adapter, link);
	return true;
}

/* adoption_await returns false when deadline has passed first. */
static bool adoption_await(struct vmmq_source *source, uint64_t version, uint64_t started, uint64_t deadline)
{
	while (!source_has_adopted(source, version)) {
		uint64_t now = now_ns();

		if (now - started >= STEP_IN_NS && source_try_hold(source)) {
			source_adopt(source);
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

/* adoption_await_all returns when every source steers by version; false: deadline came first. */
static bool adoption_await_all(struct vmmq_adapter *adapter, uint64_t version, uint64_t started, uint64_t deadline)
{
	for (struct vmmq_source *source = adapter->sources; source; source = source->next)
		if (!adoption_await(source, version, started, deadline))
			return false;
	return true;
}

vmmq_status vmmq_adapter_apply(struct vmmq_adapter *adapter, bool wait_drained, uint64_t timeout_ns,
			       struct vmmq_change_report *report)
{
	uint64_t started = now_ns();
	uint64_t deadline = timeout_ns > UINT64_MAX - started ? UINT64_MAX : started + timeout_ns;
	struct vmmq_change_report own = { 0 };
	uint64_t version;
	unsigned depth;
	bool done;

	vmmq_adapter_edit_begin(adapter);
	if (!view_publish(adapter, &own.moves)) {
		vmmq_adapter_edit_end(adapter);
		return VMMQ_RESOURCES;
	}
	version = adapter->views.newest->version;
	/* It is out.  A processor that waits to move an entry may be the one whose inbox has no room for a gate. */
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
