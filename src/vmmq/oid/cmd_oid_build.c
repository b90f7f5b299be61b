/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq oid --build: a request file from KEY=VALUE words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/similar_word.h"
#include "vmmq/oid/cmd_oid_build.h"

static void build_imply(struct build *b, const char *name)
{
	const struct implied *implied = b->kind->implied;

	while (implied && implied->key && strcmp(implied->key, name) != 0)
		implied++;
	if (!implied || !implied->key || b->has_flags)
		return;
	if (b->kind->given_clears)
		build_store(b, 4, build_load32(b, 4) & ~implied->flag,
			    oid_field_find(b->kind->structure, "flags")->size);
	else
		build_store(b, 4, build_load32(b, 4) | implied->flag, 4);
}

/* build_common answers the keys that every kind has: revision=, vport=, room=; -1: not one of them. */
static int build_common(struct build *b, const char *name, const char *value)
{
	const struct oid_structure *structure = b->kind->structure;
	uint64_t n;

	if (strcmp(name, "vport") == 0) {
		if (!number_read(value, UINT32_MAX, &n))
			return build_wrong(b, name, value, "a VPort id is needed");
		b->request.flags |= VMMQ_NDIS_VPORT_ID_VALID;
		b->request.vport = (uint32_t)n;
		return COMMAND_DONE;
	}
	if (strcmp(name, "room") == 0) {
		if (!number_read(value, BUILD_MAX / 2, &n))
			return build_wrong(b, name, value, "a number of bytes is needed");
		b->room = (size_t)n;
		b->has_room = true;
		return COMMAND_DONE;
	}
	if (strcmp(name, "revision") != 0 || !structure)
		return -1;
	if (!number_read(value, structure->revisions, &n) || !n)
		return build_wrong(b, name, value, "this structure has no such revision");
	if (b->request.length != b->fixed)
		return command_usage(b->line, "revision: it has to come first");
	b->fixed = b->request.length = structure->size[n - 1];
	build_store(b, 1, n, 1);
	build_store(b, 2, b->fixed, 2);
	return COMMAND_DONE;
}

static int build_unknown(const struct build *b, const char *name)
{
	const struct oid_structure *structure = b->kind->structure;
	const char *names[64] = { "vport", "room", "revision", "table", "key", "mac", "vlan" };
	const char *similar;
	size_t count = 7;

	for (size_t i = 0; structure && i < structure->field_count; i++)
		names[count++] = structure->field[i].name;
	similar = similar_word(name, names, count);
	return command_usage(b->line, "%s has no %s%s%s%s", b->kind->name, name, similar ? "; did you mean " : "",
			     similar ? similar : "", similar ? "?" : "");
}

/* build_assign carries out one KEY=VALUE. */
static int build_assign(struct build *b, const char *name, const char *value)
{
	const struct oid_structure *structure = b->kind->structure;
	const struct oid_field *field = structure ? oid_field_find(structure, name) : NULL;
	int status = build_common(b, name, value);

	if (status >= 0)
		return status;
	if (!field || field->offset < b->fixed)
		build_imply(b, name);
	if (structure == &oid_rss_parameters && strcmp(name, "table") == 0)
		return build_table(b, value);
	if (structure && oid_field_find(structure, "key_size") && strcmp(name, "key") == 0)
		return build_key(b, value);
	if (structure == &oid_filter_parameters && strcmp(name, "mac") == 0)
		return build_mac(b, value);
	if (structure == &oid_filter_parameters && strcmp(name, "vlan") == 0)
		return build_vlan(b, value);
	if (structure == &oid_rss_entries && strchr(name, ':'))
		return build_move(b, name, value);
	if (!field)
		return build_unknown(b, name);
	if (field->offset >= b->fixed)
		return command_usage(b->line, "%s: revision %u of the structure has no such member", name,
				     b->request.buffer[1]);
	b->has_flags |= strcmp(name, "flags") == 0;
	return build_member(b, field, value);
}

static int build_operands(struct build *b)
{
	int status = COMMAND_DONE;

	for (unsigned i = 0; status == COMMAND_DONE && i < command_operand_count(b->line); i++) {
		const char *word = command_operand(b->line, i);
		const char *equal = strchr(word, '=');
		char name[64];

		if (!equal || equal - word >= (long)sizeof(name))
			return command_usage(b->line, "\"%s\": KEY=VALUE is needed", word);
		if (strlen(equal) > VALUE_MAX || b->request.length > BUILD_MAX / 2)
			return command_usage(b->line, "the request becomes too large");
		snprintf(name, sizeof(name), "%.*s", (int)(equal - word), word);
		status = build_assign(b, name, equal + 1);
	}
	return status;
}

/* build_start writes the header and what is the same in nearly every request. */
static void build_start(struct build *b)
{
	const struct oid_structure *structure = b->kind->structure;

	b->request.length = b->kind->room;
	if (!structure)
		return;
	b->fixed = structure->size[structure->revisions - 1];
	b->request.length = b->fixed;
	build_store(b, 0, structure->type, 1);
	build_store(b, 1, structure->revisions, 1);
	build_store(b, 2, b->fixed, 2);
	if (b->kind->flags)
		build_store(b, 4, b->kind->flags, oid_field_find(structure, "flags")->size);
	if (structure == &oid_switch_parameters)
		build_store(b, offsetof(struct vmmq_ndis_switch_parameters, type), VMMQ_NDIS_SWITCH_TYPE_EXTERNAL, 4);
	if (structure == &oid_filter_parameters)
		build_store(b, offsetof(struct vmmq_ndis_filter_parameters, type), VMMQ_NDIS_FILTER_TYPE_VM_QUEUE, 4);
	if (structure == &oid_vport_parameters) {
		build_store(b, offsetof(struct vmmq_ndis_vport_parameters, attached_function),
			    VMMQ_NDIS_PF_FUNCTION_ID, 2);
		build_store(b, 1, 1, 1);
	}
	if (structure == &oid_vport_array)
		build_store(b, offsetof(struct vmmq_ndis_vport_info_array, attached_function),
			    VMMQ_NDIS_PF_FUNCTION_ID, 2);
}

/*
 * build_finish adds what a request has even if nobody asks for it: RSSv2's key, and room for the answer; or cuts it
 * to room=.
 */
static void build_finish(struct build *b)
{
	if (b->kind->structure == &oid_rss_parameters_v2 && !b->has_key)
		build_key_append(b, vmmq_verification_key, VMMQ_KEY_LEN);
	if (b->kind->structure && b->request.length < b->kind->room)
		b->request.length = b->kind->room;
	if (b->has_room)
		b->request.length = b->room;
}

int oid_build(const struct command_line *line, const char *name)
{
	struct build b = { .line = line, .kind = kind_find(line, name) };
	const char *output = command_value(line, "output");
	int status;

	if (!b.kind)
		return COMMAND_USAGE;
	if (!output)
		return command_usage(line, "--build needs --output FILE");
	b.request.oid = b.kind->oid;
	b.request.method = b.kind->method;
	b.request.buffer = calloc(1, BUILD_MAX);
	if (!b.request.buffer)
		return command_fail(line, "out of memory");
	build_start(&b);
	status = build_operands(&b);
	if (status == COMMAND_DONE) {
		build_finish(&b);
		status = oid_file_write(line, output, &b.request);
	}
	free(b.request.buffer);
	return status;
}
