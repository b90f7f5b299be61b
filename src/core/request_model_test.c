/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random requests on the switch and on a slow, obvious model of it: every answer, every VPort and what packets are
 * steered by are compared after each one.  The model is written from the spec's tables: a VPort is a list of steering
 * parameters (11.1), queues are counted by reference counts (11.3), and a request is a list of rules of which the first
 * broken one is the answer.  VMMQ_TEST_SEED=N repeats a run, VMMQ_TEST_REQUESTS=N sets its length.
 */
#include <stdbool.h>
#include <vmmq/request.h>

#include "core/nic_switch_dump.h"
#include "core/test_random.h"

enum { IDS = 6, MAX_VPORTS = 91, PRIMARY = 0, DEFAULT = 1, ITE = 2, PARAMETERS = 130, PROCESSORS = 200 };
static const uint32_t ids[IDS] = { 0, 1, 2, 63, 64, 90 };
static const struct vmmq_processor hardware[] = { { 0 }, { 1 }, { 2 }, { 3 }, { 64 }, { 65 }, { 70 } };
enum { HARDWARE = 7 };

struct model_vport {
	bool exists, activated, rss, hash;
	uint32_t flags, moderation, pairs, types, entries;
	struct vmmq_affinity affinity;
	uint8_t key[VMMQ_KEY_LEN];
	char name[300];
	uint16_t at[PARAMETERS]; /* where each steering parameter points */
};

struct model {
	struct model_vport vport[IDS];
	bool in_set[PROCESSORS];
};

static struct model model;
static struct vmmq_nic_switch *sw;
static struct vmmq_nic_switch_params limits;
static bool in_group;

/* --- answers -------------------------------------------------------------------------------------------------------- */

enum request { CREATE, SET, V1, V2, HASH, MOVE, DELETE, SET_PROCESSORS, COMMIT, REQUESTS };
static const char *const names[] = { "create",         "set",   "v1", "v2", "receive hash", "move", "delete",
				     "set processors", "commit" };

/* How often a request was answered so. */
static struct {
	vmmq_status status;
	unsigned count;
} met[REQUESTS][16];

static void meet(enum request request, vmmq_status status)
{
	unsigned i = 0;

	while (met[request][i].count && met[request][i].status != status)
		i++;
	met[request][i].status = status;
	met[request][i].count++;
}

static bool answers(enum request request, vmmq_status want, vmmq_status got)
{
	if (want != got)
		fail_msg("%s: %s, but the model says %s", names[request], vmmq_status_name(got),
			 vmmq_status_name(want));
	meet(request, got);
	return want == VMMQ_SUCCESS;
}

/* RULE: unless an earlier rule is broken, this one decides when it is. */
#define RULE(broken, name)                                                                                           \
	do {                                                                                                         \
		if (want == VMMQ_SUCCESS && (broken))                                                                \
			want = VMMQ_##name;                                                                          \
	} while (0)

/* --- what the rules talk of ----------------------------------------------------------------------------------------- */

static struct model_vport *known(uint32_t id)
{
	for (unsigned i = 0; i < IDS; i++)
		if (ids[i] == id && model.vport[i].exists)
			return &model.vport[i];
	return NULL;
}

static bool active(const struct model_vport *v, unsigned parameter)
{
	return v->rss ? parameter != PRIMARY : parameter == PRIMARY;
}

/* outside: some active parameter points out of the set. */
static bool outside(const struct model_vport *v)
{
	for (unsigned i = 0; i < ITE + v->entries; i++)
		if (active(v, i) && !model.in_set[v->at[i]])
			return true;
	return false;
}

static void references(const struct model_vport *v, int count[PROCESSORS])
{
	memset(count, 0, PROCESSORS * sizeof(count[0]));
	for (unsigned i = 0; i < ITE + v->entries; i++)
		count[v->at[i]] += active(v, i);
}

static unsigned in_use(const int count[PROCESSORS])
{
	unsigned queues = 0;

	for (unsigned i = 0; i < PROCESSORS; i++)
		queues += count[i] > 0;
	return queues;
}

static unsigned queues_of(const struct model_vport *v)
{
	int count[PROCESSORS];

	references(v, count);
	return in_use(count);
}

static uint32_t pairs_left(void)
{
	uint32_t left = limits.max_queue_pairs;

	for (unsigned i = 0; i < IDS; i++)
		left -= model.vport[i].exists ? model.vport[i].pairs : 0;
	return left;
}

