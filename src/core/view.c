/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Views, each made from the one before: a new view shares every chunk and every steering snapshot that the group did not
 * touch, so a table move copies one snapshot, one chunk and the list of chunks, whatever the number of VPorts.  What
 * the successor does not share is noted in the predecessor and goes with it.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cache_line.h"
#include "core/filter_table.h"
#include "core/switch_model.h"

static bool blocks_push(struct blocks *blocks, const void *block)
{
	void **grown = array_room(blocks->block, &blocks->capacity, blocks->count + 1, 8, sizeof(*grown));

	if (!grown)
		return false;
	blocks->block = grown;
	blocks->block[blocks->count++] = (void *)(uintptr_t)block;
	return true;
}

static void blocks_free_all(struct blocks *blocks)
{
	for (size_t i = 0; i < blocks->count; i++)
		free(blocks->block[i]);
	free(blocks->block);
}

/* making_keep notes a new block (NULL when its allocation failed) so that a failure later frees it. */
static bool making_keep(struct making *making, void *block)
{
	if (!block)
		return false;
	if (blocks_push(&making->made, block))
		return true;
	free(block);
	return false;
}

static bool making_chunks(struct making *making, uint32_t at_least)
{
	struct vmmq_view *view = &making->node->view;
	uint32_t count = view->chunk_count > at_least ? view->chunk_count : at_least;
	struct vmmq_view_chunk **chunk;

	if (making->chunk && count == view->chunk_count)
		return true;
	chunk = calloc(count, sizeof(struct vmmq_view_chunk *));
	if (!making_keep(making, chunk))
		return false;
	if (view->chunk) {
		memcpy(chunk, view->chunk, view->chunk_count * sizeof(struct vmmq_view_chunk *));
		/* A list outgrown within the group was made for it and leaves with this view. */
		if (!blocks_push(&making->left, view->chunk))
			return false;
	}
	making->chunk = chunk;
	view->chunk = (const struct vmmq_view_chunk *const *)chunk;
	view->chunk_count = count;
	return true;
}

static bool making_chunk(struct making *making, uint32_t index)
{
	const struct vmmq_view *current = making->sw->current ? &making->sw->current->view : NULL;
	const struct vmmq_view_chunk *old = current && index < current->chunk_count ? current->chunk[index] : NULL;
	struct vmmq_view_chunk *chunk;

	if (!making_chunks(making, index + 1))
		return false;
	if (making->chunk[index] && making->chunk[index] != old)
		return true;
	chunk = calloc(1, sizeof(*chunk));
	if (!making_keep(making, chunk))
		return false;
	if (old) {
		*chunk = *old;
		if (!blocks_push(&making->left, old))
			return false;
	}
	making->chunk[index] = chunk;
	return true;
}

static bool making_vport(struct making *making, struct vmmq_vport_id id)
{
	struct vport *vport = vport_find(making->sw, id);
	const struct vmmq_steering *old = vmmq_view_steering(&making->node->view, id);
	uint32_t index = id.v / VMMQ_VIEW_CHUNK;

	if (vport && !vport->steering) {
		const size_t lines = (sizeof(struct vmmq_steering) + CACHE_LINE - 1) / CACHE_LINE;
		struct vmmq_steering *steering = aligned_alloc(CACHE_LINE, lines * CACHE_LINE);

		if (!making_keep(making, steering))
			return false;
		vmmq_steering_init(steering, &vport->rss);
		vport->steering = steering;
	}
	if (old == (vport ? vport->steering : NULL))
		return true;
	if (!making_chunk(making, index) || (old && !blocks_push(&making->left, old)))
		return false;
	making->chunk[index]->steering[id.v % VMMQ_VIEW_CHUNK] = vport ? vport->steering : NULL;
	making->node->looking += (vport && vport->steering->tunnels) - (old && old->tunnels);
	return true;
}

