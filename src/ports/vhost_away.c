/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A packet that goes to another processor goes with what is lent to it, and is away: that processor takes it, and copies it out of the sender's memory into its
 * receiver's.  Until then whoever holds the sender's ring may copy what is lent to buffers of ours, and say so: then the packet has these, and
 * the guest its own back.  Which of the two is so is decided once, by the word they both exchange; nobody waits for the other one.
 *
 *   AWAY_OUT -> AWAY_TAKEN    the processor has it, in one of its turns, and reads the guest's memory
 *   AWAY_OUT -> AWAY_OWN      the packet has buffers of its own, and whoever takes it finds them
 *   AWAY_OUT, AWAY_TAKEN -> AWAY_BACK    nobody has the packet any more, or nothing of it is lent
 *   AWAY_BACK, AWAY_OWN -> AWAY_FREE
 *
 * A ring's chains are given back in order, so they stand in line behind the first that is away.  They stand there for AWAY_NS at most, but for what a
 * processor is copying just then: a receiver that is slow, stalled or full never keeps a sender's buffers.
 */
#include "ports/vhost_user.h"

#include <rte_cycles.h>
#include <rte_pause.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define AWAY_MAX    32u /* packets of a ring's that are away */
#define AWAY_PIECES 18u /* of each: 64 KiB in pages, and two that are not whole */
#define LINE_CHAINS 128u
#define LINE_FULL   (LINE_CHAINS - VHOST_BURST_MAX)

#define AWAY_NS  1000000u  /* for so long a sender waits for others at most */
#define RESTS_NS 10000000u /* and when one was slower than that, nothing is sent away for so long */

#define PAUSES_LONG 1000u /* between two looks whether a processor is kept by a guest */

enum away_state { AWAY_FREE, AWAY_OUT, AWAY_TAKEN, AWAY_OWN, AWAY_BACK };

/* own: what the packet has instead, in AWAY_OWN; NULL: there were no buffers, so it is cut. */
struct vhost_away {
	_Alignas(64) _Atomic uint32_t state;
	struct rte_mbuf_ext_shared_info shared;
	struct vhost_line *line;
	struct rte_mempool *pool;
	struct rte_mbuf *own;
	uint64_t until_tsc;
	uint32_t bytes, pieces;
	struct virtio_piece piece[AWAY_PIECES];
};

/* users: the ring, and each packet that is away: whoever is there last frees it.  The rest: who holds the ring. */
struct vhost_line {
	atomic_uint users;
	_Atomic uint64_t waited; /* who has a packet: adds */
	unsigned first;
	uint64_t rests_until_tsc;
	struct virtio_chain chain[LINE_CHAINS];
	struct vhost_away *of[LINE_CHAINS]; /* NULL: nothing of it is away */
	struct vhost_away away[AWAY_MAX];
};

void vhost_line_leave(struct vhost_line *line)
{
	if (line && atomic_fetch_sub_explicit(&line->users, 1, memory_order_acq_rel) == 1)
		free(line);
}

/* away_returned is told when nothing of what was lent is a packet's any more. */
static void away_returned(void *address, void *context)
{
	struct vhost_away *away = context;
	struct vhost_line *line = away->line;
	uint32_t state = atomic_load_explicit(&away->state, memory_order_acquire);

	(void)address;
	while (state != AWAY_OWN && !atomic_compare_exchange_weak_explicit(
					&away->state, &state, AWAY_BACK, memory_order_acq_rel, memory_order_acquire))
		;
	if (state == AWAY_OWN) {
		rte_pktmbuf_free(away->own); /* of a packet that nobody took */
		atomic_store_explicit(&away->state, AWAY_FREE, memory_order_release);
	}
	vhost_line_leave(line);
}

static struct vhost_away *away_of(const struct rte_mbuf *packet)
{
	return vhost_lent_by(packet, away_returned);
}

void vhost_away_waits(const struct rte_mbuf *packet)
{
	atomic_fetch_add_explicit(&away_of(packet)->line->waited, 1, memory_order_relaxed);
}

static struct vhost_line *line_of(const struct vhost_lent *lent)
{
	return atomic_load_explicit(&lent->line, memory_order_acquire);
}

uint64_t vhost_line_waited(const struct vhost_lent *lent)
{
	const struct vhost_line *line = line_of(lent);

	return line ? atomic_load_explicit(&line->waited, memory_order_relaxed) : 0;
}

static struct vhost_line *line_make(void)
{
	struct vhost_line *line = aligned_alloc(_Alignof(struct vhost_line), sizeof(*line));

	if (!line)
		return NULL;
	memset((void *)line, 0, sizeof(*line));
	atomic_store_explicit(&line->users, 1, memory_order_relaxed);
	for (unsigned i = 0; i < AWAY_MAX; i++) {
		line->away[i].line = line;
		line->away[i].shared.free_cb = away_returned;
		line->away[i].shared.fcb_opaque = &line->away[i];
	}
	return line;
}

/* away_find returns a free place; NULL: there is none, or others have just been slow. */
static struct vhost_away *away_find(struct vhost_lent *lent, uint64_t now)
{
	struct vhost_line *line = line_of(lent);

	if (!line) {
		line = line_make();
		atomic_store_explicit(&lent->line, line, memory_order_release);
	}
	if (!line || (int64_t)(now - line->rests_until_tsc) < 0)
		return NULL;
	for (unsigned i = 0; i < AWAY_MAX; i++)
		if (atomic_load_explicit(&line->away[i].state, memory_order_acquire) == AWAY_FREE)
			return &line->away[i];
	return NULL;
}

