/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whose a guest's rings are.  The library knows where they begin, where they stand at first, and wants to know where they stand when it
 * is asked; between two messages that matter they are ours.
 */
#include "ports/vhost_user.h"

#include <linux/virtio_config.h>
#include <rte_vhost.h>
#include <stdlib.h>

#include "virtio/virtio_header.h"

#ifndef VHOST_F_LOG_ALL
#define VHOST_F_LOG_ALL 26
#endif

static unsigned port_rings(const struct vhost_port *vhost)
{
	return 2u * vhost->port->rx_queues;
}

void vhost_rings_give_back(struct vhost_link *link)
{
	struct vhost_port *vhost = link->of;

	for (unsigned r = 0; r < port_rings(vhost); r++) {
		struct vhost_ring *ring = &vhost->ring[r];

		if (!ring->held)
			continue;
		if (r % 2)
			vhost_line_end(ring);
		rte_vhost_set_vring_base(link->vid, (uint16_t)r, virtio_ring_avail(&ring->is),
					 virtio_ring_used(&ring->is));
		ring->held = false;
	}
}

/* memory_hold copies the table of the guest's memory; false: it has given none. */
static bool memory_hold(struct vhost_link *link)
{
	struct virtio_memory *memory = &link->of->memory;
	struct rte_vhost_memory *table = NULL;
	bool whole = true;

	memory->count = 0;
	if (rte_vhost_get_mem_table(link->vid, &table))
		return false;
	for (uint32_t i = 0; i < table->nregions && whole; i++)
		whole = virtio_memory_add(memory, table->regions[i].guest_phys_addr, table->regions[i].size,
					  (void *)(uintptr_t)table->regions[i].host_user_addr);
	free(table);
	return whole;
}

static void ring_log_used(void *context, uint64_t offset, uint64_t len)
{
	const struct vhost_ring *ring = context;

	rte_vhost_log_used_vring(ring->vid, ring->number, offset, len);
}

static void ring_log_write(void *context, uint64_t guest_address, uint64_t len)
{
	const struct vhost_ring *ring = context;

	rte_vhost_log_write(ring->vid, guest_address, len);
}

static struct virtio_ring_params ring_params(struct vhost_port *vhost, unsigned number, uint64_t features,
					     const struct rte_vhost_vring *vring)
{
	const bool packed = features & VIRTIO_FEATURE(VIRTIO_F_RING_PACKED),
		   logs = features & VIRTIO_FEATURE(VHOST_F_LOG_ALL);

	return (struct virtio_ring_params){
		.memory = &vhost->memory,
		.descriptors = packed ? (void *)vring->desc_packed : (void *)vring->desc,
		.driver = packed ? (void *)vring->driver_event : (void *)vring->avail,
		.device = packed ? (void *)vring->device_event : (void *)vring->used,
		.size = vring->size,
		.packed = packed,
		.event_index = features & VIRTIO_FEATURE(VIRTIO_RING_F_EVENT_IDX),
		.indirect = features & VIRTIO_FEATURE(VIRTIO_RING_F_INDIRECT_DESC),
		.writable = number % 2 == 0,
		.log_used = logs ? ring_log_used : NULL,
		.log_write = logs ? ring_log_write : NULL,
		.log_context = &vhost->ring[number],
	};
}

static void ring_hold(struct vhost_link *link, unsigned number, uint64_t features)
{
	struct vhost_ring *ring = &link->of->ring[number];
	struct virtio_ring_params params;
	struct rte_vhost_vring vring;
	uint16_t avail, used;

	if (rte_vhost_get_vhost_vring(link->vid, (uint16_t)number, &vring) ||
	    rte_vhost_get_vring_base(link->vid, (uint16_t)number, &avail, &used))
		return;
	params = ring_params(link->of, number, features, &vring);
	params.avail = avail;
	params.used = used;
	ring->vid = link->vid;
	ring->number = (uint16_t)number;
	ring->size = vring.size;
	ring->of = link->of;
	atomic_store_explicit(&ring->call_fd, vring.callfd, memory_order_relaxed);
	atomic_store_explicit(&ring->call_blocks, false, memory_order_relaxed);
	ring->call_due = number % 2; /* what was due before is, still */
	ring->told = false;
	atomic_store_explicit(&ring->broken, false, memory_order_relaxed);
	ring->fits = virtio_ring_start(&ring->is, &params);
	ring->held = ring->fits && !link->of->by_library;
	if (ring->held)
		virtio_ring_notify(&ring->is, false);
	else if (ring->fits)
		rte_vhost_enable_guest_notification(link->vid, (uint16_t)number, 0);
}

