/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtqueue from the device's side (virtio 1.1, 2.6 split, 2.7 packed): chains of descriptors are taken in the order in which the
 * driver made them available, and put back in that order.
 *
 * The driver is not trusted and may write to all of it at any moment.  So each word of it is read once, into memory of our own,
 * and judged there: an index is inside its table, an address inside the guest's memory for as long as the descriptor says.  What comes out
 * are pieces of mapped memory, that is: places that may change at any time, but are there.  A ring whose driver breaks a rule
 * stops with the reason, until it is started anew.
 *
 * Threads: one at a time for a ring.
 */
#ifndef VMMQ_VIRTIO_VIRTIO_RING_H
#define VMMQ_VIRTIO_VIRTIO_RING_H

#include <linux/virtio_ring.h>
#include <stdatomic.h>

#include "base/inline.h"
#include "virtio/virtio_memory.h"

/* Longest chain, in descriptors and in pieces: what QEMU and Linux take (VIRTQUEUE_MAX_SIZE, UIO_MAXIOV). */
#define VIRTIO_CHAIN_MAX 1024u
#define VIRTIO_SIZE_MAX  32768u /* of a ring, in descriptors */

/* Why a ring has stopped. */
enum virtio_broken {
	VIRTIO_NOT_BROKEN,
	VIRTIO_BROKEN_INDEX,    /* more chains available than the ring has room for */
	VIRTIO_BROKEN_HEAD,     /* a chain that begins outside the table */
	VIRTIO_BROKEN_NEXT,     /* a descriptor whose next one is outside the table */
	VIRTIO_BROKEN_LOOP,     /* a chain that does not end, or is too long */
	VIRTIO_BROKEN_INDIRECT, /* an indirect table that is none: its length, or one in another */
	VIRTIO_BROKEN_ADDRESS,  /* what is outside the guest's memory */
	VIRTIO_BROKEN_WRITABLE, /* to be written where it is to be read, or the other way round */
	VIRTIO_BROKEN_COUNT
};
const char *
virtio_broken_reason(enum virtio_broken broken); /* "a chain that does not end": what the driver made available */

/* Memory that a chain is made of, in order. */
struct virtio_piece {
	uint8_t *at;
	uint32_t len; /* more than 0 */
};

struct virtio_chain {
	uint64_t bytes;       /* of all its pieces */
	uint32_t pieces;      /* how many */
	uint32_t written;     /* bytes, by the device: told to the driver when it is put back */
	uint16_t id;          /* what the driver knows it by */
	uint16_t descriptors; /* how many it takes of the ring; split: 1 */
};

enum virtio_taken { VIRTIO_TAKEN, VIRTIO_NONE, VIRTIO_NO_ROOM, VIRTIO_BROKEN };

/* What a ring is made from. */
struct virtio_ring_params {
	const struct virtio_memory *memory; /* for as long as the ring is in use */
	/* mapped: split: struct vring_desc[size], vring_avail, vring_used; packed: vring_packed_desc[size], _event, _event */
	void *descriptors, *driver, *device;
	uint16_t size;    /* split: a power of 2; at most VIRTIO_SIZE_MAX */
	bool packed;      /* VIRTIO_F_RING_PACKED */
	bool event_index; /* VIRTIO_F_EVENT_IDX */
	bool indirect;    /* VIRTIO_F_INDIRECT_DESC */
	bool writable;    /* its chains are for the device to write: a receive ring of the driver's */
	uint16_t avail;   /* next to be taken, and next to be put: for packed rings with the wrap counter in bit 15 */
	uint16_t used;
	/* What the device writes is told to it; NULL: nobody wants to know.  offset: in the device's part of the ring (packed: in the table). */
	void (*log_used)(void *context, uint64_t offset, uint64_t len);
	void (*log_write)(void *context, uint64_t guest_address, uint64_t len);
	void *log_context;
};

