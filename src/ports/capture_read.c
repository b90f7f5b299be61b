/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/capture_read.h"

#include <errno.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

enum {
	STREAM_BUFFER_LEN = 1 << 20, /* one read() per this many bytes of the file */
	MAGIC_LEN = 4,
};

struct capture_read {
	pcap_t *pcap;
	FILE *stream;               /* pcap owns it and closes it */
	char *stream_buffer;        /* stream's; freed after it */
	char *name;                 /* as messages call the file */
	off_t file_len;             /* -1: not a regular file */
	uint64_t number;            /* of the packet read last */
	enum capture_status status; /* anything but CAPTURE_PACKET stays */
	char error[PCAP_ERRBUF_SIZE + 1024];
};

/* Files that people mistake for captures, by their first bytes. */
static const struct {
	uint8_t magic[MAGIC_LEN];
	uint8_t magic_len;
	const char *advice;
} not_captures[] = {
	{ { 0x1f, 0x8b }, 2, "it is compressed with gzip: decompress it first (gunzip)" },
	{ { 0x28, 0xb5, 0x2f, 0xfd }, 4, "it is compressed with zstd: decompress it first (unzstd)" },
	{ { 0xfd, '7', 'z', 'X' }, 4, "it is compressed with xz: decompress it first (unxz)" },
	{ { 'B', 'Z', 'h' }, 3, "it is compressed with bzip2: decompress it first (bunzip2)" },
	{ { 'P', 'K', 3, 4 }, 4, "it is a zip archive: unpack it first (unzip)" },
};

static const char *capture_advice(FILE *stream, const uint8_t magic[MAGIC_LEN])
{
	if (feof(stream))
		return "it ends before its header is complete; a whole pcap or pcapng file is needed";
	for (size_t i = 0; i < sizeof(not_captures) / sizeof(not_captures[0]); i++)
		if (memcmp(magic, not_captures[i].magic, not_captures[i].magic_len) == 0)
			return not_captures[i].advice;
	return "a pcap or pcapng file is needed";
}

static FILE *stream_open(const char *path)
{
	if (strcmp(path, "-") != 0)
		return fopen(path, "rbe");
	/* A copy, because closing the capture must not close the process's standard input. */
	int fd = dup(STDIN_FILENO);
	FILE *stream = fd < 0 ? NULL : fdopen(fd, "rb");

	if (!stream && fd >= 0)
		close(fd);
	return stream;
}

/*
 * stream_peek copies the first bytes of the stream and puts them back, which also works in a pipe.  Returns how many
 * there were.  (Putting back bytes that were just read is only a pointer that moves in the stream's own buffer.)
 */
static size_t stream_peek(FILE *stream, uint8_t magic[MAGIC_LEN])
{
	size_t len = fread(magic, 1, MAGIC_LEN, stream);

	clearerr(stream);
	for (size_t i = len; i > 0; i--)
		if (ungetc(magic[i - 1], stream) == EOF)
			return 0;
	return len;
}

/* stream_check refuses what is certainly not a capture, in better words than libpcap has. */
static int stream_check(struct capture_read *reader, uint8_t magic[MAGIC_LEN], char *error, size_t error_len)
{
	struct stat st;

	if (fstat(fileno(reader->stream), &st) < 0) {
		snprintf(error, error_len, "%s: %s", reader->name, strerror(errno));
		return -1;
	}
	if (S_ISDIR(st.st_mode)) {
		snprintf(error, error_len, "%s: is a directory; a pcap or pcapng file is needed", reader->name);
		return -1;
	}
	reader->file_len = S_ISREG(st.st_mode) ? st.st_size : -1;
	errno = 0;
	if (stream_peek(reader->stream, magic) == 0) {
		snprintf(error, error_len, "%s: %s; a pcap or pcapng file is needed", reader->name,
			 errno ? strerror(errno) : "is empty (0 bytes)");
		return -1;
	}
	return 0;
}

static int capture_link_type_check(const struct capture_read *reader, char *error, size_t error_len)
{
	int type = pcap_datalink(reader->pcap);
	const char *name = pcap_datalink_val_to_name(type);
	const char *description = pcap_datalink_val_to_description(type);

	if (type == DLT_EN10MB)
		return 0;
	snprintf(
	    error, error_len,
	    "%s: its link type is %s (%d%s%s), but VPorts are found by Ethernet addresses: a capture of link type "
	    "EN10MB (Ethernet) is needed, as one of a single Ethernet interface has",
	    reader->name, name ? name : "unknown", type, description ? ", " : "", description ? description : "");
	return -1;
}

