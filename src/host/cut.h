/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's frame that is still to be cut into pieces, TCP segments or UDP datagrams, for receivers that take no such: a piece at a time, as
 * buffers and room for them come.
 * Threads: one at a time.
 */
#ifndef VMMQ_HOST_CUT_H
#define VMMQ_HOST_CUT_H

#include "ports/ethdev_offload.h"

/* packet: NULL: nothing is being cut. */
struct cut {
	struct rte_mbuf *packet;
	struct offload offload;
	uint32_t done;   /* bytes of what it carries */
	uint16_t number; /* of the next piece */
};

/* cut_begin takes the packet, which needs cutting (offload_needs()); false: its headers are none that can be cut, and it is the caller's still. */
bool cut_begin(struct cut *cut, struct rte_mbuf *packet);

/*
 * cut_next returns the next piece, complete with its checksums, in a buffer of the pool; after the last one packet is NULL.  NULL: there
 * is no buffer, or it is too small: the caller may ask again, or cut_end().
 */
struct rte_mbuf *cut_next(struct cut *cut, struct rte_mempool *pool);

/* cut_end frees what is left, if anything is. */
void cut_end(struct cut *cut);

#endif
