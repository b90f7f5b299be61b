/* SPDX-License-Identifier: BSD-2-Clause */
/* What the readers of the two formats share: the reader, and how each of them stops. */
#ifndef VMMQ_PORTS_CAPTURE_FORMAT_H
#define VMMQ_PORTS_CAPTURE_FORMAT_H

#include <stdbool.h>
#include <string.h>

#include "ports/capture_read.h"
#include "ports/capture_stream.h"

enum {
	LINKTYPE_ETHERNET = 1,
	CAPTURE_PACKET_MAX = 262144, /* the longest that others write of an Ethernet frame, too */
	CAPTURE_INTERFACES_MAX = 65536,
};

struct capture_interface {
	uint16_t link_type;
	bool binary; /* units are 2^-exponent s, not 10^-exponent s */
	uint8_t exponent;
	uint32_t snap_len; /* 0: no limit */
	int64_t offset;    /* s that are added to time stamps */
};

struct capture_read {
	struct capture_stream *stream;
	char *name; /* as messages call the file */
	enum capture_status (*next)(struct capture_read *reader, struct capture_packet *packet);
	bool swap;   /* of a pcap file, or the section of a pcapng file: the other byte order */
	bool is_ng;  /* there are other blocks than packets */
	bool is_big; /* its section is big endian */
	/* pcap: */
	bool nanoseconds;
	uint32_t snap_len;    /* 0: no limit */
	unsigned record_len;  /* of a packet's header */
	bool lengths_swapped; /* old writers: the captured length is the smaller one, wherever it stands */
	/* pcapng: of the section that is read */
	struct capture_interface *interface;
	uint32_t interface_count, interface_room;
	/* both */
	uint64_t number;            /* of the packet read last, of whatever link type */
	uint64_t taken;             /* Ethernet packets of them */
	uint64_t pass;              /* bytes to pass over before the next packet */
	enum capture_status status; /* anything but CAPTURE_PACKET stays */
	struct capture_skipped skipped[CAPTURE_SKIPPED_MAX];
	unsigned skipped_count;
	char error[1024];
};

static inline uint16_t capture_u16(const struct capture_read *reader, const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return reader->swap ? __builtin_bswap16(value) : value;
}

static inline uint32_t capture_u32(const struct capture_read *reader, const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return reader->swap ? __builtin_bswap32(value) : value;
}

/* pcap_begin and pcapng_begin read a file's beginning; false with a sentence in error, without the file's name. */
bool pcap_begin(struct capture_read *reader, char *error, size_t error_len);
bool pcapng_begin(struct capture_read *reader, char *error, size_t error_len);

/*
 * capture_cut stops the reader where the file ends but may not, in what takes needed bytes; capture_bad where it says something
 * impossible (printf).  Both return CAPTURE_ERROR.
 */
enum capture_status capture_cut(struct capture_read *reader, uint64_t needed);
__attribute__((format(printf, 2, 3))) enum capture_status capture_bad(struct capture_read *reader, const char *text,
								      ...);

/* capture_skip counts packet reader->number as one of that link type. */
void capture_skip(struct capture_read *reader, uint16_t link_type);

#endif
