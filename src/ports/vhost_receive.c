/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames that a guest sends: out of its memory, into buffers of ours, but for what is lent (vhost_lend.c). */
#include "ports/vhost_user.h"

#include <assert.h>
#include <rte_mbuf.h>
#include <rte_memcpy.h>
#include <rte_prefetch.h>

#include "base/cache_line.h"
#include "base/counter.h"
#include "ports/ethdev_offload.h"
#include "ports/mbuf_bulk.h"
#include "virtio/virtio_cursor.h"
#include "virtio/virtio_header.h"

#define FRAME_BUFFERS_MAX 64u /* beyond the first: 64 KiB in buffers of 2 KiB */
#define LENDS_NOT         UINT_MAX

/* Chains that have been taken, and are to be given back. */
struct burst {
	unsigned chains;
	struct virtio_chain chain[VHOST_BURST_MAX];
	struct virtio_piece piece[VHOST_PIECES_MAX];
};

static void burst_take(struct vhost_ring *ring, struct burst *burst, unsigned count)
{
	const struct virtio_piece *piece = burst->piece;
	enum virtio_taken end;

	burst->chains = virtio_ring_take(&ring->is, burst->chain, count, burst->piece, VHOST_PIECES_MAX, &end);
	for (unsigned i = 0; i < burst->chains; piece += burst->chain[i++].pieces) {
		if (!burst->chain[i].pieces)
			continue;
		rte_prefetch0(piece->at); /* the header, and mostly what is behind it in the next line */
		rte_prefetch0(piece->at + CACHE_LINE);
	}
	if (end == VIRTIO_BROKEN)
		vhost_ring_is_broken(ring);
}

/* pool_is_low: more than half of it is in use; what threads keep in their caches counts. */
static bool pool_is_low(const struct rte_mempool *pool)
{
	return rte_mempool_get_ops(pool->ops_index)->get_count(pool) < pool->size / 2;
}

struct rte_mbuf *vhost_buffers(struct rte_mempool *pool, uint32_t len)
{
	const uint32_t room = rte_pktmbuf_data_room_size(pool) - RTE_PKTMBUF_HEADROOM,
		       count = (len + room - 1) / room;
	struct rte_mbuf *buffer[FRAME_BUFFERS_MAX];

	if (count > FRAME_BUFFERS_MAX || (count > 1 && pool_is_low(pool)) ||
	    rte_pktmbuf_alloc_bulk(pool, buffer, count))
		return NULL;
	for (uint32_t i = 1; i < count; i++)
		buffer[i - 1]->next = buffer[i];
	buffer[0]->nb_segs = (uint16_t)count;
	return buffer[0];
}

/* frame_extend gives the packet as many buffers more as a frame of so many bytes takes; false: there are not enough. */
static bool frame_extend(struct rte_mempool *pool, struct rte_mbuf *packet, uint32_t len)
{
	struct rte_mbuf *more = vhost_buffers(pool, len - rte_pktmbuf_tailroom(packet));

	if (!more)
		return false;
	packet->next = more;
	packet->nb_segs = (uint16_t)(1 + more->nb_segs);
	return true;
}

/* frame_copy copies a frame into a packet with room for it. */
static void frame_copy(struct rte_mbuf *packet, struct virtio_cursor *cursor, uint32_t len)
{
	packet->pkt_len = len;
	if (packet->nb_segs == 1 && cursor->piece->len - cursor->done == len) {
		packet->data_len = (uint16_t)len;
		rte_memcpy(rte_pktmbuf_mtod(packet, void *), cursor->piece->at + cursor->done, len);
		return;
	}
	for (struct rte_mbuf *segment = packet; segment; segment = segment->next) {
		const uint32_t room = rte_pktmbuf_tailroom(segment), here = len < room ? len : room;

		segment->data_len = (uint16_t)here;
		virtio_cursor_read(cursor, rte_pktmbuf_mtod(segment, void *), here);
		len -= here;
	}
}

enum copied { COPIED, COPIED_NOT, COPIED_NO_BUFFERS };

/* frame_lend copies what anybody may judge of a frame, and has the packet lend the rest. */
static bool frame_lend(struct vhost_ring *ring, unsigned chain, struct virtio_cursor *cursor, struct rte_mbuf *packet,
		       uint32_t len)
{
	const struct virtio_cursor begin = *cursor;

	virtio_cursor_read(cursor, rte_pktmbuf_mtod(packet, void *), ETHDEV_JUDGED);
	packet->data_len = ETHDEV_JUDGED;
	packet->pkt_len = ETHDEV_JUDGED;
	if (vhost_lend(ring, chain, packet, cursor, len - ETHDEV_JUDGED))
		return true;
	*cursor = begin;
	return false;
}

/* frame_is_whole: nothing of it is left to us. */
static inline bool frame_is_whole(const struct virtio_net_hdr_v1 *header)
{
	return !(header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) && header->gso_type == VIRTIO_NET_HDR_GSO_NONE;
}

/*
 * frame_take_rest makes a packet of what follows a frame's header.  Of a frame that takes more than one buffer there must be buffers for all, also if it is
 * lent: it may have to be kept.
 */
RARE enum copied frame_take_rest(struct vhost_ring *ring, struct virtio_cursor cursor, uint32_t len,
				 const struct virtio_net_hdr_v1 *header, struct rte_mbuf *packet, unsigned lends)
{
	const struct vhost_port *vhost = ring->of;

	if (len > rte_pktmbuf_tailroom(packet)) {
		if (header->gso_type == VIRTIO_NET_HDR_GSO_NONE)
			return COPIED_NOT;
		if (pool_is_low(vhost->port->pool))
			return COPIED_NO_BUFFERS;
	}
	if (lends == LENDS_NOT || len < VHOST_LEND_MIN || !frame_lend(ring, lends, &cursor, packet, len)) {
		if (len > rte_pktmbuf_tailroom(packet) && !frame_extend(vhost->port->pool, packet, len))
			return COPIED_NO_BUFFERS;
		frame_copy(packet, &cursor, len);
	}
	if (frame_is_whole(header))
		return COPIED;
	return vhost_offload_read(vhost, packet, header) ? COPIED : COPIED_NOT;
}

