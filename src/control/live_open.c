/* SPDX-License-Identifier: BSD-2-Clause */
/* From a state or a seed to a running switch. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/build_switch.h"
#include "control/live_balance_state.h"

/* An opening: what the switch begins with, and where that came from. */
struct opening {
	struct live *live;
	const struct live_params *params;
	struct state loaded;
	bool from_state;
	const struct vmmq_config *config;
	char *error;
	size_t error_len;
};

__attribute__((format(printf, 2, 3))) static bool opening_fail(struct opening *o, const char *text, ...)
{
	va_list values;

	va_start(values, text);
	vsnprintf(o->error, o->error_len, text, values);
	va_end(values);
	return false;
}

/* fail_why says where the refused value came from, and what is wrong with it. */
static bool fail_why(struct opening *o, const struct vmmq_why *why)
{
	return opening_fail(o, "%s%s%s%s%s", o->from_state ? o->params->state : "", o->from_state ? ": " : "",
			    why->path, *why->path ? ": " : "", why->text);
}

static bool fail_memory(struct opening *o)
{
	return opening_fail(o, "out of memory");
}

/* opening_without_state: rather than not run at all, it runs with what the fallback says, and nothing is changed. */
static bool opening_without_state(struct opening *o, const char *why)
{
	struct live *live = o->live;

	snprintf(live->fallback->unwritable, sizeof(live->fallback->unwritable), "%s", why);
	state_db_close(live->db);
	live->db = NULL;
	return true;
}

static bool opening_load_state(struct opening *o)
{
	struct live *live = o->live;

	live->db = state_db_open(o->params->state, o->error, o->error_len);
	if (!live->db)
		return live->fallback && opening_without_state(o, o->error);
	if (state_db_is_new(live->db))
		return true;
	if (live->fallback)
		return opening_without_state(o, "the one that could not be used is still in its place");
	if (!state_db_load(live->db, &o->loaded))
		return opening_fail(o, "%s", state_db_error(live->db));
	o->from_state = !o->params->reseed;
	return true;
}

static bool opening_load(struct opening *o)
{
	if (o->params->fallback) {
		o->live->fallback = malloc(sizeof(*o->live->fallback));
		if (!o->live->fallback)
			return fail_memory(o);
		*o->live->fallback = *o->params->fallback;
	}
	if (*o->params->state && !opening_load_state(o))
		return false;
	o->config = o->from_state ? &o->loaded.config : o->params->seed;
	return o->config || opening_fail(o, "%s%sthere is no state yet, and no configuration file to begin with",
					 o->params->state, *o->params->state ? ": " : "");
}

static bool copy_identity(struct opening *o)
{
	struct live *live = o->live;
	const struct vmmq_processor *running = o->from_state ? o->loaded.running : o->config->processors;
	size_t count = o->from_state ? o->loaded.running_count : o->config->processor_count;

	assert(o->config->adapter_name); /* whoever made the configuration has filled in what was not stated */
	live->name = strdup(o->config->adapter_name);
	live->state = strdup(o->params->state);
	live->sockets = o->params->sockets ? strdup(o->params->sockets) : NULL;
	live->allow_devargs = o->params->allow_devargs;
	live->control = o->params->control;
	live->interfaces = o->params->interfaces;
	live->addresses = o->params->addresses;
	live->governed = o->params->governed;
	live->moderation = o->config->moderation;
	live->mtu = o->config->mtu;
	live->running = calloc(count, sizeof(*live->running));
	live->cpu = calloc(count, sizeof(*live->cpu));
	live->stalled = calloc(count, sizeof(*live->stalled));
	live->running_count = count;
	if (!live->name || !live->state || (o->params->sockets && !live->sockets) || !live->running || !live->cpu ||
	    !live->stalled)
		return fail_memory(o);
	memcpy(live->running, running, count * sizeof(*running));
	return true;
}

