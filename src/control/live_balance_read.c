/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What processors and lanes have done since the last tick.  To read a lane takes about 100 ns, since its counter is in the cache of another
 * processor, or in none; so of very many lanes not all are read in each tick, but those of processors whose load has changed at once.
 */
#include "control/live_balance_state.h"

#define LANES_IN_TURN  256u             /* are read in each tick, whatever the news */
#define TOKENS_A_TICK  512u             /* lanes that are read in each tick, on average at most */
#define NEWS_PPM       30000u           /* of a processor: what is no change, whatever the noise */
#define READING_MAX_NS (10 * SECOND_NS) /* older readings say nothing */

static void processors_read(const struct live *live, struct live_balance *b)
{
	for (unsigned i = 0; i < b->processor_count; i++) {
		struct vmmq_processor_load load;

		vmmq_processor_load_read(live->adapter, b->processor[i], b->work[i].turns, &load);
		b->work[i] = (struct balance_work){ .busy_ns = load.busy_ns,
						    .other_ns = load.polled_ns,
						    .packets = load.packets,
						    .refused = load.refused,
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

/* Lanes of one VPort that are read together: what their counters' lines take to come is then waited for once. */
struct reading {
	const struct balanced_vport *vport;
	unsigned count;
	uint32_t place[VMMQ_LANES_MAX], packets[VMMQ_LANES_MAX];
	uint8_t lane[VMMQ_LANES_MAX];
	struct vmmq_processor at[VMMQ_LANES_MAX];
};

/* reading_add: a lane that was read in this tick, for news or after a move, is not read again. */
static void reading_add(struct live_balance *b, struct reading *reading, uint32_t place)
{
	b->tokens--;
	if (b->read_tick[place] == b->tick)
		return;
	reading->place[reading->count] = place;
	reading->lane[reading->count] = b->lane[place];
	reading->at[reading->count++] = b->at[place];
}

static void reading_take(const struct live *live, struct live_balance *b, struct reading *reading)
{
	vmmq_lanes_read(live->adapter, reading->vport->id, reading->lane, reading->at, reading->count,
			reading->packets);
	for (unsigned i = 0; i < reading->count; i++) {
		uint32_t place = reading->place[i], ticks = b->tick - b->read_tick[place];

		b->read_tick[place] = b->tick;
		b->packets[place] = reading->packets[i];
		balance_meter_lanes(b->meter, place, 1, ticks, b->packets, b->index, b->load);
	}
	reading->count = 0;
}

/* lanes_read_news reads the lanes of processors that have news, as far as the budget goes, and goes on there in the next tick. */
static void lanes_read_news(const struct live *live, struct live_balance *b)
{
	struct reading reading = { .count = 0 };

	for (unsigned v = 0; v < b->vport_count && b->tokens; v++) {
		const struct balanced_vport *vport = &b->vport[b->news_cursor];

		reading.vport = vport;
		b->news_cursor = (b->news_cursor + 1) % b->vport_count;
		for (uint32_t i = vport->first; i < vport->first + vport->count && b->tokens; i++)
			if (b->news[b->index[i]])
				reading_add(b, &reading, i);
		reading_take(live, b, &reading);
	}
}

static void lanes_read_in_turn(const struct live *live, struct live_balance *b)
{
	uint32_t left = b->lane_count < LANES_IN_TURN ? b->lane_count : LANES_IN_TURN;
	struct reading reading = { .count = 0 };

	while (left && b->tokens) {
		const struct balanced_vport *vport = &b->vport[b->cursor];

		reading.vport = vport;
		for (; b->cursor_lane < vport->count && left && b->tokens; left--)
			reading_add(b, &reading, vport->first + b->cursor_lane++);
		reading_take(live, b, &reading);
		if (b->cursor_lane < vport->count)
			continue;
		b->cursor = (b->cursor + 1) % b->vport_count;
		b->cursor_lane = 0;
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
