/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A change becomes effective: the new view is linked behind the last one, every source steps to it by itself at its next
 * burst, and for a source that does not come by (idle, asleep, preempted) control takes the step in its stead.
 */
#include <rte_pause.h>
#include <stdlib.h>
#include <time.h>

#include "engine/adapter.h"

#define STEP_IN_NS  5000  /* how long a source is given to take the step by itself */
#define PATIENCE_NS 20000 /* how long control waits for others without giving up its CPU */
#define NAP_NS      20000

/*
 * In the end it sleeps rather than yields: those who are waited for may need this very CPU, and who yields it to a busy
 * thread has it back only after that one's time slice.
 */
void wait_a_little(uint64_t started)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };

	if (now_ns() - started < PATIENCE_NS)
		rte_pause();
	else
		nanosleep(&nap, NULL);
}

void link_free(struct view_link *link)
{
	free(link->moves);
	free(link);
}

void links_reclaim(struct vmmq_adapter *adapter)
{
	uint64_t slowest = adapter->newest->version;

	for (struct vmmq_source *source = adapter->sources; source; source = source->next) {
		uint64_t adopted = atomic_load_explicit(&source->adopted, memory_order_acquire); /* pairs with S2 */

		if (adopted < slowest)
			slowest = adopted;
	}
	while (adapter->oldest->version < slowest) {
		struct view_link *link = adapter->oldest;

		adapter->oldest = atomic_load_explicit(&link->next, memory_order_relaxed);
		vmmq_nic_switch_retire(adapter->nic_switch, link->view);
		link_free(link);
	}
}

struct view_link *link_make(const struct vmmq_adapter *adapter, const struct vmmq_view *view)
{
	struct view_link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	link->view = view;
	link->version = adapter->newest->version + 1;
	if (moves_between(adapter, adapter->newest->view, view, &link->moves, &link->move_count))
		return link;
	free(link);
	return NULL;
}

void link_publish(struct vmmq_adapter *adapter, struct view_link *link)
{
	atomic_store_explicit(&adapter->newest->next, link, memory_order_release); /* V1 */
	adapter->newest = link;
}

/* publish links the switch's current view behind the newest one, unless it is that; false: memory. */
static bool publish(struct vmmq_adapter *adapter)
{
	const struct vmmq_view *view = vmmq_nic_switch_view(adapter->nic_switch);
	struct view_link *link;

	if (view == adapter->newest->view)
		return true;
	link = link_make(adapter, view);
	if (!link)
		return false;
	link_publish(adapter, link);
	return true;
}

/* await_adoption returns false when deadline has passed first. */
static bool await_adoption(struct vmmq_source *source, uint64_t version, uint64_t started, uint64_t deadline)
{
	while (!source_has_adopted(source, version)) {
		uint64_t now = now_ns();

		if (now - started >= STEP_IN_NS && source_try_hold(source)) {
			source_adopt(source);
			source_release(source);
			if (source_has_adopted(source, version))
				return true;
		}
		if (now >= deadline)
			return false;
		wait_a_little(started);
	}
	return true;
}

/* gate_over_all makes a gate that opens when everything now in any inbox has been indicated; NULL: memory. */
static struct gate *gate_over_all(const struct vmmq_adapter *adapter)
{
	struct gate *gate = NULL;
	uint32_t room = 0, count = 0;

	for (processor_slot i = 0; i < adapter->processor_count; i++) {
		struct inbox *inbox =
		    atomic_load_explicit(&adapter->processor[i].inboxes, memory_order_acquire); /* P1 */

		for (; inbox; inbox = inbox->sibling, count++) {
			if (count == room) {
				struct gate *grown;

				room = room ? 2 * room : 64;
				grown = realloc(gate, sizeof(*gate) + room * sizeof(gate->wait[0]));
				if (!grown) {
					free(gate);
					return NULL;
				}
				gate = grown;
			}
			gate->wait[count] = (struct gate_wait){
				.inbox = inbox,
				.position = atomic_load_explicit(&inbox->tail, memory_order_acquire), /* I1 */
			};
		}
	}
	if (!gate)
		gate = malloc(sizeof(*gate));
	if (gate)
		gate->count = count;
	return gate;
}

