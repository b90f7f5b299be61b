/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Long frames are not copied out of a guest's memory: a packet has a copy of the first bytes, more than is ever judged, and what follows is where
 * the guest has it, lent to it until the processor's turn ends.  Who puts it into another guest's memory in that turn copies once.  Whoever
 * cannot be done with a packet in the turn (another processor, the uplink, a receiver that makes it wait) has it keep what was lent first;
 * what is still lent at the end of the turn is kept then, and only then the guest has its buffers back.  So nobody waits for a receiver
 * with a sender's buffers, and no packet outlives the memory that it lies in: the queue is entered until then.
 */
#include "ports/vhost_user.h"

#include <assert.h>
#include <rte_mbuf.h>
#include <stdlib.h>

#include "ports/ethdev_offload.h"
#include "virtio/virtio_cursor.h"

#define SEGMENTS_MAX 32u    /* of a packet that is lent */
#define SEGMENT_LEN  65535u /* bytes */

static void loan_returned(void *address, void *loan)
{
	(void)address;
	((struct vhost_loan *)loan)->packet = NULL;
}

static bool packet_is_lent(const struct rte_mbuf *packet)
{
	const struct rte_mbuf *lent = packet->next;

	return lent && RTE_MBUF_HAS_EXTBUF(lent) && lent->shinfo->free_cb == loan_returned;
}

/* segment_count: that so many bytes from there on are. */
static unsigned segment_count(struct virtio_cursor from, uint32_t len)
{
	unsigned count = 0;

	while (len && count <= SEGMENTS_MAX) {
		uint32_t here = len < SEGMENT_LEN ? len : SEGMENT_LEN;

		virtio_cursor_next(&from, &here);
		len -= here;
		count++;
	}
	return count;
}

bool vhost_lend(struct vhost_ring *ring, struct rte_mbuf *packet, struct virtio_cursor *from, uint32_t len)
{
	const unsigned count = segment_count(*from, len);
	struct vhost_loan *loan = &ring->lent->loan[ring->lent->loans];
	struct rte_mbuf *segment[SEGMENTS_MAX], *last = packet;

	if (count > SEGMENTS_MAX || rte_pktmbuf_alloc_bulk(packet->pool, segment, count))
		return false;
	ring->lent->loans++;
	counter_add(&ring->lent->frames, 1);
	loan->packet = packet;
	loan->of = ring->lent;
	loan->shared.free_cb = loan_returned;
	loan->shared.fcb_opaque = loan;
	rte_mbuf_ext_refcnt_set(&loan->shared, (uint16_t)count);
	packet->pkt_len += len;
	packet->nb_segs = (uint16_t)(1 + count);
	for (unsigned i = 0; i < count; last = segment[i++]) {
		uint32_t here = len < SEGMENT_LEN ? len : SEGMENT_LEN;
		uint8_t *at = virtio_cursor_next(from, &here);

		rte_pktmbuf_attach_extbuf(segment[i], at, RTE_BAD_IOVA, (uint16_t)here, &loan->shared);
		segment[i]->data_off = 0;
		segment[i]->data_len = (uint16_t)here;
		last->next = segment[i];
		len -= here;
	}
	return true;
}

/* lent_copy copies what is lent to a packet. */
static void lent_copy(const struct rte_mbuf *lent, struct rte_mbuf *to)
{
	for (; lent; lent = lent->next)
		for (uint32_t at = 0; at < lent->data_len;) {
			uint32_t room = rte_pktmbuf_tailroom(to), here = lent->data_len - at;

			here = here < room ? here : room;
			virtio_read(rte_pktmbuf_mtod_offset(to, void *, to->data_len),
				    rte_pktmbuf_mtod_offset(lent, const void *, at), here);
			to->data_len = (uint16_t)(to->data_len + here);
			at += here;
			if (here == room && (at < lent->data_len || lent->next))
				to = to->next;
		}
}

/* lent_keep makes what is lent to a packet its own; false: there are no buffers. */
static bool lent_keep(struct rte_mbuf *packet)
{
	struct rte_mbuf *lent = packet->next, *own;

	assert(rte_mbuf_refcnt_read(packet) == 1); /* what others hold has been kept before */
	own = vhost_buffers(packet->pool, rte_pktmbuf_pkt_len(packet) - rte_pktmbuf_data_len(packet));
	if (!own)
		return false;
	lent_copy(lent, own);
	packet->next = own;
	packet->nb_segs = (uint16_t)(1 + own->nb_segs);
	rte_pktmbuf_free(lent);
	return true;
}

bool vhost_lent_keep(struct rte_mbuf *packet)
{
	const struct vhost_loan *loan;

	if (!packet_is_lent(packet))
		return true;
	loan = packet->next->shinfo->fcb_opaque;
	if (!lent_keep(packet))
		return false;
	counter_add(&loan->of->kept, 1);
	return true;
}

/* lent_cut: there is nowhere to keep it: the packet ends where its own bytes do, so that whoever gets it sees that it is not whole. */
static void lent_cut(struct rte_mbuf *packet)
{
	struct rte_mbuf *lent = packet->next;

	packet->ol_flags &= ~OFFLOAD_FLAGS;
	packet->next = NULL;
	packet->nb_segs = 1;
	packet->pkt_len = packet->data_len;
	rte_pktmbuf_free(lent);
}

bool vhost_lends(const struct ethdev *port, uint16_t queue)
{
	return port->vhost->ring[2 * queue + 1].lent->loans;
}

void vhost_lent_settle(struct ethdev *port, uint16_t queue)
{
	struct vhost_ring *ring = &port->vhost->ring[2 * queue + 1];
	struct vhost_lent *lent = ring->lent;
	unsigned cut = 0, waited = 0;

	for (unsigned i = 0; i < lent->loans; i++) {
		struct rte_mbuf *packet = lent->loan[i].packet;

		if (!packet)
			continue;
		if (lent_keep(packet)) {
			waited++;
		} else {
			lent_cut(packet);
			cut++;
		}
	}
	if (waited)
		counter_add(&lent->waited, waited);
	if (cut)
		counter_add(&ring->lost, cut);
	lent->loans = 0;
	virtio_ring_put(&ring->is, lent->chain, lent->chains);
	virtio_ring_prefetch(&ring->is, VHOST_BURST_MAX); /* for the next burst */
	ring->call_due = true;
}
