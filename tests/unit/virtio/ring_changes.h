/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must hold of a ring whose driver writes to all of its memory at any moment: whatever is taken lies in the memory, nothing is taken
 * that was not said to be available, and each word is read as often as docs/architecture.md says.
 */
#ifndef VMMQ_UNIT_VIRTIO_RING_CHANGES_H
#define VMMQ_UNIT_VIRTIO_RING_CHANGES_H

#include "unit/virtio/ring_take_one.h"

#define CHANGES_ROOM (VIRTIO_CHAIN_MAX + 8)
#define CHANGES_READS                                                                                                \
	(3u + 2u * 3u * VIRTIO_CHAIN_MAX) /* index, head, flags; words of descriptors, which a border may cut */

/*
 * What a take has read.  available: as it was read last: split: the index; packed: flags of the descriptor that is next.  beside: another thread
 * writes meanwhile, so that nobody else knows what was read.
 */
struct changes {
	struct virtio_ring *ring;
	bool beside, taking;
	unsigned reads, index_reads, head_reads;
	uint16_t available;
	bool holds; /* all of it, so far */
	struct virtio_piece piece[CHANGES_ROOM];
	struct virtio_chain chain;
};

/* changes_read is what the test calls for each read, when it has changed the memory. */
static inline void changes_read(struct changes *changes, const void *at)
{
	const struct virtio_ring *ring = changes->ring;
	const struct vring_packed_desc *desc = (struct vring_packed_desc *)ring->made.descriptors + ring->avail;
	const struct vring_avail *avail = ring->made.driver;

	if (!changes->taking)
		return;
	/* A table of descriptors may lie over all of it: only what is read first is the index or the flags, and only then the head. */
	changes->reads++;
	if (changes->reads == 1 && (ring->made.packed ? at == &desc->flags : at == &avail->idx)) {
		changes->index_reads++;
		changes->available = __atomic_load_n((const uint16_t *)at, __ATOMIC_RELAXED);
	} else if (changes->reads <= 2 && !ring->made.packed &&
		   at == &avail->ring[ring->avail & (ring->made.size - 1)]) {
		changes->head_reads++;
	}
}

static inline bool changes_inside(const struct changes *changes, const struct virtio_piece *piece)
{
	return piece->len && virtio_memory_holds(changes->ring->made.memory, piece->at, piece->len);
}

/* changes_was_available: the driver had said so by what was read of it. */
static inline bool changes_was_available(const struct changes *changes, uint16_t avail, bool wrap)
{
	const bool flag_avail = changes->available & 1u << VRING_PACKED_DESC_F_AVAIL,
		   flag_used = changes->available & 1u << VRING_PACKED_DESC_F_USED;

	if (changes->ring->made.packed)
		return changes->index_reads == 1 && flag_avail == wrap && flag_used != wrap;
	return changes->available != avail && (uint16_t)(changes->available - avail) <= changes->ring->made.size;
}

/* changes_take takes a chain, with so much room, and looks at it; holds afterwards says whether all is as it must be. */
static inline enum virtio_taken changes_take(struct changes *changes, unsigned room)
{
	struct virtio_ring *ring = changes->ring;
	const uint16_t avail = ring->avail;
	const bool wrap = ring->avail_wrap;
	enum virtio_taken taken;
	uint64_t bytes = 0;

	changes->reads = changes->index_reads = changes->head_reads = 0;
	changes->taking = true;
	taken = ring_take_one(ring, &changes->chain, changes->piece, room);
	changes->taking = false;
	changes->holds &= changes->reads <= CHANGES_READS && changes->index_reads <= 1 && changes->head_reads <= 1 &&
			  (taken == VIRTIO_BROKEN) == (ring->broken != VIRTIO_NOT_BROKEN);
	if (taken != VIRTIO_TAKEN) {
		changes->holds &= ring->avail == avail && ring->avail_wrap == wrap;
		return taken;
	}
	changes->holds &= (changes->beside || changes_was_available(changes, avail, wrap)) &&
			  changes->chain.pieces <= room && changes->chain.descriptors <= ring->made.size &&
			  changes->chain.descriptors > 0;
	for (uint32_t i = 0; i < changes->chain.pieces && changes->holds; i++) {
		changes->holds &= changes_inside(changes, &changes->piece[i]);
		bytes += changes->piece[i].len;
	}
	changes->holds &= bytes == changes->chain.bytes;
	return taken;
}

#endif
