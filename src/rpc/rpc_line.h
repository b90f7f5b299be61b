/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines out of a stream of bytes: what has come of a line waits here for its end.  One thread. */
#ifndef VMMQ_RPC_RPC_LINE_H
#define VMMQ_RPC_RPC_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct rpc_lines {
	char *bytes;
	size_t start;    /* of the first line that has not been taken */
	size_t searched; /* no line ends before */
	size_t end, room;
};

enum rpc_line {
	RPC_LINE_NONE, /* no whole line is there */
	RPC_LINE,
	RPC_LINE_LONG, /* longer than allowed */
};

/* rpc_lines_space returns where at most *len more bytes (at least 1) may be put, for rpc_lines_put(); NULL: memory. */
char *rpc_lines_space(struct rpc_lines *lines, size_t *len);
void rpc_lines_put(struct rpc_lines *lines, size_t len);

/*
 * rpc_lines_take takes the next line, without its end ("\n" or "\r\n"), of at most max bytes.  last: nothing more will come, so
 * that what is left is a line although it does not end.  *line is valid until the next rpc_lines_space().
 */
enum rpc_line rpc_lines_take(struct rpc_lines *lines, size_t max, bool last, const char **line, size_t *len);

/* rpc_lines_whole tells whether rpc_lines_take() has something without more coming. */
bool rpc_lines_whole(struct rpc_lines *lines, size_t max);

/* rpc_lines_shrink gives memory back that a long line has left, unless much waits.  A line that was taken is not valid any more. */
void rpc_lines_shrink(struct rpc_lines *lines);

/* rpc_lines_waiting returns how many bytes have not been taken. */
size_t rpc_lines_waiting(const struct rpc_lines *lines);
void rpc_lines_fini(struct rpc_lines *lines);

#endif
