/* SPDX-License-Identifier: BSD-2-Clause */
/* Captures are made here byte by byte, so that each can be wrong in exactly one way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ports/capture_read.h"

enum {
	MAGIC_US = 0xa1b2c3d4,
	MAGIC_NS = 0xa1b23c4d,
	ETHERNET = 1,
	LINUX_SLL = 113,
	SNAP_LEN = 65535,
	SECONDS = 1700000000,
	FRAME_LEN = 60,
	EPB = 6,
};

static char directory[64];
static char path[96];

/* A file that is being put together; swap: in the byte order that this machine does not have. */
struct bytes {
	uint8_t data[4096];
	size_t len;
	bool swap;
};

static void add(struct bytes *file, const void *data, size_t len)
{
	assert_true(file->len + len <= sizeof(file->data));
	memcpy(file->data + file->len, data, len);
	file->len += len;
}

static void add_u16(struct bytes *file, uint16_t value)
{
	uint16_t v = file->swap ? __builtin_bswap16(value) : value;

	add(file, &v, sizeof(v));
}

static void add_u32(struct bytes *file, uint32_t value)
{
	uint32_t v = file->swap ? __builtin_bswap32(value) : value;

	add(file, &v, sizeof(v));
}

static void pcap_header(struct bytes *file, uint32_t magic, uint32_t snap_len, uint32_t link_type)
{
	add_u32(file, magic);
	add_u16(file, 2);
	add_u16(file, 4);
	add_u32(file, 0);
	add_u32(file, 0);
	add_u32(file, snap_len);
	add_u32(file, link_type);
}

/* frame_fill makes the bytes of packet number n, so that every packet can be told from every other. */
static void frame_fill(uint8_t *frame, size_t len, uint8_t n)
{
	for (size_t i = 0; i < len; i++)
		frame[i] = (uint8_t)(n * 31 + i);
}

static void pcap_packet(struct bytes *file, uint32_t seconds, uint32_t fraction, uint32_t len, uint32_t wire_len,
			uint8_t n)
{
	uint8_t frame[256];

	frame_fill(frame, sizeof(frame), n);
	add_u32(file, seconds);
	add_u32(file, fraction);
	add_u32(file, len);
	add_u32(file, wire_len);
	add(file, frame, len < sizeof(frame) ? len : sizeof(frame));
}

static void section(struct bytes *file)
{
	add_u32(file, 0x0a0d0d0a);
	add_u32(file, 28);
	add_u32(file, 0x1a2b3c4d);
	add_u16(file, 1);
	add_u16(file, 0);
	add_u32(file, UINT32_MAX);
	add_u32(file, UINT32_MAX);
	add_u32(file, 28);
}

static void interface(struct bytes *file, uint16_t link_type, uint32_t snap_len, uint8_t tsresol)
{
	const uint8_t value[4] = { tsresol, 0, 0, 0 };

	add_u32(file, 1);
	add_u32(file, 32);
	add_u16(file, link_type);
	add_u16(file, 0);
	add_u32(file, snap_len);
	add_u16(file, 9); /* if_tsresol */
	add_u16(file, 1);
	add(file, value, sizeof(value));
	add_u32(file, 0); /* opt_endofopt */
	add_u32(file, 32);
}

static void epb(struct bytes *file, uint32_t interface_id, uint64_t time, uint32_t len, uint32_t wire_len, uint8_t n)
{
	uint8_t frame[256] = { 0 };
	uint32_t padded_len = (len + 3) & ~3u;
	uint32_t block_len = 32 + padded_len;

	assert_true(padded_len <= sizeof(frame));
	frame_fill(frame, len, n);
	add_u32(file, EPB);
	add_u32(file, block_len);
	add_u32(file, interface_id);
	add_u32(file, (uint32_t)(time >> 32));
	add_u32(file, (uint32_t)time);
	add_u32(file, len);
	add_u32(file, wire_len);
	add(file, frame, padded_len);
	add_u32(file, block_len);
}

