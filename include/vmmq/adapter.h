/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The adapter: packets in from sources, indications out on the processors that the VPorts' tables name, every
 * change of the NIC switch under the ordering promise (docs/architecture.md): packets of one flow are indicated in the
 * order in which they were received, and no change drops a packet.
 *
 * Packets are DPDK mbufs; DPDK's EAL must be initialised.  No global state: any number of adapters live in one process.
 * Threads: one control thread at a time for everything but vmmq_receive() (one thread at a time per source),
 * vmmq_processor_poll() and vmmq_processors_run() (one thread at a time per processor), vmmq_return_packets(),
 * vmmq_take_packets(), vmmq_processor_call() and vmmq_adapter_move() (any).
 */
#ifndef VMMQ_ADAPTER_H
#define VMMQ_ADAPTER_H

#include <vmmq/classify.h>
#include <vmmq/nic_switch.h>
#include <vmmq/request.h>
#include <vmmq/status.h>
#include <vmmq/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rte_mbuf;
struct rte_mempool;
struct vmmq_adapter;
struct vmmq_source;
struct vmmq_sender;

/* When a processor with nothing to do sleeps: never; at once; after it has had nothing to do for idle_ns. */
enum vmmq_moderation {
	VMMQ_MODERATION_POLL,
	VMMQ_MODERATION_INTERRUPT,
	VMMQ_MODERATION_ADAPTIVE,
};

/* The buffers are short: the consumer must not keep the packets of this indication (spec 5.3, 8.2). */
#define VMMQ_INDICATE_RESOURCES 0x1u

/*
 * What a processor indicates: count packets of one VPort, in the order in which they were received, OOB on each
 * (vmmq_oob_get()).  Without VMMQ_INDICATE_RESOURCES they are the consumer's, to be given back with
 * vmmq_return_packets(); with it they go back to the adapter when the call returns.  The array itself is the adapter's.
 */
struct vmmq_indication {
	struct vmmq_processor processor;
	struct vmmq_vport_id vport;
	uint32_t flags;
	unsigned count;
	struct rte_mbuf *const *packet;
};
typedef void vmmq_indicate_fn(void *context, const struct vmmq_indication *indication);

/*
 * What becomes of a packet that is dropped: called on its source's thread, before the adapter frees it.
 */
typedef void vmmq_drop_fn(void *context, struct vmmq_vport_id vport, enum vmmq_drop reason, struct rte_mbuf *packet);

/*
 * The uplink's transmit function: as rte_eth_tx_burst(), it takes packets from the front, frees each when the device has
 * finished with it, and returns how many it took.  Called on the sender's thread.  The device must not be set up for
 * RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE, which bypasses the callback that completions hang on.
 */
typedef unsigned vmmq_transmit_fn(void *context, struct rte_mbuf *packet[], unsigned count);

/*
 * A send is complete: the buffers are the sender's again.  packet is the one that was given to vmmq_send(), vport the one
 * whose table named the processor (0 for an unknown id), hash_function 0 when the packet came without a hash.
 * status: SUCCESS the device took it and has finished with it, or it was copied to a VPort on this adapter; RESOURCES no
 * buffer or no room for the copy; PAUSED the adapter is stopping; FAILURE the sender was destroyed before the uplink took it.
 */
struct vmmq_send_complete {
	struct rte_mbuf *packet;
	struct vmmq_sender *sender;
	struct vmmq_vport_id vport;
	uint16_t entry; /* VMMQ_NO_ENTRY: not by the table */
	enum vmmq_via via;
	uint32_t hash;
	uint32_t hash_function;
	vmmq_status status;
};
struct vmmq_completion {
	struct vmmq_processor processor;
	unsigned count;
	const struct vmmq_send_complete *send;
};
typedef void vmmq_complete_fn(void *context, const struct vmmq_completion *completion);

/*
 * What an adapter is made with.  Zero means the default in brackets.
 * nic_switch: its processors are those the adapter will ever run; the RSS processor set to begin with.
 * inbox_size: packets, a power of two [2048]: of one (source, processor) pair.
 * held_max: packets of one VPort that the consumer may hold before indications carry RESOURCES [no limit].
 * pool: where copies of packets between VPorts come from.  transmit_pool: mbufs (their data room is not used) that carry
 * a sender's buffers to the uplink.  transmit, complete, pool, transmit_pool: needed by vmmq_sender_create() only.
 */
