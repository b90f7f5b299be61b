/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq check: is a configuration file right? */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "vmmq/commands.h"
#include "vmmq/input/configuration.h"

static size_t filter_count(const struct vmmq_config *config)
{
	size_t count = 0;

	for (size_t i = 0; i < config->vport_count; i++)
		count += config->vports[i].filter_count;
	return count;
}

static const char *plural_ending(size_t count)
{
	return count == 1 ? "" : "s";
}

/* A file that is correct may still be one for a vmmqd with certain options only. */
static void check_note(json_t *notes, const char *place, const struct port_spec *spec)
{
	struct port_spec resolved = *spec;
	char error[512];

	if (spec->kind == PORT_DEVICE) {
		json_array_append_new(
		    notes, json_sprintf("%s.device: only a vmmqd started with --allow-devargs takes it", place));
		return;
	}
	port_spec_resolve(&resolved, PORT_SOCKET_DIRECTORY);
	if (port_kind_place(spec->kind) == PORT_AT_SOCKET &&
	    !port_socket_below(&resolved, PORT_SOCKET_DIRECTORY, error, sizeof(error)))
		json_array_append_new(notes, json_sprintf("%s.%s: %s", place, port_kind_text(spec->kind), error));
}

/* check_notes returns a list of sentences, or NULL when memory is short. */
static json_t *check_notes(const struct vmmq_config *config)
{
	json_t *notes = json_array();
	char place[48];

	check_note(notes, "adapter.uplink", &config->uplink);
	for (size_t i = 0; i < config->vport_count; i++) {
		snprintf(place, sizeof(place), "VPort %u's backend", (unsigned)config->vports[i].id.v);
		check_note(notes, place, &config->vports[i].backend);
	}
	return notes;
}

static void show_correct(const char *file, const struct vmmq_config *config)
{
	size_t filters = filter_count(config), i;
	json_t *notes = check_notes(config), *note;

	printf("%s: correct: %zu VPort%s, %zu filter%s, %zu processor%s\n",
	       strcmp(file, "-") ? file : "standard input", config->vport_count, plural_ending(config->vport_count),
	       filters, plural_ending(filters), config->processor_count, plural_ending(config->processor_count));
	json_array_foreach(notes, i, note) printf("note: %s\n", json_string_value(note));
	json_decref(notes);
}

static json_t *json_correct(const char *file, const struct vmmq_config *config)
{
	return json_pack("{s:s, s:b, s:I, s:I, s:I, s:o}", "file", file, "correct", 1, "vports",
			 (json_int_t)config->vport_count, "filters", (json_int_t)filter_count(config), "processors",
			 (json_int_t)config->processor_count, "notes", check_notes(config));
}

static json_t *json_wrong(const char *file, const struct config_error *error)
{
	json_t *line = error->line ? json_integer(error->line) : json_null();
	json_t *column = error->line ? json_integer(error->column) : json_null();

	return json_pack("{s:s, s:b, s:o, s:o, s:s, s:s}", "file", file, "correct", 0, "line", line, "column", column,
			 "path", error->path, "text", error->text);
}

/* check_show_json prints object and lets go of it; a file name that is not UTF-8 cannot be an object. */
static int check_show_json(const struct command_line *line, json_t *object, int status)
{
	if (!object)
		return command_fail(line, "the file's name cannot be written as JSON, or memory is short");
	json_dumpf(object, stdout, 0);
	putchar('\n');
	json_decref(object);
	return status;
}

static int cmd_check_run(const struct command_line *line)
{
	const char *file = command_operand(line, 0);
	bool json = command_flag(line, "json");
	char text[CONFIGURATION_REFUSAL_MAX];
	struct vmmq_nic_switch *sw;
	struct vmmq_config config;
	struct config_error error;
	int status = COMMAND_DONE;

	if (!configuration_read(file, &config, &sw, &error)) {
		if (json)
			return check_show_json(line, json_wrong(file, &error), COMMAND_REFUSED);
		configuration_refusal(file, &error, text);
		fprintf(stderr, "%s\n", text);
		return COMMAND_REFUSED;
	}
	if (json)
		status = check_show_json(line, json_correct(file, &config), COMMAND_DONE);
	else
		show_correct(file, &config);
	vmmq_nic_switch_destroy(sw);
	vmmq_config_fini(&config);
	return status;
}

static const struct command_option options[] = {
	{ 0, "json", NULL, false, "print one JSON object, also for a file that is wrong" },
};

const struct command cmd_check = {
	.name = "check",
	.summary = "check a configuration file",
	.operands = "FILE",
	.operand_min = 1,
	.operand_max = 1,
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.description =
	    "Reads a configuration (YAML; - is standard input) and checks it completely. Prints what it "
	    "describes, or the "
	    "first thing that is wrong with line, column, path of the field and what is allowed, and then "
	    "exits with status 1. Notes say what in it only a vmmqd with certain options takes. What depends on the "
	    "machine (interfaces, directories, users) is seen when vmmqd opens the port.",
	.examples = "vmmq check four-vms.yaml\n\n"
		    "vmmq check --json four-vms.yaml",
	.run = cmd_check_run,
};