static bool asymmetric(void)
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
static bool lopsided(struct model_vport *place, const struct model_vport *wanted)
{
	struct model_vport was = *place;
	bool result;

	*place = *wanted;
	result = !in_group && asymmetric();
	*place = was;
	return result;
}

static bool table_count(uint64_t n)
{
	return n == 1 || n == 2 || n == 4 || n == 8 || n == 16 || n == 32 || n == 64 || n == 128;
}

static bool hash_information_good(uint32_t info)
{
	return (info & 0xff) == 1 && !(info & 0xfffe0000) && info & 0x1ff00;
}

static bool moderation_good(uint32_t m)
{
	return m <= 2 || m == 100 || m == 200 || m == 300;
}

static uint16_t lowest(struct vmmq_affinity affinity)
{
	unsigned bit = 0;

	while (!(affinity.mask >> bit & 1))
		bit++;
	return (uint16_t)(affinity.group * 64 + bit);
}

/* --- random members, good ones mostly ------------------------------------------------------------------------------- */

static uint32_t some_id(void)
{
	static const uint32_t odd[] = { 3, 91, 65535, 65536, 65537, 65536 + 90, 0xffffffff };

	return random_one_in(25) ? odd[random_below(7)] : ids[random_below(IDS)];
}

static struct vmmq_processor some_processor(void)
{
	static const uint16_t odd[] = { 5, 66, 127, 150 };

	if (random_one_in(30))
		return (struct vmmq_processor){ odd[random_below(4)] };
	return hardware[random_one_in(4) ? random_below(HARDWARE) : random_below(3)];
}

static uint32_t some_info(void)
{
	static const uint32_t odd[] = { 0x200, 0x202, 0x1, 0x20201, 0, 0x80000201, 0x203 };
	uint32_t types = (uint32_t)random_u64() & 0x1ff00;

	return random_one_in(10) ? odd[random_below(7)] : (types ? types : 0x100) | 1;
}

static size_t some_key_len(void)
{
	return random_one_in(25) ? random_below(60) : 40;
}

static uint32_t some_pairs(void)
{
	return random_one_in(3) ? random_below(limits.max_queue_pairs_per_vport + 2) : 3;
}

static uint32_t some_count(void)
{
	return random_one_in(15) ? random_below(300) : 1u << (random_one_in(4) ? random_below(8) : random_below(3));
}

static const uint8_t *some_key(void)
{
	static uint8_t keys[3][VMMQ_KEY_LEN] = { { 1 }, { 2 }, { 3 } };

	return keys[random_below(3)];
}

static struct vmmq_affinity some_affinity(void)
{
	struct vmmq_processor p = some_processor();
	struct vmmq_affinity affinity = { p.v / 64, UINT64_C(1) << p.v % 64 };

	if (random_one_in(3))
		affinity.mask |= affinity.mask << random_below(20);
	if (random_one_in(30))
		affinity.mask = 0;
	if (random_one_in(40))
		affinity.group = 1024;
	return affinity;
}

static const char *some_name(void)
{
	static char name[300];
	size_t len = random_one_in(10) ? 255 + random_below(3) : random_below(3);

	memset(name, 'a' + (int)random_below(3), len);
	name[len] = 0;
	return name;
}

/* --- VPorts --------------------------------------------------------------------------------------------------------- */

static struct vmmq_vport_params some_params(void)
{
	static const uint32_t moderations[] = { 0, 1, 2, 100, 200, 300, 3, 101 };

	return (struct vmmq_vport_params){
		.switch_id = random_one_in(40),
		.vport_id = some_id(),
		.name = some_name(),
		.attached_function = random_one_in(40) ? 0 : 0xffff,
		.queue_pairs = some_pairs(),
		.interrupt_moderation = moderations[random_below(random_one_in(10) ? 8 : 6)],
		.state = random_one_in(3) ? random_below(4) : 1,
		.affinity = some_affinity(),
	};
}

