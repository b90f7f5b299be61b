/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a replay writes must not be what it reads, under whatever name, and also while it is still called FILE.partial; and what it
 * writes goes to streams of their own: records, pcapng, and the report on standard output.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "ports/output_file.h"
#include "vmmq/replay/replay.h"

struct named_file {
	const char *option;
	const char *path; /* NULL: not given */
};

/* find_file finds the regular file behind a path, or behind the standard stream that "-" means; false: there is none. */
static bool find_file(const char *path, int standard_stream, struct stat *found)
{
	int failed = strcmp(path, "-") == 0 ? fstat(standard_stream, found) : stat(path, found);

	return failed == 0 && S_ISREG(found->st_mode);
}

static bool is_same_file(const struct stat *one, const struct stat *other)
{
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

/* find_overwritten returns the name under which writing to output would end what an input has, or NULL. */
static const char *find_overwritten(const char *input, const char *output, char partial[OUTPUT_PARTIAL_MAX])
{
	struct stat read, written;

	if (!find_file(input, STDIN_FILENO, &read))
		return NULL;
	if (find_file(output, STDOUT_FILENO, &written) && is_same_file(&read, &written))
		return output;
	if (output_file_partial(output, partial) && stat(partial, &written) == 0 && is_same_file(&read, &written))
		return partial;
	return NULL;
}

static bool check_pair(const struct named_file *input, const struct named_file *output, char *error, size_t error_len)
{
	char partial[OUTPUT_PARTIAL_MAX];
	const char *overwritten;

	if (!input->path || !output->path)
		return true;
	overwritten = find_overwritten(input->path, output->path, partial);
	if (!overwritten)
		return true;
	snprintf(error, error_len,
		 "%s %s would overwrite what %s %s reads%s%s; give the output a path of its own: nothing was written",
		 output->option, output->path, input->option, input->path,
		 overwritten == partial ? ", since it is written as " : "", overwritten == partial ? partial : "");
	return false;
}

/* find_stream finds what is open, or would be opened and not replaced, behind an output; nothing is lost in the null device. */
static bool find_stream(const char *path, struct stat *found)
{
	if (strcmp(path, "-") == 0 ? fstat(STDOUT_FILENO, found) : stat(path, found))
		return false;
	return !S_ISCHR(found->st_mode) || found->st_rdev != makedev(1, 3);
}

static bool is_standard_output(const char *path)
{
	struct stat output, standard;

	if (!path || strcmp(path, "-") == 0)
		return path;
	return find_stream("-", &standard) && find_stream(path, &output) && !S_ISREG(output.st_mode) &&
	       is_same_file(&output, &standard);
}

bool replay_writes_standard_output(const struct replay_options *options)
{
	return is_standard_output(options->records_path) || is_standard_output(options->pcapng_path);
}

/* A regular file is replaced by one of the output's own, which is claimed when it is made. */
bool replay_streams_differ(const struct replay_options *options, char *error, size_t error_len)
{
	const char *records = options->records_path, *pcapng = options->pcapng_path;
	struct stat one, other;

	if (options->json && replay_writes_standard_output(options)) {
		snprintf(error, error_len, "%s %s and --json would both write to standard output",
			 is_standard_output(records) ? "--records" : "--write",
			 is_standard_output(records) ? records : pcapng);
		return false;
	}
	if (!records || !pcapng)
		return true;
	if ((is_standard_output(records) && is_standard_output(pcapng)) ||
	    (find_stream(records, &one) && find_stream(pcapng, &other) && !S_ISREG(one.st_mode) &&
	     is_same_file(&one, &other))) {
		snprintf(error, error_len,
			 "--records %s and --write %s would both write to one stream; give each output its own",
			 records, pcapng);
		return false;
	}
	return true;
}

bool replay_files_differ(const struct replay_options *options, char *error, size_t error_len)
{
	const struct named_file input[] = {
		{ "--config", options->config_path },
		{ "--read", options->capture_path },
		{ "--transmit", options->transmit_path },
	};
	const struct named_file output[] = {
		{ "--write", options->pcapng_path },
		{ "--records", options->records_path },
	};

	for (size_t i = 0; i < sizeof(input) / sizeof(input[0]); i++)
		for (size_t o = 0; o < sizeof(output) / sizeof(output[0]); o++)
			if (!check_pair(&input[i], &output[o], error, error_len))
				return false;
	return true;
}
