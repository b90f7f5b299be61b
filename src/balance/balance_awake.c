/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many processors are in use: as many as keep the mean below settings.target, at once when load grows, one after the other when it
 * has been low for long.  What is not in use is emptied, gets nothing, and can sleep.
 */
#include "balance/balance_state.h"

#define EVIDENCE     120000u /* ppm of the mean: what is needed above start in the first tick after a change */
#define EXCESS_MIN   5000u   /* ppm of a processor: less above the mean is not worth a move */
#define LOAD_NOTHING 100u    /* ppm: a processor with less can sleep */
#define DRAIN_TICKS  20u     /* without success: it is taken into use again */
#define STAY_OPEN    6000u   /* ticks until the next try to empty it */
#define LOOK_AGAIN   1000u   /* ticks, of a processor that static VPorts and pins keep awake */

static bool is_usable(const struct balance *b, const struct processor_state *p)
{
	return !p->stalled && !p->excluded && b->tick >= p->excluded_until;
}

/* processors_count: usable ones, and those of them in use; returns the load that they have to carry. */
static uint64_t processors_count(const struct balance *b, unsigned *usable, unsigned *open)
{
	uint64_t total = 0;

	*usable = *open = 0;
	for (unsigned i = 0; i < b->processor_count; i++) {
		const struct processor_state *p = &b->processor[i];

		if (is_usable(b, p)) {
			++*usable;
			*open += p->open;
		}
		if (!p->excluded)
			total += p->load;
	}
	return total;
}

/* open_more takes processors into use, preferred first, until there are `wanted` of them. */
static unsigned open_more(struct balance *b, unsigned open, unsigned wanted)
{
	for (unsigned i = 0; i < b->processor_count && open < wanted; i++) {
		struct processor_state *p = &b->processor[i];

		if (is_usable(b, p) && !p->open) {
			p->open = true;
			p->drained = 0;
			open++;
		}
	}
	return open;
}

/* lanes_of_processor: what of its load cannot go to `left` others, and the largest lane that can. */
static void lanes_of_processor(const struct balance *b, unsigned processor, unsigned left, uint64_t *fixed,
			       uint32_t *largest)
{
	*fixed = *largest = 0;
	for (uint32_t lane = 0; lane < b->lane_count; lane++) {
		const struct vport_state *v = &b->vport[b->lane_vport[lane]];

		if (b->lane_processor[lane] != processor)
			continue;
		if (b->lane_fixed[lane] || (v->used > left && v->limits.min_queue_pairs > left))
			*fixed += lane_ppm(b, lane);
		else if (lane_ppm(b, lane) > *largest)
			*largest = lane_ppm(b, lane);
	}
}

/*
 * may_sleep: all that a processor has can go to the others.  Whoever puts lanes one after the other on the least loaded of m processors
 * ends at most one lane above the mean, so that mean and largest lane say whether all stay below the ceiling.
 */
static bool may_sleep(struct balance *b, unsigned processor, uint64_t total, unsigned left)
{
	struct processor_state *p = &b->processor[processor];
	uint64_t fixed;
	uint32_t largest;

	lanes_of_processor(b, processor, left, &fixed, &largest);
	if (fixed > LOAD_NOTHING) {
		p->stay_open = b->tick + LOOK_AGAIN;
		return false;
	}
	if (total / left + largest > b->settings.coalesce_ceiling) {
		p->stay_open = b->tick + b->settings.patience;
		return false;
	}
	return true;
}

/* let_sleep looks at the least preferred processor that may be asked; true: it is in use no more. */
static bool let_sleep(struct balance *b, uint64_t total, unsigned open)
{
	for (unsigned i = b->processor_count; i-- > 0;) {
		struct processor_state *p = &b->processor[i];

		if (!p->open || !is_usable(b, p) || b->tick < p->stay_open)
			continue;
		if (!may_sleep(b, i, total, open - 1))
			return false;
		p->open = false;
		p->drained = 0;
		return true;
	}
	return false;
}

/* load_is_low counts the ticks of low load; true: it is time to let a processor sleep. */
static bool load_is_low(struct balance *b, uint64_t total, unsigned open)
{
	const struct balance_settings *s = &b->settings;

	if (open < 2 || total > (uint64_t)(open - 1) * s->coalesce_target) {
		b->low = 0;
		return false;
	}
	if (++b->low < s->patience)
		return false;
	b->low = s->patience > s->patience_next ? s->patience - s->patience_next : 0;
	return true;
}

/* drain_judge: a processor that was to be emptied and cannot be is in use again. */
static unsigned drain_judge(struct balance *b)
{
	unsigned back = 0;

	for (unsigned i = 0; i < b->processor_count; i++) {
		struct processor_state *p = &b->processor[i];

		if (p->open || p->drained < DRAIN_TICKS || !is_usable(b, p))
			continue;
		p->open = true;
		p->drained = 0;
		p->stay_open = b->tick + STAY_OPEN;
		back++;
	}
	return back;
}

static bool is_hot(const struct balance *b, const struct processor_state *p)
{
	uint64_t start = b->settings.start + EVIDENCE / b->since_change;
	uint32_t noise =
	    (4 * p->deviation) >> (b->average_shift / 2); /* that an average of so many ticks may still have */

	return p->load > b->mean + EXCESS_MIN + noise && (uint64_t)p->load * BALANCE_WHOLE > b->mean * start &&
	       (b->tick >= p->fruitless || b->since_change == 1);
}

static enum source_kind source_judge(const struct balance *b, const struct processor_state *p)
{
	if (p->stalled)
		return SOURCE_STALLED;
	if (!p->open)
		return p->last > LOAD_NOTHING ? SOURCE_SLEEPING : SOURCE_NONE;
	return is_hot(b, p) ? SOURCE_HOT : SOURCE_NONE;
}

/* processors_wanted: how many the load asks for, from 1. */
static unsigned processors_wanted(struct balance *b, uint64_t total, unsigned usable, unsigned open)
{
	uint64_t wanted = (total + b->settings.target - 1) / b->settings.target;

	if (b->want_more && wanted <= open)
		wanted = open + 1;
	b->want_more = false;
	if (!b->settings.coalesce || wanted > usable)
		wanted = usable;
	return wanted ? (unsigned)wanted : 1;
}

void balance_awake(struct balance *b)
{
	unsigned usable, open, wanted;
	uint64_t total = processors_count(b, &usable, &open);

	wanted = processors_wanted(b, total, usable, open);
	open += drain_judge(b);
	if (wanted > open) {
		open = open_more(b, open, wanted);
		b->low = 0;
	} else if (b->settings.coalesce && load_is_low(b, total, open)) {
		open -= let_sleep(b, total, open);
	}
	b->in_use = open;
	b->mean = open ? (uint32_t)(total / open) : 0;
	for (unsigned i = 0; i < b->processor_count; i++) {
		struct processor_state *p = &b->processor[i];

		p->given_up = false;
		p->source = open ? source_judge(b, p) : SOURCE_NONE;
	}
}
