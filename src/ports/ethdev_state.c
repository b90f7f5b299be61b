/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/clock.h"
#include "ports/ethdev_link.h"
#include "ports/ethdev_port.h"
#include "ports/ethdev_xdp.h"
#include "ports/vhost_user.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <rte_pause.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of the process; control thread, but for event_fd, which is written once before any event thread knows of a port. */
static struct ethdev *ports;
static int event_fd = -1;

#define PAUSES_LONG (1u << 20) /* of a wait for a processor that only passes through: tens of milliseconds */
#define TOO_LONG_TOLD_NS                                                                                             \
	(60 * (uint64_t)SECOND_NS) /* for so long a port says that it has received frames that are too long */

const char *ethdev_state_name(enum ethdev_state state)
{
	static const char *const name[] = {
		[ETHDEV_UP] = "up", [ETHDEV_DOWN] = "down", [ETHDEV_NO_PEER] = "no_peer", [ETHDEV_GONE] = "gone"
	};

	return state <= ETHDEV_GONE ? name[state] : "?";
}

int ethdev_event_fd(void)
{
	return event_fd;
}

int ethdev_events_init(void)
{
	if (event_fd < 0)
		event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (event_fd < 0)
		return -1;
	syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
	return ethdev_links_init();
}

bool ethdev_in_use(const struct ethdev *wanted)
{
	for (const struct ethdev *port = ports; port; port = port->next)
		if (!strcmp(port->name, wanted->name))
			return true;
	return false;
}

bool ethdev_memif_shared(const struct ethdev *port)
{
	for (const struct ethdev *other = ports; other; other = other->next)
		if (other != port && other->kind == ETHDEV_KIND_MEMIF && ethdev_memif_same_socket(other, port))
			return true;
	return false;
}

void ethdev_notify(struct ethdev *port)
{
	const uint64_t one = 1;
	ssize_t written;

	atomic_store_explicit(&port->changed, true, memory_order_release);
	written = write(event_fd, &one, sizeof(one)); /* full: readable already */
	if (port->wake_fd >= 0)
		written = write(port->wake_fd, &one, sizeof(one));
	(void)written;
}

static void queues_set(struct ethdev *port, bool enabled)
{
	for (uint16_t q = 0; q < port->rx_queues; q++)
		atomic_store_explicit(&port->rx[q].enabled, enabled, memory_order_release);
	for (uint16_t q = 0; q < port->tx_queues; q++)
		atomic_store_explicit(&port->tx[q].enabled, enabled, memory_order_release);
}

static void queues_wait(const struct ethdev *port, const struct ethdev_queue *queue, uint16_t count)
{
	uint32_t pauses = 0;

	for (uint16_t q = 0; q < count; q++)
		while (atomic_load_explicit(&queue[q].busy, memory_order_acquire)) {
			rte_pause();
			if (++pauses % PAUSES_LONG == 0 && port->vhost)
				vhost_calls_interrupt(port->vhost);
		}
}

void ethdev_queues_start(struct ethdev *port)
{
	queues_set(port, true);
}

void ethdev_queues_stop(struct ethdev *port)
{
	queues_set(port, false);
	syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
	queues_wait(port, port->rx, port->rx_queues);
	queues_wait(port, port->tx, port->tx_queues);
}

void ethdev_set_gone(struct ethdev *port, enum ethdev_gone why)
{
	enum ethdev_gone not = ETHDEV_GONE_NOT;

	if (!atomic_compare_exchange_strong_explicit(&port->gone, &not, why, memory_order_acq_rel,
						     memory_order_acquire))
		return;
	queues_set(port, false);
	ethdev_notify(port);
}

void ethdev_set_running(struct ethdev *port, bool switched_on, bool running)
{
	bool changed = atomic_exchange_explicit(&port->switched_on, switched_on, memory_order_acq_rel) != switched_on;

	changed |= atomic_exchange_explicit(&port->running, running, memory_order_acq_rel) != running;
	if (changed)
		ethdev_notify(port);
}

/* ethdev_on_event is called by DPDK on a thread of its own. */
static int ethdev_on_event(uint16_t id, enum rte_eth_event_type event, void *argument, void *unused)
{
	struct ethdev *port = argument;

	(void)id;
	(void)unused;
	if (event == RTE_ETH_EVENT_INTR_RMV) {
		ethdev_set_gone(port, ETHDEV_GONE_DEVICE);
		return 0;
	}
	ethdev_notify(port);
	return 0;
}

static const enum rte_eth_event_type events[] = { RTE_ETH_EVENT_INTR_LSC, RTE_ETH_EVENT_INTR_RMV };
#define EVENTS (sizeof(events) / sizeof(events[0]))

void ethdev_watch(struct ethdev *port)
{
	for (size_t i = 0; i < EVENTS; i++)
		rte_eth_dev_callback_register(port->id, events[i], ethdev_on_event, port);
	port->next = ports;
	ports = port;
}

void ethdev_unwatch(struct ethdev *port)
{
	struct ethdev **at = &ports;

	for (size_t i = 0; i < EVENTS; i++)
		while (rte_eth_dev_callback_unregister(port->id, events[i], ethdev_on_event, port) == -EAGAIN)
			rte_pause();
	while (*at && *at != port)
		at = &(*at)->next;
	if (*at)
		*at = port->next;
}

/* ethdev_look_at_frames notes whether the port has received frames that were too long. */
static void ethdev_look_at_frames(struct ethdev *port)
{
	bool told = port->too_long_ns, seen = false;

	for (uint16_t q = 0; q < port->rx_queues; q++)
		seen |= atomic_load_explicit(&port->rx[q].too_long, memory_order_relaxed) &&
			atomic_exchange_explicit(&port->rx[q].too_long, false, memory_order_relaxed);
	if (seen)
		port->too_long_ns = now_ns();
	else if (told && now_ns() - port->too_long_ns > TOO_LONG_TOLD_NS)
		port->too_long_ns = 0;
	if (told != (port->too_long_ns != 0))
		atomic_store_explicit(&port->changed, true, memory_order_release);
}

bool ethdev_changed(struct ethdev *port)
{
	if (!port->vhost) { /* whose relay tells everything, and a host has hundreds of them */
		ethdev_links_read(ports);
		ethdev_link_ask(port);
		ethdev_look_at_frames(port);
		ethdev_xdp_sweep();
	}
	return atomic_exchange_explicit(&port->changed, false, memory_order_acq_rel);
}
