/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcapng: sections, each in a byte order of its own, of blocks: interfaces, each with a link type, a snap length and a unit of time of
 * its own, and their packets.  Blocks of other types are passed over.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "ports/capture_format.h"

enum block_type {
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 2, /* obsolete */
	BLOCK_SIMPLE_PACKET = 3,
	BLOCK_ENHANCED_PACKET = 6,
	BLOCK_SECTION = 0x0a0d0d0a, /* the same in both byte orders */
};

enum {
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	VERSION_MAJOR = 1,
	HEAD_LEN = 8, /* type and total length */
	TAIL_LEN = 4, /* total length again */
	BLOCK_MIN = HEAD_LEN + TAIL_LEN,
	BLOCK_MAX = 1 << 24, /* as others have it: more is no block, but a file that is damaged */
	SECTION_MIN = BLOCK_MIN + 16,
	INTERFACE_MIN = BLOCK_MIN + 8,
	ENHANCED_MIN = BLOCK_MIN + 20,
	SIMPLE_MIN = BLOCK_MIN + 4,
	OPTIONS_MAX = 65536, /* bytes of an interface's options that are looked at */
	IF_TSRESOL = 9,
	IF_TSOFFSET = 14,
	TSRESOL_MICROSECONDS = 6,
	NS_EXPONENT = 9,
	TSRESOL_BINARY = 0x80,
};

/* A block that stands in the stream: at, as many bytes of it as were asked for. */
struct block {
	uint32_t type, len;
	const uint8_t *at;
};

static enum capture_status block_too_short(struct capture_read *reader, const struct block *block)
{
	return capture_bad(reader, "a block of type 0x%08x and %u bytes is too short for its type", block->type,
			   block->len);
}

static enum capture_status read_section(struct capture_read *reader, const struct block *block)
{
	if (block->len < SECTION_MIN)
		return block_too_short(reader, block);
	if (capture_u16(reader, block->at + 12) != VERSION_MAJOR)
		return capture_bad(reader, "a section of version %u; %d is known",
				   capture_u16(reader, block->at + 12), VERSION_MAJOR);
	reader->interface_count = 0;
	return CAPTURE_PACKET;
}

/* interface_add returns the next interface, or NULL. */
static struct capture_interface *interface_add(struct capture_read *reader)
{
	if (reader->interface_count == reader->interface_room) {
		uint32_t room = reader->interface_room ? 2 * reader->interface_room : 8;
		struct capture_interface *grown =
		    room > CAPTURE_INTERFACES_MAX ? NULL : realloc(reader->interface, room * sizeof(*grown));

		if (!grown)
			return NULL;
		reader->interface = grown;
		reader->interface_room = room;
	}
	return &reader->interface[reader->interface_count++];
}

static void interface_option(const struct capture_read *reader, struct capture_interface *interface, uint16_t code,
			     const uint8_t *value, uint16_t len)
{
	if (code == IF_TSRESOL && len >= 1) {
		interface->binary = value[0] & TSRESOL_BINARY;
		interface->exponent = value[0] & (uint8_t)~TSRESOL_BINARY;
	}
	if (code == IF_TSOFFSET && len >= 8) {
		uint64_t low = capture_u32(reader, value + (reader->is_big ? 4 : 0));
		uint64_t high = capture_u32(reader, value + (reader->is_big ? 0 : 4));

		interface->offset = (int64_t)(high << 32 | low);
	}
}

static enum capture_status read_interface(struct capture_read *reader, const struct block *block)
{
	struct capture_interface *interface;
	uint32_t at = 16, end = block->len - TAIL_LEN;

	if (block->len < INTERFACE_MIN)
		return block_too_short(reader, block);
	interface = interface_add(reader);
	if (!interface)
		return capture_bad(reader, "more than %d interfaces, or out of memory", CAPTURE_INTERFACES_MAX);
	*interface = (struct capture_interface){
		.link_type = capture_u16(reader, block->at + 8),
		.snap_len = capture_u32(reader, block->at + 12),
		.exponent = TSRESOL_MICROSECONDS,
	};
	end = end < OPTIONS_MAX ? end : OPTIONS_MAX;
	while (at + 4 <= end) {
		uint16_t code = capture_u16(reader, block->at + at), len = capture_u16(reader, block->at + at + 2);

		if (!code || at + 4 + len > end)
			break;
		interface_option(reader, interface, code, block->at + at + 4, len);
		at += 4 + ((len + 3u) & ~3u);
	}
	return CAPTURE_PACKET;
}

