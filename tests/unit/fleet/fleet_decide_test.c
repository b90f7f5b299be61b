/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two hosts, a store, administrators, a guest, and all that can come between: each order in which their steps can happen is gone through,
 * with hosts that die and return, a store that is gone and comes back, and hosts that look at it late.  In none of them are two active,
 * and from each of them all comes to where it should.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fleet/fleet_decide.h"

#define HOSTS  2
#define NOBODY HOSTS

/* What the store has of the one VPort there is.  Bytes only: states are compared as memory. */
struct store {
	uint8_t exists, host, destination, generation;
	struct {
		uint8_t state, generation;
	} status[HOSTS];
};

struct transaction {
	uint8_t action, state, generation; /* REST: none is under way */
	uint8_t done;                      /* and its host has not been told yet */
	struct store seen;
};

struct node {
	struct store view; /* of any moment: its own status may be one from before, too */
	uint8_t follows, alive, local, applied_generation, frame, claimed;
	struct transaction transaction;
};

struct world {
	struct store store;
	uint8_t store_up, script_at, crashes, outages;
	struct node node[HOSTS];
};

/* What administrators do, in this order, each at any moment at which `when` holds. */
struct deed {
	enum { ALWAYS, ON_ARRIVAL } when; /* ON_ARRIVAL: the destination is active and the source has released */
	uint8_t exists, host, destination;
};
struct script {
	const char *name;
	enum fleet_activation activation;
	struct deed deed[6];
	unsigned deeds;
	uint8_t runs;          /* who in the end, or NOBODY */
	bool guest_arrives;    /* first_frame: it must, or the end is not this one */
	bool b_refuses_second; /* B takes each generation but the second */
};

static const struct script *script;

static struct fleet_facts facts_of(const struct node *n, unsigned self)
{
	const struct store *v = &n->view;
	struct fleet_facts f = { .followed = n->follows,
				 .generation = v->generation,
				 .moves = v->host != NOBODY && v->destination != NOBODY,
				 .activation = script->activation,
				 .mine = { (enum fleet_state)v->status[self].state, v->status[self].generation },
				 .claimed = n->claimed,
				 .other_active = v->status[!self].state == FLEET_ACTIVE,
				 .local = (enum fleet_local)n->local,
				 .applied = n->local != FLEET_ABSENT && n->applied_generation == v->generation,
				 .frame = n->frame };

	f.place = !v->exists               ? FLEET_GONE
		  : v->host == self        ? FLEET_IS_HOST
		  : v->destination == self ? FLEET_IS_DESTINATION
					   : FLEET_ELSEWHERE;
	f.refused = script->b_refuses_second && self == 1 && v->generation == 2 && !f.applied;
	if (v->destination != NOBODY && v->destination != self)
		f.destination = (struct fleet_status){ (enum fleet_state)v->status[v->destination].state,
						       v->status[v->destination].generation };
	return f;
}

/* node_step does what is decided; false: nothing is. */
static bool node_step(struct world *w, unsigned self)
{
	struct node *n = &w->node[self];
	struct fleet_facts f = facts_of(n, self);
	struct fleet_decision d;

	if (n->transaction.done) {
		n->claimed = n->transaction.action == FLEET_CLAIM;
		n->transaction = (struct transaction){ 0 };
		return true;
	}
	if (!n->alive || n->transaction.action != FLEET_REST)
		return false;
	d = fleet_decide(&f);
	switch (d.action) {
	case FLEET_REST:
		return false;
	case FLEET_APPLY:
		assert_false(f.refused);
		if (n->local == FLEET_ABSENT)
			n->local = FLEET_HELD;
		n->applied_generation = n->view.generation;
		return true;
	case FLEET_ACTIVATE:
		assert_int_equal(n->local, FLEET_HELD);
		n->local = FLEET_RUNS;
		return true;
	case FLEET_REMOVE:
		n->local = FLEET_ABSENT;
		n->frame = n->applied_generation = 0;
		return true;
	case FLEET_WRITE:
		if (d.status.state == f.mine.state && d.status.generation == f.mine.generation)
			return false;
		break;
	default:
		break;
	}
	n->claimed = false;
	n->transaction.action = (uint8_t)d.action;
	n->transaction.state = (uint8_t)d.status.state;
	n->transaction.generation = (uint8_t)d.status.generation;
	n->transaction.seen = n->view;
	return true;
}

