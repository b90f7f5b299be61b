/* SPDX-License-Identifier: BSD-2-Clause */
/* The policy's moves become RSSv2 moves; what was done is remembered and told, what was refused is told and taken back. */
#include <stdio.h>
#include <string.h>

#include <assert.h>

#include "control/live_balance_state.h"
#include "schema/field.h"

#define EFFECT_NS     100000u /* how long sources are waited for; after that they follow by themselves */
#define EVENTS_A_TICK 16u

static_assert(BALANCE_LANES_MAX == VMMQ_LANES_MAX, "the policy's lanes are the engine's");

/* The planned moves of a tick, as the argument of a request. */
struct moving {
	const struct live_balance *b;
	unsigned done; /* moves */
	bool made[4096];
	vmmq_status status; /* of the first that was refused */
	struct vmmq_why why;
};
static_assert(FIELD_BALANCE_BUDGET_MAX <= 4096, "a tick's moves fit");

static const struct balanced_vport *moved_vport(const struct live_balance *b, const struct balance_move *move)
{
	return &b->vport[move->vport];
}

static struct vmmq_rss_move rss_move_of(const struct live_balance *b, const struct balance_move *move)
{
	unsigned lane = b->lane[move->lane];

	return (struct vmmq_rss_move){
		.vport_id = moved_vport(b, move)->id.v,
		.flags = lane == VMMQ_LANE_DEFAULT   ? VMMQ_RSS_MOVE_DEFAULT
			 : lane == VMMQ_LANE_PRIMARY ? VMMQ_RSS_MOVE_PRIMARY
						     : 0,
		.index = lane < VMMQ_TABLE_ENTRIES_MAX ? (uint16_t)lane : 0,
		.target = b->processor[move->to],
	};
}

/* run_note notes what of a run of moves was made; false: memory, and the whole request is taken back. */
static vmmq_status run_note(struct live *live, struct moving *moving, const struct vmmq_rss_move command[],
			    unsigned first, unsigned count, struct vmmq_why *why)
{
	const struct live_balance *b = moving->b;
	vmmq_status status = VMMQ_SUCCESS;

	for (unsigned i = 0; i < count && status == VMMQ_SUCCESS; i++) {
		const struct balance_move *move = &b->result.move[first + i];

		moving->made[first + i] = command[i].status == VMMQ_SUCCESS;
		if (moving->made[first + i])
			status = live_moved_note(live, moved_vport(b, move)->id, b->lane[move->lane],
						 b->processor[move->from], b->processor[move->to], why);
		else if (moving->status == VMMQ_SUCCESS)
			moving->status = command[i].status;
	}
	return status;
}

/* run_move makes moves that leave one processor: one RSSv2 request. */
static vmmq_status run_move(struct live *live, struct moving *moving, unsigned first, unsigned count,
			    struct vmmq_why *why)
{
	struct vmmq_rss_move command[VMMQ_LANES_MAX];
	const struct balance_result *result = &moving->b->result;
	struct vmmq_why refused = { 0 };
	vmmq_status status;

	for (unsigned i = 0; i < count; i++)
		command[i] = rss_move_of(moving->b, &result->move[first + i]);
	status = vmmq_rss_move(live->sw, moving->b->processor[result->move[first].from], command, count, &refused);
	if (status == VMMQ_SUCCESS)
		status = run_note(live, moving, command, first, count, why);
	if (refused.text[0] && !moving->why.text[0])
		moving->why = refused;
	return status;
}

static bool moves_belong(const struct balance_move *a, const struct balance_move *b)
{
	return a->from == b->from && a->vport == b->vport;
}

/*
 * run_length: moves that follow each other and leave one processor, as many as a request may have.  Those of a VPort are not divided, for
 * they may be possible only together; no VPort has more.
 */
static unsigned run_length(const struct balance_result *result, unsigned first)
{
	const struct balance_move *move = &result->move[first];
	unsigned count = 1, left = result->move_count - first, whole;

	while (count < left && count < VMMQ_LANES_MAX && move[count].from == move[0].from)
		count++;
	for (whole = count; whole && whole < left && moves_belong(&move[whole - 1], &move[whole]);)
		whole--;
	return whole ? whole : count;
}

/* moving_request is the live_request_fn: in the policy's order, since each move may make room for the next. */
static vmmq_status moving_request(struct live *live, void *argument, struct vmmq_why *why)
{
	struct moving *moving = argument;
	vmmq_status status = VMMQ_SUCCESS;
	unsigned count;

	for (unsigned at = 0; at < moving->b->result.move_count && status == VMMQ_SUCCESS; at += count) {
		count = run_length(&moving->b->result, at);
		status = run_move(live, moving, at, count, why);
	}
	return status;
}

/* moving_commit makes it one group, which has nothing for the disk. */
static void moving_commit(struct live *live, struct moving *moving)
{
	struct live_request request = { .run = moving_request, .argument = moving };
	struct live_request *const requests[] = { &request };
	struct live_batch batch;
	struct vmmq_why why = { 0 };
	size_t running;
	vmmq_status status = live_group_make(live, requests, 1, &running, &batch, &why);

	if (status == VMMQ_SUCCESS && request.status == VMMQ_SUCCESS) {
		assert(live_batch_is_empty(&batch));
		live_group_take(live, &batch);
	} else {
		if (status == VMMQ_SUCCESS)
			live_group_drop(live);
		memset(moving->made, 0, sizeof(moving->made));
		moving->status = status == VMMQ_SUCCESS ? request.status : status;
		moving->why = status == VMMQ_SUCCESS ? request.why : why;
	}
	live_batch_fini(&batch);
}

