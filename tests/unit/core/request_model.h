/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A slow, obvious model of the NIC switch's requests, for tests.  It is written from the spec's tables: a VPort is a
 * list of steering parameters (11.1), queues are counted by reference counts (11.3), filters stand in an array (4.2),
 * and a request is a list of rules of which the first broken one is the answer.  model_*() return that answer and
 * carry the request out.
 */
#ifndef VMMQ_UNIT_CORE_REQUEST_MODEL_H
#define VMMQ_UNIT_CORE_REQUEST_MODEL_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <vmmq/request.h>

enum { IDS = 6, MAX_VPORTS = 91, PRIMARY = 0, DEFAULT = 1, ITE = 2, PARAMETERS = 130, FILTERS = 8, NAME_LEN = 1100 };
static const uint32_t ids[IDS] = { 0, 1, 2, 63, 64, 90 };
static const struct vmmq_processor hardware[] = { { 0 }, { 1 }, { 2 }, { 3 }, { 64 }, { 65 }, { 70 } };
/* IMPOSSIBLE: stands for a processor number of NDIS that no processor can have. */
enum { HARDWARE = 7, PROCESSORS = 200, IMPOSSIBLE = 199 };

struct model_vport {
	bool exists, activated, rss, hash;
	uint32_t flags, moderation, pairs, types, entries;
	struct vmmq_affinity affinity;
	uint8_t key[VMMQ_KEY_LEN];
	char name[NAME_LEN];
	uint16_t at[PARAMETERS]; /* where each steering parameter points */
};

struct model {
	struct model_vport vport[IDS];
	struct vmmq_filter filter[FILTERS]; /* id 0: free */
	uint64_t next_filter_id;
	bool in_set[PROCESSORS];
};

static struct model model;
static struct vmmq_nic_switch_params limits;
static bool in_group;
static bool binary; /* requests come in NDIS's layouts, which decide some things earlier */

/* RULE: unless an earlier rule is broken, this one decides when it is. */
#define RULE(broken, name)                                                                                           \
	do {                                                                                                         \
		if (want == VMMQ_SUCCESS && (broken))                                                                \
			want = VMMQ_##name;                                                                          \
	} while (0)

/*
 * --- what the rules talk of
 * -----------------------------------------------------------------------------------------
 */

static inline struct model_vport *known(uint32_t id)
{
	for (unsigned i = 0; i < IDS; i++)
		if (ids[i] == id && model.vport[i].exists)
			return &model.vport[i];
	return NULL;
}

static inline bool active(const struct model_vport *v, unsigned parameter)
{
	return v->rss ? parameter != PRIMARY : parameter == PRIMARY;
}

/* outside: some active parameter points out of the set. */
static inline bool outside(const struct model_vport *v)
{
	for (unsigned i = 0; i < ITE + v->entries; i++)
		if (active(v, i) && !model.in_set[v->at[i]])
			return true;
	return false;
}

static inline void references(const struct model_vport *v, int count[PROCESSORS])
{
	memset(count, 0, PROCESSORS * sizeof(count[0]));
	for (unsigned i = 0; i < ITE + v->entries; i++)
		count[v->at[i]] += active(v, i);
}

static inline unsigned in_use(const int count[PROCESSORS])
{
	unsigned queues = 0;

	for (unsigned i = 0; i < PROCESSORS; i++)
		queues += count[i] > 0;
	return queues;
}

static inline unsigned queues_of(const struct model_vport *v)
{
	int count[PROCESSORS];

	references(v, count);
	return in_use(count);
}

static inline uint32_t pairs_left(void)
{
	uint32_t left = limits.max_queue_pairs;

	for (unsigned i = 0; i < IDS; i++)
		left -= model.vport[i].exists ? model.vport[i].pairs : 0;
	return left;
}

