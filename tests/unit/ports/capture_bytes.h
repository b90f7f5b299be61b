/* SPDX-License-Identifier: BSD-2-Clause */
/* Captures are made here byte by byte, so that each can be wrong in exactly one way, and read in a folder of their own. */
#ifndef VMMQ_UNIT_PORTS_CAPTURE_BYTES_H
#define VMMQ_UNIT_PORTS_CAPTURE_BYTES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

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

static inline void bytes_add(struct bytes *file, const void *data, size_t len)
{
	assert_true(file->len + len <= sizeof(file->data));
	memcpy(file->data + file->len, data, len);
	file->len += len;
}

static inline void bytes_add_u16(struct bytes *file, uint16_t value)
{
	uint16_t v = file->swap ? __builtin_bswap16(value) : value;

	bytes_add(file, &v, sizeof(v));
}

static inline void bytes_add_u32(struct bytes *file, uint32_t value)
{
	uint32_t v = file->swap ? __builtin_bswap32(value) : value;

	bytes_add(file, &v, sizeof(v));
}

static inline void pcap_header(struct bytes *file, uint32_t magic, uint32_t snap_len, uint32_t link_type)
{
	bytes_add_u32(file, magic);
	bytes_add_u16(file, 2);
	bytes_add_u16(file, 4);
	bytes_add_u32(file, 0);
	bytes_add_u32(file, 0);
	bytes_add_u32(file, snap_len);
	bytes_add_u32(file, link_type);
}

/* frame_fill makes the bytes of packet number n, so that every packet can be told from every other. */
static inline void frame_fill(uint8_t *frame, size_t len, uint8_t n)
{
	for (size_t i = 0; i < len; i++)
		frame[i] = (uint8_t)(n * 31 + i);
}

static inline void pcap_packet(struct bytes *file, uint32_t seconds, uint32_t fraction, uint32_t len,
			       uint32_t wire_len, uint8_t n)
{
	uint8_t frame[256];

	frame_fill(frame, sizeof(frame), n);
	bytes_add_u32(file, seconds);
	bytes_add_u32(file, fraction);
	bytes_add_u32(file, len);
	bytes_add_u32(file, wire_len);
	bytes_add(file, frame, len < sizeof(frame) ? len : sizeof(frame));
}

static inline void pcapng_section(struct bytes *file)
{
	bytes_add_u32(file, 0x0a0d0d0a);
	bytes_add_u32(file, 28);
	bytes_add_u32(file, 0x1a2b3c4d);
	bytes_add_u16(file, 1);
	bytes_add_u16(file, 0);
	bytes_add_u32(file, UINT32_MAX);
	bytes_add_u32(file, UINT32_MAX);
	bytes_add_u32(file, 28);
}

static inline void pcapng_interface(struct bytes *file, uint16_t link_type, uint32_t snap_len, uint8_t tsresol)
{
	const uint8_t value[4] = { tsresol, 0, 0, 0 };

	bytes_add_u32(file, 1);
	bytes_add_u32(file, 32);
	bytes_add_u16(file, link_type);
	bytes_add_u16(file, 0);
	bytes_add_u32(file, snap_len);
	bytes_add_u16(file, 9); /* if_tsresol */
	bytes_add_u16(file, 1);
	bytes_add(file, value, sizeof(value));
	bytes_add_u32(file, 0); /* opt_endofopt */
	bytes_add_u32(file, 32);
}

/* pcapng_block writes a block of any type around a body whose length is a multiple of 4. */
static inline void pcapng_block(struct bytes *file, uint32_t type, const struct bytes *body)
{
	assert_int_equal(body->len % 4, 0);
	bytes_add_u32(file, type);
	bytes_add_u32(file, (uint32_t)body->len + 12);
	bytes_add(file, body->data, body->len);
	bytes_add_u32(file, (uint32_t)body->len + 12);
}

