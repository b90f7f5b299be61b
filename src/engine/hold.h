/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets that a gate holds, of one inbox, oldest first.  They are beside the ring, so that those behind them that no gate
 * holds can pass; they still count in their VPort's share and in the inbox's room, so that it takes no more packets for them.
 */
#ifndef VMMQ_ENGINE_HOLD_H
#define VMMQ_ENGINE_HOLD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <vmmq/types.h>

struct rte_mbuf;

#define DPC_BATCH    64u        /* packets taken from one inbox in one DPC */
#define NONE_IS_HELD UINT64_MAX /* a position behind all others */

struct held_packet {
	struct rte_mbuf *packet;
	uint64_t position;
};

struct hold {
	/* processor: rw; any thread: acquire.  Lowered before the inbox's head passes a packet, raised after its indication. */
	_Atomic uint64_t oldest_any; /* H2: position of the oldest held packet */

	/* processor: rw */
	struct held_packet *held;
	uint32_t count;
	bool is_due; /* some may go, and did not fit into the last batch */
	unsigned released_count;
	struct vmmq_vport_id released[DPC_BATCH]; /* whose packets are being indicated */

	_Atomic uint64_t oldest[]; /* H2: by VPort id */
};

/* hold_create makes room for size packets; NULL: memory.  hold_destroy: the packets are the caller's to free. */
struct hold *hold_create(uint64_t size, uint32_t vports);
void hold_destroy(struct hold *hold);

/* hold_put adds a packet, the youngest so far.  Processor only. */
void hold_put(struct hold *hold, struct rte_mbuf *packet, struct vmmq_vport_id vport, uint64_t position);

/*
 * hold_release takes out, oldest first, up to count packets (DPC_BATCH at most) that is_held() says no more of.
 * They count as held until hold_indicated().  Processor only.
 */
unsigned hold_release(struct hold *hold, struct rte_mbuf *packet[], unsigned count,
		      bool (*is_held)(const void *context, struct rte_mbuf *packet, uint64_t position),
		      const void *context);
void hold_indicated(struct hold *hold);

#endif
