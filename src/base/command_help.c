/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/command_help.h"

#include <string.h>

#include "base/terminal.h"

#define OPTION_INDENT 30

static void help_heading(FILE *out, const char *text)
{
	fprintf(out, "\n%s%s%s\n", terminal_style(out, STYLE_BOLD), text, terminal_style(out, STYLE_NONE));
}

/* help_commands lists the commands of a family, two columns in. */
static void help_commands(FILE *out, const struct command *family)
{
	help_heading(out, "Commands");
	for (size_t i = 0; family->family[i]; i++) {
		fprintf(out, "  %-12s", command_word(family->family[i]));
		terminal_wrap(out, 14, 14, family->family[i]->summary);
	}
}

const struct command_option *command_common_options(const struct command *command, size_t *count)
{
	static const struct command_option common[] = {
		{ 'h', "help", NULL, false, "show this" },
		{ 0, "version", NULL, false, "show the version" },
	};

	*count = command_is_root(command) ? 2 : 1;
	return common;
}

void command_synopsis(FILE *out, const struct command *command)
{
	size_t required = 0;

	if (command->family)
		fputs(" COMMAND [OPTION]... [OPERAND]...", out);
	if (command->usual)
		fprintf(out, " [%s]", command->usual);
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

/* help_row puts text into the second column, in the next line where the first one is too wide. */
static void help_row(FILE *out, const char *left, const char *text)
{
	int len = fprintf(out, "%s", left);

	if (len > OPTION_INDENT - 2)
		fprintf(out, "\n%*s", OPTION_INDENT, "");
	else
		fprintf(out, "%*s", OPTION_INDENT - len, "");
	terminal_wrap(out, OPTION_INDENT, OPTION_INDENT, text);
}

static void help_option(FILE *out, const struct command_option *option)
{
	char left[96];

	snprintf(left, sizeof(left), "  %c%c%s --%s%s%s", option->letter ? '-' : ' ',
		 option->letter ? option->letter : ' ', option->letter ? "," : " ", option->name,
		 option->argument ? " " : "", option->argument ? option->argument : "");
	help_row(out, left, option->help);
}

static void help_options(FILE *out, const struct command *command)
{
	size_t common_count;
	const struct command_option *common = command_common_options(command, &common_count);

	help_heading(out, "Options");
	for (size_t i = 0; i < command->option_count; i++)
		help_option(out, &command->options[i]);
	for (size_t i = 0; i < common_count; i++)
		help_option(out, &common[i]);
}

static void help_section(FILE *out, const struct command_section *section)
{
	help_heading(out, section->title);
	for (size_t i = 0; i < section->row_count; i++) {
		char left[96];

		snprintf(left, sizeof(left), "  %s", section->row[i][0]);
		help_row(out, left, section->row[i][1]);
	}
}

/* help_program lists what one types behind the name of a program with commands. */
static void help_program(FILE *out, const struct program *program)
{
	help_commands(out, program->root);
	fprintf(out, "  %-12s%s\n", "help", "show this, or how to use one command");
	help_heading(out, "Options");
	fputs("  -h, --help      show this\n"
	      "      --version   show the version\n",
	      out);
	fprintf(out, "\n'%s help COMMAND' or '%s COMMAND --help' shows how to use a command.\n", program->name,
		program->name);
}

/* help_examples prints every line of text two columns in. */
static void help_examples(FILE *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		fprintf(out, "%s%.*s\n", len ? "  " : "", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

void command_help(FILE *out, const struct program *program, const struct command *command)
{
	bool root = command_is_root(command);

	fprintf(out, "Usage: %s%s%s", program->name, root ? "" : " ", command->name);
	command_synopsis(out, command);
	fputs("\n\n", out);
	terminal_wrap(out, 0, 0, command->description);
	if (command->family && root)
		help_program(out, program);
	else if (command->family)
		help_commands(out, command);
	else
		help_options(out, command);
	if (command->section)
		help_section(out, command->section);
	if (command->examples) {
		help_heading(out, "Examples");
		help_examples(out, command->examples);
	}
	if (command->last_line)
		fprintf(out, "\n%s\n", command->last_line);
	if (command->family && !root)
		fprintf(out, "\n'%s %s COMMAND --help' shows how to use a command.\n", program->name, command->name);
}

bool command_begin(const struct program *program, const struct command *command, int argc, char **argv,
		   struct command_line *line, int *status)
{
	*status = command_parse(program, command, argc, argv, line);
	if (*status != COMMAND_DONE)
		return false;
	if (line->help)
		command_help(stdout, program, command);
	else if (line->version)
		printf("%s %s\n", program->name, program->version);
	return !line->help && !line->version;
}
