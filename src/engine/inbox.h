/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An inbox carries packets from one source to one processor: a single-producer single-consumer ring.  They come out in order,
 * but for those of lanes that a gate holds (gate.h), which others may pass.  A packet's position is its number in the
 * inbox.  head moves over a packet only after it has been *indicated*, or is known as held: so "head has passed p, and
 * nothing of VPort v below p is held" promises that all of v's packets below p have been indicated.
 *
 * Room is shared among VPorts by dynamic threshold: a VPort may add a packet while it holds less than what is free.  However
 * many VPorts flood, some room is left for one that does not.  Gates take none.
 */
#ifndef VMMQ_ENGINE_INBOX_H
#define VMMQ_ENGINE_INBOX_H

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <vmmq/types.h>

#include "base/counter.h"
#include "engine/gate.h"
#include "engine/hold.h"

struct rte_mbuf;
struct vmmq_source;

/* What a VPort has in an inbox: put in by the source minus taken out by the processor, modulo 2^32. */
struct inbox_share {
	_Atomic uint32_t in; /* source: rw; control: relaxed */
	uint32_t out_seen;   /* source: rw, its last look at out[] */
};

struct inbox {
	/* source: rw */
	_Alignas(CACHE_LINE) _Atomic uint64_t tail; /* I1: published to the processor */
	uint64_t put;                               /* written but not yet published */
	uint64_t gone_seen;                         /* last look at gone */
	struct inbox_share *share;                  /* by VPort id */
	/* source: pushes; processor: takes all */
	_Atomic(struct gate *) fresh; /* G1: latest first, or GATES_AWAY */
	_Atomic(struct hold *) hold;  /* G2: made before the first gate; any thread: acquire */

	/* source and processor, beside tail, which both have just touched: listed.h */
	atomic_bool listed;   /* L3: cleared by the processor, set by who lists it */
	atomic_bool is_left;  /* L6: set by control: the source is gone */
	struct inbox *beside; /* next on the stack or the list; who listed it: rw */

	/* processor: rw */
	_Alignas(CACHE_LINE) _Atomic uint64_t head; /* I2: everything below is indicated or held; gates: acquire */
	_Atomic uint64_t gone;                      /* I3: how many have been indicated; source: acquire */
	uint64_t next;                              /* taken but not yet indicated: head <= next <= tail */
	uint32_t held_count;                        /* in hold */
	bool has_released;                          /* some of what was taken came out of hold */
	struct gate *gates;                         /* oldest first */
	_Atomic uint32_t *out;                      /* by VPort id; source: relaxed; gates and control: acquire */

	/* constant */
	_Alignas(CACHE_LINE) uint64_t mask; /* of slots; their number is the room */
	uint32_t vports;
	struct vmmq_source *source;
	struct rte_mbuf *slot[];
};

enum inbox_put {
	INBOX_PUT,
	INBOX_FULL,       /* no room for packets at all */
	INBOX_SHARE_FULL, /* the VPort's share is used up */
};

/* inbox_create: size is a power of two.  NULL: memory. */
struct inbox *inbox_create(uint32_t size, uint32_t vports);
/* inbox_destroy calls packet_free on packets left inside, held ones too, and frees gates left inside. */
void inbox_destroy(struct inbox *inbox, void (*packet_free)(void *context, struct rte_mbuf *packet), void *context);

static inline uint32_t inbox_share_in(const struct inbox_share *share)
{
	return atomic_load_explicit(&share->in, memory_order_relaxed);
}

/* inbox_admits tells whether a packet of the VPort may be put in.  Source only. */
static inline enum inbox_put inbox_admits(struct inbox *inbox, struct vmmq_vport_id vport)
{
	struct inbox_share *share = &inbox->share[vport.v];

	for (int fresh = 0;; fresh++) {
		uint64_t used = inbox->put - inbox->gone_seen;
		uint64_t room = inbox->mask + 1 - used;

		if (inbox_share_in(share) - share->out_seen < room)
			return INBOX_PUT;
		if (fresh)
			return room ? INBOX_SHARE_FULL : INBOX_FULL;
		inbox->gone_seen = atomic_load_explicit(&inbox->gone, memory_order_acquire); /* pairs with I3 */
		share->out_seen = atomic_load_explicit(&inbox->out[vport.v], memory_order_relaxed);
	}
}

/* inbox_put adds an admitted packet, for the next inbox_publish().  Source only. */
static inline void inbox_put(struct inbox *inbox, struct rte_mbuf *packet, struct vmmq_vport_id vport)
{
	struct inbox_share *share = &inbox->share[vport.v];

	inbox->slot[inbox->put & inbox->mask] = packet;
	inbox->put++;
	atomic_store_explicit(&share->in, inbox_share_in(share) + 1, memory_order_relaxed);
}

