/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/moved_inner.h"

#include <stdlib.h>
#include <vmmq/classify.h>

#include "core/filter_table.h"

/* What is compared.  gains, loses: VPorts that packets come to, under the new view, or leave, under the old one. */
struct inner_search {
	const struct vmmq_view *from, *to;
	struct vports gains, loses, before, after;
	bool any;
};

static void vports_add(struct vports *vports, struct vmmq_vport_id vport)
{
	vports->word[vport.v / 64] |= UINT64_C(1) << vport.v % 64;
}

int32_t vports_next(const struct vports *vports, uint32_t from)
{
	for (uint32_t i = from / 64; i < sizeof(vports->word) / sizeof(vports->word[0]); i++) {
		uint64_t left = vports->word[i] & (i == from / 64 ? UINT64_MAX << from % 64 : UINT64_MAX);

		if (left)
			return (int32_t)(64 * i + (uint32_t)__builtin_ctzll(left));
	}
	return -1;
}

/* vports_with_filters adds VPort 0 and all VPorts that have a filter, of whichever kind. */
static void vports_with_filters(struct vports *vports, const struct vmmq_filter_table *table)
{
	vports_add(vports, VMMQ_DEFAULT_VPORT);
	for (uint64_t b = 0; b <= table->bucket_mask; b++)
		for (unsigned i = 0; i < FILTER_BUCKET_ENTRIES && table->bucket[b].entry[i].filter_id; i++)
			vports_add(vports, table->bucket[b].entry[i].vport);
	for (uint32_t i = 0; table->inner.slot && i <= table->inner.mask; i++)
		if (table->inner.slot[i].entry.filter_id)
			vports_add(vports, table->inner.slot[i].entry.vport);
}

/* vport_looks_alike tells whether a VPort looks into the same tunnels in both views. */
static bool vport_looks_alike(const struct inner_search *s, struct vmmq_vport_id vport)
{
	const struct vmmq_steering *a = vmmq_view_steering(s->from, vport), *b = vmmq_view_steering(s->to, vport);

	return a == b ||
	       (a && b && a->filtered.types == b->filtered.types && a->filtered.vxlan_port == b->filtered.vxlan_port);
}

/* inner_look notes the owners, in keys, of the filters of which the other table has none, or not with the same effect. */
static void inner_look(struct inner_search *s, const struct inner_filters *keys, const struct inner_filters *other,
		       struct vports *owners)
{
	for (uint32_t i = 0; keys->slot && i <= keys->mask; i++) {
		const struct inner_filter *filter = &keys->slot[i], *there = NULL;

		if (!filter->entry.filter_id)
			continue;
		if (other->slot)
			there = inner_filter_find(other, filter->key, filter->vni);
		if (there && there->entry.vport.v == filter->entry.vport.v &&
		    vport_looks_alike(s, filter->entry.vport))
			continue;
		vports_add(owners, filter->entry.vport);
		s->any = true;
	}
}

static size_t vports_count(const struct vports *vports)
{
	size_t count = 0;

	for (uint32_t i = 0; i < sizeof(vports->word) / sizeof(vports->word[0]); i++)
		count += (size_t)__builtin_popcountll(vports->word[i]);
	return count;
}

/* inner_pairs_add adds each of some VPorts before with each of some after. */
static bool inner_pairs_add(struct moved_filters *moved, const struct vports *old, const struct vports *vports)
{
	for (int32_t a = vports_next(old, 0); a >= 0; a = vports_next(old, (uint32_t)a + 1))
		for (int32_t b = vports_next(vports, 0); b >= 0; b = vports_next(vports, (uint32_t)b + 1))
			if (!moved_filters_add(moved, (struct vmmq_vport_id){ (uint16_t)a },
					       (struct vmmq_vport_id){ (uint16_t)b }))
				return false;
	return true;
}

static bool inner_search_run(struct inner_search *s, struct moved_filters *moved, struct vports *anywhere)
{
	inner_look(s, &s->to->filters->inner, &s->from->filters->inner, &s->gains);
	inner_look(s, &s->from->filters->inner, &s->to->filters->inner, &s->loses);
	if (!s->any)
		return true;
	vports_with_filters(&s->before, s->from->filters);
	vports_with_filters(&s->after, s->to->filters);
	if (vports_count(&s->before) * vports_count(&s->gains) + vports_count(&s->loses) * vports_count(&s->after) >
	    MOVED_INNER_MAX) {
		*anywhere = s->after;
		return true;
	}
	return inner_pairs_add(moved, &s->before, &s->gains) && inner_pairs_add(moved, &s->loses, &s->after);
}

bool moved_inner_find(struct moved_filters *moved, struct vports *anywhere, const struct vmmq_view *from,
		      const struct vmmq_view *to)
{
	struct inner_search *search;
	bool fits;

	if (!from->filters->inner.slot && !to->filters->inner.slot)
		return true;
	search = calloc(1, sizeof(*search));
	if (!search)
		return false;
	search->from = from;
	search->to = to;
	fits = inner_search_run(search, moved, anywhere);
	free(search);
	return fits;
}
