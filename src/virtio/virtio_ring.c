/* SPDX-License-Identifier: BSD-2-Clause */
/* What is the same for both kinds of ring, and which kind a ring is. */
#include "virtio/virtio_ring.h"

#include <string.h>

#define WRAP 0x8000u

const char *virtio_broken_reason(enum virtio_broken broken)
{
	static const char *const reason[VIRTIO_BROKEN_COUNT] = {
		[VIRTIO_NOT_BROKEN] = "nothing wrong",
		[VIRTIO_BROKEN_INDEX] = "more chains than the ring has room for",
		[VIRTIO_BROKEN_HEAD] = "a chain that begins outside the descriptor table",
		[VIRTIO_BROKEN_NEXT] = "a descriptor whose next one is outside its table",
		[VIRTIO_BROKEN_LOOP] = "a chain that does not end, or is longer than 1024 descriptors",
		[VIRTIO_BROKEN_INDIRECT] = "an indirect table where none may be, or of a length that none has",
		[VIRTIO_BROKEN_ADDRESS] = "a buffer outside the memory that its front end shares",
		[VIRTIO_BROKEN_WRITABLE] =
		    "a buffer to write to where one to read was expected, or the other way round",
	};

	return (unsigned)broken < VIRTIO_BROKEN_COUNT ? reason[broken] : "?";
}

/* ring_is_there: its parts are aligned, and wholly in the guest's memory. */
static bool ring_is_there(const struct virtio_ring_params *params)
{
	const uint64_t size = params->size, event = params->event_index ? sizeof(uint16_t) : 0;
	uint64_t descriptors = size * sizeof(struct vring_desc), driver = sizeof(struct vring_packed_desc_event),
		 device = sizeof(struct vring_packed_desc_event);

	if (!params->packed) {
		driver = offsetof(struct vring_avail, ring) + size * sizeof(uint16_t) + event;
		device = offsetof(struct vring_used, ring) + size * sizeof(struct vring_used_elem) + event;
	}
	return !((uintptr_t)params->descriptors % 16 || (uintptr_t)params->driver % 2 ||
		 (uintptr_t)params->device % 4) &&
	       virtio_memory_holds(params->memory, params->descriptors, descriptors) &&
	       virtio_memory_holds(params->memory, params->driver, driver) &&
	       virtio_memory_holds(params->memory, params->device, device);
}

bool virtio_ring_start(struct virtio_ring *ring, const struct virtio_ring_params *params)
{
	const uint16_t size = params->size;

	memset(ring, 0, sizeof(*ring));
	if (!size || size > VIRTIO_SIZE_MAX || (!params->packed && size & (size - 1)) || !ring_is_there(params))
		return false;
	ring->made = *params;
	ring->avail = params->avail;
	ring->used = params->used;
	ring->avail_seen = ring->avail;
	if (!params->packed)
		return true;
	ring->avail_wrap = params->avail & WRAP;
	ring->used_wrap = params->used & WRAP;
	ring->avail &= WRAP - 1;
	ring->used &= WRAP - 1;
	return ring->avail < size && ring->used < size;
}

uint16_t virtio_ring_avail(const struct virtio_ring *ring)
{
	return (uint16_t)(ring->avail | (ring->avail_wrap ? WRAP : 0));
}

uint16_t virtio_ring_used(const struct virtio_ring *ring)
{
	return (uint16_t)(ring->used | (ring->used_wrap ? WRAP : 0));
}

enum virtio_taken virtio_chain_add_far(struct virtio_ring *ring, struct virtio_chain *chain,
				       struct virtio_piece *piece, unsigned room, uint64_t address, uint32_t len)
{
	while (len) {
		const uint32_t before = ring->near;
		enum virtio_taken taken;
		uint32_t here = len;
		uint8_t *at = virtio_memory_near(ring->made.memory, &ring->near, address, &here);

		if (!at)
			return virtio_ring_break(ring, VIRTIO_BROKEN_ADDRESS);
		taken = virtio_piece_add(ring, chain, piece, room, at, here, ring->near == before);
		if (taken != VIRTIO_TAKEN)
			return taken;
		address += here;
		len -= here;
	}
	return VIRTIO_TAKEN;
}

unsigned virtio_ring_take(struct virtio_ring *ring, struct virtio_chain chain[], unsigned count,
			  struct virtio_piece piece[], unsigned room, enum virtio_taken *end)
{
	*end = VIRTIO_BROKEN;
	if (ring->broken)
		return 0;
	return ring->made.packed ? packed_take(ring, chain, count, piece, room, end)
				 : split_take(ring, chain, count, piece, room, end);
}

void virtio_ring_untake(struct virtio_ring *ring, const struct virtio_chain *chain, unsigned count)
{
	if (ring->made.packed)
		packed_untake(ring, chain, count);
	else
		split_untake(ring, count);
}

void virtio_ring_put(struct virtio_ring *ring, const struct virtio_chain *chain, unsigned count)
{
	if (!count)
		return;
	if (ring->made.packed)
		packed_put(ring, chain, count);
	else
		split_put(ring, chain, count);
}

unsigned virtio_ring_prefetch(const struct virtio_ring *ring, unsigned count)
{
	if (ring->broken)
		return 0;
	return ring->made.packed ? packed_prefetch(ring, count) : split_prefetch(ring, count);
}

bool virtio_ring_wants_call(struct virtio_ring *ring)
{
	atomic_thread_fence(memory_order_seq_cst); /* the driver says what it wants, and then looks at what is used */
	return ring->made.packed ? packed_wants_call(ring) : split_wants_call(ring);
}

bool virtio_ring_notify(struct virtio_ring *ring, bool wanted)
{
	return ring->made.packed ? packed_notify(ring, wanted) : split_notify(ring, wanted);
}
