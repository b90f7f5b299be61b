/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/method.h"
#include "schema/value.h"

static const char *call_text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}

/* call_is_dynamic reads a word that fits the schema; NULL: static. */
static bool call_is_dynamic(const json_t *scaling)
{
	return scaling && strcmp(json_string_value(scaling), "dynamic") == 0;
}

/* call_name_check: names are what people call VPorts by, so no two have the same. */
static vmmq_status call_name_check(struct vmmq_nic_switch *sw, const char *name, struct vmmq_vport_id own,
				   struct vmmq_why *why)
{
	struct vmmq_vport_info info;

	for (int32_t id = vmmq_vport_next(sw, -1); id >= 0; id = vmmq_vport_next(sw, id))
		if (id != own.v && vmmq_vport_get(sw, (struct vmmq_vport_id){ (uint16_t)id }, &info) &&
		    strcmp(info.name, name) == 0)
			return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "name", "VPort %d has that name", id);
	return VMMQ_SUCCESS;
}

static void call_read_filter(const json_t *value, struct config_filter *filter)
{
	char hint[VALUE_HINT_MAX];

	value_mac(call_text(value, "mac"), filter->mac, hint);
	filter->vlan = call_vlan(json_object_get(value, "vlan"));
	filter->encapsulated = json_is_true(json_object_get(value, "encapsulated"));
	filter->vni = (uint32_t)json_integer_value(json_object_get(value, "vni"));
}

static vmmq_status call_read_filters(const json_t *list, struct config_vport *vport, struct vmmq_why *why)
{
	size_t count = json_array_size(list);

	if (count == 0)
		return VMMQ_SUCCESS;
	vport->filters = calloc(count, sizeof(*vport->filters));
	if (!vport->filters)
		return vmmq_why_set(why, VMMQ_RESOURCES, "", "out of memory");
	vport->filter_count = count;
	for (size_t i = 0; i < count; i++)
		call_read_filter(json_array_get(list, i), &vport->filters[i]);
	return VMMQ_SUCCESS;
}

/*
 * call_read_vport completes what params leave out with the defaults of the configuration file.  vport->filters and backend are
 * the caller's.
 */
static vmmq_status call_read_vport(struct live *live, const json_t *params, struct config_vport *vport,
				   struct vmmq_why *why)
{
	const json_t *queue_pairs = json_object_get(params, "queue_pairs");
	const json_t *primary = json_object_get(params, "primary_processor");
	const json_t *anti_spoofing = json_object_get(params, "anti_spoofing");
	const json_t *control_frames = json_object_get(params, "control_frames");
	const json_t *flood_limit = json_object_get(params, "flood_limit");
	const json_t *least = json_object_get(params, "min_queue_pairs");
	const struct vmmq_processor_set *set = vmmq_nic_switch_processors(live_switch(live));
	struct vmmq_vport_info vport0;
	vmmq_status status;

	vport->queue_pairs = queue_pairs ? (uint32_t)json_integer_value(queue_pairs) : FIELD_QUEUE_PAIRS_INITIAL;
	vport->min_queue_pairs = least ? (uint32_t)json_integer_value(least) : FIELD_MIN_QUEUE_PAIRS_INITIAL;
	vport->dynamic = call_is_dynamic(json_object_get(params, "scaling"));
	vport->anti_spoofing = anti_spoofing ? json_is_true(anti_spoofing) : FIELD_ANTI_SPOOFING_INITIAL;
	vport->control_frames = control_frames ? json_is_true(control_frames) : FIELD_CONTROL_FRAMES_INITIAL;
	vport->flood_limit = flood_limit ? (uint32_t)json_integer_value(flood_limit) : FIELD_FLOOD_LIMIT_INITIAL;
	vmmq_vport_get(live_switch(live), VMMQ_DEFAULT_VPORT, &vport0);
	vmmq_rss_params_init(&vport->rss, primary ? call_processor(primary) : set->processor[0]);
	vport->rss.encapsulation = vport0.rss->encapsulation;
	status = call_rss(json_object_get(params, "rss"), "rss.", &vport->rss, why);
	if (status == VMMQ_SUCCESS)
		status = call_port(json_object_get(params, "backend"), &vport->backend, why);
	return status == VMMQ_SUCCESS ? call_read_filters(json_object_get(params, "filters"), vport, why) : status;
}

static struct vmmq_vport_id lowest_free(struct vmmq_nic_switch *sw)
{
	int32_t id = 0, next;

	while ((next = vmmq_vport_next(sw, id)) == id + 1)
		id = next;
	return (struct vmmq_vport_id){ (uint16_t)(id + 1) };
}

