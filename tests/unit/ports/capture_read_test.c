/* SPDX-License-Identifier: BSD-2-Clause */
/* Captures in every form that is read, from files and from standard input. */
#include "unit/ports/capture_bytes.h"

#include <fcntl.h>

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

	pcapng_section(&file);
	pcapng_interface(&file, ETHERNET, SNAP_LEN, 6);
	pcapng_packet(&file, 0, SECONDS * UINT64_C(1000000) + 7, FRAME_LEN, FRAME_LEN, 1);
	pcapng_interface(&file, ETHERNET, SNAP_LEN, 9);
	pcapng_packet(&file, 1, SECONDS * UINT64_C(1000000000) + 7, 13, 1514, 2);
	pcapng_packet(&file, 0, SECONDS * UINT64_C(1000000) + 8, 0, 0, 3);
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

/* Interfaces with link types and snap lengths of their own: the others' packets are counted, and keep their places. */
static void test_pcapng_mixed(void **state)
{
	const struct capture_skipped *skipped;
	struct bytes file = { 0 };

	(void)state;
	pcapng_section(&file);
	pcapng_interface(&file, LINUX_SLL, SNAP_LEN, 9);
	pcapng_interface(&file, ETHERNET, 96, 9);
	pcapng_interface(&file, ETHERNET, 0, 3);
	pcapng_packet(&file, 0, 1, FRAME_LEN, FRAME_LEN, 1);
	pcapng_packet(&file, 1, 2, FRAME_LEN, 1514, 2);
	pcapng_packet(&file, 0, 3, FRAME_LEN, FRAME_LEN, 3);
	pcapng_packet(&file, 2, 4, 120, 120, 4);
	struct capture_read *reader = open_saved(&file);

	expect_packet(reader, 2, 2, FRAME_LEN, 1514);
	expect_packet(reader, 4, 4000000, 120, 120);
	assert_int_equal(capture_read_skipped(reader, &skipped), 1);
	assert_int_equal(skipped[0].link_type, LINUX_SLL);
	assert_int_equal(skipped[0].packets, 2);
	assert_int_equal(skipped[0].first, 1);
	expect_end(reader);
}

/* Each section has a byte order and interfaces of its own. */
static void test_pcapng_both_orders(void **state)
{
	struct bytes file = { 0 };

	(void)state;
	for (uint8_t n = 1; n <= 4; n++) {
		file.swap = n % 2;
		pcapng_section(&file);
		pcapng_interface(&file, ETHERNET, SNAP_LEN, 9);
		pcapng_packet(&file, 0, UINT64_C(0x123456789a) + n, FRAME_LEN, 99, n);
	}
	struct capture_read *reader = open_saved(&file);

	for (uint8_t n = 1; n <= 4; n++)
		expect_packet(reader, n, UINT64_C(0x123456789a) + n, FRAME_LEN, 99);
	expect_end(reader);
}

/* Units of 2^-20 s, and an offset of 1000 s; in both byte orders. */
static void test_pcapng_times(void **state)
{
	(void)state;
	for (unsigned swap = 0; swap < 2; swap++) {
		struct bytes file = { .swap = swap }, body = { .swap = swap };
		const uint8_t binary[4] = { 0x80 | 20 };

		bytes_add_u16(&body, ETHERNET);
		bytes_add_u16(&body, 0);
		bytes_add_u32(&body, SNAP_LEN);
		bytes_add_u16(&body, 2); /* if_name, three bytes */
		bytes_add_u16(&body, 3);
		bytes_add(&body, "eth", 4);
		bytes_add_u16(&body, 9);
		bytes_add_u16(&body, 1);
		bytes_add(&body, binary, 4);
		bytes_add_u16(&body, 14); /* if_tsoffset */
		bytes_add_u16(&body, 8);
		bytes_add_u32(&body, swap == (*(const uint8_t *)&(const uint32_t){ 1 }) ? 0 : 1000);
		bytes_add_u32(&body, swap == (*(const uint8_t *)&(const uint32_t){ 1 }) ? 1000 : 0);
		pcapng_section(&file);
		pcapng_block(&file, 1, &body);
		pcapng_packet(&file, 0, 3 << 19, FRAME_LEN, FRAME_LEN, 1);
		struct capture_read *reader = open_saved(&file);

		expect_packet(reader, 1, UINT64_C(1001500000000), FRAME_LEN, FRAME_LEN);
		expect_end(reader);
	}
}