static inline bool asymmetric(void)
{
	uint32_t pairs = 0;

	for (unsigned i = 1; limits.symmetric && i < IDS; i++) {
		if (!model.vport[i].exists)
			continue;
		if (pairs && model.vport[i].pairs != pairs)
			return true;
		pairs = model.vport[i].pairs;
	}
	return false;
}

/* lopsided: what the adapter would be if this VPort became so, and only a finished group counts. */
static inline bool lopsided(struct model_vport *place, const struct model_vport *wanted)
{
	struct model_vport was = *place;
	bool result;

	*place = *wanted;
	result = !in_group && asymmetric();
	*place = was;
	return result;
}

static inline bool table_count(uint64_t n)
{
	return n == 1 || n == 2 || n == 4 || n == 8 || n == 16 || n == 32 || n == 64 || n == 128;
}

static inline bool hash_information_good(uint32_t info)
{
	return (info & 0xff) == 1 && !(info & 0xfffe0000) && info & 0x1ff00;
}

static inline bool moderation_good(uint32_t m)
{
	return m <= 2 || m == 100 || m == 200 || m == 300;
}

static inline uint16_t lowest(struct vmmq_affinity affinity)
{
	unsigned bit = 0;

	while (!(affinity.mask >> bit & 1))
		bit++;
	return (uint16_t)(affinity.group * 64 + bit);
}

/* name_units returns how many UTF-16 units a name has: one for each character, two from U+10000. */
static inline size_t name_units(const char *name)
{
	size_t units = 0;

	for (; *name; name++)
		units += ((uint8_t)*name & 0xc0) == 0x80 ? 0 : (uint8_t)*name >= 0xf0 ? 2 : 1;
	return units;
}

/*
 * --- VPorts
 * ---------------------------------------------------------------------------------------------------------
 */

/* place_of returns where the model keeps a VPort; NULL: it has no room for it, although the switch may. */
static inline struct model_vport *place_of(uint32_t id)
{
	for (unsigned i = 1; i < IDS; i++)
		if (ids[i] == id)
			return &model.vport[i];
	return id && id < MAX_VPORTS ? NULL : &model.vport[0];
}

static inline vmmq_status model_create(const struct vmmq_vport_params *p)
{
	struct model_vport v = { .exists = true, .types = 0xd700, .entries = 1, .pairs = p->queue_pairs };
	struct model_vport *place = place_of(p->vport_id);
	vmmq_status want = VMMQ_SUCCESS;

	RULE(binary && name_units(p->name) > 256, INVALID_PARAMETER);
	RULE(p->switch_id, INVALID_PARAMETER);
	RULE(p->vport_id > 0xffff, INVALID_PARAMETER);
	RULE(p->attached_function != 0xffff, NOT_SUPPORTED);
	RULE(p->flags & 0x7ffc, INVALID_PARAMETER);
	RULE(!moderation_good(p->interrupt_moderation), INVALID_PARAMETER);
	RULE(p->state && p->state != 2, INVALID_PARAMETER);
	RULE(!p->affinity.mask || p->affinity.group > 1023, INVALID_PARAMETER);
	RULE(!p->vport_id || p->vport_id >= MAX_VPORTS || place->exists, INVALID_PARAMETER);
	RULE(name_units(p->name) > 256, INVALID_PARAMETER);
	RULE(!model.in_set[lowest(p->affinity)], INVALID_DATA);
	RULE(!p->queue_pairs || p->queue_pairs > limits.max_queue_pairs_per_vport, INVALID_PARAMETER);
	RULE(p->queue_pairs > pairs_left(), RESOURCES);
	RULE(lopsided(place, &v), INVALID_PARAMETER);
	if (want != VMMQ_SUCCESS)
		return want;
	v.flags = p->flags & 0xffff;
	v.moderation = p->interrupt_moderation;
	v.affinity = p->affinity;
	memcpy(v.key, vmmq_verification_key, VMMQ_KEY_LEN);
	memcpy(v.name, p->name, strlen(p->name) + 1);
	v.at[PRIMARY] = v.at[DEFAULT] = v.at[ITE] = lowest(p->affinity);
	*place = v;
	return want;
}

