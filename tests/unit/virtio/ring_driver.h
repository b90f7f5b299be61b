/* SPDX-License-Identifier: BSD-2-Clause */
/* A driver's side of a ring of either kind (virtio 1.1, 2.6 and 2.7), written for itself: what the device's side is held against. */
#ifndef VMMQ_UNIT_VIRTIO_RING_DRIVER_H
#define VMMQ_UNIT_VIRTIO_RING_DRIVER_H

#include "unit/core/test_random.h"
#include "unit/virtio/guest_memory.h"
#include "virtio/virtio_ring.h"

#define ELEMENTS_MAX    16u
#define OUTSTANDING_MAX 96u
#define TABLE_ROOM      (ELEMENTS_MAX * 16 + 8)
#define PACKED_AVAIL    (1u << VRING_PACKED_DESC_F_AVAIL)
#define PACKED_USED     (1u << VRING_PACKED_DESC_F_USED)
#define WRAP_BIT        0x8000u

/* A chain as the driver makes it.  in_table: the last so many of its elements are in an indirect table. */
struct made {
	struct {
		uint64_t at;
		uint32_t len;
	} element[ELEMENTS_MAX];
	unsigned count, in_table;
	uint16_t id;
	uint16_t slots; /* of the ring */
};

struct driver {
	struct guest_memory *guest;
	struct virtio_ring_params params;
	struct vring_desc *desc; /* split */
	struct vring_avail *avail;
	struct vring_used *used;
	struct vring_packed_desc *packed;
	struct vring_packed_desc_event *driver_event, *device_event;
	uint16_t avail_at, used_at; /* split: indices; packed: positions */
	bool avail_wrap, used_wrap;
	uint16_t slots_free;
	uint32_t frees;
	uint16_t free[VIRTIO_SIZE_MAX]; /* slots (split) or ids (packed) that are not in use */
	uint16_t chained[VIRTIO_SIZE_MAX];
	struct made outstanding[OUTSTANDING_MAX];
	unsigned oldest, outstandings;
	unsigned tables;
	bool
	    id_in_all; /* packed: every descriptor of a chain has its id, as Linux writes it; else the last one alone, which is enough (2.7.6) */
};

/*
 * driver_start makes a ring of three parts, each where guest_map() would put a region of its length (driver_part_len).  start: where it
 * begins, as in struct virtio_ring_params.
 */
static inline size_t driver_part_len(const struct virtio_ring_params *params, unsigned part)
{
	const size_t size = params->size, event = params->event_index ? 2 : 0;

	if (part == 0)
		return 16 * size;
	if (params->packed)
		return 4;
	return part == 1 ? 4 + 2 * size + event : (4 + 8 * size + event + 3) / 4 * 4;
}

static inline void driver_start_at(struct driver *driver, struct guest_memory *guest,
				   struct virtio_ring_params params, uint16_t start, void *const part[3])
{
	const size_t size = params.size;

	memset(driver, 0, sizeof(*driver));
	driver->guest = guest;
	driver->params = params;
	driver->params.memory = &guest->memory;
	driver->params.descriptors = driver->desc = part[0];
	driver->params.driver = driver->avail = part[1];
	driver->params.device = driver->used = part[2];
	driver->packed = part[0];
	driver->driver_event = part[1];
	driver->device_event = part[2];
	driver->params.avail = driver->params.used = start;
	driver->avail_at = driver->used_at = params.packed ? start & (WRAP_BIT - 1) : start;
	driver->avail_wrap = driver->used_wrap = start & WRAP_BIT;
	if (!params.packed)
		driver->avail->idx = driver->used->idx = start;
	else
		for (size_t i = 0; i < size; i++) /* used, in the round before the one that comes to it next */
			driver->packed[i].flags =
			    driver->avail_wrap == (i < driver->avail_at) ? PACKED_AVAIL | PACKED_USED : 0;
	driver->slots_free = params.size;
	for (driver->frees = 0; driver->frees < size; driver->frees++)
		driver->free[driver->frees] = (uint16_t)(size - 1 - driver->frees);
}

static inline void driver_start(struct driver *driver, struct guest_memory *guest, struct virtio_ring_params params,
				uint16_t start)
{
	void *part[3];

	for (unsigned i = 0; i < 3; i++)
		part[i] = guest_map(guest, RINGS_AT + i * PARTS_APART, driver_part_len(&params, i));
	driver_start_at(driver, guest, params, start, part);
}

/* driver_table writes an indirect table, and returns its address. */
static inline uint64_t driver_table(struct driver *driver, const struct made *made)
{
	const unsigned from = made->count - made->in_table;
	const uint16_t write = driver->params.writable ? VRING_DESC_F_WRITE : 0;
	uint64_t at = TABLES_AT + driver->tables++ % OUTSTANDING_MAX * TABLE_ROOM + random_below(2) * random_below(8);

	for (unsigned i = 0; i < made->in_table; i++) {
		const bool more = i + 1 < made->in_table;
		const struct vring_desc split = { made->element[from + i].at, made->element[from + i].len,
						  (uint16_t)(write | (more ? VRING_DESC_F_NEXT : 0)),
						  (uint16_t)(more ? i + 1 : random_u64()) };
		const struct vring_packed_desc packed = { split.addr, split.len, (uint16_t)random_u64(), write };

		if (driver->params.packed)
			guest_write(driver->guest, at + i * sizeof(packed), &packed, sizeof(packed));
		else
			guest_write(driver->guest, at + i * sizeof(split), &split, sizeof(split));
	}
	return at;
}

