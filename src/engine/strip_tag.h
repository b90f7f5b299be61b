/* SPDX-License-Identifier: BSD-2-Clause */
/* Taking the outermost tag out of a frame that the adapter may write to, or out of a copy. */
#ifndef VMMQ_ENGINE_STRIP_TAG_H
#define VMMQ_ENGINE_STRIP_TAG_H

struct rte_mbuf;
struct vmmq_adapter;

/*
 * packet_strip returns the packet without its outermost tag, or a copy without it where it must not be written to (the
 * packet is freed then); NULL: no buffer for a copy, and the packet is as it was.
 */
struct rte_mbuf *packet_strip(const struct vmmq_adapter *adapter, struct rte_mbuf *packet);

#endif
