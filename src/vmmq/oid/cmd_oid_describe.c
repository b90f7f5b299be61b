/* SPDX-License-Identifier: BSD-2-Clause */
/* What a request's buffer says, as a JSON object; whatever is cut off or lies outside is left out. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/utf8.h"
#include "vmmq/oid/cmd_oid.h"

struct view {
	const uint8_t *bytes;
	size_t length;
};

/* A number of up to 8 bytes, or 0 where the buffer has ended. */
static uint64_t view_load(struct view v, uint64_t at, size_t size)
{
	uint64_t value = 0;

	if (at > v.length || size > v.length - at)
		return 0;
	for (size_t i = size; i > 0; i--)
		value = value << 8 | v.bytes[at + i - 1];
	return value;
}

static struct view view_part(struct view v, uint64_t at, uint64_t length)
{
	if (at > v.length || length > v.length - at)
		return (struct view){ NULL, 0 };
	return (struct view){ v.bytes + at, (size_t)length };
}

static json_t *bytes_text(struct view v)
{
	char text[2 * 64 + 1];

	hex_write(text, v.bytes, v.length < 64 ? v.length : 64);
	return json_string(text);
}

/* UTF-16 as UTF-8; what is not plain text is shown as '?'. */
static json_t *string_text(struct view v)
{
	char text[3 * VMMQ_NDIS_STRING_UNITS + UTF8_LEN_MAX];
	size_t units = view_load(v, 0, 2) / 2, len = 0;

	for (size_t i = 0; i < units && i < VMMQ_NDIS_STRING_UNITS; i++) {
		uint32_t c = (uint32_t)view_load(v, 2 + 2 * i, 2);

		if (c < 0x20 || (c >= 0xd800 && c < 0xe000))
			c = '?';
		len += utf8_put(text + len, c);
	}
	return json_stringn(text, len);
}

static json_t *view_hash_text(uint32_t information)
{
	char text[256];
	size_t len = (size_t)snprintf(text, sizeof(text), "0x%08x", information);

	for (uint32_t bit = 0x100; bit <= VMMQ_HASH_TYPE_MASK; bit <<= 1)
		if (information & bit & VMMQ_HASH_TYPE_MASK)
			len += (size_t)snprintf(text + len, sizeof(text) - len, " %s", vmmq_hash_type_name(bit));
	return json_string(text);
}

static json_t *processor_text(uint64_t number)
{
	return json_sprintf("%u:%u", (unsigned)(number & 0xffff), (unsigned)(number >> 16 & 0xff));
}

static json_t *view_member(struct view v, const struct oid_field *field)
{
	uint64_t value = view_load(v, field->offset, field->size);

	switch (field->kind) {
	case OID_NUMBER:
		return json_integer((json_int_t)value);
	case OID_HEX:
		return json_sprintf("0x%0*llx", 2 * field->size, (unsigned long long)value);
	case OID_HASH:
		return view_hash_text((uint32_t)value);
	case OID_PROCESSOR:
		return processor_text(value);
	case OID_AFFINITY:
		return json_sprintf("%u:0x%llx", (unsigned)view_load(v, field->offset + 8u, 2),
				    (unsigned long long)view_load(v, field->offset, 8));
	case OID_STRING:
		return string_text(view_part(v, field->offset, sizeof(struct vmmq_ndis_string)));
	case OID_STATUS:
		return json_string(vmmq_status_name((vmmq_status)value));
	}
	return json_null();
}

static size_t member_end(const struct oid_field *field)
{
	static const size_t sizes[] = { [OID_AFFINITY] = 16, [OID_STRING] = sizeof(struct vmmq_ndis_string) };
	bool large = field->kind == OID_AFFINITY || field->kind == OID_STRING;

	return field->offset + (large ? sizes[field->kind] : field->size);
}

/* structure_text describes the members that fixed bytes have, and the buffer too. */
static json_t *structure_text(struct view v, const struct oid_structure *structure)
{
	json_t *object = json_object();
	uint64_t fixed = structure->size[0];

	if (structure->type) {
		uint8_t revision = (uint8_t)view_load(v, 1, 1);

		if (revision >= 1)
			fixed =
			    structure->size[(revision < structure->revisions ? revision : structure->revisions) - 1];
		json_object_set_new(object, "structure", json_string(structure->name));
		json_object_set_new(object, "revision", json_integer(revision));
		json_object_set_new(object, "size", json_integer((json_int_t)view_load(v, 2, 2)));
	}
	for (size_t i = 0; i < structure->field_count; i++)
		if (member_end(&structure->field[i]) <= fixed && member_end(&structure->field[i]) <= v.length)
			json_object_set_new(object, structure->field[i].name, view_member(v, &structure->field[i]));
	return object;
}

