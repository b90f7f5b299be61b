/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/strip_tag.h"

#include <rte_mbuf.h>
#include <string.h>

#include "core/wire_format.h"
#include "engine/adapter_state.h"

#define TAG_OFFSET (2 * VMMQ_MAC_LEN)

/* tag_strip: the two MACs move up over the tag. */
static void tag_strip(struct rte_mbuf *packet)
{
	uint8_t *frame = rte_pktmbuf_mtod(packet, uint8_t *);

	memmove(frame + TAG_LEN, frame, TAG_OFFSET);
	rte_pktmbuf_adj(packet, TAG_LEN);
}

/* tag_may_strip tells whether MACs and tag lie in one piece that belongs to this packet alone, not to a clone of it as well. */
static bool tag_may_strip(const struct rte_mbuf *packet)
{
	if (rte_pktmbuf_data_len(packet) < TAG_OFFSET + TAG_LEN || RTE_MBUF_CLONED(packet))
		return false;
	return rte_mbuf_refcnt_read(packet) == 1 &&
	       (!RTE_MBUF_HAS_EXTBUF(packet) || rte_mbuf_ext_refcnt_read(packet->shinfo) == 1);
}

static bool copy_pool_suits(struct rte_mempool *pool)
{
	return pool && rte_pktmbuf_data_room_size(pool) >= RTE_PKTMBUF_HEADROOM + TAG_OFFSET + TAG_LEN;
}

/* copy_pool_find returns where a copy of the packet may come from: its own pool, its data's, the adapter's; or NULL. */
static struct rte_mempool *copy_pool_find(const struct vmmq_adapter *adapter, struct rte_mbuf *packet)
{
	struct rte_mempool *of_data = RTE_MBUF_CLONED(packet) ? rte_mbuf_from_indirect(packet)->pool : NULL;

	if (copy_pool_suits(packet->pool))
		return packet->pool;
	if (copy_pool_suits(of_data))
		return of_data;
	return copy_pool_suits(adapter->params.pool) ? adapter->params.pool : NULL;
}

struct rte_mbuf *packet_strip(const struct vmmq_adapter *adapter, struct rte_mbuf *packet)
{
	struct rte_mempool *pool;
	struct rte_mbuf *own = packet;

	if (!tag_may_strip(packet)) {
		pool = copy_pool_find(adapter, packet);
		own = pool ? rte_pktmbuf_copy(packet, pool, 0, UINT32_MAX) : NULL;
		if (!own)
			return NULL;
		rte_pktmbuf_free(packet);
	}
	tag_strip(own);
	return own;
}