static inline void pcapng_packet(struct bytes *file, uint32_t interface_id, uint64_t time, uint32_t len,
				 uint32_t wire_len, uint8_t n)
{
	uint8_t frame[256] = { 0 };
	uint32_t padded_len = (len + 3) & ~3u;
	uint32_t block_len = 32 + padded_len;

	assert_true(padded_len <= sizeof(frame));
	frame_fill(frame, len, n);
	bytes_add_u32(file, EPB);
	bytes_add_u32(file, block_len);
	bytes_add_u32(file, interface_id);
	bytes_add_u32(file, (uint32_t)(time >> 32));
	bytes_add_u32(file, (uint32_t)time);
	bytes_add_u32(file, len);
	bytes_add_u32(file, wire_len);
	bytes_add(file, frame, padded_len);
	bytes_add_u32(file, block_len);
}

static inline void bytes_save(const struct bytes *file)
{
	FILE *stream = fopen(path, "wb");

	assert_non_null(stream);
	assert_int_equal(fwrite(file->data, 1, file->len, stream), file->len);
	assert_int_equal(fclose(stream), 0);
}

static inline struct capture_read *open_saved(const struct bytes *file)
{
	char error[1024] = "";

	bytes_save(file);
	struct capture_read *reader = capture_read_open(path, error, sizeof(error));

	if (!reader)
		fail_msg("%s", error);
	return reader;
}

/* bytes_compress makes *packed what gzip makes of a file. */
static inline void bytes_compress(const struct bytes *file, struct bytes *packed)
{
	gzFile stream = gzopen(path, "wb");
	FILE *read;

	assert_int_equal(gzwrite(stream, file->data, (unsigned)file->len), (int)file->len);
	assert_int_equal(gzclose(stream), Z_OK);
	read = fopen(path, "rb");
	assert_non_null(read);
	*packed = (struct bytes){ .len = fread(packed->data, 1, sizeof(packed->data), read) };
	rewind(read);
	assert_int_equal(fread(packed->data, 1, sizeof(packed->data), read), packed->len);
	fclose(read);
}

/* reader_to_end reads all there is, and leaves what is wrong, at the beginning or later, in error, or "". */
static inline void reader_to_end(const char *name, char *error, size_t error_len)
{
	struct capture_read *reader = capture_read_open(name, error, error_len);
	struct capture_packet packet;
	enum capture_status status;

	if (!reader)
		return;
	while ((status = capture_read_next(reader, &packet)) == CAPTURE_PACKET)
		;
	snprintf(error, error_len, "%s", status == CAPTURE_ERROR ? capture_read_error(reader) : "");
	capture_read_close(reader);
}

static inline void expect_packet(struct capture_read *reader, uint64_t number, uint64_t time_ns, uint32_t len,
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

static inline void expect_end(struct capture_read *reader)
{
	struct capture_packet packet;

	assert_int_equal(capture_read_next(reader, &packet), CAPTURE_END);
	assert_int_equal(capture_read_next(reader, &packet), CAPTURE_END);
	capture_read_close(reader);
}

static inline void expect_text(const char *message, const char *part)
{
	if (!strstr(message, part))
		fail_msg("\"%s\" does not say \"%s\"", message, part);
}

/* expect_error: the reader stops for good, and its message has the file and each part (NULL ends them). */
static inline void expect_error(struct capture_read *reader, ...)
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

static inline void expect_refused(const char *name, const char *part)
{
	char error[1024] = "";

	assert_null(capture_read_open(name, error, sizeof(error)));
	expect_text(error, name);
	expect_text(error, part);
}

static inline void expect_bytes_refused(const void *data, size_t len, const char *part)
{
	struct bytes file = { 0 };

	bytes_add(&file, data, len);
	bytes_save(&file);
	expect_refused(path, part);
}

static inline int make_directory(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	snprintf(directory, sizeof(directory), "%s/capture_read.XXXXXX", base && strlen(base) < 40 ? base : "/tmp");
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/in.pcap", directory);
	return 0;
}

static inline int remove_directory(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(directory);
}

#endif
