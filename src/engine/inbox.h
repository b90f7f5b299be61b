/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An inbox carries packets, and gates, from one source to one processor, in order: a single-producer single-consumer
 * ring.  Its head moves only after what lies below it has been *indicated*, so that a position that the head has
 * passed is a promise that gates can wait for.
 *
 * A gate is an item that the processor leaves only when inboxes of the same source, its own among them perhaps, have
 * passed the positions written in it.  Why that keeps order and cannot deadlock: docs/architecture.md, "The gate".
 *
 * Room: packets leave GATE_RESERVE slots free, so that a full inbox still takes gates.  Among VPorts it is shared by
 * dynamic threshold: a VPort may add a packet while it holds less than what is free.  However many VPorts flood, some
 * room is left for one that does not.
 */
#ifndef VMMQ_ENGINE_INBOX_H
#define VMMQ_ENGINE_INBOX_H

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <vmmq/types.h>

#include "base/counter.h"

struct rte_mbuf;
struct inbox;

#define GATE_RESERVE 32u /* slots */

/* Wait until inbox->head >= position. */
struct gate_wait {
	const struct inbox *inbox;
	uint64_t position;
};

struct gate {
	uint32_t count;
	struct gate_wait wait[];
};

/* gate_open tells whether all positions are passed.  Once open, a gate stays open: heads only grow.  Any thread. */
bool gate_open(const struct gate *gate);

/* A slot holds a packet, or a gate with the low bit set. */
typedef uintptr_t inbox_item;

/* What a VPort has in an inbox: put in by the source minus taken out by the processor, modulo 2^32. */
struct inbox_share {
	uint32_t in;       /* source: rw */
	uint32_t out_seen; /* source: rw, its last look at out[] */
};

struct inbox {
	/* source: rw */
	_Alignas(CACHE_LINE) _Atomic uint64_t tail; /* I1: published to the processor */
	uint64_t put;                               /* written but not yet published */
	uint64_t head_seen;                         /* last look at head */
	struct inbox_share *share;                  /* by VPort id */
	_Atomic uint64_t interrupts_saved; /* packets published while the processor was awake; any reader: relaxed */

	/* source and processor, beside tail, which both have just touched: listed.h */
	atomic_bool listed;   /* L3: cleared by the processor, set by who lists it */
	struct inbox *beside; /* next on the stack or the list; who listed it: rw */

	/* processor: rw */
	_Alignas(CACHE_LINE) _Atomic uint64_t head; /* I2: everything below is indicated; source, gates: acquire */
	uint64_t next;                              /* taken but not yet indicated: head <= next <= tail */
	_Atomic uint32_t *out;                      /* by VPort id; source: relaxed */

	/* constant */
	_Alignas(CACHE_LINE) uint64_t mask;
	uint64_t packet_room; /* slots that packets may use */
	uint32_t vports;
	struct inbox *sibling; /* next inbox of the same processor */
	inbox_item slot[];
};

enum inbox_put {
	INBOX_PUT,
	INBOX_FULL,       /* no room for packets at all */
	INBOX_SHARE_FULL, /* the VPort's share is used up */
};

/* inbox_create: size is a power of two above 2 * GATE_RESERVE.  NULL: memory. */
struct inbox *inbox_create(uint32_t size, uint32_t vports);
/* inbox_destroy calls packet_free on packets left inside, and frees gates left inside. */
void inbox_destroy(struct inbox *inbox, void (*packet_free)(void *context, struct rte_mbuf *packet), void *context);

/* inbox_admits tells whether a packet of the VPort may be put in.  Source only. */
static inline enum inbox_put inbox_admits(struct inbox *inbox, struct vmmq_vport_id vport)
{
	struct inbox_share *share = &inbox->share[vport.v];

	for (int fresh = 0;; fresh++) {
		uint64_t used = inbox->put - inbox->head_seen;
		uint64_t room = used < inbox->packet_room ? inbox->packet_room - used : 0;

		if ((uint32_t)(share->in - share->out_seen) < room)
			return INBOX_PUT;
		if (fresh)
			return room ? INBOX_SHARE_FULL : INBOX_FULL;
		inbox->head_seen = atomic_load_explicit(&inbox->head, memory_order_acquire); /* pairs with I2 */
		share->out_seen = atomic_load_explicit(&inbox->out[vport.v], memory_order_relaxed);
	}
}

/* inbox_put adds an admitted packet, for the next inbox_publish().  Source only. */
static inline void inbox_put(struct inbox *inbox, struct rte_mbuf *packet, struct vmmq_vport_id vport)
{
	inbox->slot[inbox->put & inbox->mask] = (inbox_item)packet;
	inbox->put++;
	inbox->share[vport.v].in++;
}

/* inbox_publish shows the processor what was put.  Sequentially consistent: the source looks at "armed" next. */
static inline void inbox_publish(struct inbox *inbox)
{
	atomic_store_explicit(&inbox->tail, inbox->put, memory_order_seq_cst); /* I1, and D1: interrupt.h */
}

/* inbox_gate_room tells whether a gate fits.  Source only. */
bool inbox_gate_room(struct inbox *inbox);
/* inbox_gate_put adds a gate, which is the inbox's from then on.  Source only; room was asked for. */
void inbox_gate_put(struct inbox *inbox, struct gate *gate);

/* inbox_passed tells whether everything that was put so far has been indicated.  Source only. */
static inline bool inbox_passed(const struct inbox *inbox)
{
	return atomic_load_explicit(&inbox->head, memory_order_acquire) == inbox->put; /* pairs with I2 */
}

/* What inbox_take() saw besides packets. */
struct inbox_sight {
	uint64_t waiting; /* items before anything was taken */
	uint32_t gates_passed;
	bool gate_closed;
};

/*
 * inbox_take takes up to count packets, through open gates and up to a closed one.  They stay the inbox's business until
 * inbox_indicated().  Processor only.
 */
unsigned inbox_take(struct inbox *inbox, struct rte_mbuf *packet[], unsigned count, struct inbox_sight *sight);

/* inbox_indicated says that all that was taken has been indicated.  Processor only. */
static inline void inbox_indicated(struct inbox *inbox)
{
	atomic_store_explicit(&inbox->head, inbox->next, memory_order_release); /* I2 */
}

/* inbox_returned says that count packets of a VPort were taken out.  Processor only. */
static inline void inbox_returned(struct inbox *inbox, struct vmmq_vport_id vport, uint32_t count)
{
	_Atomic uint32_t *out = &inbox->out[vport.v];

	atomic_store_explicit(out, atomic_load_explicit(out, memory_order_relaxed) + count, memory_order_relaxed);
}

#endif
