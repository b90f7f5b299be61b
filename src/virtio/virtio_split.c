/* SPDX-License-Identifier: BSD-2-Clause */
/* Split rings (virtio 1.1, 2.6). */
#include <stddef.h>

#include "virtio/virtio_ring.h"

/* A descriptor's copy: read as two words, each once. */
union split_desc {
	struct vring_desc is;
	uint64_t word[2];
};

/* A table that descriptors follow one another in: the ring's own, or an indirect one.  mapped: in one piece; NULL: read it by address. */
struct split_table {
	const struct vring_desc *mapped;
	uint64_t address;
	uint32_t count;
	bool indirect;
};

static struct vring_avail *split_avail(const struct virtio_ring *ring)
{
	return ring->made.driver;
}

static struct vring_used *split_used(const struct virtio_ring *ring)
{
	return ring->made.device;
}

/* The word behind the avail ring: the driver wants to be called when the device has used that one; and the other way round. */
static uint16_t split_used_event(const struct virtio_ring *ring)
{
	return virtio_read_16(&split_avail(ring)->ring[ring->made.size]);
}

static void split_avail_event_set(const struct virtio_ring *ring, uint16_t index)
{
	__atomic_store_n((uint16_t *)&split_used(ring)->ring[ring->made.size], index, __ATOMIC_RELAXED);
	if (ring->made.log_used)
		ring->made.log_used(ring->made.log_context, offsetof(struct vring_used, ring[ring->made.size]),
				    sizeof(index));
}

static inline bool split_desc_read(const struct virtio_ring *ring, const struct split_table *table, uint32_t index,
				   union split_desc *desc)
{
	const uint64_t *from;

	if (!table->mapped)
		return virtio_memory_read(ring->made.memory, table->address + index * sizeof(desc->is), desc,
					  sizeof(*desc));
	from = (const uint64_t *)&table->mapped[index];
	desc->word[0] = virtio_read_64(&from[0]);
	desc->word[1] = virtio_read_64(&from[1]);
	return true;
}

/*
 * split_table_enter: the descriptor names an indirect table, which is all that is left of the chain; it becomes the first one of that.
 */
static enum virtio_taken split_table_enter(struct virtio_ring *ring, union split_desc *desc,
					   struct split_table *table)
{
	const uint32_t whole = desc->is.len;
	uint32_t len = whole;
	uint8_t *at;

	if (!ring->made.indirect || table->indirect || desc->is.flags & VRING_DESC_F_NEXT || !len ||
	    len % sizeof(struct vring_desc))
		return virtio_ring_break(ring, VIRTIO_BROKEN_INDIRECT);
	at = virtio_memory_at(ring->made.memory, desc->is.addr, &len);
	if (!at)
		return virtio_ring_break(ring, VIRTIO_BROKEN_ADDRESS);
	*table = (struct split_table){
		.mapped = len == whole && !((uintptr_t)at % _Alignof(uint64_t)) ? (void *)at : NULL,
		.address = desc->is.addr,
		.count = whole / sizeof(struct vring_desc),
		.indirect = true,
	};
	if (!split_desc_read(ring, table, 0, desc))
		return virtio_ring_break(ring, VIRTIO_BROKEN_ADDRESS);
	return desc->is.flags & VRING_DESC_F_INDIRECT ? virtio_ring_break(ring, VIRTIO_BROKEN_INDIRECT)
						      : VIRTIO_TAKEN;
}

/*
 * split_follow gathers a chain from its first descriptor on.  An indirect table may stand at its beginning or after others (virtio 1.1,
 * 2.6.5.3.2).  seen: descriptors of the table, left: of the chain.
 */
static enum virtio_taken split_follow(struct virtio_ring *ring, union split_desc desc, struct virtio_chain *chain,
				      struct virtio_piece *piece, unsigned room)
{
	struct split_table table = { .mapped = ring->made.descriptors, .count = ring->made.size };
	enum virtio_taken taken;
	uint32_t seen = 0;

	for (unsigned left = VIRTIO_CHAIN_MAX; left; left--) {
		if (desc.is.flags & VRING_DESC_F_INDIRECT) {
			taken = split_table_enter(ring, &desc, &table);
			if (taken != VIRTIO_TAKEN)
				return taken;
			seen = 0;
		}
		taken = virtio_chain_add(ring, chain, piece, room, desc.is.addr, desc.is.len, desc.is.flags);
		if (taken != VIRTIO_TAKEN || !(desc.is.flags & VRING_DESC_F_NEXT))
			return taken;
		if (++seen == table.count)
			return virtio_ring_break(ring, VIRTIO_BROKEN_LOOP);
		if (desc.is.next >= table.count)
			return virtio_ring_break(ring, VIRTIO_BROKEN_NEXT);
		if (!split_desc_read(ring, &table, desc.is.next, &desc))
			return virtio_ring_break(ring, VIRTIO_BROKEN_ADDRESS);
	}
	return virtio_ring_break(ring, VIRTIO_BROKEN_LOOP);
}

