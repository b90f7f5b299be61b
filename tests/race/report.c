/* SPDX-License-Identifier: BSD-2-Clause */
#include "report.h"

#include <inttypes.h>
#include <rte_mempool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/test_gates.h"

static uint64_t difference(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static void add_tallies(struct report *report, const struct race *race)
{
	for (unsigned i = 0; i < race->options.processors; i++) {
		const struct tally *tally = &race->consumer[i].tally;

		report->tally.packets += tally->packets;
		report->tally.reordered += tally->reordered;
		report->tally.duplicated += tally->duplicated;
		report->tally.wrong += tally->wrong;
		report->tally.unchecked += tally->unchecked;
		if (tally->wrong)
			memcpy(report->tally.first_wrong, tally->first_wrong, sizeof(tally->first_wrong));
	}
}

/* balance_flows: per flow, what was sent was indicated once or dropped. */
static void balance_flows(struct report *report, const struct race *race)
{
	for (unsigned i = 0; i < race->options.flows; i++) {
		const struct flow *flow = &race->flow[i];
		uint64_t dropped = atomic_load_explicit(&flow->dropped, memory_order_relaxed);
		uint64_t arrived = flow->indicated + dropped;

		report->sent += flow->sent;
		report->dropped += dropped;
		if (flow->sent > arrived)
			report->lost += flow->sent - arrived;
		else
			report->unbalanced += arrived - flow->sent;
	}
}

/* balance_vport: the adapter's counters of a VPort at a processor, against what its consumer saw. */
static void balance_vport(struct report *report, const struct race *race, unsigned vport, unsigned processor)
{
	const struct consumer *consumer = &race->consumer[processor];
	struct vmmq_vport_counters counters = { 0 };
	uint64_t by_type = 0, by_entry = 0;

	vmmq_vport_counters_read(race->adapter, (struct vmmq_vport_id){ (uint16_t)vport },
				 &race->processor[processor], &counters);
	for (unsigned i = 0; i < VMMQ_HASH_TYPE_COUNT; i++)
		by_type += counters.hashed[i];
	for (unsigned i = 0; i < VMMQ_TABLE_ENTRIES_MAX; i++)
		by_entry += counters.entry[i];
	report->unbalanced += difference(counters.packets, consumer->packets[vport]);
	report->unbalanced += difference(counters.bytes, consumer->bytes[vport]);
	for (unsigned i = 0; i < VMMQ_VIA_COUNT; i++)
		report->unbalanced += difference(counters.via[i], consumer->via[vport][i]);
	report->unbalanced += difference(by_type, counters.via[VMMQ_VIA_TABLE]);
	report->unbalanced += difference(by_entry, counters.via[VMMQ_VIA_TABLE]);
}

/* balance_adapter: received = indicated + drops, over all and as each side counts. */
static void balance_adapter(struct report *report, const struct race *race)
{
	uint64_t received = vmmq_received_read(race->adapter), indicated = 0, drops = 0;

	for (unsigned vport = 0; vport <= race->options.vports; vport++) {
		struct vmmq_vport_counters counters = { 0 };
		uint64_t reasons[VMMQ_DROP_COUNT] = { 0 };

		vmmq_vport_counters_read(race->adapter, (struct vmmq_vport_id){ (uint16_t)vport }, NULL, &counters);
		vmmq_vport_drops_read(race->adapter, (struct vmmq_vport_id){ (uint16_t)vport }, reasons);
		indicated += counters.packets;
		for (unsigned i = 0; i < VMMQ_DROP_COUNT; i++)
			drops += reasons[i];
		for (unsigned i = 0; i < race->options.processors; i++)
			balance_vport(report, race, vport, i);
	}
	report->unbalanced += difference(received, report->sent);
	report->unbalanced += difference(received, indicated + drops);
	report->unbalanced += difference(drops, report->dropped);
}

static void balance_processors(struct report *report, const struct race *race)
{
	for (unsigned i = 0; i < race->options.processors; i++) {
		struct vmmq_processor_counters counters;

		vmmq_processor_counters_read(race->adapter, race->processor[i], &counters);
		report->unbalanced += difference(counters.packets, race->consumer[i].tally.packets);
		report->gates += counters.gates;
		report->held += counters.held;
	}
}

void report_fill(struct report *report, struct race *race)
{
	*report = (struct report){ 0 };
	add_tallies(report, race);
	balance_flows(report, race);
	balance_adapter(report, race);
	balance_processors(report, race);
	report->strangers_delayed = strangers_delayed();
}

void report_buffers(struct report *report, const struct race *race)
{
	for (unsigned i = 0; i < race->options.sources; i++)
		report->unbalanced +=
		    difference(rte_mempool_avail_count(race->sender[i].pool), race->sender[i].pool->size);
}

bool report_passed(const struct report *report, const struct control *control)
{
	return !report->lost && !report->tally.reordered && !report->tally.duplicated && !report->unbalanced &&
	       !report->tally.wrong && !control->failed && !report->strangers_delayed;
}

static int ascending(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

static uint32_t quantile(const struct control *control, double share)
{
	return control->effective_count
		   ? control->effective_us[(size_t)(share * (double)(control->effective_count - 1))]
		   : 0;
}

static void print_changes(const struct control *control)
{
	static const char *const name[CHANGE_COUNT] = {
#define X(name, text, weight) text,
		CHANGES(X)
#undef X
	};
	uint64_t total = 0;

	printf("\"changes\":{");
	for (unsigned i = 0; i < CHANGE_COUNT; i++) {
		printf("%s\"%s\":%" PRIu64, i ? "," : "", name[i], control->changes[i]);
		total += control->changes[i];
	}
	printf("},\"changes_total\":%" PRIu64 ",\"refused\":%" PRIu64 ",\"groups\":%" PRIu64 ",\"applies\":%" PRIu64
	       ",\"pending\":%" PRIu64 ",\"balanced\":%" PRIu64 ",",
	       total, control->refused, control->groups, control->applies, control->pending, control->balanced);
}

void report_print(const struct report *report, struct control *control, double seconds)
{
	static const char *const moderations[] = { "poll", "interrupt", "adaptive" };
	const struct options *options = &control->race->options;

	if (control->effective_count)
		qsort(control->effective_us, control->effective_count, sizeof(*control->effective_us), ascending);
	printf("{\"seconds\":%.3f,\"seed\":%" PRIu64
	       ",\"gates_on\":%s,\"processors\":%u,\"sources\":%u,\"drop_sources\":%u,"
	       "\"flows\":%u,\"vports\":%u,\"inbox\":%u,\"moderation\":\"%s\",\"packets\":%" PRIu64
	       ",\"dropped\":%" PRIu64 ",",
	       seconds, options->seed, options->gates == TEST_GATES_ON ? "true" : "false", options->processors,
	       options->sources, options->drop_sources, options->flows, options->vports, options->inbox,
	       moderations[options->moderation], report->sent, report->dropped);
	print_changes(control);
	printf("\"gates\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"reordered\":%" PRIu64 ",\"duplicated\":%" PRIu64
	       ",\"unbalanced\":%" PRIu64 ",\"wrong\":%" PRIu64 ",\"unchecked\":%" PRIu64 ",\"failed\":%" PRIu64 ",",
	       report->gates, report->lost, report->tally.reordered, report->tally.duplicated, report->unbalanced,
	       report->tally.wrong, report->tally.unchecked, control->failed);
	printf("\"held\":%" PRIu64 ",\"strangers_delayed\":%" PRIu64 ",", report->held, report->strangers_delayed);
	printf("\"effective_us\":{\"p50\":%u,\"p99\":%u,\"max\":%u}}\n", quantile(control, 0.5),
	       quantile(control, 0.99), quantile(control, 1));
}
