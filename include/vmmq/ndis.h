/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NDIS requests as bytes: the structures, constants and OIDs that a VMMQ miniport is driven with.
 * Layouts: spec section 17; capability bits: 13; hash types are those of vmmq/types.h.
 *
 * 64-bit natural alignment with every padding byte spelled out, so that the layout is the same for every ABI; little
 * endian.  A structure may stand at any address in a request: copy it out, never cast.  Sizes and offsets are asserted
 * in src/ndis/layout.c.  Names are ours; the original's name, in the order of its members, is easy to tell.
 */
#ifndef VMMQ_NDIS_H
#define VMMQ_NDIS_H

#include <vmmq/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * OIDs of NIC switch, VPorts, receive filters and RSS (spec 17.5).
 *   X(name, value)
 */
/* clang-format off */
#define VMMQ_OIDS(X) \
	X(GEN_RECEIVE_SCALE_CAPABILITIES,           0x00010203u) \
	X(GEN_RECEIVE_SCALE_PARAMETERS,             0x00010204u) \
	X(GEN_RECEIVE_SCALE_PARAMETERS_V2,          0x00010214u) \
	X(GEN_RECEIVE_HASH,                         0x0001021fu) \
	X(GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES,    0x000102c0u) \
	X(RECEIVE_FILTER_HARDWARE_CAPABILITIES,     0x00010221u) \
	X(RECEIVE_FILTER_GLOBAL_PARAMETERS,         0x00010222u) \
	X(RECEIVE_FILTER_ALLOCATE_QUEUE,            0x00010223u) \
	X(RECEIVE_FILTER_FREE_QUEUE,                0x00010224u) \
	X(RECEIVE_FILTER_ENUM_QUEUES,               0x00010225u) \
	X(RECEIVE_FILTER_QUEUE_PARAMETERS,          0x00010226u) \
	X(RECEIVE_FILTER_SET_FILTER,                0x00010227u) \
	X(RECEIVE_FILTER_CLEAR_FILTER,              0x00010228u) \
	X(RECEIVE_FILTER_ENUM_FILTERS,              0x00010229u) \
	X(RECEIVE_FILTER_PARAMETERS,                0x0001022au) \
	X(RECEIVE_FILTER_QUEUE_ALLOCATION_COMPLETE, 0x0001022bu) \
	X(RECEIVE_FILTER_CURRENT_CAPABILITIES,      0x0001022du) \
	X(RECEIVE_FILTER_MOVE_FILTER,               0x00010230u) \
	X(NIC_SWITCH_HARDWARE_CAPABILITIES,         0x0001022eu) \
	X(NIC_SWITCH_CURRENT_CAPABILITIES,          0x0001022fu) \
	X(NIC_SWITCH_CREATE_SWITCH,                 0x00010237u) \
	X(NIC_SWITCH_PARAMETERS,                    0x00010238u) \
	X(NIC_SWITCH_DELETE_SWITCH,                 0x00010239u) \
	X(NIC_SWITCH_ENUM_SWITCHES,                 0x00010240u) \
	X(NIC_SWITCH_CREATE_VPORT,                  0x00010241u) \
	X(NIC_SWITCH_VPORT_PARAMETERS,              0x00010242u) \
	X(NIC_SWITCH_ENUM_VPORTS,                   0x00010243u) \
	X(NIC_SWITCH_DELETE_VPORT,                  0x00010244u) \
	X(NIC_SWITCH_ALLOCATE_VF,                   0x00010245u) \
	X(NIC_SWITCH_FREE_VF,                       0x00010246u) \
	X(NIC_SWITCH_VF_PARAMETERS,                 0x00010247u) \
	X(NIC_SWITCH_ENUM_VFS,                      0x00010248u) \
	X(TCP_OFFLOAD_CURRENT_CONFIG,               0xfc01020bu) \
	X(TCP_OFFLOAD_PARAMETERS,                   0xfc01020cu) \
	X(TCP_OFFLOAD_HARDWARE_CAPABILITIES,        0xfc01020du)
/* clang-format on */

