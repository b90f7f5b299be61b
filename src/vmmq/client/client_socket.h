/* SPDX-License-Identifier: BSD-2-Clause */
/* The socket under a client: where it is, and lines in both directions. */
#ifndef VMMQ_VMMQ_CLIENT_CLIENT_SOCKET_H
#define VMMQ_VMMQ_CLIENT_CLIENT_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

#include "vmmq/client/client.h"

/* client_error_set fills an error that is not the daemon's answer.  Returns false. */
__attribute__((format(printf, 2, 3))) bool client_error_set(struct client_error *error, const char *format, ...);

/* client_connect returns a connected descriptor, or -1 with *error. */
int client_connect(const char *path, struct client_error *error);

/* What has been received: data[start .. end), of which the bytes before scanned hold no end of line. */
struct client_stream {
	int fd;
	char *data;
	size_t start, scanned, end, size;
};

/*
 * client_send writes all bytes; false with *error when the daemon takes no byte for timeout_ms.  One that has closed the
 * connection may have said why before: that is client_receive()'s to find out.
 */
bool client_send(struct client_stream *stream, const char *bytes, size_t len, int timeout_ms,
		 struct client_error *error);

enum client_received {
	CLIENT_LINE,    /* *line is valid until the next call */
	CLIENT_TIMEOUT, /* no byte came for timeout_ms, or a signal; what there is of a line is kept */
	CLIENT_GONE,    /* with *error */
};
/* client_receive waits for a whole line, which it returns without its end. */
enum client_received client_receive(struct client_stream *stream, int timeout_ms, char **line, size_t *len,
				    struct client_error *error);

#endif
