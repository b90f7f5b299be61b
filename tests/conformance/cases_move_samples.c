/* SPDX-License-Identifier: BSD-2-Clause */
/* Moving table entries (spec 11.3): what published samples do wrong. */
#include "cases_move.h"

/* The sample: the good commands of a failed group stay done. */
void sample_bad_command(struct trial *t)
{
	struct command command[] = { { .vport = 1, .index = 0, .target = 5 },
				     { .vport = 1, .index = 77, .target = 5 },
				     { .vport = 1, .flags = MOVE_PRIMARY, .target = 6 } };

	rss_ready(t, 1);
	REFUSE(t, VMMQ_INVALID_PARAMETER, move(t, 4, command, 3));
}

/* The sample: on NO_QUEUES, inactive commands of the group stay done, and no-ops say SUCCESS. */
void sample_no_queues(struct trial *t)
{
	struct command command[] = { { .vport = 1, .flags = MOVE_PRIMARY, .target = 6 },
				     { .vport = 1, .flags = MOVE_DEFAULT, .target = 4 },
				     { .vport = 1, .index = 0, .target = 68 } };

	rss_ready(t, 1);
	DONE(t, move_default(t, 7, 1, 4));
	REFUSE(t, VMMQ_NO_QUEUES, move(t, 4, command, 3));
}

/* The sample compares with > instead of >=. */
void sample_id_limit(struct trial *t)
{
	rss_ready(t, 1);
	REFUSE(t, VMMQ_INVALID_PARAMETER, move_entry(t, 4, t->setup.vports, 0, 5));
	REFUSE(t, VMMQ_INVALID_PORT, move_entry(t, 4, t->setup.vports - 1, 0, 5));
}

/* The sample: reference counts stay rebuilt after a failed enable, so that the next count is wrong. */
void sample_failed_enable(struct trial *t)
{
	struct rss2 on = rss2_params(RSS2_ENABLE | RSS2_INFO | RSS2_KEY), off = rss2_params(RSS2_ENTRIES);
	struct command one_by_one[] = { { .vport = 1, .index = 0, .target = 5 },
					{ .vport = 1, .index = 1, .target = 6 } };

	vport_ready(t, 1);
	DONE(t, vport_set_queue_pairs(t, 1, 2));
	off.entries = 4;
	DONE(t, rss2_set(t, 1, &off));
	DONE(t, move(t, 4, one_by_one, 2));
	for (unsigned i = 0; i < 3; i++)
		REFUSE(t, VMMQ_NO_QUEUES, rss2_set(t, 1, &on)); /* 4 5 6 */
	DONE(t, move_primary(t, 4, 1, 7));                      /* one processor is active while it is off */
	DONE(t, vport_set_queue_pairs(t, 1, 1));
	DONE(t, vport_set_queue_pairs(t, 1, 3));
	DONE(t, rss2_set(t, 1, &on));
	follows_table(t, 1, (const uint16_t[]){ 5, 6, 4, 4 }, 4);
	REFUSE(t, VMMQ_NO_QUEUES, move_entry(t, 4, 1, 3, 7));
}

/* The sample: growing the table while RSS is off counts references of inactive entries. */
void sample_grow_off(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENTRIES);
	struct command command = { .vport = 1, .flags = MOVE_PRIMARY, .target = 5 };

	vport_ready(t, 1);
	DONE(t, move_entry(t, 4, 1, 0, 69));
	DONE(t, vport_set_queue_pairs(t, 1, 1));
	rss.entries = 64;
	DONE(t, rss2_set(t, 1, &rss));
	DONE(t, move(t, 4, &command, 1)); /* one active processor, before and after */
	default_processor_is(t, 1, 5);
	rss.entries = 1;
	DONE(t, rss2_set(t, 1, &rss));
}
