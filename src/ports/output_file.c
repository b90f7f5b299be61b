/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_LEN = 256 << 10 };

static const char partial_suffix[] = ".partial";

struct output_file {
	int fd;
	char *name;    /* as messages call the file */
	char *target;  /* what PATH is renamed to, symbolic links resolved; NULL: written directly */
	char *partial; /* target + ".partial"; NULL: written directly */
	char *buffer;  /* BUFFER_LEN bytes, of which used are waiting */
	size_t used;
	uint64_t done; /* bytes that the system has taken */
	int failure;   /* errno of the first failure; stays */
};

static const char *output_failure_text(int failure)
{
	switch (failure) {
	case ENOSPC:
		return "no space left on the device";
	case EDQUOT:
		return "the disk quota is used up";
	case EFBIG:
		return "the file is larger than the file system or 'ulimit -f' allows";
	case EPIPE:
		return "the program that reads it has gone (broken pipe)";
	default:
		return strerror(failure);
	}
}

static void output_free(struct output_file *out)
{
	if (!out)
		return;
	if (out->fd >= 0)
		close(out->fd);
	free(out->name);
	free(out->target);
	free(out->partial);
	free(out->buffer);
	free(out);
}

/* output_open_failed words the failure of open() for a file that is to be created; returns -1. */
static int output_open_failed(const struct output_file *out, const char *path, char *error, size_t error_len)
{
	int failure = errno;
	char *copy = strdup(path);
	const char *directory = copy ? dirname(copy) : "its directory";

	switch (failure) {
	case ENOENT:
		snprintf(error, error_len, "%s: the directory %s does not exist; create it first", out->name,
			 directory);
		break;
	case EACCES:
	case EROFS:
		snprintf(error, error_len, "%s: %s cannot be created: the directory %s must be writable (%s)",
			 out->name, path, directory, strerror(failure));
		break;
	default:
		snprintf(error, error_len, "%s: %s cannot be created: %s", out->name, path,
			 output_failure_text(failure));
	}
	free(copy);
	return -1;
}

static int output_open_direct(struct output_file *out, const char *path, char *error, size_t error_len)
{
	out->fd = open(path, O_WRONLY | O_CLOEXEC);
	if (out->fd >= 0)
		return 0;
	snprintf(error, error_len, "%s: cannot be opened for writing: %s", out->name, strerror(errno));
	return -1;
}

/*
 * output_partial_claim takes the partial file for this process, so that two runs with one PATH (or one PATH given twice) do
 * not write into each other.  The name is looked at again once locked: the other run may just have renamed the file.
 */
