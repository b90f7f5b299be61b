/* SPDX-License-Identifier: BSD-2-Clause */
/* The header before each frame of a virtio network device (virtio 1.1, 5.1.6). */
#ifndef VMMQ_VIRTIO_VIRTIO_HEADER_H
#define VMMQ_VIRTIO_VIRTIO_HEADER_H

#include "virtio/virtio_cursor.h"
#include <linux/virtio_net.h>

#ifndef VIRTIO_NET_F_HASH_REPORT
#define VIRTIO_NET_F_HASH_REPORT 57
#endif
#ifndef VIRTIO_NET_F_GUEST_USO4
#define VIRTIO_NET_F_GUEST_USO4 54
#define VIRTIO_NET_F_GUEST_USO6 55
#define VIRTIO_NET_F_HOST_USO   56
#endif
#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif

#define VIRTIO_FEATURE(bit) (UINT64_C(1) << (bit))

#define VIRTIO_HEADER_MAX sizeof(struct virtio_net_hdr_v1_hash)

/* virtio_header_len: bytes, by the features that were negotiated. */
uint32_t virtio_header_len(uint64_t features);

/*
 * virtio_header_read and _write copy it, of len bytes, from where a chain begins, or there.  Most lie in one piece, and are of 12 bytes:
 * that is worth a copy without a call.
 */
static inline void virtio_header_read(struct virtio_cursor *from, struct virtio_net_hdr_v1_hash *header, uint32_t len)
{
	if (len != sizeof(header->hdr) || from->piece->len <= sizeof(header->hdr)) {
		virtio_cursor_read(from, header, len);
		return;
	}
	virtio_read(&header->hdr, from->piece->at, sizeof(header->hdr));
	from->done = sizeof(header->hdr);
}

static inline void virtio_header_write(struct virtio_cursor *to, const struct virtio_net_hdr_v1_hash *header,
				       uint32_t len)
{
	if (len != sizeof(header->hdr) || to->piece->len <= sizeof(header->hdr)) {
		virtio_cursor_write(to, header, len);
		return;
	}
	memcpy(to->piece->at, &header->hdr, sizeof(header->hdr));
	to->done = sizeof(header->hdr);
}

/* virtio_header_hash_type returns VIRTIO_NET_HASH_REPORT_* for a type of hash, VMMQ_HASH_*. */
uint16_t virtio_header_hash_type(uint32_t type);

/*
 * virtio_header_checksum_fits: a header that leaves a checksum to others says where from it is to be summed and where it goes: both lie in
 * a frame of that many bytes.
 */
bool virtio_header_checksum_fits(const struct virtio_net_hdr_v1 *header, uint32_t frame_len);

#endif
