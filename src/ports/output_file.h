/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A result file that never poses as complete when it is not: written as PATH.partial and renamed to PATH by
 * output_file_finish(); a run that fails leaves PATH as it was and what was done so far in PATH.partial.  A PATH that
 * is not a regular file ("-" = standard output, /dev/full, a pipe) is written directly.  Buffered; one thread.
 */
#ifndef VMMQ_PORTS_OUTPUT_FILE_H
#define VMMQ_PORTS_OUTPUT_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct output_file;

/*
 * output_file_open returns NULL with a message in error (names the path and what would be right).
 * A symbolic link is followed: the file behind it is replaced.  A PATH that exists keeps its permissions, and must be
 * writable; it must not be a directory.  PATH.partial from an earlier run is overwritten; one that another process
 * is writing now is refused.
 */
struct output_file *output_file_open(const char *path, char *error, size_t error_len);

/*
 * output_file_partial writes PATH.partial of a PATH that would be written so, symbolic links followed.  false: it would be written
 * directly, or the name is too long.
 */
#define OUTPUT_PARTIAL_MAX (PATH_MAX + 16)
bool output_file_partial(const char *path, char partial[OUTPUT_PARTIAL_MAX]);

/*
 * output_file_write appends len bytes.  The first failure sticks: later calls do nothing.
 * The caller ignores SIGPIPE (signal(SIGPIPE, SIG_IGN)), or a reader that goes away ends the process; then it is a
 * failure like others.
 */
void output_file_write(struct output_file *out, const void *data, size_t len);

/*
 * output_file_failed tells whether a write has failed, so that a long job may stop early.  A full disk shows
 * within 256 KiB.
 */
bool output_file_failed(const struct output_file *out);

/*
 * output_file_finish flushes, syncs to disk, renames and frees.  Returns 0, or -1 with a message in error that says
 * what failed (disk full, …), after how many bytes, and where what was written is; out is freed either way.
 * output_file_abandon flushes what it can, leaves PATH.partial behind (removed when nothing was written), frees, and
 * puts that file's name into partial (partial_len bytes; "" when there is none).
 */
int output_file_finish(struct output_file *out, char *error, size_t error_len);
void output_file_abandon(struct output_file *out, char *partial, size_t partial_len);

#endif