static void do_create(void)
{
	struct vmmq_vport_params p = some_params();
	struct model_vport v = { .exists = true, .types = 0xd700, .entries = 1, .pairs = p.queue_pairs };
	struct model_vport *place = &model.vport[0];
	vmmq_status want = VMMQ_SUCCESS;

	p.flags = random_one_in(20) ? (uint32_t)random_u64() : random_one_in(2) ? 0x8001 : 2;
	for (unsigned i = 1; i < IDS; i++)
		place = ids[i] == p.vport_id ? &model.vport[i] : place;
	if (place == &model.vport[0] && p.vport_id > 0 && p.vport_id < MAX_VPORTS)
		return; /* an id that the model has no room for */
	RULE(p.switch_id, INVALID_PARAMETER);
	RULE(p.vport_id > 0xffff, INVALID_PARAMETER);
	RULE(p.attached_function != 0xffff, NOT_SUPPORTED);
	RULE(p.flags & 0x7ffc, INVALID_PARAMETER);
	RULE(!moderation_good(p.interrupt_moderation), INVALID_PARAMETER);
	RULE(p.state > 2, INVALID_PARAMETER);
	RULE(!p.affinity.mask || p.affinity.group > 1023, INVALID_PARAMETER);
	RULE(!p.vport_id || p.vport_id >= MAX_VPORTS || place->exists, INVALID_PARAMETER);
	RULE(strlen(p.name) > 256, INVALID_PARAMETER);
	RULE(!model.in_set[lowest(p.affinity)], INVALID_DATA);
	RULE(!p.queue_pairs || p.queue_pairs > limits.max_queue_pairs_per_vport, INVALID_PARAMETER);
	RULE(p.queue_pairs > pairs_left(), RESOURCES);
	RULE(lopsided(place, &v), INVALID_PARAMETER);
	if (!answers(CREATE, want, vmmq_vport_create_params(sw, &p, NULL)))
		return;
	v.flags = p.flags & 0xffff;
	v.moderation = p.interrupt_moderation;
	v.affinity = p.affinity;
	memcpy(v.key, vmmq_verification_key, VMMQ_KEY_LEN);
	memcpy(v.name, p.name, strlen(p.name) + 1);
	v.at[PRIMARY] = v.at[DEFAULT] = v.at[ITE] = lowest(p.affinity);
	*place = v;
}

static void set_members(struct model_vport *v, const struct vmmq_vport_params *p)
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

static void do_set(void)
{
	struct vmmq_vport_params p = some_params();
	struct model_vport *v, wanted;
	vmmq_status want = VMMQ_SUCCESS;

	p.flags = (random_one_in(2) ? 0x9f0000 : 0x80000) & (uint32_t)random_u64();
	p.flags |= random_one_in(4) ? 0x8003 & (uint32_t)random_u64() : 0;
	if (random_one_in(40))
		p.flags |= 1u << random_below(32);
	v = known(p.vport_id);
	RULE(p.switch_id, INVALID_PARAMETER);
	RULE(!v, INVALID_PARAMETER);
	RULE(p.flags & 0x600000, NOT_SUPPORTED);
	RULE(p.flags & 0xff000000 || (p.flags & 0x10000 && p.flags & 0x7ffc), INVALID_PARAMETER);
	RULE(p.flags & 0x20000 && strlen(p.name) > 256, INVALID_PARAMETER);
	RULE(p.flags & 0x40000 && !moderation_good(p.interrupt_moderation), INVALID_PARAMETER);
	RULE(p.flags & 0x80000 && !(p.state == 1 || (p.state == 2 && !v->activated)), INVALID_PARAMETER);
	RULE(p.flags & 0x100000 && (!p.affinity.mask || p.affinity.group > 1023), INVALID_PARAMETER);
	RULE(p.flags & 0x800000 && (!p.queue_pairs || p.queue_pairs > limits.max_queue_pairs_per_vport),
	     INVALID_PARAMETER);
	if (want == VMMQ_SUCCESS) {
		wanted = *v;
		set_members(&wanted, &p);
	}
	RULE(outside(&wanted), INVALID_DATA);
	RULE(queues_of(&wanted) > wanted.pairs, NO_QUEUES);
	RULE(wanted.pairs > pairs_left() + v->pairs, RESOURCES);
	RULE(lopsided(v, &wanted), INVALID_PARAMETER);
	if (answers(SET, want, vmmq_vport_set_params(sw, &p, NULL)))
		*v = wanted;
}

static void do_delete(void)
{
	uint32_t id = some_id() & 0xffff;
	struct model_vport *v = known(id);
	vmmq_status want = VMMQ_SUCCESS;

	RULE(!id || !v, INVALID_PARAMETER);
	if (answers(DELETE, want, vmmq_vport_delete(sw, (struct vmmq_vport_id){ (uint16_t)id }, NULL)))
		v->exists = false;
}

