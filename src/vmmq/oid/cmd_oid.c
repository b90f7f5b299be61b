/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq oid: binary NDIS requests to the switch of a configuration, and their answers in words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/build_switch.h"
#include "vmmq/client/daemon_ask.h"
#include "vmmq/commands.h"
#include "vmmq/input/configuration.h"
#include "vmmq/oid/cmd_oid.h"

const char *const oid_method_names[] = { "query", "set", "method" };

/* oid_make_adapter makes the switch once more, without the limit on VPort ids that a configuration means. */
static int oid_make_adapter(const struct command_line *line, const struct vmmq_config *config,
			    struct vmmq_oid_adapter *adapter)
{
	struct vmmq_nic_switch_params params = switch_params_from_config(config);
	struct vmmq_nic_switch *sw;
	struct vmmq_why why;
	uint64_t actor;

	params.max_vports = 0;
	if (!command_number(line, "processor", 0, UINT16_MAX, config->processors[0].v, &actor))
		return COMMAND_USAGE;
	if (vmmq_nic_switch_create(&params, &sw, &why) != VMMQ_SUCCESS)
		return command_fail(line, "%s: %s", why.path, why.text);
	if (switch_fill_from_config(sw, config, &why) != VMMQ_SUCCESS) {
		vmmq_nic_switch_destroy(sw);
		return command_fail(line, "%s: %s", why.path, why.text);
	}
	vmmq_oid_adapter_init(adapter, sw, &params);
	adapter->actor.v = (uint16_t)actor;
	return COMMAND_DONE;
}

static json_t *request_text(const char *path, const struct oid_request *request)
{
	const char *name = vmmq_oid_name(request->oid);
	json_t *object = json_object();

	json_object_set_new(object, "file", json_string(path));
	json_object_set_new(object, "oid", json_sprintf("0x%08x", request->oid));
	json_object_set_new(object, "name", name ? json_string(name) : json_null());
	json_object_set_new(object, "method",
			    request->method < 3 ? json_string(oid_method_names[request->method])
						: json_integer(request->method));
	json_object_set_new(object, "vport",
			    request->flags & VMMQ_NDIS_VPORT_ID_VALID ? json_integer(request->vport) : json_null());
	json_object_set_new(object, "length", json_integer((json_int_t)request->length));
	json_object_set_new(object, "request", oid_describe(request->oid, request->buffer, request->length));
	return object;
}

static void answer_text(json_t *object, const struct oid_request *request, vmmq_status status, size_t bytes,
			const struct vmmq_why *why)
{
	json_object_set_new(object, "status", json_string(vmmq_status_name(status)));
	json_object_set_new(object, "code", json_sprintf("0x%08x", status));
	if (status == VMMQ_INVALID_LENGTH)
		json_object_set_new(object, "needed", json_integer((json_int_t)bytes));
	if (why->text[0])
		json_object_set_new(object, "why",
				    why->path[0] ? json_pack("{s:s, s:s}", "path", why->path, "text", why->text)
						 : json_pack("{s:s}", "text", why->text));
	if ((status == VMMQ_SUCCESS || status == VMMQ_PENDING) && bytes)
		json_object_set_new(object, "answer", oid_describe(request->oid, request->buffer, request->length));
}

static void scalar_show(const json_t *value)
{
	if (json_is_string(value))
		fputs(json_string_length(value) ? json_string_value(value) : "\"\"", stdout);
	else if (json_is_integer(value))
		printf("%lld", (long long)json_integer_value(value));
	else
		fputs("-", stdout);
}

static void object_show(json_t *object, int indent);

static void array_show(const char *key, json_t *array, int indent)
{
	json_t *value;
	size_t i;

	if (json_is_object(json_array_get(array, 0))) {
		json_array_foreach(array, i, value)
		{
			printf("%*s%s[%zu]\n", indent, "", key, i);
			object_show(value, indent + 2);
		}
		return;
	}
	printf("%*s%-*s%s", indent, "", 28 - indent, key, json_array_size(array) ? "" : " -");
	json_array_foreach(array, i, value)
	{
		putchar(' ');
		scalar_show(value);
	}
	putchar('\n');
}

static void object_show(json_t *object, int indent)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		if (json_is_array(value)) {
			array_show(key, value, indent);
		} else if (json_is_object(value)) {
			printf("%*s%s\n", indent, "", key);
			object_show(value, indent + 2);
		} else {
			printf("%*s%-*s ", indent, "", 28 - indent, key);
			scalar_show(value);
			putchar('\n');
		}
	}
}

static void oid_show(const struct command_line *line, json_t *object)
{
	if (command_flag(line, "json")) {
		json_dumpf(object, stdout, 0);
		putchar('\n');
	} else {
		object_show(object, 0);
	}
	json_decref(object);
}

/* Where requests go: to a running vmmqd, or (client NULL) to an adapter of our own. */
struct target {
	struct client *client;
	int32_t processor; /* the actor there; -1: its choice */
	struct vmmq_oid_adapter adapter;
};

static int oid_ask(const struct command_line *line, struct target *target, struct oid_request *request,
		   vmmq_status *status, size_t *bytes, struct vmmq_why *why)
{
	if (target->client)
		return oid_remote(line, target->client, target->processor, request, status, bytes, why);
	*status = vmmq_oid_request(&target->adapter, request->oid, (enum vmmq_oid_method)request->method,
				   request->flags, request->vport, request->buffer, request->length, bytes, why);
	return COMMAND_DONE;
}

