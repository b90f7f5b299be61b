/* SPDX-License-Identifier: BSD-2-Clause */
/* A sender's life, and its sends that are free. */
#include "engine/sender.h"

#include <rte_mbuf.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "engine/adapter_state.h"

#define IN_FLIGHT_DEFAULT 1024

void send_recycle(struct send *send)
{
	send_stack_push(&send->complete.sender->recycled, send);
}

void send_delivered(struct vmmq_sender *sender)
{
	atomic_fetch_sub_explicit(&sender->incomplete, 1, memory_order_release); /* last touch of the sender */
}

static struct vmmq_sender *sender_alloc(uint32_t in_flight_max)
{
	struct vmmq_sender *sender = aligned_alloc(CACHE_LINE, sizeof(*sender));

	if (!sender)
		return NULL;
	memset(sender, 0, sizeof(*sender));
	sender->sends = calloc(in_flight_max, sizeof(*sender->sends));
	if (!sender->sends) {
		free(sender);
		return NULL;
	}
	for (uint32_t i = 0; i < in_flight_max; i++) {
		sender->sends[i].next = sender->free;
		sender->free = &sender->sends[i];
	}
	return sender;
}

vmmq_status vmmq_sender_create(struct vmmq_adapter *adapter, uint32_t in_flight_max, struct vmmq_sender **out,
			       struct vmmq_why *why)
{
	const struct vmmq_adapter_params *params = &adapter->params;
	struct vmmq_sender *sender;
	vmmq_status status;

	*out = NULL;
	if (!params->transmit || !params->complete || !params->pool || !params->transmit_pool)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "",
				    "the adapter was made without transmit, complete, pool or transmit_pool");
	if (rte_pktmbuf_priv_flags(params->transmit_pool) & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "transmit_pool",
				    "its mbufs have pinned external buffers, so no buffer can be attached to them");
	sender = sender_alloc(in_flight_max ? in_flight_max : IN_FLIGHT_DEFAULT);
	if (!sender)
		return adapter_out_of_memory(why);
	sender->adapter = adapter;
	status = vmmq_source_create(adapter, VMMQ_SOURCE_DROP, &sender->source, why);
	if (status != VMMQ_SUCCESS) {
		free(sender->sends);
		free(sender);
		return status;
	}
	*out = sender;
	return VMMQ_SUCCESS;
}

void senders_free(struct vmmq_sender *sender)
{
	while (sender) {
		struct vmmq_sender *next = sender->retired;

		free(sender->sends);
		free(sender);
		sender = next;
	}
}

void vmmq_sender_destroy(struct vmmq_sender *sender)
{
	struct vmmq_adapter *adapter;

	if (!sender)
		return;
	adapter = sender->adapter;
	uplink_abort(sender);
	vmmq_source_destroy(sender->source);
	while (atomic_load_explicit(&sender->incomplete, memory_order_acquire)) {
		if (!atomic_load_explicit(&adapter->stopping, memory_order_acquire)) {
			sched_yield();
			continue;
		}
		/* No processor will deliver what is incomplete: vmmq_adapter_destroy() does. */
		sender->retired = adapter->retired_senders;
		adapter->retired_senders = sender;
		return;
	}
	senders_free(sender);
}
