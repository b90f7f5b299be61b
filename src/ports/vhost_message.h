/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages of the vhost-user protocol (QEMU's docs/interop/vhost-user), as far as the relay between a front end and the library
 * must know them: where a message ends, and what in it could hurt others than its sender.
 */
#ifndef VMMQ_PORTS_VHOST_MESSAGE_H
#define VMMQ_PORTS_VHOST_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VHOST_HEADER_LEN  12u
#define VHOST_PAYLOAD_MAX 1024u /* the library takes none longer */
#define VHOST_FDS_MAX     8u
#define VHOST_RINGS_MAX   256u

enum vhost_request {
	VHOST_MSG_GET_FEATURES = 1,
	VHOST_MSG_SET_FEATURES = 2,
	VHOST_MSG_SET_MEM_TABLE = 5,
	VHOST_MSG_SET_LOG_BASE = 6,
	VHOST_MSG_SET_LOG_FD = 7,
	VHOST_MSG_SET_VRING_NUM = 8,
	VHOST_MSG_SET_VRING_ADDR = 9,
	VHOST_MSG_SET_VRING_BASE = 10,
	VHOST_MSG_GET_VRING_BASE = 11,
	VHOST_MSG_SET_VRING_KICK = 12,
	VHOST_MSG_SET_VRING_CALL = 13,
	VHOST_MSG_SET_VRING_ERR = 14,
	VHOST_MSG_GET_PROTOCOL_FEATURES = 15,
	VHOST_MSG_SET_PROTOCOL_FEATURES = 16,
	VHOST_MSG_GET_QUEUE_NUM = 17,
	VHOST_MSG_SET_VRING_ENABLE = 18,
	VHOST_MSG_COUNT = 64,
};

/* A message, with the descriptors that came with it: they are the holder's to close. */
struct vhost_message {
	union {
		struct {
			uint32_t request, flags, size;
		};
		uint8_t header[VHOST_HEADER_LEN];
	};
	union {
		uint8_t payload[VHOST_PAYLOAD_MAX];
		uint64_t number;
		struct {
			uint32_t index, value;
		} ring;
		struct {
			uint32_t count, unused;
			struct {
				uint64_t guest_address, size, user_address, file_offset;
			} region[VHOST_FDS_MAX];
		} memory;
		struct {
			uint64_t size, offset;
		} log;
	};
	int fd[VHOST_FDS_MAX];
	unsigned fd_count;
};

/*
 * vhost_message_read goes on reading a message from a non-blocking socket; *have counts the bytes that are there, 0 at first, and 0
 * again once a message is whole.  MORE: its rest has not come yet.  END: the other end has left, or the connection failed.
 * BAD: it is none, with a sentence in error.
 */
enum vhost_read { VHOST_READ_MORE, VHOST_READ_WHOLE, VHOST_READ_END, VHOST_READ_BAD };
enum vhost_read vhost_message_read(int socket, struct vhost_message *message, size_t *have, char *error,
				   size_t error_len);

/* vhost_message_send: false: the other end has left, or does not read what it is sent.  The descriptors are not closed. */
bool vhost_message_send(int socket, const struct vhost_message *message);
void vhost_message_close_fds(struct vhost_message *message);

/* "SET_MEM_TABLE"; "request 77". */
const char *vhost_request_name(uint32_t request, char *room, size_t room_len);

/*
 * vhost_message_ring returns the ring that a message is about, -1: none.
 * vhost_message_check says whether the message may go on to the library: its ring is one of the front end's rings, its descriptors
 * are what they must be, memory is as long as it says, and, with sealed, cannot be made shorter.  false: a sentence in error.
 */
int vhost_message_ring(const struct vhost_message *message);
bool vhost_message_check(const struct vhost_message *message, unsigned rings, bool sealed, char *error,
			 size_t error_len);

#endif
