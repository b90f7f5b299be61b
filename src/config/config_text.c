/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/config_text.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "schema/field.h"

const char *config_moderation_text(enum moderation moderation)
{
	return schema_field(FIELD_MODERATION)->words[moderation];
}

void config_mac_text(const uint8_t mac[VMMQ_MAC_LEN], char text[18])
{
	hex_write_colons(text, mac, VMMQ_MAC_LEN);
}

void config_vlan_text(vmmq_vlan_rule vlan, char text[12])
{
	if (vlan == VMMQ_VLAN_ANY)
		snprintf(text, 12, "any");
	else if (vlan == VMMQ_VLAN_UNTAGGED_OR_ZERO)
		snprintf(text, 12, "untagged");
	else
		snprintf(text, 12, "%u", (unsigned)vlan);
}

void config_key_text(const uint8_t key[VMMQ_KEY_LEN], char text[2 * VMMQ_KEY_LEN + 1])
{
	hex_write(text, key, VMMQ_KEY_LEN);
}

/* A list being written into a caller's text. */
struct list {
	char *text;
	size_t size, len;
	unsigned count;
};

static void list_add(struct list *list, const char *entry)
{
	size_t room = list->size - list->len;
	int len;

	if (room < strlen(entry) + sizeof(", ...]")) {
		if (list->len && list->text[list->len - 1] != '.')
			list->len += (size_t)snprintf(list->text + list->len, room, "...");
		return;
	}
	len = snprintf(list->text + list->len, room, "%s%s", list->count++ ? ", " : "", entry);
	list->len += (size_t)len;
}

static struct list list_begin(char *text, size_t size)
{
	snprintf(text, size, "[");
	return (struct list){ .text = text, .size = size, .len = 1 };
}

static void list_end(const struct list *list)
{
	snprintf(list->text + list->len, list->size - list->len, "]");
}

void config_hash_types_text(uint32_t types, char *text, size_t size)
{
	struct list list = list_begin(text, size);

	for (uint32_t bit = VMMQ_HASH_IPV4; bit & VMMQ_HASH_TYPE_MASK; bit <<= 1)
		if (types & bit)
			list_add(&list, vmmq_hash_type_name(bit));
	list_end(&list);
}

void config_tunnels_text(uint32_t types, char *text, size_t size)
{
	struct list list = list_begin(text, size);

	for (uint32_t bit = 1; bit & VMMQ_TUNNEL_MASK; bit <<= 1)
		if (types & bit)
			list_add(&list, vmmq_tunnel_name(bit));
	list_end(&list);
}

void config_processors_text(const struct vmmq_processor *processors, size_t count, char *text, size_t size)
{
	struct list list = list_begin(text, size);

	for (size_t i = 0; i < count; i++) {
		char number[8];

		snprintf(number, sizeof(number), "%u", (unsigned)processors[i].v);
		list_add(&list, number);
	}
	list_end(&list);
}

void config_vport_text(struct vmmq_vport_id id, const char *name, char *text, size_t size)
{
	snprintf(text, size, "VPort %u (%s)", (unsigned)id.v, name);
}

void config_filter_text(const struct config_filter *filter, char text[CONFIG_FILTER_MAX])
{
	char address[18], rule[12], vni[20] = "";

	config_mac_text(filter->mac, address);
	config_vlan_text(filter->vlan, rule);
	if (filter->vni)
		snprintf(vni, sizeof(vni), ", vni %u", filter->vni);
	snprintf(text, CONFIG_FILTER_MAX, "%s %s%s%s%s", address,
		 filter->vlan == VMMQ_VLAN_UNTAGGED_OR_ZERO ? "" : "vlan ", rule,
		 filter->encapsulated ? ", encapsulated" : "", vni);
}

/* A walk over two VPorts. */
struct walk {
	config_tell_fn *tell;
	void *context;
};

static void tell_text(const struct walk *walk, const char *path, const char *before, const char *after)
{
	char text[2 * CONFIG_TEXT_MAX + 8];

	if (strcmp(before, after) == 0)
		return;
	snprintf(text, sizeof(text), "%.*s -> %.*s", CONFIG_TEXT_MAX, before, CONFIG_TEXT_MAX, after);
	walk->tell(walk->context, path, text);
}

static void tell_number(const struct walk *walk, const char *path, uint32_t before, uint32_t after)
{
	char texts[2][16];

	snprintf(texts[0], sizeof(texts[0]), "%u", before);
	snprintf(texts[1], sizeof(texts[1]), "%u", after);
	tell_text(walk, path, texts[0], texts[1]);
}

static void tell_truth(const struct walk *walk, const char *path, bool before, bool after)
{
	tell_text(walk, path, before ? "true" : "false", after ? "true" : "false");
}

