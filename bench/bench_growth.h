/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-growth: what a packet's way costs as one dimension grows and the others stand still.  A curve's points are all made at
 * once and measured in turn, round by round, so that a drift of the machine is not taken for growth.
 */
#ifndef VMMQ_BENCH_GROWTH_H
#define VMMQ_BENCH_GROWTH_H

#include <rte_mbuf.h>
#include <vmmq/adapter.h>

#include "bench.h"

#define GROWTH_BURST      32u
#define GROWTH_PROCESSORS 128u   /* at most */
#define GROWTH_BLOCK      4096u  /* packets that lie ready when the clock starts, as in a device's receive ring */
#define GROWTH_PACKETS    65536u /* a round */
#define GROWTH_LATENCIES  65536u /* moves of one point whose time is kept */

struct growth_params {
	uint32_t vports;     /* besides VPort 0 */
	uint32_t processors; /* RSS spreads each VPort over all of them */
	uint32_t flows;
	uint32_t moves;  /* a second */
	uint32_t bursts; /* between two turns of the processors; divides those of a block */
};

/*
 * The packets to come, by the number of their flow: each flow as often as another, in an order that is shuffled anew whenever
 * all have had their turn.  There are at least GROWTH_PACKETS.
 */
struct growth_flows {
	uint32_t *order;
	uint32_t count, next;
	uint64_t random;
};

/* Moves that fall due at a steady pace, by a clock that stands still while no block is run. */
struct growth_moves {
	uint64_t period_tsc; /* 0: none are made */
	uint64_t clock_tsc, due_tsc;
	uint64_t count;
	double latency_us[GROWTH_LATENCIES]; /* from request to effective */
	bool refused;
};

struct growth_point {
	struct growth_params params;
	struct vmmq_adapter *adapter;
	struct vmmq_source *source;
	struct rte_mempool *pool;
	uint64_t given, indicated;
	struct growth_flows flows;
	struct growth_moves moves;
};

struct rte_mempool *growth_pool_make(void);
/* growth_point_make returns NULL, with a message, when it cannot. */
struct growth_point *growth_point_make(const struct growth_params *params, struct rte_mempool *pool);
/*
 * growth_point_run receives so many blocks, GROWTH_PACKETS at most, and has them indicated and returned.  Returns the cycles per
 * packet of the median block among those in which the scheduler left us the CPU (among all, if there is none), without what
 * moves took themselves: so other work on the machine counts little.
 */
double growth_point_run(struct growth_point *point, unsigned blocks);
/* growth_point_end takes it apart; false, with a message: a packet was lost, or a move refused. */
bool growth_point_end(struct growth_point *point);

/*
 * growth_moves_make makes the moves that are due, each of the entry by which one of the count packets has come: they are
 * received and not yet indicated, so that every move meets what it must not pass.  Returns the cycles that it took.
 */
uint64_t growth_moves_make(struct growth_point *point, struct rte_mbuf *const packet[], unsigned count,
			   uint64_t block_started);
/* growth_gates returns the gates that the processors have passed. */
uint64_t growth_gates(const struct growth_point *point);

#endif