/* frame_take_other: a frame of whatever length and pieces. */
RARE enum copied frame_take_other(struct vhost_ring *ring, const struct virtio_chain *chain,
				  const struct virtio_piece *piece, struct rte_mbuf *packet, unsigned lends)
{
	const uint32_t header_len = ring->of->header_len;
	struct virtio_cursor cursor = { piece, 0 };
	struct virtio_net_hdr_v1_hash header = { 0 };

	if (chain->bytes <= header_len || chain->bytes - header_len > ETHDEV_UNCUT_MAX)
		return COPIED_NOT;
	virtio_header_read(&cursor, &header, header_len);
	return frame_take_rest(ring, cursor, (uint32_t)chain->bytes - header_len, &header.hdr, packet, lends);
}

/*
 * frame_take makes a packet of a chain's frame; COPIED_NOT: it is none, or longer than any may be, or its header lies.  Most are short, in one piece, and with
 * nothing left to us.  lends: the chain's place in the burst; LENDS_NOT: nothing is to be lent.
 */
static inline enum copied frame_take(struct vhost_ring *ring, const struct virtio_chain *chain,
				     const struct virtio_piece *piece, struct rte_mbuf *packet, unsigned lends)
{
	const uint32_t len = piece->len - (uint32_t)sizeof(struct virtio_net_hdr_v1);
	struct virtio_net_hdr_v1 header;

	if (chain->pieces != 1 || len - 1 >= ring->of->short_max)
		return frame_take_other(ring, chain, piece, packet, lends);
	virtio_read(&header, piece->at, sizeof(header));
	if (!frame_is_whole(&header))
		return frame_take_rest(ring, (struct virtio_cursor){ piece, sizeof(header) }, len, &header, packet,
				       lends);
	packet->data_len = (uint16_t)len;
	packet->pkt_len = len;
	rte_memcpy(rte_pktmbuf_mtod(packet, void *), piece->at + sizeof(header), len);
	return COPIED;
}

/* packet_renew: a packet that was filled in vain is as it was allocated. */
static void packet_renew(struct rte_mbuf *packet)
{
	rte_pktmbuf_free(packet->next);
	rte_pktmbuf_reset(packet);
}

/*
 * burst_frames returns how many of the packets it has made of the chains, and frees the others.  Chains for which there are no buffers, and those
 * behind them, are given back.
 */
static unsigned burst_frames(struct vhost_ring *ring, struct burst *burst, struct rte_mbuf *packet[], unsigned count,
			     bool may_lend)
{
	const struct virtio_piece *piece = burst->piece;
	unsigned n = 0, i;

	for (i = 0; i < burst->chains; i++) {
		enum copied copied = frame_take(ring, &burst->chain[i], piece, packet[n], may_lend ? i : LENDS_NOT);

		if (copied == COPIED_NO_BUFFERS)
			break;
		if (copied == COPIED)
			n++;
		else
			packet_renew(packet[n]);
		piece += burst->chain[i].pieces;
	}
	virtio_ring_untake(&ring->is, &burst->chain[i], burst->chains - i);
	burst->chains = i;
	if (n < burst->chains)
		counter_add(&ring->lost, burst->chains - n);
	if (n < count)
		rte_pktmbuf_free_bulk(packet + n, count - n);
	return n;
}

static unsigned ring_receive(struct ethdev *port, struct vhost_ring *ring, struct rte_mbuf *packet[], unsigned count,
			     bool may_lend)
{
	struct burst burst;
	unsigned room, n;

	assert(!ring->lent->loans);
	if (ring->lent->in_line && !vhost_line_has_room(ring))
		return 0;
	vhost_ring_call_due(ring);
	room = virtio_ring_prefetch(&ring->is, count < VHOST_BURST_MAX ? count : VHOST_BURST_MAX);
	if (!room || !mbuf_bulk_alloc(port->pool, packet, room))
		return 0; /* without buffers for them frames stay where they are */
	burst_take(ring, &burst, room);
	n = burst_frames(ring, &burst, packet, room, may_lend);
	if (!burst.chains)
		return 0;
	if (!n)
		ring->lent->loans = 0; /* to frames that are gone */
	if (ring->lent->loans) {       /* these go back when none is lent any more: vhost_lent_settle() */
		memcpy(ring->lent->chain, burst.chain, burst.chains * sizeof(burst.chain[0]));
		ring->lent->chains = burst.chains;
		return n;
	}
	vhost_chains_put(ring, burst.chain, burst.chains);
	virtio_ring_prefetch(&ring->is, VHOST_BURST_MAX); /* for the next burst */
	return n;
}

unsigned vhost_receive(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count, bool may_lend)
{
	struct vhost_port *vhost = port->vhost;
	unsigned n = vhost->by_library ? vhost_burst_receive(port, queue, packet, count)
				       : ring_receive(port, &vhost->ring[2 * queue + 1], packet, count, may_lend);

	if (n)
		vhost_count(&port->rx[queue], packet, n);
	return n;
}

void vhost_notify(struct ethdev *port, uint16_t queue, bool wanted)
{
	struct vhost_ring *ring = &port->vhost->ring[2 * queue + 1];

	if (port->vhost->by_library) {
		vhost_burst_notify(port, queue, wanted);
		return;
	}
	vhost_ring_call_due(ring);
	virtio_ring_notify(&ring->is, wanted);
}