static bool is_stopping(const struct vmmq_adapter *adapter)
{
	return atomic_load_explicit(&adapter->stopping, memory_order_acquire);
}

/* await_drained waits until everything received so far has been indicated; false: deadline, memory, or stopping. */
static bool await_drained(const struct vmmq_adapter *adapter, uint64_t deadline)
{
	struct gate *gate = gate_over_all(adapter);
	bool open = gate && gate_open(gate);
	uint64_t started = now_ns();

	while (gate && !open && now_ns() < deadline && !is_stopping(adapter)) {
		wait_a_little(started);
		open = gate_open(gate);
	}
	free(gate);
	return open;
}

/* make_effective returns when every source steers by version; false: deadline came first. */
static bool make_effective(struct vmmq_adapter *adapter, uint64_t version, uint64_t started, uint64_t deadline)
{
	for (struct vmmq_source *source = adapter->sources; source; source = source->next)
		if (!await_adoption(source, version, started, deadline))
			return false;
	return true;
}

vmmq_status vmmq_adapter_apply(struct vmmq_adapter *adapter, bool wait_drained, uint64_t timeout_ns,
			       struct vmmq_change_report *report)
{
	uint64_t started = now_ns();
	uint64_t deadline = timeout_ns > UINT64_MAX - started ? UINT64_MAX : started + timeout_ns;
	struct vmmq_change_report own = { 0 };
	uint64_t version;
	unsigned depth;
	bool done;

	vmmq_adapter_edit_begin(adapter);
	if (!publish(adapter)) {
		vmmq_adapter_edit_end(adapter);
		return VMMQ_RESOURCES;
	}
	version = adapter->newest->version;
	own.moves = adapter->newest->move_count;
	/* It is out.  A processor that waits to move an entry may be the one whose inbox has no room for a gate. */
	depth = edit_pause(adapter);
	done = make_effective(adapter, version, started, deadline);
	own.effective_ns = now_ns() - started;
	if (done && wait_drained) {
		done = await_drained(adapter, deadline);
		own.drained_ns = now_ns() - started;
	}
	edit_resume(adapter, depth);
	links_reclaim(adapter);
	vmmq_adapter_edit_end(adapter);
	if (report)
		*report = own;
	return done ? VMMQ_SUCCESS : VMMQ_PENDING;
}

bool vmmq_vport_quiesce(struct vmmq_adapter *adapter, struct vmmq_vport_id vport, uint64_t timeout_ns)
{
	uint64_t started = now_ns();
	uint64_t deadline = timeout_ns > UINT64_MAX - started ? UINT64_MAX : started + timeout_ns;

	unsigned depth = edit_pause(adapter);
	bool done = await_drained(adapter, deadline);

	while (done && (vmmq_held_read(adapter, vport) || vmmq_sending_read(adapter, vport))) {
		done = now_ns() < deadline;
		if (done)
			wait_a_little(started);
	}
	edit_resume(adapter, depth);
	return done;
}

void vmmq_source_destroy(struct vmmq_source *source)
{
	struct vmmq_adapter *adapter = source->adapter;
	struct vmmq_source **at = &adapter->sources;

	unsigned depth = edit_pause(adapter);

	while (!await_drained(adapter, UINT64_MAX) && !is_stopping(adapter))
		wait_a_little(0); /* memory is short */
	edit_resume(adapter, depth);
	vmmq_adapter_edit_begin(adapter);
	while (*at != source)
		at = &(*at)->next;
	*at = source->next;
	/* Its inboxes stay on the processors' lists, empty, until the adapter goes; so do its counters. */
	source->next = adapter->retired_sources;
	adapter->retired_sources = source;
	vmmq_adapter_edit_end(adapter);
}

bool vmmq_adapter_idle(const struct vmmq_adapter *adapter)
{
	for (processor_slot i = 0; i < adapter->processor_count; i++)
		if (processor_is_behind(&adapter->processor[i]))
			return false;
	return true;
}
