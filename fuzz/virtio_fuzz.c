/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's driver that writes what it likes to its rings and tables before each read of ours: what is taken lies in its memory and was said to be
 * available, no byte outside is touched (guard pages), and each take comes to its end.
 * Input: kind and size of the ring, and moves: where, and 8 bytes to write there.
 */
#include <stdio.h>
#include <string.h>

#include "fuzz.h"
#include "unit/virtio/guest_memory.h"
#include "unit/virtio/ring_changes.h"

enum { SIZE = 8, MOVE_LEN = 10, TAKES_MAX = 64 };

static const size_t part_len[3] = { 16 * SIZE, 4 + 2 * SIZE + 2, 4 + 8 * SIZE + 4 };
static struct guest_memory guest;
static struct virtio_ring ring;
static struct changes changes = { .ring = &ring };
static uint8_t *part[3];
static const uint8_t *moves;
static size_t moves_len;

/* move_make: most are near where something is. */
static void move_make(const uint8_t *move)
{
	uint8_t *const place[] = { part[0], part[1], guest.memory.region[3].host, guest.memory.region[4].host };
	const size_t room[] = { part_len[0], part_len[1], 256, 256 };
	const unsigned where = move[0] >> 2 & 3;
	uint64_t value;

	memcpy(&value, move + 2, sizeof(value));
	if (move[0] & 0x10)
		value = (uint16_t)value + (move[0] & 0x20 ? TABLES_AT : DATA_AT);
	if (move[0] & 0x40)
		memcpy(place[where] + move[1] % (room[where] / 2) * 2, &value, 2);
	else
		memcpy(place[where] + move[1] % (room[where] / 8) * 8, &value, sizeof(value));
}

/* virtio_guest_moves: as many as the first says. */
void virtio_guest_moves(const void *at)
{
	for (bool more = true; more && moves_len >= MOVE_LEN; moves += MOVE_LEN, moves_len -= MOVE_LEN) {
		more = moves[0] & 1;
		if (moves[0] & 2)
			move_make(moves);
	}
	changes_read(&changes, at);
}

static void ring_use(const struct virtio_ring_params *params)
{
	for (unsigned i = 0; i < TAKES_MAX && moves_len >= MOVE_LEN; i++) {
		enum virtio_taken taken = changes_take(&changes, i % 4 == 3 ? 2 : CHANGES_ROOM);

		fuzz_check(changes.holds);
		if (taken == VIRTIO_BROKEN || taken == VIRTIO_NO_ROOM)
			fuzz_check(virtio_ring_start(&ring, params));
		if (taken != VIRTIO_TAKEN)
			continue;
		for (uint32_t k = 0; params->writable && k < changes.chain.pieces; k++)
			memset(changes.piece[k].at, 0xff, changes.piece[k].len);
		virtio_ring_put(&ring, &changes.chain, 1);
		virtio_ring_prefetch(&ring, 32);
		virtio_ring_wants_call(&ring);
		virtio_ring_notify(&ring, i % 2);
	}
}

void fuzz_virtio(const uint8_t *data, size_t len)
{
	struct virtio_ring_params params = { .memory = &guest.memory };

	if (len < 2)
		return;
	if (!guest.mappings) {
		guest_start(&guest);
		for (unsigned i = 0; i < 3; i++)
			part[i] = guest_map(&guest, RINGS_AT + i * PARTS_APART, part_len[i]);
	}
	for (uint32_t i = 0; i < guest.memory.count; i++)
		memset(guest.memory.region[i].host, 0, guest.memory.region[i].size);
	params.packed = data[0] & 1;
	params.writable = data[0] & 2;
	params.event_index = data[0] & 4;
	params.indirect = data[0] & 8;
	params.size = (uint16_t)(params.packed ? 1 + data[1] % SIZE : 1 << data[1] % 4);
	params.avail = params.used = params.packed ? 0x8000 : 0;
	params.descriptors = part[0];
	params.driver = part[1];
	params.device = part[2];
	moves = data + 2;
	moves_len = len - 2;
	changes.holds = true;
	fuzz_check(virtio_ring_start(&ring, &params));
	ring_use(&params);
}
