/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A capture file as a source of frames: pcap and pcapng, micro- and nanoseconds, either byte order, read with libpcap
 * as a stream: memory does not grow with the file.  Ethernet only.  One thread.
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
	uint64_t number;     /* from 1, counted over this reader's life */
	uint64_t time_ns;    /* since 1970, whatever the file's own unit */
};

enum capture_status {
	CAPTURE_PACKET, /* *packet is filled */
	CAPTURE_END,    /* the file ended where a file may end */
	CAPTURE_ERROR, /* it did not: capture_read_error() says what, where (file, packet number) and what was expected */
};

/*
 * capture_read_open opens path ("-" is standard input; pipes are read as they come).  Returns NULL with a message in
 * error (error_len bytes) that names the file and what would be right and, for a link type other than Ethernet, the
 * link type that it has.  A file with a header and no packet is a capture; an empty file is none.
 * Limits that are libpcap's: the interfaces of a pcapng file have one link type and one snap length; a packet has at
 * most 262144 bytes; bytes of a packet beyond the file's own snap length are left out.
 */
struct capture_read *capture_read_open(const char *path, char *error, size_t error_len);

/*
 * capture_read_next reads the next packet.  CAPTURE_END and CAPTURE_ERROR stay: later calls return the same.
 * capture_read_error is the message of CAPTURE_ERROR, valid as long as the reader.
 */
enum capture_status capture_read_next(struct capture_read *reader, struct capture_packet *packet);
const char *capture_read_error(const struct capture_read *reader);

/*
 * capture_read_progress returns the share of the file read so far, 0 to 1, or a negative number where it cannot be
 * known (pipe).
 */
double capture_read_progress(const struct capture_read *reader);
void capture_read_close(struct capture_read *reader);

#endif
