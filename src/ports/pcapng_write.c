/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers in the file are in the byte order of this machine; the section's byte-order magic says which that is. */
#include "ports/pcapng_write.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

enum block_type {
	BLOCK_INTERFACE = 1,
	BLOCK_ENHANCED_PACKET = 6,
	BLOCK_SECTION = 0x0a0d0d0a,
};

enum option_code {
	OPT_ENDOFOPT = 0,
	OPT_COMMENT = 1,
	SHB_HARDWARE = 2,
	SHB_OS = 3,
	SHB_USERAPPL = 4,
	IF_NAME = 2,
	IF_DESCRIPTION = 3,
	IF_TSRESOL = 9,
	EPB_HASH = 3,
	EPB_QUEUE = 6,
};

enum {
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	VERSION_MAJOR = 1,
	VERSION_MINOR = 0,
	LINKTYPE_ETHERNET = 1,
	SNAP_LEN = 262144, /* the longest that libpcap and Wireshark read of an Ethernet frame */
	TSRESOL_NS = 9,    /* units of 10^-9 s */
	HASH_TOEPLITZ = 5,
	BLOCK_HEAD_LEN = 8,  /* type and total length */
	BLOCK_TAIL_LEN = 4,  /* total length again */
	OPTION_HEAD_LEN = 4, /* code and length */
	OPTION_MAX_LEN = 65535,
};

struct pcapng_write {
	struct output_file *out;
	uint32_t interface_count;
};

static void pcapng_put(struct pcapng_write *writer, const void *data, size_t len)
{
	output_file_write(writer->out, data, len);
}

static void pcapng_put_u16(struct pcapng_write *writer, uint16_t value)
{
	pcapng_put(writer, &value, sizeof(value));
}

static void pcapng_put_u32(struct pcapng_write *writer, uint32_t value)
{
	pcapng_put(writer, &value, sizeof(value));
}

/* Packet data and option values are padded with zeros to a multiple of 4; their lengths do not count it. */
static uint32_t pcapng_padding(uint32_t len)
{
	return -len & 3;
}

static void pcapng_put_padding(struct pcapng_write *writer, uint32_t len)
{
	static const uint8_t zero[3];

	pcapng_put(writer, zero, pcapng_padding(len));
}

static uint32_t pcapng_option_size(uint32_t len)
{
	return OPTION_HEAD_LEN + len + pcapng_padding(len);
}

static void pcapng_put_option(struct pcapng_write *writer, enum option_code code, const void *value, uint16_t len)
{
	pcapng_put_u16(writer, (uint16_t)code);
	pcapng_put_u16(writer, len);
	pcapng_put(writer, value, len);
	pcapng_put_padding(writer, len);
}

/* pcapng_text_len: at most what an option holds, and no half UTF-8 character at the cut. */
static uint16_t pcapng_text_len(const char *text)
{
	size_t len = strlen(text);

	if (len <= OPTION_MAX_LEN)
		return (uint16_t)len;
	len = OPTION_MAX_LEN;
	while (len > 0 && ((uint8_t)text[len] & 0xc0) == 0x80)
		len--;
	return (uint16_t)len;
}

/* Absent and empty texts are left out. */
static uint32_t pcapng_text_size(const char *text)
{
	return text && *text ? pcapng_option_size(pcapng_text_len(text)) : 0;
}

static void pcapng_put_text(struct pcapng_write *writer, enum option_code code, const char *text)
{
	if (text && *text)
		pcapng_put_option(writer, code, text, pcapng_text_len(text));
}

static void pcapng_put_block_head(struct pcapng_write *writer, enum block_type type, uint32_t block_len)
{
	pcapng_put_u32(writer, (uint32_t)type);
	pcapng_put_u32(writer, block_len);
}

static void pcapng_put_block_tail(struct pcapng_write *writer, uint32_t block_len)
{
	pcapng_put_option(writer, OPT_ENDOFOPT, NULL, 0);
	pcapng_put_u32(writer, block_len);
}

static void pcapng_put_section(struct pcapng_write *writer, const char *comment)
{
	static const char userappl[] = "vmmq";
	static const uint64_t length_unknown = UINT64_MAX; /* of the section: it is streamed */
	struct utsname host;
	bool known = uname(&host) == 0;
	const char *hardware = known ? host.machine : NULL;
	const char *os = known ? host.sysname : NULL; /* without its release: equal runs make equal files */
	uint32_t block_len = BLOCK_HEAD_LEN + 4 + 2 + 2 + 8 + pcapng_text_size(comment) + pcapng_text_size(hardware) +
			     pcapng_text_size(os) + pcapng_text_size(userappl) + pcapng_option_size(0) +
			     BLOCK_TAIL_LEN;

	pcapng_put_block_head(writer, BLOCK_SECTION, block_len);
	pcapng_put_u32(writer, BYTE_ORDER_MAGIC);
	pcapng_put_u16(writer, VERSION_MAJOR);
	pcapng_put_u16(writer, VERSION_MINOR);
	pcapng_put(writer, &length_unknown, sizeof(length_unknown));
	pcapng_put_text(writer, OPT_COMMENT, comment);
	pcapng_put_text(writer, SHB_HARDWARE, hardware);
	pcapng_put_text(writer, SHB_OS, os);
	pcapng_put_text(writer, SHB_USERAPPL, userappl);
	pcapng_put_block_tail(writer, block_len);
}