static void save(const struct bytes *file)
{
	FILE *stream = fopen(path, "wb");

	assert_non_null(stream);
	assert_int_equal(fwrite(file->data, 1, file->len, stream), file->len);
	assert_int_equal(fclose(stream), 0);
}

static struct capture_read *open_saved(const struct bytes *file)
{
	char error[1024] = "";

	save(file);
	struct capture_read *reader = capture_read_open(path, error, sizeof(error));

	if (!reader)
		fail_msg("%s", error);
	return reader;
}

static void expect_packet(struct capture_read *reader, uint64_t number, uint64_t time_ns, uint32_t len,
			  uint32_t wire_len)
{
	uint8_t frame[256];
	struct capture_packet packet;

	if (capture_read_next(reader, &packet) != CAPTURE_PACKET)
		fail_msg("packet %" PRIu64 ": %s", number, capture_read_error(reader));
	assert_int_equal(packet.number, number);
	assert_int_equal(packet.time_ns, time_ns);
	assert_int_equal(packet.len, len);
	assert_int_equal(packet.wire_len, wire_len);
	frame_fill(frame, sizeof(frame), (uint8_t)number);
	assert_memory_equal(packet.data, frame, len);
}

static void expect_end(struct capture_read *reader)
{
	struct capture_packet packet;

	assert_int_equal(capture_read_next(reader, &packet), CAPTURE_END);
	assert_int_equal(capture_read_next(reader, &packet), CAPTURE_END);
	capture_read_close(reader);
}

static void expect_text(const char *message, const char *part)
{
	if (!strstr(message, part))
		fail_msg("\"%s\" does not say \"%s\"", message, part);
}

/* expect_error: the reader stops for good, and its message has the file and each part (NULL ends them). */
static void expect_error(struct capture_read *reader, ...)
{
	struct capture_packet packet;
	va_list parts;

	assert_int_equal(capture_read_next(reader, &packet), CAPTURE_ERROR);
	assert_int_equal(capture_read_next(reader, &packet), CAPTURE_ERROR);
	expect_text(capture_read_error(reader), path);
	va_start(parts, reader);
	for (const char *part = va_arg(parts, const char *); part; part = va_arg(parts, const char *))
		expect_text(capture_read_error(reader), part);
	va_end(parts);
	capture_read_close(reader);
}

static void expect_refused(const char *name, const char *part)
{
	char error[1024] = "";

	assert_null(capture_read_open(name, error, sizeof(error)));
	expect_text(error, name);
	expect_text(error, part);
}

static void expect_bytes_refused(const void *data, size_t len, const char *part)
{
	struct bytes file = { 0 };

	add(&file, data, len);
	save(&file);
	expect_refused(path, part);
}

static void reads_pcap(uint32_t magic, bool swap, uint32_t fraction, uint64_t fraction_ns)
{
	struct bytes file = { .swap = swap };

	pcap_header(&file, magic, SNAP_LEN, ETHERNET);
	pcap_packet(&file, SECONDS, fraction, FRAME_LEN, FRAME_LEN, 1);
	pcap_packet(&file, SECONDS + 1, 0, 0, 0, 2);
	pcap_packet(&file, SECONDS + 2, 1, 17, 1514, 3);
	struct capture_read *reader = open_saved(&file);

	expect_packet(reader, 1, SECONDS * UINT64_C(1000000000) + fraction_ns, FRAME_LEN, FRAME_LEN);
	expect_packet(reader, 2, (SECONDS + 1) * UINT64_C(1000000000), 0, 0);
	expect_packet(reader, 3, (SECONDS + 2) * UINT64_C(1000000000) + (magic == MAGIC_US ? 1000 : 1), 17, 1514);
	expect_end(reader);
}

static void test_pcap_microseconds(void **state)
{
	(void)state;
	reads_pcap(MAGIC_US, false, 123456, 123456000);
	reads_pcap(MAGIC_US, true, 999999, 999999000);
}

