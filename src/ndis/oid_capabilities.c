/* SPDX-License-Identifier: BSD-2-Clause */
/* What the adapter can do (spec 13).  All of it is always on, so hardware and current capabilities are the same. */
#include "ndis/oid_call.h"

#define RSS_CAPABILITIES                                                                                             \
	(VMMQ_NDIS_RSS_CAPS_HASH_TOEPLITZ | VMMQ_NDIS_RSS_CAPS_TCP_IPV4 | VMMQ_NDIS_RSS_CAPS_TCP_IPV6 |              \
	 VMMQ_NDIS_RSS_CAPS_TCP_IPV6_EX | VMMQ_NDIS_RSS_CAPS_UDP_IPV4 | VMMQ_NDIS_RSS_CAPS_UDP_IPV6 |                \
	 VMMQ_NDIS_RSS_CAPS_UDP_IPV6_EX | VMMQ_NDIS_RSS_CAPS_MESSAGE_SIGNALED_INTERRUPTS |                           \
	 VMMQ_NDIS_RSS_CAPS_CLASSIFICATION_AT_ISR | VMMQ_NDIS_RSS_CAPS_USING_MSI_X |                                 \
	 VMMQ_NDIS_RSS_CAPS_SUPPORTS_MSI_X | VMMQ_NDIS_RSS_CAPS_INDEPENDENT_ENTRY_MOVE)

/* Spec 13.1, last line: a software implementation has no reason to restrict. */
#define SWITCH_CAPABILITIES                                                                                          \
	(VMMQ_NDIS_SWITCH_CAPS_VLAN | VMMQ_NDIS_SWITCH_CAPS_SINGLE_VPORT_POOL | VMMQ_NDIS_SWITCH_CAPS_WITHOUT_IOV |  \
	 VMMQ_NDIS_SWITCH_CAPS_RSS_ON_PF_VPORTS | VMMQ_NDIS_SWITCH_CAPS_PER_PF_VPORT_TABLE |                         \
	 VMMQ_NDIS_SWITCH_CAPS_PER_PF_VPORT_HASH_FUNCTION | VMMQ_NDIS_SWITCH_CAPS_PER_PF_VPORT_HASH_TYPE |           \
	 VMMQ_NDIS_SWITCH_CAPS_PER_PF_VPORT_HASH_KEY)

/*
 * Spec 13.3: VM queues and the coalescing of interrupt vectors are there whenever VMQ or SR-IOV is on.  A processor's interrupt
 * is one here, whichever VPorts it serves, so VPorts of equal affinity share theirs.
 */
#define FILTER_PROPERTIES                                                                                            \
	(VMMQ_NDIS_FILTER_CAPS_MSI_X | VMMQ_NDIS_FILTER_CAPS_VM_QUEUE |                                              \
	 VMMQ_NDIS_FILTER_CAPS_DYNAMIC_PROCESSOR_AFFINITY | VMMQ_NDIS_FILTER_CAPS_INTERRUPT_VECTOR_COALESCING |      \
	 VMMQ_NDIS_FILTER_CAPS_ANY_VLAN)

/* What zero in a limit stands for (vmmq/nic_switch.h). */
#define QUEUE_PAIRS_PER_VPORT 128u

vmmq_status oid_rss_capabilities(struct oid_call *call)
{
	uint32_t processors = (uint32_t)call->adapter->hardware.processor_count;
	const struct vmmq_ndis_rss_capabilities answer = {
		.header = oid_header(VMMQ_NDIS_OBJECT_RSS_CAPABILITIES, 3, VMMQ_NDIS_RSS_CAPABILITIES_SIZE_2),
		.flags = RSS_CAPABILITIES,
		.interrupt_messages = processors,
		.receive_queues = processors,
		.table_entries = VMMQ_TABLE_ENTRIES_MAX,
	};

	return oid_answer(call, &answer, VMMQ_NDIS_RSS_CAPABILITIES_SIZE_2);
}

static uint32_t capability_or_default(uint32_t limit, uint32_t otherwise)
{
	return limit ? limit : otherwise;
}

