/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pcapng file as a sink: one interface per VPort (if_name = the VPort's name, nanosecond time stamps), an enhanced
 * packet block per packet with epb_queue (the processor) and, where hashed, epb_hash (Toeplitz, algorithm 5, 4 bytes).
 * Streams; memory does not grow with the file.  One thread.  Equal calls write equal bytes on machines of one kind.
 * Format: draft-ietf-opsawg-pcapng, sections 4.1 to 4.3; written from the text of the draft.
 * Texts are UTF-8; NULL and "" are left out; beyond 65535 bytes they are cut.
 */
#ifndef VMMQ_PORTS_PCAPNG_WRITE_H
#define VMMQ_PORTS_PCAPNG_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ports/output_file.h"

struct pcapng_write;

/*
 * pcapng_write_create starts a section on out (borrowed; the caller opens and finishes it).  comment: shb_comment, or
 * NULL.  NULL when memory is short.
 */
struct pcapng_write *pcapng_write_create(struct output_file *out, const char *comment);

/*
 * pcapng_write_interface adds an interface and returns its id, from 0 in the order of the calls.  At any time before
 * the first packet that names it.
 */
uint32_t pcapng_write_interface(struct pcapng_write *writer, const char *name, const char *description);

struct pcapng_packet {
	uint32_t interface_id; /* one that pcapng_write_interface() has returned */
	uint64_t time_ns;
	uint32_t len;      /* bytes present */
	uint32_t wire_len; /* bytes the frame had on the wire */
	uint32_t queue;    /* epb_queue */
	bool hashed;
	uint32_t hash;       /* epb_hash, valid with hashed; written most significant byte first */
	const char *comment; /* opt_comment, or NULL */
};

/*
 * pcapng_write_packet writes one packet whose bytes come from segment_count pieces that add up to packet->len.
 * Errors are sticky in out and are seen at output_file_finish().
 */
struct pcapng_segment {
	const uint8_t *data;
	uint32_t len;
};
void pcapng_write_packet(struct pcapng_write *writer, const struct pcapng_packet *packet,
			 const struct pcapng_segment *segment, unsigned segment_count);
void pcapng_write_destroy(struct pcapng_write *writer);

#endif
