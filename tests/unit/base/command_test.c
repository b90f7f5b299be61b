/* SPDX-License-Identifier: BSD-2-Clause */
/* A program with commands and one with options of its own: command lines, what is said about wrong ones, help, pages. */
#include "base/command_completion.h"
#include "base/command_help.h"
#include "base/command_manual.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define WORDS_MAX 8

static const struct command_option copy_options[] = {
	{ 'm', "mode", "fast|slow|NAME", true, "how" },
	{ 'n', "count", "N", false, "how often" },
	{ 'v', "verbose", NULL, false, "say more" },
	{ 0, "kind", "KIND", false, "what" },
};

static const struct command copy = {
	.name = "copy",
	.summary = "copy a file",
	.operands = "FROM [TO]",
	.operand_min = 1,
	.operand_max = 2,
	.options = copy_options,
	.option_count = 4,
	.description = "Copies.",
	.examples = "tool copy -m fast a b",
};
static const struct command disk_list = {
	.name = "disk list", .summary = "list", .operands = "", .description = "L."
};
static const struct command *const disk_commands[] = { &disk_list, NULL };
static const struct command disk = {
	.name = "disk",
	.family = disk_commands,
	.summary = "see disks",
	.operands = "",
	.description = "Sees.",
};
static const struct command *const commands[] = { &copy, &disk, NULL };
static const struct command tool_root = {
	.name = "",
	.family = commands,
	.summary = "a tool",
	.operands = "",
	.description = "For files.",
};
static const struct command_words words[] = { { "KIND", "large small " }, { NULL, NULL } };
static const struct program tool = {
	.name = "tool",
	.version = "1.2",
	.root = &tool_root,
	.package = "tools",
	.chapter = 1,
	.chapter_title = "Commands",
	.exit_status = "0: done.",
	.see_also = ".BR tool (1)",
	.words = words,
	.operand = "FROM",
	.operand_words = "sources",
};

static const struct command_option daemon_options[] = {
	{ 'c', "config", "FILE", false, "read this" },
	{ 0, "an-option-of-21-chars", NULL, false, "needs a line of its own" },
};
static const char *const signals[][2] = { { "SIGHUP", "read-again" } };
static const struct command_section section = { "Signals", signals, 1 };
static const struct command daemon_root = {
	.name = "",
	.summary = "a daemon",
	.operands = "",
	.usual = "-c FILE",
	.options = daemon_options,
	.option_count = 2,
	.description = "Serves.",
	.section = &section,
	.last_line = "The end.",
};
static const struct program served = {
	.name = "toold",
	.version = "1.2",
	.root = &daemon_root,
	.package = "tools",
	.chapter = 8,
	.chapter_title = "Administration",
	.exit_status = "0: stopped.",
	.see_also = ".BR tool (1)",
};

static struct command_line line;
static char said[4096];

/* parse reads a command line of words with spaces between them, and leaves in said what standard error got. */
static int parse(const struct program *program, const struct command *command, const char *typed)
{
	static char copied[256], *word[WORDS_MAX];
	int count = 0, status, kept = dup(STDERR_FILENO);
	FILE *file = tmpfile();

	snprintf(copied, sizeof(copied), "%s", typed);
	for (char *next = strtok(copied, " "); next; next = strtok(NULL, " "))
		word[count++] = next;
	dup2(fileno(file), STDERR_FILENO);
	status = command_parse(program, command, count, word, &line);
	dup2(kept, STDERR_FILENO);
	close(kept);
	rewind(file);
	said[fread(said, 1, sizeof(said) - 1, file)] = '\0';
	fclose(file);
	return status;
}

static void expect_wrong(const struct program *program, const struct command *command, const char *typed,
			 const char *wanted)
{
	assert_int_equal(parse(program, command, typed), COMMAND_USAGE);
	assert_string_equal(said, wanted);
}

static void expect_copy(const char *typed, const char *mode, const char *count, bool verbose)
{
	assert_int_equal(parse(&tool, &copy, typed), COMMAND_DONE);
	assert_string_equal(said, "");
	assert_string_equal(command_value(&line, "mode"), mode);
	assert_string_equal(command_value(&line, "count") ? command_value(&line, "count") : "none", count);
	assert_int_equal(command_flag(&line, "verbose"), verbose);
}

static void options_in_every_spelling(void **state)
{
	(void)state;
	expect_copy("a --mode fast", "fast", "none", false);
	expect_copy("--mode=fast a", "fast", "none", false);
	expect_copy("--mode= a", "", "none", false);
	expect_copy("-m fast a --count --verbose", "fast", "--verbose", false);
	expect_copy("-mfast a -v", "fast", "none", true);
	expect_copy("-vmfast a", "fast", "none", true);
	expect_copy("-vm fast -n3 a", "fast", "3", true);
}

