/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/config_port.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "config/config_explain.h"

static_assert((int)FIELD_SOCKET_MAX == PORT_PLACE_MAX - 1 && (int)FIELD_MEMIF_SOCKET_MAX == PORT_PLACE_MAX - 1 &&
		  (int)FIELD_OWNER_MAX == PORT_USER_MAX - 1 && (int)FIELD_GROUP_MAX == PORT_USER_MAX - 1,
	      "what struct port_spec holds");

const struct schema_field *config_port_field(enum port_kind kind)
{
	static const enum schema_id rows[PORT_KIND_COUNT] = {
#define X(name, text, place) [PORT_##name] = FIELD_##name,
		PORT_KINDS(X)
#undef X
	};

	return schema_field(rows[kind]);
}

/* set_bytes keeps a text that has been counted in characters, where its bytes have room too. */
static bool set_bytes(char *to, size_t size, const char *text, char *hint)
{
	if (strlen(text) < size) {
		memcpy(to, text, strlen(text) + 1);
		return true;
	}
	snprintf(hint, VALUE_HINT_MAX, ", %zu bytes", strlen(text));
	return false;
}

static bool set_feature(struct port_spec *spec, const char *name, bool offered)
{
	uint64_t bit = port_feature_bit(name);

	spec->features_off = offered ? spec->features_off & ~bit : spec->features_off | bit;
	return bit;
}

bool config_port_set(struct port_spec *spec, const struct schema_field *field, const char *text, char *hint)
{
	union value value;

	if (!value_read(field, text, &value, hint))
		return false;
	if (field->in == FIELD_FEATURES)
		return set_feature(spec, field->key, value.truth);
	switch (schema_id(field)) {
	case FIELD_DEVICE:
		spec->device = strdup(text);
		return spec->device;
	case FIELD_MODE:
	case FIELD_MEMIF_ROLE:
		spec->mode = (enum port_mode)value.word;
		return true;
	case FIELD_VHOST_QUEUES:
	case FIELD_TAP_QUEUES:
	case FIELD_AF_PACKET_QUEUES:
	case FIELD_AF_XDP_QUEUES:
		spec->queues = (uint16_t)value.number;
		return true;
	case FIELD_OWNER:
		return set_bytes(spec->owner, sizeof(spec->owner), text, hint);
	case FIELD_GROUP:
		return set_bytes(spec->group, sizeof(spec->group), text, hint);
	case FIELD_PERMISSIONS:
		spec->permissions = (uint16_t)value.number;
		return true;
	case FIELD_SEALED:
		spec->sealed = value.truth;
		return true;
	case FIELD_POSTCOPY:
		spec->postcopy = value.truth;
		return true;
	case FIELD_PCI_ADDRESS:
		port_spec_set_address(spec, text);
		return true;
	case FIELD_MEMIF_ID:
		spec->id = value.number;
		return true;
	default:
		return set_bytes(spec->place, sizeof(spec->place), text, hint);
	}
}

/* read_keys reads all scalars of the mapping that has been entered, whose keys are the row's. */
static int read_keys(struct config_reader *r, enum schema_id mapping, struct port_spec *spec)
{
	const struct schema_field *field = NULL;

	while ((field = schema_next(mapping, field))) {
		const struct config_node *child = config_child(r, schema_id(field));
		const char *text;

		if (!child || field->kind == SCHEMA_MAPPING)
			continue;
		text = config_tree_text(r->tree, child);
		if (!config_port_set(spec, field, text, r->hint))
			return config_refuse_here(r, schema_id(field), CONFIG_NO_ENTRY, text);
	}
	return 0;
}

/* read_kind reads what a kind's key leads to. */
static int read_kind(struct config_reader *r, const struct config_node *node, const char *path,
		     struct port_spec *spec)
{
	const struct schema_field *kind = config_port_field(spec->kind);
	const struct config_node *features;

	if (spec->kind == PORT_DEVICE) {
		const char *text = config_tree_text(r->tree, node);

		return config_port_set(spec, kind, text, r->hint)
			   ? 0
			   : config_refuse_here(r, FIELD_DEVICE, CONFIG_NO_ENTRY, text);
	}
	config_enter(r, node, "%s.%s", path, kind->key);
	if (read_keys(r, schema_id(kind), spec))
		return -1;
	features = spec->kind == PORT_VHOST_USER ? config_child(r, FIELD_FEATURES) : NULL;
	if (!features)
		return 0;
	config_enter(r, features, "%s.%s.%s", path, kind->key, schema_field(FIELD_FEATURES)->key);
	return read_keys(r, FIELD_FEATURES, spec);
}

/* refuse_form: the place's text is none of its kind's. */
static int refuse_form(struct config_reader *r, const char *path, const struct port_spec *spec, const char *text)
{
	const struct schema_field *kind = config_port_field(spec->kind);
	const struct schema_field *place = kind->kind == SCHEMA_MAPPING ? schema_next(schema_id(kind), NULL) : NULL;
	char at[128];

	snprintf(at, sizeof(at), "%s.%s%s%s", path, kind->key, place ? "." : "", place ? place->key : "");
	return config_refuse_at(r->tree, r->error, at, "%s", text);
}

int config_read_port(struct config_reader *r, const struct config_node *mapping, const char *path,
		     struct port_spec *spec)
{
	const struct config_node *node = NULL;
	char error[256];

	config_enter(r, mapping, "%s", path);
	for (unsigned kind = PORT_NONE + 1; kind < PORT_KIND_COUNT && !node; kind++) {
		node = config_child(r, schema_id(config_port_field((enum port_kind)kind)));
		spec->kind = node ? (enum port_kind)kind : PORT_NONE;
	}
	if (!node) /* config_shape_check() wants one */
		return 0;
	if (read_kind(r, node, path, spec)) {
		port_spec_fini(spec);
		return -1;
	}
	return port_spec_form(spec, error, sizeof(error)) ? 0 : refuse_form(r, path, spec, error);
}