/* store_carries_out: as the transaction's guards say; what it was told is no matter to a host, who sees the store. */
static bool store_carries_out(struct world *w, unsigned self)
{
	struct transaction t = w->node[self].transaction;
	struct store *s = &w->store;

	if (t.action == FLEET_REST || t.done || !w->store_up)
		return false;
	w->node[self].transaction = (struct transaction){ 0 };
	if (memcmp(&s->status[self], &t.seen.status[self], sizeof(s->status[self])) != 0)
		return true;
	if (t.action == FLEET_CLAIM &&
	    (s->status[!self].state == FLEET_ACTIVE || s->exists != t.seen.exists || s->host != t.seen.host ||
	     s->destination != t.seen.destination || s->generation != t.seen.generation))
		return true;
	s->status[self].state = t.action == FLEET_DELETE ? FLEET_NO_STATUS : t.state;
	s->status[self].generation = t.action == FLEET_DELETE ? 0 : t.generation;
	t.done = true;
	w->node[self].transaction = t;
	return true;
}

static bool node_sync(struct world *w, unsigned self)
{
	struct node *n = &w->node[self];

	if (!n->alive || !w->store_up || (n->follows && memcmp(&n->view, &w->store, sizeof(w->store)) == 0))
		return false;
	n->view = w->store;
	n->follows = true;
	return true;
}

static bool script_step(struct world *w)
{
	const struct deed *deed = &script->deed[w->script_at];
	struct store *s = &w->store;

	if (w->script_at == script->deeds || !w->store_up)
		return false;
	if (deed->when == ON_ARRIVAL && !(s->status[1].state == FLEET_ACTIVE && s->status[0].state == FLEET_RELEASED))
		return false;
	s->exists = deed->exists;
	s->host = deed->host;
	s->destination = deed->destination;
	s->generation++;
	w->script_at++;
	return true;
}

static bool guest_arrives(struct world *w)
{
	struct node *b = &w->node[1];

	if (script->activation != FLEET_FIRST_FRAME || b->frame || b->local != FLEET_HELD || !b->alive)
		return false;
	b->frame = true;
	return true;
}

static bool node_crashes(struct world *w, unsigned self)
{
	struct node *n = &w->node[self];

	if (!n->alive || !w->crashes)
		return false;
	w->crashes--;
	n->alive = n->follows = n->frame = n->claimed = false;
	n->transaction = (struct transaction){ 0 };
	return true;
}

static bool node_returns(struct world *w, unsigned self)
{
	if (w->node[self].alive)
		return false;
	w->node[self].alive = true;
	return true;
}

static bool store_turns(struct world *w)
{
	if (w->store_up && !w->outages)
		return false;
	w->outages -= w->store_up;
	w->store_up = !w->store_up;
	for (unsigned i = 0; i < HOSTS && !w->store_up; i++) {
		w->node[i].follows = false;
		w->node[i].transaction = (struct transaction){ 0 };
	}
	return true;
}

#define MOVES (1 + 1 + 1 + 5 * HOSTS)

static bool world_move(struct world *w, unsigned move)
{
	unsigned self = (move - 3) % HOSTS;

	if (move == 0)
		return script_step(w);
	if (move == 1)
		return guest_arrives(w);
	if (move == 2)
		return store_turns(w);
	switch ((move - 3) / HOSTS) {
	case 0:
		return node_sync(w, self);
	case 1:
		return node_step(w, self);
	case 2:
		return store_carries_out(w, self);
	case 3:
		return node_crashes(w, self);
	default:
		return node_returns(w, self);
	}
}

/* world_is_safe: a host that is dead counts, since it runs again before it has looked. */
static void world_is_safe(const struct world *w)
{
	if (script->activation == FLEET_AT_ONCE && w->node[0].local == FLEET_RUNS && w->node[1].local == FLEET_RUNS)
		fail_msg("%s: two are active", script->name);
}

