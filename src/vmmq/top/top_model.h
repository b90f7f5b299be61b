/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From samples to rates: what grew, by how much a second; which entries moved; how evenly the load is spread.  Knows no
 * clock but the daemon's uptime in the samples.  One thread.
 */
#ifndef VMMQ_VMMQ_TOP_TOP_MODEL_H
#define VMMQ_VMMQ_TOP_TOP_MODEL_H

#include "vmmq/top/top_snapshot.h"

#define TOP_MOVED_SECONDS 5.0 /* how long a moved entry is marked */
#define TOP_HISTORY       256

/*
 * now: the last sample with its rates; NULL: there was none yet.  interval: seconds it covers; 0: no rates yet (the first
 * sample, or the first after a restart of the daemon).
 * history: packets a second that were indicated, a ring: history_count of them have ever been put in.
 */
struct top_model {
	struct top_snapshot *now;
	double interval;
	double history[TOP_HISTORY];
	uint64_t history_count;
};

/*
 * top_model_feed takes a sample (an answer to top.show, borrowed).  A counter that shrank has no rate; a VPort that is new or
 * began to count again has none at all; after a restart (another pid, or less uptime) nothing has.
 * false with a sentence in *why: the sample is none, and the model is as before.
 * A zeroed model is legal; top_model_fini frees.
 */
bool top_model_feed(struct top_model *model, json_t *answer, const char **why);
void top_model_fini(struct top_model *model);

/* top_model_vport returns the VPort of that id, or NULL.  top_entry_moved: is the mark still on? */
struct top_vport *top_model_vport(const struct top_model *model, uint32_t id);
bool top_entry_moved(const struct top_model *model, const struct top_entry *entry);

/* top_model_json returns the last sample's rates as an object; NULL: memory. */
json_t *top_model_json(const struct top_model *model);

#endif
