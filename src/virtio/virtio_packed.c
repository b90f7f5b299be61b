/* SPDX-License-Identifier: BSD-2-Clause */
/* Packed rings (virtio 1.1, 2.7). */
#include <string.h>

#include "virtio/virtio_ring.h"

#define AVAIL (1u << VRING_PACKED_DESC_F_AVAIL)
#define USED  (1u << VRING_PACKED_DESC_F_USED)
#define WRAP  (1u << VRING_PACKED_EVENT_F_WRAP_CTR)

/* A descriptor's copy: read as two words, each once. */
union packed_desc {
	struct vring_packed_desc is;
	uint64_t word[2];
};

static struct vring_packed_desc *packed_at(const struct virtio_ring *ring, uint16_t index)
{
	return (struct vring_packed_desc *)ring->made.descriptors + index;
}

static union packed_desc packed_read(const struct virtio_ring *ring, uint16_t index)
{
	const uint64_t *from = (const uint64_t *)packed_at(ring, index);
	union packed_desc desc;

	desc.word[0] = virtio_read_64(&from[0]);
	desc.word[1] = virtio_read_64(&from[1]);
	return desc;
}

/*
 * packed_is_available_at: what is read of the chain afterwards was written before the driver said so.  Of these flags nothing but that is
 * used: the descriptor's copy has its own.
 */
static bool packed_is_available_at(const struct virtio_ring *ring, uint16_t index, bool wrap)
{
	uint16_t flags = virtio_read_16(&packed_at(ring, index)->flags);

	return !(flags & AVAIL) == !wrap && !(flags & USED) != !wrap;
}

static bool packed_is_available(const struct virtio_ring *ring)
{
	return packed_is_available_at(ring, ring->avail, ring->avail_wrap);
}

/* packed_indirect adds what an indirect table names: all of its descriptors, in order. */
static enum virtio_taken packed_indirect(struct virtio_ring *ring, const struct vring_packed_desc *desc,
					 struct virtio_chain *chain, struct virtio_piece *piece, unsigned room)
{
	uint32_t count = desc->len / sizeof(struct vring_packed_desc);

	if (!ring->made.indirect || desc->flags & VRING_DESC_F_NEXT || !count ||
	    desc->len % sizeof(struct vring_packed_desc))
		return virtio_ring_break(ring, VIRTIO_BROKEN_INDIRECT);
	if (count > VIRTIO_CHAIN_MAX)
		return virtio_ring_break(ring, VIRTIO_BROKEN_LOOP);
	for (uint32_t i = 0; i < count; i++) {
		struct vring_packed_desc inner;
		enum virtio_taken taken;

		if (!virtio_memory_read(ring->made.memory, desc->addr + i * sizeof(inner), &inner, sizeof(inner)))
			return virtio_ring_break(ring, VIRTIO_BROKEN_ADDRESS);
		if (inner.flags & VRING_DESC_F_INDIRECT)
			return virtio_ring_break(ring, VIRTIO_BROKEN_INDIRECT);
		taken = virtio_chain_add(ring, chain, piece, room, inner.addr, inner.len, inner.flags);
		if (taken != VIRTIO_TAKEN)
			return taken;
	}
	return VIRTIO_TAKEN;
}

static enum virtio_taken packed_add(struct virtio_ring *ring, const struct vring_packed_desc *desc,
				    struct virtio_chain *chain, struct virtio_piece *piece, unsigned room)
{
	if (desc->flags & VRING_DESC_F_INDIRECT)
		return chain->descriptors ? virtio_ring_break(ring, VIRTIO_BROKEN_INDIRECT)
					  : packed_indirect(ring, desc, chain, piece, room);
	return virtio_chain_add(ring, chain, piece, room, desc->addr, desc->len, desc->flags);
}

static void packed_step(const struct virtio_ring *ring, uint16_t *index, bool *wrap, uint16_t steps)
{
	uint32_t next = (uint32_t)*index + steps;

	*index = (uint16_t)(next < ring->made.size ? next : next - ring->made.size);
	*wrap ^= next >= ring->made.size;
}

/* packed_follow gathers a chain from its first descriptor on. */
static enum virtio_taken packed_follow(struct virtio_ring *ring, union packed_desc desc, struct virtio_chain *chain,
				       struct virtio_piece *piece, unsigned room)
{
	uint16_t index = ring->avail;
	bool wrap = ring->avail_wrap;

	for (;;) {
		enum virtio_taken taken = packed_add(ring, &desc.is, chain, piece, room);

		if (taken != VIRTIO_TAKEN)
			return taken;
		chain->descriptors++;
		if (!(desc.is.flags & VRING_DESC_F_NEXT))
			break;
		if (chain->descriptors == ring->made.size || chain->descriptors == VIRTIO_CHAIN_MAX)
			return virtio_ring_break(ring, VIRTIO_BROKEN_LOOP);
		packed_step(ring, &index, &wrap, 1);
		desc = packed_read(ring, index);
	}
	chain->id = desc.is.id; /* of the last one, and only ever given back */
	return VIRTIO_TAKEN;
}