static int run_file(const struct command_line *line, const char *path, struct target *target)
{
	struct vmmq_why why = { "", "" };
	struct oid_request request;
	int done = oid_file_read(line, path, &request);
	vmmq_status status = VMMQ_FAILURE;
	size_t bytes = 0;
	json_t *object;

	if (done != COMMAND_DONE)
		return done;
	object = request_text(path, &request);
	done = oid_ask(line, target, &request, &status, &bytes, &why);
	if (done == COMMAND_DONE) {
		answer_text(object, &request, status, bytes, &why);
		oid_show(line, object);
	} else {
		json_decref(object);
	}
	free(request.buffer);
	return done == COMMAND_DONE && status != VMMQ_SUCCESS && status != VMMQ_PENDING ? COMMAND_REFUSED : done;
}

static int run_files(const struct command_line *line, struct target *target)
{
	int status = COMMAND_DONE;

	for (unsigned i = 0; i < command_operand_count(line); i++) {
		int one;

		if (i && !command_flag(line, "json"))
			putchar('\n');
		one = run_file(line, command_operand(line, i), target);
		status = one != COMMAND_DONE ? one : status;
	}
	return status;
}

static int run_local(const struct command_line *line)
{
	struct target target = { .client = NULL };
	struct vmmq_nic_switch *sw;
	struct vmmq_config config;
	int status;

	status = configuration_load(line, command_value(line, "config"), &config, &sw);
	if (status != COMMAND_DONE)
		return status;
	vmmq_nic_switch_destroy(sw);
	status = oid_make_adapter(line, &config, &target.adapter);
	if (status == COMMAND_DONE) {
		status = run_files(line, &target);
		vmmq_nic_switch_destroy(target.adapter.sw);
	}
	vmmq_config_fini(&config);
	return status;
}

static int run_remote(const struct command_line *line)
{
	struct target target = { .processor = -1 };
	uint64_t actor;
	int status;

	if (!command_number(line, "processor", 0, UINT16_MAX, 0, &actor))
		return COMMAND_USAGE;
	if (command_flag(line, "processor"))
		target.processor = (int32_t)actor;
	target.client = daemon_connect(line);
	if (!target.client)
		return COMMAND_REFUSED;
	status = run_files(line, &target);
	client_close(target.client);
	return status;
}

static int run_requests(const struct command_line *line)
{
	if (!command_flag(line, "config") && !command_flag(line, "connect"))
		return command_usage(line, "--config FILE is needed, or --connect PATH, or --build KIND");
	if (configuration_choice(line) != COMMAND_DONE)
		return COMMAND_USAGE;
	if (!command_operand_count(line))
		return command_usage(line, "expected: REQUEST...");
	return command_flag(line, "connect") ? run_remote(line) : run_local(line);
}

static int cmd_oid_run(const struct command_line *line)
{
	const char *kind = command_value(line, "build");

	return kind ? oid_build(line, kind) : run_requests(line);
}

static const struct command_option options[] = {
	{ 'c', "config", "FILE", false, "configuration that the switch is made from (YAML); - is standard input" },
	{ 0, "connect", "PATH", false, "instead of --config: the vmmqd with that control socket" },
	{ 'p', "processor", "N", false,
	  "the processor that requests run on, whose entries rss-move moves (default: the adapter's first)" },
	{ 'b', "build", "KIND", false,
	  "build a request file instead: switch-, vport- or filter-create, -set, …; the whole list is below" },
	{ 'o', "output", "FILE", false, "with --build: the file to write; - is standard output" },
	{ 0, "json", NULL, false, "print one JSON object per request" },
};

const struct command cmd_oid = {
	.name = "oid",
	.summary = "send binary NDIS requests, and show the answers",
	.operands = "REQUEST...|KEY=VALUE...",
	.operand_min = 0,
	.operand_max = 1000,
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.description =
	    "Makes the switch that a configuration describes, or takes that of a running vmmqd (--connect), and "
	    "carries "
	    "out the requests of the files on it, one after the other: exactly as a driver's binary requests are. "
	    "Prints what each request says, the status, and what the answer says. Exits with status 1 if one was "
	    "refused.\n\n"
	    "With --build writes such a file. The KEYs are members of the request's structure (vport_id, "
	    "queue_pairs, …), "
	    "and: vport (the VPort of an RSS request), room (bytes of buffer), revision; table and key of RSS "
	    "requests; mac "
	    "and vlan of a filter; and VPORT:ENTRY=PROCESSOR for rss-move. Flags follow from the members that are "
	    "given, "
	    "unless flags= is. KIND is one of switch-create, switch-set, switch-query, switch-delete, switch-enum, "
	    "switch-capabilities, vport-create, vport-set, vport-query, vport-enum, vport-delete, filter-set, "
	    "filter-clear, "
	    "filter-move, filter-enum, filter-query, filter-capabilities, filter-global, rss-set, rss-query, rss-v2, "
	    "rss-v2-query, rss-move, rss-capabilities, hash-set, hash-query.\n\n"
	    "File format and OIDs: docs/oid.md.",
	.examples = "vmmq oid --build vport-create vport_id=9 name=db queue_pairs=4 affinity=0x1 -o create.oid\n\n"
		    "vmmq oid --build rss-move 1:0=2 1:default=2 -o move.oid\n\n"
		    "vmmq oid -c four-vms.yaml create.oid move.oid",
	.run = cmd_oid_run,
};
