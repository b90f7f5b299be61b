/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rte_pktmbuf_alloc_bulk() and rte_pktmbuf_free_bulk() for bursts of packets that are mostly of one segment, of one pool, and nobody else's: what they do for each packet is
 * a store or a comparison of the word that says so, as DPDK's drivers do it.  What a buffer has in a pool (rte_mbuf_raw_free()): one reference, one
 * segment, no next one, no buffer of others.
 */
#ifndef VMMQ_PORTS_MBUF_BULK_H
#define VMMQ_PORTS_MBUF_BULK_H

#include <rte_mbuf.h>

/* The word at rearm_data. */
union mbuf_begin {
	struct {
		uint16_t data_off, refcnt, nb_segs, port;
	};
	uint64_t word;
};

/* mbuf_bulk_alloc: packets are as rte_pktmbuf_alloc() gives them; false: there are not so many. */
static inline bool mbuf_bulk_alloc(struct rte_mempool *pool, struct rte_mbuf *packet[], unsigned count)
{
	const union mbuf_begin begin = {
		{ .data_off = RTE_PKTMBUF_HEADROOM, .refcnt = 1, .nb_segs = 1, .port = RTE_MBUF_PORT_INVALID }
	};

	if (rte_mempool_get_bulk(pool, (void **)packet, count))
		return false;
	for (unsigned i = 0; i < count; i++) {
		struct rte_mbuf *m = packet[i];

		memcpy(&m->rearm_data, &begin.word, sizeof(begin.word));
		m->ol_flags = 0;
		m->packet_type = 0;
		m->pkt_len = 0;
		m->data_len = 0;
		m->vlan_tci = 0;
		m->vlan_tci_outer = 0;
		m->tx_offload = 0;
	}
	return true;
}

/* mbuf_is_plain: it can go back to that pool as it is. */
static inline bool mbuf_is_plain(const struct rte_mbuf *m, const struct rte_mempool *pool)
{
	const union mbuf_begin mask = { { .refcnt = UINT16_MAX, .nb_segs = UINT16_MAX } },
			       plain = { { .refcnt = 1, .nb_segs = 1 } };
	uint64_t word;

	memcpy(&word, &m->rearm_data, sizeof(word));
	return (word & mask.word) == plain.word && m->pool == pool && RTE_MBUF_DIRECT(m);
}

static inline void mbuf_bulk_free(struct rte_mbuf *packet[], unsigned count)
{
	struct rte_mempool *pool = packet[0]->pool;
	unsigned n = 0;

	while (n < count && mbuf_is_plain(packet[n], pool))
		n++;
	rte_mempool_put_bulk(pool, (void **)packet, n);
	if (n < count)
		rte_pktmbuf_free_bulk(packet + n, count - n);
}

#endif
