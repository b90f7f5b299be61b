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

static inline union split_desc split_desc_at(const struct vring_desc *at)
{
	const uint64_t *from = (const uint64_t *)at;

	return (union split_desc){ .word = { virtio_read_64(&from[0]), virtio_read_64(&from[1]) } };
}

static bool split_desc_read(const struct virtio_ring *ring, const struct split_table *table, uint32_t index,
			    union split_desc *desc)
{
	if (!table->mapped)
		return virtio_memory_read(ring->made.memory, table->address + index * sizeof(desc->is), desc,
					  sizeof(*desc));
	*desc = split_desc_at(&table->mapped[index]);
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

/* Where a chain is being followed.  seen: descriptors of the table that were passed; left: of the chain, with this one. */
struct split_walk {
	struct split_table table;
	union split_desc desc;
	uint32_t seen, left;
};

/* split_walk_on goes on to the next descriptor, which this one names. */
static enum virtio_taken split_walk_on(struct virtio_ring *ring, struct split_walk *walk)
{
	const uint16_t next = walk->desc.is.next;

	if (++walk->seen == walk->table.count || !--walk->left)
		return virtio_ring_break(ring, VIRTIO_BROKEN_LOOP);
	if (next >= walk->table.count)
		return virtio_ring_break(ring, VIRTIO_BROKEN_NEXT);
	if (!split_desc_read(ring, &walk->table, next, &walk->desc))
		return virtio_ring_break(ring, VIRTIO_BROKEN_ADDRESS);
	return VIRTIO_TAKEN;
}

/*
 * split_walk_near adds and passes descriptors as long as they are plain but for having a next one, as long chains are, mostly: what it goes by is in
 * registers.
 */
static void split_walk_near(const struct virtio_ring *ring, struct split_walk *walk, struct virtio_chain *chain,
			    struct virtio_piece *piece, unsigned room)
{
	const struct virtio_plain near = virtio_plain_of(ring);
	const struct split_table table = walk->table;
	const uint32_t of_table = table.count - walk->seen,
		       most = (of_table < walk->left ? of_table : walk->left) - 1;
	unsigned n = chain->pieces;
	uint8_t *end = n ? piece[n - 1].at + piece[n - 1].len : NULL;
	union split_desc desc = walk->desc;
	uint32_t passed = 0;
	uint64_t bytes = 0;

	room = room < VIRTIO_CHAIN_MAX ? room : VIRTIO_CHAIN_MAX;
	for (; table.mapped && passed < most; passed++) {
		const uint64_t offset = desc.is.addr - near.guest;
		const uint32_t len = desc.is.len;
		uint8_t *at;

		if ((desc.is.flags & (VRING_DESC_F_NEXT | VRING_DESC_F_INDIRECT | VRING_DESC_F_WRITE)) !=
			(near.flags | VRING_DESC_F_NEXT) ||
		    !len || offset >= near.size || len > near.size - offset || desc.is.next >= table.count)
			break;
		at = near.host + offset;
		if (at == end && len <= UINT32_MAX - piece[n - 1].len)
			piece[n - 1].len += len;
		else if (n < room)
			piece[n++] = (struct virtio_piece){ at, len };
		else
			break;
		end = at + len;
		bytes += len;
		desc = split_desc_at(&table.mapped[desc.is.next]);
	}
	chain->pieces = n;
	chain->bytes += bytes;
	walk->desc = desc;
	walk->seen += passed;
	walk->left -= passed;
}

/*
 * split_follow gathers a chain from its first descriptor on.  An indirect table may stand at its beginning or after others (virtio 1.1,
 * 2.6.5.3.2).
 */
static enum virtio_taken split_follow(struct virtio_ring *ring, union split_desc desc, struct virtio_chain *chain,
				      struct virtio_piece *piece, unsigned room)
{
	struct split_walk walk = { .table = { .mapped = ring->made.descriptors, .count = ring->made.size },
				   .desc = desc,
				   .left = VIRTIO_CHAIN_MAX };
	enum virtio_taken taken;

	while (true) {
		if (walk.desc.is.flags & VRING_DESC_F_INDIRECT) {
			taken = split_table_enter(ring, &walk.desc, &walk.table);
			if (taken != VIRTIO_TAKEN)
				return taken;
			walk.seen = 0;
		}
		split_walk_near(ring, &walk, chain, piece, room);
		if (walk.desc.is.flags & VRING_DESC_F_INDIRECT)
			continue;
		taken = virtio_chain_add(ring, chain, piece, room, walk.desc.is.addr, walk.desc.is.len,
					 walk.desc.is.flags);
		if (taken != VIRTIO_TAKEN || !(walk.desc.is.flags & VRING_DESC_F_NEXT))
			return taken;
		taken = split_walk_on(ring, &walk);
		if (taken != VIRTIO_TAKEN)
			return taken;
	}
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

/* A chain's beginning: what was read of it, and is not read again. */
struct split_begin {
	union split_desc desc; /* if head is inside the table */
	uint16_t head;
};

static struct split_begin split_begin_at(const struct virtio_ring *ring, uint16_t at)
{
	const uint16_t mask = ring->made.size - 1, head = virtio_read_16(&split_avail(ring)->ring[at & mask]);
	const struct vring_desc *table = ring->made.descriptors;
	struct split_begin begin = { .head = head };

