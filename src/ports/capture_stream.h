/* SPDX-License-Identifier: BSD-2-Clause */
/* The bytes of a capture file, gzip or not, as a stream through one buffer: memory does not grow with the file.  One thread. */
#ifndef VMMQ_PORTS_CAPTURE_STREAM_H
#define VMMQ_PORTS_CAPTURE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capture_stream;

#define CAPTURE_STREAM_MAX (1u << 19) /* bytes that can be looked at together */

/*
 * capture_stream_open opens a file, or a copy of standard input for "-".  NULL with a sentence in error, without the name: no such
 * file, a directory.  capture_stream_close: NULL is legal.
 */
struct capture_stream *capture_stream_open(const char *path, char *error, size_t error_len);
void capture_stream_close(struct capture_stream *stream);

/*
 * capture_stream_look returns the next len bytes, at most CAPTURE_STREAM_MAX, without passing over them; valid until the next call.
 * NULL: there are fewer, capture_stream_left() of them.  capture_stream_pass passes over len bytes, however many; false: there were
 * fewer, and all are passed over.
 */
const uint8_t *capture_stream_look(struct capture_stream *stream, size_t len);
size_t capture_stream_left(const struct capture_stream *stream);
bool capture_stream_pass(struct capture_stream *stream, uint64_t len);

/* capture_stream_error returns why there are no more bytes, where that is no ordinary end: a device's error, gzip's; or NULL. */
const char *capture_stream_error(struct capture_stream *stream);

/*
 * capture_stream_progress returns the share of the file that is passed over, with the next ahead bytes, 0 to 1, or a negative number for a
 * pipe.
 */
double capture_stream_progress(struct capture_stream *stream, uint64_t ahead);

#endif
