/* SPDX-License-Identifier: BSD-2-Clause */
/* oid.request: a binary NDIS request around the running switch. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vmmq/oid.h>

#include "base/hex.h"
#include "rpc/method.h"

/* from_hex decodes text that fits SCHEMA_HEX; *length bytes, the caller's (not NULL when there are none); NULL: memory. */
static uint8_t *from_hex(const char *text, size_t *length)
{
	uint8_t *bytes;

	*length = text ? strlen(text) / 2 : 0;
	bytes = malloc(*length + 1);
	if (bytes)
		hex_read(text, bytes, *length);
	return bytes;
}

static json_t *to_hex(const uint8_t *bytes, size_t length)
{
	char *text = malloc(2 * length + 1);
	json_t *json;

	if (!text)
		return NULL;
	hex_write(text, bytes, length);
	json = json_stringn(text, 2 * length);
	free(text);
	return json;
}

static enum vmmq_oid_method method_of(const struct call *call)
{
	const char *name = json_string_value(json_object_get(call->params, "method"));

	return name[0] == 'q' ? VMMQ_OID_QUERY : name[0] == 's' ? VMMQ_OID_SET : VMMQ_OID_METHOD;
}

static vmmq_status oid_request_run(struct live *live, struct call *call, uint8_t *buffer, size_t length,
				   size_t *bytes, struct vmmq_why *why)
{
	uint32_t oid = (uint32_t)json_integer_value(json_object_get(call->params, "oid"));
	const json_t *actor = json_object_get(call->params, "processor");
	struct vmmq_vport_id vport = VMMQ_DEFAULT_VPORT;
	const struct vmmq_processor_set *set = vmmq_nic_switch_processors(live_switch(live));
	struct vmmq_nic_switch_params hardware = { .processors = set->processor, .processor_count = set->count };
	struct vmmq_oid_adapter adapter;
	vmmq_status status = call_vport(live, call, "vport", &vport, why);

	if (status != VMMQ_SUCCESS)
		return status;
	vmmq_oid_adapter_init(&adapter, live_switch(live), &hardware);
	adapter.maker = (struct vmmq_oid_switch_maker){ NULL }; /* the switch is the daemon's */
	if (actor)
		adapter.actor = call_processor(actor);
	return vmmq_oid_request(&adapter, oid, method_of(call),
				call_names(call, "vport") ? VMMQ_NDIS_VPORT_ID_VALID : 0, vport.v, buffer, length,
				bytes, why);
}

/*
 * oid_follow: a table that NDIS states is wanted as it is, also where load was moved to by itself, since that is what NDIS has been shown;
 * what it moves stays where it is put.
 */
static vmmq_status oid_follow(struct live *live, const struct call *call, vmmq_nic_switch_mark_t before,
			      struct vmmq_why *why)
{
	uint32_t oid = (uint32_t)json_integer_value(json_object_get(call->params, "oid"));
	size_t count = vmmq_nic_switch_changes(live_switch(live), before, 0, NULL, 0);
	vmmq_status status = VMMQ_SUCCESS;

	for (size_t i = 0; i < count && status == VMMQ_SUCCESS; i++) {
		struct vmmq_nic_switch_change change;
		struct vmmq_vport_id id;

		vmmq_nic_switch_changes(live_switch(live), before, i, &change, 1);
		id = (struct vmmq_vport_id){ (uint16_t)change.id };
		if (change.what == VMMQ_CHANGED_VPORT && oid == VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS)
			status = live_rss_stated(live, id, why);
		else if (change.what == VMMQ_CHANGED_VPORT && oid == VMMQ_OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES)
			status = live_rss_pin_moved(live, id, why);
	}
	return status;
}

vmmq_status method_oid_request(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;
	const char *hex = json_string_value(json_object_get(call->params, "buffer"));
	size_t length, bytes = 0;
	uint8_t *buffer = from_hex(hex, &length);
	vmmq_nic_switch_mark_t before = vmmq_nic_switch_mark(live_switch(live));
	vmmq_status status, kept;

	call->asks = method_of(call) == VMMQ_OID_QUERY;
	if (!buffer)
		return vmmq_why_set(why, VMMQ_RESOURCES, "", "out of memory");
	status = oid_request_run(live, call, buffer, length, &bytes, why);
	call->unchanged = !vmmq_nic_switch_changes(live_switch(live), before, 0, NULL, 0);
	if (status == VMMQ_SUCCESS && !call->unchanged)
		status = oid_follow(live, call, before, why);
	kept =
	    call_result(call, json_pack("{s:I, s:o}", "bytes", (json_int_t)bytes, "buffer", to_hex(buffer, length)),
			status == VMMQ_SUCCESS ? why : NULL);
	free(buffer);
	return status == VMMQ_SUCCESS ? kept : status;
}

/* oid_may_pend: all but moves of entries, which must not (spec 11.3). */
static bool oid_may_pend(const struct call *call)
{
	return !call->unchanged && json_integer_value(json_object_get(call->params, "oid")) !=
				       VMMQ_OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES;
}

/* method_oid_finish: what the request answered is the result, also when it was refused. */
bool method_oid_finish(struct live *live, struct call *call, vmmq_status status, const struct vmmq_why *why)
{
	char sentence[sizeof(why->path) + sizeof(why->text) + 2] = "";

	if (!call->result)
		return false;
	if (status == VMMQ_SUCCESS && oid_may_pend(call) && live_pending(live))
		status = VMMQ_PENDING; /* as an adapter's own (vmmq/oid.h); why is for refusals */
	if (status != VMMQ_SUCCESS && status != VMMQ_PENDING)
		snprintf(sentence, sizeof(sentence), "%s%s%s", why->path, why->path[0] ? ": " : "", why->text);
	json_object_set_new(call->result, "status", json_string(vmmq_status_name(status)));
	json_object_set_new(call->result, "code", json_integer(status));
	json_object_set_new(call->result, "why", record_text_or_null(sentence[0] ? sentence : NULL));
	return true;
}