static uint32_t short_max(const struct vhost_port *vhost)
{
	const uint32_t room = rte_pktmbuf_data_room_size(vhost->port->pool) - RTE_PKTMBUF_HEADROOM;

	return room < VHOST_LEND_MIN ? room : VHOST_LEND_MIN - 1;
}

/*
 * vhost_rings_hold: guests tell nothing of rings that are polled, and of those that they fill with buffers never; who sleeps on one asks
 * again when it is woken.  The library lets a front end change a ring's size, or its kind, after it has looked where its parts are: those that do
 * not fit are not used.
 */
void vhost_rings_hold(struct vhost_link *link)
{
	struct vhost_port *vhost = link->of;
	bool running = atomic_load_explicit(&link->running, memory_order_acquire) && memory_hold(link);
	uint64_t features = 0;

	if (running)
		rte_vhost_get_negotiated_features(link->vid, &features);
	features |= link->own_features;
	atomic_store_explicit(&vhost->calls_now, false, memory_order_relaxed);
	vhost->header_len = virtio_header_len(features);
	vhost->short_max = vhost->header_len == sizeof(struct virtio_net_hdr_v1) ? short_max(vhost) : 0;
	vhost->hash_report = features & VIRTIO_FEATURE(VIRTIO_NET_F_HASH_REPORT);
	vhost->sends = vhost->by_library ? 0 : vhost_offload_sends(features);
	atomic_store_explicit(&vhost->takes, vhost->by_library ? 0 : vhost_offload_takes(features),
			      memory_order_relaxed);
	vhost->mergeable = features & VIRTIO_FEATURE(VIRTIO_NET_F_MRG_RXBUF);
	for (unsigned r = 0; r < port_rings(vhost); r++) {
		vhost->ring[r].fits = false;
		if (running && atomic_load_explicit(&link->ring_enabled[r], memory_order_acquire))
			ring_hold(link, r, features);
		if (!vhost->ring[r].held) /* nobody is there to be told */
			atomic_store_explicit(&vhost->ring[r].put_off.owed, false, memory_order_relaxed);
	}
}

void vhost_ring_is_broken(struct vhost_ring *ring)
{
	if (atomic_load_explicit(&ring->broken, memory_order_relaxed))
		return;
	atomic_store_explicit(&ring->broken, true, memory_order_release);
	vhost_relay_wake();
}

bool vhost_rings_block(const struct vhost_link *link)
{
	const struct vhost_port *vhost = link->of;

	for (unsigned r = 0; r < port_rings(vhost); r++)
		if (vhost->ring[r].held && atomic_load_explicit(&vhost->ring[r].call_blocks, memory_order_acquire))
			return true;
	return false;
}

void vhost_rings_tell(struct vhost_link *link)
{
	struct vhost_port *vhost = link->of;

	for (unsigned r = 0; r < port_rings(vhost); r++) {
		struct vhost_ring *ring = &vhost->ring[r];

		if (!ring->held || ring->told || !atomic_load_explicit(&ring->broken, memory_order_acquire))
			continue;
		ring->told = true;
		vhost_port_say(vhost,
			       "the guest of the front end (process %d) has put %s into %s queue %u, which rests "
			       "until the guest starts it anew",
			       (int)link->pid, virtio_broken_reason(ring->is.broken), r % 2 ? "transmit" : "receive",
			       r / 2);
	}
}
