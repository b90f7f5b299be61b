/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random sequences of operations on the switch and on a slow, obvious model of it.  After every step the whole state is
 * compared, and random packets go where the model says, through the current view and through old ones that are not
 * retired yet.  The model knows every status that the documented rules allow for an operation.
 */
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

/* --- the model's view of the rules ---------------------------------------------------------------------------------- */

/* What an operation may answer: SUCCESS only when no rule is broken. */
struct answers {
	vmmq_status status[8];
	size_t count;
};

static void broken(struct answers *answers, bool rule_broken, vmmq_status status)
{
	if (rule_broken)
		answers->status[answers->count++] = status;
}

/* check compares the switch's answer with what the rules allow, and says whether it was done. */
static bool check(const struct answers *answers, vmmq_status status)
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

static bool in_set(struct vmmq_processor processor)
{
	for (size_t i = 0; i < PROCESSORS; i++)
		if (processors[i].v == processor.v)
			return true;
	return false;
}

static int index_of(struct vmmq_vport_id id)
{
	for (int i = 0; i < IDS; i++)
		if (ids[i] == id.v)
			return i;
	return -1;
}

static const struct model_vport *known(const struct model *m, struct vmmq_vport_id id)
{
	int i = index_of(id);

	return i >= 0 && m->vport[i].exists ? &m->vport[i] : NULL;
}

static uint32_t pairs_used(const struct model *m)
{
	uint32_t used = 0;

	for (size_t i = 0; i < IDS; i++)
		used += m->vport[i].exists ? m->vport[i].pairs : 0;
	return used;
}

static uint32_t filters_of(const struct model *m, struct vmmq_vport_id id)
{
	uint32_t count = 0;

	for (size_t i = 0; i < FILTERS; i++)
		count += m->filter[i].id && m->filter[i].vport.v == id.v;
	return count;
}

static struct vmmq_filter *filter_of(struct model *m, uint32_t id)
{
	for (size_t i = 0; i < FILTERS; i++)
		if (id && m->filter[i].id == id)
			return &m->filter[i];
	return NULL;
}

static uint32_t filter_count(const struct model *m)
{
	uint32_t count = 0;

	for (size_t i = 0; i < FILTERS; i++)
		count += m->filter[i].id != 0;
	return count;
}

/* distinct counts the different processors among the entries and the default processor, by marking them. */
static unsigned distinct(const struct vmmq_rss_params *rss)
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

static void pairs_rules(struct answers *answers, const struct model *m, struct vmmq_vport_id id, uint32_t pairs)
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

static void rss_rules(struct answers *answers, const struct vmmq_rss_params *rss, uint32_t pairs)
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

/* --- the operations, each on both sides ----------------------------------------------------------------------------- */

static struct vmmq_vport_id random_id(void)
{
	return (struct vmmq_vport_id){ random_one_in(12) ? (uint16_t)random_u64() : ids[random_below(IDS)] };
}

static struct vmmq_processor random_processor(void)
{
	return random_one_in(10) ? (struct vmmq_processor){ 5 } : processors[random_below(PROCESSORS)];
}

static void op_create(struct vmmq_nic_switch *sw, struct model *m)
{
	struct vmmq_vport_id id = random_id();
	struct vmmq_processor primary = random_processor();
	uint32_t pairs = random_below(limits.max_queue_pairs_per_vport + 2);
	size_t name_len = random_one_in(8) ? 255 + random_below(3) : random_below(9);
	struct model_vport vport = { .exists = true, .pairs = pairs };
	struct answers answers = { .count = 0 };

	memset(vport.name, 'a' + (int)random_below(26), name_len);
	if (random_one_in(2)) /* otherwise symmetric switches stay nearly empty */
		vport.pairs = pairs = 2;
	broken(&answers, !id.v || id.v >= limits.max_vports || known(m, id), VMMQ_INVALID_PARAMETER);
	broken(&answers, name_len < 1 || name_len > 256, VMMQ_INVALID_PARAMETER);
	broken(&answers, !in_set(primary), VMMQ_INVALID_DATA);
	pairs_rules(&answers, m, id, pairs);
	if (!answers.count && index_of(id) < 0)
		return; /* an id that the model has no room for */
	if (!check(&answers, vmmq_vport_create(sw, id, vport.name, pairs, primary, NULL)))
		return;
	vport.rss = (struct vmmq_rss_params){ .hash_types = 0xd700,
					      .primary = primary,
					      .default_processor = primary,
					      .entry_count = 1,
					      .table = { primary } };
	memcpy(vport.rss.key, vmmq_verification_key, VMMQ_KEY_LEN);
	m->vport[index_of(id)] = vport;
}

