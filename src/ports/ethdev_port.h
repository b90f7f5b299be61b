/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of ethdev share: a port, its queues, and the steps that are neither opening nor the packet's path.
 * Fields are the control thread's unless the comment names somebody else.
 */
#ifndef VMMQ_PORTS_ETHDEV_PORT_H
#define VMMQ_PORTS_ETHDEV_PORT_H

#include "ports/ethdev.h"
#include "ports/ethdev_features.h"

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
	_Atomic uint64_t long_packets,
	    long_bytes; /* transmit: sent by ethdev_tap_transmit() itself (processor: rw) */

	int fd;               /* receive: what a sleeper waits on; -1: none */
	bool edge;            /* fd is an epoll of ours, which ethdev_arm() empties */
	bool armed, received; /* receive: since the last ethdev_arm() (processor: rw) */

	_Atomic bool too_long; /* receive: a frame larger than the MTU came (processor: w; control: takes) */
};

/* Why a port is gone. */
enum ethdev_gone {
	ETHDEV_GONE_NOT,
	ETHDEV_GONE_DEVICE,  /* DPDK says so */
	ETHDEV_GONE_REMOVED, /* the kernel interface was deleted, or is in another namespace */
	ETHDEV_GONE_RENAMED, /* it does not have the name by which it is wanted any more */
	ETHDEV_GONE_PROGRAM, /* AF_XDP's program was taken from it */
};

/* What a port has changed on its kernel interface, and gives back when it is closed. */
struct ethdev_held {
	int promiscuous_fd; /* a packet socket whose membership makes it promiscuous; -1: none */
	int segments_fd;    /* as of ethdev_segments_ask() */
	int segments;       /* errno: a veth's other end goes on sending frames larger than the MTU; 0: it does not */
	bool merged;        /* some that it receives are merged, as that cannot be switched off */
	uint32_t mtu_before; /* 0: not changed */
	struct ethdev_features features;
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
	bool made_promiscuous; /* the kernel interface of a NIC or TAP, which was not before */
	bool linear;           /* the driver takes frames of one segment only */
	bool complete;         /* frames may come with checksums still to be made */
	uint16_t mtu;          /* asked for, and set where it could be */
	uint16_t rx_asked;     /* receive queues; 0: as many as there are */
	uint32_t frame_max;    /* of what it receives, with two tags */
	uint32_t xdp_program;  /* AF_XDP: the number of the program it has on the interface; 0: not known */
	uint64_t too_long_ns;  /* when such a frame was last seen; 0: never */
	uint32_t tap_max;      /* TAP: the longest frame that its driver takes, where frames may be longer; else 0 */
	struct ethdev_held held;

	_Atomic bool changed; /* event thread: w */
	_Atomic enum ethdev_gone gone;
	_Atomic bool switched_on; /* the kernel interface, by its administrator */
	_Atomic bool running;     /* and has a carrier */
	int wake_fd;              /* eventfd in every edge fd: sleepers arm again after the peer has come or gone */

	uint16_t rx_queues, tx_queues;
	struct ethdev_queue *rx, *tx;
	struct ethdev_counters counters; /* as last read */
	uint32_t rss_types;              /* as in struct ethdev_info */
	uint8_t rss_key[VMMQ_KEY_LEN];
	bool rss_reported; /* the driver writes hashes to packets */
};

/* ethdev_is_on_interface: the port is the kernel's, and so are its MTU and features. */
static inline bool ethdev_is_on_interface(const struct ethdev *port)
{
	return port->ifindex && (port->kind == ETHDEV_KIND_AF_PACKET || port->kind == ETHDEV_KIND_AF_XDP ||
				 port->kind == ETHDEV_KIND_TAP);
}

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
 * Events and states.  ethdev_watch puts the port on the list and has DPDK tell its events.  What the kernel tells of
 * its interface:
 * ports/ethdev_link.h.
 */
int ethdev_events_init(void); /* 0, or -1: no descriptors left */
void ethdev_watch(struct ethdev *port);
void ethdev_unwatch(struct ethdev *port);
void ethdev_set_gone(struct ethdev *port, enum ethdev_gone why);
void ethdev_set_running(struct ethdev *port, bool switched_on, bool running);
void ethdev_notify(struct ethdev *port);
bool ethdev_in_use(const struct ethdev *wanted);     /* its name is an open port's */
bool ethdev_memif_shared(const struct ethdev *port); /* its socket is another open memif port's as well */

/*
 * ethdev_frames.c, for ports on kernel interfaces: ethdev_frames_all makes it promiscuous and all-multicast, for as
 * long as the port or the process lives, whatever its administrator sets; ethdev_frames_mtu sets its MTU; both
 * return 0 or a negative errno.
 * ethdev_frames_hold has it, once the port has started, deliver frames as they would be on a wire; _keep does so
 * again where somebody has changed that; _release gives everything back.
 */
void ethdev_held_init(struct ethdev *port);
int ethdev_frames_all(struct ethdev *port);
int ethdev_frames_mtu(struct ethdev *port, uint16_t mtu);
void ethdev_frames_hold(struct ethdev *port);
void ethdev_frames_keep(struct ethdev *port);
void ethdev_frames_release(struct ethdev *port);

/* ethdev_reason writes why the port is as it is, or what it lacks of what was asked; "": nothing to say. */
void ethdev_reason(const struct ethdev *port, enum ethdev_state state, char *reason, size_t reason_len);

/*
 * ethdev_queues_start lets processors into the driver; ethdev_queues_stop shuts them out, and returns when none is
 * inside any more (membarrier(2) there takes the place of a fence here, which each burst would pay for).
 */
void ethdev_queues_start(struct ethdev *port);
void ethdev_queues_stop(struct ethdev *port);
/* ethdev_queues_enabled counts those that may be used, from the first on. */
uint16_t ethdev_queues_enabled(const struct ethdev_queue *queue, uint16_t count);

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

/* ethdev_rings_replace replaces AF_PACKET's sockets, before the first frame is received; false: not all. */
bool ethdev_rings_replace(struct ethdev *port, const char *devargs);

/*
 * ethdev_tap_transmit is rte_eth_tx_burst() for a TAP whose MTU is larger than its driver knows: port->tap_max is
 * set.
 */
unsigned ethdev_tap_transmit(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count);

/*
 * memif.  _close stops and closes the device; shared: others have its socket, which stays.  false: no memory, and the
 * device stays as it is, as no other way is safe.
 */
bool ethdev_memif_close(struct ethdev *port, bool shared);
bool ethdev_memif_same_socket(const struct ethdev *a, const struct ethdev *b);

#endif