struct vmmq_adapter_params {
	const char *name;
	struct vmmq_nic_switch_params nic_switch;
	enum vmmq_moderation moderation;
	uint32_t idle_ns; /* [50000] */
	uint32_t inbox_size;
	uint32_t held_max;
	vmmq_indicate_fn *indicate;
	vmmq_drop_fn *drop; /* may be NULL */
	vmmq_transmit_fn *transmit;
	vmmq_complete_fn *complete;
	struct rte_mempool *pool;
	struct rte_mempool *transmit_pool;
	void *context; /* of all functions */
};

/*
 * vmmq_adapter_create: INVALID_PARAMETER (as vmmq_nic_switch_create(), or inbox_size), RESOURCES.
 * vmmq_adapter_destroy: no thread may be in any call on it any more, and the uplink has freed all it took; packets still in inboxes are freed and counted
 * as dropped ("stopped").  NULL is legal.
 */
VMMQ_API vmmq_status vmmq_adapter_create(const struct vmmq_adapter_params *params, struct vmmq_adapter **adapter,
					 struct vmmq_why *why);
VMMQ_API void vmmq_adapter_destroy(struct vmmq_adapter *adapter);

/*
 * vmmq_adapter_switch returns the NIC switch.  Its operations change the model; vmmq_adapter_apply() makes the data path
 * follow.  Any number of operations and groups may precede one apply: they take effect in their order.
 */
VMMQ_API struct vmmq_nic_switch *vmmq_adapter_switch(struct vmmq_adapter *adapter);

/* What applying a change took.  Times in nanoseconds from the call. */
struct vmmq_change_report {
	uint64_t effective_ns; /* every source steers by the new view */
	uint64_t drained_ns;   /* the last packet steered by the old view was indicated; 0: not waited for */
	uint32_t moves;        /* (old processor, new processor) pairs between which packets may have moved */
};

/*
 * vmmq_adapter_apply publishes the switch's current view and returns when every source steers by it.
 * wait_drained: also wait until everything steered by older views has been indicated; needs the processors to run.
 * Returns SUCCESS, or RESOURCES (memory; nothing is published and a later apply will do it), or PENDING after timeout_ns
 * (or, with wait_drained, when memory is too short to note what to wait for): the change is published and takes effect by itself as inboxes drain.  report may be NULL.
 */
VMMQ_API vmmq_status vmmq_adapter_apply(struct vmmq_adapter *adapter, bool wait_drained, uint64_t timeout_ns,
					struct vmmq_change_report *report);

/*
 * vmmq_vport_quiesce waits until nothing of a VPort is outstanding: everything received so far is indicated, what was
 * indicated on it is returned, what it sent is complete.  After its filters were cleared and that was applied, nothing is
 * indicated on it any more once this returns true, and it may be deleted (spec 3.2).  false: timeout_ns came first.
 */
VMMQ_API bool vmmq_vport_quiesce(struct vmmq_adapter *adapter, struct vmmq_vport_id vport, uint64_t timeout_ns);

/*
 * vmmq_stalled lists processors that have work waiting but have not made a turn since the last call, at most max, and
 * returns how many there are: call it every few hundred milliseconds to learn who has stopped polling.
 */
VMMQ_API unsigned vmmq_stalled(struct vmmq_adapter *adapter, struct vmmq_processor stalled[], unsigned max);

/* What vmmq_receive() does when a packet's inbox, or its VPort's share of it, is full. */
enum vmmq_source_mode {
	VMMQ_SOURCE_DROP, /* drop it, charged to its VPort */
	VMMQ_SOURCE_WAIT, /* stop there; the caller offers it and all behind it again */
};

/*
 * vmmq_source_create adds a source: a stream of packets whose flows no other source carries (an uplink receive queue, a
 * VPort's sender).  RESOURCES: memory.
 * vmmq_source_destroy waits until the packets it has brought are indicated; needs the processors to run, unless the
 * adapter is stopping.
 */
