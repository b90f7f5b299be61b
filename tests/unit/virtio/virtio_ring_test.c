/* SPDX-License-Identifier: BSD-2-Clause */
/* Rings of both kinds and every size, with buffers laid out in any way, held against a driver of their own and a flat copy of memory. */
#include "unit/virtio/ring_driver.h"

#include "virtio/virtio_header.h"

#include <linux/virtio_config.h>

#define CHAINS  600u /* of a ring */
#define AT_ONCE 8u
#define PIECES  (ELEMENTS_MAX * 5)
#define FRAME   (ELEMENTS_MAX * 400)

static struct guest_memory guest;
static struct driver driver;
static struct virtio_ring ring;
static uint8_t flat[DATA_LEN]; /* what is in the data's regions */

/* What the test knows of chains that the device has taken. */
static struct taken {
	struct virtio_chain chain;
	struct virtio_piece piece[PIECES];
} taken[AT_ONCE];

/* used_log: where the device has used descriptors since it was asked last, whether to call. */
static struct {
	uint32_t at[VIRTIO_SIZE_MAX];
	unsigned count;
	bool asked;
} used_log;

static void fill(void)
{
	random_bytes(flat, sizeof(flat));
	guest_write(&guest, DATA_AT, flat, sizeof(flat));
}

static void flat_check(void)
{
	const uint8_t *at = flat;

	for (unsigned i = 0; i < 3; i++) {
		assert_memory_equal(guest.memory.region[i].host, at, guest_region_len[i]);
		at += guest_region_len[i];
	}
}

/* made_random: elements of any length, some of none, some across regions' borders. */
static struct made made_random(void)
{
	static const uint64_t border[] = { DATA_AT + 12293, DATA_AT + 12293 + 8197, DATA_AT + DATA_LEN };
	struct made made = { .count = 1 + random_below(random_one_in(3) ? ELEMENTS_MAX : 3) };

	for (unsigned i = 0; i < made.count; i++) {
		uint32_t len = random_one_in(8) ? 0 : 1 + random_below(random_one_in(8) ? 399 : 60);

		made.element[i].len = len;
		made.element[i].at = DATA_AT + random_below(DATA_LEN - len);
		if (random_one_in(4))
			made.element[i].at =
			    border[random_below(3)] - (random_below(2) ? random_below(len + 1) : len);
		if (made.element[i].at + len > DATA_AT + DATA_LEN)
			made.element[i].at = DATA_AT + DATA_LEN - len;
		if (!len && random_one_in(2))
			made.element[i].at = OUTSIDE; /* of no bytes: nowhere */
	}
	if (driver.params.indirect && random_one_in(2))
		made.in_table = driver.params.packed ? made.count : 1 + random_below(made.count);
	return made;
}

/* made_pieces: what begins where the one before ends, in the same region, is no piece of its own. */
static unsigned made_pieces(const struct made *made)
{
	unsigned pieces = 0;
	uint64_t end = 0;

	for (unsigned i = 0; i < made->count; i++) {
		if (!made->element[i].len)
			continue;
		pieces += guest_pieces(made->element[i].at, made->element[i].len);
		pieces -= pieces > 1 && made->element[i].at == end && guest_joins(end);
		end = made->element[i].at + made->element[i].len;
	}
	return pieces;
}

static uint64_t made_bytes(const struct made *made)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < made->count; i++)
		bytes += made->element[i].len;
	return bytes;
}

