/* SPDX-License-Identifier: BSD-2-Clause */
/* What a run came to: a tree of VPorts and processors with bars, or the same figures as one JSON object. */
#include "vmmq/replay/replay_report.h"

#include <stdio.h>
#include <string.h>

#include "base/terminal.h"
#include "vmmq/figures.h"

#define BAR_WIDTH 28

/* A VPort's figures, summed over processors. */
struct vport_report {
	const struct config_vport *vport;
	struct vmmq_vport_counters sum;
	uint64_t drops[VMMQ_DROP_COUNT];
	double unevenness; /* largest processor's hashed packets over a fair share of them; 0: nothing was hashed */
};

static unsigned distinct_in_table(const struct vmmq_rss_params *rss)
{
	struct vmmq_processor distinct[VMMQ_TABLE_ENTRIES_MAX];
	struct vmmq_processor_set set = { distinct, 0 };

	for (unsigned i = 0; i < rss->entry_count; i++)
		if (!vmmq_processor_set_has(&set, rss->table[i]))
			distinct[set.count++] = rss->table[i];
	return (unsigned)set.count;
}

static struct vport_report vport_report_collect(const struct vmmq_config *config, const struct vmmq_adapter *adapter,
						const struct config_vport *vport)
{
	struct vport_report report = { .vport = vport };
	uint64_t largest = 0;

	for (size_t i = 0; i < config->processor_count; i++) {
		struct vmmq_vport_counters at = { 0 };

		vmmq_vport_counters_read(adapter, vport->id, &config->processors[i], &at);
		if (at.via[VMMQ_VIA_TABLE] > largest)
			largest = at.via[VMMQ_VIA_TABLE];
	}
	vmmq_vport_counters_read(adapter, vport->id, NULL, &report.sum);
	vmmq_vport_drops_read(adapter, vport->id, report.drops);
	if (largest)
		report.unevenness =
		    (double)largest * distinct_in_table(&vport->rss) / (double)report.sum.via[VMMQ_VIA_TABLE];
	return report;
}

static uint64_t sum_drops(const uint64_t drops[VMMQ_DROP_COUNT])
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < VMMQ_DROP_COUNT; i++)
		sum += drops[i];
	return sum;
}

void replay_bar(double share, char text[REPLAY_BAR_MAX])
{
	const char *full = terminal_glyph(stdout, "█", "#"), *half = terminal_glyph(stdout, "▌", "");
	unsigned halves = (unsigned)(share * BAR_WIDTH * 2 + 0.5);
	size_t at = 0;

	*text = '\0';
	for (unsigned i = 0; i < halves / 2; i++)
		at += (size_t)snprintf(text + at, REPLAY_BAR_MAX - at, "%s", full);
	if (halves % 2)
		snprintf(text + at, REPLAY_BAR_MAX - at, "%s", half);
}

/* vport_report_notes lists what is not a processor's: hash types, packets without a hash, unevenness, drops. */
static void vport_report_notes(const struct vport_report *report, char *text, size_t len)
{
	static const char *const type[] = {
#define X(name, bit, json, bytes) json,
		VMMQ_HASH_TYPES(X)
#undef X
	};
	size_t at = 0;

	*text = '\0';
#define NOTE(...) at += (size_t)snprintf(text + at, at < len ? len - at : 0, __VA_ARGS__)
	for (unsigned i = 0; i < VMMQ_HASH_TYPE_COUNT; i++)
		if (report->sum.hashed[i])
			NOTE("%s%s %llu", at ? ", " : "", type[i], (unsigned long long)report->sum.hashed[i]);
	for (unsigned via = VMMQ_VIA_DEFAULT; via < VMMQ_VIA_COUNT; via++)
		if (report->sum.via[via])
			NOTE("%s%s %llu", at ? ", " : "", vmmq_via_name((enum vmmq_via)via),
			     (unsigned long long)report->sum.via[via]);
	for (unsigned i = 0; i < VMMQ_DROP_COUNT; i++)
		if (report->drops[i])
			NOTE("%s%s %llu dropped", at ? ", " : "", vmmq_drop_name((enum vmmq_drop)i),
			     (unsigned long long)report->drops[i]);
#undef NOTE
}

enum { COLUMN_WHO, COLUMN_PACKETS, COLUMN_SHARE, COLUMN_SPREAD };

struct libscols_line *replay_table_add(struct libscols_table *table, struct libscols_line *parent, const char *who,
				       uint64_t packets, double share, const char *spread)
{
	struct libscols_line *line = scols_table_new_line(table, parent);
	char number[FIGURE_SIZE], percent[FIGURE_SIZE];

	if (!line)
		return NULL;
	scols_line_set_data(line, COLUMN_WHO, who);
	scols_line_set_data(line, COLUMN_PACKETS, figure_exact(packets, number));
	scols_line_set_data(line, COLUMN_SHARE, figure_percent(share, percent));
	scols_line_set_data(line, COLUMN_SPREAD, spread);
	return line;
}

