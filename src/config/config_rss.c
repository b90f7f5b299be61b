/* SPDX-License-Identifier: BSD-2-Clause */
/* The rss mapping of a VPort. */
#include <stdio.h>
#include <string.h>

#include "config/config_explain.h"
#include "config/config_reader.h"

static int read_hash_type(struct config_reader *r, size_t place, const char *text, uint32_t *types)
{
	uint32_t type;
	union value word;
	char path[128];

	if (!value_read(schema_field(FIELD_HASH_TYPE), text, &word, r->hint))
		return config_refuse_here(r, FIELD_HASH_TYPES, place, text);
	type = vmmq_hash_type_parse(text);
	if (*types & type) {
		config_path_of(r, FIELD_HASH_TYPES, place, path, sizeof(path));
		return config_refuse_at(r->tree, r->error, path, "%s is in this list twice; once is allowed", text);
	}
	*types |= type;
	return 0;
}

static int read_hash_types(struct config_reader *r, uint32_t *types)
{
	const struct config_node *list = config_child(r, FIELD_HASH_TYPES), *entry;
	size_t place = 0;
	config_ref ref;

	if (!list)
		return 0;
	*types = 0;
	for (entry = config_first(r, list, &ref); entry; entry = config_next(r, &ref))
		if (read_hash_type(r, place++, config_tree_text(r->tree, entry), types))
			return -1;
	return 0;
}

static int read_tunnel(struct config_reader *r, enum schema_id list, size_t place, const char *text, uint16_t *types)
{
	union value word;
	char path[128];
	uint32_t type;

	if (!value_read(schema_field(FIELD_TUNNEL), text, &word, r->hint))
		return config_refuse_here(r, list, place, text);
	type = vmmq_tunnel_parse(text);
	if (*types & type) {
		config_path_of(r, list, place, path, sizeof(path));
		return config_refuse_at(r->tree, r->error, path, "%s is in this list twice; once is allowed", text);
	}
	*types |= (uint16_t)type;
	return 0;
}

int config_read_encapsulation(struct config_reader *r, enum schema_id list, enum schema_id port,
			      struct vmmq_encapsulation *encapsulation)
{
	const struct config_node *tunnels = config_child(r, list), *entry;
	uint32_t vxlan_port = encapsulation->vxlan_port;
	size_t place = 0;
	config_ref ref;

	if (tunnels)
		encapsulation->types = 0;
	for (entry = tunnels ? config_first(r, tunnels, &ref) : NULL; entry; entry = config_next(r, &ref))
		if (read_tunnel(r, list, place++, config_tree_text(r->tree, entry), &encapsulation->types))
			return -1;
	if (config_read_number(r, port, &vxlan_port))
		return -1;
	encapsulation->vxlan_port = (uint16_t)vxlan_port;
	return 0;
}

static int read_table(struct config_reader *r, struct vmmq_rss_params *rss)
{
	const struct schema_field *field = schema_field(FIELD_INDIRECTION_TABLE);
	const struct config_node *list = config_child(r, FIELD_INDIRECTION_TABLE), *entry;
	size_t place = 0;
	config_ref ref;
	char path[128];

	if (!list)
		return 0;
	if (!schema_count_fits(field, list->count)) {
		config_path_of(r, FIELD_INDIRECTION_TABLE, CONFIG_NO_ENTRY, path, sizeof(path));
		return config_refuse_at(r->tree, r->error, path,
					"%u entries; a power of two of them is needed, %u to %u", list->count,
					field->min, field->max);
	}
	for (entry = config_first(r, list, &ref); entry; entry = config_next(r, &ref), place++)
		if (config_set_processor(r, FIELD_INDIRECTION_TABLE, place, config_tree_text(r->tree, entry),
					 &rss->table[place]))
			return -1;
	rss->entry_count = (uint16_t)place;
	return 0;
}

static int read_key(struct config_reader *r, uint8_t key[VMMQ_KEY_LEN])
{
	union value read;

	memcpy(read.key, key, VMMQ_KEY_LEN);
	if (config_read(r, FIELD_HASH_KEY, &read))
		return -1;
	memcpy(key, read.key, VMMQ_KEY_LEN);
	return 0;
}

int config_read_rss(struct config_reader *r, const struct config_node *node, size_t index,
		    struct vmmq_rss_params *rss)
{
	union value function;

	config_enter(r, node, "vports[%zu].rss", index);
	if (config_read_boolean(r, FIELD_RSS_ENABLED, &rss->enabled) ||
	    config_read_boolean(r, FIELD_RECEIVE_HASH, &rss->receive_hash) ||
	    config_read(r, FIELD_HASH_FUNCTION, &function) || read_hash_types(r, &rss->hash_types) ||
	    read_key(r, rss->key) ||
	    config_read_encapsulation(r, FIELD_ENCAPSULATION, FIELD_VXLAN_PORT, &rss->encapsulation) ||
	    read_table(r, rss))
		return -1;
	return config_read_processor(r, FIELD_DEFAULT_PROCESSOR, &rss->default_processor);
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
