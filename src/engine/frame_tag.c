/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/frame_tag.h"

#include <assert.h>
#include <string.h>

#include "core/bytes.h"
#include "core/wire_format.h"
#include "engine/adapter_state.h"

#define TAG_OFFSET (2 * VMMQ_MAC_LEN)

/* tag_strip: the two MACs move up over the tag; its type stays known (engine/oob.h). */
static void tag_strip(struct rte_mbuf *packet)
{
	uint8_t *frame = rte_pktmbuf_mtod(packet, uint8_t *);

	packet->vlan_tci_outer = load_be16(frame + TAG_OFFSET);
	memmove(frame + TAG_LEN, frame, TAG_OFFSET);
	rte_pktmbuf_adj(packet, TAG_LEN);
}

/* tags_insert puts 802.1Q tags between the MACs and what follows, the outermost first; there is headroom. */
static void tags_insert(struct rte_mbuf *packet, const uint16_t tci[], unsigned count)
{
	uint8_t *frame = (uint8_t *)rte_pktmbuf_prepend(packet, (uint16_t)(count * TAG_LEN));

	assert(frame);
	memmove(frame, frame + (size_t)count * TAG_LEN, TAG_OFFSET);
	for (unsigned i = 0; i < count; i++)
		memcpy(frame + TAG_OFFSET + (size_t)i * TAG_LEN,
		       (const uint8_t[]){ ETHERTYPE_DOT1Q >> 8, ETHERTYPE_DOT1Q & 0xff, (uint8_t)(tci[i] >> 8),
					  (uint8_t)tci[i] },
		       TAG_LEN);
}

/* packet_is_own tells whether its first len bytes lie in one piece that belongs to it alone, not to a clone of it as well. */
static bool packet_is_own(const struct rte_mbuf *packet, uint16_t len)
{
	if (rte_pktmbuf_data_len(packet) < len || RTE_MBUF_CLONED(packet))
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

/* packet_own returns the packet, or a copy in its place, with its first len bytes for us alone and so much headroom. */
static struct rte_mbuf *packet_own(const struct vmmq_adapter *adapter, struct rte_mbuf *packet, uint16_t len,
				   unsigned headroom)
{
	struct rte_mempool *pool;
	struct rte_mbuf *own;

	if (packet_is_own(packet, len) && rte_pktmbuf_headroom(packet) >= headroom)
		return packet;
	pool = copy_pool_find(adapter, packet);
	own = pool ? rte_pktmbuf_copy(packet, pool, 0, UINT32_MAX) : NULL;
	if (own)
		rte_pktmbuf_free(packet);
	return own;
}

static_assert(RTE_PKTMBUF_HEADROOM >= 2 * TAG_LEN, "a copy has room for two tags");

struct rte_mbuf *packet_settle_tags(const struct vmmq_adapter *adapter, struct rte_mbuf *packet, bool strip)
{
	struct vmmq_given_tag tag = tag_received(packet);
	uint16_t tci[2] = { tag.tci, packet->vlan_tci };
	unsigned first = strip ? 1 : 0; /* the outermost stays out */

	if (!tag.count) {
		packet = packet_own(adapter, packet, TAG_OFFSET + TAG_LEN, 0);
		if (packet)
			tag_strip(packet);
		return packet;
	}
	if (first < tag.count) {
		packet = packet_own(adapter, packet, TAG_OFFSET, (tag.count - first) * TAG_LEN);
		if (!packet)
			return NULL;
		tags_insert(packet, tci + first, tag.count - first);
	}
	packet->vlan_tci_outer = ETHERTYPE_DOT1Q;
	return packet;
}