static void add_processors(struct libscols_table *table, struct libscols_line *parent,
			   const struct vmmq_config *config, const struct vmmq_adapter *adapter,
			   const struct vport_report *report)
{
	for (size_t i = 0; i < config->processor_count; i++) {
		struct vmmq_vport_counters at = { 0 };
		char who[48], spread[REPLAY_BAR_MAX];
		double share;

		vmmq_vport_counters_read(adapter, report->vport->id, &config->processors[i], &at);
		if (!at.packets)
			continue;
		share = (double)at.packets / (double)report->sum.packets;
		snprintf(who, sizeof(who), "processor %u", (unsigned)config->processors[i].v);
		replay_bar(share, spread);
		replay_table_add(table, parent, who, at.packets, share, spread);
	}
}

static void report_add_vport(struct libscols_table *table, const struct vmmq_config *config,
			     const struct vmmq_adapter *adapter, const struct vport_report *report, uint64_t total)
{
	double share = total ? (double)report->sum.packets / (double)total : 0;
	struct libscols_line *line;
	char who[300], text[48] = "";

	if (report->unevenness > 0)
		snprintf(text, sizeof(text), "unevenness %.2f over %u", report->unevenness,
			 distinct_in_table(&report->vport->rss));
	else if (!report->vport->rss.enabled)
		snprintf(text, sizeof(text), "RSS off");
	snprintf(who, sizeof(who), "VPort %u %s", (unsigned)report->vport->id.v, report->vport->name);
	line = replay_table_add(table, NULL, who, report->sum.packets, share, text);
	if (line)
		add_processors(table, line, config, adapter, report);
}

struct libscols_table *replay_table_make(const char *who, const char *count)
{
	struct libscols_table *table = scols_new_table();

	if (!table)
		return NULL;
	scols_table_new_column(table, who, 0, SCOLS_FL_TREE);
	scols_table_new_column(table, count, 0, SCOLS_FL_RIGHT);
	scols_table_new_column(table, "SHARE", 0, SCOLS_FL_RIGHT);
	scols_table_new_column(table, "SPREAD", 0, 0);
	if (!terminal_is_unicode(stdout))
		scols_table_enable_ascii(table, 1);
	scols_table_set_stream(table, stdout);
	return table;
}

static void report_print_head(const struct replay_options *options, const struct vmmq_adapter *adapter,
			      const struct replay_result *result)
{
	double seconds = (double)result->duration_ns / 1e9;
	char packets[FIGURE_SIZE], bytes[FIGURE_SIZE], received[FIGURE_SIZE];

	if (!options->capture_path) {
		printf("Received by VPorts of what VPort %u sent: %s packets\n\n",
		       (unsigned)options->transmit_vport.v, figure_exact(result->sent.copies, received));
		return;
	}
	printf("%s%s%s: %s packets, %s bytes%s\n", terminal_style(stdout, STYLE_BOLD), options->capture_path,
	       terminal_style(stdout, STYLE_NONE), figure_exact(result->capture.packets, packets),
	       figure_exact(result->capture.bytes, bytes),
	       result->complete ? "" : "  -- INCOMPLETE, see the message below");
	replay_report_skipped(&result->capture);
	printf("%s received on %u thread%s in %.3f s: %.2f million packets a second\n\n",
	       figure_exact(vmmq_received_read(adapter) - result->sent.copies, received), result->threads,
	       result->threads == 1 ? "" : "s", seconds,
	       seconds > 0 ? (double)result->capture.packets / seconds / 1e6 : 0);
}

static void print_notes(const struct vmmq_config *config, const struct vmmq_adapter *adapter)
{
	putchar('\n');
	for (size_t i = 0; i < config->vport_count; i++) {
		struct vport_report report = vport_report_collect(config, adapter, &config->vports[i]);
		char text[512], head[48];
		int column;

		vport_report_notes(&report, text, sizeof(text));
		if (!*text)
			continue;
		column = snprintf(head, sizeof(head), "VPort %-5u ", (unsigned)config->vports[i].id.v);
		fputs(head, stdout);
		terminal_wrap(stdout, (unsigned)column, (unsigned)column, text);
	}
}

static void report_print_table(const struct replay_options *options, const struct vmmq_config *config,
			       const struct vmmq_adapter *adapter, const struct replay_result *result)
{
	struct libscols_table *table = replay_table_make("VPORT AND PROCESSOR", "PACKETS");
	uint64_t indicated = 0, drops = 0;
	char number[FIGURE_SIZE];

	report_print_head(options, adapter, result);
	for (size_t i = 0; i < config->vport_count; i++) {
		struct vport_report report = vport_report_collect(config, adapter, &config->vports[i]);

		if (table)
			report_add_vport(table, config, adapter, &report, vmmq_received_read(adapter));
		indicated += report.sum.packets;
		drops += sum_drops(report.drops);
	}
	if (table)
		scols_print_table(table);
	scols_unref_table(table);
	print_notes(config, adapter);
	printf("\nreceived %s", figure_exact(vmmq_received_read(adapter), number));
	printf(" = indicated %s", figure_exact(indicated, number));
	printf(" + dropped %s\n", figure_exact(drops, number));
}