/* tell_key: what is told goes into events and the log, which others read than who may see keys. */
static void tell_key(const struct walk *walk, const struct vmmq_rss_params *before,
		     const struct vmmq_rss_params *after)
{
	if (memcmp(before->key, after->key, VMMQ_KEY_LEN) != 0)
		walk->tell(walk->context, "rss.key", "changes");
}

static void tell_types(const struct walk *walk, const struct vmmq_rss_params *before,
		       const struct vmmq_rss_params *after)
{
	char texts[2][160];

	config_hash_types_text(before->hash_types, texts[0], sizeof(texts[0]));
	config_hash_types_text(after->hash_types, texts[1], sizeof(texts[1]));
	tell_text(walk, "rss.hash_types", texts[0], texts[1]);
}

static void tell_encapsulation(const struct walk *walk, const struct vmmq_encapsulation *before,
			       const struct vmmq_encapsulation *after)
{
	char texts[2][160];

	config_tunnels_text(before->types, texts[0], sizeof(texts[0]));
	config_tunnels_text(after->types, texts[1], sizeof(texts[1]));
	tell_text(walk, "rss.encapsulation", texts[0], texts[1]);
	tell_number(walk, "rss.vxlan_port", before->vxlan_port, after->vxlan_port);
}

static void tell_table(const struct walk *walk, const struct vmmq_rss_params *before,
		       const struct vmmq_rss_params *after)
{
	char texts[2][CONFIG_TEXT_MAX];

	config_processors_text(before->table, before->entry_count, texts[0], sizeof(texts[0]));
	config_processors_text(after->table, after->entry_count, texts[1], sizeof(texts[1]));
	tell_text(walk, "rss.indirection_table", texts[0], texts[1]);
}

static void tell_rss(const struct walk *walk, const struct vmmq_rss_params *before,
		     const struct vmmq_rss_params *after)
{
	tell_truth(walk, "rss.enabled", before->enabled, after->enabled);
	tell_truth(walk, "rss.receive_hash", before->receive_hash, after->receive_hash);
	tell_types(walk, before, after);
	tell_key(walk, before, after);
	tell_encapsulation(walk, &before->encapsulation, &after->encapsulation);
	tell_table(walk, before, after);
	tell_number(walk, "rss.default_processor", before->default_processor.v, after->default_processor.v);
}

static void tell_port(const struct walk *walk, const char *path, const struct port_spec *before,
		      const struct port_spec *after)
{
	char texts[2][PORT_TEXT_MAX];

	port_spec_text(before, texts[0], sizeof(texts[0]));
	port_spec_text(after, texts[1], sizeof(texts[1]));
	tell_text(walk, path, texts[0], texts[1]);
}

void config_vport_differences(const struct config_vport *before, const struct config_vport *after,
			      config_tell_fn *tell, void *context)
{
	static const char *const owners[OWNER_COUNT] = { "hand", "fleet", "fleet, with a key of this host" };
	const struct walk walk = { tell, context };

	tell_text(&walk, "name", before->name, after->name);
	if (before->ndis.deactivated != after->ndis.deactivated)
		tell_text(&walk, "state", before->ndis.deactivated ? "deactivated" : "activated",
			  after->ndis.deactivated ? "deactivated" : "activated");
	tell_text(&walk, "owner", owners[before->owner], owners[after->owner]);
	tell_number(&walk, "queue_pairs", before->queue_pairs, after->queue_pairs);
	if (before->dynamic != after->dynamic)
		tell_text(&walk, "scaling", before->dynamic ? "dynamic" : "static",
			  after->dynamic ? "dynamic" : "static");
	tell_number(&walk, "min_queue_pairs", before->min_queue_pairs, after->min_queue_pairs);
	tell_number(&walk, "primary_processor", before->rss.primary.v, after->rss.primary.v);
	tell_rss(&walk, &before->rss, &after->rss);
	tell_port(&walk, "backend", &before->backend, &after->backend);
	tell_truth(&walk, "anti_spoofing", before->anti_spoofing, after->anti_spoofing);
	tell_truth(&walk, "control_frames", before->control_frames, after->control_frames);
	tell_number(&walk, "flood_limit", before->flood_limit, after->flood_limit);
}

void config_balance_differences(const struct config_balance *before, const struct config_balance *after,
				config_tell_fn *tell, void *context)
{
	const struct walk walk = { tell, context };

	tell_number(&walk, "tick", before->tick_ms, after->tick_ms);
	tell_number(&walk, "target", before->target, after->target);
	tell_number(&walk, "tolerance", before->tolerance, after->tolerance);
	tell_number(&walk, "budget", before->budget, after->budget);
	tell_truth(&walk, "coalesce", before->coalesce, after->coalesce);
}
