/* SPDX-License-Identifier: BSD-2-Clause */
/* What was moved for its load, and why: from balance.show, beside what two samples show to have moved. */
#include "vmmq/top/top_model.h"

static double move_number(const json_t *move, const char *key)
{
	return json_number_value(json_object_get(move, key));
}

/* moves_mark marks an entry that moved so lately that no two samples have shown it, or that went there and back between them. */
static void moves_mark(struct top_model *model, const json_t *move)
{
	const json_t *entry = json_object_get(move, "entry"), *id = json_object_get(move, "vport");
	struct top_vport *vport =
	    json_is_integer(id) ? top_model_vport(model, (uint32_t)json_integer_value(id)) : NULL;
	double moved_at = model->now->adapter.uptime - move_number(move, "ago");
	struct top_entry *at;

	if (!vport || !json_is_integer(entry) || json_integer_value(entry) < 0 ||
	    (size_t)json_integer_value(entry) >= vport->entry_count)
		return;
	at = &vport->entry[json_integer_value(entry)];
	if (top_entry_moved(model, at) || (double)at->processor != move_number(move, "to"))
		return;
	at->moved_at = moved_at;
	at->moved_from = (unsigned)move_number(move, "from");
}

void top_model_moves(struct top_model *model, json_t *answer)
{
	json_t *moves = json_object_get(answer, "moves"), *move;
	size_t i;

	json_decref(model->moves);
	model->moves = json_is_array(moves) ? json_incref(moves) : NULL;
	json_array_foreach(model->moves, i, move)
	{
		if (model->now && move_number(move, "ago") < TOP_MOVED_SECONDS)
			moves_mark(model, move);
	}
}

const json_t *top_move_of(const struct top_model *model, uint32_t vport, size_t entry)
{
	const json_t *move;
	size_t i;

	json_array_foreach(model->moves, i, move)
	{
		const json_t *its = json_object_get(move, "entry");

		if (json_is_integer(its) && json_integer_value(its) == (json_int_t)entry &&
		    move_number(move, "vport") == (double)vport)
			return move;
	}
	return NULL;
}

const char *top_move_text(const json_t *move, const char *key)
{
	const char *text = json_string_value(json_object_get(move, key));

	return text ? text : "";
}

const char *top_move_reason(const struct top_model *model, const struct top_vport *vport, size_t entry)
{
	const struct top_entry *at = &vport->entry[entry];
	const json_t *move = top_entry_moved(model, at) ? top_move_of(model, vport->id, entry) : NULL;

	return move && move_number(move, "to") == (double)at->processor ? top_move_text(move, "reason") : "";
}