static void operands_come_last_in_their_order(void **state)
{
	(void)state;
	expect_copy("a -m fast - -v", "fast", "none", true);
	assert_int_equal(command_operand_count(&line), 2);
	assert_string_equal(command_operand(&line, 0), "a");
	assert_string_equal(command_operand(&line, 1), "-");
	expect_copy("-m fast -- -v --help", "fast", "none", false);
	assert_string_equal(command_operand(&line, 0), "-v");
	assert_string_equal(command_operand(&line, 1), "--help");
}

static void wrong_lines_of_a_command(void **state)
{
#define TRY "\nTry 'tool copy --help'.\n"
	(void)state;
	expect_wrong(&tool, &copy, "a", "tool copy: --mode fast|slow|NAME is needed" TRY);
	expect_wrong(&tool, &copy, "-m x", "tool copy: expected: FROM [TO]" TRY);
	expect_wrong(&tool, &copy, "-m x a b c", "tool copy: \"c\" is too much; expected: FROM [TO]" TRY);
	expect_wrong(&tool, &copy, "--mode", "tool copy: --mode needs fast|slow|NAME" TRY);
	expect_wrong(&tool, &copy, "-v -v", "tool copy: --verbose is given twice" TRY);
	expect_wrong(&tool, &copy, "--verbose=1", "tool copy: --verbose takes no value" TRY);
	expect_wrong(&tool, &copy, "--help=1", "tool copy: --help takes no value" TRY);
	expect_wrong(&tool, &copy, "--mod=x", "tool copy: there is no option --mod; did you mean --mode?" TRY);
	expect_wrong(&tool, &copy, "--version", "tool copy: there is no option --version" TRY);
	expect_wrong(&tool, &copy, "-vx", "tool copy: there is no option -x" TRY);
#undef TRY
	expect_wrong(&tool, &disk_list, "x",
		     "tool disk list: \"x\" is too much; no operand is expected\nTry 'tool disk list --help'.\n");
}

static void wrong_lines_of_a_program(void **state)
{
	(void)state;
	expect_wrong(&served, &daemon_root, "--confg x",
		     "toold: there is no option --confg; did you mean --config?\nTry 'toold --help'.\n");
	expect_wrong(&served, &daemon_root, "--versoin",
		     "toold: there is no option --versoin; did you mean --version?\nTry 'toold --help'.\n");
}

static void the_first_of_help_and_version_wins(void **state)
{
	(void)state;
	assert_int_equal(parse(&tool, &copy, "-vh --frobnicate"), COMMAND_DONE);
	assert_true(line.help);
	assert_int_equal(parse(&served, &daemon_root, "--version --help"), COMMAND_DONE);
	assert_true(line.version && !line.help);
	assert_int_equal(parse(&served, &daemon_root, "-h --version"), COMMAND_DONE);
	assert_true(line.help && !line.version);
}

static void numbers_have_a_range(void **state)
{
	uint64_t value;

	(void)state;
	expect_copy("a -m x", "x", "none", false);
	assert_true(command_number(&line, "count", 2, 16, 7, &value));
	assert_int_equal(value, 7);
	expect_copy("a -m x -n 0x10", "x", "0x10", false);
	assert_true(command_number(&line, "count", 2, 16, 7, &value));
	assert_int_equal(value, 16);
	assert_false(command_number(&line, "count", 2, 15, 7, &value));
	assert_false(command_number(&line, "count", 17, 20, 7, &value));
}

/* text_of returns what print writes, for free(). */
static char *text_of(void (*print)(FILE *, const struct program *, const struct command *),
		     const struct program *program, const struct command *command)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	print(out, program, command);
	fclose(out);
	return text;
}

static void expect_text(void (*print)(FILE *, const struct program *, const struct command *),
			const struct program *program, const struct command *command, const char *wanted)
{
	char *text = text_of(print, program, command);

	assert_string_equal(text, wanted);
	free(text);
}

static void help_of_a_command(void **state)
{
	(void)state;
	expect_text(command_help, &tool, &copy,
		    "Usage: tool copy -m fast|slow|NAME [OPTION]... FROM [TO]\n\n"
		    "Copies.\n\n"
		    "Options\n"
		    "  -m, --mode fast|slow|NAME   how\n"
		    "  -n, --count N               how often\n"
		    "  -v, --verbose               say more\n"
		    "      --kind KIND             what\n"
		    "  -h, --help                  show this\n\n"
		    "Examples\n"
		    "  tool copy -m fast a b\n");
	expect_text(command_help, &tool, &disk,
		    "Usage: tool disk COMMAND [OPTION]... [OPERAND]...\n\n"
		    "Sees.\n\n"
		    "Commands\n"
		    "  list        list\n\n"
		    "'tool disk COMMAND --help' shows how to use a command.\n");
}