/* decimal_ns: units of 10^-exponent s as nanoseconds. */
static uint64_t decimal_ns(uint64_t units, unsigned exponent)
{
	for (; exponent < NS_EXPONENT; exponent++)
		units *= 10;
	for (; exponent > NS_EXPONENT && units; exponent--)
		units /= 10;
	return units;
}

static uint64_t binary_ns(uint64_t units, unsigned exponent)
{
	return (uint64_t)(((unsigned __int128)units * SECOND_NS) >> exponent);
}

/* interface_time_ns: what does not fit into 64 bits is cut, as the file's own units would be. */
static uint64_t interface_time_ns(const struct capture_interface *interface, uint64_t units)
{
	uint64_t ns =
	    interface->binary ? binary_ns(units, interface->exponent) : decimal_ns(units, interface->exponent);

	return ns + (uint64_t)interface->offset * SECOND_NS;
}

/* A packet's members, wherever its block has them. */
struct members {
	uint32_t interface, len, wire_len, data_at;
	uint64_t units;
	bool timeless;
};

static bool packet_members(const struct capture_read *reader, const struct block *block, struct members *members)
{
	const uint8_t *at = block->at;

	if (block->len < (block->type == BLOCK_SIMPLE_PACKET ? SIMPLE_MIN : ENHANCED_MIN))
		return false;
	if (block->type == BLOCK_SIMPLE_PACKET) {
		uint32_t room = block->len - SIMPLE_MIN, wire_len = capture_u32(reader, at + 8), limit;

		limit = reader->interface_count ? reader->interface[0].snap_len : 0;
		*members = (struct members){ .len = wire_len, .wire_len = wire_len, .data_at = 12, .timeless = true };
		members->len = limit && members->len > limit ? limit : members->len;
		members->len = members->len > room ? room : members->len;
		return true;
	}
	*members = (struct members){
		.interface = block->type == BLOCK_PACKET ? capture_u16(reader, at + 8) : capture_u32(reader, at + 8),
		.units = (uint64_t)capture_u32(reader, at + 12) << 32 | capture_u32(reader, at + 16),
		.len = capture_u32(reader, at + 20),
		.wire_len = capture_u32(reader, at + 24),
		.data_at = 28,
	};
	return true;
}

static enum capture_status read_packet(struct capture_read *reader, const struct block *block,
				       struct capture_packet *packet)
{
	const struct capture_interface *interface;
	struct members members;

	if (!packet_members(reader, block, &members))
		return block_too_short(reader, block);
	if (members.interface >= reader->interface_count)
		return capture_bad(reader, "it is of interface %u, and %u have been described", members.interface,
				   reader->interface_count);
	if (members.len > CAPTURE_PACKET_MAX)
		return capture_bad(reader, "invalid packet capture length %u, bigger than %d", members.len,
				   CAPTURE_PACKET_MAX);
	if (members.len > block->len - TAIL_LEN - members.data_at)
		return capture_bad(reader, "%u bytes do not fit into a block of %u", members.len, block->len);
	interface = &reader->interface[members.interface];
	reader->number++;
	if (interface->link_type != LINKTYPE_ETHERNET) {
		capture_skip(reader, interface->link_type);
		return CAPTURE_PACKET;
	}
	*packet = (struct capture_packet){
		.data = block->at + members.data_at,
		.len = members.len,
		.wire_len = members.wire_len > members.len ? members.wire_len : members.len,
		.number = reader->number,
		.time_ns = members.timeless ? 0 : interface_time_ns(interface, members.units),
	};
	reader->taken++;
	return CAPTURE_PACKET;
}

/* section_order finds out in which byte order a section is; false: its magic is none. */
static bool section_order(struct capture_read *reader, const uint8_t *section)
{
	const uint32_t one = 1;

	for (unsigned swap = 0; swap < 2; swap++) {
		reader->swap = swap;
		if (capture_u32(reader, section + HEAD_LEN) == BYTE_ORDER_MAGIC) {
			reader->is_big = *(const uint8_t *)&one ? swap : !swap;
			return true;
		}
	}
	return false;
}

