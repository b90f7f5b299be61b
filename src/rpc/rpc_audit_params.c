/* SPDX-License-Identifier: BSD-2-Clause */
/* The params of a change in a line of the log. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/rpc_audit.h"

#define CUT         "..."
#define STRING_MAX  200 /* bytes of a text that is shown, escapes among them */
#define ENTRIES_MAX 16  /* of a list */

/* What has been written; full: CUT is at its end, and nothing more is taken. */
struct audit_text {
	char *text;
	size_t size, len;
	bool full;
};

__attribute__((format(printf, 2, 3))) static void audit_put(struct audit_text *to, const char *format, ...)
{
	size_t room = to->size - to->len - sizeof(CUT);
	va_list args;
	int len;

	if (to->full)
		return;
	va_start(args, format);
	len = vsnprintf(to->text + to->len, room, format, args);
	va_end(args);
	to->full = len < 0 || (size_t)len >= room;
	if (to->full)
		memcpy(to->text + to->len, CUT, sizeof(CUT));
	else
		to->len += (size_t)len;
}

/* audit_put_secret: how long it is, where that helps. */
static void audit_put_secret(struct audit_text *to, const struct schema_field *field, const json_t *value)
{
	if (field->kind == SCHEMA_KEY)
		audit_put(to, "\"(not shown)\"");
	else
		audit_put(to, "\"(%zu characters)\"", json_string_length(value));
}

static void audit_put_scalar(struct audit_text *to, const json_t *value)
{
	char shown[STRING_MAX];
	size_t len = json_dumpb(value, shown, sizeof(shown) - 1, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);

	if (len < sizeof(shown))
		audit_put(to, "%.*s", (int)len, shown);
	else
		audit_put(to, "\"(%zu characters)\"", json_string_length(value));
}

static void audit_put_object(struct audit_text *to, const struct params *params, const json_t *object);
static void audit_put_value(struct audit_text *to, const struct params *params, const struct schema_field *field,
			    const json_t *value);

static void audit_put_list(struct audit_text *to, const struct params *params, const struct schema_field *list,
			   const json_t *value)
{
	size_t count = json_array_size(value);

	audit_put(to, "[");
	for (size_t i = 0; i < count && i < ENTRIES_MAX; i++) {
		audit_put(to, "%s", i ? "," : "");
		audit_put_value(to, params, list->entry, json_array_get(value, i));
	}
	if (count > ENTRIES_MAX)
		audit_put(to, "," CUT " and %zu more", count - ENTRIES_MAX);
	audit_put(to, "]");
}

static void audit_put_value(struct audit_text *to, const struct params *params, const struct schema_field *field,
			    const json_t *value)
{
	const bool secret = field->kind == SCHEMA_KEY || field->kind == SCHEMA_LINES || field->kind == SCHEMA_HEX;

	if (json_is_string(value) && secret) {
		audit_put_secret(to, field, value);
	} else if (json_is_array(value) && field->kind == SCHEMA_LIST) {
		audit_put_list(to, params, field, value);
	} else if (json_is_object(value) && field->kind == SCHEMA_MAPPING) {
		const struct params below = params_below(params, field);

		audit_put_object(to, &below, value);
	} else {
		audit_put_scalar(to, value);
	}
}

/* audit_put_object walks over the members that are known, so that none is shown of which it is not known whether it is secret. */
static void audit_put_object(struct audit_text *to, const struct params *params, const json_t *object)
{
	const struct schema_field *member = NULL;
	bool first = true;

	audit_put(to, "{");
	while ((member = params_next(params, member))) {
		const json_t *value = json_object_get(object, member->key);

		if (!value)
			continue;
		audit_put(to, "%s\"%s\":", first ? "" : ",", member->key);
		audit_put_value(to, params, member, value);
		first = false;
	}
	audit_put(to, "}");
}

void rpc_audit_params(const struct params *params, const json_t *value, char *text, size_t size)
{
	struct audit_text to = { .text = text, .size = size };

	text[0] = '\0';
	audit_put_object(&to, params, value);
}