static void op_activate(struct vmmq_nic_switch *sw, struct model *m)
{
	struct vmmq_vport_id id = random_id();
	struct answers answers = { .count = 0 };

	broken(&answers, !known(m, id), VMMQ_INVALID_PORT);
	broken(&answers, known(m, id) && known(m, id)->active, VMMQ_INVALID_PARAMETER);
	if (check(&answers, vmmq_vport_activate(sw, id, NULL)))
		m->vport[index_of(id)].active = true;
}

static void op_delete(struct vmmq_nic_switch *sw, struct model *m)
{
	struct vmmq_vport_id id = random_id();
	struct answers answers = { .count = 0 };

	broken(&answers, !id.v || !known(m, id), VMMQ_INVALID_PARAMETER);
	broken(&answers, known(m, id) && filters_of(m, id), VMMQ_FAILURE);
	if (check(&answers, vmmq_vport_delete(sw, id, NULL)))
		m->vport[index_of(id)] = (struct model_vport){ 0 };
}

static void op_queue_pairs(struct vmmq_nic_switch *sw, struct model *m)
{
	struct vmmq_vport_id id = random_id();
	uint32_t pairs = random_below(limits.max_queue_pairs_per_vport + 2);
	const struct model_vport *vport = known(m, id);
	struct answers answers = { .count = 0 };

	broken(&answers, !vport, VMMQ_INVALID_PORT);
	if (vport) {
		pairs_rules(&answers, m, id, pairs);
		broken(&answers, vport->rss.enabled && distinct(&vport->rss) > pairs, VMMQ_NO_QUEUES);
	}
	if (check(&answers, vmmq_vport_set_queue_pairs(sw, id, pairs, NULL)))
		m->vport[index_of(id)].pairs = pairs;
}

static void op_rss(struct vmmq_nic_switch *sw, struct model *m)
{
	struct vmmq_vport_id id = random_id();
	const struct model_vport *vport = known(m, id);
	struct vmmq_rss_params rss = { .enabled = random_below(4), .primary = random_processor() };
	unsigned few = 1 + random_below(3);
	struct answers answers = { .count = 0 };

	rss.hash_types = random_one_in(12) ? (uint32_t)random_u64() : (uint32_t)random_u64() & VMMQ_HASH_TYPE_MASK;
	rss.entry_count = (uint16_t)(random_one_in(12) ? random_below(300) : 1u << random_below(8));
	random_bytes(rss.key, sizeof(rss.key));
	rss.default_processor = processors[random_below(few)];
	for (unsigned i = 0; i < VMMQ_TABLE_ENTRIES_MAX; i++)
		rss.table[i] = processors[random_below(few)];
	if (random_one_in(10))
		rss.table[random_below(VMMQ_TABLE_ENTRIES_MAX)].v = 5;
	if (random_one_in(10))
		rss.default_processor.v = 5;
	broken(&answers, !vport, VMMQ_INVALID_PORT);
	if (vport)
		rss_rules(&answers, &rss, vport->pairs);
	if (check(&answers, vmmq_rss_set(sw, id, &rss, NULL)))
		m->vport[index_of(id)].rss = rss;
}