VMMQ_API vmmq_status vmmq_source_create(struct vmmq_adapter *adapter, enum vmmq_source_mode mode,
					struct vmmq_source **source, struct vmmq_why *why);
VMMQ_API void vmmq_source_destroy(struct vmmq_source *source);

/*
 * vmmq_source_device_hash tells what the device that fills a source hashes with: Toeplitz with key (VMMQ_KEY_LEN bytes,
 * wire order; NULL: nothing is known), over the types VMMQ_HASH_* as spec 6.3 selects them, put into hash.rss with
 * RTE_MBUF_F_RX_RSS_HASH.  Packets of VPorts with that very key and those very types are then not hashed again; see
 * vmmq_classify_burst_device() for the exceptions.  From the next burst on; while a VPort's parameters change too.
 */
VMMQ_API void vmmq_source_device_hash(struct vmmq_source *source, const uint8_t key[VMMQ_KEY_LEN],
				      uint32_t hash_types);

/*
 * vmmq_receive steers count packets.  Their headers are looked for in the first VMMQ_HEADERS_MAX bytes, over segments.
 * Returns how many it took, from the front: all of them in DROP mode.  Taken packets are the adapter's.  Their mbufs must be the
 * caller's alone; the data may be shared: a tag is then stripped from a copy, or the packet dropped (no_buffer).
 */
#define VMMQ_HEADERS_MAX 384
VMMQ_API unsigned vmmq_receive(struct vmmq_source *source, struct rte_mbuf *packet[], unsigned count);

/*
 * vmmq_sender_create adds a transmit queue.  in_flight_max: sends that may be incomplete at once [1024].
 * INVALID_PARAMETER: the adapter was made without what sending needs.  RESOURCES: memory.
 * vmmq_sender_destroy completes what the uplink has not taken (FAILURE), waits until everything else is complete, which
 * needs the device and the processors to run, and frees the sender.  On an adapter that is stopping it does not wait:
 * vmmq_adapter_destroy() delivers what is left.
 */
VMMQ_API vmmq_status vmmq_sender_create(struct vmmq_adapter *adapter, uint32_t in_flight_max,
					struct vmmq_sender **sender, struct vmmq_why *why);
VMMQ_API void vmmq_sender_destroy(struct vmmq_sender *sender);

/*
 * vmmq_send transmits count packets of one VPort, in order.  A packet whose destination a filter of another VPort matches
 * is copied there through the receive path; any other goes to the uplink without a copy.  An unknown VPort id counts as
 * VPort 0 (spec 9).  The hash that comes with a packet, set by vmmq_oob_set_hash(), names the processor of its completion;
 * it is used as given.  Returns how many packets it took, from the front; each of them is completed exactly once and
 * is not the caller's until then.  Fewer than count: the uplink or the sends in flight are full; with count 0 it only
 * offers the uplink what that did not take before.  One thread at a time per sender.
 */
VMMQ_API unsigned vmmq_send(struct vmmq_sender *sender, struct vmmq_vport_id vport, struct rte_mbuf *const packet[],
			    unsigned count);

/* vmmq_sending_read returns the sends of a VPort that are not complete. */
VMMQ_API uint32_t vmmq_sending_read(const struct vmmq_adapter *adapter, struct vmmq_vport_id vport);
/* vmmq_held_read returns the indicated packets of a VPort that the consumer has not returned. */
VMMQ_API uint32_t vmmq_held_read(const struct vmmq_adapter *adapter, struct vmmq_vport_id vport);

/*
 * vmmq_processor_poll does one turn of a processor's loop: its poll functions, then its DPC.  Returns the number of
 * packets it moved.  processor: one of the adapter's.
 */
VMMQ_API unsigned vmmq_processor_poll(struct vmmq_adapter *adapter, struct vmmq_processor processor);

/*
 * vmmq_processors_run runs count processors on the calling thread, sleeping as moderation says, until
 * vmmq_adapter_stop().  RESOURCES: memory, before anything has run.
 */
VMMQ_API vmmq_status vmmq_processors_run(struct vmmq_adapter *adapter, const struct vmmq_processor processor[],
					 unsigned count);
