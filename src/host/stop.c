/* SPDX-License-Identifier: BSD-2-Clause */
/* A clean stop: nothing more comes in, and what is outstanding is completed. */
#include <time.h>

#include "host/switch.h"

#define LOOK_NS 100000 /* between looks whether all is complete */

void ports_unassign(struct host *host)
{
	host->stopped = true;
	for (struct guest *guest = host->guests; guest; guest = guest->next)
		for (uint16_t i = 0; guest->port.dev && i < guest->port.info.rx_queues; i++)
			queue_unassign(host, &guest->queue[i].assignment);
	for (uint16_t i = 0; host->uplink.port.dev && i < host->uplink.port.info.rx_queues; i++)
		queue_unassign(host, &host->uplink.queue[i].assignment);
}

/* guest_is_idle offers what is left over once more. */
static bool guest_is_idle(struct guest *guest)
{
	bool idle = true;

	for (uint16_t i = 0; guest->port.dev && i < guest->port.info.rx_queues; i++)
		idle &= guest_queue_flush(&guest->queue[i]);
	return idle && !vmmq_sending_read(guest->host->adapter, guest->vport);
}

static bool host_is_idle(struct host *host)
{
	bool idle = true;

	uplink_reap(&host->uplink);
	for (struct guest *guest = host->guests; guest; guest = guest->next)
		idle &= guest_is_idle(guest);
	idle &= vmmq_adapter_idle(host->adapter);
	idle &= !atomic_load_explicit(&host->waiting, memory_order_relaxed);
	for (uint16_t i = 0; i < host->processor_count; i++)
		idle &= !flood_waiting(&host->processor[i].flood);
	return idle;
}

bool host_stop_ports(struct host *host, uint64_t timeout_ns)
{
	uint64_t deadline = now_ns() + timeout_ns;
	const struct timespec look = { .tv_nsec = LOOK_NS };
	bool idle;

	ports_unassign(host);
	while (!(idle = host_is_idle(host)) && now_ns() < deadline)
		nanosleep(&look, NULL);
	return idle;
}
