/* SPDX-License-Identifier: BSD-2-Clause */
/* The packet's path to and from a guest by the library's burst functions: what our own is compared with. */
#include "ports/vhost_user.h"

#include <rte_mbuf.h>
#include <rte_vhost.h>

static int port_vid(const struct ethdev *port)
{
	return atomic_load_explicit(&port->vhost->vid, memory_order_relaxed);
}

unsigned vhost_burst_receive(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count)
{
	unsigned n =
	    rte_vhost_dequeue_burst(port_vid(port), (uint16_t)(2 * queue + 1), port->pool, packet, (uint16_t)count);

	for (unsigned i = 0; i < n; i++)
		if (packet[i]->ol_flags)
			vhost_checksum_complete(packet[i]);
	return n;
}

unsigned vhost_burst_transmit(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count)
{
	return rte_vhost_enqueue_burst(port_vid(port), (uint16_t)(2 * queue), packet, (uint16_t)count);
}

void vhost_burst_notify(struct ethdev *port, uint16_t queue, bool wanted)
{
	rte_vhost_enable_guest_notification(port_vid(port), (uint16_t)(2 * queue + 1), wanted);
}
