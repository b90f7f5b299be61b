/* SPDX-License-Identifier: BSD-2-Clause */
/* Options and operands of the command line, checked by the schema, as parameters of a control socket's method (docs/rpc.md). */
#ifndef VMMQ_VMMQ_CHANGE_PARAMETERS_H
#define VMMQ_VMMQ_CHANGE_PARAMETERS_H

#include <jansson.h>

#include "base/command.h"
#include "schema/option.h"
#include "schema/value.h"

/*
 * parameter_reader makes a value of the text of an option, or returns NULL; then hint, VALUE_HINT_MAX bytes and empty before,
 * may say more.
 */
typedef json_t *parameter_reader(const char *text, char *hint);

/*
 * A row: what is given becomes a member of the parameters.  option: NULL: the field's.  key: NULL: the field's.
 * read: NULL: as the field's kind is read.  null: a flag that stands for null.
 */
struct parameter {
	enum schema_id field;
	const char *option, *key;
	parameter_reader *read;
	bool null;
};

/* SCHEMA_VPORT(PARAMETER_ROW) gives the rows of a VPort's fields, of which those without an option count for nothing. */
#define PARAMETER_ROW(id, ...) { .field = FIELD_##id },

/* The RSS parameters that vport add and rss set have, as rows and as options. */
#define PARAMETERS_RSS                                                                                               \
	SCHEMA_RSS_TABLE(PARAMETER_ROW) SCHEMA_RSS_HASH(PARAMETER_ROW) SCHEMA_RSS_TUNNELS(PARAMETER_ROW)
#define OPTIONS_RSS                                                                                                  \
	SCHEMA_RSS_TABLE(SCHEMA_OPTION_ROW) SCHEMA_RSS_HASH(SCHEMA_OPTION_ROW) SCHEMA_RSS_TUNNELS(SCHEMA_OPTION_ROW)

/* parameter_value makes a value of text as the field is read; NULL, and a hint perhaps: it does not fit. */
json_t *parameter_value(const struct schema_field *field, const char *text, char *hint);

/*
 * parameters_take adds what was given of count rows to the object params.  Returns COMMAND_DONE, or COMMAND_USAGE
 * after having said which value is wrong and what is needed.
 */
int parameters_take(const struct command_line *line, const struct parameter *rows, size_t count, json_t *params);

/* parameters_operand does the same with the text of an operand, which messages call by the row's option. */
int parameters_operand(const struct command_line *line, const struct parameter *row, const char *text,
		       json_t *params);

/* parameter_vport adds a VPort's id, which all digits are, or its name. */
int parameter_vport(const struct command_line *line, const char *key, const char *text, json_t *params);

#endif