/* avail_seen: split: chains up to here are known to be available.  called: used at the last answer of virtio_ring_wants_call(). */
struct virtio_ring {
	struct virtio_ring_params made;
	uint16_t avail, used, avail_seen, called;
	bool avail_wrap, used_wrap; /* packed */
	bool called_valid;
	enum virtio_broken broken;
	uint32_t near; /* the region of the memory that the latest piece lay in: the next one does, mostly */
};

/*
 * virtio_ring_start: false: what it is made from is no ring: a size that none has, an index outside of it, or parts that are not aligned, or not
 * wholly in the memory, each in one region.
 */
bool virtio_ring_start(struct virtio_ring *ring, const struct virtio_ring_params *params);

/* Where it stands, in the form of params. */
uint16_t virtio_ring_avail(const struct virtio_ring *ring);
uint16_t virtio_ring_used(const struct virtio_ring *ring);

/*
 * virtio_ring_take takes the next count chains, as far as they are available, and writes their pieces one behind the other, at most room of
 * them.  Returns how many; *end: VIRTIO_TAKEN: all of them; else why not the next one: VIRTIO_NO_ROOM: it has more pieces than there is
 * room for; it never has more than VIRTIO_CHAIN_MAX.  VIRTIO_NONE: none is available.
 * virtio_ring_untake gives the count chains that were taken last back, as if they had not been.
 * virtio_ring_put tells the driver that the device is done with the oldest count chains; chain: these, in order.
 */
unsigned virtio_ring_take(struct virtio_ring *ring, struct virtio_chain chain[], unsigned count,
			  struct virtio_piece piece[], unsigned room, enum virtio_taken *end);
void virtio_ring_untake(struct virtio_ring *ring, const struct virtio_chain *chain, unsigned count);
void virtio_ring_put(struct virtio_ring *ring, const struct virtio_chain *chain, unsigned count);

/*
 * virtio_ring_prefetch brings near what taking the next count chains will read.  Returns how many of them seem to be available: not
 * fewer than there are, and 0 if there is none, or the ring has stopped.
 */
unsigned virtio_ring_prefetch(const struct virtio_ring *ring, unsigned count);

/* virtio_ring_wants_call: whether the driver is to be interrupted for what was put since it was asked last. */
bool virtio_ring_wants_call(struct virtio_ring *ring);

/* virtio_ring_notify asks the driver to tell of chains, or not to; true: some are available already. */
bool virtio_ring_notify(struct virtio_ring *ring, bool wanted);

/* virtio_ring_wrote tells the log, if there is one, of bytes of a piece that were written. */
static inline void virtio_ring_wrote(const struct virtio_ring *ring, const void *at, uint64_t len)
{
	uint64_t guest;

	if (ring->made.log_write && virtio_memory_guest_address(ring->made.memory, at, &guest))
		ring->made.log_write(ring->made.log_context, guest, len);
}

/* Inside: the kinds, each in its file; and what they share. */
unsigned split_take(struct virtio_ring *ring, struct virtio_chain chain[], unsigned count,
		    struct virtio_piece piece[], unsigned room, enum virtio_taken *end);
void split_untake(struct virtio_ring *ring, unsigned count);
void split_put(struct virtio_ring *ring, const struct virtio_chain *chain, unsigned count);
unsigned split_prefetch(const struct virtio_ring *ring, unsigned count);
bool split_wants_call(struct virtio_ring *ring);
bool split_notify(struct virtio_ring *ring, bool wanted);
unsigned packed_take(struct virtio_ring *ring, struct virtio_chain chain[], unsigned count,
		     struct virtio_piece piece[], unsigned room, enum virtio_taken *end);
void packed_untake(struct virtio_ring *ring, const struct virtio_chain *chain, unsigned count);
void packed_put(struct virtio_ring *ring, const struct virtio_chain *chain, unsigned count);
unsigned packed_prefetch(const struct virtio_ring *ring, unsigned count);
bool packed_wants_call(struct virtio_ring *ring);
bool packed_notify(struct virtio_ring *ring, bool wanted);

