/* SPDX-License-Identifier: BSD-2-Clause */
#include "balance/balance_load.h"

#include <stdlib.h>
#include <string.h>

#define WANTED_FRACTION 16u
#define WANTED_TICKS    8   /* of an average */
#define COST_FRACTION   12u /* bits of a cost below a ppm: a packet of 50 ns in a tick of 10 ms takes 5 */

struct processor_meter {
	struct balance_work last;
	uint32_t done; /* packets in this tick */
	uint32_t busy; /* ppm of this tick, with what it would have taken to do what was refused */
	int32_t over;  /* packets refused for each that was done, on average, << WANTED_FRACTION */
	bool ran;
	bool held; /* it is behind: what it had before is what it has */
};

struct balance_meter {
	uint32_t lane_count;
	unsigned processor_count;
	uint64_t last_tick_ns; /* 0: nothing was read yet */
	uint32_t *last;        /* by lane */
	struct processor_meter *processor;
	/* By processor, and by themselves since every lane asks for them. */
	uint32_t *cost; /* ppm of a tick for each packet that is done, << COST_FRACTION */
	uint64_t *came; /* packets in this tick */
};

struct balance_meter *balance_meter_create(uint32_t lane_count, unsigned processor_count)
{
	struct balance_meter *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->lane_count = lane_count;
	m->processor_count = processor_count;
	m->last = calloc(lane_count, sizeof(*m->last));
	m->processor = calloc(processor_count, sizeof(*m->processor));
	m->cost = calloc(processor_count, sizeof(*m->cost));
	m->came = calloc(processor_count, sizeof(*m->came));
	if (m->last && m->processor && m->cost && m->came)
		return m;
	balance_meter_destroy(m);
	return NULL;
}

void balance_meter_destroy(struct balance_meter *m)
{
	if (!m)
		return;
	free(m->last);
	free(m->processor);
	free(m->cost);
	free(m->came);
	free(m);
}

static uint32_t cost_clamp(uint64_t cost)
{
	return cost < UINT32_MAX ? (uint32_t)cost : UINT32_MAX;
}

/*
 * lanes_wanted: what the lanes would have taken with room for all that came, where done packets of them took lanes_ns.  A processor that was
 * kept from its CPU for a while refuses much for that while, and is not full: so what is refused counts as far as it is so on average.
 */
static uint64_t lanes_wanted(struct processor_meter *p, uint64_t lanes_ns, uint64_t done, uint64_t refused)
{
	const uint64_t most = (BALANCE_WANTED_MAX - 1) << WANTED_FRACTION;
	uint64_t times;

	if (!done || refused > INT32_MAX)
		return lanes_ns;
	times = (refused << WANTED_FRACTION) / done;
	times = times < most ? times : most;
	p->over += ((int32_t)times - p->over) / WANTED_TICKS;
	return lanes_ns + (lanes_ns * (times < (uint64_t)p->over ? times : (uint64_t)p->over) >> WANTED_FRACTION);
}

/* work_read learns what a packet costs, from what a processor did since the last reading, if that can be true. */
static void work_read(struct balance_meter *m, unsigned processor, const struct balance_work *work, uint64_t tick_ns,
		      uint64_t last_tick_ns)
{
	struct processor_meter *p = &m->processor[processor];
	uint64_t busy = work->busy_ns - p->last.busy_ns, done = work->packets - p->last.packets;
	uint64_t other = work->other_ns - p->last.other_ns, lanes_ns = other < busy ? busy - other : 0, wanted_ns;
	uint64_t refused = work->refused - p->last.refused;
	bool turned = work->turns != p->last.turns, plausible = busy <= 2 * tick_ns && done <= INT32_MAX;
	uint32_t *cost = &m->cost[processor];

	wanted_ns = lanes_wanted(p, lanes_ns, done, refused);
	p->last = *work;
	p->held = work->is_behind && !turned && !done && !busy;
	p->done = plausible ? (uint32_t)done : 0;
	if (!p->held)
		p->busy = plausible ? (uint32_t)((busy - lanes_ns + wanted_ns) * BALANCE_WHOLE / tick_ns) : 0;
	p->ran = turned || p->done || (p->busy && !p->held);
	m->came[processor] = 0;
	if (last_tick_ns != tick_ns)
		*cost = cost_clamp(*cost * last_tick_ns / tick_ns);
	if (plausible && done && lanes_ns)
		*cost = cost_clamp((wanted_ns * BALANCE_WHOLE / tick_ns << COST_FRACTION) / done);
}

void balance_meter_begin(struct balance_meter *m, uint64_t tick_ns, const struct balance_work work[])
{
	bool first = m->last_tick_ns == 0;

	for (unsigned i = 0; i < m->processor_count; i++) {
		if (first)
			m->processor[i].last = work[i];
		work_read(m, i, &work[i], tick_ns, first ? tick_ns : m->last_tick_ns);
	}
	m->last_tick_ns = tick_ns;
}

void balance_meter_lanes(struct balance_meter *m, uint32_t first, uint32_t count, uint32_t ticks,
			 const uint32_t lane_packets[], const uint16_t lane_processor[], uint32_t load[])
{
	for (uint32_t lane = first; lane < first + count; lane++) {
		unsigned p = lane_processor[lane];
		uint32_t came = lane_packets[lane] - m->last[lane];
		uint64_t took;

		if (m->processor[p].held)
			continue;
		m->last[lane] = lane_packets[lane];
		came = came <= INT32_MAX ? came : 0;
		if (ticks > 1)
			came /= ticks;
		took = (uint64_t)came * m->cost[p] >> COST_FRACTION;
		load[lane] = took < BALANCE_LOAD_MAX ? (uint32_t)took : BALANCE_LOAD_MAX;
		m->came[p] += came;
	}
}

void balance_meter_start(struct balance_meter *m, uint32_t lane, uint32_t packets)
{
	m->last[lane] = packets;
}

static void processor_see(const struct balance_meter *m, unsigned processor, struct balance_seen *seen)
{
	const struct processor_meter *p = &m->processor[processor];
	uint64_t load = (uint64_t)((double)m->came[processor] * m->cost[processor] / (1u << COST_FRACTION));

	load = load > p->busy ? load : p->busy;
	seen->load = load < UINT32_MAX ? (uint32_t)load : UINT32_MAX;
	seen->life = p->ran ? BALANCE_RAN : m->came[processor] || p->last.is_behind ? BALANCE_STUCK : BALANCE_IDLE;
}

void balance_meter_end(const struct balance_meter *m, struct balance_seen seen[])
{
	for (unsigned i = 0; i < m->processor_count; i++)
		processor_see(m, i, &seen[i]);
}

void balance_meter_read(struct balance_meter *m, uint64_t tick_ns, const uint32_t lane_packets[],
			const uint16_t lane_processor[], const struct balance_work work[], uint32_t load[],
			struct balance_seen seen[])
{
	if (m->last_tick_ns == 0)
		memcpy(m->last, lane_packets, m->lane_count * sizeof(*m->last));
	balance_meter_begin(m, tick_ns, work);
	balance_meter_lanes(m, 0, m->lane_count, 1, lane_packets, lane_processor, load);
	balance_meter_end(m, seen);
}