/* driver_slot returns what stands in the chain's descriptor of that number: an element or its table. */
static inline struct vring_desc driver_slot(struct driver *driver, const struct made *made, unsigned number)
{
	const unsigned direct = made->count - made->in_table;
	const uint16_t next = number + 1u < made->slots ? VRING_DESC_F_NEXT : 0;

	if (number < direct)
		return (struct vring_desc){ made->element[number].at, made->element[number].len,
					    (uint16_t)(next | (driver->params.writable ? VRING_DESC_F_WRITE : 0)),
					    0 };
	return (struct vring_desc){ driver_table(driver, made), made->in_table * 16,
				    (uint16_t)(VRING_DESC_F_INDIRECT | (random_below(2) ? VRING_DESC_F_WRITE : 0)),
				    0 };
}

static inline void driver_offer_split(struct driver *driver, struct made *made)
{
	uint16_t slot[ELEMENTS_MAX];

	for (unsigned i = 0; i < made->slots; i++)
		slot[i] = driver->free[--driver->frees];
	for (unsigned i = 0; i < made->slots; i++) {
		driver->desc[slot[i]] = driver_slot(driver, made, i);
		driver->desc[slot[i]].next = (uint16_t)(i + 1u < made->slots ? slot[i + 1] : random_u64());
		driver->chained[slot[i]] = slot[i + 1u < made->slots ? i + 1 : 0];
	}
	made->id = slot[0];
	driver->avail->ring[driver->avail_at % driver->params.size] = made->id;
	__atomic_store_n(&driver->avail->idx, ++driver->avail_at, __ATOMIC_RELEASE);
}

static inline void driver_offer_packed(struct driver *driver, struct made *made)
{
	const uint16_t first = driver->avail_at;
	uint16_t first_flags = 0;

	made->id = driver->free[--driver->frees];
	for (unsigned i = 0; i < made->slots; i++) {
		struct vring_packed_desc *desc = &driver->packed[driver->avail_at];
		struct vring_desc what = driver_slot(driver, made, i);
		uint16_t flags = (uint16_t)(what.flags | (driver->avail_wrap ? PACKED_AVAIL : PACKED_USED));

		desc->addr = what.addr;
		desc->len = what.len;
		desc->id = driver->id_in_all || i + 1u == made->slots ? made->id : 0xdead;
		if (i)
			desc->flags = flags;
		else
			first_flags = flags;
		if (++driver->avail_at == driver->params.size) {
			driver->avail_at = 0;
			driver->avail_wrap = !driver->avail_wrap;
		}
	}
	__atomic_store_n(&driver->packed[first].flags, first_flags, __ATOMIC_RELEASE);
}

/* driver_offer makes a chain available; false: there is no room for it. */
static inline bool driver_offer(struct driver *driver, struct made *made)
{
	made->slots = (uint16_t)(made->count - made->in_table + (made->in_table > 0));
	if (made->slots > driver->slots_free || driver->outstandings == OUTSTANDING_MAX)
		return false;
	driver->slots_free = (uint16_t)(driver->slots_free - made->slots);
	if (driver->params.packed)
		driver_offer_packed(driver, made);
	else
		driver_offer_split(driver, made);
	driver->outstanding[(driver->oldest + driver->outstandings++) % OUTSTANDING_MAX] = *made;
	return true;
}

/* driver_used looks whether the device has given a chain back. */
static inline bool driver_used(const struct driver *driver, uint32_t *id, uint32_t *len)
{
	const struct vring_packed_desc *desc;
	const struct vring_used_elem *elem;
	uint16_t flags;

	if (!driver->params.packed) {
		elem = &driver->used->ring[driver->used_at % driver->params.size];
		if (__atomic_load_n(&driver->used->idx, __ATOMIC_ACQUIRE) == driver->used_at)
			return false;
		*id = elem->id;
		*len = elem->len;
		return true;
	}
	desc = &driver->packed[driver->used_at];
	flags = __atomic_load_n(&desc->flags, __ATOMIC_ACQUIRE);
	if (!(flags & PACKED_AVAIL) != !(flags & PACKED_USED) || !(flags & PACKED_USED) != !driver->used_wrap)
		return false;
	*id = desc->id;
	*len = flags & VRING_DESC_F_WRITE ? desc->len : 0; /* 2.7.6: else it says nothing */
	return true;
}

/* driver_collect takes the oldest chain back, which the device has given back with so many bytes written; false: it has not. */
static inline bool driver_collect(struct driver *driver, uint32_t *len)
{
	const struct made *made = &driver->outstanding[driver->oldest];
	uint16_t slot = made->id;
	uint32_t id;

	if (!driver_used(driver, &id, len))
		return false;
	assert_true(driver->outstandings > 0);
	assert_int_equal(id, made->id);
	for (unsigned i = 0; i < (driver->params.packed ? 1u : made->slots); i++, slot = driver->chained[slot])
		driver->free[driver->frees++] = slot;
	driver->slots_free = (uint16_t)(driver->slots_free + made->slots);
	driver->oldest = (driver->oldest + 1) % OUTSTANDING_MAX;
	driver->outstandings--;
	if (!driver->params.packed) {
		driver->used_at++;
		return true;
	}
	driver->used_wrap ^= driver->used_at + made->slots >= driver->params.size;
	driver->used_at = (uint16_t)((driver->used_at + made->slots) % driver->params.size);
	return true;
}

#endif
