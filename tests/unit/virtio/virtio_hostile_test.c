/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Drivers that break a rule, each in its way: the ring stops with the reason, nothing of the guest's has changed, what is outside of its memory
 * was not touched (guard pages), and the ring works again once it is started anew.
 */
#include "unit/virtio/ring_driver.h"
#include "unit/virtio/ring_take_one.h"

#define SIZE 8u
#define ROOM (VIRTIO_CHAIN_MAX + 40)

static struct guest_memory guest;
static struct driver driver;
static struct virtio_ring ring;
static struct virtio_piece piece[ROOM];

/* What the driver puts into descriptor 0, which the chain that it offers begins with, and into others. */
static void desc_set(unsigned slot, uint64_t address, uint32_t len, unsigned flags, unsigned next)
{
	if (driver.params.packed)
		driver.packed[slot] = (struct vring_packed_desc){ address, len, 7, (uint16_t)(flags | PACKED_AVAIL) };
	else
		driver.desc[slot] = (struct vring_desc){ address, len, (uint16_t)flags, (uint16_t)next };
}

/* table_set writes a descriptor of an indirect table. */
static void table_set(uint64_t table, unsigned slot, uint64_t address, uint32_t len, unsigned flags, unsigned next)
{
	const struct vring_desc split = { address, len, (uint16_t)flags, (uint16_t)next };
	const struct vring_packed_desc packed = { address, len, 0, (uint16_t)flags };

	if (driver.params.packed)
		guest_write(&guest, table + slot * 16, &packed, 16);
	else
		guest_write(&guest, table + slot * 16, &split, 16);
}

static void offer(unsigned head)
{
	if (driver.params.packed)
		return; /* with its flags */
	driver.avail->ring[driver.avail->idx++ % driver.params.size] = (uint16_t)head;
}

static void rig_open(bool packed, bool writable, uint16_t size)
{
	guest_start(&guest);
	driver_start(
	    &driver, &guest,
	    (struct virtio_ring_params){ .size = size, .packed = packed, .indirect = true, .writable = writable },
	    packed ? WRAP_BIT : 0);
	assert_true(virtio_ring_start(&ring, &driver.params));
}

/* sum of all that the guest has, so that a byte that was written is noticed */
static uint64_t guest_sum(void)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < guest.memory.count; i++)
		for (uint64_t at = 0; at < guest.memory.region[i].size; at++)
			sum = sum * 31 + guest.memory.region[i].host[at];
	return sum;
}

/* works: a new start, and a chain as it should be. */
static void works(void)
{
	struct virtio_chain chain;
	struct made made = { .element = { { DATA_AT + 100, 200 }, { DATA_AT + 12000, 1000 } }, .count = 2 };
	const struct virtio_ring_params params = driver.params;
	uint32_t len;

	made.count = params.size > 1 ? 2 : 1;
	guest_stop(&guest);
	guest_start(&guest);
	driver_start(&driver, &guest, params, params.packed ? WRAP_BIT : 0);
	assert_true(virtio_ring_start(&ring, &driver.params));
	assert_int_equal(ring.broken, VIRTIO_NOT_BROKEN);
	assert_true(driver_offer(&driver, &made));
	assert_int_equal(ring_take_one(&ring, &chain, piece, ROOM), VIRTIO_TAKEN);
	assert_int_equal(chain.pieces, made.count > 1 ? 3 : 1);
	virtio_ring_put(&ring, &chain, 1);
	assert_true(driver_collect(&driver, &len));
}

