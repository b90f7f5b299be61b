/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/config_explain.h"
#include "config/config_schema.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void config_needed(const char *path, char *out, size_t size)
{
	const struct config_rule *rule = config_rule(path);
	size_t len = strlen(path);

	if (len && path[len - 1] == ']' && rule->entry)
		snprintf(out, size, "%s is needed", rule->entry);
	else if (rule->needed)
		snprintf(out, size, "%s is needed", rule->needed);
	else
		snprintf(out, size, "a number from %u to %u is needed", rule->min, rule->max);
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

/* edit_distance counts the insertions, deletions and replacements that make a of b; both at most 31 bytes. */
static unsigned edit_distance(const char *a, const char *b)
{
	unsigned row[32];
	size_t b_len = strlen(b);

	for (size_t j = 0; j <= b_len; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; a[i - 1]; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned above = row[j];

			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[b_len];
}

const char *config_similar(const char *word, const char *const *words, size_t count)
{
	const char *best = NULL;
	unsigned best_distance = 4;

	if (strlen(word) > 31)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		unsigned distance = edit_distance(word, words[i]);

		if (distance < best_distance && distance * 2 < strlen(words[i])) {
			best = words[i];
			best_distance = distance;
		}
	}
	return best;
}

int config_refuse_at(const struct config_tree *tree, struct config_error *error, const char *path, const char *text,
		     ...)
{
	const struct config_node *node = config_tree_find(tree, path);
	char sentence[sizeof(error->text)];
	va_list args;

	va_start(args, text);
	vsnprintf(sentence, sizeof(sentence), text, args);
	va_end(args);
	return config_error_set(error, node->line, node->column, path, "%s", sentence);
}

int config_refuse_found(const struct config_tree *tree, struct config_error *error, const char *path,
			const char *found, const char *hint)
{
	char quoted[128], needed[256];

	config_quote(quoted, sizeof(quoted), found, CONFIG_QUOTE_MAX);
	config_needed(path, needed, sizeof(needed));
	return config_refuse_at(tree, error, path, "found \"%s\"%s; %s", quoted, hint, needed);
}