/* chain_check compares what was taken with what was made, and has the device read or write all of it. */
static void chain_check(const struct made *made, struct taken *it)
{
	struct virtio_cursor cursor = { it->piece, 0 };
	uint8_t bytes[FRAME], *at = bytes;

	assert_int_equal(it->chain.bytes, made_bytes(made));
	assert_int_equal(it->chain.pieces, made_pieces(made));
	assert_int_equal(it->chain.id, made->id);
	assert_int_equal(it->chain.descriptors, driver.params.packed ? made->slots : 1);
	assert_int_equal(it->chain.written, 0);
	if (!driver.params.writable) {
		virtio_cursor_read(&cursor, bytes, (uint32_t)it->chain.bytes);
		for (unsigned i = 0; i < made->count; at += made->element[i++].len)
			if (made->element[i].len)
				assert_memory_equal(at, flat + (made->element[i].at - DATA_AT), made->element[i].len);
		return;
	}
	random_bytes(bytes, (size_t)it->chain.bytes);
	virtio_cursor_write(&cursor, bytes, (uint32_t)it->chain.bytes);
	for (unsigned i = 0; i < made->count; at += made->element[i++].len)
		if (made->element[i].len)
			memcpy(flat + (made->element[i].at - DATA_AT), at, made->element[i].len);
	it->chain.written = random_below((uint32_t)it->chain.bytes + 1);
}

static const struct made *outstanding(unsigned number)
{
	return &driver.outstanding[(driver.oldest + number) % OUTSTANDING_MAX];
}

/* chains_take takes want chains at once, from number n on, in some cases with too little room for one of them; returns how many came. */
static unsigned chains_take(unsigned n, unsigned want)
{
	static struct virtio_piece piece[AT_ONCE * PIECES];
	struct virtio_chain chain[AT_ONCE];
	const unsigned there = driver.outstandings - n, come = there < want ? there : want,
		       cramped = come && random_one_in(6) ? random_below(come) : come;
	unsigned room = 0, got;
	enum virtio_taken end;

	for (unsigned i = 0; i < cramped; i++)
		room += made_pieces(outstanding(n + i));
	if (cramped < come && made_pieces(outstanding(n + cramped)) > 0)
		room += random_below(made_pieces(outstanding(n + cramped)));
	else
		room = AT_ONCE * PIECES;
	got = virtio_ring_take(&ring, chain, want, piece, room, &end);
	if (room == AT_ONCE * PIECES) {
		assert_int_equal(got, come);
		assert_int_equal(end, come < want ? VIRTIO_NONE : VIRTIO_TAKEN);
	} else {
		assert_int_equal(got, cramped);
		assert_int_equal(end, VIRTIO_NO_ROOM);
	}
	for (unsigned i = 0, at = 0; i < got; at += chain[i++].pieces) {
		taken[n + i].chain = chain[i];
		assert_true(chain[i].pieces <= PIECES);
		memcpy(taken[n + i].piece, piece + at, chain[i].pieces * sizeof(piece[0]));
	}
	return got;
}

/* device_take takes up to count chains, gives some back, and takes them again. */
static unsigned device_take(unsigned count)
{
	struct virtio_chain chain[AT_ONCE];
	unsigned n = 0;

	assert_true(virtio_ring_prefetch(&ring, AT_ONCE) >= (driver.outstandings > 0));
	while (n < count) {
		n += chains_take(n, 1 + random_below(count - n));
		for (unsigned i = 0; i < n; i++)
			chain[i] = taken[i].chain;
		if (n > 1 && random_one_in(10)) {
			unsigned back = 1 + random_below(n);

			virtio_ring_untake(&ring, chain + n - back, back);
			n -= back;
		} else if (n == driver.outstandings) {
			break;
		}
	}
	return n;
}

/* event_where: a descriptor's place, as an event names it. */
static uint32_t event_where(uint16_t at, bool wrap)
{
	return driver.params.packed ? at | (wrap ? WRAP_BIT : 0) : at;
}

static void device_put(unsigned count)
{
	struct virtio_chain chain[AT_ONCE];
	uint16_t at = ring.used;
	bool wrap = ring.used_wrap;

	for (unsigned i = 0; i < count; i++) {
		chain[i] = taken[i].chain;
		for (unsigned k = 0; k < chain[i].descriptors; k++) {
			used_log.at[used_log.count++] = event_where(at++, wrap);
			if (driver.params.packed && at == driver.params.size) {
				at = 0;
				wrap = !wrap;
			}
		}
	}
	virtio_ring_put(&ring, chain, count);
}

