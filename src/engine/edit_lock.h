/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Excludes other edits of the switch, and of the lists of sources and views.  It is held for microseconds, by threads that
 * must not sleep; who has tried for long becomes urgent, and those who are not then stand back.
 */
#ifndef VMMQ_ENGINE_EDIT_LOCK_H
#define VMMQ_ENGINE_EDIT_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>

struct vmmq_adapter;

struct edit_lock {
	_Atomic(const void *) owner; /* E1: thread_self() of the thread that edits; NULL: nobody */
	atomic_uint urgent;          /* threads that have tried for long; any thread: rw */
	unsigned depth;              /* owner: rw */
};

/* edit_is_held_here tells whether this thread holds the lock: for asserts. */
bool edit_is_held_here(const struct vmmq_adapter *adapter);

/*
 * edit_pause lets others edit, whether this thread holds the lock or not, while it waits for them; edit_resume takes the
 * lock again as often as it was held.
 */
unsigned edit_pause(struct vmmq_adapter *adapter);
void edit_resume(struct vmmq_adapter *adapter, unsigned depth);

#endif
