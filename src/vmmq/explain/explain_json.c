/* SPDX-License-Identifier: BSD-2-Clause */
/* An explanation for programs: the fields of a record, and the steps that led to them. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "vmmq/explain/explain_packet.h"

static json_t *hex_json(const uint8_t *bytes, size_t len)
{
	char text[2 * VMMQ_KEY_LEN + 1];

	hex_write(text, bytes, len);
	return json_string(text);
}

static json_t *hash_text_json(uint32_t hash)
{
	return json_sprintf("0x%08x", hash);
}

static json_t *spec_text(const char *section)
{
	return section[0] ? json_string(section) : json_null();
}

static json_t *sentences_json(const struct explain_sentences *list)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < list->count; i++)
		json_array_append_new(array, json_pack("{s:s, s:o}", "text", list->item[i].text, "spec",
						       spec_text(list->item[i].section)));
	return array;
}

static json_t *fields_json(const struct explanation *e)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < e->field_count; i++) {
		const struct explain_field *f = &e->field[i];
		json_t *field = json_pack("{s:i, s:i, s:s, s:s, s:b}", "offset", (int)f->offset, "length",
					  (int)f->len, "name", f->name, "value", f->value, "hashed", f->hashed);

		if (f->inner)
			json_object_set_new(field, "inner", json_true());
		json_array_append_new(array, field);
	}
	return array;
}

static json_t *filter_json(const struct explanation *e)
{
	const struct vmmq_filter *f = e->verdict.filter_id ? vmmq_filter_get(e->sw, e->verdict.filter_id) : NULL;
	char mac[EXPLAIN_MAC_MAX];
	json_t *vlan, *filter;

	if (!f)
		return json_null();
	if (f->vlan == VMMQ_VLAN_ANY)
		vlan = json_string("any");
	else
		vlan = f->vlan == VMMQ_VLAN_UNTAGGED_OR_ZERO ? json_null() : json_integer(f->vlan);
	filter = json_pack("{s:i, s:s, s:o}", "id", (int)f->id, "mac", explain_mac(f->mac, mac), "vlan", vlan);
	if (filter && f->encapsulated) {
		json_object_set_new(filter, "encapsulated", json_true());
		json_object_set_new(filter, "vni", f->vni ? json_integer(f->vni) : json_null());
	}
	return filter;
}

static json_t *hash_input(const struct explanation *e)
{
	const struct explain_field *field;
	json_t *array = json_array();

	for (unsigned i = 0; (field = explain_input_field(e, i)); i++)
		json_array_append_new(array,
				      json_pack("{s:s, s:s, s:o}", "name", field->name, "value", field->value,
						"bytes", hex_json(e->source->frame + field->offset, field->len)));
	return array;
}

static json_t *hash_types_json(uint32_t types)
{
	json_t *array = json_array();

	for (uint32_t type = VMMQ_HASH_IPV4; type <= VMMQ_HASH_UDP_IPV6_EX; type <<= 1)
		if (types & type)
			json_array_append_new(array, json_string(vmmq_hash_type_name(type)));
	return array;
}

static json_t *rss_json(const struct explanation *e)
{
	return json_pack("{s:b, s:o, s:o, s:b, s:i, s:i, s:i}", "enabled", e->rss->enabled, "hash_types",
			 hash_types_json(e->rss->hash_types), "key", hex_json(e->rss->key, VMMQ_KEY_LEN),
			 "verification_key", memcmp(e->rss->key, vmmq_verification_key, VMMQ_KEY_LEN) == 0, "entries",
			 (int)e->rss->entry_count, "default_processor", (int)e->rss->default_processor.v,
			 "primary_processor", (int)e->rss->primary.v);
}

/* add_record adds what a line of replay's records has. */
static void add_record(json_t *object, const struct explanation *e)
{
	const struct vmmq_verdict *v = &e->verdict;
	bool hashed = v->hash_type;

	json_object_set_new(object, "packet",
			    e->source->number ? json_integer((json_int_t)e->source->number) : json_null());
	if (v->drop) {
		json_object_set_new(object, "drop", json_string(vmmq_drop_name((enum vmmq_drop)v->drop)));
		return;
	}
	json_object_set_new(object, "vport", json_integer(v->vport.v));
	json_object_set_new(object, "vlan", v->strip ? json_integer(v->tci & 0xfff) : json_null());
	json_object_set_new(object, "hash_type",
			    hashed ? json_string(vmmq_hash_type_name(e->choice.type)) : json_null());
	json_object_set_new(object, "hash", hashed ? hash_text_json(v->hash) : json_null());
	json_object_set_new(object, "entry", hashed ? json_integer(v->entry) : json_null());
	if (e->choice.inner)
		json_object_set_new(object, "inner", json_true());
	json_object_set_new(object, "processor", json_integer(v->processor.v));
	json_object_set_new(object, "via", json_string(vmmq_via_name((enum vmmq_via)v->via)));
}

static void add_steps(json_t *object, const struct explanation *e)
{
	json_object_set_new(object, "vport_name", json_string(vmmq_config_vport(e->config, e->verdict.vport)->name));
	json_object_set_new(object, "filter", filter_json(e));
	json_object_set_new(object, "filter_reasons", sentences_json(&e->filter));
	json_object_set_new(object, "rss", rss_json(e));
	json_object_set_new(object, "rule", json_string(vmmq_hash_rule_name(e->choice.rule)));
	json_object_set_new(object, "rule_reasons", sentences_json(&e->rule));
	json_object_set_new(object, "hash_input", hash_input(e));
}

int explain_json(FILE *out, const struct explanation *e)
{
	enum vmmq_parse_outcome outcome = (enum vmmq_parse_outcome)e->headers.outcome;
	json_t *object = json_object();
	char *text;

	add_record(object, e);
	json_object_set_new(object, "source", json_string(e->source->origin));
	json_object_set_new(object, "length", json_integer((json_int_t)e->source->len));
	json_object_set_new(object, "wire_length", json_integer((json_int_t)e->source->wire_len));
	json_object_set_new(object, "fields", fields_json(e));
	json_object_set_new(object, "headers", json_string(e->summary));
	json_object_set_new(object, "parse", json_string(vmmq_parse_outcome_name(outcome)));
	if (e->tunnelled)
		json_object_set_new(object, "tunnel",
				    json_pack("{s:s, s:i, s:i}", "type", vmmq_tunnel_name(e->tunnel.type), "vni",
					      (int)e->tunnel.vni, "offset", (int)e->tunnel.offset));
	if (!e->verdict.drop)
		add_steps(object, e);
	json_object_set_new(object, "notes", sentences_json(&e->notes));
	json_object_set_new(object, "verdict", json_string(e->verdict_text));
	text = json_dumps(object, JSON_INDENT(2));
	json_decref(object);
	if (!text)
		return -1;
	fprintf(out, "%s\n", text);
	free(text);
	return 0;
}
