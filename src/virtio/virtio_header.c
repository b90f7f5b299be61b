/* SPDX-License-Identifier: BSD-2-Clause */
#include "virtio/virtio_header.h"

#include <linux/virtio_config.h>
#include <vmmq/types.h>

uint32_t virtio_header_len(uint64_t features)
{
	if (features & VIRTIO_FEATURE(VIRTIO_NET_F_HASH_REPORT))
		return sizeof(struct virtio_net_hdr_v1_hash);
	if (features & (VIRTIO_FEATURE(VIRTIO_F_VERSION_1) | VIRTIO_FEATURE(VIRTIO_NET_F_MRG_RXBUF)))
		return sizeof(struct virtio_net_hdr_v1);
	return sizeof(struct virtio_net_hdr);
}

uint16_t virtio_header_hash_type(uint32_t type)
{
	switch (type) {
	case VMMQ_HASH_IPV4:
		return VIRTIO_NET_HASH_REPORT_IPv4;
	case VMMQ_HASH_TCP_IPV4:
		return VIRTIO_NET_HASH_REPORT_TCPv4;
	case VMMQ_HASH_UDP_IPV4:
		return VIRTIO_NET_HASH_REPORT_UDPv4;
	case VMMQ_HASH_IPV6:
		return VIRTIO_NET_HASH_REPORT_IPv6;
	case VMMQ_HASH_TCP_IPV6:
		return VIRTIO_NET_HASH_REPORT_TCPv6;
	case VMMQ_HASH_UDP_IPV6:
		return VIRTIO_NET_HASH_REPORT_UDPv6;
	case VMMQ_HASH_IPV6_EX:
		return VIRTIO_NET_HASH_REPORT_IPv6_EX;
	case VMMQ_HASH_TCP_IPV6_EX:
		return VIRTIO_NET_HASH_REPORT_TCPv6_EX;
	case VMMQ_HASH_UDP_IPV6_EX:
		return VIRTIO_NET_HASH_REPORT_UDPv6_EX;
	default:
		return VIRTIO_NET_HASH_REPORT_NONE;
	}
}

bool virtio_header_checksum_fits(const struct virtio_net_hdr_v1 *header, uint32_t frame_len)
{
	return (uint32_t)header->csum_start + header->csum_offset + sizeof(uint16_t) <= frame_len;
}
