/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The adapter: packets in from sources, indications out on the processors that the VPorts' tables name, every
 * change of the NIC switch under the ordering promise (docs/architecture.md): packets of one flow are indicated in the
 * order in which they were received, and no change drops a packet.  This header has its life; by subject there are
 *   vmmq/receive.h     sources, indications, what stands beside a packet, giving packets back
 *   vmmq/send.h        senders and completions
 *   vmmq/processor.h   turns, threads that run processors, polls, calls
 *   vmmq/change.h      changes taking effect: apply, move, edit, quiesce
 *   vmmq/counters.h    counters
 * all of which it includes.
 *
 * Packets are DPDK mbufs; DPDK's EAL must be initialised.  No global state: any number of adapters live in one process.
 *
 * Each function states its threads:
 *   control          one thread at a time for all such functions of an adapter
 *   the source's     one thread at a time per source; likewise the sender's
 *   the processor's  one thread at a time per processor
 *   any              any thread at any time
 */
#ifndef VMMQ_ADAPTER_H
#define VMMQ_ADAPTER_H

#include <vmmq/change.h>
#include <vmmq/counters.h>
#include <vmmq/nic_switch.h>
#include <vmmq/processor.h>
#include <vmmq/receive.h>
#include <vmmq/send.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What an adapter is made with.  Zero means the default in brackets.
 * nic_switch: its processors, at most 65534, are those the adapter will ever run; the RSS processor set to begin with.
 * inbox_size: packets, a power of two from 128 to 1048576 [2048]: of one (source, processor) pair.
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
	vmmq_keep_fn *keep; /* may be NULL */
	vmmq_keep_fn *hand; /* may be NULL */
	vmmq_transmit_fn *transmit;
	vmmq_complete_fn *complete;
	struct rte_mempool *pool;
	struct rte_mempool *transmit_pool;
	void *context; /* of all functions */
};

/*
 * vmmq_adapter_create makes an adapter.  INVALID_PARAMETER (as vmmq_nic_switch_create(), too many processors, inbox_size, no
 * indicate), RESOURCES.
 * Threads: any; it is the control thread's from then on.
 */
VMMQ_API vmmq_status vmmq_adapter_create(const struct vmmq_adapter_params *params, struct vmmq_adapter **adapter,
					 struct vmmq_why *why);

/*
 * vmmq_adapter_destroy: no thread may be in any call on the adapter any more, and the uplink has freed all it took.  What is
 * left to be completed is completed.  Packets still in inboxes are freed and nobody is told: no counter can be read any more.
 * Who must account for all of them waits for vmmq_adapter_idle() first.  NULL is legal.
 * Threads: control.
 */
VMMQ_API void vmmq_adapter_destroy(struct vmmq_adapter *adapter);

/*
 * vmmq_adapter_stop makes vmmq_processors_run() return on all threads.  There is no way back: what comes later is for taking
 * the adapter apart.
 * Threads: any.
 */
VMMQ_API void vmmq_adapter_stop(struct vmmq_adapter *adapter);

/*
 * vmmq_adapter_switch returns the NIC switch.  Its operations change the model; vmmq_adapter_apply() makes the data path
 * follow.  Any number of operations and groups may precede one apply: they take effect in their order.
 * Threads: any; the switch itself is the control thread's (vmmq/nic_switch.h).
 */
VMMQ_API struct vmmq_nic_switch *vmmq_adapter_switch(struct vmmq_adapter *adapter);

#ifdef __cplusplus
}
#endif
#endif
