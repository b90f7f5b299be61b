/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lanes of dynamic VPorts, and what they do.  A reading costs the control thread a line of a processor's memory or two for each
 * VPort there, so VPorts in which nothing moves are found by their bytes, and of very many lanes each tick reads a part.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/live_balance_state.h"

#define LANES_A_TICK       16384u           /* are read, at most and once all of a VPort's */
#define STALL_MS           100u             /* longer than whoever shares a processor's CPU keeps it away */
#define READING_MAX_NS     (10 * SECOND_NS) /* older readings say nothing */
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
	free(b->used);
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
	b->index = b->used = NULL;
	b->packets = b->load = NULL;
	b->result = (struct balance_result){ 0 };
	memset(b->place_of, 0, VMMQ_VPORTS_MAX * sizeof(*b->place_of));
	b->vport_count = b->processor_count = b->lane_count = b->cursor = 0;
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
	b->used = calloc(b->lane_count, sizeof(*b->used));
	b->packets = calloc(b->lane_count, sizeof(*b->packets));
	b->load = calloc(b->lane_count, sizeof(*b->load));
	b->result.move = calloc(budget, sizeof(*b->result.move));
	b->meter = balance_meter_create(b->lane_count, b->processor_count);
	return b->processor && b->work && b->seen && b->vport && b->lane && b->at && b->index && b->used &&
	       b->packets && b->load && b->result.move && b->meter;
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
		.used_first = first, /* it is on no more processors than it has lanes */
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
static void lanes_begin(const struct live *live, struct live_balance *b, uint64_t now_ns)
{
	for (unsigned v = 0; v < b->vport_count; v++) {
		struct balanced_vport *vport = &b->vport[v];

		vmmq_lanes_read(live->adapter, vport->id, b->lane + vport->first, b->at + vport->first, vport->count,
				b->packets + vport->first);
		vport->read_ns = now_ns;
	}
	for (uint32_t lane = 0; lane < b->lane_count; lane++)
		balance_meter_start(b->meter, lane, b->packets[lane]);
}

bool balance_lanes_make(struct live *live, uint64_t now_ns)
{
	const struct config_balance *config = &live_extra_at(live, LIVE_BALANCE)->balance;
	struct live_balance *b = live->balance;

	balance_lanes_free(b);
	b->reason[0] = '\0';
	lanes_count(live, b);
	if (!b->vport_count) {
		snprintf(b->reason, sizeof(b->reason), "no VPort has scaling: dynamic");
		return false;
	}
	b->processor_count = (unsigned)vmmq_nic_switch_processors(live->sw)->count;
	if (lanes_allocate(b, config->budget)) {
		lanes_fill(live, b);
		if (lanes_make_policy(live, b, config)) {
			lanes_begin(live, b, now_ns);
			return true;
		}
	}
	if (!b->reason[0])
		snprintf(b->reason, sizeof(b->reason), "there is no memory for %u lanes", b->lane_count);
	balance_lanes_free(b);
	return false;
}

static void processors_read(const struct live *live, struct live_balance *b)
{
	b->any_behind = false;
	for (unsigned i = 0; i < b->processor_count; i++) {
		struct vmmq_processor_load load;

		vmmq_processor_load_read(live->adapter, b->processor[i], b->work[i].turns, &load);
		b->work[i] = (struct balance_work){ .busy_ns = load.busy_ns,
						    .other_ns = load.polled_ns,
						    .packets = load.packets,
						    .turns = load.turns,
						    .is_behind = load.is_behind };
		b->any_behind |= load.is_behind;
	}
}

/* vport_find_used lists the processors that a VPort's lanes are on. */
static void vport_find_used(struct live_balance *b, struct balanced_vport *vport)
{
	uint64_t seen[BALANCE_PROCESSORS_MAX / 64] = { 0 };
	uint16_t *used = b->used + vport->used_first;

	vport->used_count = 0;
	for (uint32_t i = vport->first; i < vport->first + vport->count; i++) {
		uint64_t bit = UINT64_C(1) << b->index[i] % 64;

		if (!(seen[b->index[i] / 64] & bit))
			used[vport->used_count++] = b->index[i];
		seen[b->index[i] / 64] |= bit;
	}
	vport->used_known = true;
}

/* vport_bytes adds up what a VPort has had on the processors that it uses. */
static uint64_t vport_bytes(const struct live *live, struct live_balance *b, struct balanced_vport *vport)
{
	uint64_t sum = 0;

	if (!vport->used_known)
		vport_find_used(b, vport);
	for (unsigned i = 0; i < vport->used_count; i++)
		sum += vmmq_vport_bytes_read(live->adapter, vport->id, b->processor[b->used[vport->used_first + i]]);
	return sum;
}

/* vport_read reads a VPort's lanes, if anything has come; returns how many were read. */
static uint32_t vport_read(const struct live *live, struct live_balance *b, struct balanced_vport *vport,
			   uint64_t now_ns, uint64_t tick_ns)
{
	uint64_t bytes = vport_bytes(live, b, vport), ticks = (now_ns - vport->read_ns + tick_ns / 2) / tick_ns;
	bool quiet = bytes == vport->bytes && !b->any_behind;

	vport->bytes = bytes;
	vport->read_ns = now_ns;
	if (quiet && vport->quiet)
		return 1;
	vport->quiet = quiet;
	vmmq_lanes_read(live->adapter, vport->id, b->lane + vport->first, b->at + vport->first, vport->count,
			b->packets + vport->first);
	balance_meter_lanes(b->meter, vport->first, vport->count,
			    ticks > UINT32_MAX ? UINT32_MAX
			    : ticks            ? (uint32_t)ticks
					       : 1,
			    b->packets, b->index, b->load);
	return vport->count;
}

bool balance_lanes_read(struct live *live, uint64_t now_ns)
{
	struct live_balance *b = live->balance;
	uint64_t tick_ns = now_ns - b->read_ns;
	uint32_t read = 0;

	if (b->read_ns && (now_ns <= b->read_ns || tick_ns > READING_MAX_NS)) {
		b->stale = b->stale || now_ns > b->read_ns;
		return false;
	}
	processors_read(live, b);
	balance_meter_begin(b->meter, b->read_ns ? tick_ns : SECOND_NS, b->work);
	for (unsigned v = 0; b->read_ns && v < b->vport_count && read < LANES_A_TICK; v++) {
		read += vport_read(live, b, &b->vport[b->cursor], now_ns, tick_ns);
		b->cursor = (b->cursor + 1) % b->vport_count;
	}
	balance_meter_end(b->meter, b->seen);
	if (b->read_ns) {
		b->read_ns = now_ns;
		return true;
	}
	b->read_ns = now_ns;
	return false;
}

void balance_lane_put(struct live *live, struct balanced_vport *vport, uint32_t lane, struct vmmq_processor processor)
{
	struct live_balance *b = live->balance;

	vport->used_known = false;
	b->at[lane] = processor;
	b->index[lane] = b->index_of[processor.v];
	if (balance_lane_processor(b->policy, lane) != b->index[lane])
		balance_place(b->policy, lane, b->index[lane]);
	vmmq_lanes_read(live->adapter, vport->id, &b->lane[lane], &processor, 1, &b->packets[lane]);
	balance_meter_start(b->meter, lane, b->packets[lane]);
}
