/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/command/manual.h"

#include <string.h>

#include "base/terminal.h"

const char manual_purpose[] = "vmmq shows and changes what a running vmmqd does, and shows what VMMQ receive "
			      "processing does with packets: which "
			      "VPort a packet belongs to, how it is hashed, which indirection table entry and which "
			      "processor it gets, and why.";

static void heading(FILE *out, const char *text)
{
	fprintf(out, "\n%s%s%s\n", terminal_style(out, STYLE_BOLD), text, terminal_style(out, STYLE_NONE));
}

/* commands_of lists the commands of a table, two columns in. */
static void commands_of(FILE *out, command_table table)
{
	heading(out, "Commands");
	for (size_t i = 0; table[i]; i++) {
		fprintf(out, "  %-12s", command_word(table[i]));
		terminal_wrap(out, 14, 14, table[i]->summary);
	}
}

void manual_overview(FILE *out, command_table commands)
{
	fputs("Usage: vmmq COMMAND [OPTION]... [OPERAND]...\n\n", out);
	terminal_wrap(out, 0, 0, manual_purpose);
	commands_of(out, commands);
	fprintf(out, "  %-12s%s\n", "help", "show this, or how to use one command");
	heading(out, "Options");
	fputs("  -h, --help      show this\n"
	      "      --version   show the version\n\n",
	      out);
	fputs("'vmmq help COMMAND' or 'vmmq COMMAND --help' shows how to use a command.\n", out);
}

void manual_synopsis(FILE *out, const struct command *command)
{
	size_t required = 0;

	fprintf(out, "vmmq %s", command->name);
	if (command->family)
		fputs(" COMMAND [OPTION]... [OPERAND]...", out);
	for (size_t i = 0; i < command->option_count; i++) {
		const struct command_option *option = &command->options[i];

		if (!option->required)
			continue;
		required++;
		if (option->letter)
			fprintf(out, " -%c %s", option->letter, option->argument);
		else
			fprintf(out, " --%s %s", option->name, option->argument);
	}
	if (required < command->option_count)
		fputs(" [OPTION]...", out);
	if (command->operands[0])
		fprintf(out, " %s", command->operands);
}

#define OPTION_INDENT 30

static void help_option(FILE *out, const struct command_option *option)
{
	char left[96];
	int len = snprintf(left, sizeof(left), "  %c%c%s --%s%s%s", option->letter ? '-' : ' ',
			   option->letter ? option->letter : ' ', option->letter ? "," : " ", option->name,
			   option->argument ? " " : "", option->argument ? option->argument : "");

	if (len > OPTION_INDENT - 2)
		fprintf(out, "%s\n%*s", left, OPTION_INDENT, "");
	else
		fprintf(out, "%-*s", OPTION_INDENT, left);
	terminal_wrap(out, OPTION_INDENT, OPTION_INDENT, option->help);
}

/* indented prints every line of text two columns in. */
static void indented(FILE *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		fprintf(out, "%s%.*s\n", len ? "  " : "", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static void help_options(FILE *out, const struct command *command)
{
	static const struct command_option help = { 'h', "help", NULL, false, "show this" };

	heading(out, "Options");
	for (size_t i = 0; i < command->option_count; i++)
		help_option(out, &command->options[i]);
	help_option(out, &help);
}

void manual_help(FILE *out, const struct command *command)
{
	fputs("Usage: ", out);
	manual_synopsis(out, command);
	fputs("\n\n", out);
	terminal_wrap(out, 0, 0, command->description);
	if (command->family)
		commands_of(out, command->family);
	else
		help_options(out, command);
	if (command->examples) {
		heading(out, "Examples");
		indented(out, command->examples);
	}
	if (command->family)
		fprintf(out, "\n'vmmq %s COMMAND --help' shows how to use a command.\n", command->name);
}