/* driver_anywhere: a packed ring has no more places than descriptors, in either round. */
static uint32_t driver_anywhere(void)
{
	if (!driver.params.packed)
		return (uint16_t)random_u64();
	return event_where((uint16_t)random_below(driver.params.size), random_below(2));
}

/* driver_wishes says where it wants to be called: at what was just used or is next, or anywhere, or not at all.  Returns its flags. */
static uint16_t driver_wishes(uint32_t *where)
{
	uint16_t flags = (uint16_t)random_below(3);

	*where = random_one_in(8) ? driver_anywhere() : used_log.at[random_below(used_log.count)];
	if (!driver.params.packed) {
		driver.avail->flags = flags == 1 ? VRING_AVAIL_F_NO_INTERRUPT : 0;
		if (driver.params.event_index)
			driver.avail->ring[driver.params.size] = (uint16_t)*where;
		return flags;
	}
	if (flags == VRING_PACKED_EVENT_FLAG_DESC && !driver.params.event_index)
		flags = VRING_PACKED_EVENT_FLAG_ENABLE;
	driver.driver_event->off_wrap = (uint16_t)*where;
	driver.driver_event->flags = flags;
	return flags;
}

/* call_check: the specification's rule (2.6.7.2, 2.7.10): called if the place that the driver named is among those used since. */
static void call_check(void)
{
	uint32_t where;
	uint16_t flags = driver_wishes(&where);
	bool wanted = !used_log.asked;

	for (unsigned i = 0; i < used_log.count; i++)
		wanted |= used_log.at[i] == where;
	if (driver.params.packed && flags != VRING_PACKED_EVENT_FLAG_DESC)
		wanted = flags == VRING_PACKED_EVENT_FLAG_ENABLE;
	else if (!driver.params.packed && !driver.params.event_index)
		wanted = flags != 1;
	assert_int_equal(virtio_ring_wants_call(&ring), wanted);
	used_log.count = 0;
	used_log.asked = true;
}

static void driver_collects(unsigned count)
{
	uint32_t len;

	for (unsigned i = 0; i < count; i++) {
		assert_true(driver_collect(&driver, &len));
		assert_int_equal(len, taken[i].chain.written);
	}
	assert_int_equal(driver_used(&driver, &(uint32_t){ 0 }, &len), false);
}

/* notify_check: what the device asks of the driver, as the driver reads it. */
static void notify_check(void)
{
	const bool wanted = random_below(2);
	const uint16_t position = (uint16_t)event_where(ring.avail, ring.avail_wrap);

	assert_int_equal(virtio_ring_notify(&ring, wanted), wanted && driver.outstandings);
	if (driver.params.packed) {
		assert_int_equal(driver.device_event->flags, !wanted ? VRING_PACKED_EVENT_FLAG_DISABLE
							     : driver.params.event_index
								 ? VRING_PACKED_EVENT_FLAG_DESC
								 : VRING_PACKED_EVENT_FLAG_ENABLE);
		if (wanted && driver.params.event_index)
			assert_int_equal(driver.device_event->off_wrap, position);
		return;
	}
	if (!driver.params.event_index)
		assert_int_equal(driver.used->flags, wanted ? 0 : VRING_USED_F_NO_NOTIFY);
	else if (wanted)
		assert_memory_equal(&driver.used->ring[driver.params.size], &position, sizeof(position));
}

