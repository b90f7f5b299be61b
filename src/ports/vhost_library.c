/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A connection in DPDK's vhost library.  It connects as a client, without ever trying again, to a socket of ours that is there for
 * that moment only: so the library watches one descriptor for a front end, in either mode, and has room for 1,000 of them.
 */
#include "ports/vhost_user.h"

#include <errno.h>
#include <rte_vhost.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "virtio/virtio_header.h"

/* What does not work from end to end is not offered; of TSO, the library's burst functions have nothing that we use. */
#define NEVER_OFFERED                                                                                                \
	(VIRTIO_FEATURE(VIRTIO_NET_F_HOST_UFO) | VIRTIO_FEATURE(VIRTIO_NET_F_HOST_ECN) |                             \
	 VIRTIO_FEATURE(VIRTIO_NET_F_GUEST_UFO) | VIRTIO_FEATURE(VIRTIO_NET_F_GUEST_ECN) |                           \
	 VIRTIO_FEATURE(VIRTIO_NET_F_GSO))
#define NOT_BY_LIBRARY                                                                                               \
	(VIRTIO_FEATURE(VIRTIO_NET_F_HOST_TSO4) | VIRTIO_FEATURE(VIRTIO_NET_F_HOST_TSO6) |                           \
	 VIRTIO_FEATURE(VIRTIO_NET_F_GUEST_TSO4) | VIRTIO_FEATURE(VIRTIO_NET_F_GUEST_TSO6))

/*
 * Without the channel back to the front end: the library waits for answers on it.  Without the log of descriptors in flight: a net
 * device has none, and it is a file that front ends could cut off.
 */
#define PROTOCOL_OFFERED                                                                                             \
	(VIRTIO_FEATURE(VHOST_USER_PROTOCOL_F_MQ) | VIRTIO_FEATURE(VHOST_USER_PROTOCOL_F_LOG_SHMFD) |                \
	 VIRTIO_FEATURE(VHOST_USER_PROTOCOL_F_RARP) | VIRTIO_FEATURE(VHOST_USER_PROTOCOL_F_REPLY_ACK) |              \
	 VIRTIO_FEATURE(VHOST_USER_PROTOCOL_F_NET_MTU) | VIRTIO_FEATURE(VHOST_USER_PROTOCOL_F_STATUS))

/* By the library's number.  Written before its thread knows of it; no callback of an old one comes after vhost_library_leave(). */
static struct vhost_link *_Atomic link_of[RTE_MAX_VHOST_DEVICE];

static struct vhost_link *joining; /* that connects just now.  Relay. */
static unsigned joined_before;

static struct vhost_link *library_link(int vid)
{
	return vid >= 0 && vid < RTE_MAX_VHOST_DEVICE ? atomic_load_explicit(&link_of[vid], memory_order_acquire)
						      : NULL;
}

static enum rte_vhost_msg_result library_message(int vid, void *message)
{
	struct vhost_link *link = library_link(vid);

	(void)message;
	if (link)
		vhost_memory_message(link);
	return RTE_VHOST_MSG_RESULT_NOT_HANDLED;
}

static struct rte_vhost_user_extern_ops extern_ops = { .pre_msg_handle = library_message };

/* library_connected comes on the relay's thread, out of rte_vhost_driver_start(). */
static int library_connected(int vid)
{
	if (!joining || vid < 0 || vid >= RTE_MAX_VHOST_DEVICE)
		return -1;
	joining->vid = vid;
	atomic_store_explicit(&link_of[vid], joining, memory_order_release);
	rte_vhost_extern_callback_register(vid, &extern_ops, NULL);
	return 0;
}

static int library_started(int vid)
{
	struct vhost_link *link = library_link(vid);

	if (link)
		atomic_store_explicit(&link->running, true, memory_order_release);
	return 0;
}

/*
 * library_stopped: the library frees the device next.  When a front end made it stop, the relay has shut processors out; when the
 * library does it by itself, this does.
 */
static void library_stopped(int vid)
{
	struct vhost_link *link = library_link(vid);

	if (!link)
		return;
	atomic_store_explicit(&link->running, false, memory_order_release);
	ethdev_queues_stop(link->of->port);
}

static int library_ring(int vid, uint16_t ring, int enabled)
{
	struct vhost_link *link = library_link(vid);

	if (link && ring < VHOST_RINGS_MAX)
		atomic_store_explicit(&link->ring_enabled[ring], enabled, memory_order_release);
	return 0;
}

static const struct rte_vhost_device_ops library_ops = {
	.new_connection = library_connected,
	.new_device = library_started,
	.destroy_device = library_stopped,
	.vring_state_changed = library_ring,
};

/* folder_make makes a directory that only we may enter. */
static bool folder_make(char *folder, size_t len)
{
	static const char *const places[] = { "/run", "/dev/shm", "/tmp" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(folder, len, "%s/vmmq-vhost-XXXXXX", places[i]);
		if (mkdtemp(folder))
			return true;
	}
	return false;
}

static int library_listen(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 1) == 0)
		return fd;
	close(fd);
	return -1;
}

/* library_register tells the library of a connection, with all that it is to offer. */
static bool library_register(const struct vhost_link *link)
{
	const struct vhost_port *vhost = link->of;
	uint64_t flags = RTE_VHOST_USER_CLIENT | RTE_VHOST_USER_NO_RECONNECT | RTE_VHOST_USER_NET_COMPLIANT_OL_FLAGS;
	uint64_t protocol = PROTOCOL_OFFERED;
	uint64_t without = NEVER_OFFERED | vhost->features_off | (vhost->by_library ? NOT_BY_LIBRARY : 0);

	if (vhost->by_library)
		flags |= RTE_VHOST_USER_LINEARBUF_SUPPORT;
	if (vhost->postcopy) {
		flags |= RTE_VHOST_USER_POSTCOPY_SUPPORT;
		protocol |= VIRTIO_FEATURE(VHOST_USER_PROTOCOL_F_PAGEFAULT);
	}
	if (rte_vhost_driver_register(link->path, flags))
		return false;
	if (!rte_vhost_driver_callback_register(link->path, &library_ops) &&
	    !rte_vhost_driver_disable_features(link->path, without) &&
	    !rte_vhost_driver_set_protocol_features(link->path, protocol))
		return true;
	rte_vhost_driver_unregister(link->path);
	return false;
}

int vhost_library_join(struct vhost_link *link, char *error, size_t error_len)
{
	int listener, fd = -1;
	char folder[64];

	if (!folder_make(folder, sizeof(folder))) {
		snprintf(error, error_len, "no directory can be made in /run, /dev/shm or /tmp: %s", strerror(errno));
		return -1;
	}
	snprintf(link->path, sizeof(link->path), "%s/%u", folder, joined_before++);
	listener = library_listen(link->path);
	if (listener < 0) {
		snprintf(error, error_len, "%s: %s", link->path, strerror(errno));
		rmdir(folder);
		return -1;
	}
	joining = link;
	if (library_register(link)) {
		if (rte_vhost_driver_start(link->path) == 0 && link->vid >= 0)
			fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			vhost_library_leave(link);
	}
	joining = NULL;
	close(listener);
	unlink(link->path);
	rmdir(folder);
	if (fd < 0)
		snprintf(error, error_len, "DPDK's vhost library has no room for another front end: it takes %d",
			 RTE_MAX_VHOST_DEVICE);
	return fd;
}

void vhost_library_leave(struct vhost_link *link)
{
	rte_vhost_driver_unregister(link->path);
	if (link->vid >= 0)
		atomic_store_explicit(&link_of[link->vid], NULL, memory_order_release);
	link->vid = -1;
}
