/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/config_build.h"
#include "config/config_explain.h"
#include "config/config_reader.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_processor_set(struct config_reader *r, const struct raw_adapter *raw)
{
	struct vmmq_config *config = r->config;

	config->processors = calloc(raw->processors_count, sizeof(*config->processors));
	if (!config->processors)
		return config_out_of_memory(r);
	for (size_t i = 0; i < raw->processors_count; i++) {
		struct vmmq_processor *processor = &config->processors[i];
		char path[128];
		size_t first;

		if (!config_processor(raw->processors[i], processor, r->hint))
			return config_refuse_here(r, "processors", i, raw->processors[i]);
		if (config_unique_processor(&r->unique, *processor, i, &first)) {
			config->processor_count++;
			continue;
		}
		config_path_of(r, "processors", i, path, sizeof(path));
		return config_refuse_at(r->tree, r->error, path,
					"processor %u is adapter.processors[%zu] already; each is listed once",
					(unsigned)processor->v, first);
	}
	return 0;
}

static int read_uplink(struct config_reader *r, const struct raw_device *raw)
{
	if (!raw)
		return 0;
	snprintf(r->at, sizeof(r->at), "adapter.uplink");
	if (config_read_text(r, "device", raw->device, CONFIG_DEVICE_MAX, &r->config->uplink_device))
		return -1;
	return config_read_number(r, "rx_queues", raw->rx_queues, &r->config->uplink_rx_queues);
}

static int read_adapter(struct config_reader *r, const struct raw_adapter *raw)
{
	struct vmmq_config *config = r->config;
	uint32_t mtu = CONFIG_MTU_DEFAULT;

	snprintf(r->at, sizeof(r->at), "adapter");
	if (config_read_number(r, "mtu", raw->mtu, &mtu))
		return -1;
	config->moderation = MODERATION_ADAPTIVE;
	config->uplink_rx_queues = 1;
	config->mtu = (uint16_t)mtu;
	config->adapter_name = strdup("vmmq0");
	if (!config->adapter_name)
		return config_out_of_memory(r);
	if (config_read_text(r, "name", raw->name, CONFIG_NAME_MAX, &config->adapter_name) ||
	    read_processor_set(r, raw))
		return -1;
	if (raw->moderation && !config_moderation(raw->moderation, &config->moderation, r->hint))
		return config_refuse_here(r, "moderation", CONFIG_NO_ENTRY, raw->moderation);
	return read_uplink(r, raw->uplink);
}

/* first_filter_path finds where the filter that was there first stands. */
static void first_filter_path(const struct config_reader *r, const struct config_filter *first, size_t vport,
			      char *path, size_t size)
{
	for (size_t i = 0; i <= vport; i++) {
		const struct config_vport *v = &r->config->vports[i];

		for (size_t j = 0; j < v->filter_count; j++)
			if (&v->filters[j] == first)
				snprintf(path, size, "vports[%zu].filters[%zu]", i, j);
	}
}

static int read_filter(struct config_reader *r, const struct raw_filter *raw, size_t vport,
		       struct config_filter *filter)
{
	const struct config_filter *first;
	char other[64] = "";

	if (!config_mac(raw->mac, filter->mac, r->hint))
		return config_refuse_here(r, "mac", CONFIG_NO_ENTRY, raw->mac);
	filter->vlan = VMMQ_VLAN_UNTAGGED_OR_ZERO;
	if (raw->vlan && !config_vlan(raw->vlan, &filter->vlan, r->hint))
		return config_refuse_here(r, "vlan", CONFIG_NO_ENTRY, raw->vlan);
	if (!config_unique_filter(&r->unique, filter, &first))
		return config_out_of_memory(r);
	if (first == filter)
		return 0;
	first_filter_path(r, first, vport, other, sizeof(other));
	return config_refuse_at(r->tree, r->error, r->at,
				"the same MAC and VLAN rule as %s (line %u); a pair can lead to one VPort, once",
				other, config_tree_find(r->tree, other)->line);
}

static int read_filters(struct config_reader *r, const struct raw_vport *raw, size_t index,
			struct config_vport *vport)
{
	vport->filters = calloc(raw->filters_count + 1, sizeof(*vport->filters));
	if (!vport->filters)
		return config_out_of_memory(r);
	vport->filter_count = raw->filters_count;
	for (size_t i = 0; i < raw->filters_count; i++) {
		snprintf(r->at, sizeof(r->at), "vports[%zu].filters[%zu]", index, i);
		if (read_filter(r, &raw->filters[i], index, &vport->filters[i]))
			return -1;
	}
	return 0;
}

static int read_id(struct config_reader *r, const struct raw_vport *raw, size_t index, struct config_vport *vport)
{
	uint32_t id = 0;
	size_t first;
	char path[128], other[64];

	if (config_read_number(r, "id", raw->id, &id))
		return -1;
	vport->id.v = (uint16_t)id;
	if (config_unique_vport(&r->unique, vport->id, index, &first))
		return 0;
	config_path_of(r, "id", CONFIG_NO_ENTRY, path, sizeof(path));
	snprintf(other, sizeof(other), "vports[%zu].id", first);
	return config_refuse_at(r->tree, r->error, path, "%s is %u too (line %u); an id is given once", other,
				(unsigned)id, config_tree_find(r->tree, other)->line);
}

