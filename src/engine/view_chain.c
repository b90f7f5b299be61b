/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/view_chain.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/adapter_state.h"
#include "engine/source.h"

bool view_chain_init(struct view_chain *chain, const struct vmmq_view *first)
{
	struct view_link *link = calloc(1, sizeof(*link));

	if (link)
		link->view = first;
	*chain = (struct view_chain){ .oldest = link, .newest = link };
	return link;
}

void view_chain_fini(struct view_chain *chain)
{
	while (chain->oldest) {
		struct view_link *link = chain->oldest;

		chain->oldest = atomic_load_explicit(&link->next, memory_order_relaxed);
		view_link_free(link);
	}
}

void view_link_free(struct view_link *link)
{
	free(link->moves);
	free(link);
}

void view_links_reclaim(struct vmmq_adapter *adapter)
{
	uint64_t slowest = adapter->views.newest->version;

	assert(edit_is_held_here(adapter));
	for (struct vmmq_source *source = adapter->sources; source; source = source->next) {
		uint64_t adopted = atomic_load_explicit(&source->adopted, memory_order_acquire); /* pairs with S2 */

		if (adopted < slowest)
			slowest = adopted;
	}
	while (adapter->views.oldest->version < slowest) {
		struct view_link *link = adapter->views.oldest;

		adapter->views.oldest = atomic_load_explicit(&link->next, memory_order_relaxed);
		vmmq_nic_switch_retire(adapter->nic_switch, link->view);
		view_link_free(link);
	}
}

struct view_link *view_link_make(const struct vmmq_adapter *adapter, const struct vmmq_view *view)
{
	struct view_link *link = calloc(1, sizeof(*link));

	assert(edit_is_held_here(adapter));
	if (!link)
		return NULL;
	link->view = view;
	link->version = adapter->views.newest->version + 1;
	if (moves_between(adapter, adapter->views.newest->view, view, &link->moves, &link->move_count))
		return link;
	free(link);
	return NULL;
}

void view_link_publish(struct vmmq_adapter *adapter, struct view_link *link)
{
	assert(edit_is_held_here(adapter) && link->version == adapter->views.newest->version + 1);
	atomic_store_explicit(&adapter->views.newest->next, link, memory_order_release); /* V1 */
	adapter->views.newest = link;
}
