/* SPDX-License-Identifier: BSD-2-Clause */
/* Members of NDIS structures by the names of vmmq/ndis.h. */
#include <string.h>

#include "vmmq/oid/cmd_oid.h"

#define MEMBER(structure, member, kind)                                                                              \
	{                                                                                                            \
#member, offsetof(struct vmmq_ndis_##structure, member),                                             \
		    sizeof(((struct vmmq_ndis_##structure *)0)->member) <= 8                                         \
		    ? sizeof(((struct vmmq_ndis_##structure *)0)->member) : 0,                                       \
		    OID_##kind                                                                                       \
	}
#define STRUCTURE(symbol, title, type, revisions, sizes, fields, tail)                                               \
	const struct oid_structure symbol = { title,          type,   revisions,                                     \
					      sizes,          fields, sizeof(fields) / sizeof(fields[0]),            \
					      OID_TAIL_##tail }
#define SIZES(...)                                                                                                   \
	{                                                                                                            \
		__VA_ARGS__                                                                                          \
	}

/* clang-format off */
static const struct oid_field rss_capabilities[] = {
	MEMBER(rss_capabilities, flags, HEX), MEMBER(rss_capabilities, interrupt_messages, NUMBER),
	MEMBER(rss_capabilities, receive_queues, NUMBER), MEMBER(rss_capabilities, table_entries, NUMBER),
};
static const struct oid_field rss_parameters[] = {
	MEMBER(rss_parameters, flags, HEX), MEMBER(rss_parameters, base_cpu, NUMBER),
	MEMBER(rss_parameters, hash_information, HASH), MEMBER(rss_parameters, table_size, NUMBER),
	MEMBER(rss_parameters, table_offset, NUMBER), MEMBER(rss_parameters, key_size, NUMBER),
	MEMBER(rss_parameters, key_offset, NUMBER), MEMBER(rss_parameters, masks_offset, NUMBER),
	MEMBER(rss_parameters, mask_count, NUMBER), MEMBER(rss_parameters, mask_size, NUMBER),
	MEMBER(rss_parameters, default_processor, PROCESSOR),
};
static const struct oid_field rss_parameters_v2[] = {
	MEMBER(rss_parameters_v2, flags, HEX), MEMBER(rss_parameters_v2, hash_information, HASH),
	MEMBER(rss_parameters_v2, key_size, NUMBER), MEMBER(rss_parameters_v2, key_offset, NUMBER),
	MEMBER(rss_parameters_v2, queues, NUMBER), MEMBER(rss_parameters_v2, table_entries, NUMBER),
};
static const struct oid_field receive_hash[] = {
	MEMBER(receive_hash_parameters, flags, HEX), MEMBER(receive_hash_parameters, hash_information, HASH),
	MEMBER(receive_hash_parameters, key_size, NUMBER), MEMBER(receive_hash_parameters, key_offset, NUMBER),
};
static const struct oid_field rss_entries[] = {
	MEMBER(rss_set_entries, flags, HEX), MEMBER(rss_set_entries, entry_size, NUMBER),
	MEMBER(rss_set_entries, entries_offset, NUMBER), MEMBER(rss_set_entries, entry_count, NUMBER),
};
static const struct oid_field rss_entry[] = {
	MEMBER(rss_entry, switch_id, NUMBER), MEMBER(rss_entry, vport_id, NUMBER), MEMBER(rss_entry, flags, HEX),
	MEMBER(rss_entry, index, NUMBER), MEMBER(rss_entry, target, PROCESSOR), MEMBER(rss_entry, status, STATUS),
};
static const struct oid_field switch_capabilities[] = {
	MEMBER(switch_capabilities, flags, HEX), MEMBER(switch_capabilities, capabilities, HEX),
	MEMBER(switch_capabilities, max_switches, NUMBER), MEMBER(switch_capabilities, max_vports, NUMBER),
	MEMBER(switch_capabilities, max_vfs, NUMBER), MEMBER(switch_capabilities, max_queue_pairs, NUMBER),
	MEMBER(switch_capabilities, max_queue_pairs_per_nondefault_vport, NUMBER),
	MEMBER(switch_capabilities, max_macs, NUMBER),
	MEMBER(switch_capabilities, max_rss_capable_nondefault_pf_vports, NUMBER),
	MEMBER(switch_capabilities, table_entries_default_vport, NUMBER),
	MEMBER(switch_capabilities, table_entries_per_nondefault_pf_vport, NUMBER),
	MEMBER(switch_capabilities, max_queue_pairs_default_vport, NUMBER),
};
static const struct oid_field switch_parameters[] = {
	MEMBER(switch_parameters, flags, HEX), MEMBER(switch_parameters, type, NUMBER),
	MEMBER(switch_parameters, switch_id, NUMBER), MEMBER(switch_parameters, name, STRING),
	MEMBER(switch_parameters, vfs, NUMBER), MEMBER(switch_parameters, queue_pairs_default_vport, NUMBER),
};
static const struct oid_field switch_delete[] = {
	MEMBER(switch_delete, flags, HEX), MEMBER(switch_delete, switch_id, NUMBER),
};
static const struct oid_field switch_array[] = {
	MEMBER(switch_info_array, first_offset, NUMBER), MEMBER(switch_info_array, count, NUMBER),
	MEMBER(switch_info_array, element_size, NUMBER),
};
static const struct oid_field switch_info[] = {
	MEMBER(switch_info, flags, HEX), MEMBER(switch_info, type, NUMBER), MEMBER(switch_info, switch_id, NUMBER),
	MEMBER(switch_info, name, STRING), MEMBER(switch_info, vfs, NUMBER),
	MEMBER(switch_info, allocated_vfs, NUMBER), MEMBER(switch_info, vports, NUMBER),
	MEMBER(switch_info, active_vports, NUMBER), MEMBER(switch_info, queue_pairs_default_vport, NUMBER),
	MEMBER(switch_info, queue_pairs_nondefault_vports, NUMBER), MEMBER(switch_info, macs_default_vport, NUMBER),
	MEMBER(switch_info, macs_nondefault_vports, NUMBER), MEMBER(switch_info, vlans_default_vport, NUMBER),
	MEMBER(switch_info, vlans_nondefault_vports, NUMBER),
};
static const struct oid_field vport_parameters[] = {
	MEMBER(vport_parameters, flags, HEX), MEMBER(vport_parameters, switch_id, NUMBER),
	MEMBER(vport_parameters, vport_id, NUMBER), MEMBER(vport_parameters, name, STRING),
	MEMBER(vport_parameters, attached_function, HEX), MEMBER(vport_parameters, queue_pairs, NUMBER),
	MEMBER(vport_parameters, interrupt_moderation, NUMBER), MEMBER(vport_parameters, state, NUMBER),
	MEMBER(vport_parameters, affinity, AFFINITY), MEMBER(vport_parameters, lookahead_size, NUMBER),
};
static const struct oid_field vport_array[] = {
	MEMBER(vport_info_array, flags, HEX), MEMBER(vport_info_array, switch_id, NUMBER),
	MEMBER(vport_info_array, attached_function, HEX), MEMBER(vport_info_array, first_offset, NUMBER),
	MEMBER(vport_info_array, count, NUMBER), MEMBER(vport_info_array, element_size, NUMBER),
};
static const struct oid_field vport_info[] = {
	MEMBER(vport_info, vport_id, NUMBER), MEMBER(vport_info, flags, HEX), MEMBER(vport_info, switch_id, NUMBER),
	MEMBER(vport_info, name, STRING), MEMBER(vport_info, attached_function, HEX),
	MEMBER(vport_info, queue_pairs, NUMBER), MEMBER(vport_info, interrupt_moderation, NUMBER),
	MEMBER(vport_info, state, NUMBER), MEMBER(vport_info, affinity, AFFINITY),
	MEMBER(vport_info, lookahead_size, NUMBER), MEMBER(vport_info, filters, NUMBER),
};
static const struct oid_field vport_delete[] = {
	MEMBER(vport_delete, flags, HEX), MEMBER(vport_delete, vport_id, NUMBER),
};
static const struct oid_field filter_capabilities[] = {
	MEMBER(filter_capabilities, flags, HEX), MEMBER(filter_capabilities, enabled_filter_types, HEX),
	MEMBER(filter_capabilities, enabled_queue_types, HEX), MEMBER(filter_capabilities, queues, NUMBER),
	MEMBER(filter_capabilities, queue_properties, HEX), MEMBER(filter_capabilities, tests, HEX),
	MEMBER(filter_capabilities, headers, HEX), MEMBER(filter_capabilities, mac_fields, HEX),
	MEMBER(filter_capabilities, max_mac_filters, NUMBER),
};
static const struct oid_field filter_global[] = {
	MEMBER(filter_global_parameters, flags, HEX), MEMBER(filter_global_parameters, enabled_filter_types, HEX),
	MEMBER(filter_global_parameters, enabled_queue_types, HEX),
};
static const struct oid_field filter_parameters[] = {
	MEMBER(filter_parameters, flags, HEX), MEMBER(filter_parameters, type, NUMBER),
	MEMBER(filter_parameters, queue_id, NUMBER), MEMBER(filter_parameters, filter_id, NUMBER),
	MEMBER(filter_parameters, fields_offset, NUMBER), MEMBER(filter_parameters, field_count, NUMBER),
	MEMBER(filter_parameters, field_size, NUMBER), MEMBER(filter_parameters, filter_id_bits, NUMBER),
	MEMBER(filter_parameters, max_coalescing_delay, NUMBER), MEMBER(filter_parameters, vport_id, NUMBER),
};
static const struct oid_field filter_field[] = {
	MEMBER(filter_field, flags, HEX), MEMBER(filter_field, frame_header, NUMBER),
	MEMBER(filter_field, test, NUMBER), MEMBER(filter_field, field, NUMBER),
};
static const struct oid_field filter_clear[] = {
	MEMBER(filter_clear, flags, HEX), MEMBER(filter_clear, queue_id, NUMBER),
	MEMBER(filter_clear, filter_id, NUMBER),
};
static const struct oid_field filter_move[] = {
	MEMBER(filter_move, filter_id, NUMBER), MEMBER(filter_move, source_queue_id, NUMBER),
	MEMBER(filter_move, source_vport_id, NUMBER), MEMBER(filter_move, destination_queue_id, NUMBER),
	MEMBER(filter_move, destination_vport_id, NUMBER),
};
static const struct oid_field filter_array[] = {
	MEMBER(filter_info_array, queue_id, NUMBER), MEMBER(filter_info_array, first_offset, NUMBER),
	MEMBER(filter_info_array, count, NUMBER), MEMBER(filter_info_array, element_size, NUMBER),
	MEMBER(filter_info_array, flags, HEX), MEMBER(filter_info_array, vport_id, NUMBER),
};
static const struct oid_field filter_info[] = {
	MEMBER(filter_info, flags, HEX), MEMBER(filter_info, type, NUMBER), MEMBER(filter_info, filter_id, NUMBER),
};

STRUCTURE(oid_rss_capabilities_structure, "RECEIVE_SCALE_CAPABILITIES", 0x88, 3, SIZES(16, 18, 18), rss_capabilities,
	  NONE);
STRUCTURE(oid_rss_parameters, "RECEIVE_SCALE_PARAMETERS", 0x89, 3, SIZES(28, 40, 44), rss_parameters, RSS);
STRUCTURE(oid_rss_parameters_v2, "RECEIVE_SCALE_PARAMETERS_V2", 0xc8, 1, SIZES(28), rss_parameters_v2, KEY);
STRUCTURE(oid_receive_hash, "RECEIVE_HASH_PARAMETERS", 0x80, 1, SIZES(20), receive_hash, HASH_KEY);
STRUCTURE(oid_rss_entries, "RSS_SET_INDIRECTION_ENTRIES", 0xc9, 1, SIZES(20), rss_entries, ENTRIES);
STRUCTURE(oid_rss_entry, "RSS_SET_INDIRECTION_ENTRY", 0, 1, SIZES(24), rss_entry, NONE);
STRUCTURE(oid_switch_capabilities_structure, "NIC_SWITCH_CAPABILITIES", 0x80, 3, SIZES(0x20, 0x74, 0x84),
	  switch_capabilities, NONE);
STRUCTURE(oid_switch_parameters, "NIC_SWITCH_PARAMETERS", 0x80, 2, SIZES(0x224, 0x228), switch_parameters, NONE);
STRUCTURE(oid_switch_delete_structure, "NIC_SWITCH_DELETE_SWITCH_PARAMETERS", 0x80, 1, SIZES(12), switch_delete, NONE);
STRUCTURE(oid_switch_array, "NIC_SWITCH_INFO_ARRAY", 0x80, 1, SIZES(16), switch_array, SWITCHES);
STRUCTURE(oid_switch_info, "NIC_SWITCH_INFO", 0x80, 1, SIZES(0x23c), switch_info, NONE);
STRUCTURE(oid_vport_parameters, "NIC_SWITCH_VPORT_PARAMETERS", 0x80, 2, SIZES(0x23c, 0x23c), vport_parameters, NONE);
STRUCTURE(oid_vport_array, "NIC_SWITCH_VPORT_INFO_ARRAY", 0x80, 1, SIZES(28), vport_array, VPORTS);
STRUCTURE(oid_vport_info, "NIC_SWITCH_VPORT_INFO", 0x80, 1, SIZES(0x240), vport_info, NONE);
STRUCTURE(oid_vport_delete_structure, "NIC_SWITCH_DELETE_VPORT_PARAMETERS", 0x80, 1, SIZES(12), vport_delete, NONE);
STRUCTURE(oid_filter_capabilities_structure, "RECEIVE_FILTER_CAPABILITIES", 0x80, 2, SIZES(56, 84), filter_capabilities,
	  NONE);
STRUCTURE(oid_filter_global_structure, "RECEIVE_FILTER_GLOBAL_PARAMETERS", 0x80, 1, SIZES(16), filter_global, NONE);
STRUCTURE(oid_filter_parameters, "RECEIVE_FILTER_PARAMETERS", 0x80, 2, SIZES(36, 44), filter_parameters, FIELDS);
STRUCTURE(oid_filter_field, "RECEIVE_FILTER_FIELD_PARAMETERS", 0x80, 2, SIZES(56, 56), filter_field, NONE);
STRUCTURE(oid_filter_clear_structure, "RECEIVE_FILTER_CLEAR_PARAMETERS", 0x80, 1, SIZES(16), filter_clear, NONE);
STRUCTURE(oid_filter_move_structure, "RECEIVE_FILTER_MOVE_FILTER_PARAMETERS", 0x80, 1, SIZES(24), filter_move, NONE);
STRUCTURE(oid_filter_array, "RECEIVE_FILTER_INFO_ARRAY", 0x80, 2, SIZES(20, 28), filter_array, FILTERS);
STRUCTURE(oid_filter_info, "RECEIVE_FILTER_INFO", 0x80, 1, SIZES(16), filter_info, NONE);

const struct oid_structure *oid_structure_of(uint32_t oid)
{
	switch (oid) {
	case VMMQ_OID_GEN_RECEIVE_SCALE_CAPABILITIES:        return &oid_rss_capabilities_structure;
	case VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS:          return &oid_rss_parameters;
	case VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS_V2:       return &oid_rss_parameters_v2;
	case VMMQ_OID_GEN_RECEIVE_HASH:                      return &oid_receive_hash;
	case VMMQ_OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES: return &oid_rss_entries;
	case VMMQ_OID_NIC_SWITCH_HARDWARE_CAPABILITIES:
	case VMMQ_OID_NIC_SWITCH_CURRENT_CAPABILITIES:       return &oid_switch_capabilities_structure;
	case VMMQ_OID_NIC_SWITCH_CREATE_SWITCH:
	case VMMQ_OID_NIC_SWITCH_PARAMETERS:                 return &oid_switch_parameters;
	case VMMQ_OID_NIC_SWITCH_DELETE_SWITCH:              return &oid_switch_delete_structure;
	case VMMQ_OID_NIC_SWITCH_ENUM_SWITCHES:              return &oid_switch_array;
	case VMMQ_OID_NIC_SWITCH_CREATE_VPORT:
	case VMMQ_OID_NIC_SWITCH_VPORT_PARAMETERS:           return &oid_vport_parameters;
	case VMMQ_OID_NIC_SWITCH_ENUM_VPORTS:                return &oid_vport_array;
	case VMMQ_OID_NIC_SWITCH_DELETE_VPORT:               return &oid_vport_delete_structure;
	case VMMQ_OID_RECEIVE_FILTER_HARDWARE_CAPABILITIES:
	case VMMQ_OID_RECEIVE_FILTER_CURRENT_CAPABILITIES:   return &oid_filter_capabilities_structure;
	case VMMQ_OID_RECEIVE_FILTER_GLOBAL_PARAMETERS:      return &oid_filter_global_structure;
	case VMMQ_OID_RECEIVE_FILTER_SET_FILTER:
	case VMMQ_OID_RECEIVE_FILTER_PARAMETERS:             return &oid_filter_parameters;
	case VMMQ_OID_RECEIVE_FILTER_CLEAR_FILTER:           return &oid_filter_clear_structure;
	case VMMQ_OID_RECEIVE_FILTER_MOVE_FILTER:            return &oid_filter_move_structure;
	case VMMQ_OID_RECEIVE_FILTER_ENUM_FILTERS:           return &oid_filter_array;
	default:                                             return NULL;
	}
}
/* clang-format on */

const struct oid_field *oid_field_find(const struct oid_structure *structure, const char *name)
{
	for (size_t i = 0; i < structure->field_count; i++)
		if (strcmp(structure->field[i].name, name) == 0)
			return &structure->field[i];
	return NULL;
}