/* packed_take_other takes a chain that begins with that descriptor, and is not plain. */
RARE enum virtio_taken packed_take_other(struct virtio_ring *ring, union packed_desc desc, struct virtio_chain *chain,
					 struct virtio_piece *piece, unsigned room)
{
	*chain = (struct virtio_chain){ 0 };
	return packed_follow(ring, desc, chain, piece, room);
}

unsigned packed_take(struct virtio_ring *ring, struct virtio_chain chain[], unsigned count,
		     struct virtio_piece piece[], unsigned room, enum virtio_taken *end)
{
	struct virtio_plain plain = virtio_plain_of(ring);
	unsigned n, pieces = 0;

	*end = VIRTIO_TAKEN;
	for (n = 0; n < count; n++) {
		union packed_desc desc;

		if (!packed_is_available(ring)) {
			*end = VIRTIO_NONE;
			break;
		}
		desc = packed_read(ring, ring->avail);
		if (pieces == room || !virtio_plain_take(&plain, desc.is.addr, desc.is.len, desc.is.flags, desc.is.id,
							 &chain[n], &piece[pieces])) {
			*end = packed_take_other(ring, desc, &chain[n], &piece[pieces], room - pieces);
			if (*end != VIRTIO_TAKEN)
				break;
			plain = virtio_plain_of(ring);
		}
		pieces += chain[n].pieces;
		packed_step(ring, &ring->avail, &ring->avail_wrap, chain[n].descriptors);
	}
	return n;
}

void packed_untake(struct virtio_ring *ring, const struct virtio_chain *chain, unsigned count)
{
	while (count-- > 0) {
		uint16_t back = chain[count].descriptors;

		ring->avail_wrap ^= ring->avail < back;
		ring->avail =
		    (uint16_t)(ring->avail < back ? ring->avail + ring->made.size - back : ring->avail - back);
	}
}

/* packed_prefetch counts descriptors, as if each were a chain: they are read one after the other, which the hardware foresees. */
unsigned packed_prefetch(const struct virtio_ring *ring, unsigned count)
{
	uint16_t index = ring->avail;
	bool wrap = ring->avail_wrap;
	unsigned n = 0;

	while (n < count && packed_is_available_at(ring, index, wrap)) {
		packed_step(ring, &index, &wrap, 1);
		n++;
	}
	return n;
}

static void packed_log(const struct virtio_ring *ring, uint16_t index)
{
	if (ring->made.log_used)
		ring->made.log_used(ring->made.log_context, index * sizeof(struct vring_packed_desc),
				    sizeof(struct vring_packed_desc));
}

/* packed_put: the flags of the first one last, which the driver looks at before all others. */
void packed_put(struct virtio_ring *ring, const struct virtio_chain *chain, unsigned count)
{
	const uint16_t first = ring->used;
	uint16_t first_flags = 0;

	for (unsigned i = 0; i < count; i++) {
		struct vring_packed_desc *desc = packed_at(ring, ring->used);
		uint16_t flags =
		    (uint16_t)((ring->used_wrap ? AVAIL | USED : 0) | (chain[i].written ? VRING_DESC_F_WRITE : 0));

		desc->len = chain[i].written;
		desc->id = chain[i].id;
		if (i) {
			__atomic_store_n(&desc->flags, flags, __ATOMIC_RELEASE);
			packed_log(ring, ring->used);
		} else {
			first_flags = flags;
		}
		packed_step(ring, &ring->used, &ring->used_wrap, chain[i].descriptors);
	}
	__atomic_store_n(&packed_at(ring, first)->flags, first_flags, __ATOMIC_RELEASE);
	packed_log(ring, first);
}

bool packed_wants_call(struct virtio_ring *ring)
{
	const struct vring_packed_desc_event *event = ring->made.driver;
	const uint16_t size = ring->made.size, flags = virtio_read_16(&event->flags);
	const bool valid = ring->called_valid;
	uint16_t old = ring->called, at;

	if (!ring->made.event_index)
		return flags != VRING_PACKED_EVENT_FLAG_DISABLE;
	ring->called = ring->used;
	ring->called_valid = true;
	if (flags != VRING_PACKED_EVENT_FLAG_DESC)
		return flags != VRING_PACKED_EVENT_FLAG_DISABLE;
	at = virtio_read_16(&event->off_wrap);
	if (!(at & WRAP) == ring->used_wrap) /* of the round before */
		at = (uint16_t)((at & (WRAP - 1)) - size);
	else
		at &= WRAP - 1;
	if (ring->used <= old)
		old = (uint16_t)(old - size);
	return !valid || vring_need_event(at, ring->used, old);
}

bool packed_notify(struct virtio_ring *ring, bool wanted)
{
	struct vring_packed_desc_event *event = ring->made.device;
	uint16_t flags = wanted ? VRING_PACKED_EVENT_FLAG_ENABLE : VRING_PACKED_EVENT_FLAG_DISABLE;

	if (wanted && ring->made.event_index) {
		__atomic_store_n(&event->off_wrap, virtio_ring_avail(ring), __ATOMIC_RELAXED);
		flags = VRING_PACKED_EVENT_FLAG_DESC;
	}
	__atomic_store_n(&event->flags, flags, __ATOMIC_RELEASE);
	if (!wanted)
		return false;
	atomic_thread_fence(
	    memory_order_seq_cst); /* the driver makes chains available, and then looks whether to tell */
	return packed_is_available(ring);
}
