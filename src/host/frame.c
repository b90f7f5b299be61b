/* SPDX-License-Identifier: BSD-2-Clause */
#include "host/frame.h"

#include <rte_byteorder.h>
#include <rte_mbuf.h>
#include <string.h>

#include "engine/frame_tag.h"

#define TAG_OFFSET 12u

static uint16_t frame_be16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void frame_put_be16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

bool frame_read(const struct rte_mbuf *packet, struct frame *frame)
{
	uint8_t scratch[FRAME_HEADER_LEN + FRAME_TAG_LEN];
	uint32_t len = rte_pktmbuf_pkt_len(packet);
	const uint8_t *at;

	if (len < FRAME_HEADER_LEN)
		return false;
	at = rte_pktmbuf_read(packet, 0, len < sizeof(scratch) ? len : sizeof(scratch), scratch);
	memcpy(frame->destination, at, VMMQ_MAC_LEN);
	memcpy(frame->source, at + VMMQ_MAC_LEN, VMMQ_MAC_LEN);
	frame->type = frame_be16(at + TAG_OFFSET);
	frame->tagged = ethertype_is_tag(frame->type);
	frame->tci = frame->inner = 0;
	if (!frame->tagged)
		return true;
	if (len < sizeof(scratch))
		return false;
	frame->tci = frame_be16(at + TAG_OFFSET + 2);
	frame->inner = frame_be16(at + TAG_OFFSET + FRAME_TAG_LEN);
	return true;
}

/* frame_is_writable tells whether the first len bytes lie in one piece that belongs to this packet alone. */
static bool frame_is_writable(const struct rte_mbuf *packet, uint16_t len)
{
	if (rte_pktmbuf_data_len(packet) < len || RTE_MBUF_CLONED(packet) || rte_mbuf_refcnt_read(packet) != 1)
		return false;
	return !RTE_MBUF_HAS_EXTBUF(packet) || rte_mbuf_ext_refcnt_read(packet->shinfo) == 1;
}

/* frame_own returns the packet, or a copy that may be written to in its place; NULL: no buffer, and the packet is gone. */
static struct rte_mbuf *frame_own(struct rte_mbuf *packet, struct rte_mempool *pool, uint16_t len, uint16_t room)
{
	struct rte_mbuf *copy;

	if (frame_is_writable(packet, len) && rte_pktmbuf_headroom(packet) >= room)
		return packet;
	copy = rte_pktmbuf_copy(packet, pool, 0, UINT32_MAX);
	rte_pktmbuf_free(packet);
	return copy;
}

struct rte_mbuf *frame_tag_put(struct rte_mbuf *packet, struct rte_mempool *pool, uint16_t type, uint16_t tci)
{
	uint8_t *frame;
	uint32_t tag;

	packet = frame_own(packet, pool, TAG_OFFSET, FRAME_TAG_LEN);
	if (!packet)
		return NULL;
	frame = (uint8_t *)rte_pktmbuf_prepend(packet, FRAME_TAG_LEN);
	if (!frame) {
		rte_pktmbuf_free(packet); /* pool has buffers without headroom */
		return NULL;
	}
	memmove(frame, frame + FRAME_TAG_LEN, TAG_OFFSET);
	tag = rte_cpu_to_be_32((uint32_t)type << 16 | tci);
	memcpy(frame + TAG_OFFSET, &tag, sizeof(tag));
	return packet;
}

struct rte_mbuf *frame_tag_insert(struct rte_mbuf *packet, struct rte_mempool *pool, uint16_t tci)
{
	return frame_tag_put(packet, pool, ETHERTYPE_DOT1Q, tci);
}

struct rte_mbuf *frame_tag_remove(struct rte_mbuf *packet, struct rte_mempool *pool)
{
	uint8_t *frame;

	packet = frame_own(packet, pool, TAG_OFFSET + FRAME_TAG_LEN, 0);
	if (!packet)
		return NULL;
	frame = rte_pktmbuf_mtod(packet, uint8_t *);
	memmove(frame + FRAME_TAG_LEN, frame, TAG_OFFSET);
	rte_pktmbuf_adj(packet, FRAME_TAG_LEN);
	return packet;
}

struct rte_mbuf *frame_tag_set(struct rte_mbuf *packet, struct rte_mempool *pool, uint16_t tci)
{
	packet = frame_own(packet, pool, TAG_OFFSET + FRAME_TAG_LEN, 0);
	if (packet)
		frame_put_be16(rte_pktmbuf_mtod_offset(packet, uint8_t *, TAG_OFFSET + 2), tci);
	return packet;
}

struct rte_mbuf *frame_tags_restore(struct rte_mbuf *packet, struct rte_mempool *pool)
{
	struct vmmq_given_tag tag = tag_received(packet);

	if (!tag.count)
		return packet;
	if (rte_pktmbuf_pkt_len(packet) < FRAME_HEADER_LEN)
		return packet; /* nothing can be made of it */
	if (tag.count > 1)
		packet = frame_tag_insert(packet, pool, packet->vlan_tci);
	if (packet)
		packet = frame_tag_insert(packet, pool, tag.tci);
	if (packet)
		tags_forget(packet);
	return packet;
}