enum vmmq_oid {
#define X(name, value) VMMQ_OID_##name = (int)(value),
	VMMQ_OIDS(X)
#undef X
};

/* Object types and other small constants (spec 17.1). */
#define VMMQ_NDIS_OBJECT_DEFAULT                     0x80u
#define VMMQ_NDIS_OBJECT_RSS_CAPABILITIES            0x88u
#define VMMQ_NDIS_OBJECT_RSS_PARAMETERS              0x89u
#define VMMQ_NDIS_OBJECT_OID_REQUEST                 0x96u
#define VMMQ_NDIS_OBJECT_OFFLOAD                     0xa7u
#define VMMQ_NDIS_OBJECT_RSS_PROCESSOR_INFO          0xb1u
#define VMMQ_NDIS_OBJECT_RSS_PARAMETERS_V2           0xc8u
#define VMMQ_NDIS_OBJECT_RSS_SET_INDIRECTION_ENTRIES 0xc9u
#define VMMQ_NDIS_VPORT_ID_VALID                     0x1u /* request flag: the request is about its VPortId */
#define VMMQ_NDIS_DEFAULT_SWITCH_ID                  0u
#define VMMQ_NDIS_INVALID_SWITCH_ID                  0xffffffffu
#define VMMQ_NDIS_DEFAULT_VPORT_ID                   0u
#define VMMQ_NDIS_INVALID_VPORT_ID                   0xffffffffu
#define VMMQ_NDIS_PF_FUNCTION_ID                     0xffffu
#define VMMQ_NDIS_SWITCH_TYPE_EXTERNAL               1u
#define VMMQ_NDIS_STRING_UNITS                       256u /* UTF-16 units of a counted string */

/* RSS capability bits (spec 13.2); the type bits below are not those of a hash type (spec 6.1). */
#define VMMQ_NDIS_RSS_CAPS_HASH_TOEPLITZ               0x00000001u
#define VMMQ_NDIS_RSS_CAPS_TCP_IPV4                    0x00000100u
#define VMMQ_NDIS_RSS_CAPS_TCP_IPV6                    0x00000200u
#define VMMQ_NDIS_RSS_CAPS_TCP_IPV6_EX                 0x00000400u
#define VMMQ_NDIS_RSS_CAPS_UDP_IPV4                    0x00000800u
#define VMMQ_NDIS_RSS_CAPS_UDP_IPV6                    0x00001000u
#define VMMQ_NDIS_RSS_CAPS_UDP_IPV6_EX                 0x00002000u
#define VMMQ_NDIS_RSS_CAPS_MESSAGE_SIGNALED_INTERRUPTS 0x01000000u
#define VMMQ_NDIS_RSS_CAPS_CLASSIFICATION_AT_ISR       0x02000000u
#define VMMQ_NDIS_RSS_CAPS_CLASSIFICATION_AT_DPC       0x04000000u
#define VMMQ_NDIS_RSS_CAPS_USING_MSI_X                 0x08000000u
#define VMMQ_NDIS_RSS_CAPS_RSS_AVAILABLE_ON_PORTS      0x10000000u
#define VMMQ_NDIS_RSS_CAPS_SUPPORTS_MSI_X              0x20000000u
#define VMMQ_NDIS_RSS_CAPS_INDEPENDENT_ENTRY_MOVE      0x40000000u

