/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/config_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_explain.h"

int config_out_of_memory(struct config_reader *r)
{
	return config_error_set(r->error, 0, 0, "", "out of memory");
}

void config_enter(struct config_reader *r, const struct config_node *mapping, const char *path, ...)
{
	va_list args;

	r->mapping = mapping;
	va_start(args, path);
	vsnprintf(r->at, sizeof(r->at), path, args);
	va_end(args);
}

const struct config_node *config_child(const struct config_reader *r, enum schema_id id)
{
	const char *key = schema_field(id)->key;

	for (config_ref ref = r->mapping->first; ref; ref = r->tree->nodes[ref].next)
		if (strcmp(config_tree_key(r->tree, &r->tree->nodes[ref]), key) == 0)
			return config_tree_target(r->tree, ref);
	return NULL;
}

const struct config_node *config_first(const struct config_reader *r, const struct config_node *list, config_ref *ref)
{
	*ref = list->first;
	return *ref ? config_tree_target(r->tree, *ref) : NULL;
}

const struct config_node *config_next(const struct config_reader *r, config_ref *ref)
{
	*ref = r->tree->nodes[*ref].next;
	return *ref ? config_tree_target(r->tree, *ref) : NULL;
}

void config_path_of(const struct config_reader *r, enum schema_id id, size_t entry, char *path, size_t size)
{
	int len = snprintf(path, size, "%s.%s", r->at, schema_field(id)->key);

	if (entry != CONFIG_NO_ENTRY)
		snprintf(path + len, size - (size_t)len, "[%zu]", entry);
}

int config_refuse_here(struct config_reader *r, enum schema_id id, size_t entry, const char *found)
{
	const struct schema_field *field = schema_field(id);
	char path[128];

	config_path_of(r, id, entry, path, sizeof(path));
	return config_refuse_found(r->tree, r->error, path, entry == CONFIG_NO_ENTRY ? field : field->entry, found,
				   r->hint);
}

/* child_text returns the text of a field that is no list and no mapping, or NULL when the file has nothing. */
static const char *child_text(const struct config_reader *r, enum schema_id id)
{
	const struct config_node *child = config_child(r, id);

	return child ? config_tree_text(r->tree, child) : NULL;
}

int config_read(struct config_reader *r, enum schema_id id, union value *value)
{
	const char *text = child_text(r, id);

	if (!text || value_read(schema_field(id), text, value, r->hint))
		return 0;
	return config_refuse_here(r, id, CONFIG_NO_ENTRY, text);
}

int config_read_number(struct config_reader *r, enum schema_id id, uint32_t *value)
{
	union value read = { .number = *value };
	int status = config_read(r, id, &read);

	*value = read.number;
	return status;
}

int config_read_boolean(struct config_reader *r, enum schema_id id, bool *value)
{
	union value read = { .truth = *value };
	int status = config_read(r, id, &read);

	*value = read.truth;
	return status;
}

int config_read_text(struct config_reader *r, enum schema_id id, char **value)
{
	const char *text = child_text(r, id);
	union value fits;

	if (!text)
		return 0;
	if (config_read(r, id, &fits))
		return -1;
	free(*value);
	*value = strdup(text);
	return *value ? 0 : config_out_of_memory(r);
}

int config_set_processor(struct config_reader *r, enum schema_id id, size_t entry, const char *text,
			 struct vmmq_processor *value)
{
	char path[128];

	if (!value_processor(text, value, r->hint))
		return config_refuse_here(r, id, entry, text);
	if (config_unique_has_processor(&r->unique, *value))
		return 0;
	config_path_of(r, id, entry, path, sizeof(path));
	return config_refuse_at(r->tree, r->error, path, "processor %u is not in adapter.processors",
				(unsigned)value->v);
}

int config_read_processor(struct config_reader *r, enum schema_id id, struct vmmq_processor *value)
{
	const char *text = child_text(r, id);

	return text ? config_set_processor(r, id, CONFIG_NO_ENTRY, text, value) : 0;
}
