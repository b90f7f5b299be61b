/* SPDX-License-Identifier: BSD-2-Clause */
#include "balance/balance.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balance/balance_state.h"

#define REST_MAX 1000000u /* ticks: twice as many ten times fit into 32 bits */

void balance_settings_default(struct balance_settings *settings)
{
	*settings = (struct balance_settings){
		.start = 1070000,
		.stop = 1030000,
		.target = 700000,
		.coalesce = true,
		.coalesce_target = 500000,
		.coalesce_ceiling = 650000,
		.patience = 100,
		.patience_next = 10,
		.budget = 512,
		.rest = 10,
		.stall = 3,
	};
}

__attribute__((format(printf, 3, 4))) static bool balance_refuse(char *error, size_t error_len, const char *format,
								 ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, error_len, format, args);
	va_end(args);
	return false;
}

static bool settings_are_right(const struct balance_settings *s, char *error, size_t error_len)
{
	if (s->stop < BALANCE_WHOLE || s->start < s->stop)
		return balance_refuse(error, error_len, "start %u, stop %u: 1000000 <= stop <= start is needed",
				      s->start, s->stop);
	if (!s->target || s->target > BALANCE_WHOLE)
		return balance_refuse(error, error_len, "target %u: 1 to 1000000 is needed", s->target);
	if (!s->coalesce_target || s->coalesce_target >= s->target)
		return balance_refuse(error, error_len,
				      "coalesce_target %u: at least 1 and less than target %u is needed",
				      s->coalesce_target, s->target);
	if (s->coalesce_ceiling < s->coalesce_target || s->coalesce_ceiling > BALANCE_WHOLE)
		return balance_refuse(error, error_len,
				      "coalesce_ceiling %u: coalesce_target %u to 1000000 is needed",
				      s->coalesce_ceiling, s->coalesce_target);
	if (s->rest > REST_MAX)
		return balance_refuse(error, error_len, "rest %u: at most %u ticks are possible", s->rest, REST_MAX);
	if (!s->budget)
		return balance_refuse(error, error_len, "budget 0: at least one move in a tick is needed");
	return true;
}

static bool vports_are_right(const struct balance_vport vport[], unsigned count, unsigned processors, char *error,
			     size_t error_len)
{
	if (!count || count > UINT16_MAX)
		return balance_refuse(error, error_len, "%u VPorts: 1 to 65535 are needed", count);
	if (!processors || processors > BALANCE_PROCESSORS_MAX)
		return balance_refuse(error, error_len, "%u processors: 1 to %u are needed", processors,
				      BALANCE_PROCESSORS_MAX);
	for (unsigned v = 0; v < count; v++) {
		if (!vport[v].lanes || vport[v].lanes > BALANCE_LANES_MAX)
			return balance_refuse(error, error_len, "vport %u: %u lanes: 1 to %u are needed", v,
					      vport[v].lanes, BALANCE_LANES_MAX);
		if (!vport[v].queue_pairs || vport[v].min_queue_pairs > vport[v].queue_pairs)
			return balance_refuse(
			    error, error_len,
			    "vport %u: %u queue pairs, at least %u: 1 or more are needed, and no fewer "
			    "than the least",
			    v, vport[v].queue_pairs, vport[v].min_queue_pairs);
	}
	return true;
}

static bool balance_allocate(struct balance *b)
{
	size_t p = b->processor_count, lanes = b->lane_count;

	b->processor = calloc(p, sizeof(*b->processor));
	b->vport = calloc(b->vport_count, sizeof(*b->vport));
	b->uses = calloc(b->vport_count, p);
	b->lane_processor = calloc(lanes, sizeof(*b->lane_processor));
	b->lane_vport = calloc(lanes, sizeof(*b->lane_vport));
	b->lane_load = calloc(lanes, sizeof(*b->lane_load));
	b->lane_rest = calloc(lanes, sizeof(*b->lane_rest));
	b->lane_fixed = calloc(lanes, sizeof(*b->lane_fixed));
	b->lane_from = calloc(lanes, sizeof(*b->lane_from));
	b->lane_returns = calloc(lanes, sizeof(*b->lane_returns));
	b->candidate = calloc(lanes + 1, sizeof(*b->candidate)); /* one is written past the last */
	b->unit_load = calloc(2 * lanes, sizeof(*b->unit_load));
	b->unit_next = calloc(2 * lanes, sizeof(*b->unit_next));
	b->chain = calloc(p, SIZES * sizeof(*b->chain));
	b->group = calloc(p, sizeof(*b->group));
	return b->processor && b->vport && b->uses && b->lane_processor && b->lane_vport && b->lane_load &&
	       b->lane_rest && b->lane_fixed && b->lane_from && b->lane_returns && b->candidate && b->unit_load &&
	       b->unit_next && b->chain && b->group;
}

