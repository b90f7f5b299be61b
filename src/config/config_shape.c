/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/config_shape.h"
#include "base/similar_word.h"
#include "config/config_explain.h"
#include "config/config_schema.h"
#include <stdio.h>
#include <string.h>

#define KEYS_MAX 16 /* of one mapping in the schema */

/* A walk down the tree and the schema; chain holds the nodes from the root to where the walk is. */
struct walk {
	const struct config_tree *tree;
	struct config_error *error;
	config_ref chain[CONFIG_DEPTH_MAX + 1];
	unsigned depth;
};

static void path_here(const struct walk *w, char *path, size_t size)
{
	config_tree_path(w->tree, w->chain, w->depth, path, size);
}

static int refuse_kind(struct walk *w)
{
	const struct config_node *node = &w->tree->nodes[w->chain[w->depth - 1]];
	const struct config_node *target = config_tree_target(w->tree, w->chain[w->depth - 1]);
	char path[128], needed[256], quoted[128];

	path_here(w, path, sizeof(path));
	config_needed(path, needed, sizeof(needed));
	if (target->null)
		return config_error_set(w->error, node->line, node->column, path, "found nothing; %s", needed);
	if (target->kind != CONFIG_SCALAR)
		return config_error_set(w->error, node->line, node->column, path, "found a %s; %s",
					target->kind == CONFIG_SEQUENCE ? "list" : "mapping", needed);
	config_quote(quoted, sizeof(quoted), config_tree_text(w->tree, target), CONFIG_QUOTE_MAX);
	return config_error_set(w->error, node->line, node->column, path, "found \"%s\"; %s", quoted, needed);
}

static unsigned known_keys(const cyaml_schema_field_t *fields, const char *keys[KEYS_MAX])
{
	unsigned count = 0;

	for (; fields[count].key && count < KEYS_MAX; count++)
		keys[count] = fields[count].key;
	return count;
}

static int refuse_unknown_key(struct walk *w, const struct config_node *child, const cyaml_schema_field_t *fields)
{
	const char *keys[KEYS_MAX];
	unsigned count = known_keys(fields, keys);
	const char *similar = similar_word(config_tree_key(w->tree, child), keys, count);
	char path[128], list[192] = "";

	for (unsigned i = 0; i < count; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "", keys[i]);
	path_here(w, path, sizeof(path));
	return config_error_set(w->error, child->key_line, child->key_column, path,
				"unknown key; %s%s%sknown here: %s", similar ? "did you mean " : "",
				similar ? similar : "", similar ? "? " : "", list);
}

static int refuse_missing(struct walk *w, const char *key)
{
	const struct config_node *node = &w->tree->nodes[w->chain[w->depth - 1]];
	char path[128], needed[256];
	size_t len;

	path_here(w, path, sizeof(path));
	len = strlen(path);
	snprintf(path + len, sizeof(path) - len, "%s%s", len ? "." : "", key);
	config_needed(path, needed, sizeof(needed));
	return config_error_set(w->error, node->line, node->column, path, "missing; %s", needed);
}

static int check_value(struct walk *w, config_ref ref, const cyaml_schema_value_t *schema);

/* check_key checks one key of a mapping, and its value; seen has a bit for every field met before. */
static int check_key(struct walk *w, config_ref ref, const cyaml_schema_field_t *fields, uint32_t *seen)
{
	const struct config_node *child = &w->tree->nodes[ref];
	unsigned i = 0;
	char path[128];

	while (fields[i].key && strcmp(fields[i].key, config_tree_key(w->tree, child)) != 0)
		i++;
	w->chain[w->depth++] = ref;
	if (!fields[i].key)
		return refuse_unknown_key(w, child, fields);
	path_here(w, path, sizeof(path));
	if (*seen & 1u << i)
		return config_error_set(w->error, child->key_line, child->key_column, path,
					"this key stands here twice; once is allowed");
	*seen |= 1u << i;
	w->depth--;
	return check_value(w, ref, &fields[i].value);
}

static int check_mapping(struct walk *w, const struct config_node *node, const cyaml_schema_field_t *fields)
{
	uint32_t seen = 0;

	if (node->kind != CONFIG_MAPPING)
		return refuse_kind(w);
	for (config_ref ref = node->first; ref; ref = w->tree->nodes[ref].next)
		if (check_key(w, ref, fields, &seen))
			return -1;
	for (unsigned i = 0; fields[i].key; i++)
		if (!(seen & 1u << i) && !(fields[i].value.flags & CYAML_FLAG_OPTIONAL))
			return refuse_missing(w, fields[i].key);
	return 0;
}

static int check_sequence(struct walk *w, const struct config_node *node, const cyaml_schema_value_t *schema)
{
	char path[128], needed[256];

	if (node->kind != CONFIG_SEQUENCE)
		return refuse_kind(w);
	if (node->count < schema->sequence.min) {
		path_here(w, path, sizeof(path));
		config_needed(path, needed, sizeof(needed));
		return config_error_set(w->error, node->line, node->column, path, "0 entries; %s", needed);
	}
	for (config_ref ref = node->first; ref; ref = w->tree->nodes[ref].next)
		if (check_value(w, ref, schema->sequence.entry))
			return -1;
	return 0;
}

/* check_value enters a node.  After a refusal the walk is over, so the chain is not unwound. */
static int check_value(struct walk *w, config_ref ref, const cyaml_schema_value_t *schema)
{
	const struct config_node *node = config_tree_target(w->tree, ref);
	int status = 0;

	w->chain[w->depth++] = ref;
	if (schema->type == CYAML_MAPPING)
		status = check_mapping(w, node, schema->mapping.fields);
	else if (schema->type == CYAML_SEQUENCE)
		status = check_sequence(w, node, schema);
	else if (node->kind != CONFIG_SCALAR || node->null)
		status = refuse_kind(w);
	w->depth--;
	return status;
}

int config_shape_check(const struct config_tree *tree, struct config_error *error)
{
	struct walk w = { .tree = tree, .error = error };

	return check_value(&w, 0, &config_schema);
}
