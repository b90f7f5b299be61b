/* SPDX-License-Identifier: BSD-2-Clause */
#include "virtio/virtio_header.h"

#include <linux/virtio_config.h>

#define FEATURE(bit) (UINT64_C(1) << (bit))

uint32_t virtio_header_len(uint64_t features)
{
	if (features & FEATURE(VIRTIO_NET_F_HASH_REPORT))
		return sizeof(struct virtio_net_hdr_v1_hash);
	if (features & (FEATURE(VIRTIO_F_VERSION_1) | FEATURE(VIRTIO_NET_F_MRG_RXBUF)))
		return sizeof(struct virtio_net_hdr_v1);
	return sizeof(struct virtio_net_hdr);
}

bool virtio_header_checksum_fits(const struct virtio_net_hdr_v1 *header, uint32_t frame_len)
{
	return (uint32_t)header->csum_start + header->csum_offset + sizeof(uint16_t) <= frame_len;
}