/* NIC switch capability bits (spec 13.1). */
#define VMMQ_NDIS_SWITCH_CAPS_VLAN                          0x0001u
#define VMMQ_NDIS_SWITCH_CAPS_PER_VPORT_MODERATION          0x0002u
#define VMMQ_NDIS_SWITCH_CAPS_ASYMMETRIC_QUEUE_PAIRS        0x0004u
#define VMMQ_NDIS_SWITCH_CAPS_VF_RSS                        0x0008u
#define VMMQ_NDIS_SWITCH_CAPS_SINGLE_VPORT_POOL             0x0010u
#define VMMQ_NDIS_SWITCH_CAPS_RSS_PARAMETERS_PER_PF_VPORT   0x0020u
#define VMMQ_NDIS_SWITCH_CAPS_WITHOUT_IOV                   0x0040u
#define VMMQ_NDIS_SWITCH_CAPS_RSS_ON_PF_VPORTS              0x0080u
#define VMMQ_NDIS_SWITCH_CAPS_PER_PF_VPORT_TABLE            0x0100u
#define VMMQ_NDIS_SWITCH_CAPS_PER_PF_VPORT_HASH_FUNCTION    0x0200u
#define VMMQ_NDIS_SWITCH_CAPS_PER_PF_VPORT_HASH_TYPE        0x0400u
#define VMMQ_NDIS_SWITCH_CAPS_PER_PF_VPORT_HASH_KEY         0x0800u
#define VMMQ_NDIS_SWITCH_CAPS_PER_PF_VPORT_TABLE_RESTRICTED 0x1000u

/* Receive filter capability bits (spec 13.3). */
#define VMMQ_NDIS_FILTER_CAPS_MSI_X                       0x0001u
#define VMMQ_NDIS_FILTER_CAPS_VM_QUEUE                    0x0002u
#define VMMQ_NDIS_FILTER_CAPS_LOOKAHEAD_SPLIT             0x0004u
#define VMMQ_NDIS_FILTER_CAPS_DYNAMIC_PROCESSOR_AFFINITY  0x0008u
#define VMMQ_NDIS_FILTER_CAPS_INTERRUPT_VECTOR_COALESCING 0x0010u
#define VMMQ_NDIS_FILTER_CAPS_ANY_VLAN                    0x0020u
#define VMMQ_NDIS_FILTER_CAPS_MIN_OF_QUEUES               0x0040u
#define VMMQ_NDIS_FILTER_CAPS_SUM_OF_QUEUES               0x0080u
#define VMMQ_NDIS_FILTER_CAPS_PACKET_COALESCING           0x0100u
#define VMMQ_NDIS_FILTER_CAPS_TEST_EQUAL                  0x1u
#define VMMQ_NDIS_FILTER_CAPS_TEST_MASK_EQUAL             0x2u
#define VMMQ_NDIS_FILTER_CAPS_TEST_NOT_EQUAL              0x4u
#define VMMQ_NDIS_FILTER_CAPS_HEADER_MAC                  0x01u
#define VMMQ_NDIS_FILTER_CAPS_HEADER_IPV4                 0x02u
#define VMMQ_NDIS_FILTER_CAPS_HEADER_IPV6                 0x04u
#define VMMQ_NDIS_FILTER_CAPS_HEADER_ARP                  0x08u
#define VMMQ_NDIS_FILTER_CAPS_HEADER_UDP                  0x10u
#define VMMQ_NDIS_FILTER_CAPS_MAC_DESTINATION             0x01u
#define VMMQ_NDIS_FILTER_CAPS_MAC_SOURCE                  0x02u
#define VMMQ_NDIS_FILTER_CAPS_MAC_PROTOCOL                0x04u
#define VMMQ_NDIS_FILTER_CAPS_MAC_VLAN_ID                 0x08u
#define VMMQ_NDIS_FILTER_CAPS_MAC_PRIORITY                0x10u
#define VMMQ_NDIS_FILTER_CAPS_MAC_PACKET_TYPE             0x20u
#define VMMQ_NDIS_VMQ_FILTERS_ENABLED                     0x1u

/* What a filter tests (spec 4.1), and flags of its fields. */
#define VMMQ_NDIS_FILTER_TYPE_VM_QUEUE          1u
#define VMMQ_NDIS_FRAME_HEADER_MAC              1u
#define VMMQ_NDIS_FILTER_TEST_EQUAL             1u
#define VMMQ_NDIS_FILTER_TEST_MASK_EQUAL        2u
#define VMMQ_NDIS_FILTER_TEST_NOT_EQUAL         3u
#define VMMQ_NDIS_MAC_FIELD_DESTINATION         1u
#define VMMQ_NDIS_MAC_FIELD_SOURCE              2u
#define VMMQ_NDIS_MAC_FIELD_PROTOCOL            3u
#define VMMQ_NDIS_MAC_FIELD_VLAN_ID             4u
#define VMMQ_NDIS_MAC_FIELD_PRIORITY            5u
#define VMMQ_NDIS_MAC_FIELD_PACKET_TYPE         6u
#define VMMQ_NDIS_FILTER_FIELD_UNTAGGED_OR_ZERO 0x1u
#define VMMQ_NDIS_FILTER_FLAGS_RESERVED         0x1u /* flags of the filter itself */
#define VMMQ_NDIS_FILTER_ENCAPSULATION          0x2u

