/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Receive: sources bring packets, processors indicate them with their OOB, the consumer gives them back.
 * Rules: spec sections 5 and 8.  What is meant by threads: vmmq/adapter.h.
 */
#ifndef VMMQ_RECEIVE_H
#define VMMQ_RECEIVE_H

#include <vmmq/classify.h>
#include <vmmq/status.h>
#include <vmmq/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rte_mbuf;
struct vmmq_adapter;
struct vmmq_source;

/* The buffers are short: the consumer must not keep the packets of this indication (spec 5.3, 8.2). */
#define VMMQ_INDICATE_RESOURCES 0x1u

/*
 * The order of indications.  Between changes, packets of one source to one VPort on one processor are indicated in the order in which
 * they were received, unhashed ones included.  Across a change of any kind those of one flow are; packets of an entry, or of a
 * default or primary processor, that has moved may be held for that, and are overtaken by others meanwhile; nothing else is.
 *
 * What a processor indicates: count packets of one VPort, in that order, OOB on each
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
/* Threads: called on the processor's. */
typedef void vmmq_indicate_fn(void *context, const struct vmmq_indication *indication);

/*
 * What becomes of a packet that is dropped: called before the adapter frees it.
 * Threads: called on the source's.
 */
typedef void vmmq_drop_fn(void *context, struct vmmq_vport_id vport, enum vmmq_drop reason, struct rte_mbuf *packet);

/* What vmmq_receive() does when a packet's inbox, or its VPort's share of it, is full. */
enum vmmq_source_mode {
	VMMQ_SOURCE_DROP, /* drop it, charged to its VPort */
	VMMQ_SOURCE_WAIT, /* stop there; the caller offers it and all behind it again */
};

/*
 * vmmq_source_create adds a source: a stream of packets whose flows no other source carries (an uplink receive queue, a
 * VPort's sender).  RESOURCES: memory.
 * Threads: control.
 */
VMMQ_API vmmq_status vmmq_source_create(struct vmmq_adapter *adapter, enum vmmq_source_mode mode,
					struct vmmq_source **source, struct vmmq_why *why);

/*
 * vmmq_source_create_sized is the same with inboxes of another size than the adapter's: packets, within its limits
 * (INVALID_PARAMETER); 0: as the adapter's.  For a source that many senders share (vmmq_sender_create_on()).
 */
VMMQ_API vmmq_status vmmq_source_create_sized(struct vmmq_adapter *adapter, enum vmmq_source_mode mode,
					      uint32_t inbox_size, struct vmmq_source **source, struct vmmq_why *why);

/*
 * vmmq_source_destroy waits until the packets the source has brought are indicated; needs the processors to run, unless the
 * adapter is stopping.
 * Threads: control, while no thread is in another call on the source; not from inside an indication.
 */
VMMQ_API void vmmq_source_destroy(struct vmmq_source *source);

/*
 * vmmq_source_device_hash tells what the device that fills a source hashes with: Toeplitz with key (VMMQ_KEY_LEN bytes,
 * wire order; NULL: nothing is known), over the types VMMQ_HASH_* as spec 6.3 selects them, put into hash.rss with
 * RTE_MBUF_F_RX_RSS_HASH.  Plain packets of VPorts with that very key and those very types are then not hashed again; see
 * vmmq_classify_burst_given() for what is plain.  From the next burst on; while a VPort's parameters change too.  Of the
 * hashes that are taken every 1,024th is computed as well, and where the two differ the device hashes in another way than it says:
 * from then on none of that source is taken, until it is told anew.
 * vmmq_source_hash_mismatches returns how often that has happened.
 * Threads: control; mismatches: any.
 */
VMMQ_API void vmmq_source_device_hash(struct vmmq_source *source, const uint8_t key[VMMQ_KEY_LEN],
				      uint32_t hash_types);
VMMQ_API uint64_t vmmq_source_hash_mismatches(const struct vmmq_source *source);

/*
 * vmmq_receive steers count packets.  Their headers are looked for in the first VMMQ_HEADERS_MAX bytes, over segments.
 * Returns how many it took, from the front: all of them in DROP mode.  Taken packets are the adapter's.  Their mbufs must be
 * the caller's alone; the data may be shared: a tag is then stripped from a copy, or the packet dropped (no_buffer).
 * A tag that the device took out (RTE_MBUF_F_RX_VLAN_STRIPPED, vlan_tci; RTE_MBUF_F_RX_QINQ_STRIPPED, vlan_tci_outer) counts as if it
 * stood in the frame, outside of all that does.  Where a filter strips it stays out, and is in the OOB; anywhere else it
 * is put back, as 802.1Q.  So what is indicated is the same whether a device strips or not.
 * Threads: the source's.
 */
#define VMMQ_HEADERS_MAX 384 /* bytes: more than the longest headers that vmmq_parse() understands */
VMMQ_API unsigned vmmq_receive(struct vmmq_source *source, struct rte_mbuf *packet[], unsigned count);

/*
 * vmmq_return_packets gives indicated packets back, in any order, and frees them.
 * vmmq_take_packets gives back the claim only: from then on the mbufs are the consumer's for good, to be freed by
 * whoever gets them (a device's transmit queue).  Not for packets of an indication with VMMQ_INDICATE_RESOURCES.
 * Threads: any.
 */
VMMQ_API void vmmq_return_packets(struct vmmq_adapter *adapter, struct rte_mbuf *const packet[], unsigned count);
VMMQ_API void vmmq_take_packets(struct vmmq_adapter *adapter, struct rte_mbuf *const packet[], unsigned count);

/* What stands beside an indicated packet (spec 8). */
struct vmmq_oob {
	struct vmmq_vport_id vport;
	uint32_t hash;
	uint32_t hash_type;     /* 0: not hashed */
	uint32_t hash_function; /* 0: not hashed */
	uint16_t entry;         /* VMMQ_NO_ENTRY: not by the table */
	uint16_t tci;           /* of the stripped tag */
	uint16_t tpid;          /* of it: 0x8100 or 0x88a8; 0x8100 where a device took it out; valid with stripped */
	bool stripped;
	bool inner; /* the hash is of headers inside a tunnel */
	enum vmmq_via via;
};
/* vmmq_oob_get reads it.  Threads: whoever has the packet. */
VMMQ_API void vmmq_oob_get(const struct rte_mbuf *packet, struct vmmq_oob *oob);

#ifdef __cplusplus
}
#endif
#endif
