/* SPDX-License-Identifier: BSD-2-Clause */
#include "host/forwarding.h"

#include <stdlib.h>

/* A VPort is in a VLAN; many filters may say so. */
struct belonging {
	uint16_t vport;
	uint16_t rule;
};

/* What is collected while one is made. */
struct collected {
	struct vmmq_filter *filter;
	size_t filter_count;
	struct belonging *belonging;
	size_t belonging_count;
	bool default_has_filters;
	bool encapsulated;
};

static int rules_compare(const void *left, const void *right)
{
	const struct belonging *a = left, *b = right;

	if (a->vport != b->vport)
		return a->vport < b->vport ? -1 : 1;
	return (a->rule > b->rule) - (a->rule < b->rule);
}

static bool vport_is_activated(const struct vmmq_nic_switch *sw, struct vmmq_vport_id id)
{
	struct vmmq_vport_info info;

	return vmmq_vport_get(sw, id, &info) && info.state == VMMQ_VPORT_ACTIVATED;
}

static size_t rules_unique(struct belonging *belonging, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (!kept || rules_compare(&belonging[i], &belonging[kept - 1]))
			belonging[kept++] = belonging[i];
	return kept;
}

/*
 * rules_collect: VPort 0 without filters belongs to every VLAN.  An encapsulated filter says nothing of who a guest is, since its MAC is
 * none of those that the switch sees; but its VPort belongs to the VLAN, which is that of the outermost tag.
 */
static bool rules_collect(const struct vmmq_nic_switch *sw, struct collected *all)
{
	const struct vmmq_filter *filter;
	size_t count = 0;

	for (filter = vmmq_filter_next(sw, 0); filter; filter = vmmq_filter_next(sw, filter->id))
		count++;
	all->filter = calloc(count + 1, sizeof(*all->filter));
	all->belonging = calloc(count + 1, sizeof(*all->belonging));
	if (!all->filter || !all->belonging)
		return false;
	for (filter = vmmq_filter_next(sw, 0); filter; filter = vmmq_filter_next(sw, filter->id)) {
		if (!vport_is_activated(sw, filter->vport))
			continue;
		all->encapsulated |= filter->encapsulated;
		if (filter->encapsulated && !filter->vport.v)
			continue;
		if (!filter->encapsulated)
			all->filter[all->filter_count++] = *filter;
		all->belonging[all->belonging_count++] = (struct belonging){
			.vport = filter->vport.v,
			.rule = filter->vlan == VMMQ_VLAN_ANY ? RULE_ANY : filter->vlan,
		};
		all->default_has_filters |= !filter->vport.v;
	}
	if (!all->default_has_filters)
		all->belonging[all->belonging_count++] = (struct belonging){ .vport = 0, .rule = RULE_ANY };
	qsort(all->belonging, all->belonging_count, sizeof(*all->belonging), rules_compare);
	all->belonging_count = rules_unique(all->belonging, all->belonging_count);
	return true;
}

static void collected_fini(struct collected *all)
{
	free(all->filter);
	free(all->belonging);
}

static void forwarding_set_mode(struct forwarding_vport *vport, const uint16_t *rule)
{
	vport->mode = VLAN_UNTAGGED;
	if (vport->rule_count > 1 || (vport->rule_count == 1 && rule[0] == RULE_ANY))
		vport->mode = VLAN_TRUNK;
	else if (vport->rule_count == 1 && rule[0] != VMMQ_VLAN_UNTAGGED_OR_ZERO)
		vport->mode = VLAN_ACCESS;
	vport->vid = vport->mode == VLAN_ACCESS ? rule[0] : 0;
}

/* forwarding_fill_vports: belongings are sorted by VPort, so each VPort's rules are one piece of the list. */
static void forwarding_fill_vports(struct forwarding *forwarding, const struct collected *all)
{
	for (uint32_t i = 0; i < all->belonging_count;) {
		struct forwarding_vport *vport = &forwarding->vport[all->belonging[i].vport];
		uint32_t first = i;

		for (; i < all->belonging_count && all->belonging[i].vport == all->belonging[first].vport; i++)
			forwarding->rule[i] = all->belonging[i].rule;
		vport->first_rule = first;
		vport->rule_count = i - first;
		forwarding_set_mode(vport, forwarding->rule + first);
	}
	for (size_t i = 0; i < all->filter_count; i++)
		forwarding->vport[all->filter[i].vport.v].reserved |= frame_is_reserved(all->filter[i].mac);
	forwarding->vport[0].unfiltered = !all->default_has_filters;
	forwarding->looks_inside = all->encapsulated;
}