static inline void set_members(struct model_vport *v, const struct vmmq_vport_params *p)
{
	if (p->flags & 0x10000)
		v->flags = p->flags & 0xffff;
	if (p->flags & 0x20000)
		memcpy(v->name, p->name, strlen(p->name) + 1);
	if (p->flags & 0x40000)
		v->moderation = p->interrupt_moderation;
	if (p->flags & 0x80000)
		v->activated = p->state == 1;
	if (p->flags & 0x100000) {
		v->affinity = p->affinity;
		v->at[PRIMARY] = lowest(p->affinity);
	}
	if (p->flags & 0x800000)
		v->pairs = p->queue_pairs;
}

static inline vmmq_status model_set(const struct vmmq_vport_params *p)
{
	struct model_vport *v = known(p->vport_id), wanted;
	vmmq_status want = VMMQ_SUCCESS;
	bool long_name = p->flags & 0x20000 && name_units(p->name) > 256;

	RULE(binary && long_name, INVALID_PARAMETER);
	RULE(p->switch_id, INVALID_PARAMETER);
	RULE(!v, INVALID_PARAMETER);
	RULE(p->flags & 0x600000, NOT_SUPPORTED);
	RULE(p->flags & 0xff000000 || (p->flags & 0x10000 && p->flags & 0x7ffc), INVALID_PARAMETER);
	RULE(long_name, INVALID_PARAMETER);
	RULE(p->flags & 0x40000 && !moderation_good(p->interrupt_moderation), INVALID_PARAMETER);
	RULE(p->flags & 0x80000 && !(p->state == 1 || (p->state == 2 && !v->activated)), INVALID_PARAMETER);
	RULE(p->flags & 0x100000 && (!p->affinity.mask || p->affinity.group > 1023), INVALID_PARAMETER);
	RULE(p->flags & 0x800000 && (!p->queue_pairs || p->queue_pairs > limits.max_queue_pairs_per_vport),
	     INVALID_PARAMETER);
	if (want != VMMQ_SUCCESS)
		return want;
	wanted = *v;
	set_members(&wanted, p);
	RULE(outside(&wanted), INVALID_DATA);
	RULE(queues_of(&wanted) > wanted.pairs, NO_QUEUES);
	RULE(wanted.pairs > pairs_left() + v->pairs, RESOURCES);
	RULE(lopsided(v, &wanted), INVALID_PARAMETER);
	if (want == VMMQ_SUCCESS)
		*v = wanted;
	return want;
}

static inline uint32_t model_filters_of(uint32_t vport)
{
	uint32_t count = 0;

	for (unsigned i = 0; i < FILTERS; i++)
		count += model.filter[i].id && model.filter[i].vport.v == vport;
	return count;
}

static inline vmmq_status model_delete(uint32_t id)
{
	struct model_vport *v = known(id);
	vmmq_status want = VMMQ_SUCCESS;

	RULE(!id || !v, INVALID_PARAMETER);
	RULE(model_filters_of(id), FAILURE);
	if (want == VMMQ_SUCCESS)
		v->exists = false;
	return want;
}

static inline vmmq_status model_set_processors(const struct vmmq_processor some[], size_t count)
{
	bool was[PROCESSORS];
	vmmq_status want = VMMQ_SUCCESS;

	memcpy(was, model.in_set, sizeof(was));
	memset(model.in_set, 0, sizeof(was));
	for (size_t i = 0; i < count; i++)
		model.in_set[some[i].v] = true;
	RULE(!count, INVALID_PARAMETER);
	for (unsigned i = 0; i < IDS; i++)
		RULE(model.vport[i].exists && outside(&model.vport[i]), INVALID_DATA);
	if (want != VMMQ_SUCCESS)
		memcpy(model.in_set, was, sizeof(was));
	return want;
}

#endif