/* Encapsulation in offload parameters (spec 16): what is asked for, and of which types; and the indication that follows. */
#define VMMQ_NDIS_OFFLOAD_DISABLED                   1u /* other offloads: 0 is no change */
#define VMMQ_NDIS_OFFLOAD_SET_NO_CHANGE              0u
#define VMMQ_NDIS_OFFLOAD_SET_ON                     1u
#define VMMQ_NDIS_OFFLOAD_SET_OFF                    2u
#define VMMQ_NDIS_ENCAPSULATION_TYPE_GRE_MAC         0x1u
#define VMMQ_NDIS_ENCAPSULATION_TYPE_VXLAN           0x2u
#define VMMQ_NDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG 0x40020006u

/* What is supported of encapsulated packets: inner and outer IPv4 and IPv6, each as four bits for RSS and for VM queues. */
#define VMMQ_NDIS_ENCAPSULATED_ALL_IP 0xfu
#define VMMQ_NDIS_ENCAPSULATED_RSS_AT 12u
#define VMMQ_NDIS_ENCAPSULATED_VMQ_AT 16u

/* Flags of enumerations and of switch parameters. */
#define VMMQ_NDIS_ENUM_VPORTS_FUNCTION 0x1u
#define VMMQ_NDIS_ENUM_VPORTS_SWITCH   0x2u
#define VMMQ_NDIS_ENUM_FILTERS_VPORT   0x1u
#define VMMQ_NDIS_SWITCH_NAME_CHANGED  0x00010000u
#define VMMQ_NDIS_SWITCH_CHANGE_MASK   0xffff0000u
#define VMMQ_NDIS_VPORT_CHANGE_MASK    0xffff0000u

/* Sizes of revisions that are shorter than the structure (spec 17.2, 17.3). */
#define VMMQ_NDIS_RSS_CAPABILITIES_SIZE_1    16u
#define VMMQ_NDIS_RSS_CAPABILITIES_SIZE_2    18u
#define VMMQ_NDIS_RSS_PARAMETERS_SIZE_1      28u
#define VMMQ_NDIS_RSS_PARAMETERS_SIZE_2      40u
#define VMMQ_NDIS_RSS_PARAMETERS_SIZE_3      44u
#define VMMQ_NDIS_RSS_TABLE_SIZE_MAX_1       128u
#define VMMQ_NDIS_RSS_TABLE_SIZE_MAX_2       512u
#define VMMQ_NDIS_SWITCH_CAPABILITIES_SIZE_1 0x20u
#define VMMQ_NDIS_SWITCH_CAPABILITIES_SIZE_2 0x74u
#define VMMQ_NDIS_SWITCH_CAPABILITIES_SIZE_3 0x84u
#define VMMQ_NDIS_SWITCH_PARAMETERS_SIZE_1   0x224u
#define VMMQ_NDIS_SWITCH_PARAMETERS_SIZE_2   0x228u
#define VMMQ_NDIS_VPORT_PARAMETERS_SIZE_1    0x23cu
#define VMMQ_NDIS_FILTER_PARAMETERS_SIZE_1   36u
#define VMMQ_NDIS_FILTER_PARAMETERS_SIZE_2   44u
#define VMMQ_NDIS_FILTER_CAPABILITIES_SIZE_1 56u
#define VMMQ_NDIS_FILTER_CAPABILITIES_SIZE_2 84u
#define VMMQ_NDIS_FILTER_ARRAY_SIZE_1        20u
#define VMMQ_NDIS_FILTER_ARRAY_SIZE_2        28u
#define VMMQ_NDIS_OFFLOAD_SIZE_4             177u
#define VMMQ_NDIS_OFFLOAD_PARAMETERS_SIZE_1  20u
#define VMMQ_NDIS_OFFLOAD_PARAMETERS_SIZE_2  22u
#define VMMQ_NDIS_OFFLOAD_PARAMETERS_SIZE_3  26u
#define VMMQ_NDIS_OFFLOAD_PARAMETERS_SIZE_4  32u
#define VMMQ_NDIS_OFFLOAD_PARAMETERS_SIZE_5  34u
#define VMMQ_NDIS_OFFLOAD_PARAMETERS_SIZE_6  35u

