/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of the typed requests share: a switch, and what an answer must do or leave alone. */
#ifndef VMMQ_UNIT_CORE_REQUEST_FIXTURE_H
#define VMMQ_UNIT_CORE_REQUEST_FIXTURE_H

#include <vmmq/request.h>

#include "unit/core/nic_switch_dump.h"

/* The switch is made with processors 4 to 11 and 80 (group 1, number 16); 8 and 9 then leave its RSS processor set. */
static const struct vmmq_processor fixture_all[] = {
	{ 4 }, { 5 }, { 6 }, { 7 }, { 10 }, { 11 }, { 80 }, { 8 }, { 9 }
};
enum { FIXTURE_ALL = 9, FIXTURE_SET = 7 };
#define OUTSIDE ((struct vmmq_processor){ 9 })

static const uint8_t fixture_key[VMMQ_KEY_LEN] = { 1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
						   11, 12, 13, 14, 15, 16, 17, 18, 19, 20 };
#define TCP_IPV4_TOEPLITZ 0x00000201u

/* REFUSED: the call answers status, names a field and a reason, and leaves everything as it was. */
#define REFUSED(sw, status, field, call)                                                                             \
	do {                                                                                                         \
		struct vmmq_why why = { "", "" };                                                                    \
		char *before = nic_switch_dump(sw), *after;                                                          \
		const struct vmmq_view *view_before = vmmq_nic_switch_view(sw);                                      \
		assert_string_equal(vmmq_status_name(call), vmmq_status_name(VMMQ_##status));                        \
		after = nic_switch_dump(sw);                                                                         \
		assert_string_equal(before, after);                                                                  \
		assert_ptr_equal(view_before, vmmq_nic_switch_view(sw));                                             \
		assert_string_equal(why.path, field);                                                                \
		assert_true(strlen(why.text) > 5);                                                                   \
		free(before);                                                                                        \
		free(after);                                                                                         \
	} while (0)

/* NO_CHANGE: the call succeeds, and nothing differs: not even the view is a new one. */
#define NO_CHANGE(sw, call)                                                                                          \
	do {                                                                                                         \
		char *before = nic_switch_dump(sw), *after;                                                          \
		const struct vmmq_view *view_before = vmmq_nic_switch_view(sw);                                      \
		assert_string_equal(vmmq_status_name(call), "SUCCESS");                                              \
		after = nic_switch_dump(sw);                                                                         \
		assert_string_equal(before, after);                                                                  \
		assert_ptr_equal(view_before, vmmq_nic_switch_view(sw));                                             \
		free(before);                                                                                        \
		free(after);                                                                                         \
	} while (0)

#define DONE(call) assert_string_equal(vmmq_status_name(call), "SUCCESS")

static inline struct vmmq_processor processor(uint16_t number)
{
	return (struct vmmq_processor){ number };
}

/* fixture_make: two VPorts with 4 queue pairs on processor 4; VPort 1 is activated and has a filter. */
static inline struct vmmq_nic_switch *fixture_make_with(struct vmmq_nic_switch_params params)
{
	static const uint8_t mac[VMMQ_MAC_LEN] = { 0x02, 0, 0, 0, 0, 0x01 };
	struct vmmq_nic_switch *sw;
	uint32_t filter;

	params.processors = fixture_all;
	params.processor_count = FIXTURE_ALL;
	params.default_vport_queue_pairs = 2;
	assert_int_equal(vmmq_nic_switch_create(&params, &sw, NULL), VMMQ_SUCCESS);
	DONE(vmmq_nic_switch_set_processors(sw, fixture_all, FIXTURE_SET, NULL));
	for (uint16_t id = 1; id <= 2; id++)
		DONE(vmmq_vport_create(sw, (struct vmmq_vport_id){ id }, "vm", 4, processor(4), NULL));
	DONE(vmmq_vport_activate(sw, (struct vmmq_vport_id){ 1 }, NULL));
	DONE(vmmq_filter_set(sw, (struct vmmq_vport_id){ 1 }, mac, VMMQ_VLAN_ANY, &filter, NULL));
	return sw;
}

static inline struct vmmq_nic_switch *fixture_make(void)
{
	return fixture_make_with((struct vmmq_nic_switch_params){ .max_vports = 100, .max_queue_pairs = 14 });
}

static inline const struct vmmq_rss_params *rss_of(const struct vmmq_nic_switch *sw, uint16_t id)
{
	struct vmmq_vport_info info;

	assert_true(vmmq_vport_get(sw, (struct vmmq_vport_id){ id }, &info));
	return info.rss;
}

static inline uint32_t pairs_of(const struct vmmq_nic_switch *sw, uint16_t id)
{
	struct vmmq_vport_info info;

	assert_true(vmmq_vport_get(sw, (struct vmmq_vport_id){ id }, &info));
	return info.queue_pairs;
}

/* rss_on turns RSS on for a VPort, with processors 4 and 5 in 4 entries and 4 as the default. */
static inline void rss_on(struct vmmq_nic_switch *sw, uint16_t id)
{
	struct vmmq_rss_params rss;

	vmmq_rss_params_init(&rss, rss_of(sw, id)->primary);
	rss.enabled = true;
	rss.hash_types = VMMQ_HASH_TCP_IPV4;
	memcpy(rss.key, fixture_key, sizeof(rss.key));
	rss.default_processor = processor(4);
	rss.entry_count = 4;
	for (uint16_t i = 0; i < 4; i++)
		rss.table[i] = processor(4 + i % 2);
	DONE(vmmq_rss_set(sw, (struct vmmq_vport_id){ id }, &rss, NULL));
}

/* fixture_steer returns what becomes of a TCP packet of VPort 1. */
static inline struct vmmq_verdict fixture_steer(const struct vmmq_nic_switch *sw, uint32_t flow)
{
	struct vmmq_verdict verdict;
	uint8_t frame[54];

	dump_frame(frame, (const uint8_t[VMMQ_MAC_LEN]){ 0x02, 0, 0, 0, 0, 0x01 }, flow);
	vmmq_classify(vmmq_nic_switch_view(sw), frame, sizeof(frame), &verdict, NULL);
	assert_int_equal(verdict.vport.v, 1);
	return verdict;
}

#endif
