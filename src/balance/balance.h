/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The policy of dynamic VMMQ: from loads and indirection tables to moves with a reason each.  A value that steps: no clock, no I/O,
 * no allocation after balance_create(), and the same sequence of calls gives the same moves.  It moves nothing itself: who
 * calls it does, by RSSv2 moves.  One thread at a time for each struct balance.  Rules: spec section 15; docs/balance.md.
 *
 * A lane is what can be moved by itself: an entry of a VPort's indirection table, its default processor, or its primary one.
 * Loads are in millionths of a processor's time ("ppm"): BALANCE_WHOLE is a processor that does nothing else.
 */
#ifndef VMMQ_BALANCE_BALANCE_H
#define VMMQ_BALANCE_BALANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BALANCE_WHOLE          1000000u
#define BALANCE_LOAD_MAX       (16u * BALANCE_WHOLE - 1) /* of a lane; more counts as this */
#define BALANCE_LANES_MAX      130u                      /* of a VPort: 128 entries, default and primary processor */
#define BALANCE_PROCESSORS_MAX 1024u
#define BALANCE_ELEPHANTS_MAX  16u

/*
 * struct balance_settings.  balance_settings_default() is the measured choice (docs/balance.md).
 * start, stop: a processor is relieved when its load is more than start times the mean of those in use, until it is at most
 * stop times; ppm, BALANCE_WHOLE <= stop <= start.  little evidence: right after a change more than start is needed, and
 * each tick less (see balance_tick).
 * target: the mean load above which another processor is taken into use; ppm.
 * coalesce: few processors are used when load is low.  coalesce_target: those left must stay below it on average, and
 * coalesce_ceiling: each of them; ppm, coalesce_target < target <= BALANCE_WHOLE.  patience: ticks of low load before the first
 * processor is let sleep; patience_next: before each further one.
 * budget: moves in one tick at most, from 1.  Whole VPorts (see queue_pairs) need as many as they have lanes on the processor.
 * rest: ticks in which a lane that was moved stays where it is, unless its processor stalls, 0 to 1000000; twice as many each time when it goes
 * back to where it came from.
 * stall: ticks with work and without progress after which a processor is said to have stalled; 0: never.
 */
struct balance_settings {
	uint32_t start, stop;
	uint32_t target;
	bool coalesce;
	uint32_t coalesce_target, coalesce_ceiling;
	uint32_t patience, patience_next;
	uint32_t budget;
	uint32_t rest;
	uint32_t stall;
};
void balance_settings_default(struct balance_settings *settings);

/*
 * struct balance_vport: what the policy must know of a VPort.
 * lanes: how many, 1 to BALANCE_LANES_MAX; they follow each other in all arrays of lanes, in the order of the VPorts.
 * queue_pairs: processors that it uses at most, at least 1; min_queue_pairs: coalescing leaves it at least so many.  All of its lanes count,
 * with and without load (spec 15.3).  One that uses queue_pairs already goes to another processor only as a whole: with all its lanes of one.
 * dynamic: false: its lanes are never moved.
 */
struct balance_vport {
	uint16_t lanes;
	uint16_t queue_pairs, min_queue_pairs;
	bool dynamic;
};

/* Why a lane is moved.  X(name, JSON name) */
/* clang-format off */
#define BALANCE_REASONS(X) \
	X(SPREAD,   "spread")   /* its processor has more than the others */ \
	X(GROW,     "grow")     /* likewise, and its VPort did not use the other one before */ \
	X(EXCHANGE, "exchange") /* likewise, and another lane comes back: no single move would have helped */ \
	X(COALESCE, "coalesce") /* load is low: its processor is to sleep */ \
	X(EVACUATE, "evacuate") /* its processor has stalled */
/* clang-format on */
enum balance_why {
#define X(name, text) BALANCE_##name,
	BALANCE_REASONS(X)
#undef X
	    BALANCE_REASON_COUNT
};
const char *balance_why_name(enum balance_why why);

/*
 * struct balance_move: lane, of VPort vport (index), goes from a processor to another (indexes).
 * The rest is the reason, ppm, as it was known before the move: what the two processors and the lane took, and the mean of those
 * in use.  used, queue_pairs: how many processors the VPort uses after it, and may.  in_use: processors in use.
 * together: how many lanes of the VPort go this way at once, as they have to (1: this one alone).
 */