/* world_settles: left alone, all comes to its end, and that is the right one. */
static void world_settles(struct world w)
{
	unsigned rounds = 0;
	bool moved = true;

	for (w.store_up = true; moved; rounds++) {
		moved = false;
		if (rounds > 60)
			fail_msg("%s: it does not come to an end", script->name);
		for (unsigned self = 0; self < HOSTS; self++) {
			moved |= node_returns(&w, self) | node_sync(&w, self);
			moved |= script->guest_arrives && guest_arrives(&w);
			moved |= node_step(&w, self);
			moved |= store_carries_out(&w, self);
		}
		moved |= script_step(&w);
		world_is_safe(&w);
	}
	assert_int_equal(w.script_at, script->deeds);
	for (unsigned self = 0; self < HOSTS; self++)
		if ((w.node[self].local == FLEET_RUNS) != (self == script->runs) ||
		    (w.store.status[self].state == FLEET_ACTIVE) != (self == script->runs))
			fail_msg("%s: host %u ends with local %u, status %u", script->name, self, w.node[self].local,
				 w.store.status[self].state);
}

/* All worlds that were met: open addressing; place 0 of `met` is free. */
static struct world *met;
static size_t met_count, met_capacity;
static uint32_t *bucket;
static size_t bucket_count;

static uint64_t world_hash(const struct world *w)
{
	uint64_t hash = 1469598103934665603u;

	for (size_t i = 0; i < sizeof(*w); i++)
		hash = (hash ^ ((const uint8_t *)w)[i]) * 1099511628211u;
	return hash ^ hash >> 29;
}

static void world_index(uint32_t place)
{
	size_t at = world_hash(&met[place]) & (bucket_count - 1);

	while (bucket[at])
		at = (at + 1) & (bucket_count - 1);
	bucket[at] = place;
}

static void world_meet(const struct world *w)
{
	size_t at = world_hash(w) & (bucket_count - 1);

	for (; bucket[at]; at = (at + 1) & (bucket_count - 1))
		if (memcmp(&met[bucket[at]], w, sizeof(*w)) == 0)
			return;
	if (met_count + 1 >= met_capacity) {
		met_capacity *= 2;
		met = realloc(met, met_capacity * sizeof(*met));
		assert_non_null(met);
	}
	met[++met_count] = *w;
	bucket[at] = (uint32_t)met_count;
	if (2 * met_count < bucket_count)
		return;
	free(bucket);
	bucket_count *= 2;
	bucket = calloc(bucket_count, sizeof(*bucket));
	assert_non_null(bucket);
	for (uint32_t i = 1; i <= met_count; i++)
		world_index(i);
}

static void all_orders_of(const struct script *of, uint8_t crashes, uint8_t outages)
{
	struct world first = { .store_up = true, .crashes = crashes, .outages = outages };

	script = of;
	met_count = 0;
	met_capacity = 1024;
	bucket_count = 4096;
	met = calloc(met_capacity, sizeof(*met));
	bucket = calloc(bucket_count, sizeof(*bucket));
	assert_true(met && bucket);
	first.store.host = first.store.destination = NOBODY;
	for (unsigned i = 0; i < HOSTS; i++) {
		first.node[i].alive = true;
		first.node[i].view = first.store;
	}
	world_meet(&first);
	for (size_t i = 1; i <= met_count; i++) {
		world_is_safe(&met[i]);
		world_settles(met[i]);
		for (unsigned move = 0; move < MOVES; move++) {
			struct world next = met[i];

			if (world_move(&next, move))
				world_meet(&next);
		}
	}
	print_message("%s: %zu states\n", of->name, met_count);
	free(met);
	free(bucket);
}