static bool opening_make_adapter(struct opening *o)
{
	struct live *live = o->live;
	const struct host_params host = { live->name, o->params->host_buffers, live->mtu };
	struct vmmq_adapter_params params = {
		.name = live->name,
		.nic_switch = { .processors = live->running,
				.processor_count = live->running_count,
				.default_vport_queue_pairs = o->config->vports[0].queue_pairs },
		.moderation = (enum vmmq_moderation)live->moderation,
	};
	struct vmmq_why why = { 0 };

	if (host_create(&host, &live->host, &why) != VMMQ_SUCCESS)
		return fail_why(o, &why);
	host_fill_adapter_params(live->host, &params);
	if (vmmq_adapter_create(&params, &live->adapter, &why) != VMMQ_SUCCESS ||
	    host_bind(live->host, live->adapter, &why) != VMMQ_SUCCESS)
		return fail_why(o, &why);
	live->sw = vmmq_adapter_switch(live->adapter);
	return live_balance_init(live) || opening_fail(o, "there is no memory or timer to balance load with");
}

static bool put_extras(struct opening *o)
{
	const struct vmmq_config *config = o->config;
	struct live_extra uplink = { .rx_queues = config->uplink_rx_queues };
	const struct live_extra balance = { .balance = config->balance };
	bool done;

	live_extra_set_port(o->live, &uplink, &config->uplink);
	done = live_extra_put(o->live, LIVE_UPLINK, &uplink) && live_extra_put(o->live, LIVE_BALANCE, &balance);
	for (size_t i = 0; i < config->vport_count && done; i++) {
		const struct config_vport *vport = &config->vports[i];
		struct live_extra extra = { .anti_spoofing = vport->anti_spoofing,
					    .control_frames = vport->control_frames,
					    .flood_limit = vport->flood_limit,
					    .dynamic = vport->dynamic,
					    .owner = vport->owner,
					    .min_queue_pairs = vport->min_queue_pairs };

		live_extra_set_port(o->live, &extra, &vport->backend);
		done = live_extra_put(o->live, vport->id.v, &extra);
	}
	return done;
}

/*
 * check_extras refuses devices of a seed.  Those of a state were good when they were stored; should a driver be gone
 * since, one port that fails is better than none that runs.
 */
static bool check_extras(struct opening *o)
{
	struct vmmq_why why = { 0 };

	if (o->from_state)
		return true;
	if (live_extra_check(o->live, LIVE_UPLINK, &why) != VMMQ_SUCCESS)
		return fail_why(o, &why);
	for (size_t i = 0; i < o->config->vport_count; i++) {
		if (live_extra_check(o->live, o->config->vports[i].id.v, &why) == VMMQ_SUCCESS)
			continue;
		switch_name_vport(&why, o->config->vports[i].id);
		return fail_why(o, &why);
	}
	return true;
}

static bool opening_fill(struct opening *o)
{
	struct live *live = o->live;
	struct vmmq_why why = { 0 };

	vmmq_filter_reserve_ids(live->sw, o->loaded.last_filter_id);
	if (switch_fill_from_config(live->sw, o->config, &why) != VMMQ_SUCCESS)
		return fail_why(o, &why);
	if (!put_extras(o))
		return fail_memory(o);
	return check_extras(o);
}

static bool know_filters(struct live *live)
{
	struct live_known *known = &live->known;
	size_t count = 0;

	for (const struct vmmq_filter *f = vmmq_filter_next(live->sw, 0); f; f = vmmq_filter_next(live->sw, f->id))
		count++;
	known->filter = calloc(count + 1, sizeof(*known->filter));
	known->filter_capacity = count + 1;
	if (!known->filter)
		return false;
	for (const struct vmmq_filter *f = vmmq_filter_next(live->sw, 0); f; f = vmmq_filter_next(live->sw, f->id)) {
		known->filter[known->filter_count++] = *f;
		known->last_filter_id = f->id > known->last_filter_id ? f->id : known->last_filter_id;
	}
	return true;
}

