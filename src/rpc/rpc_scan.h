/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A look at a line before it becomes values: how deep it is nested and how many values it would make.  Allocates nothing, reads each
 * byte once at most, and stops at the first one too many.
 */
#ifndef VMMQ_RPC_RPC_SCAN_H
#define VMMQ_RPC_RPC_SCAN_H

#include <stddef.h>

enum rpc_scan_result {
	RPC_SCAN_FITS,
	RPC_SCAN_DEEP, /* more than RPC_DEPTH_MAX levels */
	RPC_SCAN_MANY, /* more than RPC_TOKENS_MAX values and names */
};

/* struct rpc_scan: tokens: values and names of members up to where it stopped.  at: byte, from 0, of the first one too many. */
struct rpc_scan {
	size_t tokens;
	size_t at;
};

/*
 * rpc_scan counts in a line that may be no JSON at all: of what a JSON parser makes of it before it refuses it, there is never more
 * than was counted.
 */
enum rpc_scan_result rpc_scan(const char *line, size_t len, struct rpc_scan *scan);

#endif
