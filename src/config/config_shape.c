/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/config_shape.h"

#include <stdio.h>
#include <string.h>

#include "base/similar_word.h"
#include "config/config_explain.h"

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

static int refuse_kind(struct walk *w, const struct schema_field *field)
{
	const struct config_node *node = &w->tree->nodes[w->chain[w->depth - 1]];
	const struct config_node *target = config_tree_target(w->tree, w->chain[w->depth - 1]);
	char path[128], needed[NEEDED_MAX], quoted[128];

	path_here(w, path, sizeof(path));
	config_needed(field, needed, sizeof(needed));
	if (target->null)
		return config_error_set(w->error, node->line, node->column, path, "found nothing; %s", needed);
	if (target->kind != CONFIG_SCALAR)
		return config_error_set(w->error, node->line, node->column, path, "found a %s; %s",
					target->kind == CONFIG_SEQUENCE ? "list" : "mapping", needed);
	config_quote(quoted, sizeof(quoted), config_tree_text(w->tree, target), CONFIG_QUOTE_MAX);
	return config_error_set(w->error, node->line, node->column, path, "found \"%s\"; %s", quoted, needed);
}

static unsigned known_keys(enum schema_id mapping, const char *keys[KEYS_MAX])
{
	const struct schema_field *field = NULL;
	unsigned count = 0;

	while ((field = schema_next(mapping, field)) && count < KEYS_MAX)
		keys[count++] = field->key;
	return count;
}

static int refuse_unknown_key(struct walk *w, const struct config_node *child, enum schema_id mapping)
{
	const char *keys[KEYS_MAX];
	unsigned count = known_keys(mapping, keys);
	const char *similar = similar_word(config_tree_key(w->tree, child), keys, count);
	char path[128], list[192] = "";

	for (unsigned i = 0; i < count; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "", keys[i]);
	path_here(w, path, sizeof(path));
	return config_error_set(w->error, child->key_line, child->key_column, path,
				"unknown key; %s%s%sknown here: %s", similar ? "did you mean " : "",
				similar ? similar : "", similar ? "? " : "", list);
}

static int refuse_missing(struct walk *w, const struct schema_field *field)
{
	const struct config_node *node = &w->tree->nodes[w->chain[w->depth - 1]];
	char path[128], needed[NEEDED_MAX];
	size_t len;

	path_here(w, path, sizeof(path));
	len = strlen(path);
	snprintf(path + len, sizeof(path) - len, "%s%s", len ? "." : "", field->key);
	config_needed(field, needed, sizeof(needed));
	return config_error_set(w->error, node->line, node->column, path, "missing; %s", needed);
}

/* shape_alternatives lists the keys of which one is needed. */
static void alternatives_list(const struct schema_field *mapping, char *text, size_t size)
{
	size_t at = 0;

	for (size_t i = 0; mapping->alternatives[i] && at < size; i++)
		at += (size_t)snprintf(text + at, size - at, "%s%s", i ? ", " : "", mapping->alternatives[i]);
}

static bool is_alternative(const struct schema_field *mapping, const char *key)
{
	for (size_t i = 0; mapping->alternatives[i]; i++)
		if (strcmp(mapping->alternatives[i], key) == 0)
			return true;
	return false;
}

/* shape_check_alternatives: exactly one of some keys; a second one is told where it stands. */
static int shape_check_alternatives(struct walk *w, const struct schema_field *mapping)
{
	const struct config_node *node = config_tree_target(w->tree, w->chain[w->depth - 1]), *first = NULL;
	char path[128], list[192];

	alternatives_list(mapping, list, sizeof(list));
	for (config_ref ref = node->first; ref; ref = w->tree->nodes[ref].next) {
		const struct config_node *child = &w->tree->nodes[ref];

		if (!is_alternative(mapping, config_tree_key(w->tree, child)))
			continue;
		if (first) {
			w->chain[w->depth++] = ref;
			path_here(w, path, sizeof(path));
			return config_error_set(w->error, child->key_line, child->key_column, path,
						"there is %s already (line %u); one of %s is needed",
						config_tree_key(w->tree, first), first->key_line, list);
		}
		first = child;
	}
	if (first)
		return 0;
	node = &w->tree->nodes[w->chain[w->depth - 1]];
	path_here(w, path, sizeof(path));
	return config_error_set(w->error, node->line, node->column, path, "missing; one of %s is needed", list);
}

static int check_value(struct walk *w, config_ref ref, const struct schema_field *field);

/* check_key checks one key of a mapping, and its value, by fields, tells which were met before. */
static int check_key(struct walk *w, config_ref ref, enum schema_id mapping, bool seen[FIELD_COUNT])
{
	const struct config_node *child = &w->tree->nodes[ref];
	const struct schema_field *field = schema_find(mapping, config_tree_key(w->tree, child));
	char path[128];

	w->chain[w->depth++] = ref;
	if (!field)
		return refuse_unknown_key(w, child, mapping);
	path_here(w, path, sizeof(path));
	if (seen[schema_id(field)])
		return config_error_set(w->error, child->key_line, child->key_column, path,
					"this key stands here twice; once is allowed");
	seen[schema_id(field)] = true;
	w->depth--;
	return check_value(w, ref, field);
}

static int check_mapping(struct walk *w, const struct config_node *node, const struct schema_field *mapping)
{
	const struct schema_field *field = NULL;
	bool seen[FIELD_COUNT] = { false };

	if (node->kind != CONFIG_MAPPING)
		return refuse_kind(w, mapping);
	for (config_ref ref = node->first; ref; ref = w->tree->nodes[ref].next)
		if (check_key(w, ref, schema_id(mapping), seen))
			return -1;
	while ((field = schema_next(schema_id(mapping), field)))
		if (!seen[schema_id(field)] && field->uses & SCHEMA_REQUIRED)
			return refuse_missing(w, field);
	return mapping->alternatives ? shape_check_alternatives(w, mapping) : 0;
}

static int check_sequence(struct walk *w, const struct config_node *node, const struct schema_field *list)
{
	char path[128], needed[NEEDED_MAX];

	if (node->kind != CONFIG_SEQUENCE)
		return refuse_kind(w, list);
	if (node->count < list->min) {
		path_here(w, path, sizeof(path));
		config_needed(list, needed, sizeof(needed));
		return config_error_set(w->error, node->line, node->column, path, "0 entries; %s", needed);
	}
	for (config_ref ref = node->first; ref; ref = w->tree->nodes[ref].next)
		if (check_value(w, ref, list->entry))
			return -1;
	return 0;
}

/* check_value enters a node.  After a refusal the walk is over, so the chain is not unwound. */
static int check_value(struct walk *w, config_ref ref, const struct schema_field *field)
{
	const struct config_node *node = config_tree_target(w->tree, ref);
	int status = 0;

	w->chain[w->depth++] = ref;
	if (field->kind == SCHEMA_MAPPING)
		status = check_mapping(w, node, field);
	else if (field->kind == SCHEMA_LIST)
		status = check_sequence(w, node, field);
	else if (node->kind != CONFIG_SCALAR || node->null)
		status = refuse_kind(w, field);
	w->depth--;
	return status;
}

int config_shape_check(const struct config_tree *tree, struct config_error *error)
{
	struct walk w = { .tree = tree, .error = error };

	return check_value(&w, 0, schema_field(FIELD_FILE));
}
