/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq-conformance: tries the numbered rules of the specification against an implementation (docs/conformance.md). */
#include <dlfcn.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "subjects.h"
#include "tables.h"

#define WANTED_MAX 64

struct options {
	const char *subject;
	const char *wanted[WANTED_MAX];
	unsigned wanted_count;
	bool list, json, markdown;
};

static const char usage[] =
    "Usage: vmmq-conformance [--subject core|engine|FILE.so[:ARGUMENT]] [--case NUMBER]... [--list] [--json] "
    "[--markdown]\n"
    "Tries the rules of docs/conformance.md on an implementation.\n"
    "  --subject   what is tried: core (libvmmq-core and libvmmq-ndis), engine (the adapter on DPDK), or a shared "
    "object of\n"
    "              yours (tests/conformance/vmmq_conformance.h); core\n"
    "  --case      only this case (11.3/8b), this rule's cases (11.3/8) or this section's (11.3); all\n"
    "  --list      what cases there are\n"
    "  --json      one object on standard output\n"
    "  --markdown  write docs/conformance.md to standard output\n";

static int usage_error(const char *what)
{
	fprintf(stderr, "vmmq-conformance: %s\n%s", what, usage);
	return 2;
}

/* is_wanted: by its own number, its rule's, or its section's. */
static bool is_wanted(const struct options *options, const struct numbered *at)
{
	for (unsigned i = 0; i < options->wanted_count; i++) {
		const char *wanted = options->wanted[i];
		size_t len = strlen(wanted);

		if (!strcmp(wanted, at->number) || !strcmp(wanted, at->rule->number) ||
		    (!strncmp(wanted, at->number, len) && at->number[len] == '/'))
			return true;
	}
	return !options->wanted_count;
}

static const struct vmmq_conformance_subject *subject_load(const char *file)
{
	char *path = strdup(file), *argument = path ? strchr(path, ':') : NULL;
	const struct vmmq_conformance_subject *subject;
	vmmq_conformance_subject_fn *find = NULL;
	void *object, *symbol;

	if (argument)
		*argument++ = '\0';
	object = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL; /* stays loaded */
	symbol = object ? dlsym(object, VMMQ_CONFORMANCE_SYMBOL) : NULL;
	if (!symbol) {
		fprintf(stderr, "vmmq-conformance: %s\n", dlerror());
		free(path);
		return NULL;
	}
	memcpy(&find, &symbol, sizeof(find));
	subject = find(argument);
	if (!subject || subject->version != VMMQ_CONFORMANCE_VERSION) {
		fprintf(stderr, "vmmq-conformance: %s: %s\n", file,
			subject ? "made for another version of vmmq_conformance.h" : "it has no such subject");
		subject = NULL;
	}
	free(path);
	return subject;
}

static const struct vmmq_conformance_subject *subject_find(const char *name)
{
	if (!strcmp(name, "core"))
		return &subject_core;
	if (!strcmp(name, "engine"))
		return &subject_engine;
	return subject_load(name);
}

static int options_parse(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "subject", required_argument, NULL, 's' },
		{ "case", required_argument, NULL, 'c' },
		{ "list", no_argument, NULL, 'l' },
		{ "json", no_argument, NULL, 'j' },
		{ "markdown", no_argument, NULL, 'm' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 's')
			options->subject = optarg;
		else if (c == 'c' && options->wanted_count < WANTED_MAX)
			options->wanted[options->wanted_count++] = optarg;
		else if (c == 'l')
			options->list = true;
		else if (c == 'j')
			options->json = true;
		else if (c == 'm')
			options->markdown = true;
		else if (c == 'h')
			return printf("%s", usage) < 0;
		else
			return usage_error(c == 'c' ? "too many --case" : "what option is that?");
	}
	return optind < argc ? usage_error("it takes options only") : -1;
}

static const char *const outcome_names[] = { "passed", "FAILED", "not applicable" };

static void line_print(const struct numbered *at, const struct trial *t)
{
	printf("%-9s %-14s %s\n", at->number, outcome_names[t->outcome], at->line->text);
	if (t->outcome != PASSED)
		printf("%24s %s\n", "", t->text);
	if (t->outcome == FAILED)
		printf("%24s rule: %s\n", "", at->rule->text);
	fflush(stdout);
}

static void case_record(json_t *cases, const struct numbered *at, const struct trial *t)
{
	static const char *const names[] = { "passed", "failed", "not_applicable" };

	json_array_append_new(cases, json_pack("{s:s, s:s, s:s, s:s, s:s*}", "case", at->number, "rule",
					       at->rule->number, "text", at->line->text, "outcome", names[t->outcome],
					       "reason", t->outcome == PASSED ? NULL : t->text));
}

static int list(const struct options *options)
{
	struct numbered at = { .line = NULL };

	while (tables_next(&at))
		if (is_wanted(options, &at))
			printf("%-9s %s\n", at.number, at.line->text);
	return 0;
}

static int report(json_t *cases, const struct options *options, const char *subject, const unsigned count[])
{
	json_t *whole;

	if (!options->json) {
		printf("\n%s: %u passed, %u failed, %u not applicable\n", subject, count[PASSED], count[FAILED],
		       count[NOT_APPLICABLE]);
		json_decref(cases);
		return count[FAILED] ? 1 : 0;
	}
	whole = json_pack("{s:s, s:i, s:i, s:i, s:o}", "subject", subject, "passed", (int)count[PASSED], "failed",
			  (int)count[FAILED], "not_applicable", (int)count[NOT_APPLICABLE], "cases", cases);
	json_dumpf(whole, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(whole);
	return count[FAILED] ? 1 : 0;
}

static int run(const struct options *options)
{
	const struct vmmq_conformance_subject *subject = subject_find(options->subject);
	struct numbered at = { .line = NULL };
	unsigned count[OUTCOME_COUNT] = { 0 };
	json_t *cases;
	struct trial *t;

	if (!subject)
		return 2;
	t = malloc(sizeof(*t));
	cases = json_array();
	while (t && tables_next(&at)) {
		if (!is_wanted(options, &at))
			continue;
		trial_run(t, subject, at.line);
		count[t->outcome]++;
		if (options->json)
			case_record(cases, &at, t);
		else
			line_print(&at, t);
	}
	free(t);
	if (!count[PASSED] && !count[FAILED] && !count[NOT_APPLICABLE]) {
		json_decref(cases);
		return usage_error("there is no such case");
	}
	return report(cases, options, subject->name, count);
}

int main(int argc, char **argv)
{
	struct options options = { .subject = "core" };
	int status = options_parse(&options, argc, argv);
	const char *wrong = tables_check();

	if (status >= 0)
		return status;
	if (wrong) {
		fprintf(stderr, "vmmq-conformance: %s\n", wrong);
		return 1;
	}
	if (options.markdown) {
		markdown_write();
		return 0;
	}
	return options.list ? list(&options) : run(&options);
}
