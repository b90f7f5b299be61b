/* SPDX-License-Identifier: BSD-2-Clause */
#include "fleet/fleet_decide.h"

#include <string.h>

static const char *const state_name[FLEET_STATES] = {
	[FLEET_NO_STATUS] = "",        [FLEET_PREPARED] = "prepared", [FLEET_ACTIVE] = "active",
	[FLEET_RELEASED] = "released", [FLEET_REFUSED] = "refused",
};

const char *fleet_state_name(enum fleet_state state)
{
	return state_name[state];
}

bool fleet_state_read(enum fleet_state *state, const char *name)
{
	for (unsigned i = FLEET_PREPARED; i < FLEET_STATES; i++)
		if (strcmp(state_name[i], name) == 0) {
			*state = (enum fleet_state)i;
			return true;
		}
	return false;
}

static struct fleet_decision decide_action(enum fleet_action action)
{
	return (struct fleet_decision){ .action = action };
}

static struct fleet_decision decide_status(const struct fleet_facts *f, enum fleet_state state)
{
	return (struct fleet_decision){ FLEET_WRITE, { state, f->generation } };
}

static struct fleet_decision decide_claim(int64_t generation)
{
	return (struct fleet_decision){ FLEET_CLAIM, { FLEET_ACTIVE, generation } };
}

/* decide_away: the status of one that left stays until somebody has changed the VPort again, who then has seen it. */
static struct fleet_decision decide_away(const struct fleet_facts *f)
{
	if (f->local != FLEET_ABSENT)
		return decide_action(FLEET_REMOVE);
	if (f->mine.state == FLEET_NO_STATUS)
		return decide_action(FLEET_REST);
	if (f->place == FLEET_GONE || f->mine.state == FLEET_REFUSED ||
	    (f->mine.state == FLEET_RELEASED && f->mine.generation != f->generation))
		return decide_action(FLEET_DELETE);
	return decide_status(f, FLEET_RELEASED);
}

static struct fleet_decision decide_release(const struct fleet_facts *f)
{
	return f->local != FLEET_ABSENT ? decide_action(FLEET_REMOVE) : decide_status(f, FLEET_RELEASED);
}

/* decide_running: it runs here.  Who runs without the right to gets it, or ends. */
static struct fleet_decision decide_running(const struct fleet_facts *f)
{
	bool right = f->mine.state == FLEET_ACTIVE;
	bool overlaps = f->place == FLEET_IS_DESTINATION && f->activation == FLEET_FIRST_FRAME;

	if (f->other_active && !overlaps && !(right && f->place == FLEET_IS_HOST))
		return decide_action(FLEET_REMOVE);
	if (f->refused) /* it goes on as it was; what its status says is its generation still */
		return right ? (struct fleet_decision){ FLEET_WRITE, f->mine } : decide_claim(f->mine.generation);
	if (!f->applied)
		return decide_action(FLEET_APPLY);
	return right || overlaps ? decide_status(f, FLEET_ACTIVE) : decide_claim(f->generation);
}

/* decide_held: it is here, and as the row says; what is missing is the right to run. */
static struct fleet_decision decide_held(const struct fleet_facts *f)
{
	if (f->place == FLEET_IS_DESTINATION && f->activation == FLEET_FIRST_FRAME) {
		if (f->frame || f->mine.state == FLEET_ACTIVE)
			return decide_action(FLEET_ACTIVATE);
		return decide_status(f, FLEET_PREPARED);
	}
	if (f->other_active && !(f->mine.state == FLEET_ACTIVE && f->place == FLEET_IS_HOST))
		return decide_status(f, FLEET_PREPARED);
	if (f->mine.state == FLEET_ACTIVE) /* or it was once: then it is claimed again, which tells */
		return f->claimed ? decide_action(FLEET_ACTIVATE) : decide_claim(f->generation);
	/* The host that it moves from goes first, and so must see that this one is ready. */
	if (f->place == FLEET_IS_DESTINATION &&
	    (f->mine.state != FLEET_PREPARED || f->mine.generation != f->generation))
		return decide_status(f, FLEET_PREPARED);
	return decide_claim(f->generation);
}

/* decide_lets_go: the destination is ready to have it, or has it, or this host has let go already. */
static bool decide_lets_go(const struct fleet_facts *f)
{
	if (f->place != FLEET_IS_HOST || !f->moves)
		return false;
	if (f->mine.state == FLEET_RELEASED && f->local != FLEET_RUNS)
		return true;
	return f->destination.state == FLEET_ACTIVE ||
	       (f->activation == FLEET_AT_ONCE && f->destination.state == FLEET_PREPARED &&
		f->destination.generation == f->generation);
}

/* decide_alone: without the store nothing begins or ends, but a guest that has arrived has its network. */
static struct fleet_decision decide_alone(const struct fleet_facts *f)
{
	bool arrived = f->place == FLEET_IS_DESTINATION && f->activation == FLEET_FIRST_FRAME && f->frame;

	return decide_action(arrived && f->local == FLEET_HELD ? FLEET_ACTIVATE : FLEET_REST);
}

struct fleet_decision fleet_decide(const struct fleet_facts *f)
{
	if (!f->followed)
		return decide_alone(f);
	if (f->place == FLEET_GONE || f->place == FLEET_ELSEWHERE)
		return decide_away(f);
	if (decide_lets_go(f))
		return decide_release(f);
	if (f->local == FLEET_RUNS)
		return decide_running(f);
	if (f->refused)
		return decide_status(f, FLEET_REFUSED);
	if (f->local == FLEET_ABSENT || !f->applied)
		return decide_action(FLEET_APPLY);
	return decide_held(f);
}
