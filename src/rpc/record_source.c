/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/record_source.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct vmmq_nic_switch *record_switch(struct live *live)
{
	return vmmq_adapter_switch(live_adapter(live));
}

struct record_source *record_source_create(struct live *live)
{
	struct record_source *source = calloc(1, sizeof(*source));
	struct live_adapter_info info;

	if (!source)
		return NULL;
	live_adapter_info(live, &info);
	source->live = live;
	source->started_ns = source->sampled_ns = now_ns();
	source->share_count = info.processor_count;
	source->share = calloc(info.processor_count, sizeof(*source->share));
	if (source->share) {
		record_sample(source);
		return source;
	}
	free(source);
	return NULL;
}

void record_source_fleet(struct record_source *source, const struct agent *agent)
{
	source->fleet = agent;
}

struct config_fleet *record_fleet_config(const struct record_source *source)
{
	return source->fleet ? agent_config(source->fleet) : NULL;
}

json_t *record_fleet(const struct record_source *source)
{
	return source->fleet ? agent_record(source->fleet) : json_pack("{s:b}", "configured", 0);
}

void record_source_destroy(struct record_source *source)
{
	if (!source)
		return;
	free(source->share);
	free(source);
}

void record_sample(struct record_source *source)
{
	uint64_t now = now_ns(), elapsed = now - source->sampled_ns;
	struct live_adapter_info info;

	live_adapter_info(source->live, &info);
	for (size_t i = 0; i < source->share_count; i++) {
		struct record_share *share = &source->share[i];
		struct vmmq_processor_counters counters;

		vmmq_processor_counters_read(live_adapter(source->live), info.processors[i], &counters);
		if (elapsed) {
			share->busy = (double)(counters.busy_ns - share->busy_ns) / (double)elapsed;
			share->asleep = (double)(counters.asleep_ns - share->asleep_ns) / (double)elapsed;
		}
		share->busy_ns = counters.busy_ns;
		share->asleep_ns = counters.asleep_ns;
	}
	source->sampled_ns = now;
}

static struct record_share *source_share_of(struct record_source *source, json_int_t processor)
{
	struct live_adapter_info info;

	live_adapter_info(source->live, &info);
	for (size_t i = 0; i < source->share_count; i++)
		if (info.processors[i].v == processor)
			return &source->share[i];
	return NULL;
}

void record_event(struct record_source *source, const json_t *event)
{
	const char *name = json_string_value(json_object_get(event, "event"));
	bool stalled;

	if (!name)
		return;
	stalled = strcmp(name, "processor.stalled") == 0;
	if (stalled || strcmp(name, "processor.running") == 0) {
		struct record_share *share =
		    source_share_of(source, json_integer_value(json_object_get(event, "processor")));

		if (share)
			share->stalled = stalled;
	}
}

void record_drops_sum(const struct record_source *source, uint64_t *adapter, uint64_t *host)
{
	struct live_drops drops;

	live_drops(source->live, &drops);
	*adapter = *host = 0;
	for (unsigned i = 0; i < VMMQ_DROP_COUNT; i++)
		*adapter += drops.adapter[i];
	for (unsigned i = 0; i < HOST_DROP_COUNT; i++)
		*host += drops.host[i];
}

bool record_vlans(const struct record_source *source, int16_t **vlans)
{
	struct vmmq_nic_switch *sw = record_switch(source->live);
	const struct vmmq_filter *filter = vmmq_filter_next(sw, 0);
	int16_t *vlan = malloc(VMMQ_VPORTS_MAX * sizeof(*vlan));

	if (!vlan)
		return false;
	for (size_t id = 0; id < VMMQ_VPORTS_MAX; id++)
		vlan[id] = RECORD_VLAN_NO_FILTER;
	for (; filter; filter = vmmq_filter_next(sw, filter->id)) {
		int16_t rule = filter->vlan == VMMQ_VLAN_ANY ? RECORD_VLAN_TRUNK : (int16_t)filter->vlan;
		int16_t *known = &vlan[filter->vport.v];

		if (filter->encapsulated && filter->vport.v == VMMQ_DEFAULT_VPORT.v)
			continue; /* it is of every VLAN unless its other filters say so */
		*known = *known == RECORD_VLAN_NO_FILTER || *known == rule ? rule : RECORD_VLAN_TRUNK;
	}
	*vlans = vlan;
	return true;
}

json_t *record_processor_list(const struct vmmq_processor processor[], size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_integer(processor[i].v));
	return list;
}

static bool steers_to(const struct vmmq_rss_params *rss, struct vmmq_processor processor)
{
	if (!rss->enabled)
		return rss->primary.v == processor.v;
	for (unsigned i = 0; i < rss->entry_count; i++)
		if (rss->table[i].v == processor.v)
			return true;
	return rss->default_processor.v == processor.v;
}

json_t *record_processors_used(const struct record_source *source, const struct vmmq_rss_params *rss)
{
	const struct vmmq_processor_set *set = vmmq_nic_switch_processors(record_switch(source->live));
	json_t *list = json_array();

	for (size_t i = 0; i < set->count; i++)
		if (steers_to(rss, set->processor[i]))
			json_array_append_new(list, json_integer(set->processor[i].v));
	return list;
}

/* cut_whole drops the part of a character that a cut text ends in. */
static size_t cut_whole(const char *text)
{
	size_t len = strlen(text), back = 0;

	while (back < 3 && back < len && utf8_continues(text[len - 1 - back]))
		back++;
	return back < len && (unsigned char)text[len - 1 - back] >= 0xc0 ? len - 1 - back : len;
}

json_t *record_text(const char *text)
{
	json_t *json = json_string(text);

	if (!json)
		json = json_stringn(text, cut_whole(text));
	return json ? json : json_string("(not UTF-8)");
}

json_t *record_text_or_null(const char *text)
{
	return text ? record_text(text) : json_null();
}

json_t *record_mac(const uint8_t mac[VMMQ_MAC_LEN])
{
	char text[3 * VMMQ_MAC_LEN];

	hex_write_colons(text, mac, VMMQ_MAC_LEN);
	return json_string(text);
}