static void random_mac(uint8_t mac[VMMQ_MAC_LEN])
{
	memcpy(mac, (const uint8_t[]){ 0x02, 0, 0, 0, 0, (uint8_t)random_below(MACS) }, VMMQ_MAC_LEN);
}

static void op_filter_set(struct vmmq_nic_switch *sw, struct model *m)
{
	static const vmmq_vlan_rule rules[] = { 0, 1, 2, 4094, VMMQ_VLAN_ANY, 4095, 0xfffe };
	struct vmmq_filter wanted = { .vport = random_id(), .vlan = rules[random_below(random_one_in(8) ? 7 : 5)] };
	struct answers answers = { .count = 0 };
	uint32_t id = 0;

	random_mac(wanted.mac);
	if (random_one_in(3)) { /* a key that is taken, or was a moment ago */
		const struct vmmq_filter *f = random_one_in(2) ? &last_cleared : &m->filter[random_below(FILTERS)];

		wanted.vlan = f->vlan;
		memcpy(wanted.mac, f->mac, VMMQ_MAC_LEN);
	}
	broken(&answers, !known(m, wanted.vport), VMMQ_INVALID_PARAMETER);
	broken(&answers, wanted.vlan > 4094 && wanted.vlan != 0xffff, VMMQ_INVALID_PARAMETER);
	for (size_t i = 0; i < FILTERS; i++)
		if (m->filter[i].id && m->filter[i].vlan == wanted.vlan && !memcmp(m->filter[i].mac, wanted.mac, 6))
			broken(&answers, true, VMMQ_INVALID_PARAMETER);
	broken(&answers, filter_count(m) >= limits.max_filters, VMMQ_RESOURCES);
	if (!check(&answers, vmmq_filter_set(sw, wanted.vport, wanted.mac, wanted.vlan, &id, NULL)))
		return;
	if (id <= last_filter_id || filter_of(m, id))
		fail_msg("filter id %u was used before", id);
	wanted.id = id;
	for (size_t i = 0; i < FILTERS; i++)
		if (!m->filter[i].id) {
			m->filter[i] = wanted;
			return;
		}
}

/* An id that exists, mostly. */
static uint32_t random_filter(const struct model *m)
{
	const struct vmmq_filter *f = &m->filter[random_below(FILTERS)];

	for (unsigned tries = 0; tries < 50 && !f->id; tries++)
		f = &m->filter[random_below(FILTERS)];
	return random_one_in(10) ? last_filter_id + 1000 : f->id;
}

static void op_filter_clear(struct vmmq_nic_switch *sw, struct model *m)
{
	uint32_t id = random_filter(m);
	struct answers answers = { .count = 0 };

	broken(&answers, !filter_of(m, id), VMMQ_FILE_NOT_FOUND);
	if (check(&answers, vmmq_filter_clear(sw, id, NULL))) {
		last_cleared = *filter_of(m, id);
		filter_of(m, id)->id = 0;
	}
}

static void op_filter_move(struct vmmq_nic_switch *sw, struct model *m)
{
	uint32_t id = random_filter(m);
	struct vmmq_filter *f = filter_of(m, id);
	struct vmmq_vport_id from = f && !random_one_in(6) ? f->vport : random_id(), to = random_id();
	struct answers answers = { .count = 0 };

	broken(&answers, !f || f->vport.v != from.v || !known(m, to), VMMQ_INVALID_PARAMETER);
	if (check(&answers, vmmq_filter_move(sw, id, from, to, NULL)))
		f->vport = to;
}

static const struct {
	const char *name;
	void (*run)(struct vmmq_nic_switch *sw, struct model *m);
} operations[] = {
	{ "vport create", op_create },
	{ "vport create", op_create },
	{ "activate", op_activate },
	{ "delete", op_delete },
	{ "set queue pairs", op_queue_pairs },
	{ "rss set", op_rss },
	{ "rss set", op_rss },
	{ "filter set", op_filter_set },
	{ "filter set", op_filter_set },
	{ "filter clear", op_filter_clear },
	{ "filter move", op_filter_move },
};

