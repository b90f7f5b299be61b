/* SPDX-License-Identifier: BSD-2-Clause */
/* The rates of one sample as a record for programs. */
#include "vmmq/top/top_model.h"

static json_t *top_counts_json(const char *const names[], const struct top_count count[], size_t n)
{
	json_t *object = json_object();

	for (size_t i = 0; i < n; i++)
		json_object_set_new(object, names[i], json_real(count[i].rate));
	return object;
}

static json_t *top_drops_json(const struct top_drop drop[], size_t count)
{
	json_t *object = json_object();

	for (size_t i = 0; i < count; i++)
		json_object_set_new(object, drop[i].reason, json_real(drop[i].packets.rate));
	return object;
}

static json_t *top_processors_json(const struct top_snapshot *now)
{
	json_t *array = json_array();

	for (size_t i = 0; i < now->processor_count; i++) {
		const struct top_processor *p = &now->processor[i];
		json_t *object = top_counts_json(top_processor_names, p->count, TOP_PROCESSOR_COUNT);

		json_object_set_new(object, "processor", json_integer(p->number));
		json_object_set_new(object, "busy", json_real(p->busy));
		json_object_set_new(object, "asleep", json_real(p->asleep));
		json_object_set_new(object, "inbox_high", json_integer((json_int_t)p->inbox_high));
		json_object_set_new(object, "stalled", json_boolean(p->stalled));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *top_spread_json(const struct top_vport *vport)
{
	json_t *array = json_array();

	for (size_t i = 0; i < vport->share_count; i++)
		json_array_append_new(
		    array, json_pack("{s:I, s:b, s:f}", "processor", (json_int_t)vport->share[i].processor, "used",
				     vport->share[i].used, "packets", vport->share[i].packets.rate));
	return array;
}

static json_t *top_entries_json(const struct top_model *model, const struct top_vport *vport)
{
	json_t *array = json_array();

	for (size_t i = 0; i < vport->entry_count; i++) {
		const struct top_entry *entry = &vport->entry[i];
		bool moved = top_entry_moved(model, entry);
		json_t *record =
		    json_pack("{s:I, s:I, s:f, s:b}", "entry", (json_int_t)i, "processor",
			      (json_int_t)entry->processor, "packets", entry->packets.rate, "moved", moved);

		if (moved)
			json_object_set_new(record, "moved_from", json_integer(entry->moved_from));
		if (*top_move_reason(model, vport, i))
			json_object_set_new(record, "moved_for", json_string(top_move_reason(model, vport, i)));
		json_array_append_new(array, record);
	}
	return array;
}

static json_t *top_vports_json(const struct top_model *model)
{
	json_t *array = json_array();

	for (size_t i = 0; i < model->now->vport_count; i++) {
		const struct top_vport *v = &model->now->vport[i];
		json_t *object = top_counts_json(top_vport_names, v->count, TOP_VPORT_COUNT);

		json_object_set_new(object, "vport", json_integer(v->id));
		json_object_set_new(object, "name", json_string(v->name));
		json_object_set_new(object, "imbalance", v->imbalance > 0 ? json_real(v->imbalance) : json_null());
		json_object_set_new(object, "dropped", json_real(v->dropped.rate));
		json_object_set_new(object, "drops", top_drops_json(v->drop, v->drop_count));
		json_object_set_new(object, "processors", top_spread_json(v));
		json_object_set_new(object, "entries", top_entries_json(model, v));
		json_array_append_new(array, object);
	}
	return array;
}

json_t *top_model_json(const struct top_model *model)
{
	const struct top_snapshot *now = model->now;
	json_t *adapter = top_counts_json(top_adapter_names, now->adapter.count, TOP_ADAPTER_COUNT);

	json_object_set_new(adapter, "name", json_string(now->adapter.name));
	json_object_set_new(adapter, "uptime", json_real(now->adapter.uptime));
	json_object_set_new(adapter, "uplink",
			    top_counts_json(top_port_names, now->adapter.uplink.count, TOP_PORT_COUNT));
	return json_pack("{s:f, s:f, s:o, s:o, s:o, s:o}", "time", now->time, "interval", model->interval, "adapter",
			 adapter, "drops", top_drops_json(now->drop, now->drop_count), "processors",
			 top_processors_json(now), "vports", top_vports_json(model));
}
