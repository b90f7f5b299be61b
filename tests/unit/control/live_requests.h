/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests to the running switch, each with its argument, and what a listener hears of them. */
#ifndef VMMQ_UNIT_CONTROL_LIVE_REQUESTS_H
#define VMMQ_UNIT_CONTROL_LIVE_REQUESTS_H

#include "unit/control/live_rig.h"

static const char three[] =
    "adapter: {processors: [0, 1, 2, 3], moderation: interrupt}\n"
    "vports:\n"
    "  - {id: 0, name: host}\n"
    "  - {id: 1, name: web, queue_pairs: 4, primary_processor: 2, anti_spoofing: false,\n"
    "     filters: [{mac: \"02:00:00:00:00:01\"}, {mac: \"02:00:00:00:00:01\", vlan: 10}],\n"
    "     rss: {enabled: true, indirection_table: [0, 1, 2, 3]}}\n"
    "  - {id: 4, name: mail, flood_limit: 7, filters: [{mac: \"02:00:00:00:00:02\", vlan: any}]}\n";

/* Requests, each with its argument. */
struct add {
	struct config_vport vport;
	struct vmmq_vport_id id;
};

static inline vmmq_status add_vport(struct live *live, void *argument, struct vmmq_why *why)
{
	struct add *add = argument;

	return live_vport_add(live, &add->vport, &add->id, why);
}

struct set {
	struct config_vport vport;
	unsigned changed;
};

static inline vmmq_status set_vport(struct live *live, void *argument, struct vmmq_why *why)
{
	struct set *set = argument;

	return live_vport_set(live, &set->vport, set->changed, why);
}

static inline vmmq_status delete_vport(struct live *live, void *argument, struct vmmq_why *why)
{
	return live_vport_delete(live, *(struct vmmq_vport_id *)argument, false, why);
}

static inline vmmq_status delete_vport_whole(struct live *live, void *argument, struct vmmq_why *why)
{
	return live_vport_delete(live, *(struct vmmq_vport_id *)argument, true, why);
}

struct filter {
	uint16_t vport;
	uint8_t last; /* byte of the MAC */
	uint32_t id;  /* out */
};

static inline vmmq_status add_filter(struct live *live, void *argument, struct vmmq_why *why)
{
	struct filter *filter = argument;
	const uint8_t mac[VMMQ_MAC_LEN] = { 2, 0, 0, 0, 1, filter->last };

	return vmmq_filter_set(live_switch(live), (struct vmmq_vport_id){ filter->vport }, mac,
			       VMMQ_VLAN_UNTAGGED_OR_ZERO, &filter->id, why);
}

static inline vmmq_status delete_filter(struct live *live, void *argument, struct vmmq_why *why)
{
	return vmmq_filter_clear(live_switch(live), *(uint32_t *)argument, why);
}

struct move {
	uint32_t filter;
	uint16_t from, to;
};

static inline vmmq_status move_filter(struct live *live, void *argument, struct vmmq_why *why)
{
	const struct move *move = argument;

	return vmmq_filter_move(live_switch(live), move->filter, (struct vmmq_vport_id){ move->from },
				(struct vmmq_vport_id){ move->to }, why);
}

/* A request that changes things and is refused after that. */
static inline vmmq_status change_and_fail(struct live *live, void *argument, struct vmmq_why *why)
{
	struct filter filter = { .vport = 4, .last = 99 };
	struct add add = { .vport = { .name = NULL, .queue_pairs = 1, .flood_limit = 3 } };

	(void)argument;
	vmmq_rss_params_init(&add.vport.rss, (struct vmmq_processor){ 0 });
	assert_int_equal(add_filter(live, &filter, why), VMMQ_SUCCESS);
	assert_int_equal(add_vport(live, &add, why), VMMQ_SUCCESS);
	assert_int_equal(delete_vport_whole(live, &(struct vmmq_vport_id){ 1 }, why), VMMQ_SUCCESS);
	return vmmq_why_set(why, VMMQ_NOT_ACCEPTED, "here", "on purpose");
}

/* What an NDIS request makes: nameless, inactive, with moderation and affinity of its own. */
static inline vmmq_status create_by_ndis(struct live *live, void *argument, struct vmmq_why *why)
{
	const struct vmmq_vport_params params = {
		.flags = 1,
		.vport_id = *(uint32_t *)argument,
		.attached_function = 0xffff,
		.queue_pairs = 3,
		.interrupt_moderation = VMMQ_INTERRUPT_MODERATION_LOW,
		.affinity = { .group = 0, .mask = 0xe },
	};

	return vmmq_vport_create_params(live_switch(live), &params, why);
}

static inline struct add new_vport(uint16_t id, const char *name)
{
	struct add add = { .vport = { .id = { id },
				      .name = (char *)(uintptr_t)name,
				      .queue_pairs = 2,
				      .flood_limit = 5,
				      .anti_spoofing = true } };

	vmmq_rss_params_init(&add.vport.rss, (struct vmmq_processor){ 1 });
	return add;
}

struct heard {
	char text[4096];
};

static inline void hear(void *context, json_t *event)
{
	struct heard *heard = context;
	size_t len = strlen(heard->text);
	const char *what = json_string_value(json_object_get(event, "text"));

	assert_true(json_is_number(json_object_get(event, "time")));
	if (strncmp(json_string_value(json_object_get(event, "event")), "processor.", 10) == 0)
		return;
	snprintf(heard->text + len, sizeof(heard->text) - len, "%s %d%s%s\n",
		 json_string_value(json_object_get(event, "event")),
		 (int)json_integer_value(json_object_get(event, "vport")), what ? " " : "", what ? what : "");
}

#endif
