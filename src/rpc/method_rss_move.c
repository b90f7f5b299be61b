/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rss.move: one request may move what points to different processors, which RSSv2 allows each processor for itself only
 * (spec 11.3).  So it becomes one group per processor, all of them in one live request.
 */
#include <stdio.h>
#include <vmmq/counters.h>
#include <vmmq/oid.h>

#include "rpc/method.h"

struct moves {
	struct vmmq_vport_id vport;
	size_t count;
	struct vmmq_rss_move move[VMMQ_OID_MOVES_MAX];
	struct vmmq_processor actor[VMMQ_OID_MOVES_MAX]; /* what each one points to now */
	bool done[VMMQ_OID_MOVES_MAX];
};

static vmmq_status call_read_move(struct moves *moves, const struct vmmq_rss_params *rss, const json_t *value,
				  size_t i, struct vmmq_why *why)
{
	const json_t *entry = json_object_get(value, "entry");
	struct vmmq_rss_move *move = &moves->move[i];
	char path[40];

	*move = (struct vmmq_rss_move){ .vport_id = moves->vport.v,
					.target = call_processor(json_object_get(value, "processor")) };
	if (json_object_get(value, "primary")) {
		move->flags = VMMQ_RSS_MOVE_PRIMARY;
		moves->actor[i] = rss->primary;
	} else if (json_object_get(value, "default")) {
		move->flags = VMMQ_RSS_MOVE_DEFAULT;
		moves->actor[i] = rss->default_processor;
	} else {
		move->index = (uint16_t)json_integer_value(entry);
		if (move->index >= rss->entry_count) {
			snprintf(path, sizeof(path), "moves[%zu].entry", i);
			return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, path,
					    "%u; the table has %u entries, counted from 0", move->index,
					    rss->entry_count);
		}
		moves->actor[i] = rss->table[move->index];
	}
	for (size_t earlier = 0; earlier < i; earlier++)
		if (moves->move[earlier].flags == move->flags && moves->move[earlier].index == move->index) {
			snprintf(path, sizeof(path), "moves[%zu]", i);
			return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, path, "moves what moves[%zu] moves",
					    earlier);
		}
	return VMMQ_SUCCESS;
}

/* rename_command makes a path "command[1].target" count the request's moves instead of the group's. */
static void rename_command(struct vmmq_why *why, const size_t of[], size_t count)
{
	struct vmmq_why renamed = *why;
	size_t command;
	int len = 0;

	if (sscanf(why->path, "command[%zu]%n", &command, &len) != 1 || len == 0 || command >= count)
		return;
	snprintf(renamed.path, sizeof(renamed.path), "moves[%zu]%.60s", of[command], why->path + len);
	*why = renamed;
}

/* move_actor carries out all moves on behalf of the actor of moves[first]. */
static vmmq_status move_actor(struct vmmq_nic_switch *sw, struct moves *moves, size_t first, struct vmmq_why *why)
{
	struct vmmq_rss_move group[VMMQ_OID_MOVES_MAX];
	size_t of[VMMQ_OID_MOVES_MAX], count = 0;
	vmmq_status status;

	for (size_t i = first; i < moves->count; i++) {
		if (moves->done[i] || moves->actor[i].v != moves->actor[first].v)
			continue;
		of[count] = i;
		group[count++] = moves->move[i];
	}
	status = vmmq_rss_move(sw, moves->actor[first], group, count, why);
	for (size_t i = 0; i < count && status == VMMQ_SUCCESS; i++)
		status = group[i].status;
	for (size_t i = 0; i < count && status == VMMQ_SUCCESS; i++)
		moves->done[of[i]] = true;
	if (status != VMMQ_SUCCESS)
		rename_command(why, of, count);
	return status;
}

/*
 * move_all: a group that would use too many queues is tried again after the others, which may free some.
 */
static vmmq_status move_all(struct vmmq_nic_switch *sw, struct moves *moves, struct vmmq_why *why)
{
	vmmq_status refused;
	bool moved;

	do {
		refused = VMMQ_SUCCESS;
		moved = false;
		for (size_t i = 0; i < moves->count; i++) {
			vmmq_status status;

			if (moves->done[i])
				continue;
			status = move_actor(sw, moves, i, why);
			moved = moved || moves->done[i];
			if (status == VMMQ_NO_QUEUES)
				refused = status;
			else if (status != VMMQ_SUCCESS)
				return status;
		}
	} while (refused != VMMQ_SUCCESS && moved);
	return refused;
}

static vmmq_status move_read_all(struct live *live, struct moves *moves, const json_t *list, struct vmmq_why *why)
{
	struct vmmq_vport_info info;

	vmmq_vport_get(live_switch(live), moves->vport, &info);
	for (size_t i = 0; i < moves->count; i++) {
		vmmq_status status = call_read_move(moves, info.rss, json_array_get(list, i), i, why);

		moves->done[i] = false;
		if (status != VMMQ_SUCCESS)
			return status;
	}
	return VMMQ_SUCCESS;
}

/*
 * move_as_requested tries again on the table as it was requested: the processors that load was moved to by itself must not be what makes
 * them too many.
 */
static vmmq_status move_as_requested(struct live *live, struct moves *moves, const json_t *list,
				     vmmq_nic_switch_mark_t mark, struct vmmq_why *why)
{
	vmmq_status status;

	vmmq_nic_switch_rollback(live_switch(live), mark);
	status = live_rss_restore(live, moves->vport, why);
	if (status == VMMQ_SUCCESS)
		status = move_read_all(live, moves, list, why);
	return status == VMMQ_SUCCESS ? move_all(live_switch(live), moves, why) : status;
}

/* move_pin_all: what was moved by hand stays there. */
static vmmq_status move_pin_all(struct live *live, const struct moves *moves, struct vmmq_why *why)
{
	vmmq_status status = VMMQ_SUCCESS;

	for (size_t i = 0; i < moves->count && status == VMMQ_SUCCESS; i++) {
		const struct vmmq_rss_move *move = &moves->move[i];

		status = live_rss_pin(live, moves->vport,
				      move->flags == VMMQ_RSS_MOVE_PRIMARY   ? VMMQ_LANE_PRIMARY
				      : move->flags == VMMQ_RSS_MOVE_DEFAULT ? VMMQ_LANE_DEFAULT
									     : move->index,
				      why);
	}
	return status;
}

vmmq_status method_rss_move(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;
	const json_t *list = json_object_get(call->params, "moves");
	struct moves moves = { .count = json_array_size(list) };
	vmmq_nic_switch_mark_t mark;
	vmmq_status status = call_vport(live, call, "vport", &moves.vport, why);

	if (status == VMMQ_SUCCESS)
		status = move_read_all(live, &moves, list, why);
	if (status != VMMQ_SUCCESS)
		return status;
	mark = vmmq_nic_switch_mark(live_switch(live));
	status = move_all(live_switch(live), &moves, why);
	if (status == VMMQ_NO_QUEUES)
		status = move_as_requested(live, &moves, list, mark, why);
	if (status == VMMQ_SUCCESS)
		status = move_pin_all(live, &moves, why);
	if (status != VMMQ_SUCCESS)
		return status;
	return call_result(call, json_pack("{s:i, s:i}", "vport", moves.vport.v, "moved", (int)moves.count), why);
}