static json_t *drops_json(const uint64_t drops[VMMQ_DROP_COUNT])
{
	json_t *object = json_object();

	for (unsigned i = 1; i < VMMQ_DROP_COUNT; i++)
		if (drops[i])
			json_object_set_new(object, vmmq_drop_name((enum vmmq_drop)i),
					    json_integer((json_int_t)drops[i]));
	return object;
}

static json_t *hashed_json(const struct vmmq_vport_counters *counters)
{
	json_t *object = json_object();
	unsigned at = 0;

#define X(name, bit, json, bytes)                                                                                    \
	if (counters->hashed[at++])                                                                                  \
		json_object_set_new(object, json, json_integer((json_int_t)counters->hashed[at - 1]));
	VMMQ_HASH_TYPES(X)
#undef X
	return object;
}

static json_t *counters_json(const struct vmmq_vport_counters *counters)
{
	json_t *object =
	    json_pack("{sI sI sI so}", "packets", (json_int_t)counters->packets, "bytes", (json_int_t)counters->bytes,
		      "indications", (json_int_t)counters->indications, "hash_types", hashed_json(counters));

	for (unsigned via = 0; via < VMMQ_VIA_COUNT; via++)
		json_object_set_new(object, vmmq_via_name((enum vmmq_via)via),
				    json_integer((json_int_t)counters->via[via]));
	return object;
}

static json_t *vport_json(const struct vmmq_config *config, const struct vmmq_adapter *adapter,
			  const struct vport_report *report)
{
	json_t *object = counters_json(&report->sum), *processors = json_array(), *entries = json_array();

	json_object_set_new(object, "vport", json_integer(report->vport->id.v));
	json_object_set_new(object, "name", json_string(report->vport->name));
	json_object_set_new(object, "rss", json_boolean(report->vport->rss.enabled));
	json_object_set_new(object, "drops", drops_json(report->drops));
	json_object_set_new(object, "unevenness",
			    report->unevenness > 0 ? json_real(report->unevenness) : json_null());
	for (size_t i = 0; i < config->processor_count; i++) {
		struct vmmq_vport_counters at = { 0 };
		json_t *processor;

		vmmq_vport_counters_read(adapter, report->vport->id, &config->processors[i], &at);
		if (!at.packets)
			continue;
		processor = counters_json(&at);
		json_object_set_new(processor, "processor", json_integer(config->processors[i].v));
		json_object_set_new(processor, "share", json_real((double)at.packets / (double)report->sum.packets));
		json_array_append_new(processors, processor);
	}
	json_object_set_new(object, "processors", processors);
	for (unsigned i = 0; report->vport->rss.enabled && i < report->vport->rss.entry_count; i++)
		json_array_append_new(entries, json_integer((json_int_t)report->sum.entry[i]));
	json_object_set_new(object, "entries", entries);
	return object;
}

static void print_json(const struct replay_options *options, const struct vmmq_config *config,
		       const struct vmmq_adapter *adapter, const struct replay_result *result)
{
	double seconds = (double)result->duration_ns / 1e9;
	json_t *root = json_object(), *vports = json_array();
	uint64_t indicated = 0, drops[VMMQ_DROP_COUNT] = { 0 };

	for (size_t i = 0; i < config->vport_count; i++) {
		struct vport_report report = vport_report_collect(config, adapter, &config->vports[i]);

		indicated += report.sum.packets;
		for (unsigned d = 0; d < VMMQ_DROP_COUNT; d++)
			drops[d] += report.drops[d];
		json_array_append_new(vports, vport_json(config, adapter, &report));
	}
	json_object_set_new(root, "capture",
			    options->capture_path ? json_string(options->capture_path) : json_null());
	json_object_set_new(root, "complete", json_boolean(result->complete));
	json_object_set_new(root, "error", *result->error ? json_string(result->error) : json_null());
	replay_report_counts_json(root, &result->capture);
	json_object_set_new(root, "received", json_integer((json_int_t)vmmq_received_read(adapter)));
	json_object_set_new(root, "indicated", json_integer((json_int_t)indicated));
	json_object_set_new(root, "drops", drops_json(drops));
	json_object_set_new(root, "seconds", json_real(seconds));
	json_object_set_new(root, "packets_per_second",
			    json_real(seconds > 0 ? (double)result->capture.packets / seconds : 0));
	json_object_set_new(root, "threads", json_integer(result->threads));
	json_object_set_new(root, "implementation",
			    json_string(vmmq_toeplitz_impl_name(vmmq_toeplitz_resolve(options->toeplitz))));
	json_object_set_new(root, "vports", vports);
	if (options->transmit_path)
		json_object_set_new(root, "transmit", replay_report_transmit_json(options, config, adapter, result));
	json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
}

void replay_report(const struct replay_options *options, const struct vmmq_config *config,
		   const struct vmmq_adapter *adapter, const struct replay_result *result)
{
	bool received = options->capture_path || result->sent.copies;

	if (options->json) {
		print_json(options, config, adapter, result);
		return;
	}
	if (received)
		report_print_table(options, config, adapter, result);
	if (received && result->sent.vport)
		putchar('\n');
	replay_report_transmit(options, config, adapter, result);
}