struct pcapng_write *pcapng_write_create(struct output_file *out, const char *comment)
{
	struct pcapng_write *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return NULL;
	writer->out = out;
	pcapng_put_section(writer, comment);
	return writer;
}

uint32_t pcapng_write_interface(struct pcapng_write *writer, const char *name, const char *description)
{
	static const uint8_t tsresol = TSRESOL_NS;
	uint32_t block_len = BLOCK_HEAD_LEN + 2 + 2 + 4 + pcapng_text_size(name) + pcapng_text_size(description) +
			     pcapng_option_size(sizeof(tsresol)) + pcapng_option_size(0) + BLOCK_TAIL_LEN;

	pcapng_put_block_head(writer, BLOCK_INTERFACE, block_len);
	pcapng_put_u16(writer, LINKTYPE_ETHERNET);
	pcapng_put_u16(writer, 0); /* reserved */
	pcapng_put_u32(writer, SNAP_LEN);
	pcapng_put_text(writer, IF_NAME, name);
	pcapng_put_text(writer, IF_DESCRIPTION, description);
	pcapng_put_option(writer, IF_TSRESOL, &tsresol, sizeof(tsresol));
	pcapng_put_block_tail(writer, block_len);
	return writer->interface_count++;
}

/*
 * epb_hash is an octet that names the algorithm, then "the actual hash" as octets.  The draft does not say in which
 * order the octets of a number go; its MD5 and SHA-1 values are octet strings, which Wireshark shows as they stand.
 * So the most significant octet goes first, whatever the byte order of the section: the hash 0x51ccc178 reads
 * 51ccc178 in Wireshark, and is in the order in which NDIS documents and vectors write it.
 */
enum { EPB_HASH_LEN = 1 + 4 };

static void pcapng_put_hash(struct pcapng_write *writer, uint32_t hash)
{
	uint8_t value[EPB_HASH_LEN] = {
		HASH_TOEPLITZ, (uint8_t)(hash >> 24), (uint8_t)(hash >> 16), (uint8_t)(hash >> 8), (uint8_t)hash,
	};

	pcapng_put_option(writer, EPB_HASH, value, sizeof(value));
}

static uint32_t pcapng_packet_block_len(const struct pcapng_packet *packet)
{
	uint32_t fixed_len = BLOCK_HEAD_LEN + 5 * 4 + BLOCK_TAIL_LEN;

	return fixed_len + packet->len + pcapng_padding(packet->len) + pcapng_option_size(sizeof(packet->queue)) +
	       (packet->hashed ? pcapng_option_size(EPB_HASH_LEN) : 0) + pcapng_text_size(packet->comment) +
	       pcapng_option_size(0);
}

void pcapng_write_packet(struct pcapng_write *writer, const struct pcapng_packet *packet,
			 const struct pcapng_segment *segment, unsigned segment_count)
{
	uint32_t block_len = pcapng_packet_block_len(packet);
	uint32_t data_len = 0;

	assert(packet->interface_id < writer->interface_count);
	pcapng_put_block_head(writer, BLOCK_ENHANCED_PACKET, block_len);
	pcapng_put_u32(writer, packet->interface_id);
	pcapng_put_u32(writer, (uint32_t)(packet->time_ns >> 32));
	pcapng_put_u32(writer, (uint32_t)packet->time_ns);
	pcapng_put_u32(writer, packet->len);
	pcapng_put_u32(writer, packet->wire_len);
	for (unsigned i = 0; i < segment_count; i++) {
		pcapng_put(writer, segment[i].data, segment[i].len);
		data_len += segment[i].len;
	}
	assert(data_len == packet->len);
	pcapng_put_padding(writer, packet->len);
	pcapng_put_option(writer, EPB_QUEUE, &packet->queue, sizeof(packet->queue));
	if (packet->hashed)
		pcapng_put_hash(writer, packet->hash);
	pcapng_put_text(writer, OPT_COMMENT, packet->comment);
	pcapng_put_block_tail(writer, block_len);
}

void pcapng_write_destroy(struct pcapng_write *writer)
{
	free(writer);
}
