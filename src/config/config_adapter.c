/* SPDX-License-Identifier: BSD-2-Clause */
/* The adapter mapping of a file. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_explain.h"
#include "config/config_port.h"

static int read_processor(struct config_reader *r, size_t place, const char *text)
{
	struct vmmq_processor *processor = &r->config->processors[place];
	char path[128];
	size_t first;

	if (!value_processor(text, processor, r->hint))
		return config_refuse_here(r, FIELD_PROCESSORS, place, text);
	if (config_unique_processor(&r->unique, *processor, place, &first)) {
		r->config->processor_count++;
		return 0;
	}
	config_path_of(r, FIELD_PROCESSORS, place, path, sizeof(path));
	return config_refuse_at(r->tree, r->error, path,
				"processor %u is adapter.processors[%zu] already; each is listed once",
				(unsigned)processor->v, first);
}

static int read_processor_set(struct config_reader *r)
{
	const struct config_node *list = config_child(r, FIELD_PROCESSORS), *entry;
	size_t place = 0;
	config_ref ref;

	r->config->processors = calloc(list->count, sizeof(*r->config->processors));
	if (!r->config->processors)
		return config_out_of_memory(r);
	for (entry = config_first(r, list, &ref); entry; entry = config_next(r, &ref))
		if (read_processor(r, place++, config_tree_text(r->tree, entry)))
			return -1;
	return 0;
}

static int read_uplink(struct config_reader *r)
{
	const struct config_node *uplink = config_child(r, FIELD_UPLINK);
	struct port_spec *spec = &r->config->uplink;
	char path[64];

	if (!uplink)
		return 0;
	if (config_read_port(r, uplink, "adapter.uplink", spec))
		return -1;
	if (spec->queues) {
		snprintf(path, sizeof(path), "adapter.uplink.%s.queues", port_kind_text(spec->kind));
		return config_refuse_at(
		    r->tree, r->error, path,
		    "an uplink's queues are said once, by adapter.uplink.rx_queues: take this out");
	}
	config_enter(r, uplink, "adapter.uplink");
	return config_read_number(r, FIELD_RX_QUEUES, &r->config->uplink_rx_queues);
}

/* read_adapter_encapsulation: what is wrong by itself is refused here, whichever VPorts take it. */
static int read_adapter_encapsulation(struct config_reader *r)
{
	struct vmmq_why why;
	char path[128];

	r->encapsulation = (struct vmmq_encapsulation){ .vxlan_port = FIELD_ADAPTER_VXLAN_PORT_INITIAL };
	if (config_read_encapsulation(r, FIELD_ADAPTER_ENCAPSULATION, FIELD_ADAPTER_VXLAN_PORT, &r->encapsulation))
		return -1;
	if (vmmq_encapsulation_check(&r->encapsulation, &why) == VMMQ_SUCCESS)
		return 0;
	snprintf(path, sizeof(path), "adapter.%s", why.path);
	return config_refuse_at(r->tree, r->error, path, "%s", why.text);
}

int config_read_adapter(struct config_reader *r, const struct config_node *adapter)
{
	struct vmmq_config *config = r->config;
	union value moderation = { .word = FIELD_MODERATION_INITIAL };
	uint32_t mtu = FIELD_MTU_INITIAL;

	static_assert((int)FIELD_MODERATION_INITIAL == (int)MODERATION_ADAPTIVE,
		      "enum moderation has the order of the schema's words");
	config_enter(r, adapter, "adapter");
	if (config_read_number(r, FIELD_MTU, &mtu))
		return -1;
	config->mtu = (uint16_t)mtu;
	config->uplink_rx_queues = FIELD_RX_QUEUES_INITIAL;
	config->adapter_name = strdup("vmmq0");
	if (!config->adapter_name)
		return config_out_of_memory(r);
	if (config_read_text(r, FIELD_ADAPTER_NAME, &config->adapter_name) || read_processor_set(r) ||
	    config_read(r, FIELD_MODERATION, &moderation))
		return -1;
	config->moderation = (enum moderation)moderation.word;
	return read_adapter_encapsulation(r) || read_uplink(r) ? -1 : 0;
}
