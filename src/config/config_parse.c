/* SPDX-License-Identifier: BSD-2-Clause */
/* From bytes to the tree: libyaml's events, one document, every node with its line and column. */
#include "config/config_syntax.h"
#include "config/config_tree.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* A collection that has begun and not yet ended. */
struct open_collection {
	config_ref node;
	config_ref last_child;
	bool has_key; /* a mapping: the key has been read, its value comes next */
	uint32_t key, key_line, key_column;
};

struct parse {
	yaml_parser_t yaml;
	struct config_tree *tree;
	struct config_error *error;
	uint32_t values_max;
	struct open_collection open[CONFIG_DEPTH_MAX];
	unsigned depth;
	bool document_seen;
	struct {
		uint32_t name;
		config_ref node;
	} anchors[CONFIG_ANCHORS_MAX];
	unsigned anchor_count;
};

/* path_ahead writes the path of the value that comes next. */
static void path_ahead(const struct parse *p, char *path, size_t size)
{
	const struct open_collection *in = p->depth ? &p->open[p->depth - 1] : NULL;
	config_ref chain[CONFIG_DEPTH_MAX] = { 0 };
	size_t len;

	for (unsigned i = 0; i < p->depth; i++)
		chain[i] = p->open[i].node;
	config_tree_path(p->tree, chain, p->depth, path, size);
	len = strlen(path);
	if (in && in->has_key)
		snprintf(path + len, size - len, "%s%s", len ? "." : "", p->tree->words + in->key);
	else if (in && p->tree->nodes[in->node].kind == CONFIG_SEQUENCE)
		snprintf(path + len, size - len, "[%u]", p->tree->nodes[in->node].count);
}

__attribute__((format(printf, 3, 4))) static int refuse(struct parse *p, yaml_mark_t mark, const char *format, ...)
{
	char path[128], quoted[128], text[sizeof(p->error->text)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	path_ahead(p, path, sizeof(path));
	config_quote(quoted, sizeof(quoted), path, sizeof(quoted));
	return config_error_set(p->error, (unsigned)mark.line + 1, (unsigned)mark.column + 1, quoted, "%s", text);
}

static int parse_out_of_memory(struct parse *p)
{
	return config_error_set(p->error, 0, 0, "", "out of memory");
}

/* add_node appends a node as the next child of the innermost open collection.  Returns -1 when there is no room. */
static int add_node(struct parse *p, struct config_node node, yaml_mark_t mark, config_ref *ref)
{
	struct config_tree *tree = p->tree;
	struct open_collection *in = p->depth ? &p->open[p->depth - 1] : NULL;
	struct config_node *nodes;

	if (in && tree->nodes[0].size + node.size > p->values_max)
		return refuse(p, mark, "more than %u values", p->values_max);
	if (config_tree_add(tree, ref))
		return parse_out_of_memory(p);
	nodes = tree->nodes;
	node.line = (uint32_t)mark.line + 1;
	node.column = (uint32_t)mark.column + 1;
	if (in) {
		node.key = in->key;
		node.key_line = in->key_line;
		node.key_column = in->key_column;
		node.order = nodes[in->node].count++;
		*(in->last_child ? &nodes[in->last_child].next : &nodes[in->node].first) = *ref;
		in->last_child = *ref;
		in->has_key = false;
	}
	nodes[*ref] = node;
	for (unsigned i = 0; i < p->depth; i++)
		nodes[p->open[i].node].size += node.size;
	return 0;
}

static int add_anchor(struct parse *p, const yaml_char_t *name, yaml_mark_t mark, config_ref ref)
{
	if (!name)
		return 0;
	for (unsigned i = 0; i < p->anchor_count; i++)
		if (strcmp(p->tree->words + p->anchors[i].name, (const char *)name) == 0)
			return refuse(p, mark, "this anchor's name is already in use");
	if (p->anchor_count == CONFIG_ANCHORS_MAX)
		return refuse(p, mark, "more than %u anchors", CONFIG_ANCHORS_MAX);
	p->anchors[p->anchor_count].node = ref;
	p->anchors[p->anchor_count].name = config_tree_add_word(p->tree, name, strlen((const char *)name));
	return p->anchors[p->anchor_count++].name ? 0 : parse_out_of_memory(p);
}

static bool is_open(const struct parse *p, config_ref ref)
{
	for (unsigned i = 0; i < p->depth; i++)
		if (p->open[i].node == ref)
			return true;
	return false;
}

static bool wants_key(const struct parse *p)
{
	const struct open_collection *in = p->depth ? &p->open[p->depth - 1] : NULL;

	return in && p->tree->nodes[in->node].kind == CONFIG_MAPPING && !in->has_key;
}

static int take_alias(struct parse *p, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;
	config_ref ref;

	if (wants_key(p))
		return refuse(p, event->start_mark, "a key must be plain text, not an alias");
	for (unsigned i = 0; i < p->anchor_count; i++) {
		config_ref target = p->anchors[i].node;
		struct config_node node = { .kind = CONFIG_ALIAS, .target = target };

		if (strcmp(p->tree->words + p->anchors[i].name, name) != 0)
			continue;
		if (is_open(p, target))
			return refuse(p, event->start_mark, "an alias for what it stands in");
		node.size = p->tree->nodes[target].size;
		return add_node(p, node, event->start_mark, &ref);
	}
	return refuse(p, event->start_mark, "an alias for an anchor that is not there");
}

static bool is_null(const yaml_event_t *event)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };

	if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++)
		if (strcmp((const char *)event->data.scalar.value, nulls[i]) == 0)
			return true;
	return false;
}