/* move_remember keeps a move for who asks, over the oldest one. */
static void move_remember(struct live_balance *b, const struct balance_move *move, uint64_t now_ns)
{
	b->info.moves[move->why]++;
	b->told[b->told_count++ % BALANCE_TOLD_MAX] = (struct live_balance_move){
		.at_ns = now_ns,
		.id = moved_vport(b, move)->id,
		.lane = b->lane[move->lane],
		.from = b->processor[move->from],
		.to = b->processor[move->to],
		.move = *move,
	};
}

bool live_balance_move(const struct live *live, unsigned place, struct live_balance_move *move)
{
	const struct live_balance *b = live->balance;

	if (place >= BALANCE_TOLD_MAX || place >= b->told_count)
		return false;
	*move = b->told[(b->told_count - 1 - place) % BALANCE_TOLD_MAX];
	return true;
}

const char *live_lane_text(unsigned lane, char text[24])
{
	if (lane < VMMQ_TABLE_ENTRIES_MAX)
		snprintf(text, 24, "entry %u", lane);
	else
		snprintf(text, 24, "%s processor", lane == VMMQ_LANE_DEFAULT ? "default" : "primary");
	return text;
}

const char *live_move_reason(const struct live_balance_move *move, char text[BALANCE_REASON_MAX])
{
	char from[24], to[24];

	snprintf(from, sizeof(from), "processor %u", (unsigned)move->from.v);
	snprintf(to, sizeof(to), "processor %u", (unsigned)move->to.v);
	return balance_reason_text(&move->move, from, to, text);
}

/* tell_lanes lists lanes of moves that were made, as a person and as a program read them. */
static json_t *tell_lanes(const struct live_balance *b, const bool made[], unsigned first, unsigned count)
{
	json_t *list = json_array();

	for (unsigned i = first; i < first + count; i++) {
		char text[24];

		if (made[i])
			json_array_append_new(list,
					      json_string(live_lane_text(b->lane[b->result.move[i].lane], text)));
	}
	return list;
}

/* tell_run tells of moves of one VPort from one processor to another, for the reason of the first of them. */
static void tell_run(struct live *live, const bool made[], unsigned first, unsigned count, uint64_t now_ns)
{
	const struct live_balance *b = live->balance;
	const struct balance_move *move = &b->result.move[first];
	const struct live_balance_move told = {
		.at_ns = now_ns, .from = b->processor[move->from], .to = b->processor[move->to], .move = *move
	};
	const struct config_vport *vport = live->known.vport[moved_vport(b, move)->id.v];
	char reason[BALANCE_REASON_MAX];

	live_tell(live, "balance.moved",
		  json_pack("{s:i, s:s, s:o, s:i, s:i, s:s, s:s}", "vport", vport->id.v, "name", vport->name, "lanes",
			    tell_lanes(b, made, first, count), "from", told.from.v, "to", told.to.v, "reason",
			    balance_why_name(move->why), "text", live_move_reason(&told, reason)));
}

static unsigned told_together(const struct balance_result *result, const bool made[], unsigned first)
{
	const struct balance_move *move = &result->move[first];
	unsigned count = 1;

	while (first + count < result->move_count && made[first + count] && move[count].vport == move->vport &&
	       move[count].from == move->from && move[count].to == move->to && move[count].why == move->why)
		count++;
	return count;
}

static void moves_tell(struct live *live, const struct moving *moving, uint64_t now_ns)
{
	const struct balance_result *result = &live->balance->result;
	unsigned told = 0, untold = 0, count;

	if (!live->listener)
		return;
	for (unsigned i = 0; i < result->move_count; i += count) {
		count = moving->made[i] ? told_together(result, moving->made, i) : 1;
		if (moving->made[i] && told++ < EVENTS_A_TICK)
			tell_run(live, moving->made, i, count, now_ns);
		else if (moving->made[i])
			untold += count;
	}
	if (untold)
		live_tell(live, "balance.more", json_pack("{s:i}", "moves", (int)untold));
}

/* moves_settle makes policy and readings follow what was made, and what was not. */
static unsigned moves_settle(struct live *live, const struct moving *moving, uint64_t now_ns)
{
	struct live_balance *b = live->balance;
	unsigned refused = 0;

	for (unsigned i = 0; i < b->result.move_count; i++) {
		const struct balance_move *move = &b->result.move[i];
		struct balanced_vport *vport = &b->vport[move->vport];
		struct vmmq_vport_info info;
		struct vmmq_rss_params rss;

		if (moving->made[i]) {
			move_remember(b, move, now_ns);
			host_update_vport(live->host, vport->id);
		} else {
			refused++;
		}
		if (!vmmq_vport_get(live->sw, vport->id, &info))
			continue; /* live_balance_follow() has said that all this is stale */
		rss = *info.rss;
		balance_lane_put(live, vport, move->lane, *live_lane(&rss, b->lane[move->lane]));
	}
	return refused;
}

void balance_moves_make(struct live *live, uint64_t now_ns)
{
	static struct moving moving; /* of the control thread: too large for its stack */
	struct live_balance *b = live->balance;
	unsigned refused;

	moving = (struct moving){ .b = b };
	moving_commit(live, &moving);
	live->apply_again = vmmq_adapter_apply(live->adapter, false, EFFECT_NS, NULL) != VMMQ_SUCCESS;
	refused = moves_settle(live, &moving, now_ns);
	moves_tell(live, &moving, now_ns);
	b->info.refused += refused;
	if (refused)
		live_tell(live, "balance.refused",
			  json_pack("{s:i, s:s, s:o}", "moves", (int)refused, "status",
				    vmmq_status_name(moving.status), "text",
				    json_sprintf("%s%s%s", moving.why.path, moving.why.path[0] ? ": " : "",
						 moving.why.text)));
}