/* --- comparison ----------------------------------------------------------------------------------------------------- */

static void same_vports(const struct vmmq_nic_switch *sw, const struct model *m)
{
	int32_t next = -1;

	for (size_t i = 0; i < IDS; i++) {
		const struct model_vport *want = &m->vport[i];
		struct vmmq_vport_info info;

		assert_int_equal(vmmq_vport_get(sw, (struct vmmq_vport_id){ ids[i] }, &info), want->exists);
		if (!want->exists)
			continue;
		next = vmmq_vport_next(sw, next);
		assert_int_equal(next, ids[i]);
		assert_int_equal(info.id.v, ids[i]);
		assert_string_equal(info.name, want->name);
		assert_int_equal(info.state, want->active ? VMMQ_VPORT_ACTIVATED : VMMQ_VPORT_DEACTIVATED);
		assert_int_equal(info.queue_pairs, want->pairs);
		assert_int_equal(info.filter_count, filters_of(m, info.id));
		assert_int_equal(info.rss->enabled, want->rss.enabled);
		assert_int_equal(info.rss->hash_types, want->rss.hash_types);
		assert_memory_equal(info.rss->key, want->rss.key, VMMQ_KEY_LEN);
		assert_int_equal(info.rss->primary.v, want->rss.primary.v);
		assert_int_equal(info.rss->default_processor.v, want->rss.default_processor.v);
		assert_int_equal(info.rss->entry_count, want->rss.entry_count);
		assert_memory_equal(info.rss->table, want->rss.table,
				    want->rss.entry_count * sizeof(want->rss.table[0]));
	}
	assert_int_equal(vmmq_vport_next(sw, next), -1);
}

static void same_filters(const struct vmmq_nic_switch *sw, struct model *m)
{
	uint32_t count = 0, last = 0;

	for (const struct vmmq_filter *f = vmmq_filter_next(sw, 0); f; f = vmmq_filter_next(sw, f->id)) {
		const struct vmmq_filter *want = filter_of(m, f->id);

		assert_non_null(want);
		assert_true(f->id > last);
		assert_ptr_equal(vmmq_filter_get(sw, f->id), f);
		assert_int_equal(f->vport.v, want->vport.v);
		assert_int_equal(f->vlan, want->vlan);
		assert_memory_equal(f->mac, want->mac, VMMQ_MAC_LEN);
		last = f->id;
		count++;
	}
	assert_int_equal(count, filter_count(m));
}

/* --- packets -------------------------------------------------------------------------------------------------------- */

enum kind { ARP, IPV4_TCP, IPV4_ICMP, KINDS };

/* The model's way of a packet: every filter is looked at, then the definition of the hash and the table. */
static struct vmmq_verdict model_verdict(const struct model *m, const uint8_t *frame, enum kind kind, int vid)
{
	struct vmmq_verdict v = { .entry = VMMQ_NO_ENTRY };
	const struct model_vport *vport;
	const uint8_t *ip = frame + (vid < 0 ? 14 : 18);
	size_t hashed = 0;