/* block_find looks at the next block: its head, and what of it is wanted.  CAPTURE_PACKET: *block is filled. */
static enum capture_status block_find(struct capture_read *reader, struct block *block)
{
	const uint8_t *head = capture_stream_look(reader->stream, HEAD_LEN + 4);
	uint32_t wanted;

	if (!head)
		return !capture_stream_left(reader->stream) && !capture_stream_error(reader->stream)
			   ? CAPTURE_END
			   : capture_cut(reader, BLOCK_MIN);
	block->type = capture_u32(reader, head);
	if (block->type == BLOCK_SECTION && !section_order(reader, head))
		return capture_bad(reader, "a section that begins here has no byte-order magic");
	block->len = capture_u32(reader, head + 4);
	if (block->len < BLOCK_MIN || block->len > BLOCK_MAX || block->len % 4)
		return capture_bad(reader, "a block of type 0x%08x has %u bytes; %d to %d, a multiple of 4, can be",
				   block->type, block->len, BLOCK_MIN, BLOCK_MAX);
	wanted = block->len < CAPTURE_STREAM_MAX ? block->len : CAPTURE_STREAM_MAX;
	block->at = capture_stream_look(reader->stream, wanted);
	if (!block->at)
		return capture_cut(reader, block->len);
	return CAPTURE_PACKET;
}

static bool is_packet(uint32_t type)
{
	return type == BLOCK_PACKET || type == BLOCK_SIMPLE_PACKET || type == BLOCK_ENHANCED_PACKET;
}

static enum capture_status read_block(struct capture_read *reader, const struct block *block,
				      struct capture_packet *packet)
{
	if (block->len <= CAPTURE_STREAM_MAX && capture_u32(reader, block->at + block->len - TAIL_LEN) != block->len)
		return capture_bad(reader, "a block of %u bytes ends with another length, %u", block->len,
				   capture_u32(reader, block->at + block->len - TAIL_LEN));
	if (block->type == BLOCK_SECTION)
		return read_section(reader, block);
	if (block->type == BLOCK_INTERFACE)
		return read_interface(reader, block);
	return is_packet(block->type) ? read_packet(reader, block, packet) : CAPTURE_PACKET;
}

/* pcapng_step reads one block; *taken: it was a packet for whoever asked. */
static enum capture_status pcapng_step(struct capture_read *reader, struct capture_packet *packet, bool *taken)
{
	uint64_t before = reader->taken;
	enum capture_status status;
	struct block block = { .at = NULL };

	if (!capture_stream_pass(reader->stream, reader->pass))
		return capture_cut(reader, reader->pass);
	reader->pass = 0;
	status = block_find(reader, &block);
	if (status == CAPTURE_PACKET)
		status = read_block(reader, &block, packet);
	if (status == CAPTURE_PACKET)
		reader->pass = block.len;
	*taken = reader->taken != before;
	return status;
}

/* pcapng_none: a file of packets, none of them Ethernet. */
static enum capture_status pcapng_none(struct capture_read *reader)
{
	char type[96];

	capture_link_type_text(reader->skipped[0].link_type, type, sizeof(type));
	snprintf(reader->error, sizeof(reader->error),
		 "%s: none of its packets is of link type EN10MB (Ethernet), by whose addresses VPorts are found; "
		 "packet %llu, "
		 "the first, is of %s",
		 reader->name, (unsigned long long)reader->skipped[0].first, type);
	return CAPTURE_ERROR;
}

static enum capture_status pcapng_next(struct capture_read *reader, struct capture_packet *packet)
{
	enum capture_status status;
	bool taken;

	do
		status = pcapng_step(reader, packet, &taken);
	while (status == CAPTURE_PACKET && !taken);
	return status == CAPTURE_END && !reader->taken && reader->skipped_count ? pcapng_none(reader) : status;
}

bool pcapng_begin(struct capture_read *reader, char *error, size_t error_len)
{
	const uint8_t *head = capture_stream_look(reader->stream, SECTION_MIN);

	reader->is_ng = true;
	reader->next = pcapng_next;
	if (head && section_order(reader, head))
		return true;
	snprintf(
	    error, error_len, "%s",
	    head ? "cannot be read as a capture: its first section has no byte-order magic; a pcapng file is needed"
		 : "cannot be read as a capture: it ends before its header is complete; a whole pcap or pcapng file "
		   "is needed");
	return false;
}
