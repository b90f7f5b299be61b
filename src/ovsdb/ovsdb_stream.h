/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON-RPC 1.0 comes as one object behind the other, with no length before it and no mark between.  A stream finds where each ends, in
 * whatever pieces the bytes come, and looks at depth, number of values and length before any of it becomes values, so that no server can
 * have more memory than that.
 */
#ifndef VMMQ_OVSDB_OVSDB_STREAM_H
#define VMMQ_OVSDB_OVSDB_STREAM_H

#include <jansson.h>
#include <stddef.h>

#include "ovsdb/ovsdb_why.h"

/* Levels of brackets in a message: an update of maps has 8. */
#define OVSDB_DEPTH_MAX 32

/* The owner sets the two limits and zeroes the rest. */
struct ovsdb_stream {
	size_t max_len;   /* bytes of a message */
	size_t max_count; /* values of a message, names of members among them */

	char *text; /* of the message that is coming */
	size_t len, capacity;
	size_t count;
	unsigned depth;
	bool in_string, in_word, escaped;
};

/*
 * ovsdb_stream_take reads bytes up to the end of one message.  *used: how many were read; all of them when there was none.  *message: an
 * object, the caller's, or NULL while it is not whole.  False: it breaks a limit or is no JSON, and nothing can be read of the stream any
 * more, until ovsdb_stream_reset.
 */
bool ovsdb_stream_take(struct ovsdb_stream *s, const char *bytes, size_t len, size_t *used, json_t **message,
		       struct ovsdb_why *why);

/* ovsdb_stream_reset forgets what has come of a message, and gives its memory back. */
void ovsdb_stream_reset(struct ovsdb_stream *s);

#endif