static void help_of_a_program(void **state)
{
	(void)state;
	expect_text(command_help, &tool, &tool_root,
		    "Usage: tool COMMAND [OPTION]... [OPERAND]...\n\n"
		    "For files.\n\n"
		    "Commands\n"
		    "  copy        copy a file\n"
		    "  disk        see disks\n"
		    "  help        show this, or how to use one command\n\n"
		    "Options\n"
		    "  -h, --help      show this\n"
		    "      --version   show the version\n\n"
		    "'tool help COMMAND' or 'tool COMMAND --help' shows how to use a command.\n");
	expect_text(command_help, &served, &daemon_root,
		    "Usage: toold [-c FILE] [OPTION]...\n\n"
		    "Serves.\n\n"
		    "Options\n"
		    "  -c, --config FILE           read this\n"
		    "      --an-option-of-21-chars\n"
		    "                              needs a line of its own\n"
		    "  -h, --help                  show this\n"
		    "      --version               show the version\n\n"
		    "Signals\n"
		    "  SIGHUP                      read-again\n\n"
		    "The end.\n");
}

static void pages(void **state)
{
	(void)state;
	expect_text(command_manual, &served, &daemon_root,
		    ".TH TOOLD 8 \"\" \"tools 1.2\" \"Administration\"\n"
		    ".SH NAME\ntoold \\- a daemon\n"
		    ".SH SYNOPSIS\n.B toold\n[\\-c \\fIFILE\\fR] [\\fIOPTION\\fR]...\n"
		    ".SH DESCRIPTION\nServes.\n"
		    ".SH OPTIONS\n"
		    ".TP\n\\fB\\-c\\fR, \\fB\\-\\-config\\fR \\fIFILE\\fR\nread this.\n"
		    ".TP\n\\fB\\-\\-an\\-option\\-of\\-21\\-chars\\fR\nneeds a line of its own.\n"
		    ".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nshow this.\n"
		    ".TP\n\\fB\\-\\-version\\fR\nshow the version.\n"
		    ".SH SIGNALS\n.TP\nSIGHUP\nread\\-again.\n"
		    ".SH EXIT STATUS\n0: stopped.\n"
		    ".SH SEE ALSO\n.BR tool (1)\n");
	expect_text(command_manual, &tool, &disk,
		    ".TH TOOL-disk 1 \"\" \"tools 1.2\" \"Commands\"\n"
		    ".SH NAME\ntool\\-disk \\- see disks\n"
		    ".SH SYNOPSIS\n.B tool disk COMMAND [OPTION]... [OPERAND]...\n"
		    ".SH DESCRIPTION\nSees.\n"
		    ".SH COMMANDS\n.SS tool disk list\nL.\n"
		    ".SH EXIT STATUS\n0: done.\n"
		    ".SH SEE ALSO\n.BR tool (1)\n");
}

static void completion(FILE *out, const struct program *program, const struct command *command)
{
	(void)command;
	command_completion(out, program);
}

static void the_completion_script(void **state)
{
	char *text = text_of(completion, &tool, NULL);

	(void)state;
	assert_non_null(strstr(text, "\tcopy:--mode|copy:-m) words=\"fast slow \" ;;\n"));
	assert_non_null(strstr(text, "\tcopy:--kind) words=\"large small \" ;;\n"));
	assert_non_null(strstr(text, "\tcopy:--count|copy:-n) words=\"\" ;;\n"));
	assert_null(strstr(text, "copy:--verbose)"));
	assert_non_null(
	    strstr(text, "\tcopy:*) options=\"--help --mode --count --verbose --kind\" sources=yes ;;\n"));
	assert_non_null(strstr(text, "\tdisk/list:*) options=\"--help\" sources= ;;\n"));
	assert_non_null(strstr(text, "words=$(tool --generate-sources 2>/dev/null)\n"));
	assert_non_null(strstr(text, "complete -F _tool tool\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_in_every_spelling),
		cmocka_unit_test(operands_come_last_in_their_order),
		cmocka_unit_test(wrong_lines_of_a_command),
		cmocka_unit_test(wrong_lines_of_a_program),
		cmocka_unit_test(the_first_of_help_and_version_wins),
		cmocka_unit_test(numbers_have_a_range),
		cmocka_unit_test(help_of_a_command),
		cmocka_unit_test(help_of_a_program),
		cmocka_unit_test(pages),
		cmocka_unit_test(the_completion_script),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
