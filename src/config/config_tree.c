/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions to the tree of a YAML file: what is at a path, what is the path of a node; and how errors are worded. */
#include "config/config_tree.h"
#include "base/array.h"
#include "base/hex.h"
#include "base/utf8.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void config_tree_fini(struct config_tree *tree)
{
	free(tree->nodes);
	free(tree->words);
	memset(tree, 0, sizeof(*tree));
}

int config_tree_add(struct config_tree *tree, config_ref *ref)
{
	struct config_node *nodes = array_room(tree->nodes, &tree->capacity, tree->count + 1, 64, sizeof(*nodes));

	if (!nodes)
		return -1;
	tree->nodes = nodes;
	*ref = (config_ref)tree->count++;
	return 0;
}

uint32_t config_tree_add_word(struct config_tree *tree, const void *text, size_t len)
{
	uint32_t offset = tree->words_len ? (uint32_t)tree->words_len : 1;
	char *words = array_room(tree->words, &tree->words_capacity, offset + len + 1, 64, 1);

	if (!words)
		return 0;
	tree->words = words;
	words[0] = '\0';
	memcpy(words + offset, text, len);
	words[offset + len] = '\0';
	tree->words_len = offset + len + 1;
	return offset;
}

const struct config_node *config_tree_target(const struct config_tree *tree, config_ref ref)
{
	const struct config_node *node = &tree->nodes[ref];

	return node->kind == CONFIG_ALIAS ? &tree->nodes[node->target] : node;
}

const char *config_tree_key(const struct config_tree *tree, const struct config_node *node)
{
	return node->key ? tree->words + node->key : "";
}

const char *config_tree_text(const struct config_tree *tree, const struct config_node *node)
{
	return tree->words + node->text;
}

/* child_at returns the child that the first step of path names, "key" or "[3]", or 0. */
static config_ref child_at(const struct config_tree *tree, config_ref parent, const char *path, size_t step_len)
{
	const struct config_node *node = config_tree_target(tree, parent);
	uint32_t order = path[0] == '[' ? (uint32_t)strtoul(path + 1, NULL, 10) : 0;
	enum config_kind kind = path[0] == '[' ? CONFIG_SEQUENCE : CONFIG_MAPPING;

	if (node->kind != kind)
		return 0;
	for (config_ref ref = node->first; ref; ref = tree->nodes[ref].next) {
		const struct config_node *child = &tree->nodes[ref];
		const char *key = config_tree_key(tree, child);

		if (kind == CONFIG_SEQUENCE ? child->order == order
					    : strlen(key) == step_len && memcmp(key, path, step_len) == 0)
			return ref;
	}
	return 0;
}

const struct config_node *config_tree_find(const struct config_tree *tree, const char *path)
{
	config_ref found = 0;

	while (*path) {
		size_t step_len = path[0] == '[' ? strcspn(path, "]") + 1 : strcspn(path, ".[");
		config_ref child = child_at(tree, found, path, step_len);

		if (!child)
			break;
		found = child;
		path += step_len;
		path += *path == '.';
	}
	return &tree->nodes[found];
}

void config_tree_path(const struct config_tree *tree, const config_ref *chain, unsigned depth, char *path,
		      size_t size)
{
	size_t len = 0;

	path[0] = '\0';
	for (unsigned i = 1; i < depth && len < size; i++) {
		const struct config_node *node = &tree->nodes[chain[i]];
		char key[64];

		if (config_tree_target(tree, chain[i - 1])->kind == CONFIG_SEQUENCE) {
			len += (size_t)snprintf(path + len, size - len, "[%u]", node->order);
			continue;
		}
		config_quote(key, sizeof(key), config_tree_key(tree, node), CONFIG_QUOTE_MAX);
		len += (size_t)snprintf(path + len, size - len, "%s%s", len ? "." : "", key);
	}
}

/* A hash secret key that stands where none belongs is no more for the log than one in its place. */
#define KEY_LEAST 32 /* of 80 digits, with or without ":" between bytes */
#define KEY_MOST  160
#define KEY_SHOWN 8

void config_quote(char *out, size_t size, const char *text, size_t max)
{
	size_t len = 0;
	const size_t room = 3 + 1; /* for "..." and the NUL */
	const size_t digits = strspn(text, HEX_DIGITS ":");

	if (digits >= KEY_LEAST && digits <= KEY_MOST && max > KEY_SHOWN)
		max = KEY_SHOWN;
	for (size_t characters = 0; *text; characters++) {
		const char *next = text;
		uint32_t point = utf8_next(&next);
		size_t bytes = (size_t)(next - text);
		bool hidden = point == UTF8_INVALID || utf8_is_control(point);

		if (characters == max || len + bytes + room > size) {
			memcpy(out + len, "...", 3);
			len += 3;
			break;
		}
		memcpy(out + len, hidden ? "?" : text, hidden ? 1 : bytes);
		len += hidden ? 1 : bytes;
		text = next;
	}
	out[len] = '\0';
}

int config_error_set(struct config_error *error, unsigned line, unsigned column, const char *path, const char *text,
		     ...)
{
	va_list args;

	error->line = line;
	error->column = column;
	snprintf(error->path, sizeof(error->path), "%s", path);
	va_start(args, text);
	vsnprintf(error->text, sizeof(error->text), text, args);
	va_end(args);
	return -1;
}