static uint64_t tsc_of(uint64_t ns)
{
	return rte_get_tsc_hz() / 1000 * ns / (SECOND_NS / 1000);
}

struct vhost_away *vhost_away_begin(struct vhost_lent *lent, struct rte_mbuf *packet)
{
	const uint64_t now = rte_rdtsc();
	struct vhost_away *away = packet->nb_segs - 1u > AWAY_PIECES ? NULL : away_find(lent, now);

	if (!away)
		return NULL;
	away->pool = packet->pool;
	away->own = NULL;
	away->until_tsc = now + tsc_of(AWAY_NS);
	away->bytes = rte_pktmbuf_pkt_len(packet) - rte_pktmbuf_data_len(packet);
	away->pieces = 0;
	rte_mbuf_ext_refcnt_set(&away->shared, (uint16_t)(packet->nb_segs - 1));
	for (struct rte_mbuf *segment = packet->next; segment; segment = segment->next) {
		away->piece[away->pieces++] =
		    (struct virtio_piece){ rte_pktmbuf_mtod(segment, uint8_t *), segment->data_len };
		segment->shinfo = &away->shared;
	}
	atomic_fetch_add_explicit(&away->line->users, 1, memory_order_relaxed);
	atomic_store_explicit(&away->state, AWAY_OUT, memory_order_release);
	return away;
}

/* away_revoke gives the packet buffers of its own, unless somebody has just taken it. */
static void away_revoke(struct vhost_ring *ring, struct vhost_away *away)
{
	struct rte_mbuf *own = vhost_buffers(away->pool, away->bytes), *at = own;
	uint32_t out = AWAY_OUT;

	for (uint32_t i = 0; own && i < away->pieces; i++)
		at = vhost_bytes_add(at, away->piece[i].at, away->piece[i].len);
	away->own = own;
	if (!atomic_compare_exchange_strong_explicit(&away->state, &out, AWAY_OWN, memory_order_acq_rel,
						     memory_order_acquire))
		rte_pktmbuf_free(own);
	else if (own)
		counter_add(&ring->lent->waited, 1);
	else
		counter_add(&ring->lost, 1);
}

bool vhost_away_take(struct rte_mbuf *packet)
{
	struct vhost_away *away = away_of(packet);
	struct rte_mbuf *lent = packet->next, *own;
	uint32_t state = AWAY_OUT;

	if (!away)
		return false;
	if (atomic_compare_exchange_strong_explicit(&away->state, &state, AWAY_TAKEN, memory_order_acq_rel,
						    memory_order_acquire) ||
	    state == AWAY_TAKEN)
		return true;
	own = away->own;
	away->own = NULL;
	packet->next = own;
	packet->nb_segs = (uint16_t)(1 + (own ? own->nb_segs : 0));
	if (!own)
		vhost_packet_cut(packet);
	rte_pktmbuf_free(lent);
	return false;
}

/* line_is_over: what is away of the first in line is not any more.  hurried: it is not waited for. */
static bool line_is_over(struct vhost_ring *ring, struct vhost_away *away, bool hurried)
{
	uint32_t state;

	if (!away)
		return true;
	state = atomic_load_explicit(&away->state, memory_order_acquire);
	if (state == AWAY_OUT && !hurried && (int64_t)(rte_rdtsc() - away->until_tsc) >= 0) {
		away->line->rests_until_tsc = rte_rdtsc() + tsc_of(RESTS_NS);
		hurried = true;
	}
	if (state == AWAY_OUT && hurried) {
		away_revoke(ring, away);
		state = atomic_load_explicit(&away->state, memory_order_acquire);
	}
	if (state == AWAY_BACK)
		atomic_store_explicit(&away->state, AWAY_FREE, memory_order_release);
	return state == AWAY_BACK || state == AWAY_OWN || state == AWAY_FREE;
}

/* line_move gives back as many as it can, from the first on, and hurries as long as more than so many stand in line. */
static void line_move(struct vhost_ring *ring, unsigned most)
{
	struct vhost_lent *lent = ring->lent;
	struct vhost_line *line = line_of(lent);

	while (lent->in_line) {
		const unsigned first = line->first, room = LINE_CHAINS - first,
			       count = lent->in_line < room ? lent->in_line : room; /* side by side */
		unsigned n = 0;

		while (n < count && line_is_over(ring, line->of[first + n], lent->in_line - n > most))
			n++;
		if (n) {
			virtio_ring_put(&ring->is, &line->chain[first], n);
			ring->call_due = true;
		}
		line->first = (first + n) % LINE_CHAINS;
		lent->in_line -= n;
		if (n < count)
			break;
	}
}

void vhost_line_put(struct vhost_ring *ring, const struct virtio_chain *chain, unsigned count)
{
	struct vhost_lent *lent = ring->lent;
	struct vhost_line *line = line_of(lent);

	for (unsigned i = 0; i < count; i++) {
		const unsigned at = (line->first + lent->in_line++) % LINE_CHAINS;

		line->chain[at] = chain[i];
		line->of[at] = lent->away[i];
		lent->away[i] = NULL;
	}
	lent->sent_away = false;
	line_move(ring, LINE_FULL);
}

bool vhost_line_has_room(struct vhost_ring *ring)
{
	line_move(ring, LINE_FULL);
	return ring->lent->in_line <= LINE_FULL;
}

void vhost_line_end(struct vhost_ring *ring)
{
	uint32_t pauses = 0;

	for (line_move(ring, 0); ring->lent->in_line; line_move(ring, 0)) {
		rte_pause();
		if (++pauses % PAUSES_LONG == 0)
			vhost_calls_interrupt(NULL);
	}
}
