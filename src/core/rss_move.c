/* SPDX-License-Identifier: BSD-2-Clause */
/* OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES: single entries move to other processors (spec 11.3). */
#include <stdio.h>
#include <string.h>

#include "core/request_check.h"

/* A run of commands with one (switch_id, vport_id): command[first .. first + count). */
struct group {
	struct vmmq_rss_move *command;
	size_t first;
	size_t count;
};

/* The steering parameter that a command names. */
struct parameter {
	struct vmmq_processor *processor; /* NULL: there is none */
	bool active;
};

static struct parameter move_parameter_find(struct vmmq_rss_params *rss, const struct vmmq_rss_move *move)
{
	bool by_index = move->flags == 0;

	if (move->flags == VMMQ_RSS_MOVE_PRIMARY || (by_index && move->index == VMMQ_RSS_MOVE_INDEX_PRIMARY))
		return (struct parameter){ &rss->primary, !rss->enabled };
	if (move->flags == VMMQ_RSS_MOVE_DEFAULT || (by_index && move->index == VMMQ_RSS_MOVE_INDEX_DEFAULT))
		return (struct parameter){ &rss->default_processor, rss->enabled };
	if (by_index && move->index < rss->entry_count)
		return (struct parameter){ &rss->table[move->index], rss->enabled };
	return (struct parameter){ NULL, false };
}

/*
 * move_command_apply carries out one command on the copy, so that the commands behind it see it done.  A move from a processor to
 * itself needs no case of its own: an active parameter that is there is in the set.
 */
static vmmq_status move_command_apply(const struct vmmq_nic_switch *sw, struct vmmq_rss_params *rss,
				      struct vmmq_processor actor, const struct vmmq_rss_move *move,
				      struct vmmq_why *why)
{
	struct parameter parameter = move_parameter_find(rss, move);

	if (!parameter.processor)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "index",
				    "flags 0x%x, index %u; the table has %u entries", move->flags,
				    (unsigned)move->index, (unsigned)rss->entry_count);
	if (parameter.processor->v != actor.v)
		return vmmq_why_set(why, VMMQ_NOT_ACCEPTED, "target",
				    "it points at processor %u, but processor %u asks to move it",
				    (unsigned)parameter.processor->v, (unsigned)actor.v);
	if (parameter.active && !vmmq_processor_set_has(&sw->set, move->target))
		return vmmq_why_set(why, VMMQ_INVALID_DATA, "target",
				    "processor %u is not in the adapter's RSS processor set",
				    (unsigned)move->target.v);
	*parameter.processor = move->target;
	return VMMQ_SUCCESS;
}

static vmmq_status move_vport_check(const struct vmmq_nic_switch *sw, const struct vmmq_rss_move *move,
				    struct vmmq_why *why)
{
	const struct vport *vport = request_vport(sw, move->vport_id);

	if (move->switch_id)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "switch", "%u; the one switch has id 0",
				    move->switch_id);
	if (move->vport_id >= sw->limits.max_vports)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "vport", "%u; 0 to %u are allowed", move->vport_id,
				    sw->limits.max_vports - 1);
	if (!vport)
		return request_unknown_vport(move->vport_id, VMMQ_INVALID_PORT, why);
	if (vport->state != VMMQ_VPORT_ACTIVATED)
		return vmmq_why_set(why, VMMQ_INVALID_PORT_STATE, "vport", "VPort %u is not activated",
				    move->vport_id);
	return VMMQ_SUCCESS;
}

/* move_why_prefix says in why which command its field belongs to. */
static void move_why_prefix(struct vmmq_why *why, size_t command)
{
	char field[sizeof(why->path)];

	if (!why)
		return;
	memcpy(field, why->path, sizeof(field));
	snprintf(why->path, sizeof(why->path), "command[%zu].%.32s", command, field);
}

/* move_commands_apply carries out a group on a copy of its VPort; the queues are counted after all of it (rule 10). */
static vmmq_status move_commands_apply(const struct vmmq_nic_switch *sw, struct vport *wanted,
				       struct vmmq_processor actor, const struct group *group, struct vmmq_why *why)
{
	size_t end = group->first + group->count;
	unsigned used;

	for (size_t i = group->first; i < end; i++) {
		vmmq_status status = move_command_apply(sw, &wanted->rss, actor, &group->command[i], why);

		if (status != VMMQ_SUCCESS) {
			move_why_prefix(why, i);
			return status;
		}
	}
	used = vmmq_rss_queues_used(&wanted->rss);
	if (used <= wanted->queue_pairs)
		return VMMQ_SUCCESS;
	vmmq_why_set(why, VMMQ_NO_QUEUES, "target",
		     "table and default processor would name %u processors; VPort %u has %u queues", used,
		     (unsigned)wanted->id.v, wanted->queue_pairs);
	move_why_prefix(why, end - 1);
	return VMMQ_NO_QUEUES;
}

static vmmq_status move_group_apply(struct vmmq_nic_switch *sw, struct vmmq_processor actor,
				    const struct group *group, struct vmmq_why *why)
{
	const struct vmmq_rss_move *first = &group->command[group->first];
	vmmq_status status = move_vport_check(sw, first, why);
	struct vport *vport;
	struct vport wanted;

	if (status != VMMQ_SUCCESS) {
		move_why_prefix(why, group->first);
		return status;
	}
	vport = request_vport(sw, first->vport_id);
	wanted = *vport;
	status = move_commands_apply(sw, &wanted, actor, group, why);
	return status == VMMQ_SUCCESS ? vport_replace(sw, vport, &wanted, why) : status;
}

static bool move_group_is_same(const struct vmmq_rss_move *a, const struct vmmq_rss_move *b)
{
	return a->switch_id == b->switch_id && a->vport_id == b->vport_id;
}

/* move_group_find returns the group that begins with command[first]. */
static struct group move_group_find(struct vmmq_rss_move *command, size_t first, size_t count)
{
	struct group group = { command, first, 1 };

	while (first + group.count < count && move_group_is_same(&command[first], &command[first + group.count]))
		group.count++;
	return group;
}

/* move_group_run carries out a group by itself, whatever becomes of others, and gives all its commands one status. */
static vmmq_status move_group_run(struct vmmq_nic_switch *sw, struct vmmq_processor actor, const struct group *group,
				  struct vmmq_why *why)
{
	bool lone = op_begin(sw);
	vmmq_status status = op_end(sw, lone, move_group_apply(sw, actor, group, why), why);

	for (size_t i = group->first; i < group->first + group->count; i++)
		group->command[i].status = status;
	return status;
}

vmmq_status vmmq_rss_move(struct vmmq_nic_switch *sw, struct vmmq_processor actor, struct vmmq_rss_move *move,
			  size_t count, struct vmmq_why *why)
{
	for (size_t at = 0; at < count;) {
		struct group group = move_group_find(move, at, count);

		if (move_group_run(sw, actor, &group, why) != VMMQ_SUCCESS)
			why = NULL; /* it tells of the first group that failed */
		at += group.count;
	}
	return VMMQ_SUCCESS;
}