/* Simple and obsolete packet blocks, and one of a type that nobody knows. */
static void test_pcapng_blocks(void **state)
{
	struct bytes file = { 0 }, simple = { 0 }, old = { 0 }, other = { 0 };
	uint8_t frame[64];

	(void)state;
	pcapng_section(&file);
	pcapng_interface(&file, ETHERNET, 32, 6);
	bytes_add_u32(&other, 7);
	pcapng_block(&file, 0x4242, &other);
	frame_fill(frame, sizeof(frame), 1);
	bytes_add_u32(&simple, 90); /* on the wire; the snap length is 32 */
	bytes_add(&simple, frame, 32);
	pcapng_block(&file, 3, &simple);
	frame_fill(frame, sizeof(frame), 2);
	bytes_add_u16(&old, 0);
	bytes_add_u16(&old, 5);
	bytes_add_u32(&old, 0);
	bytes_add_u32(&old, 7);
	bytes_add_u32(&old, 30);
	bytes_add_u32(&old, 60);
	bytes_add(&old, frame, 32);
	pcapng_block(&file, 2, &old);
	struct capture_read *reader = open_saved(&file);

	expect_packet(reader, 1, 0, 32, 90);
	expect_packet(reader, 2, 7000, 30, 60);
	expect_end(reader);
}

/* A compressed capture, also of two files put together. */
static void test_gzip(void **state)
{
	struct bytes head = { 0 }, tail = { 0 }, packed[2], whole = { 0 };

	(void)state;
	pcap_header(&head, MAGIC_NS, SNAP_LEN, ETHERNET);
	pcap_packet(&head, SECONDS, 1, FRAME_LEN, FRAME_LEN, 1);
	pcap_packet(&tail, SECONDS, 2, FRAME_LEN, FRAME_LEN, 2);
	bytes_compress(&head, &packed[0]);
	bytes_compress(&tail, &packed[1]);
	for (unsigned i = 0; i < 2; i++)
		bytes_add(&whole, packed[i].data, packed[i].len);
	struct capture_read *reader = open_saved(&whole);

	expect_packet(reader, 1, SECONDS * UINT64_C(1000000000) + 1, FRAME_LEN, FRAME_LEN);
	expect_packet(reader, 2, SECONDS * UINT64_C(1000000000) + 2, FRAME_LEN, FRAME_LEN);
	assert_true(capture_read_progress(reader) == 1);
	expect_end(reader);
}

static void test_header_only(void **state)
{
	struct bytes pcap = { 0 }, pcapng = { 0 };

	(void)state;
	pcap_header(&pcap, MAGIC_US, SNAP_LEN, ETHERNET);
	expect_end(open_saved(&pcap));
	pcapng_section(&pcapng);
	pcapng_interface(&pcapng, ETHERNET, SNAP_LEN, 6);
	expect_end(open_saved(&pcapng));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pcap_microseconds),
		cmocka_unit_test(test_pcap_nanoseconds),
		cmocka_unit_test(test_pcap_after_2038),
		cmocka_unit_test(test_wire_len_is_at_least_len),
		cmocka_unit_test(test_pcapng),
		cmocka_unit_test(test_pcapng_mixed),
		cmocka_unit_test(test_pcapng_both_orders),
		cmocka_unit_test(test_pcapng_times),
		cmocka_unit_test(test_pcapng_blocks),
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_header_only),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_standard_input),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
