/* SPDX-License-Identifier: BSD-2-Clause */
/* RSS parameters: defaults, validation, and the snapshot made of them. */
#include <stdio.h>
#include <string.h>
#include <vmmq/rss.h>

void vmmq_rss_params_init(struct vmmq_rss_params *params, struct vmmq_processor primary)
{
	*params = (struct vmmq_rss_params){
		.hash_types = VMMQ_HASH_TYPES_DEFAULT,
		.primary = primary,
		.default_processor = primary,
		.encapsulation.vxlan_port = VMMQ_PORT_VXLAN,
		.entry_count = 1,
		.table = { primary },
	};
	memcpy(params->key, vmmq_verification_key, VMMQ_KEY_LEN);
}

bool vmmq_processor_set_has(const struct vmmq_processor_set *set, struct vmmq_processor processor)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->processor[i].v == processor.v)
			return true;
	return false;
}

unsigned vmmq_rss_queues_used(const struct vmmq_rss_params *params)
{
	struct vmmq_processor distinct[VMMQ_TABLE_ENTRIES_MAX + 1] = { params->default_processor };
	struct vmmq_processor_set used = { distinct, 1 };

	if (!params->enabled)
		return 1;
	for (unsigned i = 0; i < params->entry_count; i++)
		if (!vmmq_processor_set_has(&used, params->table[i]))
			distinct[used.count++] = params->table[i];
	return (unsigned)used.count;
}

/* rss_processor_check is the one place that tells a processor outside the set. */
static vmmq_status rss_processor_check(struct vmmq_processor processor, const struct vmmq_processor_set *set,
				       const char *path, struct vmmq_why *why)
{
	if (vmmq_processor_set_has(set, processor))
		return VMMQ_SUCCESS;
	return vmmq_why_set(why, VMMQ_INVALID_DATA, path, "processor %u is not in the adapter's RSS processor set",
			    (unsigned)processor.v);
}

static vmmq_status rss_table_check(const struct vmmq_rss_params *params, const struct vmmq_processor_set *set,
				   struct vmmq_why *why)
{
	for (unsigned i = 0; i < params->entry_count; i++) {
		vmmq_status status = rss_processor_check(params->table[i], set, "", why);

		if (status != VMMQ_SUCCESS) {
			if (why)
				snprintf(why->path, sizeof(why->path), "indirection_table[%u]", i);
			return status;
		}
	}
	return VMMQ_SUCCESS;
}

vmmq_status vmmq_encapsulation_check(const struct vmmq_encapsulation *wanted, struct vmmq_why *why)
{
	const struct {
		uint32_t type;
		unsigned port;
	} fixed[] = { { VMMQ_TUNNEL_VXLAN, 0 },
		      { VMMQ_TUNNEL_VXLAN_GPE, VMMQ_PORT_VXLAN_GPE },
		      { VMMQ_TUNNEL_GENEVE, VMMQ_PORT_GENEVE },
		      { VMMQ_TUNNEL_GRE_UDP, VMMQ_PORT_GRE_UDP } };

	if (wanted->types & ~VMMQ_TUNNEL_MASK)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "encapsulation", "unknown bits 0x%x; known are 0x%x",
				    wanted->types & ~VMMQ_TUNNEL_MASK, VMMQ_TUNNEL_MASK);
	for (size_t i = 0; wanted->types & VMMQ_TUNNEL_VXLAN && i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (wanted->types & fixed[i].type && wanted->vxlan_port == fixed[i].port)
			return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "vxlan_port",
					    "%u%s%s; 1 to 65535 are allowed, but not the port of another tunnel",
					    wanted->vxlan_port, fixed[i].port ? " is the port of " : "",
					    fixed[i].port ? vmmq_tunnel_title(fixed[i].type) : "");
	return VMMQ_SUCCESS;
}

static vmmq_status rss_shape_check(const struct vmmq_rss_params *params, struct vmmq_why *why)
{
	unsigned n = params->entry_count;

	if (n == 0 || n > VMMQ_TABLE_ENTRIES_MAX || (n & (n - 1)))
		return vmmq_why_set(why, VMMQ_INVALID_LENGTH, "indirection_table",
				    "%u entries; a power of two of them is needed, 1 to %d", n,
				    VMMQ_TABLE_ENTRIES_MAX);
	if (params->hash_types & ~VMMQ_HASH_TYPE_MASK)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "hash_types", "unknown bits 0x%x; known are 0x%x",
				    params->hash_types & ~VMMQ_HASH_TYPE_MASK, VMMQ_HASH_TYPE_MASK);
	if (params->enabled && params->receive_hash)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "receive_hash",
				    "RSS and receive hash cannot both be on");
	if ((params->enabled || params->receive_hash) && !params->hash_types)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "hash_types", "%s is on but no hash type is enabled",
				    params->enabled ? "RSS" : "receive hash");
	return vmmq_encapsulation_check(&params->encapsulation, why);
}

static vmmq_status rss_enabled_check(const struct vmmq_rss_params *params, const struct vmmq_processor_set *set,
				     unsigned queue_pairs, struct vmmq_why *why)
{
	unsigned used = vmmq_rss_queues_used(params);
	vmmq_status status;

	status = rss_processor_check(params->default_processor, set, "default_processor", why);
	if (status == VMMQ_SUCCESS)
		status = rss_table_check(params, set, why);
	if (status == VMMQ_SUCCESS && used > queue_pairs)
		status = vmmq_why_set(why, VMMQ_NO_QUEUES, "queue_pairs",
				      "table and default processor name %u processors but queue_pairs is %u", used,
				      queue_pairs);
	return status;
}

vmmq_status vmmq_rss_check(const struct vmmq_rss_params *params, const struct vmmq_processor_set *set,
			   unsigned queue_pairs, struct vmmq_why *why)
{
	vmmq_status status = rss_shape_check(params, why);

	if (status != VMMQ_SUCCESS)
		return status;
	return params->enabled ? rss_enabled_check(params, set, queue_pairs, why)
			       : rss_processor_check(params->primary, set, "primary_processor", why);
}

#define TUNNELS_OVER_UDP (VMMQ_TUNNEL_VXLAN | VMMQ_TUNNEL_VXLAN_GPE | VMMQ_TUNNEL_GENEVE | VMMQ_TUNNEL_GRE_UDP)

static void steering_look_into(struct vmmq_steering *steering, const struct vmmq_encapsulation *encapsulation)
{
	steering->direct_types = steering->hash_types;
	if (!steering->hash_types)
		return;
	steering->tunnels = (uint8_t)encapsulation->types;
	if (steering->tunnels & VMMQ_TUNNEL_VXLAN)
		steering->vxlan_port = encapsulation->vxlan_port;
	if (steering->tunnels & TUNNELS_OVER_UDP)
		steering->direct_types &=
		    ~(uint32_t)(VMMQ_HASH_UDP_IPV4 | VMMQ_HASH_UDP_IPV6 | VMMQ_HASH_UDP_IPV6_EX);
}

void vmmq_steering_init(struct vmmq_steering *steering, const struct vmmq_rss_params *params)
{
	*steering = (struct vmmq_steering){
		.hash_types = params->enabled || params->receive_hash ? params->hash_types : 0,
		.index_mask = (uint16_t)(params->entry_count - 1),
		.rss_enabled = params->enabled,
		.primary = params->primary,
		.default_processor = params->default_processor,
		.filtered = params->encapsulation,
	};
	vmmq_toeplitz_key_init(&steering->key, params->key);
	memcpy(steering->table, params->table, sizeof(steering->table));
	steering_look_into(steering, &params->encapsulation);
}