/* lane_put: lane is on a processor now, where it was on none. */
static void lane_put(struct balance *b, uint32_t lane, unsigned processor)
{
	unsigned v = b->lane_vport[lane];

	b->lane_processor[lane] = (uint16_t)processor;
	if (b->uses[(size_t)v * b->processor_count + processor]++ == 0)
		b->vport[v].used++;
}

#define RETURN_RESTS    16u /* rests after which a lane may go back as if it had never been there */
#define RETURNS_MAX     10u
#define DEVIATION_FIRST 10000u /* ppm: until the noise has been seen */

static bool balance_fill(struct balance *b, const struct balance_vport vport[], const uint16_t lane_processor[],
			 char *error, size_t error_len)
{
	uint32_t lane = 0;

	for (unsigned v = 0; v < b->vport_count; v++) {
		b->vport[v].limits = vport[v];
		for (unsigned i = 0; i < vport[v].lanes; i++, lane++) {
			if (lane_processor[lane] >= b->processor_count)
				return balance_refuse(error, error_len,
						      "lane %u is on processor %u: there are only %u processors",
						      lane, lane_processor[lane], b->processor_count);
			b->lane_vport[lane] = (uint16_t)v;
			b->lane_fixed[lane] = vport[v].dynamic ? 0 : LANE_STATIC;
			lane_put(b, lane, lane_processor[lane]);
		}
	}
	for (unsigned p = 0; p < b->processor_count; p++)
		b->processor[p] = (struct processor_state){ .open = true, .deviation = DEVIATION_FIRST };
	return true;
}

struct balance *balance_create(const struct balance_settings *settings, unsigned processor_count,
			       const struct balance_vport vport[], unsigned vport_count,
			       const uint16_t lane_processor[], char *error, size_t error_len)
{
	struct balance *b;

	if (!settings_are_right(settings, error, error_len) ||
	    !vports_are_right(vport, vport_count, processor_count, error, error_len))
		return NULL;
	b = calloc(1, sizeof(*b));
	if (b) {
		b->settings = *settings;
		b->blend = balance_blend_choose();
		b->processor_count = processor_count;
		b->vport_count = vport_count;
		for (unsigned v = 0; v < vport_count; v++)
			b->lane_count += vport[v].lanes;
		if (!balance_allocate(b))
			balance_refuse(error, error_len, "no memory for %u lanes", b->lane_count);
		else if (balance_fill(b, vport, lane_processor, error, error_len))
			return b;
	} else {
		balance_refuse(error, error_len, "no memory");
	}
	balance_destroy(b);
	return NULL;
}

void balance_destroy(struct balance *b)
{
	if (!b)
		return;
	free(b->processor);
	free(b->vport);
	free(b->uses);
	free(b->lane_processor);
	free(b->lane_vport);
	free(b->lane_load);
	free(b->lane_rest);
	free(b->lane_fixed);
	free(b->lane_from);
	free(b->lane_returns);
	free(b->candidate);
	free(b->unit_load);
	free(b->unit_next);
	free(b->chain);
	free(b->group);
	free(b);
}

void balance_place(struct balance *b, uint32_t lane, unsigned to)
{
	unsigned v = b->lane_vport[lane], from = b->lane_processor[lane];
	uint32_t load = lane_ppm(b, lane), left = b->processor[from].load, last = b->processor[from].last;

	if (--b->uses[(size_t)v * b->processor_count + from] == 0)
		b->vport[v].used--;
	lane_put(b, lane, to);
	b->processor[from].load = left > load ? left - load : 0;
	b->processor[from].last = last > load ? last - load : 0;
	b->processor[to].load += load;
	b->processor[to].last += load;
}

