/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_BASE_FILE_READ_H
#define VMMQ_BASE_FILE_READ_H

#include <stddef.h>

/*
 * file_read reads a whole file, or standard input for "-", of at most max bytes, and puts a NUL behind them.  The result
 * is the caller's, for free(), *len its bytes without that NUL.  NULL: errno, EFBIG where there is more.
 */
char *file_read(const char *path, size_t max, size_t *len);

/*
 * file_read_regular does so, but never waits: what is no regular file (a pipe, a terminal, standard input) is not opened for longer than
 * it takes to see that.  errno: ESPIPE.
 */
char *file_read_regular(const char *path, size_t max, size_t *len);

/* file_read_rest does the same with what an open file, a pipe or a terminal has left. */
char *file_read_rest(int fd, size_t max, size_t *len);

#endif
