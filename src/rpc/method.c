/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding a method, and what methods share: reading params that fit their schema. */
#include "rpc/method.h"

#include <string.h>

#include "base/similar_word.h"
#include "control/port_json.h"
#include "schema/value.h"

#define METHODS_MAX 64

const struct method *method_find(const char *name, const char **similar)
{
	const char *names[METHODS_MAX];
	size_t count = 0;

	for (; methods[count].name && count < METHODS_MAX; count++) {
		if (strcmp(methods[count].name, name) == 0)
			return &methods[count];
		names[count] = methods[count].name;
	}
	*similar = similar_word(name, names, count);
	return NULL;
}

vmmq_status call_result(struct call *call, json_t *result, struct vmmq_why *why)
{
	json_decref(call->result);
	call->result = result;
	return result ? VMMQ_SUCCESS : vmmq_why_set(why, VMMQ_RESOURCES, "", "out of memory");
}

static vmmq_status vport_of_name(struct vmmq_nic_switch *sw, const char *name, const char *member,
				 struct vmmq_vport_id *id, struct vmmq_why *why)
{
	struct vmmq_vport_info info;
	unsigned found = 0;

	for (int32_t next = vmmq_vport_next(sw, -1); next >= 0; next = vmmq_vport_next(sw, next)) {
		if (!vmmq_vport_get(sw, (struct vmmq_vport_id){ (uint16_t)next }, &info) ||
		    strcmp(info.name, name) != 0)
			continue;
		*id = info.id;
		found++;
	}
	if (found == 0)
		return vmmq_why_set(why, VMMQ_INVALID_PORT, member, "there is no VPort named \"%s\"", name);
	if (found > 1)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, member, "%u VPorts are named \"%s\": use the id",
				    found, name);
	return VMMQ_SUCCESS;
}

bool call_names(const struct call *call, const char *member)
{
	const json_t *value = json_object_get(call->params, member);

	return value && !json_is_null(value);
}

vmmq_status call_vport(struct live *live, const struct call *call, const char *member, struct vmmq_vport_id *id,
		       struct vmmq_why *why)
{
	struct vmmq_nic_switch *sw = record_switch(live);
	const json_t *value = json_object_get(call->params, member);
	struct vmmq_vport_info info;

	if (!call_names(call, member))
		return VMMQ_SUCCESS;
	if (json_is_string(value))
		return vport_of_name(sw, json_string_value(value), member, id, why);
	*id = (struct vmmq_vport_id){ (uint16_t)json_integer_value(value) };
	if (vmmq_vport_get(sw, *id, &info))
		return VMMQ_SUCCESS;
	return vmmq_why_set(why, VMMQ_INVALID_PORT, member, "there is no VPort %u", id->v);
}

struct vmmq_processor call_processor(const json_t *value)
{
	struct vmmq_processor processor = { 0 };
	char hint[VALUE_HINT_MAX];

	if (json_is_string(value))
		value_processor(json_string_value(value), &processor, hint);
	else
		processor.v = (uint16_t)json_integer_value(value);
	return processor;
}

vmmq_vlan_rule call_vlan(const json_t *value)
{
	if (json_is_string(value))
		return VMMQ_VLAN_ANY;
	return json_is_integer(value) ? (vmmq_vlan_rule)json_integer_value(value) : VMMQ_VLAN_UNTAGGED_OR_ZERO;
}

vmmq_status call_port(const json_t *object, struct port_spec *spec, struct vmmq_why *why)
{
	/* The schema counts characters; the kernel and the C library count bytes. */
	return port_from_json(object, spec)
		   ? VMMQ_SUCCESS
		   : vmmq_why_set(
			 why, VMMQ_INVALID_PARAMETER, "",
			 "a socket's path has at most %d bytes, the name of an owner or group %d; or memory is short",
			 PORT_PLACE_MAX - 1, PORT_USER_MAX - 1);
}
