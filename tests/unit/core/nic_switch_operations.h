/* SPDX-License-Identifier: BSD-2-Clause */
/* Every operation of the NIC switch once, on a switch that it succeeds on, and groups of them. */
#ifndef VMMQ_UNIT_CORE_NIC_SWITCH_OPERATIONS_H
#define VMMQ_UNIT_CORE_NIC_SWITCH_OPERATIONS_H

#include "unit/core/failing_memory.h"
#include "unit/core/nic_switch_dump.h"

/* commit_without_memory commits a prepared group while every allocation fails; none may be asked for. */
static inline vmmq_status commit_without_memory(struct vmmq_nic_switch *sw)
{
	bool on = injection.on, rest = injection.rest;
	unsigned left = injection.left;
	vmmq_status status;

	injection.on = true;
	injection.rest = true;
	injection.left = 0;
	status = vmmq_nic_switch_commit(sw, NULL);
	injection.on = on;
	injection.rest = rest;
	injection.left = left;
	return status;
}

static const struct vmmq_processor processors[] = { { 0 }, { 1 }, { 2 }, { 3 } };

static inline struct vmmq_vport_id vport(uint16_t id)
{
	return (struct vmmq_vport_id){ id };
}

static inline const uint8_t *mac(uint8_t n)
{
	static uint8_t bytes[VMMQ_MAC_LEN] = { 0x02 };

	bytes[5] = n;
	return bytes;
}

static inline vmmq_status set_filter(struct vmmq_nic_switch *sw, uint16_t id, uint8_t n, struct vmmq_why *why)
{
	uint32_t filter;

	return vmmq_filter_set(sw, vport(id), mac(n), VMMQ_VLAN_ANY, &filter, why);
}

static inline vmmq_status new_switch(struct vmmq_nic_switch **sw, struct vmmq_why *why)
{
	const struct vmmq_nic_switch_params params = { .processors = processors, .processor_count = 4 };

	return vmmq_nic_switch_create(&params, sw, why);
}

/* Filters 1 to 64 fill the filter list's first allocation, so that the next one grows it. */
static inline struct vmmq_nic_switch *base(void)
{
	struct vmmq_nic_switch *sw;

	assert_int_equal(new_switch(&sw, NULL), VMMQ_SUCCESS);
	for (uint16_t id = 1; id <= 101; id += 50) {
		assert_int_equal(vmmq_vport_create(sw, vport(id), "vm", 4, processors[1], NULL), VMMQ_SUCCESS);
		if (id < 101)
			assert_int_equal(vmmq_vport_activate(sw, vport(id), NULL), VMMQ_SUCCESS);
	}
	assert_int_equal(vmmq_vport_create(sw, vport(7), "idle", 4, processors[1], NULL), VMMQ_SUCCESS);
	for (uint8_t n = 1; n <= 64; n++)
		assert_int_equal(set_filter(sw, n % 2 ? 1 : 101, n, NULL), VMMQ_SUCCESS);
	return sw;
}

static inline vmmq_status create(struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	return vmmq_vport_create(sw, vport(2), "new", 1, processors[0], why);
}

static inline vmmq_status create_far(struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	return vmmq_vport_create(sw, vport(65535), "new", 1, processors[0], why);
}

static inline vmmq_status activate(struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	return vmmq_vport_activate(sw, vport(101), why);
}

static inline vmmq_status delete (struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	return vmmq_vport_delete(sw, vport(7), why);
}

static inline vmmq_status queue_pairs(struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	return vmmq_vport_set_queue_pairs(sw, vport(1), 3, why);
}

static inline vmmq_status rss(struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	struct vmmq_rss_params params;

	vmmq_rss_params_init(&params, processors[2]);
	params.enabled = true;
	return vmmq_rss_set(sw, vport(51), &params, why);
}

static inline vmmq_status filter_set(struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	return set_filter(sw, 51, 65, why);
}

static inline vmmq_status filter_set_as(struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	return vmmq_filter_set_as(sw, 99, vport(51), mac(99), VMMQ_VLAN_ANY, why);
}

static inline vmmq_status rename_vport(struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	return vmmq_vport_rename(sw, vport(51), "renamed", why);
}

static inline vmmq_status set_processors(struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	return vmmq_nic_switch_set_processors(sw, processors, 3, why);
}

static inline vmmq_status filter_clear(struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	return vmmq_filter_clear(sw, 5, why);
}

static inline vmmq_status filter_move(struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	return vmmq_filter_move(sw, 9, vport(1), vport(51), why);
}

static inline vmmq_status create_params(struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	const struct vmmq_vport_params params = {
		.vport_id = 3, .attached_function = 0xffff, .queue_pairs = 1, .affinity = { 0, 2 }
	};

	return vmmq_vport_create_params(sw, &params, why);
}

static inline vmmq_status set_params(struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	const struct vmmq_vport_params params = { .flags = VMMQ_VPORT_NAME_CHANGED | VMMQ_VPORT_STATE_CHANGED |
							   VMMQ_VPORT_AFFINITY_CHANGED |
							   VMMQ_VPORT_QUEUE_PAIRS_CHANGED,
						  .vport_id = 101,
						  .name = "other",
						  .queue_pairs = 2,
						  .state = VMMQ_VPORT_ACTIVATED,
						  .affinity = { 0, 4 } };

	return vmmq_vport_set_params(sw, &params, why);
}

