/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may edit the switch: control, or a processor that moves table entries, but not both. */
#include <assert.h>
#include <rte_pause.h>
#include <sched.h>

#include "engine/adapter.h"

#define SPINS         256u /* before the CPU is left to others: they may need it to be done */
#define PATIENT_SPINS 1024u

void spin(unsigned *spins)
{
	if ((*spins)++ < SPINS)
		rte_pause();
	else
		sched_yield();
}

static bool is_owner(const struct edit_lock *edit)
{
	return atomic_load_explicit(&edit->owner, memory_order_relaxed) == thread_self();
}

static bool try_lock(struct edit_lock *edit, bool urgent)
{
	const void *nobody = NULL;

	if (!urgent && atomic_load_explicit(&edit->urgent, memory_order_relaxed))
		return false;
	return atomic_compare_exchange_strong_explicit(&edit->owner, &nobody, thread_self(), memory_order_acquire,
						       memory_order_relaxed); /* E1 */
}

static void lock(struct edit_lock *edit)
{
	bool urgent = false;
	unsigned spins = 0;

	while (!try_lock(edit, urgent)) {
		spin(&spins);
		if (spins == PATIENT_SPINS) {
			atomic_fetch_add_explicit(&edit->urgent, 1, memory_order_relaxed);
			urgent = true;
		}
	}
	if (urgent)
		atomic_fetch_sub_explicit(&edit->urgent, 1, memory_order_relaxed);
}

void vmmq_adapter_edit_begin(struct vmmq_adapter *adapter)
{
	if (!is_owner(&adapter->edit))
		lock(&adapter->edit);
	adapter->edit.depth++;
}

void vmmq_adapter_edit_end(struct vmmq_adapter *adapter)
{
	assert(is_owner(&adapter->edit));
	if (!--adapter->edit.depth)
		atomic_store_explicit(&adapter->edit.owner, NULL, memory_order_release); /* E1 */
}

unsigned edit_pause(struct vmmq_adapter *adapter)
{
	unsigned depth = is_owner(&adapter->edit) ? adapter->edit.depth : 0;

	for (unsigned i = 0; i < depth; i++)
		vmmq_adapter_edit_end(adapter);
	return depth;
}

void edit_resume(struct vmmq_adapter *adapter, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		vmmq_adapter_edit_begin(adapter);
}
