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
 * moves: the last ones that were made for load, the latest first (docs/rpc.md, balance.show); NULL: not known.
 */
struct top_model {
	struct top_snapshot *now;
	double interval;
	double history[TOP_HISTORY];
	uint64_t history_count;
	json_t *moves;
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

/*
 * top_model_moves takes an answer to balance.show of the same moment (a reference is kept; NULL: there is none), after top_model_feed: entries that
 * load has moved are marked, also those that moved before the first sample or between two.
 * top_move_of returns the last move of an entry that was made for its load, or NULL.  top_move_reason: why a marked entry is where it is: the
 * name of a reason, or "": it was moved by a request, or nobody knows.
 */
void top_model_moves(struct top_model *model, json_t *answer);
const json_t *top_move_of(const struct top_model *model, uint32_t vport, size_t entry);
const char *top_move_reason(const struct top_model *model, const struct top_vport *vport, size_t entry);
/* top_move_text returns a member of a move that is a text, or "". */
const char *top_move_text(const json_t *move, const char *key);

/* top_model_json returns the last sample's rates as an object; NULL: memory. */
json_t *top_model_json(const struct top_model *model);

#endif
