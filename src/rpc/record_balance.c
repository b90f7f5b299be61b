/* SPDX-License-Identifier: BSD-2-Clause */
/* What dynamic VMMQ does: settings, loads, moves and why. */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "control/live_balance.h"
#include "rpc/record_source.h"

#define MOVES_SHOWN 64u /* the last ones; all that are remembered for one VPort */

static json_t *record_ppm(uint32_t ppm)
{
	return json_real((double)ppm / BALANCE_WHOLE);
}

json_t *record_lane(unsigned lane)
{
	if (lane < VMMQ_TABLE_ENTRIES_MAX)
		return json_pack("{s:i}", "entry", (int)lane);
	return json_pack("{s:b}", lane == VMMQ_LANE_DEFAULT ? "default" : "primary", 1);
}

static json_t *record_settings(const struct config_balance *settings)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:b}", "tick", (json_int_t)settings->tick_ms, "target",
			 (json_int_t)settings->target, "tolerance", (json_int_t)settings->tolerance, "budget",
			 (json_int_t)settings->budget, "coalesce", settings->coalesce);
}

static json_t *record_move_counts(const struct live_balance_info *info)
{
	json_t *counts = json_object();

	for (unsigned i = 0; i < BALANCE_REASON_COUNT; i++)
		json_object_set_new(counts, balance_why_name((enum balance_why)i),
				    json_integer((json_int_t)info->moves[i]));
	return counts;
}

static json_t *record_balance_processors(const struct live *live, const struct live_balance_info *info)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < info->processors; i++) {
		struct live_balance_processor seen;

		live_balance_processor(live, i, &seen);
		json_array_append_new(list, json_pack("{s:i, s:o, s:b, s:b, s:i}", "processor", seen.processor.v,
						      "load", record_ppm(seen.load), "in_use", seen.in_use, "stalled",
						      seen.stalled, "lanes", (int)seen.lanes));
	}
	return list;
}

static json_t *record_balance_vports(const struct record_source *source, const struct live_balance_info *info)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < info->vports; i++) {
		struct live_balance_vport seen;
		struct live_extras extras;
		struct vmmq_vport_info vport;

		live_balance_vport(source->live, i, &seen);
		if (!vmmq_vport_get(record_switch(source->live), seen.id, &vport) ||
		    !live_extras(source->live, seen.id, &extras))
			continue;
		json_array_append_new(list,
				      json_pack("{s:i, s:o, s:o, s:i, s:i, s:i, s:o, s:i, s:i}", "vport", seen.id.v,
						"name", record_text(vport.name), "load", record_ppm(seen.load),
						"queue_pairs", (int)vport.queue_pairs, "min_queue_pairs",
						(int)extras.min_queue_pairs, "queue_pairs_used", (int)seen.used,
						"processors_used", record_processors_used(source, vport.rss), "moved",
						(int)seen.moved, "pinned", (int)seen.pinned));
	}
	return list;
}

static json_t *record_elephants(const struct record_source *source)
{
	struct live_balance_elephant seen;
	json_t *list = json_array();

	for (unsigned i = 0; live_balance_elephant(source->live, i, &seen); i++) {
		json_t *lane = record_lane(seen.lane);

		json_object_update_new(lane, json_pack("{s:i, s:i, s:o, s:o}", "vport", seen.id.v, "processor",
						       seen.processor.v, "load", record_ppm(seen.load), "mean",
						       record_ppm(seen.mean)));
		json_array_append_new(list, lane);
	}
	return list;
}

static json_t *record_balance_move(const struct live_balance_move *move, uint64_t now, double wall)
{
	double ago = (double)(now - move->at_ns) / (double)SECOND_NS;
	char reason[BALANCE_REASON_MAX];
	json_t *record = record_lane(move->lane);

	json_object_update_new(record,
			       json_pack("{s:f, s:f, s:i, s:i, s:i, s:s, s:s}", "time", wall - ago, "ago", ago,
					 "vport", move->id.v, "from", move->from.v, "to", move->to.v, "reason",
					 balance_why_name(move->move.why), "text", live_move_reason(move, reason)));
	return record;
}

/* record_balance_moves lists the last moves, the latest first; vport below 0: of all VPorts. */
static json_t *record_balance_moves(const struct live *live, int32_t vport)
{
	struct live_balance_move move;
	struct timespec t;
	uint64_t now = now_ns();
	json_t *list = json_array();
	double wall;

	clock_gettime(CLOCK_REALTIME, &t);
	wall = (double)t.tv_sec + (double)t.tv_nsec / (double)SECOND_NS;
	for (unsigned i = 0; (vport >= 0 || i < MOVES_SHOWN) && live_balance_move(live, i, &move); i++)
		if (vport < 0 || move.id.v == vport)
			json_array_append_new(list, record_balance_move(&move, now, wall));
	return list;
}

static json_t *record_balance_lanes(const struct live *live, struct vmmq_vport_id id)
{
	struct live_balance_lane lane[VMMQ_LANES_MAX];
	unsigned count = live_balance_lanes(live, id, lane);
	json_t *list = json_array();

	for (unsigned i = 0; i < count; i++) {
		json_t *record = record_lane(lane[i].lane);

		json_object_update_new(record,
				       json_pack("{s:i, s:i, s:b, s:b, s:o}", "processor", lane[i].effective.v,
						 "requested", lane[i].requested.v, "moved", lane[i].moved, "pinned",
						 lane[i].pinned, "load", record_ppm(lane[i].load)));
		json_array_append_new(list, record);
	}
	return list;
}

json_t *record_balance(const struct record_source *source, int32_t vport)
{
	const struct live *live = source->live;
	struct live_balance_info info;
	json_t *record;

	live_balance_info(live, &info);
	record = json_pack("{s:o, s:o, s:I, s:I, s:o, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "settings",
			   record_settings(info.settings), "reason",
			   record_text_or_null(info.reason[0] ? info.reason : NULL), "ticks", (json_int_t)info.ticks,
			   "waited", (json_int_t)info.waited, "moved", record_move_counts(&info), "refused",
			   (json_int_t)info.refused, "tick_last_us", (json_int_t)(info.tick_last_ns / 1000),
			   "tick_max_us", (json_int_t)(info.tick_max_ns / 1000), "processors",
			   record_balance_processors(live, &info), "vports", record_balance_vports(source, &info),
			   "elephants", record_elephants(source), "moves", record_balance_moves(live, vport));
	if (record && vport >= 0)
		json_object_set_new(record, "lanes",
				    record_balance_lanes(live, (struct vmmq_vport_id){ (uint16_t)vport }));
	return record;
}
