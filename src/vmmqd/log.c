/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmqd/log.h"
#include "vmmqd/log_write.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_LEN 2048

static const char *const names[] = {
	[LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARNING] = "warning", [LOG_LEVEL_NOTICE] = "notice",
	[LOG_LEVEL_INFO] = "info",   [LOG_LEVEL_DEBUG] = "debug",
};

static int log_level = LOG_LEVEL_NOTICE;
static bool to_journal;

bool log_level_parse(const char *name, int *level)
{
	for (int i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++)
		if (strcmp(names[i], name) == 0) {
			*level = i;
			return true;
		}
	return false;
}

/* stderr_is_journal: JOURNAL_STREAM names the device and inode of the stream that goes there (systemd.exec(5)). */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat found;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(STDERR_FILENO, &found) == 0 &&
	       found.st_dev == device && found.st_ino == inode;
}

void log_open(int level)
{
	log_level = level;
	to_journal = stderr_is_journal();
}

bool log_wants(int level)
{
	return level <= log_level;
}

static size_t log_prefix(int level, char *line, size_t size)
{
	struct timespec now;
	struct tm local;
	size_t len;

	if (to_journal)
		return (size_t)snprintf(line, size, "<%d>", level);
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &local);
	len = strftime(line, size, "%Y-%m-%d %H:%M:%S", &local);
	return len + (size_t)snprintf(line + len, size - len, ".%03ld %s: ", now.tv_nsec / 1000000, names[level]);
}

void log_line(int level, const char *format, ...)
{
	char line[LINE_MAX_LEN];
	size_t len, prefix_len;
	va_list args;

	if (!log_wants(level))
		return;
	prefix_len = len = log_prefix(level, line, sizeof(line));
	va_start(args, format);
	vsnprintf(line + len, sizeof(line) - len - 1, format, args);
	va_end(args);
	for (char *c = line + len; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	len = strlen(line);
	line[len++] = '\n';
	log_write(STDERR_FILENO, line, len, prefix_len);
}
