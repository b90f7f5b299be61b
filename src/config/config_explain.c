/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/config_explain.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "schema/value.h"

void config_needed(const struct schema_field *field, char *out, size_t size)
{
	char needed[NEEDED_MAX];

	needed_text(field, NEEDED_IN_FILE, needed, sizeof(needed));
	snprintf(out, size, "%.*s is needed", (int)(size - sizeof(" is needed")), needed);
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
			const struct schema_field *field, const char *found, const char *hint)
{
	char quoted[128], needed[NEEDED_MAX];

	config_needed(field, needed, sizeof(needed));
	if (value_is_secret(field, found))
		return config_refuse_at(tree, error, path, "found a key%s; %s", hint, needed);
	config_quote(quoted, sizeof(quoted), found, CONFIG_QUOTE_MAX);
	return config_refuse_at(tree, error, path, "found \"%s\"%s; %s", quoted, hint, needed);
}
