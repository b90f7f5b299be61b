/* SPDX-License-Identifier: BSD-2-Clause */
/* zlib reads what is not gzip as it stands, and concatenated members as one. */
#include "ports/capture_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define BUFFER_LEN (2u * CAPTURE_STREAM_MAX) /* so that what is left of the old is moved seldom */

struct capture_stream {
	gzFile file;
	uint8_t *buffer;
	size_t at, end;    /* in the buffer: looked at next, behind what was read */
	uint64_t passed;   /* bytes passed over, since the file's beginning */
	int64_t file_len;  /* -1: not a regular file */
	bool ended;        /* nothing more can be read */
	char failure[160]; /* why, where it is no ordinary end */
};

static int stream_descriptor(const char *path)
{
	/* A copy, because closing the capture must not close the process's standard input. */
	return strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
}

/* stream_attach makes fd the stream's; it is closed when that fails. */
static bool stream_attach(struct capture_stream *stream, int fd, char *error, size_t error_len)
{
	struct stat about;

	if (fstat(fd, &about) == 0 && S_ISDIR(about.st_mode)) {
		snprintf(error, error_len, "is a directory; a pcap or pcapng file is needed");
		close(fd);
		return false;
	}
	stream->file_len = S_ISREG(about.st_mode) ? about.st_size : -1;
	stream->file = gzdopen(fd, "rb");
	if (stream->file)
		return true;
	snprintf(error, error_len, "out of memory");
	close(fd);
	return false;
}

struct capture_stream *capture_stream_open(const char *path, char *error, size_t error_len)
{
	struct capture_stream *stream = calloc(1, sizeof(*stream));
	int fd;

	if (stream)
		stream->buffer = malloc(BUFFER_LEN);
	if (!stream || !stream->buffer) {
		snprintf(error, error_len, "out of memory");
		capture_stream_close(stream);
		return NULL;
	}
	fd = stream_descriptor(path);
	if (fd < 0)
		snprintf(error, error_len, "%s; a readable pcap or pcapng file is needed", strerror(errno));
	if (fd >= 0 && stream_attach(stream, fd, error, error_len))
		return stream;
	capture_stream_close(stream);
	return NULL;
}

void capture_stream_close(struct capture_stream *stream)
{
	if (!stream)
		return;
	if (stream->file)
		gzclose(stream->file);
	free(stream->buffer);
	free(stream);
}

static void stream_failed(struct capture_stream *stream)
{
	int code = Z_OK;
	const char *text = gzerror(stream->file, &code), *colon = strstr(text, ": "); /* behind a name of the file */

	if (code == Z_ERRNO)
		snprintf(stream->failure, sizeof(stream->failure), "%s", strerror(errno));
	else if (code == Z_BUF_ERROR)
		snprintf(stream->failure, sizeof(stream->failure), "its gzip data is cut off");
	else if (code != Z_OK)
		snprintf(stream->failure, sizeof(stream->failure), "its gzip data is damaged (%.100s)",
			 colon ? colon + 2 : text);
}

/* stream_fill reads until len bytes are there or the file has ended.  A pipe may give them in pieces. */
static void stream_fill(struct capture_stream *stream, size_t len)
{
	if (stream->at + len > BUFFER_LEN) {
		memmove(stream->buffer, stream->buffer + stream->at, stream->end - stream->at);
		stream->end -= stream->at;
		stream->at = 0;
	}
	while (!stream->ended && stream->end - stream->at < len) {
		/* A whole buffer of a file; of a pipe what is needed, since more may be long in coming. */
		size_t room = stream->file_len >= 0 ? BUFFER_LEN - stream->end : len - (stream->end - stream->at);
		int got;

		errno = 0;
		got = gzread(stream->file, stream->buffer + stream->end, (unsigned)room);
		if (got > 0)
			stream->end += (size_t)got;
		if (got < (int)room) {
			stream->ended = true;
			stream_failed(stream);
		}
	}
}

const uint8_t *capture_stream_look(struct capture_stream *stream, size_t len)
{
	if (stream->end - stream->at < len)
		stream_fill(stream, len);
	return stream->end - stream->at < len ? NULL : stream->buffer + stream->at;
}

size_t capture_stream_left(const struct capture_stream *stream)
{
	return stream->end - stream->at;
}

bool capture_stream_pass(struct capture_stream *stream, uint64_t len)
{
	while (len) {
		size_t step = len < CAPTURE_STREAM_MAX ? (size_t)len : CAPTURE_STREAM_MAX;
		size_t left;

		if (stream->end - stream->at < step)
			stream_fill(stream, step);
		left = stream->end - stream->at;
		step = left < step ? left : step;
		if (!step)
			return false;
		stream->at += step;
		stream->passed += step;
		len -= step;
	}
	return true;
}

const char *capture_stream_error(struct capture_stream *stream)
{
	return stream->failure[0] ? stream->failure : NULL;
}

double capture_stream_progress(struct capture_stream *stream, uint64_t ahead)
{
	double at = gzdirect(stream->file) ? (double)(stream->passed + ahead) : (double)gzoffset(stream->file);

	if (stream->file_len <= 0)
		return -1;
	/* A file that is still growing may be read beyond the length that it had. */
	return at >= (double)stream->file_len ? 1 : at / (double)stream->file_len;
}