VMMQ_API void vmmq_adapter_stop(struct vmmq_adapter *adapter);

/*
 * Something that a processor polls at the start of each turn, typically a device queue that feeds a source.
 * poll returns how many packets it moved.  What lets the processor sleep (moderation interrupt or adaptive):
 * fd: readable when there may be something to poll; -1: none, and then the processor naps at most nap_ns at a time, or, with
 * nap_ns 0, stays awake.  The fd is watched only; emptying it is the business of poll or arm.
 * arm (may be NULL): arm(context, true) before the processor sleeps or naps; true: there may be something to poll already.
 * Then everything is polled once more as it is armed, and where that finds nothing armed again: who still says true keeps
 * the processor awake.  arm(context, false) when it is awake again, whatever arm(true) returned.
 * All three run on the processor's thread.
 */
typedef unsigned vmmq_poll_fn(void *context);
struct vmmq_poll {
	vmmq_poll_fn *poll;
	void *context; /* names this poll: one processor polls one context once */
	bool (*arm)(void *context, bool armed);
	int fd;
	uint32_t nap_ns;
};
/*
 * vmmq_processor_add_poll, vmmq_processor_remove_poll: at any time, also while the processor runs or sleeps.  After the
 * latter has returned the poll is not, and will not be, called on that processor; a context it does not poll is no
 * error.  INVALID_PARAMETER: it polls that context already.  RESOURCES: memory.  Not from inside a poll; nor where
 * vmmq_processor_call() may not be called.
 */
VMMQ_API vmmq_status vmmq_processor_add_poll(struct vmmq_adapter *adapter, struct vmmq_processor processor,
					     const struct vmmq_poll *poll);
VMMQ_API void vmmq_processor_remove_poll(struct vmmq_adapter *adapter, struct vmmq_processor processor,
					 const void *context);

/*
 * vmmq_processor_call runs function(argument) on the processor, between two of its turns, and returns when that is done: the
 * message by which others act on a processor.  Called on the processor itself (from an indication, a completion, a poll)
 * it runs at once.  A processor that nobody runs at the moment is stood in for by the caller.  A processor that waits in a
 * call to another one runs those to itself meanwhile.  Any thread, but not from inside a drop or transmit function, and
 * not between vmmq_adapter_edit_begin() and _end().
 */
VMMQ_API void vmmq_processor_call(struct vmmq_adapter *adapter, struct vmmq_processor processor,
				  void (*function)(void *argument), void *argument);

/*
 * vmmq_adapter_move is vmmq_rss_move() (vmmq/request.h) on a running adapter: commands on behalf of processor actor,
 * effective when it returns: every packet that a source looks at from then on is steered by the new entries, under the
 * ordering promise.  Callable on a processor from inside an indication or a completion: it never sleeps and never waits for a
 * processor, only for bursts that sources are in the middle of and for another such call.  Elsewhere it goes to the
 * actor by vmmq_processor_call().
 * More reasons for a command's RESOURCES: the target is so far behind that its inboxes have no room for another gate.
 * Returns SUCCESS, or PENDING when memory was short for a gate: then some source still steers by the old entries and
 * follows by itself.
 * It takes part in no group: whoever edits the switch on another thread meanwhile, or reads it, brackets that, up to and
 * with vmmq_adapter_apply(), by vmmq_adapter_edit_begin() and _end(), which exclude moves and must be as short.  Brackets
 * nest.  While vmmq_adapter_apply(), vmmq_vport_quiesce() or vmmq_source_destroy() waits for others inside them, they
 * are open.
 */
VMMQ_API vmmq_status vmmq_adapter_move(struct vmmq_adapter *adapter, struct vmmq_processor actor,
				       struct vmmq_rss_move *move, size_t count, struct vmmq_why *why);
VMMQ_API void vmmq_adapter_edit_begin(struct vmmq_adapter *adapter);
VMMQ_API void vmmq_adapter_edit_end(struct vmmq_adapter *adapter);