	if (head <= mask)
		begin.desc = split_desc_at(&table[head]);
	return begin;
}

/*
 * split_take_plain takes plain chains, of which count are available; returns how many before the first that is another, *other.  A function of its own, so that
 * what it goes by is in registers.
 */
RARE unsigned split_take_plain(struct virtio_ring *ring, struct virtio_chain chain[], unsigned count,
			       struct virtio_piece piece[], struct split_begin *other)
{
	const uint16_t *heads = split_avail(ring)->ring, mask = ring->made.size - 1;
	const struct virtio_plain plain = virtio_plain_of(ring);
	const struct vring_desc *table = ring->made.descriptors;
	const unsigned first = ring->avail;
	unsigned n;

	for (n = 0; n < count; n++) {
		const unsigned head = virtio_read_16(&heads[(first + n) & mask]);
		union split_desc desc;

		other->head = (uint16_t)head;
		if (head > mask)
			break;
		other->desc = desc = split_desc_at(&table[head]);
		if (!virtio_plain_take(&plain, desc.is.addr, desc.is.len, desc.is.flags, (uint16_t)head, &chain[n],
				       &piece[n]))
			break;
	}
	ring->avail = (uint16_t)(first + n);
	return n;
}

/* split_take_other takes a chain that is not plain. */
RARE enum virtio_taken split_take_other(struct virtio_ring *ring, const struct split_begin *other,
					struct virtio_chain *chain, struct virtio_piece *piece, unsigned room)
{
	enum virtio_taken taken;

	if (other->head >= ring->made.size)
		return virtio_ring_break(ring, VIRTIO_BROKEN_HEAD);
	*chain = (struct virtio_chain){ .id = other->head, .descriptors = 1 };
	taken = split_follow(ring, other->desc, chain, piece, room);
	if (taken == VIRTIO_TAKEN)
		ring->avail++;
	return taken;
}

unsigned split_take(struct virtio_ring *ring, struct virtio_chain chain[], unsigned count,
		    struct virtio_piece piece[], unsigned room, enum virtio_taken *end)
{
	unsigned n = 0, pieces = 0;

	*end = VIRTIO_TAKEN;
	while (n < count) {
		unsigned there, most, plain;
		struct split_begin other;

		if (ring->avail == ring->avail_seen)
			*end = split_look(ring);
		if (*end != VIRTIO_TAKEN)
			break;
		there = (uint16_t)(ring->avail_seen - ring->avail);
		there = there < count - n ? there : count - n;
		most = there < room - pieces ? there : room - pieces;
		plain = split_take_plain(ring, &chain[n], most, &piece[pieces], &other);
		n += plain;
		pieces += plain;
		if (plain == there)
			continue;
		if (plain == most)
			other = split_begin_at(ring, ring->avail);
		*end = split_take_other(ring, &other, &chain[n], &piece[pieces], room - pieces);
		if (*end != VIRTIO_TAKEN)
			break;
		pieces += chain[n++].pieces;
	}
	return n;
}

void split_untake(struct virtio_ring *ring, unsigned count)
{
	ring->avail = (uint16_t)(ring->avail - count);
}

/* split_log_put tells the log of what split_put() wrote. */
static void split_log_put(const struct virtio_ring *ring, uint16_t first, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		ring->made.log_used(ring->made.log_context,
				    offsetof(struct vring_used, ring[(uint16_t)(first + i) & (ring->made.size - 1)]),
				    sizeof(struct vring_used_elem));
	ring->made.log_used(ring->made.log_context, offsetof(struct vring_used, idx), sizeof(uint16_t));
}

void split_put(struct virtio_ring *ring, const struct virtio_chain *chain, unsigned count)
{
	struct vring_used *used = split_used(ring);
	const uint16_t first = ring->used, mask = ring->made.size - 1;

	for (unsigned i = 0; i < count; i++)
		used->ring[(uint16_t)(first + i) & mask] =
		    (struct vring_used_elem){ .id = chain[i].id, .len = chain[i].written };
	ring->used = (uint16_t)(first + count);
	__atomic_store_n(&used->idx, ring->used, __ATOMIC_RELEASE);
	if (ring->made.log_used)
		split_log_put(ring, first, count);
}

unsigned split_prefetch(const struct virtio_ring *ring, unsigned count)
{
	const struct vring_desc *table = ring->made.descriptors;
	const uint16_t *heads = split_avail(ring)->ring, first = ring->avail, mask = ring->made.size - 1;
	const uint16_t there = (uint16_t)(virtio_read_16(&split_avail(ring)->idx) - first);

	count = there < count ? there : count;
	for (unsigned i = 0; i < count; i++)
		__builtin_prefetch(&table[virtio_read_16(&heads[(uint16_t)(first + i) & mask]) & mask]);
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
