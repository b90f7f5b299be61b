/* SPDX-License-Identifier: BSD-2-Clause */
/* Manual pages, in roff. */
#include <errno.h>
#include <string.h>

#include "vmmq/command/manual.h"

static const char exit_status[] =
    "0: done. 1: refused or failed; a message on standard error says why. 2: the command line is wrong.";

/* roff prints text so that troff shows it as it is. */
static void roff(FILE *out, const char *text)
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

static void roff_section(FILE *out, const char *name, const char *text)
{
	fprintf(out, ".SH %s\n", name);
	roff(out, text);
	fputc('\n', out);
}

static void roff_option(FILE *out, const struct command_option *option)
{
	fputs(".TP\n", out);
	if (option->letter)
		fprintf(out, "\\fB\\-%c\\fR, ", option->letter);
	fputs("\\fB\\-\\-", out);
	roff(out, option->name);
	fputs("\\fR", out);
	if (option->argument) {
		fputs(" \\fI", out);
		roff(out, option->argument);
		fputs("\\fR", out);
	}
	fputc('\n', out);
	roff(out, option->help);
	fputs(".\n", out);
}

static void page_options(FILE *out, const struct command *command)
{
	for (size_t i = 0; i < command->option_count; i++)
		roff_option(out, &command->options[i]);
}

static void page_examples(FILE *out, const struct command *command)
{
	fputs(".SH EXAMPLES\n.nf\n", out);
	if (!command->family)
		roff(out, command->examples);
	for (size_t i = 0; command->family && command->family[i]; i++) {
		fputs(i ? "\n\n" : "", out);
		roff(out, command->family[i]->examples);
	}
	fputs("\n.fi\n", out);
}

/* page_family describes all commands of a family, each in a subsection. */
static void page_family(FILE *out, const struct command *family)
{
	fputs(".SH COMMANDS\n", out);
	for (size_t i = 0; family->family[i]; i++) {
		const struct command *command = family->family[i];

		fputs(".SS ", out);
		manual_synopsis(out, command);
		fputc('\n', out);
		roff(out, command->description);
		fputc('\n', out);
		page_options(out, command);
	}
}

static void page_command(FILE *out, const struct command *command)
{
	fprintf(out, ".TH VMMQ-%s 1 \"\" \"vmmq %s\" \"User Commands\"\n.SH NAME\nvmmq\\-%s \\- %s\n", command->name,
		VMMQ_VERSION, command->name, command->summary);
	fputs(".SH SYNOPSIS\n.B ", out);
	manual_synopsis(out, command);
	fputc('\n', out);
	roff_section(out, "DESCRIPTION", command->description);
	if (command->family) {
		page_family(out, command);
	} else {
		fputs(".SH OPTIONS\n", out);
		page_options(out, command);
	}
	roff_section(out, "EXIT STATUS", exit_status);
	page_examples(out, command);
	fputs(".SH SEE ALSO\n.BR vmmq (1)\n", out);
}

static void page_overview(FILE *out, command_table commands)
{
	fprintf(out,
		".TH VMMQ 1 \"\" \"vmmq %s\" \"User Commands\"\n.SH NAME\n"
		"vmmq \\- VMMQ receive processing in software\n"
		".SH SYNOPSIS\n.B vmmq\n.I COMMAND\n[\\fIOPTION\\fR]... [\\fIOPERAND\\fR]...\n",
		VMMQ_VERSION);
	roff_section(out, "DESCRIPTION", manual_purpose);
	fputs(".SH COMMANDS\n", out);
	for (size_t i = 0; commands[i]; i++)
		fprintf(out, ".TP\n.BR vmmq\\-%s (1)\n%s\n", commands[i]->name, commands[i]->summary);
	roff_section(out, "EXIT STATUS", exit_status);
}

/* page_open opens DIRECTORY/vmmq.1, or DIRECTORY/vmmq-COMMAND.1, and leaves the path in failed. */
static FILE *page_open(const char *directory, const struct command *command, char *failed, size_t failed_len)
{
	snprintf(failed, failed_len, "%s/vmmq%s%s.1", directory, command ? "-" : "", command ? command->name : "");
	return fopen(failed, "we");
}

static int page_close(FILE *page)
{
	bool written = !ferror(page);

	return fclose(page) == 0 && written ? 0 : -1;
}

int manual_pages(const char *directory, command_table commands, char *failed, size_t failed_len)
{
	FILE *page = page_open(directory, NULL, failed, failed_len);

	if (!page)
		return -1;
	page_overview(page, commands);
	if (page_close(page))
		return -1;
	for (size_t i = 0; commands[i]; i++) {
		page = page_open(directory, commands[i], failed, failed_len);
		if (!page)
			return -1;
		page_command(page, commands[i]);
		if (page_close(page))
			return -1;
	}
	return 0;
}
