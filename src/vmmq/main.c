/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq: from the words of a command line to the command that they mean. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/command_completion.h"
#include "base/command_help.h"
#include "base/command_manual.h"
#include "base/similar_word.h"
#include "vmmq/client/daemon_ask.h"
#include "vmmq/program.h"

static const struct command *command_find(const struct command *family, const char *word)
{
	for (size_t i = 0; family->family[i]; i++)
		if (strcmp(command_word(family->family[i]), word) == 0)
			return family->family[i];
	return NULL;
}

#define WORDS_MAX 32 /* of one table, and the three words that are not in it */

/* no_such_command: word is not among a family's commands. */
static int no_such_command(const struct command *family, const char *word)
{
	const char *words[WORDS_MAX] = { "help", "--help", "--version" };
	const char *before = family->name, *space = command_is_root(family) ? "" : " ";
	size_t count = command_is_root(family) ? 3 : 2;
	const char *similar;

	for (size_t i = 0; family->family[i] && count < WORDS_MAX; i++)
		words[count++] = command_word(family->family[i]);
	similar = similar_word(word, words, count);
	fprintf(stderr, "vmmq: there is no %s \"%s%s%s\"", word[0] == '-' ? "option" : "command", before, space,
		word);
	if (similar)
		fprintf(stderr, "; did you mean %s%s%s?", before, space, similar);
	fprintf(stderr, "\nTry 'vmmq %s%s--help'.\n", before, space);
	return COMMAND_USAGE;
}

static int too_much(const char *word)
{
	fprintf(stderr, "vmmq: \"%s\" is too much\nTry 'vmmq --help'.\n", word);
	return COMMAND_USAGE;
}

static bool is_help(const char *word)
{
	return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* run_help answers "vmmq help [COMMAND]"; argv: the words after "help". */
static int run_help(int argc, char **argv)
{
	const struct command *command = vmmq_program.root;
	int at = 0;

	if (argc == 1 && is_help(argv[0]))
		argc = 0;
	for (; at < argc && command->family; at++) {
		const struct command *next = command_find(command, argv[at]);

		if (!next)
			return no_such_command(command, argv[at]);
		command = next;
	}
	if (at < argc)
		return too_much(argv[at]);
	command_help(stdout, &vmmq_program, command);
	return COMMAND_DONE;
}

/* run_generate answers the options that the build uses, which no help shows. */
static int run_generate(const char *what, int argc, char **argv)
{
	char failed[4096];

	if (strcmp(what, "--generate-vports") == 0 && argc == 0)
		return daemon_vport_words();
	if (argc != 1)
		return no_such_command(vmmq_program.root, what);
	if (strcmp(what, "--generate-completion") == 0) {
		if (strcmp(argv[0], "bash") != 0) {
			fprintf(stderr, "vmmq: %s: there is completion for bash only\n", argv[0]);
			return COMMAND_USAGE;
		}
		command_completion(stdout, &vmmq_program);
		return COMMAND_DONE;
	}
	if (command_manuals(argv[0], &vmmq_program, failed, sizeof(failed)) == 0)
		return COMMAND_DONE;
	fprintf(stderr, "vmmq: %s: %s\n", failed, strerror(errno));
	return COMMAND_REFUSED;
}

static int run_command(const struct command *command, int argc, char **argv)
{
	struct command_line line;
	int status;

	return command_begin(&vmmq_program, command, argc, argv, &line, &status) ? command->run(&line) : status;
}

static int run_family(const struct command *family, int argc, char **argv);

static int run_found(const struct command *command, int argc, char **argv)
{
	return command->family ? run_family(command, argc, argv) : run_command(command, argc, argv);
}

/* run_family finds the command that the words after a family's name mean. */
static int run_family(const struct command *family, int argc, char **argv)
{
	const struct command *command;

	if (argc < 1) {
		command_help(stderr, &vmmq_program, family);
		return COMMAND_USAGE;
	}
	if (is_help(argv[0])) {
		if (argc > 1)
			return too_much(argv[1]);
		command_help(stdout, &vmmq_program, family);
		return COMMAND_DONE;
	}
	command = command_find(family, argv[0]);
	return command ? run_found(command, argc - 1, argv + 1) : no_such_command(family, argv[0]);
}

static int run_command_line(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;
	const struct command *command;

	if (!word) {
		command_help(stderr, &vmmq_program, vmmq_program.root);
		return COMMAND_USAGE;
	}
	if (strncmp(word, "--generate-", 11) == 0)
		return run_generate(word, argc - 2, argv + 2);
	if (is_help(word))
		return run_help(argc - 2, argv + 2);
	if (strcmp(word, "--version") == 0) {
		if (argc > 2)
			return too_much(argv[2]);
		printf("vmmq %s\n", vmmq_program.version);
		return COMMAND_DONE;
	}
	command = command_find(vmmq_program.root, word);
	return command ? run_found(command, argc - 2, argv + 2) : no_such_command(vmmq_program.root, word);
}

/* Standard streams that are closed would be taken by the next files opened: occupy them, each so that its use fails. */
static void standard_streams_fail(void)
{
	while (true) {
		int fd = open("/dev/null", O_WRONLY);

		if (fd == STDIN_FILENO)
			continue;
		if (fd == STDOUT_FILENO || fd == STDERR_FILENO) {
			close(fd);
			if (open("/dev/null", O_RDONLY) < 0)
				return;
			continue;
		}
		if (fd > STDERR_FILENO)
			close(fd);
		return;
	}
}

/* A reader that has gone away or a full disk is a failure, whatever the command has done. */
static int finish_output(int status)
{
	bool failed = ferror(stdout);

	errno = 0;
	if (fflush(stdout) == 0 && !failed)
		return status;
	fprintf(stderr, "vmmq: standard output: %s\n", errno ? strerror(errno) : "writing failed");
	return COMMAND_REFUSED;
}

int main(int argc, char **argv)
{
	static char
	    buffer[1 << 16]; /* what fits is written at once, at the end, and the reason of a failure is known */

	standard_streams_fail();
	if (!isatty(STDOUT_FILENO))
		setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	signal(SIGPIPE, SIG_IGN);
	setlocale(LC_CTYPE, "");
	return finish_output(run_command_line(argc, argv));
}