static void do_set_processors(void)
{
	struct vmmq_processor some[HARDWARE];
	bool was[PROCESSORS];
	vmmq_status want = VMMQ_SUCCESS;
	size_t count = 0;

	for (unsigned i = 0; i < HARDWARE; i++)
		if (!random_one_in(5))
			some[count++] = hardware[i];
	memcpy(was, model.in_set, sizeof(was));
	memset(model.in_set, 0, sizeof(was));
	for (size_t i = 0; i < count; i++)
		model.in_set[some[i].v] = true;
	RULE(!count, INVALID_PARAMETER);
	for (unsigned i = 0; i < IDS; i++)
		RULE(model.vport[i].exists && outside(&model.vport[i]), INVALID_DATA);
	if (!answers(SET_PROCESSORS, want, vmmq_nic_switch_set_processors(sw, some, count, NULL)))
		memcpy(model.in_set, was, sizeof(was));
}

/* --- RSS ------------------------------------------------------------------------------------------------------------ */

static void do_v1(void)
{
	static struct vmmq_processor table[300];
	uint32_t id = some_id(), info = some_info();
	struct model_vport *v = known(id), wanted;
	struct vmmq_rss_v1 r = {
		.hash_information = info, .key = some_key(), .key_len = some_key_len(), .table = table
	};
	vmmq_status want = VMMQ_SUCCESS;
	bool off;

	r.flags = random_one_in(8) ? (uint16_t)random_below(64) : random_one_in(3) ? 0 : (uint16_t)random_below(16);
	r.flags |= random_one_in(60) ? 0x40 : 0;
	r.entry_count = some_count();
	r.default_processor = random_one_in(20) ? some_processor() : hardware[random_below(2)];
	for (unsigned i = 0; i < 300; i++)
		table[i] = hardware[random_below(2)];
	if (random_one_in(5))
		table[random_below(4)] = some_processor();
	if (r.flags & 8) {
		r.key = NULL;
		r.key_len = 11;
	}
	if (r.flags & 4) {
		r.table = NULL;
		r.entry_count = 11;
	}
	off = r.flags & 0x10 || (!(r.flags & 2) && !(info & 0xff));
	RULE(!off && !(r.flags & 4) && !table_count(r.entry_count), INVALID_LENGTH);
	RULE(!off && !(r.flags & 8) && r.key_len != 40, INVALID_LENGTH);
	RULE(!v, INVALID_PORT);
	RULE(!off && r.flags & 0x40, INVALID_PARAMETER);
	RULE(!off && v->hash, INVALID_OID);
	RULE(!off && !v->rss && r.flags & 0xe, INVALID_PARAMETER);
	RULE(!off && !(r.flags & 2) && !hash_information_good(info), INVALID_PARAMETER);
	if (want == VMMQ_SUCCESS) {
		wanted = *v;
		wanted.rss = !off;
		if (!off && !(r.flags & 2))
			wanted.types = info & 0x1ff00;
		if (!off && !(r.flags & 8))
			memcpy(wanted.key, r.key, 40);
		if (!off && !(r.flags & 0x20))
			wanted.at[DEFAULT] = r.default_processor.v;
		if (!off && !(r.flags & 4))
			wanted.entries = (uint32_t)r.entry_count;
		for (unsigned i = 0; !off && !(r.flags & 4) && i < r.entry_count; i++)
			wanted.at[ITE + i] = table[i].v;
	}
	RULE(outside(&wanted), INVALID_DATA);
	RULE(queues_of(&wanted) > v->pairs, NO_QUEUES);
	if (answers(V1, want, vmmq_rss_v1_set(sw, id, &r, NULL)))
		*v = wanted;
}

/* repeats: entry i equals entry i mod n for all. */
static bool repeats(const struct model_vport *v, uint32_t n)
{
	for (uint32_t i = 0; i < v->entries; i++)
		if (v->at[ITE + i] != v->at[ITE + i % n])
			return false;
	return true;
}

