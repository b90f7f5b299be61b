/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/config_syntax.h"
#include "base/utf8.h"
#include "config/config_tree.h"
#include <stdio.h>
#include <string.h>

/* tab_indents tells whether the white space that begins a line (from 0) contains a tab. */
static bool tab_indents(const char *bytes, size_t len, size_t line)
{
	const char *at = bytes, *end = bytes + len;

	for (; line && at; line--) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : NULL;
	}
	while (at && at < end && *at == ' ')
		at++;
	return at && at < end && *at == '\t';
}

/* refuse_bytes reports a byte that is no UTF-8 or no printable character; libyaml names its offset only. */
static int refuse_bytes(const yaml_parser_t *yaml, const char *bytes, size_t len, struct config_error *error)
{
	size_t offset = yaml->problem_offset < len ? yaml->problem_offset : len;
	unsigned line = 1, column = 1;

	for (size_t i = 0; i < offset; i++) {
		if (bytes[i] == '\n') {
			line++;
			column = 1;
		} else if (!utf8_continues(bytes[i])) {
			column++;
		}
	}
	return config_error_set(error, line, column, "", "not a text file in UTF-8: %s", yaml->problem);
}

int config_syntax_error(const yaml_parser_t *yaml, const char *bytes, size_t len, struct config_error *error)
{
	yaml_mark_t mark = yaml->problem_mark;
	char text[256];

	if (yaml->error == YAML_MEMORY_ERROR)
		return config_error_set(error, 0, 0, "", "out of memory");
	if (yaml->error == YAML_READER_ERROR)
		return refuse_bytes(yaml, bytes, len, error);
	if (tab_indents(bytes, len, mark.line))
		snprintf(text, sizeof(text), "a tab indents this line; use spaces");
	else if (yaml->context)
		snprintf(text, sizeof(text), "%s (%s that begins in line %zu)", yaml->problem, yaml->context,
			 yaml->context_mark.line + 1);
	else
		snprintf(text, sizeof(text), "%s", yaml->problem);
	return config_error_set(error, (unsigned)mark.line + 1, (unsigned)mark.column + 1, "", "not valid YAML: %s",
				text);
}