static int output_partial_claim(const struct output_file *out, char *error, size_t error_len)
{
	struct stat opened, named;
	/* A file system without locks answers otherwise, and is served without. */
	bool taken = flock(out->fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;

	if (fstat(out->fd, &opened) < 0 || !S_ISREG(opened.st_mode)) {
		snprintf(error, error_len, "%s: %s is in the way and not a regular file; remove it", out->name,
			 out->partial);
		return -1;
	}
	if (taken || lstat(out->partial, &named) < 0 || opened.st_dev != named.st_dev ||
	    opened.st_ino != named.st_ino) {
		snprintf(error, error_len, "%s: is being written already, as %s; give each output its own path",
			 out->name, out->partial);
		return -1;
	}
	if (ftruncate(out->fd, 0) < 0) {
		snprintf(error, error_len, "%s: %s: %s", out->name, out->partial, strerror(errno));
		return -1;
	}
	return 0;
}

/* output_open_partial takes over out->target; old: the file that will be replaced, or NULL. */
static int output_open_partial(struct output_file *out, const struct stat *old, char *error, size_t error_len)
{
	if (asprintf(&out->partial, "%s%s", out->target, partial_suffix) < 0) {
		out->partial = NULL;
		snprintf(error, error_len, "%s: out of memory", out->name);
		return -1;
	}
	/* O_NONBLOCK: should a pipe be lying there, the answer is an error and not a wait. */
	out->fd = open(out->partial, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
	if (out->fd < 0)
		return output_open_failed(out, out->partial, error, error_len);
	if (output_partial_claim(out, error, error_len) < 0)
		return -1;
	if (old && fchmod(out->fd, old->st_mode & 0777) < 0) {
		snprintf(error, error_len, "%s: %s: %s", out->name, out->partial, strerror(errno));
		return -1;
	}
	return 0;
}

static int output_open_existing(struct output_file *out, const char *path, const struct stat *st, char *error,
				size_t error_len)
{
	if (S_ISDIR(st->st_mode)) {
		snprintf(error, error_len, "%s: is a directory; the path of a file is needed", path);
		return -1;
	}
	if (!S_ISREG(st->st_mode))
		return output_open_direct(out, path, error, error_len);
	/* Renaming would also replace a file that its owner has made read-only; that is not ours to do. */
	if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0) {
		snprintf(error, error_len, "%s: exists and is not writable (%s)", path, strerror(errno));
		return -1;
	}
	out->target = realpath(path, NULL);
	if (!out->target) {
		snprintf(error, error_len, "%s: %s", path, strerror(errno));
		return -1;
	}
	return output_open_partial(out, st, error, error_len);
}

static int output_open_new(struct output_file *out, const char *path, char *error, size_t error_len)
{
	struct stat st;

	if (lstat(path, &st) == 0) {
		snprintf(error, error_len,
			 "%s: is a symbolic link to something that does not exist; name the file itself", path);
		return -1;
	}
	out->target = strdup(path);
	if (!out->target) {
		snprintf(error, error_len, "%s: out of memory", path);
		return -1;
	}
	return output_open_partial(out, NULL, error, error_len);
}

static int output_open(struct output_file *out, const char *path, char *error, size_t error_len)
{
	struct stat st;

	if (strcmp(path, "-") == 0) {
		out->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
		if (out->fd < 0)
			snprintf(error, error_len, "%s: %s", out->name, strerror(errno));
		return out->fd < 0 ? -1 : 0;
	}
	if (stat(path, &st) == 0)
		return output_open_existing(out, path, &st, error, error_len);
	size_t len = strlen(path);

	if (len == 0 || path[len - 1] == '/') {
		snprintf(error, error_len, "\"%s\": is not the path of a file", path);
		return -1;
	}
	if (errno == ENOENT)
		return output_open_new(out, path, error, error_len);
	snprintf(error, error_len, "%s: %s", path, strerror(errno));
	return -1;
}

bool output_file_partial(const char *path, char partial[OUTPUT_PARTIAL_MAX])
{
	char target[PATH_MAX];
	struct stat found;
	int len;

	if (strcmp(path, "-") == 0 || (stat(path, &found) == 0 && !S_ISREG(found.st_mode)))
		return false;
	len = snprintf(partial, OUTPUT_PARTIAL_MAX, "%s%s", realpath(path, target) ? target : path, partial_suffix);
	return len > 0 && len < OUTPUT_PARTIAL_MAX;
}

struct output_file *output_file_open(const char *path, char *error, size_t error_len)
{
	struct output_file *out = calloc(1, sizeof(*out));

	if (out) {
		out->fd = -1;
		out->name = strdup(strcmp(path, "-") == 0 ? "standard output" : path);
		out->buffer = malloc(BUFFER_LEN);
	}
	if (!out || !out->name || !out->buffer) {
		snprintf(error, error_len, "%s: out of memory", path);
		output_free(out);
		return NULL;
	}
	if (output_open(out, path, error, error_len) < 0) {
		output_free(out);
		return NULL;
	}
	return out;
}

/* output_wait_writable waits until fd takes bytes again: standard output may have been made non-blocking by others. */
static void output_wait_writable(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };

	poll(&poll_fd, 1, -1);
}

static void output_flush(struct output_file *out)
{
	const char *data = out->buffer;

	while (out->used > 0 && !out->failure) {
		ssize_t written = write(out->fd, data, out->used);

		if (written >= 0) {
			data += written;
			out->used -= (size_t)written;
			out->done += (uint64_t)written;
		} else if (errno == EAGAIN) {
			output_wait_writable(out->fd);
		} else if (errno != EINTR) {
			out->failure = errno;
		}
	}
}

void output_file_write(struct output_file *out, const void *data, size_t len)
{
	const char *from = data;

	while (len > 0 && !out->failure) {
		size_t room = BUFFER_LEN - out->used;
		size_t part = len < room ? len : room;

		memcpy(out->buffer + out->used, from, part);
		out->used += part;
		from += part;
		len -= part;
		if (out->used == BUFFER_LEN)
			output_flush(out);
	}
}

bool output_file_failed(const struct output_file *out)
{
	return out->failure != 0;
}

/* output_sync_directory makes the rename last.  The file's bytes are safe already: failures here are not the run's. */
static void output_sync_directory(const char *path)
{
	char *copy = strdup(path);
	int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(copy);
}

/* output_commit turns PATH.partial into PATH.  Sets out->failure where that is not possible. */
static void output_commit(struct output_file *out)
{
	if (!out->partial)
		return;
	if (fsync(out->fd) < 0 || rename(out->partial, out->target) < 0)
		out->failure = errno;
	else
		output_sync_directory(out->target);
}

/* output_leave ends a file that has failed: PATH.partial stays only if there is something in it. */
static const char *output_leave(const struct output_file *out)
{
	if (!out->partial)
		return "";
	if (out->done > 0)
		return out->partial;
	unlink(out->partial);
	return "";
}

int output_file_finish(struct output_file *out, char *error, size_t error_len)
{
	output_flush(out);
	if (!out->failure)
		output_commit(out);
	int status = out->failure ? -1 : 0;

	if (status < 0) {
		const char *left = output_leave(out);

		snprintf(error, error_len, "%s: %s after %" PRIu64 " bytes%s%s", out->name,
			 output_failure_text(out->failure), out->done, *left ? "; what was written is in " : "",
			 left);
	}
	output_free(out);
	return status;
}

void output_file_abandon(struct output_file *out, char *partial, size_t partial_len)
{
	output_flush(out);
	snprintf(partial, partial_len, "%s", output_leave(out));
	output_free(out);
}
