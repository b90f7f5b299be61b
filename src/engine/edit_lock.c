/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may edit the switch: control, or a processor that moves table entries, but not both. */
#include "engine/edit_lock.h"

#include <assert.h>

#include "engine/adapter_state.h"
#include "engine/backoff.h"
#include "engine/call.h"

#define PATIENT_SPINS 1024u /* then the thread is urgent */

bool edit_is_held_here(const struct vmmq_adapter *adapter)
{
	/* Only this thread ever writes its own name there, so what it reads of it is never stale. */
	return atomic_load_explicit(&adapter->edit.owner, memory_order_relaxed) == thread_self();
}

static bool edit_try_take(struct edit_lock *edit, bool urgent)
{
	const void *nobody = NULL;

	if (!urgent && atomic_load_explicit(&edit->urgent, memory_order_relaxed))
		return false;
	return atomic_compare_exchange_strong_explicit(&edit->owner, &nobody, thread_self(), memory_order_acquire,
						       memory_order_relaxed); /* E1 */
}

static void edit_take(struct edit_lock *edit)
{
	bool urgent = false;
	unsigned spins = 0;

	while (!edit_try_take(edit, urgent)) {
		backoff_spin(&spins);
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
	if (!edit_is_held_here(adapter))
		edit_take(&adapter->edit);
	adapter->edit.depth++;
}

void vmmq_adapter_edit_end(struct vmmq_adapter *adapter)
{
	assert(edit_is_held_here(adapter));
	if (!--adapter->edit.depth)
		atomic_store_explicit(&adapter->edit.owner, NULL, memory_order_release); /* E1 */
}

unsigned edit_pause(struct vmmq_adapter *adapter)
{
	unsigned depth = edit_is_held_here(adapter) ? adapter->edit.depth : 0;

	for (unsigned i = 0; i < depth; i++)
		vmmq_adapter_edit_end(adapter);
	return depth;
}

void edit_resume(struct vmmq_adapter *adapter, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		vmmq_adapter_edit_begin(adapter);
}
