/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames for a guest: out of buffers of ours, into its memory. */
#include "ports/vhost_user.h"

#include <rte_mbuf.h>
#include <rte_memcpy.h>

#include "base/cache_line.h"
#include "virtio/virtio_cursor.h"
#include "virtio/virtio_header.h"

#define CHAINS_MAX 256u /* a burst's: 8 buffers for each frame, or all of them for one */

/*
 * Buffers of the guest's that frames are to go into: chains of them, several for a frame if they are mergeable.  used, pieces_used: how many
 * of these frames have already.
 */
struct room {
	unsigned frames, chains, pieces, used, pieces_used;
	enum virtio_taken end;            /* why there are no more */
	uint16_t merged[VHOST_BURST_MAX]; /* chains, by frame */
	struct virtio_chain chain[CHAINS_MAX];
	struct virtio_piece piece[VHOST_PIECES_MAX];
};

/* room_take takes so many chains more, as far as there are any. */
static void room_take(struct vhost_ring *ring, struct room *room, unsigned count)
{
	struct virtio_chain *chain = &room->chain[room->chains];
	unsigned n = virtio_ring_take(&ring->is, chain, count, &room->piece[room->pieces],
				      VHOST_PIECES_MAX - room->pieces, &room->end);

	for (unsigned i = 0; i < n; room->pieces += chain[i++].pieces) {
		const struct virtio_piece *piece = &room->piece[room->pieces];

		if (!chain[i].pieces)
			continue;
		cache_prefetch_write(piece->at); /* the header, and mostly what is behind it in the next line */
		cache_prefetch_write(piece->at + CACHE_LINE);
	}
	room->chains += n;
}

/* room_for_frame finds buffers for a frame of so many bytes with its header; false: there are not enough. */
static bool room_for_frame(const struct vhost_port *vhost, struct vhost_ring *ring, struct room *room, uint64_t bytes)
{
	unsigned used = room->used, pieces = room->pieces_used;
	uint64_t there = 0;

	do {
		if (used == room->chains && room->end == VIRTIO_TAKEN && used < CHAINS_MAX)
			room_take(ring, room, 1);
		if (used == room->chains)
			return false;
		there += room->chain[used].bytes;
		pieces += room->chain[used++].pieces;
	} while (there < bytes && vhost->mergeable);
	if (there < bytes)
		return false;
	room->merged[room->frames++] = (uint16_t)(used - room->used);
	room->used = used;
	room->pieces_used = pieces;
	return true;
}

/* room_make finds buffers for as many of the packets as there are some for, and gives back those that none has. */
static void room_make(const struct vhost_port *vhost, struct vhost_ring *ring, struct room *room,
		      struct rte_mbuf *const packet[], unsigned count)
{
	room->frames = room->chains = room->pieces = room->used = room->pieces_used = 0;
	room_take(ring, room, count);
	while (room->frames < count &&
	       room_for_frame(vhost, ring, room, vhost->header_len + packet[room->frames]->pkt_len))
		;
	virtio_ring_untake(&ring->is, &room->chain[room->used], room->chains - room->used);
	if (room->end == VIRTIO_BROKEN)
		vhost_ring_is_broken(ring);
}

static void frame_write(struct virtio_cursor *cursor, const struct rte_mbuf *packet)
{
	if (packet->nb_segs == 1 && cursor->piece->len - cursor->done >= packet->data_len) {
		rte_memcpy(cursor->piece->at + cursor->done, rte_pktmbuf_mtod(packet, const void *),
			   packet->data_len);
		return;
	}
	for (; packet; packet = packet->next)
		virtio_cursor_write(cursor, rte_pktmbuf_mtod(packet, const void *), packet->data_len);
}

/* chains_fill says how much was written to each of a frame's chains, and to the log where. */
static void chains_fill(const struct vhost_ring *ring, struct virtio_chain *chain, unsigned count,
			const struct virtio_piece *piece, uint64_t bytes)
{
	for (unsigned i = 0; i < count; i++) {
		uint64_t here = chain[i].bytes < bytes ? chain[i].bytes : bytes, left = here;

		chain[i].written = (uint32_t)here;
		bytes -= here;
		for (unsigned k = 0; k < chain[i].pieces && ring->is.made.log_write; k++) {
			uint64_t len = piece[k].len < left ? piece[k].len : left;

			virtio_ring_wrote(&ring->is, piece[k].at, len);
			left -= len;
		}
		piece += chain[i].pieces;
	}
}