	for (unsigned pass = 0; pass < 2 && !v.filter_id; pass++) {
		vmmq_vlan_rule rule = pass ? VMMQ_VLAN_ANY : (vmmq_vlan_rule)(vid < 0 ? 0 : vid);

		for (size_t i = 0; i < FILTERS; i++) {
			const struct vmmq_filter *f = &m->filter[i];

			if (!f->id || f->vlan != rule || memcmp(f->mac, frame, 6) != 0 || !known(m, f->vport)->active)
				continue;
			v.filter_id = f->id;
			v.vport = f->vport;
			v.strip = vid >= 0 && rule != 0;
			v.tci = v.strip ? (uint16_t)(frame[14] << 8 | frame[15]) : 0;
		}
	}
	vport = known(m, v.vport);
	if (!vport->rss.enabled) {
		v.processor = vport->rss.primary;
		v.via = VMMQ_VIA_PRIMARY;
		return v;
	}
	if (kind == IPV4_TCP && vport->rss.hash_types & VMMQ_HASH_TCP_IPV4) {
		v.hash_type = VMMQ_HASH_TCP_IPV4;
		hashed = 12;
	} else if (kind != ARP && vport->rss.hash_types & VMMQ_HASH_IPV4) {
		v.hash_type = VMMQ_HASH_IPV4;
		hashed = 8;
	} else {
		v.processor = vport->rss.default_processor;
		v.via = VMMQ_VIA_DEFAULT;
		return v;
	}
	v.hash = vmmq_toeplitz_reference(vport->rss.key, ip + 12, hashed);
	v.entry = (uint16_t)(v.hash % vport->rss.entry_count);
	v.processor = vport->rss.table[v.entry];
	v.via = VMMQ_VIA_TABLE;
	return v;
}

static void same_packets(const struct vmmq_view *view, const struct model *m)
{
	static const int vids[] = { -1, -1, 0, 1, 2, 3, 4094, 4095 };

	for (unsigned i = 0; i < PACKETS; i++) {
		enum kind kind = (enum kind)random_below(KINDS);
		int vid = vids[random_below(8)];
		uint8_t frame[58] = { 0 }, mac[VMMQ_MAC_LEN];
		struct vmmq_verdict want, got;

		random_mac(mac);
		dump_frame(frame, mac, (uint32_t)random_u64());
		if (kind == ARP)
			frame[13] = 0x06;
		frame[23] = kind == IPV4_ICMP ? 1 : 6;
		if (vid >= 0)
			frame_tag(frame, 54, (uint16_t)(random_below(16) << 12 | (unsigned)vid));
		vmmq_classify(view, frame, vid < 0 ? 54 : 58, &got, NULL);
		want = model_verdict(m, frame, kind, vid);
		if (memcmp(&got, &want, sizeof(got)) != 0)
			fail_msg("%s: a packet goes to VPort %u, processor %u, not %u, %u", trace,
				 (unsigned)got.vport.v, (unsigned)got.processor.v, (unsigned)want.vport.v,
				 (unsigned)want.processor.v);
	}
}

/* --- a run ---------------------------------------------------------------------------------------------------------- */

/* Old views with the model as it was then. */
static struct {
	const struct vmmq_view *view;
	struct model model;
} old[OLD_VIEWS];
static size_t old_count;

static void old_retire(struct vmmq_nic_switch *sw, size_t count)
{
	vmmq_nic_switch_retire(sw, old[count - 1].view);
	old_count -= count;
	memmove(old, old + count, old_count * sizeof(old[0]));
}

static void old_keep(struct vmmq_nic_switch *sw, const struct model *m)
{
	if (old_count && old[old_count - 1].view == vmmq_nic_switch_view(sw)) {
		old[old_count - 1].model = *m; /* nothing that steers has changed; names and queue pairs may have */
		return;
	}
	if (old_count == OLD_VIEWS)
		old_retire(sw, 1 + random_below(OLD_VIEWS - 1));
	old[old_count].view = vmmq_nic_switch_view(sw);
	old[old_count].model = *m;
	old_count++;
}

static void note_committed(const struct model *m)
{
	for (size_t i = 0; i < FILTERS; i++)
		if (m->filter[i].id > last_filter_id)
			last_filter_id = m->filter[i].id;
}