static int reader_open(struct capture_read *reader, const char *path, char *error, size_t error_len)
{
	char reason[PCAP_ERRBUF_SIZE] = "";
	uint8_t magic[MAGIC_LEN] = { 0 };

	reader->stream = stream_open(path);
	if (!reader->stream) {
		snprintf(error, error_len, "%s: %s; a readable pcap or pcapng file is needed", reader->name,
			 strerror(errno));
		return -1;
	}
	setvbuf(reader->stream, reader->stream_buffer, _IOFBF, STREAM_BUFFER_LEN);
	__fsetlocking(reader->stream, FSETLOCKING_BYCALLER); /* one thread: no lock twice a packet */
	if (stream_check(reader, magic, error, error_len) < 0)
		return -1;
	/* Nanoseconds are asked for whatever the file has: libpcap scales. */
	reader->pcap = pcap_fopen_offline_with_tstamp_precision(reader->stream, PCAP_TSTAMP_PRECISION_NANO, reason);
	if (!reader->pcap) {
		snprintf(error, error_len, "%s: cannot be read as a capture: %s (libpcap: %s)", reader->name,
			 capture_advice(reader->stream, magic), reason);
		return -1;
	}
	return capture_link_type_check(reader, error, error_len);
}

struct capture_read *capture_read_open(const char *path, char *error, size_t error_len)
{
	struct capture_read *reader = calloc(1, sizeof(*reader));

	if (reader) {
		reader->name = strdup(strcmp(path, "-") == 0 ? "standard input" : path);
		reader->stream_buffer = malloc(STREAM_BUFFER_LEN);
	}
	if (!reader || !reader->name || !reader->stream_buffer) {
		snprintf(error, error_len, "%s: out of memory", path);
		capture_read_close(reader);
		return NULL;
	}
	reader->status = CAPTURE_PACKET;
	if (reader_open(reader, path, error, error_len) < 0) {
		capture_read_close(reader);
		return NULL;
	}
	return reader;
}

static uint64_t capture_time_ns(const struct timeval *time)
{
	int64_t seconds = time->tv_sec;

	/* A pcap file has 32 unsigned bits of seconds (until 2106); libpcap hands them out as signed (until 2038). */
	if (seconds < 0 && seconds >= INT32_MIN)
		seconds += (int64_t)1 << 32;
	return (uint64_t)seconds * SECOND_NS + (uint64_t)time->tv_usec;
}

static const char *capture_break_advice(const char *reason)
{
	/* libpcap keeps one link type and one snap length for a file; pcapng has one for each interface. */
	if (strstr(reason, "an interface has a "))
		return ": its interfaces must have one link type and one snap length; split it by interface, or "
		       "rewrite it "
		       "with 'editcap -F pcap'";
	return "";
}

/* reader_break records why the file cannot be read on behind packet number reader->number. */
static void reader_break(struct capture_read *reader)
{
	const char *reason = pcap_geterr(reader->pcap);
	uint64_t number = reader->number + 1;
	bool cut_off = feof(reader->stream) && !ferror(reader->stream);
	/* pcapng (version 1) has more than packets, and libpcap does not tell what it was reading. */
	const char *or_other = pcap_major_version(reader->pcap) == 1 ? " (or of another block in its place)" : "";

	reader->status = CAPTURE_ERROR;
	if (cut_off)
		snprintf(reader->error, sizeof(reader->error),
			 "%s: the capture ends in the middle of packet %" PRIu64
			 "%s: it was cut off, or is still being written; whole packets before it: %" PRIu64
			 " (libpcap: %s)",
			 reader->name, number, or_other, reader->number, reason);
	else
		snprintf(reader->error, sizeof(reader->error),
			 "%s: packet %" PRIu64 " cannot be read%s; whole packets before it: %" PRIu64
			 " (libpcap: %s)",
			 reader->name, number, capture_break_advice(reason), reader->number, reason);
}

enum capture_status capture_read_next(struct capture_read *reader, struct capture_packet *packet)
{
	struct pcap_pkthdr *header;
	const u_char *data;

	if (reader->status != CAPTURE_PACKET)
		return reader->status;
	switch (pcap_next_ex(reader->pcap, &header, &data)) {
	case 1:
		packet->data = data;
		packet->len = header->caplen;
		/* Some writers leave the wire length 0 or wrong; a frame had at least the bytes that are there. */
		packet->wire_len = header->len > header->caplen ? header->len : header->caplen;
		packet->number = ++reader->number;
		packet->time_ns = capture_time_ns(&header->ts);
		return CAPTURE_PACKET;
	case PCAP_ERROR_BREAK:
		return reader->status = CAPTURE_END;
	default:
		reader_break(reader);
		return CAPTURE_ERROR;
	}
}

const char *capture_read_error(const struct capture_read *reader)
{
	return reader->error;
}

double capture_read_progress(const struct capture_read *reader)
{
	off_t at = reader->file_len > 0 ? ftello(reader->stream) : -1;

	if (at < 0)
		return -1;
	/* A file that is still growing may be read beyond the length that it had. */
	return at >= reader->file_len ? 1 : (double)at / (double)reader->file_len;
}

void capture_read_close(struct capture_read *reader)
{
	if (!reader)
		return;
	if (reader->pcap)
		pcap_close(reader->pcap);
	else if (reader->stream)
		fclose(reader->stream);
	free(reader->stream_buffer);
	free(reader->name);
	free(reader);
}
