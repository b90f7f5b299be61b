/* SPDX-License-Identifier: BSD-2-Clause */
/* The values of vmmq oid --build, each into its place in the request. */
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "vmmq/input/hex_text.h"
#include "vmmq/oid/cmd_oid_build.h"

void build_store(struct build *b, size_t at, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		b->request.buffer[at + i] = (uint8_t)(value >> 8 * i);
	if (b->request.length < at + size)
		b->request.length = at + size;
}

uint32_t build_load32(const struct build *b, size_t at)
{
	const uint8_t *p = b->request.buffer + at;

	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* "4", or "group:number". */
static bool value_target(const char *text, uint32_t *value)
{
	const char *colon = strchr(text, ':');
	char group[16] = "";
	uint64_t g, n;

	if (!colon) {
		if (!number_read(text, UINT16_MAX, &n))
			return false;
		*value = (uint32_t)(n / VMMQ_PROCESSORS_PER_GROUP | n % VMMQ_PROCESSORS_PER_GROUP << 16);
		return true;
	}
	snprintf(group, sizeof(group), "%.*s", (int)(colon - text), text);
	if (!number_read(group, UINT16_MAX, &g) || !number_read(colon + 1, UINT8_MAX, &n))
		return false;
	*value = (uint32_t)(g | n << 16);
	return true;
}

int build_wrong(const struct build *b, const char *key, const char *value, const char *needed)
{
	return command_usage(b->line, "%s: found \"%s\"; %s", key, value, needed);
}

/* "toeplitz" and types of their JSON names, or a number. */
static int value_hash_information(struct build *b, const struct oid_field *field, const char *value)
{
	uint32_t information = VMMQ_HASH_FUNCTION_TOEPLITZ;
	char copy[VALUE_MAX + 1], *save = NULL;
	uint64_t plain;

	snprintf(copy, sizeof(copy), "%s", value);
	if (number_read(value, UINT32_MAX, &plain)) {
		build_store(b, field->offset, plain, 4);
		return COMMAND_DONE;
	}
	for (char *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		if (!vmmq_hash_type_parse(word))
			return build_wrong(b, field->name, word, "a number, or hash types like tcp_ipv4,ipv4");
		information |= vmmq_hash_type_parse(word);
	}
	build_store(b, field->offset, information, 4);
	return COMMAND_DONE;
}

static int value_affinity(struct build *b, const struct oid_field *field, const char *value)
{
	const char *colon = strchr(value, ':');
	uint64_t group = 0, mask;
	char text[16] = "";

	if (colon)
		snprintf(text, sizeof(text), "%.*s", (int)(colon - value), value);
	if ((colon && !number_read(text, UINT16_MAX, &group)) ||
	    !number_read(colon ? colon + 1 : value, UINT64_MAX, &mask))
		return build_wrong(b, field->name, value, "a mask, 0x6, or group and mask, 1:0x6");
	build_store(b, field->offset, mask, 8);
	build_store(b, field->offset + 8u, group, 2);
	return COMMAND_DONE;
}

/* Letters of ASCII only: the answer's names are decoded completely. */
static int value_string(struct build *b, const struct oid_field *field, const char *value)
{
	size_t len = strlen(value);

	if (len > VMMQ_NDIS_STRING_UNITS)
		return build_wrong(b, field->name, value, "at most 256 letters are allowed");
	for (size_t i = 0; i < len; i++) {
		if ((uint8_t)value[i] >= 0x80)
			return build_wrong(b, field->name, value, "only ASCII letters can be built");
		build_store(b, field->offset + 2 + 2 * i, (uint8_t)value[i], 2);
	}
	build_store(b, field->offset, 2 * len, 2);
	return COMMAND_DONE;
}

int build_member(struct build *b, const struct oid_field *field, const char *value)
{
	uint64_t plain;
	uint32_t target;

	switch (field->kind) {
	case OID_HASH:
		return value_hash_information(b, field, value);
	case OID_AFFINITY:
		return value_affinity(b, field, value);
	case OID_STRING:
		return value_string(b, field, value);
	case OID_PROCESSOR:
		if (!value_target(value, &target))
			return build_wrong(b, field->name, value, "a processor is needed, 4 or 0:4");
		build_store(b, field->offset, target, 4);
		return COMMAND_DONE;
	case OID_NUMBER:
	case OID_HEX:
	case OID_STATUS:
		break;
	}
	if (!number_read(value, field->size < 4 ? UINT16_MAX : UINT32_MAX, &plain))
		return build_wrong(b, field->name, value, "a number is needed");
	build_store(b, field->offset, plain, field->size);
	return COMMAND_DONE;
}

/* table= of RSSv1: behind what is there already. */
int build_table(struct build *b, const char *value)
{
	bool bytes = b->request.buffer[1] == 1;
	size_t size = bytes ? 1 : 4, start = b->request.length, at = start;
	char copy[VALUE_MAX + 1], *save = NULL;
	uint32_t target;

	snprintf(copy, sizeof(copy), "%s", value);
	for (char *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save), at += size) {
		if (!value_target(word, &target))
			return build_wrong(b, "table", word, "processors are needed, 4,5,6,7 or 0:4,1:0");
		build_store(b, at,
			    bytes ? (target >> 16 & 0xff) + (target & 0xffff) * VMMQ_PROCESSORS_PER_GROUP : target,
			    size);
	}
	build_store(b, offsetof(struct vmmq_ndis_rss_parameters, table_size), at - start, 2);
	build_store(b, offsetof(struct vmmq_ndis_rss_parameters, table_offset), start, 4);
	return COMMAND_DONE;
}

