/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a port is as it is, in a sentence with the cure. */
#include "ports/ethdev_port.h"

#include <stdio.h>
#include <string.h>

static void reason_gone(const struct ethdev *port, char *reason, size_t reason_len)
{
	switch (atomic_load_explicit(&port->gone, memory_order_acquire)) {
	case ETHDEV_GONE_RENAMED:
		snprintf(
		    reason, reason_len,
		    "the interface that was %s has another name now; the port is opened again when there is a %s",
		    port->interface, port->interface);
		break;
	case ETHDEV_GONE_PROGRAM:
		snprintf(reason, reason_len, "AF_XDP's program was taken from %s; the port is opened again",
			 port->interface);
		break;
	case ETHDEV_GONE_REMOVED:
		snprintf(reason, reason_len,
			 "the interface was deleted or moved to another namespace; the port is opened again when it "
			 "can be");
		break;
	default:
		break;
	}
}

static void reason_down(const struct ethdev *port, char *reason, size_t reason_len)
{
	if (port->ifindex && !atomic_load_explicit(&port->switched_on, memory_order_acquire))
		snprintf(reason, reason_len, "the interface is switched off: ip link set dev %s up%s",
			 *port->interface ? port->interface : "INTERFACE",
			 port->kind == ETHDEV_KIND_TAP ? ", in the namespace where it is" : "");
}

/* reason_up: what is lacking though it is up, what loses most first. */
static void reason_up(const struct ethdev *port, char *reason, size_t reason_len)
{
	if (port->held.segments)
		snprintf(
		    reason, reason_len,
		    "large frames of the other end are lost, as no XDP program can be put on %s (%s): switch off "
		    "tso and gso there (ethtool -K), or run as root",
		    port->interface, strerror(port->held.segments));
	else if (port->held.merged)
		snprintf(
		    reason, reason_len,
		    "GRO or LRO of %s, or of what is below it, cannot be switched off, and merged frames are lost",
		    port->interface);
	else if (port->too_long_ns)
		snprintf(reason, reason_len,
			 "frames larger than the MTU arrive, and are lost: raise adapter.mtu, or switch off tso, gso "
			 "and gro "
			 "of what sends to %s (ethtool -K)",
			 port->interface);
	else if (port->rx_queues < port->rx_asked)
		snprintf(reason, reason_len,
			 "it has %u of the %u receive queues that were asked for: no more can be had",
			 port->rx_queues, port->rx_asked);
}

void ethdev_reason(const struct ethdev *port, enum ethdev_state state, char *reason, size_t reason_len)
{
	*reason = '\0';
	if (state == ETHDEV_GONE)
		reason_gone(port, reason, reason_len);
	else if (state == ETHDEV_DOWN)
		reason_down(port, reason, reason_len);
	else if (state == ETHDEV_UP)
		reason_up(port, reason, reason_len);
}
