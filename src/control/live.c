/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A group of requests: edited and prepared, so that nothing of it can fail any more; then made to count, or taken back.
 */
#include "control/live.h"

#include <assert.h>
#include <string.h>

#include "control/live_fleet.h"
#include "control/live_moved.h"

#define RECREATE_WAIT_NS                                                                                             \
	100000000u /* how long a request waits for the last packets of a deleted VPort whose id it takes */

struct vmmq_nic_switch *live_switch(struct live *live)
{
	assert(live->in_group);
	return live->sw;
}

/*
 * settle_vport makes the extras follow a VPort that the request has touched by whatever operation: they go with it.
 * A new one must not take an id whose last packets are still under way: they would count, and be delivered, as its
 * own.  PENDING: it has the id of one that this very group deletes, which can be drained only when the group has
 * taken effect.
 */
static vmmq_status settle_vport(struct live *live, struct vmmq_vport_id id, struct vmmq_why *why)
{
	struct vmmq_vport_info info;

	if (!vmmq_vport_get(live->sw, id, &info)) {
		live->gone[id.v] = live->any_gone = true;
		return live_extra_forget(live, id.v) ? VMMQ_SUCCESS
						     : vmmq_why_set(why, VMMQ_RESOURCES, "", "out of memory");
	}
	if (live->gone[id.v])
		return VMMQ_PENDING;
	if (!live->draining[id.v] || live_drain_one(live, id, RECREATE_WAIT_NS))
		return live_moved_settle(live, id, why);
	return vmmq_why_set(
	    why, VMMQ_RESOURCES, "id",
	    "VPort %u was deleted a moment ago and packets of it are still under way; try again, or take "
	    "another id",
	    (unsigned)id.v);
}

static vmmq_status live_settle_changes(struct live *live, vmmq_nic_switch_mark_t mark, struct vmmq_why *why)
{
	size_t count = vmmq_nic_switch_changes(live->sw, mark, 0, NULL, 0);
	vmmq_status status = VMMQ_SUCCESS;

	for (size_t i = 0; i < count && status == VMMQ_SUCCESS; i++) {
		struct vmmq_nic_switch_change change;

		vmmq_nic_switch_changes(live->sw, mark, i, &change, 1);
		if (change.what == VMMQ_CHANGED_VPORT)
			status = settle_vport(live, (struct vmmq_vport_id){ (uint16_t)change.id }, why);
		else if (change.what == VMMQ_CHANGED_PROCESSORS)
			status = live_moved_settle_all(live, why);
	}
	return status;
}

/* run_one runs one request in the open group; refused, it has left no trace. */
static void run_one(struct live *live, struct live_request *request)
{
	vmmq_nic_switch_mark_t mark = vmmq_nic_switch_mark(live->sw);
	size_t extras = live_extra_mark(live);

	memset(&request->why, 0, sizeof(request->why));
	request->status = request->run(live, request->argument, &request->why);
	if (request->status == VMMQ_SUCCESS)
		request->status = live_settle_changes(live, mark, &request->why);
	if (request->status == VMMQ_SUCCESS && live->governed && !request->of_fleet)
		request->status = live_fleet_check(live, mark, extras, &request->why);
	if (request->status == VMMQ_SUCCESS)
		return;
	vmmq_nic_switch_rollback(live->sw, mark);
	live_extra_rollback(live, extras);
}

/* run_all runs requests until one has to wait for the group's end; returns how many were run, at least one. */
static size_t run_all(struct live *live, struct live_request *const request[], size_t count)
{
	if (live->any_gone)
		memset(live->gone, 0, sizeof(live->gone));
	live->any_gone = false;
	for (size_t i = 0; i < count; i++) {
		run_one(live, request[i]);
		if (request[i]->status == VMMQ_PENDING)
			return i;
	}
	return count;
}

vmmq_status live_group_make(struct live *live, struct live_request *const request[], size_t count, size_t *running,
			    struct live_batch *batch, struct vmmq_why *why)
{
	vmmq_nic_switch_mark_t mark;
	vmmq_status status;

	vmmq_nic_switch_begin(live->sw);
	live->in_group = true;
	mark = vmmq_nic_switch_mark(live->sw);
	*running = run_all(live, request, count);
	if (live_batch_collect(live, mark, batch)) {
		status = vmmq_nic_switch_prepare(live->sw, why);
	} else {
		vmmq_nic_switch_abort(live->sw);
		status = vmmq_why_set(why, VMMQ_RESOURCES, "", "out of memory");
	}
	live->in_group = false;
	if (status != VMMQ_SUCCESS)
		live_extra_rollback(live, 0);
	return status;
}

void live_group_take(struct live *live, struct live_batch *batch)
{
	vmmq_nic_switch_commit(live->sw, NULL);
	live_extra_commit(live);
	live_batch_take(live, batch);
}

void live_group_drop(struct live *live)
{
	vmmq_nic_switch_abort(live->sw);
	live_extra_rollback(live, 0);
}
