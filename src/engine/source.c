/* SPDX-License-Identifier: BSD-2-Clause */
/* A source's life, who holds it, and its inboxes. */
#include "engine/source.h"

#include <assert.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "engine/adapter_state.h"
#include "engine/step.h"

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

/* Its source makes it at its first packet, or control before its first gate: whoever comes first. */
struct inbox *source_inbox_make(struct vmmq_source *source, processor_slot slot)
{
	struct inbox *inbox = inbox_create(source->inbox_size, source->adapter->vports), *first = NULL;

	if (!inbox)
		return NULL;
	inbox->source = source;
	if (!atomic_compare_exchange_strong_explicit(&source->inbox[slot], &first, inbox, memory_order_acq_rel,
						     memory_order_acquire)) { /* P2 */
		inbox_destroy(inbox, NULL, NULL);
		return first;
	}
	return inbox;
}

bool source_adopt(struct vmmq_source *source, bool may_allocate)
{
	struct view_link *next;

	assert(source_is_held(source) && !source->touched_count);
	while ((next = atomic_load_explicit(&source->link->next, memory_order_acquire))) { /* pairs with V1 */
		if (!step_take(source, next, may_allocate))
			return false;
		source->link = next;
		atomic_store_explicit(&source->adopted, next->version, memory_order_release); /* S2 */
	}
	return true;
}

void vmmq_source_device_hash(struct vmmq_source *source, const uint8_t key[VMMQ_KEY_LEN], uint32_t hash_types)
{
	struct vmmq_device_hash device = { .hash_types = key ? hash_types : 0 };

	if (key)
		vmmq_toeplitz_key_init(&device.key, key);
	source_hold(source);
	source->device = device;
	source->until_sample = HASH_SAMPLE_EVERY;
	source_release(source);
}

uint64_t vmmq_source_hash_mismatches(const struct vmmq_source *source)
{
	return counter_read(&source->hash_mismatches);
}

vmmq_status vmmq_source_create(struct vmmq_adapter *adapter, enum vmmq_source_mode mode, struct vmmq_source **out,
			       struct vmmq_why *why)
{
	return vmmq_source_create_sized(adapter, mode, 0, out, why);
}

vmmq_status vmmq_source_create_sized(struct vmmq_adapter *adapter, enum vmmq_source_mode mode, uint32_t inbox_size,
				     struct vmmq_source **out, struct vmmq_why *why)
{
	struct vmmq_source *source;

	*out = NULL;
	if (inbox_size && inbox_size_check(inbox_size, why) != VMMQ_SUCCESS)
		return VMMQ_INVALID_PARAMETER;
	source = aligned_alloc(CACHE_LINE, sizeof(*source));
	if (!source)
		return adapter_out_of_memory(why);
	memset((void *)source, 0, sizeof(*source));
	source->adapter = adapter;
	source->mode = mode;
	source->inbox_size = inbox_size ? inbox_size : adapter->params.inbox_size;
	source->inbox = calloc(adapter->processor_count, sizeof(*source->inbox));
	source->drops = calloc(adapter->vports, sizeof(*source->drops));
	if (!source->inbox || !source->drops) {
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