static inline enum virtio_taken virtio_ring_break(struct virtio_ring *ring, enum virtio_broken broken)
{
	ring->broken = broken;
	return VIRTIO_BROKEN;
}

/* virtio_piece_add adds memory to a chain: to its last piece, where it lies right behind that and side_by_side says that it is of the same region. */
static inline enum virtio_taken virtio_piece_add(struct virtio_ring *ring, struct virtio_chain *chain,
						 struct virtio_piece *piece, unsigned room, uint8_t *at, uint32_t len,
						 bool side_by_side)
{
	if (side_by_side && chain->pieces) {
		struct virtio_piece *last = &piece[chain->pieces - 1];

		if (last->at + last->len == at && len <= UINT32_MAX - last->len) {
			last->len += len;
			return VIRTIO_TAKEN;
		}
	}
	if (chain->pieces == VIRTIO_CHAIN_MAX)
		return virtio_ring_break(ring, VIRTIO_BROKEN_LOOP);
	if (chain->pieces == room)
		return VIRTIO_NO_ROOM;
	piece[chain->pieces++] = (struct virtio_piece){ at, len };
	return VIRTIO_TAKEN;
}

/* virtio_chain_add_far: what is of another region than the piece before, or of several, or nothing at all. */
enum virtio_taken virtio_chain_add_far(struct virtio_ring *ring, struct virtio_chain *chain,
				       struct virtio_piece *piece, unsigned room, uint64_t address, uint32_t len);

/* virtio_chain_add adds what a descriptor with such flags names.  VIRTIO_NO_ROOM: the chain has more pieces than there is room for. */
static inline enum virtio_taken virtio_chain_add(struct virtio_ring *ring, struct virtio_chain *chain,
						 struct virtio_piece *piece, unsigned room, uint64_t address,
						 uint32_t len, uint16_t flags)
{
	const struct virtio_region *near = &ring->made.memory->region[ring->near];
	const uint64_t offset = address - near->guest;

	if (!(flags & VRING_DESC_F_WRITE) == ring->made.writable)
		return virtio_ring_break(ring, VIRTIO_BROKEN_WRITABLE);
	chain->bytes += len;
	if (!len || offset >= near->size || len > near->size - offset)
		return virtio_chain_add_far(ring, chain, piece, room, address, len);
	return virtio_piece_add(ring, chain, piece, room, near->host + offset, len, true);
}

/*
 * Most chains are one descriptor, in the same region as the one before.  What tells them from others is gathered once a burst: what a burst writes could be
 * anywhere, as a compiler sees it.
 */
struct virtio_plain {
	uint64_t guest, size; /* of the region */
	uint8_t *host;
	uint16_t flags; /* of those that say what a descriptor is */
};

static inline struct virtio_plain virtio_plain_of(const struct virtio_ring *ring)
{
	const struct virtio_region *region = &ring->made.memory->region[ring->near];

	return (struct virtio_plain){ region->guest, region->size, region->host,
				      ring->made.writable ? VRING_DESC_F_WRITE : 0 };
}

/* virtio_plain_take: that is the descriptor's chain and its piece; false: it is none such, and virtio_chain_add()'s. */
ALWAYS_INLINE bool virtio_plain_take(const struct virtio_plain *plain, uint64_t address, uint32_t len, uint16_t flags,
				     uint16_t id, struct virtio_chain *chain, struct virtio_piece *piece)
{
	const uint64_t offset = address - plain->guest;

	if ((flags & (VRING_DESC_F_NEXT | VRING_DESC_F_INDIRECT | VRING_DESC_F_WRITE)) != plain->flags || !len ||
	    offset >= plain->size || len > plain->size - offset)
		return false;
	*piece = (struct virtio_piece){ plain->host + offset, len };
	chain->bytes = len;
	chain->pieces = 1;
	chain->written = 0;
	chain->id = id;
	chain->descriptors = 1;
	return true;
}

#endif