static void stops(enum virtio_broken reason)
{
	const uint64_t before = guest_sum();
	const uint16_t avail = virtio_ring_avail(&ring), used = virtio_ring_used(&ring);
	struct virtio_chain chain;

	for (unsigned again = 0; again < 2; again++) {
		assert_int_equal(ring_take_one(&ring, &chain, piece, ROOM), VIRTIO_BROKEN);
		assert_string_equal(virtio_broken_reason(ring.broken), virtio_broken_reason(reason));
	}
	assert_int_equal(virtio_ring_prefetch(&ring, 8), 0);
	assert_int_equal(virtio_ring_avail(&ring), avail); /* where the driver can be told it stands */
	assert_int_equal(virtio_ring_used(&ring), used);
	assert_int_equal(guest_sum(), before);
	works();
	guest_stop(&guest);
}

/* both runs what is the same for both kinds of ring, with buffers to be read and to be written. */
#define both(packed, writable)                                                                                       \
	for (unsigned both_at = 0; both_at < 4; both_at++)                                                           \
		for (bool packed = both_at & 1, writable = both_at & 2, both_once = true; both_once;                 \
		     both_once = false)

static unsigned flags_of(bool writable)
{
	return writable ? VRING_DESC_F_WRITE : 0;
}

static void an_index_beyond_the_ring(void **state)
{
	static const uint16_t ahead[] = { SIZE + 1, 1000, 32768, 65535 };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		rig_open(false, false, SIZE);
		driver.avail->idx = ahead[i];
		stops(VIRTIO_BROKEN_INDEX);
	}
}

static void a_head_beyond_the_table(void **state)
{
	static const uint16_t head[] = { SIZE, 255, 32768, 65535 };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		rig_open(false, false, SIZE);
		offer(head[i]);
		stops(VIRTIO_BROKEN_HEAD);
	}
}

static void a_next_beyond_the_table(void **state)
{
	static const uint16_t next[] = { SIZE, 32768, 65535 };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		rig_open(false, true, SIZE);
		desc_set(0, DATA_AT, 10, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, next[i]);
		offer(0);
		stops(VIRTIO_BROKEN_NEXT);
		rig_open(false, false, SIZE);
		desc_set(0, TABLES_AT, 4 * 16, VRING_DESC_F_INDIRECT, 0);
		table_set(TABLES_AT, 0, DATA_AT, 10, VRING_DESC_F_NEXT, next[i] == SIZE ? 4 : next[i]);
		offer(0);
		stops(VIRTIO_BROKEN_NEXT);
	}
}

/* Loops of one descriptor, of two, of all; in a table; of descriptors without a byte, which fill no room. */
static void chains_without_an_end(void **state)
{
	(void)state;
	both(packed, writable) for (uint32_t len = 0; len < 2; len++) for (unsigned period = 1; period <= SIZE;
									   period *= 2)
	{
		rig_open(packed, writable, SIZE);
		for (unsigned i = 0; i < SIZE; i++)
			desc_set(i, DATA_AT, len, flags_of(writable) | VRING_DESC_F_NEXT, (i + 1) % period);
		offer(0);
		stops(VIRTIO_BROKEN_LOOP);
	}
	for (uint32_t len = 0; len < 2; len++) {
		rig_open(false, false, SIZE);
		desc_set(0, DATA_AT, 1, VRING_DESC_F_NEXT, 1);
		desc_set(1, TABLES_AT, 32 * 16, VRING_DESC_F_INDIRECT, 0);
		for (unsigned i = 0; i < 32; i++)
			table_set(TABLES_AT, i, DATA_AT, len, VRING_DESC_F_NEXT, (i + 1) % 32);
		offer(0);
		stops(VIRTIO_BROKEN_LOOP);
	}
}