static void do_v2(void)
{
	uint32_t id = some_id();
	struct model_vport *v = known(id), wanted;
	struct vmmq_rss_v2 r = {
		random_below(32), some_info(), some_key(), some_key_len(), some_pairs(), some_count()
	};
	vmmq_status want = VMMQ_SUCCESS;
	bool on, queues, entries;

	r.flags &= random_one_in(2) ? 0xff : 0x19;
	r.flags |= random_one_in(60) ? 0x20 : 0;
	if (!(r.flags & 4)) {
		r.key = NULL;
		r.key_len = 11;
	}
	on = r.flags & 1 && !(r.flags & 2 && !(r.hash_information & 0xff));
	queues = r.flags & 8;
	entries = r.flags & 0x10;
	RULE(on && r.flags & 4 && r.key_len != 40, INVALID_LENGTH);
	RULE(!v, INVALID_PORT);
	RULE(r.flags & 0x20, INVALID_PARAMETER);
	RULE(on && v->hash, INVALID_OID);
	RULE(on && r.flags & 2 && !hash_information_good(r.hash_information), INVALID_PARAMETER);
	RULE(queues && (!r.queues || r.queues > limits.max_queue_pairs_per_vport), INVALID_PARAMETER);
	RULE(entries && !table_count(r.entries), INVALID_PARAMETER);
	if (want == VMMQ_SUCCESS) {
		wanted = *v;
		wanted.rss = on;
		if (on && r.flags & 2)
			wanted.types = r.hash_information & 0x1ff00;
		if (on && r.flags & 4)
			memcpy(wanted.key, r.key, 40);
		if (queues)
			wanted.pairs = r.queues;
	}
	RULE(on && v->rss && queues_of(v) > wanted.pairs, NO_QUEUES);
	RULE(entries && r.entries < v->entries && !repeats(v, r.entries), INVALID_DATA);
	if (want == VMMQ_SUCCESS && entries) {
		wanted.entries = r.entries;
		for (uint32_t i = 0; i < r.entries; i++)
			wanted.at[ITE + i] = v->at[ITE + i % v->entries];
	}
	RULE(outside(&wanted), INVALID_DATA);
	RULE(queues_of(&wanted) > wanted.pairs, NO_QUEUES);
	RULE(wanted.pairs > pairs_left() + v->pairs, RESOURCES);
	RULE(lopsided(v, &wanted), INVALID_PARAMETER);
	if (answers(V2, want, vmmq_rss_v2_set(sw, id, &r, NULL)))
		*v = wanted;
}

static void do_hash(void)
{
	uint32_t id = some_id();
	struct model_vport *v = known(id);
	struct vmmq_receive_hash r = { random_below(8), some_info(), some_key(), some_key_len() };
	vmmq_status want = VMMQ_SUCCESS;
	bool on;

	r.flags |= random_one_in(60) ? 8 : 0;
	on = r.flags & 1;
	if (r.flags & 4) {
		r.key = NULL;
		r.key_len = 11;
	}
	RULE(on && !(r.flags & 4) && r.key_len != 40, INVALID_LENGTH);
	RULE(!v, INVALID_PORT);
	RULE(on && r.flags & 8, INVALID_PARAMETER);
	RULE(on && v->rss, INVALID_OID);
	RULE(on && !v->hash && r.flags & 6, INVALID_PARAMETER);
	RULE(on && !(r.flags & 2) && !hash_information_good(r.hash_information), INVALID_PARAMETER);
	if (!answers(HASH, want, vmmq_receive_hash_set(sw, id, &r, NULL)))
		return;
	v->hash = on;
	if (on && !(r.flags & 2))
		v->types = r.hash_information & 0x1ff00;
	if (on && !(r.flags & 4))
		memcpy(v->key, r.key, 40);
}

/* --- moves ---------------------------------------------------------------------------------------------------------- */

/* named returns which steering parameter a command names, or -1. */
static int named(const struct model_vport *v, const struct vmmq_rss_move *c)
{
	if (c->flags == 1 || c->flags == 2)
		return c->flags == 1 ? PRIMARY : DEFAULT;
	if (c->flags)
		return -1;
	if (c->index >= 0xfffe)
		return c->index == 0xfffe ? PRIMARY : DEFAULT;
	return c->index < v->entries ? ITE + c->index : -1;
}

static vmmq_status model_command(struct model_vport *v, int count[PROCESSORS], uint16_t actor,
				 const struct vmmq_rss_move *c)
{
	int parameter = named(v, c);
	uint16_t *at = &v->at[parameter < 0 ? 0 : parameter];
	vmmq_status want = VMMQ_SUCCESS;

	RULE(parameter < 0, INVALID_PARAMETER);
	RULE(*at != actor, NOT_ACCEPTED);
	RULE(*at != c->target.v && active(v, (unsigned)parameter) && !model.in_set[c->target.v], INVALID_DATA);
	if (want != VMMQ_SUCCESS)
		return want;
	if (active(v, (unsigned)parameter)) {
		count[*at]--;
		count[c->target.v]++;
	}
	*at = c->target.v;
	return VMMQ_SUCCESS;
}

