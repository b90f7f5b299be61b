/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Long frames are not copied out of a guest's memory: a packet has a copy of the first bytes, more than is ever judged, and what follows is where
 * the guest has it, lent to it until the processor's turn ends.  Who puts it into another guest's memory in that turn copies once.  Whoever
 * cannot be done with a packet in the turn (the uplink, a receiver that makes it wait) has it keep what was lent first; what goes to another processor is away (vhost_away.c);
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

static struct vhost_loan *loan_of(const struct rte_mbuf *packet)
{
	return vhost_lent_by(packet, loan_returned);
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

bool vhost_lend(struct vhost_ring *ring, unsigned chain, struct rte_mbuf *packet, struct virtio_cursor *from,
		uint32_t len)
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
	loan->chain = chain;
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

struct rte_mbuf *vhost_bytes_add(struct rte_mbuf *to, const uint8_t *from, uint32_t len)
{
	while (len) {
		const uint32_t room = rte_pktmbuf_tailroom(to), here = len < room ? len : room;

		if (!room) {
			to = to->next;
			continue;
		}
		virtio_read(rte_pktmbuf_mtod_offset(to, void *, to->data_len), from, here);
		to->data_len = (uint16_t)(to->data_len + here);
		from += here;
		len -= here;
	}
	return to;
}

/* lent_copied returns a copy of what is lent to a packet; NULL: there are no buffers. */
static struct rte_mbuf *lent_copied(const struct rte_mbuf *packet)
{
	const struct rte_mbuf *lent = packet->next;
	struct rte_mbuf *own, *at;

	assert(rte_mbuf_refcnt_read(packet) == 1); /* what others hold has been kept before */
	own = at = vhost_buffers(packet->pool, rte_pktmbuf_pkt_len(packet) - rte_pktmbuf_data_len(packet));
	if (!own)
		return NULL;
	for (const struct rte_mbuf *from = lent; from; from = from->next)
		at = vhost_bytes_add(at, rte_pktmbuf_mtod(from, const uint8_t *), from->data_len);
	return own;
}

/* lent_replace gives a packet its own instead of what is lent to it. */
static void lent_replace(struct rte_mbuf *packet, struct rte_mbuf *own)
{
	struct rte_mbuf *lent = packet->next;

	packet->next = own;
	packet->nb_segs = (uint16_t)(1 + own->nb_segs);
	rte_pktmbuf_free(lent);
}

static bool lent_keep(struct rte_mbuf *packet)
{
	struct rte_mbuf *own = lent_copied(packet);

	if (own)
		lent_replace(packet, own);
	return own;
}

bool vhost_lent_keep(struct rte_mbuf *packet)
{
	const bool away = vhost_away_take(packet);
	const struct vhost_loan *loan = loan_of(packet);
	struct rte_mbuf *own;

	if (!away && !loan)
		return true;
	own = lent_copied(packet);
	if (!own)
		return false;
	if (away)
		vhost_away_waits(packet);
	else
		counter_add(&loan->of->kept, 1);
	lent_replace(packet, own);
	return true;
}

bool vhost_lent_hand(struct rte_mbuf *packet)
{
	struct vhost_loan *loan = loan_of(packet);
	struct vhost_away *away;

	if (!loan)
		return true;
	away = loan->of->stays ? NULL : vhost_away_begin(loan->of, packet);
	if (!away)
		return vhost_lent_keep(packet);
	loan->packet = NULL;
	loan->of->away[loan->chain] = away;
	loan->of->sent_away = true;
	counter_add(&loan->of->sent, 1);
	return true;
}

void vhost_packet_cut(struct rte_mbuf *packet)
{
	packet->ol_flags &= ~OFFLOAD_FLAGS;
	packet->next = NULL;
	packet->nb_segs = 1;
	packet->pkt_len = packet->data_len;
}

/* lent_cut: there is nowhere to keep it. */
static void lent_cut(struct rte_mbuf *packet)
{
	struct rte_mbuf *lent = packet->next;

	vhost_packet_cut(packet);
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
	vhost_chains_put(ring, lent->chain, lent->chains);
	virtio_ring_prefetch(&ring->is, VHOST_BURST_MAX); /* for the next burst */
}