static void test_pcap_nanoseconds(void **state)
{
	(void)state;
	reads_pcap(MAGIC_NS, false, 123456789, 123456789);
	reads_pcap(MAGIC_NS, true, 999999999, 999999999);
}

static void test_pcap_after_2038(void **state)
{
	struct bytes file = { 0 };

	(void)state;
	pcap_header(&file, MAGIC_US, SNAP_LEN, ETHERNET);
	pcap_packet(&file, 4000000000u, 5, FRAME_LEN, FRAME_LEN, 1);
	struct capture_read *reader = open_saved(&file);

	expect_packet(reader, 1, UINT64_C(4000000000000005000), FRAME_LEN, FRAME_LEN);
	expect_end(reader);
}

static void test_wire_len_is_at_least_len(void **state)
{
	struct bytes file = { 0 };

	(void)state;
	pcap_header(&file, MAGIC_US, SNAP_LEN, ETHERNET);
	pcap_packet(&file, SECONDS, 0, FRAME_LEN, 0, 1);
	struct capture_read *reader = open_saved(&file);

	expect_packet(reader, 1, SECONDS * UINT64_C(1000000000), FRAME_LEN, FRAME_LEN);
	expect_end(reader);
}

/* Two interfaces whose time stamps have different units, one without packets before the other's. */
static void reads_pcapng(bool swap)
{
	struct bytes file = { .swap = swap };

	section(&file);
	interface(&file, ETHERNET, SNAP_LEN, 6);
	epb(&file, 0, SECONDS * UINT64_C(1000000) + 7, FRAME_LEN, FRAME_LEN, 1);
	interface(&file, ETHERNET, SNAP_LEN, 9);
	epb(&file, 1, SECONDS * UINT64_C(1000000000) + 7, 13, 1514, 2);
	epb(&file, 0, SECONDS * UINT64_C(1000000) + 8, 0, 0, 3);
	struct capture_read *reader = open_saved(&file);

	expect_packet(reader, 1, SECONDS * UINT64_C(1000000000) + 7000, FRAME_LEN, FRAME_LEN);
	expect_packet(reader, 2, SECONDS * UINT64_C(1000000000) + 7, 13, 1514);
	expect_packet(reader, 3, SECONDS * UINT64_C(1000000000) + 8000, 0, 0);
	expect_end(reader);
}

static void test_pcapng(void **state)
{
	(void)state;
	reads_pcapng(false);
	reads_pcapng(true);
}

static void test_header_only(void **state)
{
	struct bytes pcap = { 0 }, pcapng = { 0 };

	(void)state;
	pcap_header(&pcap, MAGIC_US, SNAP_LEN, ETHERNET);
	expect_end(open_saved(&pcap));
	section(&pcapng);
	interface(&pcapng, ETHERNET, SNAP_LEN, 6);
	expect_end(open_saved(&pcapng));
}

/* Wherever a file of two packets is cut: packet 1 or 2 is named, except exactly behind a packet. */
static void test_cut_off(void **state)
{
	struct bytes whole = { 0 };
	const size_t header_len = 24, packet_len = 16 + FRAME_LEN;

	(void)state;
	pcap_header(&whole, MAGIC_US, SNAP_LEN, ETHERNET);
	pcap_packet(&whole, SECONDS, 0, FRAME_LEN, FRAME_LEN, 1);
	pcap_packet(&whole, SECONDS, 0, FRAME_LEN, FRAME_LEN, 2);
	for (size_t len = header_len; len <= whole.len; len++) {
		struct bytes cut = whole;
		size_t packets = (len - header_len) / packet_len;
		char where[64];

		cut.len = len;
		struct capture_read *reader = open_saved(&cut);

		for (uint64_t n = 1; n <= packets; n++)
			expect_packet(reader, n, SECONDS * UINT64_C(1000000000), FRAME_LEN, FRAME_LEN);
		snprintf(where, sizeof(where), "ends in the middle of packet %zu:", packets + 1);
		if ((len - header_len) % packet_len == 0)
			expect_end(reader);
		else
			expect_error(reader, where, "cut off", "libpcap: truncated", NULL);
	}
}

