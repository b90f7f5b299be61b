/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Subcommands of vmmq.  One struct command says everything about a command: parsing, --help, bash completion and the
 * manual page are all made from it.  One thread.
 */
#ifndef VMMQ_VMMQ_COMMAND_COMMAND_H
#define VMMQ_VMMQ_COMMAND_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COMMAND_OPTIONS_MAX 24

/* What the process returns to its caller. */
enum command_exit {
	COMMAND_DONE = 0,
	COMMAND_REFUSED = 1, /* refused, or failed on the way */
	COMMAND_USAGE = 2,   /* the command line is wrong */
};

struct command_line;

/* The option of every command that talks to vmmqd, and the one of those that show something. */
#define COMMAND_OPTION_CONNECT                                                                                       \
	{                                                                                                            \
		0, "connect", "PATH", false,                                                                         \
		    "vmmqd's control socket (default: $VMMQ_SOCKET; else /run/vmmq/vmmq.sock, or vmmq/vmmq.sock in " \
		    "$XDG_RUNTIME_DIR)"                                                                              \
	}
#define COMMAND_OPTION_JSON                                                                                          \
	{                                                                                                            \
		0, "json", NULL, false, "print vmmqd's answer (docs/rpc.md) as one JSON object"                      \
	}

/*
 * struct command_option: "-c, --configuration FILE".  Every command also has -h, --help.
 * argument: what the help shows for the value; words with '|' between them are completed; NULL makes it a flag.
 * help: text without a final stop, wrapped when shown.
 */
struct command_option {
	char letter; /* 0: none */
	const char *name;
	const char *argument;
	bool required;
	const char *help;
};

/*
 * struct command: one row of the table in main.c, or of a family's.
 * name: all words, "rss move".  summary: half a sentence.  operands: "SRC[:PORT] DST[:PORT]", or "".
 * family: its commands, up to a NULL; a family has no operands, options and run.  NULL: a command that runs.
 * description, examples: paragraphs with an empty line between them; the description is wrapped, the examples are not.
 * run: called with a command line that fits the table; returns enum command_exit.
 */
struct command {
	const char *name;
	const struct command *const *family;
	const char *summary;
	const char *operands;
	unsigned operand_min, operand_max;
	const struct command_option *options;
	size_t option_count;
	const char *description;
	const char *examples;
	int (*run)(const struct command_line *line);
};

/* What was typed: value[i] belongs to command->options[i]; NULL: not given; a flag that was given has the value "". */
struct command_line {
	const struct command *command;
	bool help;
	const char *value[COMMAND_OPTIONS_MAX];
	unsigned operand_count;
	char **operand;
};

/* command_word returns the last word of a command's name, "move", which is what is typed after its family's. */
const char *command_word(const struct command *command);

/* command_value returns the value of the option of that name (without dashes), or NULL when it was not given. */
const char *command_value(const struct command_line *line, const char *option);
bool command_flag(const struct command_line *line, const char *option);
unsigned command_operand_count(const struct command_line *line);
const char *command_operand(const struct command_line *line, unsigned i);

/* command_fail prints "vmmq replay: ..." on standard error, after what stands in stdout, and returns COMMAND_REFUSED. */
__attribute__((format(printf, 2, 3))) int command_fail(const struct command_line *line, const char *format, ...);

/* command_usage does the same with a hint to --help, and returns COMMAND_USAGE. */
__attribute__((format(printf, 2, 3))) int command_usage(const struct command_line *line, const char *format, ...);

/*
 * command_number reads an option's value, decimal or with 0x, into *value; otherwise when the option was not given.
 * Returns false after having printed a usage error that names the option and the range [min, max].
 */
bool command_number(const struct command_line *line, const char *option, uint64_t min, uint64_t max,
		    uint64_t otherwise, uint64_t *value);

/*
 * command_parse reads argv[0 .. argc), the words after the command's name, permuting them: operands come last, in their
 * order.  Returns COMMAND_DONE, or COMMAND_USAGE after having printed what is wrong.  With -h or --help nothing
 * else is checked and line->help is set.
 */
int command_parse(const struct command *command, int argc, char **argv, struct command_line *line);

#endif