/* Small types (spec 17.1). */
struct vmmq_ndis_header {
	uint8_t type;
	uint8_t revision;
	uint16_t size;
};

struct vmmq_ndis_processor_number {
	uint16_t group;
	uint8_t number;
	uint8_t reserved; /* may be garbage */
};

struct vmmq_ndis_group_affinity {
	uint64_t mask;
	uint16_t group;
	uint16_t reserved[3];
};

/* length: bytes, without a final NUL. */
struct vmmq_ndis_string {
	uint16_t length;
	uint16_t unit[VMMQ_NDIS_STRING_UNITS + 1];
};

/* RSS (spec 17.2). */
struct vmmq_ndis_rss_capabilities {
	struct vmmq_ndis_header header;
	uint32_t flags;
	uint32_t interrupt_messages;
	uint32_t receive_queues;
	uint16_t table_entries; /* revision 2 */
	uint16_t padding;
};

/* Followed, at the given offsets from its start, by table, key and processor masks. */
struct vmmq_ndis_rss_parameters {
	struct vmmq_ndis_header header;
	uint16_t flags;
	uint16_t base_cpu;
	uint32_t hash_information;
	uint16_t table_size; /* bytes */
	uint16_t padding1;
	uint32_t table_offset;
	uint16_t key_size;
	uint16_t padding2;
	uint32_t key_offset;
	uint32_t masks_offset; /* revision 2 */
	uint32_t mask_count;
	uint32_t mask_size;
	struct vmmq_ndis_processor_number default_processor; /* revision 3 */
};

/* Followed by the key. */
struct vmmq_ndis_rss_parameters_v2 {
	struct vmmq_ndis_header header;
	uint32_t flags;
	uint32_t hash_information;
	uint32_t key_size;
	uint32_t key_offset;
	uint32_t queues;
	uint32_t table_entries;
};

/* Followed by count entries, size bytes apart. */
struct vmmq_ndis_rss_set_entries {
	struct vmmq_ndis_header header;
	uint32_t flags;
	uint32_t entry_size;
	uint32_t entries_offset;
	uint32_t entry_count;
};

struct vmmq_ndis_rss_entry {
	uint32_t switch_id;
	uint32_t vport_id;
	uint32_t flags;
	uint16_t index;
	struct vmmq_ndis_processor_number target;
	uint16_t padding;
	uint32_t status;
};

/* Followed by the key. */
struct vmmq_ndis_receive_hash_parameters {
	struct vmmq_ndis_header header;
	uint32_t flags;
	uint32_t hash_information;
	uint16_t key_size;
	uint16_t padding;
	uint32_t key_offset;
};

struct vmmq_ndis_rss_processor {
	struct vmmq_ndis_processor_number processor;
	uint16_t preference_index;
	uint16_t reserved;
};

struct vmmq_ndis_rss_processor_info {
	struct vmmq_ndis_header header;
	uint32_t flags;
	struct vmmq_ndis_processor_number base_processor;
	uint32_t max_processors;
	uint16_t numa_node;
	uint16_t padding;
	uint32_t array_offset;
	uint32_t processor_count;
	uint32_t processor_size;
	struct vmmq_ndis_processor_number max_processor; /* revision 2 */
	uint32_t profile;
};

