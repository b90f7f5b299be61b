/* SPDX-License-Identifier: BSD-2-Clause */
/* What came of the packets that a VPort sent. */
#include <stdio.h>

#include "base/terminal.h"
#include "vmmq/figures.h"
#include "vmmq/replay/replay_report.h"

static uint64_t completed_on(const struct vmmq_adapter *adapter, struct vmmq_processor processor)
{
	struct vmmq_processor_counters counters;

	vmmq_processor_counters_read(adapter, processor, &counters);
	return counters.completions;
}

static uint64_t sent_completed(const struct replay_sent *sent)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < REPLAY_STATUSES_MAX; i++)
		sum += sent->status[i].count;
	return sum;
}

static double sent_share_of(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

static void sent_print_head(const struct replay_options *options, const struct replay_result *result)
{
	const struct replay_sent *sent = &result->sent;
	char packets[FIGURE_SIZE], bytes[FIGURE_SIZE], hashed[FIGURE_SIZE];

	printf("%s%s%s: %s packets, %s bytes, sent by VPort %u%s%s%s\n", terminal_style(stdout, STYLE_BOLD),
	       options->transmit_path, terminal_style(stdout, STYLE_NONE),
	       figure_exact(sent->capture.packets, packets), figure_exact(sent->capture.bytes, bytes),
	       (unsigned)options->transmit_vport.v, sent->known ? " " : "", sent->known ? sent->vport->name : "",
	       result->complete ? "" : "  -- INCOMPLETE, see the message below");
	replay_report_skipped(&sent->capture);
	if (!sent->known)
		printf("The configuration has no VPort %u: VPort 0 is used.\n", (unsigned)options->transmit_vport.v);
	if (options->transmit_hash)
		printf("%s came with the hash of their connection's receive direction.\n",
		       figure_exact(sent->hashed, hashed));
	putchar('\n');
}

static void sent_print_table(const struct vmmq_config *config, const struct vmmq_adapter *adapter,
			     const struct replay_sent *sent)
{
	struct libscols_table *table = replay_table_make("COMPLETED ON", "SENDS");

	if (!table)
		return;
	for (size_t i = 0; i < config->processor_count; i++) {
		uint64_t count = completed_on(adapter, config->processors[i]);
		double share = sent_share_of(count, sent_completed(sent));
		char who[32], spread[REPLAY_BAR_MAX];

		if (!count)
			continue;
		snprintf(who, sizeof(who), "processor %u", (unsigned)config->processors[i].v);
		replay_bar(share, spread);
		replay_table_add(table, NULL, who, count, share, spread);
	}
	scols_print_table(table);
	scols_unref_table(table);
}

void replay_report_transmit(const struct replay_options *options, const struct vmmq_config *config,
			    const struct vmmq_adapter *adapter, const struct replay_result *result)
{
	const struct replay_sent *sent = &result->sent;
	const char *separator = "";
	char number[FIGURE_SIZE];

	if (!sent->vport)
		return; /* it did not come to sending */
	sent_print_head(options, result);
	sent_print_table(config, adapter, sent);
	printf("\nprocessor found via ");
	for (unsigned via = 0; via < VMMQ_VIA_COUNT; via++) {
		if (!sent->via[via])
			continue;
		printf("%s%s %s", separator, vmmq_via_name((enum vmmq_via)via), figure_exact(sent->via[via], number));
		separator = ", ";
	}
	printf("\nsent %s", figure_exact(sent->capture.packets, number));
	printf(" = to the uplink %s", figure_exact(sent->uplink, number));
	printf(" + to VPorts %s; completed", figure_exact(sent->copies, number));
	for (unsigned i = 0; i < REPLAY_STATUSES_MAX && sent->status[i].count; i++)
		printf("%s %s %s", i ? "," : "", vmmq_status_name(sent->status[i].status),
		       figure_exact(sent->status[i].count, number));
	putchar('\n');
}

static json_t *sent_integer(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *processors_json(const struct vmmq_config *config, const struct vmmq_adapter *adapter,
			       const struct replay_sent *sent)
{
	json_t *processors = json_array();

	for (size_t i = 0; i < config->processor_count; i++) {
		uint64_t count = completed_on(adapter, config->processors[i]);

		if (count)
			json_array_append_new(processors,
					      json_pack("{si sI sf}", "processor", (int)config->processors[i].v,
							"sends", (json_int_t)count, "share",
							sent_share_of(count, sent_completed(sent))));
	}
	return processors;
}

static json_t *statuses_json(const struct replay_sent *sent)
{
	json_t *statuses = json_object();

	for (unsigned i = 0; i < REPLAY_STATUSES_MAX && sent->status[i].count; i++)
		json_object_set_new(statuses, vmmq_status_name(sent->status[i].status),
				    sent_integer(sent->status[i].count));
	return statuses;
}

static json_t *entries_json(const struct replay_sent *sent)
{
	json_t *entries = json_array();

	for (unsigned i = 0; sent->vport->rss.enabled && i < sent->vport->rss.entry_count; i++)
		json_array_append_new(entries, sent_integer(sent->entry[i]));
	return entries;
}

json_t *replay_report_transmit_json(const struct replay_options *options, const struct vmmq_config *config,
				    const struct vmmq_adapter *adapter, const struct replay_result *result)
{
	const struct replay_sent *sent = &result->sent;
	json_t *object;

	if (!sent->vport)
		return json_null();
	object = json_pack("{ss si sb si ss}", "capture", options->transmit_path, "sender",
			   (int)options->transmit_vport.v, "sender_in_configuration", sent->known, "vport",
			   (int)sent->vport->id.v, "hash", options->transmit_hash ? "flow" : "none");
	replay_report_counts_json(object, &sent->capture);
	json_object_set_new(object, "hashed", sent_integer(sent->hashed));
	json_object_set_new(object, "completed", sent_integer(sent_completed(sent)));
	json_object_set_new(object, "uplink", sent_integer(sent->uplink));
	json_object_set_new(object, "to_vports", sent_integer(sent->copies));
	for (unsigned via = 0; via < VMMQ_VIA_COUNT; via++)
		json_object_set_new(object, vmmq_via_name((enum vmmq_via)via), sent_integer(sent->via[via]));
	json_object_set_new(object, "statuses", statuses_json(sent));
	json_object_set_new(object, "processors", processors_json(config, adapter, sent));
	json_object_set_new(object, "entries", entries_json(sent));
	json_object_set_new(object, "seconds", json_real((double)sent->duration_ns / 1e9));
	return object;
}
