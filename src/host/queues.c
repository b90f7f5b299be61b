/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which processor polls which queue, and which queue a processor delivers to (host/host.h).  RSS parameters change a thousand
 * times a second: where the assignment does not change nothing happens.
 */
#include <string.h>

#include "host/switch.h"

/* A change of a processor's guest polls, as the argument of a call to it. */
struct polls_change {
	struct guest_polls *polls;
	struct guest_queue *queue;
	int fd;
	bool done;
};

static void polls_add(void *argument)
{
	struct polls_change *change = argument;

	change->done = guest_polls_add(change->polls, change->queue, change->fd);
}

static void polls_remove(void *argument)
{
	struct polls_change *change = argument;

	guest_polls_remove(change->polls, change->queue);
}

void queue_unassign(struct host *host, struct assignment *assignment)
{
	struct host_processor *on = &host->processor[assignment->processor];

	if (assignment->polled && assignment->guest) {
		struct polls_change change = { .polls = &on->polls, .queue = assignment->guest };

		vmmq_processor_call(host->adapter, on->number, polls_remove, &change);
	} else if (assignment->polled) {
		vmmq_processor_remove_poll(host->adapter, on->number, assignment->poll.context);
	}
	assignment->polled = false;
	assignment->guest = NULL;
}

bool queue_assign(struct host *host, struct assignment *assignment, struct guest_queue *guest, uint16_t processor,
		  int fd)
{
	struct host_processor *on = &host->processor[processor];

	if (assignment->polled && assignment->processor == processor && assignment->poll.fd == fd)
		return true;
	if (host->processor[processor].stalled ||
	    (assignment->polled && host->processor[assignment->processor].stalled))
		return true; /* host_set_stalled() */
	queue_unassign(host, assignment);
	assignment->processor = processor;
	assignment->poll.fd = fd;
	if (guest && fd >= 0) {
		struct polls_change change = { .polls = &on->polls, .queue = guest, .fd = fd };

		vmmq_processor_call(host->adapter, on->number, polls_add, &change);
		assignment->guest = guest;
		assignment->polled = change.done;
	} else {
		assignment->polled =
		    vmmq_processor_add_poll(host->adapter, on->number, &assignment->poll) == VMMQ_SUCCESS;
	}
	return assignment->polled;
}

/* processor_mark notes the processors that the parameters steer to. */
static void processor_mark(struct host *host, const struct vmmq_rss_params *rss)
{
	if (!rss->enabled) {
		host->marked[host->index_of[rss->primary.v]] = true;
		return;
	}
	host->marked[host->index_of[rss->default_processor.v]] = true;
	for (unsigned i = 0; i < rss->entry_count; i++)
		host->marked[host->index_of[rss->table[i].v]] = true;
}

/* guest_processors lists a VPort's processors, by index, in the order of the RSS processor set; returns how many. */
static unsigned guest_processors(struct host *host, struct vmmq_vport_id vport, uint16_t list[])
{
	const struct vmmq_nic_switch *sw = vmmq_adapter_switch(host->adapter);
	const struct vmmq_processor_set *set;
	struct vmmq_vport_info info;
	unsigned n = 0;

	memset(host->marked, 0, host->processor_count);
	vmmq_adapter_edit_begin(host->adapter); /* processors may be moving entries */
	if (vmmq_vport_get(sw, vport, &info)) {
		processor_mark(host, info.rss);
		set = vmmq_nic_switch_processors(sw);
		for (size_t i = 0; i < set->count; i++) {
			uint16_t index = host->index_of[set->processor[i].v];

			if (host->marked[index])
				list[n++] = index;
		}
	}
	vmmq_adapter_edit_end(host->adapter);
	return n;
}

static unsigned queues_at_least_one(unsigned n)
{
	return n ? n : 1;
}

/*
 * guest_assign_transmit: host->marked are the VPort's processors.  Another one may still indicate for a moment, where the VPort was
 * just moved away from it or towards it.
 */
static void guest_assign_transmit(struct guest *guest)
{
	const struct ethdev_info *info = &guest->port.info;
	const struct host *host = guest->host;
	unsigned enabled = info->tx_enabled < info->tx_queues ? info->tx_enabled : info->tx_queues;
	unsigned queues = queues_at_least_one(enabled);

	for (unsigned i = 0; i < host->processor_count; i++)
		if (!host->marked[i])
			atomic_store_explicit(&guest->queue_of[i], (uint8_t)(i % queues), memory_order_relaxed);
	for (unsigned i = 0; i < guest->processor_count; i++)
		atomic_store_explicit(&guest->queue_of[guest->processor[i]], (uint8_t)(i % queues),
				      memory_order_relaxed);
}

bool guest_assign(struct guest *guest)
{
	const struct ethdev_info *info = &guest->port.info;
	bool done = true;

	guest->processor_count = guest_processors(guest->host, guest->vport, guest->processor);
	guest_assign_transmit(guest);
	for (uint16_t i = 0; i < info->rx_queues; i++) {
		struct assignment *assignment = &guest->queue[i].assignment;

		if (i < info->rx_enabled && guest->processor_count && !guest->host->stopped)
			done &= queue_assign(guest->host, assignment, &guest->queue[i],
					     guest->processor[i % guest->processor_count],
					     ethdev_receive_fd(guest->port.dev, i));
		else
			queue_unassign(guest->host, assignment);
	}
	return done;
}

bool uplink_assign(struct uplink *uplink)
{
	struct host *host = uplink->host;
	const struct vmmq_processor_set *set = vmmq_nic_switch_processors(vmmq_adapter_switch(host->adapter));
	bool done = true;

	for (uint16_t i = 0; i < uplink->port.info.rx_queues && !host->stopped; i++)
		done &= queue_assign(host, &uplink->queue[i].assignment, NULL,
				     host->index_of[set->processor[i % set->count].v],
				     ethdev_receive_fd(uplink->port.dev, i));
	return done;
}