/* NIC switch and VPorts (spec 17.3). */
struct vmmq_ndis_switch_capabilities {
	struct vmmq_ndis_header header;
	uint32_t flags;
	uint32_t reserved1;
	uint32_t total_macs;
	uint32_t macs_per_port;
	uint32_t vlans_per_port;
	uint32_t reserved2[2];
	uint32_t capabilities; /* revision 2 */
	uint32_t max_switches;
	uint32_t max_vports;
	uint32_t reserved3;
	uint32_t max_vfs;
	uint32_t max_queue_pairs;
	uint32_t reserved4[3];
	uint32_t max_queue_pairs_per_nondefault_vport;
	uint32_t reserved5[5];
	uint32_t max_macs;
	uint32_t reserved6[5];
	uint32_t max_rss_capable_nondefault_pf_vports; /* revision 3 */
	uint32_t table_entries_default_vport;
	uint32_t table_entries_per_nondefault_pf_vport;
	uint32_t max_queue_pairs_default_vport;
};

struct vmmq_ndis_switch_parameters {
	struct vmmq_ndis_header header;
	uint32_t flags;
	uint32_t type;
	uint32_t switch_id;
	struct vmmq_ndis_string name;
	uint32_t vfs;
	uint32_t reserved[3];
	uint32_t queue_pairs_default_vport; /* revision 2 */
};

struct vmmq_ndis_switch_delete {
	struct vmmq_ndis_header header;
	uint32_t flags;
	uint32_t switch_id;
};

struct vmmq_ndis_switch_info {
	struct vmmq_ndis_header header;
	uint32_t flags;
	uint32_t type;
	uint32_t switch_id;
	struct vmmq_ndis_string name;
	uint32_t vfs;
	uint32_t allocated_vfs;
	uint32_t vports;
	uint32_t active_vports;
	uint32_t queue_pairs_default_vport;
	uint32_t queue_pairs_nondefault_vports;
	uint32_t macs_default_vport;
	uint32_t macs_nondefault_vports;
	uint32_t vlans_default_vport;
	uint32_t vlans_nondefault_vports;
};

struct vmmq_ndis_switch_info_array {
	struct vmmq_ndis_header header;
	uint32_t first_offset;
	uint32_t count;
	uint32_t element_size;
};

struct vmmq_ndis_vport_parameters {
	struct vmmq_ndis_header header;
	uint32_t flags;
	uint32_t switch_id;
	uint32_t vport_id;
	struct vmmq_ndis_string name;
	uint16_t attached_function;
	uint16_t padding1;
	uint32_t queue_pairs;
	uint32_t interrupt_moderation;
	uint32_t state;
	uint32_t padding2;
	struct vmmq_ndis_group_affinity affinity;
	uint32_t lookahead_size;
	uint32_t padding3;
};

struct vmmq_ndis_vport_info {
	struct vmmq_ndis_header header;
	uint32_t vport_id;
	uint32_t flags;
	uint32_t switch_id;
	struct vmmq_ndis_string name;
	uint16_t attached_function;
	uint16_t padding1;
	uint32_t queue_pairs;
	uint32_t interrupt_moderation;
	uint32_t state;
	uint32_t padding2;
	struct vmmq_ndis_group_affinity affinity;
	uint32_t lookahead_size;
	uint32_t filters;
};

struct vmmq_ndis_vport_info_array {
	struct vmmq_ndis_header header;
	uint32_t flags;
	uint32_t switch_id;
	uint16_t attached_function;
	uint16_t padding;
	uint32_t first_offset;
	uint32_t count;
	uint32_t element_size;
};

struct vmmq_ndis_vport_delete {
	struct vmmq_ndis_header header;
	uint32_t flags;
	uint32_t vport_id;
};

