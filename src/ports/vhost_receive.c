/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames that a guest sends: out of its memory, into buffers of ours. */
#include "ports/vhost_user.h"

#include <rte_mbuf.h>
#include <rte_memcpy.h>
#include <rte_prefetch.h>

#include "base/cache_line.h"
#include "base/counter.h"
#include "virtio/virtio_cursor.h"
#include "virtio/virtio_header.h"

/* Chains that have been taken, and are to be given back. */
struct burst {
	unsigned chains, pieces;
	struct virtio_chain chain[VHOST_BURST_MAX];
	struct virtio_piece piece[VHOST_PIECES_MAX];
};

static void burst_take(struct vhost_ring *ring, struct burst *burst, unsigned count)
{
	enum virtio_taken taken = VIRTIO_TAKEN;

	burst->chains = burst->pieces = 0;
	while (burst->chains < count) {
		struct virtio_chain *chain = &burst->chain[burst->chains];
		struct virtio_piece *piece = &burst->piece[burst->pieces];

		taken = virtio_ring_take(&ring->is, chain, piece, VHOST_PIECES_MAX - burst->pieces);
		if (taken != VIRTIO_TAKEN)
			break;
		if (chain->pieces) { /* the header, and mostly what is behind it in the next line */
			rte_prefetch0(piece->at);
			rte_prefetch0(piece->at + CACHE_LINE);
		}
		burst->pieces += chain->pieces;
		burst->chains++;
	}
	if (taken == VIRTIO_BROKEN)
		vhost_ring_is_broken(ring);
}

/* frame_copy copies a chain's frame into a packet; false: it is none, or is longer than a buffer. */
static bool frame_copy(const struct vhost_port *vhost, const struct virtio_chain *chain,
		       const struct virtio_piece *piece, struct rte_mbuf *packet)
{
	struct virtio_cursor cursor = { piece, 0 };
	struct virtio_net_hdr_v1_hash header = { 0 };
	uint32_t len;

	if (chain->bytes <= vhost->header_len || chain->bytes - vhost->header_len > rte_pktmbuf_tailroom(packet))
		return false;
	len = (uint32_t)chain->bytes - vhost->header_len;
	virtio_header_read(&cursor, &header, vhost->header_len);
	packet->pkt_len = len;
	packet->data_len = (uint16_t)len;
	if (cursor.piece->len - cursor.done == len)
		rte_memcpy(rte_pktmbuf_mtod(packet, void *), cursor.piece->at + cursor.done, len);
	else
		virtio_cursor_read(&cursor, rte_pktmbuf_mtod(packet, void *), len);
	if (!(header.hdr.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return true;
	if (!virtio_header_checksum_fits(&header.hdr, len))
		return false;
	vhost_checksum_put(packet, header.hdr.csum_start, header.hdr.csum_offset);
	return true;
}

/* burst_copy returns how many of the packets it has made of the chains, and frees the others. */
static unsigned burst_copy(const struct vhost_port *vhost, struct vhost_ring *ring, const struct burst *burst,
			   struct rte_mbuf *packet[], unsigned count)
{
	const struct virtio_piece *piece = burst->piece;
	unsigned n = 0;

	for (unsigned i = 0; i < burst->chains; i++) {
		n += frame_copy(vhost, &burst->chain[i], piece, packet[n]);
		piece += burst->chain[i].pieces;
	}
	if (n < burst->chains)
		counter_add(&ring->lost, burst->chains - n);
	if (n < count)
		rte_pktmbuf_free_bulk(packet + n, count - n);
	return n;
}

static unsigned ring_receive(struct ethdev *port, struct vhost_ring *ring, struct rte_mbuf *packet[], unsigned count)
{
	struct burst burst;
	unsigned room, n;

	vhost_ring_call_due(ring);
	room = virtio_ring_prefetch(&ring->is, count < VHOST_BURST_MAX ? count : VHOST_BURST_MAX);
	if (!room || rte_pktmbuf_alloc_bulk(port->pool, packet, room))
		return 0; /* without buffers for them frames stay where they are */
	burst_take(ring, &burst, room);
	n = burst_copy(port->vhost, ring, &burst, packet, room);
	if (!burst.chains)
		return 0;
	virtio_ring_put(&ring->is, burst.chain, burst.chains);
	virtio_ring_prefetch(&ring->is, VHOST_BURST_MAX); /* for the next burst */
	ring->call_due = true;
	return n;
}

unsigned vhost_receive(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count)
{
	struct vhost_port *vhost = port->vhost;
	unsigned n = vhost->by_library ? vhost_burst_receive(port, queue, packet, count)
				       : ring_receive(port, &vhost->ring[2 * queue + 1], packet, count);

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
