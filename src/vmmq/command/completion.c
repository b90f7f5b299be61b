/* SPDX-License-Identifier: BSD-2-Clause */
/* The completion script for bash. */
#include <string.h>
#include <vmmq/types.h>

#include "vmmq/command/manual.h"

/*
 * completed prints the words that an option's value is chosen from, or nothing for a file name or free text.  Of
 * "HEX|random" only what is typed as it stands.
 */
static void completed(FILE *out, const struct command_option *option)
{
	if (strchr(option->argument, '|')) {
		for (const char *word = option->argument; *word; word += strcspn(word, "|"), word += *word == '|')
			if (*word < 'A' || *word > 'Z')
				fprintf(out, "%.*s ", (int)strcspn(word, "|"), word);
	} else if (strcmp(option->argument, "TYPE") == 0) {
#define X(name, bit, text, bytes) fputs(text " ", out);
		VMMQ_HASH_TYPES(X)
#undef X
	}
}

/* In the script a command is its words with '/' between them: "rss/move". */
static void completion_name(FILE *out, const struct command *command)
{
	for (const char *c = command->name; *c; c++)
		fputc(*c == ' ' ? '/' : *c, out);
}

static void completion_values(FILE *out, const struct command *command)
{
	for (size_t i = 0; i < command->option_count; i++) {
		const struct command_option *option = &command->options[i];

		if (!option->argument)
			continue;
		fputc('\t', out);
		completion_name(out, command);
		fprintf(out, ":--%s", option->name);
		if (option->letter) {
			fputc('|', out);
			completion_name(out, command);
			fprintf(out, ":-%c", option->letter);
		}
		fputs(") words=\"", out);
		completed(out, option);
		fputs("\" ;;\n", out);
	}
}

static void completion_words(FILE *out, command_table commands)
{
	for (size_t i = 0; commands[i]; i++)
		fprintf(out, " %s", command_word(commands[i]));
}

static void completion_options(FILE *out, const struct command *command)
{
	fputc('\t', out);
	completion_name(out, command);
	fputs(":*) options=\"--help", out);
	for (size_t i = 0; i < command->option_count; i++)
		fprintf(out, " --%s", command->options[i].name);
	fprintf(out, "\" vports=%s ;;\n", strstr(command->operands, "VPORT") ? "yes" : "");
}

/* completion_families makes "rss/move" of the words typed, and completes the second word, of help the third too. */
static void completion_families(FILE *out, command_table commands)
{
	fputs("\t[[ $command == help ]] && ((COMP_CWORD > 2)) && command=${COMP_WORDS[2]} at=3\n"
	      "\tcase $command in\n",
	      out);
	for (size_t i = 0; commands[i]; i++) {
		if (!commands[i]->family)
			continue;
		fprintf(out, "\t%s)\n\t\tif ((COMP_CWORD == at)); then\n\t\t\twords=\"", commands[i]->name);
		completion_words(out, commands[i]->family);
		fputs("\" options=--help\n\t\telse\n\t\t\tcommand+=/${COMP_WORDS[at]}\n\t\tfi ;;\n", out);
	}
	fputs("\tesac\n", out);
}

static void completion_cases(FILE *out, command_table commands)
{
	for (size_t i = 0; commands[i]; i++) {
		if (commands[i]->family) {
			completion_cases(out, commands[i]->family);
			continue;
		}
		completion_values(out, commands[i]);
		completion_options(out, commands[i]);
	}
}

void manual_completion(FILE *out, command_table commands)
{
	fputs("# bash completion for vmmq: made by 'vmmq --generate-completion bash'\n"
	      "_vmmq()\n{\n"
	      "\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
	      "\tlocal commands=\"help",
	      out);
	completion_words(out, commands);
	fputs("\" command=${COMP_WORDS[1]} at=2 options=\"\" words=\"\" vports=\"\"\n\n"
	      "\tif ((COMP_CWORD == 1)); then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$commands --help --version\" -- \"$current\")\n"
	      "\t\treturn\n\tfi\n",
	      out);
	completion_families(out, commands);
	fputs("\tcase $command:$previous in\n"
	      "\thelp:help) words=$commands ;;\n",
	      out);
	completion_cases(out, commands);
	fputs("\tesac\n"
	      "\tif [[ $current == -* ]]; then\n"
	      "\t\twords=$options\n"
	      "\telif [[ -n $vports ]]; then\n"
	      "\t\twords=$(vmmq --generate-vports 2>/dev/null)\n"
	      "\tfi\n"
	      "\tif [[ -n $words ]]; then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
	      "\telse\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
	      "\t\tcompopt -o filenames\n"
	      "\tfi\n"
	      "}\ncomplete -F _vmmq vmmq\n",
	      out);
}