/* Receive filters (spec 17.3). */
struct vmmq_ndis_filter_capabilities {
	struct vmmq_ndis_header header;
	uint32_t flags;
	uint32_t enabled_filter_types;
	uint32_t enabled_queue_types;
	uint32_t queues;
	uint32_t queue_properties;
	uint32_t tests;
	uint32_t headers;
	uint32_t mac_fields;
	uint32_t max_mac_filters;
	uint32_t max_queue_groups;
	uint32_t max_queues_per_group;
	uint32_t min_lookahead_split;
	uint32_t max_lookahead_split;
	uint32_t arp_fields; /* revision 2 */
	uint32_t ipv4_fields;
	uint32_t ipv6_fields;
	uint32_t udp_fields;
	uint32_t max_tests_per_coalescing_filter;
	uint32_t max_coalescing_filters;
	uint32_t reserved;
};

struct vmmq_ndis_filter_global_parameters {
	struct vmmq_ndis_header header;
	uint32_t flags;
	uint32_t enabled_filter_types;
	uint32_t enabled_queue_types;
};

/* Followed by field_count fields, field_size bytes apart. */
struct vmmq_ndis_filter_parameters {
	struct vmmq_ndis_header header;
	uint32_t flags;
	uint32_t type;
	uint32_t queue_id;
	uint32_t filter_id;
	uint32_t fields_offset;
	uint32_t field_count;
	uint32_t field_size;
	uint32_t filter_id_bits;
	uint32_t max_coalescing_delay; /* revision 2 */
	uint32_t vport_id;
};

/* value: network byte order, from its first byte. */
struct vmmq_ndis_filter_field {
	struct vmmq_ndis_header header;
	uint32_t flags;
	uint32_t frame_header;
	uint32_t test;
	uint32_t field;
	uint32_t padding;
	uint8_t value[16];
	uint8_t result[16];
};

struct vmmq_ndis_filter_clear {
	struct vmmq_ndis_header header;
	uint32_t flags;
	uint32_t queue_id;
	uint32_t filter_id;
};

struct vmmq_ndis_filter_move {
	struct vmmq_ndis_header header;
	uint32_t filter_id;
	uint32_t source_queue_id;
	uint32_t source_vport_id;
	uint32_t destination_queue_id;
	uint32_t destination_vport_id;
};

struct vmmq_ndis_filter_info {
	struct vmmq_ndis_header header;
	uint32_t flags;
	uint32_t type;
	uint32_t filter_id;
};

struct vmmq_ndis_filter_info_array {
	struct vmmq_ndis_header header;
	uint32_t queue_id;
	uint32_t first_offset;
	uint32_t count;
	uint32_t element_size;
	uint32_t flags; /* revision 2 */
	uint32_t vport_id;
};

/* Task offloads.  other: checksums, LSO, IPsec and connections, of revision 1. */
struct vmmq_ndis_offload_parameters {
	struct vmmq_ndis_header header;
	uint8_t other[11];
	uint8_t padding1;
	uint32_t flags;
	uint8_t ipsec[2]; /* revision 2 */
	uint8_t rsc[2];   /* revision 3 */
	uint8_t encapsulated_packet_task_offload;
	uint8_t encapsulation_types;
	uint8_t padding2[2];
	uint16_t vxlan_port; /* revision 4 */
	uint16_t padding3;
	uint8_t udp_segmentation[2]; /* revision 5 */
	uint8_t udp_rsc;             /* revision 6 */
	uint8_t padding4;
};

/* Task offloads that there are, or that are on (revision 4).  other: checksums, LSO, IPsec and RSC. */
struct vmmq_ndis_offload {
	struct vmmq_ndis_header header;
	uint8_t other[144];
	uint32_t gre_supported;
	uint32_t gre_max_header;
	uint32_t vxlan_supported;
	uint32_t vxlan_max_header;
	uint16_t vxlan_port;
	uint16_t vxlan_port_configurable; /* bit 0 */
	uint32_t vxlan_reserved[2];
	uint8_t encapsulation_types; /* that are on */
	uint8_t padding[3];
};

/* vmmq_oid_name returns "NIC_SWITCH_CREATE_VPORT", …, or NULL for an OID that is not in the table above. */
VMMQ_API const char *vmmq_oid_name(uint32_t oid);

#ifdef __cplusplus
}
#endif
#endif
