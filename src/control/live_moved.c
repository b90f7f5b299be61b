/* SPDX-License-Identifier: BSD-2-Clause */
#include "control/live_moved.h"

#include <stdlib.h>
#include <string.h>

static vmmq_status moved_out_of_memory(struct vmmq_why *why)
{
	return vmmq_why_set(why, VMMQ_RESOURCES, "", "out of memory");
}

bool live_moved_copy(struct live_extra *extra, const struct live_moved *moved)
{
	extra->moved = malloc(sizeof(*moved));
	if (extra->moved)
		*extra->moved = *moved;
	return extra->moved;
}

struct vmmq_processor *live_lane(struct vmmq_rss_params *params, unsigned lane)
{
	if (lane == VMMQ_LANE_DEFAULT)
		return &params->default_processor;
	if (lane == VMMQ_LANE_PRIMARY)
		return &params->primary;
	return lane < params->entry_count ? &params->table[lane] : NULL;
}

/* moved_undo puts back to where it was requested what is still where the balance has put it. */
static void moved_undo(const struct live_moved *moved, struct vmmq_rss_params *rss)
{
	for (unsigned lane = 0; lane < VMMQ_LANES_MAX; lane++) {
		struct vmmq_processor *at = moved->lane[lane].moved ? live_lane(rss, lane) : NULL;

		if (at && at->v == moved->lane[lane].effective.v)
			*at = moved->lane[lane].requested;
	}
}

void live_requested(const struct live *live, const struct vmmq_vport_info *info, struct vmmq_rss_params *rss)
{
	const struct live_moved *moved = live_extra_at(live, info->id.v)->moved;

	*rss = *info->rss;
	if (moved)
		moved_undo(moved, rss);
}

bool live_rss_requested(const struct live *live, struct vmmq_vport_id id, struct vmmq_rss_params *rss)
{
	struct vmmq_vport_info info;

	if (!vmmq_vport_get(live->sw, id, &info))
		return false;
	live_requested(live, &info, rss);
	return true;
}

static bool moved_is_empty(const struct live_moved *moved)
{
	for (unsigned lane = 0; lane < VMMQ_LANES_MAX; lane++)
		if (moved->lane[lane].moved || moved->lane[lane].pinned)
			return false;
	return true;
}

/* moved_put makes that what is known of a VPort's lanes; NULL: nothing. */
static vmmq_status moved_put(struct live *live, struct vmmq_vport_id id, struct live_moved *moved,
			     struct vmmq_why *why)
{
	struct live_extra extra = *live_extra_at(live, id.v);

	if (!moved && !extra.moved)
		return VMMQ_SUCCESS;
	extra.moved = moved && !moved_is_empty(moved) ? moved : NULL;
	return live_extra_put(live, id.v, &extra) ? VMMQ_SUCCESS : moved_out_of_memory(why);
}

/* moved_begin fills *moved with what is known of the VPort's lanes, for a change; false: there is no such VPort, or it is static. */
static bool moved_begin(const struct live *live, struct vmmq_vport_id id, struct vmmq_vport_info *info,
			struct live_moved *moved)
{
	const struct live_extra *extra = live_extra_at(live, id.v);

	if (!extra->dynamic || !vmmq_vport_get(live->sw, id, info))
		return false;
	*moved = extra->moved ? *extra->moved : (struct live_moved){ .entry_count = info->rss->entry_count };
	return true;
}

vmmq_status live_moved_note(struct live *live, struct vmmq_vport_id id, unsigned lane, struct vmmq_processor from,
			    struct vmmq_processor to, struct vmmq_why *why)
{
	struct vmmq_vport_info info;
	struct live_moved moved;

	if (!moved_begin(live, id, &info, &moved))
		return VMMQ_SUCCESS;
	if (!moved.lane[lane].moved)
		moved.lane[lane].requested = from;
	moved.lane[lane].effective = to;
	moved.lane[lane].moved = moved.lane[lane].requested.v != to.v;
	return moved_put(live, id, &moved, why);
}

vmmq_status live_rss_pin(struct live *live, struct vmmq_vport_id id, unsigned lane, struct vmmq_why *why)
{
	struct vmmq_vport_info info;
	struct live_moved moved;

	if (!moved_begin(live, id, &info, &moved))
		return VMMQ_SUCCESS;
	moved.lane[lane].moved = false;
	moved.lane[lane].pinned = true;
	return moved_put(live, id, &moved, why);
}

/* moved_before returns where a lane was before the open group; *there is false where there was none. */
static struct vmmq_processor moved_before(const struct live *live, struct vmmq_vport_id id, unsigned lane,
					  const struct live_moved *moved, bool *there)
{
	struct config_vport *known = live->known.vport[id.v];
	const struct vmmq_processor *at = known ? live_lane(&known->rss, lane) : NULL;

	*there = at;
	if (moved->lane[lane].moved)
		return moved->lane[lane].effective;
	return at ? *at : (struct vmmq_processor){ 0 };
}

