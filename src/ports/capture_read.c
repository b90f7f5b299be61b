/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/capture_read.h"

#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ports/capture_format.h"

enum { MAGIC_LEN = 4, LINKTYPE_RAW = 101 };

/* Files that people mistake for captures, by their first bytes. */
static const struct {
	uint8_t magic[MAGIC_LEN];
	uint8_t magic_len;
	const char *advice;
} not_captures[] = {
	{ { 0x28, 0xb5, 0x2f, 0xfd }, 4, "it is compressed with zstd: decompress it first (unzstd)" },
	{ { 0xfd, '7', 'z', 'X' }, 4, "it is compressed with xz: decompress it first (unxz)" },
	{ { 'B', 'Z', 'h' }, 3, "it is compressed with bzip2: decompress it first (bunzip2)" },
	{ { 'P', 'K', 3, 4 }, 4, "it is a zip archive: unpack it first (unzip)" },
};

static const char *capture_advice(const uint8_t magic[MAGIC_LEN])
{
	for (size_t i = 0; i < sizeof(not_captures) / sizeof(not_captures[0]); i++)
		if (memcmp(magic, not_captures[i].magic, not_captures[i].magic_len) == 0)
			return not_captures[i].advice;
	return NULL;
}

/* libpcap knows the names, by its own numbers, which but for a few are the files'. */
void capture_link_type_text(uint16_t link_type, char *text, size_t size)
{
	int type = link_type == LINKTYPE_RAW ? DLT_RAW : link_type;
	const char *name = pcap_datalink_val_to_name(type);
	const char *description = pcap_datalink_val_to_description(type);

	snprintf(text, size, "%s (%u%s%s)", name ? name : "unknown", link_type, description ? ", " : "",
		 description ? description : "");
}

static bool format_begin(struct capture_read *reader, char *error, size_t error_len)
{
	static const uint8_t section[MAGIC_LEN] = { 0x0a, 0x0d, 0x0d, 0x0a };
	const uint8_t *magic = capture_stream_look(reader->stream, MAGIC_LEN);
	const char *advice = magic ? capture_advice(magic) : NULL;

	if (magic && !memcmp(magic, section, MAGIC_LEN))
		return pcapng_begin(reader, error, error_len);
	if (!advice)
		return pcap_begin(reader, error, error_len);
	snprintf(error, error_len, "cannot be read as a capture: %s", advice);
	return false;
}

/* reader_open: why, of error_len bytes, has no name of the file yet. */
static bool reader_open(struct capture_read *reader, const char *path, char *why, size_t why_len)
{
	const char *failure;

	reader->stream = capture_stream_open(path, why, why_len);
	if (!reader->stream)
		return false;
	if (!capture_stream_look(reader->stream, 1)) {
		failure = capture_stream_error(reader->stream);
		snprintf(why, why_len, "%s; a pcap or pcapng file is needed",
			 failure ? failure : "is empty (0 bytes)");
		return false;
	}
	if (format_begin(reader, why, why_len))
		return true;
	failure = capture_stream_error(reader->stream);
	if (failure)
		snprintf(why, why_len, "cannot be read as a capture: %s", failure);
	return false;
}

struct capture_read *capture_read_open(const char *path, char *error, size_t error_len)
{
	struct capture_read *reader = calloc(1, sizeof(*reader));
	char why[512];

	if (reader)
		reader->name = strdup(strcmp(path, "-") == 0 ? "standard input" : path);
	if (!reader || !reader->name) {
		snprintf(error, error_len, "%s: out of memory", path);
		capture_read_close(reader);
		return NULL;
	}
	reader->status = CAPTURE_PACKET;
	if (reader_open(reader, path, why, sizeof(why)))
		return reader;
	snprintf(error, error_len, "%s: %s", reader->name, why);
	capture_read_close(reader);
	return NULL;
}

enum capture_status capture_cut(struct capture_read *reader, uint64_t needed)
{
	const char *failure = capture_stream_error(reader->stream);

	if (failure)
		return capture_bad(reader, "%s", failure);
	snprintf(reader->error, sizeof(reader->error),
		 "%s: the capture ends in the middle of packet %" PRIu64
		 "%s: it was cut off, or is still being written; whole packets before it: %" PRIu64 " (%" PRIu64
		 " bytes are needed, %zu are there)",
		 reader->name, reader->number + 1, reader->is_ng ? " (or of another block in its place)" : "",
		 reader->number, needed, capture_stream_left(reader->stream));
	return CAPTURE_ERROR;
}

enum capture_status capture_bad(struct capture_read *reader, const char *text, ...)
{
	char why[256];
	va_list list;

	va_start(list, text);
	vsnprintf(why, sizeof(why), text, list);
	va_end(list);
	snprintf(reader->error, sizeof(reader->error),
		 "%s: packet %" PRIu64 " cannot be read%s: %s; whole packets before it: %" PRIu64, reader->name,
		 reader->number + 1, reader->is_ng ? " (or another block in its place)" : "", why, reader->number);
	return CAPTURE_ERROR;
}

void capture_skip(struct capture_read *reader, uint16_t link_type)
{
	unsigned i = 0;

	while (i < reader->skipped_count && reader->skipped[i].link_type != link_type)
		i++;
	if (i == CAPTURE_SKIPPED_MAX)
		i = CAPTURE_SKIPPED_MAX - 1; /* a file of so many link types is counted as one more of the last */
	else if (i == reader->skipped_count)
		reader->skipped[reader->skipped_count++] =
		    (struct capture_skipped){ .link_type = link_type, .first = reader->number };
	reader->skipped[i].packets++;
}

enum capture_status capture_read_next(struct capture_read *reader, struct capture_packet *packet)
{
	if (reader->status == CAPTURE_PACKET)
		reader->status = reader->next(reader, packet);
	return reader->status;
}

const char *capture_read_error(const struct capture_read *reader)
{
	return reader->error;
}

uint64_t capture_read_number(const struct capture_read *reader)
{
	return reader->number;
}

unsigned capture_read_skipped(const struct capture_read *reader, const struct capture_skipped **skipped)
{
	*skipped = reader->skipped;
	return reader->skipped_count;
}

double capture_read_progress(const struct capture_read *reader)
{
	return capture_stream_progress(reader->stream, reader->pass);
}

void capture_read_close(struct capture_read *reader)
{
	if (!reader)
		return;
	capture_stream_close(reader->stream);
	free(reader->interface);
	free(reader->name);
	free(reader);
}
