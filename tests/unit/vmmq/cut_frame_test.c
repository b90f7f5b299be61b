/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames cut anywhere: what the parser finds in one that is completed is what it finds in the whole one, or the cut is before something
 * that is hashed, and nothing is made up.
 */
#include "vmmq/input/cut_frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <vmmq/parse.h>

#include <cmocka.h>

#include "unit/core/tunnel_frames.h"

#define WIRE_LEN 700

/* Ethernet, tags, IPv4 with options words or IPv6 with a destination options header, then TCP, UDP or something else. */
struct shape {
	unsigned tags;
	bool v6;
	unsigned options; /* words of IPv4 */
	bool extension;
	uint8_t protocol;
	bool fragment;
};

static size_t put(uint8_t *frame, size_t at, const void *bytes, size_t len)
{
	memcpy(frame + at, bytes, len);
	return at + len;
}

/* frame_of makes a frame, and returns behind which byte nothing is hashed any more. */
static size_t frame_of(const struct shape *s, uint8_t frame[WIRE_LEN])
{
	size_t at = 12, addresses;

	for (size_t i = 0; i < WIRE_LEN; i++)
		frame[i] = (uint8_t)(0x51 + 7 * i);
	for (unsigned i = 0; i < s->tags; i++)
		at = put(frame, at, (const uint8_t[]){ 0x81, 0, 0, 10 }, 4);
	at = put(frame, at, s->v6 ? (const uint8_t[]){ 0x86, 0xdd } : (const uint8_t[]){ 8, 0 }, 2);
	if (s->v6) {
		frame[at] = 0x60;
		frame[at + 6] = s->extension ? 60 : s->protocol;
		addresses = at += 40;
		if (s->extension) {
			static const uint8_t header[8] = { 0, 0, 1, 4, 0, 0, 0, 0 };

			put(frame, at, header, 8);
			frame[at] = s->protocol;
			addresses = at += 8;
		}
	} else {
		frame[at] = (uint8_t)(0x45 + s->options);
		frame[at + 6] = s->fragment ? 0x20 : 0;
		frame[at + 7] = 0;
		frame[at + 9] = s->protocol;
		addresses = at + 20;
		at += 20 + 4 * s->options;
	}
	return !s->fragment && (s->protocol == 6 || s->protocol == 17) ? at + 4 : addresses;
}

static void cut_everywhere(const struct shape *s)
{
	uint8_t frame[WIRE_LEN], bytes[CUT_FRAME_MAX];
	size_t needed = frame_of(s, frame);
	struct vmmq_headers whole, found;

	assert_int_equal(vmmq_parse(frame, WIRE_LEN, &whole), VMMQ_PARSE_OK);
	for (size_t len = 0; len < 200; len++) {
		size_t completed = cut_frame_len(frame, len, WIRE_LEN);

		assert_true(completed >= len && completed <= CUT_FRAME_MAX);
		cut_frame_fill(bytes, frame, len, completed);
		vmmq_parse(bytes, completed, &found);
		if (len < needed)
			assert_int_equal(completed, len);
		else
			assert_memory_equal(&found, &whole, sizeof(found));
	}
}

static void every_shape(void **state)
{
	static const uint8_t protocols[] = { 6, 17, 1 };
	unsigned count = 0;

	(void)state;
	for (unsigned bits = 0; bits < 3 * 3 * 16; bits++) {
		const struct shape s = {
			.tags = bits % 3,
			.protocol = protocols[bits / 3 % 3],
			.v6 = bits / 9 & 1,
			.options = bits / 9 & 2 ? 3 : 0,
			.extension = bits / 9 & 4,
			.fragment = bits / 9 & 8,
		};

		if (s.v6 ? s.fragment || s.options : s.extension)
			continue;
		cut_everywhere(&s);
		count++;
	}
	assert_true(count >= 50);
}

/* Inside a tunnel of any kind, VXLAN on any port: the same, as far as the inner headers are concerned. */
static void in_a_tunnel(void **state)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 9 };
	static const struct tunnel_outer outers[] = {
		{ .type = VMMQ_TUNNEL_VXLAN, .port = 4789, .vni = 1, .carries = 0x6558 },
		{ .type = VMMQ_TUNNEL_VXLAN, .port = 7, .vni = 1, .ipv6 = true, .carries = 0x6558 },
		{ .type = VMMQ_TUNNEL_GENEVE, .more_words = 5, .tagged = true, .carries = 0x6558 },
		{ .type = VMMQ_TUNNEL_NVGRE, .carries = 0x6558 },
	};
	const struct shape inner = { .protocol = 6 };

	(void)state;
	for (unsigned i = 0; i < sizeof(outers) / sizeof(outers[0]); i++) {
		const struct vmmq_encapsulation on = { (uint16_t)outers[i].type, outers[i].port };
		uint8_t frame[TUNNEL_OUTER_MAX + WIRE_LEN], bytes[CUT_FRAME_MAX];
		size_t at = tunnel_write(frame, mac, &outers[i]), needed = at + frame_of(&inner, frame + at);
		struct vmmq_headers headers;
		struct vmmq_tunnel whole, found;

		vmmq_parse(frame, at + WIRE_LEN, &headers);
		assert_true(vmmq_parse_tunnel(frame, at + WIRE_LEN, &headers, &on, &whole));
		for (size_t len = at; len < at + 100; len++) {
			size_t completed = cut_frame_len(frame, len, at + WIRE_LEN);

			cut_frame_fill(bytes, frame, len, completed);
			assert_true(vmmq_parse_tunnel(bytes, completed, &headers, &on, &found));
			if (len < needed)
				assert_int_equal(completed, len);
			else
				assert_memory_equal(&found.inner, &whole.inner, sizeof(found.inner));
		}
	}
}

/* A frame that was short on the wire is what it is. */
static void short_on_the_wire(void **state)
{
	uint8_t frame[WIRE_LEN];

	(void)state;
	frame_of(&(struct shape){ .protocol = 6 }, frame);
	for (size_t len = 0; len < 60; len++)
		assert_int_equal(cut_frame_len(frame, len, len), len);
	for (size_t wire = 40; wire < 54; wire++)
		assert_int_equal(cut_frame_len(frame, 40, wire), 40);
	assert_int_equal(cut_frame_len(frame, 40, 54), 54);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shape),
		cmocka_unit_test(in_a_tunnel),
		cmocka_unit_test(short_on_the_wire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
