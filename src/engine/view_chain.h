/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The chain of views: one link a change, oldest first.  Each source walks it by itself; links behind the slowest source are
 * freed by the next one who edits.
 */
#ifndef VMMQ_ENGINE_VIEW_CHAIN_H
#define VMMQ_ENGINE_VIEW_CHAIN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <vmmq/classify.h>

#include "engine/moves.h"

struct vmmq_adapter;

/* One link.  Constant once published, but for next.  moves: from the view before. */
struct view_link {
	const struct vmmq_view *view;
	uint64_t version;
	struct moves moves;
	_Atomic(struct view_link *) next; /* V1: published by who holds edit; sources: acquire */
};

/* Holding edit: rw. */
struct view_chain {
	struct view_link *oldest;
	struct view_link *newest;
	struct view_link *staged; /* of the group that is prepared and not yet committed; NULL: it steers as before */
	struct view_link *ready;  /* of the switch's current view, not yet published; NULL: newest is it */
};

/* view_chain_init makes a chain of the first view; false: memory.  view_chain_fini frees it; no source is left. */
bool view_chain_init(struct view_chain *chain, const struct vmmq_view *first);
void view_chain_fini(struct view_chain *chain);

/*
 * view_chain_follow makes the adapter follow its switch: all that may fail of publishing a view is done while the group that
 * makes it may still be refused, so that a committed view always has its link, ready.
 */
void view_chain_follow(struct vmmq_adapter *adapter);

/*
 * view_link_publish puts the ready link behind the newest one; returns it, or NULL when there is none.
 * view_links_reclaim frees what the slowest source has left behind.  Holding edit.
 */
const struct view_link *view_link_publish(struct vmmq_adapter *adapter);
void view_links_reclaim(struct vmmq_adapter *adapter);

#endif
