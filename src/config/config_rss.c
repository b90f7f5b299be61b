/* SPDX-License-Identifier: BSD-2-Clause */
/* The rss mapping of a VPort. */
#include "config/config_explain.h"
#include "config/config_reader.h"
#include <stdio.h>
#include <string.h>

static int read_hash_types(struct config_reader *r, const struct raw_rss *raw, uint32_t *types)
{
	if (raw->hash_types_count)
		*types = 0;
	for (size_t i = 0; i < raw->hash_types_count; i++) {
		char path[128];
		uint32_t type;

		if (!config_hash_type(raw->hash_types[i], &type, r->hint))
			return config_refuse_here(r, "hash_types", i, raw->hash_types[i]);
		if (*types & type) {
			config_path_of(r, "hash_types", i, path, sizeof(path));
			return config_refuse_at(r->tree, r->error, path, "%s is in this list twice; once is allowed",
						raw->hash_types[i]);
		}
		*types |= type;
	}
	return 0;
}

static int read_table(struct config_reader *r, const struct raw_rss *raw, struct vmmq_rss_params *rss)
{
	size_t count = raw->indirection_table_count;
	char path[128];

	if (count == 0)
		return 0;
	if (count > VMMQ_TABLE_ENTRIES_MAX || (count & (count - 1))) {
		config_path_of(r, "indirection_table", CONFIG_NO_ENTRY, path, sizeof(path));
		return config_refuse_at(r->tree, r->error, path,
					"%zu entries; a power of two of them is needed, 1 to %d", count,
					VMMQ_TABLE_ENTRIES_MAX);
	}
	for (size_t i = 0; i < count; i++)
		if (config_read_processor(r, "indirection_table", i, raw->indirection_table[i], &rss->table[i]))
			return -1;
	rss->entry_count = (uint16_t)count;
	return 0;
}

int config_read_rss(struct config_reader *r, const struct raw_rss *raw, struct vmmq_rss_params *rss)
{
	uint32_t function;
	size_t len = strlen(r->at);

	if (!raw)
		return 0;
	snprintf(r->at + len, sizeof(r->at) - len, ".rss");
	if (config_read_boolean(r, "enabled", raw->enabled, &rss->enabled) ||
	    config_read_boolean(r, "receive_hash", raw->receive_hash, &rss->receive_hash))
		return -1;
	if (raw->hash_function && !config_hash_function(raw->hash_function, &function, r->hint))
		return config_refuse_here(r, "hash_function", CONFIG_NO_ENTRY, raw->hash_function);
	if (read_hash_types(r, raw, &rss->hash_types))
		return -1;
	if (raw->key && !config_key(raw->key, rss->key, r->hint))
		return config_refuse_here(r, "key", CONFIG_NO_ENTRY, raw->key);
	if (read_table(r, raw, rss) || config_read_processor(r, "default_processor", CONFIG_NO_ENTRY,
							     raw->default_processor, &rss->default_processor))
		return -1;
	r->at[len] = '\0';
	return 0;
}

int config_check_rss(struct config_reader *r, const struct config_vport *vport)
{
	struct vmmq_processor_set set = { r->config->processors, r->config->processor_count };
	struct vmmq_why why;
	char path[192];
	bool beside;

	if (vmmq_rss_check(&vport->rss, &set, vport->queue_pairs, &why) == VMMQ_SUCCESS)
		return 0;
	beside = strcmp(why.path, "queue_pairs") == 0 || strcmp(why.path, "primary_processor") == 0;
	snprintf(path, sizeof(path), "%s%s.%s", r->at, beside ? "" : ".rss", why.path);
	return config_refuse_at(r->tree, r->error, path, "%s", why.text);
}
