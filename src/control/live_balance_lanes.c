/* SPDX-License-Identifier: BSD-2-Clause */
/* The lanes of dynamic VPorts, as policy and readings see them: made anew, put elsewhere, and taken apart. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/live_balance_state.h"

#define STALL_MS           100u /* longer than whoever shares a processor's CPU keeps it away */
#define TICKS(ms, tick_ms) ((ms) / (tick_ms) ? (ms) / (tick_ms) : 1)

void balance_lanes_free(struct live_balance *b)
{
	balance_destroy(b->policy);
	balance_meter_destroy(b->meter);
	free(b->processor);
	free(b->work);
	free(b->seen);
	free(b->vport);
	free(b->lane);
	free(b->at);
	free(b->index);
	free(b->read_tick);
	free(b->known);
	free(b->news);
	free(b->lanes_at);
	free(b->packets);
	free(b->load);
	free(b->result.move);
	b->policy = NULL;
	b->meter = NULL;
	b->processor = b->at = NULL;
	b->work = NULL;
	b->seen = NULL;
	b->vport = NULL;
	b->lane = NULL;
	b->index = NULL;
	b->read_tick = b->known = b->lanes_at = NULL;
	b->news = NULL;
	b->packets = b->load = NULL;
	b->result = (struct balance_result){ 0 };
	if (b->place_of)
		memset(b->place_of, 0, VMMQ_VPORTS_MAX * sizeof(*b->place_of));
	b->vport_count = b->processor_count = b->lane_count = 0;
	b->cursor = b->cursor_lane = b->news_cursor = 0;
	b->tokens = TOKENS_MAX;
	b->tick = 0;
	b->read_ns = 0;
}

static bool balanced_is(const struct live *live, struct vmmq_vport_id id, struct vmmq_vport_info *info)
{
	return live_extra_at(live, id.v)->dynamic && vmmq_vport_get(live->sw, id, info) &&
	       info->state == VMMQ_VPORT_ACTIVATED;
}

static uint16_t balanced_lanes(const struct vmmq_rss_params *rss)
{
	return (uint16_t)(rss->enabled ? rss->entry_count + 1u : 1u);
}

/* lanes_count counts VPorts and lanes. */
static void lanes_count(const struct live *live, struct live_balance *b)
{
	struct vmmq_vport_info info;

	for (uint32_t id = 0; id < live->extras.end; id++) {
		if (!balanced_is(live, (struct vmmq_vport_id){ (uint16_t)id }, &info))
			continue;
		b->place_of[id] = ++b->vport_count;
		b->lane_count += balanced_lanes(info.rss);
	}
}

static bool lanes_allocate(struct live_balance *b, uint32_t budget)
{
	b->processor = calloc(b->processor_count, sizeof(*b->processor));
	b->work = calloc(b->processor_count, sizeof(*b->work));
	b->seen = calloc(b->processor_count, sizeof(*b->seen));
	b->vport = calloc(b->vport_count, sizeof(*b->vport));
	b->lane = calloc(b->lane_count, sizeof(*b->lane));
	b->at = calloc(b->lane_count, sizeof(*b->at));
	b->index = calloc(b->lane_count, sizeof(*b->index));
	b->read_tick = calloc(b->lane_count, sizeof(*b->read_tick));
	b->known = calloc(b->processor_count, sizeof(*b->known));
	b->news = calloc(b->processor_count, sizeof(*b->news));
	b->lanes_at = calloc(b->processor_count, sizeof(*b->lanes_at));
	b->packets = calloc(b->lane_count, sizeof(*b->packets));
	b->load = calloc(b->lane_count, sizeof(*b->load));
	b->result.move = calloc(budget, sizeof(*b->result.move));
	b->meter = balance_meter_create(b->lane_count, b->processor_count);
	return b->processor && b->work && b->seen && b->vport && b->lane && b->at && b->index && b->read_tick &&
	       b->known && b->news && b->lanes_at && b->packets && b->load && b->result.move && b->meter;
}

/* lanes_fill_vport fills in a VPort's lanes, behind those of the VPorts before; returns where the next one's begin. */
static uint32_t lanes_fill_vport(const struct live *live, struct live_balance *b, const struct vmmq_vport_info *info,
				 uint32_t first)
{
	const struct live_extra *extra = live_extra_at(live, info->id.v);
	struct balanced_vport *vport = &b->vport[b->place_of[info->id.v] - 1];
	struct vmmq_rss_params rss = *info->rss;

	*vport = (struct balanced_vport){
		.id = info->id,
		.first = first,
		.count = balanced_lanes(&rss),
		.entry_count = rss.entry_count,
		.rss = rss.enabled,
		.queue_pairs = info->queue_pairs,
		.min_queue_pairs = extra->min_queue_pairs,
	};
	for (uint32_t i = 0; i < vport->count; i++) {
		unsigned lane = !rss.enabled ? VMMQ_LANE_PRIMARY : i == rss.entry_count ? VMMQ_LANE_DEFAULT : i;

		b->lane[first + i] = (uint8_t)lane;
		b->at[first + i] = *live_lane(&rss, lane);
		b->index[first + i] = b->index_of[b->at[first + i].v];
		b->lanes_at[b->index[first + i]]++;
	}
	return first + vport->count;
}

