/* SPDX-License-Identifier: BSD-2-Clause */
/* GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES (spec 11.3): synchronous, allocates nothing, every command gets its status. */
#include <string.h>

#include "ndis/oid_call.h"

/* Flags that no command may have: what it asks for cannot even be tracked. */
#define FLAGS_IMPOSSIBLE UINT32_MAX

static const struct oid_shape shape = {
	"RSS_SET_INDIRECTION_ENTRIES",
	VMMQ_NDIS_OBJECT_RSS_SET_INDIRECTION_ENTRIES,
	1,
	{ sizeof(struct vmmq_ndis_rss_set_entries) },
};

/* Where the commands stand in the buffer. */
struct commands {
	uint32_t offset;
	uint32_t stride;
	uint32_t count;
};

static bool oid_move_is_primary(const struct vmmq_ndis_rss_entry *entry)
{
	return entry->flags == VMMQ_RSS_MOVE_PRIMARY ||
	       (!entry->flags && entry->index == VMMQ_RSS_MOVE_INDEX_PRIMARY);
}

/* oid_move_is_active tells whether the parameter that a command names directs traffic now (spec 11.1). */
static bool oid_move_is_active(const struct oid_call *call, const struct vmmq_ndis_rss_entry *entry)
{
	struct vmmq_vport_info info;

	if (entry->vport_id >= VMMQ_VPORTS_MAX ||
	    !vmmq_vport_get(call->sw, (struct vmmq_vport_id){ (uint16_t)entry->vport_id }, &info))
		return true;
	return oid_move_is_primary(entry) != info.rss->enabled;
}

/*
 * A target that cannot exist is outside of every RSS processor set; an inactive parameter, which takes any target, could
 * not give it back and so cannot take it.
 */
static void oid_move_impossible_target(const struct oid_call *call, const struct vmmq_ndis_rss_entry *entry,
				       struct vmmq_rss_move *move)
{
	move->target = oid_processor_outside(call->sw);
	if (!oid_move_is_active(call, entry))
		move->flags = FLAGS_IMPOSSIBLE;
}

static struct vmmq_rss_move oid_move_read(const struct oid_call *call, const struct vmmq_ndis_rss_entry *entry)
{
	struct vmmq_rss_move move = {
		.switch_id = entry->switch_id,
		.vport_id = entry->vport_id,
		.flags = entry->flags,
		.index = entry->index,
		.status = VMMQ_FAILURE,
	};

	if (!oid_processor_read(entry->target, &move.target))
		oid_move_impossible_target(call, entry, &move);
	return move;
}

static void oid_move_status_write(struct oid_call *call, const struct commands *commands, uint32_t i,
				  vmmq_status status)
{
	size_t answered = call->answered;

	oid_write(call,
		  commands->offset + (size_t)i * commands->stride + offsetof(struct vmmq_ndis_rss_entry, status),
		  &status, sizeof(status));
	call->answered = answered;
}

/* oid_move_layout_read finds the commands; they are inside the buffer then. */
static vmmq_status oid_move_layout_read(struct oid_call *call, const struct vmmq_ndis_rss_set_entries *request,
					struct commands *commands)
{
	*commands = (struct commands){ request->entries_offset, request->entry_size, request->entry_count };
	if (!commands->count)
		return VMMQ_SUCCESS;
	if (!oid_part(call, sizeof(*request), commands->offset, (uint64_t)commands->count * commands->stride,
		      "entries_offset"))
		return VMMQ_INVALID_LENGTH;
	if (commands->stride < sizeof(struct vmmq_ndis_rss_entry))
		return vmmq_why_set(call->why, VMMQ_INVALID_LENGTH, "entry_size", "%u; at least %zu are needed",
				    commands->stride, sizeof(struct vmmq_ndis_rss_entry));
	return VMMQ_SUCCESS;
}

static vmmq_status oid_move_request_check(struct oid_call *call, const struct vmmq_ndis_rss_set_entries *request)
{
	if (call->flags & VMMQ_NDIS_VPORT_ID_VALID)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "request_flags",
				    "commands name their VPorts, the request names none");
	if (request->flags)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "flags", "0x%x; none are known",
				    request->flags);
	if (!request->entry_count)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "entry_count", "there is no command");
	if (request->entry_count > VMMQ_OID_MOVES_MAX)
		return vmmq_why_set(call->why, VMMQ_INVALID_DATA, "entry_count", "%u commands; at most %d",
				    request->entry_count, VMMQ_OID_MOVES_MAX);
	return VMMQ_SUCCESS;
}

static vmmq_status oid_moves_carry_out(struct oid_call *call, struct vmmq_rss_move *move, size_t count)
{
	const struct vmmq_oid_adapter *adapter = call->adapter;

	if (adapter->hooks.move)
		return adapter->hooks.move(adapter->hooks.context, adapter->actor, move, count, call->why);
	return vmmq_rss_move(call->sw, adapter->actor, move, count, call->why);
}

static vmmq_status oid_moves_run(struct oid_call *call, const struct commands *commands)
{
	struct vmmq_rss_move move[VMMQ_OID_MOVES_MAX];
	vmmq_status status;

	oid_begin(call);
	for (uint32_t i = 0; i < commands->count; i++) {
		struct vmmq_ndis_rss_entry entry;

		memcpy(&entry, call->buffer + commands->offset + (size_t)i * commands->stride, sizeof(entry));
		move[i] = oid_move_read(call, &entry);
	}
	oid_end(call);
	status = oid_moves_carry_out(call, move, commands->count);
	for (uint32_t i = 0; i < commands->count; i++)
		oid_move_status_write(call, commands, i, move[i].status);
	return status;
}

vmmq_status oid_rss_move(struct oid_call *call)
{
	struct vmmq_ndis_rss_set_entries request;
	vmmq_status status = oid_read(call, &shape, &request, sizeof(request));
	struct commands commands;

	if (status == VMMQ_SUCCESS)
		status = oid_move_layout_read(call, &request, &commands);
	if (status != VMMQ_SUCCESS)
		return status;
	status = oid_move_request_check(call, &request);
	if (status == VMMQ_SUCCESS) {
		status = oid_moves_run(call, &commands);
		call->answered = commands.offset + (size_t)commands.count * commands.stride;
		return status;
	}
	/* Refused as a whole: no command may be left PENDING. */
	for (uint32_t i = 0; i < commands.count; i++)
		oid_move_status_write(call, &commands, i, status);
	return status;
}
