/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's driver, over the unit tests' front end. */
#include "unit/ports/vhost_front.h"

#include "bench_guests.h"

#define BUFFERS_AT  UINT64_C(0x20000000)
#define BUFFERS_LEN ((size_t)GUEST_RING * GUEST_BUFFER)

/* ring_fill gives each descriptor its buffer; returns what is behind them. */
static uint8_t *ring_fill(struct guest_ring *ring, const struct driver *driver, uint64_t address, uint8_t *buffers,
			  uint16_t flags)
{
	*ring = (struct guest_ring){
		.desc = driver->desc, .avail = driver->avail, .used = driver->used, .buffers = buffers
	};
	for (uint16_t i = 0; i < GUEST_RING; i++) {
		ring->desc[i] = (struct vring_desc){ address + (uint64_t)i * GUEST_BUFFER, GUEST_BUFFER, flags, 0 };
		ring->avail->ring[i] = i;
	}
	ring->avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
	return buffers + BUFFERS_LEN;
}

static void rings_fill(struct guest_side *side, struct front *front, uint8_t *buffers)
{
	side->front = front;
	buffers = ring_fill(&side->receives, &front->ring[0], BUFFERS_AT, buffers, VRING_DESC_F_WRITE);
	ring_fill(&side->transmits, &front->ring[1], BUFFERS_AT + BUFFERS_LEN, buffers, 0);
	__atomic_store_n(&side->receives.avail->idx, GUEST_RING, __ATOMIC_RELEASE);
}

bool guest_connect(struct guest_side *side, const char *place)
{
	struct front *front = calloc(1, sizeof(*front));
	uint8_t *buffers;

	if (!front)
		return false;
	snprintf(path, sizeof(path), "%s", place);
	front_open(front, UINT64_C(1) << VIRTIO_F_VERSION_1 | UINT64_C(1) << VIRTIO_NET_F_MRG_RXBUF, GUEST_RING);
	buffers = guest_map(&front->memory, BUFFERS_AT, 2 * BUFFERS_LEN);
	front_share(front);
	rings_fill(side, front, buffers);
	return true;
}

bool guest_stay(struct guest_side *side)
{
	struct front *front = calloc(1, sizeof(*front));

	if (!front)
		return false;
	front->fd = -1;
	front_rings(front, 0, GUEST_RING);
	rings_fill(side, front, guest_map(&front->memory, BUFFERS_AT, 2 * BUFFERS_LEN));
	return true;
}

void guest_leave(struct guest_side *side)
{
	front_close(side->front);
	free(side->front);
}

void guest_writes(struct guest_side *side, unsigned n, const uint8_t *frame, uint32_t len)
{
	uint8_t *buffer = side->transmits.buffers + (size_t)n * GUEST_BUFFER;

	memset(buffer, 0, GUEST_HEADER);
	memcpy(buffer + GUEST_HEADER, frame, len);
	side->transmits.desc[n].len = GUEST_HEADER + len;
}

void guest_sends(struct guest_side *side)
{
	struct vring_avail *avail = side->transmits.avail;

	__atomic_store_n(&avail->idx, (uint16_t)(avail->idx + GUEST_BURST), __ATOMIC_RELEASE);
}

unsigned guest_takes(struct guest_side *side)
{
	struct guest_ring *ring = &side->receives;
	const uint16_t used = __atomic_load_n(&ring->used->idx, __ATOMIC_ACQUIRE),
		       came = (uint16_t)(used - ring->seen);
	uint16_t avail = ring->avail->idx;

	for (; ring->seen != used; ring->seen++)
		ring->avail->ring[avail++ % GUEST_RING] = (uint16_t)ring->used->ring[ring->seen % GUEST_RING].id;
	__atomic_store_n(&ring->avail->idx, avail, __ATOMIC_RELEASE);
	return came;
}
