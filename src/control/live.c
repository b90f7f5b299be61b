/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Carrying out requests: edit -> prepare -> write to disk -> (nothing fails from here) commit -> make effective ->
 * tell.
 */
#include "control/live.h"

#include <assert.h>
#include <string.h>
#include <time.h>

#include "control/live_state.h"

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
		return VMMQ_SUCCESS;
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
	if (request->status == VMMQ_SUCCESS)
		return;
	vmmq_nic_switch_rollback(live->sw, mark);
	live_extra_rollback(live, extras);
}

/* live_write_batch writes to disk what the group has changed, and measures that. */
static vmmq_status live_write_batch(struct live *live, const struct live_batch *batch, struct vmmq_why *why)
{
	struct live_latency *latency = &live->latency;
	uint64_t started = now_ns();

	if (!live->db || live_batch_is_empty(live, batch))
		return VMMQ_SUCCESS;
	if (!live_batch_write(live, batch))
		return vmmq_why_set(why, VMMQ_RESOURCES, "", "the state cannot be written: %s",
				    state_db_error(live->db));
	latency->disk_last_ns = now_ns() - started;
	latency->disk_sum_ns += latency->disk_last_ns;
	if (latency->disk_last_ns > latency->disk_max_ns)
		latency->disk_max_ns = latency->disk_last_ns;
	return VMMQ_SUCCESS;
}

/* finish_group ends the open group: on disk and committed, or, refused, as if it had never been. */
static vmmq_status finish_group(struct live *live, vmmq_nic_switch_mark_t mark, struct live_batch *batch,
				struct vmmq_why *why)
{
	vmmq_status status;

	if (!live_batch_collect(live, mark, batch)) {
		vmmq_nic_switch_abort(live->sw);
		status = vmmq_why_set(why, VMMQ_RESOURCES, "", "out of memory");
	} else {
		status = vmmq_nic_switch_prepare(live->sw, why);
		if (status == VMMQ_SUCCESS) {
			status = live_write_batch(live, batch, why);
			if (status != VMMQ_SUCCESS)
				vmmq_nic_switch_abort(live->sw);
		}
	}
	if (status != VMMQ_SUCCESS) {
		live_extra_rollback(live, 0);
		return status;
	}
	/* No failures after this point. */
	vmmq_nic_switch_commit(live->sw, NULL);
	live_extra_commit(live);
	live_batch_take(live, batch);
	return VMMQ_SUCCESS;
}

static void count_refused(struct live *live, struct live_request *const request[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		live->latency.refused += request[i]->status != VMMQ_SUCCESS;
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

/*
 * live_carry_out returns how many requests, from the front, it carried out in one group; 0: the group failed as a
 * whole.
 */
static size_t live_carry_out(struct live *live, struct live_request *const request[], size_t count)
{
	struct live_batch batch = { 0 };
	struct vmmq_why why = { 0 };
	vmmq_nic_switch_mark_t mark;
	vmmq_status status;

	vmmq_nic_switch_begin(live->sw);
	live->in_group = true;
	mark = vmmq_nic_switch_mark(live->sw);
	count = run_all(live, request, count);
	status = finish_group(live, mark, &batch, &why);
	live->in_group = false;
	if (status == VMMQ_SUCCESS) {
		live->latency.batches++;
		live->latency.requests += count;
		count_refused(live, request, count);
		live_effect(live, &batch);
	}
	if (status == VMMQ_SUCCESS)
		live_tell_batch(live, &batch);
	else if (count == 1 && request[0]->status == VMMQ_SUCCESS) {
		request[0]->status = status;
		request[0]->why = why;
	}
	live_batch_fini(&batch);
	return status == VMMQ_SUCCESS ? count : 0;
}

void live_execute(struct live *live, struct live_request *const request[], size_t count)
{
	size_t together = count;

	assert(!live->in_group);
	for (size_t at = 0, done; at < count; at += done) {
		done = live_carry_out(live, request + at, together < count - at ? together : count - at);
		if (done)
			continue;
		if (count - at > 1 && together > 1) {
			together = 1; /* from here on one by one: what can be done is done */
			continue;
		}
		done = 1;
		live->latency.requests++;
		live->latency.refused++;
	}
}