static vmmq_status model_group(uint16_t actor, const struct vmmq_rss_move *c, size_t n)
{
	struct model_vport *v = known(c->vport_id), wanted;
	vmmq_status want = VMMQ_SUCCESS;
	int count[PROCESSORS];

	RULE(c->switch_id || c->vport_id >= MAX_VPORTS, INVALID_PARAMETER);
	RULE(!v, INVALID_PORT);
	RULE(!v->activated, INVALID_PORT_STATE);
	if (want != VMMQ_SUCCESS)
		return want;
	wanted = *v;
	references(v, count);
	for (size_t i = 0; i < n && want == VMMQ_SUCCESS; i++)
		want = model_command(&wanted, count, actor, &c[i]);
	RULE(in_use(count) > v->pairs, NO_QUEUES);
	if (want == VMMQ_SUCCESS)
		*v = wanted;
	return want;
}

/* a command that the actor may give, mostly. */
static struct vmmq_rss_move some_move(uint32_t id, uint16_t actor)
{
	struct vmmq_rss_move c = { .vport_id = id, .target = some_processor(), .status = VMMQ_PENDING };
	const struct model_vport *v = known(id);
	unsigned first = v ? random_below(ITE + v->entries) : 0;

	for (unsigned i = 0; v && i < ITE + v->entries; i++) {
		unsigned parameter = (first + i) % (ITE + v->entries);

		if (v->at[parameter] != actor && !random_one_in(60))
			continue;
		c.flags = parameter == PRIMARY ? 1 : parameter == DEFAULT ? 2 : 0;
		c.index = parameter < ITE ? (uint16_t)random_u64() : (uint16_t)(parameter - ITE);
		break;
	}
	if (random_one_in(20))
		c.index = (uint16_t)(0xffff - random_below(3));
	if (random_one_in(60))
		c.flags = random_below(6);
	if (random_one_in(100))
		c.switch_id = 1;
	if (random_one_in(8))
		c.target.v = actor;
	return c;
}

static uint16_t some_actor(uint32_t id)
{
	const struct model_vport *v = known(id);

	return v && !random_one_in(10) ? v->at[random_below(ITE + v->entries)] : some_processor().v;
}

static void do_move(void)
{
	static struct vmmq_rss_move c[140], was[140];
	uint32_t id = some_id();
	uint16_t actor = some_actor(id);
	size_t count = random_one_in(40) ? random_below(140) : 1 + random_below(5), begin, end;

	for (size_t i = 0; i < count; i++) {
		if (random_one_in(5))
			id = some_id();
		c[i] = was[i] = some_move(id, actor);
	}
	assert_int_equal(vmmq_rss_move(sw, (struct vmmq_processor){ actor }, c, count, NULL), VMMQ_SUCCESS);
	for (begin = 0; begin < count; begin = end) {
		vmmq_status want;

		for (end = begin + 1; end < count; end++)
			if (was[end].switch_id != was[begin].switch_id || was[end].vport_id != was[begin].vport_id)
				break;
		want = model_group(actor, was + begin, end - begin);
		for (size_t i = begin; i < end; i++) {
			answers(MOVE, want, c[i].status);
			c[i].status = was[i].status;
			assert_memory_equal(&c[i], &was[i], sizeof(c[i]));
		}
	}
}

/* --- a run ---------------------------------------------------------------------------------------------------------- */

static void same_params(unsigned i, const struct model_vport *v)
{
	struct vmmq_affinity single = { v->at[PRIMARY] / 64, UINT64_C(1) << v->at[PRIMARY] % 64 },
			     affinity = v->affinity;
	struct vmmq_vport_params p;

	if (lowest(v->affinity) != v->at[PRIMARY])
		affinity = single;
	assert_int_equal(vmmq_vport_get_params(sw, ids[i], &p), VMMQ_SUCCESS);
	assert_int_equal(p.flags, v->flags);
	assert_int_equal(p.queue_pairs, v->pairs);
	assert_int_equal(p.interrupt_moderation, v->moderation);
	assert_int_equal(p.state, v->activated ? 1 : 2);
	assert_int_equal(p.attached_function, 0xffff);
	assert_true(p.affinity.group == affinity.group && p.affinity.mask == affinity.mask);
	assert_string_equal(p.name, v->name);
}