static void lanes_fill(const struct live *live, struct live_balance *b)
{
	const struct vmmq_processor_set *set = vmmq_nic_switch_processors(live->sw);
	struct vmmq_vport_info info;
	uint32_t first = 0;

	for (unsigned i = 0; i < b->processor_count; i++) {
		b->processor[i] = set->processor[i];
		b->index_of[set->processor[i].v] = (uint16_t)i;
	}
	for (uint32_t id = 0; id < live->extras.end; id++)
		if (b->place_of[id] && vmmq_vport_get(live->sw, (struct vmmq_vport_id){ (uint16_t)id }, &info))
			first = lanes_fill_vport(live, b, &info, first);
}

/* settings_of makes ticks of times, and all limits of the few that people set. */
static struct balance_settings settings_of(const struct config_balance *config)
{
	const uint32_t percent = BALANCE_WHOLE / 100;
	struct balance_settings settings;

	balance_settings_default(&settings);
	settings.start = (100 + config->tolerance) * percent;
	settings.stop = BALANCE_WHOLE + config->tolerance * percent * 3 / 7;
	settings.target = config->target * percent;
	settings.coalesce = config->coalesce;
	settings.coalesce_target = settings.target / 7 * 5;
	settings.coalesce_ceiling = settings.target / 14 * 13;
	settings.patience = TICKS(1000, config->tick_ms);
	settings.patience_next = TICKS(100, config->tick_ms);
	settings.rest = TICKS(100, config->tick_ms);
	settings.stall = TICKS(STALL_MS, config->tick_ms) > 3 ? TICKS(STALL_MS, config->tick_ms) : 3;
	settings.budget = config->budget;
	return settings;
}

static void lanes_pin(const struct live *live, struct live_balance *b)
{
	for (unsigned v = 0; v < b->vport_count; v++) {
		const struct balanced_vport *vport = &b->vport[v];
		const struct live_moved *moved = live_extra_at(live, vport->id.v)->moved;

		for (uint32_t i = vport->first; moved && i < vport->first + vport->count; i++)
			balance_pin(b->policy, i, moved->lane[b->lane[i]].pinned);
	}
}

static bool lanes_make_policy(const struct live *live, struct live_balance *b, const struct config_balance *config)
{
	const struct balance_settings settings = settings_of(config);
	struct balance_vport *vport = calloc(b->vport_count, sizeof(*vport));

	for (unsigned v = 0; vport && v < b->vport_count; v++) {
		uint32_t most = b->vport[v].queue_pairs, least = b->vport[v].min_queue_pairs;

		vport[v] = (struct balance_vport){ .lanes = b->vport[v].count,
						   .queue_pairs = (uint16_t)most,
						   .min_queue_pairs = (uint16_t)(least < most ? least : most),
						   .dynamic = true };
	}
	if (vport)
		b->policy = balance_create(&settings, b->processor_count, vport, b->vport_count, b->index, b->reason,
					   sizeof(b->reason));
	free(vport);
	if (b->policy)
		lanes_pin(live, b);
	return b->policy;
}

/* lanes_begin: packets count from now on. */
static void lanes_begin(const struct live *live, struct live_balance *b)
{
	for (unsigned v = 0; v < b->vport_count; v++) {
		const struct balanced_vport *vport = &b->vport[v];

		vmmq_lanes_read(live->adapter, vport->id, b->lane + vport->first, b->at + vport->first, vport->count,
				b->packets + vport->first);
	}
	for (uint32_t lane = 0; lane < b->lane_count; lane++)
		balance_meter_start(b->meter, lane, b->packets[lane]);
}

bool balance_lanes_make(struct live *live)
{
	const struct config_balance *config = &live_extra_at(live, LIVE_BALANCE)->balance;
	struct live_balance *b = live->balance;

	balance_lanes_free(b);
	b->reason[0] = '\0';
	lanes_count(live, b);
	b->failed = b->vport_count;
	if (!b->vport_count) {
		snprintf(b->reason, sizeof(b->reason), "no VPort has scaling: dynamic");
		return false;
	}
	b->processor_count = (unsigned)vmmq_nic_switch_processors(live->sw)->count;
	if (lanes_allocate(b, config->budget)) {
		lanes_fill(live, b);
		if (lanes_make_policy(live, b, config)) {
			lanes_begin(live, b);
			b->failed = false;
			return true;
		}
	}
	if (!b->reason[0])
		snprintf(b->reason, sizeof(b->reason), "there is no memory for %u lanes", b->lane_count);
	balance_lanes_free(b);
	return false;
}

void balance_lane_put(struct live *live, struct balanced_vport *vport, uint32_t lane, struct vmmq_processor processor)
{
	struct live_balance *b = live->balance;

	b->lanes_at[b->index[lane]]--;
	b->at[lane] = processor;
	b->index[lane] = b->index_of[processor.v];
	b->lanes_at[b->index[lane]]++;
	if (balance_lane_processor(b->policy, lane) != b->index[lane])
		balance_place(b->policy, lane, b->index[lane]);
	vmmq_lanes_read(live->adapter, vport->id, &b->lane[lane], &processor, 1, &b->packets[lane]);
	balance_meter_start(b->meter, lane, b->packets[lane]);
	b->read_tick[lane] = b->tick;
}
