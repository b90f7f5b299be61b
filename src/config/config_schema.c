/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/config_schema.h"
#include <string.h>

#include "config/config_model.h"

static const cyaml_schema_value_t text_entry = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 0, CYAML_UNLIMITED),
};

#define TEXT(key, flags, type, member) CYAML_FIELD_STRING_PTR(key, flags, type, member, 0, CYAML_UNLIMITED)
#define LIST(key, flags, type, member, entry, min)                                                                   \
	CYAML_FIELD_SEQUENCE(key, (flags) | CYAML_FLAG_POINTER, type, member, entry, min, CYAML_UNLIMITED)
#define REQUIRED CYAML_FLAG_DEFAULT
#define OPTIONAL CYAML_FLAG_OPTIONAL

static const cyaml_schema_field_t uplink_fields[] = {
	TEXT("device", REQUIRED, struct raw_device, device),
	TEXT("rx_queues", OPTIONAL, struct raw_device, rx_queues),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t backend_fields[] = {
	TEXT("device", REQUIRED, struct raw_device, device),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t adapter_fields[] = {
	TEXT("name", OPTIONAL, struct raw_adapter, name),
	LIST("processors", REQUIRED, struct raw_adapter, processors, &text_entry, 1),
	TEXT("moderation", OPTIONAL, struct raw_adapter, moderation),
	TEXT("mtu", OPTIONAL, struct raw_adapter, mtu),
	CYAML_FIELD_MAPPING_PTR("uplink", OPTIONAL, struct raw_adapter, uplink, uplink_fields),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t filter_fields[] = {
	TEXT("mac", REQUIRED, struct raw_filter, mac),
	TEXT("vlan", OPTIONAL, struct raw_filter, vlan),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t filter_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_filter, filter_fields),
};

static const cyaml_schema_field_t rss_fields[] = {
	TEXT("enabled", OPTIONAL, struct raw_rss, enabled),
	TEXT("receive_hash", OPTIONAL, struct raw_rss, receive_hash),
	TEXT("hash_function", OPTIONAL, struct raw_rss, hash_function),
	LIST("hash_types", OPTIONAL, struct raw_rss, hash_types, &text_entry, 1),
	TEXT("key", OPTIONAL, struct raw_rss, key),
	LIST("indirection_table", OPTIONAL, struct raw_rss, indirection_table, &text_entry, 1),
	TEXT("default_processor", OPTIONAL, struct raw_rss, default_processor),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t vport_fields[] = {
	TEXT("id", REQUIRED, struct raw_vport, id),
	TEXT("name", OPTIONAL, struct raw_vport, name),
	TEXT("queue_pairs", OPTIONAL, struct raw_vport, queue_pairs),
	TEXT("primary_processor", OPTIONAL, struct raw_vport, primary_processor),
	LIST("filters", OPTIONAL, struct raw_vport, filters, &filter_entry, 0),
	CYAML_FIELD_MAPPING_PTR("rss", OPTIONAL, struct raw_vport, rss, rss_fields),
	CYAML_FIELD_MAPPING_PTR("backend", OPTIONAL, struct raw_vport, backend, backend_fields),
	TEXT("anti_spoofing", OPTIONAL, struct raw_vport, anti_spoofing),
	TEXT("flood_limit", OPTIONAL, struct raw_vport, flood_limit),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t vport_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_vport, vport_fields),
};

static const cyaml_schema_field_t config_fields[] = {
	CYAML_FIELD_MAPPING("adapter", REQUIRED, struct raw_config, adapter, adapter_fields),
	LIST("vports", OPTIONAL, struct raw_config, vports, &vport_entry, 0),
	CYAML_FIELD_END,
};

const cyaml_schema_value_t config_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct raw_config, config_fields),
};

#define PROCESSOR                 "a processor (0 to 65535, or group:number with a number of 0 to 63)"
#define X(name, bit, text, bytes) " " text
#define HASH_TYPE                 "one of" VMMQ_HASH_TYPES(X)

static const struct config_rule rules[] = {
	{ "adapter", 0, 0, "a mapping (processors and so on)", NULL },
	{ "processors", 0, 0, "a list of one or more processors", PROCESSOR },
	{ "moderation", 0, 0, "poll, interrupt or adaptive", NULL },
	{ "mtu", CONFIG_MTU_MIN, CONFIG_MTU_MAX, NULL, NULL },
	{ "uplink", 0, 0, "a mapping (device, rx_queues)", NULL },
	{ "device", 0, 0, "the text of a DPDK device, 1 to 1024 characters without control characters,", NULL },
	{ "rx_queues", 1, CONFIG_RX_QUEUES_MAX, NULL, NULL },
	{ "vports", 0, 0, "a list of VPorts", "a mapping (id, filters, rss and so on)" },
	{ "id", 0, 65535, NULL, NULL },
	{ "name", 0, 0, "text of 1 to 256 characters without control characters", NULL },
	{ "queue_pairs", 1, CONFIG_QUEUE_PAIRS_MAX, NULL, NULL },
	{ "primary_processor", 0, 0, PROCESSOR, NULL },
	{ "filters", 0, 0, "a list of filters", "a mapping (mac, vlan)" },
	{ "mac", 0, 0, "a MAC address like 02:00:00:00:00:01", NULL },
	{ "vlan", VMMQ_VLAN_ID_MIN, VMMQ_VLAN_ID_MAX, "a VLAN id from 1 to 4094, or any", NULL },
	{ "rss", 0, 0, "a mapping (enabled, indirection_table and so on)", NULL },
	{ "enabled", 0, 0, "true or false", NULL },
	{ "receive_hash", 0, 0, "true or false", NULL },
	{ "hash_function", 0, 0, "toeplitz", NULL },
	{ "hash_types", 0, 0, "a list of one or more hash types", HASH_TYPE },
	{ "key", 0, 0, "a hash secret key of 80 hex digits, or random,", NULL },
	{ "indirection_table", 0, 0, "a list of 1 to 128 processors, a power of two of them,", PROCESSOR },
	{ "default_processor", 0, 0, PROCESSOR, NULL },
	{ "backend", 0, 0, "a mapping (device)", NULL },
	{ "anti_spoofing", 0, 0, "true or false", NULL },
	{ "flood_limit", 0, CONFIG_FLOOD_LIMIT_MAX, NULL, NULL },
};

static const struct config_rule whole_file = { "", 0, 0, "a mapping (adapter, vports)", NULL };

const struct config_rule *config_rule(const char *path)
{
	const char *dot = strrchr(path, '.');
	const char *key = dot ? dot + 1 : path;
	size_t key_len = strcspn(key, "[");

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (strlen(rules[i].key) == key_len && memcmp(rules[i].key, key, key_len) == 0)
			return &rules[i];
	return &whole_file;
}
