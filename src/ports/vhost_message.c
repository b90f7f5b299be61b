/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/vhost_message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FLAGS_VERSION_MASK 0x3u
#define FLAGS_VERSION      0x1u
#define RING_INDEX_MASK    0xFFu
#define RING_NO_FD         0x100u

static const char *const names[VHOST_MSG_COUNT] = {
	[1] = "GET_FEATURES",
	[2] = "SET_FEATURES",
	[3] = "SET_OWNER",
	[4] = "RESET_OWNER",
	[5] = "SET_MEM_TABLE",
	[6] = "SET_LOG_BASE",
	[7] = "SET_LOG_FD",
	[8] = "SET_VRING_NUM",
	[9] = "SET_VRING_ADDR",
	[10] = "SET_VRING_BASE",
	[11] = "GET_VRING_BASE",
	[12] = "SET_VRING_KICK",
	[13] = "SET_VRING_CALL",
	[14] = "SET_VRING_ERR",
	[15] = "GET_PROTOCOL_FEATURES",
	[16] = "SET_PROTOCOL_FEATURES",
	[17] = "GET_QUEUE_NUM",
	[18] = "SET_VRING_ENABLE",
	[19] = "SEND_RARP",
	[20] = "NET_SET_MTU",
	[21] = "SET_BACKEND_REQ_FD",
	[24] = "GET_CONFIG",
	[25] = "SET_CONFIG",
	[28] = "POSTCOPY_ADVISE",
	[29] = "POSTCOPY_LISTEN",
	[30] = "POSTCOPY_END",
	[31] = "GET_INFLIGHT_FD",
	[32] = "SET_INFLIGHT_FD",
	[39] = "SET_STATUS",
	[40] = "GET_STATUS",
};

const char *vhost_request_name(uint32_t request, char *room, size_t room_len)
{
	if (request < VHOST_MSG_COUNT && names[request])
		return names[request];
	snprintf(room, room_len, "request %u", (unsigned)request);
	return room;
}

void vhost_message_close_fds(struct vhost_message *message)
{
	while (message->fd_count)
		close(message->fd[--message->fd_count]);
}

/* fds_take adds what came with the bytes just read; false: more than a message may have. */
static bool fds_take(struct vhost_message *message, struct msghdr *received)
{
	bool fit = !(received->msg_flags & MSG_CTRUNC);

	for (struct cmsghdr *c = CMSG_FIRSTHDR(received); c; c = CMSG_NXTHDR(received, c)) {
		size_t count = c->cmsg_len > CMSG_LEN(0) ? (c->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			if (message->fd_count < VHOST_FDS_MAX) {
				message->fd[message->fd_count++] = fd;
			} else {
				close(fd);
				fit = false;
			}
		}
	}
	return fit;
}

/* message_header_check looks at a header as soon as it is whole: it says how much is to come. */
static bool message_header_check(const struct vhost_message *message, char *error, size_t error_len)
{
	if ((message->flags & FLAGS_VERSION_MASK) != FLAGS_VERSION) {
		snprintf(error, error_len, "it does not speak vhost-user version 1 (flags 0x%x)",
			 (unsigned)message->flags);
		return false;
	}
	if (message->size > VHOST_PAYLOAD_MAX) {
		snprintf(error, error_len, "it announces a message of %u bytes; at most %u is right",
			 (unsigned)message->size, VHOST_PAYLOAD_MAX);
		return false;
	}
	return true;
}

enum vhost_read vhost_message_read(int socket, struct vhost_message *message, size_t *have, char *error,
				   size_t error_len)
{
	for (;;) {
		size_t whole = *have < VHOST_HEADER_LEN ? VHOST_HEADER_LEN : VHOST_HEADER_LEN + message->size;
		_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * VHOST_FDS_MAX)];
		struct iovec iov = { *have < VHOST_HEADER_LEN ? message->header + *have
							      : message->payload + (*have - VHOST_HEADER_LEN),
				     whole - *have };
		struct msghdr received = {
			.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
		};
		ssize_t n;

		if (!*have)
			message->fd_count = 0;
		n = recvmsg(socket, &received, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return VHOST_READ_MORE;
		if (n <= 0)
			return VHOST_READ_END;
		*have += (size_t)n;
		if (!fds_take(message, &received)) {
			snprintf(error, error_len,
				 "it sends more than %u descriptors with a message, or more than "
				 "can be opened here",
				 VHOST_FDS_MAX);
			return VHOST_READ_BAD;
		}
		if (*have == VHOST_HEADER_LEN && !message_header_check(message, error, error_len))
			return VHOST_READ_BAD;
		if (*have >= VHOST_HEADER_LEN && *have == VHOST_HEADER_LEN + message->size) {
			*have = 0;
			return VHOST_READ_WHOLE;
		}
	}
}