static int take_key(struct parse *p, const yaml_event_t *event, uint32_t word)
{
	struct open_collection *in = &p->open[p->depth - 1];

	if (event->data.scalar.anchor)
		return refuse(p, event->start_mark, "a key cannot have an anchor");
	in->has_key = true;
	in->key = word;
	in->key_line = (uint32_t)event->start_mark.line + 1;
	in->key_column = (uint32_t)event->start_mark.column + 1;
	return 0;
}

static int take_scalar(struct parse *p, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	struct config_node node = { .kind = CONFIG_SCALAR, .null = is_null(event), .size = 1 };
	config_ref ref = 0;

	if (event->data.scalar.tag)
		return refuse(p, event->start_mark, "a tag (!...); values are written without");
	if (memchr(text, '\0', len))
		return refuse(p, event->start_mark, "text with a NUL character in it");
	node.text = config_tree_add_word(p->tree, text, len);
	if (!node.text)
		return parse_out_of_memory(p);
	if (wants_key(p))
		return take_key(p, event, node.text);
	if (add_node(p, node, event->start_mark, &ref))
		return -1;
	return add_anchor(p, event->data.scalar.anchor, event->start_mark, ref);
}

static int begin_collection(struct parse *p, yaml_mark_t mark, enum config_kind kind, const yaml_char_t *anchor,
			    const yaml_char_t *tag)
{
	config_ref ref = 0;

	if (wants_key(p))
		return refuse(p, mark, "a key must be plain text, not a list or a mapping");
	if (tag)
		return refuse(p, mark, "a tag (!...); values are written without");
	if (p->depth == CONFIG_DEPTH_MAX)
		return refuse(p, mark, "nested more than %d levels deep", CONFIG_DEPTH_MAX);
	if (add_node(p, (struct config_node){ .kind = kind, .size = 1 }, mark, &ref))
		return -1;
	p->open[p->depth++] = (struct open_collection){ .node = ref };
	return add_anchor(p, anchor, mark, ref);
}

static int begin_document(struct parse *p, yaml_mark_t mark)
{
	if (p->document_seen)
		return refuse(p, mark, "a second YAML document begins here; a configuration is one");
	p->document_seen = true;
	return 0;
}

static int take_event(struct parse *p, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		return begin_document(p, event->start_mark);
	case YAML_ALIAS_EVENT:
		return take_alias(p, event);
	case YAML_SCALAR_EVENT:
		return take_scalar(p, event);
	case YAML_SEQUENCE_START_EVENT:
		return begin_collection(p, event->start_mark, CONFIG_SEQUENCE, event->data.sequence_start.anchor,
					event->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return begin_collection(p, event->start_mark, CONFIG_MAPPING, event->data.mapping_start.anchor,
					event->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		p->depth--;
		return 0;
	default:
		return 0;
	}
}

static int take_events(struct parse *p, const char *bytes, size_t len)
{
	int status = 0;
	bool more = true;

	while (status == 0 && more) {
		yaml_event_t event;

		if (!yaml_parser_parse(&p->yaml, &event))
			return config_syntax_error(&p->yaml, bytes, len, p->error);
		more = event.type != YAML_STREAM_END_EVENT;
		status = take_event(p, &event);
		yaml_event_delete(&event);
	}
	return status;
}

static bool is_utf16(const char *bytes, size_t len)
{
	return len >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0);
}

int config_tree_parse(struct config_tree *tree, const char *bytes, size_t len, uint32_t values_max,
		      struct config_error *error)
{
	struct parse *p;
	int status;

	memset(tree, 0, sizeof(*tree));
	if (is_utf16(bytes, len))
		return config_error_set(error, 1, 1, "", "not a text file in UTF-8: it is UTF-16");
	p = calloc(1, sizeof(*p));
	if (!p || !yaml_parser_initialize(&p->yaml)) {
		free(p);
		return config_error_set(error, 0, 0, "", "out of memory");
	}
	p->tree = tree;
	p->error = error;
	p->values_max = values_max;
	yaml_parser_set_input_string(&p->yaml, (const unsigned char *)bytes, len);
	status = take_events(p, bytes, len);
	if (status == 0 && (tree->count == 0 || tree->nodes[0].null))
		status = config_error_set(error, 0, 0, "", "there is no configuration in it");
	yaml_parser_delete(&p->yaml);
	free(p);
	return status;
}
