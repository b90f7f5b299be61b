/* SPDX-License-Identifier: BSD-2-Clause */
/* Events: what a batch has changed, what became of ports and processors (docs/rpc.md). */
#include <string.h>
#include <time.h>

#include "config/config_text.h"
#include "control/live_state.h"

#define STALLED_EVERY_NS 500000000u

static double seconds_now(void)
{
	struct timespec t;
	long milliseconds;

	clock_gettime(CLOCK_REALTIME, &t);
	milliseconds = t.tv_nsec / 1000000;
	return (double)t.tv_sec + (double)milliseconds / 1000;
}

/* An event for which there is no memory is lost. */
void live_tell(struct live *live, const char *event, json_t *members)
{
	json_t *told = live->listener ? json_pack("{s:s, s:f}", "event", event, "time", seconds_now()) : NULL;

	if (told && (!members || json_object_update(told, members) == 0))
		live->listener(live->listener_context, told);
	json_decref(told);
	json_decref(members);
}

struct told {
	struct live *live;
	const struct config_vport *vport;
	unsigned count;
};

static void tell_difference(void *context, const char *path, const char *text)
{
	struct told *told = context;
	bool rss = strncmp(path, "rss.", 4) == 0 || strcmp(path, "primary_processor") == 0;

	told->count++;
	live_tell(told->live, rss ? "rss.changed" : "vport.changed",
		  json_pack("{s:i, s:s, s:s, s:o}", "vport", told->vport->id.v, "name", told->vport->name, "field",
			    path, "text", json_sprintf("%s %s", path, text)));
}

static void event_tell_vport(struct live *live, const struct live_vport_change *change)
{
	struct told told = { .live = live, .vport = change->after };

	if (change->before && change->after) {
		config_vport_differences(change->before, change->after, tell_difference, &told);
		if (!told.count)
			tell_difference(&told, "ndis", "parameters: flags, interrupt moderation or affinity");
	} else if (change->after)
		live_tell(live, "vport.added",
			  json_pack("{s:i, s:s}", "vport", change->id.v, "name", change->after->name));
}

static void event_tell_filter(struct live *live, const struct live_filter_change *change)
{
	const struct vmmq_filter *filter = change->has ? &change->after : &change->before;
	bool moved = change->had && change->has;
	char mac[18], vlan[12];
	json_t *members;

	config_mac_text(filter->mac, mac);
	config_vlan_text(filter->vlan, vlan);
	members = json_pack("{s:i, s:I, s:s, s:s}", "vport", filter->vport.v, "filter", (json_int_t)change->id, "mac",
			    mac, "vlan", vlan);
	if (filter->encapsulated)
		json_object_set_new(members, "encapsulated", json_true());
	if (filter->vni)
		json_object_set_new(members, "vni", json_integer(filter->vni));
	if (moved)
		json_object_set_new(members, "from", json_integer(change->before.vport.v));
	live_tell(live, moved ? "filter.moved" : change->has ? "filter.added" : "filter.deleted", members);
}

static void tell_balance(struct live *live, const struct config_balance *balance)
{
	live_tell(live, "adapter.changed",
		  json_pack("{s:s, s:o}", "field", "balance", "text",
			    json_sprintf("balance tick %u ms, target %u %%, tolerance %u %%, budget %u, coalesce %s",
					 balance->tick_ms, balance->target, balance->tolerance, balance->budget,
					 balance->coalesce ? "true" : "false")));
}

static void tell_adapter(struct live *live, const struct live_batch *batch)
{
	const struct live_extra *uplink = live_extra_at(live, LIVE_UPLINK);
	char text[CONFIG_TEXT_MAX];

	if (batch->processors) {
		config_processors_text(live->known.processors, live->known.processor_count, text, sizeof(text));
		live_tell(
		    live, "adapter.changed",
		    json_pack("{s:s, s:o}", "field", "processors", "text", json_sprintf("processors %s", text)));
	}
	if (batch->balance)
		tell_balance(live, &batch->balance_after->balance);
	if (!batch->uplink)
		return;
	port_spec_text(&uplink->port, text, sizeof(text));
	live_tell(live, "adapter.changed",
		  json_pack("{s:s, s:o}", "field", "uplink", "text", json_sprintf("uplink %s", text)));
}

void live_tell_batch(struct live *live, const struct live_batch *batch)
{
	if (!live->listener)
		return;
	tell_adapter(live, batch);
	for (size_t i = 0; i < batch->vport_count; i++)
		event_tell_vport(live, &batch->vport[i]);
	for (size_t i = 0; i < batch->filter_count; i++)
		event_tell_filter(live, &batch->filter[i]);
	for (size_t i = 0; i < batch->vport_count; i++)
		if (!batch->vport[i].after)
			live_tell(live, "vport.deleted",
				  json_pack("{s:i, s:s}", "vport", batch->vport[i].id.v, "name",
					    batch->vport[i].before->name));
}

void live_tell_port(void *context, bool uplink, struct vmmq_vport_id vport, const char *state, const char *reason)
{
	struct live *live = context;
	json_t *members = json_pack("{s:s, s:s*}", "state", state, "reason", reason && *reason ? reason : NULL);

	if (!live->listener) {
		json_decref(members);
		return;
	}
	if (!uplink)
		json_object_set_new(members, "vport", json_integer(vport.v));
	live_tell(live, uplink ? "uplink.state" : "backend.state", members);
}

static void tell_failed(struct live *live, bool uplink, struct vmmq_vport_id vport)
{
	struct host_port port;

	if (uplink)
		host_uplink_get(live->host, &port);
	else
		host_backend_get(live->host, vport, &port);
	if (strcmp(port.state, "failed") == 0)
		live_tell_port(live, uplink, vport, port.state, port.reason);
}

void live_listen(struct live *live, live_listener *listener, void *context)
{
	live->listener = listener;
	live->listener_context = context;
	tell_failed(live, true, VMMQ_DEFAULT_VPORT);
	for (int32_t id = vmmq_vport_next(live->sw, -1); id >= 0; id = vmmq_vport_next(live->sw, id))
		tell_failed(live, false, (struct vmmq_vport_id){ (uint16_t)id });
}

#define STALLED_MAX 256u /* processors that are told of by number */

/* live_tell_stalled tells of processors that have stopped, or go on, since it was last asked. */
void live_tell_stalled(struct live *live)
{
	struct vmmq_processor stalled[STALLED_MAX];
	uint64_t now = now_ns();
	unsigned count;

	if (now - live->stalled_at < STALLED_EVERY_NS)
		return;
	live->stalled_at = now;
	count = vmmq_stalled(live->adapter, stalled, STALLED_MAX);
	for (size_t i = 0; i < live->running_count; i++) {
		bool is_stalled = false;

		for (unsigned j = 0; j < count && j < STALLED_MAX; j++)
			is_stalled = is_stalled || stalled[j].v == live->running[i].v;
		if (is_stalled == live->stalled[i])
			continue;
		live->stalled[i] = is_stalled;
		live_tell(live, is_stalled ? "processor.stalled" : "processor.running",
			  json_pack("{s:i}", "processor", live->running[i].v));
	}
}

void live_tell_hash_mismatches(struct live *live)
{
	for (int32_t queue; (queue = host_hash_mismatch_take(live->host)) >= 0;)
		live_tell(
		    live, "source.hash_mismatch",
		    json_pack("{s:s, s:i, s:s}", "port", "uplink", "queue", (int)queue, "text",
			      "the device hashes in another way than it says: its hashes are computed from now on"));
}
