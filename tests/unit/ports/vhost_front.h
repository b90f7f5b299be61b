/* SPDX-License-Identifier: BSD-2-Clause */
/* A front end of ours, with one queue pair: rings of either kind, in memory of many regions, in which its guest puts what it likes. */
#ifndef VMMQ_UNIT_PORTS_VHOST_FRONT_H
#define VMMQ_UNIT_PORTS_VHOST_FRONT_H

#include "unit/virtio/ring_driver.h"

#include "unit/ports/ethdev_folder.h" /* after it: it has a variable of a name that others use */

#include "ports/port_spec.h"

#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#define FRONT_PROTOCOL_FEATURES (UINT64_C(1) << 30)
#define FRONT_RINGS_LEN         65536u

enum front_request {
	FRONT_GET_FEATURES = 1,
	FRONT_SET_FEATURES = 2,
	FRONT_SET_OWNER = 3,
	FRONT_SET_MEM_TABLE = 5,
	FRONT_SET_VRING_NUM = 8,
	FRONT_SET_VRING_ADDR = 9,
	FRONT_SET_VRING_BASE = 10,
	FRONT_GET_VRING_BASE = 11,
	FRONT_SET_VRING_KICK = 12,
	FRONT_SET_VRING_CALL = 13,
	FRONT_SET_VRING_ENABLE = 18,
};

/* ring: 0 receives, 1 transmits. */
struct front {
	int fd, event[4];
	struct guest_memory memory;
	struct driver ring[2];
};

static inline void front_say(struct front *front, uint32_t request, const void *payload, uint32_t len, const int *fd,
			     unsigned fds)
{
	const uint32_t header[3] = { request, 1, len };
	struct iovec iov[2] = { { (void *)(uintptr_t)header, sizeof(header) }, { (void *)(uintptr_t)payload, len } };
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * 8)] = { 0 };
	struct msghdr message = { .msg_iov = iov, .msg_iovlen = 2 };
	struct cmsghdr *c = (struct cmsghdr *)control;

	if (fds) {
		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * fds);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * fds);
		memcpy(CMSG_DATA(c), fd, sizeof(int) * fds);
	}
	assert_int_equal(sendmsg(front->fd, &message, MSG_NOSIGNAL), sizeof(header) + len);
}

static inline void front_share(struct front *front)
{
	struct {
		uint32_t count, zero;
		struct {
			uint64_t guest, size, user, offset;
		} region[8];
	} table = { .count = front->memory.memory.count };
	int fd[8];

	for (uint32_t i = 0; i < table.count; i++) {
		const struct virtio_region *region = &front->memory.memory.region[i];
		const size_t page = (size_t)sysconf(_SC_PAGESIZE);

		fd[i] = front->memory.mapping[i].fd;
		table.region[i].guest = region->guest;
		table.region[i].size = region->size;
		table.region[i].user = (uintptr_t)region->host;
		table.region[i].offset = front->memory.mapping[i].len - 2 * page - region->size;
	}
	front_say(front, FRONT_SET_MEM_TABLE, &table, 8 + 32 * table.count, fd, table.count);
}

static inline void front_ring_start(struct front *front, uint32_t number)
{
	const struct virtio_ring_params *params = &front->ring[number].params;
	const uint32_t num[2] = { number, params->size }, on[2] = { number, 1 };
	const uint32_t base[2] = { number,
				   params->packed ? params->avail | (uint32_t)params->used << 16 : params->avail };
	const uint64_t index = number;
	const struct {
		uint32_t index, flags;
		uint64_t descriptors, used, avail, log;
	} address = { number, 0, (uintptr_t)params->descriptors, (uintptr_t)params->device, (uintptr_t)params->driver,
		      0 };

	front_say(front, FRONT_SET_VRING_NUM, num, sizeof(num), NULL, 0);
	front_say(front, FRONT_SET_VRING_BASE, base, sizeof(base), NULL, 0);
	front_say(front, FRONT_SET_VRING_ADDR, &address, sizeof(address), NULL, 0);
	front_say(front, FRONT_SET_VRING_CALL, &index, sizeof(index), &front->event[2 * number], 1);
	front_say(front, FRONT_SET_VRING_KICK, &index, sizeof(index), &front->event[2 * number + 1], 1);
	front_say(front, FRONT_SET_VRING_ENABLE, on, sizeof(on), NULL, 0);
}

/* front_rings makes memory and both rings. */
static inline void front_rings(struct front *front, uint64_t features, uint16_t size)
{
	const bool packed = features & UINT64_C(1) << VIRTIO_F_RING_PACKED;
	struct virtio_ring_params params = { .size = size,
					     .packed = packed,
					     .event_index = features & UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX,
					     .indirect = features & UINT64_C(1) << VIRTIO_RING_F_INDIRECT_DESC };
	uint8_t *rings;

	guest_start(&front->memory);
	rings = guest_map(&front->memory, RINGS_AT, FRONT_RINGS_LEN);
	for (uint32_t number = 0; number < 2; number++) {
		void *part[3];

		for (unsigned i = 0; i < 3; i++) {
			part[i] = rings;
			rings += (driver_part_len(&params, i) + 15) / 16 * 16;
		}
		params.writable = number == 0;
		driver_start_at(&front->ring[number], &front->memory, params, packed ? WRAP_BIT : 0, part);
		front->ring[number].id_in_all = true; /* the library looks at the first */
	}
	for (unsigned i = 0; i < 4; i++)
		front->event[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

/* front_connect connects to the port at path, agrees on features, shares all memory, and starts both rings. */
static inline void front_connect(struct front *front, uint64_t features)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	front->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(connect(front->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	features |= FRONT_PROTOCOL_FEATURES;
	front_say(front, FRONT_SET_OWNER, NULL, 0, NULL, 0);
	front_say(front, FRONT_SET_FEATURES, &features, sizeof(features), NULL, 0);
	front_share(front);
	for (uint32_t number = 0; number < 2; number++)
		front_ring_start(front, number);
}

static inline void front_open(struct front *front, uint64_t features, uint16_t size)
{
	front_rings(front, features, size);
	front_connect(front, features);
}

static inline void front_close(struct front *front)
{
	close(front->fd);
	for (unsigned i = 0; i < 4; i++)
		close(front->event[i]);
	guest_stop(&front->memory);
}

/* front_host_open opens a port, by rings of our own or by the library's functions, and connects to it. */
static inline struct ethdev *front_host_open(struct front *front, uint64_t features, uint16_t size, bool by_library)
{
	struct port_spec spec = { .kind = PORT_VHOST_USER, .queues = 1 };
	struct ethdev_params params = rig_params(NULL, 1);
	char error[512] = "";
	struct ethdev *host;

	snprintf(spec.place, sizeof(spec.place), "%s", path);
	params.vhost = &spec;
	ethdev_vhost_by_library(by_library);
	host = ethdev_open(&params, error, sizeof(error));
	ethdev_vhost_by_library(false);
	assert_string_equal(error, "");
	assert_non_null(host);
	front_open(front, features, size);
	rig_until(rig_info(host).state == ETHDEV_UP);
	return host;
}

static inline void front_host_close(struct front *front, struct ethdev *host)
{
	front_close(front);
	ethdev_close(host);
	assert_nothing_lost();
}

#endif