bool vhost_message_send(int socket, const struct vhost_message *message)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * VHOST_FDS_MAX)] = { 0 };
	struct iovec iov[2] = { { (void *)(uintptr_t)message->header, VHOST_HEADER_LEN },
				{ (void *)(uintptr_t)message->payload, message->size } };
	struct msghdr sent = { .msg_iov = iov, .msg_iovlen = 2 };
	ssize_t n;

	if (message->fd_count) {
		struct cmsghdr *c = (struct cmsghdr *)control;

		sent.msg_control = control;
		sent.msg_controllen = CMSG_SPACE(sizeof(int) * message->fd_count);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * message->fd_count);
		memcpy(CMSG_DATA(c), message->fd, sizeof(int) * message->fd_count);
	}
	do
		n = sendmsg(socket, &sent, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)(VHOST_HEADER_LEN + message->size);
}

int vhost_message_ring(const struct vhost_message *message)
{
	switch (message->request) {
	case VHOST_MSG_SET_VRING_NUM:
	case VHOST_MSG_SET_VRING_ADDR:
	case VHOST_MSG_SET_VRING_BASE:
	case VHOST_MSG_GET_VRING_BASE:
	case VHOST_MSG_SET_VRING_ENABLE:
		return message->ring.index <= INT32_MAX ? (int)message->ring.index : INT32_MAX;
	case VHOST_MSG_SET_VRING_KICK:
	case VHOST_MSG_SET_VRING_CALL:
	case VHOST_MSG_SET_VRING_ERR:
		return (int)(message->number & RING_INDEX_MASK);
	default:
		return -1;
	}
}

/* message_size_needed: the library does not look whether what it reads of a payload has come. */
static uint32_t message_size_needed(uint32_t request)
{
	switch (request) {
	case VHOST_MSG_SET_FEATURES:
	case VHOST_MSG_SET_PROTOCOL_FEATURES:
	case VHOST_MSG_SET_VRING_NUM:
	case VHOST_MSG_SET_VRING_BASE:
	case VHOST_MSG_GET_VRING_BASE:
	case VHOST_MSG_SET_VRING_KICK:
	case VHOST_MSG_SET_VRING_CALL:
	case VHOST_MSG_SET_VRING_ERR:
	case VHOST_MSG_SET_VRING_ENABLE:
		return 8;
	case VHOST_MSG_SET_LOG_BASE:
		return 16;
	case VHOST_MSG_SET_VRING_ADDR:
		return 40;
	default:
		return 0;
	}
}

static bool check_size(const struct vhost_message *message, char *error, size_t error_len)
{
	uint32_t needed = message_size_needed(message->request);
	char room[32];

	if (message->size >= needed)
		return true;
	snprintf(error, error_len, "its %s has %u bytes; %u are needed",
		 vhost_request_name(message->request, room, sizeof(room)), (unsigned)message->size, (unsigned)needed);
	return false;
}

static bool check_ring(const struct vhost_message *message, unsigned rings, char *error, size_t error_len)
{
	int ring = vhost_message_ring(message);
	char room[32];

	if (ring < (int)rings)
		return true;
	snprintf(error, error_len,
		 "it has %d queue pairs or more (%s of ring %d), its VPort's backend %u: give it fewer, or "
		 "raise the backend's queues",
		 ring / 2 + 1, vhost_request_name(message->request, room, sizeof(room)), ring, rings / 2);
	return false;
}