static inline vmmq_status rss_v1(struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	const struct vmmq_rss_v1 request = { .hash_information = VMMQ_HASH_IPV4 | 1,
					     .table = processors,
					     .entry_count = 4,
					     .key = vmmq_verification_key,
					     .key_len = VMMQ_KEY_LEN };

	return vmmq_rss_v1_set(sw, 1, &request, why);
}

static inline vmmq_status rss_v2(struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	const struct vmmq_rss_v2 request = { .flags = VMMQ_RSS_V2_ENABLE | VMMQ_RSS_V2_NUMBER_OF_ENTRIES_CHANGED,
					     .entries = 8 };

	return vmmq_rss_v2_set(sw, 51, &request, why);
}

static inline vmmq_status receive_hash(struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	const struct vmmq_receive_hash request = { VMMQ_RECEIVE_HASH_ENABLE, VMMQ_HASH_IPV4 | 1,
						   vmmq_verification_key, VMMQ_KEY_LEN };

	return vmmq_receive_hash_set(sw, 7, &request, why);
}

/* The request as a whole succeeds; it is the group that is short of memory. */
static inline vmmq_status rss_move(struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	struct vmmq_rss_move move[] = {
		{ 0, 1, VMMQ_RSS_MOVE_PRIMARY, 0, processors[2], VMMQ_PENDING },
		{ 0, 1, VMMQ_RSS_MOVE_DEFAULT, 0, processors[2], VMMQ_PENDING },
	};

	assert_int_equal(vmmq_rss_move(sw, processors[1], move, 2, why), VMMQ_SUCCESS);
	assert_int_equal(move[0].status, move[1].status);
	return move[0].status;
}

/* One of each, with a key that is cleared and set again, more than once. */
static inline vmmq_status group(struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	vmmq_status (*const step[])(struct vmmq_nic_switch *, struct vmmq_why *) = {
		create, create_far, activate, filter_clear, filter_move, filter_set, queue_pairs, rss, delete,
	};

	vmmq_nic_switch_begin(sw);
	for (size_t i = 0; i < sizeof(step) / sizeof(step[0]); i++) {
		if (step[i](sw, why) != VMMQ_SUCCESS) {
			vmmq_nic_switch_abort(sw);
			return VMMQ_RESOURCES;
		}
	}
	for (uint16_t round = 0; round < 3; round++) {
		uint32_t id = 13;

		if (round && set_filter(sw, 51, 13, why) != VMMQ_SUCCESS) {
			vmmq_nic_switch_abort(sw);
			return VMMQ_RESOURCES;
		}
		while (round && vmmq_filter_next(sw, id))
			id = vmmq_filter_next(sw, id)->id;
		if (vmmq_filter_clear(sw, id, why) != VMMQ_SUCCESS) {
			vmmq_nic_switch_abort(sw);
			return VMMQ_RESOURCES;
		}
	}
	return vmmq_nic_switch_commit(sw, why);
}

/* Prepared and taken back, and then prepared and committed: after prepare nothing can fail, so memory may be gone. */
static inline vmmq_status prepared_group(struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	vmmq_status status = VMMQ_SUCCESS;

	for (unsigned round = 0; round < 2 && status == VMMQ_SUCCESS; round++) {
		vmmq_nic_switch_mark_t mark;

		vmmq_nic_switch_begin(sw);
		status = rename_vport(sw, why);
		mark = vmmq_nic_switch_mark(sw);
		if (status == VMMQ_SUCCESS)
			status = rss(sw, why);
		if (status == VMMQ_SUCCESS && round)
			vmmq_nic_switch_rollback(sw, mark);
		if (status == VMMQ_SUCCESS)
			status = filter_set(sw, why);
		if (status != VMMQ_SUCCESS) {
			vmmq_nic_switch_abort(sw);
			return status;
		}
		status = vmmq_nic_switch_prepare(sw, why);
		if (status == VMMQ_SUCCESS && !round)
			vmmq_nic_switch_abort(sw);
	}
	return status == VMMQ_SUCCESS ? commit_without_memory(sw) : status;
}

static const struct {
	const char *name;
	vmmq_status (*run)(struct vmmq_nic_switch *sw, struct vmmq_why *why);
} operations[] = {
	{ "vport create", create },
	{ "vport create, high id", create_far },
	{ "vport activate", activate },
	{ "vport delete", delete },
	{ "vport set queue pairs", queue_pairs },
	{ "rss set", rss },
	{ "filter set", filter_set },
	{ "filter clear", filter_clear },
	{ "filter move", filter_move },
	{ "vport create params", create_params },
	{ "vport set params", set_params },
	{ "rss v1", rss_v1 },
	{ "rss v2", rss_v2 },
	{ "receive hash", receive_hash },
	{ "rss move", rss_move },
	{ "filter set as", filter_set_as },
	{ "vport rename", rename_vport },
	{ "set processors", set_processors },
	{ "group", group },
	{ "prepared group", prepared_group },
};

#define GROUPS          2 /* the last ones */
#define OPERATION_COUNT (sizeof(operations) / sizeof(operations[0]))

#endif
