/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration reader on case files.  Their directory, tests/cli/config, is the first argument or the environment
 * variable VMMQ_CONFIG_CASES; the first comment lines of each file state what must come of it.
 */
#include "config/config_yaml.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *case_directory;

/* One case file: its text, and the values of its first comment lines. */
struct case_file {
	char path[512];
	char first[512], where[512], text[512];
};

static bool read_case(const char *name, struct case_file *file)
{
	FILE *in;
	bool complete;

	snprintf(file->path, sizeof(file->path), "%s/%s", case_directory, name);
	in = fopen(file->path, "r");
	if (!in)
		return false;
	complete = fgets(file->first, sizeof(file->first), in) && fgets(file->where, sizeof(file->where), in) &&
		   fgets(file->text, sizeof(file->text), in);
	fclose(in);
	file->first[strcspn(file->first, "\n")] = '\0';
	file->where[strcspn(file->where, "\n")] = '\0';
	file->text[strcspn(file->text, "\n")] = '\0';
	return complete;
}

static bool accepted_as_stated(const struct case_file *file)
{
	struct config_error error;
	struct vmmq_config c;
	size_t filters = 0;
	char found[128];

	if (vmmq_config_load(file->path, &c, &error)) {
		print_error("%s: line %u column %u: %s: %s\n", file->path, error.line, error.column, error.path,
			    error.text);
		return false;
	}
	for (size_t i = 0; i < c.vport_count; i++)
		filters += c.vports[i].filter_count;
	snprintf(found, sizeof(found), "# accepted: %zu VPorts, %zu processors, %zu filters", c.vport_count,
		 c.processor_count, filters);
	vmmq_config_fini(&c);
	if (strcmp(found, file->first) == 0)
		return true;
	print_error("%s: %s\n", file->path, found);
	return false;
}

static bool refused_as_stated(const struct case_file *file)
{
	struct config_error error;
	struct vmmq_config c;
	unsigned line = 0, column = 0;

	if (sscanf(file->first, "# refused: line %u column %u", &line, &column) != 2 ||
	    strncmp(file->where, "# path: ", 8) != 0 || strncmp(file->text, "# text: ", 8) != 0) {
		print_error("%s: its first lines do not say what is expected\n", file->path);
		return false;
	}
	if (vmmq_config_load(file->path, &c, &error) == 0) {
		print_error("%s: accepted\n", file->path);
		vmmq_config_fini(&c);
		return false;
	}
	if (error.line == line && error.column == column && strcmp(error.path, file->where + 8) == 0 &&
	    strstr(error.text, file->text + 8))
		return true;
	print_error("%s: line %u column %u: %s: %s\n", file->path, error.line, error.column, error.path, error.text);
	return false;
}

static void case_files(void **state)
{
	DIR *directory = opendir(case_directory);
	unsigned good = 0, bad = 0, wrong = 0;
	struct dirent *entry;

	(void)state;
	if (!directory)
		fail_msg("%s: %s", case_directory, strerror(errno));
	while ((entry = readdir(directory))) {
		bool is_good = strncmp(entry->d_name, "good-", 5) == 0;
		struct case_file file = { 0 };

		if (!strstr(entry->d_name, ".yaml"))
			continue;
		if (!read_case(entry->d_name, &file))
			fail_msg("%s: fewer than three lines", file.path);
		wrong += is_good ? !accepted_as_stated(&file) : !refused_as_stated(&file);
		good += is_good;
		bad += !is_good;
	}
	closedir(directory);
	print_message("%u files to be accepted, %u to be refused\n", good, bad);
	assert_int_equal(wrong, 0);
	assert_true(good >= 8);
	assert_true(bad >= 180);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(case_files),
	};

	case_directory = argc > 1 ? argv[1] : getenv("VMMQ_CONFIG_CASES");
	if (!case_directory) {
		fprintf(stderr, "config_cases_test: give the directory of case files, or set VMMQ_CONFIG_CASES\n");
		return 2;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
