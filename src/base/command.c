/* SPDX-License-Identifier: BSD-2-Clause */
/* Command lines: words in, options and operands out, and the messages for those that do not fit. */
#include "base/command.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/similar_word.h"

const char *command_word(const struct command *command)
{
	const char *space = strrchr(command->name, ' ');

	return space ? space + 1 : command->name;
}

bool command_is_root(const struct command *command)
{
	return !command->name[0];
}

static const char *space_before_name(const struct command_line *line)
{
	return command_is_root(line->command) ? "" : " ";
}

static void command_message(const struct command_line *line, const char *format, va_list args)
{
	fflush(stdout);
	fprintf(stderr, "%s%s%s: ", line->program->name, space_before_name(line), line->command->name);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

int command_fail(const struct command_line *line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	command_message(line, format, args);
	va_end(args);
	return COMMAND_REFUSED;
}

int command_usage(const struct command_line *line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	command_message(line, format, args);
	va_end(args);
	fprintf(stderr, "Try '%s%s%s --help'.\n", line->program->name, space_before_name(line), line->command->name);
	return COMMAND_USAGE;
}

/* option_index finds an option of the table by its name; a name that is not there is our own mistake. */
static size_t option_index(const struct command *command, const char *name)
{
	size_t i = 0;

	while (i < command->option_count && strcmp(command->options[i].name, name) != 0)
		i++;
	assert(i < command->option_count);
	return i;
}

const char *command_value(const struct command_line *line, const char *option)
{
	return line->value[option_index(line->command, option)];
}

bool command_flag(const struct command_line *line, const char *option)
{
	return command_value(line, option) != NULL;
}

unsigned command_operand_count(const struct command_line *line)
{
	return line->operand_count;
}

const char *command_operand(const struct command_line *line, unsigned i)
{
	assert(i < line->operand_count);
	return line->operand[i];
}

bool command_number(const struct command_line *line, const char *option, uint64_t min, uint64_t max,
		    uint64_t otherwise, uint64_t *value)
{
	const char *text = command_value(line, option);

	*value = otherwise;
	if (!text)
		return true;
	if (number_read(text, max, value) && *value >= min)
		return true;
	command_usage(line, "--%s: found \"%s\"; a number from %" PRIu64 " to %" PRIu64 " is needed", option, text,
		      min, max);
	return false;
}

static int unknown_long(const struct command_line *line, const char *name, size_t len)
{
	const struct command *command = line->command;
	const char *names[COMMAND_OPTIONS_MAX + 2] = { "help" };
	size_t count = 1;
	const char *similar;
	char typed[64];

	for (size_t i = 0; i < command->option_count; i++)
		names[count++] = command->options[i].name;
	if (command_is_root(command))
		names[count++] = "version";
	snprintf(typed, sizeof(typed), "%.*s", len < sizeof(typed) ? (int)len : (int)sizeof(typed) - 1, name);
	similar = similar_word(typed, names, count);
	if (similar)
		return command_usage(line, "there is no option --%s; did you mean --%s?", typed, similar);
	return command_usage(line, "there is no option --%s", typed);
}

/* option_take stores the value of option i: inside the word (attached), or the next word, of which *next is the index. */
static int option_take(struct command_line *line, size_t i, const char *attached, int argc, char **argv, int *next)
{
	const struct command_option *option = &line->command->options[i];

	if (line->value[i])
		return command_usage(line, "--%s is given twice", option->name);
	if (!option->argument) {
		if (attached)
			return command_usage(line, "--%s takes no value", option->name);
		line->value[i] = "";
		return COMMAND_DONE;
	}
	if (!attached) {
		if (*next >= argc)
			return command_usage(line, "--%s needs %s", option->name, option->argument);
		attached = argv[(*next)++];
	}
	line->value[i] = attached;
	return COMMAND_DONE;
}

/* common_option finds the flag that --help or --version sets, or NULL. */
static bool *common_option(struct command_line *line, const char *name, size_t len)
{
	if (len == strlen("help") && strncmp(name, "help", len) == 0)
		return &line->help;
	if (command_is_root(line->command) && len == strlen("version") && strncmp(name, "version", len) == 0)
		return &line->version;
	return NULL;
}

/* parse_long reads "name" or "name=value". */
static int parse_long(struct command_line *line, const char *word, int argc, char **argv, int *next)
{
	size_t len = strcspn(word, "=");
	const char *attached = word[len] ? word + len + 1 : NULL;
	bool *common = common_option(line, word, len);

	if (common && attached)
		return command_usage(line, "--%.*s takes no value", (int)len, word);
	if (common) {
		*common = true;
		return COMMAND_DONE;
	}
	for (size_t i = 0; i < line->command->option_count; i++) {
		const char *name = line->command->options[i].name;

		if (strlen(name) == len && strncmp(name, word, len) == 0)
			return option_take(line, i, attached, argc, argv, next);
	}
	return unknown_long(line, word, len);
}

/* parse_letters reads "vc" or "cVALUE": flags, the last of which may be an option with a value. */
static int parse_letters(struct command_line *line, const char *letters, int argc, char **argv, int *next)
{
	const struct command *command = line->command;

	for (; *letters; letters++) {
		size_t i = 0;
		bool valued;
		int status;

		if (*letters == 'h') {
			line->help = true;
			continue;
		}
		while (i < command->option_count && command->options[i].letter != *letters)
			i++;
		if (i == command->option_count)
			return command_usage(line, "there is no option -%c", *letters);
		valued = command->options[i].argument;
		status = option_take(line, i, valued && letters[1] ? letters + 1 : NULL, argc, argv, next);
		if (status != COMMAND_DONE || valued)
			return status;
	}
	return COMMAND_DONE;
}

static int complete_check(const struct command_line *line)
{
	const struct command *command = line->command;

	for (size_t i = 0; i < command->option_count; i++)
		if (command->options[i].required && !line->value[i])
			return command_usage(line, "--%s %s is needed", command->options[i].name,
					     command->options[i].argument);
	if (line->operand_count > command->operand_max)
		return command_usage(line, "\"%s\" is too much; %s%s", line->operand[command->operand_max],
				     command->operand_max ? "expected: " : "no operand is expected",
				     command->operands);
	if (line->operand_count < command->operand_min)
		return command_usage(line, "expected: %s", command->operands);
	return COMMAND_DONE;
}

int command_parse(const struct program *program, const struct command *command, int argc, char **argv,
		  struct command_line *line)
{
	bool options = true;
	int next = 0;

	assert(command->option_count <= COMMAND_OPTIONS_MAX);
	*line = (struct command_line){ .program = program, .command = command, .operand = argv };
	while (next < argc) {
		char *word = argv[next++];
		int status = COMMAND_DONE;

		if (options && strcmp(word, "--") == 0)
			options = false;
		else if (options && strncmp(word, "--", 2) == 0)
			status = parse_long(line, word + 2, argc, argv, &next);
		else if (options && word[0] == '-' && word[1])
			status = parse_letters(line, word + 1, argc, argv, &next);
		else
			argv[line->operand_count++] = word;
		if (status != COMMAND_DONE || line->help || line->version)
			return status;
	}
	return complete_check(line);
}
