/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/test_gates.h"
#include "race.h"

static const char usage[] =
    "usage: vmmq-race [--seconds S] [--seed N] [--gates on|off|no-trail|whole-inbox]\n"
    "                 [--stall on|off] [--balance on|off] [--processors P] [--sources K] [--drop D] [--flows F]\n"
    "                 [--vports V] [--inbox SIZE] [--moderation poll|interrupt|adaptive]\n"
    "\n"
    "Runs K sources (default 3, the first D of which drop instead of waiting: 0) with F flows (1000) at full\n"
    "load into P processors (4) while changes of all kinds are made to V VPorts (8), but for the last quarter of\n"
    "them, which never move and must never wait because others do.  --stall on: the first processor stands still\n"
    "for long, the second is slow; VPorts that never move have nothing there.  --balance on: load moves by\n"
    "itself, too.  Negative controls: --gates off and no-trail must report reordering, whole-inbox that VPorts that\n"
    "never move were delayed.  The last line is one\n"
    "JSON object; exit status 0 only if nothing was lost, reordered, duplicated, unbalanced, wrong or delayed.\n";

static bool number(const char *text, double least, double most, double *value)
{
	char *end;

	errno = 0;
	*value = strtod(text, &end);
	return !errno && end != text && !*end && *value >= least && *value <= most;
}

static bool count(const char *text, unsigned least, unsigned most, unsigned *value)
{
	double wanted;

	if (!number(text, least, most, &wanted) || wanted != (unsigned)wanted)
		return false;
	*value = (unsigned)wanted;
	return true;
}

static bool seed_parse(const char *text, uint64_t *seed)
{
	char *end;

	errno = 0;
	*seed = strtoull(text, &end, 0);
	return !errno && end != text && !*end && *text != '-';
}

static bool word(const char *text, const char *const words[], int *value)
{
	for (int i = 0; words[i]; i++) {
		if (strcmp(text, words[i]) == 0) {
			*value = i;
			return true;
		}
	}
	return false;
}

static bool option_take(int letter, const char *text, struct options *options)
{
	static const char *const off_on[] = { "off", "on", NULL };
	static const char *const gates[] = { "off", "on", "no-trail", "whole-inbox", NULL }; /* enum test_gates */
	static const char *const moderations[] = { "poll", "interrupt", "adaptive", NULL };
	int which = 0;
	bool ok;

	switch (letter) {
	case 's':
		return number(text, 0.01, 1e6, &options->seconds);
	case 'n':
		return seed_parse(text, &options->seed);
	case 'g':
		return word(text, gates, &options->gates);
	case 't':
		ok = word(text, off_on, &which);
		options->stall = which;
		return ok;
	case 'b':
		ok = word(text, off_on, &which);
		options->balance = which;
		return ok;
	case 'p':
		return count(text, 1, PROCESSORS_MAX, &options->processors);
	case 'k':
		return count(text, 1, SOURCES_MAX, &options->sources);
	case 'd':
		return count(text, 0, SOURCES_MAX, &options->drop_sources);
	case 'f':
		return count(text, 1, FLOWS_MAX, &options->flows);
	case 'v':
		return count(text, 1, VPORTS_MAX, &options->vports);
	case 'i':
		return count(text, 128, 65536, &options->inbox) && !(options->inbox & (options->inbox - 1));
	default:
		return word(text, moderations, &options->moderation);
	}
}

bool options_parse(int argc, char *argv[], struct options *options)
{
	static const struct option known[] = {
		{ "seconds", required_argument, NULL, 's' }, { "seed", required_argument, NULL, 'n' },
		{ "gates", required_argument, NULL, 'g' },   { "stall", required_argument, NULL, 't' },
		{ "balance", required_argument, NULL, 'b' }, { "processors", required_argument, NULL, 'p' },
		{ "sources", required_argument, NULL, 'k' }, { "drop", required_argument, NULL, 'd' },
		{ "flows", required_argument, NULL, 'f' },   { "vports", required_argument, NULL, 'v' },
		{ "inbox", required_argument, NULL, 'i' },   { "moderation", required_argument, NULL, 'm' },
		{ "help", no_argument, NULL, 'h' },          { 0 },
	};
	int letter;

	*options = (struct options){
		.seconds = 5,
		.seed = 1,
		.gates = TEST_GATES_ON,
		.processors = 4,
		.sources = 3,
		.flows = 1000,
		.vports = 8,
		.inbox = 256,
		.moderation = -1,
	};
	while ((letter = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (letter == 'h') {
			options->help = true;
			fputs(usage, stdout);
			return true;
		}
		if (letter == '?' || !option_take(letter, optarg, options)) {
			if (letter != '?')
				fprintf(stderr, "vmmq-race: \"%s\" is out of range\n", optarg);
			fputs(usage, stderr);
			return false;
		}
	}
	if (optind == argc && options->flows >= options->sources && options->drop_sources <= options->sources &&
	    (!options->stall || options->processors >= 2))
		return true;
	fputs(usage, stderr);
	return false;
}
