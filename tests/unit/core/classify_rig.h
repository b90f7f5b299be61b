/* SPDX-License-Identifier: BSD-2-Clause */
/* A switch to classify by: VPorts, filters, RSS on, and the golden frames, through both ways. */
#ifndef VMMQ_UNIT_CORE_CLASSIFY_RIG_H
#define VMMQ_UNIT_CORE_CLASSIFY_RIG_H

#include <stdbool.h>

#include "unit/core/golden_frames.h"
#include "unit/core/nic_switch_dump.h"

static const struct vmmq_processor processors[] = { { 0 }, { 1 }, { 2 }, { 3 }, { 66 }, { 1000 } };
static struct golden_file *golden;

static inline int read_golden(void **state)
{
	(void)state;
	golden = golden_read();
	return 0;
}

static inline int free_golden(void **state)
{
	(void)state;
	free(golden);
	return 0;
}

static inline const struct golden_frame *golden_named(const char *name)
{
	for (size_t i = 0; i < golden->count; i++)
		if (strcmp(golden->frame[i].name, name) == 0)
			return &golden->frame[i];
	fail_msg("no golden frame %s", name);
	return NULL;
}

static inline struct vmmq_vport_id vport(uint16_t id)
{
	return (struct vmmq_vport_id){ id };
}

static inline struct vmmq_nic_switch *make_switch_with(enum vmmq_toeplitz_impl impl, bool strip_all_tags)
{
	const struct vmmq_nic_switch_params params = {
		.processors = processors, .processor_count = 6, .strip_all_tags = strip_all_tags, .toeplitz = impl
	};
	struct vmmq_nic_switch *sw;

	assert_int_equal(vmmq_nic_switch_create(&params, &sw, NULL), VMMQ_SUCCESS);
	return sw;
}

static inline struct vmmq_nic_switch *make_switch(enum vmmq_toeplitz_impl impl)
{
	return make_switch_with(impl, false);
}

static inline void add_vport(struct vmmq_nic_switch *sw, uint16_t id)
{
	assert_int_equal(vmmq_vport_create(sw, vport(id), "vm", 16, processors[1], NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_vport_activate(sw, vport(id), NULL), VMMQ_SUCCESS);
}

static inline uint32_t add_filter(struct vmmq_nic_switch *sw, uint16_t id, const uint8_t *mac, vmmq_vlan_rule vlan)
{
	uint32_t filter = 0;

	vmmq_filter_set(sw, vport(id), mac, vlan, &filter, NULL);
	return filter;
}

/* RSS on: entries 1, 2, 3, 66; default processor 1000; primary 0. */
static inline struct vmmq_rss_params rss_on(void)
{
	struct vmmq_rss_params rss;

	vmmq_rss_params_init(&rss, processors[0]);
	rss.enabled = true;
	rss.default_processor = processors[5];
	rss.entry_count = 4;
	memcpy(rss.table, processors + 1, 4 * sizeof(rss.table[0]));
	return rss;
}

/* classify runs a golden frame through both ways, which must agree. */
static inline struct vmmq_verdict classify(const struct vmmq_nic_switch *sw, const char *name)
{
	const struct golden_frame *frame = golden_named(name);
	const uint8_t *data = frame->data;
	uint32_t len = (uint32_t)frame->len;
	struct vmmq_verdict verdict, burst;
	struct vmmq_headers headers;

	memset(&verdict, 0xa5, sizeof(verdict));
	memset(&burst, 0x5a, sizeof(burst));
	vmmq_classify(vmmq_nic_switch_view(sw), data, len, &verdict, &headers);
	vmmq_classify_burst(vmmq_nic_switch_view(sw), &data, &len, &burst, 1);
	assert_memory_equal(&verdict, &burst, sizeof(verdict));
	assert_int_equal(headers.outcome, frame->headers.outcome);
	return verdict;
}

#endif
