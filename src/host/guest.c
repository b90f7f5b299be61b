/* SPDX-License-Identifier: BSD-2-Clause */
/* What is behind a VPort: its policy, and its backend with the queues of it while that is open. */
#include <stdlib.h>

#include "host/switch.h"

#define QUEUE_PAIRS_UNKNOWN 16u /* where the VPort does not exist yet */

struct guest *guest_find(struct host *host, struct vmmq_vport_id vport)
{
	return host->guest_of[vport.v];
}

struct guest *guest_make(struct host *host, struct vmmq_vport_id vport)
{
	struct guest **at = &host->guests, *guest = guest_find(host, vport);

	if (guest)
		return guest;
	guest = calloc(1, sizeof(*guest));
	if (!guest)
		return NULL;
	guest->host = host;
	guest->vport = vport;
	atomic_init(&guest->anti_spoofing, true);
	atomic_init(&guest->control_frames, !vport.v);
	port_state(&guest->port, "none", "");
	guest->port.told_state = guest->port.state;
	while (*at && (*at)->vport.v < vport.v)
		at = &(*at)->next;
	guest->next = *at;
	*at = guest;
	host->guest_of[vport.v] = guest;
	return guest;
}

static void guest_free_queues(struct guest *guest)
{
	for (uint16_t i = 0; guest->queue && i < guest->port.info.rx_queues; i++)
		spares_put(&guest->host->senders, guest->queue[i].sender);
	waiting_close(guest);
	calls_close(guest);
	free(guest->queue);
	free(guest->queue_of);
	free(guest->processor);
	guest->queue = NULL;
	guest->queue_of = NULL;
	guest->processor = NULL;
}

static bool guest_make_queues(struct guest *guest)
{
	struct host *host = guest->host;
	uint16_t count = guest->port.info.rx_queues;

	guest->queue = calloc(count, sizeof(*guest->queue));
	guest->queue_of = calloc(host->processor_count, sizeof(*guest->queue_of));
	guest->processor = calloc(host->processor_count, sizeof(*guest->processor));
	if (!guest->queue || !guest->queue_of || !guest->processor || !waiting_make(guest))
		return false;
	for (uint16_t i = 0; i < count; i++) {
		struct guest_queue *queue = &guest->queue[i];

		queue->guest = guest;
		queue->dev = guest->port.dev;
		queue->number = i;
		queue->joined = UINT16_MAX;
		queue->assignment.poll = (struct vmmq_poll){
			.poll = guest_queue_poll,
			.context = queue,
			.arm = guest_queue_arm,
			.nap_ns = NAP_NS,
		};
		queue->sender = spares_sender(host);
		if (!queue->sender)
			return false;
	}
	return true;
}

/* guest_queue_count returns how many queue pairs to ask the device for: as many as it was told to have, else its VPort's. */
static uint16_t guest_queue_count(const struct guest *guest)
{
	struct vmmq_vport_info info = { .queue_pairs = QUEUE_PAIRS_UNKNOWN };
	const struct port_spec *spec = &guest->port.spec;
	unsigned long n;
	char value[16];

	vmmq_vport_get(vmmq_adapter_switch(guest->host->adapter), guest->vport, &info);
	if (spec->kind == PORT_DEVICE && ethdev_devargs_value(spec->device, "queues", value, sizeof(value)))
		n = strtoul(value, NULL, 10);
	else
		n = port_spec_queues(spec, info.queue_pairs);
	n = n ? n : 1;
	return (uint16_t)(n < ETHDEV_QUEUES_MAX ? n : ETHDEV_QUEUES_MAX);
}

bool guest_open(struct guest *guest)
{
	uint16_t queues = guest_queue_count(guest);

	if (!port_open(guest->host, &guest->port, queues, queues))
		return false;
	if (!guest_make_queues(guest)) {
		guest_free_queues(guest);
		port_close(&guest->port);
		port_state(&guest->port, "failed", "out of memory");
		return false;
	}
	ethdev_moderate(guest->port.dev, guest->moderation);
	guest->host->stale |= !guest_assign(guest);
	return true;
}

void guest_close(struct guest *guest)
{
	struct host *host = guest->host;
	struct forwarding *forwarding = atomic_load_explicit(&host->forwarding, memory_order_relaxed);

	if (!guest->port.dev)
		return;
	for (uint16_t i = 0; i < guest->port.info.rx_queues; i++) {
		queue_unassign(host, &guest->queue[i].assignment);
		guest_queue_discard(&guest->queue[i]);
	}
	if (guest->vport.v < forwarding->vport_count)
		atomic_store_explicit(&forwarding->vport[guest->vport.v].guest, NULL, memory_order_seq_cst); /* F1 */
	host_wait(host);
	guest_free_queues(guest);
	port_close(&guest->port);
}

void host_set_policy(struct host *host, struct vmmq_vport_id vport, const struct host_policy *policy)
{
	struct guest *guest = guest_make(host, vport);

	if (!guest)
		return;
	atomic_store_explicit(&guest->anti_spoofing, policy->anti_spoofing, memory_order_relaxed);
	atomic_store_explicit(&guest->control_frames, policy->control_frames, memory_order_relaxed);
	atomic_store_explicit(&guest->storm.limit, policy->flood_limit, memory_order_relaxed);
	if (policy->moderation != VMMQ_INTERRUPT_MODERATION_UNDEFINED &&
	    policy->moderation != VMMQ_INTERRUPT_MODERATION_OFF)
		atomic_store_explicit(&guest->moderated, true,
				      memory_order_relaxed); /* before M2 in ethdev_moderate() */
	guest->moderation = policy->moderation;
	if (guest->port.dev)
		ethdev_moderate(guest->port.dev, policy->moderation);
	if (!vport.v)
		atomic_store_explicit(&host->uplink_storm.limit, policy->flood_limit, memory_order_relaxed);
}