static void same_rss(unsigned i, const struct model_vport *v)
{
	struct vmmq_vport_info info;

	assert_true(vmmq_vport_get(sw, (struct vmmq_vport_id){ (uint16_t)ids[i] }, &info));
	assert_int_equal(info.rss->enabled, v->rss);
	assert_int_equal(info.rss->receive_hash, v->hash);
	assert_int_equal(info.rss->hash_types, v->types);
	assert_memory_equal(info.rss->key, v->key, VMMQ_KEY_LEN);
	assert_int_equal(info.rss->primary.v, v->at[PRIMARY]);
	assert_int_equal(info.rss->default_processor.v, v->at[DEFAULT]);
	assert_int_equal(info.rss->entry_count, v->entries);
	assert_memory_equal(info.rss->table, &v->at[ITE], v->entries * sizeof(v->at[0]));
	assert_int_equal(vmmq_rss_queues_used(info.rss), queues_of(v));
}

/* same_steering compares what packets feel: the active parameters, in the view. */
static void same_steering(unsigned i, const struct model_vport *v)
{
	const struct vmmq_steering *s =
	    vmmq_view_steering(vmmq_nic_switch_view(sw), (struct vmmq_vport_id){ (uint16_t)ids[i] });
	struct vmmq_toeplitz_key key;

	if (!v->exists) {
		assert_null(s);
		return;
	}
	assert_int_equal(s->rss_enabled, v->rss);
	assert_int_equal(s->hash_types, v->rss || v->hash ? v->types : 0);
	vmmq_toeplitz_key_init(&key, v->key);
	if (v->rss || v->hash)
		assert_memory_equal(&s->key, &key, sizeof(key));
	if (!v->rss) {
		assert_int_equal(s->primary.v, v->at[PRIMARY]);
		return;
	}
	assert_int_equal(s->default_processor.v, v->at[DEFAULT]);
	assert_int_equal(s->index_mask, v->entries - 1);
	assert_memory_equal(s->table, &v->at[ITE], v->entries * sizeof(v->at[0]));
}

static void same_state(void)
{
	for (unsigned i = 0; i < IDS; i++) {
		struct vmmq_vport_params p;

		if (!model.vport[i].exists) {
			assert_int_equal(vmmq_vport_get_params(sw, ids[i], &p), VMMQ_INVALID_PORT);
			continue;
		}
		same_params(i, &model.vport[i]);
		same_rss(i, &model.vport[i]);
	}
}

static void step(void)
{
	static void (*const request[])(void) = { do_create, do_create, do_set,  do_set,  do_v1,   do_v1,   do_v2,
						 do_v2,     do_v2,     do_move, do_move, do_move, do_hash, NULL };
	static struct model was;
	const struct vmmq_view *view = vmmq_nic_switch_view(sw);
	void (*run)(void) = request[random_below(14)];

	was = model;
	if (!run)
		run = random_one_in(2) ? do_delete : do_set_processors;
	run();
	same_state();
	if (in_group || memcmp(&was, &model, sizeof(was)) == 0)
		assert_ptr_equal(vmmq_nic_switch_view(sw), view);
	for (unsigned i = 0; !in_group && i < IDS; i++)
		same_steering(i, &model.vport[i]);
	if (!in_group && random_one_in(8))
		vmmq_nic_switch_retire(sw, vmmq_nic_switch_view(sw));
}

/* A group of the switch: requests in it are seen by the next ones, and by packets when it is committed. */
static unsigned group(void)
{
	static struct model before;
	unsigned count = random_below(10);

	before = model;
	vmmq_nic_switch_begin(sw);
	in_group = true;
	for (unsigned i = 0; i < count; i++)
		step();
	in_group = false;
	if (random_one_in(3)) {
		vmmq_nic_switch_abort(sw);
		model = before;
	} else {
		vmmq_status want = VMMQ_SUCCESS;

		RULE(asymmetric(), INVALID_PARAMETER);
		if (!answers(COMMIT, want, vmmq_nic_switch_commit(sw, NULL)))
			model = before;
	}
	same_state();
	for (unsigned i = 0; i < IDS; i++)
		same_steering(i, &model.vport[i]);
	return count;
}

static void start(void)
{
	limits = (struct vmmq_nic_switch_params){
		.processors = hardware,
		.processor_count = HARDWARE,
		.max_vports = MAX_VPORTS,
		.max_queue_pairs = 12 + random_below(10),
		.max_queue_pairs_per_vport = 4 + random_below(3),
		.default_vport_queue_pairs = 1 + random_below(3),
		.symmetric = random_one_in(3),
	};
	memset(&model, 0, sizeof(model));
	assert_int_equal(vmmq_nic_switch_create(&limits, &sw, NULL), VMMQ_SUCCESS);
	for (unsigned i = 0; i < HARDWARE; i++)
		model.in_set[hardware[i].v] = true;
	model.vport[0] = (struct model_vport){ .exists = true,
					       .activated = true,
					       .name = "default",
					       .pairs = limits.default_vport_queue_pairs,
					       .types = 0xd700,
					       .entries = 1,
					       .affinity = { 0, 1 } };
	memcpy(model.vport[0].key, vmmq_verification_key, VMMQ_KEY_LEN);
}

