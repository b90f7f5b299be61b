/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests: frames that leave their checksum and their cutting to others, made and looked at without anything of ours: sums are made byte
 * by byte, headers are written out.
 */
#ifndef VMMQ_UNIT_HOST_UNCUT_H
#define VMMQ_UNIT_HOST_UNCUT_H

#include "unit/core/test_random.h"

#include <rte_mbuf.h>
#include <string.h>

#define UNCUT_CARRIES_MAX 64000u

enum uncut_kind { UNCUT_TCP4, UNCUT_TCP6, UNCUT_UDP4, UNCUT_UDP6, UNCUT_KINDS };

/* What a frame is made from.  tags: VLAN tags; options: bytes in the IP header or before TCP's, of 8; carries: bytes. */
struct uncut {
	enum uncut_kind kind;
	uint8_t to, from;
	unsigned tags, ip_options, tcp_options;
	uint8_t flags; /* of TCP */
	uint16_t size; /* of a piece; 0: only the checksum is left */
	uint32_t carries;
};

static inline bool uncut_is_udp(const struct uncut *uncut)
{
	return uncut->kind >= UNCUT_UDP4;
}

static inline bool uncut_is_ipv6(const struct uncut *uncut)
{
	return uncut->kind % 2;
}

static inline uint32_t uncut_l3(const struct uncut *uncut)
{
	return 14 + 4 * uncut->tags;
}

static inline uint32_t uncut_l4(const struct uncut *uncut)
{
	return uncut_l3(uncut) + (uncut_is_ipv6(uncut) ? 40 : 20) + uncut->ip_options;
}

static inline uint32_t uncut_header_len(const struct uncut *uncut)
{
	return uncut_l4(uncut) + (uncut_is_udp(uncut) ? 8 : 20 + uncut->tcp_options);
}

static inline uint32_t uncut_sum(const uint8_t *at, uint32_t len)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < len; i++)
		sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
	return sum;
}

static inline uint16_t uncut_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static inline void uncut_put(uint8_t *at, uint32_t value, unsigned bytes)
{
	while (bytes--) {
		at[bytes] = (uint8_t)value;
		value >>= 8;
	}
}

static inline uint32_t uncut_get(const uint8_t *at, unsigned bytes)
{
	uint32_t value = 0;

	while (bytes--)
		value = value << 8 | *at++;
	return value;
}

/* uncut_pseudo sums the pseudo header of a frame of so many bytes behind the IP header. */
static inline uint32_t uncut_pseudo(const struct uncut *uncut, const uint8_t *frame, uint32_t len)
{
	const uint8_t *ip = frame + uncut_l3(uncut);

	return (uncut_is_ipv6(uncut) ? uncut_sum(ip + 8, 32) : uncut_sum(ip + 12, 8)) +
	       (uncut_is_udp(uncut) ? 17 : 6) + (len >> 16) + (len & 0xffff);
}

static inline uint32_t uncut_checksum_at(const struct uncut *uncut)
{
	return uncut_l4(uncut) + (uncut_is_udp(uncut) ? 6 : 16);
}

