/* SPDX-License-Identifier: BSD-2-Clause */
/* The running configuration, and what else front ends read. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "control/live_state.h"

static bool copy_adapter(const struct live *live, struct vmmq_config *config)
{
	const struct live_extra *uplink = live_extra_at(live, LIVE_UPLINK);
	const struct vmmq_processor_set *set = vmmq_nic_switch_processors(live->sw);

	config->moderation = live->moderation;
	config->mtu = live->mtu;
	config->balance = live_extra_at(live, LIVE_BALANCE)->balance;
	config->uplink_rx_queues = uplink->rx_queues;
	config->processors = calloc(set->count, sizeof(*set->processor));
	if (!config->processors)
		return false;
	config->processor_count = set->count;
	memcpy(config->processors, set->processor, set->count * sizeof(*set->processor));
	config->adapter_name = strdup(live->name);
	return config->adapter_name && port_spec_copy(&config->uplink, &uplink->port);
}

static size_t live_count_vports(const struct live *live)
{
	size_t count = 0;

	for (int32_t id = vmmq_vport_next(live->sw, -1); id >= 0; id = vmmq_vport_next(live->sw, id))
		count++;
	return count;
}

/* copy_vports makes room for their filters too; place[id] becomes where the VPort stands in config. */
static bool copy_vports(const struct live *live, struct vmmq_config *config, uint32_t *place)
{
	size_t count = live_count_vports(live);

	assert(count > 0); /* VPort 0 is always there */
	config->vports = calloc(count, sizeof(*config->vports));
	if (!config->vports)
		return false;
	for (int32_t id = vmmq_vport_next(live->sw, -1); id >= 0; id = vmmq_vport_next(live->sw, id)) {
		struct config_vport *record = live_record(live, (struct vmmq_vport_id){ (uint16_t)id });
		struct config_vport *copy = &config->vports[config->vport_count];
		struct vmmq_vport_info info;

		if (!record)
			return false;
		*copy = *record;
		free(record); /* its texts are the copy's */
		place[id] = (uint32_t)config->vport_count++;
		vmmq_vport_get(live->sw, copy->id, &info);
		copy->filters = calloc(info.filter_count + 1, sizeof(*copy->filters));
		if (!copy->filters)
			return false;
	}
	return true;
}

static void copy_filters(const struct live *live, struct vmmq_config *config, const uint32_t *place)
{
	const struct vmmq_filter *filter = vmmq_filter_next(live->sw, 0);

	for (; filter; filter = vmmq_filter_next(live->sw, filter->id)) {
		struct config_vport *vport = &config->vports[place[filter->vport.v]];
		struct config_filter *copy = &vport->filters[vport->filter_count++];

		*copy = (struct config_filter){
			.id = filter->id,
			.vlan = filter->vlan,
			.encapsulated = filter->encapsulated,
			.vni = filter->vni,
		};
		memcpy(copy->mac, filter->mac, VMMQ_MAC_LEN);
	}
}

bool live_config(struct live *live, struct vmmq_config *config)
{
	uint32_t *place = calloc(VMMQ_VPORTS_MAX, sizeof(*place));
	bool done;

	memset(config, 0, sizeof(*config));
	done = place && copy_adapter(live, config) && copy_vports(live, config, place);
	if (done)
		copy_filters(live, config, place);
	else
		vmmq_config_fini(config);
	free(place);
	return done;
}

const char *live_notice(const struct live *live)
{
	return live->notice;
}

const struct live_fallback *live_fallback(const struct live *live)
{
	return live->fallback;
}

struct vmmq_adapter *live_adapter(struct live *live)
{
	return live->adapter;
}

struct host *live_host(struct live *live)
{
	return live->host;
}

bool live_extras(struct live *live, struct vmmq_vport_id id, struct live_extras *extras)
{
	const struct live_extra *extra = live_extra_at(live, id.v);
	struct vmmq_vport_info info;

	*extras = (struct live_extras){ .backend = &extra->port,
					.anti_spoofing = extra->anti_spoofing,
					.flood_limit = extra->flood_limit,
					.control_frames = extra->control_frames,
					.dynamic = extra->dynamic,
					.min_queue_pairs = extra->min_queue_pairs,
					.owner = extra->owner };
	return vmmq_vport_get(live->sw, id, &info);
}

void live_adapter_info(struct live *live, struct live_adapter_info *info)
{
	const struct live_extra *uplink = live_extra_at(live, LIVE_UPLINK);

	*info = (struct live_adapter_info){
		.name = live->name,
		.state = live->state,
		.uplink = &uplink->port,
		.uplink_rx_queues = uplink->rx_queues,
		.mtu = live->mtu,
		.moderation = live->moderation,
		.processors = live->running,
		.cpus = live->cpu,
		.processor_count = live->running_count,
	};
}

void live_latency(const struct live *live, struct live_latency *latency)
{
	*latency = live->latency;
}

void live_tick(struct live *live)
{
	live_effect_again(live);
	host_tick(live->host);
	if (live->draining_count)
		live_drain(live, now_ns());
	live_tell_stalled(live);
	live_tell_hash_mismatches(live);
}

/* vport_drops_add: the adapter keeps what it has dropped of a VPort that is deleted; the host does until it forgets it. */
static void vport_drops_add(const struct live *live, struct vmmq_vport_id id, struct live_drops *sum)
{
	struct host_counters host;

	vmmq_vport_drops_read(live->adapter, id, sum->adapter);
	host_counters_read(live->host, id, &host);
	for (unsigned i = 0; i < HOST_DROP_COUNT; i++)
		sum->host[i] += host.drops[i];
}

void live_drops(const struct live *live, struct live_drops *sum)
{
	struct vmmq_vport_info info;

	*sum = (struct live_drops){ 0 };
	host_gone_drops_add(live->host, sum->host);
	for (int32_t id = vmmq_vport_next(live->sw, -1); id >= 0; id = vmmq_vport_next(live->sw, id))
		vport_drops_add(live, (struct vmmq_vport_id){ (uint16_t)id }, sum);
	for (uint32_t number = 1; number < VMMQ_VPORTS_MAX; number++) {
		const struct vmmq_vport_id id = { (uint16_t)number };

		if ((live->draining[number] || live->forgotten[number]) && !vmmq_vport_get(live->sw, id, &info))
			vport_drops_add(live, id, sum);
	}
}

uint64_t live_indicated(const struct live *live)
{
	struct vmmq_processor_counters counters;
	uint64_t sum = 0;

	for (size_t i = 0; i < live->running_count; i++) {
		vmmq_processor_counters_read(live->adapter, live->running[i], &counters);
		sum += counters.packets;
	}
	return sum;
}
