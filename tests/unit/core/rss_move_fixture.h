/* SPDX-License-Identifier: BSD-2-Clause */
/* Moves of VPort 1's entries, and what is demanded of them: done, or refused without a trace. */
#ifndef VMMQ_UNIT_CORE_RSS_MOVE_FIXTURE_H
#define VMMQ_UNIT_CORE_RSS_MOVE_FIXTURE_H

#include "unit/core/request_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline struct vmmq_rss_move entry(uint16_t index, uint16_t target)
{
	return (struct vmmq_rss_move){ 0, 1, 0, index, processor(target), VMMQ_PENDING };
}

static inline struct vmmq_rss_move primary(uint16_t target)
{
	return (struct vmmq_rss_move){ 0, 1, VMMQ_RSS_MOVE_PRIMARY, 0x5555, processor(target), VMMQ_PENDING };
}

static inline struct vmmq_rss_move fallback(uint16_t target)
{
	return (struct vmmq_rss_move){ 0, 1, VMMQ_RSS_MOVE_DEFAULT, 0x5555, processor(target), VMMQ_PENDING };
}

/* run carries out commands and demands that all of them end with one status. */
static inline void run(struct vmmq_nic_switch *sw, uint16_t actor, struct vmmq_rss_move *move, size_t count,
		       vmmq_status status)
{
	for (size_t i = 0; i < count; i++)
		move[i].status = VMMQ_PENDING;
	DONE(vmmq_rss_move(sw, processor(actor), move, count, NULL));
	for (size_t i = 0; i < count; i++)
		assert_string_equal(vmmq_status_name(move[i].status), vmmq_status_name(status));
}

/* refuse demands the same of a group that changes nothing. */
static inline void refuse(struct vmmq_nic_switch *sw, uint16_t actor, struct vmmq_rss_move *move, size_t count,
			  vmmq_status status)
{
	char *before = nic_switch_dump(sw), *after;
	const struct vmmq_view *view = vmmq_nic_switch_view(sw);

	run(sw, actor, move, count, status);
	after = nic_switch_dump(sw);
	assert_string_equal(before, after);
	assert_ptr_equal(vmmq_nic_switch_view(sw), view);
	free(before);
	free(after);
}

static inline void run_one(struct vmmq_nic_switch *sw, uint16_t actor, struct vmmq_rss_move move)
{
	run(sw, actor, &move, 1, VMMQ_SUCCESS);
}

static inline void refuse_one(struct vmmq_nic_switch *sw, uint16_t actor, struct vmmq_rss_move move,
			      vmmq_status status)
{
	refuse(sw, actor, &move, 1, status);
}

/* RSS is on for VPort 1: 4 entries 4 5 4 5, default and primary 4. */
static inline struct vmmq_nic_switch *enabled(void)
{
	struct vmmq_nic_switch *sw = fixture_make();

	rss_on(sw, 1);
	return sw;
}

static inline void expect_table(const struct vmmq_nic_switch *sw, uint16_t a, uint16_t b, uint16_t c, uint16_t d)
{
	const uint16_t want[] = { a, b, c, d };

	for (size_t i = 0; i < 4; i++)
		assert_int_equal(rss_of(sw, 1)->table[i].v, want[i]);
}

#endif