static const struct script scripts[] = {
	{ "made, moved at once, ended",
	  FLEET_AT_ONCE,
	  { { ALWAYS, 1, 0, NOBODY }, { ALWAYS, 1, 0, 1 }, { ON_ARRIVAL, 1, 1, NOBODY } },
	  3,
	  1,
	  false,
	  false },
	{ "moved at once, nobody ends it",
	  FLEET_AT_ONCE,
	  { { ALWAYS, 1, 0, NOBODY }, { ALWAYS, 1, 0, 1 } },
	  2,
	  1,
	  false,
	  false },
	{ "moved at once, taken back",
	  FLEET_AT_ONCE,
	  { { ALWAYS, 1, 0, NOBODY }, { ALWAYS, 1, 0, 1 }, { ALWAYS, 1, 0, NOBODY } },
	  3,
	  0,
	  false,
	  false },
	{ "moved at once, changed meanwhile",
	  FLEET_AT_ONCE,
	  { { ALWAYS, 1, 0, NOBODY }, { ALWAYS, 1, 0, 1 }, { ALWAYS, 1, 0, 1 } },
	  3,
	  1,
	  false,
	  false },
	{ "the destination refuses, then takes it",
	  FLEET_AT_ONCE,
	  { { ALWAYS, 1, 0, NOBODY }, { ALWAYS, 1, 0, 1 }, { ALWAYS, 1, 0, 1 } },
	  3,
	  1,
	  false,
	  true },
	{ "the destination refuses",
	  FLEET_AT_ONCE,
	  { { ALWAYS, 1, 0, NOBODY }, { ALWAYS, 1, 0, 1 } },
	  2,
	  0,
	  false,
	  true },
	{ "given to another host, and back",
	  FLEET_AT_ONCE,
	  { { ALWAYS, 1, 0, NOBODY }, { ALWAYS, 1, 1, NOBODY }, { ALWAYS, 1, 0, NOBODY } },
	  3,
	  0,
	  false,
	  false },
	{ "made with a destination", FLEET_AT_ONCE, { { ALWAYS, 1, 0, 1 } }, 1, 1, false, false },
	{ "made with a destination only", FLEET_AT_ONCE, { { ALWAYS, 1, NOBODY, 1 } }, 1, 1, false, false },
	{ "moved, then nowhere",
	  FLEET_AT_ONCE,
	  { { ALWAYS, 1, 0, NOBODY }, { ALWAYS, 1, 0, 1 }, { ALWAYS, 1, NOBODY, NOBODY } },
	  3,
	  NOBODY,
	  false,
	  false },
	{ "deleted while it moves",
	  FLEET_AT_ONCE,
	  { { ALWAYS, 1, 0, NOBODY }, { ALWAYS, 1, 0, 1 }, { ALWAYS, 0, NOBODY, NOBODY } },
	  3,
	  NOBODY,
	  false,
	  false },
	{ "moved with the guest, ended",
	  FLEET_FIRST_FRAME,
	  { { ALWAYS, 1, 0, NOBODY }, { ALWAYS, 1, 0, 1 }, { ON_ARRIVAL, 1, 1, NOBODY } },
	  3,
	  1,
	  true,
	  false },
	{ "to be moved with a guest that stays, taken back",
	  FLEET_FIRST_FRAME,
	  { { ALWAYS, 1, 0, NOBODY }, { ALWAYS, 1, 0, 1 }, { ALWAYS, 1, 0, NOBODY } },
	  3,
	  0,
	  false,
	  false },
};

static void nobody_is_disturbed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		all_orders_of(&scripts[i], 0, 0);
}

static void hosts_die_and_return(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		all_orders_of(&scripts[i], 1, 0);
}

static void store_goes_and_comes_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		all_orders_of(&scripts[i], 0, 1);
}

static void alone_only_a_guest_that_arrives_begins(void **state)
{
	struct fleet_facts f = {
		.place = FLEET_IS_DESTINATION, .activation = FLEET_FIRST_FRAME, .local = FLEET_HELD, .applied = true
	};

	(void)state;
	assert_int_equal(fleet_decide(&f).action, FLEET_REST);
	f.frame = true;
	assert_int_equal(fleet_decide(&f).action, FLEET_ACTIVATE);
	f.activation = FLEET_AT_ONCE;
	assert_int_equal(fleet_decide(&f).action, FLEET_REST);
}

/* A change that is refused must not cost the VPort its right, or another host could begin. */
static void refused_goes_on_as_it_was(void **state)
{
	struct fleet_facts f = { .followed = true,
				 .place = FLEET_IS_HOST,
				 .generation = 6,
				 .mine = { FLEET_ACTIVE, 5 },
				 .local = FLEET_RUNS,
				 .refused = true };
	struct fleet_decision d = fleet_decide(&f);

	(void)state;
	assert_int_equal(d.action, FLEET_WRITE);
	assert_int_equal(d.status.state, FLEET_ACTIVE);
	assert_int_equal(d.status.generation, 5);
	f.local = FLEET_ABSENT;
	f.mine = (struct fleet_status){ FLEET_NO_STATUS, 0 };
	d = fleet_decide(&f);
	assert_int_equal(d.status.state, FLEET_REFUSED);
	assert_int_equal(d.status.generation, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_disturbed),       cmocka_unit_test(hosts_die_and_return),
		cmocka_unit_test(store_goes_and_comes_back), cmocka_unit_test(alone_only_a_guest_that_arrives_begins),
		cmocka_unit_test(refused_goes_on_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