/* inbox_publish shows the processor what was put.  Sequentially consistent: the source looks at "armed" next. */
static inline void inbox_publish(struct inbox *inbox)
{
	atomic_store_explicit(&inbox->tail, inbox->put, memory_order_seq_cst); /* I1, and D1: interrupt.h */
}

/* inbox_vport_waits tells whether anything of the VPort that was put is not yet indicated.  Source; others: as of a while ago. */
static inline bool inbox_vport_waits(const struct inbox *inbox, struct vmmq_vport_id vport)
{
	return inbox_share_in(&inbox->share[vport.v]) !=
	       atomic_load_explicit(&inbox->out[vport.v], memory_order_acquire); /* pairs with I4 */
}

/* inbox_has_indicated tells whether all packets of a VPort below position have been indicated.  Any thread. */
static inline bool inbox_has_indicated(const struct inbox *inbox, struct vmmq_vport_id vport, uint64_t position)
{
	const struct hold *hold;

	if (atomic_load_explicit(&inbox->head, memory_order_acquire) < position) /* pairs with I2 */
		return false;
	hold = atomic_load_explicit(&inbox->hold, memory_order_acquire);                                /* G2 */
	return !hold || atomic_load_explicit(&hold->oldest[vport.v], memory_order_acquire) >= position; /* H2 */
}

/* inbox_has_packets tells whether anything that was published is not yet indicated.  Any thread. */
static inline bool inbox_has_packets(const struct inbox *inbox)
{
	return atomic_load_explicit(&inbox->gone, memory_order_acquire) != /* pairs with I3 */
	       atomic_load_explicit(&inbox->tail, memory_order_acquire);   /* I1 */
}

/* inbox_is_drained tells whether all packets below position have been indicated.  Any thread. */
static inline bool inbox_is_drained(const struct inbox *inbox, uint64_t position)
{
	const struct hold *hold;

	if (atomic_load_explicit(&inbox->head, memory_order_acquire) < position) /* pairs with I2 */
		return false;
	hold = atomic_load_explicit(&inbox->hold, memory_order_acquire);                           /* G2 */
	return !hold || atomic_load_explicit(&hold->oldest_any, memory_order_acquire) >= position; /* H2 */
}

/* inbox_hold_ready makes the inbox able to hold packets; false: memory.  Source or control, before its first gate. */
bool inbox_hold_ready(struct inbox *inbox);

/*
 * inbox_gate_put puts a gate for vport here, behind all that was put so far; it is the inbox's from then on.  The
 * processor need not be told: a gate without packets behind it keeps nobody waiting.  Source only.
 */
void inbox_gate_put(struct inbox *inbox, struct gate *gate);

/* What inbox_take() saw besides packets. */
struct inbox_sight {
	uint64_t waiting; /* packets before anything was taken, held ones too */
	uint32_t gates_passed;
	uint32_t held;    /* packets that have been put aside this turn */
	bool gate_closed; /* packets are held */
};

/*
 * inbox_take takes up to count packets, DPC_BATCH at most: those that gates have let go, then new ones.  They stay the inbox's
 * business until inbox_indicated().  Processor only.
 */
unsigned inbox_take(struct inbox *inbox, struct rte_mbuf *packet[], unsigned count, struct inbox_sight *sight);
/* inbox_take_gated is inbox_take() where there are gates; tail: as just read. */
unsigned inbox_take_gated(struct inbox *inbox, uint64_t tail, struct rte_mbuf *packet[], unsigned count,
			  struct inbox_sight *sight);

/* inbox_hold_indicated is inbox_indicated() for those that were held. */
void inbox_hold_indicated(struct inbox *inbox);

/* inbox_returned says that count packets of a VPort have been indicated.  Processor only, before inbox_indicated(). */
static inline void inbox_returned(struct inbox *inbox, struct vmmq_vport_id vport, uint32_t count)
{
	_Atomic uint32_t *out = &inbox->out[vport.v];

	atomic_store_explicit(out, atomic_load_explicit(out, memory_order_relaxed) + count,
			      memory_order_release); /* I4 */
}

/* inbox_indicated says that all of the count packets that were taken have been indicated.  Processor only. */
static inline void inbox_indicated(struct inbox *inbox, unsigned count)
{
	uint64_t gone = atomic_load_explicit(&inbox->gone, memory_order_relaxed);

	if (inbox->has_released)
		inbox_hold_indicated(inbox);
	atomic_store_explicit(&inbox->head, inbox->next, memory_order_release);  /* I2 */
	atomic_store_explicit(&inbox->gone, gone + count, memory_order_release); /* I3 */
}

#endif