static void expect_met(enum request request, vmmq_status status)
{
	for (unsigned i = 0; i < 16; i++)
		if (met[request][i].count && met[request][i].status == status)
			return;
	fail_msg("no %s was answered with %s", names[request], vmmq_status_name(status));
}

/* Every answer that a request can give was given: otherwise the run shows less than it claims. */
static void expect_all_met(void)
{
	expect_met(CREATE, VMMQ_SUCCESS), expect_met(CREATE, VMMQ_INVALID_PARAMETER),
	    expect_met(CREATE, VMMQ_NOT_SUPPORTED);
	expect_met(CREATE, VMMQ_INVALID_DATA), expect_met(CREATE, VMMQ_RESOURCES);
	expect_met(SET, VMMQ_SUCCESS), expect_met(SET, VMMQ_INVALID_PARAMETER), expect_met(SET, VMMQ_NOT_SUPPORTED);
	expect_met(SET, VMMQ_INVALID_DATA), expect_met(SET, VMMQ_NO_QUEUES), expect_met(SET, VMMQ_RESOURCES);
	expect_met(V1, VMMQ_SUCCESS), expect_met(V1, VMMQ_INVALID_LENGTH), expect_met(V1, VMMQ_INVALID_PORT);
	expect_met(V1, VMMQ_INVALID_PARAMETER), expect_met(V1, VMMQ_INVALID_OID), expect_met(V1, VMMQ_INVALID_DATA);
	expect_met(V1, VMMQ_NO_QUEUES);
	expect_met(V2, VMMQ_SUCCESS), expect_met(V2, VMMQ_INVALID_LENGTH), expect_met(V2, VMMQ_INVALID_PORT);
	expect_met(V2, VMMQ_INVALID_PARAMETER), expect_met(V2, VMMQ_INVALID_OID), expect_met(V2, VMMQ_INVALID_DATA);
	expect_met(V2, VMMQ_NO_QUEUES), expect_met(V2, VMMQ_RESOURCES);
	expect_met(HASH, VMMQ_SUCCESS), expect_met(HASH, VMMQ_INVALID_LENGTH), expect_met(HASH, VMMQ_INVALID_PORT);
	expect_met(HASH, VMMQ_INVALID_PARAMETER), expect_met(HASH, VMMQ_INVALID_OID);
	expect_met(MOVE, VMMQ_SUCCESS), expect_met(MOVE, VMMQ_INVALID_PARAMETER), expect_met(MOVE, VMMQ_INVALID_PORT);
	expect_met(MOVE, VMMQ_INVALID_PORT_STATE), expect_met(MOVE, VMMQ_NOT_ACCEPTED);
	expect_met(MOVE, VMMQ_INVALID_DATA), expect_met(MOVE, VMMQ_NO_QUEUES);
	expect_met(DELETE, VMMQ_SUCCESS), expect_met(SET_PROCESSORS, VMMQ_SUCCESS);
	expect_met(SET_PROCESSORS, VMMQ_INVALID_DATA), expect_met(COMMIT, VMMQ_INVALID_PARAMETER);
}

static void report(void)
{
	for (unsigned request = 0; request < REQUESTS; request++) {
		print_message("%s:", names[request]);
		for (unsigned i = 0; met[request][i].count; i++)
			print_message(" %s %u", vmmq_status_name(met[request][i].status), met[request][i].count);
		print_message("\n");
	}
}

static void random_requests(void **state)
{
	const char *wanted = getenv("VMMQ_TEST_REQUESTS");
	unsigned long total = wanted ? strtoul(wanted, NULL, 0) : 200000, count = 0;

	(void)state;
	random_start();
	while (count < total) {
		start();
		for (unsigned i = 0; i < 2000 && count < total; i++) {
			if (random_one_in(8)) {
				count += group();
			} else {
				step();
				count++;
			}
		}
		vmmq_nic_switch_destroy(sw);
	}
	report();
	if (total >= 200000)
		expect_all_met();
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(random_requests) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
