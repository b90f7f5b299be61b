/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/rpc_line.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_LEAST (16u << 10)
#define ROOM_KEPT  (16u << 10) /* of a buffer with little in it */

/* lines_make_room moves what waits to the front, or, when that does not give enough, makes the buffer larger. */
static bool lines_make_room(struct rpc_lines *lines)
{
	size_t waiting = rpc_lines_waiting(lines);
	char *larger;

	if (lines->start) {
		memmove(lines->bytes, lines->bytes + lines->start, waiting);
		lines->searched -= lines->start;
		lines->start = 0;
		lines->end = waiting;
	}
	if (waiting <= lines->room / 2 && lines->room)
		return true;
	larger = realloc(lines->bytes, lines->room ? 2 * lines->room : ROOM_LEAST);
	if (!larger)
		return false;
	lines->bytes = larger;
	lines->room = lines->room ? 2 * lines->room : ROOM_LEAST;
	return true;
}

char *rpc_lines_space(struct rpc_lines *lines, size_t *len)
{
	if (lines->end == lines->room && !lines_make_room(lines))
		return NULL;
	*len = lines->room - lines->end;
	return lines->bytes + lines->end;
}

void rpc_lines_put(struct rpc_lines *lines, size_t len)
{
	lines->end += len;
}

void rpc_lines_shrink(struct rpc_lines *lines)
{
	size_t waiting = rpc_lines_waiting(lines);
	char *smaller;

	if (!waiting)
		lines->start = lines->searched = lines->end = 0;
	if (lines->room <= ROOM_KEPT || waiting > lines->room / 4)
		return;
	if (!waiting) {
		rpc_lines_fini(lines);
		return;
	}
	memmove(lines->bytes, lines->bytes + lines->start, waiting);
	lines->searched -= lines->start;
	lines->start = 0;
	lines->end = waiting;
	smaller = realloc(lines->bytes, lines->room / 2);
	if (!smaller)
		return;
	lines->bytes = smaller;
	lines->room /= 2;
}

static const char *line_end(struct rpc_lines *lines)
{
	const char *newline = NULL;

	if (lines->end > lines->searched)
		newline = memchr(lines->bytes + lines->searched, '\n', lines->end - lines->searched);
	lines->searched = newline ? (size_t)(newline - lines->bytes) : lines->end;
	return newline;
}

bool rpc_lines_whole(struct rpc_lines *lines, size_t max)
{
	return line_end(lines) || rpc_lines_waiting(lines) > max;
}

enum rpc_line rpc_lines_take(struct rpc_lines *lines, size_t max, bool last, const char **line, size_t *len)
{
	size_t waiting = rpc_lines_waiting(lines);
	const char *newline;

	if (!waiting)
		return RPC_LINE_NONE;
	newline = line_end(lines);
	*line = lines->bytes + lines->start;
	*len = newline ? (size_t)(newline - *line) : waiting;
	if (*len > max)
		return RPC_LINE_LONG;
	if (!newline && !last)
		return RPC_LINE_NONE;
	lines->start += *len + (newline != NULL);
	lines->searched = lines->start;
	if (*len && (*line)[*len - 1] == '\r')
		--*len;
	return RPC_LINE;
}

size_t rpc_lines_waiting(const struct rpc_lines *lines)
{
	return lines->end - lines->start;
}

void rpc_lines_fini(struct rpc_lines *lines)
{
	free(lines->bytes);
	*lines = (struct rpc_lines){ 0 };
}
