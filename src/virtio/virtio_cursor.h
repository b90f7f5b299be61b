/* SPDX-License-Identifier: BSD-2-Clause */
/* Going through the pieces of chains, wherever one ends and the next begins. */
#ifndef VMMQ_VIRTIO_VIRTIO_CURSOR_H
#define VMMQ_VIRTIO_VIRTIO_CURSOR_H

#include <string.h>

#include "virtio/virtio_ring.h"

struct virtio_cursor {
	const struct virtio_piece *piece;
	uint32_t done; /* bytes of it */
};

/*
 * virtio_cursor_next returns the bytes that lie ahead in one place, at most *len, and passes them.  So many are left.  Buffers that a guest has side by side
 * are one place.
 */
static inline uint8_t *virtio_cursor_next(struct virtio_cursor *cursor, uint32_t *len)
{
	uint8_t *at = cursor->piece->at + cursor->done;
	uint64_t here = cursor->piece->len - cursor->done;

	while (here < *len && cursor->piece[1].at == at + here) {
		cursor->piece++;
		here += cursor->piece->len;
	}
	if (*len < here) {
		cursor->done = (uint32_t)(cursor->piece->len - (here - *len));
		return at;
	}
	*len = (uint32_t)here;
	cursor->piece++;
	cursor->done = 0;
	return at;
}

/* virtio_cursor_read and _write copy len bytes, which the caller knows to be left. */
static inline void virtio_cursor_read(struct virtio_cursor *cursor, void *to, uint32_t len)
{
	uint8_t *out = to;

	while (len) {
		uint32_t here = len;
		const uint8_t *at = virtio_cursor_next(cursor, &here);

		virtio_read(out, at, here);
		out += here;
		len -= here;
	}
}

static inline void virtio_cursor_write(struct virtio_cursor *cursor, const void *from, uint32_t len)
{
	const uint8_t *in = from;

	while (len) {
		uint32_t here = len;
		uint8_t *at = virtio_cursor_next(cursor, &here);

		memcpy(at, in, here);
		in += here;
		len -= here;
	}
}

#endif
