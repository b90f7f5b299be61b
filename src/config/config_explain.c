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
