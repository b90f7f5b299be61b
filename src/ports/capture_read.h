/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A capture file as a source of frames: pcap and pcapng, of whatever units of time, either byte order, compressed with gzip or not,
 * read as a stream: memory does not grow with the file.  Ethernet only: packets of a pcapng file's other interfaces are counted, by
 * link type, and passed over.  One thread.
 */
#ifndef VMMQ_PORTS_CAPTURE_READ_H
#define VMMQ_PORTS_CAPTURE_READ_H

#include <stddef.h>
#include <stdint.h>

struct capture_read;

struct capture_packet {
	const uint8_t *data; /* valid until the next call on this reader */
	uint32_t len;        /* bytes present */
	uint32_t wire_len;   /* bytes the frame had on the wire; more than len where the snap length cut it */
	uint64_t number;     /* from 1, its place in the file, where packets of other link types count, too */
	uint64_t time_ns;    /* since 1970, whatever the file's own unit; 0 where the file has no time for it */
};

enum capture_status {
	CAPTURE_PACKET, /* *packet is filled */
	CAPTURE_END,    /* the file ended where a file may end */
	CAPTURE_ERROR, /* it did not: capture_read_error() says what, where (file, packet number) and what was expected */
};

/*
 * capture_read_open opens path ("-" is standard input; pipes are read as they come).  Returns NULL with a message in
 * error (error_len bytes) that names the file and what would be right and, for a link type other than Ethernet, the
 * link type that it has (of a pcap file; of a pcapng file, in which no packet is Ethernet, CAPTURE_ERROR says so at its end).  A
 * file with a header and no packet is a capture; an empty file is none.
 * Limits: a packet has at most 262144 bytes, a section 65536 interfaces; bytes of a packet beyond a pcap file's own snap length are
 * left out.
 */
struct capture_read *capture_read_open(const char *path, char *error, size_t error_len);

/*
 * capture_read_next reads the next packet.  CAPTURE_END and CAPTURE_ERROR stay: later calls return the same.
 * capture_read_error is the message of CAPTURE_ERROR, valid as long as the reader.
 */
enum capture_status capture_read_next(struct capture_read *reader, struct capture_packet *packet);
const char *capture_read_error(const struct capture_read *reader);

/* capture_read_number returns how many packets have been read or passed over. */
uint64_t capture_read_number(const struct capture_read *reader);

/* Packets that were passed over, by link type.  Beyond so many link types they count as the last one's. */
#define CAPTURE_SKIPPED_MAX 8
struct capture_skipped {
	uint16_t link_type;
	uint64_t packets;
	uint64_t first; /* its place in the file, from 1 */
};
/* capture_read_skipped returns how many rows there are, up to what has been read. */
unsigned capture_read_skipped(const struct capture_read *reader, const struct capture_skipped **skipped);
/* capture_link_type_text writes "LINUX_SLL (113, Linux cooked v1)". */
void capture_link_type_text(uint16_t link_type, char *text, size_t size);

/*
 * capture_read_progress returns the share of the file read so far, 0 to 1, or a negative number where it cannot be
 * known (pipe).
 */
double capture_read_progress(const struct capture_read *reader);
void capture_read_close(struct capture_read *reader);

#endif
