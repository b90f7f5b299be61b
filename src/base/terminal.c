/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/terminal.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"

bool terminal_is_interactive(FILE *out)
{
	const char *term = getenv("TERM");

	return isatty(fileno(out)) && term && term[0] && strcmp(term, "dumb") != 0;
}

bool terminal_is_fancy(FILE *out)
{
	const char *no_color = getenv("NO_COLOR");

	return terminal_is_interactive(out) && !(no_color && no_color[0]);
}

bool terminal_is_unicode(FILE *out)
{
	return isatty(fileno(out)) && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

const char *terminal_style(FILE *out, enum terminal_style style)
{
	static const char *const sequence[] = {
		[STYLE_NONE] = "\033[0m",  [STYLE_BOLD] = "\033[1m",     [STYLE_DIM] = "\033[2m",
		[STYLE_RED] = "\033[31m",  [STYLE_GREEN] = "\033[32m",   [STYLE_YELLOW] = "\033[33m",
		[STYLE_BLUE] = "\033[34m", [STYLE_MAGENTA] = "\033[35m", [STYLE_CYAN] = "\033[36m",
	};

	return terminal_is_fancy(out) ? sequence[style] : "";
}

const char *terminal_glyph(FILE *out, const char *unicode, const char *ascii)
{
	return terminal_is_unicode(out) ? unicode : ascii;
}

/* columns_of counts the characters of UTF-8 text: its bytes but for the continuation bytes. */
static unsigned columns_of(const char *text, size_t len)
{
	unsigned columns = 0;

	for (size_t i = 0; i < len; i++)
		columns += !utf8_continues(text[i]);
	return columns;
}

static void put_word(FILE *out, const char *before, const char *text, size_t len)
{
	fputs(before, out);
	for (size_t i = 0; i < len; i++)
		fputc(text[i] == TERMINAL_TIE[0] ? ' ' : text[i], out);
}

void terminal_wrap(FILE *out, unsigned column, unsigned indent, const char *text)
{
	unsigned at = column;
	bool first = true; /* on its line: no space before it */

	while (*text) {
		size_t len = strcspn(text, " \n");
		unsigned columns = columns_of(text, len);

		if (!first && at + 1 + columns > TERMINAL_COLUMNS) {
			fprintf(out, "\n%*s", (int)indent, "");
			at = indent;
			first = true;
		}
		if (len) {
			put_word(out, first ? "" : " ", text, len);
			at += columns + !first;
			first = false;
		}
		text += len;
		if (strncmp(text, "\n\n", 2) == 0) {
			fprintf(out, "\n\n%*s", (int)indent, "");
			at = indent;
			first = true;
			text++;
		}
		text += *text != '\0';
	}
	fputc('\n', out);
}
