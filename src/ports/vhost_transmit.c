/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames for a guest: out of buffers of ours, into its memory. */
#include "ports/vhost_user.h"

#include <rte_mbuf.h>
#include <rte_memcpy.h>

#include "base/cache_line.h"
#include "ports/mbuf_bulk.h"
#include "virtio/virtio_cursor.h"
#include "virtio/virtio_header.h"

#define CHAINS_MAX 256u /* a burst's: 8 buffers for each frame, or all of them for one */

/*
 * Buffers of the guest's that frames are to go into: chains of them, several for a frame if they are mergeable.  used, pieces_used: how many
 * of these frames have already; plain: frames that frames_fill_plain() has written.
 */
struct room {
	unsigned frames, plain, chains, pieces, used, pieces_used;
	enum virtio_taken end;            /* why there are no more */
	uint16_t merged[VHOST_BURST_MAX]; /* chains, by frame */
	struct virtio_chain chain[CHAINS_MAX];
	struct virtio_piece piece[VHOST_PIECES_MAX];
};

/* room_take takes so many chains more, as far as there are any. */
static void room_take(struct vhost_ring *ring, struct room *room, unsigned count)
{
	struct virtio_chain *chain = &room->chain[room->chains];
	struct virtio_piece *piece = &room->piece[room->pieces];
	unsigned n = virtio_ring_take(&ring->is, chain, count, piece, VHOST_PIECES_MAX - room->pieces, &room->end);

	for (unsigned i = 0; i < n; piece += chain[i++].pieces) {
		if (!chain[i].pieces)
			continue;
		cache_prefetch_write(piece->at); /* the header, and mostly what is behind it in the next line */
		cache_prefetch_write(piece->at + CACHE_LINE);
	}
	room->pieces = (unsigned)(piece - room->piece);
	room->chains += n;
}

/* room_chains returns how many chains more it takes for so many bytes, if they are like the one before. */
static unsigned room_chains(const struct room *room, unsigned used, uint64_t bytes)
{
	const uint64_t like = used > room->used ? room->chain[used - 1].bytes : bytes,
		       count = bytes / (like ? like : 1) + 1;

	return count < CHAINS_MAX - room->chains ? (unsigned)count : CHAINS_MAX - room->chains;
}

/* room_for_frame finds buffers for a frame of so many bytes with its header; false: there are not enough. */
RARE bool room_for_frame(const struct vhost_port *vhost, struct vhost_ring *ring, struct room *room, uint64_t bytes)
{
	unsigned used = room->used, pieces = room->pieces_used;
	uint64_t there = 0;

	do {
		if (used == room->chains && room->end == VIRTIO_TAKEN && used < CHAINS_MAX)
			room_take(ring, room, room_chains(room, used, bytes - there));
		if (used == room->chains)
			return false;
		do {
			there += room->chain[used].bytes;
			pieces += room->chain[used++].pieces;
		} while (there < bytes && vhost->mergeable && used < room->chains);
	} while (there < bytes && vhost->mergeable);
	if (there < bytes)
		return false;
	room->merged[room->frames++] = (uint16_t)(used - room->used);
	room->used = used;
	room->pieces_used = pieces;
	return true;
}

/*
 * frames_fill_plain writes the first frames as long as they are of one segment, for one piece, of a guest that agreed to no more than the header of virtio 1.0, with
 * nothing for it to do and nobody to log to: most are so.
 */
static void frames_fill_plain(const struct vhost_port *vhost, const struct vhost_ring *ring, struct room *room,
			      struct rte_mbuf *const packet[], unsigned count)
{
	static const struct virtio_net_hdr_v1 header = { .num_buffers = 1 };
	const unsigned most = count < room->chains ? count : room->chains;
	unsigned n = 0;

	if (vhost->header_len == sizeof(header) && !ring->is.made.log_write) {
		for (; n < most; n++) {
			const struct virtio_piece *piece = &room->piece[n];
			const uint32_t len = packet[n]->data_len, bytes = (uint32_t)sizeof(header) + len;

			if (room->chain[n].pieces != 1 || piece->len < bytes || packet[n]->nb_segs != 1 ||
			    packet[n]->ol_flags & RTE_MBUF_F_TX_L4_MASK)
				break;
			memcpy(piece->at, &header, sizeof(header));
			rte_memcpy(piece->at + sizeof(header), rte_pktmbuf_mtod(packet[n], const void *), len);
			room->chain[n].written = bytes;
		}
	}
	room->frames = room->plain = room->used = room->pieces_used = n;
}

/* room_make finds buffers for as many of the packets as there are some for, writes plain ones, and gives back those that none has. */
static void room_make(const struct vhost_port *vhost, struct vhost_ring *ring, struct room *room,
		      struct rte_mbuf *const packet[], unsigned count)
{
	room->chains = room->pieces = 0;
	room_take(ring, room, count);
	frames_fill_plain(vhost, ring, room, packet, count);
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

/* chains_fill says how much was written to each of a frame's chains. */
static void chains_fill(struct virtio_chain *chain, uint64_t bytes)
{
	for (; bytes > chain->bytes; chain++) {
		chain->written = (uint32_t)chain->bytes;
		bytes -= chain->bytes;
	}
	chain->written = (uint32_t)bytes;
}

/* chains_log tells the log where that was. */
static void chains_log(const struct vhost_ring *ring, const struct virtio_chain *chain, unsigned count,
		       const struct virtio_piece *piece)
{
	for (unsigned i = 0; i < count; i++) {
		uint64_t left = chain[i].written;

		for (unsigned k = 0; k < chain[i].pieces; k++, piece++) {
			uint64_t len = piece->len < left ? piece->len : left;

			virtio_ring_wrote(&ring->is, piece->at, len);
			left -= len;
		}
	}
}

/* header_report tells of the hash that the packet comes with: ethdev_hash_set(). */
static void header_report(struct virtio_net_hdr_v1_hash *header, const struct rte_mbuf *packet)
{
	header->hash_report = virtio_header_hash_type(packet->hash.fdir.hi);
	header->hash_value = header->hash_report ? packet->hash.rss : 0;
}

RARE void frame_fill(const struct vhost_port *vhost, const struct vhost_ring *ring, struct virtio_chain *chain,
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
	chains_fill(chain, vhost->header_len + packet->pkt_len);
	if (ring->is.made.log_write)
		chains_log(ring, chain, chains, piece);
}

/* room_fill writes the frames that are not plain. */
static void room_fill(const struct vhost_port *vhost, const struct vhost_ring *ring, struct room *room,
		      struct rte_mbuf *const packet[])
{
	const struct virtio_piece *piece = &room->piece[room->plain];
	struct virtio_chain *chain = &room->chain[room->plain];

	for (unsigned i = room->plain; i < room->frames; i++) {
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
	mbuf_bulk_free(packet, n);
	if (!vhost->by_library) {
		virtio_ring_prefetch(
		    &ring->is, n); /* for the next burst, if it is as long: guests have buffers ready long before */
		if (atomic_load_explicit(&vhost->moderation, memory_order_relaxed))
			vhost_ring_put_off(ring, n);
		else
			vhost_ring_call(ring);
	}
	return n;
}
