/* SPDX-License-Identifier: BSD-2-Clause */
/* The layouts of vmmq/ndis.h against spec section 17, at compile time; and the names of OIDs. */
#include <assert.h>
#include <stddef.h>
#include <vmmq/ndis.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "requests are little endian and copied as they are");

#define SIZE(structure, bytes) static_assert(sizeof(struct vmmq_ndis_##structure) == (bytes), #structure)
#define AT(structure, member, offset)                                                                                \
	static_assert(offsetof(struct vmmq_ndis_##structure, member) == (offset), #structure "." #member)

/* clang-format off */

SIZE(header, 4);
AT(header, type, 0);
AT(header, revision, 1);
AT(header, size, 2);

SIZE(processor_number, 4);
AT(processor_number, group, 0);
AT(processor_number, number, 2);
AT(processor_number, reserved, 3);

SIZE(group_affinity, 16);
AT(group_affinity, mask, 0);
AT(group_affinity, group, 8);
AT(group_affinity, reserved, 10);

SIZE(string, 516);
AT(string, length, 0);
AT(string, unit, 2);

SIZE(rss_capabilities, 20);
AT(rss_capabilities, flags, 4);
AT(rss_capabilities, interrupt_messages, 8);
AT(rss_capabilities, receive_queues, 12);
AT(rss_capabilities, table_entries, 16);

SIZE(rss_parameters, 44);
AT(rss_parameters, flags, 4);
AT(rss_parameters, base_cpu, 6);
AT(rss_parameters, hash_information, 8);
AT(rss_parameters, table_size, 12);
AT(rss_parameters, table_offset, 16);
AT(rss_parameters, key_size, 20);
AT(rss_parameters, key_offset, 24);
AT(rss_parameters, masks_offset, 28);
AT(rss_parameters, mask_count, 32);
AT(rss_parameters, mask_size, 36);
AT(rss_parameters, default_processor, 40);

SIZE(rss_parameters_v2, 28);
AT(rss_parameters_v2, flags, 4);
AT(rss_parameters_v2, hash_information, 8);
AT(rss_parameters_v2, key_size, 12);
AT(rss_parameters_v2, key_offset, 16);
AT(rss_parameters_v2, queues, 20);
AT(rss_parameters_v2, table_entries, 24);

SIZE(rss_set_entries, 20);
AT(rss_set_entries, flags, 4);
AT(rss_set_entries, entry_size, 8);
AT(rss_set_entries, entries_offset, 12);
AT(rss_set_entries, entry_count, 16);

SIZE(rss_entry, 24);
AT(rss_entry, switch_id, 0);
AT(rss_entry, vport_id, 4);
AT(rss_entry, flags, 8);
AT(rss_entry, index, 12);
AT(rss_entry, target, 14);
AT(rss_entry, status, 20);

SIZE(receive_hash_parameters, 20);
AT(receive_hash_parameters, flags, 4);
AT(receive_hash_parameters, hash_information, 8);
AT(receive_hash_parameters, key_size, 12);
AT(receive_hash_parameters, key_offset, 16);

SIZE(rss_processor, 8);
AT(rss_processor, processor, 0);
AT(rss_processor, preference_index, 4);
AT(rss_processor, reserved, 6);

SIZE(rss_processor_info, 40);
AT(rss_processor_info, flags, 4);
AT(rss_processor_info, base_processor, 8);
AT(rss_processor_info, max_processors, 12);
AT(rss_processor_info, numa_node, 16);
AT(rss_processor_info, array_offset, 20);
AT(rss_processor_info, processor_count, 24);
AT(rss_processor_info, processor_size, 28);
AT(rss_processor_info, max_processor, 32);
AT(rss_processor_info, profile, 36);

SIZE(switch_capabilities, 0x84);
AT(switch_capabilities, flags, 4);
AT(switch_capabilities, capabilities, 0x20);
AT(switch_capabilities, max_switches, 0x24);
AT(switch_capabilities, max_vports, 0x28);
AT(switch_capabilities, max_vfs, 0x30);
AT(switch_capabilities, max_queue_pairs, 0x34);
AT(switch_capabilities, max_queue_pairs_per_nondefault_vport, 0x44);
AT(switch_capabilities, max_macs, 0x5c);
AT(switch_capabilities, max_rss_capable_nondefault_pf_vports, 0x74);
AT(switch_capabilities, table_entries_default_vport, 0x78);
AT(switch_capabilities, table_entries_per_nondefault_pf_vport, 0x7c);
AT(switch_capabilities, max_queue_pairs_default_vport, 0x80);

SIZE(switch_parameters, 0x228);
AT(switch_parameters, flags, 4);
AT(switch_parameters, type, 8);
AT(switch_parameters, switch_id, 12);
AT(switch_parameters, name, 0x10);
AT(switch_parameters, vfs, 0x214);
AT(switch_parameters, queue_pairs_default_vport, 0x224);

SIZE(switch_delete, 12);
AT(switch_delete, flags, 4);
AT(switch_delete, switch_id, 8);

SIZE(switch_info, 0x23c);
AT(switch_info, flags, 4);
AT(switch_info, type, 8);
AT(switch_info, switch_id, 12);
AT(switch_info, name, 0x10);
AT(switch_info, vfs, 0x214);
AT(switch_info, vports, 0x21c);
AT(switch_info, queue_pairs_default_vport, 0x224);
AT(switch_info, vlans_nondefault_vports, 0x238);

SIZE(switch_info_array, 16);
AT(switch_info_array, first_offset, 4);
AT(switch_info_array, count, 8);
AT(switch_info_array, element_size, 12);

SIZE(vport_parameters, 0x240);
AT(vport_parameters, flags, 4);
AT(vport_parameters, switch_id, 8);
AT(vport_parameters, vport_id, 12);
AT(vport_parameters, name, 0x10);
AT(vport_parameters, attached_function, 0x214);
AT(vport_parameters, queue_pairs, 0x218);
AT(vport_parameters, interrupt_moderation, 0x21c);
AT(vport_parameters, state, 0x220);
AT(vport_parameters, affinity, 0x228);
AT(vport_parameters, lookahead_size, 0x238);

SIZE(vport_info, 0x240);
AT(vport_info, vport_id, 4);
AT(vport_info, flags, 8);
AT(vport_info, switch_id, 12);
AT(vport_info, name, 0x10);
AT(vport_info, attached_function, 0x214);
AT(vport_info, queue_pairs, 0x218);
AT(vport_info, interrupt_moderation, 0x21c);
AT(vport_info, state, 0x220);
AT(vport_info, affinity, 0x228);
AT(vport_info, lookahead_size, 0x238);
AT(vport_info, filters, 0x23c);

SIZE(vport_info_array, 28);
AT(vport_info_array, flags, 4);
AT(vport_info_array, switch_id, 8);
AT(vport_info_array, attached_function, 12);
AT(vport_info_array, first_offset, 16);
AT(vport_info_array, count, 20);
AT(vport_info_array, element_size, 24);

SIZE(vport_delete, 12);
AT(vport_delete, flags, 4);
AT(vport_delete, vport_id, 8);

SIZE(filter_capabilities, 84);
AT(filter_capabilities, flags, 4);
AT(filter_capabilities, enabled_filter_types, 8);
AT(filter_capabilities, queues, 16);
AT(filter_capabilities, max_mac_filters, 36);
AT(filter_capabilities, arp_fields, 56);
AT(filter_capabilities, reserved, 80);

SIZE(filter_global_parameters, 16);
AT(filter_global_parameters, flags, 4);
AT(filter_global_parameters, enabled_filter_types, 8);
AT(filter_global_parameters, enabled_queue_types, 12);

SIZE(filter_parameters, 44);
AT(filter_parameters, flags, 4);
AT(filter_parameters, type, 8);
AT(filter_parameters, queue_id, 12);
AT(filter_parameters, filter_id, 16);
AT(filter_parameters, fields_offset, 20);
AT(filter_parameters, field_count, 24);
AT(filter_parameters, field_size, 28);
AT(filter_parameters, filter_id_bits, 32);
AT(filter_parameters, max_coalescing_delay, 36);
AT(filter_parameters, vport_id, 40);

SIZE(filter_field, 56);
AT(filter_field, flags, 4);
AT(filter_field, frame_header, 8);
AT(filter_field, test, 12);
AT(filter_field, field, 16);
AT(filter_field, value, 24);
AT(filter_field, result, 40);

SIZE(offload, 180);
AT(offload, other, 4);
AT(offload, gre_supported, 148);
AT(offload, gre_max_header, 152);
AT(offload, vxlan_supported, 156);
AT(offload, vxlan_max_header, 160);
AT(offload, vxlan_port, 164);
AT(offload, vxlan_port_configurable, 166);
AT(offload, vxlan_reserved, 168);
AT(offload, encapsulation_types, 176);

SIZE(offload_parameters, 36);
AT(offload_parameters, other, 4);
AT(offload_parameters, flags, 16);
AT(offload_parameters, ipsec, 20);
AT(offload_parameters, rsc, 22);
AT(offload_parameters, encapsulated_packet_task_offload, 24);
AT(offload_parameters, encapsulation_types, 25);
AT(offload_parameters, vxlan_port, 28);
AT(offload_parameters, udp_segmentation, 32);
AT(offload_parameters, udp_rsc, 34);

SIZE(filter_clear, 16);
AT(filter_clear, flags, 4);
AT(filter_clear, queue_id, 8);
AT(filter_clear, filter_id, 12);

SIZE(filter_move, 24);
AT(filter_move, filter_id, 4);
AT(filter_move, source_queue_id, 8);
AT(filter_move, source_vport_id, 12);
AT(filter_move, destination_queue_id, 16);
AT(filter_move, destination_vport_id, 20);

SIZE(filter_info, 16);
AT(filter_info, flags, 4);
AT(filter_info, type, 8);
AT(filter_info, filter_id, 12);

SIZE(filter_info_array, 28);
AT(filter_info_array, queue_id, 4);
AT(filter_info_array, first_offset, 8);
AT(filter_info_array, count, 12);
AT(filter_info_array, element_size, 16);
AT(filter_info_array, flags, 20);
AT(filter_info_array, vport_id, 24);
/* clang-format on */

const char *vmmq_oid_name(uint32_t oid)
{
	switch (oid) {
#define X(name, value)                                                                                               \
	case value:                                                                                                  \
		return #name;
		VMMQ_OIDS(X)
#undef X
	default:
		return NULL;
	}
}
