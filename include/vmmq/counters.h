/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counters.  They only grow; each one is exact, all of them consistent once the adapter is idle:
 * received = indicated + sum of dropped.  What is meant by threads: vmmq/adapter.h.
 */
#ifndef VMMQ_COUNTERS_H
#define VMMQ_COUNTERS_H

#include <vmmq/rss.h>
#include <vmmq/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vmmq_adapter;

/* Counters of one VPort on one processor, or summed. */
struct vmmq_vport_counters {
	uint64_t packets;
	uint64_t bytes;
	uint64_t indications;
	uint64_t hashed[VMMQ_HASH_TYPE_COUNT]; /* in the order of VMMQ_HASH_TYPES */
	uint64_t via[VMMQ_VIA_COUNT];
	uint64_t entry[VMMQ_TABLE_ENTRIES_MAX];
};
/*
 * vmmq_vport_counters_read adds what the VPort has on processor (NULL: on all of them) to *sum; nothing for a processor that
 * is not one of the adapter's.
 * Threads: any.
 */
VMMQ_API void vmmq_vport_counters_read(const struct vmmq_adapter *adapter, struct vmmq_vport_id vport,
				       const struct vmmq_processor *processor, struct vmmq_vport_counters *sum);

/*
 * vmmq_vport_drops_read adds the VPort's drops by reason to sum; a runt has no VPort and counts for VPort 0.
 * vmmq_received_read returns the packets that vmmq_receive() took, over all sources, and those that vmmq_send() copied and
 * vmmq_transfer() gave.
 * Threads: any, but not while sources or senders are created or destroyed.
 */
VMMQ_API void vmmq_vport_drops_read(const struct vmmq_adapter *adapter, struct vmmq_vport_id vport,
				    uint64_t sum[VMMQ_DROP_COUNT]);
VMMQ_API uint64_t vmmq_received_read(const struct vmmq_adapter *adapter);

/* Counters of one processor. */
struct vmmq_processor_counters {
	uint64_t dpcs; /* turns that indicated something */
	uint64_t packets;
	uint64_t interrupts;       /* times it slept and was woken */
	uint64_t interrupts_saved; /* packets handed over while it was awake */
	uint64_t gates;            /* gates passed */
	uint64_t gate_waits;       /* turns in which a closed gate held packets of an inbox */
	uint64_t held;             /* packets that a gate held */
	uint64_t inbox_high;       /* most packets seen waiting in one of its inboxes */
	uint64_t completions;      /* sends completed here */
	uint64_t turns;            /* of the loop: a processor whose turns stand still has stopped polling */
	uint64_t busy_ns;          /* spent in turns that moved something, by the TSC, what preempted them included */
	uint64_t asleep_ns;        /* spent asleep; the rest of the time it looked for work in vain */
};
/*
 * vmmq_processor_counters_read fills *counters; all 0 for a processor that is not one of the adapter's.
 * Threads: any.
 */
VMMQ_API void vmmq_processor_counters_read(const struct vmmq_adapter *adapter, struct vmmq_processor processor,
					   struct vmmq_processor_counters *counters);

/*
 * For whoever moves load from one processor to another by what it costs.
 * vmmq_load_measure: whether processors time their polls; off at first, and then they do no work for it.
 * vmmq_processor_load_read fills *load; all 0 for a processor that is not one of the adapter's.  turns_before: load->turns when it was last
 * read: is_behind is looked for only where they stand still and the processor does not sleep.
 * Threads: any, but not while sources are created or destroyed.
 */
struct vmmq_processor_load {
	uint64_t busy_ns;   /* as in struct vmmq_processor_counters */
	uint64_t polled_ns; /* the part of it that was spent in polls, since they are timed */
	uint64_t packets, turns;
	uint64_t refused; /* packets for it that were dropped: an inbox, or their VPort's share of it, was full */
	bool is_behind;   /* packets wait for it, and it has not turned */
};
VMMQ_API void vmmq_load_measure(struct vmmq_adapter *adapter, bool on);
VMMQ_API void vmmq_processor_load_read(const struct vmmq_adapter *adapter, struct vmmq_processor processor,
				       uint64_t turns_before, struct vmmq_processor_load *load);

/*
 * A lane is what can be moved by itself: an entry of a VPort's table, by its number, its default processor, or its primary one.
 * vmmq_lanes_read tells how many packets of each of count lanes the processor named beside it has indicated, modulo 2^32; 0 for one that
 * is not the adapter's.
 * Threads: any.
 */
#define VMMQ_LANE_DEFAULT VMMQ_TABLE_ENTRIES_MAX
#define VMMQ_LANE_PRIMARY (VMMQ_TABLE_ENTRIES_MAX + 1)
#define VMMQ_LANES_MAX    (VMMQ_TABLE_ENTRIES_MAX + 2)
VMMQ_API void vmmq_lanes_read(const struct vmmq_adapter *adapter, struct vmmq_vport_id vport, const uint8_t lane[],
			      const struct vmmq_processor at[], unsigned count, uint32_t packets[]);

/*
 * vmmq_sending_read returns the sends of a VPort that are not complete.
 * vmmq_held_read returns the indicated packets of a VPort that the consumer has not returned; without held_max, those of
 * indications that have returned.
 * Threads: any.
 */
VMMQ_API uint32_t vmmq_sending_read(const struct vmmq_adapter *adapter, struct vmmq_vport_id vport);
VMMQ_API uint32_t vmmq_held_read(const struct vmmq_adapter *adapter, struct vmmq_vport_id vport);

/*
 * vmmq_adapter_idle tells whether all that was received is indicated and all buffers that came back are completed.
 * Threads: any.
 */
VMMQ_API bool vmmq_adapter_idle(const struct vmmq_adapter *adapter);

#ifdef __cplusplus
}
#endif
#endif
