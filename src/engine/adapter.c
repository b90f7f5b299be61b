/* SPDX-License-Identifier: BSD-2-Clause */
/* The adapter's life: made of a NIC switch, processors and the first view; sources come and go; taken apart at the end. */
#include <assert.h>
#include <rte_mbuf.h>
#include <stdlib.h>
#include <string.h>

#include "engine/adapter_state.h"
#include "engine/oob.h"
#include "engine/sender.h"
#include "engine/source.h"

#define INBOX_SIZE_DEFAULT 2048
#define INBOX_SIZE_MIN     128
#define INBOX_SIZE_MAX     (1u << 20)
#define IDLE_NS_DEFAULT    50000
#define SLOTS              (UINT16_MAX + 1)

static_assert(!(INBOX_SIZE_MIN & (INBOX_SIZE_MIN - 1)) && !(INBOX_SIZE_MAX & (INBOX_SIZE_MAX - 1)) &&
		  !(INBOX_SIZE_DEFAULT & (INBOX_SIZE_DEFAULT - 1)),
	      "sizes of inboxes are powers of two");
static_assert(VMMQ_VPORTS_MAX == UINT16_MAX + 1, "every id that fits beside a packet may be a VPort's");

vmmq_status adapter_out_of_memory(struct vmmq_why *why)
{
	return vmmq_why_set(why, VMMQ_RESOURCES, "", "out of memory");
}

vmmq_status inbox_size_check(uint32_t size, struct vmmq_why *why)
{
	if (size >= INBOX_SIZE_MIN && size <= INBOX_SIZE_MAX && !(size & (size - 1)))
		return VMMQ_SUCCESS;
	return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "inbox_size", "%u; a power of two from %d to %u is needed",
			    size, INBOX_SIZE_MIN, INBOX_SIZE_MAX);
}

static vmmq_status params_fill(struct vmmq_adapter_params *params, struct vmmq_why *why)
{
	uint32_t size = params->inbox_size ? params->inbox_size : INBOX_SIZE_DEFAULT;

	if (!params->indicate)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "indicate", "a consumer is needed");
	if (inbox_size_check(size, why) != VMMQ_SUCCESS)
		return VMMQ_INVALID_PARAMETER;
	if (params->nic_switch.processor_count >= NO_SLOT)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "processors", "%zu; at most %d",
				    params->nic_switch.processor_count, NO_SLOT - 1);
	params->inbox_size = size;
	params->idle_ns = params->idle_ns ? params->idle_ns : IDLE_NS_DEFAULT;
	return VMMQ_SUCCESS;
}

static bool processor_init(struct vmmq_adapter *adapter, processor_slot slot, struct vmmq_processor number)
{
	struct processor *processor = &adapter->processor[slot];

	processor->adapter = adapter;
	processor->number = number;
	processor->slot = slot;
	adapter->slot_of[number.v] = slot;
	processor->counters = calloc(adapter->vports / COUNTERS_CHUNK + 1, sizeof(*processor->counters));
	return interrupt_init(&processor->interrupt) && processor->counters;
}

static bool processors_make(struct vmmq_adapter *adapter)
{
	const struct vmmq_processor_set *set = vmmq_nic_switch_processors(adapter->nic_switch);
	size_t size = set->count * sizeof(struct processor);

	adapter->slot_of = malloc(SLOTS * sizeof(*adapter->slot_of));
	adapter->processor = aligned_alloc(CACHE_LINE, size);
	if (!adapter->slot_of || !adapter->processor)
		return false;
	memset(adapter->slot_of, 0xff, SLOTS * sizeof(*adapter->slot_of));
	memset((void *)adapter->processor, 0, size);
	for (size_t i = 0; i < set->count; i++)
		adapter->processor[i].interrupt.event_fd = -1;
	adapter->processor_count = (processor_slot)set->count;
	for (size_t i = 0; i < set->count; i++)
		if (!processor_init(adapter, (processor_slot)i, set->processor[i]))
			return false;
	return true;
}

static bool adapter_fill(struct vmmq_adapter *adapter)
{
	adapter->held = calloc(adapter->vports, sizeof(*adapter->held));
	adapter->sending = calloc(adapter->vports, sizeof(*adapter->sending));
	adapter->gone_drops = calloc(adapter->vports, sizeof(*adapter->gone_drops));
	if (!adapter->held || !adapter->sending || !adapter->gone_drops)
		return false;
	if (!view_chain_init(&adapter->views, vmmq_nic_switch_view(adapter->nic_switch)))
		return false;
	return processors_make(adapter);
}

vmmq_status vmmq_adapter_create(const struct vmmq_adapter_params *params, struct vmmq_adapter **out,
				struct vmmq_why *why)
{
	struct vmmq_adapter *adapter = aligned_alloc(CACHE_LINE, sizeof(*adapter));
	vmmq_status status;

	*out = NULL;
	if (!adapter)
		return adapter_out_of_memory(why);
	memset((void *)adapter, 0, sizeof(*adapter));
	adapter->params = *params;
	status = params_fill(&adapter->params, why);
	if (status == VMMQ_SUCCESS)
		status = vmmq_nic_switch_create(&params->nic_switch, &adapter->nic_switch, why);
	if (status == VMMQ_SUCCESS) {
		adapter->vports = params->nic_switch.max_vports ? params->nic_switch.max_vports : VMMQ_VPORTS_MAX;
		if (!oob_register())
			status = vmmq_why_set(why, VMMQ_RESOURCES, "", "no room for OOB in DPDK's mbufs");
		else if (!adapter_fill(adapter))
			status = adapter_out_of_memory(why);
	}
	if (status != VMMQ_SUCCESS) {
		vmmq_adapter_destroy(adapter);
		return status;
	}
	view_chain_follow(adapter);
	*out = adapter;
	return VMMQ_SUCCESS;
}

static void inboxes_let_go(struct inbox *inbox)
{
	while (inbox) {
		struct inbox *beside = inbox->beside;

		if (atomic_load_explicit(&inbox->is_left, memory_order_acquire)) /* L6 */
			source_let_go(inbox->source);
		inbox = beside;
	}
}

static void processor_fini(struct vmmq_adapter *adapter, struct processor *processor)
{
	unsigned count = 0;

	inboxes_let_go(processor->listed);
	inboxes_let_go(inbox_stack_take(&processor->fresh, &count));
	for (uint32_t i = 0; processor->counters && i <= adapter->vports / COUNTERS_CHUNK; i++)
		free(atomic_load_explicit(&processor->counters[i], memory_order_acquire)); /* C1 */
	free(processor->counters);
	free(processor->polls);
	interrupt_fini(&processor->interrupt);
}

void vmmq_adapter_destroy(struct vmmq_adapter *adapter)
{
	if (!adapter)
		return;
	for (processor_slot i = 0; i < adapter->processor_count; i++)
		processor_complete(&adapter->processor[i]);
	senders_free(adapter->retired_senders);
	for (processor_slot i = 0; i < adapter->processor_count; i++)
		processor_fini(adapter, &adapter->processor[i]);
	sources_free(adapter->sources);
	sources_free(adapter->retired_sources);
	view_chain_fini(&adapter->views);
	vmmq_nic_switch_destroy(adapter->nic_switch);
	free(adapter->gone_drops);
	free(adapter->held);
	free(adapter->sending);
	free(adapter->slot_of);
	free(adapter->processor);
	free(adapter);
}

struct vmmq_nic_switch *vmmq_adapter_switch(struct vmmq_adapter *adapter)
{
	return adapter->nic_switch;
}
