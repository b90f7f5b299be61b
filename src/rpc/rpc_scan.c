/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/rpc_scan.h"

#include <stdbool.h>

#include "rpc/rpc_budget.h"

/* string_end returns where the text ends whose opening quote is at that place: behind its closing quote. */
static size_t string_end(const char *line, size_t len, size_t at)
{
	for (at++; at < len; at++) {
		if (line[at] == '\\')
			at++;
		else if (line[at] == '"')
			return at + 1;
	}
	return len;
}

static bool is_between(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || c == ':';
}

static bool is_bracket(char c)
{
	return c == '{' || c == '[' || c == '}' || c == ']';
}

/* word_end: a number, true, or what is no JSON. */
static size_t word_end(const char *line, size_t len, size_t at)
{
	while (at < len && !is_between(line[at]) && !is_bracket(line[at]) && line[at] != '"')
		at++;
	return at;
}

static size_t token_end(const char *line, size_t len, size_t at)
{
	if (line[at] == '"')
		return string_end(line, len, at);
	return is_bracket(line[at]) ? at + 1 : word_end(line, len, at);
}

enum rpc_scan_result rpc_scan(const char *line, size_t len, struct rpc_scan *scan)
{
	unsigned depth = 0;

	*scan = (struct rpc_scan){ 0 };
	while (scan->at < len) {
		char c = line[scan->at];

		if (is_between(c)) {
			scan->at++;
			continue;
		}
		if (c == '}' || c == ']') {
			depth -= depth != 0;
			scan->at++;
			continue;
		}
		if ((c == '{' || c == '[') && ++depth > RPC_DEPTH_MAX)
			return RPC_SCAN_DEEP;
		if (++scan->tokens > RPC_TOKENS_MAX)
			return RPC_SCAN_MANY;
		scan->at = token_end(line, len, scan->at);
	}
	return RPC_SCAN_FITS;
}
