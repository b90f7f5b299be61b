/* SPDX-License-Identifier: BSD-2-Clause */
/* The completion script for bash. */
#include "base/command_completion.h"

#include <string.h>

/*
 * completed prints the words that an option's value is chosen from, or nothing for a file name or free text.  Of
 * "HEX|random" only what is typed as it stands.
 */
static void value_completed(FILE *out, const struct program *program, const char *argument)
{
	const struct command_words *words = program->words;

	if (strchr(argument, '|')) {
		for (const char *word = argument; *word; word += strcspn(word, "|"), word += *word == '|')
			if (*word < 'A' || *word > 'Z')
				fprintf(out, "%.*s ", (int)strcspn(word, "|"), word);
		return;
	}
	while (words && words->argument && strcmp(words->argument, argument) != 0)
		words++;
	if (words && words->argument)
		fputs(words->words, out);
}

/* In the script a command is its words with '/' between them: "rss/move". */
static void completion_name(FILE *out, const struct command *command)
{
	for (const char *c = command->name; *c; c++)
		fputc(*c == ' ' ? '/' : *c, out);
}

static void completion_values(FILE *out, const struct program *program, const struct command *command)
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
		value_completed(out, program, option->argument);
		fputs("\" ;;\n", out);
	}
}

static void completion_words(FILE *out, const struct command *const *commands)
{
	for (size_t i = 0; commands[i]; i++)
		fprintf(out, " %s", command_word(commands[i]));
}

static void completion_options(FILE *out, const struct program *program, const struct command *command)
{
	bool asks = program->operand && strstr(command->operands, program->operand);

	fputc('\t', out);
	completion_name(out, command);
	fputs(":*) options=\"--help", out);
	for (size_t i = 0; i < command->option_count; i++)
		fprintf(out, " --%s", command->options[i].name);
	fputs("\"", out);
	if (program->operand)
		fprintf(out, " %s=%s", program->operand_words, asks ? "yes" : "");
	fputs(" ;;\n", out);
}

/* completion_family completes the word behind a family's name, or makes it a part of the command's. */
static void completion_family(FILE *out, const struct command *family)
{
	fputc('\t', out);
	completion_name(out, family);
	fputs(")\n\t\tif ((COMP_CWORD == at)); then\n\t\t\twords=\"", out);
	completion_words(out, family->family);
	fputs("\" options=--help\n\t\telse\n\t\t\tcommand+=/${COMP_WORDS[at++]}\n\t\tfi ;;\n", out);
}

static bool family_has_families(const struct command *const *commands)
{
	for (size_t i = 0; commands[i]; i++)
		for (size_t j = 0; commands[i]->family && commands[i]->family[j]; j++)
			if (commands[i]->family[j]->family)
				return true;
	return false;
}

/* completion_families makes "fleet/vport/add" of the words typed, and completes each of them; of help one more. */
static void completion_families(FILE *out, const struct command *const *commands)
{
	fputs("\t[[ $command == help ]] && ((COMP_CWORD > 2)) && command=${COMP_WORDS[2]} at=3\n"
	      "\tcase $command in\n",
	      out);
	for (size_t i = 0; commands[i]; i++)
		if (commands[i]->family)
			completion_family(out, commands[i]);
	fputs("\tesac\n", out);
	if (!family_has_families(commands))
		return;
	fputs("\tcase $command in\n", out);
	for (size_t i = 0; commands[i]; i++)
		for (size_t j = 0; commands[i]->family && commands[i]->family[j]; j++)
			if (commands[i]->family[j]->family)
				completion_family(out, commands[i]->family[j]);
	fputs("\tesac\n", out);
}

static void completion_cases(FILE *out, const struct program *program, const struct command *const *commands)
{
	for (size_t i = 0; commands[i]; i++) {
		if (commands[i]->family) {
			completion_cases(out, program, commands[i]->family);
			continue;
		}
		completion_values(out, program, commands[i]);
		completion_options(out, program, commands[i]);
	}
}

void command_completion(FILE *out, const struct program *program)
{
	const struct command *const *commands = program->root->family;
	const char *name = program->name, *words = program->operand_words;

	fprintf(out, "# bash completion for %s: made by '%s --generate-completion bash'\n_%s()\n{\n", name, name,
		name);
	fputs("\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
	      "\tlocal commands=\"help",
	      out);
	completion_words(out, commands);
	fputs("\" command=${COMP_WORDS[1]} at=2 options=\"\" words=\"\"", out);
	if (program->operand)
		fprintf(out, " %s=\"\"", words);
	fputs("\n\n\tif ((COMP_CWORD == 1)); then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$commands --help --version\" -- \"$current\")\n"
	      "\t\treturn\n\tfi\n",
	      out);
	completion_families(out, commands);
	fputs("\tcase $command:$previous in\n"
	      "\thelp:help) words=$commands ;;\n",
	      out);
	completion_cases(out, program, commands);
	fputs("\tesac\n"
	      "\tif [[ $current == -* ]]; then\n"
	      "\t\twords=$options\n",
	      out);
	if (program->operand)
		fprintf(out,
			"\telif [[ -n $%s ]]; then\n"
			"\t\twords=$(%s --generate-%s 2>/dev/null)\n",
			words, name, words);
	fputs("\tfi\n"
	      "\tif [[ -n $words ]]; then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
	      "\telse\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
	      "\t\tcompopt -o filenames\n"
	      "\tfi\n",
	      out);
	fprintf(out, "}\ncomplete -F _%s %s\n", name, name);
}
