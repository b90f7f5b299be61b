/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lanes of dynamic VPorts, and what they do.  To read a lane takes about 100 ns, since its counter is in the cache of another processor, or in
 * none; so of very many lanes not all are read in each tick, but those of processors whose load has changed at once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/live_balance_state.h"

#define LANES_IN_TURN      256u             /* are read in each tick, whatever the news */
#define TOKENS_A_TICK      512u             /* lanes that are read in each tick, on average at most */
#define TOKENS_MAX         16384u           /* and when there was nothing new for a while */
#define NEWS_PPM           30000u           /* of a processor: what is no change, whatever the noise */
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

static void processors_read(const struct live *live, struct live_balance *b)
{
	for (unsigned i = 0; i < b->processor_count; i++) {
		struct vmmq_processor_load load;

		vmmq_processor_load_read(live->adapter, b->processor[i], b->work[i].turns, &load);
		b->work[i] = (struct balance_work){ .busy_ns = load.busy_ns,
						    .other_ns = load.polled_ns,
						    .packets = load.packets,
						    .turns = load.turns,
						    .is_behind = load.is_behind };
	}
}

/*
 * news_find marks processors whose load is not what it was when their lanes were read: those are read now.  Of the others some are read in
 * each tick, in turns.
 */
static bool news_find(struct live_balance *b)
{
	bool any = false;

	for (unsigned i = 0; i < b->processor_count; i++) {
		uint32_t load = b->seen[i].load, known = b->known[i];

		b->news[i] = (load > known ? load - known : known - load) > NEWS_PPM;
		if (b->news[i])
			b->known[i] = load;
		any |= b->news[i];
	}
	return any;
}

static void lane_read(const struct live *live, struct live_balance *b, struct vmmq_vport_id vport, uint32_t lane)
{
	uint32_t ticks = b->tick - b->read_tick[lane];

	if (!ticks)
		return; /* in this tick, for news or after a move */
	b->read_tick[lane] = b->tick;
	vmmq_lanes_read(live->adapter, vport, &b->lane[lane], &b->at[lane], 1, &b->packets[lane]);
	balance_meter_lanes(b->meter, lane, 1, ticks, b->packets, b->index, b->load);
}

/* lanes_read_news reads the lanes of processors that have news, as far as the budget goes, and goes on there in the next tick. */
static void lanes_read_news(const struct live *live, struct live_balance *b)
{
	for (unsigned v = 0; v < b->vport_count && b->tokens; v++) {
		const struct balanced_vport *vport = &b->vport[b->news_cursor];

		b->news_cursor = (b->news_cursor + 1) % b->vport_count;
		for (uint32_t i = vport->first; i < vport->first + vport->count && b->tokens; i++) {
			if (!b->news[b->index[i]])
				continue;
			lane_read(live, b, vport->id, i);
			b->tokens--;
		}
	}
}

static void lanes_read_in_turn(const struct live *live, struct live_balance *b)
{
	uint32_t left = b->lane_count < LANES_IN_TURN ? b->lane_count : LANES_IN_TURN;

	for (; left && b->tokens; left--, b->tokens--) {
		const struct balanced_vport *vport = &b->vport[b->cursor];

		if (b->cursor_lane >= vport->count) {
			b->cursor = (b->cursor + 1) % b->vport_count;
			b->cursor_lane = 0;
			vport = &b->vport[b->cursor];
		}
		lane_read(live, b, vport->id, vport->first + b->cursor_lane++);
	}
}

bool balance_lanes_read(struct live *live, uint64_t now_ns)
{
	struct live_balance *b = live->balance;
	bool first = !b->read_ns;
	uint64_t tick_ns = first ? SECOND_NS : now_ns - b->read_ns;

	if (!first && (now_ns <= b->read_ns || tick_ns > READING_MAX_NS)) {
		b->stale = b->stale || now_ns > b->read_ns;
		return false;
	}
	processors_read(live, b);
	balance_meter_begin(b->meter, tick_ns, b->work);
	balance_meter_end(b->meter, b->seen);
	b->read_ns = now_ns;
	if (first)
		return false;
	b->tick++;
	b->tokens = b->tokens + TOKENS_A_TICK < TOKENS_MAX ? b->tokens + TOKENS_A_TICK : TOKENS_MAX;
	if (news_find(b))
		lanes_read_news(live, b);
	lanes_read_in_turn(live, b);
	return true;
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