/* vport_init gives a VPort what it has when the file says nothing about it. */
static int vport_init(struct config_reader *r, struct config_vport *vport)
{
	char name[16] = "default";

	if (vport->id.v)
		snprintf(name, sizeof(name), "vport%u", (unsigned)vport->id.v);
	vport->name = strdup(name);
	vport->queue_pairs = CONFIG_QUEUE_PAIRS_DEFAULT;
	vport->anti_spoofing = vport->id.v != 0;
	vport->flood_limit = CONFIG_FLOOD_LIMIT_DEFAULT;
	vmmq_rss_params_init(&vport->rss, r->config->processors[0]);
	return vport->name ? 0 : config_out_of_memory(r);
}

static int check_name(struct config_reader *r, const struct config_vport *vport)
{
	const char *first;
	char path[128], quoted[128];

	if (!config_unique_name(&r->unique, vport->name, &first))
		return config_out_of_memory(r);
	if (first == vport->name)
		return 0;
	config_path_of(r, "name", CONFIG_NO_ENTRY, path, sizeof(path));
	config_quote(quoted, sizeof(quoted), vport->name, CONFIG_QUOTE_MAX);
	for (size_t i = 0; i < r->config->vport_count; i++)
		if (r->config->vports[i].name == first)
			return config_refuse_at(r->tree, r->error, path,
						"\"%s\" is the name of VPort %u already; a name is given once",
						quoted, (unsigned)r->config->vports[i].id.v);
	return 0;
}

static int read_vport(struct config_reader *r, const struct raw_vport *raw, size_t index, struct config_vport *vport)
{
	struct vmmq_processor primary = r->config->processors[0];

	snprintf(r->at, sizeof(r->at), "vports[%zu]", index);
	if (read_id(r, raw, index, vport) || vport_init(r, vport) ||
	    config_read_text(r, "name", raw->name, CONFIG_NAME_MAX, &vport->name) || check_name(r, vport) ||
	    config_read_number(r, "queue_pairs", raw->queue_pairs, &vport->queue_pairs) ||
	    config_read_processor(r, "primary_processor", CONFIG_NO_ENTRY, raw->primary_processor, &primary) ||
	    config_read_boolean(r, "anti_spoofing", raw->anti_spoofing, &vport->anti_spoofing) ||
	    config_read_number(r, "flood_limit", raw->flood_limit, &vport->flood_limit))
		return -1;
	if (read_filters(r, raw, index, vport))
		return -1;
	snprintf(r->at, sizeof(r->at), "vports[%zu]", index);
	vmmq_rss_params_init(&vport->rss, primary);
	if (config_read_rss(r, raw->rss, &vport->rss) || config_check_rss(r, vport))
		return -1;
	if (!raw->backend)
		return 0;
	snprintf(r->at, sizeof(r->at), "vports[%zu].backend", index);
	return config_read_text(r, "device", raw->backend->device, CONFIG_DEVICE_MAX, &vport->backend_device);
}

static int vport_compare(const void *a, const void *b)
{
	return (int)((const struct config_vport *)a)->id.v - (int)((const struct config_vport *)b)->id.v;
}

static bool lists_vport_zero(const struct raw_config *raw)
{
	for (size_t i = 0; i < raw->vports_count; i++) {
		uint32_t id;
		char hint[CONFIG_HINT_MAX];

		if (config_number(raw->vports[i].id, 0, 0, &id, hint))
			return true;
	}
	return false;
}

static int read_vports(struct config_reader *r, const struct raw_config *raw)
{
	struct vmmq_config *config = r->config;
	bool listed = lists_vport_zero(raw);
	const char *first;

	config->vports = calloc(raw->vports_count + 1, sizeof(*config->vports));
	if (!config->vports)
		return config_out_of_memory(r);
	config->vport_count = raw->vports_count + !listed;
	if (!listed) { /* it comes first, so that nobody takes its name */
		struct config_vport *unlisted = &config->vports[raw->vports_count];

		if (vport_init(r, unlisted))
			return -1;
		if (!config_unique_name(&r->unique, unlisted->name, &first))
			return config_out_of_memory(r);
	}
	for (size_t i = 0; i < raw->vports_count; i++)
		if (read_vport(r, &raw->vports[i], i, &config->vports[i]))
			return -1;
	qsort(config->vports, config->vport_count, sizeof(config->vports[0]), vport_compare);
	return 0;
}

int config_build(struct vmmq_config *config, const struct raw_config *raw, const struct config_tree *tree,
		 struct config_error *error)
{
	struct config_reader *r = calloc(1, sizeof(*r));
	int status;

	if (!r)
		return config_error_set(error, 0, 0, "", "out of memory");
	r->config = config;
	r->tree = tree;
	r->error = error;
	status = read_adapter(r, &raw->adapter);
	if (status == 0)
		status = read_vports(r, raw);
	config_unique_fini(&r->unique);
	free(r);
	return status;
}