static void ring_run(struct virtio_ring_params params, uint16_t start)
{
	unsigned done = 0;

	guest_start(&guest);
	fill();
	memset(&used_log, 0, sizeof(used_log));
	driver_start(&driver, &guest, params, start);
	assert_true(virtio_ring_start(&ring, &driver.params));
	while (done < CHAINS) {
		unsigned count, offers = random_below(AT_ONCE + 1);

		for (struct made made = made_random(); offers; offers--, made = made_random())
			driver_offer(&driver, &made);
		if (random_one_in(4))
			notify_check();
		count = device_take(random_below(AT_ONCE + 1));
		for (unsigned i = 0; i < count; i++)
			chain_check(outstanding(i), &taken[i]);
		device_put(count);
		/* asked before it goes round the ring, as no position could be told from the one a round before */
		if (used_log.count && (used_log.count + AT_ONCE * ELEMENTS_MAX > params.size || random_one_in(2)))
			call_check();
		driver_collects(count);
		done += count;
	}
	flat_check();
	assert_int_equal(virtio_ring_avail(&ring), virtio_ring_used(&ring));
	assert_int_equal(virtio_ring_used(&ring), event_where(driver.used_at, driver.used_wrap));
	guest_stop(&guest);
}

static void rings_of(bool packed, const uint16_t *size, unsigned sizes)
{
	random_start();
	for (unsigned i = 0; i < sizes; i++)
		for (unsigned kind = 0; kind < 8; kind++) {
			const uint16_t last = (uint16_t)(size[i] - 1), before = last < 20 ? last : last - 20;

			ring_run((struct virtio_ring_params){ .size = size[i],
							      .packed = packed,
							      .event_index = kind & 1,
							      .writable = kind & 2,
							      .indirect = kind & 4 },
				 (uint16_t)(packed ? before | (kind & 1 ? WRAP_BIT : 0) : 65500));
		}
}

static void split_rings(void **state)
{
	static const uint16_t size[] = { 1, 2, 4, 16, 256, 1024, 32768 };

	(void)state;
	rings_of(false, size, sizeof(size) / sizeof(size[0]));
}

static void packed_rings(void **state)
{
	static const uint16_t size[] = { 1, 2, 3, 7, 17, 100, 256, 1000, 32767, 32768 };

	(void)state;
	rings_of(true, size, sizeof(size) / sizeof(size[0]));
}

/* A ring is none whose parts do not lie in the guest's memory, to the last byte that it may ever need. */
static void what_is_no_ring(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 4; kind++) {
		struct virtio_ring_params params = { .size = 8, .packed = kind & 1, .event_index = kind & 2 }, wrong;

		guest_start(&guest);
		driver_start(&driver, &guest, params, 0);
		params = driver.params;
		assert_true(virtio_ring_start(&ring, &params));
		for (unsigned size = 0; size < 65536; size++) {
			wrong = params;
			wrong.size = (uint16_t)size;
			wrong.descriptors = guest.memory.region[2].host + guest_region_len[2] - 128;
			assert_int_equal(virtio_ring_start(&ring, &wrong),
					 size && size <= 8 && (params.packed || !(size & (size - 1))));
		}
		for (unsigned part = 0; part < 3; part++) {
			void **at[] = { &wrong.descriptors, &wrong.driver, &wrong.device };
			uint8_t *was;

			for (unsigned shift = 1; shift < (part ? 2 : 16); shift++) {
				wrong = params;
				*at[part] = (uint8_t *)*at[part] + shift;
				assert_false(virtio_ring_start(&ring, &wrong));
			}
			wrong = params;
			was = *at[part];
			*at[part] = was + 16; /* aligned, and too near to the end */
			assert_false(virtio_ring_start(&ring, &wrong));
			*at[part] = was - 16; /* before its beginning */
			assert_false(virtio_ring_start(&ring, &wrong));
			*at[part] = NULL;
			assert_false(virtio_ring_start(&ring, &wrong));
		}
		wrong = params;
		wrong.event_index = true; /* for which there is a word more */
		assert_int_equal(virtio_ring_start(&ring, &wrong), params.packed || params.event_index);
		wrong = params;
		wrong.avail = 8;
		assert_int_equal(virtio_ring_start(&ring, &wrong), !params.packed);
		wrong = params;
		wrong.used = WRAP_BIT | 9;
		assert_int_equal(virtio_ring_start(&ring, &wrong), !params.packed);
		guest_stop(&guest);
	}
}

