/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/change/parameters.h"

#include <string.h>

#include "config/config_tree.h"
#include "schema/needed.h"

static const char *option_of(const struct parameter *row)
{
	return row->option ? row->option : schema_field(row->field)->option;
}

static const char *key_of(const struct parameter *row)
{
	return row->key ? row->key : schema_field(row->field)->key;
}

static int parameter_refuse(const struct command_line *line, const char *dashes, const struct parameter *row,
			    const char *text, const char *hint)
{
	char quoted[128], needed[NEEDED_MAX];

	config_quote(quoted, sizeof(quoted), text, CONFIG_QUOTE_MAX);
	needed_text(schema_field(row->field), NEEDED_ON_LINE, needed, sizeof(needed));
	return command_usage(line, "%s%s: found \"%s\"%s; %s is needed", dashes, option_of(row), quoted, hint,
			     needed);
}

static json_t *read_value(const struct parameter *row, const char *text, char *hint)
{
	const struct schema_field *field = schema_field(row->field);

	if (row->null)
		return json_null();
	if (row->read)
		return row->read(text, hint);
	if (field->kind == SCHEMA_BOOLEAN)
		return json_boolean(strncmp(option_of(row), "no-", 3) != 0);
	return parameter_value(field, text, hint);
}

static int parameter_take(const struct command_line *line, const char *dashes, const struct parameter *row,
			  const char *text, json_t *params)
{
	char hint[VALUE_HINT_MAX] = "";
	json_t *value = read_value(row, text, hint);

	if (json_object_set_new(params, key_of(row), value) == 0)
		return COMMAND_DONE;
	return parameter_refuse(line, dashes, row, text, hint);
}

/* contradicts: what the row says has been said before, by the option of an earlier row or otherwise. */
static int parameter_contradicts(const struct command_line *line, const struct parameter *rows,
				 const struct parameter *row)
{
	for (const struct parameter *other = rows; other < row; other++)
		if (option_of(other) && strcmp(key_of(other), key_of(row)) == 0 &&
		    command_flag(line, option_of(other)))
			return command_usage(line, "--%s and --%s contradict each other", option_of(other),
					     option_of(row));
	return command_usage(line, "--%s: %s is given already", option_of(row), key_of(row));
}

int parameters_take(const struct command_line *line, const struct parameter *rows, size_t count, json_t *params)
{
	int status = COMMAND_DONE;

	for (size_t i = 0; i < count && status == COMMAND_DONE; i++) {
		const char *text = option_of(&rows[i]) ? command_value(line, option_of(&rows[i])) : NULL;

		if (text && json_object_get(params, key_of(&rows[i])))
			return parameter_contradicts(line, rows, &rows[i]);
		if (text)
			status = parameter_take(line, "--", &rows[i], text, params);
	}
	return status;
}

int parameters_operand(const struct command_line *line, const struct parameter *row, const char *text, json_t *params)
{
	return parameter_take(line, "", row, text, params);
}

int parameter_vport(const struct command_line *line, const char *key, const char *text, json_t *params)
{
	const struct parameter row = { .field = FIELD_VPORT_NAMED, .option = "VPORT", .key = key };

	return parameter_take(line, "", &row, text, params);
}
