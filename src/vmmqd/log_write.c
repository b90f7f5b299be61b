/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmqd/log_write.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static uint64_t lost;                                    /* lines since the last one that was taken */
static int lost_reason;                                  /* errno of the first of them */
static bool torn;                                        /* the last line was taken in part, without its end */

/*
 * log_take offers bytes once.  A pipe or terminal says with POLLOUT that a page fits, which is more than a line; a full socket
 * refuses.  Returns how many bytes were taken, or -1 with errno.
 */
static ssize_t log_take(int fd, const char *bytes, size_t len)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLOUT };
	ssize_t taken = send(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (taken >= 0 || errno != ENOTSOCK)
		return taken;
	if (poll(&pollfd, 1, 0) == 1 && !(pollfd.revents & POLLOUT) && pollfd.revents & (POLLERR | POLLHUP)) {
		errno = EPIPE;
		return -1;
	}
	if (!(pollfd.revents & POLLOUT)) {
		errno = EAGAIN;
		return -1;
	}
	return write(fd, bytes, len);
}

/* log_take_line offers a whole line; false with errno when not all of it was taken. */
static bool log_take_line(int fd, const char *line, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t taken = log_take(fd, line + done, len - done);

		if (taken <= 0) {
			torn = torn || done;
			return false;
		}
		done += (size_t)taken;
	}
	torn = false;
	return true;
}

static const char *reason_text(int reason)
{
	switch (reason) {
	case EAGAIN:
		return "nobody read them";
	case EFBIG:
		return "the file is as large as the file system or RLIMIT_FSIZE allows";
	default:
		return strerror(reason);
	}
}

/* tell_lost says what is missing; prefix: what its line begins with. */
static bool tell_lost(int fd, const char *prefix, size_t prefix_len)
{
	char text[512];
	int len = snprintf(text, sizeof(text), "%s%.*slog: %llu line%s lost before this one: %s\n", torn ? "\n" : "",
			   (int)prefix_len, prefix, (unsigned long long)lost, lost == 1 ? " was" : "s were",
			   reason_text(lost_reason));

	return len > 0 && len < (int)sizeof(text) && log_take_line(fd, text, (size_t)len);
}

void log_write(int fd, const char *line, size_t len, size_t prefix_len)
{
	pthread_mutex_lock(&lock);
	if (lost && tell_lost(fd, line, prefix_len))
		lost = 0;
	if (lost || !log_take_line(fd, line, len))
		lost_reason = lost++ ? lost_reason : errno;
	pthread_mutex_unlock(&lock);
}
