/* SPDX-License-Identifier: BSD-2-Clause */
/* The uplink's device opened and closed, with its queues and their sources. */
#include <stdlib.h>

#include "host/switch.h"

static void uplink_free_queues(struct uplink *uplink)
{
	for (uint16_t i = 0; uplink->queue && i < uplink->port.info.rx_queues; i++) {
		if (uplink->queue[i].source)
			vmmq_source_device_hash(uplink->queue[i].source, NULL, 0);
		spares_put(&uplink->host->sources, uplink->queue[i].source);
	}
	free(uplink->queue);
	uplink->queue = NULL;
}

static bool uplink_make_queues(struct uplink *uplink)
{
	uint16_t count = uplink->port.info.rx_queues;

	uplink->queue = calloc(count, sizeof(*uplink->queue));
	for (uint16_t i = 0; uplink->queue && i < count; i++) {
		struct uplink_queue *queue = &uplink->queue[i];

		queue->uplink = uplink;
		queue->number = i;
		queue->assignment.poll = (struct vmmq_poll){
			.poll = uplink_queue_poll,
			.context = queue,
			.arm = uplink_queue_arm,
			.nap_ns = NAP_NS,
		};
		queue->source = spares_source(uplink->host);
		if (!queue->source)
			return false;
		queue->mismatches_seen = vmmq_source_hash_mismatches(queue->source);
		if (uplink->port.info.rss_types)
			vmmq_source_device_hash(queue->source, uplink->port.info.rss_key,
						uplink->port.info.rss_types);
	}
	return uplink->queue;
}

void uplink_open(struct uplink *uplink)
{
	struct host *host = uplink->host;
	uint16_t tx = host->processor_count < ETHDEV_QUEUES_MAX ? host->processor_count : ETHDEV_QUEUES_MAX;

	if (!port_open(host, &uplink->port, uplink->rx_queues, tx))
		return;
	if (!uplink_make_queues(uplink)) {
		uplink_free_queues(uplink);
		port_close(&uplink->port);
		port_state(&uplink->port, "failed", "out of memory");
		return;
	}
	atomic_store_explicit(&host->open_uplink, uplink, memory_order_seq_cst); /* E2 */
	host->stale |= !uplink_assign(uplink);
}

void uplink_close(struct uplink *uplink)
{
	struct host *host = uplink->host;

	if (!uplink->port.dev)
		return;
	for (uint16_t i = 0; i < uplink->port.info.rx_queues; i++)
		queue_unassign(host, &uplink->queue[i].assignment);
	atomic_store_explicit(&host->open_uplink, NULL, memory_order_seq_cst); /* E2 */
	host_wait(host);
	uplink_free_queues(uplink);
	port_close(&uplink->port);
}

int32_t host_hash_mismatch_take(struct host *host)
{
	struct uplink *uplink = &host->uplink;

	for (uint16_t i = 0; uplink->queue && i < uplink->port.info.rx_queues; i++) {
		struct uplink_queue *queue = &uplink->queue[i];
		uint64_t mismatches = vmmq_source_hash_mismatches(queue->source);

		if (mismatches == queue->mismatches_seen)
			continue;
		host->hash_mismatches += mismatches - queue->mismatches_seen;
		queue->mismatches_seen = mismatches;
		return i;
	}
	return -1;
}

uint64_t host_hash_mismatches(const struct host *host)
{
	return host->hash_mismatches;
}
