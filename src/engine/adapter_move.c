/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A processor moves table entries away from itself, from inside an indication (spec 11.3).  All that can fail is done before
 * the model changes: the commands, the next view, its link with the moves, memory for the gates (view_chain.c).  Then it is published, and
 * every source takes the step before the call returns: by itself, or by us if nobody holds it.
 */
#include <assert.h>

#include "engine/adapter_state.h"
#include "engine/backoff.h"
#include "engine/source.h"

/* The call's arguments, for the actor. */
struct move_request {
	struct vmmq_adapter *adapter;
	struct vmmq_processor actor;
	struct vmmq_rss_move *move;
	size_t count;
	struct vmmq_why *why;
	vmmq_status status;
};

/* move_refuse_all answers a lack of something that no single command is to blame for; what failed by itself keeps its status. */
static void move_refuse_all(const struct move_request *request)
{
	for (size_t i = 0; i < request->count; i++)
		if (request->move[i].status == VMMQ_SUCCESS)
			request->move[i].status = VMMQ_RESOURCES;
}

/* source_step_to returns when the source steers by version; false: a gate's memory is short, and it follows by itself later. */
static bool source_step_to(struct vmmq_source *source, uint64_t version)
{
	unsigned spins = 0;

	while (!source_has_adopted(source, version)) {
		if (source_try_hold(source)) {
			source_adopt(source, true);
			source_release(source);
			return source_has_adopted(source, version);
		}
		backoff_spin(&spins);
	}
	return true;
}

static vmmq_status sources_step_to_newest(struct vmmq_adapter *adapter)
{
	vmmq_status status = VMMQ_SUCCESS;

	for (struct vmmq_source *source = adapter->sources; source; source = source->next)
		if (!source_step_to(source, adapter->views.newest->version))
			status = VMMQ_PENDING;
	return status;
}

/* move_publish publishes what the open group, in which the commands have been carried out, has come to. */
static vmmq_status move_publish(const struct move_request *request)
{
	struct vmmq_adapter *adapter = request->adapter;
	vmmq_status status;

	assert(edit_is_held_here(adapter));
	if (vmmq_nic_switch_prepare(adapter->nic_switch, request->why) != VMMQ_SUCCESS) {
		move_refuse_all(request);
		return VMMQ_SUCCESS;
	}
	/* No failures after this point, but for memory for a gate that turns out to be needed as well. */
	vmmq_nic_switch_commit(adapter->nic_switch, NULL);
	if (!view_link_publish(adapter))
		return VMMQ_SUCCESS;
	status = sources_step_to_newest(adapter);
	view_links_reclaim(adapter);
	return status;
}

static void move_run(void *argument)
{
	struct move_request *request = argument;
	struct vmmq_adapter *adapter = request->adapter;

	vmmq_adapter_edit_begin(adapter);
	vmmq_nic_switch_begin(adapter->nic_switch);
	vmmq_rss_move(adapter->nic_switch, request->actor, request->move, request->count, request->why);
	request->status = move_publish(request);
	vmmq_adapter_edit_end(adapter);
}

vmmq_status vmmq_adapter_move(struct vmmq_adapter *adapter, struct vmmq_processor actor, struct vmmq_rss_move *move,
			      size_t count, struct vmmq_why *why)
{
	struct move_request request = { adapter, actor, move, count, why, VMMQ_SUCCESS };

	if (processor_find(adapter, actor))
		vmmq_processor_call(adapter, actor, move_run, &request);
	else
		move_run(&request); /* no entry points at it: the commands will say so */
	return request.status;
}
