/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Command lines.  One struct command says everything about a command: parsing, --help, completion for bash and the manual
 * page are all made from it.  A program is a command as well, with others in it or with options of its own.  One thread.
 */
#ifndef VMMQ_BASE_COMMAND_H
#define VMMQ_BASE_COMMAND_H

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

/*
 * struct command_option: "-c, --configuration FILE".  Every command also has -h, --help, and the program's own --version.
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

/* Names and what they mean, below a title of their own: "Signals".  The texts are without a final stop. */
struct command_section {
	const char *title;
	const char *const (*row)[2];
	size_t row_count;
};

/*
 * struct command: one row of a table.
 * name: all words but the program's, "rss move"; "" is the program itself.
 * family: its commands, in the order in which they are shown, up to a NULL; a family has no operands, options and run.
 * NULL: a command that runs.
 * summary: half a sentence.  operands: "SRC[:PORT] DST[:PORT]", or "".  usual: an option that is mostly given though it
 * is not required, "-c FILE", for the help's first line; or NULL.
 * description, examples: paragraphs with an empty line between them; the description is wrapped, the examples are not.
 * section, last_line: what the help has below the options; or NULL.
 * run: called with a command line that fits the table; returns enum command_exit.
 */
struct command {
	const char *name;
	const struct command *const *family;
	const char *summary;
	const char *operands;
	unsigned operand_min, operand_max;
	const char *usual;
	const struct command_option *options;
	size_t option_count;
	const char *description;
	const char *examples;
	const struct command_section *section;
	const char *last_line;
	int (*run)(const struct command_line *line);
};

/* The words that the values shown as argument, "TYPE", are chosen from: each with a space behind it. */
struct command_words {
	const char *argument;
	const char *words;
};

/*
 * struct program: what its commands have in common.
 * root: the command of the name "".
 * package, chapter, chapter_title: of the manual pages: "vmmq", 1, "User Commands".  exit_status: what they say of it.
 * see_also: in roff; pages of commands have it.
 * words: for completion, up to an argument NULL, or NULL.  operand: where it stands in a command's operands, completion
 * asks the program itself for words, with the option --generate-OPERAND_WORDS; or NULL.
 */
struct program {
	const char *name;
	const char *version;
	const struct command *root;
	const char *package;
	unsigned chapter;
	const char *chapter_title;
	const char *exit_status;
	const char *see_also;
	const struct command_words *words;
	const char *operand, *operand_words;
};

/* What was typed: value[i] belongs to command->options[i]; NULL: not given; a flag that was given has the value "". */
struct command_line {
	const struct program *program;
	const struct command *command;
	bool help, version;
	const char *value[COMMAND_OPTIONS_MAX];
	unsigned operand_count;
	char **operand;
};

/* command_word returns the last word of a command's name, "move", which is what is typed after its family's. */
const char *command_word(const struct command *command);

/* command_is_root: the command is the program itself. */
bool command_is_root(const struct command *command);

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
 * order.  Returns COMMAND_DONE, or COMMAND_USAGE after having printed what is wrong.  With -h, --help or --version
 * nothing else is checked, and line->help or line->version is set.
 */
int command_parse(const struct program *program, const struct command *command, int argc, char **argv,
		  struct command_line *line);

#endif