vmmq_status live_rss_pin_moved(struct live *live, struct vmmq_vport_id id, struct vmmq_why *why)
{
	struct vmmq_vport_info info;
	struct vmmq_rss_params rss;
	struct live_moved moved;

	if (!moved_begin(live, id, &info, &moved))
		return VMMQ_SUCCESS;
	rss = *info.rss;
	for (unsigned lane = 0; lane < VMMQ_LANES_MAX; lane++) {
		const struct vmmq_processor *at = live_lane(&rss, lane);
		bool there;
		struct vmmq_processor before = moved_before(live, id, lane, &moved, &there);

		if (!at || !there || at->v == before.v)
			continue;
		moved.lane[lane].moved = false;
		moved.lane[lane].pinned = true;
	}
	return moved_put(live, id, &moved, why);
}

vmmq_status live_rss_stated(struct live *live, struct vmmq_vport_id id, struct vmmq_why *why)
{
	return moved_put(live, id, NULL, why);
}

/* moved_restore makes the VPort as it was requested; pins stay when keeps. */
static vmmq_status moved_restore(struct live *live, struct vmmq_vport_id id, bool keeps, struct vmmq_why *why)
{
	const struct live_moved *known = live_extra_at(live, id.v)->moved;
	struct vmmq_vport_info info;
	struct vmmq_rss_params rss;
	struct live_moved moved;
	vmmq_status status;

	if (!known || !vmmq_vport_get(live->sw, id, &info))
		return VMMQ_SUCCESS;
	moved = *known;
	live_requested(live, &info, &rss);
	status = vmmq_rss_set(live->sw, id, &rss, why);
	if (status != VMMQ_SUCCESS)
		return status;
	for (unsigned lane = 0; lane < VMMQ_LANES_MAX; lane++)
		moved.lane[lane].moved = false;
	return moved_put(live, id, keeps ? &moved : NULL, why);
}

vmmq_status live_rss_restore(struct live *live, struct vmmq_vport_id id, struct vmmq_why *why)
{
	return moved_restore(live, id, true, why);
}

vmmq_status live_moved_release(struct live *live, struct vmmq_vport_id id, struct vmmq_why *why)
{
	return moved_restore(live, id, false, why);
}

static bool moved_is_within(const struct live_moved *moved, const struct vmmq_processor_set *set)
{
	for (unsigned lane = 0; lane < VMMQ_LANES_MAX; lane++)
		if (moved->lane[lane].moved && !vmmq_processor_set_has(set, moved->lane[lane].effective))
			return false;
	return true;
}

vmmq_status live_moved_leave(struct live *live, const struct vmmq_processor *processors, size_t count,
			     struct vmmq_why *why)
{
	const struct vmmq_processor_set set = { processors, count };
	vmmq_status status = VMMQ_SUCCESS;

	for (uint32_t id = 0; id < live->extras.end && status == VMMQ_SUCCESS; id++) {
		const struct live_extra *extra = live->extras.of[id];

		if (extra && extra->moved && !moved_is_within(extra->moved, &set))
			status = live_rss_restore(live, (struct vmmq_vport_id){ (uint16_t)id }, why);
	}
	return status;
}

/* moved_follow forgets what a request has put elsewhere, and lanes that are gone; a table that has grown has clones (spec 11.2). */
static void moved_follow(struct live_moved *moved, struct vmmq_rss_params *rss)
{
	unsigned before = moved->entry_count;

	for (unsigned lane = before; lane < rss->entry_count; lane++)
		moved->lane[lane] = moved->lane[lane % before];
	for (unsigned lane = 0; lane < VMMQ_LANES_MAX; lane++) {
		const struct vmmq_processor *at = live_lane(rss, lane);

		if (!at)
			moved->lane[lane].moved = moved->lane[lane].pinned = false;
		else if (at->v != moved->lane[lane].effective.v)
			moved->lane[lane].moved = false;
	}
	moved->entry_count = rss->entry_count;
}

vmmq_status live_moved_settle(struct live *live, struct vmmq_vport_id id, struct vmmq_why *why)
{
	const struct live_moved *known = live_extra_at(live, id.v)->moved;
	struct vmmq_vport_info info;
	struct vmmq_rss_params rss;
	struct live_moved moved;
	vmmq_status status;

	if (!known || !vmmq_vport_get(live->sw, id, &info))
		return VMMQ_SUCCESS;
	moved = *known;
	rss = *info.rss;
	moved_follow(&moved, &rss);
	status = memcmp(&moved, known, sizeof(moved)) ? moved_put(live, id, &moved, why) : VMMQ_SUCCESS;
	if (status != VMMQ_SUCCESS)
		return status;
	live_requested(live, &info, &rss);
	return vmmq_rss_check(&rss, vmmq_nic_switch_processors(live->sw), info.queue_pairs, why);
}

vmmq_status live_moved_settle_all(struct live *live, struct vmmq_why *why)
{
	vmmq_status status = VMMQ_SUCCESS;

	for (uint32_t id = 0; id < live->extras.end && status == VMMQ_SUCCESS; id++)
		status = live_moved_settle(live, (struct vmmq_vport_id){ (uint16_t)id }, why);
	return status;
}
