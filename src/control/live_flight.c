/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Carrying out requests: edit -> prepare -> set aside while the disk is written to -> take up -> (nothing fails from here)
 * commit -> make effective -> tell.
 */
#include <assert.h>
#include <string.h>

#include "control/live_state.h"

static void flight_count_refused(struct live *live, struct live_request *const request[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		live->latency.refused += request[i]->status != VMMQ_SUCCESS;
}

static void flight_measure_disk(struct live *live, uint64_t took_ns)
{
	struct live_latency *latency = &live->latency;

	latency->disk_last_ns = took_ns;
	latency->disk_sum_ns += took_ns;
	if (took_ns > latency->disk_max_ns)
		latency->disk_max_ns = took_ns;
}

/* flight_group_counts: the group is durable, or has nothing that must be; its requests are done. */
static void flight_group_counts(struct live *live)
{
	struct live_flight *flight = &live->flight;

	live_group_take(live, &flight->batch);
	live->latency.batches++;
	live->latency.requests += flight->running;
	flight_count_refused(live, flight->request + flight->at, flight->running);
	live_effect(live, &flight->batch);
	live_tell_batch(live, &flight->batch);
	flight->at += flight->running;
}

/* flight_group_failed: together they cannot be done.  From here on they are tried one by one: what can be done is done. */
static void flight_group_failed(struct live *live, vmmq_status status, const struct vmmq_why *why)
{
	struct live_flight *flight = &live->flight;
	struct live_request *first = flight->request[flight->at];

	if (flight->count - flight->at > 1 && !flight->one_by_one) {
		flight->one_by_one = true;
		return;
	}
	if (status != VMMQ_SUCCESS && first->status == VMMQ_SUCCESS) {
		first->status = status;
		first->why = *why;
	}
	flight->at++;
	live->latency.requests++;
	live->latency.refused++;
}

static void flight_group_end(struct live *live, vmmq_status status, const struct vmmq_why *why)
{
	struct live_flight *flight = &live->flight;
	bool moved = status == VMMQ_SUCCESS && flight->running;

	if (status == VMMQ_SUCCESS)
		flight_group_counts(live);
	if (!moved)
		flight_group_failed(live, status, why);
	live_batch_fini(&flight->batch);
	flight->batch = (struct live_batch){ 0 };
}

/* flight_write hands the prepared group to the disk; until flight_landed() nobody sees it. */
static void flight_write(struct live *live)
{
	vmmq_nic_switch_set_aside(live->sw);
	live_extra_set_aside(live);
	live->flight.writing = true;
	state_writer_begin(live->writer, live_batch_write, &live->flight.batch);
}

static void flight_landed(struct live *live)
{
	struct vmmq_why why = { 0 };
	vmmq_status status = VMMQ_SUCCESS;
	uint64_t took_ns;

	vmmq_nic_switch_take_up(live->sw);
	live_extra_take_up(live);
	live->flight.writing = false;
	if (state_writer_take(live->writer, &took_ns)) {
		flight_measure_disk(live, took_ns);
	} else {
		live_group_drop(live);
		status = vmmq_why_set(&why, VMMQ_RESOURCES, "", "the state cannot be written: %s",
				      state_db_error(live->db));
	}
	flight_group_end(live, status, &why);
}

/* flight_need_no_state drops what could not be kept, unless nothing is to be kept anyway. */
static vmmq_status flight_need_no_state(struct live *live, struct vmmq_why *why)
{
	if (!live->fallback || !live->fallback->unwritable[0])
		return VMMQ_SUCCESS;
	live_group_drop(live);
	return vmmq_why_set(why, VMMQ_RESOURCES, "", "the state cannot be written: %s", live->fallback->unwritable);
}

/* flight_go goes on until everything is done, which it returns, or something is being written. */
static bool flight_go(struct live *live)
{
	struct live_flight *flight = &live->flight;

	while (flight->at < flight->count) {
		size_t left = flight->count - flight->at;
		struct vmmq_why why = { 0 };
		vmmq_status status =
		    live_group_make(live, flight->request + flight->at, flight->one_by_one ? 1 : left,
				    &flight->running, &flight->batch, &why);

		if (status == VMMQ_SUCCESS && !live_batch_is_empty(&flight->batch)) {
			if (live->writer) {
				flight_write(live);
				return false;
			}
			status = flight_need_no_state(live, &why);
		}
		flight_group_end(live, status, &why);
	}
	flight->request = NULL;
	return true;
}

bool live_submit(struct live *live, struct live_request *const request[], size_t count, live_done_fn *done,
		 void *context)
{
	assert(!live->in_group && !live_busy(live));
	live->flight = (struct live_flight){ .request = request, .count = count, .done = done, .context = context };
	return flight_go(live);
}

bool live_busy(const struct live *live)
{
	return live->flight.request;
}

int live_fd(const struct live *live)
{
	return live->writer ? state_writer_fd(live->writer) : -1;
}

void live_run(struct live *live)
{
	if (!live->flight.writing || !state_writer_has_ended(live->writer))
		return;
	flight_landed(live);
	if (flight_go(live) && live->flight.done)
		live->flight.done(live->flight.context);
}

static void flight_await(struct live *live)
{
	while (live_busy(live)) {
		state_writer_await(live->writer);
		live_run(live);
	}
}

void live_execute(struct live *live, struct live_request *const request[], size_t count)
{
	flight_await(live);
	if (!live_submit(live, request, count, NULL, NULL))
		flight_await(live);
}

bool live_flight_fini(struct live *live)
{
	bool settled = state_writer_destroy(live->writer);

	if (live->flight.writing)
		vmmq_nic_switch_abort(live->sw);
	if (settled)
		live_batch_fini(&live->flight.batch);
	return settled;
}
