/* SPDX-License-Identifier: BSD-2-Clause */
/* The log: a line at a time on standard error, for the journal, a terminal or a file.  Any thread. */
#ifndef VMMQD_LOG_H
#define VMMQD_LOG_H

#include <stdbool.h>

/* As in syslog(3). */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

bool log_level_parse(const char *name, int *level);

/* log_open: lines of level and below (worse) are written.  With <N> in front when standard error is the journal's. */
void log_open(int level);
bool log_wants(int level);

/* log_line writes one line; control characters in it become '?'. */
__attribute__((format(printf, 2, 3))) void log_line(int level, const char *format, ...);

#endif
