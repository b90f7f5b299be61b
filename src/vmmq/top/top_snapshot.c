/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/top/top_snapshot.h"

#include <stdlib.h>
#include <string.h>

#define X(name, text) text,
const char *const top_adapter_names[] = { TOP_ADAPTER_COUNTS(X) };
const char *const top_port_names[] = { TOP_PORT_COUNTS(X) };
const char *const top_processor_names[] = { TOP_PROCESSOR_COUNTS(X) };
const char *const top_vport_names[] = { TOP_VPORT_COUNTS(X) };
#undef X

static const char *snapshot_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static uint64_t snapshot_number(const json_t *object, const char *name)
{
	json_int_t value = json_integer_value(json_object_get(object, name));

	return value > 0 ? (uint64_t)value : 0;
}

static unsigned snapshot_small(const json_t *object, const char *name)
{
	uint64_t value = snapshot_number(object, name);

	return value < UINT32_MAX ? (unsigned)value : UINT32_MAX;
}

static void snapshot_read_counts(const json_t *object, const char *const names[], size_t count,
				 struct top_count out[])
{
	for (size_t i = 0; i < count; i++)
		out[i].total = snapshot_number(object, names[i]);
}

static void snapshot_read_port(const json_t *object, struct top_port *port)
{
	port->port = snapshot_text(object, "port");
	port->state = snapshot_text(object, "state");
	port->reason = snapshot_text(object, "reason");
	port->driver = snapshot_text(object, "driver");
	port->interface = snapshot_text(object, "interface");
	port->queues = snapshot_small(object, "queues");
	port->queues_enabled = snapshot_small(object, "queues_enabled");
	snapshot_read_counts(object, top_port_names, TOP_PORT_COUNT, port->count);
}

static void snapshot_read_adapter(const json_t *object, struct top_adapter *adapter)
{
	const json_t *changes = json_object_get(object, "changes");

	adapter->name = snapshot_text(object, "name");
	adapter->version = snapshot_text(object, "version");
	adapter->moderation = snapshot_text(object, "moderation");
	adapter->uptime = json_number_value(json_object_get(object, "uptime"));
	adapter->pid = (int64_t)snapshot_number(object, "pid");
	adapter->mtu = snapshot_small(object, "mtu");
	adapter->filters = snapshot_small(object, "filters");
	adapter->changes = snapshot_number(changes, "requests");
	adapter->effective_last_us = snapshot_number(changes, "effective_last_us");
	adapter->effective_max_us = snapshot_number(changes, "effective_max_us");
	snapshot_read_counts(object, top_adapter_names, TOP_ADAPTER_COUNT, adapter->count);
	snapshot_read_port(json_object_get(object, "uplink"), &adapter->uplink);
}

static void snapshot_read_processor(const json_t *object, struct top_processor *processor)
{
	const json_t *cpu = json_object_get(object, "cpu");

	processor->number = snapshot_small(object, "processor");
	processor->cpu = json_is_integer(cpu) ? (int)json_integer_value(cpu) : -1;
	processor->in_rss_set = json_is_true(json_object_get(object, "in_rss_set"));
	processor->stalled = json_is_true(json_object_get(object, "stalled"));
	processor->busy = json_number_value(json_object_get(object, "busy"));
	processor->asleep = json_number_value(json_object_get(object, "asleep"));
	processor->inbox_high = snapshot_number(object, "inbox_high");
	snapshot_read_counts(object, top_processor_names, TOP_PROCESSOR_COUNT, processor->count);
}

static int by_share(const void *a, const void *b)
{
	const struct top_share *x = a, *y = b;

	return x->processor < y->processor ? -1 : x->processor > y->processor;
}

/* snapshot_read_shares joins the processors that had traffic with those that are steered to. */
static bool snapshot_read_shares(const json_t *object, struct top_vport *vport)
{
	const json_t *had = json_object_get(object, "processors"), *used = json_object_get(object, "processors_used");
	size_t n = 0, max = json_array_size(had) + json_array_size(used);
	struct top_share *share = calloc(max + 1, sizeof(*share));
	const json_t *value;
	size_t i;

	vport->share = share;
	if (!share)
		return false;
	json_array_foreach(had, i, value)
	{
		share[n].processor = snapshot_small(value, "processor");
		share[n++].packets.total = snapshot_number(value, "packets");
	}
	json_array_foreach(used, i, value)
	{
		unsigned number = (unsigned)json_integer_value(value);
		size_t at = 0;

		while (at < n && share[at].processor != number)
			at++;
		share[at].processor = number;
		share[at].used = true;
		n += at == n;
	}
	qsort(share, n, sizeof(*share), by_share);
	vport->share_count = n;
	return true;
}

static bool snapshot_read_entries(const json_t *object, struct top_vport *vport)
{
	const json_t *entries = json_object_get(object, "entries"), *value;
	size_t i;

	vport->entry = calloc(json_array_size(entries) + 1, sizeof(*vport->entry));
	if (!vport->entry)
		return false;
	json_array_foreach(entries, i, value)
	{
		vport->entry[i].processor = snapshot_small(value, "processor");
		vport->entry[i].packets.total = snapshot_number(value, "packets");
	}
	vport->entry_count = json_array_size(entries);
	return true;
}

static int by_reason(const void *a, const void *b)
{
	return strcmp(((const struct top_drop *)a)->reason, ((const struct top_drop *)b)->reason);
}

