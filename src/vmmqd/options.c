/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmqd/options.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/similar_word.h"
#include "base/terminal.h"
#include "vmmqd/exit.h"
#include "vmmqd/log.h"

#define BUFFERS_MIN     1024
#define BUFFERS_MAX     (4u << 20)
#define BUFFERS_DEFAULT 16384
#define HELP_INDENT     30

/* argument NULL: a flag. */
struct option_row {
	char letter; /* 0: none */
	const char *name;
	const char *argument;
	const char *help;
};

enum option_id {
	CONFIG,
	STATE,
	SOCKET,
	GROUP,
	METRICS,
	TELEMETRY,
	RESEED,
	LOG_LEVEL,
	BUFFERS,
	NO_PIN,
	NO_HUGEPAGES,
	HELP,
	VERSION,
	OPTION_COUNT
};

static const struct option_row rows[OPTION_COUNT] = {
	[CONFIG] = { 'c', "config", "FILE",
		     "configuration (YAML) that a new state begins with; read again at SIGHUP, and then applied" },
	[STATE] = { 0, "state", "DB",
		    "what survives is kept here [/var/lib/vmmq/state.db; unless root: vmmq/state.db below "
		    "$XDG_STATE_HOME or ~/.local/state]" },
	[SOCKET] = { 0, "socket", "PATH",
		     "control socket [/run/vmmq/vmmq.sock; unless root: vmmq/vmmq.sock below $XDG_RUNTIME_DIR]" },
	[GROUP] = { 0, "group", "NAME",
		    "whose members may use the control socket [as root: vmmq, where there is such a group]" },
	[METRICS] = { 0, "metrics", "ADDR:PORT", "serve Prometheus metrics there" },
	[TELEMETRY] = { 0, "telemetry", NULL, "serve DPDK's telemetry socket" },
	[RESEED] = { 0, "reseed", NULL, "make the state equal to the configuration first, whatever it was" },
	[LOG_LEVEL] = { 0, "log-level", "error|warning|notice|info|debug", "log this and what is worse [notice]" },
	[BUFFERS] = { 0, "buffers", "N", "packet buffers, 1024 to 4194304 [16384]" },
	[NO_PIN] = { 0, "no-pin", NULL, "let the processors' threads float over all CPUs" },
	[NO_HUGEPAGES] = { 0, "no-hugepages", NULL, "use ordinary memory even when hugepages are free" },
	[HELP] = { 'h', "help", NULL, "show this" },
	[VERSION] = { 0, "version", NULL, "show the version" },
};

static const char description[] = "vmmqd runs a VMMQ switch for virtual machines: one uplink, a VPort per machine, "
				  "each spread over processors by its own "
				  "indirection table. It stays in the foreground and logs to standard error. vmmq "
				  "shows it and changes it while it runs; "
				  "every change that was acknowledged is in the state and survives the process.";

static const char *const signals[][2] = {
	{ "SIGTERM, SIGINT", "stop: complete what is outstanding, at most 2 seconds; a second one stops at once" },
	{ "SIGHUP", "read the configuration again and make the running switch equal to it, all or nothing" },
	{ "SIGUSR1", "ignored" },
};

static void show_row(const struct option_row *row)
{
	int column = row->letter ? printf("  -%c, --%s", row->letter, row->name) : printf("      --%s", row->name);

	if (row->argument)
		column += printf(" %s", row->argument);
	if (column >= HELP_INDENT - 1) {
		putchar('\n');
		column = 0;
	}
	column += printf("%*s", HELP_INDENT - column, "");
	terminal_wrap(stdout, (unsigned)column, HELP_INDENT, row->help);
}

static void show_help(void)
{
	fputs("Usage: vmmqd [-c FILE] [OPTION]...\n\n", stdout);
	terminal_wrap(stdout, 0, 0, description);
	fputs("\nOptions\n", stdout);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		show_row(&rows[i]);
	fputs("\nSignals\n", stdout);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		int column = printf("  %s", signals[i][0]);

		column += printf("%*s", HELP_INDENT - column, "");
		terminal_wrap(stdout, (unsigned)column, HELP_INDENT, signals[i][1]);
	}
	fputs("\nExit status: 0 stopped as asked, 1 refused or failed, 2 wrong command line.\n", stdout);
}

/* roff prints text so that troff shows it as it is. */
static void roff(const char *text)
{
	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else
			putchar(*text);
	}
}

static void show_manual(void)
{
	fputs(".TH VMMQD 8 \"\" \"vmmq " VMMQ_VERSION "\" \"System Administration\"\n.SH NAME\n"
	      "vmmqd \\- VMMQ switch for virtual machines\n.SH SYNOPSIS\n.B vmmqd\n[\\-c \\fIFILE\\fR] "
	      "[\\fIOPTION\\fR]...\n.SH DESCRIPTION\n",
	      stdout);
	roff(description);
	fputs("\n.SH OPTIONS\n", stdout);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		fputs(".TP\n\\fB", stdout);
		if (rows[i].letter)
			printf("\\-%c\\fR, \\fB", rows[i].letter);
		fputs("\\-\\-", stdout);
		roff(rows[i].name);
		printf("\\fR \\fI%s\\fR\n", rows[i].argument ? rows[i].argument : "");
		roff(rows[i].help);
		fputs(".\n", stdout);
	}
	fputs(".SH SIGNALS\n", stdout);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		printf(".TP\n%s\n", signals[i][0]);
		roff(signals[i][1]);
		fputs(".\n", stdout);
	}
	fputs(".SH EXIT STATUS\n0: stopped as asked. 1: refused or failed; the last message on standard error says "
	      "why. 2: "
	      "the command line is wrong.\n.SH SEE ALSO\n.BR vmmq (1)\n",
	      stdout);
}

