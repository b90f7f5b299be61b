/* SPDX-License-Identifier: BSD-2-Clause */
/* A sender's life, and its sends that are free. */
#include "engine/sender.h"

#include <assert.h>
#include <rte_mbuf.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "engine/adapter_state.h"
#include "engine/test_gates.h"

#define IN_FLIGHT_DEFAULT 1024

/* send_block_add makes room for sends more, as long as there may be any. */
static void send_block_add(struct vmmq_sender *sender)
{
	uint32_t left = sender->in_flight_max - sender->in_flight_room, n = left < SEND_BLOCK ? left : SEND_BLOCK;
	struct send_block *block = n ? calloc(1, sizeof(*block)) : NULL;

	if (!block)
		return;
	block->next = sender->blocks;
	sender->blocks = block;
	sender->in_flight_room += n;
	for (uint32_t i = 0; i < n; i++) {
		block->send[i].next = sender->free;
		sender->free = &block->send[i];
	}
}

void sends_renew(struct vmmq_sender *sender)
{
	sender->free = send_stack_take(&sender->recycled);
	if (!sender->free)
		send_block_add(sender);
}

void sender_note(struct vmmq_sender *sender)
{
	const struct vmmq_source *source = sender->source;

	for (unsigned i = 0; i < source->touched_count; i++)
		sender->through[source->touched_slot[i]] = source->touched[i]->put;
}

/* sender_is_through tells whether all that it has put into its source's inboxes is indicated. */
static bool sender_is_through(const struct vmmq_sender *sender)
{
	for (processor_slot i = 0; i < sender->adapter->processor_count; i++)
		if (sender->through[i] && !inbox_is_drained(source_inbox_find(sender->source, i), sender->through[i]))
			return false;
	return true;
}

static void sender_use(struct vmmq_sender *sender, struct vmmq_source *source)
{
	if (sender->source)
		atomic_fetch_sub_explicit(&sender->source->senders, 1, memory_order_relaxed);
	if (source)
		atomic_fetch_add_explicit(&source->senders, 1, memory_order_relaxed);
	sender->source = source;
}

bool vmmq_sender_join(struct vmmq_sender *sender, struct vmmq_source *source)
{
	assert(source->adapter == sender->adapter && source->mode == VMMQ_SOURCE_DROP && !sender->owns_source);
	if (sender->source == source)
		return true;
	if (!sender_is_through(sender) && !test_gates_are(TEST_GATES_HASTY_JOIN))
		return false;
	memset(sender->through, 0, sender->adapter->processor_count * sizeof(sender->through[0]));
	sender_use(sender, source);
	return true;
}

/* sender_possible: INVALID_PARAMETER: the adapter has not what senders need. */
static vmmq_status sender_possible(const struct vmmq_adapter_params *params, struct vmmq_why *why)
{
	if (!params->transmit || !params->complete || !params->pool || !params->transmit_pool)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "",
				    "the adapter was made without transmit, complete, pool or transmit_pool");
	if (rte_pktmbuf_priv_flags(params->transmit_pool) & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "transmit_pool",
				    "its mbufs have pinned external buffers, so no buffer can be attached to them");
	return VMMQ_SUCCESS;
}

static void sender_free(struct vmmq_sender *sender)
{
	struct send_block *block = sender->blocks;

	while (block) {
		struct send_block *next = block->next;

		free(block);
		block = next;
	}
	free(sender->through);
	free(sender);
}

/* sender_make makes a sender without a source; NULL: memory. */
static struct vmmq_sender *sender_make(struct vmmq_adapter *adapter, uint32_t in_flight_max)
{
	struct vmmq_sender *sender = aligned_alloc(CACHE_LINE, sizeof(*sender));

	if (!sender)
		return NULL;
	memset(sender, 0, sizeof(*sender));
	sender->adapter = adapter;
	sender->in_flight_max = in_flight_max ? in_flight_max : IN_FLIGHT_DEFAULT;
	sender->through = calloc(adapter->processor_count, sizeof(sender->through[0]));
	if (sender->through)
		return sender;
	sender_free(sender);
	return NULL;
}

vmmq_status vmmq_sender_create_on(struct vmmq_source *source, uint32_t in_flight_max, struct vmmq_sender **out,
				  struct vmmq_why *why)
{
	vmmq_status status = sender_possible(&source->adapter->params, why);
	struct vmmq_sender *sender;

	*out = NULL;
	if (status != VMMQ_SUCCESS)
		return status;
	if (source->mode != VMMQ_SOURCE_DROP)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "source", "it must be one that drops");
	sender = sender_make(source->adapter, in_flight_max);
	if (!sender)
		return adapter_out_of_memory(why);
	sender_use(sender, source);
	*out = sender;
	return VMMQ_SUCCESS;
}

vmmq_status vmmq_sender_create(struct vmmq_adapter *adapter, uint32_t in_flight_max, struct vmmq_sender **out,
			       struct vmmq_why *why)
{
	struct vmmq_source *source;
	vmmq_status status = vmmq_source_create(adapter, VMMQ_SOURCE_DROP, &source, why);

	*out = NULL;
	if (status != VMMQ_SUCCESS)
		return status;
	status = vmmq_sender_create_on(source, in_flight_max, out, why);
	if (*out)
		(*out)->owns_source = true;
	else
		vmmq_source_destroy(source);
	return status;
}

void senders_free(struct vmmq_sender *sender)
{
	while (sender) {
		struct vmmq_sender *next = sender->retired;

		sender_free(sender);
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
	if (sender->owns_source)
		vmmq_source_destroy(sender->source);
	else
		sender_use(sender, NULL);
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
