/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's driver, over the unit tests' front end. */
#include "unit/ports/vhost_front.h"

#include "bench_guests.h"

#define BUFFERS_AT   UINT64_C(0x20000000)
#define FEATURE(bit) (UINT64_C(1) << (bit))
#define FEATURES     (FEATURE(VIRTIO_F_VERSION_1) | FEATURE(VIRTIO_NET_F_MRG_RXBUF))
#define OFFLOADS                                                                                                     \
	(FEATURE(VIRTIO_NET_F_CSUM) | FEATURE(VIRTIO_NET_F_GUEST_CSUM) | FEATURE(VIRTIO_NET_F_HOST_TSO4) |           \
	 FEATURE(VIRTIO_NET_F_GUEST_TSO4))
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

bool guest_connect(struct guest_side *side, const char *place, bool leaves_cutting)
{
	const uint64_t features = FEATURES | (leaves_cutting ? OFFLOADS : 0);
	struct front *front = calloc(1, sizeof(*front));

	if (!front)
		return false;
	snprintf(path, sizeof(path), "%s", place);
	front_rings(front, features, GUEST_RING);
	rings_fill(side, front, guest_map(&front->memory, BUFFERS_AT, 2 * BUFFERS_LEN));
	front_connect(front, features);
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

unsigned guest_sizes(struct guest_side *side, uint32_t len)
{
	struct guest_ring *ring = &side->transmits;
	unsigned frames;

	ring->chained = side->receives.chained = (uint16_t)((GUEST_HEADER + len + GUEST_BUFFER - 1) / GUEST_BUFFER);
	frames = GUEST_RING / ring->chained;
	for (unsigned i = 0; i < GUEST_RING; i++) {
		const bool ends = i % ring->chained == ring->chained - 1u;

		ring->avail->ring[i] = (uint16_t)(i % frames * ring->chained);
		ring->desc[i].flags = ends ? 0 : VRING_DESC_F_NEXT;
		ring->desc[i].next = (uint16_t)(i + 1);
		ring->desc[i].len = ends ? GUEST_HEADER + len - (ring->chained - 1u) * GUEST_BUFFER : GUEST_BUFFER;
	}
	return frames;
}

void guest_writes(struct guest_side *side, unsigned n, const uint8_t *frame, uint32_t len, uint16_t segment)
{
	/* what frame_make() makes: Ethernet, IPv4 and TCP without options */
	static const struct virtio_net_hdr_v1 cut = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
						      .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
						      .hdr_len = 54,
						      .csum_start = 34,
						      .csum_offset = 16 };
	struct virtio_net_hdr_v1 header = { 0 };
	uint8_t *buffer = side->transmits.buffers + (size_t)n * side->transmits.chained * GUEST_BUFFER;

	static_assert(sizeof(header) == GUEST_HEADER, "the header of virtio 1.0");
	if (segment) {
		header = cut;
		header.gso_size = segment;
	}
	memcpy(buffer, &header, sizeof(header));
	memcpy(buffer + GUEST_HEADER, frame, len);
}

void guest_sends(struct guest_side *side, unsigned count)
{
	const struct front *front = side->front;
	struct vring_avail *avail = side->transmits.avail;

	__atomic_store_n(&avail->idx, (uint16_t)(avail->idx + count), __ATOMIC_SEQ_CST);
	if (!(__atomic_load_n(&side->transmits.used->flags, __ATOMIC_RELAXED) & VRING_USED_F_NO_NOTIFY))
		eventfd_write(front->event[3], 1);
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
	return came / ring->chained;
}
