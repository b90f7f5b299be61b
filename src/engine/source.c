/* SPDX-License-Identifier: BSD-2-Clause */
/* A source's life, who holds it, and its inboxes. */
#include "engine/source.h"

#include <assert.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "engine/adapter_state.h"
#include "engine/backoff.h"
#include "engine/drain.h"

bool source_try_hold(struct vmmq_source *source)
{
	return !atomic_exchange_explicit(&source->busy, true, memory_order_acquire); /* S1 */
}

void source_hold(struct vmmq_source *source)
{
	while (!source_try_hold(source))
		sched_yield(); /* control holds it for the time of placing gates */
}

void source_release(struct vmmq_source *source)
{
	assert(source_is_held(source));
	atomic_store_explicit(&source->busy, false, memory_order_release); /* S1 */
}

bool source_is_held(const struct vmmq_source *source)
{
	return atomic_load_explicit(&source->busy, memory_order_relaxed);
}

struct inbox *source_inbox(struct vmmq_source *source, processor_slot slot)
{
	struct processor *target = &source->adapter->processor[slot];
	struct inbox *inbox = source->inbox[slot];

	if (inbox)
		return inbox;
	inbox = inbox_create(source->adapter->params.inbox_size, source->adapter->vports);
	if (!inbox)
		return NULL;
	inbox->sibling = atomic_load_explicit(&target->inboxes, memory_order_relaxed);
	while (!atomic_compare_exchange_weak_explicit(&target->inboxes, &inbox->sibling, inbox, memory_order_seq_cst,
						      memory_order_relaxed)) /* P1 */
		;
	source->inbox[slot] = inbox;
	return inbox;
}

void vmmq_source_device_hash(struct vmmq_source *source, const uint8_t key[VMMQ_KEY_LEN], uint32_t hash_types)
{
	struct vmmq_device_hash device = { .hash_types = key ? hash_types : 0 };

	if (key)
		vmmq_toeplitz_key_init(&device.key, key);
	source_hold(source);
	source->device = device;
	source_release(source);
}

static void source_free(struct vmmq_source *source)
{
	free(source->inbox);
	free(source->plan);
	free(source->drops);
	free(source);
}

void sources_free(struct vmmq_source *source)
{
	while (source) {
		struct vmmq_source *next = source->next;

		source_free(source);
		source = next;
	}
}

vmmq_status vmmq_source_create(struct vmmq_adapter *adapter, enum vmmq_source_mode mode, struct vmmq_source **out,
			       struct vmmq_why *why)
{
	struct vmmq_source *source = aligned_alloc(CACHE_LINE, sizeof(*source));

	*out = NULL;
	if (!source)
		return adapter_out_of_memory(why);
	memset(source, 0, sizeof(*source));
	source->adapter = adapter;
	source->mode = mode;
	source->inbox = calloc(adapter->processor_count, sizeof(struct inbox *));
	source->plan = calloc(adapter->processor_count + 1u, sizeof(*source->plan));
	source->drops = calloc(adapter->vports, sizeof(*source->drops));
	if (!source->inbox || !source->plan || !source->drops) {
		source_free(source);
		return adapter_out_of_memory(why);
	}
	vmmq_adapter_edit_begin(adapter);
	source->link = adapter->views.newest;
	atomic_store(&source->adopted, source->link->version);
	source->next = adapter->sources;
	adapter->sources = source;
	vmmq_adapter_edit_end(adapter);
	*out = source;
	return VMMQ_SUCCESS;
}

void vmmq_source_destroy(struct vmmq_source *source)
{
	struct vmmq_adapter *adapter = source->adapter;
	struct vmmq_source **at = &adapter->sources;

	unsigned depth = edit_pause(adapter);

	while (!drain_await(adapter, UINT64_MAX) && !adapter_is_stopping(adapter))
		backoff_wait(0); /* memory is short */
	edit_resume(adapter, depth);
	vmmq_adapter_edit_begin(adapter);
	while (*at != source)
		at = &(*at)->next;
	*at = source->next;
	/* Its inboxes stay on the processors' lists, empty, until the adapter goes; so do its counters. */
	source->next = adapter->retired_sources;
	adapter->retired_sources = source;
	vmmq_adapter_edit_end(adapter);
}
