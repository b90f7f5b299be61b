/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a configuration file may contain: libcyaml's schema, the structs it fills (every value still as its text), and
 * for each key the words that tell a person what is needed there.
 */
#ifndef VMMQ_CONFIG_CONFIG_SCHEMA_H
#define VMMQ_CONFIG_CONFIG_SCHEMA_H

#include <cyaml/cyaml.h>
#include <stdint.h>

#define CONFIG_NAME_MAX 256 /* characters */

/* NULL or a count of 0: not in the file. */
struct raw_device {
	char *device;
	char *rx_queues; /* uplink only */
};

struct raw_adapter {
	char *name;
	char **processors;
	unsigned processors_count;
	char *moderation;
	char *mtu;
	struct raw_device *uplink;
};

struct raw_filter {
	char *mac;
	char *vlan;
};

struct raw_rss {
	char *enabled;
	char *receive_hash;
	char *hash_function;
	char **hash_types;
	unsigned hash_types_count;
	char *key;
	char **indirection_table;
	unsigned indirection_table_count;
	char *default_processor;
};

struct raw_vport {
	char *id;
	char *name;
	char *queue_pairs;
	char *primary_processor;
	struct raw_filter *filters;
	unsigned filters_count;
	struct raw_rss *rss;
	struct raw_device *backend;
	char *anti_spoofing;
	char *flood_limit;
};

struct raw_config {
	struct raw_adapter adapter;
	struct raw_vport *vports;
	unsigned vports_count;
};

/* The schema of the whole file: a pointer to struct raw_config. */
extern const cyaml_schema_value_t config_schema;

/* What a key's value must be.  max 0: not a number. */
struct config_rule {
	const char *key;
	uint32_t min, max;
	const char *needed; /* as in "%s is needed"; NULL for a number */
	const char *entry;  /* the same for one entry, where the value is a list */
};

/* config_rule returns the rule of a path's last key: "id" for "vports[2].id".  The empty path is the whole file. */
const struct config_rule *config_rule(const char *path);

#endif
