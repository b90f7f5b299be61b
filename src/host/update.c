/* SPDX-License-Identifier: BSD-2-Clause */
/* Forwarding made to follow the NIC switch: published by one pointer, the one before freed when no processor reads it any more. */
#include <assert.h>
#include <sched.h>

#include "host/switch.h"

/*
 * E1, E2, sequentially consistent: a processor says that it is inside before it reads the pointer, control writes the pointer
 * before it looks who is inside.  So either the processor finds the new pointer, or control sees it inside.
 */
const struct forwarding *host_enter(struct host_processor *on)
{
	uint64_t turn = atomic_load_explicit(&on->turn, memory_order_relaxed);

	assert(turn % 2 == 0);                                                    /* brackets do not nest */
	atomic_store_explicit(&on->turn, turn + 1, memory_order_seq_cst);         /* E1 */
	return atomic_load_explicit(&on->host->forwarding, memory_order_seq_cst); /* E2 */
}

void host_leave(struct host_processor *on)
{
	uint64_t turn = atomic_load_explicit(&on->turn, memory_order_relaxed);

	assert(turn % 2 == 1);
	atomic_store_explicit(&on->turn, turn + 1, memory_order_release); /* E1 */
}

void host_wait(struct host *host)
{
	for (unsigned i = 0; i < host->processor_count; i++) {
		uint64_t turn = atomic_load_explicit(&host->processor[i].turn, memory_order_seq_cst); /* E1 */

		while (turn % 2 && atomic_load_explicit(&host->processor[i].turn, memory_order_acquire) == turn)
			sched_yield(); /* it is in the middle of a burst */
	}
}

/* guest_open_find returns the guest whose backend is open. */
static struct guest *guest_open_find(void *context, struct vmmq_vport_id vport)
{
	struct guest *guest = guest_find(context, vport);

	return guest && guest->port.dev ? guest : NULL;
}

bool forwarding_renew(struct host *host)
{
	struct vmmq_nic_switch *sw = vmmq_adapter_switch(host->adapter);
	struct forwarding *old = atomic_load_explicit(&host->forwarding, memory_order_relaxed);
	struct forwarding *forwarding;

	vmmq_adapter_edit_begin(host->adapter);
	forwarding = forwarding_create(sw, guest_open_find, host);
	if (forwarding)
		host->seen_filters = vmmq_nic_switch_view(sw)->filters;
	vmmq_adapter_edit_end(host->adapter);
	if (!forwarding)
		return false;
	atomic_store_explicit(&host->forwarding, forwarding, memory_order_seq_cst); /* E2 */
	host_wait(host);
	forwarding_destroy(old);
	return true;
}

/* host_filters_changed: a view that has other filters than the one before has another table of them, made while the old one was there. */
static bool host_filters_changed(struct host *host)
{
	const struct vmmq_filter_table *filters;

	vmmq_adapter_edit_begin(host->adapter);
	filters = vmmq_nic_switch_view(vmmq_adapter_switch(host->adapter))->filters;
	vmmq_adapter_edit_end(host->adapter);
	return filters != host->seen_filters;
}

vmmq_status host_update(struct host *host)
{
	bool done = true;

	if (host->stale || host_filters_changed(host))
		done = forwarding_renew(host);
	for (struct guest *guest = host->guests; guest; guest = guest->next)
		if (guest->port.dev)
			done &= guest_assign(guest);
	if (host->uplink.port.dev)
		done &= uplink_assign(&host->uplink);
	host->stale = !done;
	return done ? VMMQ_SUCCESS : VMMQ_RESOURCES;
}

void host_update_vport(struct host *host, struct vmmq_vport_id vport)
{
	struct guest *guest = guest_find(host, vport);

	if (guest && guest->port.dev && !guest_assign(guest))
		host->stale = true;
}

void host_set_stalled(struct host *host, struct vmmq_processor processor, bool stalled)
{
	host_processor(host, processor)->stalled = stalled;
}
