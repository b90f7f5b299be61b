/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's memory: regions of any length, each in a mapping of its own that ends where a page ends, between pages that nobody may
 * touch.  Their guest-physical addresses are adjacent, their mappings are not.
 */
#ifndef VMMQ_UNIT_VIRTIO_GUEST_MEMORY_H
#define VMMQ_UNIT_VIRTIO_GUEST_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "virtio/virtio_memory.h"

#define DATA_AT      UINT64_C(0x100000)
#define DATA_LEN     (12293u + 8197u + 20000u)
#define TABLES_AT    (DATA_AT + DATA_LEN)
#define TABLES_LEN   (8191u + 40000u)
#define OUTSIDE      UINT64_C(0x8000000) /* nothing is there */
#define RINGS_AT     UINT64_C(0x10000000)
#define PARTS_APART  UINT64_C(0x1000000) /* of a ring, in guest-physical addresses */
#define MAPPINGS_MAX 16u

static const uint32_t guest_region_len[] = { 12293, 8197, 20000, 8191, 40000 };

struct guest_memory {
	struct virtio_memory memory;
	struct {
		uint8_t *at;
		size_t len;
		int fd; /* a file that others may map: its last bytes are the region */
	} mapping[MAPPINGS_MAX];
	unsigned mappings;
};

/* guest_map adds a region of exactly len bytes, and writes where it is. */
static inline uint8_t *guest_map(struct guest_memory *guest, uint64_t address, size_t len)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (len + page - 1) / page * page;
	uint8_t *at = mmap(NULL, room + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = memfd_create("guest", MFD_CLOEXEC);

	if (at == MAP_FAILED || fd < 0 || ftruncate(fd, (off_t)room) || guest->mappings == MAPPINGS_MAX ||
	    mmap(at + page, room, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED ||
	    !virtio_memory_add(&guest->memory, address, len, at + page + room - len))
		__builtin_trap();
	guest->mapping[guest->mappings].fd = fd;
	guest->mapping[guest->mappings].at = at;
	guest->mapping[guest->mappings++].len = room + 2 * page;
	return at + page + room - len;
}

/* guest_start makes the data and what tables are put into. */
static inline void guest_start(struct guest_memory *guest)
{
	uint64_t address = DATA_AT;

	memset(guest, 0, sizeof(*guest));
	for (unsigned i = 0; i < sizeof(guest_region_len) / sizeof(guest_region_len[0]); i++) {
		guest_map(guest, address, guest_region_len[i]);
		address += guest_region_len[i];
	}
}

static inline void guest_stop(struct guest_memory *guest)
{
	while (guest->mappings--) {
		munmap(guest->mapping[guest->mappings].at, guest->mapping[guest->mappings].len);
		close(guest->mapping[guest->mappings].fd);
	}
}

/* guest_byte finds a byte by itself: region by region, as they were made. */
static inline uint8_t *guest_byte(const struct guest_memory *guest, uint64_t address)
{
	uint64_t from = DATA_AT;

	for (unsigned i = 0; i < sizeof(guest_region_len) / sizeof(guest_region_len[0]); i++) {
		if (address >= from && address - from < guest_region_len[i])
			return guest->memory.region[i].host + (address - from);
		from += guest_region_len[i];
	}
	__builtin_trap();
}

static inline void guest_write(const struct guest_memory *guest, uint64_t address, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		*guest_byte(guest, address + i) = ((const uint8_t *)bytes)[i];
}

/* guest_pieces counts those that a range lies in. */
static inline unsigned guest_pieces(uint64_t address, uint32_t len)
{
	uint64_t end = DATA_AT;
	unsigned pieces = len > 0;

	for (unsigned i = 0; i < sizeof(guest_region_len) / sizeof(guest_region_len[0]); i++) {
		end += guest_region_len[i];
		pieces += end > address && end < address + len;
	}
	return pieces;
}

/* guest_joins: the two bytes, one behind the other, are of one region. */
static inline bool guest_joins(uint64_t address)
{
	uint64_t end = DATA_AT;

	for (unsigned i = 0; i < sizeof(guest_region_len) / sizeof(guest_region_len[0]); i++) {
		end += guest_region_len[i];
		if (end == address)
			return false;
	}
	return true;
}

#endif
