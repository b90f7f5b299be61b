/* SPDX-License-Identifier: BSD-2-Clause */
/* One VPort of a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_explain.h"
#include "config/config_port.h"

static int read_id(struct config_reader *r, size_t index, struct config_vport *vport)
{
	uint32_t id = 0;
	size_t first;
	char path[128], other[64];

	if (config_read_number(r, FIELD_VPORT_ID, &id))
		return -1;
	vport->id.v = (uint16_t)id;
	if (config_unique_vport(&r->unique, vport->id, index, &first))
		return 0;
	config_path_of(r, FIELD_VPORT_ID, CONFIG_NO_ENTRY, path, sizeof(path));
	snprintf(other, sizeof(other), "vports[%zu].id", first);
	return config_refuse_at(r->tree, r->error, path, "%s is %u too (line %u); an id is given once", other,
				(unsigned)id, config_tree_find(r->tree, other)->line);
}

int config_init_vport(struct config_reader *r, struct config_vport *vport)
{
	char name[16] = "default";

	if (vport->id.v)
		snprintf(name, sizeof(name), "vport%u", (unsigned)vport->id.v);
	vport->name = strdup(name);
	vport->queue_pairs = FIELD_QUEUE_PAIRS_INITIAL;
	vport->anti_spoofing = vport->id.v ? FIELD_ANTI_SPOOFING_INITIAL : false;
	vport->control_frames = vport->id.v ? FIELD_CONTROL_FRAMES_INITIAL : true;
	vport->flood_limit = FIELD_FLOOD_LIMIT_INITIAL;
	vmmq_rss_params_init(&vport->rss, r->config->processors[0]);
	vport->rss.encapsulation = r->encapsulation;
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
	config_path_of(r, FIELD_VPORT_NAME, CONFIG_NO_ENTRY, path, sizeof(path));
	config_quote(quoted, sizeof(quoted), vport->name, CONFIG_QUOTE_MAX);
	for (size_t i = 0; i < r->config->vport_count; i++)
		if (r->config->vports[i].name == first)
			return config_refuse_at(r->tree, r->error, path,
						"\"%s\" is the name of VPort %u already; a name is given once",
						quoted, (unsigned)r->config->vports[i].id.v);
	return 0;
}

static int read_scalars(struct config_reader *r, size_t index, struct config_vport *vport,
			struct vmmq_processor *primary)
{
	if (read_id(r, index, vport) || config_init_vport(r, vport) ||
	    config_read_text(r, FIELD_VPORT_NAME, &vport->name) || check_name(r, vport))
		return -1;
	if (config_read_number(r, FIELD_QUEUE_PAIRS, &vport->queue_pairs) ||
	    config_read_processor(r, FIELD_PRIMARY_PROCESSOR, primary) ||
	    config_read_boolean(r, FIELD_ANTI_SPOOFING, &vport->anti_spoofing) ||
	    config_read_boolean(r, FIELD_CONTROL_FRAMES, &vport->control_frames) ||
	    config_read_number(r, FIELD_FLOOD_LIMIT, &vport->flood_limit))
		return -1;
	return 0;
}

int config_read_vport(struct config_reader *r, const struct config_node *node, size_t index,
		      struct config_vport *vport)
{
	struct vmmq_processor primary = r->config->processors[0];
	const struct config_node *filters, *rss, *backend;
	char path[64];

	config_enter(r, node, "vports[%zu]", index);
	filters = config_child(r, FIELD_FILTERS);
	rss = config_child(r, FIELD_RSS);
	backend = config_child(r, FIELD_BACKEND);
	if (read_scalars(r, index, vport, &primary) || (filters && config_read_filters(r, filters, index, vport)))
		return -1;
	vmmq_rss_params_init(&vport->rss, primary);
	vport->rss.encapsulation = r->encapsulation;
	if (rss && config_read_rss(r, rss, index, &vport->rss))
		return -1;
	config_enter(r, node, "vports[%zu]", index);
	if (config_check_rss(r, vport))
		return -1;
	if (!backend)
		return 0;
	snprintf(path, sizeof(path), "vports[%zu].backend", index);
	return config_read_port(r, backend, path, &vport->backend);
}