/* uncut_write writes the frame, whose bytes are random where they may be; returns its length. */
static inline uint32_t uncut_write(const struct uncut *uncut, uint8_t *frame)
{
	const uint32_t l3 = uncut_l3(uncut), l4 = uncut_l4(uncut), header_len = uncut_header_len(uncut),
		       len = header_len + uncut->carries;
	const uint8_t protocol = uncut_is_udp(uncut) ? 17 : 6;
	uint8_t *ip = frame + l3;

	random_bytes(frame, len);
	memcpy(frame, (const uint8_t[]){ 2, 0, 0, 0, 0, uncut->to, 2, 0, 0, 0, 0, uncut->from }, 12);
	for (unsigned i = 0; i < uncut->tags; i++)
		memcpy(frame + 12 + 4 * i, (const uint8_t[]){ 0x81, 0, 0, 0 }, 4);
	uncut_put(frame + l3 - 2, uncut_is_ipv6(uncut) ? 0x86dd : 0x0800, 2);
	if (uncut_is_ipv6(uncut)) {
		uncut_put(ip, 0x60000000, 4);
		uncut_put(ip + 4, len - l3 - 40, 2);
		ip[6] = uncut->ip_options ? 60 : protocol; /* destination options: one that pads */
		for (unsigned at = 40; at < 40 + uncut->ip_options; at += 8)
			memcpy(
			    ip + at,
			    (const uint8_t[]){ at + 8 < 40 + uncut->ip_options ? 60 : protocol, 0, 1, 4, 0, 0, 0, 0 },
			    8);
	} else {
		ip[0] = (uint8_t)(0x45 + uncut->ip_options / 4);
		ip[1] = 0;
		uncut_put(ip + 2, len - l3, 2);
		uncut_put(ip + 6, 0x4000, 2);
		ip[9] = protocol;
		memset(ip + 20, 1, uncut->ip_options);
		uncut_put(ip + 10, 0, 2);
		uncut_put(ip + 10, (uint16_t)~uncut_fold(uncut_sum(ip, l4 - l3)), 2);
	}
	if (uncut_is_udp(uncut)) {
		uncut_put(frame + l4 + 4, len - l4, 2);
	} else {
		frame[l4 + 12] = (uint8_t)((20 + uncut->tcp_options) / 4 << 4);
		frame[l4 + 13] = uncut->flags;
	}
	uncut_put(frame + uncut_checksum_at(uncut), uncut_fold(uncut_pseudo(uncut, frame, len - l4)), 2);
	return len;
}

/* uncut_check: a frame that carries so much, made from that one at offset done, is complete, and right. */
static inline void uncut_check(const struct uncut *uncut, const uint8_t *whole, uint32_t done, unsigned number,
			       const uint8_t *frame, uint32_t len)
{
	const uint32_t l3 = uncut_l3(uncut), l4 = uncut_l4(uncut), header_len = uncut_header_len(uncut);
	const bool last = done + (len - header_len) == uncut->carries;
	const uint8_t *ip = frame + l3;

	assert_memory_equal(frame, whole, l3);
	assert_memory_equal(frame + header_len, whole + header_len + done, len - header_len);
	assert_int_equal(uncut_fold(uncut_pseudo(uncut, frame, len - l4) + uncut_sum(frame + l4, len - l4)), 0xffff);
	if (uncut_is_ipv6(uncut)) {
		assert_int_equal(uncut_get(ip + 4, 2), len - l3 - 40);
		assert_memory_equal(ip + 6, whole + l3 + 6, l4 - l3 - 6);
	} else {
		assert_int_equal(uncut_get(ip + 2, 2), len - l3);
		assert_int_equal(uncut_get(ip + 4, 2), (uncut_get(whole + l3 + 4, 2) + number) & 0xffff);
		assert_memory_equal(ip + 6, whole + l3 + 6, 4);
		assert_int_equal(uncut_fold(uncut_sum(ip, l4 - l3)), 0xffff);
		assert_memory_equal(ip + 12, whole + l3 + 12, l4 - l3 - 12);
	}
	assert_memory_equal(frame + l4, whole + l4, 4);
	if (uncut_is_udp(uncut)) {
		assert_int_equal(uncut_get(frame + l4 + 4, 2), len - l4);
		return;
	}
	assert_int_equal(uncut_get(frame + l4 + 4, 4), (uint32_t)(uncut_get(whole + l4 + 4, 4) + done));
	assert_memory_equal(frame + l4 + 8, whole + l4 + 8, 5);
	assert_int_equal(frame[l4 + 13], uncut->flags & ~(number ? 0x80 : 0) & ~(last ? 0 : 0x09));
	assert_memory_equal(frame + l4 + 14, whole + l4 + 14, 2);
	assert_memory_equal(frame + l4 + 18, whole + l4 + 18, 2 + uncut->tcp_options);
}

#endif