/* forwarding_fill_members: a counting sort by rule, which keeps the order of the VPorts. */
static void forwarding_fill_members(struct forwarding *forwarding, const struct collected *all)
{
	uint32_t *first = forwarding->member_first;
	uint32_t at[RULE_COUNT];

	for (size_t i = 0; i < all->belonging_count; i++)
		if (forwarding_guest(&forwarding->vport[all->belonging[i].vport]))
			first[all->belonging[i].rule + 1]++;
	for (uint32_t rule = 0; rule < RULE_COUNT; rule++) {
		first[rule + 1] += first[rule];
		at[rule] = first[rule];
	}
	for (size_t i = 0; i < all->belonging_count; i++)
		if (forwarding_guest(&forwarding->vport[all->belonging[i].vport]))
			forwarding->member[at[all->belonging[i].rule]++] = all->belonging[i].vport;
}

static uint32_t forwarding_vport_count(const struct vmmq_nic_switch *sw)
{
	int32_t last = 0;

	for (int32_t id = vmmq_vport_next(sw, -1); id >= 0; id = vmmq_vport_next(sw, id))
		last = id;
	return (uint32_t)last + 1;
}

struct forwarding *forwarding_create(const struct vmmq_nic_switch *sw,
				     struct guest *(*guest_of)(void *context, struct vmmq_vport_id vport),
				     void *context)
{
	static _Atomic uint64_t made;
	struct forwarding *forwarding = calloc(1, sizeof(*forwarding));
	struct collected all = { 0 };
	bool done = forwarding && rules_collect(sw, &all);

	if (done) {
		forwarding->version = atomic_fetch_add_explicit(&made, 1, memory_order_relaxed) + 1;
		forwarding->vport_count = forwarding_vport_count(sw);
		forwarding->vport = calloc(forwarding->vport_count, sizeof(*forwarding->vport));
		forwarding->rule = calloc(all.belonging_count, sizeof(uint16_t));
		forwarding->member = calloc(all.belonging_count, sizeof(uint16_t));
		forwarding->filters = vmmq_filter_table_create(all.filter, all.filter_count);
		done = forwarding->vport && forwarding->rule && forwarding->member && forwarding->filters;
	}
	if (done) {
		for (uint32_t id = 0; id < forwarding->vport_count; id++)
			atomic_init(&forwarding->vport[id].guest,
				    guest_of(context, (struct vmmq_vport_id){ (uint16_t)id }));
		forwarding_fill_vports(forwarding, &all);
		forwarding_fill_members(forwarding, &all);
	} else {
		forwarding_destroy(forwarding);
	}
	collected_fini(&all);
	return done ? forwarding : NULL;
}

void forwarding_destroy(struct forwarding *forwarding)
{
	if (!forwarding)
		return;
	vmmq_filter_table_destroy(forwarding->filters);
	free(forwarding->vport);
	free(forwarding->rule);
	free(forwarding->member);
	free(forwarding);
}

const struct forwarding_vport *forwarding_vport(const struct forwarding *forwarding, struct vmmq_vport_id vport)
{
	static const struct forwarding_vport none;

	return vport.v < forwarding->vport_count ? &forwarding->vport[vport.v] : &none;
}

/* member_lower_bound returns the place of the first of count ascending values that is not below value. */
static uint32_t member_lower_bound(const uint16_t *values, uint32_t count, uint32_t value)
{
	uint32_t low = 0;

	while (low < count) {
		uint32_t middle = low + (count - low) / 2;

		if (values[middle] < value)
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

bool forwarding_admits(const struct forwarding *forwarding, const struct forwarding_vport *vport, uint16_t vid)
{
	const uint16_t *rule = forwarding->rule + vport->first_rule;
	uint32_t at;

	if (forwarding_admits_all(forwarding, vport))
		return true;
	at = member_lower_bound(rule, vport->rule_count, vid);
	return at < vport->rule_count && rule[at] == vid;
}

static int32_t member_next(const struct forwarding *forwarding, uint16_t rule, uint32_t from)
{
	const uint16_t *member = forwarding->member + forwarding->member_first[rule];
	uint32_t count = forwarding->member_first[rule + 1] - forwarding->member_first[rule];
	uint32_t at = member_lower_bound(member, count, from);

	return at < count ? member[at] : -1;
}

int32_t forwarding_member(const struct forwarding *forwarding, uint16_t vid, uint32_t from)
{
	int32_t exact = member_next(forwarding, vid, from);
	int32_t any = member_next(forwarding, RULE_ANY, from);

	if (exact < 0 || any < 0)
		return exact < 0 ? any : exact;
	return exact < any ? exact : any;
}

struct vmmq_filter_match forwarding_match(const struct forwarding *forwarding, const uint8_t mac[VMMQ_MAC_LEN],
					  uint16_t vid)
{
	const struct vmmq_headers headers = { .tagged = vid != 0, .tci = vid };

	return vmmq_filter_match(forwarding->filters, mac, &headers);
}
