/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A source: a stream of packets, the view it steers by, and its inbox at each processor.  Whoever uses it holds it: the
 * thread in vmmq_receive() or vmmq_send(), or control, which adopts a view in its stead.
 */
#ifndef VMMQ_ENGINE_SOURCE_H
#define VMMQ_ENGINE_SOURCE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <vmmq/receive.h>

#include "core/flow.h"
#include "engine/inbox.h"
#include "engine/processor_slot.h"
#include "engine/trail.h"
#include "engine/view_chain.h"
#include "engine/vport_counters.h"

#define SOURCE_BURST      32u   /* packets classified together */
#define HASH_SAMPLE_EVERY 1024u /* of the hashes taken from a device, so many-th is computed as well */

struct vmmq_source {
	/* constant */
	struct vmmq_adapter *adapter;
	enum vmmq_source_mode mode;
	uint32_t inbox_size;

	_Atomic uint32_t senders; /* that use it; they: rw, processors: relaxed */

	/* holding edit: rw */
	struct vmmq_source *next;

	/* S1: held by the thread in vmmq_receive(), or by control that adopts a view in its stead */
	_Alignas(CACHE_LINE) atomic_bool busy;
	_Atomic uint64_t adopted; /* S2: version of the view below; control: acquire */

	/* holder of busy: rw */
	struct view_link *link;
	_Atomic(struct inbox *) *inbox; /* by processor slot; NULL until the first packet or gate; control: acquire */
	struct inbox *touched[SOURCE_BURST];
	processor_slot touched_slot[SOURCE_BURST];
	unsigned touched_count;
	uint64_t gates;
	struct trail trail;
	union gate_block *blocks; /* for gates */
	size_t blocks_here;
	_Atomic uint64_t received;        /* any reader: relaxed */
	_Atomic uint64_t hash_mismatches; /* any reader: relaxed */
	uint32_t until_sample;            /* of the device's hashes, until one is computed as well */
	struct flow_seen alone;           /* of the last packet that came alone; senders have their own */
	struct vport_drops *drops;        /* by VPort id */
	struct vmmq_device_hash device;   /* what its packets may have been hashed with; control: rw, holding busy */

	/* control: adds blocks; holder of busy: takes all */
	_Atomic(union gate_block *) supply; /* S3 */
	atomic_size_t block_count;          /* in blocks and supply */

	atomic_uint keepers; /* S4: while it ends: inboxes that somebody may still look at */
};

/* source_hold and source_release bracket all use of a source; source_try_hold does not wait. */
bool source_try_hold(struct vmmq_source *source);
void source_hold(struct vmmq_source *source);
void source_release(struct vmmq_source *source);

/* source_is_held tells whether anybody holds the source: for asserts, which cannot tell who. */
bool source_is_held(const struct vmmq_source *source);

/* source_has_adopted tells whether the source steers by that version or a later one.  Any thread. */
static inline bool source_has_adopted(const struct vmmq_source *source, uint64_t version)
{
	return atomic_load_explicit(&source->adopted, memory_order_acquire) >= version; /* pairs with S2 */
}

/*
 * source_adopt walks the source along the chain of views, placing the gates that each step needs, until the newest one or
 * one for whose gates there is no memory: then the source steers by the view before.  may_allocate: for control, in its stead.
 * Returns true when the source steers by the newest view.  Holder only.
 */
bool source_adopt(struct vmmq_source *source, bool may_allocate);

/* source_inbox_find returns the source's inbox at a processor, or NULL.  Any thread that knows the source. */
static inline struct inbox *source_inbox_find(const struct vmmq_source *source, processor_slot slot)
{
	return atomic_load_explicit(&source->inbox[slot], memory_order_acquire); /* pairs with P2 */
}

/* source_inbox returns the source's inbox at a processor, made at first use; NULL: memory.  Holder, or control. */
struct inbox *source_inbox_make(struct vmmq_source *source, processor_slot slot);
static inline struct inbox *source_inbox(struct vmmq_source *source, processor_slot slot)
{
	struct inbox *inbox = source_inbox_find(source, slot);

	return inbox ? inbox : source_inbox_make(source, slot);
}

/*
 * source_classify classifies up to SOURCE_BURST packets, over segments, under the source's view.  sent: they are a sender's, so
 * tags in their mbufs are those that are to be sent.  alone: where the flow of a packet that comes alone is remembered.  Holder only.
 */
void source_classify(struct vmmq_source *source, struct rte_mbuf *const packet[], bool sent, struct flow_seen *alone,
		     struct vmmq_verdict verdict[], unsigned count);
enum handed {
	HANDED_OVER,
	HANDED_DROPPED, /* and freed */
	HANDED_LATER,   /* WAIT mode: it must wait */
};

/* packet_keep makes a packet's bytes its own, if any are lent (vmmq_keep_fn); false: no buffers. */
bool packet_keep(const struct vmmq_adapter *adapter, struct rte_mbuf *packet);

/* packet_hand_over does with one packet what the verdict says.  Holder only. */
enum handed packet_hand_over(struct vmmq_source *source, struct rte_mbuf *packet, const struct vmmq_verdict *verdict);
/* inbox_announce shows its processor what was put into an inbox; returns whether it had to be woken.  Holder only. */
bool inbox_announce(struct vmmq_source *source, struct inbox *inbox, processor_slot slot);
/* source_announce does that for all inboxes that packets were handed over to since the last time.  Holder only. */
void source_announce(struct vmmq_source *source);

/* source_free frees a source, with all that is in its inboxes; sources_free a list of them. */
void source_free(struct vmmq_source *source);
void sources_free(struct vmmq_source *source);

/* source_let_go is called once for each inbox of a source that is gone: the last call frees it.  Any thread. */
void source_let_go(struct vmmq_source *source);

#endif
