/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames whose senders left the checksum to their device, against sums made the slow way, bit by bit of the RFCs. */
#include "ports/ethdev_checksum.h"
#include "unit/ports/ethdev_rig.h"

#include <netinet/in.h>
#include <rte_byteorder.h>
#include <stdlib.h>

enum { ETHERNET = 14, TAG = 4, IPV4 = 20, IPV6 = 40 };

struct shape {
	unsigned tags, version, protocol, payload, padding;
};

static unsigned header_len(unsigned protocol)
{
	return protocol == IPPROTO_TCP ? 20 : protocol == IPPROTO_UDP ? 8 : 12;
}

static unsigned field_at(unsigned protocol)
{
	return protocol == IPPROTO_TCP ? 16 : protocol == IPPROTO_UDP ? 6 : 8;
}

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static unsigned get16(const uint8_t *at)
{
	return (unsigned)(at[0] << 8 | at[1]);
}

static unsigned sum(const uint8_t *at, unsigned len, unsigned start)
{
	for (unsigned i = 0; i < len; i++) {
		start += i % 2 ? at[i] : (unsigned)at[i] << 8;
		start = (start & 0xffff) + (start >> 16);
	}
	return start;
}

static uint32_t crc32c(const uint8_t *at, unsigned len)
{
	uint32_t crc = 0xffffffff;

	for (unsigned i = 0; i < len * 8; i++)
		crc = (crc >> 1) ^ ((crc ^ (uint32_t)(at[i / 8] >> i % 8)) & 1 ? 0x82f63b78u : 0);
	return ~crc;
}

static unsigned ip_at(const struct shape *shape)
{
	return ETHERNET + TAG * shape->tags;
}

static unsigned transport_at(const struct shape *shape)
{
	return ip_at(shape) + (shape->version == 4 ? IPV4 : IPV6);
}

/* pseudo: RFC 9293, section 3.1, and RFC 8200, section 8.1 */
static unsigned pseudo(const struct shape *shape, const uint8_t *frame)
{
	unsigned len = header_len(shape->protocol) + shape->payload, start = len + shape->protocol;

	return shape->version == 4 ? sum(frame + ip_at(shape) + 12, 8, start)
				   : sum(frame + ip_at(shape) + 8, 32, start);
}

static struct rte_mbuf *frame_make(const struct shape *shape)
{
	unsigned len = header_len(shape->protocol) + shape->payload, ip = ip_at(shape);
	struct rte_mbuf *packet = rte_pktmbuf_alloc(rig_pool);
	uint8_t *frame =
	    (uint8_t *)rte_pktmbuf_append(packet, (uint16_t)(transport_at(shape) + len + shape->padding));

	assert_non_null(frame);
	for (unsigned i = 0; i < rte_pktmbuf_data_len(packet); i++)
		frame[i] = (uint8_t)rand();
	for (unsigned t = 0; t < shape->tags; t++)
		put16(frame + 12 + TAG * t, t ? 0x8100 : 0x88a8);
	put16(frame + ip - 2, shape->version == 4 ? 0x0800 : 0x86dd);
	if (shape->version == 4) {
		frame[ip] = 0x45;
		put16(frame + ip + 2, IPV4 + len);
		put16(frame + ip + 6, 0x4000);
		frame[ip + 9] = (uint8_t)shape->protocol;
	} else {
		frame[ip] = 0x60;
		put16(frame + ip + 4, len);
		frame[ip + 6] = (uint8_t)shape->protocol;
	}
	return packet;
}

/* checksum_right writes what the RFCs want. */
static void checksum_right(const struct shape *shape, uint8_t *frame)
{
	uint8_t *transport = frame + transport_at(shape), *field = transport + field_at(shape->protocol);
	unsigned len = header_len(shape->protocol) + shape->payload, value;

	if (shape->protocol == IPPROTO_SCTP) {
		uint32_t crc;

		memset(field, 0, 4);
		crc = rte_cpu_to_le_32(crc32c(transport, len));
		memcpy(field, &crc, 4);
		return;
	}
	put16(field, 0);
	value = ~sum(transport, len, pseudo(shape, frame)) & 0xffff;
	put16(field, value ? value : 0xffff);
}

/* checksum_partial writes what Linux leaves there. */
static void checksum_partial(const struct shape *shape, uint8_t *frame)
{
	uint8_t *field = frame + transport_at(shape) + field_at(shape->protocol);

	if (shape->protocol == IPPROTO_SCTP)
		memset(field, 0, 4);
	else
		put16(field, pseudo(shape, frame));
}

/* each calls with every shape that is completed. */
static void each(void (*call)(const struct shape *shape))
{
	static const unsigned protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP }, versions[] = { 4, 6 };

	for (unsigned i = 0; i < 18 * 60; i++) {
		const struct shape shape = { i % 3, versions[i / 3 % 2], protocols[i / 6 % 3],
					     i / 18 < 40 ? i / 18 : (unsigned)rand() % 1400, (unsigned)rand() % 20 };

		call(&shape);
	}
}