static bool wrong(int *status, const char *text, const char *name, const char *detail)
{
	fputs("vmmqd: ", stderr);
	fprintf(stderr, text, name, detail); /* NOLINT: texts are literals of this file */
	fputs("\nTry 'vmmqd --help'.\n", stderr);
	*status = EXIT_WRONG_USAGE;
	return false;
}

static bool unknown(const char *name, int *status)
{
	const char *names[OPTION_COUNT], *similar;

	for (size_t i = 0; i < OPTION_COUNT; i++)
		names[i] = rows[i].name;
	similar = similar_word(name, names, OPTION_COUNT);
	return similar ? wrong(status, "there is no option --%s; did you mean --%s?", name, similar)
		       : wrong(status, "there is no option --%s%s", name, "");
}

/* The words of a command line, and where reading them has come to. */
struct words {
	char **word;
	int count, at;
	const char *value[OPTION_COUNT]; /* NULL: not given; of a flag "" */
};

static bool take(struct words *words, enum option_id id, const char *attached, int *status)
{
	const struct option_row *row = &rows[id];

	if (words->value[id])
		return wrong(status, "--%s is given twice%s", row->name, "");
	if (!row->argument && attached)
		return wrong(status, "--%s takes no value%s", row->name, "");
	if (row->argument && !attached) {
		if (words->at >= words->count)
			return wrong(status, "--%s needs %s", row->name, row->argument);
		attached = words->word[words->at++];
	}
	words->value[id] = attached ? attached : "";
	return true;
}

static bool read_long(struct words *words, const char *word, int *status)
{
	char name[32];
	const char *equals = strchr(word, '=');

	snprintf(name, sizeof(name), "%.*s", (int)(equals ? equals - word : (long)strlen(word)), word);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (strcmp(rows[i].name, name) == 0)
			return take(words, (enum option_id)i, equals ? equals + 1 : NULL, status);
	return unknown(name, status);
}

static bool read_word(struct words *words, const char *word, int *status)
{
	if (strncmp(word, "--", 2) == 0 && word[2])
		return read_long(words, word + 2, status);
	for (size_t i = 0; word[0] == '-' && word[1] && i < OPTION_COUNT; i++)
		if (rows[i].letter == word[1])
			return take(words, (enum option_id)i, word[2] ? word + 2 : NULL, status);
	return wrong(status,
		     word[0] == '-' ? "there is no option %s%s" : "\"%s\" is too much; only options are expected%s",
		     word, "");
}

static bool read_buffers(const char *text, uint32_t *buffers, int *status)
{
	char *end;
	unsigned long number;

	*buffers = BUFFERS_DEFAULT;
	if (!text)
		return true;
	errno = 0;
	number = strtoul(text, &end, 10);
	*buffers = (uint32_t)number;
	if (text[0] >= '0' && text[0] <= '9' && !*end && !errno && number >= BUFFERS_MIN && number <= BUFFERS_MAX)
		return true;
	return wrong(status, "--buffers: found \"%s\"; a number from 1024 to 4194304 is needed%s", text, "");
}

static bool fill(const struct words *words, struct options *options, int *status)
{
	*options = (struct options){
		.config = words->value[CONFIG],
		.state = words->value[STATE],
		.socket = words->value[SOCKET],
		.group = words->value[GROUP],
		.metrics = words->value[METRICS],
		.telemetry = words->value[TELEMETRY],
		.reseed = words->value[RESEED],
		.pin = !words->value[NO_PIN],
		.hugepages = !words->value[NO_HUGEPAGES],
		.log_level = LOG_LEVEL_NOTICE,
	};
	if (words->value[LOG_LEVEL] && !log_level_parse(words->value[LOG_LEVEL], &options->log_level))
		return wrong(status, "--log-level: found \"%s\"; %s is needed", words->value[LOG_LEVEL],
			     "error, warning, notice, info or debug");
	if (options->reseed && !options->config)
		return wrong(status, "--reseed needs a configuration: -c %s%s", "FILE", "");
	return read_buffers(words->value[BUFFERS], &options->buffers, status);
}

bool options_parse(int argc, char **argv, struct options *options, int *status)
{
	struct words words = { .word = argv, .count = argc, .at = 1 };

	*status = EXIT_DONE;
	if (argc == 2 && strcmp(argv[1], "--generate-man") == 0) {
		show_manual();
		return false;
	}
	while (words.at < words.count)
		if (!read_word(&words, words.word[words.at++], status))
			return false;
	if (words.value[HELP]) {
		show_help();
		return false;
	}
	if (words.value[VERSION]) {
		puts("vmmqd " VMMQ_VERSION);
		return false;
	}
	return fill(&words, options, status);
}
