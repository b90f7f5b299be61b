/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a capture file: read to its end, or to a sentence that says where it breaks off; both stay. */
#include <stdio.h>

#include "fuzz.h"
#include "ports/capture_read.h"
#include "scratch.h"

/* packets_read touches each byte of each packet. */
static void packets_read(struct capture_read *reader)
{
	struct capture_packet packet;
	enum capture_status status;
	uint64_t number = 0;
	unsigned sum = 0;

	while ((status = capture_read_next(reader, &packet)) == CAPTURE_PACKET) {
		fuzz_check(packet.number > number && packet.len <= packet.wire_len);
		number = packet.number;
		for (uint32_t i = 0; i < packet.len; i++)
			sum += packet.data[i];
		fuzz_check(capture_read_progress(reader) <= 1.0);
	}
	fuzz_check(sum != UINT32_MAX && capture_read_next(reader, &packet) == status);
	fuzz_check(status == CAPTURE_END || capture_read_error(reader)[0]);
}

void fuzz_capture(const uint8_t *data, size_t len)
{
	char path[128], error[512] = "";
	struct capture_read *reader;

	snprintf(path, sizeof(path), "%s/capture", scratch_folder());
	scratch_write(path, data, len);
	reader = capture_read_open(path, error, sizeof(error));
	if (!reader) {
		fuzz_check(error[0]);
		return;
	}
	packets_read(reader);
	capture_read_close(reader);
}
