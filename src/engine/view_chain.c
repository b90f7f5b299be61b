/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/view_chain.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/adapter_state.h"
#include "engine/source.h"
#include "engine/step.h"

bool view_chain_init(struct view_chain *chain, const struct vmmq_view *first)
{
	struct view_link *link = calloc(1, sizeof(*link));

	if (link)
		link->view = first;
	*chain = (struct view_chain){ .oldest = link, .newest = link };
	return link;
}

static void view_link_free(struct view_link *link)
{
	if (link)
		moves_fini(&link->moves);
	free(link);
}

void view_chain_fini(struct view_chain *chain)
{
	view_link_free(chain->staged);
	view_link_free(chain->ready);
	chain->staged = chain->ready = NULL;
	while (chain->oldest) {
		struct view_link *link = chain->oldest;

		chain->oldest = atomic_load_explicit(&link->next, memory_order_relaxed);
		view_link_free(link);
	}
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

/* view_link_make makes a link for a view, to follow the newest one; NULL: memory. */
static struct view_link *view_link_make(const struct vmmq_adapter *adapter, const struct vmmq_view *view)
{
	struct view_link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	link->view = view;
	link->version = adapter->views.newest->version + 1;
	if (moves_between(adapter, adapter->views.newest->view, view, &link->moves))
		return link;
	free(link);
	return NULL;
}

/* sources_supply gives every source the memory that a step will need, as far as can be told; false: there is too little. */
static bool sources_supply(const struct vmmq_adapter *adapter, const struct view_link *link)
{
	bool supplied = true;

	for (struct vmmq_source *source = adapter->sources; source && supplied; source = source->next)
		supplied = step_supply(source, link);
	return supplied;
}

/* A group of the switch: the link for what it has come to is made, then kept or thrown away. */
static bool view_chain_stage(void *context, const struct vmmq_view *view)
{
	struct vmmq_adapter *adapter = context;
	struct view_link *link;

	vmmq_adapter_edit_begin(adapter);
	link = view_link_make(adapter, view);
	if (link && !sources_supply(adapter, link)) {
		view_link_free(link);
		link = NULL;
	}
	adapter->views.staged = link;
	vmmq_adapter_edit_end(adapter);
	return link;
}

static void view_chain_keep(void *context)
{
	struct vmmq_adapter *adapter = context;

	vmmq_adapter_edit_begin(adapter);
	view_link_free(adapter->views.ready); /* of a view that nobody will ever see */
	adapter->views.ready = adapter->views.staged;
	adapter->views.staged = NULL;
	vmmq_adapter_edit_end(adapter);
}

static void view_chain_drop(void *context)
{
	struct vmmq_adapter *adapter = context;

	vmmq_adapter_edit_begin(adapter);
	view_link_free(adapter->views.staged);
	adapter->views.staged = NULL;
	vmmq_adapter_edit_end(adapter);
}

void view_chain_follow(struct vmmq_adapter *adapter)
{
	vmmq_nic_switch_follow(
	    adapter->nic_switch,
	    &(struct vmmq_nic_switch_follower){ adapter, view_chain_stage, view_chain_keep, view_chain_drop });
}

const struct view_link *view_link_publish(struct vmmq_adapter *adapter)
{
	struct view_link *link = adapter->views.ready;

	assert(edit_is_held_here(adapter));
	if (!link)
		return NULL;
	assert(link->version == adapter->views.newest->version + 1);
	adapter->views.ready = NULL;
	sources_supply(adapter, link); /* once more: what waits has changed since */
	atomic_store_explicit(&adapter->views.newest->next, link, memory_order_release); /* V1 */
	adapter->views.newest = link;
	return link;
}
