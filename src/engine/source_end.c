/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A source's end.  Its inboxes are empty then, but processors may still have them on their lists, and gates in one may wait
 * for another; so all of it is freed together, by whoever lets go of the last one: control, of those that no processor
 * has listed, or a processor in its next turn.  Nobody is waited for but the source's own packets.
 */
#include <assert.h>
#include <rte_mbuf.h>
#include <rte_pause.h>
#include <stdlib.h>

#include "base/clock.h"
#include "engine/adapter_state.h"
#include "engine/backoff.h"
#include "engine/call.h"
#include "engine/source.h"

static void blocks_free(union gate_block *block)
{
	while (block) {
		union gate_block *next = block->next;

		free(block);
		block = next;
	}
}

/* packet_free_left frees a packet that was never indicated. */
static void packet_free_left(void *context, struct rte_mbuf *packet)
{
	(void)context;
	rte_pktmbuf_free(packet);
}

void source_free(struct vmmq_source *source)
{
	for (processor_slot i = 0; source->inbox && i < source->adapter->processor_count; i++)
		if (source_inbox_find(source, i))
			inbox_destroy(source_inbox_find(source, i), packet_free_left, NULL);
	trail_fini(&source->trail);
	blocks_free(source->blocks);
	blocks_free(atomic_load_explicit(&source->supply, memory_order_acquire)); /* S3 */
	free(source->inbox);
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

void source_let_go(struct vmmq_source *source)
{
	if (atomic_fetch_sub_explicit(&source->keepers, 1, memory_order_acq_rel) == 1) /* S4 */
		source_free(source);
}

/* inbox_leave_to leaves an inbox to the processor that has it listed, or lets go of it at once where none has. */
static void inbox_leave_to(struct processor *processor, struct inbox *inbox)
{
	atomic_store_explicit(&inbox->is_left, true, memory_order_seq_cst); /* L6 */
	if (!inbox_list(inbox))
		return;
	while (atomic_load_explicit(&processor->leaving, memory_order_seq_cst) == inbox) /* L7 */
		rte_pause();
	source_let_go(inbox->source);
}

/* source_leave frees a source that nobody uses any more and that has nothing under way. */
static void source_leave(struct vmmq_source *source)
{
	struct vmmq_adapter *adapter = source->adapter;

	atomic_store_explicit(&source->keepers, adapter->processor_count + 1u, memory_order_relaxed); /* S4 */
	for (processor_slot i = 0; i < adapter->processor_count; i++) {
		struct inbox *inbox = source_inbox_find(source, i);

		if (inbox)
			inbox_leave_to(&adapter->processor[i], inbox);
		else
			source_let_go(source);
	}
	source_let_go(source);
}

/* source_count_gone adds what the source has counted to what all that are gone have. */
static void source_count_gone(const struct vmmq_source *source)
{
	struct vmmq_adapter *adapter = source->adapter;

	counter_add(&adapter->gone_received, counter_read(&source->received));
	for (uint32_t i = 0; i < adapter->vports; i++)
		for (unsigned k = 0; k < VMMQ_DROP_COUNT; k++)
			if (counter_read(&source->drops[i].reason[k]))
				counter_add(&adapter->gone_drops[i].reason[k],
					    counter_read(&source->drops[i].reason[k]));
}

static bool source_has_packets(const struct vmmq_source *source)
{
	for (processor_slot i = 0; i < source->adapter->processor_count; i++) {
		const struct inbox *inbox = source_inbox_find(source, i);

		if (inbox && inbox_has_packets(inbox))
			return true;
	}
	return false;
}

void vmmq_source_destroy(struct vmmq_source *source)
{
	struct vmmq_adapter *adapter = source->adapter;
	struct vmmq_source **at = &adapter->sources;
	unsigned depth = edit_pause(adapter);
	uint64_t started = now_ns();

	assert(!source_has_packets(source) || !processors_turning_here(adapter)); /* it would wait for itself */
	while (source_has_packets(source) && !adapter_is_stopping(adapter))
		backoff_wait(started);
	edit_resume(adapter, depth);
	vmmq_adapter_edit_begin(adapter);
	while (*at != source)
		at = &(*at)->next;
	*at = source->next;
	if (source_has_packets(source)) { /* nobody may indicate them any more: vmmq_adapter_destroy() frees them */
		source->next = adapter->retired_sources;
		adapter->retired_sources = source;
	} else {
		source_count_gone(source);
		source_leave(source);
	}
	vmmq_adapter_edit_end(adapter);
}