void balance_pin(struct balance *b, uint32_t lane, bool pinned)
{
	b->lane_fixed[lane] = (uint8_t)((b->lane_fixed[lane] & LANE_STATIC) | (pinned ? LANE_PINNED : 0));
}

void balance_exclude(struct balance *b, unsigned processor, bool excluded)
{
	b->processor[processor].excluded = excluded;
}

unsigned balance_lane_processor(const struct balance *b, uint32_t lane)
{
	return b->lane_processor[lane];
}

uint32_t balance_lane_count(const struct balance *b)
{
	return b->lane_count;
}

uint32_t balance_lane_load(const struct balance *b, uint32_t lane)
{
	return lane_ppm(b, lane);
}

uint32_t balance_processor_load(const struct balance *b, unsigned processor)
{
	return b->processor[processor].load;
}

bool balance_in_use(const struct balance *b, unsigned processor)
{
	return b->processor[processor].open;
}

bool balance_stalled(const struct balance *b, unsigned processor)
{
	return b->processor[processor].stalled;
}

bool balance_is_target(const struct balance *b, unsigned processor)
{
	const struct processor_state *p = &b->processor[processor];

	return p->open && !p->excluded && !p->stalled && b->tick >= p->excluded_until;
}

bool balance_may_go(const struct balance *b, unsigned vport, unsigned from, unsigned to, unsigned lanes)
{
	const uint8_t *uses = b->uses + (size_t)vport * b->processor_count;
	const struct vport_state *v = &b->vport[vport];
	unsigned used = v->used;

	used -= uses[from] == lanes; /* it is the last there */
	used += uses[to] == 0;
	if (used > v->used)
		return used <= v->limits.queue_pairs;
	return used == v->used || used >= v->limits.min_queue_pairs || b->processor[from].stalled;
}

/*
 * lane_take_rest: a lane that soon goes back to where it came from, as it may when its load is estimated wrongly, rests twice as long
 * each time.
 */
static void lane_take_rest(struct balance *b, uint32_t lane, unsigned from, unsigned to)
{
	uint32_t rest = b->settings.rest ? b->settings.rest : 1, rested = rest << b->lane_returns[lane];
	bool back = b->lane_from[lane] == to && b->lane_rest[lane] &&
		    b->tick - b->lane_rest[lane] < (uint64_t)RETURN_RESTS * rested;

	if (!back)
		b->lane_returns[lane] = 0;
	else if (b->lane_returns[lane] < RETURNS_MAX)
		b->lane_returns[lane]++;
	b->lane_from[lane] = (uint16_t)from;
	b->lane_rest[lane] = b->tick + (b->settings.rest ? rest << b->lane_returns[lane] : 0);
}

void balance_write_move(struct balance *b, uint32_t lane, unsigned to, enum balance_why why, unsigned together,
			struct balance_result *result)
{
	unsigned from = b->lane_processor[lane], v = b->lane_vport[lane];
	bool grows = b->uses[(size_t)v * b->processor_count + to] == 0;
	struct balance_move *move = &result->move[result->move_count++];
	uint16_t used = b->vport[v].used;

	*move = (struct balance_move){
		.lane = lane,
		.vport = (uint16_t)v,
		.from = (uint16_t)from,
		.to = (uint16_t)to,
		.queue_pairs = b->vport[v].limits.queue_pairs,
		.in_use = (uint16_t)b->in_use,
		.together = (uint16_t)together,
		.from_load = b->processor[from].load,
		.to_load = b->processor[to].load,
		.lane_load = lane_ppm(b, lane),
		.mean = b->mean,
	};
	balance_place(b, lane, to);
	lane_take_rest(b, lane, from, to);
	b->vport[v].moved_tick = b->tick;
	move->used = b->vport[v].used;
	move->why = why == BALANCE_SPREAD && grows && move->used > used ? BALANCE_GROW : why;
}

void balance_tick(struct balance *b, const uint32_t load[], const struct balance_seen seen[],
		  struct balance_result *result)
{
	bool sources = false;

	result->move_count = 0;
	result->elephant_count = 0;
	b->tick++;
	balance_average(b, load, seen);
	balance_awake(b);
	for (unsigned p = 0; p < b->processor_count; p++)
		sources |= b->processor[p].source != SOURCE_NONE;
	if (!sources)
		return;
	balance_collect(b);
	balance_relieve(b, result);
}
