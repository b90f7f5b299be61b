/* SPDX-License-Identifier: BSD-2-Clause */
/* From queue numbers to the processors of a host. */
#include <stdlib.h>
#include <string.h>

#include "base/text_hash.h"
#include "fleet/fleet_vport.h"
#include "schema/field.h"

unsigned fleet_vport_processors(const struct fleet_vport *vport)
{
	unsigned highest = vport->primary_queue;

	if (vport->default_queue > highest)
		highest = vport->default_queue;
	for (unsigned i = 0; i < vport->entry_count; i++)
		if (vport->queue[i] > highest)
			highest = vport->queue[i];
	return highest + 1;
}

static void place_rss(const struct fleet_vport *vport, const struct vmmq_processor_set *set, const uint8_t *key,
		      struct vmmq_rss_params *rss)
{
	size_t first = text_hash(vport->name) % set->count;

	vmmq_rss_params_init(rss, set->processor[(first + vport->primary_queue) % set->count]);
	rss->enabled = vport->rss == FLEET_RSS_ON;
	rss->receive_hash = vport->rss == FLEET_RSS_HASH_ONLY;
	rss->hash_types = vport->hash_types;
	memcpy(rss->key, vport->has_key ? vport->key : key, VMMQ_KEY_LEN);
	rss->default_processor = set->processor[(first + vport->default_queue) % set->count];
	rss->entry_count = vport->entry_count;
	for (unsigned i = 0; i < vport->entry_count; i++)
		rss->table[i] = set->processor[(first + vport->queue[i]) % set->count];
}

static bool place_filters(const struct fleet_vport *vport, struct config_vport *placed)
{
	placed->filters = calloc(vport->mac_count * vport->vlan_count, sizeof(*placed->filters));
	if (!placed->filters)
		return false;
	for (size_t i = 0; i < vport->mac_count; i++)
		for (size_t j = 0; j < vport->vlan_count; j++) {
			struct config_filter *filter = &placed->filters[placed->filter_count++];

			memcpy(filter->mac, vport->mac[i], VMMQ_MAC_LEN);
			filter->vlan = vport->vlan[j];
		}
	return true;
}

bool fleet_vport_place(const struct fleet_vport *vport, const struct vmmq_processor_set *set,
		       const uint8_t key[VMMQ_KEY_LEN], struct config_vport *placed, struct ovsdb_why *why)
{
	unsigned needed = fleet_vport_processors(vport);

	*placed = (struct config_vport){ 0 };
	if (needed > set->count)
		return ovsdb_refuse(
		    why, "queue_pairs: frames go to queue %u, so %u processors are needed; this host has %zu",
		    needed - 1, needed, set->count);
	placed->name = strdup(vport->name);
	if (!placed->name || !place_filters(vport, placed)) {
		fleet_placed_fini(placed);
		return ovsdb_refuse(why, OVSDB_NO_MEMORY);
	}
	placed->queue_pairs = vport->queue_pairs;
	placed->min_queue_pairs = FIELD_MIN_QUEUE_PAIRS_INITIAL;
	placed->dynamic = vport->dynamic;
	placed->anti_spoofing = FIELD_ANTI_SPOOFING_INITIAL;
	placed->control_frames = FIELD_CONTROL_FRAMES_INITIAL;
	placed->flood_limit = FIELD_FLOOD_LIMIT_INITIAL;
	place_rss(vport, set, key, &placed->rss);
	return true;
}

void fleet_placed_fini(struct config_vport *placed)
{
	free(placed->name);
	free(placed->filters);
	port_spec_fini(&placed->backend);
	*placed = (struct config_vport){ 0 };
}
