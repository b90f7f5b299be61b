/* SPDX-License-Identifier: BSD-2-Clause */
/* A batch: what the open group has changed, found, written, and made known. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "control/live_state.h"

/* known_position returns where the first known filter with an id of at least id stands. */
static size_t known_position(const struct live_known *known, uint32_t id)
{
	size_t low = 0, high = known->filter_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (known->filter[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int id_compare(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* ids_unique sorts ids and leaves each once; returns how many there are. */
static size_t ids_unique(uint32_t *id, size_t count)
{
	size_t kept = 0;

	if (count)
		qsort(id, count, sizeof(*id), id_compare);
	for (size_t i = 0; i < count; i++)
		if (!kept || id[kept - 1] != id[i])
			id[kept++] = id[i];
	return kept;
}

/* What was touched, by the log of the NIC switch and that of the extras. */
struct touched {
	uint32_t *vport, *filter;
	size_t vport_count, filter_count;
	bool processors, uplink, balance;
};

static bool touched_find(const struct live *live, vmmq_nic_switch_mark_t mark, struct touched *touched)
{
	size_t count = vmmq_nic_switch_changes(live->sw, mark, 0, NULL, 0), extras = live->extras.undo_count;
	struct vmmq_nic_switch_change change[64];

	touched->vport = calloc(count + extras + 1, sizeof(uint32_t));
	touched->filter = calloc(count + 1, sizeof(uint32_t));
	if (!touched->vport || !touched->filter)
		return false;
	for (size_t at = 0; at < count; at += 64) {
		vmmq_nic_switch_changes(live->sw, mark, at, change, 64);
		for (size_t i = 0; i < 64 && at + i < count; i++) {
			if (change[i].what == VMMQ_CHANGED_VPORT)
				touched->vport[touched->vport_count++] = change[i].id;
			else if (change[i].what == VMMQ_CHANGED_FILTER)
				touched->filter[touched->filter_count++] = change[i].id;
			else
				touched->processors = true;
		}
	}
	for (size_t i = 0; i < extras; i++) {
		if (live->extras.undo[i].place == LIVE_UPLINK)
			touched->uplink = true;
		else if (live->extras.undo[i].place == LIVE_BALANCE)
			touched->balance = true;
		else
			touched->vport[touched->vport_count++] = live->extras.undo[i].place;
	}
	touched->vport_count = ids_unique(touched->vport, touched->vport_count);
	touched->filter_count = ids_unique(touched->filter, touched->filter_count);
	return true;
}

static bool collect_vports(struct live *live, const struct touched *touched, struct live_batch *batch)
{
	batch->vport = calloc(touched->vport_count + 1, sizeof(*batch->vport));
	for (size_t i = 0; batch->vport && i < touched->vport_count; i++) {
		struct live_vport_change *change = &batch->vport[batch->vport_count];
		struct vmmq_vport_info info;

		*change = (struct live_vport_change){ .id = { (uint16_t)touched->vport[i] } };
		change->before = live->known.vport[change->id.v];
		if (vmmq_vport_get(live->sw, change->id, &info)) {
			change->after = live_record(live, change->id);
			if (!change->after)
				return false;
		}
		if (change->before && change->after && vmmq_config_vport_equal(change->before, change->after))
			live_record_free(change->after);
		else if (change->before || change->after)
			batch->vport_count++;
	}
	return batch->vport;
}

static bool same_filter(const struct vmmq_filter *a, const struct vmmq_filter *b)
{
	return a->vport.v == b->vport.v && a->vlan == b->vlan && memcmp(a->mac, b->mac, VMMQ_MAC_LEN) == 0 &&
	       a->encapsulated == b->encapsulated && a->vni == b->vni;
}

/* filters_reserve makes room for what the batch adds, so that taking it over cannot fail. */
static bool filters_reserve(struct live_known *known, size_t added)
{
	struct vmmq_filter *filter =
	    array_room(known->filter, &known->filter_capacity, known->filter_count + added + 1, 64, sizeof(*filter));

	if (!filter)
		return false;
	known->filter = filter;
	return true;
}

static bool collect_filters(struct live *live, const struct touched *touched, struct live_batch *batch)
{
	struct live_known *known = &live->known;

	batch->last_filter_id = known->last_filter_id;
	batch->filter = calloc(touched->filter_count + 1, sizeof(*batch->filter));
	if (!batch->filter || !filters_reserve(known, touched->filter_count))
		return false;
	for (size_t i = 0; i < touched->filter_count; i++) {
		struct live_filter_change change = { .id = touched->filter[i] };
		const struct vmmq_filter *now = vmmq_filter_get(live->sw, change.id);
		size_t at = known_position(known, change.id);

		if (change.id > batch->last_filter_id)
			batch->last_filter_id = change.id;
		change.had = at < known->filter_count && known->filter[at].id == change.id;
		change.has = now;
		if (change.had)
			change.before = known->filter[at];
		if (now)
			change.after = *now;
		if (change.had && change.has ? !same_filter(&change.before, &change.after) : change.had != change.has)
			batch->filter[batch->filter_count++] = change;
	}
	return true;
}

static bool collect_processors(struct live *live, struct live_batch *batch)
{
	const struct vmmq_processor_set *set = vmmq_nic_switch_processors(live->sw);

	if (set->count == live->known.processor_count &&
	    memcmp(set->processor, live->known.processors, set->count * sizeof(*set->processor)) == 0)
		return true;
	batch->processors = calloc(set->count, sizeof(*set->processor));
	if (!batch->processors)
		return false;
	memcpy(batch->processors, set->processor, set->count * sizeof(*set->processor));
	batch->processor_count = set->count;
	return true;
}

bool live_batch_collect(struct live *live, vmmq_nic_switch_mark_t mark, struct live_batch *batch)
{
	struct touched touched = { 0 };
	bool done;

	memset(batch, 0, sizeof(*batch));
	done = touched_find(live, mark, &touched) && collect_vports(live, &touched, batch) &&
	       collect_filters(live, &touched, batch) && (!touched.processors || collect_processors(live, batch));
	batch->touched = touched.vport;
	batch->touched_count = touched.vport_count;
	batch->uplink = touched.uplink;
	batch->uplink_after = live_extra_at(live, LIVE_UPLINK);
	batch->balance = touched.balance;
	batch->balance_after = live_extra_at(live, LIVE_BALANCE);
	batch->numbered = batch->last_filter_id != live->known.last_filter_id;
	free(touched.filter);
	return done;
}

bool live_batch_is_empty(const struct live_batch *batch)
{
	return !batch->vport_count && !batch->filter_count && !batch->processors && !batch->uplink &&
	       !batch->balance && !batch->numbered;
}

/* Filters that go make room for new ones with their keys, and for VPorts to go: hence this order. */
static bool batch_write_filters(struct state_db *db, const struct live_batch *batch, bool deleted)
{
	for (size_t i = 0; i < batch->filter_count; i++) {
		const struct live_filter_change *change = &batch->filter[i];

		if (change->has == deleted)
			continue;
		if (deleted ? !state_db_delete_filter(db, change->id) : !state_db_put_filter(db, &change->after))
			return false;
	}
	return true;
}

static bool write_vports(struct state_db *db, const struct live_batch *batch, bool deleted)
{
	for (size_t i = 0; i < batch->vport_count; i++) {
		const struct live_vport_change *change = &batch->vport[i];

		if (deleted == (change->after != NULL))
			continue;
		if (deleted ? !state_db_delete_vport(db, change->id) : !state_db_put_vport(db, change->after))
			return false;
	}
	return true;
}

static bool batch_write_adapter(struct state_db *db, const struct live_batch *batch)
{
	const struct live_extra *uplink = batch->uplink_after;

	if (batch->numbered && !state_db_set_last_filter(db, batch->last_filter_id))
		return false;
	if (batch->processors && !state_db_set_processors(db, batch->processors, batch->processor_count))
		return false;
	if (batch->balance && !state_db_set_balance(db, &batch->balance_after->balance))
		return false;
	return !batch->uplink || state_db_set_uplink(db, &uplink->port, uplink->rx_queues);
}

bool live_batch_write(struct state_db *db, const void *what)
{
	const struct live_batch *batch = what;

	if (state_db_begin(db) && batch_write_filters(db, batch, true) && write_vports(db, batch, false) &&
	    batch_write_filters(db, batch, false) && write_vports(db, batch, true) &&
	    batch_write_adapter(db, batch) && state_db_commit(db))
		return true;
	state_db_rollback(db);
	return false;
}

static void take_filter(struct live_known *known, const struct live_filter_change *change)
{
	size_t at = known_position(known, change->id);
	size_t behind = known->filter_count - at;

	if (change->had && change->has) {
		known->filter[at] = change->after;
	} else if (change->has) {
		memmove(known->filter + at + 1, known->filter + at, behind * sizeof(*known->filter));
		known->filter[at] = change->after;
		known->filter_count++;
	} else {
		memmove(known->filter + at, known->filter + at + 1, (behind - 1) * sizeof(*known->filter));
		known->filter_count--;
	}
}

void live_batch_take(struct live *live, struct live_batch *batch)
{
	struct live_known *known = &live->known;

	for (size_t i = 0; i < batch->vport_count; i++) {
		const struct live_vport_change *change = &batch->vport[i];

		known->vport[change->id.v] = change->after;
		known->vport_count += (change->after != NULL) - (change->before != NULL);
	}
	for (size_t i = 0; i < batch->filter_count; i++)
		take_filter(known, &batch->filter[i]);
	if (batch->processors) {
		struct vmmq_processor *before = known->processors;

		known->processors = batch->processors;
		known->processor_count = batch->processor_count;
		batch->processors = before;
	}
	known->last_filter_id = batch->last_filter_id;
	batch->taken = true;
}

/* What was not taken is after's, what was taken has left before. */
void live_batch_fini(struct live_batch *batch)
{
	for (size_t i = 0; i < batch->vport_count; i++)
		live_record_free(batch->taken ? batch->vport[i].before : batch->vport[i].after);
	free(batch->vport);
	free(batch->filter);
	free(batch->processors);
	free(batch->touched);
}

void live_known_fini(struct live *live)
{
	for (uint32_t i = 0; i < VMMQ_VPORTS_MAX; i++)
		live_record_free(live->known.vport[i]);
	free(live->known.filter);
	free(live->known.processors);
}