static void regions(void **state)
{
	struct virtio_memory memory = { .count = 0 };
	uint8_t byte[16];
	uint64_t address;
	uint32_t len = 16;

	(void)state;
	assert_false(virtio_memory_add(&memory, 5, 0, byte));
	assert_false(virtio_memory_add(&memory, UINT64_MAX - 15, 16, byte)); /* its end is address 0 */
	assert_true(virtio_memory_add(&memory, UINT64_MAX - 16, 16, byte));
	assert_null(virtio_memory_at(&memory, UINT64_MAX, &len));
	assert_null(virtio_memory_at(&memory, 0, &len));
	assert_ptr_equal(virtio_memory_at(&memory, UINT64_MAX - 3, &len), byte + 13);
	assert_int_equal(len, 3);
	assert_true(virtio_memory_guest_address(&memory, byte + 15, &address));
	assert_int_equal(address, UINT64_MAX - 1);
	assert_false(virtio_memory_guest_address(&memory, byte + 16, &address));
	assert_true(virtio_memory_holds(&memory, byte, 16));
	assert_false(virtio_memory_holds(&memory, byte, 17));
	assert_false(virtio_memory_holds(&memory, byte, UINT64_MAX));
	while (memory.count < VIRTIO_REGIONS_MAX)
		assert_true(virtio_memory_add(&memory, memory.count * 16, 16, byte));
	assert_false(virtio_memory_add(&memory, 1 << 20, 16, byte));
}

/* Headers of each length, in one piece and in any two, and what stands behind them. */
static void headers(void **state)
{
	static const uint64_t features[] = { 0, UINT64_C(1) << VIRTIO_NET_F_MRG_RXBUF,
					     UINT64_C(1) << VIRTIO_F_VERSION_1,
					     UINT64_C(1) << VIRTIO_F_VERSION_1 | UINT64_C(1)
										     << VIRTIO_NET_F_HASH_REPORT };
	static const uint32_t expected[] = { 10, 12, 12, 20 };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		const uint32_t len = virtio_header_len(features[i]);

		assert_int_equal(len, expected[i]);
		for (uint32_t first = 1; first <= len + 4; first++) {
			struct virtio_net_hdr_v1_hash header, wrote;
			uint8_t bytes[64], copy[64];
			struct virtio_piece piece[] = { { bytes, first }, { bytes + first, 64 - first } };
			struct virtio_cursor cursor = { piece, 0 };

			random_bytes(bytes, sizeof(bytes));
			virtio_header_read(&cursor, &header, len);
			assert_memory_equal(&header, bytes, len);
			assert_ptr_equal(cursor.piece->at + cursor.done, bytes + len);
			random_bytes(&wrote, sizeof(wrote));
			memcpy(copy, bytes, sizeof(copy));
			memcpy(copy, &wrote, len);
			cursor = (struct virtio_cursor){ piece, 0 };
			virtio_header_write(&cursor, &wrote, len);
			assert_memory_equal(bytes, copy, sizeof(copy));
			assert_ptr_equal(cursor.piece->at + cursor.done, bytes + len);
		}
	}
}

static void checksums_that_fit(void **state)
{
	struct virtio_net_hdr_v1 header = { .csum_start = 34, .csum_offset = 16 };

	(void)state;
	assert_true(virtio_header_checksum_fits(&header, 52));
	assert_false(virtio_header_checksum_fits(&header, 51));
	header.csum_start = header.csum_offset = 65535;
	assert_false(virtio_header_checksum_fits(&header, 131071));
	assert_true(virtio_header_checksum_fits(&header, 131072));
	header.csum_start = 0;
	assert_false(virtio_header_checksum_fits(&header, 65536));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(split_rings), cmocka_unit_test(packed_rings), cmocka_unit_test(what_is_no_ring),
		cmocka_unit_test(regions),     cmocka_unit_test(headers),      cmocka_unit_test(checksums_that_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
