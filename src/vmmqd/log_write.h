/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQD_LOG_WRITE_H
#define VMMQD_LOG_WRITE_H

#include <stddef.h>

/*
 * log_write writes a whole line, of at most 2 KiB with its end, to a file, pipe, socket or terminal.  It does not wait for one who
 * does not read: what is not taken (nobody reads, the disk is full) is lost and counted, and the next line that is taken has one
 * before it that says how many were lost and why, and begins as that one does with prefix_len bytes.  Any thread.
 */
void log_write(int fd, const char *line, size_t len, size_t prefix_len);

#endif