static bool snapshot_read_drops(json_t *object, struct top_vport *vport)
{
	json_t *drops = json_object_get(object, "drops"), *value;
	const char *reason;

	vport->drop = calloc(json_object_size(drops) + 1, sizeof(*vport->drop));
	if (!vport->drop)
		return false;
	json_object_foreach(drops, reason, value)
	{
		struct top_drop *drop = &vport->drop[vport->drop_count++];

		drop->reason = reason;
		drop->packets.total = snapshot_number(drops, reason);
		vport->dropped.total += drop->packets.total;
	}
	qsort(vport->drop, vport->drop_count, sizeof(*vport->drop), by_reason);
	return true;
}

static bool snapshot_read_vport(json_t *object, struct top_vport *vport)
{
	vport->id = snapshot_small(object, "vport");
	vport->name = snapshot_text(object, "name");
	vport->state = snapshot_text(object, "state");
	vport->rss = snapshot_text(object, "rss");
	vport->vlan = snapshot_text(object, "vlan");
	vport->queue_pairs = snapshot_small(object, "queue_pairs");
	vport->queue_pairs_used = snapshot_small(object, "queue_pairs_used");
	vport->filters = snapshot_small(object, "filters");
	vport->primary = snapshot_small(object, "primary_processor");
	vport->flood_limit = snapshot_small(object, "flood_limit");
	vport->held = snapshot_small(object, "held");
	vport->sending = snapshot_small(object, "sending");
	vport->anti_spoofing = json_is_true(json_object_get(object, "anti_spoofing"));
	vport->hashed = json_object_get(object, "hashed");
	snapshot_read_counts(object, top_vport_names, TOP_VPORT_COUNT, vport->count);
	snapshot_read_port(json_object_get(object, "backend"), &vport->backend);
	return snapshot_read_shares(object, vport) && snapshot_read_entries(object, vport) &&
	       snapshot_read_drops(object, vport);
}

/* sum_drop adds a VPort's drops of one reason to the snapshot's; false: memory. */
static bool sum_drop(struct top_snapshot *snapshot, const struct top_drop *drop)
{
	struct top_drop *more;

	for (size_t i = 0; i < snapshot->drop_count; i++) {
		if (strcmp(snapshot->drop[i].reason, drop->reason) == 0) {
			snapshot->drop[i].packets.total += drop->packets.total;
			return true;
		}
	}
	more = realloc(snapshot->drop, (snapshot->drop_count + 1) * sizeof(*more));
	if (!more)
		return false;
	more[snapshot->drop_count++] = *drop;
	snapshot->drop = more;
	return true;
}

static int processor_by_number(const void *a, const void *b)
{
	const struct top_processor *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static int by_id(const void *a, const void *b)
{
	const struct top_vport *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static bool snapshot_read_all(struct top_snapshot *snapshot, const json_t *processors, const json_t *vports)
{
	const json_t *processor;
	json_t *vport;
	size_t i;

	snapshot->processor = calloc(json_array_size(processors) + 1, sizeof(*snapshot->processor));
	snapshot->vport = calloc(json_array_size(vports) + 1, sizeof(*snapshot->vport));
	if (!snapshot->processor || !snapshot->vport)
		return false;
	json_array_foreach(processors, i, processor)
	{
		snapshot_read_processor(processor, &snapshot->processor[snapshot->processor_count++]);
	}
	json_array_foreach(vports, i, vport)
	{
		struct top_vport *into = &snapshot->vport[snapshot->vport_count++];

		if (!snapshot_read_vport(vport, into))
			return false;
		for (size_t d = 0; d < into->drop_count; d++)
			if (!sum_drop(snapshot, &into->drop[d]))
				return false;
	}
	qsort(snapshot->processor, snapshot->processor_count, sizeof(*snapshot->processor), processor_by_number);
	qsort(snapshot->vport, snapshot->vport_count, sizeof(*snapshot->vport), by_id);
	if (snapshot->drop_count)
		qsort(snapshot->drop, snapshot->drop_count, sizeof(*snapshot->drop), by_reason);
	return true;
}

struct top_snapshot *top_snapshot_create(json_t *answer, const char **why)
{
	const json_t *adapter = json_object_get(answer, "adapter");
	const json_t *processors = json_object_get(answer, "processors");
	const json_t *vports = json_object_get(answer, "vports");
	struct top_snapshot *snapshot;

	*why = "the answer to top.show lacks adapter, processors, or vports: is that vmmqd?";
	if (!json_is_object(adapter) || !json_is_array(processors) || !json_is_array(vports))
		return NULL;
	*why = "memory is short";
	snapshot = calloc(1, sizeof(*snapshot));
	if (!snapshot)
		return NULL;
	snapshot->answer = json_incref(answer);
	snapshot->time = json_number_value(json_object_get(answer, "time"));
	snapshot_read_adapter(adapter, &snapshot->adapter);
	if (snapshot_read_all(snapshot, processors, vports))
		return snapshot;
	top_snapshot_destroy(snapshot);
	return NULL;
}

void top_snapshot_destroy(struct top_snapshot *snapshot)
{
	if (!snapshot)
		return;
	for (size_t i = 0; i < snapshot->vport_count; i++) {
		free(snapshot->vport[i].share);
		free(snapshot->vport[i].entry);
		free(snapshot->vport[i].drop);
	}
	free(snapshot->vport);
	free(snapshot->processor);
	free(snapshot->drop);
	json_decref(snapshot->answer);
	free(snapshot);
}