/*
 * vmmq_return_packets gives indicated packets back, in any order, from any thread, and frees them.
 * vmmq_take_packets gives back the claim only: from then on the mbufs are the consumer's for good, to be freed by
 * whoever gets them (a device's transmit queue).  Not for packets of an indication with VMMQ_INDICATE_RESOURCES.
 */
VMMQ_API void vmmq_return_packets(struct vmmq_adapter *adapter, struct rte_mbuf *const packet[], unsigned count);
VMMQ_API void vmmq_take_packets(struct vmmq_adapter *adapter, struct rte_mbuf *const packet[], unsigned count);

/* vmmq_adapter_idle tells whether all that was received is indicated and all buffers that came back are completed. */
VMMQ_API bool vmmq_adapter_idle(const struct vmmq_adapter *adapter);

/*
 * Counters of one VPort on one processor, or summed.  They only grow; any thread may read them at any time (drops and
 * received: not while sources are created or destroyed), each one exact,
 * all of them consistent once the adapter is idle: received = indicated + sum of dropped.
 */
struct vmmq_vport_counters {
	uint64_t packets;
	uint64_t bytes;
	uint64_t indications;
	uint64_t hashed[VMMQ_HASH_TYPE_COUNT]; /* in the order of VMMQ_HASH_TYPES */
	uint64_t via[VMMQ_VIA_COUNT];
	uint64_t entry[VMMQ_TABLE_ENTRIES_MAX];
};
/* vmmq_vport_counters_read adds what the VPort has on processor (NULL: on all of them) to *sum. */
VMMQ_API void vmmq_vport_counters_read(const struct vmmq_adapter *adapter, struct vmmq_vport_id vport,
				       const struct vmmq_processor *processor, struct vmmq_vport_counters *sum);
/* vmmq_vport_drops_read adds the VPort's drops by reason to sum; a runt has no VPort and counts for VPort 0. */
VMMQ_API void vmmq_vport_drops_read(const struct vmmq_adapter *adapter, struct vmmq_vport_id vport,
				    uint64_t sum[VMMQ_DROP_COUNT]);
/* vmmq_received_read returns the packets that vmmq_receive() took, over all sources. */
VMMQ_API uint64_t vmmq_received_read(const struct vmmq_adapter *adapter);

/* Counters of one processor. */
struct vmmq_processor_counters {
	uint64_t dpcs; /* turns that indicated something */
	uint64_t packets;
	uint64_t interrupts;       /* times it slept and was woken */
	uint64_t interrupts_saved; /* packets handed over while it was awake */
	uint64_t gates;            /* gates passed */
	uint64_t gate_waits;       /* turns in which a closed gate stopped an inbox */
	uint64_t inbox_high;       /* most packets seen waiting in one of its inboxes */
	uint64_t completions;      /* sends completed here */
	uint64_t turns;            /* of the loop: a processor whose turns stand still has stopped polling */
	uint64_t busy_ns;          /* spent in turns that moved something, by the TSC, what preempted them included */
	uint64_t asleep_ns;        /* spent asleep; the rest of the time it looked for work in vain */
};
VMMQ_API void vmmq_processor_counters_read(const struct vmmq_adapter *adapter, struct vmmq_processor processor,
					   struct vmmq_processor_counters *counters);

/* What stands beside an indicated packet (spec 8). */
struct vmmq_oob {
	struct vmmq_vport_id vport;
	uint32_t hash;
	uint32_t hash_type;     /* 0: not hashed */
	uint32_t hash_function; /* 0: not hashed */
	uint16_t entry;         /* VMMQ_NO_ENTRY: not by the table */
	uint16_t tci;           /* of the stripped tag */
	bool stripped;
	enum vmmq_via via;
};
VMMQ_API void vmmq_oob_get(const struct rte_mbuf *packet, struct vmmq_oob *oob);
/*
 * vmmq_oob_set_hash says what hash a packet to be sent comes with: type and function bits, or function 0 for none (spec
 * 9: present if and only if the function bits are not zero).  A fresh mbuf must be told one or the other.
 */
VMMQ_API void vmmq_oob_set_hash(struct rte_mbuf *packet, uint32_t hash, uint32_t hash_information);

#ifdef __cplusplus
}
#endif
#endif
