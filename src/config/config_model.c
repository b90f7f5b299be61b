/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration as a value: freeing it, finding a VPort in it. */
#include "config/config_model.h"
#include <stdlib.h>
#include <string.h>

#include "schema/field.h"

static bool text_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool config_fleet_same(const struct config_fleet *a, const struct config_fleet *b)
{
	if (!a || !b)
		return a == b;
	if (a->relay_count != b->relay_count || a->server_count != b->server_count)
		return false;
	for (size_t i = 0; i < a->server_count; i++)
		if (strcmp(a->servers[i], b->servers[i]) != 0)
			return false;
	return text_same(a->host, b->host) && text_same(a->certificate, b->certificate) &&
	       text_same(a->private_key, b->private_key) && text_same(a->ca_certificate, b->ca_certificate) &&
	       text_same(a->sockets, b->sockets) && a->mode == b->mode;
}

void config_fleet_free(struct config_fleet *fleet)
{
	if (!fleet)
		return;
	for (size_t i = 0; i < fleet->server_count; i++)
		free(fleet->servers[i]);
	free(fleet->servers);
	free(fleet->host);
	free(fleet->certificate);
	free(fleet->private_key);
	free(fleet->ca_certificate);
	free(fleet->sockets);
	free(fleet);
}

void vmmq_config_fini(struct vmmq_config *config)
{
	for (size_t i = 0; i < config->vport_count; i++) {
		free(config->vports[i].name);
		free(config->vports[i].filters);
		port_spec_fini(&config->vports[i].backend);
	}
	free(config->vports);
	free(config->adapter_name);
	free(config->processors);
	port_spec_fini(&config->uplink);
	config_fleet_free(config->fleet);
	memset(config, 0, sizeof(*config));
}

void config_balance_default(struct config_balance *balance)
{
	*balance = (struct config_balance){
		.tick_ms = FIELD_BALANCE_TICK_INITIAL,
		.target = FIELD_BALANCE_TARGET_INITIAL,
		.tolerance = FIELD_BALANCE_TOLERANCE_INITIAL,
		.budget = FIELD_BALANCE_BUDGET_INITIAL,
		.coalesce = FIELD_BALANCE_COALESCE_INITIAL,
	};
}

bool config_balance_equal(const struct config_balance *a, const struct config_balance *b)
{
	return a->tick_ms == b->tick_ms && a->target == b->target && a->tolerance == b->tolerance &&
	       a->budget == b->budget && a->coalesce == b->coalesce;
}

static int vport_id_compare(const void *key, const void *element)
{
	const struct vmmq_vport_id *id = key;
	const struct config_vport *vport = element;

	return (int)id->v - (int)vport->id.v;
}

const struct config_vport *vmmq_config_vport(const struct vmmq_config *config, struct vmmq_vport_id id)
{
	if (config->vport_count == 0)
		return NULL;
	return bsearch(&id, config->vports, config->vport_count, sizeof(config->vports[0]), vport_id_compare);
}

struct vmmq_filter config_filter_of(const struct config_filter *filter, struct vmmq_vport_id vport)
{
	struct vmmq_filter of = {
		.id = filter->id,
		.vport = vport,
		.vlan = filter->vlan,
		.encapsulated = filter->encapsulated,
		.vni = filter->vni,
	};

	memcpy(of.mac, filter->mac, VMMQ_MAC_LEN);
	return of;
}

int config_filter_compare(const struct config_filter *a, const struct config_filter *b)
{
	int mac = memcmp(a->mac, b->mac, VMMQ_MAC_LEN);

	if (mac)
		return mac;
	if (a->encapsulated != b->encapsulated)
		return a->encapsulated ? 1 : -1;
	return a->vlan != b->vlan ? (int)a->vlan - (int)b->vlan : (int)a->vni - (int)b->vni;
}

bool vmmq_config_rss_equal(const struct vmmq_rss_params *a, const struct vmmq_rss_params *b)
{
	return a->enabled == b->enabled && a->receive_hash == b->receive_hash && a->hash_types == b->hash_types &&
	       a->encapsulation.types == b->encapsulation.types &&
	       a->encapsulation.vxlan_port == b->encapsulation.vxlan_port &&
	       memcmp(a->key, b->key, sizeof(a->key)) == 0 && a->primary.v == b->primary.v &&
	       a->default_processor.v == b->default_processor.v && a->entry_count == b->entry_count &&
	       memcmp(a->table, b->table, a->entry_count * sizeof(a->table[0])) == 0;
}

static bool same_ndis(const struct config_ndis *a, const struct config_ndis *b)
{
	return a->deactivated == b->deactivated && a->flags == b->flags &&
	       a->interrupt_moderation == b->interrupt_moderation && a->affinity_group == b->affinity_group &&
	       a->affinity_mask == b->affinity_mask;
}

bool vmmq_config_vport_equal(const struct config_vport *a, const struct config_vport *b)
{
	return a->id.v == b->id.v && a->owner == b->owner && text_same(a->name, b->name) &&
	       a->queue_pairs == b->queue_pairs && a->min_queue_pairs == b->min_queue_pairs &&
	       a->dynamic == b->dynamic && vmmq_config_rss_equal(&a->rss, &b->rss) &&
	       port_spec_equal(&a->backend, &b->backend) && a->anti_spoofing == b->anti_spoofing &&
	       a->flood_limit == b->flood_limit && a->control_frames == b->control_frames &&
	       same_ndis(&a->ndis, &b->ndis);
}
