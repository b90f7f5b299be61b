/* SPDX-License-Identifier: BSD-2-Clause */
/* pcap: a header, then packets, each behind a record header.  All of one link type. */
#include <stdio.h>

#include "base/clock.h"
#include "ports/capture_format.h"

enum {
	MAGIC_MICROSECONDS = 0xa1b2c3d4,
	MAGIC_NANOSECONDS = 0xa1b23c4d,
	MAGIC_MODIFIED = 0xa1b2cd34, /* eight more bytes with each packet; Linux systems of the nineties wrote it */
	FILE_HEADER_LEN = 24,
	RECORD_LEN = 16,
	RECORD_LEN_MODIFIED = 24,
	VERSION_MAJOR = 2,
	MINOR_SWAPPED = 3, /* below it lengths stand in the other order; in it, where they would make no sense else */
};

static enum capture_status pcap_next(struct capture_read *reader, struct capture_packet *packet)
{
	const uint8_t *record;
	uint32_t len, wire_len, there;
	size_t whole;

	if (!capture_stream_pass(reader->stream, reader->pass))
		return capture_cut(reader, reader->pass);
	reader->pass = 0;
	record = capture_stream_look(reader->stream, reader->record_len);
	if (!record)
		return !capture_stream_left(reader->stream) && !capture_stream_error(reader->stream)
			   ? CAPTURE_END
			   : capture_cut(reader, reader->record_len);
	len = capture_u32(reader, record + 8);
	wire_len = capture_u32(reader, record + 12);
	if (len > wire_len && reader->lengths_swapped) {
		uint32_t swapped = len;

		len = wire_len;
		wire_len = swapped;
	}
	if (len > CAPTURE_PACKET_MAX)
		return capture_bad(reader, "invalid packet capture length %u, bigger than %d", len,
				   CAPTURE_PACKET_MAX);
	whole = reader->record_len + (size_t)len;
	record = capture_stream_look(reader->stream, whole);
	if (!record)
		return capture_cut(reader, whole);
	there = reader->snap_len && len > reader->snap_len ? reader->snap_len : len;
	*packet = (struct capture_packet){
		.data = record + reader->record_len,
		.len = there,
		.wire_len = wire_len > len ? wire_len : len,
		.number = ++reader->number,
		/* 32 bits without a sign: until 2106. */
		.time_ns = (uint64_t)capture_u32(reader, record) * SECOND_NS +
			   (uint64_t)capture_u32(reader, record + 4) * (reader->nanoseconds ? 1 : 1000),
	};
	reader->taken++;
	reader->pass = whole;
	return CAPTURE_PACKET;
}

/* pcap_magic finds out what the file's first four bytes say; false: nothing. */
static bool pcap_magic(struct capture_read *reader, const uint8_t *header)
{
	for (unsigned swap = 0; swap < 2; swap++) {
		uint32_t magic;

		reader->swap = swap;
		magic = capture_u32(reader, header);
		reader->nanoseconds = magic == MAGIC_NANOSECONDS;
		reader->record_len = magic == MAGIC_MODIFIED ? RECORD_LEN_MODIFIED : RECORD_LEN;
		if (magic == MAGIC_MICROSECONDS || magic == MAGIC_NANOSECONDS || magic == MAGIC_MODIFIED)
			return true;
	}
	return false;
}

bool pcap_begin(struct capture_read *reader, char *error, size_t error_len)
{
	const uint8_t *header = capture_stream_look(reader->stream, FILE_HEADER_LEN);
	char type[96];
	uint16_t minor;

	if (!header) {
		header = capture_stream_look(reader->stream, 4);
		snprintf(error, error_len, "%s",
			 !header || pcap_magic(reader, header)
			     ? "cannot be read as a capture: it ends before its header is complete; a whole pcap or "
			       "pcapng file is needed"
			     : "cannot be read as a capture: a pcap or pcapng file is needed");
		return false;
	}
	if (!pcap_magic(reader, header)) {
		snprintf(error, error_len, "cannot be read as a capture: a pcap or pcapng file is needed");
		return false;
	}
	minor = capture_u16(reader, header + 6);
	reader->lengths_swapped = capture_u16(reader, header + 4) == VERSION_MAJOR && minor <= MINOR_SWAPPED;
	reader->snap_len = capture_u32(reader, header + 16);
	/* Above the link type stand the length of a frame check sequence and other flags. */
	if ((capture_u32(reader, header + 20) & 0xffff) != LINKTYPE_ETHERNET) {
		capture_link_type_text((uint16_t)capture_u32(reader, header + 20), type, sizeof(type));
		snprintf(
		    error, error_len,
		    "its link type is %s, but VPorts are found by Ethernet addresses: a capture of link type EN10MB "
		    "(Ethernet) is needed, as one of a single Ethernet interface has",
		    type);
		return false;
	}
	reader->pass = FILE_HEADER_LEN;
	reader->next = pcap_next;
	return true;
}
