/* SPDX-License-Identifier: BSD-2-Clause */
#include "manual.h"

#include <errno.h>
#include <string.h>
#include <vmmq/types.h>

#include "terminal.h"

static const char purpose[] = "vmmq shows what VMMQ receive processing does with packets: which VPort a packet "
			      "belongs to, how it is hashed, which "
			      "indirection table entry and which processor it gets, and why.";

static const char exit_status[] =
    "0: done. 1: refused or failed; a message on standard error says why. 2: the command line is wrong.";

static void heading(FILE *out, const char *text)
{
	fprintf(out, "\n%s%s%s\n", terminal_style(out, STYLE_BOLD), text, terminal_style(out, STYLE_NONE));
}

void manual_overview(FILE *out, command_table commands)
{
	fputs("Usage: vmmq COMMAND [OPTION]... [OPERAND]...\n\n", out);
	terminal_wrap(out, 0, 0, purpose);
	heading(out, "Commands");
	for (size_t i = 0; commands[i]; i++)
		fprintf(out, "  %-10s%s\n", commands[i]->name, commands[i]->summary);
	fprintf(out, "  %-10s%s\n", "help", "show this, or how to use one command");
	heading(out, "Options");
	fputs("  -h, --help      show this\n"
	      "      --version   show the version\n\n",
	      out);
	fputs("'vmmq help COMMAND' or 'vmmq COMMAND --help' shows how to use a command.\n", out);
}

/* synopsis prints "vmmq hash --type TYPE [OPTION]... SRC[:PORT] DST[:PORT]". */
static void synopsis(FILE *out, const struct command *command)
{
	size_t required = 0;

	fprintf(out, "vmmq %s", command->name);
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

void manual_help(FILE *out, const struct command *command)
{
	static const struct command_option help = { 'h', "help", NULL, false, "show this" };

	fputs("Usage: ", out);
	synopsis(out, command);
	fputs("\n\n", out);
	terminal_wrap(out, 0, 0, command->description);
	heading(out, "Options");
	for (size_t i = 0; i < command->option_count; i++)
		help_option(out, &command->options[i]);
	help_option(out, &help);
	heading(out, "Examples");
	indented(out, command->examples);
}

/* completed prints the words that an option's value is chosen from, or nothing for a file name or free text. */
static void completed(FILE *out, const struct command_option *option)
{
	if (strchr(option->argument, '|')) {
		for (const char *c = option->argument; *c; c++)
			fputc(*c == '|' ? ' ' : *c, out);
	} else if (strcmp(option->argument, "TYPE") == 0) {
#define X(name, bit, text, bytes) fputs(text " ", out);
		VMMQ_HASH_TYPES(X)
#undef X
	}
}

static void completion_values(FILE *out, const struct command *command)
{
	for (size_t i = 0; i < command->option_count; i++) {
		const struct command_option *option = &command->options[i];

		if (!option->argument)
			continue;
		fprintf(out, "\t%s:--%s", command->name, option->name);
		if (option->letter)
			fprintf(out, "|%s:-%c", command->name, option->letter);
		fputs(") words=\"", out);
		completed(out, option);
		fputs("\" ;;\n", out);
	}
}

static void completion_options(FILE *out, const struct command *command)
{
	fprintf(out, "\t%s:*) options=\"--help", command->name);
	for (size_t i = 0; i < command->option_count; i++)
		fprintf(out, " --%s", command->options[i].name);
	fputs("\" ;;\n", out);
}

void manual_completion(FILE *out, command_table commands)
{
	fputs("# bash completion for vmmq: made by 'vmmq --generate-completion bash'\n"
	      "_vmmq()\n{\n"
	      "\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
	      "\tlocal commands=\"help",
	      out);
	for (size_t i = 0; commands[i]; i++)
		fprintf(out, " %s", commands[i]->name);
	fputs("\" options=\"\" words=\"\"\n\n"
	      "\tif ((COMP_CWORD == 1)); then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$commands --help --version\" -- \"$current\")\n"
	      "\t\treturn\n\tfi\n"
	      "\tcase ${COMP_WORDS[1]}:$previous in\n"
	      "\thelp:*) words=$commands ;;\n",
	      out);
	for (size_t i = 0; commands[i]; i++) {
		completion_values(out, commands[i]);
		completion_options(out, commands[i]);
	}
	fputs("\tesac\n"
	      "\t[[ $current == -* ]] && words=$options\n"
	      "\tif [[ -n $words ]]; then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
	      "\telse\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
	      "\t\tcompopt -o filenames\n"
	      "\tfi\n"
	      "}\ncomplete -F _vmmq vmmq\n",
	      out);
}

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

static void page_command(FILE *out, const struct command *command)
{
	fprintf(out, ".TH VMMQ-%s 1 \"\" \"vmmq %s\" \"User Commands\"\n.SH NAME\nvmmq\\-%s \\- %s\n", command->name,
		VMMQ_VERSION, command->name, command->summary);
	fputs(".SH SYNOPSIS\n.B ", out);
	synopsis(out, command);
	fputc('\n', out);
	roff_section(out, "DESCRIPTION", command->description);
	fputs(".SH OPTIONS\n", out);
	for (size_t i = 0; i < command->option_count; i++)
		roff_option(out, &command->options[i]);
	roff_section(out, "EXIT STATUS", exit_status);
	fputs(".SH EXAMPLES\n.nf\n", out);
	roff(out, command->examples);
	fputs("\n.fi\n.SH SEE ALSO\n.BR vmmq (1)\n", out);
}

static void page_overview(FILE *out, command_table commands)
{
	fprintf(out,
		".TH VMMQ 1 \"\" \"vmmq %s\" \"User Commands\"\n.SH NAME\n"
		"vmmq \\- VMMQ receive processing in software\n"
		".SH SYNOPSIS\n.B vmmq\n.I COMMAND\n[\\fIOPTION\\fR]... [\\fIOPERAND\\fR]...\n",
		VMMQ_VERSION);
	roff_section(out, "DESCRIPTION", purpose);
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