static void test_pcapng_cut_off(void **state)
{
	struct bytes file = { 0 };

	(void)state;
	section(&file);
	interface(&file, ETHERNET, SNAP_LEN, 9);
	epb(&file, 0, 1, FRAME_LEN, FRAME_LEN, 1);
	epb(&file, 0, 1, FRAME_LEN, FRAME_LEN, 2);
	file.len -= 5;
	struct capture_read *reader = open_saved(&file);

	expect_packet(reader, 1, 1, FRAME_LEN, FRAME_LEN);
	expect_error(reader, "ends in the middle of packet 2 (or of another block", "whole packets before it: 1",
		     NULL);
}

static void test_corrupt_length(void **state)
{
	struct bytes file = { 0 };

	(void)state;
	pcap_header(&file, MAGIC_US, SNAP_LEN, ETHERNET);
	pcap_packet(&file, SECONDS, 0, FRAME_LEN, FRAME_LEN, 1);
	pcap_packet(&file, SECONDS, 0, 262145, 262145, 2);
	struct capture_read *reader = open_saved(&file);

	expect_packet(reader, 1, SECONDS * UINT64_C(1000000000), FRAME_LEN, FRAME_LEN);
	expect_error(reader, "packet 2 cannot be read", "invalid packet capture length 262145", NULL);
}

static void test_pcapng_corrupt_block(void **state)
{
	struct bytes file = { 0 };

	(void)state;
	section(&file);
	interface(&file, ETHERNET, SNAP_LEN, 9);
	epb(&file, 0, 1, FRAME_LEN, FRAME_LEN, 1);
	epb(&file, 7, 1, FRAME_LEN, FRAME_LEN, 2);
	struct capture_read *reader = open_saved(&file);

	expect_packet(reader, 1, 1, FRAME_LEN, FRAME_LEN);
	expect_error(reader, "packet 2 cannot be read", "interface 7", NULL);
}

static void differing_interfaces(uint16_t link_type, uint32_t snap_len)
{
	struct bytes file = { 0 };

	section(&file);
	interface(&file, ETHERNET, SNAP_LEN, 9);
	epb(&file, 0, 1, FRAME_LEN, FRAME_LEN, 1);
	interface(&file, link_type, snap_len, 9);
	epb(&file, 1, 1, FRAME_LEN, FRAME_LEN, 2);
	struct capture_read *reader = open_saved(&file);

	expect_packet(reader, 1, 1, FRAME_LEN, FRAME_LEN);
	expect_error(reader, "packet 2 cannot be read", "one link type and one snap length", "editcap -F pcap", NULL);
}

static void test_differing_interfaces(void **state)
{
	(void)state;
	differing_interfaces(LINUX_SLL, SNAP_LEN);
	differing_interfaces(ETHERNET, 128);
}

static void test_other_link_type(void **state)
{
	struct bytes file = { 0 };

	(void)state;
	pcap_header(&file, MAGIC_US, SNAP_LEN, LINUX_SLL);
	save(&file);
	expect_refused(path, "LINUX_SLL (113, Linux cooked v1)");
	expect_refused(path, "EN10MB");
}

