/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints the tables of docs/configuration.md, each between the markers that it stands between there. */
#include <stdio.h>
#include <string.h>

#include "schema/needed.h"

static const char *const form_of_kind[SCHEMA_VPORT + 1] = {
	[SCHEMA_NUMBER] = "number, {min} to {max}",
	[SCHEMA_BOOLEAN] = "truth value",
	[SCHEMA_TEXT] = "text, {min} to {max} characters",
	[SCHEMA_WORD] = "`{words}`",
	[SCHEMA_PROCESSOR] = "processor of the set",
	[SCHEMA_MAC] = "MAC address",
	[SCHEMA_VLAN] = "number, {min} to {max}, or `any`",
	[SCHEMA_KEY] = "{max} hex digits, or `random`",
	[SCHEMA_PCI] = "PCI address",
	[SCHEMA_PERMISSIONS] = "three octal digits, `0` in front or not",
	[SCHEMA_MAPPING] = "mapping",
};

static void print_form(const struct schema_field *field)
{
	char form[NEEDED_MAX];

	needed_form(field, field->form ? field->form : form_of_kind[field->kind], form, sizeof(form));
	printf("%s%s%s%s%s", form, field->unit ? " " : "", field->unit ? field->unit : "", field->note ? ", " : "",
	       field->note ? field->note : "");
}

static void print_standard(const struct schema_field *field, const char *within)
{
	if (field->uses & SCHEMA_REQUIRED && within)
		printf("required in `%s`", within);
	else if (field->uses & SCHEMA_REQUIRED)
		fputs("required", stdout);
	else if (field->standard)
		fputs(field->standard, stdout);
	else if (field->kind == SCHEMA_WORD)
		printf("`%s`", field->words[field->initial]);
	else if (field->kind == SCHEMA_BOOLEAN)
		printf("`%s`", field->initial ? "true" : "false");
	else
		printf("%u", field->initial);
}

/* has_table: a mapping whose keys, or those of its own, stand in a table of their own, or in a sentence. */
static bool has_table(const struct schema_field *mapping)
{
	return schema_id(mapping) == FIELD_RSS || schema_id(mapping) == FIELD_FEATURES;
}

/* print_rows prints the keys of a mapping, and below a key that is a mapping without a table of its own, that one's. */
static void print_rows(enum schema_id mapping, const char *within)
{
	const struct schema_field *field = NULL;

	while ((field = schema_next(mapping, field))) {
		if (field->in != mapping)
			continue;
		printf("| `%s%s%s` | ", within ? within : "", within ? "." : "", field->key);
		print_form(field);
		fputs(" | ", stdout);
		print_standard(field, within);
		printf(" | %s |\n", field->meaning);
		if (field->kind == SCHEMA_MAPPING && !has_table(field))
			print_rows(schema_id(field), field->key);
	}
}

int main(void)
{
	static const struct {
		const char *name;
		enum schema_id mapping;
	} tables[] = {
		{ "adapter", FIELD_ADAPTER }, { "vports", FIELD_VPORT }, { "ports", FIELD_PORT },
		{ "filters", FIELD_FILTER },  { "rss", FIELD_RSS },      { "fleet", FIELD_FLEET },
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		printf("<!-- fields: %s -->\n| field | type, range | default | meaning |\n|---|---|---|---|\n",
		       tables[i].name);
		print_rows(tables[i].mapping, NULL);
		puts("<!-- end of fields -->");
	}
	return 0;
}
