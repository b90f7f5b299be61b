/* SPDX-License-Identifier: BSD-2-Clause */
/* Figures are collected and printed at the end: as tables for people, or as JSON. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

/* {program, machine, sections: [{title, note, figures: [{name, unit, median, low, high, goal, reached}]}]} */
static json_t *document, *sections, *figures, *figure;
static bool as_json;

bool bench_options(int argc, char *argv[], struct options *options)
{
	*options = (struct options){ 0 };
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json")) {
			options->json = true;
		} else if (!strcmp(argv[i], "--quick")) {
			options->quick = true;
		} else {
			fprintf(stderr, "usage: %s [--json] [--quick]\n", argv[0]);
			return false;
		}
	}
	return true;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double percentile(const double sorted[], unsigned count, double p)
{
	return count ? sorted[(unsigned)((count - 1) * p / 100 + 0.5)] : 0;
}

double median_of(double sample[], unsigned count)
{
	qsort(sample, count, sizeof(sample[0]), by_value);
	return percentile(sample, count, 50);
}

/* cpu_model reads "model name" of the first CPU. */
static void cpu_model(char model[128])
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[256];

	strcpy(model, "unknown");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "model name : %127[^\n]", model) == 1)
			break;
	if (file)
		fclose(file);
}

static double load_average(void)
{
	double load = 0;

	return getloadavg(&load, 1) == 1 ? load : -1;
}

void report_begin(const char *program, bool json)
{
	char model[128];

	cpu_model(model);
	as_json = json;
	sections = json_array();
	document = json_pack("{s:s, s:{s:s, s:i, s:f}, s:f, s:o}", "program", program, "machine", "cpu", model,
			     "cpus", (int)sysconf(_SC_NPROCESSORS_ONLN), "tsc_mhz", (double)rte_get_tsc_hz() / 1e6,
			     "load_before", load_average(), "sections", sections);
}

void report_section(const char *title, const char *note)
{
	figures = json_array();
	json_array_append_new(sections,
			      json_pack("{s:s, s:s, s:o}", "title", title, "note", note, "figures", figures));
	if (!as_json)
		fprintf(stderr, "%s …\n", title);
}

static void add(const char *name, const char *unit, double median, double low, double high)
{
	figure = json_pack("{s:s, s:s, s:f, s:f, s:f}", "name", name, "unit", unit, "median", median, "low", low,
			   "high", high);
	json_array_append_new(figures, figure);
}

void report_samples(const char *name, const char *unit, double sample[], unsigned count)
{
	double median = median_of(sample, count);

	add(name, unit, median, percentile(sample, count, 10), percentile(sample, count, 90));
}

void report_value(const char *name, const char *unit, double value)
{
	add(name, unit, value, value, value);
}

void report_goal(const char *goal, bool reached)
{
	json_object_set_new(figure, "goal", json_string(goal));
	json_object_set_new(figure, "reached", json_boolean(reached));
}

static double number(const json_t *of, const char *name)
{
	return json_real_value(json_object_get(of, name));
}

/* three_digits prints a figure with as many digits as it is worth. */
static void three_digits(char text[24], double value)
{
	double size = fabs(value);

	snprintf(text, 24, "%.*f",
		 size >= 99.95 || size == 0 ? 0
		 : size >= 9.995            ? 1
		 : size >= 0.0995           ? 2
					    : 4,
		 value);
}

static void print_figure(const json_t *row)
{
	const char *goal = json_string_value(json_object_get(row, "goal"));
	char median[24], low[24], high[24], spread[64] = "";

	three_digits(median, number(row, "median"));
	three_digits(low, number(row, "low"));
	three_digits(high, number(row, "high"));
	if (strcmp(low, high) != 0)
		snprintf(spread, sizeof(spread), "%s to %s", low, high);
	printf("  %-60s %9s %-14s %-20s", json_string_value(json_object_get(row, "name")), median,
	       json_string_value(json_object_get(row, "unit")), spread);
	if (goal)
		printf(" %s: %s", goal, json_is_true(json_object_get(row, "reached")) ? "reached" : "NOT REACHED");
	putchar('\n');
}

static void print_tables(void)
{
	const json_t *machine = json_object_get(document, "machine"), *section, *row;
	size_t s, r;

	printf("%s on %s, %d CPUs, TSC %.0f MHz; load average %.1f before, %.1f after\n",
	       json_string_value(json_object_get(document, "program")),
	       json_string_value(json_object_get(machine, "cpu")),
	       (int)json_integer_value(json_object_get(machine, "cpus")), number(machine, "tsc_mhz"),
	       number(document, "load_before"), number(document, "load_after"));
	printf(
	    "Medians; behind them the 10th to the 90th percentile of the rounds; then the goal, if there is one.\n");
	json_array_foreach(sections, s, section)
	{
		printf("\n%s\n", json_string_value(json_object_get(section, "title")));
		if (*json_string_value(json_object_get(section, "note")))
			printf("  (%s)\n", json_string_value(json_object_get(section, "note")));
		json_array_foreach(json_object_get(section, "figures"), r, row) print_figure(row);
	}
}

int report_end(void)
{
	json_object_set_new(document, "load_after", json_real(load_average()));
	if (as_json) {
		json_dumpf(document, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
		putchar('\n');
	} else {
		print_tables();
	}
	json_decref(document);
	return fflush(stdout) ? 1 : 0;
}

static double run_once(const struct contender *contender, unsigned packets)
{
	uint64_t start = rte_rdtsc_precise();

	contender->run(contender->context);
	return (double)(rte_rdtsc_precise() - start) / packets;
}

void bench_compete(const struct contender contender[], unsigned count, unsigned rounds, unsigned packets)
{
	static double cycles[CONTENDERS_MAX][ROUNDS_MAX], sample[ROUNDS_MAX], ratio[ROUNDS_MAX];

	for (unsigned c = 0; c < count; c++)
		run_once(&contender[c], packets); /* warm caches */
	for (unsigned r = 0; r < rounds; r++)
		for (unsigned i = 0; i < count; i++) {
			unsigned c = (i + r) % count;

			cycles[c][r] = run_once(&contender[c], packets);
		}
	for (unsigned c = 0; c < count; c++) {
		for (unsigned r = 0; r < rounds; r++) {
			sample[r] = cycles[c][r];
			ratio[r] = cycles[c][r] / cycles[0][r];
		}
		report_samples(contender[c].name, "cycles/packet", sample, rounds);
		if (c)
			report_samples("  against the first", "times", ratio, rounds);
	}
}
