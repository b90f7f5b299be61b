/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/gate.h"

#include <stdlib.h>

#include "engine/inbox.h"

bool lane_wait_is_over(const struct lane_wait *wait)
{
	return wait->is_for_all ? inbox_is_drained(wait->inbox, wait->position)
				: inbox_has_indicated(wait->inbox, wait->vport, wait->position);
}

static void lane_wait_unlink(struct lane_wait **at)
{
	struct lane_wait *wait = *at;

	*at = wait->next;
	free(wait);
}

static bool lane_wait_is_beside(const struct lane_wait *wait, const struct lane_wait *other)
{
	return other->inbox == wait->inbox && other->owner.v == wait->owner.v;
}

/* lane_waits_join makes wait stand for all those that are for its inbox, if they are too many or one of them does already. */
static void lane_waits_join(struct lane_wait **list, struct lane_wait *wait)
{
	bool joins = wait->is_for_all;
	unsigned count = 0;

	for (const struct lane_wait *at = *list; at && !joins; at = at->next)
		if (lane_wait_is_beside(wait, at))
			joins = at->is_for_all || ++count == LANE_WAITS_APART;
	if (!joins)
		return;
	wait->is_for_all = true;
	while (*list) {
		const struct lane_wait *other = *list;

		if (!lane_wait_is_beside(wait, other)) {
			list = &(*list)->next;
			continue;
		}
		lane_set_include(&wait->lanes, &other->lanes);
		if (wait->position < other->position)
			wait->position = other->position;
		lane_wait_unlink(list);
	}
}

void lane_waits_add(struct lane_wait **list, struct lane_wait *wait)
{
	for (struct lane_wait **at = list; *at;) {
		struct lane_wait *other = *at;

		if (lane_wait_is_beside(wait, other) && other->vport.v == wait->vport.v && !other->is_for_all &&
		    !wait->is_for_all) {
			if (other->position == wait->position) {
				lane_set_include(&other->lanes, &wait->lanes);
				free(wait);
				return;
			}
			if (other->position < wait->position)
				lane_set_exclude(&other->lanes, &wait->lanes);
			else
				lane_set_exclude(&wait->lanes, &other->lanes);
			if (lane_set_is_empty(&other->lanes)) {
				lane_wait_unlink(at);
				continue;
			}
		}
		at = &other->next;
	}
	if (lane_set_is_empty(&wait->lanes)) {
		free(wait);
		return;
	}
	lane_waits_join(list, wait);
	wait->next = *list;
	*list = wait;
}

bool lane_waits_prune(struct lane_wait **list)
{
	bool pruned = false;

	while (*list) {
		if (lane_wait_is_over(*list)) {
			lane_wait_unlink(list);
			pruned = true;
		} else {
			list = &(*list)->next;
		}
	}
	return pruned;
}

void lane_waits_free(struct lane_wait *list)
{
	while (list)
		lane_wait_unlink(&list);
}

void gate_absorb(struct gate *gate, struct gate *other)
{
	while (other->waits) {
		struct lane_wait *wait = other->waits;

		other->waits = wait->next;
		lane_waits_add(&gate->waits, wait);
	}
	free(other);
}

void gates_free(struct gate *list)
{
	while (list) {
		struct gate *next = list->next;

		lane_waits_free(list->waits);
		free(list);
		list = next;
	}
}
