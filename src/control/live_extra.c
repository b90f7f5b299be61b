/* SPDX-License-Identifier: BSD-2-Clause */
/* What VPorts and the uplink have beside the NIC switch, with a log to take changes back. */
#include <stdlib.h>

#include "base/array.h"
#include "control/live_moved.h"
#include "schema/field.h"

static const struct live_extra of_new_vport = { .min_queue_pairs = FIELD_MIN_QUEUE_PAIRS_INITIAL,
						.anti_spoofing = FIELD_ANTI_SPOOFING_INITIAL,
						.control_frames = FIELD_CONTROL_FRAMES_INITIAL,
						.flood_limit = FIELD_FLOOD_LIMIT_INITIAL };
static const struct live_extra of_vport_zero = { .min_queue_pairs = FIELD_MIN_QUEUE_PAIRS_INITIAL,
						 .control_frames = true,
						 .flood_limit = FIELD_FLOOD_LIMIT_INITIAL };
static const struct live_extra of_uplink = { .rx_queues = FIELD_RX_QUEUES_INITIAL };
static const struct live_extra of_balance = { .balance = { .tick_ms = FIELD_BALANCE_TICK_INITIAL,
							   .target = FIELD_BALANCE_TARGET_INITIAL,
							   .tolerance = FIELD_BALANCE_TOLERANCE_INITIAL,
							   .budget = FIELD_BALANCE_BUDGET_INITIAL,
							   .coalesce = FIELD_BALANCE_COALESCE_INITIAL } };

const struct live_extra *live_extra_at(const struct live *live, uint32_t place)
{
	if (live->extras.of[place])
		return live->extras.of[place];
	if (place >= LIVE_UPLINK)
		return place == LIVE_UPLINK ? &of_uplink : &of_balance;
	return place ? &of_new_vport : &of_vport_zero;
}

static void extra_free(struct live_extra *extra)
{
	if (!extra)
		return;
	port_spec_fini(&extra->port);
	free(extra->moved);
	free(extra);
}

static bool extra_undo_reserve(struct live_extra_table *extras)
{
	struct live_extra_undo *undo =
	    array_room(extras->undo, &extras->undo_capacity, extras->undo_count + 1, 16, sizeof(*undo));

	if (!undo)
		return false;
	extras->undo = undo;
	return true;
}

static void extra_replace(struct live_extra_table *extras, uint32_t place, struct live_extra *extra)
{
	extras->undo[extras->undo_count++] = (struct live_extra_undo){ place, extras->of[place] };
	extras->of[place] = extra;
	if (place < LIVE_UPLINK && place >= extras->end)
		extras->end = place + 1;
}

bool live_extra_put(struct live *live, uint32_t place, const struct live_extra *wanted)
{
	struct live_extra *copy;

	if (!extra_undo_reserve(&live->extras))
		return false;
	copy = malloc(sizeof(*copy));
	if (!copy)
		return false;
	*copy = *wanted;
	copy->moved = NULL;
	if (!port_spec_copy(&copy->port, &wanted->port) || (wanted->moved && !live_moved_copy(copy, wanted->moved))) {
		extra_free(copy);
		return false;
	}
	extra_replace(&live->extras, place, copy);
	return true;
}

bool live_extra_forget(struct live *live, uint32_t place)
{
	if (!live->extras.of[place])
		return true;
	if (!extra_undo_reserve(&live->extras))
		return false;
	extra_replace(&live->extras, place, NULL);
	return true;
}

size_t live_extra_mark(const struct live *live)
{
	return live->extras.undo_count;
}

void live_extra_rollback(struct live *live, size_t mark)
{
	struct live_extra_table *extras = &live->extras;

	while (extras->undo_count > mark) {
		const struct live_extra_undo *undo = &extras->undo[--extras->undo_count];

		extra_free(extras->of[undo->place]);
		extras->of[undo->place] = undo->before;
	}
}

static void extra_exchange(struct live_extra_table *extras, struct live_extra_undo *undo)
{
	struct live_extra *other = undo->before;

	undo->before = extras->of[undo->place];
	extras->of[undo->place] = other;
}

void live_extra_set_aside(struct live *live)
{
	for (size_t i = live->extras.undo_count; i-- > 0;)
		extra_exchange(&live->extras, &live->extras.undo[i]);
}

void live_extra_take_up(struct live *live)
{
	for (size_t i = 0; i < live->extras.undo_count; i++)
		extra_exchange(&live->extras, &live->extras.undo[i]);
}

void live_extra_commit(struct live *live)
{
	while (live->extras.undo_count)
		extra_free(live->extras.undo[--live->extras.undo_count].before);
}

void live_extra_fini(struct live *live)
{
	live_extra_commit(live);
	for (uint32_t i = 0; i < LIVE_PLACES; i++)
		extra_free(live->extras.of[i]);
	free(live->extras.undo);
}
