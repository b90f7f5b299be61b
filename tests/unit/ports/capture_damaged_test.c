/* SPDX-License-Identifier: BSD-2-Clause */
/* Captures that are cut off, corrupt, of another kind, none at all, or not for us to read: what is said of each. */
#include "unit/ports/capture_bytes.h"

#include <sys/stat.h>

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
			expect_error(reader, where, "cut off", "bytes are needed", NULL);
	}
}

static void test_pcapng_cut_off(void **state)
{
	struct bytes file = { 0 };

	(void)state;
	pcapng_section(&file);
	pcapng_interface(&file, ETHERNET, SNAP_LEN, 9);
	pcapng_packet(&file, 0, 1, FRAME_LEN, FRAME_LEN, 1);
	pcapng_packet(&file, 0, 1, FRAME_LEN, FRAME_LEN, 2);
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
	pcapng_section(&file);
	pcapng_interface(&file, ETHERNET, SNAP_LEN, 9);
	pcapng_packet(&file, 0, 1, FRAME_LEN, FRAME_LEN, 1);
	pcapng_packet(&file, 7, 1, FRAME_LEN, FRAME_LEN, 2);
	struct capture_read *reader = open_saved(&file);

	expect_packet(reader, 1, 1, FRAME_LEN, FRAME_LEN);
	expect_error(reader, "packet 2 cannot be read", "interface 7", NULL);
}

/* Blocks of impossible lengths, and a second length that is another. */
static void test_pcapng_block_lengths(void **state)
{
	static const struct {
		uint32_t len, again;
		const char *text;
	} bad[] = { { 8, 8, "has 8 bytes" },
		    { 30, 30, "a multiple of 4" },
		    { 0x7ffffffc, 0, "has 2147483644 bytes" },
		    { 16, 20, "ends with another length, 20" } };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct bytes file = { 0 };

		pcapng_section(&file);
		pcapng_interface(&file, ETHERNET, SNAP_LEN, 9);
		bytes_add_u32(&file, 0x0bad);
		bytes_add_u32(&file, bad[i].len);
		bytes_add_u32(&file, 0);
		bytes_add_u32(&file, bad[i].again);
		bytes_add_u32(&file, 0);
		expect_error(open_saved(&file), "packet 1 cannot be read", bad[i].text, NULL);
	}
}

static void test_pcapng_no_ethernet(void **state)
{
	struct bytes file = { 0 };

	(void)state;
	pcapng_section(&file);
	pcapng_interface(&file, LINUX_SLL, SNAP_LEN, 9);
	pcapng_packet(&file, 0, 1, FRAME_LEN, FRAME_LEN, 1);
	expect_error(open_saved(&file), "none of its packets is of link type EN10MB",
		     "packet 1, the first, is of LINUX_SLL (113, Linux cooked v1)", NULL);
}

/* Wherever compressed data is cut, or a bit of it turns, that is said, or whole packets before it come. */
static void test_gzip_damaged(void **state)
{
	struct bytes file = { 0 }, packed;
	struct capture_packet packet;
	char error[1024];

	(void)state;
	pcap_header(&file, MAGIC_US, SNAP_LEN, ETHERNET);
	for (uint8_t n = 1; n <= 9; n++)
		pcap_packet(&file, SECONDS, 0, FRAME_LEN, FRAME_LEN, n);
	bytes_compress(&file, &packed);
	for (size_t len = 1; len < packed.len; len++) {
		struct bytes cut = packed;
		struct capture_read *reader;

		cut.len = len;
		bytes_save(&cut);
		reader = capture_read_open(path, error, sizeof(error));
		if (!reader) {
			expect_text(error, path);
			continue;
		}
		for (uint64_t n = 1; capture_read_next(reader, &packet) == CAPTURE_PACKET; n++)
			assert_int_equal(packet.number, n);
		expect_text(capture_read_error(reader), "gzip data is cut off");
		capture_read_close(reader);
	}
	packed.data[packed.len - 6] ^= 1; /* of the check sum */
	bytes_save(&packed);
	reader_to_end(path, error, sizeof(error));
	expect_text(error, "gzip data is damaged");
}

static void test_other_link_type(void **state)
{
	struct bytes file = { 0 };

	(void)state;
	pcap_header(&file, MAGIC_US, SNAP_LEN, LINUX_SLL);
	bytes_save(&file);
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
	expect_bytes_refused("\x1f\x8b\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24, "gzip data is damaged");
	expect_bytes_refused("\x28\xb5\x2f\xfd\0\0\0\0", 8, "unzstd");
	expect_bytes_refused("\n\r\r\n\x1c\0\0\0 and no magic, but long enough", 37, "no byte-order magic");
}

static void test_unopenable(void **state)
{
	(void)state;
	expect_refused(directory, "is a directory");
	expect_refused("/nonexistent/in.pcap", "No such file or directory");
}

/* A capture in which some bytes are others is read to an end of one kind or the other: sanitizers see what is touched. */
static void test_random_damage(void **state)
{
	const char *given = getenv("VMMQ_TEST_SEED");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : 1;

	(void)state;
	print_message("VMMQ_TEST_SEED=%u\n", seed);
	for (unsigned i = 0; i < 1500; i++) {
		struct bytes file = { .swap = i % 2 };
		char error[1024] = "";

		if (i % 3) {
			pcapng_section(&file);
			pcapng_interface(&file, ETHERNET, SNAP_LEN, 9);
			pcapng_packet(&file, 0, 1, FRAME_LEN, FRAME_LEN, 1);
			pcapng_interface(&file, LINUX_SLL, SNAP_LEN, 6);
			pcapng_packet(&file, 1, 1, 8, 8, 2);
			pcapng_packet(&file, 0, 1, 13, 2000, 3);
		} else {
			pcap_header(&file, i % 4 ? MAGIC_US : MAGIC_NS, SNAP_LEN, ETHERNET);
			pcap_packet(&file, SECONDS, 0, FRAME_LEN, FRAME_LEN, 1);
			pcap_packet(&file, SECONDS, 0, 13, 2000, 2);
		}
		for (unsigned n = 1 + (unsigned)rand_r(&seed) % 3; n > 0; n--)
			file.data[(unsigned)rand_r(&seed) % file.len] = (uint8_t)rand_r(&seed);
		bytes_save(&file);
		reader_to_end(path, error, sizeof(error));
	}
}

#define NOBODY 65534

static void test_unreadable(void **state)
{
	struct bytes file = { 0 };

	bool is_root = geteuid() == 0;

	(void)state;
	pcap_header(&file, MAGIC_US, SNAP_LEN, ETHERNET);
	bytes_save(&file);
	assert_int_equal(chmod(path, 0), 0);
	if (is_root) /* root reads everything, so be nobody for a moment */
		assert_int_equal(setresuid(NOBODY, NOBODY, 0), 0);
	expect_refused(path, "Permission denied");
	if (is_root)
		assert_int_equal(setresuid(0, 0, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_pcapng_cut_off),
		cmocka_unit_test(test_corrupt_length),
		cmocka_unit_test(test_pcapng_corrupt_block),
		cmocka_unit_test(test_pcapng_block_lengths),
		cmocka_unit_test(test_pcapng_no_ethernet),
		cmocka_unit_test(test_gzip_damaged),
		cmocka_unit_test(test_other_link_type),
		cmocka_unit_test(test_not_a_capture),
		cmocka_unit_test(test_random_damage),
		cmocka_unit_test(test_unopenable),
		cmocka_unit_test(test_unreadable),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