static void test_not_a_capture(void **state)
{
	(void)state;
	expect_bytes_refused("", 0, "is empty (0 bytes)");
	expect_bytes_refused("x", 1, "ends before its header is complete");
	expect_bytes_refused("\xd4\xc3\xb2\xa1\x02", 5, "ends before its header is complete");
	expect_bytes_refused("this is text, not a capture", 27, "a pcap or pcapng file is needed");
	expect_bytes_refused("\x1f\x8b\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24, "gunzip");
}

static void test_unopenable(void **state)
{
	(void)state;
	expect_refused(directory, "is a directory");
	expect_refused("/nonexistent/in.pcap", "No such file or directory");
}

#define NOBODY 65534

static void test_unreadable(void **state)
{
	struct bytes file = { 0 };

	bool is_root = geteuid() == 0;

	(void)state;
	pcap_header(&file, MAGIC_US, SNAP_LEN, ETHERNET);
	save(&file);
	assert_int_equal(chmod(path, 0), 0);
	if (is_root) /* root reads everything, so be nobody for a moment */
		assert_int_equal(setresuid(NOBODY, NOBODY, 0), 0);
	expect_refused(path, "Permission denied");
	if (is_root)
		assert_int_equal(setresuid(0, 0, 0), 0);
}

static void test_progress(void **state)
{
	struct bytes file = { 0 };
	struct capture_packet packet;

	(void)state;
	pcap_header(&file, MAGIC_US, SNAP_LEN, ETHERNET);
	for (uint8_t n = 1; n <= 4; n++)
		pcap_packet(&file, SECONDS, 0, FRAME_LEN, FRAME_LEN, n);
	struct capture_read *reader = open_saved(&file);
	double before = capture_read_progress(reader);

	assert_true(before > 0 && before < 0.1);
	while (capture_read_next(reader, &packet) == CAPTURE_PACKET) {
		assert_true(capture_read_progress(reader) > before);
		before = capture_read_progress(reader);
	}
	assert_true(capture_read_progress(reader) == 1);
	capture_read_close(reader);
}

/* Standard input is a pipe with two packets; it stays open when the reader is closed. */
static void test_standard_input(void **state)
{
	struct bytes file = { 0 };
	char error[1024] = "";
	int ends[2], saved = dup(STDIN_FILENO);

	(void)state;
	pcap_header(&file, MAGIC_NS, SNAP_LEN, ETHERNET);
	pcap_packet(&file, SECONDS, 1, FRAME_LEN, FRAME_LEN, 1);
	pcap_packet(&file, SECONDS, 2, FRAME_LEN, FRAME_LEN, 2);
	file.len -= 1;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], file.data, file.len), (ssize_t)file.len);
	close(ends[1]);
	if (ends[0] != STDIN_FILENO) {
		dup2(ends[0], STDIN_FILENO);
		close(ends[0]);
	}
	struct capture_read *reader = capture_read_open("-", error, sizeof(error));
	struct capture_packet packet;

	assert_non_null(reader);
	expect_packet(reader, 1, SECONDS * UINT64_C(1000000000) + 1, FRAME_LEN, FRAME_LEN);
	assert_true(capture_read_progress(reader) < 0);
	assert_int_equal(capture_read_next(reader, &packet), CAPTURE_ERROR);
	expect_text(capture_read_error(reader), "standard input: the capture ends in the middle of packet 2");
	capture_read_close(reader);
	assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
	if (saved >= 0) {
		dup2(saved, STDIN_FILENO);
		close(saved);
	}
}

static int make_directory(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	snprintf(directory, sizeof(directory), "%s/capture_read.XXXXXX", base && strlen(base) < 40 ? base : "/tmp");
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/in.pcap", directory);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pcap_microseconds),
		cmocka_unit_test(test_pcap_nanoseconds),
		cmocka_unit_test(test_pcap_after_2038),
		cmocka_unit_test(test_wire_len_is_at_least_len),
		cmocka_unit_test(test_pcapng),
		cmocka_unit_test(test_header_only),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_pcapng_cut_off),
		cmocka_unit_test(test_corrupt_length),
		cmocka_unit_test(test_pcapng_corrupt_block),
		cmocka_unit_test(test_differing_interfaces),
		cmocka_unit_test(test_other_link_type),
		cmocka_unit_test(test_not_a_capture),
		cmocka_unit_test(test_unopenable),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_standard_input),
		cmocka_unit_test(test_unreadable),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
