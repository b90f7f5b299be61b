/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Send: senders give packets of a VPort, to another VPort or to the uplink; the completion comes on the processor that the
 * VPort's table names.
 * Rules: spec section 9.  What is meant by threads: vmmq/adapter.h.
 */
#ifndef VMMQ_SEND_H
#define VMMQ_SEND_H

#include <stdbool.h>
#include <vmmq/status.h>
#include <vmmq/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rte_mbuf;
struct rte_mempool;
struct vmmq_adapter;
struct vmmq_sender;
struct vmmq_source;

/*
 * The uplink's transmit function: as rte_eth_tx_burst(), it takes packets from the front, frees each when the device has
 * finished with it, and returns how many it took.  The device must not be set up for RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE, which
 * bypasses the callback that completions hang on.
 * Threads: called on the sender's.
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
/* What completes on a processor in a turn, 64 sends at a time at most, of whatever senders. */
struct vmmq_completion {
	struct vmmq_processor processor;
	unsigned count;
	const struct vmmq_send_complete *send;
};
/* Threads: called on the processor's; in vmmq_adapter_destroy() on that one. */
typedef void vmmq_complete_fn(void *context, const struct vmmq_completion *completion);

/*
 * vmmq_sender_create adds a transmit queue.  in_flight_max: sends that may be incomplete at once [1024].
 * INVALID_PARAMETER: the adapter was made without what sending needs.  RESOURCES: memory.
 * Threads: control.
 */
VMMQ_API vmmq_status vmmq_sender_create(struct vmmq_adapter *adapter, uint32_t in_flight_max,
					struct vmmq_sender **sender, struct vmmq_why *why);

/*
 * vmmq_sender_create_on does not give the sender a source of its own, to which belongs an inbox at every processor: its packets to
 * other VPorts go through one that others use, too.  Meant for senders that one thread serves, for they wait for each other: a
 * source for each thread instead of one for each transmit queue.  A processor takes from such a source's inbox, each
 * turn, as many packets as it would take from its senders' own ones; see vmmq_source_create_sized() for their room.
 * The source must be in DROP mode (else INVALID_PARAMETER) and outlive its senders.
 * Threads: control.
 */
VMMQ_API vmmq_status vmmq_sender_create_on(struct vmmq_source *source, uint32_t in_flight_max,
					   struct vmmq_sender **sender, struct vmmq_why *why);

/*
 * vmmq_sender_join has the sender go on through another source of its adapter, in DROP mode, for instance because another
 * thread serves it from now on.  false: it still uses the one before, for packets that it sent are not all indicated yet, and would
 * be overtaken.  A sender that rests gets there in a few turns of the processors; one that goes on sending may never.
 * For senders that vmmq_sender_create_on() made.
 * Threads: the sender's.
 */
VMMQ_API bool vmmq_sender_join(struct vmmq_sender *sender, struct vmmq_source *source);

/*
 * vmmq_sender_destroy completes what the uplink has not taken (FAILURE), waits until everything else is complete, which
 * needs the device and the processors to run, and frees the sender.  On an adapter that is stopping it does not wait:
 * vmmq_adapter_destroy() delivers what is left.  NULL is legal.
 * Threads: control, while no thread is in vmmq_send() on it.
 */
VMMQ_API void vmmq_sender_destroy(struct vmmq_sender *sender);

/*
 * vmmq_send transmits count packets of one VPort, in order.  A packet whose destination a filter of another VPort matches
 * is copied there through the receive path; any other goes to the uplink without a copy.  An unknown VPort id counts as
 * VPort 0 (spec 9).  The hash that comes with a packet, set by vmmq_oob_set_hash(), names the processor of its completion;
 * it is used as given.  A tag that is to be put in (RTE_MBUF_F_TX_VLAN, vlan_tci; RTE_MBUF_F_TX_QINQ, vlan_tci_outer as well)
 * counts as if it stood in the frame, outside of all that does: a copy has it in its OOB or in its frame, as a received one;
 * the uplink gets it as it is, and its device has to put it in (RTE_ETH_TX_OFFLOAD_VLAN_INSERT).
 * Returns how many packets it took, from the front; each of them is completed exactly once and is not the caller's until
 * then.  Fewer than count: the uplink or the sends in flight are full; with count 0 it only
 * offers the uplink what that did not take before.
 * Threads: the sender's.
 */
VMMQ_API unsigned vmmq_send(struct vmmq_sender *sender, struct vmmq_vport_id vport, struct rte_mbuf *const packet[],
			    unsigned count);

/*
 * vmmq_transfer is vmmq_send(), but a packet that goes to another VPort is given away: it is not copied, what is indicated is
 * the packet itself, and who returns it frees it.  Its send is complete at once, counted on the processor that the
 * table names (vmmq_processor_counters: completions), and the completion function is not called for it.  Where it finds no
 * room it is dropped, counted as such, and freed.  All else is as with vmmq_send(), completions included: a packet to the
 * uplink, one that somebody else holds too (reference count above 1; it is copied), and any on an adapter that is stopping.
 * Threads: the sender's.
 */
VMMQ_API unsigned vmmq_transfer(struct vmmq_sender *sender, struct vmmq_vport_id vport,
				struct rte_mbuf *const packet[], unsigned count);

/*
 * vmmq_give is vmmq_transfer(), but a packet to the uplink is given away as well: the device gets the packet itself, and who finishes with it frees it; nobody is told
 * when.  What the uplink has not taken when the sender is destroyed is freed.
 * Threads: the sender's.
 */
VMMQ_API unsigned vmmq_give(struct vmmq_sender *sender, struct vmmq_vport_id vport, struct rte_mbuf *const packet[],
			    unsigned count);

/*
 * Bytes of a packet that is transferred may be lent to it: valid on this thread, until the processor's turn ends that it is in.  Such a packet
 * has several segments, all that is classified lies in the first, and who lent the rest sees to it that no packet has it any more when
 * the turn ends (vmmq_poll.end).  Before a packet of several segments goes where that does not hold, to another processor or to the uplink,
 * keep makes all of it its own; false: no buffers, and it is dropped (no_buffer), or its send is complete with RESOURCES.  For another processor hand is
 * called instead, where there is one: it may leave the packet as it is, if the consumer knows what to do with what is lent when the packet is indicated to it; packets
 * that nobody is indicated are freed.
 * Threads: the sender's.
 */
typedef bool vmmq_keep_fn(void *context, struct rte_mbuf *packet);

/*
 * vmmq_oob_set_hash says what hash a packet to be sent comes with: type and function bits, or function 0 for none (spec
 * 9: present if and only if the function bits are not zero).  A fresh mbuf must be told one or the other.
 * Threads: whoever has the packet.
 */
VMMQ_API void vmmq_oob_set_hash(struct rte_mbuf *packet, uint32_t hash, uint32_t hash_information);

#ifdef __cplusplus
}
#endif
#endif
