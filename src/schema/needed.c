/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/needed.h"

#include <stdio.h>
#include <string.h>

/* What a kind needs, unless the field says more. */
static const char *const by_kind[SCHEMA_VPORT + 1] = {
	[SCHEMA_NUMBER] = "a number from {min} to {max}",
	[SCHEMA_BOOLEAN] = "true or false",
	[SCHEMA_TEXT] = "text of {min} to {max} characters without control characters",
	[SCHEMA_WORD] = "one of {words}",
	[SCHEMA_PROCESSOR] = "a processor ({min} to {max}, or `group:number` with a number of 0 to {group})",
	[SCHEMA_MAC] = "a MAC address like `02:00:00:00:00:01`",
	[SCHEMA_VLAN] = "a VLAN id from {min} to {max}, or `any`",
	[SCHEMA_KEY] = "a hash secret key of {max} hex digits, or `random`,",
	[SCHEMA_PCI] = "a PCI address like `0000:03:00.0`",
	[SCHEMA_PERMISSIONS] = "a number of three octal digits like `0660`",
	[SCHEMA_LIST] = "a list of {min} to {max}",
	[SCHEMA_MAPPING] = "an object",
	[SCHEMA_TRUE] = "true (or leave it out)",
	[SCHEMA_LINES] = "text",
	[SCHEMA_HEX] = "text of pairs of hex digits",
	[SCHEMA_VPORT] = "a VPort's id ({min} to {max}) or name",
};

/* The same where the command line has words of its own. */
static const char *const typed_by_kind[SCHEMA_VPORT + 1] = {
	[SCHEMA_PROCESSOR] = "a processor, {min} to {max} or group:number,",
	[SCHEMA_VLAN] = "a number from {min} to {max}, or any,",
	[SCHEMA_KEY] = "a key of {max} hex digits, or random,",
};

struct writer {
	char *text;
	size_t size, len;
	const char *quote;   /* around words that are values */
	const char *between; /* words */
};

static void needed_put(struct writer *w, const char *text, size_t len)
{
	for (size_t i = 0; i < len && w->len + 1 < w->size; i++)
		w->text[w->len++] = text[i];
	w->text[w->len] = '\0';
}

static void put_number(struct writer *w, uint32_t number)
{
	char digits[16];

	needed_put(w, digits, (size_t)snprintf(digits, sizeof(digits), "%u", number));
}

static void put_words(struct writer *w, const struct schema_field *field)
{
	for (size_t i = 0; field->words[i]; i++) {
		needed_put(w, w->between, i ? strlen(w->between) : 0);
		needed_put(w, field->words[i], strlen(field->words[i]));
	}
}

static bool is_place(const char *place, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(place, name, len) == 0;
}

/* put_place fills one of {min}, {max}, {words}, {group}, or the range of another field by its key. */
static void put_place(struct writer *w, const struct schema_field *field, const char *place, size_t len)
{
	if (is_place(place, len, "min")) {
		put_number(w, field->min);
	} else if (is_place(place, len, "max")) {
		put_number(w, field->max);
	} else if (is_place(place, len, "words")) {
		put_words(w, field);
	} else if (is_place(place, len, "group")) {
		put_number(w, VMMQ_PROCESSORS_PER_GROUP - 1);
	} else {
		for (unsigned i = FIELD_NOWHERE + 1; i < FIELD_COUNT; i++) {
			if (!is_place(place, len, schema_fields[i].key))
				continue;
			put_number(w, schema_fields[i].min);
			needed_put(w, " to ", 4);
			put_number(w, schema_fields[i].max);
			return;
		}
	}
}

static void needed_expand(struct writer *w, const struct schema_field *field, const char *sentence)
{
	needed_put(w, "", 0);
	while (*sentence) {
		size_t len = strcspn(sentence, "{`");

		needed_put(w, sentence, len);
		sentence += len;
		if (*sentence == '`') {
			needed_put(w, w->quote, strlen(w->quote));
			sentence++;
		} else if (*sentence == '{') {
			len = strcspn(sentence, "}");
			put_place(w, field, sentence + 1, len - 1);
			sentence += len + 1;
		}
	}
}

static const char *sentence_of(const struct schema_field *field, enum needed_for reader)
{
	const char *typed = field->typed ? field->typed : typed_by_kind[field->kind];
	bool own = field->needed &&
		   (reader != NEEDED_IN_REQUEST || field->kind == SCHEMA_LIST || field->kind == SCHEMA_LINES);

	if (reader == NEEDED_ON_LINE && typed)
		return typed;
	return own ? field->needed : by_kind[field->kind];
}

void needed_text(const struct schema_field *field, enum needed_for reader, char *text, size_t size)
{
	struct writer w = { text, size, 0, reader == NEEDED_IN_REQUEST ? "\"" : "",
			    reader == NEEDED_IN_FILE ? " " : ", " };

	needed_expand(&w, field, sentence_of(field, reader));
}

void needed_form(const struct schema_field *field, const char *form, char *text, size_t size)
{
	struct writer w = { text, size, 0, "`", "`, `" };

	needed_expand(&w, field, form);
}
