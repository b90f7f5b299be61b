/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/config_reader.h"
#include "config/config_explain.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int config_out_of_memory(struct config_reader *r)
{
	return config_error_set(r->error, 0, 0, "", "out of memory");
}

void config_path_of(const struct config_reader *r, const char *key, size_t entry, char *path, size_t size)
{
	int len = snprintf(path, size, "%s.%s", r->at, key);

	if (entry != CONFIG_NO_ENTRY)
		snprintf(path + len, size - (size_t)len, "[%zu]", entry);
}

int config_refuse_here(struct config_reader *r, const char *key, size_t entry, const char *found)
{
	char path[128];

	config_path_of(r, key, entry, path, sizeof(path));
	return config_refuse_found(r->tree, r->error, path, found, r->hint);
}

int config_read_number(struct config_reader *r, const char *key, const char *text, uint32_t *value)
{
	const struct config_rule *rule = config_rule(key);

	if (!text || config_number(text, rule->min, rule->max, value, r->hint))
		return 0;
	return config_refuse_here(r, key, CONFIG_NO_ENTRY, text);
}

int config_read_boolean(struct config_reader *r, const char *key, const char *text, bool *value)
{
	if (!text || config_boolean(text, value, r->hint))
		return 0;
	return config_refuse_here(r, key, CONFIG_NO_ENTRY, text);
}

int config_read_text(struct config_reader *r, const char *key, const char *text, size_t max, char **value)
{
	if (!text)
		return 0;
	if (!config_printable(text, max, r->hint))
		return config_refuse_here(r, key, CONFIG_NO_ENTRY, text);
	free(*value);
	*value = strdup(text);
	return *value ? 0 : config_out_of_memory(r);
}

int config_read_processor(struct config_reader *r, const char *key, size_t entry, const char *text,
			  struct vmmq_processor *value)
{
	char path[128];

	if (!text)
		return 0;
	if (!config_processor(text, value, r->hint))
		return config_refuse_here(r, key, entry, text);
	if (config_unique_has_processor(&r->unique, *value))
		return 0;
	config_path_of(r, key, entry, path, sizeof(path));
	return config_refuse_at(r->tree, r->error, path, "processor %u is not in adapter.processors",
				(unsigned)value->v);
}
