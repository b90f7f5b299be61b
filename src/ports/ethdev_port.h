/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of ethdev share: a port, its queues, and the steps that are neither opening nor the packet's path.
 * Fields are the control thread's unless the comment names somebody else.
 */
#ifndef VMMQ_PORTS_ETHDEV_PORT_H
#define VMMQ_PORTS_ETHDEV_PORT_H

#include "ports/ethdev.h"

#include <rte_ethdev.h>
#include <stdalign.h>
#include <stdatomic.h>

/* Kinds of driver whose manners differ from those of a NIC. */
enum ethdev_kind {
	ETHDEV_KIND_OTHER,
	ETHDEV_KIND_AF_PACKET,
	ETHDEV_KIND_AF_XDP,
	ETHDEV_KIND_TAP,
	ETHDEV_KIND_VIRTIO_USER,
	ETHDEV_KIND_MEMIF,
	ETHDEV_KIND_VHOST_USER, /* no driver of DPDK's */
};

/*
 * enabled: may be used; cleared when the peer leaves or the device is gone (event thread: w, processor: r acquire).
 * busy: a processor is inside the driver (processor: w, event thread: r acquire).
 * Both together keep processors out of a device that the event thread is about to free: see ethdev_queue_enter().
 */
struct ethdev_queue {
	alignas(64) _Atomic bool enabled;
	_Atomic bool busy;
	_Atomic uint64_t dropped;        /* transmit: frames that the driver could never take (processor: rw) */
	_Atomic uint64_t packets, bytes; /* vhost-user; likewise */

	int fd;               /* receive: what a sleeper waits on; -1: none */
	bool edge;            /* fd is an epoll of ours, which ethdev_arm() empties */
	bool armed, received; /* receive: since the last ethdev_arm() (processor: rw) */
};

struct ethdev {
	struct vhost_port *vhost; /* a vhost-user port; NULL: a DPDK device */
	struct ethdev *next;      /* the list of open ports */
	uint16_t id;              /* DPDK's */
	enum ethdev_kind kind;
	char name[64];
	char driver[32];
	char interface[108]; /* kernel interface or socket */
	unsigned ifindex;    /* kernel interface in this namespace; 0: none to watch */
	struct rte_mempool *pool;
	bool linear;           /* the driver takes frames of one segment only */
	bool made_promiscuous; /* the kernel interface, which was not before */

	_Atomic bool changed; /* event thread: w */
	_Atomic bool gone;
	_Atomic bool running; /* the kernel interface has a carrier */
	int wake_fd;          /* eventfd in every edge fd: sleepers arm again after the peer has come or gone */

	uint16_t rx_queues, tx_queues;
	struct ethdev_queue *rx, *tx;
	struct ethdev_counters counters; /* as last read */
	uint32_t rss_types;              /* as in struct ethdev_info */
	uint8_t rss_key[VMMQ_KEY_LEN];
	bool rss_reported; /* the driver writes hashes to packets */
};

/* The driver's name ("net_vhost"; "" for what is no virtual device), and its kernel interface or socket, "" if none. */
void ethdev_devargs_driver(const char *devargs, char *driver, size_t driver_len);
void ethdev_devargs_interface(const char *devargs, char *interface, size_t interface_len);

/*
 * ethdev_said: DPDK and its drivers report failures to their log only.  _begin diverts it into memory, _end puts it back
 * and writes the first line said, without its line end ("" if nothing was).  Control thread only.
 */
void ethdev_said_begin(void);
void ethdev_said_end(char *line, size_t line_len);

/*
 * Events and states.  ethdev_watch puts the port on the list and has DPDK tell its events; ethdev_interface_look asks the
 * kernel for the interface's state now; later changes come by netlink.
 */
int ethdev_events_init(void); /* 0, or -1: no descriptors left */
void ethdev_watch(struct ethdev *port);
void ethdev_unwatch(struct ethdev *port);
void ethdev_interface_look(struct ethdev *port);
bool ethdev_interface_promiscuous(const struct ethdev *port);
void ethdev_notify(struct ethdev *port);
bool ethdev_in_use(const struct ethdev *wanted);     /* its name is an open port's */
bool ethdev_memif_shared(const struct ethdev *port); /* its socket is another open memif port's as well */

/*
 * ethdev_queues_start lets processors into the driver; ethdev_queues_stop shuts them out, and returns when none is
 * inside any more (membarrier(2) there takes the place of a fence here, which each burst would pay for).
 */
void ethdev_queues_start(struct ethdev *port);
void ethdev_queues_stop(struct ethdev *port);

static inline void ethdev_queue_leave(struct ethdev_queue *queue)
{
	atomic_store_explicit(&queue->busy, false, memory_order_release);
}

static inline bool ethdev_queue_enter(struct ethdev_queue *queue)
{
	atomic_store_explicit(&queue->busy, true, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&queue->enabled, memory_order_acquire))
		return true;
	ethdev_queue_leave(queue);
	return false;
}

/*
 * ethdev_fds_list writes the packet and XDP sockets that this process has.  ethdev_interrupts_open finds every receive
 * queue's fd once the device has started; before: the list from before the device was made.
 */
struct ethdev_fds {
	int count;
	int fd[1024];
};
void ethdev_fds_list(struct ethdev_fds *fds);
int ethdev_interrupts_open(struct ethdev *port, const struct ethdev_fds *before);
void ethdev_interrupts_close(struct ethdev *port);
/* ethdev_edge_open makes a receive queue's descriptor: readable after the port's wake_fd, and whatever is added to it. */
int ethdev_edge_open(struct ethdev *port, struct ethdev_queue *rx);

struct ethdev_queue *ethdev_queues_create(uint16_t count);

/*
 * memif.  _close stops and closes the device; shared: others have its socket, which stays.  false: no memory, and the
 * device stays as it is, as no other way is safe.
 */
bool ethdev_memif_close(struct ethdev *port, bool shared);
bool ethdev_memif_same_socket(const struct ethdev *a, const struct ethdev *b);

#endif