struct balance_move {
	uint32_t lane;
	uint16_t vport, from, to;
	uint16_t used, queue_pairs, in_use, together;
	enum balance_why why;
	uint32_t from_load, to_load, lane_load, mean;
};

/* An elephant: a lane that is too big for its processor to come down to the others, wherever it is. */
struct balance_elephant {
	uint32_t lane, load, mean;
	uint16_t vport, processor;
};

/*
 * What a tick has seen, beside the lanes' loads.
 * load: of the processor, with what is not of any lane; ppm; offered, so it may be above BALANCE_WHOLE.
 * life: it ran; or it had nothing to do, and so nothing is known; or it had work and did not run.  settings.stall ticks STUCK make it
 * stalled, one RAN ends that.
 */
enum balance_life {
	BALANCE_RAN,
	BALANCE_IDLE,
	BALANCE_STUCK,
};
struct balance_seen {
	uint32_t load;
	enum balance_life life;
};

struct balance_result {
	struct balance_move *move; /* the caller's, with room for settings.budget */
	unsigned move_count;
	struct balance_elephant
	    elephant[BALANCE_ELEPHANTS_MAX]; /* of those processors that were looked at in this tick */
	unsigned elephant_count;
};

struct balance;

/*
 * balance_create: processors 0 to processor_count - 1, preferred first: coalescing keeps the first.  lane_processor: by lane.
 * All but settings is copied into it.  Returns NULL with a sentence in error: a setting, a VPort or a lane is out of range (named), or
 * memory is short.  The caller's, for balance_destroy(), which takes NULL.
 */
struct balance *balance_create(const struct balance_settings *settings, unsigned processor_count,
			       const struct balance_vport vport[], unsigned vport_count,
			       const uint16_t lane_processor[], char *error, size_t error_len);
void balance_destroy(struct balance *balance);

/*
 * What others do to the table.  balance_place: the lane is on that processor now: moved by hand, or a move was refused.
 * balance_pin: it is not moved until it is unpinned.  balance_exclude: nothing is moved to that processor.
 */
void balance_place(struct balance *balance, uint32_t lane, unsigned processor);
void balance_pin(struct balance *balance, uint32_t lane, bool pinned);
void balance_exclude(struct balance *balance, unsigned processor, bool excluded);

unsigned balance_lane_processor(const struct balance *balance, uint32_t lane);
uint32_t balance_lane_count(const struct balance *balance);
/* Loads as they are averaged; ppm. */
uint32_t balance_lane_load(const struct balance *balance, uint32_t lane);
uint32_t balance_processor_load(const struct balance *balance, unsigned processor);
bool balance_in_use(const struct balance *balance, unsigned processor);
bool balance_stalled(const struct balance *balance, unsigned processor);

/*
 * balance_tick: one tick has passed, in which the lanes took load[] and the processors seen[].  Plans at most settings.budget moves into
 * result and takes them as done: whoever cannot carry one out says so with balance_place() before the next tick.
 *
 * Loads are averaged from the last change on, over 32 ticks at most; a change is what no noise of the ticks before explains.  n ticks after
 * one, start is exceeded where a load is above start + 0.12 / n times the mean, and further above the mean than the noise of before explains.
 *
 * SPREAD and GROW: the load of the processor from which the lane comes is the largest of those that can still be relieved, and
 * the larger of the two loads is lower after the move than before.  EXCHANGE: the same, of the two moves together.
 * Where nothing but load limits the moves, a processor above that is left only when none of its lanes could go to another one and lower the
 * larger of their loads by more than a 64th of the mean; it is then looked at again after 10 ticks.
 */
void balance_tick(struct balance *balance, const uint32_t load[], const struct balance_seen seen[],
		  struct balance_result *result);

/*
 * balance_reason_text says a move's reason as a sentence without a final stop, for names that the caller has: "VPort 7", "entry 21",
 * "processor 1", "processor 3".
 */
#define BALANCE_REASON_MAX 512
const char *balance_reason_text(const struct balance_move *move, const char *from, const char *to,
				char text[BALANCE_REASON_MAX]);

#endif
