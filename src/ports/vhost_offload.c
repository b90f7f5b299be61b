/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest's header leaves to others, as a packet says it (ports/ethdev_offload.h), and the way back.  The header is the copy that was made
 * when the chain was taken; of the frame only what is ours already is looked at.
 */
#include "ports/vhost_user.h"

#include <rte_mbuf.h>

#include "ports/ethdev_offload.h"
#include "virtio/virtio_header.h"

static uint32_t offload_bit(uint64_t features, unsigned feature, uint32_t bits)
{
	return features & VIRTIO_FEATURE(feature) ? bits : 0;
}

uint32_t vhost_offload_takes(uint64_t features)
{
	uint32_t takes = offload_bit(features, VIRTIO_NET_F_GUEST_TSO4, ETHDEV_TSO4) |
			 offload_bit(features, VIRTIO_NET_F_GUEST_TSO6, ETHDEV_TSO6) |
			 offload_bit(features, VIRTIO_NET_F_GUEST_USO4, ETHDEV_USO4) |
			 offload_bit(features, VIRTIO_NET_F_GUEST_USO6, ETHDEV_USO6);

	return features & VIRTIO_FEATURE(VIRTIO_NET_F_GUEST_CSUM) ? takes | ETHDEV_PARTIAL : 0;
}

uint32_t vhost_offload_sends(uint64_t features)
{
	uint32_t sends = offload_bit(features, VIRTIO_NET_F_HOST_TSO4, ETHDEV_TSO4) |
			 offload_bit(features, VIRTIO_NET_F_HOST_TSO6, ETHDEV_TSO6) |
			 offload_bit(features, VIRTIO_NET_F_HOST_USO, ETHDEV_USO4 | ETHDEV_USO6);

	return features & VIRTIO_FEATURE(VIRTIO_NET_F_CSUM) ? sends | ETHDEV_PARTIAL : 0;
}

/* offload_gso returns what the header says that the frame is, ETHDEV_TSO4 and so on; 0: nothing that there is. */
static uint32_t offload_gso(const struct virtio_net_hdr_v1 *header, const struct offload *offload)
{
	switch (header->gso_type) {
	case VIRTIO_NET_HDR_GSO_TCPV4:
		return offload->udp || offload->ipv6 ? 0 : ETHDEV_TSO4;
	case VIRTIO_NET_HDR_GSO_TCPV6:
		return offload->udp || !offload->ipv6 ? 0 : ETHDEV_TSO6;
	case VIRTIO_NET_HDR_GSO_UDP_L4:
		return !offload->udp ? 0 : offload->ipv6 ? ETHDEV_USO6 : ETHDEV_USO4;
	default:
		return 0;
	}
}

/*
 * vhost_offload_read: a checksum elsewhere than TCP's and UDP's (below a tunnel's headers, for instance) is made here and now.  A frame that is to
 * be cut says so with a checksum that is to be made (virtio 1.1, 5.1.6.2.1), and is what it says it is.
 */
bool vhost_offload_read(const struct vhost_port *vhost, struct rte_mbuf *packet,
			const struct virtio_net_hdr_v1 *header)
{
	const uint32_t len = rte_pktmbuf_pkt_len(packet);
	struct offload offload;
	bool plain;

	if (!(header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return header->gso_type == VIRTIO_NET_HDR_GSO_NONE;
	if (!virtio_header_checksum_fits(header, len))
		return false;
	plain = offload_find(packet, &offload) && header->csum_start == offload.l4 &&
		header->csum_offset == offload_checksum_offset(&offload);
	if (header->gso_type != VIRTIO_NET_HDR_GSO_NONE &&
	    (!plain || !header->gso_size || !(vhost->sends & offload_gso(header, &offload))))
		return false;
	if (!plain)
		offload_checksum_put(packet, header->csum_start, header->csum_offset);
	else if (header->gso_type == VIRTIO_NET_HDR_GSO_NONE || len - offload.header_len <= header->gso_size)
		offload_set(packet, &offload, 0);
	else
		offload_set(packet, &offload, header->gso_size);
	return true;
}

void vhost_offload_write(const struct rte_mbuf *packet, struct virtio_net_hdr_v1 *header)
{
	const uint32_t needs = offload_needs(packet);
	struct offload offload;

	if (!needs || !offload_find(packet, &offload))
		return;
	header->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	header->csum_start = offload.l4;
	header->csum_offset = (uint16_t)offload_checksum_offset(&offload);
	if (!(needs & ETHDEV_CUT))
		return;
	header->gso_type = offload.udp    ? VIRTIO_NET_HDR_GSO_UDP_L4
			   : offload.ipv6 ? VIRTIO_NET_HDR_GSO_TCPV6
					  : VIRTIO_NET_HDR_GSO_TCPV4;
	header->gso_size = packet->tso_segsz;
	header->hdr_len = offload.header_len;
}