/* header_report tells of the hash that the packet comes with: ethdev_hash_set(). */
static void header_report(struct virtio_net_hdr_v1_hash *header, const struct rte_mbuf *packet)
{
	header->hash_report = virtio_header_hash_type(packet->hash.fdir.hi);
	header->hash_value = header->hash_report ? packet->hash.rss : 0;
}

/*
 * frame_fill_plain: one segment into one piece, of a guest that agreed to no more than the header of virtio 1.0, with nothing for it to do and
 * nobody to log to: most are so.  false: nothing was written.
 */
static inline bool frame_fill_plain(const struct vhost_port *vhost, const struct vhost_ring *ring,
				    struct virtio_chain *chain, const struct virtio_piece *piece,
				    const struct rte_mbuf *packet)
{
	static const struct virtio_net_hdr_v1 header = { .num_buffers = 1 };

	if (chain->pieces != 1 || packet->nb_segs != 1 || vhost->header_len != sizeof(header) ||
	    packet->ol_flags & RTE_MBUF_F_TX_L4_MASK || ring->is.made.log_write)
		return false;
	memcpy(piece->at, &header, sizeof(header));
	rte_memcpy(piece->at + sizeof(header), rte_pktmbuf_mtod(packet, const void *), packet->data_len);
	chain->written = (uint32_t)sizeof(header) + packet->data_len;
	return true;
}

static void frame_fill(const struct vhost_port *vhost, const struct vhost_ring *ring, struct virtio_chain *chain,
		       unsigned chains, const struct virtio_piece *piece, const struct rte_mbuf *packet)
{
	struct virtio_net_hdr_v1_hash header = { .hdr.num_buffers = (uint16_t)chains };
	struct virtio_cursor cursor = { piece, 0 };

	if (vhost->hash_report)
		header_report(&header, packet);
	if (packet->ol_flags & RTE_MBUF_F_TX_L4_MASK)
		vhost_offload_write(packet, &header.hdr);
	virtio_header_write(&cursor, &header, vhost->header_len);
	frame_write(&cursor, packet);
	chains_fill(ring, chain, chains, piece, vhost->header_len + packet->pkt_len);
}

static void room_fill(const struct vhost_port *vhost, const struct vhost_ring *ring, struct room *room,
		      struct rte_mbuf *const packet[])
{
	const struct virtio_piece *piece = room->piece;
	struct virtio_chain *chain = room->chain;

	for (unsigned i = 0; i < room->frames; i++) {
		if (room->merged[i] != 1 || !frame_fill_plain(vhost, ring, chain, piece, packet[i]))
			frame_fill(vhost, ring, chain, room->merged[i], piece, packet[i]);
		for (unsigned k = 0; k < room->merged[i]; k++)
			piece += chain++->pieces;
	}
}

/* ring_transmit: the packets that it has copied are still the caller's. */
static unsigned ring_transmit(const struct vhost_port *vhost, struct vhost_ring *ring,
			      struct rte_mbuf *const packet[], unsigned count)
{
	struct room room;

	room_make(vhost, ring, &room, packet, count < VHOST_BURST_MAX ? count : VHOST_BURST_MAX);
	room_fill(vhost, ring, &room, packet);
	virtio_ring_put(&ring->is, room.chain, room.used);
	return room.frames;
}

/* rings_transmit: of frames that take many of the guest's buffers few go at once. */
static unsigned rings_transmit(const struct vhost_port *vhost, struct vhost_ring *ring,
			       struct rte_mbuf *const packet[], unsigned count)
{
	unsigned n = 0, now;

	do {
		now = ring_transmit(vhost, ring, packet + n, count - n);
		n += now;
	} while (now && n < count);
	return n;
}

unsigned vhost_transmit(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count)
{
	struct vhost_port *vhost = port->vhost;
	struct vhost_ring *ring = &vhost->ring[2 * queue];
	unsigned n = vhost->by_library ? vhost_burst_transmit(port, queue, packet, count)
				       : rings_transmit(vhost, ring, packet, count);

	if (!n)
		return 0;
	vhost_count(&port->tx[queue], packet, n);
	rte_pktmbuf_free_bulk(packet, n);
	if (!vhost->by_library) {
		virtio_ring_prefetch(&ring->is,
				     VHOST_BURST_MAX); /* for the next burst: guests have buffers ready long before */
		if (atomic_load_explicit(&vhost->moderation, memory_order_relaxed))
			vhost_ring_put_off(ring, n);
		else
			vhost_ring_call(ring);
	}
	return n;
}
