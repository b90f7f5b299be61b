/* SPDX-License-Identifier: BSD-2-Clause */
/* The adapter: what its processors, sources and views hang on. */
#ifndef VMMQ_ENGINE_ADAPTER_STATE_H
#define VMMQ_ENGINE_ADAPTER_STATE_H

#include <stdatomic.h>
#include <vmmq/adapter.h>

#include "engine/edit_lock.h"
#include "engine/processor_slot.h"
#include "engine/processor_state.h"
#include "engine/view_chain.h"

struct vmmq_adapter {
	/* constant */
	struct vmmq_adapter_params params; /* defaults filled in; pointers inside are not kept */
	struct vmmq_nic_switch *nic_switch;
	uint32_t vports;         /* ids are below */
	processor_slot *slot_of; /* by processor number */
	struct processor *processor;
	processor_slot processor_count;

	/* any thread: rw */
	atomic_bool stopping;
	atomic_bool times_polls; /* control: rw; processors: relaxed */
	_Atomic uint32_t *held;  /* by VPort id: indicated and not yet returned; below 0 for a moment (indicate.c) */
	_Atomic uint32_t *sending; /* by VPort id: sent and not yet completed */

	/* apart from the above, which every packet's way reads */
	_Alignas(CACHE_LINE) struct edit_lock edit;

	/* control, or a processor that moves entries: rw, holding edit */
	struct vmmq_source *sources;
	struct vmmq_source *retired_sources; /* destroyed while stopping, with packets under way */
	struct vport_drops *gone_drops;      /* by VPort id: of sources that are gone; any reader: relaxed */
	_Atomic uint64_t gone_received;      /* likewise */
	struct view_chain views;

	/* control: rw */
	struct vmmq_sender *retired_senders; /* destroyed while stopping, with sends to be completed */
};

/* processor_find returns the adapter's processor of that number, or NULL. */
static inline struct processor *processor_find(const struct vmmq_adapter *adapter, struct vmmq_processor number)
{
	processor_slot slot = adapter->slot_of[number.v];

	return slot == NO_SLOT ? NULL : &adapter->processor[slot];
}

/* adapter_is_stopping tells whether vmmq_adapter_stop() was called.  Any thread. */
static inline bool adapter_is_stopping(const struct vmmq_adapter *adapter)
{
	return atomic_load_explicit(&adapter->stopping, memory_order_acquire);
}

/* inbox_size_check: INVALID_PARAMETER: no inbox may have that size. */
vmmq_status inbox_size_check(uint32_t size, struct vmmq_why *why);

/* adapter_out_of_memory is the one answer to that: RESOURCES. */
vmmq_status adapter_out_of_memory(struct vmmq_why *why);

#endif
