/* SPDX-License-Identifier: BSD-2-Clause */
/* What a struct balance remembers, for the files of this folder. */
#ifndef VMMQ_BALANCE_BALANCE_STATE_H
#define VMMQ_BALANCE_BALANCE_STATE_H

#include "balance/balance.h"

#define LANE_FRACTION 8 /* bits of lane_load below a ppm, so that averages of small loads do not stand still */

/* Why lanes leave a processor in this tick, or none does. */
enum source_kind {
	SOURCE_NONE,
	SOURCE_STALLED,  /* all of them */
	SOURCE_SLEEPING, /* those with load */
	SOURCE_HOT,      /* until it has no more than the others */
};

struct processor_state {
	uint32_t load;           /* ppm, averaged, moves of this tick included */
	uint32_t last;           /* ppm, of the latest tick, moves included */
	uint32_t deviation;      /* ppm: how far a tick's load usually is from that of the one before */
	uint32_t stuck;          /* ticks with work and without progress */
	uint64_t fruitless;      /* tick until which it is not looked at again, since nothing could be moved */
	uint64_t stay_open;      /* tick until which it is not let sleep */
	uint64_t excluded_until; /* tick until which nothing is moved to it, since it had stalled */
	uint32_t drained;        /* ticks in which it was to be emptied, and still had load that could not go */
	bool open;               /* in use: lanes may be moved to it */
	bool excluded;
	bool stalled;
	uint32_t largest; /* lane; of a source, before this tick's moves */
	bool given_up;    /* in this tick: nothing of it can be moved any more */
	enum source_kind source;
};

struct vport_state {
	struct balance_vport limits;
	uint16_t used;       /* processors that have a lane of it */
	uint64_t moved_tick; /* the last one with a move of it */
};

/*
 * A unit is what is moved at once: lane l is unit l; unit lane_count + l is all lanes that its VPort has where lane l, the first of them, is.
 * Units of a source hang in chains by size: chain[processor * SIZES + size_class(load)].
 */
#define SIZES   104u /* four classes an octave of loads; 0: no load */
#define NO_UNIT UINT32_MAX

/*
 * balance_blend_fn takes a tick's loads (ppm) of `count` lanes into their averages (ppm << LANE_FRACTION) of 2^shift ticks; shift from 0 to 31.
 * balance_blend_choose returns the fastest that this CPU has; each gives what balance_blend_plain gives.
 */
typedef void balance_blend_fn(uint32_t average[], const uint32_t load[], uint32_t count, unsigned shift);
balance_blend_fn balance_blend_plain;
balance_blend_fn *balance_blend_choose(void);

struct balance {
	struct balance_settings settings;
	balance_blend_fn *blend;
	unsigned processor_count, vport_count;
	uint32_t lane_count;
	struct processor_state *processor;
	struct vport_state *vport;
	uint8_t *uses;            /* [vport * processor_count + processor]: lanes of it there */
	uint16_t *lane_processor; /* by lane, as all below */
	uint16_t *lane_vport;
	uint32_t *lane_load;   /* ppm << LANE_FRACTION, averaged */
	uint64_t *lane_rest;   /* tick until which it stays */
	uint8_t *lane_fixed;   /* pinned, or of a static VPort: LANE_* */
	uint16_t *lane_from;   /* the processor that it came from with its last move */
	uint8_t *lane_returns; /* how many moves in a row were back to that one */

	uint64_t tick;          /* from 1; 64 bits, so that none of those above is passed twice */
	uint32_t since_change;  /* ticks since the last change, that one included */
	unsigned average_shift; /* averages are made of 2^average_shift ticks */
	uint32_t low;           /* ticks of low load */
	uint32_t mean; /* ppm: of the processors in use, with what sleeping and stalled ones will give them */
	uint32_t in_use;
	bool want_more; /* a processor has more than target, of lanes that one more could take */

	/* scratch of a tick */
	uint32_t *candidate;
	uint32_t *unit_load, *unit_next; /* by unit */
	uint32_t *chain;
	struct {
		uint32_t first, load, lanes;
	} * group; /* by processor: lanes of the VPort that is looked at */
};

#define LANE_PINNED 1u
#define LANE_STATIC 2u

static inline uint32_t lane_ppm(const struct balance *b, uint32_t lane)
{
	return b->lane_load[lane] >> LANE_FRACTION;
}

/* size_class: 0 for no load, then four classes an octave. */
static inline unsigned size_class(uint32_t load)
{
	unsigned lg;

	if (load < 4)
		return load;
	lg = 31u - (unsigned)__builtin_clz(load);
	return lg * 4u - 4u + (load >> (lg - 2) & 3u);
}

/* balance_average takes a tick's loads into the averages, finds changes, and says who has stalled. */
void balance_average(struct balance *b, const uint32_t load[], const struct balance_seen seen[]);

/* balance_awake decides which processors are in use, and the mean that each of them is to have. */
void balance_awake(struct balance *b);

/* balance_collect hangs the units of all sources into their chains. */
void balance_collect(struct balance *b);

/* balance_relieve plans the moves away from all sources. */
void balance_relieve(struct balance *b, struct balance_result *result);

/* balance_exchange tries to relieve a processor of which no single move helps; true: two moves were planned. */
bool balance_exchange(struct balance *b, unsigned from, struct balance_result *result);

/* balance_may_go: the VPort's limits let `lanes` lanes of it go from one processor to another. */
bool balance_may_go(const struct balance *b, unsigned vport, unsigned from, unsigned to, unsigned lanes);

/* balance_is_target: lanes may be moved to that processor now. */
bool balance_is_target(const struct balance *b, unsigned processor);

/* balance_write_move plans the move of one lane and takes it as done.  why says the kind; GROW is found here. */
void balance_write_move(struct balance *b, uint32_t lane, unsigned to, enum balance_why why, unsigned together,
			struct balance_result *result);

#endif
