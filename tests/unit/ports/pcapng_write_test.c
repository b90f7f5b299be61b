/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file is taken apart here block by block, straight from the draft's figures, and read once more with libpcap.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ports/capture_read.h"
#include "ports/pcapng_write.h"

enum {
	FILE_MAX = 1 << 20,
	SHB = 0x0a0d0d0a,
	IDB = 1,
	EPB = 6,
	ENDOFOPT = 0,
	COMMENT = 1,
};

#define TIME_NS UINT64_C(1700000000123456789)

static char path[96];
static uint8_t *file;
static size_t file_len;
static size_t at; /* of the next block in file */

/* A block, taken apart. */
struct block {
	uint32_t type;
	const uint8_t *body; /* behind type and length */
	size_t body_len;     /* up to the second length */
};

static uint16_t u16_at(const uint8_t *p)
{
	uint16_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static uint32_t u32_at(const uint8_t *p)
{
	uint32_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static struct output_file *out;

static struct pcapng_write *start(const char *comment)
{
	char error[256] = "";

	out = output_file_open(path, error, sizeof(error));
	if (!out)
		fail_msg("%s", error);
	struct pcapng_write *writer = pcapng_write_create(out, comment);

	assert_non_null(writer);
	return writer;
}

/* finish completes the file and loads it, to be taken apart from its beginning. */
static void finish(struct pcapng_write *writer)
{
	char error[256] = "";

	pcapng_write_destroy(writer);
	if (output_file_finish(out, error, sizeof(error)) != 0)
		fail_msg("%s", error);
	FILE *stream = fopen(path, "rb");

	assert_non_null(stream);
	file_len = fread(file, 1, FILE_MAX, stream);
	fclose(stream);
	at = 0;
}

static struct block next_block(uint32_t type)
{
	assert_true(at + 12 <= file_len);
	uint32_t len = u32_at(file + at + 4);
	struct block block = { u32_at(file + at), file + at + 8, len - 12 };

	assert_int_equal(block.type, type);
	assert_int_equal(len % 4, 0);
	assert_true(len >= 12 && at + len <= file_len);
	assert_int_equal(u32_at(file + at + len - 4), len);
	at += len;
	return block;
}

static void expect_end(void)
{
	assert_int_equal(at, file_len);
}

/*
 * expect_option finds an option among those that begin offset bytes into the block's body, compares its value, and
 * sees that padding is zero and the list ends with opt_endofopt exactly at the block's end.  value NULL: not there.
 */
static void expect_option(const struct block *block, size_t offset, uint16_t code, const void *value,
			  size_t value_len)
{
	unsigned found = 0;

	for (;;) {
		assert_true(offset + 4 <= block->body_len);
		uint16_t this_code = u16_at(block->body + offset);
		uint16_t len = u16_at(block->body + offset + 2);
		const uint8_t *this_value = block->body + offset + 4;

		offset += 4 + (len + 3u) / 4 * 4;
		assert_true(offset <= block->body_len);
		if (this_code == ENDOFOPT)
			break;
		for (const uint8_t *p = this_value + len; p < block->body + offset; p++)
			assert_int_equal(*p, 0);
		if (this_code != code)
			continue;
		found++;
		assert_int_equal(len, value_len);
		assert_memory_equal(this_value, value, value_len);
	}
	assert_int_equal(offset, block->body_len);
	assert_int_equal(found, value ? 1 : 0);
}

static void expect_text(const struct block *block, size_t offset, uint16_t code, const char *text)
{
	expect_option(block, offset, code, text, text ? strlen(text) : 0);
}

static void test_section(void **state)
{
	(void)state;
	finish(start("steered by vmmq"));
	struct block shb = next_block(SHB);

	assert_int_equal(u32_at(shb.body), 0x1a2b3c4d);
	assert_int_equal(u16_at(shb.body + 4), 1);
	assert_int_equal(u16_at(shb.body + 6), 0);
	assert_int_equal(u32_at(shb.body + 8), UINT32_MAX);
	assert_int_equal(u32_at(shb.body + 12), UINT32_MAX);
	expect_text(&shb, 16, COMMENT, "steered by vmmq");
	expect_text(&shb, 16, 3, "Linux");
	expect_text(&shb, 16, 4, "vmmq");
	expect_end();

	finish(start(NULL));
	shb = next_block(SHB);
	expect_text(&shb, 16, COMMENT, NULL);
	expect_end();
}

static void expect_interface(const char *name, const char *description)
{
	struct block idb = next_block(IDB);

	assert_int_equal(u16_at(idb.body), 1); /* LINKTYPE_ETHERNET */
	assert_int_equal(u16_at(idb.body + 2), 0);
	assert_int_equal(u32_at(idb.body + 4), 262144);
	expect_text(&idb, 8, 2, name);
	expect_text(&idb, 8, 3, description);
	expect_option(&idb, 8, 9, "\x09", 1);
}

static void test_interfaces(void **state)
{
	struct pcapng_write *writer = start(NULL);

	(void)state;
	assert_int_equal(pcapng_write_interface(writer, "default", "VPort 0"), 0);
	assert_int_equal(pcapng_write_interface(writer, "web", NULL), 1);
	assert_int_equal(pcapng_write_interface(writer, "caf\xc3\xa9", ""), 2);
	finish(writer);
	next_block(SHB);
	expect_interface("default", "VPort 0");
	expect_interface("web", NULL);
	expect_interface("caf\xc3\xa9", NULL);
	expect_end();
}

static const uint8_t frame[67] = { 0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 8, 0, 0x45, [66] = 0xee };

static void write_frame(struct pcapng_write *writer, uint32_t interface_id, uint32_t len, bool hashed,
			const char *comment)
{
	const struct pcapng_segment segment[] = { { frame, len / 2 },
						  { NULL, 0 },
						  { frame + len / 2, len - len / 2 } };
	const struct pcapng_packet packet = {
		.interface_id = interface_id,
		.time_ns = TIME_NS + len,
		.len = len,
		.wire_len = len + 1000,
		.queue = 65535 + len,
		.hashed = hashed,
		.hash = 0x51ccc178,
		.comment = comment,
	};

	pcapng_write_packet(writer, &packet, segment, 3);
}

static void expect_frame(uint32_t interface_id, uint32_t len, bool hashed, const char *comment)
{
	struct block epb = next_block(EPB);
	size_t options = 20 + (len + 3) / 4 * 4;
	uint64_t time_ns = TIME_NS + len;
	uint32_t queue = 65535 + len;

	assert_int_equal(u32_at(epb.body), interface_id);
	assert_int_equal(u32_at(epb.body + 4), time_ns >> 32);
	assert_int_equal(u32_at(epb.body + 8), time_ns & UINT32_MAX);
	assert_int_equal(u32_at(epb.body + 12), len);
	assert_int_equal(u32_at(epb.body + 16), len + 1000);
	assert_memory_equal(epb.body + 20, frame, len);
	for (size_t i = 20 + len; i < options; i++)
		assert_int_equal(epb.body[i], 0);
	expect_option(&epb, options, 6, &queue, sizeof(queue));
	expect_option(&epb, options, 3, hashed ? "\x05\x51\xcc\xc1\x78" : NULL, 5);
	expect_text(&epb, options, COMMENT, comment);
}

/* Every length around the padding, every combination of options; an interface that comes late. */
static void test_packets(void **state)
{
	struct pcapng_write *writer = start(NULL);

	(void)state;
	pcapng_write_interface(writer, "default", NULL);
	for (uint32_t len = 0; len <= sizeof(frame); len++) {
		write_frame(writer, 0, len, len & 1, len & 2 ? "via table" : NULL);
		if (len == 5)
			pcapng_write_interface(writer, "late", NULL);
	}
	write_frame(writer, 1, 60, true, "x");
	finish(writer);
	next_block(SHB);
	expect_interface("default", NULL);
	for (uint32_t len = 0; len <= sizeof(frame); len++) {
		expect_frame(0, len, len & 1, len & 2 ? "via table" : NULL);
		if (len == 5)
			expect_interface("late", NULL);
	}
	expect_frame(1, 60, true, "x");
	expect_end();
}

/* A text that no option can hold is cut between characters: 65534 bytes, because the next character has two. */
static void test_long_text_is_cut(void **state)
{
	const size_t len = 70000;
	char *text = malloc(len + 1);
	struct pcapng_write *writer = start(NULL);

	(void)state;
	for (size_t i = 0; i < len; i++)
		text[i] = i % 2 ? '\xa9' : '\xc3';
	text[len] = '\0';
	pcapng_write_interface(writer, text, NULL);
	finish(writer);
	next_block(SHB);
	struct block idb = next_block(IDB);

	expect_option(&idb, 8, 2, text, 65534);
	expect_end();
	free(text);
}

static void test_libpcap_reads_it(void **state)
{
	struct pcapng_write *writer = start("comment");
	struct capture_packet packet;
	char error[256] = "";

	(void)state;
	pcapng_write_interface(writer, "default", NULL);
	for (uint32_t len = 0; len <= sizeof(frame); len++)
		write_frame(writer, pcapng_write_interface(writer, "web", "VPort 1"), len, true, NULL);
	finish(writer);
	struct capture_read *reader = capture_read_open(path, error, sizeof(error));

	if (!reader)
		fail_msg("%s", error);
	for (uint32_t len = 0; len <= sizeof(frame); len++) {
		if (capture_read_next(reader, &packet) != CAPTURE_PACKET)
			fail_msg("%s", capture_read_error(reader));
		assert_int_equal(packet.len, len);
		assert_int_equal(packet.wire_len, len + 1000);
		assert_int_equal(packet.time_ns, TIME_NS + len);
		assert_memory_equal(packet.data, frame, len);
	}
	assert_int_equal(capture_read_next(reader, &packet), CAPTURE_END);
	capture_read_close(reader);
}

static void test_full_disk_is_seen(void **state)
{
	char error[256] = "";

	(void)state;
	out = output_file_open("/dev/full", error, sizeof(error));
	assert_non_null(out);
	struct pcapng_write *writer = pcapng_write_create(out, NULL);

	assert_int_equal(pcapng_write_interface(writer, "default", NULL), 0);
	for (unsigned i = 0; i < 10000 && !output_file_failed(out); i++)
		write_frame(writer, 0, sizeof(frame), true, NULL);
	assert_true(output_file_failed(out));
	pcapng_write_destroy(writer);
	assert_int_equal(output_file_finish(out, error, sizeof(error)), -1);
}

static char directory[64];

static int set_up(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	snprintf(directory, sizeof(directory), "%s/pcapng_write.XXXXXX", base && strlen(base) < 40 ? base : "/tmp");
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/out.pcapng", directory);
	file = malloc(FILE_MAX);
	return file ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	free(file);
	unlink(path);
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_section),          cmocka_unit_test(test_interfaces),
		cmocka_unit_test(test_packets),          cmocka_unit_test(test_long_text_is_cut),
		cmocka_unit_test(test_libpcap_reads_it), cmocka_unit_test(test_full_disk_is_seen),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