static bool making_filters(struct making *making)
{
	const struct vmmq_nic_switch *sw = making->sw;
	struct vmmq_view *view = &making->node->view;
	struct vmmq_filter *active = calloc(sw->filter_count + 1, sizeof(*active));
	struct vmmq_filter_table *table = NULL;
	size_t count = 0;

	if (!active)
		return false;
	for (size_t i = 0; i < sw->filter_count; i++)
		if (vport_find(sw, sw->filter[i]->vport)->state == VMMQ_VPORT_ACTIVATED)
			active[count++] = *sw->filter[i];
	table = vmmq_filter_table_create(active, count);
	free(active);
	if (table && sw->limits.strip_all_tags)
		filter_table_strip_all(table);
	if (!making_keep(making, table) || (view->filters && !blocks_push(&making->left, view->filters)))
		return false;
	view->filters = table;
	return true;
}

/* making_end: filters: the view's, which it has by now. */
static void making_end(struct view_node *node, const struct vmmq_filter_table *filters)
{
	assert(filters);
	node->view.outer_only = !node->looking && !filters->inner.slot;
}

static bool making_fill(struct making *making)
{
	struct vmmq_nic_switch *sw = making->sw;

	for (size_t i = 0; i < sw->undo.count; i++)
		if (sw->undo.entry[i].kind == UNDO_VPORT && !making_vport(making, sw->undo.entry[i].vport))
			return false;
	if (sw->filters_changed && !making_filters(making))
		return false;
	making_end(making->node, making->node->view.filters);
	return true;
}

static bool making_begin(struct making *making, struct vmmq_nic_switch *sw)
{
	*making = (struct making){ .sw = sw, .node = calloc(1, sizeof(struct view_node)) };
	if (making->node && sw->current) {
		making->node->view = sw->current->view;
		making->node->looking = sw->current->looking;
	}
	return making->node;
}

static bool making_abandon(struct making *making)
{
	blocks_free_all(&making->made);
	free(making->left.block);
	free(making->node);
	return false;
}

bool view_first(struct vmmq_nic_switch *sw)
{
	struct making making;

	if (!making_begin(&making, sw))
		return false;
	making.node->view.toeplitz = sw->toeplitz;
	if (!making_vport(&making, (struct vmmq_vport_id){ 0 }) || !making_filters(&making))
		return making_abandon(&making);
	making_end(making.node, making.node->view.filters);
	free(making.made.block);
	free(making.left.block);
	sw->oldest = making.node;
	sw->current = making.node;
	return true;
}

bool view_prepare(struct vmmq_nic_switch *sw)
{
	struct making *making = &sw->making;

	if (!making_begin(making, sw))
		return false;
	if (!making_fill(making))
		return making_abandon(making);
	if (!making->made.count && !making->left.count) {
		free(making->node); /* nothing that steers packets has changed */
		making->node = NULL;
	}
	return true;
}

void view_commit(struct vmmq_nic_switch *sw)
{
	struct making *making = &sw->making;

	if (!making->node)
		return;
	free(making->made.block);
	sw->current->retired = making->left;
	sw->current->next = making->node;
	sw->current = making->node;
}

void view_abandon(struct vmmq_nic_switch *sw)
{
	making_abandon(&sw->making);
}

void view_node_free(struct view_node *node)
{
	blocks_free_all(&node->retired);
	free(node);
}

static void block_free(const void *block)
{
	free((void *)(uintptr_t)block);
}

void view_last_free(struct view_node *node)
{
	for (uint32_t i = 0; i < node->view.chunk_count; i++) {
		const struct vmmq_view_chunk *chunk = node->view.chunk[i];

		for (unsigned j = 0; chunk && j < VMMQ_VIEW_CHUNK; j++)
			block_free(chunk->steering[j]);
		block_free(chunk);
	}
	block_free(node->view.chunk);
	block_free(node->view.filters);
	view_node_free(node);
}
