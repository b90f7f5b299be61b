/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How much of the control thread's time and memory requests may take (docs/rpc.md).  What a client has sent is looked at before
 * memory is spent on it, and the parts of all clients together add up to RPC_MEMORY_MAX.
 */
#ifndef VMMQ_RPC_RPC_BUDGET_H
#define VMMQ_RPC_RPC_BUDGET_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of one request. */
#define RPC_LINE_MAX   (4u << 20) /* bytes; a longer line is answered with an error and its client closed */
#define RPC_DEPTH_MAX  32u        /* levels of nesting */
#define RPC_TOKENS_MAX 32768u     /* values and names of members */
#define RPC_ID_MAX     256u       /* bytes of an id that is text */

/* Values of the configuration that a request brings: they take tens of milliseconds, and of MiB. */
#define RPC_CONFIG_VALUES_MAX 300000u

/* What one request may take at most while it is carried out: itself as text, as values, and its result in a few bytes of each. */
#define RPC_TOKEN_COST 256u
#define RPC_JOB_COST   2048u
#define RPC_COST_MAX   (RPC_JOB_COST + 3 * RPC_LINE_MAX + RPC_TOKEN_COST * RPC_TOKENS_MAX)

/* Of one client, and of all together, in one round (rpc_round.h). */
#define RPC_CLIENT_REQUESTS 256u
#define RPC_CLIENT_COST     (1u << 20)
#define RPC_CLIENT_NS       1000000u
#define RPC_ROUND_REQUESTS  1024u
#define RPC_ROUND_COST      (3u << 20)
#define RPC_ROUND_NS        5000000u
/*
 * Of a round while changes wait for the disk, and are kept: questions, each in a line of at most so many bytes.  What is longer waits
 * with the changes.
 */
#define RPC_WAIT_COST     (1u << 20)
#define RPC_WAIT_LINE_MAX 4096u
#define RPC_WAIT_COST_MAX (RPC_JOB_COST + 3 * RPC_WAIT_LINE_MAX + RPC_TOKEN_COST * (RPC_WAIT_LINE_MAX / 2 + 1))
/* Of one turn of the control loop: rounds, and bytes that are read of one client. */
#define RPC_TURN_NS  2000000u
#define RPC_READ_MAX (16u << 10)

/*
 * Bytes of all clients together.
 * INPUT_MAX: sent, and not taken yet; above, who has sent most of a line without an end is dropped.  INPUT_TURN: what comes on top of
 * that in one turn.  OUTPUT_MAX: answers that wait to be read; above, who lets most wait is dropped.  ANSWER_MAX: one answer, on top of
 * those; a longer one is refused.
 */
#define RPC_INPUT_MAX  (8u << 20)
#define RPC_INPUT_TURN (5u << 20)
#define RPC_OUTPUT_MAX (13u << 20)
#define RPC_ANSWER_MAX (13u << 20)
#define RPC_MEMORY_MAX (64u << 20)

static_assert(RPC_INPUT_MAX + RPC_INPUT_TURN + RPC_ROUND_COST + RPC_COST_MAX + RPC_WAIT_COST + RPC_WAIT_COST_MAX +
		      RPC_OUTPUT_MAX + RPC_ANSWER_MAX <=
		  RPC_MEMORY_MAX,
	      "what clients take adds up");
static_assert(RPC_ANSWER_MAX <= RPC_OUTPUT_MAX, "one answer alone is never too much");

/* struct rpc_budget: what is left.  The first request is always taken: cost is bounded by RPC_COST_MAX. */
struct rpc_budget {
	unsigned requests;
	size_t cost;
	uint64_t until_ns;
};

struct rpc_budget rpc_budget_client(uint64_t now);
struct rpc_budget rpc_budget_round(uint64_t now);
struct rpc_budget rpc_budget_waiting(uint64_t now);
bool rpc_budget_left(const struct rpc_budget *budget, uint64_t now);
/* rpc_budget_spend takes one request of that cost off; more than there is leaves nothing. */
void rpc_budget_spend(struct rpc_budget *budget, size_t cost);
/* rpc_budget_cost returns what a line of len bytes with so many tokens (rpc_scan.h) may take. */
size_t rpc_budget_cost(size_t len, size_t tokens);

#endif
