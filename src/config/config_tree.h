/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A YAML file as a tree of texts that knows where everything stands, so that whoever finds a value wrong later can say
 * line, column and path.
 */
#ifndef VMMQ_CONFIG_CONFIG_TREE_H
#define VMMQ_CONFIG_CONFIG_TREE_H

#include "config/config_yaml.h"

#define CONFIG_DEPTH_MAX   16       /* levels of nesting; the format itself needs 6 */
#define CONFIG_VALUES_MAX  2000000u /* values, each alias counted as what it stands for */
#define CONFIG_ANCHORS_MAX 1000u

enum config_kind {
	CONFIG_SCALAR,
	CONFIG_SEQUENCE,
	CONFIG_MAPPING,
	CONFIG_ALIAS,
};

/* A node's index in the tree.  The root is 0; 0 as first, next or target means "none". */
typedef uint32_t config_ref;

struct config_node {
	enum config_kind kind;
	bool null;         /* a scalar that YAML reads as nothing: empty, ~, null without quotes */
	config_ref first;  /* of its children, in file order */
	config_ref next;   /* of its siblings */
	config_ref target; /* an alias: what it stands for */
	uint32_t count;    /* children */
	uint32_t order;    /* place among its siblings, from 0 */
	uint32_t size;     /* values in it and below, aliases expanded, itself included */
	uint32_t key;      /* offset of its key in words; 0 outside mappings */
	uint32_t text;     /* offset of a scalar's text in words */
	uint32_t line, column, key_line, key_column; /* from 1 */
};

struct config_tree {
	struct config_node *nodes;
	size_t count, capacity;
	char *words; /* NUL-terminated texts, one after the other; the one at 0 is empty */
	size_t words_len, words_capacity;
};

/*
 * config_tree_parse reads one YAML document of len bytes.  Returns 0, or -1 with *error set when it is not UTF-8, not
 * YAML, no or more than one document, nested too deeply, too large, or uses what the format has no place for (tags,
 * keys that are not text, NULs in text).  values_max: at most CONFIG_VALUES_MAX.  Free with config_tree_fini() in both cases.
 */
int config_tree_parse(struct config_tree *tree, const char *bytes, size_t len, uint32_t values_max,
		      struct config_error *error);
void config_tree_fini(struct config_tree *tree);

/* For the parser.  config_tree_add makes room for a node, not yet filled; returns -1 when memory is short. */
int config_tree_add(struct config_tree *tree, config_ref *ref);
/* config_tree_add_word keeps a text of len bytes and returns its offset, never 0; 0 when memory is short. */
uint32_t config_tree_add_word(struct config_tree *tree, const void *text, size_t len);

/* config_tree_target returns the node itself, or what it stands for when it is an alias. */
const struct config_node *config_tree_target(const struct config_tree *tree, config_ref ref);
const char *config_tree_key(const struct config_tree *tree, const struct config_node *node);
const char *config_tree_text(const struct config_tree *tree, const struct config_node *node);

/* config_tree_find returns the node at path, "vports[2].rss.key", or the innermost one on the way that exists. */
const struct config_node *config_tree_find(const struct config_tree *tree, const char *path);

/* config_tree_path writes the path of the last node of a chain that leads from the root to it. */
void config_tree_path(const struct config_tree *tree, const config_ref *chain, unsigned depth, char *path,
		      size_t size);

/*
 * config_quote copies text for a message: at most max characters, control characters as '?', "..." when cut; of what may be a hash
 * secret key 8 characters.
 */
void config_quote(char *out, size_t size, const char *text, size_t max);
#define CONFIG_QUOTE_MAX 40

/* config_error_set fills error and returns -1.  A printf-style text that does not fit is cut. */
__attribute__((format(printf, 5, 6))) int config_error_set(struct config_error *error, unsigned line, unsigned column,
							   const char *path, const char *text, ...);

#endif
