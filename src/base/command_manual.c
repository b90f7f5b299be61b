/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/command_manual.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/command_help.h"

/* roff_write prints text so that troff shows it as it is. */
static void roff_write(FILE *out, const char *text)
{
	bool line_start = true;

	for (; *text; text++) {
		if (line_start && (*text == '.' || *text == '\''))
			fputs("\\&", out);
		if (*text == '\\')
			fputs("\\e", out);
		else if (*text == '-')
			fputs("\\-", out);
		else
			fputc(*text, out);
		line_start = *text == '\n';
	}
}

/* roff_italics prints a synopsis; a word in capitals is one that is replaced. */
static void roff_italics(FILE *out, const char *text)
{
	while (*text) {
		size_t capitals = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

		if (capitals)
			fprintf(out, "\\fI%.*s\\fR", (int)capitals, text);
		else
			fputs(*text == '-' ? "\\-" : (const char[]){ *text, '\0' }, out);
		text += capitals ? capitals : 1;
	}
}

static void put_upper(FILE *out, const char *text)
{
	for (; *text; text++)
		fputc(toupper((unsigned char)*text), out);
}

static void roff_section(FILE *out, const char *name, const char *text)
{
	fprintf(out, ".SH %s\n", name);
	roff_write(out, text);
	fputc('\n', out);
}

static void roff_option(FILE *out, const struct command_option *option)
{
	fputs(".TP\n", out);
	if (option->letter)
		fprintf(out, "\\fB\\-%c\\fR, ", option->letter);
	fputs("\\fB\\-\\-", out);
	roff_write(out, option->name);
	fputs("\\fR", out);
	if (option->argument) {
		fputs(" \\fI", out);
		roff_write(out, option->argument);
		fputs("\\fR", out);
	}
	fputc('\n', out);
	roff_write(out, option->help);
	fputs(".\n", out);
}

/* page_options: --help goes without saying, but for the program itself. */
static void page_options(FILE *out, const struct command *command)
{
	size_t common_count;
	const struct command_option *common = command_common_options(command, &common_count);

	for (size_t i = 0; i < command->option_count; i++)
		roff_option(out, &command->options[i]);
	for (size_t i = 0; command_is_root(command) && i < common_count; i++)
		roff_option(out, &common[i]);
}

/* page_example begins the section with the first of them. */
static void page_example(FILE *out, const char *examples, bool *begun)
{
	if (!examples)
		return;
	fputs(*begun ? "\n\n" : ".SH EXAMPLES\n.nf\n", out);
	roff_write(out, examples);
	*begun = true;
}

/* page_examples_of: those of a command, or those of all commands of a family. */
static void page_examples_of(FILE *out, const struct command *command, bool *begun)
{
	if (!command->family)
		page_example(out, command->examples, begun);
	for (size_t i = 0; command->family && command->family[i]; i++)
		page_examples_of(out, command->family[i], begun);
}

static void page_examples(FILE *out, const struct command *command)
{
	bool begun = false;

	page_examples_of(out, command, &begun);
	if (begun)
		fputs("\n.fi\n", out);
}

/* page_synopsis writes a program's with what one replaces in italics, a command's as its help shows it. */
static void page_synopsis(FILE *out, const struct program *program, const struct command *command)
{
	char *text = NULL;
	size_t len = 0;
	FILE *synopsis = open_memstream(&text, &len);

	fprintf(out, ".SH SYNOPSIS\n.B %s", program->name);
	if (synopsis) {
		command_synopsis(synopsis, command);
		fclose(synopsis);
	}
	if (!command_is_root(command)) {
		fprintf(out, " %s%s\n", command->name, text ? text : "");
	} else {
		fputc('\n', out);
		roff_italics(out, text && text[0] ? text + 1 : "");
		fputc('\n', out);
	}
	free(text);
}

/* page_family describes all commands of a family, and of families in it, each in a subsection. */
static void page_family(FILE *out, const struct program *program, const struct command *family)
{
	for (size_t i = 0; family->family[i]; i++) {
		const struct command *command = family->family[i];

		if (command->family) {
			page_family(out, program, command);
			continue;
		}
		fprintf(out, ".SS %s %s", program->name, command->name);
		command_synopsis(out, command);
		fputc('\n', out);
		roff_write(out, command->description);
		fputc('\n', out);
		page_options(out, command);
	}
}

/* page_program refers to the pages of the program's commands. */
static void page_program(FILE *out, const struct program *program)
{
	const struct command *const *commands = program->root->family;

	fputs(".SH COMMANDS\n", out);
	for (size_t i = 0; commands[i]; i++)
		fprintf(out, ".TP\n.BR %s\\-%s (%u)\n%s\n", program->name, commands[i]->name, program->chapter,
			commands[i]->summary);
}

static void page_section(FILE *out, const struct command_section *section)
{
	fputs(".SH ", out);
	put_upper(out, section->title);
	fputc('\n', out);
	for (size_t i = 0; i < section->row_count; i++) {
		fprintf(out, ".TP\n%s\n", section->row[i][0]);
		roff_write(out, section->row[i][1]);
		fputs(".\n", out);
	}
}

static void page_head(FILE *out, const struct program *program, const struct command *command)
{
	const char *dash = command_is_root(command) ? "" : "-", *name = command->name;

	fputs(".TH ", out);
	put_upper(out, program->name);
	fprintf(out, "%s%s %u \"\" \"%s %s\" \"%s\"\n", dash, name, program->chapter, program->package,
		program->version, program->chapter_title);
	fprintf(out, ".SH NAME\n%s%s%s \\- %s\n", program->name, dash[0] ? "\\-" : "", name, command->summary);
}

void command_manual(FILE *out, const struct program *program, const struct command *command)
{
	bool root = command_is_root(command);

	page_head(out, program, command);
	page_synopsis(out, program, command);
	roff_section(out, "DESCRIPTION", command->description);
	if (command->family && root) {
		page_program(out, program);
	} else if (command->family) {
		fputs(".SH COMMANDS\n", out);
		page_family(out, program, command);
	} else {
		fputs(".SH OPTIONS\n", out);
		page_options(out, command);
	}
	if (command->section)
		page_section(out, command->section);
	roff_section(out, "EXIT STATUS", program->exit_status);
	if (command->family && root)
		return;
	page_examples(out, command);
	fprintf(out, ".SH SEE ALSO\n%s\n", program->see_also);
}

/* page_write makes DIRECTORY/vmmq.1, or DIRECTORY/vmmq-COMMAND.1, and leaves the path in failed. */
static int page_write(const char *directory, const struct program *program, const struct command *command,
		      char *failed, size_t failed_len)
{
	bool written;
	FILE *page;

	snprintf(failed, failed_len, "%s/%s%s%s.%u", directory, program->name, command_is_root(command) ? "" : "-",
		 command->name, program->chapter);
	page = fopen(failed, "we");
	if (!page)
		return -1;
	command_manual(page, program, command);
	written = !ferror(page);
	return fclose(page) == 0 && written ? 0 : -1;
}

int command_manuals(const char *directory, const struct program *program, char *failed, size_t failed_len)
{
	const struct command *const *commands = program->root->family;
	int status = page_write(directory, program, program->root, failed, failed_len);

	for (size_t i = 0; status == 0 && commands[i]; i++)
		status = page_write(directory, program, commands[i], failed, failed_len);
	return status;
}