void build_key_append(struct build *b, const uint8_t *key, size_t len)
{
	const struct oid_field *size = oid_field_find(b->kind->structure, "key_size");
	const struct oid_field *offset = oid_field_find(b->kind->structure, "key_offset");
	size_t at = b->request.length;

	for (size_t i = 0; i < len; i++)
		build_store(b, at + i, key[i], 1);
	build_store(b, size->offset, len, size->size);
	build_store(b, offset->offset, at, offset->size);
	b->has_key = true;
}

int build_key(struct build *b, const char *value)
{
	char error[HEX_ERROR_MAX];
	uint8_t bytes[256];
	long len = VMMQ_KEY_LEN;

	if (strcmp(value, "default") == 0)
		memcpy(bytes, vmmq_verification_key, VMMQ_KEY_LEN);
	else
		len = hex_text_parse(value, bytes, sizeof(bytes), error);
	if (len < 0)
		return build_wrong(b, "key", value, error);
	build_key_append(b, bytes, (size_t)len);
	return COMMAND_DONE;
}

/* A filter's field behind the others: value at its start, in network order. */
static void field_append(struct build *b, uint32_t field, uint32_t flags, const uint8_t *value, size_t len)
{
	uint32_t count = build_load32(b, offsetof(struct vmmq_ndis_filter_parameters, field_count));
	size_t at = count ? b->request.length : (b->fixed + 7) / 8 * 8;

	build_store(b, at, 0x00380280, 4);
	build_store(b, at + 4, flags, 4);
	build_store(b, at + 8, VMMQ_NDIS_FRAME_HEADER_MAC, 4);
	build_store(b, at + 12, VMMQ_NDIS_FILTER_TEST_EQUAL, 4);
	build_store(b, at + 16, field, 4);
	build_store(b, at + sizeof(struct vmmq_ndis_filter_field) - 1, 0, 1);
	memcpy(b->request.buffer + at + offsetof(struct vmmq_ndis_filter_field, value), value, len);
	if (!count)
		build_store(b, offsetof(struct vmmq_ndis_filter_parameters, fields_offset), at, 4);
	build_store(b, offsetof(struct vmmq_ndis_filter_parameters, field_count), count + 1, 4);
	build_store(b, offsetof(struct vmmq_ndis_filter_parameters, field_size),
		    sizeof(struct vmmq_ndis_filter_field), 4);
}

int build_mac(struct build *b, const char *value)
{
	char error[HEX_ERROR_MAX];
	uint8_t bytes[VMMQ_MAC_LEN];

	if (hex_text_parse(value, bytes, sizeof(bytes), error) != VMMQ_MAC_LEN)
		return build_wrong(b, "mac", value, "six bytes are needed, 02:00:00:00:00:01");
	field_append(b, VMMQ_NDIS_MAC_FIELD_DESTINATION, VMMQ_NDIS_FILTER_FIELD_UNTAGGED_OR_ZERO, bytes,
		     sizeof(bytes));
	b->has_mac = true;
	return COMMAND_DONE;
}

/* vlan= after mac=: a VLAN id, or any; either takes untagged-or-zero from the MAC. */
int build_vlan(struct build *b, const char *value)
{
	uint32_t at = build_load32(b, offsetof(struct vmmq_ndis_filter_parameters, fields_offset));
	uint64_t id;

	if (!b->has_mac)
		return command_usage(b->line, "vlan: mac=MAC has to come first");
	build_store(b, at + 4, 0, 4);
	if (strcmp(value, "any") == 0)
		return COMMAND_DONE;
	if (!number_read(value, UINT16_MAX, &id))
		return build_wrong(b, "vlan", value, "a VLAN id, or any");
	field_append(b, VMMQ_NDIS_MAC_FIELD_VLAN_ID, 0, (const uint8_t[]){ (uint8_t)(id >> 8), (uint8_t)id }, 2);
	return COMMAND_DONE;
}

/* A command "VPORT:ENTRY=PROCESSOR", where ENTRY is an index, default or primary. */
int build_move(struct build *b, const char *word, const char *value)
{
	static const char needed[] = "VPORT:ENTRY=PROCESSOR, where ENTRY is an index, default or primary";
	uint32_t count = build_load32(b, 16), flags = 0, target;
	size_t at = b->fixed + (size_t)count * sizeof(struct vmmq_ndis_rss_entry);
	char vport[16], entry[16];
	uint64_t id, index = 0;

	if (sscanf(word, "%15[^:]:%15s", vport, entry) != 2 || !number_read(vport, UINT32_MAX, &id) ||
	    !value_target(value, &target))
		return build_wrong(b, word, value, needed);
	if (strcmp(entry, "default") == 0)
		flags = VMMQ_RSS_MOVE_DEFAULT;
	else if (strcmp(entry, "primary") == 0)
		flags = VMMQ_RSS_MOVE_PRIMARY;
	else if (!number_read(entry, UINT16_MAX, &index))
		return build_wrong(b, word, value, needed);
	build_store(b, at + 4, id, 4);
	build_store(b, at + 8, flags, 4);
	build_store(b, at + 12, index, 2);
	build_store(b, at + 14, target, 4);
	build_store(b, at + 20, VMMQ_PENDING, 4);
	build_store(b, 8, sizeof(struct vmmq_ndis_rss_entry), 4);
	build_store(b, 12, b->fixed, 4);
	build_store(b, 16, count + 1, 4);
	return COMMAND_DONE;
}
