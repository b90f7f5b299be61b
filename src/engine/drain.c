/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/drain.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "engine/adapter_state.h"
#include "engine/backoff.h"
#include "engine/call.h"

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

bool drain_await(const struct vmmq_adapter *adapter, uint64_t deadline)
{
	struct gate *gate = gate_over_all(adapter);
	bool open = gate && gate_open(gate);
	uint64_t started = now_ns();

	assert(!processors_turning_here(adapter)); /* it would wait for itself */
	while (gate && !open && now_ns() < deadline && !adapter_is_stopping(adapter)) {
		backoff_wait(started);
		open = gate_open(gate);
	}
	free(gate);
	return open;
}

bool vmmq_vport_quiesce(struct vmmq_adapter *adapter, struct vmmq_vport_id vport, uint64_t timeout_ns)
{
	uint64_t started = now_ns();
	uint64_t deadline = timeout_ns > UINT64_MAX - started ? UINT64_MAX : started + timeout_ns;

	unsigned depth = edit_pause(adapter);
	bool done = drain_await(adapter, deadline);

	while (done && (vmmq_held_read(adapter, vport) || vmmq_sending_read(adapter, vport))) {
		done = now_ns() < deadline;
		if (done)
			backoff_wait(started);
	}
	edit_resume(adapter, depth);
	return done;
}

bool vmmq_adapter_idle(const struct vmmq_adapter *adapter)
{
	for (processor_slot i = 0; i < adapter->processor_count; i++)
		if (processor_is_behind(&adapter->processor[i]))
			return false;
	return true;
}
