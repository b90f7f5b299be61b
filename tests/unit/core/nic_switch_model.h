/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A slow, obvious model of the NIC switch: VPorts and filters in arrays, and every status that the documented rules allow
 * for an operation.
 */
#ifndef VMMQ_UNIT_CORE_NIC_SWITCH_MODEL_H
#define VMMQ_UNIT_CORE_NIC_SWITCH_MODEL_H

#include <stdbool.h>

#include "unit/core/nic_switch_dump.h"
#include "unit/core/test_random.h"

enum { FILTERS = 64, MACS = 6, OLD_VIEWS = 6, PACKETS = 6 };
static const struct vmmq_processor processors[] = { { 0 }, { 7 }, { 3 }, { 64 }, { 65535 } };
enum { PROCESSORS = 5 };

/* On both sides of the borders of a view's chunks, and one that the limit refuses. */
static const uint16_t ids[] = { 0, 1, 2, 63, 64, 65, 127, 128, 700, 701 };

enum { IDS = 10 };

struct model_vport {
	bool exists, active;
	char name[300];
	uint32_t pairs;
	struct vmmq_rss_params rss;
};

struct model {
	struct model_vport vport[IDS];
	struct vmmq_filter filter[FILTERS]; /* id 0: free */
};

/* Limits of one run. */
static struct vmmq_nic_switch_params limits;

static bool in_group;
static uint32_t last_filter_id;
static struct vmmq_filter last_cleared;
static const char *trace;

/* What an operation may answer: SUCCESS only when no rule is broken. */
struct answers {
	vmmq_status status[8];
	size_t count;
};

static inline void broken(struct answers *answers, bool rule_broken, vmmq_status status)
{
	if (rule_broken)
		answers->status[answers->count++] = status;
}

/* check compares the switch's answer with what the rules allow, and says whether it was done. */
static inline bool check(const struct answers *answers, vmmq_status status)
{
	if (!answers->count && status == VMMQ_SUCCESS)
		return true;
	for (size_t i = 0; i < answers->count; i++)
		if (answers->status[i] == status)
			return false;
	fail_msg("%s: %s, but the model expects %s", trace, vmmq_status_name(status),
		 answers->count ? vmmq_status_name(answers->status[0]) : "SUCCESS");
	return false;
}

static inline bool in_set(struct vmmq_processor processor)
{
	for (size_t i = 0; i < PROCESSORS; i++)
		if (processors[i].v == processor.v)
			return true;
	return false;
}

static inline int index_of(struct vmmq_vport_id id)
{
	for (int i = 0; i < IDS; i++)
		if (ids[i] == id.v)
			return i;
	return -1;
}

static inline const struct model_vport *known(const struct model *m, struct vmmq_vport_id id)
{
	int i = index_of(id);

	return i >= 0 && m->vport[i].exists ? &m->vport[i] : NULL;
}

static inline uint32_t pairs_used(const struct model *m)
{
	uint32_t used = 0;

	for (size_t i = 0; i < IDS; i++)
		used += m->vport[i].exists ? m->vport[i].pairs : 0;
	return used;
}

static inline uint32_t filters_of(const struct model *m, struct vmmq_vport_id id)
{
	uint32_t count = 0;

	for (size_t i = 0; i < FILTERS; i++)
		count += m->filter[i].id && m->filter[i].vport.v == id.v;
	return count;
}

static inline struct vmmq_filter *filter_of(struct model *m, uint32_t id)
{
	for (size_t i = 0; i < FILTERS; i++)
		if (id && m->filter[i].id == id)
			return &m->filter[i];
	return NULL;
}

static inline uint32_t filter_count(const struct model *m)
{
	uint32_t count = 0;

	for (size_t i = 0; i < FILTERS; i++)
		count += m->filter[i].id != 0;
	return count;
}

/* distinct counts the different processors among the entries and the default processor, by marking them. */
static inline unsigned distinct(const struct vmmq_rss_params *rss)
{
	static bool seen[65536];
	unsigned count = 1;

	memset(seen, 0, sizeof(seen));
	seen[rss->default_processor.v] = true;
	for (unsigned i = 0; i < rss->entry_count && i < VMMQ_TABLE_ENTRIES_MAX; i++) {
		count += !seen[rss->table[i].v];
		seen[rss->table[i].v] = true;
	}
	return count;
}

static inline void pairs_rules(struct answers *answers, const struct model *m, struct vmmq_vport_id id,
			       uint32_t pairs)
{
	const struct model_vport *old = known(m, id);
	uint32_t others = pairs_used(m) - (old ? old->pairs : 0);

	broken(answers, pairs < 1 || pairs > limits.max_queue_pairs_per_vport, VMMQ_INVALID_PARAMETER);
	broken(answers, others + pairs > limits.max_queue_pairs, VMMQ_RESOURCES);
	/* Within a group nondefault VPorts may differ for a while. */
	for (size_t i = 1; limits.symmetric && !in_group && id.v && i < IDS; i++)
		if (m->vport[i].exists && ids[i] != id.v && m->vport[i].pairs != pairs) {
			broken(answers, true, VMMQ_INVALID_PARAMETER);
			break;
		}
}

static inline void rss_rules(struct answers *answers, const struct vmmq_rss_params *rss, uint32_t pairs)
{
	bool entries_in_set = true;

	broken(answers, rss->entry_count > 128 || __builtin_popcount(rss->entry_count) != 1, VMMQ_INVALID_LENGTH);
	broken(answers, rss->hash_types & ~0x1ff00u, VMMQ_INVALID_PARAMETER);
	if (!rss->enabled) {
		broken(answers, !in_set(rss->primary), VMMQ_INVALID_DATA);
		return;
	}
	for (unsigned i = 0; i < rss->entry_count && i < VMMQ_TABLE_ENTRIES_MAX; i++)
		entries_in_set &= in_set(rss->table[i]);
	broken(answers, !rss->hash_types, VMMQ_INVALID_PARAMETER);
	broken(answers, !entries_in_set || !in_set(rss->default_processor), VMMQ_INVALID_DATA);
	broken(answers, distinct(rss) > pairs, VMMQ_NO_QUEUES);
}

#endif
