/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's memory as its front end shares it: regions of guest-physical addresses, and where each is mapped here.
 * Threads: written while nobody reads (the owner sees to that); read by any number.
 */
#ifndef VMMQ_VIRTIO_VIRTIO_MEMORY_H
#define VMMQ_VIRTIO_VIRTIO_MEMORY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define VIRTIO_REGIONS_MAX 32u

struct virtio_region {
	uint64_t guest; /* guest-physical address of its first byte */
	uint64_t size;  /* bytes; guest + size does not wrap */
	uint8_t *host;
};

struct virtio_memory {
	uint32_t count;
	struct virtio_region region[VIRTIO_REGIONS_MAX];
};

/*
 * Whatever is read of guest memory is read by these, into memory of ours, and what follows looks at that alone.  virtio_read: the fence, which
 * costs nothing, keeps a compiler from looking at the guest's memory again where the copy is asked for.
 * virtio_guest_moves: where a test may have the guest write to its memory: before each of them, knowing what is read.
 */
#ifdef VIRTIO_GUEST_MOVES
void virtio_guest_moves(const void *at);
#else
static inline void virtio_guest_moves(const void *at)
{
	(void)at;
}
#endif

static inline uint16_t virtio_read_16(const uint16_t *at)
{
	virtio_guest_moves(at);
	return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}

static inline uint64_t virtio_read_64(const uint64_t *at)
{
	virtio_guest_moves(at);
	return __atomic_load_n(at, __ATOMIC_RELAXED);
}

static inline void virtio_read(void *to, const void *at, size_t len)
{
	virtio_guest_moves(at);
	memcpy(to, at, len);
	atomic_signal_fence(memory_order_seq_cst);
}

/* virtio_memory_add: false: there is no room for it, it is empty, or its addresses wrap. */
bool virtio_memory_add(struct virtio_memory *memory, uint64_t guest, uint64_t size, void *host);

/* virtio_memory_read copies len bytes from wherever they are, across regions if need be; false: not all of them are there. */
bool virtio_memory_read(const struct virtio_memory *memory, uint64_t guest, void *to, size_t len);

/* virtio_memory_holds: all of them lie in one region, as it is mapped. */
bool virtio_memory_holds(const struct virtio_memory *memory, const void *host, uint64_t len);

/* virtio_memory_guest_address is the way back, for the log of what was written; false: it is in no region. */
bool virtio_memory_guest_address(const struct virtio_memory *memory, const void *host, uint64_t *guest);

/*
 * virtio_memory_near returns where an address is mapped, NULL: nowhere; *len: in: bytes wanted, more than 0; out: as many of them as
 * lie in that region.  Whatever the guest says, at + *len is inside the region.  *near: the region to look at first, and then the one that it is in.
 */
static inline uint8_t *virtio_memory_near(const struct virtio_memory *memory, uint32_t *near, uint64_t guest,
					  uint32_t *len)
{
	for (uint32_t i = *near, looked = 0; looked < memory->count;
	     looked++, i = i + 1 < memory->count ? i + 1 : 0) {
		const struct virtio_region *region = &memory->region[i];
		uint64_t offset = guest - region->guest;

		if (offset >= region->size)
			continue;
		if (*len > region->size - offset)
			*len = (uint32_t)(region->size - offset);
		*near = i;
		return region->host + offset;
	}
	return NULL;
}

static inline uint8_t *virtio_memory_at(const struct virtio_memory *memory, uint64_t guest, uint32_t *len)
{
	uint32_t first = 0;

	return virtio_memory_near(memory, &first, guest, len);
}

#endif
