/* SPDX-License-Identifier: BSD-2-Clause */
/* One chain at a time: for those who look at each. */
#ifndef VMMQ_UNIT_VIRTIO_RING_TAKE_ONE_H
#define VMMQ_UNIT_VIRTIO_RING_TAKE_ONE_H

#include "virtio/virtio_ring.h"

static inline enum virtio_taken ring_take_one(struct virtio_ring *ring, struct virtio_chain *chain,
					      struct virtio_piece piece[], unsigned room)
{
	enum virtio_taken end;
	unsigned n = virtio_ring_take(ring, chain, 1, piece, room, &end);

	if (n != (end == VIRTIO_TAKEN))
		__builtin_trap();
	return end;
}

#endif
