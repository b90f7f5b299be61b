/* SPDX-License-Identifier: BSD-2-Clause */
/* The filters of a VPort. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_explain.h"
#include "config/config_reader.h"

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

static int read_filter(struct config_reader *r, size_t vport, struct config_filter *filter)
{
	union value mac, vlan = { .vlan = VMMQ_VLAN_UNTAGGED_OR_ZERO };
	union value encapsulated = { .truth = false }, vni = { .number = VMMQ_VNI_ANY };
	const struct config_filter *first;
	char path[128], other[64] = "";

	if (config_read(r, FIELD_MAC, &mac) || config_read(r, FIELD_VLAN, &vlan) ||
	    config_read(r, FIELD_ENCAPSULATED, &encapsulated) || config_read(r, FIELD_VNI, &vni))
		return -1;
	memcpy(filter->mac, mac.mac, sizeof(filter->mac));
	filter->vlan = vlan.vlan;
	filter->encapsulated = encapsulated.truth;
	filter->vni = vni.number;
	if (filter->vni && !filter->encapsulated) {
		config_path_of(r, FIELD_VNI, CONFIG_NO_ENTRY, path, sizeof(path));
		return config_refuse_at(r->tree, r->error, path,
					"%u; only a filter with encapsulated: true may have one", filter->vni);
	}
	if (!config_unique_filter(&r->unique, filter, &first))
		return config_out_of_memory(r);
	if (first == filter)
		return 0;
	first_filter_path(r, first, vport, other, sizeof(other));
	return config_refuse_at(
	    r->tree, r->error, r->at, "the same MAC%s VLAN rule%s as %s (line %u); %s can lead to one VPort, once",
	    filter->encapsulated ? " inside tunnels," : " and", filter->encapsulated ? " and VNI" : "", other,
	    config_tree_find(r->tree, other)->line, filter->encapsulated ? "the three" : "a pair");
}

int config_read_filters(struct config_reader *r, const struct config_node *list, size_t index,
			struct config_vport *vport)
{
	const struct config_node *entry;
	config_ref ref;
	size_t i = 0;

	vport->filters = calloc(list->count + 1, sizeof(*vport->filters));
	if (!vport->filters)
		return config_out_of_memory(r);
	vport->filter_count = list->count;
	for (entry = config_first(r, list, &ref); entry; entry = config_next(r, &ref), i++) {
		config_enter(r, entry, "vports[%zu].filters[%zu]", index, i);
		if (read_filter(r, index, &vport->filters[i]))
			return -1;
	}
	return 0;
}