/* A chain of as many descriptors as one may have is taken, and one more is too long, in the ring and in a table; side by side they are one piece. */
static void chain_of(bool packed, bool table, unsigned count, unsigned apart)
{
	struct virtio_chain chain;

	rig_open(packed, false, 2048);
	for (unsigned i = 0; i < count; i++) {
		unsigned flags = i + 1 < count ? VRING_DESC_F_NEXT : 0;

		if (table)
			table_set(TABLES_AT, i, DATA_AT + i * apart, 1, flags, i + 1);
		else
			desc_set(i, DATA_AT + i * apart, 1, flags, i + 1);
	}
	if (table)
		desc_set(0, TABLES_AT, count * 16, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	if (count > VIRTIO_CHAIN_MAX) {
		stops(VIRTIO_BROKEN_LOOP);
		return;
	}
	assert_int_equal(ring_take_one(&ring, &chain, piece, ROOM), VIRTIO_TAKEN);
	assert_int_equal(chain.pieces, apart > 1 ? count : 1);
	assert_int_equal(chain.bytes, count);
	assert_int_equal(piece[0].len, apart > 1 ? 1 : count);
	guest_stop(&guest);
}

static void the_longest_chain(void **state)
{
	(void)state;
	both(packed, table) for (unsigned count = VIRTIO_CHAIN_MAX - 1; count <= VIRTIO_CHAIN_MAX + 1; count++)
	{
		chain_of(packed, table, count, 1);
		chain_of(packed, table, count, 2);
	}
}

/* One that is too long without a byte in it, so that nothing but its length is wrong. */
static void a_long_chain_of_nothing(void **state)
{
	(void)state;
	both(packed, table)
	{
		rig_open(packed, false, 2048);
		for (unsigned i = 0; i <= VIRTIO_CHAIN_MAX; i++) {
			unsigned flags = i < VIRTIO_CHAIN_MAX ? VRING_DESC_F_NEXT : 0;

			desc_set(i, DATA_AT, 0, flags, i + 1);
			table_set(TABLES_AT, i, DATA_AT, 0, flags, i + 1);
		}
		if (table)
			desc_set(0, TABLES_AT, (VIRTIO_CHAIN_MAX + 1) * 16, VRING_DESC_F_INDIRECT, 0);
		offer(0);
		stops(VIRTIO_BROKEN_LOOP);
	}
}

/* A driver that has mended what was wrong has still to start the ring anew. */
static void what_has_stopped_stays_so(void **state)
{
	struct virtio_chain chain;

	(void)state;
	rig_open(false, false, SIZE);
	desc_set(0, OUTSIDE, 10, 0, 0);
	offer(0);
	assert_int_equal(ring_take_one(&ring, &chain, piece, ROOM), VIRTIO_BROKEN);
	desc_set(0, DATA_AT, 10, 0, 0);
	stops(VIRTIO_BROKEN_ADDRESS);
}

/* Fewer descriptors than a chain may have, and more pieces: all but the first cross a border. */
static void a_chain_of_too_many_pieces(void **state)
{
	(void)state;
	rig_open(false, false, 1024);
	for (unsigned i = 0; i < 1000; i++)
		desc_set(i, DATA_AT + 12293 - 1, 2, i + 1 < 1000 ? VRING_DESC_F_NEXT : 0, i + 1);
	offer(0);
	stops(VIRTIO_BROKEN_LOOP);
}

static void tables_that_are_none(void **state)
{
	static const uint32_t len[] = { 0, 1, 15, 17, 24, 16 * 3 + 1, UINT32_MAX };

	(void)state;
	both(packed, writable)
	{
		for (unsigned i = 0; i < sizeof(len) / sizeof(len[0]); i++) {
			rig_open(packed, writable, SIZE);
			desc_set(0, TABLES_AT, len[i], VRING_DESC_F_INDIRECT, 0);
			offer(0);
			stops(VIRTIO_BROKEN_INDIRECT);
		}
		/* with one after it; one in another; one that was not agreed on */
		rig_open(packed, writable, SIZE);
		desc_set(0, TABLES_AT, 16, VRING_DESC_F_INDIRECT | VRING_DESC_F_NEXT, 1);
		offer(0);
		stops(VIRTIO_BROKEN_INDIRECT);
		for (unsigned at = 0; at < 2; at++) {
			rig_open(packed, writable, SIZE);
			desc_set(0, TABLES_AT, 32, VRING_DESC_F_INDIRECT, 0);
			table_set(TABLES_AT, 0, DATA_AT, 1, flags_of(writable) | VRING_DESC_F_NEXT, 1);
			table_set(TABLES_AT, at, TABLES_AT, 32, VRING_DESC_F_INDIRECT | flags_of(writable), 0);
			offer(0);
			stops(VIRTIO_BROKEN_INDIRECT);
		}
		rig_open(packed, writable, SIZE);
		desc_set(0, TABLES_AT, 16, VRING_DESC_F_INDIRECT, 0);
		table_set(TABLES_AT, 0, DATA_AT, 1, flags_of(writable), 0);
		offer(0);
		driver.params.indirect = ring.made.indirect = false;
		stops(VIRTIO_BROKEN_INDIRECT);
	}
	/* packed: where a chain's second descriptor names one (2.7.5) */
	rig_open(true, false, SIZE);
	desc_set(0, DATA_AT, 1, VRING_DESC_F_NEXT, 0);
	desc_set(1, TABLES_AT, 16, VRING_DESC_F_INDIRECT, 0);
	stops(VIRTIO_BROKEN_INDIRECT);
}

/* A table at guest-physical address 0 is a table like others: one in it is refused. */
static void a_table_at_address_0(void **state)
{
	struct vring_desc *table;

	(void)state;
	rig_open(false, false, SIZE);
	table = (struct vring_desc *)guest_map(&guest, 0, 4096);
	table[0] = (struct vring_desc){ 0, 32, VRING_DESC_F_INDIRECT, 0 };
	desc_set(0, 0, 32, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	stops(VIRTIO_BROKEN_INDIRECT);
}

/* Around the memory's beginning and end, its holes, and where addresses wrap. */
static const struct {
	uint64_t at;
	uint32_t len;
	bool inside;
} ranges[] = {
	{ DATA_AT, 1, true },
	{ DATA_AT - 1, 1, false },
	{ DATA_AT - 1, 2, false },
	{ DATA_AT, DATA_LEN + TABLES_LEN, true },
	{ DATA_AT, DATA_LEN + TABLES_LEN + 1, false },
	{ DATA_AT, UINT32_MAX, false },
	{ TABLES_AT + TABLES_LEN - 1, 1, true },
	{ TABLES_AT + TABLES_LEN - 1, 2, false },
	{ TABLES_AT + TABLES_LEN, 1, false },
	{ DATA_AT + 12292, 2, true },
	{ OUTSIDE, 1, false },
	{ 0, 1, false },
	{ UINT64_MAX, 1, false },
	{ UINT64_MAX, 2, false },
	{ UINT64_MAX - 4095, 8192, false },
	{ UINT64_MAX - 4095, UINT32_MAX, false },
	{ OUTSIDE, 0, true }, /* of no bytes: nowhere */
	{ UINT64_MAX, 0, true },
};

static void addresses_outside(void **state)
{
	struct virtio_chain chain;

	(void)state;
	both(packed, writable) for (unsigned i = 0; i < sizeof(ranges) / sizeof(ranges[0]);
				    i++) for (unsigned table = 0; table < 2; table++)
	{
		rig_open(packed, writable, SIZE);
		desc_set(0, ranges[i].at, ranges[i].len, flags_of(writable), 0);
		table_set(TABLES_AT, 0, ranges[i].at, ranges[i].len, flags_of(writable), 0);
		if (table)
			desc_set(0, TABLES_AT, 16, VRING_DESC_F_INDIRECT, 0);
		offer(0);
		if (!ranges[i].inside) {
			stops(VIRTIO_BROKEN_ADDRESS);
			continue;
		}
		assert_int_equal(ring_take_one(&ring, &chain, piece, ROOM), VIRTIO_TAKEN);
		assert_int_equal(chain.bytes, ranges[i].len);
		guest_stop(&guest);
	}
}

/* A table outside, or whose end is, or that goes across a border in the middle of a descriptor and ends outside. */
static void tables_outside(void **state)
{
	static const uint64_t at[] = {
		OUTSIDE,         DATA_AT - 16, TABLES_AT + TABLES_LEN - 8, TABLES_AT + TABLES_LEN - 16 - 8,
		UINT64_MAX - 15, UINT64_MAX
	};

	(void)state;
	both(packed, writable) for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++)
	{
		rig_open(packed, writable, SIZE);
		desc_set(0, at[i], 32, VRING_DESC_F_INDIRECT, 0);
		if (at[i] == TABLES_AT + TABLES_LEN - 16 - 8)
			table_set(at[i], 0, DATA_AT, 1, flags_of(writable) | VRING_DESC_F_NEXT, 1);
		offer(0);
		stops(VIRTIO_BROKEN_ADDRESS);
	}
}

/* In the first descriptor, in a later one, in a table. */
static void the_wrong_way_round(void **state)
{
	(void)state;
	both(packed, writable) for (unsigned at = 0; at < 3; at++) for (unsigned table = 0; table < 2; table++)
	{
		rig_open(packed, writable, SIZE);
		for (unsigned i = 0; i < 3; i++) {
			unsigned flags = flags_of(writable != (i == at)) | (i < 2 ? VRING_DESC_F_NEXT : 0);

			desc_set(i, DATA_AT, 1, flags, i + 1);
			table_set(TABLES_AT, i, DATA_AT, 1, flags, i + 1);
		}
		if (table)
			desc_set(0, TABLES_AT, 3 * 16, VRING_DESC_F_INDIRECT, 0);
		offer(0);
		stops(VIRTIO_BROKEN_WRITABLE);
	}
}

/* What was taken before is given back as if nothing had been. */
static void what_came_before_is_in_order(void **state)
{
	struct virtio_chain chain[2];
	uint32_t len;

	(void)state;
	both(packed, writable)
	{
		struct made made = { .element = { { DATA_AT, 10 } }, .count = 1 };

		rig_open(packed, writable, SIZE);
		for (unsigned i = 0; i < 2; i++)
			assert_true(driver_offer(&driver, &made));
		desc_set(packed ? 2 : 5, OUTSIDE, 10, flags_of(writable), 0);
		offer(5);
		for (unsigned i = 0; i < 2; i++)
			assert_int_equal(ring_take_one(&ring, &chain[i], piece, ROOM), VIRTIO_TAKEN);
		assert_int_equal(ring_take_one(&ring, &(struct virtio_chain){ 0 }, piece, ROOM), VIRTIO_BROKEN);
		virtio_ring_put(&ring, chain, 2);
		for (unsigned i = 0; i < 2; i++)
			assert_true(driver_collect(&driver, &len));
		works();
		guest_stop(&guest);
	}
}

static void every_reason_has_words(void **state)
{
	(void)state;
	for (unsigned i = 0; i < VIRTIO_BROKEN_COUNT; i++)
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(virtio_broken_reason(i), virtio_broken_reason(k));
	assert_string_equal(virtio_broken_reason(VIRTIO_BROKEN_COUNT), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_index_beyond_the_ring),  cmocka_unit_test(a_head_beyond_the_table),
		cmocka_unit_test(a_next_beyond_the_table),   cmocka_unit_test(chains_without_an_end),
		cmocka_unit_test(the_longest_chain),         cmocka_unit_test(a_long_chain_of_nothing),
		cmocka_unit_test(what_has_stopped_stays_so), cmocka_unit_test(a_chain_of_too_many_pieces),
		cmocka_unit_test(tables_that_are_none),      cmocka_unit_test(a_table_at_address_0),
		cmocka_unit_test(addresses_outside),         cmocka_unit_test(tables_outside),
		cmocka_unit_test(the_wrong_way_round),       cmocka_unit_test(what_came_before_is_in_order),
		cmocka_unit_test(every_reason_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