/* step runs one operation; one that the model refuses must leave the switch byte-identical. */
static void step(struct vmmq_nic_switch *sw, struct model *m)
{
	size_t operation = random_below(sizeof(operations) / sizeof(operations[0]));
	char *before = nic_switch_dump(sw), *after;
	struct model was = *m;

	trace = operations[operation].name;
	operations[operation].run(sw, m);
	if (memcmp(&was, m, sizeof(was)) == 0) {
		after = nic_switch_dump(sw);
		assert_string_equal(before, after);
		free(after);
	}
	free(before);
	same_vports(sw, m);
	same_filters(sw, m);
}

static void lone_step(struct vmmq_nic_switch *sw, struct model *m)
{
	step(sw, m);
	note_committed(m);
}

static bool asymmetric(const struct model *m)
{
	uint32_t pairs = 0;

	for (size_t i = 1; limits.symmetric && i < IDS; i++) {
		if (m->vport[i].exists && pairs && m->vport[i].pairs != pairs)
			return true;
		if (m->vport[i].exists)
			pairs = m->vport[i].pairs;
	}
	return false;
}

/* A group of steps; packets see none of them before the commit, and never any of an aborted one. */
static void group(struct vmmq_nic_switch *sw, struct model *m)
{
	const struct vmmq_view *view = vmmq_nic_switch_view(sw);
	struct model before = *m;

	vmmq_nic_switch_begin(sw);
	in_group = true;
	for (unsigned i = random_below(12); i > 0; i--) {
		step(sw, m);
		assert_ptr_equal(vmmq_nic_switch_view(sw), view);
		same_packets(view, &before);
	}
	in_group = false;
	if (random_one_in(3)) {
		vmmq_nic_switch_abort(sw);
		*m = before;
	} else if (asymmetric(m)) {
		assert_int_equal(vmmq_nic_switch_commit(sw, NULL), VMMQ_INVALID_PARAMETER);
		assert_ptr_equal(vmmq_nic_switch_view(sw), view);
		*m = before;
	} else {
		trace = "commit";
		assert_int_equal(vmmq_nic_switch_commit(sw, NULL), VMMQ_SUCCESS);
		note_committed(m);
	}
	same_vports(sw, m);
	same_filters(sw, m);
}

static struct vmmq_nic_switch *random_switch(struct model *m)
{
	struct vmmq_nic_switch *sw;

	limits = (struct vmmq_nic_switch_params){
		.processors = processors,
		.processor_count = PROCESSORS,
		.max_vports = 701,
		.max_queue_pairs = 8 + random_below(30),
		.max_queue_pairs_per_vport = 3 + random_below(5),
		.max_filters = random_one_in(2) ? 8 : FILTERS,
		.default_vport_queue_pairs = 1 + random_below(3),
		.symmetric = random_one_in(3),
		.toeplitz = random_one_in(4) ? VMMQ_TOEPLITZ_BITWISE : VMMQ_TOEPLITZ_AUTO,
	};
	assert_int_equal(vmmq_nic_switch_create(&limits, &sw, NULL), VMMQ_SUCCESS);
	*m = (struct model){ .vport[0] = { .exists = true,
					   .active = true,
					   .name = "default",
					   .pairs = limits.default_vport_queue_pairs,
					   .rss = { .hash_types = 0xd700, .entry_count = 1 } } };
	memcpy(m->vport[0].rss.key, vmmq_verification_key, VMMQ_KEY_LEN);
	last_filter_id = 0;
	last_cleared = (struct vmmq_filter){ 0 };
	old_count = 0;
	return sw;
}

static void random_sequences(void **state)
{
	(void)state;
	random_start();
	for (unsigned run = 0; run < 60; run++) {
		struct model m;
		struct vmmq_nic_switch *sw = random_switch(&m);

		for (unsigned i = 0; i < 100; i++) {
			random_one_in(4) ? group(sw, &m) : lone_step(sw, &m);
			old_keep(sw, &m);
			for (size_t j = 0; j < old_count; j++)
				same_packets(old[j].view, &old[j].model);
		}
		vmmq_nic_switch_destroy(sw);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(random_sequences) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
