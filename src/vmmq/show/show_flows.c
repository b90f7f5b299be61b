/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq show balance --flows: vmmqd looks at packets of the lane with most load for a moment, and says whose they are. */
#include <stdio.h>
#include <time.h>

#include "vmmq/change/parameters.h"
#include "vmmq/figures.h"
#include "vmmq/show/show.h"

#define LOOK_NS     100000000
#define FLOWS_SHOWN 10u

static void print_flow(struct libscols_table *table, const json_t *flow, uint64_t packets)
{
	char share[SHOW_TEXT_MAX], count[SHOW_TEXT_MAX], bytes[SHOW_TEXT_MAX];
	uint64_t its = show_number(flow, "packets");
	const char *texts[] = { figure_percent((double)its / (double)packets, share), figure_exact(its, count),
				figure_exact(show_number(flow, "bytes"), bytes), show_string(flow, "flow") };

	show_row(table, texts, SHOW_COUNT(texts));
}

static void print_flows(const json_t *record)
{
	static const char *const columns[] = { ">SHARE", ">PACKETS", ">BYTES", "FLOW" };
	const json_t *flows = json_object_get(record, "flows"), *flow;
	char lane[SHOW_TEXT_MAX], load[SHOW_TEXT_MAX], took[SHOW_TEXT_MAX];
	uint64_t packets = show_number(record, "packets");
	struct libscols_table *table;
	size_t i;

	show_head("Flows of %s of VPort %llu: %s of processor %llu", show_lane_text(record, lane),
		  (unsigned long long)show_number(record, "vport"),
		  figure_percent(json_number_value(json_object_get(record, "load")), load),
		  (unsigned long long)show_number(record, "processor"));
	figure_microseconds((uint64_t)(json_number_value(json_object_get(record, "seconds")) * 1e6), took);
	if (!packets) {
		show_line("looked at", "no packet of it came in %s", took);
		return;
	}
	show_line("looked at", "%llu packets, the first ones of %s; %zu flow%s", (unsigned long long)packets, took,
		  json_array_size(flows), json_array_size(flows) == 1 ? "" : "s");
	putchar('\n');
	table = show_table(columns, SHOW_COUNT(columns));
	json_array_foreach(flows, i, flow)
	{
		if (i < FLOWS_SHOWN)
			print_flow(table, flow, packets);
	}
	show_table_print(table);
	if (json_array_size(flows) > FLOWS_SHOWN)
		show_line("and", "%zu flows more; --json has them", json_array_size(flows) - FLOWS_SHOWN);
}

int show_flows(const struct command_line *line, const char *vport)
{
	const struct timespec look = { .tv_nsec = LOOK_NS };
	json_t *params = json_object(), *result;
	int status = vport ? parameter_vport(line, "vport", vport, params) : COMMAND_DONE;

	if (status != COMMAND_DONE) {
		json_decref(params);
		return status;
	}
	result = daemon_ask(line, "balance.sample", params);
	if (!result)
		return COMMAND_REFUSED;
	json_decref(result);
	nanosleep(&look, NULL);
	result = daemon_ask(line, "balance.flows", NULL);
	if (!result)
		return COMMAND_REFUSED;
	if (command_flag(line, "json"))
		daemon_json(result);
	else
		print_flows(result);
	json_decref(result);
	return COMMAND_DONE;
}
