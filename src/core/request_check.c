/* SPDX-License-Identifier: BSD-2-Clause */
/* What the requests share: members that several of them carry, and the change of a VPort as a whole. */
#include "core/request_check.h"

#include <string.h>

struct vport *request_vport(const struct vmmq_nic_switch *sw, uint32_t id)
{
	return id < VMMQ_VPORTS_MAX ? vport_find(sw, (struct vmmq_vport_id){ (uint16_t)id }) : NULL;
}

vmmq_status request_unknown_vport(uint32_t id, vmmq_status status, struct vmmq_why *why)
{
	return vmmq_why_set(why, status, "vport", "there is no VPort %u", id);
}

vmmq_status hash_information_check(uint32_t hash_information, struct vmmq_why *why)
{
	uint32_t function = hash_information & VMMQ_HASH_FUNCTION_MASK;
	uint32_t types = hash_information & ~VMMQ_HASH_FUNCTION_MASK;

	if (function != VMMQ_HASH_FUNCTION_TOEPLITZ)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "hash_information",
				    "hash function 0x%x; Toeplitz, 0x%x, is the only one", function,
				    VMMQ_HASH_FUNCTION_TOEPLITZ);
	if (types & ~VMMQ_HASH_TYPE_MASK)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "hash_information",
				    "unknown hash type bits 0x%x; known are 0x%x", types & ~VMMQ_HASH_TYPE_MASK,
				    VMMQ_HASH_TYPE_MASK);
	if (!types)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "hash_information", "no hash type is named");
	return VMMQ_SUCCESS;
}

vmmq_status key_len_check(size_t key_len, struct vmmq_why *why)
{
	if (key_len == VMMQ_KEY_LEN)
		return VMMQ_SUCCESS;
	return vmmq_why_set(why, VMMQ_INVALID_LENGTH, "key", "%zu bytes; a key has %d", key_len, VMMQ_KEY_LEN);
}

vmmq_status flags_check(uint32_t flags, uint32_t known, struct vmmq_why *why)
{
	if (!(flags & ~known))
		return VMMQ_SUCCESS;
	return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "flags", "unknown bits 0x%x; known are 0x%x", flags & ~known,
			    known);
}

static bool rss_hash_is_same(const struct vmmq_rss_params *a, const struct vmmq_rss_params *b)
{
	return a->hash_types == b->hash_types && a->encapsulation.types == b->encapsulation.types &&
	       a->encapsulation.vxlan_port == b->encapsulation.vxlan_port &&
	       memcmp(a->key, b->key, sizeof(a->key)) == 0;
}

static bool rss_table_is_same(const struct vmmq_rss_params *a, const struct vmmq_rss_params *b)
{
	return a->default_processor.v == b->default_processor.v && a->entry_count == b->entry_count &&
	       memcmp(a->table, b->table, a->entry_count * sizeof(a->table[0])) == 0;
}

static bool rss_is_same(const struct vmmq_rss_params *a, const struct vmmq_rss_params *b)
{
	return a->enabled == b->enabled && a->receive_hash == b->receive_hash && a->primary.v == b->primary.v &&
	       rss_hash_is_same(a, b) && rss_table_is_same(a, b);
}

/* rss_active_is_same compares the active parameters: those that packets feel (spec 11.1); encapsulated filters feel the tunnels always. */
static bool rss_active_is_same(const struct vmmq_rss_params *a, const struct vmmq_rss_params *b)
{
	if (a->enabled != b->enabled || a->receive_hash != b->receive_hash ||
	    a->encapsulation.types != b->encapsulation.types ||
	    a->encapsulation.vxlan_port != b->encapsulation.vxlan_port)
		return false;
	if (a->enabled)
		return rss_hash_is_same(a, b) && rss_table_is_same(a, b);
	return a->primary.v == b->primary.v && (!a->receive_hash || rss_hash_is_same(a, b));
}

static bool vport_is_same(const struct vport *a, const struct vport *b)
{
	return a->state == b->state && a->queue_pairs == b->queue_pairs && a->flags == b->flags &&
	       a->interrupt_moderation == b->interrupt_moderation && a->affinity.group == b->affinity.group &&
	       a->affinity.mask == b->affinity.mask && strcmp(a->name, b->name) == 0 && rss_is_same(&a->rss, &b->rss);
}

vmmq_status vport_replace(struct vmmq_nic_switch *sw, struct vport *vport, const struct vport *wanted,
			  struct vmmq_why *why)
{
	struct vport *edited;

	if (vport_is_same(vport, wanted))
		return VMMQ_SUCCESS;
	edited = vport_edit(sw, vport);
	if (!edited)
		return out_of_memory(why);
	vport_set_pairs(sw, edited, wanted->queue_pairs);
	if (edited->state != wanted->state && edited->filter_count)
		change_note(sw, &sw->filters_changed);
	if (!rss_active_is_same(&edited->rss, &wanted->rss))
		edited->steering = NULL;
	edited->state = wanted->state;
	edited->flags = wanted->flags;
	edited->interrupt_moderation = wanted->interrupt_moderation;
	edited->affinity = wanted->affinity;
	edited->rss = wanted->rss;
	memcpy(edited->name, wanted->name, sizeof(edited->name));
	return VMMQ_SUCCESS;
}
