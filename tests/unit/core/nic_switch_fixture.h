/* SPDX-License-Identifier: BSD-2-Clause */
/* A NIC switch on four processors, and what is demanded of its operations: done, or refused without a trace. */
#ifndef VMMQ_UNIT_CORE_NIC_SWITCH_FIXTURE_H
#define VMMQ_UNIT_CORE_NIC_SWITCH_FIXTURE_H

#include "unit/core/nic_switch_dump.h"

static const struct vmmq_processor processors[] = { { 4 }, { 5 }, { 6 }, { 7 } };
static const uint8_t mac_a[VMMQ_MAC_LEN] = { 0x02, 0, 0, 0, 0, 0x0a };
static const uint8_t mac_b[VMMQ_MAC_LEN] = { 0x02, 0, 0, 0, 0, 0x0b };

static inline struct vmmq_vport_id vport(uint16_t id)
{
	return (struct vmmq_vport_id){ id };
}

static inline struct vmmq_nic_switch *make(const struct vmmq_nic_switch_params *wanted)
{
	struct vmmq_nic_switch_params params = wanted ? *wanted : (struct vmmq_nic_switch_params){ 0 };
	struct vmmq_nic_switch *sw;

	if (!params.processors) {
		params.processors = processors;
		params.processor_count = 4;
	}
	assert_int_equal(vmmq_nic_switch_create(&params, &sw, NULL), VMMQ_SUCCESS);
	return sw;
}

/* REFUSED: the call is refused with this status, names a field and a reason, and changes nothing at all. */
#define REFUSED(sw, status, call)                                                                                    \
	do {                                                                                                         \
		struct vmmq_why why = { "", "" };                                                                    \
		char *before = nic_switch_dump(sw), *after;                                                          \
		const struct vmmq_view *view_before = vmmq_nic_switch_view(sw);                                      \
		assert_string_equal(vmmq_status_name(call), vmmq_status_name(status));                               \
		after = nic_switch_dump(sw);                                                                         \
		assert_string_equal(before, after);                                                                  \
		assert_ptr_equal(view_before, vmmq_nic_switch_view(sw));                                             \
		assert_true(strlen(why.text) > 5 && strlen(why.path) > 1);                                           \
		free(before);                                                                                        \
		free(after);                                                                                         \
	} while (0)

#define DONE(call) assert_string_equal(vmmq_status_name(call), "SUCCESS")

static inline void create_vport(struct vmmq_nic_switch *sw, uint16_t id, uint32_t queue_pairs)
{
	DONE(vmmq_vport_create(sw, vport(id), "vm", queue_pairs, processors[0], NULL));
}

static inline uint32_t set_filter(struct vmmq_nic_switch *sw, uint16_t id, const uint8_t *mac, vmmq_vlan_rule vlan)
{
	uint32_t filter = 0;

	DONE(vmmq_filter_set(sw, vport(id), mac, vlan, &filter, NULL));
	assert_true(filter > 0);
	return filter;
}

/* steer says which VPort an untagged packet to mac gets. */
static inline uint16_t steer(const struct vmmq_view *view, const uint8_t *mac)
{
	struct vmmq_verdict verdict;
	uint8_t frame[54];

	dump_frame(frame, mac, 1);
	vmmq_classify(view, frame, sizeof(frame), &verdict, NULL);
	return verdict.vport.v;
}

static inline void expect_info(struct vmmq_nic_switch *sw, uint16_t id, enum vmmq_vport_state state, uint32_t pairs,
			       uint32_t filters)
{
	struct vmmq_vport_info info;

	assert_true(vmmq_vport_get(sw, vport(id), &info));
	assert_int_equal(info.id.v, id);
	assert_int_equal(info.state, state);
	assert_int_equal(info.queue_pairs, pairs);
	assert_int_equal(info.filter_count, filters);
}

#endif
