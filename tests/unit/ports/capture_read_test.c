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
		cmocka_unit_test(test_header_only),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_standard_input),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