static bool fd_is_eventfd(int fd)
{
	char path[32], target[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return errno == ENOENT; /* no /proc: it cannot be told */
	target[n] = '\0';
	return strstr(target, "eventfd");
}

/*
 * check_notifier: whatever blocks a writer would stop a processor that notifies the guest, so nothing but an eventfd that does not
 * block will do.
 */
static bool check_notifier(const struct vhost_message *message, char *error, size_t error_len)
{
	char room[32];
	const char *name = vhost_request_name(message->request, room, sizeof(room));
	bool none = message->number & RING_NO_FD;

	if (none && message->request != VHOST_MSG_SET_VRING_KICK && !message->fd_count)
		return true;
	if (none || message->fd_count != 1) {
		snprintf(error, error_len, "its %s has %s descriptor; one is needed", name,
			 none || !message->fd_count ? "no" : "more than one");
		return false;
	}
	if (!fd_is_eventfd(message->fd[0])) {
		snprintf(error, error_len, "its %s is not an eventfd", name);
		return false;
	}
	if (fcntl(message->fd[0], F_SETFL, O_RDWR | O_NONBLOCK) == 0)
		return true;
	snprintf(error, error_len, "its %s: an eventfd that cannot be set not to block: %s", name, strerror(errno));
	return false;
}

static bool fd_has(int fd, uint64_t offset, uint64_t size, uint64_t *length)
{
	struct stat st;

	*length = 0;
	if (fstat(fd, &st))
		return false;
	if (S_ISCHR(st.st_mode)) /* persistent memory: no file whose length changes */
		return true;
	*length = (uint64_t)st.st_size;
	return S_ISREG(st.st_mode) && size <= *length && offset <= *length - size;
}

static bool check_memory(const struct vhost_message *message, bool sealed, char *error, size_t error_len)
{
	uint32_t count = message->memory.count;

	if (!count || count > VHOST_FDS_MAX || message->fd_count != count ||
	    message->size < 8 + count * sizeof(message->memory.region[0])) {
		snprintf(error, error_len,
			 "its memory table has %u regions and %u descriptors; 1 to %u of each, as many, is "
			 "right",
			 (unsigned)count, message->fd_count, VHOST_FDS_MAX);
		return false;
	}
	for (uint32_t i = 0; i < count; i++) {
		uint64_t offset = message->memory.region[i].file_offset, size = message->memory.region[i].size,
			 length = 0;
		int seals = fcntl(message->fd[i], F_GET_SEALS);

		if (!size || !fd_has(message->fd[i], offset, size, &length)) {
			snprintf(error, error_len, "region %u of its memory is %llu bytes at %llu of a file of %llu",
				 (unsigned)i, (unsigned long long)size, (unsigned long long)offset,
				 (unsigned long long)length);
			return false;
		}
		if (sealed && (seals < 0 || !(seals & F_SEAL_SHRINK))) {
			snprintf(error, error_len,
				 "region %u of its memory can be made shorter: memory-backend-memfd with seal=on "
				 "is needed",
				 (unsigned)i);
			return false;
		}
	}
	return true;
}

static bool check_log(const struct vhost_message *message, char *error, size_t error_len)
{
	uint64_t length = 0;

	if (message->fd_count == 1 && message->log.size &&
	    fd_has(message->fd[0], message->log.offset, message->log.size, &length))
		return true;
	snprintf(error, error_len,
		 "its log of dirty pages (%u descriptors) is %llu bytes at %llu of a file that has less",
		 message->fd_count, (unsigned long long)message->log.size, (unsigned long long)message->log.offset);
	return false;
}

/* check_question: for one that does not belong there the library would hang up, and unmap memory that is in use. */
static bool check_question(const struct vhost_message *message, char *error, size_t error_len)
{
	char room[32];

	if (!message->fd_count)
		return true;
	snprintf(error, error_len, "its %s has a descriptor; none is needed",
		 vhost_request_name(message->request, room, sizeof(room)));
	return false;
}

bool vhost_message_check(const struct vhost_message *message, unsigned rings, bool sealed, char *error,
			 size_t error_len)
{
	if (!check_size(message, error, error_len) || !check_ring(message, rings, error, error_len))
		return false;
	switch (message->request) {
	case VHOST_MSG_GET_FEATURES:
	case VHOST_MSG_GET_PROTOCOL_FEATURES:
	case VHOST_MSG_GET_QUEUE_NUM:
		return check_question(message, error, error_len);
	case VHOST_MSG_SET_VRING_KICK:
	case VHOST_MSG_SET_VRING_CALL:
		return check_notifier(message, error, error_len);
	case VHOST_MSG_SET_MEM_TABLE:
		return check_memory(message, sealed, error, error_len);
	case VHOST_MSG_SET_LOG_BASE:
		return check_log(message, error, error_len);
	default:
		return true;
	}
}
