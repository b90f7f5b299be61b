/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AF_XDP, whose driver (DPDK 22.11) keeps what it should give back.  Closed, it leaves its sockets open, still bound to
 * the queues, and the buffers in their rings unfreed; a failed set-up loses 2,048 buffers.  So such a port has a pool
 * of its own, which is freed when its buffers are back, and is cleaned up after.  Control thread only.
 */
#ifndef VMMQ_PORTS_ETHDEV_XDP_H
#define VMMQ_PORTS_ETHDEV_XDP_H

#include "ports/ethdev_port.h"

/*
 * ethdev_xdp_pool makes a pool like model, for that many queues; NULL: no memory.
 * ethdev_xdp_retire frees it: now, or by a later call or ethdev_xdp_sweep() when frames out of it may still be under way.
 */
struct rte_mempool *ethdev_xdp_pool(struct rte_mempool *model, uint16_t queues);
void ethdev_xdp_retire(struct rte_mempool *pool, bool under_way);
void ethdev_xdp_sweep(void);

/*
 * ethdev_xdp_hold before the device is removed, ethdev_xdp_release after it: closes its sockets and frees the buffers in
 * their rings.  held may be NULL (no memory): the buffers are lost.
 */
struct ethdev_xdp_held;
struct ethdev_xdp_held *ethdev_xdp_hold(const struct ethdev *port);
void ethdev_xdp_release(struct ethdev *port, struct ethdev_xdp_held *held);

/* ethdev_xdp_retry waits a little and returns true when a queue may be busy only because the kernel still lets go of it. */
bool ethdev_xdp_retry(unsigned attempt);

/* ethdev_xdp_silence keeps libbpf and libxdp, which the driver uses, from writing to stderr. */
void ethdev_xdp_silence(void);

#endif
