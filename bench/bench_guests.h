/* SPDX-License-Identifier: BSD-2-Clause */
/* Guests in the memory of this very process: what they do costs next to nothing, and is not measured. */
#ifndef VMMQ_BENCH_GUESTS_H
#define VMMQ_BENCH_GUESTS_H

#include <linux/virtio_ring.h>
#include <stdbool.h>
#include <stdint.h>

#define GUEST_RING   256u
#define GUEST_BUFFER 2048u /* bytes: a frame and its header */
#define GUEST_HEADER 12u

/* A split ring: each descriptor has the buffer of its number.  buffers: of the first one.  A frame of the guest's takes `chained` of them. */
struct guest_ring {
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	uint8_t *buffers;
	uint16_t seen; /* of used */
	uint16_t chained;
};

struct guest_side {
	struct guest_ring receives, transmits;
	void *front;
};

/*
 * guest_connect connects a guest to the vhost-user socket at that place (leaves_cutting: TSO is agreed on), and has it offer all buffers it receives by; false, after a message: it
 * cannot.  guest_stay has it connected to nothing: its rings are the caller's to serve.  guest_leave frees all of it.
 */
bool guest_connect(struct guest_side *side, const char *place, bool leaves_cutting);
bool guest_stay(struct guest_side *side);
void guest_leave(struct guest_side *side);

/*
 * guest_sizes: from now on the guest's frames are of len bytes, and so are those that it gets; returns how many of them its ring has, by turns.
 * guest_writes makes the frame the n-th of these; segment: bytes of TCP's that it is to be cut into, 0: it is not.
 */
unsigned guest_sizes(struct guest_side *side, uint32_t len);
void guest_writes(struct guest_side *side, unsigned n, const uint8_t *frame, uint32_t len, uint16_t segment);
/* guest_sends makes so many frames more available; guest_takes returns how many came, and offers their buffers again. */
void guest_sends(struct guest_side *side, unsigned count);
unsigned guest_takes(struct guest_side *side);

#endif