static void completed(const struct shape *shape)
{
	struct rte_mbuf *packet = frame_make(shape);
	uint8_t *frame = rte_pktmbuf_mtod(packet, uint8_t *), right[2048];
	uint16_t len = rte_pktmbuf_data_len(packet);

	checksum_right(shape, frame);
	memcpy(right, frame, len);
	checksum_partial(shape, frame);
	ethdev_checksum_complete(packet); /* false where it is right by chance */
	assert_memory_equal(frame, right, len);
	rte_pktmbuf_free(packet);
}

static void partial_ones_are_completed(void **state)
{
	(void)state;
	each(completed);
}

static void untouched(const struct shape *shape)
{
	struct rte_mbuf *packet = frame_make(shape);
	uint8_t *frame = rte_pktmbuf_mtod(packet, uint8_t *), before[2048];
	uint16_t len = rte_pktmbuf_data_len(packet);

	checksum_right(shape, frame);
	memcpy(before, frame, len);
	assert_false(ethdev_checksum_complete(packet));
	assert_memory_equal(frame, before, len);
	rte_pktmbuf_free(packet);
}

static void right_ones_stay(void **state)
{
	(void)state;
	each(untouched);
}

/* One of 65,536 right ones looks as if it were partial: here the payload is made so. */
static void right_ones_that_look_partial_stay(void **state)
{
	const struct shape shape = { 0, 4, IPPROTO_TCP, 100, 0 };
	struct rte_mbuf *packet = frame_make(&shape);
	uint8_t *frame = rte_pktmbuf_mtod(packet, uint8_t *), *transport = frame + transport_at(&shape), before[256];
	unsigned field = pseudo(&shape, frame), rest;

	(void)state;
	put16(transport + 16, field);
	put16(transport + 20, 0);
	rest = sum(transport, 120, field);
	put16(transport + 20, ~rest & 0xffff); /* now all of it sums up to 0xffff */
	assert_int_equal(sum(transport, 120, pseudo(&shape, frame)), 0xffff);
	memcpy(before, frame, 154);
	assert_false(ethdev_checksum_complete(packet));
	assert_memory_equal(frame, before, 154);
	rte_pktmbuf_free(packet);
}

static void damaged(const struct shape *shape)
{
	struct rte_mbuf *packet = frame_make(shape);
	uint8_t *frame = rte_pktmbuf_mtod(packet, uint8_t *), *field, before[2048];
	uint16_t len = rte_pktmbuf_data_len(packet);

	checksum_right(shape, frame);
	field = frame + transport_at(shape) + field_at(shape->protocol);
	field[0] ^= 0x20;
	if (get16(field) != pseudo(shape, frame)) {
		memcpy(before, frame, len);
		assert_false(ethdev_checksum_complete(packet));
		assert_memory_equal(frame, before, len);
	}
	rte_pktmbuf_free(packet);
}

static void damaged_ones_stay(void **state)
{
	(void)state;
	each(damaged);
}

/* short_one: whatever a frame says of its lengths, nothing outside it is read or written. */
static void short_one(const struct shape *shape)
{
	struct rte_mbuf *packet = frame_make(shape);
	uint8_t *frame = rte_pktmbuf_mtod(packet, uint8_t *), before[2048];
	uint16_t len = rte_pktmbuf_data_len(packet);
	uint16_t kept = (uint16_t)((unsigned)rand() % (len - shape->padding));

	checksum_partial(shape, frame);
	memcpy(before, frame, len);
	rte_pktmbuf_trim(packet, len - kept);
	assert_false(ethdev_checksum_complete(packet));
	assert_memory_equal(frame, before, len);
	rte_pktmbuf_free(packet);
}

static void short_ones_stay(void **state)
{
	(void)state;
	each(short_one);
}

static void fragments_stay(void **state)
{
	const struct shape shape = { 0, 4, IPPROTO_UDP, 100, 0 };
	static const unsigned fragment[] = { 0x2000, 0x0001, 0x2010 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct rte_mbuf *packet = frame_make(&shape);
		uint8_t *frame = rte_pktmbuf_mtod(packet, uint8_t *);

		put16(frame + ETHERNET + 6, fragment[i]);
		checksum_partial(&shape, frame);
		assert_false(ethdev_checksum_complete(packet));
		rte_pktmbuf_free(packet);
	}
}

static void crc_is_that_of_the_standard(void **state)
{
	(void)state;
	assert_int_equal(crc32c((const uint8_t *)"123456789", 9), 0xe3069283);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crc_is_that_of_the_standard),
		cmocka_unit_test(partial_ones_are_completed),
		cmocka_unit_test(right_ones_stay),
		cmocka_unit_test(right_ones_that_look_partial_stay),
		cmocka_unit_test(damaged_ones_stay),
		cmocka_unit_test(short_ones_stay),
		cmocka_unit_test(fragments_stay),
	};

	srand(1);
	return cmocka_run_group_tests(tests, rig_start, NULL);
}