/* split_look reads how many chains are available. */
static enum virtio_taken split_look(struct virtio_ring *ring)
{
	uint16_t index = virtio_read_16(&split_avail(ring)->idx);

	if ((uint16_t)(index - ring->avail) > ring->made.size)
		return virtio_ring_break(ring, VIRTIO_BROKEN_INDEX);
	ring->avail_seen = index;
	return index == ring->avail ? VIRTIO_NONE : VIRTIO_TAKEN;
}

static uint16_t split_head(const struct virtio_ring *ring, uint16_t at)
{
	return virtio_read_16(&split_avail(ring)->ring[at & (ring->made.size - 1)]);
}

/* split_take_one takes the chain that begins at head, of which one is available. */
static inline enum virtio_taken split_take_one(struct virtio_ring *ring, struct virtio_chain *chain,
					       struct virtio_piece *piece, unsigned room)
{
	const struct split_table table = { .mapped = ring->made.descriptors, .count = ring->made.size };
	const uint16_t head = split_head(ring, ring->avail);
	enum virtio_taken taken;
	union split_desc desc;

	if (head >= ring->made.size)
		return virtio_ring_break(ring, VIRTIO_BROKEN_HEAD);
	split_desc_read(ring, &table, head, &desc);
	if (!room || !virtio_chain_is_plain(ring, desc.is.addr, desc.is.len, desc.is.flags, chain, piece)) {
		*chain = (struct virtio_chain){ 0 };
		taken = split_follow(ring, desc, chain, piece, room);
		if (taken != VIRTIO_TAKEN)
			return taken;
	}
	chain->id = head;
	chain->descriptors = 1;
	ring->avail++;
	return VIRTIO_TAKEN;
}

unsigned split_take(struct virtio_ring *ring, struct virtio_chain chain[], unsigned count,
		    struct virtio_piece piece[], unsigned room, enum virtio_taken *end)
{
	unsigned n = 0, pieces = 0;

	for (*end = VIRTIO_TAKEN; n < count; n++) {
		if (ring->avail == ring->avail_seen)
			*end = split_look(ring);
		if (*end == VIRTIO_TAKEN)
			*end = split_take_one(ring, &chain[n], piece + pieces, room - pieces);
		if (*end != VIRTIO_TAKEN)
			break;
		pieces += chain[n].pieces;
	}
	return n;
}

void split_untake(struct virtio_ring *ring, unsigned count)
{
	ring->avail = (uint16_t)(ring->avail - count);
}

void split_put(struct virtio_ring *ring, const struct virtio_chain *chain, unsigned count)
{
	struct vring_used *used = split_used(ring);
	const uint16_t mask = ring->made.size - 1;

	for (unsigned i = 0; i < count; i++) {
		uint16_t at = (uint16_t)(ring->used + i) & mask;

		used->ring[at] = (struct vring_used_elem){ .id = chain[i].id, .len = chain[i].written };
		if (ring->made.log_used)
			ring->made.log_used(ring->made.log_context, offsetof(struct vring_used, ring[at]),
					    sizeof(used->ring[at]));
	}
	ring->used = (uint16_t)(ring->used + count);
	__atomic_store_n(&used->idx, ring->used, __ATOMIC_RELEASE);
	if (ring->made.log_used)
		ring->made.log_used(ring->made.log_context, offsetof(struct vring_used, idx), sizeof(used->idx));
}

unsigned split_prefetch(const struct virtio_ring *ring, unsigned count)
{
	const struct vring_desc *table = ring->made.descriptors;
	uint16_t index = virtio_read_16(&split_avail(ring)->idx);
	uint16_t there = (uint16_t)(index - ring->avail);

	count = there < count ? there : count;
	for (unsigned i = 0; i < count; i++) {
		uint16_t head = split_head(ring, (uint16_t)(ring->avail + i));

		__builtin_prefetch(&table[head & (ring->made.size - 1)]);
	}
	return count;
}

bool split_wants_call(struct virtio_ring *ring)
{
	const uint16_t old = ring->called;
	const bool valid = ring->called_valid;

	if (!ring->made.event_index)
		return !(virtio_read_16(&split_avail(ring)->flags) & VRING_AVAIL_F_NO_INTERRUPT);
	ring->called = ring->used;
	ring->called_valid = true;
	return !valid || vring_need_event(split_used_event(ring), ring->used, old);
}

bool split_notify(struct virtio_ring *ring, bool wanted)
{
	struct vring_used *used = split_used(ring);

	if (ring->made.event_index) {
		if (wanted)
			split_avail_event_set(ring, ring->avail);
	} else {
		__atomic_store_n(&used->flags, wanted ? 0 : VRING_USED_F_NO_NOTIFY, __ATOMIC_RELAXED);
		if (ring->made.log_used)
			ring->made.log_used(ring->made.log_context, offsetof(struct vring_used, flags),
					    sizeof(used->flags));
	}
	if (!wanted)
		return false;
	atomic_thread_fence(
	    memory_order_seq_cst); /* the driver makes chains available, and then looks whether to tell */
	return virtio_read_16(&split_avail(ring)->idx) != ring->avail;
}
