/* SPDX-License-Identifier: BSD-2-Clause */
/* The header before each frame of a virtio network device (virtio 1.1, 5.1.6). */
#ifndef VMMQ_VIRTIO_VIRTIO_HEADER_H
#define VMMQ_VIRTIO_VIRTIO_HEADER_H

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stdint.h>

#ifndef VIRTIO_NET_F_HASH_REPORT
#define VIRTIO_NET_F_HASH_REPORT 57
#endif

#define VIRTIO_HEADER_MAX sizeof(struct virtio_net_hdr_v1_hash)

/* virtio_header_len: bytes, by the features that were negotiated. */
uint32_t virtio_header_len(uint64_t features);

/*
 * virtio_header_checksum_fits: a header that leaves a checksum to others says where from it is to be summed and where it goes: both lie in
 * a frame of that many bytes.
 */
bool virtio_header_checksum_fits(const struct virtio_net_hdr_v1 *header, uint32_t frame_len);

#endif