/* Queue pair limits per VPort are powers of two (spec 3.3): a limit that is none is told as the next one below. */
static uint32_t power_of_two_below(uint32_t limit)
{
	return 0x80000000u >> __builtin_clz(limit);
}

static uint32_t capability_queue_pairs(uint32_t vports, uint32_t per_vport)
{
	uint64_t pairs = (uint64_t)vports * per_vport;

	return pairs < UINT32_MAX ? (uint32_t)pairs : UINT32_MAX;
}

/* There are a queue pair and a filter for each VPort, so there are no more VPorts than of either (spec 3.3). */
static uint32_t capability_vports(const struct vmmq_nic_switch_params *limits)
{
	uint32_t vports = capability_or_default(limits->max_vports, VMMQ_VPORTS_MAX);

	if (limits->max_queue_pairs && limits->max_queue_pairs < vports)
		vports = limits->max_queue_pairs;
	if (limits->max_filters && limits->max_filters < vports)
		vports = limits->max_filters;
	return vports;
}

vmmq_status oid_switch_capabilities(struct oid_call *call)
{
	const struct vmmq_nic_switch_params *limits = &call->adapter->hardware;
	uint32_t per_vport = capability_or_default(limits->max_queue_pairs_per_vport, QUEUE_PAIRS_PER_VPORT);
	uint32_t vports = capability_vports(limits);
	uint32_t asymmetric = limits->symmetric ? 0 : VMMQ_NDIS_SWITCH_CAPS_ASYMMETRIC_QUEUE_PAIRS;
	const struct vmmq_ndis_switch_capabilities answer = {
		.header = oid_header(VMMQ_NDIS_OBJECT_DEFAULT, 3, VMMQ_NDIS_SWITCH_CAPABILITIES_SIZE_3),
		.capabilities = SWITCH_CAPABILITIES | asymmetric,
		.max_switches = 1,
		.max_vports = vports,
		.max_queue_pairs =
		    capability_or_default(limits->max_queue_pairs, capability_queue_pairs(vports, per_vport)),
		.max_queue_pairs_per_nondefault_vport = power_of_two_below(per_vport),
		.max_macs = capability_or_default(limits->max_filters, UINT32_MAX),
		.max_rss_capable_nondefault_pf_vports = vports - 1,
		.table_entries_default_vport = VMMQ_TABLE_ENTRIES_MAX,
		.table_entries_per_nondefault_pf_vport = VMMQ_TABLE_ENTRIES_MAX,
		.max_queue_pairs_default_vport = power_of_two_below(per_vport),
	};

	return oid_answer(call, &answer, VMMQ_NDIS_SWITCH_CAPABILITIES_SIZE_3);
}

/* Spec 13.3: in switch mode filters are enabled and there are no VM queues. */
vmmq_status oid_filter_capabilities(struct oid_call *call)
{
	const struct vmmq_ndis_filter_capabilities answer = {
		.header = oid_header(VMMQ_NDIS_OBJECT_DEFAULT, 2, VMMQ_NDIS_FILTER_CAPABILITIES_SIZE_2),
		.enabled_filter_types = VMMQ_NDIS_VMQ_FILTERS_ENABLED,
		.queue_properties = FILTER_PROPERTIES,
		.tests = VMMQ_NDIS_FILTER_CAPS_TEST_EQUAL,
		.headers = VMMQ_NDIS_FILTER_CAPS_HEADER_MAC,
		.mac_fields = VMMQ_NDIS_FILTER_CAPS_MAC_DESTINATION | VMMQ_NDIS_FILTER_CAPS_MAC_VLAN_ID,
		.max_mac_filters = capability_or_default(call->adapter->hardware.max_filters, UINT32_MAX),
	};

	return oid_answer(call, &answer, VMMQ_NDIS_FILTER_CAPABILITIES_SIZE_2);
}

vmmq_status oid_filter_global(struct oid_call *call)
{
	const struct vmmq_ndis_filter_global_parameters answer = {
		.header = oid_header(VMMQ_NDIS_OBJECT_DEFAULT, 1, sizeof(answer)),
		.enabled_filter_types = VMMQ_NDIS_VMQ_FILTERS_ENABLED,
	};

	return oid_answer(call, &answer, sizeof(answer));
}