vmmq_status method_vport_add(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;
	struct vmmq_nic_switch *sw = live_switch(live);
	const json_t *id = json_object_get(call->params, "id");
	const char *name = call_text(call->params, "name");
	struct config_vport vport = { 0 };
	char unnamed[16];
	vmmq_status status;

	vport.id = id ? (struct vmmq_vport_id){ (uint16_t)json_integer_value(id) } : lowest_free(sw);
	snprintf(unnamed, sizeof(unnamed), "vport%u", vport.id.v);
	vport.name = name ? (char *)(uintptr_t)name : unnamed;
	status = call_name_check(sw, vport.name, vport.id, why);
	if (status == VMMQ_SUCCESS)
		status = call_read_vport(live, call->params, &vport, why);
	if (status == VMMQ_SUCCESS)
		status = live_vport_add(live, &vport, &vport.id, why);
	free(vport.filters);
	port_spec_fini(&vport.backend);
	if (status != VMMQ_SUCCESS)
		return status;
	return call_result(call, json_pack("{s:i, s:n}", "vport", vport.id.v, "notice"), why);
}

/* read_changes fills what params name, but the backend, and returns which that are. */
static unsigned read_changes(const json_t *params, struct config_vport *vport)
{
	const json_t *value;
	unsigned changed = 0;

	if ((value = json_object_get(params, "name"))) {
		vport->name = (char *)(uintptr_t)json_string_value(value);
		changed |= LIVE_VPORT_NAME;
	}
	if ((value = json_object_get(params, "queue_pairs"))) {
		vport->queue_pairs = (uint32_t)json_integer_value(value);
		changed |= LIVE_VPORT_QUEUE_PAIRS;
	}
	if ((value = json_object_get(params, "scaling"))) {
		vport->dynamic = call_is_dynamic(value);
		changed |= LIVE_VPORT_SCALING;
	}
	if ((value = json_object_get(params, "min_queue_pairs"))) {
		vport->min_queue_pairs = (uint32_t)json_integer_value(value);
		changed |= LIVE_VPORT_MIN_QUEUE_PAIRS;
	}
	if ((value = json_object_get(params, "primary_processor"))) {
		vport->rss.primary = call_processor(value);
		changed |= LIVE_VPORT_PRIMARY;
	}
	if (json_object_get(params, "backend"))
		changed |= LIVE_VPORT_BACKEND;
	if ((value = json_object_get(params, "anti_spoofing"))) {
		vport->anti_spoofing = json_is_true(value);
		changed |= LIVE_VPORT_ANTI_SPOOFING;
	}
	if ((value = json_object_get(params, "control_frames"))) {
		vport->control_frames = json_is_true(value);
		changed |= LIVE_VPORT_CONTROL_FRAMES;
	}
	if ((value = json_object_get(params, "flood_limit"))) {
		vport->flood_limit = (uint32_t)json_integer_value(value);
		changed |= LIVE_VPORT_FLOOD_LIMIT;
	}
	return changed;
}

vmmq_status method_vport_set(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;
	struct config_vport vport = { 0 };
	vmmq_status status = call_vport(live, call, "vport", &vport.id, why);
	unsigned changed = read_changes(call->params, &vport);

	if (status == VMMQ_SUCCESS)
		status = call_port(json_object_get(call->params, "backend"), &vport.backend, why);
	if (status == VMMQ_SUCCESS && changed & LIVE_VPORT_NAME)
		status = call_name_check(live_switch(live), vport.name, vport.id, why);
	if (status == VMMQ_SUCCESS && changed)
		status = live_vport_set(live, &vport, changed, why);
	port_spec_fini(&vport.backend);
	if (status != VMMQ_SUCCESS)
		return status;
	return call_result(call, json_pack("{s:i, s:n}", "vport", vport.id.v, "notice"), why);
}

/* method_vport_finish tells when the backend that was asked for cannot be opened now. */
bool method_vport_finish(struct live *live, struct call *call, vmmq_status status, const struct vmmq_why *why)
{
	struct vmmq_vport_id id;
	struct host_port port;

	(void)why;
	if (status != VMMQ_SUCCESS || !json_is_object(json_object_get(call->params, "backend")))
		return false;
	id.v = (uint16_t)json_integer_value(json_object_get(call->result, "vport"));
	host_backend_get(live_host(live), id, &port);
	if (port.spec->kind != PORT_NONE && !port.open)
		json_object_set_new(call->result, "notice", record_text(port.reason));
	return false;
}

vmmq_status method_vport_delete(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;
	struct vmmq_vport_id id = VMMQ_DEFAULT_VPORT;
	vmmq_status status = call_vport(live, call, "vport", &id, why);

	if (status == VMMQ_SUCCESS)
		status =
		    live_vport_delete(live, id, json_is_true(json_object_get(call->params, "with_filters")), why);
	if (status != VMMQ_SUCCESS)
		return status;
	return call_result(call, json_pack("{s:i}", "vport", id.v), why);
}
