/* SPDX-License-Identifier: BSD-2-Clause */
#include "virtio/virtio_memory.h"

bool virtio_memory_add(struct virtio_memory *memory, uint64_t guest, uint64_t size, void *host)
{
	if (memory->count == VIRTIO_REGIONS_MAX || !size || guest + size < guest)
		return false;
	memory->region[memory->count++] = (struct virtio_region){ guest, size, host };
	return true;
}

bool virtio_memory_read(const struct virtio_memory *memory, uint64_t guest, void *to, size_t len)
{
	uint8_t *out = to;

	while (len) {
		uint32_t here = len > UINT32_MAX ? UINT32_MAX : (uint32_t)len;
		const uint8_t *at = virtio_memory_at(memory, guest, &here);

		if (!at)
			return false;
		virtio_read(out, at, here);
		out += here;
		guest += here;
		len -= here;
	}
	return true;
}

bool virtio_memory_holds(const struct virtio_memory *memory, const void *host, uint64_t len)
{
	for (uint32_t i = 0; i < memory->count; i++) {
		const struct virtio_region *region = &memory->region[i];
		uintptr_t offset = (uintptr_t)host - (uintptr_t)region->host;

		if (offset < region->size && len <= region->size - offset)
			return true;
	}
	return false;
}

bool virtio_memory_guest_address(const struct virtio_memory *memory, const void *host, uint64_t *guest)
{
	for (uint32_t i = 0; i < memory->count; i++) {
		const struct virtio_region *region = &memory->region[i];
		uintptr_t offset = (uintptr_t)host - (uintptr_t)region->host;

		if (offset >= region->size)
			continue;
		*guest = region->guest + offset;
		return true;
	}
	return false;
}