static json_t *view_table_text(struct view v)
{
	bool single = view_load(v, 1, 1) == 1; /* revision 1: a byte per entry */
	size_t size = single ? 1 : 4;
	struct view table = view_part(v, view_load(v, 16, 4), view_load(v, 12, 2));
	json_t *array = json_array();

	for (size_t i = 0; i + size <= table.length; i += size)
		json_array_append_new(array, single ? json_integer((int8_t)table.bytes[i])
						    : processor_text(view_load(table, i, 4)));
	return array;
}

/* elements_text describes count structures, stride bytes apart. */
static json_t *elements_text(struct view v, uint64_t offset, uint64_t count, uint64_t stride,
			     const struct oid_structure *structure)
{
	json_t *array = json_array();

	for (uint64_t i = 0; i < count && stride >= structure->size[0]; i++) {
		struct view element = view_part(v, offset + i * stride, stride);

		if (!element.bytes)
			break;
		json_array_append_new(array, structure_text(element, structure));
	}
	return array;
}

static json_t *fields_text(struct view v)
{
	uint64_t offset = view_load(v, 20, 4), count = view_load(v, 24, 4), stride = view_load(v, 28, 4);
	json_t *array = elements_text(v, offset, count, stride, &oid_filter_field);
	json_t *element;
	size_t i;

	json_array_foreach(array, i, element)
	{
		struct view field = view_part(v, offset + i * stride, 56);

		if (view_load(field, 16, 4) == VMMQ_NDIS_MAC_FIELD_VLAN_ID)
			json_object_set_new(
			    element, "vlan",
			    json_integer((json_int_t)(view_load(field, 24, 1) << 8 | view_load(field, 25, 1))));
		else
			json_object_set_new(element, "mac", bytes_text(view_part(field, 24, VMMQ_MAC_LEN)));
	}
	return array;
}

static void tail_text(json_t *object, struct view v, enum oid_tail tail)
{
	uint64_t word[8];

	for (size_t i = 0; i < 8; i++)
		word[i] = view_load(v, 4 * i, 4);
	switch (tail) {
	case OID_TAIL_NONE:
		break;
	case OID_TAIL_RSS:
		json_object_set_new(object, "table", view_table_text(v));
		json_object_set_new(object, "key", bytes_text(view_part(v, word[6], word[5] & 0xffff)));
		break;
	case OID_TAIL_KEY:
	case OID_TAIL_HASH_KEY:
		json_object_set_new(
		    object, "key",
		    bytes_text(view_part(v, word[4], tail == OID_TAIL_KEY ? word[3] : word[3] & 0xffff)));
		break;
	case OID_TAIL_ENTRIES:
		json_object_set_new(object, "entries", elements_text(v, word[3], word[4], word[2], &oid_rss_entry));
		break;
	case OID_TAIL_FIELDS:
		json_object_set_new(object, "fields", fields_text(v));
		break;
	case OID_TAIL_SWITCHES:
		json_object_set_new(object, "switches",
				    elements_text(v, word[1], word[2], word[3], &oid_switch_info));
		break;
	case OID_TAIL_VPORTS:
		json_object_set_new(object, "vports", elements_text(v, word[4], word[5], word[6], &oid_vport_info));
		break;
	case OID_TAIL_FILTERS:
		json_object_set_new(object, "filters", elements_text(v, word[2], word[3], word[4], &oid_filter_info));
		break;
	}
}

json_t *oid_describe(uint32_t oid, const uint8_t *buffer, size_t length)
{
	const struct oid_structure *structure = oid_structure_of(oid);
	const struct view v = { buffer, length };
	json_t *object;

	if (!structure || length < sizeof(struct vmmq_ndis_header) || view_load(v, 0, 1) != structure->type)
		return json_object();
	object = structure_text(v, structure);
	tail_text(object, v, structure->tail);
	return object;
}
