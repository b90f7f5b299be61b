/* SPDX-License-Identifier: BSD-2-Clause */
/* Random requests for the model (core/request_model.h): good ones mostly, and such as are near to something. */
#ifndef VMMQ_UNIT_CORE_REQUEST_RANDOM_H
#define VMMQ_UNIT_CORE_REQUEST_RANDOM_H

#include "unit/core/request_model_filter.h"
#include "unit/core/request_model_rss.h"
#include "unit/core/test_random.h"

enum { TABLE_MAX = 300, MOVES_MAX = 140, MACS = 4 };
/* The last one is of a group. */
static const uint8_t macs[MACS][VMMQ_MAC_LEN] = {
	{ 2, 0, 0, 0, 0, 1 },
	{ 2, 0, 0, 0, 0, 2 },
	{ 2, 0, 0, 0, 1, 1 },
	{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
};

static inline uint32_t some_id(void)
{
	static const uint32_t odd[] = { 3, 91, 65535, 65536, 65537, 65536 + 90, 0xffffffff };

	return random_one_in(25) ? odd[random_below(7)] : ids[random_below(IDS)];
}

/* some_id16: for a typed request whose VPort id has 16 bits. */
static inline uint32_t some_id16(void)
{
	return binary ? some_id() : some_id() & 0xffff;
}

static inline struct vmmq_processor some_processor(void)
{
	static const uint16_t odd[] = { 5, 66, 127, 150 };

	if (binary && random_one_in(60))
		return (struct vmmq_processor){ IMPOSSIBLE };
	if (random_one_in(30))
		return (struct vmmq_processor){ odd[random_below(4)] };
	return hardware[random_one_in(4) ? random_below(HARDWARE) : random_below(3)];
}

static inline uint32_t some_info(void)
{
	static const uint32_t odd[] = { 0x200, 0x202, 0x1, 0x20201, 0, 0x80000201, 0x203 };
	uint32_t types = (uint32_t)random_u64() & 0x1ff00;

	return random_one_in(10) ? odd[random_below(7)] : (types ? types : 0x100) | 1;
}

static inline size_t some_key_len(void)
{
	return random_one_in(25) ? random_below(60) : 40;
}

static inline uint32_t some_pairs(void)
{
	return random_one_in(3) ? random_below(limits.max_queue_pairs_per_vport + 2) : 3;
}

static inline uint32_t some_count(void)
{
	return random_one_in(15) ? random_below(TABLE_MAX)
				 : 1u << (random_one_in(4) ? random_below(8) : random_below(3));
}

/* A key has room for any length that some_key_len() returns. */
static inline const uint8_t *some_key(void)
{
	static uint8_t keys[3][60] = { { 1 }, { 2 }, { 3 } };

	return keys[random_below(3)];
}

static inline struct vmmq_affinity some_affinity(void)
{
	struct vmmq_processor p = hardware[random_one_in(4) ? random_below(HARDWARE) : random_below(3)];
	struct vmmq_affinity affinity = { p.v / 64, UINT64_C(1) << p.v % 64 };

	if (random_one_in(30))
		affinity = (struct vmmq_affinity){ random_below(3), 0x20 };
	if (random_one_in(3))
		affinity.mask |= affinity.mask << random_below(20);
	if (random_one_in(30))
		affinity.mask = 0;
	if (random_one_in(40))
		affinity.group = 1024;
	return affinity;
}

/* Characters of one to four bytes; at times the longest name that there can be, or one that is too long by one. */
static inline const char *some_name(void)
{
	static const char *const characters[] = { "a", "b", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x9a\x80" };
	static char name[NAME_LEN];
	const char *character = characters[random_below(5)];
	size_t count = random_below(3), len = strlen(character);

	if (random_one_in(10))
		count = (len == 4 ? 127 : 255) + random_below(3);
	for (size_t i = 0; i < count; i++)
		memcpy(name + i * len, character, len);
	name[count * len] = 0;
	return name;
}

static inline struct vmmq_vport_params some_params(void)
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

static inline struct vmmq_vport_params some_create(void)
{
	struct vmmq_vport_params p = some_params();

	p.flags = random_one_in(20) ? (uint32_t)random_u64() : random_one_in(2) ? 0x8001 : 2;
	while (!place_of(p.vport_id))
		p.vport_id = some_id();
	return p;
}

static inline struct vmmq_vport_params some_set(void)
{
	struct vmmq_vport_params p = some_params();

	p.flags = (random_one_in(2) ? 0x9f0000 : 0x80000) & (uint32_t)random_u64();
	p.flags |= random_one_in(4) ? 0x8003 & (uint32_t)random_u64() : 0;
	if (random_one_in(40))
		p.flags |= 1u << random_below(32);
	return p;
}

/* What a request flags as unchanged it does not even have. */
static inline struct vmmq_rss_v1 some_v1(void)
{
	static struct vmmq_processor table[TABLE_MAX];
	struct vmmq_rss_v1 r = { .hash_information = some_info(), .key = some_key(), .key_len = some_key_len() };

	r.flags = random_one_in(8) ? (uint16_t)random_below(64) : random_one_in(3) ? 0 : (uint16_t)random_below(16);
	r.flags |= random_one_in(60) ? 0x40 : 0;
	r.entry_count = some_count();
	r.table = table;
	r.default_processor = random_one_in(20) ? some_processor() : hardware[random_below(2)];
	for (unsigned i = 0; i < TABLE_MAX; i++)
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
	return r;
}

static inline struct vmmq_rss_v2 some_v2(void)
{
	struct vmmq_rss_v2 r = {
		random_below(32), some_info(), some_key(), some_key_len(), some_pairs(), some_count()
	};

	r.flags &= random_one_in(2) ? 0xff : 0x19;
	r.flags |= random_one_in(60) ? 0x20 : 0;
	if (!binary && !(r.flags & 4)) {
		r.key = NULL;
		r.key_len = 11;
	}
	return r;
}

static inline struct vmmq_receive_hash some_hash(void)
{
	struct vmmq_receive_hash r = { random_below(8), some_info(), some_key(), some_key_len() };

	r.flags |= random_one_in(60) ? 8 : 0;
	if (r.flags & 4) {
		r.key = NULL;
		r.key_len = 11;
	}
	return r;
}

static inline uint32_t some_filter_id(void)
{
	unsigned first = random_below(FILTERS);

	if (random_one_in(10))
		return random_one_in(2) ? random_below(10) : (uint32_t)random_u64();
	for (unsigned i = 0; i < FILTERS; i++)
		if (model.filter[(first + i) % FILTERS].id)
			return model.filter[(first + i) % FILTERS].id;
	return 1;
}

static inline struct vmmq_filter some_filter(void)
{
	static const vmmq_vlan_rule rules[] = { 0, VMMQ_VLAN_ANY, 7, 4094 };
	static const vmmq_vlan_rule odd[] = { 4095, 5000, 0xfffe };
	struct vmmq_filter f = { .vport = { (uint16_t)some_id() }, .vlan = rules[random_below(4)] };

	memcpy(f.mac, macs[random_below(MACS)], VMMQ_MAC_LEN);
	f.encapsulated = random_one_in(4);
	if (f.encapsulated && !binary)
		f.vni = random_one_in(2) ? random_below(3) : 0xffffff + random_below(2);
	if (!binary && random_one_in(100))
		f.vni = 5;
	if (random_one_in(30))
		f.vlan = odd[random_below(3)];
	if (random_one_in(4))
		f.id = random_one_in(4) ? some_filter_id() : (uint32_t)model.next_filter_id + random_below(3);
	if (random_one_in(500))
		f.id = UINT32_MAX;
	return f;
}

/* some_move is a command that the actor may give, mostly. */
static inline struct vmmq_rss_move some_move(uint32_t id, uint16_t actor)
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

static inline uint16_t some_actor(uint32_t id)
{
	const struct model_vport *v = known(id);

	return v && !random_one_in(10) ? v->at[random_below(ITE + v->entries)] : hardware[random_below(HARDWARE)].v;
}

/* some_moves fills c and returns how many commands there are: in binary at least one, and at most 130. */
static inline size_t some_moves(struct vmmq_rss_move c[MOVES_MAX], uint16_t *actor)
{
	uint32_t id = some_id();
	size_t count = random_one_in(40) ? random_below(MOVES_MAX) : 1 + random_below(5);

	if (binary && (!count || count > 130))
		count = 130;
	*actor = some_actor(id);
	for (size_t i = 0; i < count; i++) {
		if (random_one_in(5))
			id = some_id();
		c[i] = some_move(id, *actor);
	}
	return count;
}

#endif