/* opening_know makes what is there now the known state. */
static bool opening_know(struct opening *o)
{
	struct live *live = o->live;
	const struct vmmq_processor_set *set = vmmq_nic_switch_processors(live->sw);

	for (int32_t id = vmmq_vport_next(live->sw, -1); id >= 0; id = vmmq_vport_next(live->sw, id)) {
		live->known.vport[id] = live_record(live, (struct vmmq_vport_id){ (uint16_t)id });
		if (!live->known.vport[id])
			return fail_memory(o);
		live->known.vport_count++;
	}
	live->known.processors = calloc(set->count, sizeof(*set->processor));
	live->known.last_filter_id = o->loaded.last_filter_id;
	if (!live->known.processors || !know_filters(live))
		return fail_memory(o);
	memcpy(live->known.processors, set->processor, set->count * sizeof(*set->processor));
	live->known.processor_count = set->count;
	live_extra_commit(live);
	return true;
}

/* opening_store makes the state of a seed. */
static bool opening_store(struct opening *o)
{
	struct live *live = o->live;
	struct state state = {
		.running = live->running,
		.running_count = live->running_count,
		.last_filter_id = live->known.last_filter_id,
	};
	bool done;

	if (!live->db || o->from_state)
		return true;
	if (!live_config(live, &state.config))
		return fail_memory(o);
	done = state_db_replace(live->db, &state);
	if (!done)
		done = live->fallback ? opening_without_state(o, state_db_error(live->db))
				      : opening_fail(o, "%s", state_db_error(live->db));
	vmmq_config_fini(&state.config);
	return done;
}

/* opening_write_apart: from here on the disk is waited for by a thread of its own. */
static bool opening_write_apart(struct opening *o)
{
	struct live *live = o->live;

	if (!live->db)
		return true;
	live->writer = state_writer_create(live->db);
	return live->writer || opening_fail(o, "there is no memory, descriptor or thread to write the state with");
}

/* opening_start makes it run: threads, then what they work on. */
static bool opening_start(struct opening *o)
{
	struct live *live = o->live;
	struct live_batch all = { .uplink = true };

	if (!live_threads_start(live, o->params->pin, o->error, o->error_len))
		return false;
	host_listen(live->host, live_tell_port, live);
	all.vport = calloc(live->known.vport_count, sizeof(*all.vport));
	if (!all.vport)
		return fail_memory(o);
	for (uint32_t id = 0; id < VMMQ_VPORTS_MAX; id++)
		if (live->known.vport[id])
			all.vport[all.vport_count++] =
			    (struct live_vport_change){ .id = { (uint16_t)id }, .after = live->known.vport[id] };
	all.taken = true;
	live_effect(live, &all);
	live_batch_fini(&all);
	live->latency = (struct live_latency){ 0 };
	return true;
}

/* note_difference notes, for the log, that a seed was given and is not what runs. */
static bool note_difference(struct opening *o)
{
	struct live *live = o->live;
	json_t *differences;
	size_t count;

	if (!o->from_state || !o->params->seed)
		return true;
	differences = live_difference(live, o->params->seed);
	if (!differences)
		return fail_memory(o);
	count = json_array_size(differences);
	if (count)
		snprintf(live->notice, sizeof(live->notice),
			 "the state %s goes on; the configuration file differs from it in %zu %s (first: %.200s) and "
			 "was not "
			 "used: apply it with vmmq apply, or start with --reseed",
			 live->state, count, count == 1 ? "place" : "places",
			 json_string_value(json_object_get(json_array_get(differences, 0), "text")));
	json_decref(differences);
	return true;
}

struct live *live_open(const struct live_params *params, char *error, size_t error_len)
{
	struct opening o = { .params = params, .error = error, .error_len = error_len };
	bool done;

	o.live = calloc(1, sizeof(*o.live));
	if (!o.live) {
		fail_memory(&o);
		return NULL;
	}
	done = opening_load(&o) && copy_identity(&o) && opening_make_adapter(&o) && opening_fill(&o) &&
	       opening_know(&o) && opening_store(&o) && opening_write_apart(&o) && opening_start(&o) &&
	       note_difference(&o);
	state_fini(&o.loaded);
	if (done)
		return o.live;
	live_close(o.live);
	return NULL;
}
