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

#include "engine/processor_slot.h"

struct vmmq_adapter;

/*
 * Packets that went to from under one view may go to to under the next.  from == to: some of them change VPort there, and a
 * batch is indicated VPort by VPort, so it must end between the two views.
 */
struct move {
	processor_slot to;
	processor_slot from;
};

/* One link.  Constant once published, but for next.  moves: from the view before, ascending by to. */
struct view_link {
	const struct vmmq_view *view;
	uint64_t version;
	uint32_t move_count;
	struct move *moves;
	_Atomic(struct view_link *) next; /* V1: published by who holds edit; sources: acquire */
};

/* Holding edit: rw. */
struct view_chain {
	struct view_link *oldest;
	struct view_link *newest;
};

/* view_chain_init makes a chain of the first view; false: memory.  view_chain_fini frees it; no source is left. */
bool view_chain_init(struct view_chain *chain, const struct vmmq_view *first);
void view_chain_fini(struct view_chain *chain);

/*
 * view_link_make makes a link for a view, to follow the newest one (NULL: memory); view_link_publish puts it there;
 * view_link_free is for one that was not published.  view_links_reclaim frees what the slowest source has left behind.
 * Holding edit.
 */
struct view_link *view_link_make(const struct vmmq_adapter *adapter, const struct vmmq_view *view);
void view_link_publish(struct vmmq_adapter *adapter, struct view_link *link);
void view_link_free(struct view_link *link);
void view_links_reclaim(struct vmmq_adapter *adapter);

/* moves_between finds what may move from one view to the next.  *moves is malloc'ed; false: memory. */
bool moves_between(const struct vmmq_adapter *adapter, const struct vmmq_view *from, const struct vmmq_view *to,
		   struct move **moves, uint32_t *count);

#endif
